/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of matches and verdicts. */
#include <math.h>

#include "media/rows.h"

/* ---- matches ---- */

static int64_t scaled(double value, double by)
{
    double x = value * by;
    return isfinite(x) && fabs(x) < 1e15 ? llround(x) : 0;
}

/* 1000 log10; 0 (never false) is written as 1e-300. */
static int64_t log_of(double p)
{
    return scaled(log10(p > 1e-300 ? p : 1e-300), 1000);
}

enum code media_match_put(struct store_tx *tx, const struct media_match *m, struct error *e)
{
    return store_run(tx,
                     "INSERT INTO matches (network, upload, id, reference, recording, "
                     "upload_from_ms, upload_to_ms, reference_from_ms, reference_to_ms, "
                     "reference_ms, speed_e6, pitch_cents, score_e6, p_false_log, found) VALUES "
                     "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                     SQL(sql_id(m->network), sql_id(m->upload), sql_id(m->id), sql_id(m->reference),
                         sql_id(m->recording), sql_int(m->upload_from_ms), sql_int(m->upload_to_ms),
                         sql_int(m->reference_from_ms), sql_int(m->reference_to_ms),
                         sql_int(m->reference_ms), sql_int(scaled(m->speed, 1e6)),
                         sql_int(scaled(m->pitch_semitones, 100)), sql_int(scaled(m->score, 1e6)),
                         sql_int(log_of(m->p_false)), sql_instant(m->found)),
                     NULL, e);
}

enum code media_match_drop(struct store_tx *tx, struct network_id network, struct upload_id upload,
                           struct error *e)
{
    return store_run(tx, "DELETE FROM matches WHERE network = $1 AND upload = $2",
                     SQL(sql_id(network), sql_id(upload)), NULL, e);
}

enum code media_match_drop_reference(struct store_tx *tx, struct reference_id reference,
                                     struct error *e)
{
    return store_run(tx, "DELETE FROM matches WHERE reference = $1", SQL(sql_id(reference)), NULL,
                     e);
}

static void read_match(const struct store_rows *r, struct media_match *m)
{
    store_id(r, 0, m->network.bytes);
    store_id(r, 1, m->upload.bytes);
    store_id(r, 2, m->id.bytes);
    store_id(r, 3, m->reference.bytes);
    store_id(r, 4, m->recording.bytes);
    m->upload_from_ms = store_int(r, 5);
    m->upload_to_ms = store_int(r, 6);
    m->reference_from_ms = store_int(r, 7);
    m->reference_to_ms = store_int(r, 8);
    m->reference_ms = store_int(r, 9);
    m->speed = (double)store_int(r, 10) / 1e6;
    m->pitch_semitones = (double)store_int(r, 11) / 100;
    m->score = (double)store_int(r, 12) / 1e6;
    m->p_false = pow(10, (double)store_int(r, 13) / 1000);
    m->found = store_instant(r, 14);
}

