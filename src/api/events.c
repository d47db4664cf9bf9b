/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/events and /api/v1/webhooks: what happened, as far as the key may see it, and who is told.
 * A holder's key sees what concerns that party, a network's key what concerns the network. */
#include <stdio.h>

#include "api/inside.h"

static struct event_view view_of(const struct call *c)
{
    return (struct event_view) { c->key->key.party, c->key->key.network };
}

static enum code read_after(const struct list_page *page, int64_t absent, int64_t *out,
                            struct error *e)
{
    *out = absent;
    if (page->after.length > 0 && str_to_int64(page->after, 0, INT64_MAX, out, e) != OK)
        return fail_in(e, "after");
    return OK;
}

enum code api_event_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "seq", "type", "timestamp", "subject", "data", NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct event *found = NULL;
    int64_t after;
    size_t count = 0;
    const struct event_view view = view_of(&c);
    TRY(list_page_read(r, &page, e));
    TRY(read_after(&page, 0, &after, e));
    TRY(call_read(&c, e));
    TRY(events_list(c.tx, &view, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char seq[24];
        snprintf(seq, sizeof seq, "%lld", (long long)found[i].seq);
        events_json(&found[i], list_row(&l, seq, c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

/* ---- webhooks ---- */

/* errors  NOT_FOUND also where it is another's */
static enum code own_webhook(struct call *c, struct webhook *h, struct error *e)
{
    struct webhook_id id;
    TRY(webhook_id_parse(str_of(http_parameter(c->r, "webhook")), &id, e));
    TRY(flow_webhook_get(c->world, c->tx, id, c->a, h, e));
    const struct event_view v = view_of(c);
    bool own = (party_id_is_none(v.party) || party_id_equal(v.party, h->view.party)) &&
               (network_id_is_none(v.network) || network_id_equal(v.network, h->view.network));
    return own ? OK
               : fail(e, ERR_NOT_FOUND, "there is no webhook %s", http_parameter(c->r, "webhook"));
}

enum code api_webhook_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",    "version",  "url",    "party", "network",
                                           "types", "disabled", "reason", "made",  NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct webhook *found = NULL;
    struct webhook_id after = { { 0 } };
    size_t count = 0;
    const struct event_view view = view_of(&c);
    TRY(list_page_read(r, &page, e));
    if (page.after.length > 0)
        TRY(webhook_id_parse(page.after, &after, e));
    TRY(call_read(&c, e));
    TRY(webhook_list(c.tx, &view, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        webhook_json(&found[i], list_row(&l, webhook_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

enum code api_webhook_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct webhook h;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(own_webhook(&c, &h, e));
    call_json(&c, 200);
    webhook_json(&h, &o);
    return OK;
}

/* The secret is shown this once. */
enum code api_webhook_create(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "url", "types", NULL };
    CALL(c, r, out);
    JSON(body);
    struct webhook h = { .url = "", .types = "", .view = view_of(&c) };
    struct json_out o = { &out->body, false };
    char secret[WEBHOOK_SECRET_TEXT], key[WEBHOOK_KEY_TEXT];
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "url", c.a, &h.url, e));
    TRY(field_words(body, "types", c.a, &h.types, e));
    TRY(call_change(&c, e));
    TRY(flow_webhook_make(&c.change, &h, e));
    call_json(&c, 201);
    json_begin(&o, '{');
    json_key(&o, "webhook");
    webhook_json(&h, &o);
    json_text(&o, "secret", webhook_secret_text(&h, secret));
    json_text(&o, "public_key", webhook_key_text(&h, key));
    json_end(&o, '}');
    return call_commit(&c, e);
}

enum code api_webhook_withdraw(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct webhook h;
    TRY(call_change(&c, e));
    TRY(own_webhook(&c, &h, e));
    TRY(flow_webhook_drop(&c.change, h.id, e));
    out->status = 204;
    return call_commit(&c, e);
}

/* It is told again from behind ?after= on; a disabled one is switched on. */
enum code api_webhook_replay(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct webhook h;
    struct list_page page;
    struct json_out o = { &out->body, false };
    int64_t after;
    size_t count;
    TRY(list_page_read(r, &page, e));
    TRY(read_after(&page, 0, &after, e));
    TRY(call_change(&c, e));
    TRY(own_webhook(&c, &h, e));
    if (h.disabled)
        TRY(flow_webhook_switch(&c.change, h.id, false, e));
    TRY(flow_webhook_replay(&c.change, h.id, after, &count, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_int(&o, "messages", (int64_t)count);
    json_end(&o, '}');
    return call_commit(&c, e);
}

static void delivery_json(const struct webhook_delivery *d, struct json_out *o)
{
    json_begin(o, '{');
    json_int(o, "seq", d->seq);
    json_text(o, "state", d->state);
    json_int(o, "tries", d->tries);
    json_int(o, "status", d->status);
    json_text(o, "error", d->error);
    json_instant(o, "changed", d->changed);
    json_end(o, '}');
}

enum code api_delivery_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "seq",   "state",   "tries", "status",
                                           "error", "changed", NULL };
    CALL(c, r, out);
    LIST(l);
    struct webhook h;
    struct list_page page;
    struct webhook_delivery *found = NULL;
    int64_t before;
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    TRY(read_after(&page, INT64_MAX, &before, e));
    TRY(call_read(&c, e));
    TRY(own_webhook(&c, &h, e));
    TRY(webhook_delivery_list(c.tx, h.id, before, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char seq[24];
        snprintf(seq, sizeof seq, "%lld", (long long)found[i].seq);
        delivery_json(&found[i], list_row(&l, seq, c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}
