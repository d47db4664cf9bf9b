/* SPDX-License-Identifier: Apache-2.0 */
/* Rates of exchange by day. */
#include "ledger/price.h"

enum code exchange_rate(const struct exchange *rates, size_t count, const struct currency *from,
                        const struct currency *to, struct day day, struct rational *out,
                        struct error *e)
{
    const struct exchange *best = NULL;
    bool turned = false;
    char text[INSTANT_TEXT];
    *out = rational_of(1);
    if (strcmp(from->code, to->code) == 0)
        return OK;
    for (size_t i = 0; i < count; i++) {
        const struct exchange *x = &rates[i];
        bool straight = strcmp(x->from.code, from->code) == 0 && strcmp(x->to.code, to->code) == 0;
        bool back = strcmp(x->from.code, to->code) == 0 && strcmp(x->to.code, from->code) == 0;
        if ((!straight && !back) || x->day.number > day.number)
            continue;
        if (!best || x->day.number > best->day.number ||
            (x->day.number == best->day.number && turned && straight)) {
            best = x;
            turned = back;
        }
    }
    if (!best)
        return fail(e, ERR_INVALID, "there is no rate from %s to %s on or before %s", from->code,
                    to->code, day_format(day, text));
    /* the rate is of whole units: minor units of both differ by their places */
    *out = best->rate;
    if (turned)
        TRY(rational_divide(rational_of(1), best->rate, out, e));
    for (int i = from->places; i < to->places; i++)
        TRY(rational_multiply(*out, rational_of(10), out, e));
    for (int i = to->places; i < from->places; i++)
        TRY(rational_divide(*out, rational_of(10), out, e));
    return OK;
}
