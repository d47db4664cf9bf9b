/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the user agreement, and who accepted which. A version is never changed; the one in force
 * at a moment is the newest that was published by then. */
#include <sodium.h>

#include "desk/rows.h"

enum { BODY_MOST = 1000000 };

static void read_row(const struct store_rows *r, struct arena *a, struct agreement *t)
{
    *t = (struct agreement) { .version = store_int(r, 0),
                              .body = text_of(r, 2, a),
                              .at = store_instant(r, 3) };
    struct str hash = store_bytes(r, 1);
    if (hash.length == sizeof t->hash)
        memcpy(t->hash, hash.at, hash.length);
}

enum code desk_agreement_publish(struct desk_act *act, struct str body, struct agreement *out,
                                 struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char subject[32], hash[65];
    BUF(after);
    struct json_out o = { &after, false };
    if (body.length == 0 || body.length > BODY_MOST || !str_is_utf8(body) ||
        memchr(body.at, 0, body.length))
        return fail(e, ERR_INVALID, "the agreement is UTF-8 text of 1 to %d bytes", BODY_MOST);
    TRY(store_lock(act->tx, "desk agreement", e));
    TRY(store_one(act->tx, "SELECT COALESCE(MAX(version), 0) + 1 FROM desk_terms", SQL_NONE, &r,
                  &found, e));
    *out = (struct agreement) { .version = store_int(r, 0),
                                .body = str_copy(act->arena, body),
                                .at = act->now };
    crypto_hash_sha256(out->hash, (const uint8_t *)body.at, body.length);
    TRY(store_run(act->tx,
                  "INSERT INTO desk_terms (version, hash, body, at) VALUES ($1, $2, $3, $4)",
                  SQL(sql_int(out->version), sql_bytes(out->hash, sizeof out->hash), sql_str(body),
                      sql_instant(act->now)),
                  NULL, e));
    hex_encode(out->hash, sizeof out->hash, hash);
    json_begin(&o, '{');
    json_text(&o, "sha256", hash);
    json_end(&o, '}');
    snprintf(subject, sizeof subject, "agreement %lld", (long long)out->version);
    desk_note(act, "agreement.published", subject, &after, STR(""));
    return OK;
}

enum code desk_agreement_get(struct store_tx *tx, int64_t version, struct arena *a,
                             struct agreement *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "SELECT version, hash, body, at FROM desk_terms WHERE version = $1",
                  SQL(sql_int(version)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no version %lld of the agreement",
                    (long long)version);
    read_row(r, a, out);
    return OK;
}

enum code desk_agreement_at(struct store_tx *tx, struct instant at, struct arena *a,
                            struct agreement *out, bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(tx,
                  "SELECT version, hash, body, at FROM desk_terms WHERE at <= $1 ORDER BY version "
                  "DESC LIMIT 1",
                  SQL(sql_instant(at)), &r, found, e));
    if (*found)
        read_row(r, a, out);
    return OK;
}

enum code desk_agreement_list(struct store_tx *tx, struct arena *a, struct agreement **out,
                              size_t *count, struct error *e)
{
    enum { MOST = 1000 };
    owned(store_rows) r = NULL;
    size_t n = 0;
    struct agreement *list = ARENA_ARRAY(a, struct agreement, MOST);
    TRY(store_query(tx,
                    "SELECT version, hash, '', at FROM desk_terms ORDER BY version DESC LIMIT 1000",
                    SQL_NONE, &r, e));
    for (bool more;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == MOST)
            break;
        read_row(r, a, &list[n++]);
    }
    *out = list;
    *count = n;
    return OK;
}

enum code desk_agreement_accept(struct desk_act *act, struct network_id network,
                                struct str uploader, int64_t version, bool *fresh, struct error *e)
{
    struct agreement t;
    int64_t changed;
    char subject[32], id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    if (uploader.length == 0 || uploader.length > TEXT_MOST || !str_is_utf8(uploader))
        return fail(e, ERR_INVALID, "the network's own name for the person is needed");
    TRY(desk_agreement_get(act->tx, version, act->arena, &t, e));
    TRY(store_run(act->tx,
                  "INSERT INTO desk_acceptances (network, uploader, version, at) VALUES ($1, $2, "
                  "$3, $4) ON CONFLICT (network, uploader, version) DO NOTHING",
                  SQL(sql_id(network), sql_str(uploader), sql_int(version), sql_instant(act->now)),
                  &changed, e));
    *fresh = changed > 0;
    if (!*fresh)
        return OK;
    /* who it is stays in the table: the journal is shown to outsiders */
    json_begin(&o, '{');
    json_text(&o, "network", network_id_format(network, id));
    json_end(&o, '}');
    snprintf(subject, sizeof subject, "agreement %lld", (long long)version);
    desk_note(act, "agreement.accepted", subject, &after, STR(""));
    return OK;
}

enum code desk_agreement_accepted(struct store_tx *tx, struct network_id network,
                                  struct str uploader, struct instant by, int64_t *version,
                                  struct instant *at, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT version, at FROM desk_acceptances WHERE network = $1 AND uploader = $2 "
                  "AND at <= $3 ORDER BY version DESC LIMIT 1",
                  SQL(sql_id(network), sql_str(uploader), sql_instant(by)), &r, &found, e));
    *version = found ? store_int(r, 0) : 0;
    *at = found ? store_instant(r, 1) : INSTANT_NEVER;
    return OK;
}
