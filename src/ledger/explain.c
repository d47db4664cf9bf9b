/* SPDX-License-Identifier: Apache-2.0 */
/* A fee walked through once more, with everything that went into it written down. */
#include "ledger/explain.h"

#include "ledger/pricing.h"
#include "ledger/roll_inside.h"

enum { STEPS_MOST = 1024 };

struct explaining {
    struct pricing p;
    struct scope *s;
    struct window w;
    int who;
    struct fee_step *steps;
    size_t count;
};

static const struct leaf *leaf_of(const struct pricing *p, const struct fee *f)
{
    for (size_t i = 0; i < p->leaf_count; i++)
        if (p->leaves[i].clause == f)
            return &p->leaves[i];
    return NULL;
}

static enum code explain_leaf(struct explaining *x, struct fee_step *step)
{
    const struct fee *f = step->fee;
    const struct leaf *leaf = leaf_of(&x->p, f);
    bool figures = f->kind == FEE_REVENUE || f->kind == FEE_SUBSCRIBER;
    step->rate = leaf ? leaf->rate : f->rate;
    if (leaf && leaf->raised_by)
        step->raised_by = x->p.scopes[leaf->raised_by - 1].t->title;
    step->weighed = f->kind == FEE_PLAY || (figures && f->by_share);
    step->figured = figures;
    if (figures)
        TRY(fee_figures(&x->p, x->s, &x->w, f, f->kind == FEE_REVENUE, &step->figures));
    if (step->weighed) {
        struct weights found;
        bool by_user = figures && x->s->t->by_user && x->p.in->cube->user_count > 0;
        TRY(weigh(&x->p, x->s, &x->w, f->models, &f->where, by_user, &found));
        step->own_e8 = fee_weight(x->s, &found, x->who);
        step->whole_e8 = found.whole;
    }
    return OK;
}

static enum code explain_fee(struct explaining *x, const struct fee *f, unsigned depth,
                             bool counts);

/* Of a greatest or a least the first part that reaches it counts, as it does for the sum. */
static enum code explain_parts(struct explaining *x, const struct fee *f, unsigned depth,
                               bool counts)
{
    struct exact best;
    size_t chosen = 0;
    for (size_t i = 0; i < f->part_count && f->kind != FEE_SUM; i++) {
        struct exact part;
        TRY(fee_of(&x->p, x->s, &x->w, &f->parts[i], x->who, &part));
        int order = i ? exact_compare(&part, &best) : 1;
        if (i == 0 || (f->kind == FEE_GREATEST ? order > 0 : order < 0)) {
            best = part;
            chosen = i;
        }
    }
    for (size_t i = 0; i < f->part_count; i++)
        TRY(explain_fee(x, &f->parts[i], depth + 1, counts && (f->kind == FEE_SUM || i == chosen)));
    return OK;
}

static enum code explain_fee(struct explaining *x, const struct fee *f, unsigned depth, bool counts)
{
    if (x->count == STEPS_MOST)
        return fail(x->p.e, ERR_LIMIT, "a fee of more than %d parts", STEPS_MOST);
    struct fee_step *step = &x->steps[x->count++];
    *step = (struct fee_step) { .fee = f, .depth = depth, .counts = counts };
    TRY(fee_whole(&x->p, x->s, &x->w, f, x->who, &step->minor));
    if (f->kind >= FEE_GREATEST)
        return explain_parts(x, f, depth, counts);
    return explain_leaf(x, step);
}

enum code price_explain(const struct price_input *in, const struct price_line *line,
                        struct arena *a, struct fee_step **steps, size_t *count, struct error *e)
{
    struct explaining x = { .p = { .in = in, .a = a, .e = e },
                            .w = { .from = line->from, .until = line->until },
                            .who = line->fee->to_all ? WHO_ALL : (int)line->licensor };
    TRY(scopes_make(&x.p));
    TRY(leaves_make(&x.p));
    TRY(leaves_raise(&x.p, line->from, line->until));
    x.s = &x.p.scopes[line->bargain];
    x.steps = ARENA_ARRAY(a, struct fee_step, STEPS_MOST);
    TRY(explain_fee(&x, line->fee, 0, true));
    *steps = x.steps;
    *count = x.count;
    return OK;
}

/* ---- plays --------------------------------------------------------------------------------------- */

struct play_counting {
    const struct scope *s;
    const struct price_line *line;
    unsigned models;
    struct territory_set where;
};

enum code play_counting_make(const struct price_input *in, const struct price_line *line,
                             struct arena *a, struct play_counting **out, struct error *e)
{
    struct pricing p = { .in = in, .a = a, .e = e };
    struct play_counting *c = ARENA_NEW(a, struct play_counting);
    bool leaf = line->fee && line->fee->kind < FEE_GREATEST;
    TRY(scopes_make(&p));
    *c = (struct play_counting) { &p.scopes[line->bargain], line,
                                  leaf ? line->fee->models : MODELS_ALL,
                                  leaf ? line->fee->where : territory_set_world() };
    *out = c;
    return OK;
}

enum code play_counting_share(const struct play_counting *c, const struct roll *r,
                              const struct batch_play *p, int64_t *share_e8, struct error *e)
{
    struct held_share parts[HELD_PARTS_MOST];
    size_t count, app = 0;
    int64_t rest, zone_us = (int64_t)r->setup.zone_minutes * 60 * 1000000;
    struct cube_row row = { .day = day_of((struct instant) { p->at.us + zone_us }).number,
                            .territory = p->territory.index,
                            .model = (uint8_t)p->model,
                            .kind = (uint8_t)p->kind,
                            .seconds = cube_seconds_class(p->played_ms / 1000),
                            .sets = roll_sets_of(r, p->recording) };
    *share_e8 = 0;
    while (app < r->app_count && !app_id_equal(r->apps[app], p->app))
        app++;
    if (app == r->app_count || row.day < c->line->from.number || row.day >= c->line->until.number)
        return OK;
    row.app = r->in_cube[app];
    if (!weigh_counts(c->s, &row, c->models, &c->where))
        return OK;
    TRY(roll_holders(r, p->recording, p->territory, p->at, parts, &count, &rest, e));
    for (size_t k = 0; k < count; k++)
        if (c->s->licensor_of[parts[k].party] == c->line->licensor + 1)
            *share_e8 += parts[k].share_e8;
    return OK;
}
