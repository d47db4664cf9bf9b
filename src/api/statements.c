/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/statements, payments, balances, and batches of plays: what is owed, and why. */
#include "api/inside.h"
#include "flow/flow.h"
#include "ledger/ledger.h"

/* ---- batches ------------------------------------------------------------------------------------ */

static enum code read_kind(const char *word, enum cube_kind *out, struct error *e)
{
    static const char *const words[] = { "full", "preview", "denied" };
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!word || strcmp(word, words[i]) == 0) {
            *out = (enum cube_kind)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "\"kind\" is full, preview or denied");
}

static enum code read_play(struct call *c, const json_t *o, struct batch_play *p, struct error *e)
{
    static const char *const names[] = { "recording", "app",  "territory", "at", "played_ms",
                                         "model",     "kind", "user",      NULL };
    const char *territory = NULL, *model = NULL, *kind = NULL;
    int64_t ms = -1, user = 0;
    struct instant at = { INT64_MIN };
    *p = (struct batch_play) { .territory = TERRITORY_UNKNOWN };
    TRY(json_only(o, names, e));
    TRY(field_id(c, o, "recording", id_of_recording, p->recording.bytes, e));
    TRY(field_id(c, o, "app", id_of_app, p->app.bytes, e));
    TRY(field_text(o, "territory", c->a, &territory, e));
    TRY(field_text(o, "model", c->a, &model, e));
    TRY(field_text(o, "kind", c->a, &kind, e));
    TRY(field_instant(o, "at", INSTANT_FIRST, &at, e));
    TRY(field_int(o, "played_ms", 0, 86400000, &ms, e));
    TRY(field_int(o, "user", 0, INT64_MAX, &user, e));
    if (!territory || at.us == INT64_MIN || ms < 0)
        return fail(e, ERR_INVALID, "\"territory\", \"at\" and \"played_ms\" are needed");
    TRY(territory_parse(str_of(territory), &p->territory, e));
    if (model)
        TRY(model_parse(str_of(model), &p->model, e));
    TRY(read_kind(kind, &p->kind, e));
    if (c->key && !app_id_is_none(c->key->key.app) && !app_id_equal(p->app, c->key->key.app))
        return fail(e, ERR_DENIED, "the key is of another app");
    p->at = at;
    p->played_ms = (uint32_t)ms;
    p->user = (uint64_t)user;
    return OK;
}

