/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of ddex's own tables. */
#include "ddex/kept.h"

enum { MADE_MOST = 1000000, PARTNERS_MOST = 10000 };

#define WORD(member, word) word,
static const char *const omission_words[] = { ERN_OMISSIONS(WORD) };
static const char *const percent_words[] = { ERN_PERCENTS(WORD) };
#undef WORD

static enum code parse_word(const char *const *words, int count, const char *what, struct str text,
                            int *out, struct error *e)
{
    BUF(list);
    for (int i = 0; i < count; i++) {
        if (str_is(text, words[i])) {
            *out = i;
            return OK;
        }
        buf_format(&list, "%s%s", i ? ", " : "", words[i]);
    }
    return fail(e, ERR_INVALID, "%s is one of %.*s", what, STR_ARG(buf_as_str(&list)));
}

const char *ern_omission_word(enum ern_omission o)
{
    return omission_words[o];
}

const char *ern_percent_word(enum ern_percent p)
{
    return percent_words[p];
}

enum code ern_omission_parse(struct str text, enum ern_omission *out, struct error *e)
{
    int found = 0;
    TRY(parse_word(omission_words, ERN_OMISSION_COUNT, "omission", text, &found, e));
    *out = (enum ern_omission)found;
    return OK;
}

enum code ern_percent_parse(struct str text, enum ern_percent *out, struct error *e)
{
    int found = 0;
    TRY(parse_word(percent_words, ERN_PERCENT_COUNT, "percent", text, &found, e));
    *out = (enum ern_percent)found;
    return OK;
}

/* ---- partners ---- */

static enum code read_apps(struct store_tx *tx, struct party_id catalogue, const char *dpid,
                           struct arena *a, const struct app_id **apps, size_t *count,
                           struct error *e)
{
    owned(store_rows) rows = NULL;
    struct app_id *items = ARENA_ARRAY(a, struct app_id, APPS_MOST);
    bool more;
    *count = 0;
    TRY(store_query(tx,
                    "SELECT app FROM ddex_channels WHERE catalogue = $1 AND dpid = $2 "
                    "ORDER BY app LIMIT 64",
                    SQL(sql_id(catalogue), sql_text(dpid)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        store_id(rows, 0, items[(*count)++].bytes);
    }
    *apps = items;
    return OK;
}

enum code kept_apps(const struct kept_scope *s, const char *dpid, struct arena *a,
                    const struct app_id **apps, size_t *count, struct error *e)
{
    return read_apps(s->act->tx, s->act->catalogue, dpid, a, apps, count, e);
}

enum code ern_partner_put(const struct registry_act *act, const struct ern_partner *p,
                          struct error *e)
{
    ARENA(a);
    BUF(after);
    struct party party;
    char id[ID_TEXT];
    if (!p->dpid || !p->dpid[0] || strlen(p->dpid) > 200 || !str_is_utf8(str_of(p->dpid)))
        return fail(e, ERR_INVALID, "a partner has a DPID, or what else its messages call it");
    TRY(registry_party_get(act->tx, act->catalogue, p->party, &a, &party, e));
    TRY(store_run(act->tx,
                  "INSERT INTO ddex_partners (catalogue, dpid, party, omission, percent) VALUES "
                  "($1, $2, $3, $4, $5) ON CONFLICT (catalogue, dpid) DO UPDATE SET "
                  "party = excluded.party, omission = excluded.omission, "
                  "percent = excluded.percent",
                  SQL(sql_id(act->catalogue), sql_text(p->dpid), sql_id(p->party),
                      sql_text(ern_omission_word(p->omission)),
                      sql_text(ern_percent_word(p->percent))),
                  NULL, e));
    TRY(store_run(act->tx, "DELETE FROM ddex_channels WHERE catalogue = $1 AND dpid = $2",
                  SQL(sql_id(act->catalogue), sql_text(p->dpid)), NULL, e));
    for (size_t i = 0; i < p->app_count; i++)
        TRY(store_run(act->tx,
                      "INSERT INTO ddex_channels (catalogue, dpid, app) VALUES ($1, $2, $3) ON "
                      "CONFLICT (catalogue, dpid, app) DO NOTHING",
                      SQL(sql_id(act->catalogue), sql_text(p->dpid), sql_id(p->apps[i])), NULL, e));
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "dpid", p->dpid);
    json_text(&o, "party", party_id_format(p->party, id));
    json_text(&o, "omission", ern_omission_word(p->omission));
    json_text(&o, "percent", ern_percent_word(p->percent));
    json_int(&o, "apps", (int64_t)p->app_count);
    json_end(&o, '}');
    return registry_note(act, "partner.set", party_id_format(p->party, id), NULL, &after, e);
}

static enum code read_partner(struct store_tx *tx, struct party_id catalogue,
                              const struct store_rows *r, struct arena *a, struct ern_partner *out,
                              struct error *e)
{
    *out = (struct ern_partner) { .dpid = str_copy(a, store_text(r, 0)) };
    store_id(r, 1, out->party.bytes);
    TRY(ern_omission_parse(store_text(r, 2), &out->omission, e));
    TRY(ern_percent_parse(store_text(r, 3), &out->percent, e));
    return read_apps(tx, catalogue, out->dpid, a, &out->apps, &out->app_count, e);
}

enum code ern_partner_find(struct store_tx *tx, struct party_id catalogue, struct str dpid,
                           struct arena *a, struct ern_partner *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx,
                  "SELECT dpid, party, omission, percent FROM ddex_partners WHERE catalogue = $1 "
                  "AND dpid = $2",
                  SQL(sql_id(catalogue), sql_str(dpid)), &rows, found, e));
    return *found ? read_partner(tx, catalogue, rows, a, out, e) : OK;
}

