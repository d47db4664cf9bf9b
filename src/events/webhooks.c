/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks and what became of their messages. */
#include <sodium.h>

#include "events/events.h"

#define COLUMNS "id, version, url, party, network, types, secret, disabled, reason, made"

enum { SEALED = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + WEBHOOK_SECRET };

static struct sql_value id_or_null(const uint8_t id[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(id, none, ID_BYTES) == 0 ? sql_null() : sql_bytes(id, ID_BYTES);
}

static void seal_secret(const struct webhook *h, const uint8_t seal[WEBHOOK_SEAL],
                        const struct chance *chance, uint8_t out[SEALED])
{
    chance->fill(chance->state, out, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, h->secret, WEBHOOK_SECRET, out, seal);
}

static enum code open_secret(struct str sealed, const uint8_t seal[WEBHOOK_SEAL], struct webhook *h,
                             struct error *e)
{
    const uint8_t *at = (const uint8_t *)sealed.at;
    if (sealed.length != SEALED ||
        crypto_secretbox_open_easy(h->secret, at + crypto_secretbox_NONCEBYTES,
                                   SEALED - crypto_secretbox_NONCEBYTES, at, seal) != 0)
        return fail(e, ERR_CORRUPT, "the secret of a webhook does not open with this folder's key");
    return OK;
}

static void read_webhook(const struct store_rows *r, struct arena *a, struct webhook *h)
{
    *h = (struct webhook) { .version = store_int(r, 1),
                            .url = str_copy(a, store_text(r, 2)),
                            .types = str_copy(a, store_text(r, 5)),
                            .disabled = store_int(r, 7) != 0,
                            .reason = store_is_null(r, 8) ? NULL : str_copy(a, store_text(r, 8)),
                            .made = store_instant(r, 9) };
    store_id(r, 0, h->id.bytes);
    store_id(r, 3, h->view.party.bytes);
    store_id(r, 4, h->view.network.bytes);
}

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (!((c >= 'a' && c <= 'z') || c == '_' || c == '.'))
            return false;
    }
    return s.length > 0;
}

static enum code check(const struct webhook *h, struct error *e)
{
    struct str url = str_of(h->url), types = str_of(h->types), word;
    if (url.length > WEBHOOK_URL_MOST)
        return fail(e, ERR_LIMIT, "\"url\" has at most %d bytes", WEBHOOK_URL_MOST);
    if (!str_starts(url, "https://") && !str_starts(url, "http://"))
        return fail(e, ERR_INVALID, "\"url\" must begin with https:// or http://");
    for (size_t i = 0; i < url.length; i++)
        if ((unsigned char)url.at[i] <= ' ' || (unsigned char)url.at[i] >= 127)
            return fail(e, ERR_INVALID, "\"url\" has a character that an address has not");
    while (types.length && str_split(&types, ',', &word))
        if (!is_word(word))
            return fail(e, ERR_INVALID, "\"types\": \"%.*s\" is not a type of event",
                        STR_ARG(word));
    return OK;
}

enum code webhook_put(struct store_tx *tx, const uint8_t seal[WEBHOOK_SEAL], struct instant now,
                      const struct chance *chance, struct webhook *h, struct error *e)
{
    uint8_t sealed[SEALED];
    TRY(check(h, e));
    h->id = webhook_id_make(now, chance);
    h->version = 1;
    h->made = now;
    chance->fill(chance->state, h->secret, sizeof h->secret);
    seal_secret(h, seal, chance, sealed);
    return store_run(tx,
                     "INSERT INTO webhooks (" COLUMNS ") VALUES ($1, 1, $2, $3, $4, $5, $6, 0, "
                     "NULL, $7)",
                     SQL(sql_id(h->id), sql_text(h->url), id_or_null(h->view.party.bytes),
                         id_or_null(h->view.network.bytes), sql_text(h->types),
                         sql_bytes(sealed, sizeof sealed), sql_instant(now)),
                     NULL, e);
}

static enum code no_webhook(struct webhook_id id, struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "there is no webhook %s", webhook_id_format(id, text));
}

enum code webhook_get(struct store_tx *tx, const uint8_t seal[WEBHOOK_SEAL], struct webhook_id id,
                      struct arena *a, struct webhook *out, struct error *e)
{
    owned(store_rows) row = NULL;
    bool found;
    TRY(store_one(tx, "SELECT " COLUMNS " FROM webhooks WHERE id = $1", SQL(sql_id(id)), &row,
                  &found, e));
    if (!found)
        return no_webhook(id, e);
    read_webhook(row, a, out);
    return open_secret(store_bytes(row, 6), seal, out, e);
}

