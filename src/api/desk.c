/* SPDX-License-Identifier: Apache-2.0 */
/* The desk over the API: lists of notices, items, senders and orders; an item's evidence and decisions;
 * what uploaders and senders say to a decision; what was sent, looked at under a reason. */
#include "api/desk.h"

#include "api/inside.h"

#define ID_OR_NULL(thing, id, text) (thing##_id_is_none(id) ? NULL : thing##_id_format(id, text))

enum { PARTS_MOST = 1000 };

/* ---- lists ---- */

static const char *query_text(const struct call *c, const char *name)
{
    const char *text = http_query(c->r, name);
    return text ? text : "";
}

enum code api_notice_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",    "sender",    "state",    "regime", "channel",
                                           "items", "undecided", "received", "due",    NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct notice *found = NULL;
    struct notice_id after = { { 0 } };
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    if (page.after.length)
        TRY(notice_id_parse(page.after, &after, e));
    TRY(call_read(&c, e));
    TRY(desk_notice_list(c.tx, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        struct json_out *o = list_row(&l, notice_id_format(found[i].id, id), c.a);
        json_begin(o, '{');
        api_notice_members(&found[i], o);
        json_int(o, "items", found[i].items);
        json_end(o, '}');
    }
    return list_answer(&l, r, out, columns, more, e);
}

static enum code read_filter(const struct call *c, const struct list_page *page,
                             struct item_filter *f, struct error *e)
{
    enum item_state state;
    struct str words = str_of(query_text(c, "state")), upload = str_of(query_text(c, "upload"));
    *f = (struct item_filter) { .state = -1, .limit = page->limit + 1 };
    if (page->after.length)
        TRY(item_id_parse(page->after, &f->after, e));
    if (words.length) {
        TRY(item_state_parse(words, &state, e));
        f->state = (int)state;
    }
    return upload.length ? upload_id_parse(upload, &f->upload, e) : OK;
}

/* ?queue=yes: those that wait for a person, in the order in which they are to be taken. */
enum code api_item_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",       "notice", "kind",     "location",
                                           "upload",   "state",  "proposal", "class",
                                           "received", "due",    NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct item_filter f;
    struct notice_item *found = NULL;
    size_t count = 0;
    bool queue = query_text(&c, "queue")[0] != '\0';
    TRY(list_page_read(r, &page, e));
    TRY(read_filter(&c, &page, &f, e));
    TRY(call_read(&c, e));
    if (queue)
        TRY(desk_item_queue(c.tx, page.limit, c.a, &found, &count, e));
    else
        TRY(desk_item_list(c.tx, &f, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        api_item_json(&found[i], list_row(&l, item_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

enum code api_order_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",          "notice",  "authority", "number",
                                           "country",     "targets", "received",  "effect",
                                           "territories", "until",   NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct order *found = NULL;
    struct order_id after = { { 0 } };
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    if (page.after.length)
        TRY(order_id_parse(page.after, &after, e));
    TRY(call_read(&c, e));
    TRY(desk_order_list(c.tx, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        const struct order *x = &found[i];
        char id[ID_TEXT];
        struct json_out *o = list_row(&l, order_id_format(x->id, id), c.a);
        json_begin(o, '{');
        desk_order_members(x, o);
        json_end(o, '}');
    }
    return list_answer(&l, r, out, columns, more, e);
}

/* ---- one item ---- */

static enum code item_of(struct call *c, struct notice_item *out, struct error *e)
{
    struct item_id id;
    TRY(item_id_parse(str_of(http_parameter(c->r, "item")), &id, e));
    TRY(call_read(c, e));
    return desk_item_get(c->tx, id, c->a, out, e);
}

enum code api_item_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct notice_item item;
    struct json_out o = { &out->body, false };
    TRY(item_of(&c, &item, e));
    call_json(&c, 200);
    call_etag(&c, item.version);
    api_item_json(&item, &o);
    return OK;
}

enum code api_item_evidence(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    LIST(l);
    static const char *const columns[] = { "id",       "recording", "reference", "upload_from_ms",
                                           "score_e6", NULL };
    struct notice_item item;
    struct item_evidence *found;
    size_t count;
    TRY(item_of(&c, &item, e));
    TRY(desk_evidence_list(c.tx, item.id, c.a, &found, &count, e));
    for (size_t i = 0; i < count; i++) {
        const struct item_evidence *v = &found[i];
        char id[ID_TEXT];
        struct json_out *o = list_row(&l, evidence_id_format(v->id, id), c.a);
        json_begin(o, '{');
        json_text(o, "id", id);
        desk_evidence_members(v, o);
        json_end(o, '}');
    }
    return list_answer(&l, r, out, columns, false, e);
}

static void decision_json(const struct decision *d, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", decision_id_format(d->id, id));
    json_text(o, "event", d->event);
    json_text(o, "reason", reason_word(d->reason));
    json_text(o, "sentence", reason_sentence(d->reason, 0));
    json_text(o, "rule", d->rule);
    json_text(o, "by", d->actor);
    json_bool(o, "second", d->second);
    json_text(o, "territories", d->territories);
    json_text(o, "evidence", ID_OR_NULL(evidence, d->evidence, id));
    json_text(o, "supersedes", ID_OR_NULL(decision, d->supersedes, id));
    json_key(o, "proof");
    if (d->proof[0])
        json_put_raw(o, str_of(d->proof));
    else
        json_put_null(o);
    json_instant(o, "at", d->at);
    json_end(o, '}');
}

enum code api_item_decisions(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id", "event", "reason", "by", "at", NULL };
    CALL(c, r, out);
    LIST(l);
    struct notice_item item;
    struct decision *found;
    size_t count;
    TRY(item_of(&c, &item, e));
    TRY(desk_decision_list(c.tx, item.id, PARTS_MOST, c.a, &found, &count, e));
    for (size_t i = 0; i < count; i++) {
        char id[ID_TEXT];
        decision_json(&found[i], list_row(&l, decision_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, false, e);
}
