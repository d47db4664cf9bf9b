/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of shares per right, territory and moment. A sum can only pass the whole where a claim
 * begins, so only those moments are looked at. */
#include "registry/shares.h"

static bool holds_at(const struct claim *c, enum right right, struct instant at)
{
    return c->right == right && c->from.us <= at.us && at.us < c->until.us;
}

/* Sum at one moment in each territory; false when none is over the whole. */
static bool over_at(const struct claim *claims, size_t count, enum right right, struct instant at,
                    struct over_claim *out)
{
    int64_t sums[TERRITORY_COUNT] = { 0 }, total = 0;
    for (size_t i = 0; i < count; i++)
        if (holds_at(&claims[i], right, at))
            total += claims[i].share_e8;
    if (total <= SHARE_WHOLE_E8 + SHARE_ROUNDING_E8)
        return false;
    for (size_t i = 0; i < count; i++)
        if (holds_at(&claims[i], right, at))
            for (int t = 0; t < TERRITORY_COUNT; t++)
                if (territory_set_has(&claims[i].territories, (struct territory) { (uint8_t)t }))
                    sums[t] += claims[i].share_e8;
    struct over_claim found = { .right = right, .from = at };
    for (int t = 0; t < TERRITORY_COUNT; t++) {
        if (sums[t] <= SHARE_WHOLE_E8 + SHARE_ROUNDING_E8)
            continue;
        territory_set_add(&found.territories, (struct territory) { (uint8_t)t });
        if (sums[t] > found.sum_e8)
            found.sum_e8 = sums[t];
    }
    *out = found;
    return !territory_set_is_empty(&found.territories);
}

size_t shares_over(const struct claim *claims, size_t count, struct over_claim *over)
{
    size_t n = 0;
    for (int right = 0; right < RIGHT_COUNT; right++) {
        bool found = false;
        for (size_t i = 0; i < count; i++) {
            struct over_claim o;
            if (claims[i].right != (enum right)right ||
                (found && claims[i].from.us >= over[n].from.us) ||
                !over_at(claims, count, (enum right)right, claims[i].from, &o))
                continue;
            over[n] = o;
            found = true;
        }
        n += found;
    }
    return n;
}
