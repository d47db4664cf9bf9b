/* SPDX-License-Identifier: Apache-2.0 */
/* App keys: rows, and secrets that are computed, not kept. */
#include "access/rows.h"

#include <sodium.h>

enum { SECRET = 24, FRONT = 3 };

#define COLUMNS "id, version, network, app, party, name, scopes, generation, revoked, made, until"

static void key_read(const struct store_rows *r, struct arena *a, void *out)
{
    struct app_key *k = out;
    store_id(r, 0, k->id.bytes);
    k->version = store_int(r, 1);
    store_id(r, 2, k->network.bytes);
    store_id(r, 3, k->app.bytes);
    store_id(r, 4, k->party.bytes);
    k->name = access_row_text(r, 5, a);
    k->scopes = (unsigned)store_int(r, 6);
    k->generation = store_int(r, 7);
    k->revoked = store_int(r, 8) != 0;
    k->made = store_instant(r, 9);
    k->until = store_instant(r, 10);
}

void access_key_json(const struct app_key *k, struct json_out *o)
{
    char id[ID_TEXT];
    BUF(scopes);
    access_scopes_format(k->scopes, &scopes);
    json_begin(o, '{');
    json_text(o, "id", app_key_id_format(k->id, id));
    json_int(o, "version", k->version);
    json_text(o, "network",
              network_id_is_none(k->network) ? NULL : network_id_format(k->network, id));
    json_text(o, "app", app_id_is_none(k->app) ? NULL : app_id_format(k->app, id));
    json_text(o, "party", party_id_is_none(k->party) ? NULL : party_id_format(k->party, id));
    json_text(o, "name", k->name);
    json_str(o, "scopes", buf_as_str(&scopes));
    json_int(o, "generation", k->generation);
    json_bool(o, "revoked", k->revoked);
    json_instant(o, "made", k->made);
    json_instant(o, "until", k->until);
    json_end(o, '}');
}

/* --- secrets --- */

static void secret_of(const struct app_key *k, const uint8_t master[ACCESS_MASTER],
                      uint8_t out[SECRET])
{
    static const char use[] = "licet app key 1";
    uint8_t message[sizeof use + 2 * ID_BYTES + 8];
    uint64_t generation = (uint64_t)k->generation;
    memcpy(message, use, sizeof use);
    memcpy(message + sizeof use, k->id.bytes, ID_BYTES);
    memcpy(message + sizeof use + ID_BYTES, k->app.bytes, ID_BYTES);
    for (int i = 0; i < 8; i++)
        message[sizeof use + 2 * ID_BYTES + (size_t)i] = (uint8_t)(generation >> (56 - 8 * i));
    crypto_generichash(out, SECRET, message, sizeof message, master, ACCESS_MASTER);
}

void access_key_text(const struct app_key *k, const uint8_t master[ACCESS_MASTER],
                     char text[ACCESS_KEY_TEXT])
{
    char id[ID_TEXT], hex[2 * SECRET + 1];
    uint8_t secret[SECRET];
    secret_of(k, master, secret);
    hex_encode(secret, SECRET, hex);
    snprintf(text, ACCESS_KEY_TEXT, "lk_%s_%s", id_format("", k->id.bytes, id) + 1, hex);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(hex, sizeof hex);
}

static enum code key_split(struct str text, struct app_key_id *id, uint8_t secret[SECRET],
                           struct error *e)
{
    char name[ID_TEXT];
    bool good = text.length == FRONT + ID_DIGITS + 1 + 2 * SECRET && str_starts(text, "lk_") &&
                text.at[FRONT + ID_DIGITS] == '_';
    if (good) {
        struct str hex = { text.at + FRONT + ID_DIGITS + 1, 2 * SECRET };
        snprintf(name, sizeof name, "_%.*s", ID_DIGITS, text.at + FRONT);
        good = hex_decode(hex, secret, SECRET) &&
               id_parse("", "key", str_of(name), id->bytes, NULL) == OK;
    }
    return good ? OK : fail(e, ERR_UNKNOWN_KEY, "that is not a key");
}

enum code access_key_read(struct str text, struct app_key_id *id, struct error *e)
{
    uint8_t secret[SECRET];
    return key_split(text, id, secret, e);
}

enum code access_key_admit(const struct app_key *k, const uint8_t master[ACCESS_MASTER],
                           struct str text, struct instant now, struct error *e)
{
    struct app_key_id id;
    uint8_t shown[SECRET], own[SECRET];
    TRY(key_split(text, &id, shown, e));
    secret_of(k, master, own);
    bool same = sodium_memcmp(shown, own, SECRET) == 0 && app_key_id_equal(id, k->id);
    sodium_memzero(own, sizeof own);
    if (!same)
        return fail(e, ERR_UNKNOWN_KEY, "there is no such key");
    if (k->revoked)
        return fail(e, ERR_UNKNOWN_KEY, "the key was revoked");
    if (!instant_before(now, k->until))
        return fail(e, ERR_UNKNOWN_KEY, "the key's time is over");
    return OK;
}

enum code access_key_check(struct store_tx *tx, const uint8_t master[ACCESS_MASTER],
                           struct str text, struct instant now, struct arena *a,
                           struct app_key *out, struct error *e)
{
    struct app_key_id id;
    struct app_key k;
    TRY(access_key_read(text, &id, e));
    enum code code = access_key_get(tx, id, a, &k, e);
    if (code == ERR_NOT_FOUND)
        return fail(e, ERR_UNKNOWN_KEY, "there is no such key");
    TRY(code);
    TRY(access_key_admit(&k, master, text, now, e));
    *out = k;
    return OK;
}

