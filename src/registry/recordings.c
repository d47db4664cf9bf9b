/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings in the store. */
#include "registry/rows.h"

#define COLUMNS "id, version, isrc, title, artist, duration_ms"

static void read_recording(const struct store_rows *r, struct arena *a, struct recording *out)
{
    store_id(r, 0, out->id.bytes);
    out->version = store_int(r, 1);
    out->isrc = row_text(r, 2, a);
    out->title = row_text(r, 3, a);
    out->artist = row_text(r, 4, a);
    out->duration_ms = store_int(r, 5);
}

void registry_recording_json(const struct recording *r, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", recording_id_format(r->id, id));
    json_int(o, "version", r->version);
    json_text(o, "isrc", r->isrc);
    json_text(o, "title", r->title);
    json_text(o, "artist", r->artist);
    json_int(o, "duration_ms", r->duration_ms);
    json_end(o, '}');
}

static enum code find(struct store_tx *tx, const char *sql, struct party_id catalogue,
                      struct sql_value key, struct arena *a, struct recording *out, bool *found,
                      struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx, sql, SQL(sql_id(catalogue), key), &rows, found, e));
    if (*found)
        read_recording(rows, a, out);
    return OK;
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct recording_id id,
                       struct arena *a, struct recording *out, bool *found, struct error *e)
{
    return find(tx, "SELECT " COLUMNS " FROM registry_recordings WHERE catalogue = $1 AND id = $2",
                catalogue, sql_id(id), a, out, found, e);
}

enum code registry_recording_get(struct store_tx *tx, struct party_id catalogue,
                                 struct recording_id id, struct arena *a, struct recording *out,
                                 struct error *e)
{
    bool found;
    char text[ID_TEXT];
    TRY(by_id(tx, catalogue, id, a, out, &found, e));
    return found
               ? OK
               : fail(e, ERR_NOT_FOUND, "there is no recording %s", recording_id_format(id, text));
}

enum code registry_recording_find(struct store_tx *tx, struct party_id catalogue, struct str isrc,
                                  struct arena *a, struct recording *out, struct error *e)
{
    bool found;
    char plain[IDENTIFIER_TEXT];
    TRY(isrc_parse(isrc, plain, e));
    TRY(find(tx, "SELECT " COLUMNS " FROM registry_recordings WHERE catalogue = $1 AND isrc = $2",
             catalogue, sql_text(plain), a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no recording with ISRC %s", plain);
}

enum code registry_recording_list(struct store_tx *tx, struct party_id catalogue,
                                  struct recording_id after, size_t limit, struct arena *a,
                                  struct recording **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct recording) };
    bool more;
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM registry_recordings WHERE catalogue = $1 AND id > $2 "
                    "ORDER BY id LIMIT $3",
                    SQL(sql_id(catalogue), sql_id(after), sql_int((int64_t)limit)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_recording(rows, a, row_list_add(&list));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

enum code registry_recording_put(const struct registry_act *act, struct recording *r,
                                 struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    char text[ID_TEXT], plain[IDENTIFIER_TEXT];
    struct recording new = *r, old;
    bool found = false;
    if (new.isrc &&new.isrc[0]) {
        TRY(isrc_parse(str_of(new.isrc), plain, e));
        new.isrc = plain;
    } else {
        new.isrc = NULL;
    }
    new.artist = new.artist ? new.artist : "";
    TRY(row_check_text("title", new.title, false, 2000, e));
    TRY(row_check_text("artist", new.artist, true, 2000, e));
    if (new.duration_ms < 0)
        return fail(e, ERR_INVALID, "duration_ms is negative");
    if (recording_id_is_none(new.id))
        new.id = recording_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &a, &old, &found, e));
    if (found) {
        TRY(row_version("recording", old.version, r->version, e));
        struct json_out o = { &before, false };
        registry_recording_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    TRY(store_run(act->tx,
                  "INSERT INTO registry_recordings (catalogue, " COLUMNS ") VALUES ($1, $2, $3, "
                  "$4, $5, $6, $7) ON CONFLICT (catalogue, id) DO UPDATE SET "
                  "version = excluded.version, isrc = excluded.isrc, title = excluded.title, "
                  "artist = excluded.artist, duration_ms = excluded.duration_ms",
                  SQL(sql_id(act->catalogue), sql_id(new.id), sql_int(new.version),
                      sql_text(new.isrc), sql_text(new.title), sql_text(new.artist),
                      sql_int(new.duration_ms)),
                  NULL, e));
    struct json_out o = { &after, false };
    registry_recording_json(&new, &o);
    TRY(registry_note(act, found ? "recording.changed" : "recording.added",
                      recording_id_format(new.id, text), &before, &after, e));
    r->id = new.id;
    r->version = new.version;
    return OK;
}

enum code registry_recording_count(struct store_tx *tx, struct party_id catalogue, int64_t *out,
                                   struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx, "SELECT count(*) FROM registry_recordings WHERE catalogue = $1",
                  SQL(sql_id(catalogue)), &rows, &found, e));
    *out = store_int(rows, 0);
    return OK;
}