enum code api_play_batch(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "producer", "sequence", "corrects", "plays", NULL };
    CALL(c, r, out);
    JSON(body);
    struct json_out o = { &out->body, false };
    struct play_batch b = { .sequence = -1, .corrects = -1 };
    enum batch_outcome outcome;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(call_read(&c, e));
    TRY(field_text(body, "producer", c.a, &b.producer, e));
    TRY(field_int(body, "sequence", 0, INT64_MAX, &b.sequence, e));
    TRY(field_int(body, "corrects", 0, INT64_MAX, &b.corrects, e));
    const json_t *plays = json_object_get(body, "plays");
    b.count = json_array_size(plays);
    if (!b.producer || b.sequence < 0 || !json_is_array(plays))
        return fail(e, ERR_INVALID, "\"producer\", \"sequence\" and \"plays\" are needed");
    if (b.count > BATCH_PLAYS_MOST)
        return fail(e, ERR_LIMIT, "\"plays\": a batch has at most %d", BATCH_PLAYS_MOST);
    struct batch_play *list = ARENA_ARRAY(c.a, struct batch_play, b.count + 1);
    for (size_t i = 0; i < b.count; i++)
        if (read_play(&c, json_array_get(plays, i), &list[i], e) != OK)
            return fail_in(e, "plays[%zu]", i);
    b.plays = list;
    TRY(flow_batch_put(c.world, &b, &outcome, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_text(&o, "producer", b.producer);
    json_int(&o, "sequence", b.sequence);
    json_int(&o, "plays", (int64_t)b.count);
    json_text(&o, "state", outcome == BATCH_KNOWN ? "known" : "kept");
    json_end(&o, '}');
    return OK;
}

/* ---- statements --------------------------------------------------------------------------------- */

enum code api_statement_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",      "deal",   "licensor", "from",
                                           "through", "number", "currency", "due",
                                           "payable", "closed", "hash",     NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct statement_id after = { { 0 } };
    struct party_id licensor = c.key->key.party; /* a holder's key sees its own */
    struct statement *found;
    size_t count;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    if (http_query(r, "licensor"))
        TRY(id_of_party(&c, str_of(http_query(r, "licensor")), licensor.bytes, e));
    TRY(call_may_party(&c, licensor, e));
    if (page.after.length > 0)
        TRY(statement_id_parse(page.after, &after, e));
    TRY(ledger_statement_list(c.tx, c.catalogue, licensor, after, page.limit + 1, c.a, &found,
                              &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        ledger_statement_json(&found[i], list_row(&l, statement_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

static enum code read_statement(struct call *c, struct flow_report *out, struct error *e)
{
    struct statement_id id;
    char text[ID_TEXT];
    TRY(statement_id_parse(str_of(http_parameter(c->r, "statement")), &id, e));
    TRY(flow_report_open(c->tx, c->catalogue, id, c->r->at, c->a, out, e));
    if (c->key && !party_id_is_none(c->key->key.party) &&
        !party_id_equal(c->key->key.party, out->statement.licensor))
        return fail(e, ERR_NOT_FOUND, "there is no statement %s", statement_id_format(id, text));
    return OK;
}

enum code api_statement_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct flow_report report;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(read_statement(&c, &report, e));
    call_json(&c, 200);
    ledger_statement_json(&report.statement, &o);
    return OK;
}

enum code api_statement_report(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    BUF(name);
    struct flow_report report;
    const struct report_format *f;
    const char *format = http_query(r, "format");
    TRY(report_format_find(str_of(format ? format : "csv"), &f, e));
    TRY(call_read(&c, e));
    TRY(read_statement(&c, &report, e));
    out->status = 200;
    http_header_set(out, "Content-Type", f->type);
    http_header_set(out, "Cache-Control", "no-store");
    if (f->named) {
        report_dsr_name(&report.in, &name);
        http_header_format(out, "Content-Disposition", "attachment; filename=\"%s\"",
                           (const char *)name.bytes);
    }
    return f->write(&report.in, &out->body, e);
}

static bool for_holder(const struct call *c)
{
    return c->key && !party_id_is_none(c->key->key.party);
}

enum code api_statement_line(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct flow_report report;
    struct line_explained x;
    struct json_out o = { &out->body, false };
    int64_t line;
    TRY(call_read(&c, e));
    TRY(read_statement(&c, &report, e));
    if (str_to_int64(str_of(http_parameter(r, "line")), 1, INT64_MAX, &line, e) != OK)
        return fail_in(e, "line");
    TRY(flow_line_explain(c.tx, c.catalogue, report.statement.id, (size_t)line, c.a, &x, e));
    call_json(&c, 200);
    line_explained_json(&x, !for_holder(&c), &o);
    return OK;
}

enum code api_statement_verify(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct flow_report report;
    struct recomputed x;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(read_statement(&c, &report, e));
    TRY(flow_statement_recompute(c.tx, c.catalogue, report.statement.id, c.a, &x, e));
    call_json(&c, 200);
    recomputed_json(&x, !for_holder(&c), &o);
    return OK;
}

static enum code read_tables(struct call *c, const json_t *body, struct close_request *q,
                             struct error *e)
{
    const char *figures = NULL, *rates = NULL;
    struct figure *f;
    struct exchange *x;
    TRY(field_text(body, "figures", c->a, &figures, e));
    TRY(field_text(body, "rates", c->a, &rates, e));
    if (figures && figures_read_csv(str_of(figures), c->a, &f, &q->figure_count, e) != OK)
        return fail_in(e, "figures");
    if (figures)
        q->figures = f;
    if (rates && exchanges_read_csv(str_of(rates), c->a, &x, &q->exchange_count, e) != OK)
        return fail_in(e, "rates");
    if (rates)
        q->exchanges = x;
    return OK;
}

static void put_closed(struct json_out *o, const struct closed *done)
{
    json_begin(o, '{');
    json_key(o, "items");
    json_begin(o, '[');
    for (size_t i = 0; i < done->count; i++)
        ledger_statement_json(&done->statements[i].statement, o);
    json_end(o, ']');
    json_key(o, "notes");
    json_begin(o, '[');
    for (size_t i = 0; i < done->note_count; i++)
        json_put_text(o, done->notes[i]);
    json_end(o, ']');
    json_end(o, '}');
}

enum code api_statement_close(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = {
        "deal", "period", "over_claimed", "figures", "rates", NULL
    };
    CALL(c, r, out);
    JSON(body);
    struct json_out o = { &out->body, false };
    const char *deal = NULL, *period = NULL, *rule = NULL;
    struct close_request q = { .rule = OVER_HOLD };
    struct closed done;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "deal", c.a, &deal, e));
    TRY(field_text(body, "period", c.a, &period, e));
    TRY(field_text(body, "over_claimed", c.a, &rule, e));
    if (!deal || !period)
        return fail(e, ERR_INVALID, "\"deal\" and \"period\" are needed");
    q.deals = str_of(deal);
    TRY(period_parse(str_of(period), &q.from, &q.until, e));
    if (rule)
        TRY(over_rule_parse(str_of(rule), &q.rule, e));
    TRY(read_tables(&c, body, &q, e));
    TRY(flow_statement_close(&c.change, &q, c.a, &done, e));
    call_json(&c, 201);
    put_closed(&o, &done);
    TRY(once_end(&c, e));
    return call_commit(&c, e);
}

/* ---- the books ---------------------------------------------------------------------------------- */

static enum code read_payment(struct call *c, const json_t *body, struct payment *p,
                              struct error *e)
{
    const char *currency = NULL;
    struct payment_words w = { .rates_from = "rates" };
    struct party party;
    TRY(field_id(c, body, "licensor", id_of_party, p->party.bytes, e));
    TRY(field_text(body, "currency", c->a, &currency, e));
    TRY(field_int(body, "amount", 1, INT64_MAX, &p->sum.minor, e));
    TRY(field_text(body, "statement", c->a, &w.statement, e));
    TRY(field_text(body, "paid_in", c->a, &w.paid_in, e));
    TRY(field_text(body, "rates", c->a, &w.rates, e));
    TRY(field_text(body, "day", c->a, &w.day, e));
    if (party_id_is_none(p->party) || !currency || p->sum.minor == 0)
        return fail(e, ERR_INVALID, "\"licensor\", \"currency\" and \"amount\" are needed");
    TRY(currency_find(str_of(currency), &p->sum.currency, e));
    TRY(registry_party_get(c->tx, c->catalogue, p->party, c->a, &party, e));
    p->licensor = party.slug;
    p->day = day_of(c->r->at);
    return ledger_payment_read(c->tx, c->catalogue, &w, c->a, p, e);
}

enum code api_payment(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "licensor", "currency", "amount", "statement",
                                         "paid_in",  "rates",    "day",    NULL };
    CALL(c, r, out);
    JSON(body);
    struct json_out o = { &out->body, false };
    struct payment p = { 0 };
    struct paid paid;
    char id[ID_TEXT];
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    c.change.books_only = true;
    TRY(read_payment(&c, body, &p, e));
    TRY(ledger_pay(&c.change.act, &p, &paid, e));
    call_json(&c, 201);
    json_begin(&o, '{');
    json_text(&o, "licensor", party_id_format(p.party, id));
    json_text(&o, "currency", p.sum.currency.code);
    json_int(&o, "amount", p.sum.minor);
    json_text(&o, "statement", p.statement ? statement_id_format(p.statement->id, id) : NULL);
    if (p.with.code[0]) {
        json_text(&o, "paid_in", paid.cash.currency.code);
        json_int(&o, "paid", paid.cash.minor);
        json_int(&o, "gain", paid.gain.minor);
    }
    json_end(&o, '}');
    TRY(once_end(&c, e));
    return call_commit(&c, e);
}

enum code api_balance_list(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct balance *list;
    size_t count;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(ledger_balances(c.tx, c.catalogue, c.a, &list, &count, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    for (size_t i = 0; i < count; i++) {
        json_begin(&o, '{');
        json_text(&o, "account", list[i].account);
        json_text(&o, "currency", list[i].sum.currency.code);
        json_int(&o, "balance", list[i].sum.minor);
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
    return OK;
}
