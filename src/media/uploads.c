/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of uploads. */
#include "media/uploads.h"

#include "media/rows.h"

#define ROW(name, word) word,
static const char *const words[] = { UPLOAD_STATES(ROW) };
#undef ROW

const char *upload_state_word(enum upload_state s)
{
    return words[s];
}

enum code upload_state_parse(struct str text, enum upload_state *out, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(text, words[i])) {
            *out = (enum upload_state)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not a state of uploads", STR_ARG(text));
}

enum code media_upload_put(struct store_tx *tx, const struct upload *u, struct error *e)
{
    return store_run(
        tx,
        "INSERT INTO uploads (network, id, version, app, uploader, file, blob, size_bytes, state, "
        "error, title, artist, duration_ms, facts, fingerprint, waveform, heard_in_part, "
        "preview_start_ms, preview_length_ms, preview_rule, received, heard) VALUES ($1, $2, 1, "
        "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
        SQL(sql_id(u->network), sql_id(u->id), rows_id(u->app.bytes), sql_text(u->uploader),
            sql_text(u->file), sql_text(u->blob), sql_int(u->size_bytes),
            sql_text(upload_state_word(u->state)), sql_text(u->error), sql_text(u->title),
            sql_text(u->artist), sql_int(u->duration_ms), sql_text(u->facts),
            sql_text(u->fingerprint), sql_text(u->waveform), sql_int(u->heard_in_part),
            sql_int(u->preview.start_ms), sql_int(u->preview.length_ms),
            sql_text(preview_rule_word(u->preview.rule)), sql_instant(u->received),
            sql_instant(u->heard)),
        NULL, e);
}

static enum code not_changed(struct store_tx *tx, const struct upload *u, struct error *e)
{
    ARENA(a);
    struct upload now;
    char text[ID_TEXT];
    TRY(media_upload_get(tx, u->network, u->id, &a, &now, e));
    return fail(e, ERR_CONFLICT, "upload %s was changed meanwhile: version %lld, not %lld",
                upload_id_format(u->id, text), (long long)now.version, (long long)u->version);
}

enum code media_upload_change(struct store_tx *tx, struct upload *u, struct error *e)
{
    int64_t changed;
    TRY(store_run(
        tx,
        "UPDATE uploads SET version = version + 1, app = $4, uploader = $5, file = $6, blob = $7, "
        "size_bytes = $8, state = $9, error = $10, title = $11, artist = $12, duration_ms = $13, "
        "facts = $14, fingerprint = $15, waveform = $16, heard_in_part = $17, "
        "preview_start_ms = $18, preview_length_ms = $19, preview_rule = $20, received = $21, "
        "heard = $22 WHERE network = $1 AND id = $2 AND version = $3",
        SQL(sql_id(u->network), sql_id(u->id), sql_int(u->version), rows_id(u->app.bytes),
            sql_text(u->uploader), sql_text(u->file), sql_text(u->blob), sql_int(u->size_bytes),
            sql_text(upload_state_word(u->state)), sql_text(u->error), sql_text(u->title),
            sql_text(u->artist), sql_int(u->duration_ms), sql_text(u->facts),
            sql_text(u->fingerprint), sql_text(u->waveform), sql_int(u->heard_in_part),
            sql_int(u->preview.start_ms), sql_int(u->preview.length_ms),
            sql_text(preview_rule_word(u->preview.rule)), sql_instant(u->received),
            sql_instant(u->heard)),
        &changed, e));
    if (changed == 0)
        return not_changed(tx, u, e);
    u->version++;
    return OK;
}

#define COLUMNS                                                                                    \
    "network, id, version, app, uploader, file, blob, size_bytes, state, error, title, artist, "   \
    "duration_ms, facts, fingerprint, waveform, heard_in_part, preview_start_ms, "                 \
    "preview_length_ms, preview_rule, received, heard"

