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
        if (batch_encode(&b, &again, &e) == OK && again.length > count)
            abort(); /* apps nobody uses are left out; nothing is added */
    }
    if (statement_read(text, &a, &lines, &n, &e) == OK)
        statement_write(lines, n, &again);
    return 0;
}
