/* SPDX-License-Identifier: Apache-2.0 */
/* Exact rationals of 128 bits, for rates, shares and exchange: nothing is rounded until somebody
 * asks for whole units. A result that leaves 128 bits is refused, never cut. */
#ifndef LICET_BASE_RATIONAL_H
#define LICET_BASE_RATIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef __int128 int128;
typedef unsigned __int128 uint128;

/* In lowest terms, the denominator above zero. Zeroed memory is not a number: use rational_of. */
struct rational {
    int128 n, d;
};

static inline struct rational rational_of(int64_t whole)
{
    return (struct rational) { whole, 1 };
}
static inline bool rational_is_zero(struct rational a)
{
    return a.n == 0;
}

/* errors  INVALID the denominator is zero */
MUST_USE enum code rational_make(int128 n, int128 d, struct rational *out, struct error *e);

/* errors  LIMIT the result leaves 128 bits; INVALID a division by zero */
MUST_USE enum code rational_add(struct rational a, struct rational b, struct rational *out,
                                struct error *e);
MUST_USE enum code rational_subtract(struct rational a, struct rational b, struct rational *out,
                                     struct error *e);
MUST_USE enum code rational_multiply(struct rational a, struct rational b, struct rational *out,
                                     struct error *e);
MUST_USE enum code rational_divide(struct rational a, struct rational b, struct rational *out,
                                   struct error *e);

/* -1, 0 or 1; exact for all values */
int rational_compare(struct rational a, struct rational b);

/* The largest whole number that is not above it.
 * errors  LIMIT it leaves int64 */
MUST_USE enum code rational_floor(struct rational a, int64_t *out, struct error *e);
/* The whole number next to it, halves away from zero. */
MUST_USE enum code rational_nearest(struct rational a, int64_t *out, struct error *e);

/* Split `total` by weights, which need not be whole, as money_split does.
 * errors  INVALID no weight above zero, a negative one; LIMIT */
MUST_USE enum code rational_split(int64_t total, const struct rational *weights, size_t count,
                                  struct arena *a, int64_t *parts, struct error *e);

/* "0.00225" and "60" are exact; at most `places` decimals are read, and 18 digits in all.
 * errors  INVALID */
MUST_USE enum code rational_parse(struct str text, int places, struct rational *out,
                                  struct error *e);
/* A decimal where there is one of at most 12 places ("0.00225"), else "1/3". */
void rational_format(struct rational a, struct buf *out);
/* Rounded to so many decimals, halves away from zero, for people: "12.35". */
void rational_decimals(struct rational a, int places, struct buf *out);
void int128_format(int128 value, struct buf *out);

#endif