static enum code read_row(const struct store_rows *r, struct arena *a, struct upload *u,
                          struct error *e)
{
    *u = (struct upload) {
        .version = store_int(r, 2),
        .uploader = rows_text(r, 4, a),
        .file = rows_text(r, 5, a),
        .blob = rows_text(r, 6, a),
        .size_bytes = store_int(r, 7),
        .error = rows_text(r, 9, a),
        .title = rows_text(r, 10, a),
        .artist = rows_text(r, 11, a),
        .duration_ms = store_int(r, 12),
        .facts = rows_text(r, 13, a),
        .fingerprint = rows_text(r, 14, a),
        .waveform = rows_text(r, 15, a),
        .heard_in_part = store_int(r, 16) != 0,
        .preview = { .start_ms = store_int(r, 17), .length_ms = store_int(r, 18) },
        .received = store_instant(r, 20),
        .heard = store_instant(r, 21),
    };
    store_id(r, 0, u->network.bytes);
    store_id(r, 1, u->id.bytes);
    store_id(r, 3, u->app.bytes);
    TRY(upload_state_parse(store_text(r, 8), &u->state, e));
    return preview_rule_parse(store_text(r, 19), &u->preview.rule, e);
}

enum code media_upload_get(struct store_tx *tx, struct network_id network, struct upload_id id,
                           struct arena *a, struct upload *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx,
                  "SELECT " COLUMNS " FROM uploads WHERE id = $1 "
                  "AND (network = $2 OR $3 = 1)",
                  SQL(sql_id(id), sql_id(network), sql_int(network_id_is_none(network))), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no upload %s", upload_id_format(id, text));
    return read_row(r, a, out, e);
}

/* The conditions of a filter as SQL; parameters keep their numbers whether used or not. */
static const char *list_sql(const struct upload_filter *f, struct arena *a)
{
    bool begun = !upload_id_is_none(f->after);
    return arena_format(a,
                        "SELECT " COLUMNS
                        " FROM uploads WHERE ($1 = 0 OR network = $2)%s%s%s%s ORDER BY id %s "
                        "LIMIT $7",
                        f->state >= 0 ? " AND state = $3" : " AND $3 = ''",
                        f->uploader ? " AND uploader = $4" : " AND $4 = ''",
                        f->blob ? " AND blob = $5" : " AND $5 = ''",
                        !begun            ? " AND $6 = $6"
                        : f->newest_first ? " AND id < $6"
                                          : " AND id > $6",
                        f->newest_first ? "DESC" : "ASC");
}

enum code media_upload_list(struct store_tx *tx, const struct upload_filter *f, struct arena *a,
                            struct upload **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t limit = rows_limit(f->limit), n = 0;
    const char *state = f->state >= 0 ? upload_state_word((enum upload_state)f->state) : "";
    struct upload *rows = arena_try(a, limit, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of uploads");
    TRY(store_query(tx, list_sql(f, a),
                    SQL(sql_int(!network_id_is_none(f->network)), sql_id(f->network),
                        sql_text(state), sql_text(f->uploader ? f->uploader : ""),
                        sql_text(f->blob ? f->blob : ""), sql_id(f->after),
                        sql_int((int64_t)limit)),
                    &r, e));
    for (bool more; n < limit; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        TRY(read_row(r, a, &rows[n], e));
    }
    *out = rows;
    *count = n;
    return OK;
}

enum code media_upload_count(struct store_tx *tx, enum upload_state state, int64_t *out,
                             struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "SELECT COUNT(*) FROM uploads WHERE state = $1",
                  SQL(sql_text(upload_state_word(state))), &r, &found, e));
    *out = found ? store_int(r, 0) : 0;
    return OK;
}

#define SEARCHABLE "fingerprint IS NOT NULL AND state IN ('received', 'heard')"

enum code media_upload_searchable(struct store_tx *tx, struct upload_id after, size_t limit,
                                  struct arena *a, struct upload **out, size_t *count,
                                  struct error *e)
{
    owned(store_rows) r = NULL;
    size_t most = rows_limit(limit), n = 0;
    struct upload *rows = arena_try(a, most, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of uploads");
    TRY(store_query(
        tx, "SELECT " COLUMNS " FROM uploads WHERE id > $1 AND " SEARCHABLE " ORDER BY id LIMIT $2",
        SQL(sql_id(after), sql_int((int64_t)most)), &r, e));
    for (bool more; n < most; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        TRY(read_row(r, a, &rows[n], e));
    }
    *out = rows;
    *count = n;
    return OK;
}

enum code media_upload_searchable_count(struct store_tx *tx, int64_t *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "SELECT count(*) FROM uploads WHERE " SEARCHABLE, SQL_NONE, &r, &found, e));
    *out = store_int(r, 0);
    return OK;
}
