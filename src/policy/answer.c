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
    _Atomic uint64_t cells[]; /* [length][place][app][model][use] */
};

enum {
    QUESTIONS = MODEL_COUNT * USE_COUNT,
    BOUNDARY_NEVER = UINT16_MAX,
    PREVIEW_BITS = 29,
    APPS_OF_TABLE = 1024
};
_Static_assert(RULE_COUNT <= 256 && USE_COUNT <= 8, "a cell has eight bits for each");

/* ---- a cell: one word, so that it is there whole or not at all; 0: not asked yet ---- */

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

static void cell_write(struct table *t, size_t at, const struct verdict_brief *v)
{
    uint32_t boundary = boundary_of(t, v->valid_until);
    if (boundary > BOUNDARY_NEVER || v->preview_start_ms != 0 || v->preview_length_ms < 0 ||
        v->preview_length_ms >> PREVIEW_BITS)
        return; /* what a cell cannot say is decided each time */
    struct cell c = { .filled = 1,
                      .mode = (unsigned)v->mode & 3,
                      .uses = v->uses & 0xFF,
                      .rule = (unsigned)v->rule & 0xFF,
                      .boundary = boundary & 0xFFFF,
                      .preview_ms = (unsigned)v->preview_length_ms & ((1u << PREVIEW_BITS) - 1) };
    atomic_store_explicit(&t->cells[at], cell_pack(c), memory_order_relaxed);
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
    size_t bytes = sizeof(struct table) + cells * sizeof(uint64_t);
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

/* The app's place, where app and network are known and the network is open there. */
static inline uint32_t find_app(const struct access *a, const struct question *q)
{
    uint32_t app = id_table_find(&a->app_ids, q->app.bytes);
    if (app == UINT32_MAX || !network_id_equal(a->apps[app].network, q->network))
        return UINT32_MAX;
    uint32_t network = a->network_of_app[app];
    if (network == UINT32_MAX || territory_set_has(&a->networks[network].closed, q->territory))
        return UINT32_MAX;
    return app;
}

static inline struct table *find_table(const struct rights *r, const struct question *q,
                                       const struct held_recording *h)
{
    uint32_t view = r->view_of_profile[h->profile];
    if (view == NO_VIEW)
        return NULL;
    struct table *t = atomic_load_explicit(&r->access->tables[chunk_of(view)][chunk_place(view)],
                                           memory_order_acquire);
    if (!t && !(t = table_first(r, view)))
        return NULL;
    return q->at.us >= t->from.us && q->at.us < t->until.us ? t : NULL;
}

static inline void answer(const struct rights *r, const struct question *q, uint64_t hash,
                          struct verdict_brief *out)
{
    uint32_t app = territory_is_known(q->territory) ? find_app(r->access, q) : UINT32_MAX;
    const struct held_recording *h = app == UINT32_MAX
                                         ? NULL
                                         : shard_find(shard_of(r, hash), hash, q->recording.bytes);
    struct table *t = h ? find_table(r, q, h) : NULL;
    if (!t) {
        by_the_rules(r, q, out);
        return;
    }
    size_t at = (size_t)length_class(t, h->duration_ms) * t->place_count +
                t->place[q->territory.index];
    at = (at * t->app_count + app) * QUESTIONS + (size_t)q->model * USE_COUNT + (size_t)q->use;
    uint64_t cell = atomic_load_explicit(&t->cells[at], memory_order_relaxed);
    if (cell) {
        cell_read(cell, t, out);
        return;
    }
    by_the_rules(r, q, out);
    cell_write(t, at, out);
}

void rights_answer(const struct rights *r, const struct question *q, struct verdict_brief *out)
{
    answer(r, q, id_hash(q->recording.bytes), out);
}

/* What the next ones need is fetched while the ones before them are answered. */
void rights_answer_many(const struct rights *r, const struct question *q, size_t count,
                        struct verdict_brief *out)
{
    enum { BLOCK = 16 };
    for (size_t begin = 0; begin < count; begin += BLOCK) {
        size_t n = count - begin < BLOCK ? count - begin : BLOCK;
        uint64_t hash[BLOCK];
        const struct shard *shard[BLOCK];
        for (size_t i = 0; i < n; i++) {
            hash[i] = id_hash(q[begin + i].recording.bytes);
            shard[i] = shard_of(r, hash[i]);
            __builtin_prefetch(shard[i]);
        }
        for (size_t i = 0; i < n; i++)
            __builtin_prefetch(&shard[i]->slots[(uint32_t)hash[i] & shard[i]->mask]);
        for (size_t i = 0; i < n; i++)
            answer(r, &q[begin + i], hash[i], &out[begin + i]);
    }
}
