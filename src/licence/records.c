/* SPDX-License-Identifier: Apache-2.0 */
/* Licences in the store. An ended licence stays as a row. */
#include "licence/licence.h"

#define COLUMNS                                                                                    \
    "id, licensor, version, name, networks, apps, territories, uses, models, from_us, until_us, "  \
    "clip_seconds, recording"

enum { NAME_BYTES_MOST = 1000, CLIP_SECONDS_MOST = 86400 };

/* Ids one after the other, copied into the arena; NULL where there are none. */
static const void *read_ids(struct str bytes, struct arena *a, size_t *count)
{
    *count = bytes.length / ID_BYTES;
    return *count ? arena_text(a, bytes.at, *count * ID_BYTES) : NULL;
}

static enum code read_licence(const struct store_rows *r, struct arena *a, struct licence *l,
                              struct error *e)
{
    *l = (struct licence) { .version = store_int(r, 2), .clip_seconds = store_int(r, 11) };
    store_id(r, 0, l->id.bytes);
    store_id(r, 1, l->licensor.bytes);
    store_id(r, 12, l->recording.bytes);
    l->name = str_copy(a, store_text(r, 3));
    l->networks = read_ids(store_bytes(r, 4), a, &l->network_count);
    l->apps = read_ids(store_bytes(r, 5), a, &l->app_count);
    l->from = store_instant(r, 9);
    l->until = store_instant(r, 10);
    TRY(uses_parse(store_text(r, 7), &l->uses, e));
    TRY(models_parse(store_text(r, 8), &l->models, e));
    return territory_set_parse(store_text(r, 6), &l->territories, NULL, e);
}

static void words_json(struct json_out *o, const char *name, struct str words)
{
    struct str part;
    json_key(o, name);
    json_begin(o, '[');
    while (str_split(&words, ',', &part))
        if (part.length)
            json_put_str(o, part);
    json_end(o, ']');
}

void licence_json(const struct licence *l, struct json_out *o)
{
    ARENA(a);
    BUF(uses);
    BUF(models);
    char id[ID_TEXT];
    uses_format(l->uses, &uses);
    models_format(l->models, &models);
    json_begin(o, '{');
    json_text(o, "id", licence_id_format(l->id, id));
    json_text(o, "licensor", party_id_format(l->licensor, id));
    json_int(o, "version", l->version);
    json_text(o, "name", l->name);
    json_key(o, "networks");
    json_begin(o, '[');
    for (size_t i = 0; i < l->network_count; i++)
        json_put_text(o, network_id_format(l->networks[i], id));
    json_end(o, ']');
    json_key(o, "apps");
    json_begin(o, '[');
    for (size_t i = 0; i < l->app_count; i++)
        json_put_text(o, app_id_format(l->apps[i], id));
    json_end(o, ']');
    json_text(o, "territories", territory_set_text(&l->territories, &a));
    words_json(o, "uses", buf_as_str(&uses));
    words_json(o, "models", buf_as_str(&models));
    json_instant(o, "from", l->from);
    json_instant(o, "until", l->until);
    json_int(o, "clip_seconds", l->clip_seconds);
    if (!recording_id_is_none(l->recording))
        json_text(o, "recording", recording_id_format(l->recording, id));
    json_end(o, '}');
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct licence_id id,
                       struct arena *a, struct licence *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx,
                  "SELECT " COLUMNS " FROM licence_licences WHERE catalogue = $1 AND id = $2 AND "
                  "ended = 0",
                  SQL(sql_id(catalogue), sql_id(id)), &rows, found, e));
    return *found ? read_licence(rows, a, out, e) : OK;
}

static enum code no_licence(struct licence_id id, struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "there is no licence %s", licence_id_format(id, text));
}

enum code licence_get(struct store_tx *tx, struct party_id catalogue, struct licence_id id,
                      struct arena *a, struct licence *out, struct error *e)
{
    bool found;
    TRY(by_id(tx, catalogue, id, a, out, &found, e));
    return found ? OK : no_licence(id, e);
}

