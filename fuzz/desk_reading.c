/* SPDX-License-Identifier: Apache-2.0 */
/* Files of notices, JSON and CSV. */
#include "desk/desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ARENA(a);
    JSON(json);
    struct notice_file f = { 0 };
    struct error e;
    a.limit_bytes = 256 << 20;
    if (desk_file_read((struct str) { (const char *)bytes, length }, &a, &json, &f, &e) == OK)
        for (size_t i = 0; i < f.count; i++)
            if (f.drafts[i].item_count == 0)
                __builtin_trap();
    return 0;
}
