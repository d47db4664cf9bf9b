/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts about recordings in a fraction of a microsecond: a table for each view, its cells made
 * by the rules when they are first asked for. No rule stands here. */
#include <stdlib.h>

#include "policy/snapshot.h"

/* Of one view, and of the time between two of its boundaries. */
struct table {
    struct instant from, until;
    const uint8_t *place;
    const struct instant *boundaries;
    struct rights_pool *pool;
    size_t bytes;
    uint32_t place_count, app_count, boundary_count, threshold_count;
    int64_t thresholds_e8[VIEW_THRESHOLDS_MOST];
    _Atomic uint16_t
        cells[]; /* [length][place][app][model][use]: number of a brief; 0: not asked */
};

enum {
    QUESTIONS = MODEL_COUNT * USE_COUNT,
    BOUNDARY_NEVER = UINT16_MAX,
    PREVIEW_BITS = 29,
    APPS_OF_TABLE = 1024
};
_Static_assert(RULE_COUNT <= 256 && USE_COUNT <= 8, "a cell has eight bits for each");

/* ---- a verdict in short, as one word ---- */

struct cell {
    unsigned filled : 1, mode : 2, uses : 8, rule : 8;
    unsigned boundary : 16; /* at which the verdict ends */
    unsigned preview_ms : PREVIEW_BITS;
};

static uint64_t cell_pack(struct cell c)
{
    return (uint64_t)c.filled | (uint64_t)c.mode << 1 | (uint64_t)c.uses << 3 |
           (uint64_t)c.rule << 11 | (uint64_t)c.boundary << 19 | (uint64_t)c.preview_ms << 35;
}

static inline void cell_read(uint64_t c, const struct table *t, struct verdict_brief *out)
{
    uint32_t boundary = c >> 19 & 0xFFFF;
    out->mode = (enum verdict_mode)(c >> 1 & 3);
    out->uses = c >> 3 & 0xFF;
    out->rule = (enum rule)(c >> 11 & 0xFF);
    out->preview_start_ms = 0;
    out->preview_length_ms = (int64_t)(c >> 35);
    out->valid_until = boundary == BOUNDARY_NEVER ? INSTANT_NEVER : t->boundaries[boundary];
}

static uint32_t boundary_of(const struct table *t, struct instant moment)
{
    if (moment.us == INT64_MAX)
        return BOUNDARY_NEVER;
    for (uint32_t i = 0; i < t->boundary_count; i++)
        if (t->boundaries[i].us == moment.us)
            return i;
    return UINT32_MAX;
}

/* 0: a cell cannot say it, it is decided each time */
static uint64_t cell_of(uint32_t boundary, const struct verdict_brief *v)
{
    if (boundary > BOUNDARY_NEVER || v->preview_start_ms != 0 || v->preview_length_ms < 0 ||
        v->preview_length_ms >> PREVIEW_BITS)
        return 0;
    return cell_pack((struct cell) { .filled = 1,
                                     .mode = (unsigned)v->mode & 3,
                                     .uses = v->uses & 0xFF,
                                     .rule = (unsigned)v->rule & 0xFF,
                                     .boundary = boundary & 0xFFFF,
                                     .preview_ms = (unsigned)v->preview_length_ms &
                                                   ((1u << PREVIEW_BITS) - 1) });
}

/* ---- a table ---- */

void table_free(struct table *t)
{
    if (!t)
        return;
    atomic_fetch_sub(&t->pool->table_bytes, t->bytes);
    free(t);
}

bool table_is_over(const struct table *t, struct instant present)
{
    return present.us < t->from.us || present.us >= t->until.us;
}

static void set_span(struct table *t, struct instant present)
{
    t->from = INSTANT_FIRST;
    t->until = INSTANT_NEVER;
    for (uint32_t i = 0; i < t->boundary_count; i++) {
        if (t->boundaries[i].us <= present.us)
            t->from = t->boundaries[i];
        else if (t->boundaries[i].us < t->until.us)
            t->until = t->boundaries[i];
    }
}

static struct table *table_make(const struct rights *r, const struct view *v)
{
    size_t cells = (size_t)(2 * v->threshold_count + 1) * v->place_count * r->access->app_count *
                   QUESTIONS;
    size_t bytes = sizeof(struct table) + cells * sizeof(uint16_t);
    if (r->access->app_count > APPS_OF_TABLE ||
        atomic_load(&r->pool->table_bytes) + bytes > r->pool->table_bytes_most)
        return NULL;
    struct table *t = calloc(1, bytes);
    if (!t)
        return NULL;
    t->place = v->place;
    t->boundaries = v->boundaries;
    t->pool = r->pool;
    t->bytes = bytes;
    t->place_count = v->place_count;
    t->app_count = (uint32_t)r->access->app_count;
    t->boundary_count = v->boundary_count;
    t->threshold_count = v->threshold_count;
    memcpy(t->thresholds_e8, v->thresholds_e8, sizeof t->thresholds_e8);
    set_span(t, r->present);
    atomic_fetch_add(&r->pool->table_bytes, bytes);
    return t;
}

