/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/deals: terms on the table, what changes between versions, and what becomes of them. */
#include "api/inside.h"
#include "flow/flow.h"

enum { DEALS_PAGE = 200 };

/* A holder's key sees deals whose latest terms name it as a licensor. */
static enum code may_see(struct call *c, const struct deal_offer *v, bool *out, struct error *e)
{
    struct party p;
    struct terms t;
    *out = !c->key || party_id_is_none(c->key->key.party);
    if (*out)
        return OK;
    TRY(registry_party_get(c->tx, c->catalogue, c->key->key.party, c->a, &p, e));
    TRY(terms_parse(str_of(v->terms), c->a, &t, NULL, e));
    for (size_t i = 0; i < t.licensors.count && !*out; i++)
        *out = strcmp(t.licensors.items[i].text, p.slug) == 0;
    return OK;
}

static enum code find(struct call *c, struct deal *out, struct deal_offer *latest, struct error *e)
{
    bool mine;
    struct str name = str_of(http_parameter(c->r, "deal"));
    TRY(deal_find(c->tx, c->catalogue, name, c->r->at, c->a, out, e));
    TRY(deal_offer_get(c->tx, c->catalogue, out->id, 0, c->a, latest, e));
    TRY(may_see(c, latest, &mine, e));
    return mine ? OK : fail(e, ERR_NOT_FOUND, "there is no deal \"%.*s\"", STR_ARG(name));
}

/* A holder's key speaks for the licensor, whatever it says. */
static enum code side_of(struct call *c, const json_t *body, enum deal_side *out, struct error *e)
{
    const char *by = NULL;
    TRY(field_text(body, "by", c->a, &by, e));
    if (c->key && !party_id_is_none(c->key->key.party)) {
        *out = SIDE_LICENSOR;
        return by && strcmp(by, deal_side_word(SIDE_LICENSOR)) != 0
                   ? fail(e, ERR_DENIED, "the key acts for a licensor")
                   : OK;
    }
    return by ? deal_side_parse(str_of(by), out, e)
              : fail(e, ERR_INVALID, "\"by\" is needed: platform or licensor");
}

static enum code put_deal(struct call *c, struct deal_id id, int status, struct error *e)
{
    struct deal d;
    struct json_out o = { &c->out->body, false };
    char text[ID_TEXT];
    TRY(deal_get(c->tx, c->catalogue, id, c->r->at, c->a, &d, e));
    call_json(c, status);
    if (status == 201)
        http_header_format(c->out, "Location", "/api/v1/deals/%s", deal_id_format(id, text));
    deal_json(&d, &o);
    return OK;
}

enum code api_deal_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",     "version", "name",   "state",
                                           "latest", "agreed",  "reason", "reason_words",
                                           "made",   "from",    "until",  NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct deal_id after = { { 0 } };
    struct deal *found;
    size_t count = DEALS_PAGE, shown = 0;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    if (page.after.length > 0)
        TRY(deal_id_parse(page.after, &after, e));
    while (count == DEALS_PAGE && shown <= page.limit) {
        TRY(deal_list(c.tx, c.catalogue, after, DEALS_PAGE, r->at, c.a, &found, &count, e));
        for (size_t i = 0; i < count && shown <= page.limit; i++) {
            struct deal_offer v;
            char id[ID_TEXT];
            bool mine;
            TRY(deal_offer_get(c.tx, c.catalogue, found[i].id, 0, c.a, &v, e));
            TRY(may_see(&c, &v, &mine, e));
            if (mine && ++shown <= page.limit)
                deal_json(&found[i], list_row(&l, deal_id_format(found[i].id, id), c.a));
            after = found[i].id;
        }
    }
    return list_answer(&l, r, out, columns, shown > page.limit, e);
}

enum code api_deal_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct deal d;
    struct deal_offer v;
    TRY(call_read(&c, e));
    TRY(find(&c, &d, &v, e));
    return put_deal(&c, d.id, 200, e);
}

