/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: whatever stands in the file, reading goes on behind each line and comes to an end. */
#include <stdlib.h>

#include "registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct csv csv;
    struct error e;
    size_t line = 0, records = 0;
    if (csv_begin(&csv, (struct str) { (const char *)bytes, count }, &e) != OK)
        return 0;
    for (bool more = true; more;) {
        ARENA(a);
        struct csv_record r = { 0 };
        enum code code = csv_next(&csv, &a, &r, &more, &e);
        if (code == OK && !more)
            break;
        if (r.line <= line || r.count > CSV_CELLS_MOST || ++records > count + 1)
            abort();
        line = r.line;
        for (size_t i = 0; code == OK && i < r.count; i++)
            if (r.cells[i].length > CSV_RECORD_BYTES_MOST)
                abort();
    }
    return 0;
}
