/* SPDX-License-Identifier: Apache-2.0 */
/* Plays in batches: (producer, sequence) is the key, so a batch counts once however often it is
 * sent, in whatever order; a later batch may correct an earlier one. Part of ledger's door. */
#ifndef LICET_LEDGER_BATCHES_H
#define LICET_LEDGER_BATCHES_H

#include "ledger/cube.h"
#include "store/store.h"

enum {
    BATCH_PLAYS_MOST = 10000,
    BATCH_PRODUCER_MOST = 64,
    BATCH_APPS_MOST = 250,
};

struct batch_play {
    struct recording_id recording;
    struct app_id app;
    uint64_t user; /* any number that stands for one person with this producer; 0: not told */
    struct instant at;
    uint32_t played_ms;
    struct territory territory;
    enum model model;
    enum cube_kind kind;
};

struct play_batch {
    const char *producer; /* letters, digits, "-", "_", "." */
    int64_t sequence;     /* from 0 */
    int64_t corrects;     /* a sequence of this producer that this batch replaces; -1: none */
    const struct batch_play *plays;
    size_t count;
};

/* Bytes as they are kept; the same plays give the same bytes.
 * errors  INVALID a producer, a sequence or a play out of form (its number is named); LIMIT */
MUST_USE enum code batch_encode(const struct play_batch *b, struct buf *out, struct error *e);
/* Pure; of bytes from anywhere.
 * errors  CORRUPT */
MUST_USE enum code batch_decode(struct str bytes, struct arena *a, struct batch_play **out,
                                size_t *count, struct error *e);

/* The same into rows that are used again and again; `items` is freed by the caller. */
struct batch_rows {
    struct batch_play *items;
    size_t room;
};
MUST_USE enum code batch_decode_into(struct str bytes, struct batch_rows *rows, size_t *count,
                                     struct error *e);

enum batch_outcome { BATCH_KEPT, BATCH_KNOWN };

/* Keep a batch: durable when the transaction is.
 * errors  CONFLICT the same key with other plays; it corrects one that is not there, or that was
 *         corrected already (the text names by which) */
MUST_USE enum code ledger_batch_put(struct store_tx *tx, struct party_id catalogue,
                                    const struct play_batch *b, struct instant now,
                                    enum batch_outcome *out, struct error *e);

/* Each batch that is in force (not replaced) and may have plays in [from, until), by producer and
 * sequence; as of `known`, so what came in later is not seen. */
struct batch_range {
    struct instant from, until;
    struct instant known; /* INSTANT_NEVER: all that is here */
};
struct batch_kept {
    const char *producer;
    int64_t sequence, plays;
    struct instant received;
    struct str hash, bytes; /* borrowed for the call */
};
MUST_USE enum code ledger_batches_each(
    struct store_tx *tx, struct party_id catalogue, const struct batch_range *range, void *ctx,
    enum code (*batch)(void *ctx, const struct batch_kept *b, struct error *e), struct error *e);

/* How much was read, and a sum over what it was: two reads of the same batches, in whatever order,
 * have the same. */
struct ledger_read {
    int64_t batches, plays;
    uint64_t sum[4];
    struct instant last; /* when the last of it came in, claims too */
};
void ledger_read_add(struct ledger_read *r, const struct batch_kept *b);

/* ---- plays that are not listening ------------------------------------------------------------- */

/* Limits of one user or recording in one day (UTC); 0: not looked at. */
struct play_filter {
    int64_t loops_most;     /* plays of one recording by one user */
    int64_t hours_most;     /* heard by one user */
    int64_t plays_most;     /* by one user */
    int64_t users_least;    /* distinct users of a recording ... */
    int64_t users_of_plays; /* ... that has so many plays or more */
};
#define FILTER_REASONS(ROW)                                                                        \
    ROW(FILTER_TAKEN, "taken")                                                                     \
    ROW(FILTER_LOOP, "loop")                                                                       \
    ROW(FILTER_RATE, "impossible_rate")                                                            \
    ROW(FILTER_FEW_USERS, "few_users")
#define MEMBER(name, word) name,
enum filter_reason { FILTER_REASONS(MEMBER) FILTER_REASON_COUNT };
#undef MEMBER
const char *filter_reason_word(enum filter_reason r);

/* Say of each play whether it is listening; plays beyond a user's limit are left out, the first
 * ones stay. Plays without a user are taken, and count as one user of their recording. The order
 * of the plays does not matter.
 * out  reasons  count of them; counts: how many of each */
MUST_USE enum code plays_filter(const struct batch_play *plays, size_t count,
                                const struct play_filter *f, uint8_t *reasons,
                                int64_t counts[FILTER_REASON_COUNT], struct error *e);

#endif
