/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of shares per right, territory and moment. A sum can only pass the whole where a claim
 * begins, so only those moments are looked at. */
#include "registry/shares.h"

#include <stdlib.h>

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

static int by_time(const void *left, const void *right)
{
    const struct instant *a = left, *b = right;
    return (a->us > b->us) - (a->us < b->us);
}

/* The moments at which a sum of this right may change, each once. */
static size_t moments_of(const struct claim *claims, size_t count, enum right right,
                         struct instant *out)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (claims[i].right == right) {
            out[n++] = claims[i].from;
            out[n++] = claims[i].until;
        }
    if (n > 1)
        qsort(out, n, sizeof *out, by_time);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || out[kept - 1].us != out[i].us)
            out[kept++] = out[i];
    return kept;
}

/* Could the sum of a right be over the whole at all? Mostly not, and then nothing is looked at. */
static unsigned suspects(const struct claim *claims, size_t count)
{
    __int128 sums[RIGHT_COUNT] = { 0 };
    unsigned rights = 0;
    for (size_t i = 0; i < count; i++)
        sums[claims[i].right] += claims[i].share_e8;
    for (int r = 0; r < RIGHT_COUNT; r++)
        rights |= (unsigned)(sums[r] > SHARE_WHOLE_E8 + SHARE_ROUNDING_E8) << r;
    return rights;
}

static bool says_the_same(const struct over_claim *a, const struct over_claim *b)
{
    return a->right == b->right && a->until.us == b->from.us && a->sum_e8 == b->sum_e8 &&
           territory_set_equal(&a->territories, &b->territories);
}

void shares_over_all(const struct claim *claims, size_t count, struct arena *a,
                     struct over_claim **over, size_t *over_count)
{
    unsigned rights = suspects(claims, count);
    *over = NULL;
    *over_count = 0;
    if (!rights)
        return;
    struct instant *moments = ARENA_ARRAY(a, struct instant, 2 * count);
    struct over_claim *found = NULL;
    size_t n = 0, room = 0;
    for (int right = 0; right < RIGHT_COUNT; right++) {
        size_t steps = rights >> right & 1 ? moments_of(claims, count, (enum right)right, moments)
                                           : 0;
        for (size_t i = 0; i + 1 < steps; i++) {
            struct over_claim o;
            if (!over_at(claims, count, (enum right)right, moments[i], &o))
                continue;
            o.until = moments[i + 1];
            if (n && says_the_same(&found[n - 1], &o)) {
                found[n - 1].until = o.until;
                continue;
            }
            if (n == room) {
                struct over_claim *more = ARENA_ARRAY(a, struct over_claim,
                                                      room = room ? 2 * room : 4);
                if (n)
                    memcpy(more, found, n * sizeof *more);
                found = more;
            }
            found[n++] = o;
        }
    }
    *over = found;
    *over_count = n;
}