enum code media_match_list(struct store_tx *tx, struct upload_id upload, struct arena *a,
                           struct media_match **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0, room = 4;
    struct media_match *rows = arena_try(a, room, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of matches");
    TRY(store_query(tx,
                    "SELECT network, upload, id, reference, recording, upload_from_ms, "
                    "upload_to_ms, reference_from_ms, reference_to_ms, reference_ms, speed_e6, "
                    "pitch_cents, score_e6, p_false_log, found FROM matches WHERE upload = $1 "
                    "ORDER BY upload_from_ms, id LIMIT $2",
                    SQL(sql_id(upload), sql_int(ROWS_LIMIT_MOST)), &r, e));
    for (bool more; n < ROWS_LIMIT_MOST; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        if (n == room) { /* most uploads have few: a page of a thousand is not cleared for each */
            struct media_match *bigger = arena_try(a, 4 * room, sizeof *rows);
            if (!bigger)
                return fail(e, ERR_MEMORY, "no memory for a list of matches");
            memcpy(bigger, rows, n * sizeof *rows);
            rows = bigger;
            room *= 4;
        }
        read_match(r, &rows[n]);
    }
    *out = rows;
    *count = n;
    return OK;
}

enum code media_match_uploads(struct store_tx *tx, struct recording_id recording,
                              struct upload_id after, size_t limit, struct arena *a,
                              struct upload_id **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    limit = rows_limit(limit);
    struct upload_id *rows = arena_try(a, limit, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of uploads");
    TRY(store_query(tx,
                    "SELECT DISTINCT upload FROM matches WHERE recording = $1 AND upload > $2 "
                    "ORDER BY upload LIMIT $3",
                    SQL(sql_id(recording), sql_id(after), sql_int((int64_t)limit)), &r, e));
    for (bool more; n < limit; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        store_id(r, 0, rows[n].bytes);
    }
    *out = rows;
    *count = n;
    return OK;
}

/* ---- verdicts ---- */

enum code media_verdict_put(struct store_tx *tx, const struct media_verdict *v, struct error *e)
{
    return store_run(tx,
                     "INSERT INTO verdicts (network, id, upload, recording, app, territory, mode, "
                     "reason_code, policy_version, facts, verdict, given) VALUES ($1, $2, $3, $4, "
                     "$5, $6, $7, $8, $9, $10, $11, $12)",
                     SQL(sql_id(v->network), sql_id(v->id), rows_id(v->upload.bytes),
                         rows_id(v->recording.bytes), sql_id(v->app), sql_text(v->territory),
                         sql_text(v->mode), sql_text(v->reason_code), sql_int(v->policy_version),
                         sql_text(v->facts), sql_text(v->verdict), sql_instant(v->given)),
                     NULL, e);
}

#define VERDICT_COLUMNS                                                                            \
    "network, id, upload, recording, app, territory, mode, reason_code, policy_version, facts, "   \
    "verdict, given"

static void read_verdict(const struct store_rows *r, struct arena *a, struct media_verdict *v)
{
    *v = (struct media_verdict) {
        .mode = rows_text(r, 6, a),
        .reason_code = rows_text(r, 7, a),
        .policy_version = store_int(r, 8),
        .facts = rows_text(r, 9, a),
        .verdict = rows_text(r, 10, a),
        .given = store_instant(r, 11),
    };
    store_id(r, 0, v->network.bytes);
    store_id(r, 1, v->id.bytes);
    store_id(r, 2, v->upload.bytes);
    store_id(r, 3, v->recording.bytes);
    store_id(r, 4, v->app.bytes);
    struct str territory = store_text(r, 5);
    memcpy(v->territory, territory.at, territory.length < 2 ? territory.length : 2);
}

enum code media_verdict_get(struct store_tx *tx, struct verdict_id id, struct arena *a,
                            struct media_verdict *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " VERDICT_COLUMNS " FROM verdicts WHERE id = $1", SQL(sql_id(id)), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no verdict %s", verdict_id_format(id, text));
    read_verdict(r, a, out);
    return OK;
}

enum code media_verdict_list(struct store_tx *tx, struct upload_id upload, struct verdict_id before,
                             size_t limit, struct arena *a, struct media_verdict **out,
                             size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    limit = rows_limit(limit);
    if (verdict_id_is_none(before))
        memset(before.bytes, 0xFF, sizeof before.bytes);
    struct media_verdict *rows = arena_try(a, limit, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for a list of verdicts");
    TRY(store_query(tx,
                    "SELECT " VERDICT_COLUMNS " FROM verdicts WHERE upload = $1 AND id < $2 "
                    "ORDER BY id DESC LIMIT $3",
                    SQL(sql_id(upload), sql_id(before), sql_int((int64_t)limit)), &r, e));
    for (bool more; n < limit; n++) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        read_verdict(r, a, &rows[n]);
    }
    *out = rows;
    *count = n;
    return OK;
}
