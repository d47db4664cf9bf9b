/* SPDX-License-Identifier: Apache-2.0 */
/* CSV of plays, figures and rates; periods. */
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    ARENA(a);
    struct str text = { (const char *)bytes, count };
    struct cube c;
    struct cube_report report = { 0 };
    struct figure *figures;
    struct exchange *rates;
    struct day from, until;
    size_t n;
    struct error e;
    cube_init(&c, &a);
    if (cube_read_csv(&c, text, &report, &e) != OK)
        report.bad++;
    cube_done(&c);
    if (figures_read_csv(text, &a, &figures, &n, &e) != OK)
        report.bad++;
    if (exchanges_read_csv(text, &a, &rates, &n, &e) != OK)
        report.bad++;
    if (period_parse(text, &from, &until, &e) != OK)
        report.bad++;
    return 0;
}
