/* SPDX-License-Identifier: Apache-2.0 */
/* People: rows, passwords, one-time links and sessions. */
#include "access/rows.h"

#include <sodium.h>

enum { TOKEN = 32, PASSWORD_LEAST = 10, PASSWORD_MOST = 1000 };
/* RFC 9106 lists 64 MiB as its second choice; 19 MiB and 2 rounds is what OWASP asks at least. */
enum { ROUNDS = 2, MEMORY = 19 * 1024 * 1024 };

#define COLUMNS                                                                                    \
    "network, id, version, slug, name, role, party, suspended, CASE WHEN password IS NULL THEN 0 " \
    "ELSE 1 END, made"

static void user_read(const struct store_rows *r, struct arena *a, void *out)
{
    struct user *u = out;
    store_id(r, 0, u->network.bytes);
    store_id(r, 1, u->id.bytes);
    u->version = store_int(r, 2);
    u->slug = access_row_text(r, 3, a);
    u->name = access_row_text(r, 4, a);
    if (access_role_parse(store_text(r, 5), &u->role, NULL) != OK)
        u->role = ROLE_UPLOADER; /* a word of a newer program: may nothing */
    store_id(r, 6, u->party.bytes);
    u->suspended = store_int(r, 7) != 0;
    u->has_password = store_int(r, 8) != 0;
    u->made = store_instant(r, 9);
}

void access_user_json(const struct user *u, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", user_id_format(u->id, id));
    json_int(o, "version", u->version);
    json_text(o, "network",
              network_id_is_none(u->network) ? NULL : network_id_format(u->network, id));
    json_text(o, "slug", u->slug);
    json_text(o, "name", u->name);
    json_text(o, "role", access_role_word(u->role));
    json_text(o, "party", party_id_is_none(u->party) ? NULL : party_id_format(u->party, id));
    json_bool(o, "suspended", u->suspended);
    json_bool(o, "has_password", u->has_password);
    json_instant(o, "made", u->made);
    json_end(o, '}');
}

static enum code user_check(struct user *u, struct error *e)
{
    TRY(check_text("slug", u->slug, 1, 200, e)); /* often another system's name of a person */
    if (!u->name || !*u->name)
        u->name = u->slug;
    TRY(check_text("name", u->name, 1, 200, e));
    if ((unsigned)u->role >= ROLE_COUNT)
        return fail(e, ERR_INVALID, "a person has a role that does not exist");
    if (!network_id_is_none(u->network) && u->role != ROLE_UPLOADER)
        return fail(e, ERR_INVALID,
                    "people of a network are uploaders; \"%s\" is a role of the "
                    "installation",
                    access_role_word(u->role));
    if (network_id_is_none(u->network) && u->role == ROLE_UPLOADER)
        return fail(e, ERR_INVALID, "an uploader is one of a network");
    return OK;
}

static enum code user_old(const struct access_act *act, const struct user *u, struct arena *a,
                          struct user *old, bool *found, struct error *e)
{
    enum code code = !user_id_is_none(u->id)
                         ? access_user_get(act->tx, u->network, u->id, a, old, e)
                         : access_user_find(act->tx, u->network, str_of(u->slug), a, old, e);
    *found = code == OK;
    return code == ERR_NOT_FOUND && u->version == 0 ? OK : code;
}

static enum code user_insert(const struct access_act *act, struct user *u, struct arena *a,
                             struct error *e)
{
    struct network network;
    if (!network_id_is_none(u->network))
        TRY(access_network_get(act->tx, u->network, a, &network, e));
    if (user_id_is_none(u->id))
        u->id = user_id_make(act->now, act->chance);
    u->version = 1;
    u->has_password = false;
    u->made = act->now;
    return store_run(act->tx,
                     "INSERT INTO access_users (network, id, version, slug, name, role, party,"
                     " suspended, password, made)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9)",
                     SQL(sql_id(u->network), sql_id(u->id), sql_int(u->version), sql_text(u->slug),
                         sql_text(u->name), sql_text(access_role_word(u->role)),
                         sql_id_or_null(u->party.bytes), sql_int(u->suspended),
                         sql_instant(u->made)),
                     NULL, e);
}

static enum code user_update(const struct access_act *act, const struct user *u, struct error *e)
{
    int64_t changed;
    TRY(store_run(act->tx,
                  "UPDATE access_users SET version = version + 1, slug = $4, name = $5, role = $6,"
                  " party = $7, suspended = $8 WHERE network = $1 AND id = $2 AND version = $3",
                  SQL(sql_id(u->network), sql_id(u->id), sql_int(u->version), sql_text(u->slug),
                      sql_text(u->name), sql_text(access_role_word(u->role)),
                      sql_id_or_null(u->party.bytes), sql_int(u->suspended)),
                  &changed, e));
    return check_changed("person", changed, e);
}

