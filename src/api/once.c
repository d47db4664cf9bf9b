/* SPDX-License-Identifier: Apache-2.0 */
/* Idempotency-Key: the answer to a request is committed with what the request did, so that asking
 * again, also after a crash, gives the same answer and does nothing twice. */
#include <sodium.h>

#include "api/inside.h"

enum { HASH = 32, KEY_MOST = 255, KEPT_SECONDS = 24 * 3600 };

static const char *key_of(const struct call *c)
{
    return http_header(c->r, "Idempotency-Key");
}

static void hash_of(const struct http_request *r, uint8_t out[HASH])
{
    crypto_generichash_state s;
    crypto_generichash_init(&s, NULL, 0, HASH);
    const char *method = http_method_word(r->method);
    crypto_generichash_update(&s, (const uint8_t *)method, strlen(method) + 1);
    crypto_generichash_update(&s, (const uint8_t *)r->path, strlen(r->path) + 1);
    for (size_t i = 0; i < r->query.count; i++) {
        crypto_generichash_update(&s, (const uint8_t *)r->query.rows[i].name,
                                  strlen(r->query.rows[i].name) + 1);
        crypto_generichash_update(&s, (const uint8_t *)r->query.rows[i].value,
                                  strlen(r->query.rows[i].value) + 1);
    }
    crypto_generichash_update(&s, (const uint8_t *)r->body.at, r->body.length);
    crypto_generichash_final(&s, out, HASH);
}

static void replay(struct call *c, const struct store_rows *row)
{
    struct str location = store_text(row, 2), etag = store_text(row, 3);
    call_json(c, (int)store_int(row, 1));
    if (location.length > 0)
        http_header_set(c->out, "Location", str_copy(c->a, location));
    if (etag.length > 0)
        http_header_set(c->out, "ETag", str_copy(c->a, etag));
    http_header_set(c->out, "Idempotency-Replayed", "true");
    buf_str(&c->out->body, store_text(row, 4));
}

enum code once_begin(struct call *c, struct error *e)
{
    const char *key = key_of(c);
    owned(store_rows) row = NULL;
    bool found;
    uint8_t hash[HASH];
    if (!key)
        return OK;
    if (strlen(key) == 0 || strlen(key) > KEY_MOST || !str_is_utf8(str_of(key)))
        return fail(e, ERR_INVALID, "Idempotency-Key must have 1 to %d bytes of text", KEY_MOST);
    TRY(store_one(c->tx,
                  "SELECT hash, status, location, etag, body FROM api_answers "
                  "WHERE caller = $1 AND name = $2 AND at > $3",
                  SQL(sql_id(c->key->key.id), sql_text(key),
                      sql_int(c->r->at.us - (int64_t)KEPT_SECONDS * 1000000)),
                  &row, &found, e));
    if (!found)
        return OK;
    hash_of(c->r, hash);
    struct str kept = store_bytes(row, 0);
    c->answered = true;
    if (kept.length == HASH && sodium_memcmp(kept.at, hash, HASH) == 0)
        replay(c, row);
    else
        http_problem(c->r, c->out, 422, "idempotency_mismatch", NULL,
                     "this Idempotency-Key was used for another request", STR(""));
    return OK;
}

static const char *header_of(const struct http_response *out, const char *name)
{
    for (size_t i = 0; i < out->headers.count; i++)
        if (strcmp(out->headers.rows[i].name, name) == 0)
            return out->headers.rows[i].value;
    return NULL;
}

enum code once_end(struct call *c, struct error *e)
{
    const char *key = key_of(c);
    uint8_t hash[HASH];
    if (!key)
        return OK;
    hash_of(c->r, hash);
    TRY(store_run(
        c->tx, "DELETE FROM api_answers WHERE caller = $1 AND at <= $2",
        SQL(sql_id(c->key->key.id), sql_int(c->r->at.us - (int64_t)KEPT_SECONDS * 1000000)), NULL,
        e));
    return store_run(c->tx,
                     "INSERT INTO api_answers (caller, name, hash, status, location, etag, body, "
                     "at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     SQL(sql_id(c->key->key.id), sql_text(key), sql_bytes(hash, HASH),
                         sql_int(c->out->status), sql_text(header_of(c->out, "Location")),
                         sql_text(header_of(c->out, "ETag")), sql_str(buf_as_str(&c->out->body)),
                         sql_instant(c->r->at)),
                     NULL, e);
}
