/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: the immutable snapshot of rights.
 *
 * What is kept once and shared by a snapshot and its successors is the pool. A snapshot holds
 * shards (recordings with their claims, by the hash of their ids), parties (with their policies
 * and licences), access and orders. A successor replaces only what changed; what it no longer
 * needs hangs at its predecessor, and goes with it.
 *
 * Of many recordings everything that a verdict can depend on is the same: their claims have the
 * same shapes, of the same parties. That is a profile. Of many profiles the parties want and grant
 * the same: that is a view. Views have tables of verdicts, made by the rules when they are first
 * asked for (answer.c). */
#ifndef LICET_POLICY_SNAPSHOT_H
#define LICET_POLICY_SNAPSHOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "policy/intern.h"
#include "policy/policy.h"

/* Open addressing over the ids of an array; slots hold index + 1. */
struct id_table {
    uint32_t *slots;
    uint32_t mask;
    const uint8_t *first; /* the id of element 0 */
    size_t stride;
};

/* ---- what is interned ---- */

struct claim_shape {
    uint32_t party, set; /* in rights.parties, pool.sets */
    int64_t share_e8;
    struct instant from, until;
    int64_t right;
};

/* What stands before the bytes of a policy, a licence or an order. */
enum row_kind {
    ROW_POLICY,
    ROW_LICENCE,
    ROW_ORDER,
    ROW_SEGMENTS /* a policy that looks at some */
};
struct row_shape {
    struct instant from, until;
    uint32_t set;
    uint16_t kind, threshold_count;
    int64_t thresholds_e8[CONDITIONS_MOST]; /* of seconds, that its conditions look at */
};

/* A profile: `count` claims as filed, then what is only for this recording. */
struct profile_key {
    uint32_t claim_count, row_count;
    uint32_t rest[]; /* claim shapes; then pairs: party (NO_PARTY: an order), row shape */
};
#define NO_PARTY UINT32_MAX

enum { VIEW_THRESHOLDS_MOST = 4 };
#define NO_VIEW UINT32_MAX
struct view {
    const uint8_t *place; /* class of each territory, 256 of them */
    uint32_t place_count;
    uint32_t boundary_count, threshold_count;
    const struct instant *boundaries; /* sorted; where the verdict may change */
    int64_t thresholds_e8[VIEW_THRESHOLDS_MOST];
};

/* Verdicts in short, each kept once: there are few, and tables hold two bytes for each cell. Readers
 * look at numbers that were handed to them, at the same time as others add. */
struct brief_book {
    pthread_mutex_t lock; /* of those who add */
    uint64_t *chunks[64]; /* of 1,024 words each, as answer.c packs them, from 1 on: none moves */
    uint16_t *slots;      /* by hash */
    uint32_t mask, count;
};

struct rights_pool {
    atomic_int users; /* snapshots */
    struct brief_book briefs;
    struct interner sets, claim_shapes, row_shapes, party_shapes, profiles, view_keys, places;
    struct arena arena; /* of the views */
    struct view **views[CHUNKS];
    size_t table_bytes_most;
    atomic_size_t table_bytes;
};

/* ---- what is held ---- */

struct held_recording { /* two in a cache line */
    uint8_t id[ID_BYTES];
    uint32_t profile, duration_ms, version;
    uint32_t cold; /* its place in shard.colds + 1; 0: no recording here */
};

struct cold_recording {
    uint32_t texts, claim, claim_count;
};

struct held_claim {
    struct claim_id id;
    uint32_t version, shape;
    struct instant filed;
};

struct shard {
    size_t bytes;
    uint32_t count, mask;
    struct held_recording *slots; /* SHARD_HEAD bytes behind its begin */
    struct cold_recording *colds;
    struct held_claim *claims; /* by recording, then as filed */
    const char *texts;         /* a byte of flags, then isrc, title, artist as they are there */
};

enum { SHARD_HEAD = 64 };
_Static_assert(sizeof(struct shard) <= SHARD_HEAD, "the slots begin behind it");

/* Where a shard is and how long: its head need not be fetched to find a slot. */
struct shard_place {
    struct shard *shard;
    size_t mask;
};

struct held_policy {
    struct facts_policy facts;
    uint32_t territories, app_count, shape;
    const struct app_id *apps;
};

struct held_licence {
    struct facts_licence facts;
    uint32_t territories, app_count, network_count, shape;
    unsigned models;
    const struct app_id *apps;
    const struct network_id *networks;
};

struct held_party {
    struct party_id id;
    int64_t version;
    uint32_t shape; /* of what it wants and grants for all its recordings */
    uint32_t policy_count, policy_general, licence_count, licence_general;
    struct held_policy *policies;  /* for all its recordings; then by recording */
    struct held_licence *licences; /* likewise */
    struct arena arena;            /* of both; nothing in it where there are none */
    char name[];
};

