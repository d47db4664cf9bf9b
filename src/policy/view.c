/* SPDX-License-Identifier: Apache-2.0 */
/* Views: what the verdicts about a profile depend on, with the parties' names left out. */
#include <stdlib.h>

#include "policy/building.h"

/* What a view is made of: every row that may fire, by its shape. */
struct gist {
    struct rights_pool *pool;
    struct buf sets, times; /* of uint32_t; of struct instant */
    int64_t thresholds_e8[VIEW_THRESHOLDS_MOST];
    uint32_t threshold_count;
    bool too_many;
};

static void add_time(struct gist *g, struct instant t)
{
    if (t.us != INT64_MIN && t.us != INT64_MAX)
        buf_put(&g->times, &t, sizeof t);
}

static void add_set(struct gist *g, uint32_t set)
{
    buf_put(&g->sets, &set, sizeof set);
}

static void add_threshold(struct gist *g, int64_t value_e8)
{
    for (uint32_t i = 0; i < g->threshold_count; i++)
        if (g->thresholds_e8[i] == value_e8)
            return;
    if (g->threshold_count == VIEW_THRESHOLDS_MOST)
        g->too_many = true;
    else
        g->thresholds_e8[g->threshold_count++] = value_e8;
}

static void add_row(struct gist *g, uint32_t shape)
{
    const struct row_shape *row = pool_row(g->pool, shape);
    add_time(g, row->from);
    add_time(g, row->until);
    add_set(g, row->set);
    if (row->kind == ROW_SEGMENTS)
        g->too_many = true; /* what it says changes within each length: judged by the rules */
    for (uint16_t i = 0; i < row->threshold_count; i++)
        add_threshold(g, row->thresholds_e8[i]);
}

static void add_party(struct gist *g, uint32_t shape)
{
    struct str rows = interned(&g->pool->party_shapes, shape);
    for (size_t i = 0; i < rows.length; i += sizeof(uint32_t)) {
        uint32_t row;
        memcpy(&row, rows.at + i, sizeof row);
        add_row(g, row);
    }
}

static int by_time(const void *left, const void *right)
{
    const struct instant *a = left, *b = right;
    return (a->us > b->us) - (a->us < b->us);
}

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static size_t sort_unique(void *items, size_t bytes, size_t size,
                          int (*order)(const void *, const void *))
{
    size_t count = bytes / size, kept = 0;
    uint8_t *at = items;
    if (count > 1)
        qsort(items, count, size, order);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || order(at + (kept - 1) * size, at + i * size) != 0)
            memmove(at + kept++ * size, at + i * size, size);
    return kept;
}

/* Territories that every set has in common, or has not, are of one class. Each set halves the
 * classes that are there. */
static bool classify(struct gist *g, struct view *v)
{
    uint8_t place[256] = { 0 };
    size_t sets = sort_unique(g->sets.bytes, g->sets.length, sizeof(uint32_t), by_number);
    v->place_count = 1;
    for (size_t i = 0; i < sets; i++) {
        uint32_t number;
        uint8_t inside[256];
        memcpy(&number, g->sets.bytes + i * sizeof number, sizeof number);
        const struct territory_set *set = pool_set(g->pool, number);
        memset(inside, 255, sizeof inside);
        bool outside[256] = { false };
        for (uint8_t t = 0; t < TERRITORY_COUNT; t++)
            outside[place[t]] |= !territory_set_has(set, (struct territory) { t });
        for (uint8_t t = 0; t < TERRITORY_COUNT; t++) {
            uint8_t was = place[t];
            if (!outside[was] || !territory_set_has(set, (struct territory) { t }))
                continue;
            if (inside[was] == 255)
                inside[was] = (uint8_t)v->place_count++;
            place[t] = inside[was];
        }
    }
    uint32_t number = intern(&g->pool->places, place, sizeof place);
    if (number == INTERN_FULL)
        return false;
    v->place = (const uint8_t *)interned(&g->pool->places, number).at;
    return true;
}

static struct view *make_view(struct gist *g)
{
    struct arena *a = &g->pool->arena;
    size_t times = sort_unique(g->times.bytes, g->times.length, sizeof(struct instant), by_time);
    if (g->too_many || g->sets.failed || g->times.failed || times >= UINT16_MAX)
        return NULL;
    struct view *v = arena_try(a, 1, sizeof *v);
    struct instant *boundaries = arena_try(a, times, sizeof *boundaries);
    if (!v || !boundaries || !classify(g, v))
        return NULL;
    if (times)
        memcpy(boundaries, g->times.bytes, times * sizeof *boundaries);
    v->boundaries = boundaries;
    v->boundary_count = (uint32_t)times;
    v->threshold_count = g->threshold_count;
    memcpy(v->thresholds_e8, g->thresholds_e8, sizeof v->thresholds_e8);
    qsort(v->thresholds_e8, v->threshold_count, sizeof *v->thresholds_e8, by_value);
    return v;
}

/* ---- a profile as a view: parties by the order in which they come, and by what they want ---- */

enum { PARTIES_MOST = 64, KEY_MOST = 4096 };