enum code ern_partner_list(struct store_tx *tx, struct party_id catalogue, struct arena *a,
                           struct ern_partner **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct ern_partner *items = ARENA_ARRAY(a, struct ern_partner, PARTNERS_MOST);
    bool more;
    *count = 0;
    TRY(store_query(tx,
                    "SELECT dpid, party, omission, percent FROM ddex_partners WHERE "
                    "catalogue = $1 ORDER BY dpid LIMIT 10000",
                    SQL(sql_id(catalogue)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        TRY(read_partner(tx, catalogue, rows, a, &items[(*count)++], e));
    }
    *out = items;
    return OK;
}

/* ---- messages ---- */

enum code kept_message_find(const struct kept_scope *s, const char *message, struct arena *a,
                            struct kept_message *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(s->act->tx,
                  "SELECT digest, kind, outcome, rule, file, created_us FROM ddex_messages WHERE "
                  "catalogue = $1 AND sender = $2 AND message = $3",
                  SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(message)), &rows,
                  found, e));
    if (*found)
        *out = (struct kept_message) { .message = message,
                                       .digest = str_copy(a, store_text(rows, 0)),
                                       .kind = str_copy(a, store_text(rows, 1)),
                                       .outcome = str_copy(a, store_text(rows, 2)),
                                       .rule = str_copy(a, store_text(rows, 3)),
                                       .file = str_copy(a, store_text(rows, 4)),
                                       .created = store_instant(rows, 5) };
    return OK;
}

enum code kept_message_put(const struct kept_scope *s, const struct kept_message *m,
                           struct error *e)
{
    return store_run(
        s->act->tx,
        "INSERT INTO ddex_messages (catalogue, sender, message, digest, kind, outcome, rule, file, "
        "created_us, received_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT "
        "(catalogue, sender, message) DO UPDATE SET digest = excluded.digest, "
        "kind = excluded.kind, outcome = excluded.outcome, rule = excluded.rule, "
        "file = excluded.file, created_us = excluded.created_us, "
        "received_us = excluded.received_us",
        SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(m->message),
            sql_text(m->digest), sql_text(m->kind), sql_text(m->outcome), sql_text(m->rule),
            sql_text(m->file), sql_instant(m->created), sql_instant(s->act->now)),
        NULL, e);
}

/* ---- what was spoken of, and what was made of it ---- */

enum code kept_spoken(const struct kept_scope *s, const char *thing, struct instant *out,
                      struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(s->act->tx,
                  "SELECT created_us FROM ddex_spoken WHERE catalogue = $1 AND sender = $2 AND "
                  "thing = $3",
                  SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(thing)), &rows,
                  &found, e));
    *out = found ? store_instant(rows, 0) : INSTANT_FIRST;
    return OK;
}

enum code kept_speak(const struct kept_scope *s, const char *thing, const char *message,
                     struct instant created, struct error *e)
{
    return store_run(s->act->tx,
                     "INSERT INTO ddex_spoken (catalogue, sender, thing, message, created_us) "
                     "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (catalogue, sender, thing) DO UPDATE "
                     "SET message = excluded.message, created_us = excluded.created_us",
                     SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(thing),
                         sql_text(message), sql_instant(created)),
                     NULL, e);
}

