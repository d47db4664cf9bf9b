/* SPDX-License-Identifier: Apache-2.0 */
/* Claims by recording, small and sorted, with a table by hash of the recordings. */
#include <stdlib.h>

#include "ledger/roll_inside.h"

enum { DAY_SECONDS = 86400 };

static bool is_within_a_day(struct instant t)
{
    return t.us != INT64_MIN && t.us != INT64_MAX && t.us % (INT64_C(1000000) * DAY_SECONDS) != 0;
}

/* Claims come by recording, with one territory list like the one before: looked for backwards. */
static enum code number_of_set(struct told_claims *l, const struct territory_set *set,
                               uint16_t *out, struct error *e)
{
    for (size_t i = l->set_count; i > 0; i--)
        if (memcmp(&l->sets[i - 1], set, sizeof *set) == 0) {
            *out = (uint16_t)(i - 1);
            return OK;
        }
    if (l->set_count == UINT16_MAX)
        return fail(e, ERR_LIMIT, "claims with more than %d different territories", UINT16_MAX);
    if (l->set_count == l->set_room) {
        size_t room = l->set_room ? 2 * l->set_room : 64;
        struct territory_set *sets = realloc(l->sets, room * sizeof *sets);
        if (!sets)
            return fail(e, ERR_MEMORY, "no memory for the territories of claims");
        l->sets = sets;
        l->set_room = room;
    }
    l->sets[l->set_count] = *set;
    *out = (uint16_t)l->set_count++;
    return OK;
}

static enum code make_room(struct told_claims *l, size_t room, struct error *e)
{
    struct told_claim *items = big_grow(l->items, l->room * sizeof *items, room * sizeof *items);
    if (!items)
        return fail(e, ERR_MEMORY, "no memory for %zu claims", room);
    l->items = items;
    l->room = room;
    return OK;
}

enum code book_add(struct told_claims *l, const struct claim *c, uint16_t party, struct error *e)
{
    uint16_t set = 0;
    TRY(number_of_set(l, &c->territories, &set, e));
    if (l->count == l->room)
        TRY(make_room(l, l->room ? 2 * l->room : 1024, e));
    l->items[l->count++] = (struct told_claim) {
        c->recording, { c->from, c->until, c->filed, (uint32_t)c->share_e8, party, set }
    };
    return OK;
}

static void told_done(struct told_claims *l)
{
    big_free(l->items, l->room * sizeof *l->items);
    l->items = NULL;
    l->room = l->count = 0;
}

/* Lanes one behind the other, all in the first. */
static enum code join_lanes(struct book *b, struct error *e)
{
    struct told_claims *first = &b->lanes[0];
    size_t count = 0;
    for (unsigned n = 0; n < ROLL_LANES_MOST; n++)
        count += b->lanes[n].count;
    if (count > first->room)
        TRY(make_room(first, count, e));
    for (unsigned n = 1; n < ROLL_LANES_MOST; n++) {
        struct told_claims *l = &b->lanes[n];
        for (size_t i = 0; i < l->count; i++) {
            struct told_claim *t = &first->items[first->count++];
            *t = l->items[i];
            TRY(number_of_set(first, &l->sets[l->items[i].claim.set], &t->claim.set, e));
        }
        told_done(l);
    }
    b->claim_count = count;
    b->sets = first->sets;
    return OK;
}

static int by_recording(const void *pa, const void *pb)
{
    const struct told_claim *a = pa, *b = pb;
    return memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
}