/* Two readers may make the same one: the second throws its own away. */
static __attribute__((noinline)) struct table *table_first(const struct rights *r, uint32_t view)
{
    _Atomic(struct table *) *place = &r->access->tables[chunk_of(view)][chunk_place(view)];
    struct table *t = table_make(r, pool_view(r->pool, view)), *there = NULL;
    if (t && !atomic_compare_exchange_strong(place, &there, t)) {
        table_free(t);
        return there;
    }
    return t;
}

/* ---- by the rules ---- */

void verdict_brief_of(const struct verdict *v, struct verdict_brief *out)
{
    *out = (struct verdict_brief) { .mode = v->mode,
                                    .uses = v->uses,
                                    .rule = v->reasons[v->decisive].rule,
                                    .preview_start_ms = v->preview_start_ms,
                                    .preview_length_ms = v->preview_length_ms,
                                    .valid_until = v->valid_until };
}

static __attribute__((noinline)) void by_the_rules(const struct rights *r, const struct question *q,
                                                   struct verdict_brief *out)
{
    ARENA(a);
    struct facts f;
    struct verdict v;
    rights_gather(r, q, NULL, &a, &f);
    policy_decide(&f, &a, &v);
    verdict_brief_of(&v, out);
}

/* ---- the question ---- */

static inline uint32_t length_class(const struct table *t, uint32_t duration_ms)
{
    int64_t length_e8 = (int64_t)duration_ms * (SHARE_WHOLE_E8 / 1000);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->threshold_count; i++)
        n += (uint32_t)(length_e8 >= t->thresholds_e8[i]) +
             (uint32_t)(length_e8 > t->thresholds_e8[i]);
    return n;
}

/* Where a question stands before its recording is looked at. */
struct door {
    uint32_t app;     /* its place; UINT32_MAX: it is refused here */
    uint32_t refusal; /* its place among those, then */
};

static __attribute__((noinline)) struct door stranger(const struct access *a,
                                                      const struct question *q)
{
    uint32_t network = id_table_find(&a->network_ids, q->network.bytes);
    bool known = network != UINT32_MAX;
    uint32_t place = !territory_is_known(q->territory)                                        ? 2
                     : known && territory_set_has(&a->networks[network].closed, q->territory) ? 1
                                                                                              : 0;
    uint32_t who = (uint32_t)(a->app_count + (known ? network : a->network_count));
    return (struct door) { UINT32_MAX, who * REFUSAL_PLACES + place };
}

static inline struct door find_door(const struct access *a, const struct question *q)
{
    uint32_t app = id_table_find(&a->app_ids, q->app.bytes);
    if (app == UINT32_MAX || !network_id_equal(a->apps[app].network, q->network) ||
        a->network_of_app[app] == UINT32_MAX)
        return stranger(a, q);
    if (!territory_is_known(q->territory))
        return (struct door) { UINT32_MAX, app * REFUSAL_PLACES + 2 };
    if (territory_set_has(&a->networks[a->network_of_app[app]].closed, q->territory))
        return (struct door) { UINT32_MAX, app * REFUSAL_PLACES + 1 };
    return (struct door) { app, 0 };
}

/* Refused by what is known of app, network and territory: the same for every recording. */
static __attribute__((noinline)) void refuse(const struct rights *r, const struct question *q,
                                             uint32_t refusal, struct verdict_brief *out)
{
    static const struct table nowhere; /* such verdicts have no end */
    _Atomic uint16_t *place = &r->access->refusals[refusal];
    uint16_t number = atomic_load_explicit(place, memory_order_acquire);
    if (number) {
        cell_read(brief_word(&r->pool->briefs, number), &nowhere, out);
        return;
    }
    by_the_rules(r, q, out);
    if (rule_is_of_access(out->rule) && out->valid_until.us == INSTANT_NEVER.us)
        atomic_store_explicit(place, brief_number(&r->pool->briefs, cell_of(BOUNDARY_NEVER, out)),
                              memory_order_release);
}

static inline _Atomic(struct table *) *table_place(const struct rights *r, uint32_t view)
{
    return &r->access->tables[chunk_of(view)][chunk_place(view)];
}

/* NULL: of no view, or the moment is outside the table's */
static inline struct table *find_table(const struct rights *r, const struct question *q,
                                       uint32_t view)
{
    if (view == NO_VIEW)
        return NULL;
    struct table *t = atomic_load_explicit(table_place(r, view), memory_order_acquire);
    if (!t && !(t = table_first(r, view)))
        return NULL;
    return q->at.us >= t->from.us && q->at.us < t->until.us ? t : NULL;
}

