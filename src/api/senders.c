/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/senders, and what senders and uploaders do: complete, withdraw, counter, complain. The key
 * that enters it answers for whom it speaks for; the journal keeps the key. */
#include "api/desk.h"

/* ---- senders ---- */

static void sender_json(const struct sender *s, struct instant now, struct json_out *o)
{
    json_begin(o, '{');
    desk_sender_members(s, now, o);
    json_end(o, '}');
}

enum code api_sender_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",       "mailbox",  "name",     "trusted",  "state",
                                           "received", "accepted", "declined", "reversed", NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct sender *found = NULL;
    struct sender_id after = { { 0 } };
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    if (page.after.length)
        TRY(sender_id_parse(page.after, &after, e));
    TRY(call_read(&c, e));
    TRY(desk_sender_list(c.tx, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        sender_json(&found[i], r->at, list_row(&l, sender_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

enum code api_sender_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct sender_id id;
    struct sender s;
    struct json_out o = { &out->body, false };
    TRY(sender_id_parse(str_of(http_parameter(r, "sender")), &id, e));
    TRY(call_read(&c, e));
    TRY(desk_sender_get(c.tx, id, c.a, &s, e));
    call_json(&c, 200);
    call_etag(&c, s.version);
    sender_json(&s, r->at, &o);
    return OK;
}

/* ---- of a notice ---- */

static void answer_ok(struct call *c, const char *name, const char *value)
{
    struct json_out o = { &c->out->body, false };
    call_json(c, 200);
    json_begin(&o, '{');
    json_text(&o, name, value);
    json_end(&o, '}');
    flow_work_wake(c->world);
}

enum code api_notice_withdraw(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *notice = http_parameter(r, "notice");
    TRY(flow_notice_withdraw(c.world, str_of(notice), str_of(c.who), e));
    answer_ok(&c, "withdrawn", notice);
    return OK;
}

/* {"elements": [...], "text": "..."}: what was missing, in the sender's words. */
enum code api_notice_complete(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "elements", "text", NULL };
    CALL(c, r, out);
    JSON(body);
    unsigned elements = 0;
    const char *notice = http_parameter(r, "notice");
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(desk_elements_json(json_object_get(body, "elements"), &elements, e));
    if (!elements)
        return fail(e, ERR_INVALID, "\"elements\" names what is sent");
    TRY(flow_notice_complete(c.world, str_of(notice), elements, r->body, str_of(c.who), e));
    answer_ok(&c, "completed", notice);
    return OK;
}

/* What was sent, unsealed: a look that the journal keeps, with its reason. */
enum code api_notice_original(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    BUF(text);
    const char *why = http_header(r, "X-Reason");
    TRY(flow_notice_original(c.world, str_of(http_parameter(r, "notice")), str_of(c.who),
                             str_of(why ? why : ""), &text, e));
    http_header_set(out, "Content-Type", "application/octet-stream");
    http_header_set(out, "Cache-Control", "no-store");
    buf_str(&out->body, buf_as_str(&text));
    return OK;
}

/* ---- of an item ---- */

enum code api_item_counter(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "reason", "elements", "text", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *reason = "other", *item = http_parameter(r, "item");
    struct counter_draft d = { .raw = r->body };
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "reason", c.a, &reason, e));
    TRY(counter_reason_parse(str_of(reason), &d.reason, e));
    TRY(desk_elements_json(json_object_get(body, "elements"), &d.elements, e));
    TRY(flow_notice_counter(c.world, str_of(item), &d, e));
    answer_ok(&c, "countered", item);
    return OK;
}

enum code api_item_complain(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "by", "text", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *by = "", *text = "", *item = http_parameter(r, "item");
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "by", c.a, &by, e));
    TRY(field_text(body, "text", c.a, &text, e));
    bool uploader = strcmp(by, "uploader") == 0;
    if (!uploader && strcmp(by, "sender") != 0)
        return fail(e, ERR_INVALID, "\"by\" is uploader or sender");
    if (!text[0])
        return fail(e, ERR_INVALID, "\"text\": a complaint says why");
    TRY(flow_notice_complain(c.world, str_of(item), uploader ? ACTOR_UPLOADER : ACTOR_SENDER,
                             str_of(text), e));
    answer_ok(&c, "complained", item);
    return OK;
}