uint64_t book_hash(const struct recording_id *id)
{
    uint64_t a, b;
    memcpy(&a, id->bytes, 8);
    memcpy(&b, id->bytes + 8, 8);
    b = (b ^ a * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    return (b ^ b >> 32) * 0x9E3779B97F4A7C15u;
}

uint32_t book_find(const struct book *b, const struct recording_id *id, uint64_t hash)
{
    uint64_t mask = ((uint64_t)1 << b->slot_bits) - 1;
    for (uint64_t at = hash >> (64 - b->slot_bits); b->slots[at].number; at = (at + 1) & mask)
        if (recording_id_equal(b->slots[at].id, *id))
            return b->slots[at].number - 1;
    return (uint32_t)b->count;
}

/* Each thread fills a range of the slots; what would run over its end comes last, by one. */
struct filling {
    struct book *b;
    unsigned threads;
    uint32_t *late[THREADS_MOST];
    size_t late_count[THREADS_MOST];
    bool failed[THREADS_MOST];
};

static void put_late(struct filling *f, unsigned thread, uint32_t number)
{
    uint32_t *list = realloc(f->late[thread], (f->late_count[thread] + 1) * sizeof *list);
    if (list) {
        list[f->late_count[thread]++] = number;
        f->late[thread] = list;
    } else {
        f->failed[thread] = true;
    }
}

static void fill_slots(void *ctx, unsigned thread)
{
    struct filling *f = ctx;
    struct book *b = f->b;
    uint64_t size = (uint64_t)1 << b->slot_bits, from = size * thread / f->threads,
             until = size * (thread + 1) / f->threads;
    for (size_t i = 0; i < b->count; i++) {
        uint64_t at = book_hash(&b->recordings[i]) >> (64 - b->slot_bits);
        if (at < from || at >= until)
            continue;
        while (at < until && b->slots[at].number)
            at++;
        if (at < until)
            b->slots[at] = (struct book_slot) { b->recordings[i], (uint32_t)(i + 1) };
        else
            put_late(f, thread, (uint32_t)i);
    }
}

static void fill_late(struct book *b, uint32_t number)
{
    uint64_t mask = ((uint64_t)1 << b->slot_bits) - 1;
    uint64_t at = book_hash(&b->recordings[number]) >> (64 - b->slot_bits);
    while (b->slots[at].number)
        at = (at + 1) & mask;
    b->slots[at] = (struct book_slot) { b->recordings[number], number + 1 };
}

static enum code make_table(struct book *b, unsigned threads, struct error *e)
{
    struct filling f = { .b = b, .threads = b->count < 100000 ? 1 : threads };
    bool failed = false;
    b->slot_bits = 4;
    while (((size_t)1 << b->slot_bits) < b->count + b->count / 2)
        b->slot_bits++;
    b->slots = big_try(sizeof *b->slots << b->slot_bits);
    if (!b->slots)
        return fail(e, ERR_MEMORY, "no memory for %zu recordings", b->count);
    threads_run(f.threads, fill_slots, &f);
    for (unsigned t = 0; t < f.threads; t++) {
        for (size_t i = 0; i < f.late_count[t]; i++)
            fill_late(b, f.late[t][i]);
        free(f.late[t]);
        failed = failed || f.failed[t];
    }
    return failed ? fail(e, ERR_MEMORY, "no memory for %zu recordings", b->count) : OK;
}

static void fill(struct book *b)
{
    const struct told_claims *l = &b->lanes[0];
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct told_claim *t = &l->items[i];
        if (i == 0 || by_recording(&l->items[i - 1], t) != 0) {
            b->recordings[n] = t->recording;
            b->first[n++] = (uint32_t)i;
        }
        b->claims[i] = t->claim;
        if (is_within_a_day(t->claim.from) || is_within_a_day(t->claim.until))
            b->changes[(n - 1) >> 6] |= (uint64_t)1 << ((n - 1) & 63);
    }
    b->first[n] = (uint32_t)l->count;
}

/* Claims mostly come as their recordings did, a few places apart: moved one by one, unless that
 * turns out to be long. */
static void sort_told(struct told_claims *l)
{
    enum { MOVES_EACH = 16 };
    size_t moves = 0;
    for (size_t i = 1; i < l->count; i++) {
        size_t k = i;
        if (by_recording(&l->items[i - 1], &l->items[i]) <= 0)
            continue;
        struct told_claim t = l->items[i];
        for (; k > 0 && by_recording(&l->items[k - 1], &t) > 0; k--) {
            l->items[k] = l->items[k - 1];
            moves++;
        }
        l->items[k] = t;
        if (moves > 1000 + MOVES_EACH * l->count) {
            qsort(l->items, l->count, sizeof *l->items, by_recording);
            return;
        }
    }
}

enum code book_make(struct book *b, unsigned threads, struct error *e)
{
    struct told_claims *l = &b->lanes[0];
    TRY(join_lanes(b, e));
    sort_told(l);
    b->count = 0;
    for (size_t i = 0; i < l->count; i++)
        b->count += i == 0 || by_recording(&l->items[i - 1], &l->items[i]) != 0;
    if (b->count >= ROLL_RECORDINGS_MOST)
        return fail(e, ERR_LIMIT, "claims to more than %d recordings", ROLL_RECORDINGS_MOST - 1);
    b->recordings = big_try((b->count + 1) * sizeof *b->recordings);
    b->first = big_try((b->count + 1) * sizeof *b->first);
    b->claims = big_try((b->claim_count + 1) * sizeof *b->claims);
    b->changes = big_try((b->count / 64 + 1) * sizeof *b->changes);
    if (!b->recordings || !b->first || !b->claims || !b->changes)
        return fail(e, ERR_MEMORY, "no memory for %zu recordings", b->count);
    fill(b);
    told_done(l);
    return make_table(b, threads, e);
}