struct held_order {
    struct facts_order facts;
    uint8_t target[ID_BYTES]; /* of a recording or an upload */
    bool of_recording;
    uint32_t territories, shape;
};

struct table; /* answer.c */
struct access {
    struct arena arena;
    struct rights_network *networks;
    struct rights_app *apps;
    uint32_t *network_of_app; /* index, or UINT32_MAX */
    size_t network_count, app_count;
    struct id_table network_ids, app_ids;
    _Atomic(struct table *) *tables[CHUNKS]; /* per view */
    /* What is refused before anything is asked of a recording: per app, then per network of an
     * unknown app, then for an unknown network; each in an open, a closed, an unknown territory. */
    _Atomic uint16_t *refusals;
};
enum { REFUSAL_PLACES = 3 };

struct rights {
    struct rights_pool *pool;
    struct access *access;
    struct held_party **parties;
    struct party_id *party_ids;
    uint32_t *party_slots;
    struct id_table party_table;
    uint32_t party_count;
    struct shard_place *shards;
    unsigned shard_bits;
    size_t recording_count;
    struct held_order *orders; /* by target */
    size_t order_count;
    struct arena order_arena;
    uint32_t *view_of_profile;
    uint32_t profile_count;
    struct instant present;  /* the tables are of the time around it */
    struct instant stale_at; /* the first boundary of a view behind it */

    atomic_int users; /* its owner, and its predecessor */
    struct rights *next;
    struct garbage *garbage;
};

/* What only a snapshot and its predecessors look at. */
enum garbage_kind { GARBAGE_SHARD, GARBAGE_PARTY, GARBAGE_ACCESS, GARBAGE_TABLE };
struct garbage {
    struct garbage *next;
    enum garbage_kind kind;
    void *thing;
};

/* Index of the id, or UINT32_MAX. */
uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_BYTES]);
MUST_USE enum code id_table_fill(struct id_table *t, const void *things, size_t stride,
                                 size_t count, const char *what, struct arena *a, struct error *e);

static inline uint64_t id_hash(const uint8_t id[ID_BYTES])
{
    /* the last eight bytes of an id are chance, the first ones time */
    uint64_t x, y;
    memcpy(&x, id, 8);
    memcpy(&y, id + 8, 8);
    x = (y ^ (x * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return x ^ x >> 32;
}

static inline struct shard_place shard_of(const struct rights *r, uint64_t hash)
{
    return r->shards[r->shard_bits ? hash >> (64 - r->shard_bits) : 0];
}

static inline const struct held_recording *shard_slots(struct shard_place p)
{
    return (const struct held_recording *)(const void *)((const char *)p.shard + SHARD_HEAD);
}

static inline const struct held_recording *shard_find(struct shard_place p, uint64_t hash,
                                                      const uint8_t id[ID_BYTES])
{
    const struct held_recording *slots = shard_slots(p);
    for (size_t at = hash & p.mask;; at = (at + 1) & p.mask) {
        if (!slots[at].cold)
            return NULL;
        if (memcmp(slots[at].id, id, ID_BYTES) == 0)
            return &slots[at];
    }
}

static inline const struct territory_set *pool_set(const struct rights_pool *p, uint32_t set)
{
    return (const struct territory_set *)interned(&p->sets, set).at;
}
static inline const struct claim_shape *pool_claim(const struct rights_pool *p, uint32_t shape)
{
    return (const struct claim_shape *)interned(&p->claim_shapes, shape).at;
}
static inline const struct row_shape *pool_row(const struct rights_pool *p, uint32_t shape)
{
    return (const struct row_shape *)interned(&p->row_shapes, shape).at;
}
static inline const struct view *pool_view(const struct rights_pool *p, uint32_t view)
{
    return p->views[chunk_of(view)][chunk_place(view)];
}

/* The orders on a recording or an upload: from *begin up to *end. */
void orders_on(const struct rights *r, const uint8_t target[ID_BYTES], size_t *begin, size_t *end);
/* The policies and the licences of a party that are only for this recording. */
void policies_for(const struct held_party *p, struct recording_id id, uint32_t *begin,
                  uint32_t *end);
void licences_for(const struct held_party *p, struct recording_id id, uint32_t *begin,
                  uint32_t *end);

/* view.c: the number of a profile's view, made where it is new; NO_VIEW: it is judged by the rules
 * each time. */
uint32_t view_of(struct rights *r, const struct profile_key *profile);
/* briefs.c */
MUST_USE bool briefs_init(struct brief_book *b);
void briefs_done(struct brief_book *b);
size_t briefs_bytes(const struct brief_book *b);
static inline uint64_t brief_word(const struct brief_book *b, uint16_t number)
{
    return b->chunks[number >> 10][number & 1023];
}
/* 0: the book is full, the word is 0, or there is no memory */
uint16_t brief_number(struct brief_book *b, uint64_t word);
/* answer.c */
void table_free(struct table *t);
/* Has the time of the table passed? */
bool table_is_over(const struct table *t, struct instant present);

#endif