/* --- rows --- */

static enum code key_check(struct app_key *k, struct error *e)
{
    if (!k->name)
        k->name = "";
    TRY(check_text("name", k->name, 0, 200, e));
    if (k->scopes & ~(unsigned)SCOPES_ALL)
        return fail(e, ERR_INVALID, "a key has scopes that do not exist");
    if (network_id_is_none(k->network) != app_id_is_none(k->app))
        return fail(e, ERR_INVALID, "a key of a network is one of its apps' keys");
    return OK;
}

enum code access_key_make(const struct access_act *act, const uint8_t master[ACCESS_MASTER],
                          struct app_key *given, char text[ACCESS_KEY_TEXT], struct error *e)
{
    ARENA(a);
    BUF(after);
    struct app_key k = *given;
    struct app app;
    char id[ID_TEXT];
    TRY(key_check(&k, e));
    if (!app_id_is_none(k.app)) {
        TRY(access_app_get(act->tx, k.app, &a, &app, e));
        if (!network_id_equal(app.network, k.network))
            return fail(e, ERR_INVALID, "the app \"%s\" is not one of that network", app.slug);
    }
    k.id = app_key_id_make(act->now, act->chance);
    k.version = 1;
    k.generation = 1;
    k.revoked = false;
    k.made = act->now;
    TRY(store_run(act->tx,
                  "INSERT INTO access_keys (" COLUMNS ")"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                  SQL(sql_id(k.id), sql_int(k.version), sql_id_or_null(k.network.bytes),
                      sql_id_or_null(k.app.bytes), sql_id_or_null(k.party.bytes), sql_text(k.name),
                      sql_int(k.scopes), sql_int(k.generation), sql_int(k.revoked),
                      sql_instant(k.made), sql_instant(k.until)),
                  NULL, e));
    access_key_json(&k, &(struct json_out) { .to = &after });
    TRY(access_note(act, "key.make", app_key_id_format(k.id, id), NULL, &after, e));
    access_key_text(&k, master, text);
    *given = k;
    return OK;
}

/* Version, journal and all: `k` as it shall be, at the version that is there. */
static enum code key_update(const struct access_act *act, const char *what,
                            const struct app_key *old, struct app_key *k, struct error *e)
{
    BUF(before);
    BUF(after);
    int64_t changed;
    char id[ID_TEXT];
    access_key_json(old, &(struct json_out) { .to = &before });
    access_key_json(k, &(struct json_out) { .to = &after });
    if (str_equal(buf_as_str(&before), buf_as_str(&after)))
        return OK;
    TRY(store_run(act->tx,
                  "UPDATE access_keys SET version = version + 1, party = $3, name = $4,"
                  " scopes = $5, generation = $6, revoked = $7, until = $8"
                  " WHERE id = $1 AND version = $2",
                  SQL(sql_id(k->id), sql_int(k->version), sql_id_or_null(k->party.bytes),
                      sql_text(k->name), sql_int(k->scopes), sql_int(k->generation),
                      sql_int(k->revoked), sql_instant(k->until)),
                  &changed, e));
    TRY(check_changed("key", changed, e));
    k->version++;
    buf_clear(&after);
    access_key_json(k, &(struct json_out) { .to = &after });
    return access_note(act, what, app_key_id_format(k->id, id), &before, &after, e);
}

enum code access_key_put(const struct access_act *act, struct app_key *given, struct error *e)
{
    ARENA(a);
    struct app_key k = *given, old;
    TRY(access_key_get(act->tx, k.id, &a, &old, e));
    TRY(check_version("key", old.version, k.version, e));
    k.version = old.version;
    k.network = old.network; /* what it is a key of does not change */
    k.app = old.app;
    k.generation = old.generation;
    k.made = old.made;
    TRY(key_check(&k, e));
    TRY(key_update(act, k.revoked && !old.revoked ? "key.revoke" : "key.put", &old, &k, e));
    *given = k;
    return OK;
}

enum code access_key_renew(const struct access_act *act, const uint8_t master[ACCESS_MASTER],
                           struct app_key_id id, char text[ACCESS_KEY_TEXT], struct error *e)
{
    ARENA(a);
    struct app_key k, old;
    TRY(access_key_get(act->tx, id, &a, &old, e));
    k = old;
    k.generation++;
    TRY(key_update(act, "key.renew", &old, &k, e));
    access_key_text(&k, master, text);
    return OK;
}

enum code access_key_get(struct store_tx *tx, struct app_key_id id, struct arena *a,
                         struct app_key *out, struct error *e)
{
    char text[ID_TEXT];
    return access_row_get(tx, "SELECT " COLUMNS " FROM access_keys WHERE id = $1", SQL(sql_id(id)),
                          "key", str_of(app_key_id_format(id, text)), key_read, a, out, e);
}

enum code access_key_list(struct store_tx *tx, struct app_id app, struct app_key_id after,
                          size_t limit, struct arena *a, struct app_key **out, size_t *count,
                          struct error *e)
{
    void *list;
    bool all = app_id_is_none(app);
    const struct sql_value values[] = { sql_id(after), sql_int((int64_t)limit), sql_id(app) };
    TRY(access_row_list(tx,
                        all ? "SELECT " COLUMNS
                              " FROM access_keys WHERE id > $1 ORDER BY id LIMIT $2"
                            : "SELECT " COLUMNS " FROM access_keys WHERE app = $3 AND id > $1"
                              " ORDER BY id LIMIT $2",
                        values, all ? 2 : 3, limit, sizeof **out, key_read, a, &list, count, e));
    *out = list;
    return OK;
}
