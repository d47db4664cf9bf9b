/* SPDX-License-Identifier: Apache-2.0 */
/* Money: int64 minor units with an ISO 4217 currency; shares and rates in 10^-8. */
#ifndef LICET_BASE_MONEY_H
#define LICET_BASE_MONEY_H

#include "base/str.h"

#define SHARE_WHOLE_E8 100000000LL /* 100 % */

struct currency {
    char code[4];   /* "EUR" */
    uint8_t places; /* of the minor unit: JPY 0, EUR 2, KWD 3 */
};

struct money {
    int64_t minor;
    struct currency currency;
};

MUST_USE enum code currency_find(struct str code, struct currency *out, struct error *e);

/* errors  INVALID the currencies differ; LIMIT the sum leaves int64 */
MUST_USE enum code money_add(struct money a, struct money b, struct money *out, struct error *e);

/* "EUR 1234.50", "JPY 1234", with as many places as the currency has. Returns `out`. */
const char *money_format(struct money m, char out[40]);

/* Split `total` by weights so that the parts sum to it exactly: each gets its exact share rounded
 * towards zero, then the units left over go to the largest remainders, ties to the lower index
 * (the caller sorts by party id). Zero weights get zero; a negative total mirrors the positive.
 *
 * in      weights  count of them, none negative, not all zero
 * out     parts    count of them
 * errors  INVALID  no weight, a negative one; LIMIT their sum leaves int64
 * source  largest remainder method (Hamilton) */
MUST_USE enum code money_split(int64_t total, const int64_t *weights, size_t count, struct arena *a,
                               int64_t *parts, struct error *e);

#endif
