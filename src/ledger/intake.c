/* SPDX-License-Identifier: Apache-2.0 */
/* Batches in the store. */
#include <sodium.h>

#include "ledger/batches.h"

enum { HASH_BYTES = 32, NOT_CORRECTING = -1, PAGE = 256 };

/* A batch that is kept in an earlier form has another hash for the same plays. */
static enum code same_plays(struct str kept, const struct play_batch *b, bool *same,
                            struct error *e)
{
    ARENA(a);
    struct batch_play *plays;
    size_t count;
    TRY(batch_decode(kept, &a, &plays, &count, e));
    *same = count == b->count;
    for (size_t i = 0; i < count && *same; i++) {
        const struct batch_play *p = &plays[i], *q = &b->plays[i];
        *same = recording_id_equal(p->recording, q->recording) && app_id_equal(p->app, q->app) &&
                p->user == q->user && p->at.us == q->at.us && p->played_ms == q->played_ms &&
                p->territory.index == q->territory.index && p->model == q->model &&
                p->kind == q->kind;
    }
    return OK;
}

static enum code known(struct store_tx *tx, struct party_id catalogue, const struct play_batch *b,
                       const uint8_t hash[HASH_BYTES], bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(tx,
                  "SELECT hash, corrects, body FROM ledger_batches WHERE catalogue = $1 AND "
                  "producer = $2 AND sequence = $3",
                  SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->sequence)), &r, found,
                  e));
    if (!*found)
        return OK;
    struct str has = store_bytes(r, 0);
    bool same = has.length == HASH_BYTES && memcmp(has.at, hash, HASH_BYTES) == 0;
    if (!same)
        TRY(same_plays(store_bytes(r, 2), b, &same, e));
    if (!same || store_int(r, 1) != b->corrects)
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

/* What a close has not read came after it, whatever the clock said when it came in. */
static enum code received(struct store_tx *tx, struct party_id catalogue, struct instant now,
                          struct instant *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "SELECT MAX(closed_us) FROM ledger_closes WHERE catalogue = $1",
                  SQL(sql_id(catalogue)), &r, &found, e));
    *out = store_int(r, 0) >= now.us ? (struct instant) { store_int(r, 0) + 1 } : now;
    return OK;
}

enum code ledger_batch_put(struct store_tx *tx, struct party_id catalogue,
                           const struct play_batch *b, struct instant now, enum batch_outcome *out,
                           struct error *e)
{
    BUF(body);
    uint8_t hash[HASH_BYTES];
    bool found;
    int64_t first = INT64_MAX, last = INT64_MIN;
    struct instant came;
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
    TRY(received(tx, catalogue, now, &came, e));
    return store_run(tx,
                     "INSERT INTO ledger_batches (catalogue, producer, sequence, corrects, "
                     "replaced_by, received_us, first_us, last_us, plays, hash, body) "
                     "VALUES ($1, $2, $3, $4, -1, $5, $6, $7, $8, $9, $10)",
                     SQL(sql_id(catalogue), sql_text(b->producer), sql_int(b->sequence),
                         sql_int(b->corrects), sql_instant(came), sql_int(b->count ? first : 0),
                         sql_int(b->count ? last : 0), sql_int((int64_t)b->count),
                         sql_bytes(hash, sizeof hash), sql_bytes(body.bytes, body.length)),
                     NULL, e);
}

/* Page by page in the order of the key: PostgreSQL brings a page at once, SQLite row by row. */
enum code ledger_batches_each(
    struct store_tx *tx, struct party_id catalogue, const struct batch_range *range, void *ctx,
    enum code (*batch)(void *ctx, const struct batch_kept *b, struct error *e), struct error *e)
{
    char producer[BATCH_PRODUCER_MOST + 1] = "";
    int64_t sequence = -1;
    for (bool any = true; any;) {
        owned(store_rows) r = NULL;
        bool more;
        TRY(store_query(
            tx,
            "SELECT b.producer, b.sequence, b.plays, b.received_us, b.hash, b.body FROM "
            "ledger_batches b WHERE b.catalogue = $1 AND b.first_us < $2 AND b.last_us >= $3 AND "
            "(b.producer > $4 OR (b.producer = $4 AND b.sequence > $5)) AND b.received_us <= $7 "
            "AND (b.replaced_by = -1 OR EXISTS (SELECT 1 FROM ledger_batches n WHERE n.catalogue = "
            "$1 AND n.producer = b.producer AND n.sequence = b.replaced_by AND n.received_us > "
            "$7)) ORDER BY b.producer, b.sequence LIMIT $6",
            SQL(sql_id(catalogue), sql_instant(range->until), sql_instant(range->from),
                sql_text(producer), sql_int(sequence), sql_int(PAGE), sql_instant(range->known)),
            &r, e));
        for (any = false;;) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            any = true;
            snprintf(producer, sizeof producer, "%.*s", STR_ARG(store_text(r, 0)));
            sequence = store_int(r, 1);
            const struct batch_kept b = { .producer = producer,
                                          .sequence = sequence,
                                          .plays = store_int(r, 2),
                                          .received = store_instant(r, 3),
                                          .hash = store_bytes(r, 4),
                                          .bytes = store_bytes(r, 5) };
            if (batch(ctx, &b, e) != OK)
                return fail_in(e, "batch %lld of %s", (long long)sequence, producer);
        }
    }
    return OK;
}

void ledger_read_add(struct ledger_read *r, const struct batch_kept *b)
{
    r->batches++;
    r->plays += b->plays;
    r->last = b->received.us > r->last.us ? b->received : r->last;
    for (size_t i = 0; i < 4 && b->hash.length == HASH_BYTES; i++) {
        uint64_t part;
        memcpy(&part, b->hash.at + 8 * i, sizeof part);
        r->sum[i] += part;
    }
}
