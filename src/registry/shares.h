/* SPDX-License-Identifier: Apache-2.0 */
/* Do the shares of one recording add up? Pure. */
#ifndef LICET_REGISTRY_SHARES_H
#define LICET_REGISTRY_SHARES_H

#include "registry/types.h"

/* Shares are stated with six decimals of a per cent at best, thirds with two: so much of a
 * difference to the whole is rounding, not conflict. 10^-4 is 0.01 %. */
#define SHARE_ROUNDING_E8 10000LL

struct over_claim {
    enum right right;
    struct territory_set territories; /* where it is over the whole at that moment */
    struct instant from, until;       /* the first moment at which it is; and is no more */
    int64_t sum_e8;                   /* the largest sum at that moment */
};

/* The first moment, per right, at which claims of one recording are over the whole anywhere.
 * out  over  room for RIGHT_COUNT; returns how many there are */
size_t shares_over(const struct claim *claims, size_t count, struct over_claim *over);

/* Every span of time in which claims of one recording (or work) are over the whole anywhere, per
 * right in the order of time; neighbours that say the same are one. `until` of each is set.
 * in   claims  each counts by its right, whatever it is on
 * out  over    in arena `a` */
void shares_over_all(const struct claim *claims, size_t count, struct arena *a,
                     struct over_claim **over, size_t *over_count);

#endif
