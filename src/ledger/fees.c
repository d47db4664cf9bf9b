/* SPDX-License-Identifier: Apache-2.0 */
/* What one fee comes to in one window, as an exact number. */
#include "ledger/pricing.h"

/* An error in front of which its clause is named. */
enum code at_clause(const struct pricing *p, const struct scope *s, struct terms_place at)
{
    return fail_in(p->e, "%s: line %u, column %u", s->t->title, at.line, at.column);
}

enum code whole_of(struct pricing *p, struct rational r, struct terms_place at, int64_t *out)
{
    struct rational size = { r.n < 0 ? -r.n : r.n, r.d };
    if (rational_floor(size, out, p->e) != OK)
        return fail_in(p->e, "line %u", at.line);
    if (r.n < 0)
        *out = -*out;
    return OK;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* What has accrued of `rate` after `days` of a span of `of` days. */
static enum code accrued_to(struct pricing *p, struct rational rate, int32_t days, int32_t of,
                            int64_t *out)
{
    struct rational part;
    TRY(rational_make(days, of, &part, p->e));
    TRY(rational_multiply(part, rate, &part, p->e));
    return rational_floor(part, out, p->e);
}

enum code accrued(struct pricing *p, const struct scope *s, struct day from, struct day until,
                  struct rational rate, enum terms_span span, int64_t *out)
{
    struct day begin, end;
    int32_t last = earlier(until.number, s->t->until.number);
    *out = 0;
    if (span == SPAN_ONCE) {
        bool first = from.number <= s->t->from.number && s->t->from.number < last;
        return first ? rational_floor(rate, out, p->e) : OK;
    }
    for (int64_t n = 0; terms_window(s->t, span, n, &begin, &end) && begin.number < last; n++) {
        int32_t a = later(from.number, begin.number), b = earlier(last, end.number);
        int64_t before, after;
        if (a >= b)
            continue;
        TRY(accrued_to(p, rate, a - begin.number, end.number - begin.number, &before));
        TRY(accrued_to(p, rate, b - begin.number, end.number - begin.number, &after));
        if (__builtin_add_overflow(*out, after - before, out))
            return fail(p->e, ERR_LIMIT, "an amount leaves 64 bits");
    }
    return OK;
}

static bool is_inside(const struct territory_set *a, const struct territory_set *b)
{
    for (int i = 0; i < 4; i++)
        if (a->bits[i] & ~b->bits[i])
            return false;
    return true;
}

/* Does this figure speak of the fee's plays? */
static enum code figure_applies(struct pricing *p, const struct scope *s, const struct fee *f,
                                const struct figure *g, bool *out)
{
    *out = f->models >> g->model & 1;
    if (!*out)
        return OK;
    if (territory_is_known(g->territory)) {
        *out = territory_set_has(&f->where, g->territory) &&
               territory_set_has(&s->t->where, g->territory);
        return OK;
    }
    if (!is_inside(&s->t->where, &f->where))
        return fail(p->e, ERR_INVALID,
                    "the fee is for some territories and the figures are not told by territory");
    return OK;
}

/* Revenue (in the terms' minor units) or subscribers of the window. A figure whose days lie partly
 * in the window is shared by days. */
enum code fee_figures(struct pricing *p, const struct scope *s, const struct window *w,
                      const struct fee *f, bool revenue, struct rational *out)
{
    bool any = false;
    *out = rational_of(0);
    for (size_t i = 0; i < p->in->figure_count; i++) {
        const struct figure *g = &p->in->figures[i];
        bool applies;
        int32_t a = later(w->from.number, g->from.number),
                b = earlier(w->until.number, g->until.number);
        if (a >= b)
            continue;
        TRY(figure_applies(p, s, f, g, &applies));
        if (!applies)
            continue;
        struct rational part, value = rational_of(revenue ? g->revenue.minor : g->subscribers);
        any = true;
        if (value.n == 0)
            continue;
        TRY(rational_make(b - a, g->until.number - g->from.number, &part, p->e));
        TRY(rational_multiply(value, part, &value, p->e));
        if (revenue) {
            struct rational rate;
            TRY(exchange_rate(p->in->exchanges, p->in->exchange_count, &g->revenue.currency,
                              &s->t->currency, (struct day) { w->until.number - 1 }, &rate, p->e));
            TRY(rational_multiply(value, rate, &value, p->e));
        }
        TRY(rational_add(*out, value, out, p->e));
    }
    if (!any && p->in->figure_count == 0)
        return fail(p->e, ERR_INVALID, "the fee needs figures of %s, and there are none",
                    revenue ? "revenue" : "subscribers");
    return OK;
}

int128 fee_weight(const struct scope *s, const struct weights *w, int who)
{
    int128 sum = 0;
    if (who == WHO_UNKNOWN)
        return w->unknown;
    if (who >= 0)
        return w->own[who];
    for (size_t i = 0; i < s->licensors; i++)
        sum += w->own[i];
    return sum;
}

static enum code plays_fee(struct pricing *p, struct scope *s, const struct window *w,
                           const struct fee *f, int who, struct rational rate, struct exact *out)
{
    struct weights found;
    struct rational plays;
    TRY(weigh(p, s, w, f->models, &f->where, false, &found));
    /* nobody's plays cost nothing by themselves: the pot is of shares only */
    TRY(rational_make(who == WHO_UNKNOWN ? 0 : fee_weight(s, &found, who), SHARE_WHOLE_E8, &plays,
                      p->e));
    exact_set(out, plays);
    return exact_times(out, rate, p->e);
}

static enum code figures_fee(struct pricing *p, struct scope *s, const struct window *w,
                             const struct fee *f, int who, struct rational rate, struct exact *out)
{
    struct weights found;
    struct rational share = rational_of(who == WHO_UNKNOWN ? 0 : 1), figures;
    TRY(fee_figures(p, s, w, f, f->kind == FEE_REVENUE, &figures));
    if (f->by_share) {
        bool by_user = s->t->by_user && p->in->cube->user_count > 0;
        TRY(weigh(p, s, w, f->models, &f->where, by_user, &found));
        share = rational_of(0);
        if (found.whole)
            TRY(rational_make(fee_weight(s, &found, who), found.whole, &share, p->e));
    }
    exact_set(out, figures);
    TRY(exact_times(out, share, p->e));
    return exact_times(out, rate, p->e);
}

static enum code block_fee(struct pricing *p, struct scope *s, const struct window *w,
                           const struct fee *f, int who, struct exact *out)
{
    TRY(fee_of(p, s, w, &f->parts[0], who, out));
    for (size_t i = 1; i < f->part_count; i++) {
        struct exact part;
        TRY(fee_of(p, s, w, &f->parts[i], who, &part));
        int order = exact_compare(&part, out);
        if (f->kind == FEE_SUM)
            TRY(exact_add(out, &part, p->e));
        else if (f->kind == FEE_GREATEST ? order > 0 : order < 0)
            *out = part;
    }
    return OK;
}

static enum code leaf_fee(struct pricing *p, struct scope *s, const struct window *w,
                          const struct fee *f, int who, struct exact *out)
{
    struct rational rate = leaf_rate(p, f);
    int64_t minor = 0;
    switch (f->kind) {
    case FEE_FLAT:
        if (who != WHO_UNKNOWN)
            TRY(accrued(p, s, w->from, w->until, rate, f->span, &minor));
        exact_set(out, rational_of(minor));
        return OK;
    case FEE_PLAY:
        return plays_fee(p, s, w, f, who, rate, out);
    case FEE_REVENUE:
    case FEE_SUBSCRIBER:
        return figures_fee(p, s, w, f, who, rate, out);
    case FEE_GREATEST:
    case FEE_LEAST:
    case FEE_SUM:
        break;
    }
    return block_fee(p, s, w, f, who, out);
}

enum code fee_of(struct pricing *p, struct scope *s, const struct window *w, const struct fee *f,
                 int who, struct exact *out)
{
    if (f->kind >= FEE_GREATEST)
        return block_fee(p, s, w, f, who, out);
    return leaf_fee(p, s, w, f, who, out) == OK ? OK : at_clause(p, s, f->at);
}

enum code fee_whole(struct pricing *p, struct scope *s, const struct window *w, const struct fee *f,
                    int who, int64_t *out)
{
    struct exact sum;
    TRY(fee_of(p, s, w, f, who, &sum));
    return exact_whole(&sum, out, p->e) == OK ? OK : at_clause(p, s, f->at);
}
