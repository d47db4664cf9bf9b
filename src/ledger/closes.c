/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of a close, as JSON in the store. */
#include "ledger/closes.h"

/* ---- to JSON -------------------------------------------------------------------------------------- */

static void put_figures(const struct close_inputs *c, struct json_out *o)
{
    char text[INSTANT_TEXT];
    json_key(o, "figures");
    json_begin(o, '[');
    for (size_t i = 0; i < c->figure_count; i++) {
        const struct figure *f = &c->figures[i];
        json_begin(o, '{');
        json_text(o, "from", day_format(f->from, text));
        json_text(o, "until", day_format(f->until, text));
        json_text(o, "model", model_word(f->model));
        json_text(o, "territory",
                  territory_is_known(f->territory) ? territory_code(f->territory) : NULL);
        json_text(o, "currency", f->revenue.currency.code[0] ? f->revenue.currency.code : NULL);
        json_int(o, "revenue", f->revenue.minor);
        json_int(o, "subscribers", f->subscribers);
        json_int(o, "users", f->users);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_int128(struct json_out *o, const char *name, int128 n)
{
    BUF(text);
    int128_format(n, &text);
    json_str(o, name, buf_as_str(&text));
}

static void put_rates(const struct close_inputs *c, struct json_out *o)
{
    char text[INSTANT_TEXT];
    json_key(o, "rates");
    json_begin(o, '[');
    for (size_t i = 0; i < c->exchange_count; i++) {
        const struct exchange *x = &c->exchanges[i];
        json_begin(o, '{');
        json_text(o, "day", day_format(x->day, text));
        json_text(o, "from", x->from.code);
        json_text(o, "to", x->to.code);
        put_int128(o, "over", x->rate.n);
        put_int128(o, "under", x->rate.d);
        json_text(o, "source", x->source);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_filter(const struct close_inputs *c, struct json_out *o)
{
    json_key(o, "filter");
    if (!c->filtered) {
        json_put_null(o);
        return;
    }
    json_begin(o, '{');
    json_int(o, "loops_most", c->filter.loops_most);
    json_int(o, "hours_most", c->filter.hours_most);
    json_int(o, "plays_most", c->filter.plays_most);
    json_int(o, "users_least", c->filter.users_least);
    json_int(o, "users_of_plays", c->filter.users_of_plays);
    json_end(o, '}');
}

static void put_deals(const struct close_inputs *c, struct json_out *o)
{
    char id[ID_TEXT];
    json_key(o, "deals");
    json_begin(o, '[');
    for (size_t i = 0; i < c->deal_count; i++) {
        json_begin(o, '{');
        json_text(o, "deal", deal_id_format(c->deals[i].id, id));
        json_int(o, "offer", c->deals[i].offer);
        json_text(o, "terms", c->deals[i].hash);
        json_int(o, "until_us", c->deals[i].until.us);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_read(const struct close_inputs *c, struct json_out *o)
{
    char sum[65];
    hex_encode((const uint8_t *)c->read.sum, sizeof c->read.sum, sum);
    json_key(o, "batches");
    json_begin(o, '{');
    json_int(o, "count", c->read.batches);
    json_int(o, "plays", c->read.plays);
    json_text(o, "sum", sum);
    json_end(o, '}');
}

static void put_inputs(const struct close_inputs *c, struct json_out *o)
{
    json_text(o, "over_claimed", over_rule_word(c->rule));
    put_filter(c, o);
    put_figures(c, o);
    put_rates(c, o);
    put_deals(c, o);
    put_read(c, o);
}

void ledger_close_json(const struct close_inputs *c, bool whole, struct json_out *o)
{
    char id[ID_TEXT], text[INSTANT_TEXT];
    json_begin(o, '{');
    json_text(o, "id", close_id_format(c->id, id));
    json_text(o, "deal", deal_id_format(c->deal, id));
    json_text(o, "from", day_format(c->from, text));
    json_text(o, "through", day_format((struct day) { c->until.number - 1 }, text));
    json_instant(o, "known_at", c->closed);
    if (whole) {
        put_inputs(c, o);
    } else {
        json_text(o, "over_claimed", over_rule_word(c->rule));
        put_filter(c, o);
        put_rates(c, o);
        put_read(c, o);
    }
    json_end(o, '}');
}

/* ---- from JSON ------------------------------------------------------------------------------------ */

static enum code member_day(const json_t *o, const char *name, struct day *out, struct error *e)
{
    const char *text;
    TRY(json_member_text(o, name, &text, e));
    return day_parse(str_of(text ? text : ""), out, e);
}

static enum code member_currency(const json_t *o, const char *name, struct currency *out,
                                 struct error *e)
{
    const char *text;
    TRY(json_member_text(o, name, &text, e));
    return text ? currency_find(str_of(text), out, e) : OK;
}

static enum code member_int128(const json_t *o, const char *name, int128 *out, struct error *e)
{
    const char *text;
    bool minus;
    TRY(json_member_text(o, name, &text, e));
    text = text ? text : "";
    minus = *text == '-';
    *out = 0;
    for (text += minus; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(*out, 10, out) ||
            __builtin_add_overflow(*out, minus ? '0' - *text : *text - '0', out))
            return fail(e, ERR_CORRUPT, "\"%s\" is not a number", name);
    }
    return OK;
}

static enum code get_figure(const json_t *o, struct figure *f, struct error *e)
{
    const char *model, *territory;
    *f = (struct figure) { .territory = TERRITORY_UNKNOWN };
    TRY(member_day(o, "from", &f->from, e));
    TRY(member_day(o, "until", &f->until, e));
    TRY(json_member_text(o, "model", &model, e));
    TRY(model_parse(str_of(model ? model : ""), &f->model, e));
    TRY(json_member_text(o, "territory", &territory, e));
    if (territory)
        TRY(territory_parse(str_of(territory), &f->territory, e));
    TRY(member_currency(o, "currency", &f->revenue.currency, e));
    TRY(json_member_int(o, "revenue", 0, &f->revenue.minor, e));
    TRY(json_member_int(o, "subscribers", 0, &f->subscribers, e));
    return json_member_int(o, "users", 0, &f->users, e);
}

static enum code get_rate(const json_t *o, struct arena *a, struct exchange *x, struct error *e)
{
    const char *source;
    *x = (struct exchange) { 0 };
    TRY(member_day(o, "day", &x->day, e));
    TRY(member_currency(o, "from", &x->from, e));
    TRY(member_currency(o, "to", &x->to, e));
    TRY(member_int128(o, "over", &x->rate.n, e));
    TRY(member_int128(o, "under", &x->rate.d, e));
    TRY(json_member_text(o, "source", &source, e));
    x->source = source ? str_copy(a, str_of(source)) : NULL;
    return x->rate.d > 0 ? OK : fail(e, ERR_CORRUPT, "a rate of exchange of nothing");
}

static enum code get_deal(const json_t *o, struct arena *a, struct close_deal *d, struct error *e)
{
    const char *id, *hash;
    TRY(json_member_text(o, "deal", &id, e));
    TRY(deal_id_parse(str_of(id ? id : ""), &d->id, e));
    TRY(json_member_int(o, "offer", 0, &d->offer, e));
    TRY(json_member_text(o, "terms", &hash, e));
    d->hash = str_copy(a, str_of(hash ? hash : ""));
    return json_member_int(o, "until_us", 0, &d->until.us, e);
}

static enum code get_filter(const json_t *o, struct close_inputs *c, struct error *e)
{
    c->filtered = json_is_object(o);
    if (!c->filtered)
        return OK;
    TRY(json_member_int(o, "loops_most", 0, &c->filter.loops_most, e));
    TRY(json_member_int(o, "hours_most", 0, &c->filter.hours_most, e));
    TRY(json_member_int(o, "plays_most", 0, &c->filter.plays_most, e));
    TRY(json_member_int(o, "users_least", 0, &c->filter.users_least, e));
    return json_member_int(o, "users_of_plays", 0, &c->filter.users_of_plays, e);
}

static enum code get_read(const json_t *o, struct close_inputs *c, struct error *e)
{
    const char *sum;
    TRY(json_member_int(o, "count", 0, &c->read.batches, e));
    TRY(json_member_int(o, "plays", 0, &c->read.plays, e));
    TRY(json_member_text(o, "sum", &sum, e));
    return sum && hex_decode(str_of(sum), (uint8_t *)c->read.sum, sizeof c->read.sum)
               ? OK
               : fail(e, ERR_CORRUPT, "\"sum\" is missing");
}

static enum code get_lists(const json_t *o, struct arena *a, struct close_inputs *c,
                           struct error *e)
{
    const json_t *figures = json_object_get(o, "figures"), *rates = json_object_get(o, "rates"),
                 *deals = json_object_get(o, "deals");
    struct figure *f = ARENA_ARRAY(a, struct figure, json_array_size(figures) + 1);
    struct exchange *x = ARENA_ARRAY(a, struct exchange, json_array_size(rates) + 1);
    struct close_deal *d = ARENA_ARRAY(a, struct close_deal, json_array_size(deals) + 1);
    for (size_t i = 0; i < json_array_size(figures); i++)
        TRY(get_figure(json_array_get(figures, i), &f[i], e));
    for (size_t i = 0; i < json_array_size(rates); i++)
        TRY(get_rate(json_array_get(rates, i), a, &x[i], e));
    for (size_t i = 0; i < json_array_size(deals); i++)
        TRY(get_deal(json_array_get(deals, i), a, &d[i], e));
    c->figures = f;
    c->figure_count = json_array_size(figures);
    c->exchanges = x;
    c->exchange_count = json_array_size(rates);
    c->deals = d;
    c->deal_count = json_array_size(deals);
    return OK;
}

static enum code get_inputs(struct str text, struct arena *a, struct close_inputs *c,
                            struct error *e)
{
    JSON(o);
    const char *rule;
    TRY(json_read(text, &o, e));
    TRY(json_member_text(o, "over_claimed", &rule, e));
    TRY(over_rule_parse(str_of(rule ? rule : ""), &c->rule, e));
    TRY(get_filter(json_object_get(o, "filter"), c, e));
    TRY(get_read(json_object_get(o, "batches"), c, e));
    return get_lists(o, a, c, e);
}

/* ---- the store ------------------------------------------------------------------------------------ */

/* Behind all that came in before it, whatever the clock says. */
static enum code moment_of(const struct registry_act *act, struct instant read, struct instant *out,
                           struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(act->tx, "SELECT MAX(closed_us) FROM ledger_closes WHERE catalogue = $1",
                  SQL(sql_id(act->catalogue)), &r, &found, e));
    *out = read.us > act->now.us ? read : act->now;
    if (store_int(r, 0) >= out->us)
        out->us = store_int(r, 0) + 1;
    return OK;
}

enum code ledger_close_put(const struct registry_act *act, struct close_inputs *c, struct error *e)
{
    BUF(inputs);
    struct json_out o = { &inputs, false };
    TRY(moment_of(act, c->read.last, &c->closed, e));
    c->id = close_id_make(act->now, act->chance);
    json_begin(&o, '{');
    put_inputs(c, &o);
    json_end(&o, '}');
    return store_run(act->tx,
                     "INSERT INTO ledger_closes (catalogue, id, deal, from_day, until_day, "
                     "closed_us, inputs) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                     SQL(sql_id(act->catalogue), sql_id(c->id), sql_id(c->deal),
                         sql_int(c->from.number), sql_int(c->until.number), sql_instant(c->closed),
                         sql_str(buf_as_str(&inputs))),
                     NULL, e);
}

enum code ledger_close_drop(const struct registry_act *act, struct close_id id, struct error *e)
{
    return store_run(act->tx, "DELETE FROM ledger_closes WHERE catalogue = $1 AND id = $2",
                     SQL(sql_id(act->catalogue), sql_id(id)), NULL, e);
}

enum code ledger_close_get(struct store_tx *tx, struct party_id catalogue, struct close_id id,
                           struct arena *a, struct close_inputs *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx,
                  "SELECT deal, from_day, until_day, closed_us, inputs FROM ledger_closes WHERE "
                  "catalogue = $1 AND id = $2",
                  SQL(sql_id(catalogue), sql_id(id)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no close %s", close_id_format(id, text));
    *out = (struct close_inputs) { .id = id,
                                   .from = { (int32_t)store_int(r, 1) },
                                   .until = { (int32_t)store_int(r, 2) },
                                   .closed = store_instant(r, 3) };
    store_id(r, 0, out->deal.bytes);
    if (get_inputs(store_text(r, 4), a, out, e) != OK)
        return fail_in(e, "close %s", close_id_format(id, text));
    return OK;
}
