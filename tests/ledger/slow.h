/* SPDX-License-Identifier: Apache-2.0 */
/* The price of terms once more: slow, in exact rationals of any size, day by day where that is
 * plainer. Written from docs/formats/terms.md; shares nothing with src/ledger but the types. */
#ifndef LICET_TESTS_LEDGER_SLOW_H
#define LICET_TESTS_LEDGER_SLOW_H

#include "ledger/ledger.h"

enum { SLOW_LINES_MOST = 4000 };

struct slow_line {
    uint32_t bargain, licensor;
    int32_t from;
    enum line_kind kind;
    uint32_t clause;
    int64_t minor;
};
struct slow_price {
    size_t count;
    bool over; /* a sum leaves 64 bits */
    struct slow_line lines[SLOW_LINES_MOST];
};

/* Sums of one bargain, licensor, window, kind and clause, without zeros, sorted. */
void slow_run(const struct price_input *in, struct slow_price *out);
void slow_sort(struct slow_price *p);
void slow_of(const struct price *p, struct slow_price *out);

#endif
