/* SPDX-License-Identifier: Apache-2.0 */
/* One request as a handler sees it: its transaction, its body, its conditions. */
#include <stdio.h>
#include <strings.h>

#include "api/inside.h"

void call_init(struct call *c, struct http_request *r, struct http_response *out)
{
    struct api *api = r->state;
    *c = (struct call) { .r = r, .out = out, .api = api, .world = r->world, .a = r->arena };
    c->key = r->caller;
    c->catalogue = world_catalogue(c->world);
    if (c->key)
        app_key_id_format(c->key->key.id, c->who);
    else
        snprintf(c->who, sizeof c->who, "anybody");
}

void call_done(struct call *c)
{
    store_rollback(c->read);
    flow_change_done(&c->change);
}

enum code call_read(struct call *c, struct error *e)
{
    TRY(store_begin(world_store(c->world), STORE_READ, &c->read, e));
    c->tx = c->read;
    return OK;
}

enum code call_change(struct call *c, struct error *e)
{
    const char *why = http_header(c->r, "X-Reason");
    if (why && !str_is_utf8(str_of(why)))
        return fail(e, ERR_INVALID, "X-Reason is not UTF-8");
    TRY(flow_change_begin(c->world, str_of(c->who), why ? str_of(why) : STR(""), &c->change, e));
    c->tx = c->change.act.tx;
    return OK;
}

enum code call_commit(struct call *c, struct error *e)
{
    c->tx = NULL;
    return flow_change_commit(&c->change, e);
}

struct access_act call_act(const struct call *c)
{
    return flow_change_access(&c->change);
}

static bool is_json(const char *type)
{
    return type && strncasecmp(type, "application/json", 16) == 0 &&
           (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

enum code call_body(struct call *c, const char *const *names, json_t **out, struct error *e)
{
    if (!is_json(http_header(c->r, "Content-Type"))) {
        http_problem(c->r, c->out, 415, "unsupported_media_type", NULL,
                     "the body must be application/json", STR(""));
        c->answered = true;
        return OK;
    }
    TRY(json_read(c->r->body, out, e));
    return json_only(*out, names, e);
}

void call_etag(struct call *c, int64_t version)
{
    http_header_format(c->out, "ETag", "\"v%lld\"", (long long)version);
}

bool call_matches(struct call *c, int64_t version, bool needed)
{
    const char *match = http_header(c->r, "If-Match");
    char tag[32];
    snprintf(tag, sizeof tag, "\"v%lld\"", (long long)version);
    if (match ? http_etag_in(match, tag, true) : !needed)
        return true;
    if (match)
        http_problem(c->r, c->out, 412, "stale", NULL,
                     "it was changed since: If-Match is not its present ETag", STR(""));
    else
        http_problem(c->r, c->out, 428, "precondition_required", NULL,
                     "send the ETag you read as If-Match", STR(""));
    call_etag(c, version);
    c->answered = true;
    return false;
}

enum code call_may_network(const struct call *c, struct network_id id, struct error *e)
{
    if (!c->key || network_id_is_none(c->key->key.network) ||
        network_id_equal(c->key->key.network, id))
        return OK;
    return fail(e, ERR_DENIED, "the key is of another network");
}

enum code call_may_party(const struct call *c, struct party_id id, struct error *e)
{
    if (!c->key || party_id_is_none(c->key->key.party) || party_id_equal(c->key->key.party, id))
        return OK;
    return fail(e, ERR_DENIED, "the key acts for another party");
}

void call_json(struct call *c, int status)
{
    c->out->status = status;
    http_header_set(c->out, "Content-Type", "application/json");
    http_header_set(c->out, "Cache-Control", "no-store");
}
