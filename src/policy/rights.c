/* SPDX-License-Identifier: Apache-2.0 */
/* Plain arrays into one immutable snapshot: checked, sorted, hashed, copied. */
#include "policy/snapshot.h"

#include <stdlib.h>

static uint32_t hash_id(const uint8_t id[ID_BYTES])
{
    /* the last eight bytes of an id are chance, the first ones time */
    uint64_t x, y;
    memcpy(&x, id, 8);
    memcpy(&y, id + 8, 8);
    x = (y ^ (x * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(x >> 32);
}

uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_BYTES])
{
    for (uint32_t at = hash_id(id) & t->mask;; at = (at + 1) & t->mask) {
        uint32_t slot = t->slots[at];
        if (!slot)
            return UINT32_MAX;
        if (memcmp(t->first + (size_t)(slot - 1) * t->stride, id, ID_BYTES) == 0)
            return slot - 1;
    }
}

/* errors  INVALID the same id twice; MEMORY */
static enum code id_table_fill(struct id_table *t, const void *things, size_t stride, size_t count,
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
        uint32_t at = hash_id(id) & t->mask;
        while (slots[at])
            at = (at + 1) & t->mask;
        slots[at] = (uint32_t)i + 1;
    }
    return OK;
}

/* What is only needed while a snapshot is built. */
struct building {
    struct rights *r;
    const struct rights_input *in;
    struct id_table party_ids;
    uint32_t *set_slots;
    uint32_t set_mask;
    struct arena scratch;
};

static enum code room_for(struct building *b, size_t count, size_t size, void *out, struct error *e)
{
    void *p = arena_try(&b->r->arena, count, size);
    if (!p)
        return fail(e, ERR_MEMORY, "no memory for a snapshot of the rights");
    memcpy(out, &p, sizeof p);
    return OK;
}

static const char *copy_text(struct building *b, const char *text)
{
    return text ? str_copy(&b->r->arena, str_of(text)) : NULL;
}

/* Territory sets are few: each is kept once. */
static uint32_t keep_set(struct building *b, const struct territory_set *s)
{
    uint64_t x = 0;
    for (int i = 0; i < 4; i++)
        x = (x ^ s->bits[i]) * 0x9E3779B97F4A7C15u ^ x >> 29;
    for (uint32_t at = (uint32_t)(x >> 20) & b->set_mask;; at = (at + 1) & b->set_mask) {
        if (!b->set_slots[at]) {
            b->r->sets[b->r->set_count++] = *s;
            b->set_slots[at] = (uint32_t)b->r->set_count;
            return b->set_slots[at] - 1;
        }
        if (territory_set_equal(&b->r->sets[b->set_slots[at] - 1], s))
            return b->set_slots[at] - 1;
    }
}

static enum code prepare_sets(struct building *b, struct error *e)
{
    size_t most = b->in->claim_count + b->in->policy_count + b->in->licence_count +
                  b->in->order_count,
           room = 16;
    while (room < most * 2)
        room *= 2;
    b->set_mask = (uint32_t)(room - 1);
    b->set_slots = arena_try(&b->scratch, room, sizeof *b->set_slots);
    b->r->sets = arena_try(&b->scratch, most, sizeof *b->r->sets);
    return b->set_slots && b->r->sets ? OK : fail(e, ERR_MEMORY, "no memory for territory sets");
}

/* The sets were collected in scratch memory with room for the worst case. */
static enum code settle_sets(struct building *b, struct error *e)
{
    struct territory_set *sets = NULL;
    TRY(room_for(b, b->r->set_count, sizeof *sets, &sets, e));
    memcpy(sets, b->r->sets, b->r->set_count * sizeof *sets);
    b->r->sets = sets;
    return OK;
}

static enum code party_of(struct building *b, struct party_id id, const char *kind,
                          const char *holder, uint32_t *out, struct error *e)
{
    char text[ID_TEXT];
    *out = id_table_find(&b->party_ids, id.bytes);
    if (*out == UINT32_MAX)
        return fail(e, ERR_INVALID, "%s %s names party %s, which is not there", kind, holder,
                    party_id_format(id, text));
    return OK;
}

static enum code build_access(struct building *b, struct error *e)
{
    const struct rights_input *in = b->in;
    struct rights *r = b->r;
    TRY(room_for(b, in->network_count, sizeof *r->networks, &r->networks, e));
    TRY(room_for(b, in->app_count, sizeof *r->apps, &r->apps, e));
    for (size_t i = 0; i < in->network_count; i++) {
        r->networks[i] = in->networks[i];
        r->networks[i].name = copy_text(b, in->networks[i].name);
    }
    for (size_t i = 0; i < in->app_count; i++) {
        r->apps[i] = in->apps[i];
        r->apps[i].name = copy_text(b, in->apps[i].name);
    }
    TRY(id_table_fill(&r->network_ids, r->networks, sizeof *r->networks, in->network_count,
                      "network", &r->arena, e));
    return id_table_fill(&r->app_ids, r->apps, sizeof *r->apps, in->app_count, "app", &r->arena, e);
}

