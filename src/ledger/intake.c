/* SPDX-License-Identifier: Apache-2.0 */
/* Batches in the store, and their sums. */
#include <sodium.h>
#include <stdlib.h>

#include "ledger/batches.h"

enum { HASH_BYTES = 32, NOT_CORRECTING = -1, PAGE = 64 };

static enum code known(struct store_tx *tx, struct party_id catalogue, const struct play_batch *b,
                       const uint8_t hash[HASH_BYTES], bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(tx,
                  "SELECT hash, corrects FROM ledger_batches WHERE catalogue = $1 AND producer = "
                  "$2 AND sequence = $3",
                  SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->sequence)), &r, found,
                  e));
    if (!*found)
        return OK;
    struct str has = store_bytes(r, 0);
    if (has.length != HASH_BYTES || memcmp(has.at, hash, HASH_BYTES) != 0 ||
        store_int(r, 1) != b->corrects)
        return fail(e, ERR_CONFLICT, "batch %lld of %s was received with other plays",
                    (long long)b->sequence, b->producer);
    return OK;
}

static enum code replace(struct store_tx *tx, struct party_id catalogue, const struct play_batch *b,
                         struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT replaced_by FROM ledger_batches WHERE catalogue = $1 AND producer = $2 "
                  "AND sequence = $3",
                  SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->corrects)), &r, &found,
                  e));
    if (!found)
        return fail(e, ERR_CONFLICT, "batch %lld of %s, which %lld corrects, was not received",
                    (long long)b->corrects, b->producer, (long long)b->sequence);
    if (store_int(r, 0) != NOT_CORRECTING)
        return fail(e, ERR_CONFLICT, "batch %lld of %s was corrected by %lld already",
                    (long long)b->corrects, b->producer, (long long)store_int(r, 0));
    return store_run(
        tx,
        "UPDATE ledger_batches SET replaced_by = $4 WHERE catalogue = $1 AND "
        "producer = $2 AND sequence = $3",
        SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->corrects), sql_int(b->sequence)),
        NULL, e);
}

enum code ledger_batch_put(struct store_tx *tx, struct party_id catalogue,
                           const struct play_batch *b, struct instant now, enum batch_outcome *out,
                           struct error *e)
{
    BUF(body);
    uint8_t hash[HASH_BYTES];
    bool found;
    int64_t first = INT64_MAX, last = INT64_MIN;
    TRY(batch_encode(b, &body, e));
    crypto_generichash(hash, sizeof hash, body.bytes, body.length, NULL, 0);
    TRY(known(tx, catalogue, b, hash, &found, e));
    *out = found ? BATCH_KNOWN : BATCH_KEPT;
    if (found)
        return OK;
    for (size_t i = 0; i < b->count; i++) {
        first = b->plays[i].at.us < first ? b->plays[i].at.us : first;
        last = b->plays[i].at.us > last ? b->plays[i].at.us : last;
    }
    if (b->corrects != NOT_CORRECTING)
        TRY(replace(tx, catalogue, b, e));
    return store_run(tx,
                     "INSERT INTO ledger_batches (catalogue, producer, sequence, corrects, "
                     "replaced_by, rolled, received_us, first_us, last_us, plays, hash, body) "
                     "VALUES ($1, $2, $3, $4, -1, 0, $5, $6, $7, $8, $9, $10)",
                     SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->sequence),
                         sql_int(b->corrects), sql_instant(now), sql_int(b->count ? first : 0),
                         sql_int(b->count ? last : 0), sql_int((int64_t)b->count),
                         sql_bytes(hash, sizeof hash), sql_bytes(body.bytes, body.length)),
                     NULL, e);
}

/* ---- sums -------------------------------------------------------------------------------------- */

struct sums {
    struct usage *rows;
    size_t count, room;
};

static enum code add_plays(struct sums *s, const struct batch_play *p, size_t count, int64_t sign,
                           struct error *e)
{
    if (s->count + count > s->room) {
        size_t room = (s->count + count) * 2;
        struct usage *rows = realloc(s->rows, room * sizeof *rows);
        if (!rows)
            return fail(e, ERR_MEMORY, "no memory for the sums of %zu plays", room);
        s->rows = rows;
        s->room = room;
    }
    for (size_t i = 0; i < count; i++)
        s->rows[s->count++] = (struct usage) { .day = day_of(p[i].at).number,
                                               .recording = p[i].recording,
                                               .app = p[i].app,
                                               .territory = p[i].territory.index,
                                               .model = (uint8_t)p[i].model,
                                               .kind = (uint8_t)p[i].kind,
                                               .seconds = cube_seconds_class(p[i].played_ms / 1000),
                                               .plays = sign };
    return OK;
}

