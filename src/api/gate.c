/* SPDX-License-Identifier: Apache-2.0 */
/* Before each handler: who asks, may they, and not too often. After it: one line in the log. */
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

#include "api/inside.h"

static struct str bearer_of(const struct http_request *r)
{
    const char *header = http_header(r, "Authorization");
    if (!header || strncasecmp(header, "Bearer ", 7) != 0)
        return STR("");
    return str_trim(str_of(header + 7));
}

/* On a loop only what is at hand; else it is seen later, by a worker. */
static enum code see_key(struct http_request *r, struct api *api, struct app_key_id id,
                         struct key_seen *out, struct error *e)
{
    if (keyring_at_hand(api->keys, id, r->at, out))
        return OK;
    r->later = r->on_loop;
    if (r->later)
        return OK;
    enum code code = keyring_get(api->keys, r->world, id, r->at, out, e);
    return code == ERR_NOT_FOUND ? fail(e, ERR_UNKNOWN_KEY, "the key is not known here") : code;
}

static enum code find_key(struct http_request *r, struct api *api, struct error *e)
{
    struct str text = bearer_of(r);
    struct app_key_id id;
    struct key_seen *seen = ARENA_NEW(r->arena, struct key_seen);
    if (text.length == 0)
        return fail(e, ERR_UNKNOWN_KEY, "send a key: Authorization: Bearer lk_...");
    if (access_key_read(text, &id, e) != OK)
        return fail(e, ERR_UNKNOWN_KEY, "this is not a key");
    TRY(see_key(r, api, id, seen, e));
    if (r->later)
        return OK;
    TRY(access_key_admit(&seen->key, world_master_key(r->world), text, r->at, e));
    r->caller = seen;
    r->has_key = true;
    memcpy(r->key, seen->key.id.bytes, ID_BYTES);
    return OK;
}

static enum code check_scope(const struct http_request *r, struct error *e)
{
    const struct key_seen *seen = r->caller;
    BUF(wanted);
    if ((seen->key.scopes & r->route->scope) != 0)
        return OK;
    access_scopes_format((unsigned)r->route->scope, &wanted);
    return fail(e, ERR_DENIED, "the key has none of the scopes this needs: %.*s",
                STR_ARG(buf_as_str(&wanted)));
}

static void who_of_peer(const struct http_request *r, uint8_t out[ID_BYTES])
{
    crypto_generichash(out, ID_BYTES, (const uint8_t *)r->peer, strlen(r->peer), NULL, 0);
}

enum code gate_before(struct http_request *r, struct http_response *out, struct error *e)
{
    struct api *api = r->state;
    uint8_t who[ID_BYTES];
    enum limit_class class;
    if (r->route->scope != 0) {
        TRY(find_key(r, api, e));
        if (r->later)
            return OK;
        TRY(check_scope(r, e));
        memcpy(who, r->key, ID_BYTES);
    } else {
        who_of_peer(r, who);
    }
    if (api->without_limits || !r->route->rate || !limit_class_parse(r->route->rate, &class))
        return OK;
    struct limit_answer a = limits_take(api->limits, who, class, 1, r->at);
    limits_answer(r, out, class, &a);
    return OK;
}

void gate_after(const struct http_request *r, int status, int64_t bytes, int64_t us)
{
    char key[ID_TEXT] = "-", fault[600] = "-";
    if (r->has_key)
        id_format("key", r->key, key);
    if (r->fault)
        log_quoted(r->fault, fault, sizeof fault);
    log_line(status >= 500 ? LOG_ERROR : LOG_DEBUG, "http_answered",
             "request=%s method=%s route=%s status=%d bytes=%lld us=%lld key=%s error=%s", r->id,
             http_method_word(r->method), r->route ? r->route->pattern : "-", status,
             (long long)bytes, (long long)us, key, fault);
}
