/* SPDX-License-Identifier: Apache-2.0 */
/* Parties of a snapshot with what they want and grant; access; orders. */
#include <stdlib.h>

#include "policy/building.h"

enum code no_memory(struct error *e)
{
    return fail(e, ERR_MEMORY, "no memory for a snapshot of the rights");
}

enum code keep_bytes(struct interner *in, const void *bytes, size_t length, uint32_t *out,
                     struct error *e)
{
    *out = intern(in, bytes, length);
    return *out == INTERN_FULL ? no_memory(e) : OK;
}

static enum code keep_set(struct building *b, const struct territory_set *s, uint32_t *out,
                          struct error *e)
{
    return keep_bytes(&b->r->pool->sets, s, sizeof *s, out, e);
}

/* ---- access ---- */

void access_free(struct access *a)
{
    if (!a)
        return;
    for (uint32_t i = 0; i < CHUNKS; i++) {
        for (size_t k = 0; a->tables[i] && k < chunk_room(i); k++)
            table_free(atomic_load(&a->tables[i][k]));
        free(a->tables[i]);
    }
    arena_done(&a->arena);
    free(a);
}

static enum code copy_access(struct access *a, const struct rights_input *in, struct error *e)
{
    a->networks = arena_try(&a->arena, in->network_count, sizeof *a->networks);
    a->apps = arena_try(&a->arena, in->app_count, sizeof *a->apps);
    a->network_of_app = arena_try(&a->arena, in->app_count, sizeof *a->network_of_app);
    if (!a->networks || !a->apps || !a->network_of_app)
        return no_memory(e);
    a->network_count = in->network_count;
    a->app_count = in->app_count;
    for (size_t i = 0; i < in->network_count; i++) {
        const char *name = in->networks[i].name;
        a->networks[i] = in->networks[i];
        a->networks[i].name = name ? str_copy(&a->arena, str_of(name)) : NULL;
    }
    TRY(id_table_fill(&a->network_ids, a->networks, sizeof *a->networks, in->network_count,
                      "network", &a->arena, e));
    for (size_t i = 0; i < in->app_count; i++) {
        const char *name = in->apps[i].name;
        a->apps[i] = in->apps[i];
        a->apps[i].name = name ? str_copy(&a->arena, str_of(name)) : NULL;
        a->network_of_app[i] = id_table_find(&a->network_ids, a->apps[i].network.bytes);
    }
    a->refusals = arena_try(&a->arena, (a->app_count + a->network_count + 1) * REFUSAL_PLACES,
                            sizeof *a->refusals);
    if (!a->refusals)
        return no_memory(e);
    return id_table_fill(&a->app_ids, a->apps, sizeof *a->apps, in->app_count, "app", &a->arena, e);
}

/* The tables of verdicts belong to it: another access, other verdicts. */
enum code build_access(struct building *b, struct error *e)
{
    b->r->access = calloc(1, sizeof *b->r->access);
    if (!b->r->access)
        return no_memory(e);
    TRY(copy_access(b->r->access, b->in, e));
    return b->old ? throw_away(b, GARBAGE_ACCESS, b->old->access, e) : OK;
}

/* ---- the shape of a row: all of it that a verdict can depend on ---- */

static enum code keep_row(struct building *b, struct row_shape *head, const struct buf *rest,
                          uint32_t *out, struct error *e)
{
    buf_clear(&b->key);
    buf_put(&b->key, head, sizeof *head);
    buf_put(&b->key, rest->bytes, rest->length);
    if (b->key.failed || rest->failed)
        return no_memory(e);
    return keep_bytes(&b->r->pool->row_shapes, b->key.bytes, b->key.length, out, e);
}