static inline size_t cell_place(const struct table *t, const struct question *q, uint32_t app,
                                uint32_t duration_ms)
{
    size_t at = (size_t)length_class(t, duration_ms) * t->place_count +
                t->place[q->territory.index];
    return (at * t->app_count + app) * QUESTIONS + (size_t)q->model * USE_COUNT + (size_t)q->use;
}

static __attribute__((noinline)) void first_answer(const struct rights *r, const struct question *q,
                                                   struct table *t, size_t at,
                                                   struct verdict_brief *out)
{
    by_the_rules(r, q, out);
    atomic_store_explicit(
        &t->cells[at],
        brief_number(&r->pool->briefs, cell_of(boundary_of(t, out->valid_until), out)),
        memory_order_release);
}

static inline void answer_from(const struct rights *r, const struct question *q, struct table *t,
                               size_t at, struct verdict_brief *out)
{
    uint16_t number = atomic_load_explicit(&t->cells[at], memory_order_acquire);
    if (number)
        cell_read(brief_word(&r->pool->briefs, number), t, out);
    else
        first_answer(r, q, t, at, out);
}

void rights_answer(const struct rights *r, const struct question *q, struct verdict_brief *out)
{
    uint64_t hash = id_hash(q->recording.bytes);
    struct shard_place shard = shard_of(r, hash);
    __builtin_prefetch(&shard_slots(shard)[hash & shard.mask]);
    struct door door = find_door(r->access, q);
    if (door.app == UINT32_MAX) {
        refuse(r, q, door.refusal, out);
        return;
    }
    const struct held_recording *h = shard_find(shard, hash, q->recording.bytes);
    struct table *t = h ? find_table(r, q, r->view_of_profile[h->profile]) : NULL;
    if (t)
        answer_from(r, q, t, cell_place(t, q, door.app, h->duration_ms), out);
    else
        by_the_rules(r, q, out);
}

/* ---- many at once: what a step of one needs is fetched while the same step of others is done ---- */

enum { BLOCK = 32 };
struct block {
    const struct rights *r;
    const struct question *q;
    size_t count;
    uint64_t hash[BLOCK];
    struct shard_place shard[BLOCK];
    struct door door[BLOCK];
    uint32_t duration_ms[BLOCK], profile[BLOCK], view[BLOCK];
    struct table *table[BLOCK];
    size_t cell[BLOCK];
};
#define NO_PROFILE UINT32_MAX

static void fetch_slots(struct block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        b->hash[i] = id_hash(b->q[i].recording.bytes);
        b->shard[i] = shard_of(b->r, b->hash[i]);
        __builtin_prefetch(&shard_slots(b->shard[i])[b->hash[i] & b->shard[i].mask]);
    }
}

static void fetch_views(struct block *b)
{
    for (size_t i = 0; i < b->count; i++)
        b->door[i] = find_door(b->r->access, &b->q[i]);
    for (size_t i = 0; i < b->count; i++) {
        const struct held_recording *h = shard_find(b->shard[i], b->hash[i],
                                                    b->q[i].recording.bytes);
        b->profile[i] = h ? h->profile : NO_PROFILE;
        b->duration_ms[i] = h ? h->duration_ms : 0;
        if (h)
            __builtin_prefetch(&b->r->view_of_profile[h->profile]);
    }
}

static void fetch_tables(struct block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        b->view[i] = b->profile[i] == NO_PROFILE ? NO_VIEW : b->r->view_of_profile[b->profile[i]];
        if (b->view[i] != NO_VIEW)
            __builtin_prefetch(
                atomic_load_explicit(table_place(b->r, b->view[i]), memory_order_acquire));
    }
}

static void fetch_cells(struct block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct table *t = b->door[i].app == UINT32_MAX ? NULL
                                                       : find_table(b->r, &b->q[i], b->view[i]);
        b->table[i] = t;
        if (!t)
            continue;
        b->cell[i] = cell_place(t, &b->q[i], b->door[i].app, b->duration_ms[i]);
        __builtin_prefetch(&t->cells[b->cell[i]]);
    }
}

void rights_answer_many(const struct rights *r, const struct question *q, size_t count,
                        struct verdict_brief *out)
{
    struct block b = { .r = r };
    for (size_t begin = 0; begin < count; begin += BLOCK) {
        b.q = q + begin;
        b.count = count - begin < BLOCK ? count - begin : BLOCK;
        fetch_slots(&b);
        fetch_views(&b);
        fetch_tables(&b);
        fetch_cells(&b);
        for (size_t i = 0; i < b.count; i++)
            if (b.door[i].app == UINT32_MAX)
                refuse(r, &b.q[i], b.door[i].refusal, &out[begin + i]);
            else if (b.table[i])
                answer_from(r, &b.q[i], b.table[i], b.cell[i], &out[begin + i]);
            else
                by_the_rules(r, &b.q[i], &out[begin + i]);
    }
}
