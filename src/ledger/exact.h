/* SPDX-License-Identifier: Apache-2.0 */
/* Exact numbers wide enough for sums of shares: 1,024 bits above and below the line, not reduced.
 * Rationals of 128 bits (base/rational.h) go in; comparisons and whole units come out. */
#ifndef LICET_LEDGER_EXACT_H
#define LICET_LEDGER_EXACT_H

#include "base/base.h"

enum { EXACT_WORDS = 16 };

struct exact {
    bool negative;
    uint64_t n[EXACT_WORDS], d[EXACT_WORDS]; /* lowest words first */
};

void exact_set(struct exact *x, struct rational r);
/* errors  LIMIT the result leaves 1,024 bits */
MUST_USE enum code exact_times(struct exact *x, struct rational r, struct error *e);
MUST_USE enum code exact_add(struct exact *x, const struct exact *y, struct error *e);
int exact_compare(const struct exact *x, const struct exact *y);
/* Rounded towards zero.
 * errors  LIMIT it leaves 64 bits */
MUST_USE enum code exact_whole(const struct exact *x, int64_t *out, struct error *e);

#endif
