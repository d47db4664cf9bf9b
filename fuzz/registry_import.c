/* SPDX-License-Identifier: Apache-2.0 */
/* Files of records: every line is read or named, and the reader always comes to the end. */
#include <stdlib.h>

#include "licence/licence.h"
#include "registry/import_source.h"

static const struct import_kind *const kinds[] = { &import_catalogue, &import_parties,
                                                   &import_policies, &import_licences };

static void read_csv(struct str text)
{
    ARENA(a);
    struct csv c;
    struct csv_record r;
    struct error e;
    if (csv_begin(&c, text, &e) != OK)
        return;
    for (bool more = true; more;) {
        size_t at = c.at;
        enum code code = csv_next(&c, &a, &r, &more, &e);
        if (c.at <= at && (code != OK || more))
            abort(); /* it must move on */
        arena_done(&a);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct str text = { (const char *)bytes, count };
    struct import_source s = { 0 };
    struct import_line l;
    struct error e;
    read_csv(text);
    if (import_source_open(&s, kinds, COUNT_OF(kinds), text, &e) == OK) {
        size_t lines = 0;
        for (bool more = true; more && lines < count + 1; lines++) {
            ARENA(a);
            if (import_source_next(&s, &a, &l, &more, &e) != OK)
                more = true;
        }
        if (lines > count)
            abort(); /* there cannot be more lines than bytes */
    }
    import_source_close(&s);
    return 0;
}