enum code webhook_list(struct store_tx *tx, const struct event_view *v, struct webhook_id after,
                       size_t limit, struct arena *a, struct webhook **out, size_t *count,
                       struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    size_t n = 0;
    limit = limit < WEBHOOKS_MOST ? limit : WEBHOOKS_MOST;
    struct webhook *list = arena_try(a, limit + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu webhooks", limit);
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM webhooks WHERE id > $1 AND ($2 = 1 OR party = $3) "
                    "AND ($4 = 1 OR network = $5) ORDER BY id LIMIT $6",
                    SQL(sql_id(after), sql_int(party_id_is_none(v->party)), sql_id(v->party),
                        sql_int(network_id_is_none(v->network)), sql_id(v->network),
                        sql_int((int64_t)limit)),
                    &rows, e));
    for (; n < limit; n++) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_webhook(rows, a, &list[n]);
    }
    *out = list;
    *count = n;
    return OK;
}

enum code webhook_switch(struct store_tx *tx, struct webhook_id id, bool disabled,
                         const char *reason, struct error *e)
{
    int64_t changed;
    TRY(store_run(tx,
                  "UPDATE webhooks SET disabled = $2, reason = $3, version = version + 1 "
                  "WHERE id = $1",
                  SQL(sql_id(id), sql_int(disabled), sql_text(reason)), &changed, e));
    return changed ? OK : no_webhook(id, e);
}

enum code webhook_drop(struct store_tx *tx, struct webhook_id id, struct error *e)
{
    int64_t changed;
    TRY(store_run(tx, "DELETE FROM webhook_deliveries WHERE webhook = $1", SQL(sql_id(id)), NULL,
                  e));
    TRY(store_run(tx, "DELETE FROM webhooks WHERE id = $1", SQL(sql_id(id)), &changed, e));
    return changed ? OK : no_webhook(id, e);
}

bool webhook_wants(const struct webhook *h, const char *what)
{
    struct str types = str_of(h->types), word;
    if (!types.length)
        return true;
    while (str_split(&types, ',', &word))
        if (strncmp(what, word.at, word.length) == 0 &&
            (what[word.length] == '\0' || what[word.length] == '.'))
            return true;
    return false;
}

void webhook_json(const struct webhook *h, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", webhook_id_format(h->id, id));
    json_int(o, "version", h->version);
    json_text(o, "url", h->url);
    json_text(o, "party",
              party_id_is_none(h->view.party) ? NULL : party_id_format(h->view.party, id));
    json_text(o, "network",
              network_id_is_none(h->view.network) ? NULL : network_id_format(h->view.network, id));
    json_text(o, "types", h->types);
    json_bool(o, "disabled", h->disabled);
    json_text(o, "reason", h->reason);
    json_instant(o, "made", h->made);
    json_end(o, '}');
}

/* ---- deliveries ---- */

enum code webhook_delivery_put(struct store_tx *tx, const struct webhook_delivery *d,
                               struct error *e)
{
    return store_run(tx,
                     "INSERT INTO webhook_deliveries (webhook, seq, state, tries, status, error, "
                     "changed) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (webhook, seq) DO "
                     "UPDATE SET state = excluded.state, tries = excluded.tries, "
                     "status = excluded.status, error = excluded.error, changed = excluded.changed",
                     SQL(sql_id(d->webhook), sql_int(d->seq), sql_text(d->state), sql_int(d->tries),
                         sql_int(d->status), sql_text(d->error), sql_instant(d->changed)),
                     NULL, e);
}

enum code webhook_delivery_list(struct store_tx *tx, struct webhook_id webhook, int64_t before,
                                size_t limit, struct arena *a, struct webhook_delivery **out,
                                size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    size_t n = 0;
    limit = limit < WEBHOOKS_MOST ? limit : WEBHOOKS_MOST;
    struct webhook_delivery *list = arena_try(a, limit + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu deliveries", limit);
    TRY(store_query(tx,
                    "SELECT seq, state, tries, status, error, changed FROM webhook_deliveries "
                    "WHERE webhook = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
                    SQL(sql_id(webhook), sql_int(before), sql_int((int64_t)limit)), &rows, e));
    for (; n < limit; n++) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        list[n] = (struct webhook_delivery) { .webhook = webhook,
                                              .seq = store_int(rows, 0),
                                              .state = str_copy(a, store_text(rows, 1)),
                                              .tries = store_int(rows, 2),
                                              .status = store_int(rows, 3),
                                              .error = store_is_null(rows, 4)
                                                           ? NULL
                                                           : str_copy(a, store_text(rows, 4)),
                                              .changed = store_instant(rows, 5) };
    }
    *out = list;
    *count = n;
    return OK;
}
