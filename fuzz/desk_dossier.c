/* SPDX-License-Identifier: Apache-2.0 */
/* A dossier that somebody hands in. */
#include "desk/desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct dossier_report r;
    struct error e;
    if (desk_dossier_check((struct str) { (const char *)bytes, length }, NULL, &r, &e) == OK &&
        r.accepted + r.turned_down + r.undecided != r.requests)
        __builtin_trap();
    return 0;
}
