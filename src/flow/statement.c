/* SPDX-License-Identifier: Apache-2.0 */
/* Close: the plays of a period become what is owed under a deal, or what more or less of it. */
#include <unistd.h>

#include "flow/world.h"

enum { DEALS_PAGE = 1000, BARGAINS_MOST = 256 };

struct closing {
    const struct close_request *r;
    struct registry_act act;
    struct arena *a;
    struct deal deal;
    struct bargain bargains[BARGAINS_MOST];
    size_t bargain_count, own; /* the deal's own bargain */
    const struct terms *limited[BARGAINS_MOST];
    size_t limited_count;
    struct usage_loaded usage;
    struct price_input in;
    struct price price;
    struct closed_statement *out;
    size_t out_count;
};

/* The first day that lies behind a moment. */
static struct day day_reached(struct instant t, int zone_minutes)
{
    if (t.us == INT64_MAX)
        return DAY_NEVER;
    struct instant there = { t.us + (int64_t)zone_minutes * 60 * 1000000 };
    struct day d = day_of(there);
    d.number += day_begin(d).us < there.us;
    return d;
}

static enum code add_bargain(struct closing *x, const struct deal *d, struct error *e)
{
    struct deal_offer v;
    struct terms *t = ARENA_NEW(x->a, struct terms);
    if (x->bargain_count == BARGAINS_MOST)
        return fail(e, ERR_LIMIT, "more than %d deals in one period", BARGAINS_MOST);
    TRY(deal_offer_get(x->act.tx, x->act.catalogue, d->id, d->agreed, x->a, &v, e));
    TRY(terms_parse(str_of(v.terms), x->a, t, NULL, e));
    struct party_id *ids = ARENA_ARRAY(x->a, struct party_id, t->licensors.count);
    for (size_t i = 0; i < t->licensors.count; i++) {
        struct party p;
        TRY(registry_party_find(x->act.tx, x->act.catalogue, str_of(t->licensors.items[i].text),
                                x->a, &p, e));
        ids[i] = p.id;
    }
    terms_run_to(t, day_reached(d->until, t->zone_minutes), x->r->until);
    if (t->repertoire != REPERTOIRE_ALL)
        x->limited[x->limited_count++] = t;
    if (deal_id_equal(d->id, x->deal.id))
        x->own = x->bargain_count;
    x->bargains[x->bargain_count++] = (struct bargain) { t, ids };
    return OK;
}

/* All that was agreed and meets the period: others decide who is licensed, and who is favoured. */
static enum code load_deals(struct closing *x, struct error *e)
{
    struct deal_id after = { { 0 } };
    size_t count;
    do {
        struct deal *page;
        TRY(deal_list(x->act.tx, x->act.catalogue, after, DEALS_PAGE, x->act.now, x->a, &page,
                      &count, e));
        for (size_t i = 0; i < count; i++)
            if (page[i].agreed &&
                day_begin(x->r->until).us > page[i].from.us - INT64_C(86400000000))
                TRY(add_bargain(x, &page[i], e));
        if (count)
            after = page[count - 1].id;
    } while (count == DEALS_PAGE);
    return OK;
}

static enum code load_usage(struct closing *x, struct error *e)
{
    const struct terms *t = x->bargains[x->own].terms;
    struct usage_options o = { .from = t->from,
                               .until = x->r->until,
                               .right = t->counted_right,
                               .rule = x->r->rule,
                               .filter = x->r->filter,
                               .details = true,
                               .users = t->by_user,
                               .zone_minutes = t->zone_minutes,
                               .limited = x->limited,
                               .limited_count = x->limited_count };
    for (size_t i = 0; i < x->bargain_count; i++)
        if (x->bargains[i].terms->from.number < o.from.number)
            o.from = x->bargains[i].terms->from;
    if (x->r->from.number < o.from.number)
        o.from = x->r->from;
    x->usage.cube = ARENA_NEW(x->a, struct cube);
    cube_init(x->usage.cube, x->a);
    return flow_usage_load(x->act.tx, x->act.catalogue, &o, x->a, &x->usage, e);
}

