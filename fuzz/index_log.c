/* SPDX-License-Identifier: Apache-2.0 */
/* The log of an index: whole groups only, and never beyond the end. */
#include <stdlib.h>

#include "index/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct log_record r;
    size_t at = 0, whole = log_whole(bytes, count);
    if (whole > count)
        abort();
    while (log_next(bytes, count, &at, &r))
        if (r.body < bytes || r.body + r.length > bytes + count)
            abort();
    return 0;
}