static enum code row_of_policy(struct building *b, const struct held_policy *p, uint32_t *out,
                               struct error *e)
{
    BUF(rest);
    struct row_shape head;
    memset(&head, 0, sizeof head);
    head.kind = ROW_POLICY;
    head.from = p->facts.from;
    head.until = p->facts.until;
    head.set = p->territories;
    int64_t action = p->facts.action;
    buf_put(&rest, &action, sizeof action);
    for (size_t i = 0; i < p->facts.condition_count; i++) {
        const struct condition *c = &p->facts.conditions[i];
        int64_t words[4] = { c->measure, c->relator, c->value_e8, c->segment_count };
        if (c->measure == MEASURE_SECONDS && head.threshold_count < CONDITIONS_MOST)
            head.thresholds_e8[head.threshold_count++] = c->value_e8;
        buf_put(&rest, words, sizeof words);
        buf_put(&rest, c->segments, c->segment_count * sizeof *c->segments);
        if (c->segment_count)
            head.kind = ROW_SEGMENTS;
    }
    buf_put(&rest, p->apps, (size_t)p->app_count * ID_BYTES);
    return keep_row(b, &head, &rest, out, e);
}

static enum code row_of_licence(struct building *b, const struct held_licence *l, uint32_t *out,
                                struct error *e)
{
    BUF(rest);
    struct row_shape head;
    memset(&head, 0, sizeof head);
    head.kind = ROW_LICENCE;
    head.from = l->facts.from;
    head.until = l->facts.until;
    head.set = l->territories;
    int64_t words[4] = { l->facts.uses, l->models, l->facts.clip_seconds, l->app_count };
    buf_put(&rest, words, sizeof words);
    buf_put(&rest, l->apps, (size_t)l->app_count * ID_BYTES);
    buf_put(&rest, l->networks, (size_t)l->network_count * ID_BYTES);
    return keep_row(b, &head, &rest, out, e);
}

/* ---- a party ---- */

void party_free(struct held_party *p)
{
    if (!p)
        return;
    arena_done(&p->arena);
    free(p);
}

static const void *copy_ids(struct held_party *p, const void *ids, size_t count)
{
    if (!count)
        return NULL;
    void *copy = arena_try(&p->arena, count, ID_BYTES);
    if (copy)
        memcpy(copy, ids, count * ID_BYTES);
    return copy;
}

static enum code hold_policy(struct building *b, struct held_party *party,
                             const struct holder_policy *p, struct held_policy *out,
                             struct error *e)
{
    struct condition *conditions = arena_try(&party->arena, p->condition_count, sizeof *conditions);
    if (!conditions)
        return no_memory(e);
    memcpy(conditions, p->conditions, p->condition_count * sizeof *conditions);
    *out = (struct held_policy) {
        .facts = { p->id, p->recording, p->version, p->action, conditions, p->condition_count,
                   p->from, p->until },
        .app_count = (uint32_t)p->app_count,
        .apps = copy_ids(party, p->apps, p->app_count),
    };
    if (p->app_count && !out->apps)
        return no_memory(e);
    TRY(keep_set(b, &p->territories, &out->territories, e));
    return row_of_policy(b, out, &out->shape, e);
}

static enum code hold_licence(struct building *b, struct held_party *party, const struct licence *l,
                              struct held_licence *out, struct error *e)
{
    *out = (struct held_licence) {
        .facts = { l->id, l->version,
                   l->name ? arena_text(&party->arena, l->name, strlen(l->name)) : NULL, l->uses,
                   l->clip_seconds, l->from, l->until, l->recording },
        .app_count = (uint32_t)l->app_count,
        .network_count = (uint32_t)l->network_count,
        .models = l->models,
        .apps = copy_ids(party, l->apps, l->app_count),
        .networks = copy_ids(party, l->networks, l->network_count),
    };
    if ((l->app_count && !out->apps) || (l->network_count && !out->networks))
        return no_memory(e);
    TRY(keep_set(b, &l->territories, &out->territories, e));
    return row_of_licence(b, out, &out->shape, e);
}

/* Those for all recordings have the recording of zeros, and so come first. */
static int by_recording(const struct recording_id *a, const struct recording_id *b,
                        const uint8_t *left, const uint8_t *right)
{
    int order = memcmp(a->bytes, b->bytes, ID_BYTES);
    return order ? order : memcmp(left, right, ID_BYTES);
}

static int policy_order(const void *left, const void *right)
{
    const struct held_policy *a = left, *b = right;
    return by_recording(&a->facts.recording, &b->facts.recording, a->facts.id.bytes,
                        b->facts.id.bytes);
}

