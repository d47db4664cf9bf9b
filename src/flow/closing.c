/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a close, which are the same when it is computed again. */
#include "flow/closing.h"

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

enum code closing_add(struct closing *x, const struct close_deal *d, const char *name,
                      struct error *e)
{
    struct deal_offer v;
    struct terms *t = ARENA_NEW(x->a, struct terms);
    if (x->count == BARGAINS_MOST)
        return fail(e, ERR_LIMIT, "more than %d deals in one period", BARGAINS_MOST);
    TRY(deal_offer_get(x->act.tx, x->act.catalogue, d->id, d->offer, x->a, &v, e));
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
    x->names[x->count] = name;
    x->deals[x->count] = (struct close_deal) { d->id, d->offer, v.hash, d->until };
    x->bargains[x->count++] = (struct bargain) { t, ids };
    return OK;
}

/* ---- plays --------------------------------------------------------------------------------------- */

static void drop_usage(struct closing *x)
{
    if (!x->loaded)
        return;
    cube_done(&x->cube);
    cube_done(&x->unfiltered);
    roll_free(x->usage.roll);
    x->usage.roll = NULL;
    x->loaded = false;
}

static struct usage_options options_of(const struct closing *x, size_t own)
{
    const struct terms *t = x->bargains[own].terms;
    struct usage_options o = { .from = x->r->from,
                               .until = x->r->until,
                               .right = t->counted_right,
                               .rule = x->r->rule,
                               .filter = x->r->filter,
                               .details = true,
                               .users = t->by_user,
                               .zone_minutes = t->zone_minutes,
                               .limited = x->limited,
                               .limited_count = x->limited_count,
                               .threads = x->r->threads,
                               .known = x->known };
    for (size_t i = 0; i < x->count; i++)
        if (x->bargains[i].terms->from.number < o.from.number)
            o.from = x->bargains[i].terms->from;
    return o;
}

static bool is_enough(const struct closing *x, const struct usage_options *o)
{
    return x->loaded && x->options.right == o->right && x->options.users == o->users &&
           x->options.zone_minutes == o->zone_minutes;
}

enum code closing_load(struct closing *x, size_t own, struct error *e)
{
    struct usage_options o = options_of(x, own);
    if (is_enough(x, &o))
        return OK;
    drop_usage(x);
    x->options = o;
    x->loaded = true;
    x->usage = (struct usage_loaded) { .cube = &x->cube };
    cube_init(&x->cube, x->a);
    cube_init(&x->unfiltered, x->a);
    if (o.filter) { /* what the filter costs whom */
        struct usage_options all = o;
        struct usage_loaded plain = { .cube = &x->unfiltered };
        all.filter = NULL;
        all.details = false;
        TRY(flow_usage_load(x->act.tx, x->act.catalogue, &all, x->a, &plain, e));
    }
    return flow_usage_load(x->act.tx, x->act.catalogue, &o, x->a, &x->usage, e);
}

void closing_done(struct closing *x)
{
    drop_usage(x);
    statement_room_free(x->room);
}

/* ---- sums ---------------------------------------------------------------------------------------- */

enum code closing_price(struct closing *x, size_t own, struct error *e)
{
    x->in = (struct price_input) { .cube = &x->cube,
                                   .bargains = x->bargains,
                                   .bargain_count = x->count,
                                   .only = (uint32_t)own + 1,
                                   .figures = x->r->figures,
                                   .figure_count = x->r->figure_count,
                                   .exchanges = x->r->exchanges,
                                   .exchange_count = x->r->exchange_count,
                                   .from = x->r->from,
                                   .until = x->r->until };
    TRY(price_run(&x->in, x->a, &x->price, e));
    if (!x->r->filter)
        return OK;
    struct price_input plain = x->in;
    plain.cube = &x->unfiltered;
    return price_run(&plain, x->a, &x->price_unfiltered, e);
}

/* ---- lines --------------------------------------------------------------------------------------- */

/* What was stated for the period below a number, all together. */
static enum code stated_before(struct closing *x, const struct statement *s,
                               struct statement_list *out, struct error *e)
{
    struct statement *list;
    size_t n;
    TRY(ledger_statement_of(x->act.tx, x->act.catalogue, s->deal, s->licensor, s->from, s->until,
                            x->a, &list, &n, e));
    for (size_t i = 0; i < n; i++) {
        struct statement_line *lines;
        size_t count;
        if (list[i].number >= s->number)
            continue;
        TRY(ledger_statement_lines(x->act.tx, x->act.catalogue, &list[i], x->a, &lines, &count, e));
        for (size_t k = 0; k < count; k++)
            TRY(statement_list_add(out, &lines[k], e));
    }
    return OK;
}

enum code closing_lines(struct closing *x, size_t own, uint32_t licensor,
                        const struct line_sink *sink, struct error *e)
{
    if (!x->room)
        TRY(statement_room_new(&x->room, e));
    return statement_lines(&x->in, &x->price, (uint32_t)own, licensor, x->usage.roll,
                           x->r->threads ? x->r->threads : flow_cores(), x->room, sink, e);
}

static enum code write_difference(struct closing *x, size_t own, uint32_t licensor,
                                  struct statement *s, struct statement_writer *w, struct error *e)
{
    struct statement_list now = { .a = x->a }, before = { .a = x->a };
    const struct line_sink sink = { &now, statement_list_add };
    struct statement_line *lines;
    size_t count;
    TRY(closing_lines(x, own, licensor, &sink, e));
    TRY(stated_before(x, s, &before, e));
    TRY(statement_difference(now.items, now.count, before.items, before.count, x->a, &lines, &count,
                             e));
    for (size_t i = 0; i < count; i++)
        TRY(statement_writer_line(w, &lines[i], e));
    return OK;
}

enum code closing_write(struct closing *x, size_t own, uint32_t licensor, struct statement *s,
                        bool keep, bool *nothing, struct error *e)
{
    bool none = licensor == LICENSOR_NONE;
    const char *slug = none ? "-" : x->bargains[own].terms->licensors.items[licensor].text;
    owned(statement_writer) w = NULL;
    TRY(statement_writer_new(&x->act, s, keep, &w, e));
    const struct line_sink sink = { w, statement_writer_line };
    if (s->number > 1)
        TRY(write_difference(x, own, licensor, s, w, e));
    else
        TRY(closing_lines(x, own, licensor, &sink, e));
    *nothing = statement_writer_count(w) == 0 && (none || s->number > 1);
    return *nothing ? OK : statement_writer_end(w, slug, x->a, e);
}