enum code access_user_put(const struct access_act *act, struct user *given, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    struct user u = *given, old;
    bool found;
    char id[ID_TEXT];
    TRY(user_check(&u, e));
    TRY(user_old(act, &u, &a, &old, &found, e));
    if (found) {
        TRY(check_version("person", old.version, u.version, e));
        u.id = old.id;
        u.version = old.version;
        u.made = old.made;
        u.has_password = old.has_password;
        access_user_json(&old, &(struct json_out) { .to = &before });
        access_user_json(&u, &(struct json_out) { .to = &after });
        if (str_equal(buf_as_str(&before), buf_as_str(&after))) {
            *given = u;
            return OK;
        }
        TRY(user_update(act, &u, e));
        u.version++;
    } else {
        TRY(user_insert(act, &u, &a, e));
    }
    buf_clear(&after);
    access_user_json(&u, &(struct json_out) { .to = &after });
    TRY(access_note(act, "user.put", user_id_format(u.id, id), &before, &after, e));
    *given = u;
    return OK;
}

enum code access_user_get(struct store_tx *tx, struct network_id network, struct user_id id,
                          struct arena *a, struct user *out, struct error *e)
{
    char text[ID_TEXT];
    return access_row_get(tx, "SELECT " COLUMNS " FROM access_users WHERE network = $1 AND id = $2",
                          SQL(sql_id(network), sql_id(id)), "person",
                          str_of(user_id_format(id, text)), user_read, a, out, e);
}

enum code access_user_find(struct store_tx *tx, struct network_id network, struct str slug,
                           struct arena *a, struct user *out, struct error *e)
{
    return access_row_get(
        tx, "SELECT " COLUMNS " FROM access_users WHERE network = $1 AND slug = $2",
        SQL(sql_id(network), sql_str(slug)), "person", slug, user_read, a, out, e);
}

enum code access_user_list(struct store_tx *tx, struct network_id network, struct user_id after,
                           size_t limit, struct arena *a, struct user **out, size_t *count,
                           struct error *e)
{
    void *list;
    TRY(access_row_list(tx,
                        "SELECT " COLUMNS " FROM access_users WHERE network = $1 AND id > $2"
                        " ORDER BY id LIMIT $3",
                        SQL(sql_id(network), sql_id(after), sql_int((int64_t)limit)), limit,
                        sizeof **out, user_read, a, &list, count, e));
    *out = list;
    return OK;
}

/* --- passwords --- */

enum code access_password_put(const struct access_act *act, struct network_id network,
                              struct user_id id, struct str password, struct error *e)
{
    char hash[crypto_pwhash_STRBYTES], text[ID_TEXT];
    int64_t changed;
    size_t characters = 0;
    for (size_t i = 0; i < password.length; i++)
        characters += ((unsigned char)password.at[i] & 0xC0) != 0x80;
    if (characters < PASSWORD_LEAST || password.length > PASSWORD_MOST)
        return fail(e, ERR_INVALID, "a password has %d characters or more, and %d bytes at most",
                    PASSWORD_LEAST, PASSWORD_MOST);
    if (crypto_pwhash_str(hash, password.at, password.length, ROUNDS, MEMORY) != 0)
        return fail(e, ERR_MEMORY, "no memory for a password");
    TRY(store_run(act->tx,
                  "UPDATE access_users SET version = version + 1, password = $3"
                  " WHERE network = $1 AND id = $2",
                  SQL(sql_id(network), sql_id(id), sql_text(hash)), &changed, e));
    if (changed != 1)
        return fail(e, ERR_NOT_FOUND, "there is no person \"%s\"", user_id_format(id, text));
    return access_note(act, "user.password", user_id_format(id, text), NULL, NULL, e);
}

/* argon2id of "" with our rounds and memory, so that nobody can tell by the time who is there */
static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static enum code password_hash(struct store_tx *tx, struct network_id network, struct str slug,
                               char hash[crypto_pwhash_STRBYTES], struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "SELECT password FROM access_users WHERE network = $1 AND slug = $2",
                  SQL(sql_id(network), sql_str(slug)), &r, &found, e));
    struct str text = found ? store_text(r, 0) : (struct str) { 0 };
    if (!text.length || text.length >= crypto_pwhash_STRBYTES)
        text = str_of(nobody);
    memset(hash, 0, crypto_pwhash_STRBYTES);
    memcpy(hash, text.at, text.length);
    return OK;
}

