/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of plays. */
#include "ledger/ledger.h"

enum { LIST_MOST = 10000 };

#define COLUMNS                                                                                    \
    "network, id, app, verdict, upload, recording, territory, kind, model, mode, played_ms, at, "  \
    "counted"

static struct sql_value id_or_null(const uint8_t id[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(id, none, ID_BYTES) == 0 ? sql_null() : sql_bytes(id, ID_BYTES);
}

static void read_play(const struct store_rows *r, struct arena *a, struct play *p)
{
    struct str territory = store_text(r, 6);
    *p = (struct play) { .use = str_copy(a, store_text(r, 7)),
                         .model = str_copy(a, store_text(r, 8)),
                         .mode = str_copy(a, store_text(r, 9)),
                         .played_ms = store_int(r, 10),
                         .at = store_instant(r, 11),
                         .counted = store_instant(r, 12) };
    store_id(r, 0, p->network.bytes);
    store_id(r, 1, p->id.bytes);
    store_id(r, 2, p->app.bytes);
    store_id(r, 3, p->verdict.bytes);
    store_id(r, 4, p->upload.bytes);
    store_id(r, 5, p->recording.bytes);
    memcpy(p->territory, territory.at, territory.length < 2 ? territory.length : 2);
}

/* The moment of counting is not part of what was told. */
static bool same_play(const struct play *a, const struct play *b)
{
    return app_id_equal(a->app, b->app) && verdict_id_equal(a->verdict, b->verdict) &&
           strcmp(a->use, b->use) == 0 && a->played_ms == b->played_ms && a->at.us == b->at.us;
}

enum code ledger_play_put(struct store_tx *tx, const struct play *p, enum play_outcome *out,
                          struct error *e)
{
    ARENA(a);
    owned(store_rows) row = NULL;
    struct play before;
    int64_t changed;
    bool found;
    TRY(store_run(tx,
                  "INSERT INTO plays (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                  "$10, $11, $12, $13) ON CONFLICT (network, id) DO NOTHING",
                  SQL(sql_id(p->network), sql_id(p->id), sql_id(p->app), sql_id(p->verdict),
                      id_or_null(p->upload.bytes), id_or_null(p->recording.bytes),
                      sql_text(p->territory), sql_text(p->use), sql_text(p->model),
                      sql_text(p->mode), sql_int(p->played_ms), sql_instant(p->at),
                      sql_instant(p->counted)),
                  &changed, e));
    *out = PLAY_COUNTED;
    if (changed > 0)
        return OK;
    TRY(store_one(tx, "SELECT " COLUMNS " FROM plays WHERE network = $1 AND id = $2",
                  SQL(sql_id(p->network), sql_id(p->id)), &row, &found, e));
    if (!found)
        return fail(e, ERR_CONFLICT, "the play is being counted by somebody else: send it again");
    read_play(row, &a, &before);
    *out = same_play(&before, p) ? PLAY_KNOWN : PLAY_DIFFERENT;
    return OK;
}

enum code ledger_play_list(struct store_tx *tx, struct network_id network, struct play_id after,
                           size_t limit, struct arena *a, struct play **out, size_t *count,
                           struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    size_t n = 0;
    limit = limit < LIST_MOST ? limit : LIST_MOST;
    struct play *list = arena_try(a, limit + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for a list of plays");
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM plays WHERE ($1 = 1 OR network = $2) AND id > $3 "
                    "ORDER BY id LIMIT $4",
                    SQL(sql_int(network_id_is_none(network)), sql_id(network), sql_id(after),
                        sql_int((int64_t)limit)),
                    &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_play(rows, a, &list[n++]);
    }
    *out = list;
    *count = n;
    return OK;
}
