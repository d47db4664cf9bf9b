/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/notices and /api/v1/items: removal requests, and the moves of their items. */
#include "api/desk.h"

#define ID_OR_NULL(thing, id, text) (thing##_id_is_none(id) ? NULL : thing##_id_format(id, text))

void api_item_json(const struct notice_item *i, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", item_id_format(i->id, id));
    json_text(o, "notice", notice_id_format(i->notice, id));
    json_int(o, "version", i->version);
    json_text(o, "kind", item_kind_word(i->kind));
    json_text(o, "location", i->location);
    json_text(o, "upload", ID_OR_NULL(upload, i->upload, id));
    json_text(o, "title", i->title);
    json_text(o, "state", item_state_word(i->now.state));
    json_text(o, "reason", decision_id_is_none(i->decision) ? NULL : reason_word(i->held_reason));
    json_text(o, "proposal", i->proposal[0] ? i->proposal : NULL);
    json_text(o, "class", item_class_word(i->class));
    json_text(o, "duplicate_of", ID_OR_NULL(item, i->canonical, id));
    json_instant(o, "due", i->due);
    json_instant(o, "received", i->received);
    json_end(o, '}');
}

void api_notice_members(const struct notice *n, struct json_out *o)
{
    char text[ID_TEXT];
    json_text(o, "id", notice_id_format(n->id, text));
    json_text(o, "sender", sender_id_format(n->sender, text));
    json_text(o, "state", notice_state_word(n->state));
    json_text(o, "regime", regime_word(n->regime));
    json_text(o, "channel", channel_word(n->channel));
    json_int(o, "undecided", n->undecided);
    json_instant(o, "received", n->received);
    json_instant(o, "due", n->due);
}

static enum code notice_json(struct call *c, struct notice_id id, struct json_out *o,
                             struct error *e)
{
    struct notice n;
    struct notice_item *items;
    size_t count;
    struct item_filter f = { .notice = id, .state = -1, .limit = ITEMS_MOST };
    TRY(desk_notice_get(c->tx, id, c->a, &n, e));
    TRY(desk_item_list(c->tx, &f, c->a, &items, &count, e));
    json_begin(o, '{');
    api_notice_members(&n, o);
    json_key(o, "items");
    json_begin(o, '[');
    for (size_t i = 0; i < count; i++)
        api_item_json(&items[i], o);
    json_end(o, ']');
    json_end(o, '}');
    return OK;
}

enum code api_notice_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct notice_id id;
    struct json_out o = { &out->body, false };
    TRY(notice_id_parse(str_of(http_parameter(r, "notice")), &id, e));
    TRY(call_read(&c, e));
    TRY(notice_json(&c, id, &o, e));
    call_json(&c, 200);
    return OK;
}

/* Orders come by those who work the desk, who have looked at where they come from. */
static enum code may_send(const struct call *c, const struct notice_draft *d, struct error *e)
{
    return regime_is_order(d->regime, d->channel) && !(c->key->key.scopes & SCOPE_DESK)
               ? fail(e, ERR_DENIED, "an order is entered by a key with the scope desk")
               : OK;
}

/* The receipt is given when the notice is durable. A key proves no mailbox: whose it is, the letter
 * shows, or the operator says (licet sender put). */
enum code api_notice_create(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    JSON(body);
    struct notice_draft d;
    struct received got;
    char id[ID_TEXT];
    const char *once = http_header(r, "Idempotency-Key");
    TRY(json_read(r->body, &body, e));
    TRY(desk_draft_json(body, c.a, &d, e));
    if (once && d.once.length == 0)
        d.once = str_of(once);
    d.raw = r->body;
    TRY(may_send(&c, &d, e));
    TRY(flow_notice_receive_shared(c.world, str_of(c.who), &d, c.a, &got, e));
    call_json(&c, got.known ? 200 : 201);
    notice_id_format(got.notice, id);
    http_header_format(out, "Location", "/api/v1/notices/%s", id);
    struct json_out o = { &out->body, false };
    json_begin(&o, '{');
    json_text(&o, "id", id);
    json_bool(&o, "known", got.known);
    json_bool(&o, "confirm_mailbox", got.confirm.length > 0);
    json_str(&o, "missing", got.missing_words);
    json_end(&o, '}');
    flow_work_wake(c.world);
    return OK;
}

enum code api_item_move(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "event", "reason", "person", "why", NULL };
    CALL(c, r, out);
    JSON(body);
    struct notice_item item;
    const char *event = NULL, *reason = "", *person = NULL, *why = "";
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "event", c.a, &event, e));
    TRY(field_text(body, "reason", c.a, &reason, e));
    TRY(field_text(body, "person", c.a, &person, e));
    TRY(field_text(body, "why", c.a, &why, e));
    if (!event || !person)
        return fail(e, ERR_INVALID, "\"event\" and \"person\" are needed");
    struct item_act x = { str_of(http_parameter(r, "item")), str_of(event),
                          str_of(reason ? reason : ""), str_of(person), str_of(why ? why : "") };
    TRY(flow_notice_act(c.world, &x, c.a, &item, e));
    struct json_out o = { &out->body, false };
    call_json(&c, 200);
    api_item_json(&item, &o);
    return OK;
}

/* ---- many at once: a JSON array or CSV, each notice on its own ---- */

enum { AT_ONCE_MOST = 10000 };

static void result_json(const struct notice_file *f, size_t i, enum code code,
                        const struct received *got, const struct error *why, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_int(o, "line", (int64_t)f->lines[i]);
    if (code == OK) {
        json_text(o, "id", notice_id_format(got->notice, id));
        json_bool(o, "known", got->known);
        json_bool(o, "confirm_mailbox", got->confirm.length > 0);
        json_str(o, "missing", got->missing_words);
    } else {
        json_text(o, "error", why->text);
    }
    json_end(o, '}');
}

static enum code receive_file(struct call *c, struct notice_file *f, struct json_out *o,
                              struct error *e)
{
    struct received *got = ARENA_ARRAY(c->a, struct received, f->count + 1);
    enum code *codes = ARENA_ARRAY(c->a, enum code, f->count + 1);
    struct error *errors = ARENA_ARRAY(c->a, struct error, f->count + 1);
    for (size_t i = 0; i < f->count; i++)
        TRY(may_send(c, &f->drafts[i], e));
    TRY(flow_notice_receive(c->world, str_of(c->who), f->drafts, f->count, c->a, got, codes, errors,
                            e));
    for (size_t i = 0; i < f->count; i++)
        result_json(f, i, codes[i], &got[i], &errors[i], o);
    for (size_t i = 0; i < f->bad_count; i++) {
        json_begin(o, '{');
        json_int(o, "line", (int64_t)f->bad[i].line);
        json_text(o, "error", f->bad[i].text);
        json_end(o, '}');
    }
    return OK;
}

enum code api_notice_bulk(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    JSON(json);
    struct notice_file f;
    struct json_out o = { &out->body, false };
    TRY(desk_file_read(r->body, c.a, &json, &f, e));
    if (f.count > AT_ONCE_MOST)
        return fail(e, ERR_LIMIT, "%zu notices, %d are the most at once", f.count, AT_ONCE_MOST);
    json_begin(&o, '{');
    json_key(&o, "results");
    json_begin(&o, '[');
    TRY(receive_file(&c, &f, &o, e));
    json_end(&o, ']');
    json_end(&o, '}');
    call_json(&c, 200);
    flow_work_wake(c.world);
    return OK;
}