static enum code admit_person(struct store_tx *tx, struct network_id network, struct str slug,
                              struct arena *a, struct user *out, struct error *e)
{
    struct user u;
    TRY(access_user_find(tx, network, slug, a, &u, e));
    if (u.suspended)
        return fail(e, ERR_DENIED, "\"%s\" is suspended", u.slug);
    *out = u;
    return OK;
}

enum code access_password_check(struct store_tx *tx, struct network_id network, struct str slug,
                                struct str password, struct arena *a, struct user *out,
                                struct error *e)
{
    char hash[crypto_pwhash_STRBYTES];
    if (password.length > PASSWORD_MOST || !str_is_utf8(slug))
        return fail(e, ERR_UNKNOWN_KEY, "name or password is wrong");
    TRY(password_hash(tx, network, slug, hash, e));
    if (crypto_pwhash_str_verify(hash, password.at ? password.at : "", password.length) != 0 ||
        strcmp(hash, nobody) == 0)
        return fail(e, ERR_UNKNOWN_KEY, "name or password is wrong");
    return admit_person(tx, network, slug, a, out, e);
}

/* --- links and sessions --- */

static const char *token_word(enum access_token kind)
{
    return kind == ACCESS_LINK ? "link" : "session";
}

static void token_hash(const uint8_t secret[TOKEN], uint8_t hash[TOKEN])
{
    crypto_generichash(hash, TOKEN, secret, TOKEN, NULL, 0);
}

enum code access_token_make(const struct access_act *act, enum access_token kind,
                            const struct user *u, struct instant until,
                            char text[ACCESS_TOKEN_TEXT], struct error *e)
{
    uint8_t secret[TOKEN], hash[TOKEN];
    char id[ID_TEXT];
    BUF(after);
    if (!network_id_is_none(u->network))
        return fail(e, ERR_INVALID, "people of a network log in at the network");
    act->chance->fill(act->chance->state, secret, TOKEN);
    token_hash(secret, hash);
    TRY(store_run(act->tx,
                  "INSERT INTO access_tokens (network, hash, kind, person, until)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  SQL(sql_id(u->network), sql_bytes(hash, TOKEN), sql_text(token_word(kind)),
                      sql_id(u->id), sql_instant(until)),
                  NULL, e));
    if (kind == ACCESS_LINK) {
        struct json_out o = { .to = &after };
        json_begin(&o, '{');
        json_instant(&o, "until", until);
        json_end(&o, '}');
        TRY(access_note(act, "user.link", user_id_format(u->id, id), NULL, &after, e));
    }
    hex_encode(secret, TOKEN, text);
    return OK;
}

enum code access_token_check(const struct access_act *act, enum access_token kind, struct str text,
                             struct arena *a, struct user *out, struct error *e)
{
    static const struct network_id none;
    owned(store_rows) r = NULL;
    uint8_t secret[TOKEN], hash[TOKEN];
    struct user u;
    bool found;
    if (!hex_decode(text, secret, TOKEN))
        return fail(e, ERR_UNKNOWN_KEY, "that is not a %s", token_word(kind));
    token_hash(secret, hash);
    /* a link goes with its use: of two who come with it, one finds it */
    const char *sql = kind == ACCESS_LINK
                          ? "DELETE FROM access_tokens WHERE network = $1 AND hash = $2"
                            " AND kind = 'link' RETURNING person, until"
                          : "SELECT person, until FROM access_tokens WHERE network = $1"
                            " AND hash = $2 AND kind = 'session'";
    TRY(store_one(act->tx, sql, SQL(sql_id(none), sql_bytes(hash, TOKEN)), &r, &found, e));
    if (!found || !instant_before(act->now, store_instant(r, 1)))
        return fail(e, ERR_UNKNOWN_KEY, "the %s was used, or its time is over", token_word(kind));
    struct user_id id;
    store_id(r, 0, id.bytes);
    TRY(access_user_get(act->tx, none, id, a, &u, e));
    if (u.suspended)
        return fail(e, ERR_DENIED, "\"%s\" is suspended", u.slug);
    *out = u;
    return OK;
}

enum code access_token_end(const struct access_act *act, struct str text, struct error *e)
{
    static const struct network_id none;
    uint8_t secret[TOKEN], hash[TOKEN] = { 0 };
    if (hex_decode(text, secret, TOKEN))
        token_hash(secret, hash);
    return store_run(act->tx,
                     "DELETE FROM access_tokens WHERE network = $1 AND (hash = $2 OR until <= $3)",
                     SQL(sql_id(none), sql_bytes(hash, TOKEN), sql_instant(act->now)), NULL, e);
}
