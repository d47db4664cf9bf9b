/* SPDX-License-Identifier: Apache-2.0 */
/* References in the store. */
#include "registry/rows.h"

#define COLUMNS "id, recording, party, version, file, audio, fingerprint, duration_ms, state"

static enum code read_reference(const struct store_rows *r, struct arena *a, struct reference *out,
                                struct error *e)
{
    store_id(r, 0, out->id.bytes);
    store_id(r, 1, out->recording.bytes);
    store_id(r, 2, out->party.bytes);
    out->version = store_int(r, 3);
    out->file = row_text(r, 4, a);
    out->audio = row_text(r, 5, a);
    out->fingerprint = row_text(r, 6, a);
    out->duration_ms = store_int(r, 7);
    return reference_state_parse(store_text(r, 8), &out->state, e);
}

void registry_reference_json(const struct reference *r, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", reference_id_format(r->id, id));
    json_text(o, "recording", recording_id_format(r->recording, id));
    json_text(o, "party", party_id_format(r->party, id));
    json_int(o, "version", r->version);
    json_text(o, "file", r->file);
    json_text(o, "audio", r->audio);
    json_text(o, "fingerprint", r->fingerprint);
    json_int(o, "duration_ms", r->duration_ms);
    json_text(o, "state", reference_state_word(r->state));
    json_end(o, '}');
}

static enum code by_id(struct store_tx *tx, struct party_id catalogue, struct reference_id id,
                       struct arena *a, struct reference *out, bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx,
                  "SELECT " COLUMNS " FROM registry_references WHERE catalogue = $1 AND id = $2",
                  SQL(sql_id(catalogue), sql_id(id)), &rows, found, e));
    return *found ? read_reference(rows, a, out, e) : OK;
}

enum code registry_reference_get(struct store_tx *tx, struct party_id catalogue,
                                 struct reference_id id, struct arena *a, struct reference *out,
                                 struct error *e)
{
    bool found;
    char text[ID_TEXT];
    TRY(by_id(tx, catalogue, id, a, out, &found, e));
    return found
               ? OK
               : fail(e, ERR_NOT_FOUND, "there is no reference %s", reference_id_format(id, text));
}

enum code registry_reference_find(struct store_tx *tx, struct party_id catalogue, struct str audio,
                                  struct recording_id recording, struct arena *a,
                                  struct reference *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    const char *of_any = "SELECT " COLUMNS " FROM registry_references WHERE catalogue = $1 AND "
                         "audio = $2 ORDER BY id LIMIT 1";
    const char *of_one = "SELECT " COLUMNS " FROM registry_references WHERE catalogue = $1 AND "
                         "audio = $2 AND recording = $3";
    if (recording_id_is_none(recording))
        TRY(store_one(tx, of_any, SQL(sql_id(catalogue), sql_str(audio)), &rows, &found, e));
    else
        TRY(store_one(tx, of_one, SQL(sql_id(catalogue), sql_str(audio), sql_id(recording)), &rows,
                      &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "this audio is not a reference");
    return read_reference(rows, a, out, e);
}

enum code registry_reference_list(struct store_tx *tx, struct party_id catalogue,
                                  struct recording_id recording, enum reference_state state,
                                  struct reference_id after, size_t limit, struct arena *a,
                                  struct reference **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = sizeof(struct reference) };
    bool more;
    const char *word = state < REFERENCE_STATE_COUNT ? reference_state_word(state) : "";
    if (!recording_id_is_none(recording))
        TRY(store_query(tx,
                        "SELECT " COLUMNS " FROM registry_references WHERE catalogue = $1 AND "
                        "id > $2 AND recording = $4 AND ($5 = '' OR state = $5) "
                        "ORDER BY id LIMIT $3",
                        SQL(sql_id(catalogue), sql_id(after), sql_int((int64_t)limit),
                            sql_id(recording), sql_text(word)),
                        &rows, e));
    else
        TRY(store_query(
            tx,
            "SELECT " COLUMNS " FROM registry_references WHERE catalogue = $1 AND "
            "id > $2 AND ($4 = '' OR state = $4) ORDER BY id LIMIT $3",
            SQL(sql_id(catalogue), sql_id(after), sql_int((int64_t)limit), sql_text(word)), &rows,
            e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        TRY(read_reference(rows, a, row_list_add(&list), e));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

enum code registry_reference_count(struct store_tx *tx, struct party_id catalogue,
                                   enum reference_state state, int64_t *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT count(*) FROM registry_references WHERE catalogue = $1 AND state = $2",
                  SQL(sql_id(catalogue), sql_text(reference_state_word(state))), &rows, &found, e));
    *out = store_int(rows, 0);
    return OK;
}

enum code registry_reference_put(const struct registry_act *act, struct reference *r,
                                 struct error *e)
{
    ARENA(a);
    BUF(before);
    BUF(after);
    char text[ID_TEXT];
    struct reference new = *r, old;
    bool found = false;
    TRY(row_check_text("file", new.file, false, 4096, e));
    if (reference_id_is_none(new.id))
        new.id = reference_id_make(act->now, act->chance);
    else
        TRY(by_id(act->tx, act->catalogue, new.id, &a, &old, &found, e));
    if (found) {
        TRY(row_version("reference", old.version, r->version, e));
        struct json_out o = { &before, false };
        registry_reference_json(&old, &o);
    }
    new.version = found ? old.version + 1 : 1;
    TRY(store_run(act->tx,
                  "INSERT INTO registry_references (catalogue, " COLUMNS ") VALUES ($1, $2, $3, "
                  "$4, $5, $6, $7, $8, $9, $10) ON CONFLICT (catalogue, id) DO UPDATE SET "
                  "recording = excluded.recording, party = excluded.party, "
                  "version = excluded.version, file = excluded.file, audio = excluded.audio, "
                  "fingerprint = excluded.fingerprint, duration_ms = excluded.duration_ms, "
                  "state = excluded.state",
                  SQL(sql_id(act->catalogue), sql_id(new.id), sql_id(new.recording),
                      sql_id(new.party), sql_int(new.version), sql_text(new.file),
                      sql_text(new.audio), sql_text(new.fingerprint), sql_int(new.duration_ms),
                      sql_text(reference_state_word(new.state))),
                  NULL, e));
    struct json_out o = { &after, false };
    registry_reference_json(&new, &o);
    const char *what = !found                             ? "reference.added"
                       : new.state == REFERENCE_WITHDRAWN ? "reference.withdrawn"
                                                          : "reference.changed";
    TRY(registry_note(act, what, reference_id_format(new.id, text), &before, &after, e));
    r->id = new.id;
    r->version = new.version;
    return OK;
}
