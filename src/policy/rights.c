/* SPDX-License-Identifier: Apache-2.0 */
/* Plain arrays into an immutable snapshot; a snapshot and what changed into its successor. */
#include <assert.h>
#include <stdlib.h>

#include "policy/building.h"

uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_BYTES])
{
    for (uint32_t at = (uint32_t)id_hash(id) & t->mask;; at = (at + 1) & t->mask) {
        uint32_t slot = t->slots[at];
        if (!slot)
            return UINT32_MAX;
        if (memcmp(t->first + (size_t)(slot - 1) * t->stride, id, ID_BYTES) == 0)
            return slot - 1;
    }
}

/* errors  INVALID the same id twice; MEMORY */
enum code id_table_fill(struct id_table *t, const void *things, size_t stride, size_t count,
                        const char *what, struct arena *a, struct error *e)
{
    size_t room = 16;
    while (room < count * 2)
        room *= 2;
    if (count > UINT32_MAX / 4)
        return fail(e, ERR_LIMIT, "%zu %ss are more than a snapshot holds", count, what);
    uint32_t *slots = arena_try(a, room, sizeof *slots);
    if (!slots)
        return fail(e, ERR_MEMORY, "no memory for the table of %zu %ss", count, what);
    *t = (struct id_table) { slots, (uint32_t)(room - 1), things, stride };
    for (size_t i = 0; i < count; i++) {
        const uint8_t *id = t->first + i * stride;
        if (id_table_find(t, id) != UINT32_MAX)
            return fail(e, ERR_INVALID, "two %ss have the same id", what);
        uint32_t at = (uint32_t)id_hash(id) & t->mask;
        while (slots[at])
            at = (at + 1) & t->mask;
        slots[at] = (uint32_t)i + 1;
    }
    return OK;
}

enum code throw_away(struct building *b, enum garbage_kind kind, void *thing, struct error *e)
{
    struct garbage *g = malloc(sizeof *g);
    if (!g)
        return no_memory(e);
    *g = (struct garbage) { b->garbage, kind, thing };
    b->garbage = g;
    return OK;
}

enum code look_again(struct building *b, struct recording_id id, struct error *e)
{
    if (b->again_count == b->again_room) {
        size_t room = b->again_room ? b->again_room * 2 : 64;
        struct recording_id *more = arena_try(&b->scratch, room, sizeof *more);
        if (!more)
            return no_memory(e);
        if (b->again_count)
            memcpy(more, b->again, b->again_count * sizeof *more);
        b->again = more;
        b->again_room = room;
    }
    b->again[b->again_count++] = id;
    return OK;
}

/* ---- freeing ---- */

static void pool_drop(struct rights_pool *p)
{
    if (!p || atomic_fetch_sub(&p->users, 1) != 1)
        return;
    struct interner *all[] = { &p->sets,     &p->claim_shapes, &p->row_shapes, &p->party_shapes,
                               &p->profiles, &p->view_keys,    &p->places };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        interner_done(all[i]);
    for (size_t i = 0; i < COUNT_OF(p->views); i++)
        free(p->views[i]);
    briefs_done(&p->briefs);
    arena_done(&p->arena);
    free(p);
}

static void garbage_free(struct garbage *g, bool things)
{
    while (g) {
        struct garbage *next = g->next;
        if (things)
            switch (g->kind) {
            case GARBAGE_SHARD:
                free(g->thing);
                break;
            case GARBAGE_PARTY:
                party_free(g->thing);
                break;
            case GARBAGE_ACCESS:
                access_free(g->thing);
                break;
            case GARBAGE_TABLE:
                table_free(g->thing);
                break;
            }
        free(g);
        g = next;
    }
}

/* What a snapshot has for itself. */
static void husk_free(struct rights *r)
{
    free(r->shards);
    free(r->parties);
    free(r->party_ids);
    free(r->party_slots);
    free(r->view_of_profile);
    arena_done(&r->order_arena);
    pool_drop(r->pool);
    free(r);
}

/* What stands only in `r` and not in `but` (NULL: everything in it). */
static void contents_free(struct rights *r, const struct rights *but)
{
    size_t shards = (size_t)1 << r->shard_bits;
    for (size_t i = 0; r->shards && i < shards; i++)
        if (!but || r->shards[i].shard != but->shards[i].shard)
            free(r->shards[i].shard);
    for (uint32_t i = 0; r->parties && i < r->party_count; i++)
        if (!but || i >= but->party_count || r->parties[i] != but->parties[i])
            party_free(r->parties[i]);
    if (!but || r->access != but->access)
        access_free(r->access);
}

/* A snapshot outlives all those before it, so its garbage is looked at by nobody when it goes. */
void rights_free(struct rights *r)
{
    while (r && atomic_fetch_sub(&r->users, 1) == 1) {
        struct rights *next = r->next;
        garbage_free(r->garbage, true);
        if (!next)
            contents_free(r, NULL);
        husk_free(r);
        r = next;
    }
}