static int licence_order(const void *left, const void *right)
{
    const struct held_licence *a = left, *b = right;
    return by_recording(&a->facts.recording, &b->facts.recording, a->facts.id.bytes,
                        b->facts.id.bytes);
}

static enum code shape_party(struct building *b, struct held_party *p, struct error *e)
{
    while (p->policy_general < p->policy_count &&
           recording_id_is_none(p->policies[p->policy_general].facts.recording))
        p->policy_general++;
    while (p->licence_general < p->licence_count &&
           recording_id_is_none(p->licences[p->licence_general].facts.recording))
        p->licence_general++;
    buf_clear(&b->key);
    for (uint32_t i = 0; i < p->policy_general; i++)
        buf_put(&b->key, &p->policies[i].shape, sizeof p->policies[i].shape);
    for (uint32_t i = 0; i < p->licence_general; i++)
        buf_put(&b->key, &p->licences[i].shape, sizeof p->licences[i].shape);
    if (b->key.failed)
        return no_memory(e);
    return keep_bytes(&b->r->pool->party_shapes, b->key.bytes, b->key.length, &p->shape, e);
}

/* Where the rows of each party of the input stand, by its place in the input. */
struct rows_of {
    uint32_t *begin; /* one more than there are parties */
    uint32_t *rows;
};

static enum code sort_rows(struct building *b, const uint32_t *owner, size_t count, size_t parties,
                           struct rows_of *out, struct error *e)
{
    uint32_t *next = arena_try(&b->scratch, parties + 1, sizeof *next);
    out->begin = arena_try(&b->scratch, parties + 1, sizeof *out->begin);
    out->rows = arena_try(&b->scratch, count + 1, sizeof *out->rows);
    if (!next || !out->begin || !out->rows)
        return no_memory(e);
    for (size_t i = 0; i < count; i++)
        out->begin[owner[i] + 1]++;
    for (size_t i = 0; i < parties; i++)
        out->begin[i + 1] += out->begin[i];
    memcpy(next, out->begin, (parties + 1) * sizeof *next);
    for (size_t i = 0; i < count; i++)
        out->rows[next[owner[i]]++] = (uint32_t)i;
    return OK;
}

struct party_rows {
    struct id_table ids; /* of the parties of the input */
    struct rows_of policies, licences;
};

static enum code owner_of(const struct party_rows *x, struct party_id id, const char *kind,
                          const char *holder, uint32_t *out, struct error *e)
{
    char text[ID_TEXT];
    *out = id_table_find(&x->ids, id.bytes);
    if (*out == UINT32_MAX)
        return fail(e, ERR_INVALID, "%s %s names party %s, which is not there", kind, holder,
                    party_id_format(id, text));
    return OK;
}

static enum code sort_party_rows(struct building *b, struct party_rows *x, struct error *e)
{
    const struct rights_input *in = b->in;
    char text[ID_TEXT];
    size_t most = in->policy_count > in->licence_count ? in->policy_count : in->licence_count;
    uint32_t *owner = arena_try(&b->scratch, most + 1, sizeof *owner);
    if (!owner)
        return no_memory(e);
    TRY(id_table_fill(&x->ids, in->parties, sizeof *in->parties, in->party_count, "party",
                      &b->scratch, e));
    for (size_t i = 0; i < in->policy_count; i++)
        TRY(owner_of(x, in->policies[i].party, "policy", policy_id_format(in->policies[i].id, text),
                     &owner[i], e));
    TRY(sort_rows(b, owner, in->policy_count, in->party_count, &x->policies, e));
    for (size_t i = 0; i < in->licence_count; i++)
        TRY(owner_of(x, in->licences[i].licensor, "licence",
                     licence_id_format(in->licences[i].id, text), &owner[i], e));
    return sort_rows(b, owner, in->licence_count, in->party_count, &x->licences, e);
}

