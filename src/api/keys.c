/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/keys: made once, edited, rotated, revoked; a revoked key's connections end at once. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct app_key_id key;
    struct app_key *k = out;
    memcpy(key.bytes, id, ID_BYTES);
    TRY(access_key_get(c->tx, key, c->a, k, e));
    return call_may_network(c, k->network, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct app_key_id from;
    struct app_id app = c->key->key.app;
    struct app_key *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    if (http_query(c->r, "app"))
        TRY(id_of_app(c, str_of(http_query(c->r, "app")), app.bytes, e));
    TRY(access_key_list(c->tx, app, from, limit, c->a, &found, count, e));
    for (size_t i = 0; i < *count; i++)
        TRY(call_may_network(c, found[i].network, e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct app_key *k = record;
    struct app app;
    const char *scopes = NULL;
    if (k->version == 0) {
        k->until = INSTANT_NEVER;
        TRY(field_id(c, o, "app", id_of_app, k->app.bytes, e));
        if (!app_id_is_none(k->app)) {
            TRY(access_app_get(c->tx, k->app, c->a, &app, e));
            k->network = app.network;
        }
    } else if (json_object_get(o, "app")) {
        return fail(e, ERR_INVALID, "\"app\": a key stays with its app");
    }
    TRY(call_may_network(c, k->network, e));
    TRY(field_text(o, "name", c->a, &k->name, e));
    TRY(field_words(o, "scopes", c->a, &scopes, e));
    if (scopes)
        TRY(access_scopes_parse(str_of(scopes), &k->scopes, e));
    if ((k->scopes & ~c->key->key.scopes) != 0)
        return fail(e, ERR_DENIED, "a key cannot give scopes that it has not");
    TRY(field_id(c, o, "party", id_of_party, k->party.bytes, e));
    TRY(call_may_party(c, k->party, e));
    TRY(field_bool(o, "revoked", &k->revoked, e));
    return field_instant(o, "until", INSTANT_NEVER, &k->until, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct access_act act = call_act(c);
    return access_key_put(&act, record, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return app_key_id_format(((const struct app_key *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    access_key_json(record, o);
}

static const char *const fields[] = { "app", "party", "name", "scopes", "revoked", "until", NULL };
static const char *const columns[] = { "id",   "network", "app",        "party",
                                       "name", "scopes",  "generation", "revoked",
                                       "made", "until",   "version",    NULL };
static const struct resource keys = {
    .path = "/api/v1/keys",
    .name = "key",
    .size = sizeof(struct app_key),
    .id_at = offsetof(struct app_key, id),
    .version_at = offsetof(struct app_key, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_key,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .json = json,
};
RESOURCE_DO(list, key, keys)
RESOURCE_DO(get, key, keys)

static void cut_if_ended(struct call *c, const struct app_key *k)
{
    keyring_forget(c->api->keys, k->id);
    if (k->revoked)
        http_server_cut(c->api->http, k->id.bytes);
}

enum code api_key_edit(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct app_key k;
    uint8_t id[ID_BYTES];
    TRY(resource_edit(&keys, r, out, e));
    if (out->status != 200)
        return OK;
    TRY(call_read(&c, e));
    TRY(id_of_key(&c, str_of(http_parameter(r, "key")), id, e));
    TRY(get(&c, id, &k, e));
    cut_if_ended(&c, &k);
    return OK;
}

/* The secret stands in the answer and nowhere else: it is computed again for a repeated request. */
static void answer_made(struct call *c, const struct app_key *k, bool with_secret)
{
    struct json_out o = { &c->out->body, false };
    char text[ACCESS_KEY_TEXT], id[ID_TEXT];
    access_key_text(k, world_master_key(c->world), text);
    buf_clear(&c->out->body);
    call_json(c, 201);
    http_header_format(c->out, "Location", "/api/v1/keys/%s", id_text(k, id));
    json_begin(&o, '{');
    json_key(&o, "key");
    access_key_json(k, &o);
    json_text(&o, "secret", with_secret ? text : NULL);
    json_end(&o, '}');
}

static enum code answer_again(struct call *c, struct error *e)
{
    struct app_key k;
    struct app_key_id id;
    const char *location = NULL;
    for (size_t i = 0; i < c->out->headers.count; i++)
        if (strcmp(c->out->headers.rows[i].name, "Location") == 0)
            location = strrchr(c->out->headers.rows[i].value, '/');
    if (c->out->status != 201 || !location)
        return OK;
    TRY(app_key_id_parse(str_of(location + 1), &id, e));
    TRY(access_key_get(c->tx, id, c->a, &k, e));
    answer_made(c, &k, true);
    return OK;
}

enum code api_key_create(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    JSON(body);
    struct app_key k = { 0 };
    char text[ACCESS_KEY_TEXT];
    TRY(call_body(&c, fields, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return answer_again(&c, e);
    struct access_act act = call_act(&c);
    TRY(read_body(&c, body, &k, e));
    TRY(access_key_make(&act, world_master_key(c.world), &k, text, e));
    answer_made(&c, &k, false);
    TRY(once_end(&c, e));
    answer_made(&c, &k, true);
    return call_commit(&c, e);
}

enum code api_key_rotate(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct app_key k;
    uint8_t id[ID_BYTES];
    char text[ACCESS_KEY_TEXT];
    TRY(call_change(&c, e));
    TRY(id_of_key(&c, str_of(http_parameter(r, "key")), id, e));
    TRY(get(&c, id, &k, e));
    struct access_act act = call_act(&c);
    TRY(access_key_renew(&act, world_master_key(c.world), k.id, text, e));
    TRY(get(&c, id, &k, e));
    answer_made(&c, &k, true);
    out->status = 200;
    TRY(call_commit(&c, e));
    keyring_forget(c.api->keys, k.id);
    http_server_cut(c.api->http, k.id.bytes);
    return OK;
}

/* In an emergency nobody has an ETag at hand. */
static enum code set_revoked(struct http_request *r, struct http_response *out, bool revoked,
                             struct error *e)
{
    CALL(c, r, out);
    struct app_key k;
    uint8_t id[ID_BYTES];
    struct json_out o = { &out->body, false };
    TRY(call_change(&c, e));
    TRY(id_of_key(&c, str_of(http_parameter(r, "key")), id, e));
    TRY(get(&c, id, &k, e));
    k.revoked = revoked;
    TRY(put(&c, &k, e));
    call_json(&c, 200);
    call_etag(&c, k.version);
    access_key_json(&k, &o);
    TRY(call_commit(&c, e));
    cut_if_ended(&c, &k);
    return OK;
}

enum code api_key_revoke(struct http_request *r, struct http_response *out, struct error *e)
{
    return set_revoked(r, out, true, e);
}

enum code api_key_restore(struct http_request *r, struct http_response *out, struct error *e)
{
    return set_revoked(r, out, false, e);
}