size_t rights_size_bytes(const struct rights *r)
{
    const struct rights_pool *p = r->pool;
    const struct interner *all[] = { &p->sets,         &p->claim_shapes, &p->row_shapes,
                                     &p->party_shapes, &p->profiles,     &p->view_keys,
                                     &p->places };
    size_t bytes = sizeof *r + sizeof *p + p->arena.used_bytes + briefs_bytes(&p->briefs) +
                   atomic_load(&p->table_bytes) + r->access->arena.used_bytes + sizeof *r->access +
                   r->profile_count * sizeof *r->view_of_profile +
                   r->party_count * (sizeof(struct held_party) + 64) + r->order_arena.used_bytes;
    for (size_t i = 0; i < COUNT_OF(all); i++)
        bytes += interner_bytes(all[i]);
    for (size_t i = 0; i < (size_t)1 << r->shard_bits; i++)
        bytes += r->shards[i].shard->bytes + sizeof *r->shards;
    for (uint32_t i = 0; i < r->party_count; i++)
        bytes += r->parties[i]->arena.used_bytes;
    return bytes;
}

size_t rights_recording_count(const struct rights *r)
{
    return r->recording_count;
}

/* ---- building ---- */

static struct rights_pool *pool_new(void)
{
    struct rights_pool *p = calloc(1, sizeof *p);
    if (p && !briefs_init(&p->briefs)) {
        free(p);
        return NULL;
    }
    return p;
}

static struct rights *rights_new(struct rights_pool *pool)
{
    struct rights *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    if (!pool && !(pool = pool_new())) {
        free(r);
        return NULL;
    }
    atomic_fetch_add(&pool->users, 1);
    r->pool = pool;
    atomic_init(&r->users, 1);
    return r;
}

static enum code build_all(struct building *b, struct error *e)
{
    TRY(build_access(b, e));
    TRY(build_parties(b, e));
    TRY(build_orders(b, e));
    TRY(build_shards(b, e));
    return build_views(b, e);
}

enum code rights_build(const struct rights_input *in, struct rights **out, struct error *e)
{
    enum { TABLE_BYTES = 256 << 20 };
    struct rights *r = rights_new(NULL);
    if (!r)
        return no_memory(e);
    struct building b = { .r = r, .in = in };
    r->present = in->present;
    r->pool->table_bytes_most = in->table_bytes_most ? in->table_bytes_most : TABLE_BYTES;
    enum code code = build_all(&b, e);
    arena_done(&b.scratch);
    buf_done(&b.key);
    if (code != OK) {
        contents_free(r, NULL);
        husk_free(r);
        return code;
    }
    *out = r;
    return OK;
}

/* ---- a successor ---- */

/* The orders stay: held anew, for their texts live with the snapshot. */
static enum code keep_orders(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    const struct rights *old = b->old;
    r->orders = arena_try(&r->order_arena, old->order_count, sizeof *r->orders);
    if (!r->orders)
        return no_memory(e);
    for (size_t i = 0; i < old->order_count; i++) {
        r->orders[i] = old->orders[i];
        if (r->orders[i].facts.title)
            r->orders[i].facts.title = str_copy(&r->order_arena, str_of(r->orders[i].facts.title));
    }
    r->order_count = old->order_count;
    return OK;
}

/* Tables whose time has passed: the next question makes them anew. */
static enum code retire_tables(struct building *b, struct error *e)
{
    struct access *a = b->r->access;
    if (a != b->old->access)
        return OK; /* all of them are new */
    for (uint32_t i = 0; i < CHUNKS && a->tables[i]; i++)
        for (size_t k = 0; k < chunk_room(i); k++) {
            struct table *t = atomic_load(&a->tables[i][k]);
            if (!t || !table_is_over(t, b->r->present))
                continue;
            TRY(throw_away(b, GARBAGE_TABLE, t, e));
            atomic_store(&a->tables[i][k], NULL);
        }
    return OK;
}

static enum code succeed(struct building *b, const struct rights_change *change, struct error *e)
{
    b->r->access = b->old->access;
    if (change->access)
        TRY(build_access(b, e));
    TRY(build_parties(b, e));
    TRY(change->orders ? build_orders(b, e) : keep_orders(b, e));
    TRY(change_shards(b, change->gone, change->gone_count, e));
    TRY(build_views(b, e));
    return retire_tables(b, e);
}

enum code rights_succeed(struct rights *old, const struct rights_change *change,
                         struct rights **out, struct error *e)
{
    assert(!old->next);
    struct rights *r = rights_new(old->pool);
    if (!r)
        return no_memory(e);
    struct building b = { .r = r, .old = old, .in = &change->rows };
    r->present = change->rows.present;
    enum code code = succeed(&b, change, e);
    arena_done(&b.scratch);
    buf_done(&b.key);
    if (code != OK) {
        garbage_free(b.garbage, false);
        contents_free(r, old);
        husk_free(r);
        return code;
    }
    old->garbage = b.garbage;
    atomic_store(&r->users, 2); /* its owner's, and the one before it */
    old->next = r;
    *out = r;
    return OK;
}

struct instant rights_stale_at(const struct rights *r)
{
    return r->stale_at;
}

struct instant rights_present(const struct rights *r)
{
    return r->present;
}
