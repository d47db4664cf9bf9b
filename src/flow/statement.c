/* SPDX-License-Identifier: Apache-2.0 */
/* Close: the plays of a period become what is owed under deals, or what more or less of it. */
#include "flow/closing.h"

enum { DEALS_PAGE = 1000 };

/* All that was agreed and meets the period: others decide who is licensed, and who is favoured. */
static enum code load_deals(struct closing *x, struct error *e)
{
    struct deal_id after = { { 0 } };
    size_t count;
    do {
        struct deal *page;
        TRY(deal_list(x->act.tx, x->act.catalogue, after, DEALS_PAGE, x->act.now, x->a, &page,
                      &count, e));
        for (size_t i = 0; i < count; i++) {
            const struct close_deal d = { page[i].id, page[i].agreed, NULL, page[i].until };
            if (page[i].agreed &&
                day_begin(x->r->until).us > page[i].from.us - INT64_C(86400000000))
                TRY(closing_add(x, &d, page[i].name, e));
        }
        if (count)
            after = page[count - 1].id;
    } while (count == DEALS_PAGE);
    return OK;
}

static void give_out(struct closing *x, const struct closed_statement *s)
{
    if (x->out_count == x->out_room) {
        size_t room = x->out_room ? 2 * x->out_room : 16;
        struct closed_statement *out = ARENA_ARRAY(x->a, struct closed_statement, room);
        if (x->out_count)
            memcpy(out, x->out, x->out_count * sizeof *out);
        x->out = out;
        x->out_room = room;
    }
    x->out[x->out_count++] = *s;
}

static enum code sums_of(struct closing *x, size_t own, uint32_t licensor,
                         struct closed_statement *s, struct error *e)
{
    if (licensor == LICENSOR_NONE)
        return OK;
    TRY(price_sum(&x->price, (uint32_t)own, licensor, true, &s->due_filtered, e));
    s->due_unfiltered = s->due_filtered;
    return x->r->filter ? price_sum(&x->price_unfiltered, (uint32_t)own, licensor, true,
                                    &s->due_unfiltered, e)
                        : OK;
}

/* licensor LICENSOR_NONE: what is nobody's, in the platform's own statement */
static enum code close_one(struct closing *x, size_t own, uint32_t licensor, struct close_id close,
                           struct error *e)
{
    const struct bargain *b = &x->bargains[own];
    bool none = licensor == LICENSOR_NONE, nothing;
    struct closed_statement c = {
        .deal = x->names[own],
        .licensor = none ? "-" : b->terms->licensors.items[licensor].text,
        .statement = { .deal = x->deals[own].id,
                       .licensor = none ? (struct party_id) { { 0 } } : b->ids[licensor],
                       .from = x->r->from,
                       .until = x->r->until,
                       .currency = b->terms->currency,
                       .close = close },
    };
    struct statement *list;
    size_t before;
    TRY(ledger_statement_of(x->act.tx, x->act.catalogue, c.statement.deal, c.statement.licensor,
                            x->r->from, x->r->until, x->a, &list, &before, e));
    c.statement.number = (int64_t)before + 1;
    TRY(sums_of(x, own, licensor, &c, e));
    TRY(closing_write(x, own, licensor, &c.statement, true, &nothing, e));
    if (!nothing)
        give_out(x, &c);
    return OK;
}

static void keep_notes(struct closing *x)
{
    const char **notes = ARENA_ARRAY(x->a, const char *, x->note_count + x->price.note_count + 1);
    for (size_t i = 0; i < x->note_count; i++)
        notes[i] = x->notes[i];
    for (size_t i = 0; i < x->price.note_count; i++)
        notes[x->note_count++] = x->price.notes[i];
    x->notes = notes;
}

static enum code close_deal(struct closing *x, size_t own, struct error *e)
{
    struct close_inputs inputs = { .deal = x->deals[own].id,
                                   .from = x->r->from,
                                   .until = x->r->until,
                                   .rule = x->r->rule,
                                   .filtered = x->r->filter != NULL,
                                   .figures = x->r->figures,
                                   .figure_count = x->r->figure_count,
                                   .exchanges = x->r->exchanges,
                                   .exchange_count = x->r->exchange_count,
                                   .deals = x->deals,
                                   .deal_count = x->count };
    size_t before = x->out_count;
    if (x->r->filter)
        inputs.filter = *x->r->filter;
    TRY(closing_load(x, own, e));
    inputs.read = x->usage.read;
    TRY(closing_price(x, own, e));
    keep_notes(x);
    store_behind(x->act.tx); /* lines are kept while the next ones are made */
    TRY(ledger_close_put(&x->act, &inputs, e));
    for (uint32_t i = 0; i < x->bargains[own].terms->licensors.count; i++)
        TRY(close_one(x, own, i, inputs.id, e));
    TRY(close_one(x, own, LICENSOR_NONE, inputs.id, e));
    /* one that stated nothing is not kept */
    return x->out_count > before ? OK : ledger_close_drop(&x->act, inputs.id, e);
}

static enum code close_named(struct closing *x, struct str name, struct error *e)
{
    struct deal d;
    size_t own = 0;
    TRY(deal_find(x->act.tx, x->act.catalogue, str_trim(name), x->act.now, x->a, &d, e));
    if (!d.agreed)
        return fail(e, ERR_CONFLICT, "the deal \"%s\" is %s: nothing is owed under it", d.name,
                    deal_state_word(d.state));
    while (own < x->count && !deal_id_equal(x->deals[own].id, d.id))
        own++;
    if (own == x->count)
        return fail(e, ERR_CONFLICT, "the deal \"%s\" begins after the period", d.name);
    if (!x->bargains[own].terms->currency.code[0])
        return fail(e, ERR_CONFLICT, "the terms of \"%s\" are without money", d.name);
    return close_deal(x, own, e);
}

/* Each that has money and days in the period. */
static enum code close_every(struct closing *x, struct error *e)
{
    size_t closed = 0;
    for (size_t own = 0; own < x->count; own++) {
        const struct terms *t = x->bargains[own].terms;
        if (!t->currency.code[0] || t->from.number >= x->r->until.number)
            continue;
        if (close_deal(x, own, e) != OK)
            return fail_in(e, "%s", x->names[own]);
        closed++;
    }
    return closed ? OK : fail(e, ERR_CONFLICT, "no deal with money is agreed for the period");
}

static enum code close_all(struct closing *x, struct error *e)
{
    struct str rest = x->r->deals, name;
    TRY(load_deals(x, e));
    if (str_is(rest, "all"))
        return close_every(x, e);
    while (str_split(&rest, ',', &name))
        TRY(close_named(x, name, e));
    return OK;
}

enum code flow_statement_close(struct change *c, const struct close_request *r, struct arena *a,
                               struct closed *out, struct error *e)
{
    struct closing *x = ARENA_NEW(a, struct closing);
    *x = (struct closing) { .r = r, .act = c->act, .a = a };
    c->books_only = true;
    TRY(store_lock(c->act.tx, "statements", e));
    enum code code = close_all(x, e);
    *out = (struct closed) {
        .statements = x->out, .count = x->out_count, .notes = x->notes, .note_count = x->note_count
    };
    memcpy(out->filtered, x->usage.filtered, sizeof out->filtered);
    closing_done(x);
    return code;
}