struct view_key {
    uint32_t words[KEY_MOST];
    size_t count;
    uint32_t parties[PARTIES_MOST];
    uint32_t party_count;
    bool too_long;
};

static void put(struct view_key *k, uint32_t word)
{
    if (k->count == KEY_MOST)
        k->too_long = true;
    else
        k->words[k->count++] = word;
}

static void put_long(struct view_key *k, int64_t word)
{
    put(k, (uint32_t)((uint64_t)word >> 32));
    put(k, (uint32_t)word);
}

static uint32_t place_of_party(struct view_key *k, uint32_t party)
{
    for (uint32_t i = 0; i < k->party_count; i++)
        if (k->parties[i] == party)
            return i;
    if (k->party_count == PARTIES_MOST) {
        k->too_long = true;
        return 0;
    }
    k->parties[k->party_count] = party;
    return k->party_count++;
}

static void put_claim(struct view_key *k, const struct rights *r, uint32_t shape, struct gist *g)
{
    const struct claim_shape *c = pool_claim(r->pool, shape);
    uint32_t wants = r->parties[c->party]->shape;
    put(k, place_of_party(k, c->party));
    put(k, wants);
    put(k, c->set);
    put(k, (uint32_t)c->right);
    put_long(k, c->share_e8);
    put_long(k, c->from.us);
    put_long(k, c->until.us);
    add_set(g, c->set);
    add_time(g, c->from);
    add_time(g, c->until);
    add_party(g, wants);
}

static void put_profile(struct view_key *k, const struct rights *r, const struct profile_key *p,
                        struct gist *g)
{
    put(k, p->claim_count);
    for (uint32_t i = 0; i < p->claim_count; i++)
        put_claim(k, r, p->rest[i], g);
    for (uint32_t i = 0; i < p->row_count; i++) {
        uint32_t party = p->rest[p->claim_count + 2 * i];
        uint32_t row = p->rest[p->claim_count + 2 * i + 1];
        put(k, party == NO_PARTY ? NO_PARTY : place_of_party(k, party));
        put(k, row);
        add_row(g, row);
    }
}

static bool room_for_tables(struct access *a, uint32_t views)
{
    for (uint32_t i = 0; views && i <= chunk_of(views - 1); i++)
        if (!a->tables[i] && !(a->tables[i] = calloc(chunk_room(i), sizeof **a->tables)))
            return false;
    return true;
}

static uint32_t view_numbered(struct rights *r, const struct view_key *k, struct gist *g)
{
    struct rights_pool *p = r->pool;
    uint32_t known = p->view_keys.count;
    uint32_t number = intern(&p->view_keys, k->words, k->count * sizeof *k->words);
    if (number == INTERN_FULL)
        return NO_VIEW;
    struct view ***chunk = &p->views[chunk_of(number)];
    if (!*chunk && !(*chunk = calloc(chunk_room(chunk_of(number)), sizeof **chunk)))
        return NO_VIEW;
    if (number == known)
        (*chunk)[chunk_place(number)] = make_view(g);
    return (*chunk)[chunk_place(number)] ? number : NO_VIEW;
}

uint32_t view_of(struct rights *r, const struct profile_key *profile)
{
    struct gist g = { .pool = r->pool };
    struct view_key k;
    k.count = 0;
    k.party_count = 0;
    k.too_long = false;
    put_profile(&k, r, profile, &g);
    uint32_t number = k.too_long ? NO_VIEW : view_numbered(r, &k, &g);
    buf_done(&g.sets);
    buf_done(&g.times);
    return number;
}

/* ---- of every profile ---- */

static bool is_changed(const struct building *b, const struct profile_key *p)
{
    for (uint32_t i = 0; i < p->claim_count; i++)
        if (b->party_changed[pool_claim(b->r->pool, p->rest[i])->party])
            return true;
    return false;
}

static void set_stale_at(struct rights *r)
{
    r->stale_at = INSTANT_NEVER;
    for (uint32_t i = 0; i < r->pool->view_keys.count; i++) {
        const struct view *v = pool_view(r->pool, i);
        for (uint32_t k = 0; v && k < v->boundary_count; k++)
            if (v->boundaries[k].us > r->present.us) {
                if (v->boundaries[k].us < r->stale_at.us)
                    r->stale_at = v->boundaries[k];
                break;
            }
    }
}

enum code build_views(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    uint32_t count = r->pool->profiles.count, before = b->old ? b->old->profile_count : 0;
    r->view_of_profile = malloc(((size_t)count + 1) * sizeof *r->view_of_profile);
    if (!r->view_of_profile)
        return no_memory(e);
    r->profile_count = count;
    if (before)
        memcpy(r->view_of_profile, b->old->view_of_profile, before * sizeof *r->view_of_profile);
    for (uint32_t i = 0; i < count; i++) {
        const struct profile_key *p = (const void *)interned(&r->pool->profiles, i).at;
        if (i >= before || is_changed(b, p))
            r->view_of_profile[i] = view_of(r, p);
    }
    set_stale_at(r);
    return room_for_tables(r->access, r->pool->view_keys.count) ? OK : no_memory(e);
}