static int by_key(const void *pa, const void *pb)
{
    const struct usage *a = pa, *b = pb;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (!order)
        order = memcmp(a->app.bytes, b->app.bytes, ID_BYTES);
    if (!order)
        order = a->territory - b->territory;
    if (!order)
        order = a->model - b->model;
    if (!order)
        order = a->kind - b->kind;
    return order ? order : a->seconds - b->seconds;
}

static enum code write_sums(struct store_tx *tx, struct party_id catalogue, struct sums *s,
                            struct error *e)
{
    if (s->count)
        qsort(s->rows, s->count, sizeof *s->rows, by_key);
    for (size_t i = 0, end; i < s->count; i = end) {
        struct usage *u = &s->rows[i];
        for (end = i + 1; end < s->count && by_key(u, &s->rows[end]) == 0; end++)
            u->plays += s->rows[end].plays;
        if (u->plays == 0)
            continue;
        TRY(store_run(tx,
                      "INSERT INTO ledger_usage (catalogue, day, recording, app, territory, model, "
                      "kind, seconds, plays) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON "
                      "CONFLICT (catalogue, day, recording, app, territory, model, kind, seconds) "
                      "DO UPDATE SET plays = ledger_usage.plays + excluded.plays",
                      SQL(sql_id(catalogue), sql_int(u->day), sql_id(u->recording), sql_id(u->app),
                          sql_int(u->territory), sql_int(u->model), sql_int(u->kind),
                          sql_int(u->seconds), sql_int(u->plays)),
                      NULL, e));
    }
    return OK;
}

struct waiting {
    char producer[BATCH_PRODUCER_MOST + 1];
    int64_t sequence, corrects;
};

static enum code read_body(struct store_tx *tx, struct party_id catalogue, const char *producer,
                           int64_t sequence, struct arena *a, struct batch_play **out,
                           size_t *count, bool *rolled, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT body, rolled FROM ledger_batches WHERE catalogue = $1 AND producer = $2 "
                  "AND sequence = $3",
                  SQL(sql_id(catalogue), sql_text(producer), sql_int(sequence)), &r, &found, e));
    if (!found)
        return fail(e, ERR_CORRUPT, "batch %lld of %s is missing", (long long)sequence, producer);
    *rolled = store_int(r, 1) != 0;
    if (batch_decode(store_bytes(r, 0), a, out, count, e) != OK)
        return fail_in(e, "batch %lld of %s", (long long)sequence, producer);
    return OK;
}

static enum code sum_one(struct store_tx *tx, struct party_id catalogue, const struct waiting *w,
                         struct sums *s, struct error *e)
{
    ARENA(a);
    struct batch_play *plays;
    size_t count;
    bool rolled;
    if (w->corrects != NOT_CORRECTING) {
        TRY(read_body(tx, catalogue, w->producer, w->corrects, &a, &plays, &count, &rolled, e));
        if (!rolled) { /* its turn has not come: it is counted first, so that both can be taken */
            TRY(add_plays(s, plays, count, 1, e));
            TRY(store_run(tx,
                          "UPDATE ledger_batches SET rolled = 1 WHERE catalogue = $1 AND producer "
                          "= $2 AND sequence = $3",
                          SQL(sql_id(catalogue), sql_text(w->producer), sql_int(w->corrects)), NULL,
                          e));
        }
        TRY(add_plays(s, plays, count, -1, e));
    }
    TRY(read_body(tx, catalogue, w->producer, w->sequence, &a, &plays, &count, &rolled, e));
    if (rolled)
        return OK;
    TRY(add_plays(s, plays, count, 1, e));
    return store_run(tx,
                     "UPDATE ledger_batches SET rolled = 1 WHERE catalogue = $1 AND producer = $2 "
                     "AND sequence = $3",
                     SQL(sql_id(catalogue), sql_text(w->producer), sql_int(w->sequence)), NULL, e);
}