static enum code fill_party(struct building *b, const struct party_rows *x, size_t at,
                            struct held_party *p, struct error *e)
{
    uint32_t policy = x->policies.begin[at], licence = x->licences.begin[at];
    p->policy_count = x->policies.begin[at + 1] - policy;
    p->licence_count = x->licences.begin[at + 1] - licence;
    if (p->policy_count)
        p->policies = arena_try(&p->arena, p->policy_count, sizeof *p->policies);
    if (p->licence_count)
        p->licences = arena_try(&p->arena, p->licence_count, sizeof *p->licences);
    if ((p->policy_count && !p->policies) || (p->licence_count && !p->licences))
        return no_memory(e);
    for (uint32_t i = 0; i < p->policy_count; i++)
        TRY(hold_policy(b, p, &b->in->policies[x->policies.rows[policy + i]], &p->policies[i], e));
    for (uint32_t i = 0; i < p->licence_count; i++)
        TRY(hold_licence(b, p, &b->in->licences[x->licences.rows[licence + i]], &p->licences[i],
                         e));
    if (p->policy_count > 1)
        qsort(p->policies, p->policy_count, sizeof *p->policies, policy_order);
    if (p->licence_count > 1)
        qsort(p->licences, p->licence_count, sizeof *p->licences, licence_order);
    return shape_party(b, p, e);
}

static enum code hold_party(struct building *b, const struct party_rows *x, size_t at,
                            struct held_party **out, struct error *e)
{
    const struct party *from = &b->in->parties[at];
    size_t length = from->name ? strlen(from->name) : 0;
    struct held_party *p = calloc(1, sizeof *p + length + 1);
    if (!p)
        return no_memory(e);
    p->id = from->id;
    p->version = from->version;
    memcpy(p->name, from->name ? from->name : "", length);
    enum code code = fill_party(b, x, at, p, e);
    if (code != OK) {
        party_free(p);
        return code;
    }
    *out = p;
    return OK;
}

/* Recordings that have rows of their own in `p`. */
static enum code look_again_at_all(struct building *b, const struct held_party *p, struct error *e)
{
    for (uint32_t i = p->policy_general; i < p->policy_count; i++)
        TRY(look_again(b, p->policies[i].facts.recording, e));
    for (uint32_t i = p->licence_general; i < p->licence_count; i++)
        TRY(look_again(b, p->licences[i].facts.recording, e));
    return OK;
}

static enum code replace_party(struct building *b, uint32_t at, struct held_party *p,
                               struct error *e)
{
    struct held_party *before = b->r->parties[at];
    b->r->parties[at] = p;
    b->party_changed[at] = before->shape != p->shape;
    TRY(throw_away(b, GARBAGE_PARTY, before, e));
    TRY(look_again_at_all(b, before, e));
    return look_again_at_all(b, p, e);
}

static enum code index_parties(struct rights *r, uint32_t count, struct error *e)
{
    size_t room = 16;
    while (room < (size_t)count * 2)
        room *= 2;
    r->party_slots = calloc(room, sizeof *r->party_slots);
    if (!r->party_slots)
        return no_memory(e);
    r->party_table = (struct id_table) { r->party_slots, (uint32_t)(room - 1),
                                         (const uint8_t *)r->party_ids, sizeof *r->party_ids };
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (uint32_t)id_hash(r->party_ids[i].bytes) & r->party_table.mask;
        while (r->party_slots[at])
            at = (at + 1) & r->party_table.mask;
        r->party_slots[at] = i + 1;
    }
    return OK;
}

/* Parties keep their places from snapshot to snapshot: profiles name them by it. */
enum code build_parties(struct building *b, struct error *e)
{
    struct party_rows x;
    struct rights *r = b->r;
    const struct rights *old = b->old;
    uint32_t before = old ? old->party_count : 0;
    size_t room = before + b->in->party_count + 1;
    TRY(sort_party_rows(b, &x, e));
    r->parties = calloc(room, sizeof(struct held_party *));
    r->party_ids = calloc(room, sizeof *r->party_ids);
    b->party_changed = arena_try(&b->scratch, room, 1);
    if (!r->parties || !r->party_ids || !b->party_changed)
        return no_memory(e);
    if (before) {
        memcpy(r->parties, old->parties, before * sizeof(struct held_party *));
        memcpy(r->party_ids, old->party_ids, before * sizeof *r->party_ids);
    }
    r->party_count = before;
    for (size_t i = 0; i < b->in->party_count; i++) {
        struct held_party *p = NULL;
        uint32_t at = old ? id_table_find(&old->party_table, b->in->parties[i].id.bytes)
                          : UINT32_MAX;
        TRY(hold_party(b, &x, i, &p, e));
        if (at != UINT32_MAX) {
            TRY(replace_party(b, at, p, e));
        } else {
            r->party_ids[r->party_count] = p->id;
            r->parties[r->party_count++] = p;
        }
    }
    return index_parties(r, r->party_count, e);
}