enum code licence_list(struct store_tx *tx, struct party_id catalogue, struct party_id licensor,
                       struct licence_id after, size_t limit, struct arena *a, struct licence **out,
                       size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct licence *items = NULL;
    size_t n = 0, room = 0;
    bool more, all = party_id_is_none(licensor);
    const struct sql_value values[] = { sql_id(catalogue), sql_id(after), sql_int((int64_t)limit),
                                        sql_id(licensor) };
    TRY(store_query(tx,
                    all ? "SELECT " COLUMNS " FROM licence_licences WHERE catalogue = $1 AND "
                          "id > $2 AND ended = 0 ORDER BY id LIMIT $3"
                        : "SELECT " COLUMNS " FROM licence_licences WHERE catalogue = $1 AND "
                          "id > $2 AND licensor = $4 AND ended = 0 ORDER BY id LIMIT $3",
                    values, all ? 3 : 4, &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        if (n == room) {
            room = room ? 2 * room : 16;
            struct licence *bigger = ARENA_ARRAY(a, struct licence, room);
            if (n)
                memcpy(bigger, items, n * sizeof *items);
            items = bigger;
        }
        TRY(read_licence(rows, a, &items[n++], e));
    }
    *out = items;
    *count = n;
    return OK;
}

static enum code check_licence(const struct registry_act *act, const struct licence *l,
                               struct error *e)
{
    ARENA(a);
    struct party licensor;
    struct recording recording;
    size_t length = l->name ? strlen(l->name) : 0;
    if (length == 0 || length > NAME_BYTES_MOST || !str_is_utf8(str_of(l->name)))
        return fail(e, ERR_INVALID, "name is missing, longer than %d bytes or not UTF-8",
                    NAME_BYTES_MOST);
    if (l->network_count > NETWORKS_MOST || l->app_count > APPS_MOST)
        return fail(e, ERR_LIMIT, "a licence names at most %d networks and %d apps", NETWORKS_MOST,
                    APPS_MOST);
    if (territory_set_is_empty(&l->territories))
        return fail(e, ERR_INVALID, "territories are missing");
    if (!(l->uses & USES_ALL) || !(l->models & MODELS_ALL))
        return fail(e, ERR_INVALID, "uses or models are missing");
    if (!instant_before(l->from, l->until))
        return fail(e, ERR_INVALID, "until is not after from");
    if (l->clip_seconds < 0 || l->clip_seconds > CLIP_SECONDS_MOST)
        return fail(e, ERR_INVALID, "clip_seconds is not within 0 and %d", CLIP_SECONDS_MOST);
    if (!recording_id_is_none(l->recording))
        TRY(registry_recording_get(act->tx, act->catalogue, l->recording, &a, &recording, e));
    return registry_party_get(act->tx, act->catalogue, l->licensor, &a, &licensor, e);
}

enum code licence_put(const struct registry_act *act, struct licence *l, struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    BUF(uses);
    BUF(models);
    char text[ID_TEXT];
    struct licence new = *l, old;
    bool found = false;
    TRY(check_licence(act, &new, e));
    if (licence_id_is_none(new.id))
        new.id = licence_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &a, &old, &found, e));
    if (found && l->version != 0 && l->version != old.version)
        return fail(e, ERR_CONFLICT,
                    "the licence has changed since: it is at version %lld, not %lld",
                    (long long)old.version, (long long)l->version);
    if (found) {
        struct json_out o = { &before, false };
        licence_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    uses_format(new.uses, &uses);
    models_format(new.models, &models);
    TRY(store_run(
        act->tx,
        "INSERT INTO licence_licences (catalogue, " COLUMNS ", ended) VALUES ($1, $2, "
        "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0) ON CONFLICT (catalogue, id) "
        "DO UPDATE SET licensor = excluded.licensor, version = excluded.version, "
        "name = excluded.name, networks = excluded.networks, apps = excluded.apps, "
        "territories = excluded.territories, uses = excluded.uses, "
        "models = excluded.models, from_us = excluded.from_us, "
        "until_us = excluded.until_us, clip_seconds = excluded.clip_seconds, "
        "recording = excluded.recording, ended = 0",
        SQL(sql_id(act->catalogue), sql_id(new.id), sql_id(new.licensor), sql_int(new.version),
            sql_text(new.name),
            sql_bytes(new.network_count ? (const void *)new.networks : "",
                      new.network_count *ID_BYTES),
            sql_bytes(new.app_count ? (const void *)new.apps : "", new.app_count *ID_BYTES),
            sql_text(territory_set_text(&new.territories, &a)), sql_str(buf_as_str(&uses)),
            sql_str(buf_as_str(&models)), sql_instant(new.from), sql_instant(new.until),
            sql_int(new.clip_seconds),
            recording_id_is_none(new.recording) ? sql_null() : sql_id(new.recording)),
        NULL, e));
    struct json_out o = { &after, false };
    licence_json(&new, &o);
    TRY(registry_note(act, found ? "licence.changed" : "licence.added",
                      licence_id_format(new.id, text), &before, &after, e));
    l->id = new.id;
    l->version = new.version;
    return OK;
}

enum code licence_end(const struct registry_act *act, struct licence_id id, struct error *e)
{
    ARENA(a);
    BUF(before);
    char text[ID_TEXT];
    struct licence old;
    bool found;
    TRY(by_id(act->tx, act->catalogue, id, &a, &old, &found, e));
    if (!found)
        return no_licence(id, e);
    TRY(store_run(act->tx,
                  "UPDATE licence_licences SET ended = 1, version = version + 1 "
                  "WHERE catalogue = $1 AND id = $2",
                  SQL(sql_id(act->catalogue), sql_id(id)), NULL, e));
    struct json_out o = { &before, false };
    licence_json(&old, &o);
    return registry_note(act, "licence.ended", licence_id_format(id, text), &before, NULL, e);
}
