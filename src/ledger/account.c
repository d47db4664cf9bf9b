/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from the dues of a window: guarantees, settlements, the pot, advances, escrow,
 * credits. In this order; each clause in the order of the text. */
#include "ledger/pricing.h"

static bool is_within(struct day d, const struct window *w)
{
    return d.number >= w->from.number && d.number < w->until.number;
}

static bool is_first(const struct scope *s, const struct window *w)
{
    return is_within(s->t->from, w);
}

static enum code add(struct pricing *p, int64_t *sum, int64_t part)
{
    return __builtin_add_overflow(*sum, part, sum)
               ? fail(p->e, ERR_LIMIT, "an amount leaves 64 bits")
               : OK;
}

/* The span of the terms in which a window begins; its end is cut at the last day. */
static bool span_of(const struct terms *t, enum terms_span span, struct day in, struct day *from,
                    struct day *until, struct day *full)
{
    for (int64_t n = 0; terms_window(t, span, n, from, full) && from->number <= in.number; n++)
        if (in.number < full->number) {
            *until = full->number < t->until.number ? *full : t->until;
            return true;
        }
    return false;
}

static enum code each(struct pricing *p, struct scope *s, struct window *w, enum line_kind kind,
                      struct terms_place at, const int64_t *parts, bool due)
{
    for (size_t i = 0; i < s->licensors; i++) {
        TRY(put_line(p, s, (uint32_t)i, w, kind, at, NULL, parts[i]));
        if (due)
            TRY(add(p, &w->dues[i], parts[i]));
    }
    return OK;
}

/* At the end of its window a guarantee tops up what all licensors together earned in it. */
static enum code guarantee(struct pricing *p, struct scope *s, struct window *w, size_t number)
{
    const struct terms_sum *g = &s->t->guarantees[number];
    struct day from, until, full;
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors);
    int64_t sum = 0, floor;
    struct rational part;
    if (!span_of(s->t, g->span, w->from, &from, &until, &full))
        return OK;
    if (from.number >= w->from.number)
        for (size_t i = 0; i < s->licensors; i++)
            s->holdings[i].guaranteed[number] = 0;
    for (size_t i = 0; i < s->licensors; i++) {
        TRY(add(p, &s->holdings[i].guaranteed[number], w->dues[i]));
        TRY(add(p, &sum, s->holdings[i].guaranteed[number]));
    }
    if (until.number > w->until.number)
        return OK;
    TRY(rational_make(until.number - from.number, full.number - from.number, &part, p->e));
    TRY(rational_multiply(part, leaf_rate(p, g), &part, p->e));
    TRY(whole_of(p, part, g->at, &floor));
    if (sum >= floor)
        return OK;
    TRY(split_sum(p, s, w, floor - sum, parts));
    return each(p, s, w, LINE_GUARANTEE, g->at, parts, true);
}

static enum code settlements(struct pricing *p, struct scope *s, struct window *w)
{
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors);
    for (size_t i = 0; i < s->t->settlement_count && is_first(s, w); i++) {
        TRY(split_sum(p, s, w, s->t->settlements[i].minor, parts));
        TRY(each(p, s, w, LINE_SETTLEMENT, s->t->settlements[i].at, parts, true));
    }
    return OK;
}

static enum code keep_pot(struct pricing *p, struct scope *s, struct window *w, const struct fee *f,
                          int64_t minor)
{
    if (s->pot_count == s->pot_room) {
        size_t room = s->pot_room ? 2 * s->pot_room : 16;
        struct pot *pots = ARENA_ARRAY(p->a, struct pot, room);
        if (s->pot_count)
            memcpy(pots, s->pots, s->pot_count * sizeof *pots);
        s->pots = pots;
        s->pot_room = room;
    }
    struct pot *pot = &s->pots[s->pot_count++];
    *pot = (struct pot) { minor,    w->from,
                          w->until, day_months_later(w->until, s->t->unattributed_months),
                          f->at,    ARENA_ARRAY(p->a, struct rational, s->licensors),
                          false };
    return plays_weights(p, s, w, pot->weights);
}

/* What would be due to those who are not known goes into the pot ... */
static enum code fill_pots(struct pricing *p, struct scope *s, struct window *w)
{
    for (size_t i = 0; i < s->t->fee_count && s->t->unknown_in; i++) {
        int64_t minor;
        TRY(fee_whole(p, s, w, &s->t->fees[i], WHO_UNKNOWN, &minor));
        if (minor == 0)
            continue;
        TRY(put_line(p, s, LICENSOR_NONE, w, LINE_POT, s->t->fees[i].at, &s->t->fees[i], minor));
        TRY(keep_pot(p, s, w, &s->t->fees[i], minor));
    }
    return OK;
}

/* ... and leaves it in its time. */
static enum code empty_pots(struct pricing *p, struct scope *s, struct window *w)
{
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors);
    for (size_t i = 0; i < s->pot_count; i++) {
        struct pot *pot = &s->pots[i];
        if (pot->settled || pot->due.number > w->until.number)
            continue;
        pot->settled = true;
        if (s->t->unattributed == UNATTRIBUTED_RETURNED) {
            TRY(put_line(p, s, LICENSOR_NONE, w, LINE_POT_RETURNED, pot->clause, NULL, pot->minor));
            continue;
        }
        TRY(split_by(p, s, pot->weights, pot->minor, parts));
        TRY(each(p, s, w, LINE_UNATTRIBUTED, pot->clause, parts, true));
    }
    return OK;
}

