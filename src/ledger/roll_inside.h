/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the roll share.
 *
 * A play is one number of 64 bits: recording 26 | territory 8 | day 14 | sort 16. A sort is app,
 * model, kind, class of seconds and the moment at which claims are read, all that is left. */
#ifndef LICET_LEDGER_ROLL_INSIDE_H
#define LICET_LEDGER_ROLL_INSIDE_H

#include <pthread.h>

#include "ledger/threads.h"
#include "ledger/roll.h"

enum {
    SORT_BITS = 16,
    DAY_BITS = 14,
    TERRITORY_BITS = 8,
    RECORDING_SHIFT = SORT_BITS + DAY_BITS + TERRITORY_BITS,
    SORTS_MOST = 0xFFFF,
    NO_SORT = 0xFFFF,
    SECONDS_CLASSES = 16,
    ROLL_APPS_MOST = 4096,
    CHUNK_KEYS = 1 << 19,
};

/* Claims are read at midnight of the play's day in UTC, which may be the day before or behind that
 * of the zone; or, where a claim begins or ends within that day, when the last one did so. */
enum {
    MOMENT_DAY_BEFORE,
    MOMENT_DAY,
    MOMENT_DAY_AFTER,
    MOMENT_CLAIM /* + 2 * number of the claim among the recording's + 1 if it is its end */
};

struct roll_sort {
    uint16_t app; /* of the roll's */
    uint8_t model, kind, seconds;
    uint32_t moment;
};

struct book_claim {
    struct instant from, until, filed;
    uint32_t share_e8;
    uint16_t party;
    uint16_t set; /* of book.sets */
};

struct told_claim { /* as it comes in */
    struct recording_id recording;
    struct book_claim claim;
};

struct told_claims { /* of one lane */
    struct told_claim *items;
    size_t count, room;
    struct territory_set *sets;
    size_t set_count, set_room;
};

struct book_slot {
    struct recording_id id; /* beside its number: to look elsewhere is another page of memory */
    uint32_t number;        /* + 1; 0: free */
};

struct book { /* holders by recording; read by all threads once it is made */
    struct told_claims lanes[ROLL_LANES_MOST];
    size_t claim_count;
    struct recording_id *recordings; /* sorted: their place is their number */
    size_t count;
    uint32_t *first; /* of claims, count + 1 */
    struct book_claim *claims;
    const struct territory_set *sets; /* of the first lane */
    struct book_slot *slots;          /* by hash */
    unsigned slot_bits;
    uint64_t *changes; /* bit of a recording: a claim begins or ends within a day */
};

struct named_recording { /* by terms that name their recordings */
    uint32_t recording, bits;
};

struct shard { /* of one thread */
    struct roll *r;
    uint64_t **chunks; /* of CHUNK_KEYS each: keys that are there are never copied */
    size_t chunk_count, chunk_room, count;
    struct batch_rows rows; /* of the batch at hand */
    uint16_t *sort_of;      /* [app][model][kind][seconds][moment up to DAY_AFTER] */
    size_t sort_apps;
    struct app_id last_app;
    uint16_t last_app_number;
    bool any_app;
    int64_t utc_begin; /* of the last play's day; a day lasts 86400 s */
    int64_t zone_begin;
};

struct feeding;

struct roll {
    struct roll_setup setup;
    struct instant from, until;
    struct book book;
    struct shard shards[THREADS_MOST];
    unsigned shard_count;
    pthread_mutex_t lock; /* of sorts and apps */
    struct roll_sort *sorts;
    size_t sort_count, sort_room;
    struct app_id apps[ROLL_APPS_MOST];
    uint16_t in_cube[ROLL_APPS_MOST];
    size_t app_count;
    struct named_recording *named; /* by recording */
    size_t named_count;
    uint32_t sets_else; /* of a recording that is not named */
    struct feeding *feeding;
    /* sums, sorted by key */
    uint64_t *keys;
    uint32_t *plays;
    size_t count, room, total;
};

/* roll_book.c */
MUST_USE enum code book_add(struct told_claims *told, const struct claim *c, uint16_t party,
                            struct error *e);
MUST_USE enum code book_make(struct book *b, unsigned threads, struct error *e);
void book_done(struct book *b);
uint64_t book_hash(const struct recording_id *id);
/* count: not there */
uint32_t book_find(const struct book *b, const struct recording_id *id, uint64_t hash);
static inline bool book_changes(const struct book *b, uint32_t number)
{
    return b->changes[number >> 6] >> (number & 63) & 1;
}
MUST_USE enum code book_holders(const struct book *b, uint32_t number, struct territory territory,
                                struct instant at, enum over_rule rule,
                                struct held_share parts[HELD_PARTS_MOST], size_t *count,
                                int64_t *rest_e8, struct error *e);

/* roll.c */
MUST_USE enum code shard_plays(struct shard *s, const struct batch_play *p, size_t count,
                               struct error *e);
void shard_drop(struct shard *s, size_t chunk);
uint32_t roll_sets(const struct roll *r, uint32_t recording);

/* roll_feed.c: batches go to threads that read them */
MUST_USE enum code feeding_end(struct roll *r, struct error *e); /* when there is none: nothing */

/* One sum, read back. */
struct roll_run {
    uint32_t recording; /* book.count: of nobody */
    struct instant moment;
    struct cube_row row; /* without holder and weight; touched: plays */
};
struct instant roll_moment(const struct roll *r, uint32_t recording, int32_t day, uint32_t moment);
static inline void roll_read(const struct roll *r, size_t i, struct roll_run *out)
{
    uint64_t key = r->keys[i];
    const struct roll_sort *s = &r->sorts[key & 0xFFFF];
    int32_t day = r->setup.from.number + (int32_t)(key >> SORT_BITS & ((1 << DAY_BITS) - 1));
    out->recording = (uint32_t)(key >> RECORDING_SHIFT);
    out->moment = roll_moment(r, out->recording, day, s->moment);
    out->row = (struct cube_row) { .day = day,
                                   .app = r->in_cube[s->app],
                                   .territory = (uint8_t)(key >> (SORT_BITS + DAY_BITS)),
                                   .model = s->model,
                                   .kind = s->kind,
                                   .seconds = s->seconds,
                                   .sets = roll_sets(r, out->recording),
                                   .touched = r->plays[i] };
}
/* The sums of thread t: begins and ends between recordings. */
void roll_part(const struct roll *r, unsigned t, unsigned threads, size_t *from, size_t *until);

#endif