enum code api_deal_versions(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct deal d;
    struct deal_offer v;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(find(&c, &d, &v, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    for (int64_t n = 1; n <= d.latest; n++) {
        TRY(deal_offer_get(c.tx, c.catalogue, d.id, n, c.a, &v, e));
        deal_offer_json(&v, true, &o);
    }
    json_end(&o, ']');
    json_end(&o, '}');
    return OK;
}

static enum code version_terms(struct call *c, const struct deal *d, const char *query,
                               int64_t absent, struct terms *out, struct error *e)
{
    struct deal_offer v;
    int64_t n = absent < 1 ? 1 : absent;
    if (http_query(c->r, query))
        TRY(str_to_int64(str_of(http_query(c->r, query)), 1, INT64_MAX, &n, e));
    TRY(deal_offer_get(c->tx, c->catalogue, d->id, n, c->a, &v, e));
    return terms_parse(str_of(v.terms), c->a, out, NULL, e);
}

enum code api_deal_difference(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    BUF(text);
    struct deal d;
    struct deal_offer v;
    struct terms from, to;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(find(&c, &d, &v, e));
    TRY(version_terms(&c, &d, "from", d.latest - 1, &from, e));
    TRY(version_terms(&c, &d, "to", d.latest, &to, e));
    terms_diff(&from, &to, &text);
    call_json(&c, 200);
    json_begin(&o, '{');
    json_bool(&o, "same", text.length == 0);
    json_str(&o, "difference", buf_as_str(&text));
    json_end(&o, '}');
    return OK;
}

enum code api_deal_offer(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "name", "by", "terms", "draft", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *name = NULL, *text = NULL;
    bool draft = false, mine;
    enum deal_side side;
    struct deal d;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "name", c.a, &name, e));
    TRY(field_text(body, "terms", c.a, &text, e));
    TRY(field_bool(body, "draft", &draft, e));
    TRY(side_of(&c, body, &side, e));
    if (!name || !text)
        return fail(e, ERR_INVALID, "\"name\" and \"terms\" are needed");
    struct deal_offer mock = { .terms = text };
    struct terms t;
    if (terms_parse(str_of(text), c.a, &t, NULL, e) != OK)
        return fail_in(e, "terms");
    TRY(may_see(&c, &mock, &mine, e));
    if (!mine)
        return fail(e, ERR_DENIED, "the terms do not name the key's party as a licensor");
    TRY(deal_offer_put(&c.change.act, str_of(name), str_of(text), side, draft, &d, e));
    TRY(put_deal(&c, d.id, 201, e));
    TRY(once_end(&c, e));
    return call_commit(&c, e);
}

static enum code reject(struct call *c, const json_t *body, struct deal *d, enum deal_side side,
                        struct error *e)
{
    const char *word = NULL;
    enum deal_reason reason;
    TRY(field_text(body, "reason", c->a, &word, e));
    if (!word)
        return fail(e, ERR_INVALID, "\"reason\" is needed to reject");
    TRY(deal_reason_parse(str_of(word), &reason, e));
    return deal_reject(&c->change.act, d, side, reason, e);
}

enum code api_deal_move(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "event", "by", "reason", "at", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *event = NULL;
    enum deal_side side;
    struct deal d;
    struct deal_offer v;
    struct instant at = r->at;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(find(&c, &d, &v, e));
    TRY(field_text(body, "event", c.a, &event, e));
    TRY(field_instant(body, "at", r->at, &at, e));
    TRY(side_of(&c, body, &side, e));
    if (event && strcmp(event, deal_event_word(DEAL_AGREE)) == 0)
        TRY(flow_deal_agree(&c.change, str_of(d.name), side, c.a, &d, e));
    else if (event && strcmp(event, deal_event_word(DEAL_REJECT)) == 0)
        TRY(reject(&c, body, &d, side, e));
    else if (event && strcmp(event, deal_event_word(DEAL_TERMINATE)) == 0)
        TRY(deal_terminate(&c.change.act, &d, &at, e));
    else
        return fail(e, ERR_INVALID, "\"event\" is agree, reject or terminate");
    TRY(put_deal(&c, d.id, 200, e));
    return call_commit(&c, e);
}