static enum code build_parties(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    TRY(room_for(b, b->in->party_count, sizeof *r->parties, &r->parties, e));
    for (size_t i = 0; i < b->in->party_count; i++) {
        const struct party *p = &b->in->parties[i];
        r->parties[i] = (struct held_party) { .id = p->id,
                                              .version = p->version,
                                              .name = copy_text(b, p->name) };
    }
    return id_table_fill(&b->party_ids, r->parties, sizeof *r->parties, b->in->party_count, "party",
                         &b->scratch, e);
}

static enum code build_recordings(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    TRY(room_for(b, b->in->recording_count, sizeof *r->recordings, &r->recordings, e));
    for (size_t i = 0; i < b->in->recording_count; i++) {
        const struct recording *rec = &b->in->recordings[i];
        r->recordings[i] = (struct held_recording) {
            .id = rec->id,
            .version = rec->version,
            .duration_ms = rec->duration_ms,
            .isrc = copy_text(b, rec->isrc),
            .title = copy_text(b, rec->title),
            .artist = copy_text(b, rec->artist),
        };
    }
    return id_table_fill(&r->recording_ids, r->recordings, sizeof *r->recordings,
                         b->in->recording_count, "recording", &r->arena, e);
}

/* Things are put in order by counting: how many each owner has, where they begin, then each in its
 * place. `owner` gives the owner's index of thing i. */
static void place(const uint32_t *owner, size_t count, uint32_t *next, uint32_t *where)
{
    for (size_t i = 0; i < count; i++)
        where[i] = next[owner[i]]++;
}

