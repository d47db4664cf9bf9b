/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of plays and kept statements, as bytes from anywhere. */
#include <stdlib.h>

#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    BUF(again);
    struct str text = { (const char *)bytes, count };
    struct batch_play *plays;
    struct statement_line *lines;
    size_t n;
    struct error e;
    if (batch_decode(text, &a, &plays, &n, &e) == OK) {
        struct play_batch b = { "x", 1, -1, plays, n };
        struct batch_play *same;
        size_t same_count;
        if (batch_encode(&b, &again, &e) == OK &&
            (batch_decode(buf_as_str(&again), &a, &same, &same_count, &e) != OK || same_count != n))
            abort(); /* what was read can be written and read again */
    }
    struct statement_list list = { .a = &a };
    if (statement_unpack(text, &list, &e) == OK) {
        BUF(packed);
        struct statement_list twice = { .a = &a };
        for (size_t i = 0; i < list.count; i++)
            statement_pack(&list.items[i], i ? &list.items[i - 1] : NULL, &packed);
        if (statement_unpack(buf_as_str(&packed), &twice, &e) != OK || twice.count != list.count)
            abort();
    }
    if (statement_read(text, &a, &lines, &n, &e) == OK)
        statement_write(lines, n, &again);
    return 0;
}