void book_done(struct book *b)
{
    for (unsigned n = 0; n < ROLL_LANES_MOST; n++) {
        told_done(&b->lanes[n]);
        free(b->lanes[n].sets);
    }
    big_free(b->recordings, (b->count + 1) * sizeof *b->recordings);
    big_free(b->first, (b->count + 1) * sizeof *b->first);
    big_free(b->claims, (b->claim_count + 1) * sizeof *b->claims);
    big_free(b->slots, sizeof *b->slots << b->slot_bits);
    big_free(b->changes, (b->count / 64 + 1) * sizeof *b->changes);
}

/* ---- who holds what ----------------------------------------------------------------------------- */

static bool applies(const struct book *b, const struct book_claim *c, struct territory t,
                    struct instant at)
{
    return c->from.us <= at.us && at.us < c->until.us && territory_set_has(&b->sets[c->set], t);
}

/* More than the whole, or too many parties: as claims, so that the rule is written once. */
static enum code resolve(const struct book *b, uint32_t number, struct territory territory,
                         struct instant at, enum over_rule rule, struct held_share *out,
                         size_t *count, int64_t *rest_e8, struct error *e)
{
    ARENA(a);
    struct held_part parts[HELD_PARTS_MOST];
    size_t n = b->first[number + 1] - b->first[number], kept = 0;
    struct claim *claims = arena_try(&a, n, sizeof *claims);
    if (!claims)
        return fail(e, ERR_MEMORY, "no memory for %zu claims", n);
    for (uint32_t i = b->first[number]; i < b->first[number + 1]; i++) {
        const struct book_claim *c = &b->claims[i];
        if (!applies(b, c, territory, at))
            continue;
        claims[kept] = (struct claim) { .share_e8 = c->share_e8,
                                        .territories = b->sets[c->set],
                                        .from = c->from,
                                        .until = c->until,
                                        .filed = c->filed };
        claims[kept].party.bytes[0] = (uint8_t)(c->party >> 8);
        claims[kept++].party.bytes[1] = (uint8_t)c->party;
    }
    TRY(attribute(claims, kept, claims[0].right, territory, at, rule, parts, count, rest_e8, e));
    for (size_t i = 0; i < *count; i++)
        out[i] = (struct held_share) {
            (uint16_t)(parts[i].party.bytes[0] << 8 | parts[i].party.bytes[1]), parts[i].share_e8
        };
    return OK;
}

enum code book_holders(const struct book *b, uint32_t number, struct territory territory,
                       struct instant at, enum over_rule rule,
                       struct held_share parts[HELD_PARTS_MOST], size_t *count, int64_t *rest_e8,
                       struct error *e)
{
    size_t n = 0;
    int64_t sum = 0;
    *count = 0;
    *rest_e8 = SHARE_WHOLE_E8;
    if (number >= b->count)
        return OK;
    for (uint32_t i = b->first[number]; i < b->first[number + 1]; i++) {
        const struct book_claim *c = &b->claims[i];
        if (!applies(b, c, territory, at) || c->share_e8 == 0)
            continue;
        size_t k = 0;
        sum += c->share_e8;
        while (k < n && parts[k].party < c->party)
            k++;
        if (k < n && parts[k].party == c->party) {
            parts[k].share_e8 += c->share_e8;
            continue;
        }
        if (n == HELD_PARTS_MOST)
            return fail(e, ERR_LIMIT, "more than %d parties claim one recording", HELD_PARTS_MOST);
        for (size_t m = n++; m > k; m--)
            parts[m] = parts[m - 1];
        parts[k] = (struct held_share) { c->party, c->share_e8 };
    }
    if (sum > SHARE_WHOLE_E8)
        return resolve(b, number, territory, at, rule, parts, count, rest_e8, e);
    *count = n;
    *rest_e8 = SHARE_WHOLE_E8 - sum;
    return OK;
}