/* What was stated for the period before, all numbers together. */
static enum code stated_before(struct closing *x, struct party_id licensor, int64_t *number,
                               struct statement_line **out, size_t *count, struct error *e)
{
    struct statement *list;
    size_t n, total = 0;
    TRY(ledger_statement_of(x->act.tx, x->act.catalogue, x->deal.id, licensor, x->r->from,
                            x->r->until, x->a, &list, &n, e));
    *number = (int64_t)n + 1;
    struct statement_line *all = NULL;
    for (size_t i = 0; i < n; i++) {
        struct statement_line *lines;
        size_t some;
        TRY(statement_read(str_of(list[i].body), x->a, &lines, &some, e));
        struct statement_line *more = arena_try(x->a, total + some + 1, sizeof *more);
        if (!more)
            return fail(e, ERR_MEMORY, "no memory for what was stated before");
        if (total)
            memcpy(more, all, total * sizeof *more);
        if (some)
            memcpy(more + total, lines, some * sizeof *more);
        all = more;
        total += some;
    }
    *out = all;
    *count = total;
    return OK;
}

static unsigned threads(const struct close_request *r)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return r->threads ? r->threads : cores < 1 ? 1 : (unsigned)cores;
}

/* licensor LICENSOR_NONE: what is nobody's, in the platform's own statement */
static enum code close_one(struct closing *x, uint32_t licensor, struct error *e)
{
    const struct bargain *b = &x->bargains[x->own];
    bool none = licensor == LICENSOR_NONE;
    const char *slug = none ? "-" : b->terms->licensors.items[licensor].text;
    struct statement s = { .deal = x->deal.id,
                           .licensor = none ? (struct party_id) { { 0 } } : b->ids[licensor],
                           .from = x->r->from,
                           .until = x->r->until,
                           .currency = b->terms->currency };
    struct statement_line *now, *before = NULL;
    size_t now_count, before_count = 0;
    TRY(statement_lines(&x->in, &x->price, (uint32_t)x->own, licensor, x->usage.details,
                        x->usage.detail_count, threads(x->r), x->a, &now, &now_count, e));
    TRY(stated_before(x, s.licensor, &s.number, &before, &before_count, e));
    if (s.number > 1)
        TRY(statement_difference(now, now_count, before, before_count, x->a, &now, &now_count, e));
    if (now_count == 0 && (none || s.number > 1))
        return OK; /* nothing new */
    TRY(ledger_statement_put(&x->act, slug, now, now_count, &s, e));
    x->out[x->out_count++] = (struct closed_statement) { s, slug };
    return OK;
}

static enum code close_all(struct closing *x, struct error *e)
{
    TRY(deal_find(x->act.tx, x->act.catalogue, x->r->deal, x->act.now, x->a, &x->deal, e));
    if (!x->deal.agreed)
        return fail(e, ERR_CONFLICT, "the deal \"%s\" is %s: nothing is owed under it",
                    x->deal.name, deal_state_word(x->deal.state));
    TRY(load_deals(x, e));
    TRY(load_usage(x, e));
    const struct terms *t = x->bargains[x->own].terms;
    if (!t->currency.code[0])
        return fail(e, ERR_CONFLICT, "the terms of \"%s\" are without money", x->deal.name);
    x->in = (struct price_input) { .cube = x->usage.cube,
                                   .bargains = x->bargains,
                                   .bargain_count = x->bargain_count,
                                   .only = (uint32_t)x->own + 1,
                                   .figures = x->r->figures,
                                   .figure_count = x->r->figure_count,
                                   .exchanges = x->r->exchanges,
                                   .exchange_count = x->r->exchange_count,
                                   .from = x->r->from,
                                   .until = x->r->until };
    TRY(price_run(&x->in, x->a, &x->price, e));
    x->out = ARENA_ARRAY(x->a, struct closed_statement, t->licensors.count + 1);
    for (uint32_t i = 0; i < t->licensors.count; i++)
        TRY(close_one(x, i, e));
    return close_one(x, LICENSOR_NONE, e);
}

enum code flow_statement_close(struct change *c, const struct close_request *r, struct arena *a,
                               struct closed *out, struct error *e)
{
    struct closing *x = ARENA_NEW(a, struct closing);
    *x = (struct closing) { .r = r, .act = c->act, .a = a };
    TRY(store_lock(c->act.tx, "statements", e));
    enum code code = close_all(x, e);
    if (x->usage.cube)
        cube_done(x->usage.cube);
    if (code != OK)
        return code;
    *out = (struct closed) { .statements = x->out,
                             .count = x->out_count,
                             .notes = x->price.notes,
                             .note_count = x->price.note_count };
    memcpy(out->filtered, x->usage.filtered, sizeof out->filtered);
    return OK;
}
