/* SPDX-License-Identifier: Apache-2.0 */
/* Most-favoured clauses: terms rise to those of others until nothing rises. */
#include "ledger/pricing.h"

static void count_fee(const struct fee *f, size_t *count)
{
    if (f->kind < FEE_GREATEST)
        ++*count;
    for (size_t i = 0; i < f->part_count; i++)
        count_fee(&f->parts[i], count);
}

static void add_leaf(struct pricing *p, struct leaf leaf)
{
    p->leaves[p->leaf_count++] = leaf;
}

static void add_fee(struct pricing *p, uint32_t b, const struct fee *f, bool to_all)
{
    static const unsigned kinds[] = { [FEE_FLAT] = MFN_FLAT,
                                      [FEE_REVENUE] = MFN_REVENUE,
                                      [FEE_PLAY] = MFN_PLAY,
                                      [FEE_SUBSCRIBER] = MFN_SUBSCRIBER };
    if (f->kind < FEE_GREATEST)
        add_leaf(p, (struct leaf) { b, kinds[f->kind], f, f->at, f->rate, f->span, f->models,
                                    to_all, 0 });
    for (size_t i = 0; i < f->part_count; i++)
        add_fee(p, b, &f->parts[i], to_all);
}

static void add_bargain(struct pricing *p, uint32_t b)
{
    const struct terms *t = p->scopes[b].t;
    bool several = t->licensors.count > 1;
    for (size_t i = 0; i < t->fee_count; i++)
        add_fee(p, b, &t->fees[i], t->fees[i].to_all);
    for (size_t i = 0; i < t->guarantee_count; i++)
        add_leaf(p, (struct leaf) { b, MFN_GUARANTEE, &t->guarantees[i], t->guarantees[i].at,
                                    rational_of(t->guarantees[i].minor), t->guarantees[i].span,
                                    MODELS_ALL, several, 0 });
    for (size_t i = 0; i < t->advance_count; i++)
        add_leaf(p, (struct leaf) { b, MFN_ADVANCE, &t->advances[i], t->advances[i].at,
                                    rational_of(t->advances[i].minor), t->advances[i].window,
                                    MODELS_ALL, several, 0 });
}

enum code leaves_make(struct pricing *p)
{
    size_t count = 0;
    for (size_t b = 0; b < p->in->bargain_count; b++) {
        const struct terms *t = p->scopes[b].t;
        for (size_t i = 0; i < t->fee_count; i++)
            count_fee(&t->fees[i], &count);
        count += t->guarantee_count + t->advance_count;
    }
    p->leaves = ARENA_ARRAY(p->a, struct leaf, count + 1);
    for (size_t b = 0; b < p->in->bargain_count; b++)
        add_bargain(p, (uint32_t)b);
    return OK;
}

struct rational leaf_rate(const struct pricing *p, const void *clause)
{
    for (size_t i = 0; i < p->leaf_count; i++)
        if (p->leaves[i].clause == clause)
            return p->leaves[i].rate;
    return rational_of(0);
}

static void as_written(struct pricing *p)
{
    for (size_t i = 0; i < p->leaf_count; i++) {
        struct leaf *l = &p->leaves[i];
        l->raised_by = 0;
        if (l->kind == MFN_GUARANTEE)
            l->rate = rational_of(((const struct terms_sum *)l->clause)->minor);
        else if (l->kind == MFN_ADVANCE)
            l->rate = rational_of(((const struct terms_advance *)l->clause)->minor);
        else
            l->rate = ((const struct fee *)l->clause)->rate;
    }
}

static bool shares_licensor(const struct terms_names *a, const struct terms_names *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (strcmp(a->items[i].text, b->items[k].text) == 0)
                return true;
    return false;
}

static bool in_force(const struct terms *t, struct day from, struct day until)
{
    return t->from.number < until.number && t->until.number > from.number;
}

/* Is `other` one that this clause looks at? */
static bool looks_at(const struct terms_mfn *m, const struct terms *own, const struct terms *other,
                     struct day from, struct day until)
{
    bool named = m->with.count ? shares_licensor(&m->with, &other->licensors)
                               : !shares_licensor(&own->licensors, &other->licensors);
    return named && in_force(other, from, until) && territory_set_meet(&m->where, &other->where) &&
           territory_set_meet(&m->where, &own->where);
}

static enum code joint_weight(struct pricing *p, struct scope *s, struct day from, struct day until,
                              struct rational *out)
{
    struct window w = { from, until, NULL };
    struct rational *weights = ARENA_ARRAY(p->a, struct rational, s->licensors);
    *out = rational_of(0);
    TRY(plays_weights(p, s, &w, weights));
    for (size_t i = 0; i < s->licensors; i++)
        TRY(rational_add(*out, weights[i], out, p->e));
    return OK;
}

static bool per_share(const struct terms_mfn *m, const struct leaf *l)
{
    return m->by_share &&
           (l->kind == MFN_FLAT || l->kind == MFN_GUARANTEE || l->kind == MFN_ADVANCE);
}