static enum code pay_advance(struct pricing *p, struct scope *s, struct window *w, size_t number)
{
    const struct terms_advance *v = &s->t->advances[number];
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors), minor;
    bool due = is_within(v->on, w) || (v->on.number < s->t->from.number && is_first(s, w));
    if (!due)
        return OK;
    TRY(whole_of(p, leaf_rate(p, v), v->at, &minor));
    TRY(split_sum(p, s, w, minor, parts));
    for (size_t i = 0; i < s->licensors; i++)
        TRY(add(p, &s->holdings[i].advances[number], parts[i]));
    return each(p, s, w, LINE_ADVANCE, v->at, parts, false);
}

/* Set off what is due against the advances that are open, the first clause first. */
static enum code recoup(struct pricing *p, struct scope *s, struct window *w, size_t licensor,
                        int64_t *payable)
{
    struct holding *h = &s->holdings[licensor];
    for (size_t k = 0; k < s->t->advance_count; k++) {
        int64_t part = h->advances[k] < *payable ? h->advances[k] : *payable;
        if (part <= 0)
            continue;
        h->advances[k] -= part;
        *payable -= part;
        TRY(put_line(p, s, (uint32_t)licensor, w, LINE_RECOUPED, s->t->advances[k].at, NULL,
                     -part));
    }
    if (s->t->advance_count == 0 || *payable <= 0 ||
        rational_compare(s->t->overage, rational_of(1)) == 0)
        return OK;
    struct rational part;
    int64_t kept;
    TRY(rational_multiply(rational_of(*payable), s->t->overage, &part, p->e));
    TRY(whole_of(p, part, s->t->advances[0].at, &kept));
    TRY(put_line(p, s, (uint32_t)licensor, w, LINE_WAIVED, s->t->advances[0].at, NULL,
                 kept - *payable));
    *payable = kept;
    return OK;
}

/* What is open at the end of an advance's window lapses, unless it is carried over. */
static enum code lapse(struct pricing *p, struct scope *s, struct window *w, size_t number)
{
    const struct terms_advance *v = &s->t->advances[number];
    struct day from, until, full;
    if (!span_of(s->t, v->window, w->from, &from, &until, &full) || until.number > w->until.number)
        return OK;
    if (v->carried && until.number < s->t->until.number)
        return OK;
    for (size_t i = 0; i < s->licensors; i++) {
        int64_t *open = &s->holdings[i].advances[number];
        if (*open)
            TRY(put_line(p, s, (uint32_t)i, w, LINE_LAPSED, v->at, NULL, *open));
        *open = 0;
    }
    return OK;
}

static enum code escrow(struct pricing *p, struct scope *s, struct window *w, size_t licensor,
                        int64_t payable)
{
    struct holding *h = &s->holdings[licensor];
    for (size_t k = 0; k < s->t->escrow_count; k++) {
        const struct terms_escrow *x = &s->t->escrows[k];
        int64_t held = 0;
        struct rational part;
        if (x->until.number >= w->until.number && payable > 0) {
            TRY(rational_multiply(rational_of(payable), x->part, &part, p->e));
            TRY(whole_of(p, part, x->at, &held));
        }
        if (held)
            TRY(put_line(p, s, (uint32_t)licensor, w, LINE_HELD, x->at, NULL, -held));
        TRY(add(p, &h->held[k], held));
    }
    return OK;
}

static enum code release(struct pricing *p, struct scope *s, struct window *w, size_t licensor)
{
    struct holding *h = &s->holdings[licensor];
    for (size_t k = 0; k < s->t->escrow_count; k++) {
        const struct terms_escrow *x = &s->t->escrows[k];
        if (x->until.number >= w->until.number || h->held[k] == 0)
            continue;
        TRY(put_line(p, s, (uint32_t)licensor, w, LINE_RELEASED, x->at, NULL, h->held[k]));
        h->held[k] = 0;
    }
    return OK;
}

static enum code credits(struct pricing *p, struct scope *s, struct window *w)
{
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors), minor;
    for (size_t i = 0; i < s->t->credit_count; i++) {
        const struct terms_sum *c = &s->t->credits[i];
        TRY(accrued(p, s, w->from, w->until, rational_of(c->minor), c->span, &minor));
        if (minor == 0)
            continue;
        TRY(split_sum(p, s, w, minor, parts));
        TRY(each(p, s, w, LINE_CREDIT, c->at, parts, false));
    }
    return OK;
}

enum code account_window(struct pricing *p, struct scope *s, struct window *w)
{
    for (size_t i = 0; i < s->t->guarantee_count; i++)
        TRY(guarantee(p, s, w, i));
    TRY(settlements(p, s, w));
    TRY(fill_pots(p, s, w));
    TRY(empty_pots(p, s, w));
    for (size_t i = 0; i < s->t->advance_count; i++)
        TRY(pay_advance(p, s, w, i));
    for (size_t i = 0; i < s->licensors; i++) {
        int64_t payable = w->dues[i];
        TRY(recoup(p, s, w, i, &payable));
        TRY(escrow(p, s, w, i, payable));
        TRY(release(p, s, w, i));
    }
    for (size_t i = 0; i < s->t->advance_count; i++)
        TRY(lapse(p, s, w, i));
    return credits(p, s, w);
}

bool account_is_open(const struct scope *s)
{
    for (size_t i = 0; i < s->pot_count; i++)
        if (!s->pots[i].settled)
            return true;
    for (size_t i = 0; i < s->licensors; i++)
        for (size_t k = 0; k < s->t->escrow_count; k++)
            if (s->holdings[i].held[k])
                return true;
    return false;
}

enum code account_after(struct pricing *p, struct scope *s, struct window *w)
{
    w->dues = ARENA_ARRAY(p->a, int64_t, s->licensors);
    TRY(empty_pots(p, s, w));
    for (size_t i = 0; i < s->licensors; i++)
        TRY(release(p, s, w, i));
    return OK;
}
