/* SPDX-License-Identifier: Apache-2.0 */
/* Claim detail messages. */
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    struct cdm c;
    struct cdm_total *totals;
    size_t n;
    struct error e;
    if (cdm_read((struct str) { (const char *)bytes, count }, &a, &c, &e) == OK &&
        cdm_totals(&c, 1, &a, &totals, &n, &e) != OK)
        return 0;
    return 0;
}