static int by_filing(const void *left, const void *right)
{
    const struct held_claim *a = left, *b = right;
    if (a->filed.us != b->filed.us)
        return a->filed.us < b->filed.us ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

static enum code claim_owner(struct building *b, const struct claim *c, uint32_t *recording,
                             uint32_t *party, struct error *e)
{
    char text[ID_TEXT], recording_text[ID_TEXT];
    *recording = id_table_find(&b->r->recording_ids, c->recording.bytes);
    if (*recording == UINT32_MAX)
        return fail(e, ERR_INVALID, "claim %s names recording %s, which is not there",
                    claim_id_format(c->id, text),
                    recording_id_format(c->recording, recording_text));
    return party_of(b, c->party, "claim", claim_id_format(c->id, text), party, e);
}

static void hold_claim(struct building *b, const struct claim *c, uint32_t party,
                       struct held_claim *out)
{
    *out = (struct held_claim) {
        .id = c->id,
        .version = c->version,
        .share_e8 = c->share_e8,
        .from = c->from,
        .until = c->until,
        .filed = c->filed,
        .party = party,
        .territories = keep_set(b, &c->territories),
        .right = c->right,
    };
}

static enum code build_claims(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    size_t count = b->in->claim_count, recordings = b->in->recording_count;
    uint32_t *owner = arena_try(&b->scratch, count, sizeof *owner),
             *party = arena_try(&b->scratch, count, sizeof *party),
             *where = arena_try(&b->scratch, count, sizeof *where),
             *next = arena_try(&b->scratch, recordings, sizeof *next);
    if (!owner || !party || !where || !next)
        return fail(e, ERR_MEMORY, "no memory for %zu claims", count);
    TRY(room_for(b, count, sizeof *r->claims, &r->claims, e));
    for (size_t i = 0; i < count; i++) {
        TRY(claim_owner(b, &b->in->claims[i], &owner[i], &party[i], e));
        r->recordings[owner[i]].claim_count++;
    }
    uint32_t begin = 0;
    for (size_t i = 0; i < recordings; i++) {
        r->recordings[i].claim = next[i] = begin;
        begin += r->recordings[i].claim_count;
    }
    place(owner, count, next, where);
    for (size_t i = 0; i < count; i++)
        hold_claim(b, &b->in->claims[i], party[i], &r->claims[where[i]]);
    for (size_t i = 0; i < recordings; i++)
        if (r->recordings[i].claim_count > 1)
            qsort(&r->claims[r->recordings[i].claim], r->recordings[i].claim_count,
                  sizeof *r->claims, by_filing);
    return OK;
}

static const void *copy_ids(struct building *b, const void *ids, size_t count)
{
    if (!count)
        return NULL;
    void *copy = arena_try(&b->r->arena, count, ID_BYTES);
    if (copy)
        memcpy(copy, ids, count * ID_BYTES);
    return copy;
}

static int policy_order(const void *left, const void *right)
{
    const struct held_policy *a = left, *b = right;
    if (a->party != b->party)
        return a->party < b->party ? -1 : 1;
    return memcmp(a->facts.id.bytes, b->facts.id.bytes, ID_BYTES);
}

static enum code hold_policy(struct building *b, const struct holder_policy *p,
                             struct held_policy *out, struct error *e)
{
    char text[ID_TEXT];
    uint32_t party;
    TRY(party_of(b, p->party, "policy", policy_id_format(p->id, text), &party, e));
    struct condition *conditions = NULL;
    TRY(room_for(b, p->condition_count, sizeof *conditions, &conditions, e));
    memcpy(conditions, p->conditions, p->condition_count * sizeof *conditions);
    *out = (struct held_policy) {
        .facts = { p->id, p->recording, p->version, p->action, conditions, p->condition_count,
                   p->from, p->until },
        .party = party,
        .territories = keep_set(b, &p->territories),
        .app_count = (uint32_t)p->app_count,
        .apps = copy_ids(b, p->apps, p->app_count),
    };
    return p->app_count && !out->apps ? fail(e, ERR_MEMORY, "no memory for a policy") : OK;
}

static enum code build_policies(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    size_t count = b->in->policy_count;
    TRY(room_for(b, count, sizeof *r->policies, &r->policies, e));
    for (size_t i = 0; i < count; i++)
        TRY(hold_policy(b, &b->in->policies[i], &r->policies[i], e));
    if (count > 1)
        qsort(r->policies, count, sizeof *r->policies, policy_order);
    for (size_t i = count; i-- > 0;) {
        struct held_party *p = &r->parties[r->policies[i].party];
        p->policy = (uint32_t)i;
        p->policy_count++;
    }
    return OK;
}

static int licence_order(const void *left, const void *right)
{
    const struct held_licence *a = left, *b = right;
    if (a->party != b->party)
        return a->party < b->party ? -1 : 1;
    return memcmp(a->facts.id.bytes, b->facts.id.bytes, ID_BYTES);
}

static enum code hold_licence(struct building *b, const struct licence *l, struct held_licence *out,
                              struct error *e)
{
    char text[ID_TEXT];
    uint32_t party;
    TRY(party_of(b, l->licensor, "licence", licence_id_format(l->id, text), &party, e));
    *out = (struct held_licence) {
        .facts = { l->id, l->version, copy_text(b, l->name), l->uses, l->clip_seconds, l->from,
                   l->until, l->recording },
        .party = party,
        .territories = keep_set(b, &l->territories),
        .app_count = (uint32_t)l->app_count,
        .network_count = (uint32_t)l->network_count,
        .models = l->models,
        .apps = copy_ids(b, l->apps, l->app_count),
        .networks = copy_ids(b, l->networks, l->network_count),
    };
    if ((l->app_count && !out->apps) || (l->network_count && !out->networks))
        return fail(e, ERR_MEMORY, "no memory for a licence");
    return OK;
}

static enum code build_licences(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    size_t count = b->in->licence_count;
    TRY(room_for(b, count, sizeof *r->licences, &r->licences, e));
    for (size_t i = 0; i < count; i++)
        TRY(hold_licence(b, &b->in->licences[i], &r->licences[i], e));
    if (count > 1)
        qsort(r->licences, count, sizeof *r->licences, licence_order);
    for (size_t i = count; i-- > 0;) {
        struct held_party *p = &r->parties[r->licences[i].party];
        p->licence = (uint32_t)i;
        p->licence_count++;
    }
    return OK;
}

static int order_order(const void *left, const void *right)
{
    const struct held_order *a = left, *b = right;
    int order = memcmp(a->target, b->target, ID_BYTES);
    return order ? order : memcmp(a->facts.id.bytes, b->facts.id.bytes, ID_BYTES);
}

static enum code build_orders(struct building *b, struct error *e)
{
    struct rights *r = b->r;
    size_t count = b->in->order_count;
    TRY(room_for(b, count, sizeof *r->orders, &r->orders, e));
    for (size_t i = 0; i < count; i++) {
        const struct rights_order *o = &b->in->orders[i];
        r->orders[i] = (struct held_order) {
            .facts = { o->id, o->version, copy_text(b, o->title), o->from, o->until },
            .territories = keep_set(b, &o->territories),
        };
        memcpy(r->orders[i].target,
               recording_id_is_none(o->recording) ? o->upload.bytes : o->recording.bytes, ID_BYTES);
    }
    if (count > 1)
        qsort(r->orders, count, sizeof *r->orders, order_order);
    r->order_count = count;
    return OK;
}

static enum code build(struct building *b, struct error *e)
{
    TRY(prepare_sets(b, e));
    TRY(build_access(b, e));
    TRY(build_parties(b, e));
    TRY(build_recordings(b, e));
    TRY(build_claims(b, e));
    TRY(build_policies(b, e));
    TRY(build_licences(b, e));
    TRY(build_orders(b, e));
    return settle_sets(b, e);
}

enum code rights_build(const struct rights_input *in, struct rights **out, struct error *e)
{
    owned(rights) r = calloc(1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory for a snapshot of the rights");
    struct building b = { .r = r, .in = in };
    enum code code = build(&b, e);
    arena_done(&b.scratch);
    TRY(code);
    *out = take(r);
    return OK;
}

void rights_free(struct rights *r)
{
    if (!r)
        return;
    arena_done(&r->arena);
    free(r);
}

size_t rights_size_bytes(const struct rights *r)
{
    return sizeof *r + r->arena.used_bytes;
}