static enum code list_waiting(struct store_tx *tx, struct party_id catalogue, size_t most,
                              struct waiting *out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    bool more;
    TRY(store_query(tx,
                    "SELECT producer, sequence, corrects FROM ledger_batches WHERE catalogue = $1 "
                    "AND rolled = 0 ORDER BY producer, sequence LIMIT $2",
                    SQL(sql_id(catalogue), sql_int((int64_t)most)), &r, e));
    for (*count = 0;;) {
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        struct waiting *w = &out[(*count)++];
        snprintf(w->producer, sizeof w->producer, "%.*s", STR_ARG(store_text(r, 0)));
        w->sequence = store_int(r, 1);
        w->corrects = store_int(r, 2);
    }
}

enum code ledger_roll_up(struct store_tx *tx, struct party_id catalogue, size_t most,
                         size_t *rolled, bool *left, struct error *e)
{
    ARENA(a);
    struct sums s = { 0 };
    size_t count;
    most = most < 100000 ? most : 100000;
    struct waiting *list = arena_try(&a, most + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory to sum %zu batches", most);
    TRY(store_lock(tx, "ledger_usage", e));
    TRY(list_waiting(tx, catalogue, most + 1, list, &count, e));
    *left = count > most;
    count = count < most ? count : most;
    enum code code = OK;
    for (size_t i = 0; i < count && code == OK; i++)
        code = sum_one(tx, catalogue, &list[i], &s, e);
    if (code == OK)
        code = write_sums(tx, catalogue, &s, e);
    free(s.rows);
    *rolled = count;
    return code;
}

enum code ledger_batches_each(struct store_tx *tx, struct party_id catalogue, struct instant from,
                              struct instant until, const struct batch_visit *visit,
                              struct error *e)
{
    char producer[BATCH_PRODUCER_MOST + 1] = "";
    int64_t sequence = -1;
    for (bool any = true; any;) {
        owned(store_rows) r = NULL;
        bool more;
        TRY(store_query(tx,
                        "SELECT producer, sequence, body FROM ledger_batches WHERE catalogue = $1 "
                        "AND replaced_by = -1 AND first_us < $2 AND last_us >= $3 AND (producer > "
                        "$4 OR (producer = $4 AND sequence > $5)) ORDER BY producer, sequence "
                        "LIMIT $6",
                        SQL(sql_id(catalogue), sql_instant(until), sql_instant(from),
                            sql_text(producer), sql_int(sequence), sql_int(PAGE)),
                        &r, e));
        for (any = false;;) {
            ARENA(a);
            struct batch_play *plays;
            size_t count, kept = 0;
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            any = true;
            snprintf(producer, sizeof producer, "%.*s", STR_ARG(store_text(r, 0)));
            sequence = store_int(r, 1);
            if (batch_decode(store_bytes(r, 2), &a, &plays, &count, e) != OK)
                return fail_in(e, "batch %lld of %s", (long long)sequence, producer);
            for (size_t i = 0; i < count; i++)
                if (plays[i].at.us >= from.us && plays[i].at.us < until.us)
                    plays[kept++] = plays[i];
            if (kept)
                TRY(visit->plays(visit->ctx, plays, kept, e));
        }
    }
    return OK;
}

enum code ledger_usage_each(struct store_tx *tx, struct party_id catalogue, struct day from,
                            struct day until, void *ctx,
                            enum code (*row)(void *ctx, const struct usage *u, struct error *e),
                            struct error *e)
{
    for (int32_t day = from.number; day < until.number; day++) {
        owned(store_rows) r = NULL;
        bool more;
        TRY(store_query(tx,
                        "SELECT recording, app, territory, model, kind, seconds, plays FROM "
                        "ledger_usage WHERE catalogue = $1 AND day = $2 AND plays <> 0 ORDER BY "
                        "recording, app, territory, model, kind, seconds",
                        SQL(sql_id(catalogue), sql_int(day)), &r, e));
        for (;;) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            struct usage u = { .day = day,
                               .territory = (uint8_t)store_int(r, 2),
                               .model = (uint8_t)store_int(r, 3),
                               .kind = (uint8_t)store_int(r, 4),
                               .seconds = (uint8_t)store_int(r, 5),
                               .plays = store_int(r, 6),
                               .moment = day_begin((struct day) { day }) };
            store_id(r, 0, u.recording.bytes);
            store_id(r, 1, u.app.bytes);
            TRY(row(ctx, &u, e));
        }
    }
    return OK;
}