/* The other's term as this licensor would have it; *comparable false: there is no such thing. */
static enum code value_of(struct pricing *p, const struct terms_mfn *m, const struct leaf *own,
                          const struct leaf *other, struct day from, struct day until,
                          struct rational *out, bool *comparable)
{
    struct rational mine, theirs;
    *comparable = true;
    *out = other->rate;
    if (per_share(m, own)) {
        TRY(joint_weight(p, &p->scopes[own->bargain], from, until, &mine));
        TRY(joint_weight(p, &p->scopes[other->bargain], from, until, &theirs));
        *comparable = theirs.n != 0;
        if (*comparable) {
            TRY(rational_divide(other->rate, theirs, out, p->e));
            TRY(rational_multiply(*out, mine, out, p->e));
        }
    } else if (own->to_all != other->to_all && own->kind != MFN_REVENUE && own->kind != MFN_PLAY &&
               own->kind != MFN_SUBSCRIBER) {
        *comparable = false; /* a sum for several is not a sum for one, unless by share */
    }
    return OK;
}

static void note_rise(struct pricing *p, const struct leaf *l, struct rational before,
                      const struct leaf *by, const struct terms_mfn *m)
{
    BUF(old);
    BUF(new);
    const struct terms *t = p->scopes[l->bargain].t, *other = p->scopes[by->bargain].t;
    if (l->kind == MFN_REVENUE) {
        rational_format(before, &old);
        rational_format(l->rate, &new);
    } else {
        struct rational unit = rational_of(1), units;
        for (int i = 0; i < t->currency.places; i++)
            unit.n *= 10;
        struct error ignored;
        if (rational_divide(before, unit, &units, &ignored) == OK)
            rational_decimals(units, t->currency.places + (before.d == 1 ? 0 : 6), &old);
        if (rational_divide(l->rate, unit, &units, &ignored) == OK)
            rational_decimals(units, t->currency.places + (l->rate.d == 1 ? 0 : 6), &new);
    }
    put_note(p,
             "%s: %s of line %u rises from %s%s%.*s to %.*s: line %u is most favoured with %s "
             "(%s, line %u%s)",
             t->title, mfn_word(l->kind), l->at.line,
             l->kind == MFN_REVENUE ? "" : t->currency.code, l->kind == MFN_REVENUE ? "" : " ",
             STR_ARG(buf_as_str(&old)), STR_ARG(buf_as_str(&new)), m->at.line,
             other->licensors.items[0].text, other->title, by->at.line,
             by->raised_by ? ", itself raised" : "");
}

static enum code raise_leaf(struct pricing *p, const struct terms_mfn *m, struct leaf *own,
                            struct day from, struct day until, bool *rose)
{
    const struct terms *t = p->scopes[own->bargain].t;
    for (size_t i = 0; i < p->leaf_count; i++) {
        const struct leaf *other = &p->leaves[i];
        const struct terms *theirs = p->scopes[other->bargain].t;
        struct rational value;
        bool comparable;
        if (other->bargain == own->bargain || other->kind != own->kind ||
            other->span != own->span || other->models != own->models ||
            !looks_at(m, t, theirs, from, until))
            continue;
        if (own->kind != MFN_REVENUE && strcmp(t->currency.code, theirs->currency.code) != 0) {
            put_note(p, "%s: line %u: %s of %s is in %s and cannot be compared with %s", t->title,
                     m->at.line, mfn_word(own->kind), theirs->title, theirs->currency.code,
                     t->currency.code);
            continue;
        }
        if (value_of(p, m, own, other, from, until, &value, &comparable) != OK)
            return at_clause(p, &p->scopes[own->bargain], m->at);
        if (!comparable) {
            put_note(p, "%s: line %u: %s of %s can be compared by share of plays only", t->title,
                     m->at.line, mfn_word(own->kind), theirs->title);
            continue;
        }
        if (rational_compare(value, own->rate) > 0) {
            struct rational before = own->rate;
            own->rate = value;
            note_rise(p, own, before, other, m);
            own->raised_by = other->bargain + 1;
            *rose = true;
        }
    }
    return OK;
}

enum code leaves_raise(struct pricing *p, struct day from, struct day until)
{
    bool rose = true;
    as_written(p);
    for (size_t round = 0; rose; round++) {
        rose = false;
        for (size_t i = 0; i < p->leaf_count; i++) {
            const struct terms *t = p->scopes[p->leaves[i].bargain].t;
            for (size_t k = 0; k < t->mfn_count && in_force(t, from, until); k++) {
                const struct terms_mfn *m = &t->mfns[k];
                if (!(m->kinds >> p->leaves[i].kind & 1) || from.number < m->since.number)
                    continue;
                TRY(raise_leaf(p, m, &p->leaves[i], from, until, &rose));
                if (rose && round > p->leaf_count) {
                    fail(p->e, ERR_INVALID,
                         "the most-favoured clauses raise each other without end: one compares "
                         "sums and another shares");
                    return at_clause(p, &p->scopes[p->leaves[i].bargain], m->at);
                }
            }
        }
    }
    return OK;
}
