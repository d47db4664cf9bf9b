/* SPDX-License-Identifier: Apache-2.0 */
/* One act on many items, previewed, done, undone within a day; disputes before a body out of court. */
#include "api/desk.h"

static enum code read_items(const struct call *c, const json_t *body, struct bulk_act *x,
                            struct error *e)
{
    const json_t *list = json_object_get(body, "items");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0)
        return fail(e, ERR_INVALID, "\"items\" is a list of ids");
    if (count > BULK_MOST)
        return fail(e, ERR_LIMIT, "\"items\": %zu, %d are the most at once", count, BULK_MOST);
    struct str *items = ARENA_ARRAY(c->a, struct str, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        if (!json_is_string(one))
            return fail(e, ERR_INVALID, "\"items\"[%zu] is not an id", i);
        items[i] = (struct str) { json_string_value(one), json_string_length(one) };
    }
    x->items = items;
    x->errors = ARENA_ARRAY(c->a, struct error, count);
    x->count = count;
    return OK;
}

/* Which were refused, and why. */
static void refusals_json(struct json_out *o, const struct bulk_act *x)
{
    json_key(o, "refusals");
    json_begin(o, '[');
    for (size_t i = 0; i < x->count; i++) {
        if (!x->errors[i].text[0])
            continue;
        json_begin(o, '{');
        json_str(o, "item", x->items[i]);
        json_text(o, "error", x->errors[i].text);
        json_end(o, '}');
    }
    json_end(o, ']');
}

/* x: NULL of what is undone */
static void done_json(struct call *c, const struct bulk_done *d, const struct bulk_act *x)
{
    struct json_out o = { &c->out->body, false };
    bool preview = x && x->preview;
    call_json(c, 200);
    json_begin(&o, '{');
    json_text(&o, "bulk", d->id[0] ? d->id : NULL);
    json_bool(&o, "preview", preview);
    json_int(&o, "moved", (int64_t)d->moved);
    json_int(&o, "refused", (int64_t)d->refused);
    if (x)
        refusals_json(&o, x);
    json_end(&o, '}');
    if (!preview)
        flow_work_wake(c->world);
}

enum code api_item_bulk(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "event", "reason",  "person", "why",
                                         "items", "preview", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *event = NULL, *reason = "", *person = NULL, *why = "";
    struct bulk_act x = { .preview = false };
    struct bulk_done done;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "event", c.a, &event, e));
    TRY(field_text(body, "reason", c.a, &reason, e));
    TRY(field_text(body, "person", c.a, &person, e));
    TRY(field_text(body, "why", c.a, &why, e));
    TRY(field_bool(body, "preview", &x.preview, e));
    TRY(read_items(&c, body, &x, e));
    if (!event || !person)
        return fail(e, ERR_INVALID, "\"event\" and \"person\" are needed");
    x.event = str_of(event);
    x.reason = str_of(reason ? reason : "");
    x.person = str_of(person);
    x.why = str_of(why ? why : "");
    TRY(flow_notice_bulk(c.world, &x, &done, e));
    done_json(&c, &done, &x);
    return OK;
}

static enum code read_person(struct call *c, const char *const *names, json_t **body,
                             const char **person, struct error *e)
{
    *person = NULL;
    TRY(call_body(c, names, body, e));
    if (c->answered)
        return OK;
    TRY(field_text(*body, "person", c->a, person, e));
    return *person ? OK : fail(e, ERR_INVALID, "\"person\" is needed");
}

enum code api_item_bulk_undo(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "person", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *person;
    struct bulk_done done;
    TRY(read_person(&c, names, &body, &person, e));
    if (c.answered)
        return OK;
    TRY(flow_notice_undo(c.world, str_of(http_parameter(r, "bulk")), str_of(person), &done, e));
    done_json(&c, &done, NULL);
    return OK;
}

/* ---- disputes ---- */

static void dispute_answer(struct call *c, const char *name, const char *value)
{
    struct json_out o = { &c->out->body, false };
    call_json(c, 200);
    json_begin(&o, '{');
    json_text(&o, "item", http_parameter(c->r, "item"));
    json_text(&o, name, value);
    json_end(&o, '}');
}

enum code api_dispute_open(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "body", "person", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *person, *before = "";
    TRY(read_person(&c, names, &body, &person, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "body", c.a, &before, e));
    TRY(flow_dispute_open(c.world, str_of(http_parameter(r, "item")), str_of(before),
                          str_of(person), e));
    dispute_answer(&c, "body", before);
    return OK;
}

enum code api_dispute_decide(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "result", "implemented", "person", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *person, *result = "";
    bool implemented = false;
    TRY(read_person(&c, names, &body, &person, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "result", c.a, &result, e));
    TRY(field_bool(body, "implemented", &implemented, e));
    TRY(flow_dispute_decide(c.world, str_of(http_parameter(r, "item")), str_of(result), implemented,
                            str_of(person), e));
    dispute_answer(&c, "result", result);
    return OK;
}