/* ---- rows for one recording ---- */

#define RANGE(rows, first, count, id)                                                              \
    do {                                                                                           \
        uint32_t low = (first), high = (count);                                                    \
        while (low < high) {                                                                       \
            uint32_t middle = (low + high) / 2;                                                    \
            if (memcmp((rows)[middle].facts.recording.bytes, (id).bytes, ID_BYTES) < 0)            \
                low = middle + 1;                                                                  \
            else                                                                                   \
                high = middle;                                                                     \
        }                                                                                          \
        *begin = *end = low;                                                                       \
        while (*end < (count) && recording_id_equal((rows)[*end].facts.recording, (id)))           \
            ++*end;                                                                                \
    } while (0)

void policies_for(const struct held_party *p, struct recording_id id, uint32_t *begin,
                  uint32_t *end)
{
    RANGE(p->policies, p->policy_general, p->policy_count, id);
}

void licences_for(const struct held_party *p, struct recording_id id, uint32_t *begin,
                  uint32_t *end)
{
    RANGE(p->licences, p->licence_general, p->licence_count, id);
}

/* ---- orders ---- */

static int order_order(const void *left, const void *right)
{
    const struct held_order *a = left, *b = right;
    int order = memcmp(a->target, b->target, ID_BYTES);
    return order ? order : memcmp(a->facts.id.bytes, b->facts.id.bytes, ID_BYTES);
}

static enum code hold_order(struct building *b, const struct rights_order *o,
                            struct held_order *out, struct error *e)
{
    BUF(nothing);
    struct row_shape head;
    *out = (struct held_order) {
        .facts = { o->id, o->version,
                   o->title ? str_copy(&b->r->order_arena, str_of(o->title)) : NULL, o->from,
                   o->until },
        .of_recording = !recording_id_is_none(o->recording),
    };
    memcpy(out->target, out->of_recording ? o->recording.bytes : o->upload.bytes, ID_BYTES);
    TRY(keep_set(b, &o->territories, &out->territories, e));
    memset(&head, 0, sizeof head);
    head.kind = ROW_ORDER;
    head.from = o->from;
    head.until = o->until;
    head.set = out->territories;
    return keep_row(b, &head, &nothing, &out->shape, e);
}

static enum code look_again_at_orders(struct building *b, const struct rights *r, struct error *e)
{
    for (size_t i = 0; i < r->order_count; i++) {
        struct recording_id id;
        memcpy(id.bytes, r->orders[i].target, ID_BYTES);
        if (r->orders[i].of_recording)
            TRY(look_again(b, id, e));
    }
    return OK;
}

/* They are few: a snapshot holds all of them anew. */
enum code build_orders(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    size_t count = b->in->order_count;
    r->orders = arena_try(&r->order_arena, count, sizeof *r->orders);
    if (!r->orders)
        return no_memory(e);
    for (size_t i = 0; i < count; i++)
        TRY(hold_order(b, &b->in->orders[i], &r->orders[i], e));
    if (count > 1)
        qsort(r->orders, count, sizeof *r->orders, order_order);
    r->order_count = count;
    if (!b->old)
        return OK;
    TRY(look_again_at_orders(b, b->old, e));
    return look_again_at_orders(b, r, e);
}

void orders_on(const struct rights *r, const uint8_t target[ID_BYTES], size_t *begin, size_t *end)
{
    size_t low = 0, high = r->order_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(r->orders[middle].target, target, ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *begin = *end = low;
    while (*end < r->order_count && memcmp(r->orders[*end].target, target, ID_BYTES) == 0)
        ++*end;
}