enum code kept_made_list(const struct kept_scope *s, const char *thing, struct arena *a,
                         struct kept_made **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct kept_made *items = NULL;
    size_t n = 0, room = 0;
    bool more;
    TRY(store_query(s->act->tx,
                    "SELECT kind, record, content FROM ddex_made WHERE catalogue = $1 AND "
                    "sender = $2 AND thing = $3 ORDER BY kind, record LIMIT 1000000",
                    SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(thing)), &rows,
                    e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        if (n == room) {
            room = room ? 2 * room : 16;
            struct kept_made *bigger = ARENA_ARRAY(a, struct kept_made, room);
            if (n)
                memcpy(bigger, items, n * sizeof *items);
            items = bigger;
        }
        items[n] = (struct kept_made) { .kind = str_copy(a, store_text(rows, 0)),
                                        .content = str_copy(a, store_text(rows, 2)) };
        store_id(rows, 1, items[n++].record);
    }
    *out = items;
    *count = n;
    return OK;
}

enum code kept_made_put(const struct kept_scope *s, const char *thing, const struct kept_made *m,
                        struct error *e)
{
    return store_run(s->act->tx,
                     "INSERT INTO ddex_made (catalogue, sender, thing, kind, record, content) "
                     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (catalogue, sender, thing, kind, "
                     "record) DO UPDATE SET content = excluded.content",
                     SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(thing),
                         sql_text(m->kind), sql_bytes(m->record, ID_BYTES), sql_text(m->content)),
                     NULL, e);
}

enum code kept_made_drop(const struct kept_scope *s, const char *thing, const struct kept_made *m,
                         struct error *e)
{
    return store_run(s->act->tx,
                     "DELETE FROM ddex_made WHERE catalogue = $1 AND sender = $2 AND thing = $3 "
                     "AND kind = $4 AND record = $5",
                     SQL(sql_id(s->act->catalogue), sql_text(s->sender), sql_text(thing),
                         sql_text(m->kind), sql_bytes(m->record, ID_BYTES)),
                     NULL, e);
}

/* ---- previews ---- */

enum code ern_preview_of(struct store_tx *tx, struct party_id catalogue,
                         struct recording_id recording, struct preview_wish *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    *out = (struct preview_wish) { 0 };
    TRY(store_one(tx,
                  "SELECT start_ms, length_ms FROM ddex_previews WHERE catalogue = $1 AND "
                  "recording = $2 ORDER BY created_us DESC, sender LIMIT 1",
                  SQL(sql_id(catalogue), sql_id(recording)), &rows, &out->given, e));
    if (out->given) {
        out->start_ms = store_int(rows, 0);
        out->length_ms = store_int(rows, 1);
    }
    return OK;
}

enum code kept_preview(const struct kept_scope *s, struct recording_id recording,
                       struct preview_wish *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    *out = (struct preview_wish) { 0 };
    TRY(store_one(s->act->tx,
                  "SELECT start_ms, length_ms FROM ddex_previews WHERE catalogue = $1 AND "
                  "recording = $2 AND sender = $3",
                  SQL(sql_id(s->act->catalogue), sql_id(recording), sql_text(s->sender)), &rows,
                  &out->given, e));
    if (out->given) {
        out->start_ms = store_int(rows, 0);
        out->length_ms = store_int(rows, 1);
    }
    return OK;
}

enum code kept_preview_put(const struct kept_scope *s, struct recording_id recording,
                           const struct preview_wish *wish, struct instant created, struct error *e)
{
    TRY(store_run(s->act->tx,
                  "DELETE FROM ddex_previews WHERE catalogue = $1 AND recording = $2 AND "
                  "sender = $3",
                  SQL(sql_id(s->act->catalogue), sql_id(recording), sql_text(s->sender)), NULL, e));
    if (!wish->given)
        return OK;
    return store_run(s->act->tx,
                     "INSERT INTO ddex_previews (catalogue, recording, sender, start_ms, "
                     "length_ms, created_us) VALUES ($1, $2, $3, $4, $5, $6)",
                     SQL(sql_id(s->act->catalogue), sql_id(recording), sql_text(s->sender),
                         sql_int(wish->start_ms), sql_int(wish->length_ms), sql_instant(created)),
                     NULL, e);
}
