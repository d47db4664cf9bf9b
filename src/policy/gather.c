/* SPDX-License-Identifier: Apache-2.0 */
/* One question against the snapshot: only the records that can matter to it, now or later. */
#include "policy/snapshot.h"

#include <stdlib.h>

struct gathering {
    const struct rights *r;
    struct facts *f;
    struct arena *a;
    struct facts_party *parties;
    uint32_t *party_index; /* of the snapshot, per party in the facts */
    size_t room;
    struct facts_order *orders;
    const struct recording_id *judged; /* each once, sorted */
    size_t judged_count;
    bool segments; /* a policy looks at segments: what was heard of a reference is told */
};

static bool has_set(const struct gathering *g, uint32_t set)
{
    return territory_set_has(pool_set(g->r->pool, set), g->f->asked.territory);
}

static bool ended(struct instant until, const struct gathering *g)
{
    return until.us <= g->f->asked.at.us;
}

static bool lists_id(const void *ids, size_t count, const uint8_t id[ID_BYTES])
{
    if (!count)
        return true;
    for (size_t i = 0; i < count; i++)
        if (memcmp((const uint8_t *)ids + i * ID_BYTES, id, ID_BYTES) == 0)
            return true;
    return false;
}

static void gather_access(const struct rights *r, const struct question *q, struct facts *f)
{
    const struct access *a = r->access;
    uint32_t n = id_table_find(&a->network_ids, q->network.bytes);
    if (n != UINT32_MAX) {
        const struct rights_network *network = &a->networks[n];
        f->network = (struct facts_network) { true,
                                              territory_set_has(&network->closed, q->territory),
                                              network->version, network->name, network->rules };
    }
    uint32_t p = id_table_find(&a->app_ids, q->app.bytes);
    if (p != UINT32_MAX && network_id_equal(a->apps[p].network, q->network)) {
        const struct rights_app *app = &a->apps[p];
        f->app = (struct facts_app) { true,         app->suspended, app->download,    app->offline,
                                      app->version, app->name,      app->clip_seconds };
    }
}

/* ---- what a party wants and grants: for all its recordings, then for each that is judged ---- */

static void add_policies(struct gathering *g, const struct held_party *held, uint32_t begin,
                         uint32_t end, struct facts_policy *out, size_t *count)
{
    for (; begin < end; begin++) {
        const struct held_policy *p = &held->policies[begin];
        if (ended(p->facts.until, g) || !has_set(g, p->territories) ||
            !lists_id(p->apps, p->app_count, g->f->asked.app.bytes))
            continue;
        out[(*count)++] = p->facts;
        for (size_t i = 0; i < p->facts.condition_count; i++)
            g->segments = g->segments || p->facts.conditions[i].segment_count;
    }
}

static void gather_policies(struct gathering *g, const struct held_party *held,
                            struct facts_party *party)
{
    uint32_t begin, end;
    size_t most = held->policy_general;
    for (size_t i = 0; i < g->judged_count; i++) {
        policies_for(held, g->judged[i], &begin, &end);
        most += end - begin;
    }
    if (!most)
        return;
    struct facts_policy *out = ARENA_ARRAY(g->a, struct facts_policy, most);
    add_policies(g, held, 0, held->policy_general, out, &party->policy_count);
    for (size_t i = 0; i < g->judged_count; i++) {
        policies_for(held, g->judged[i], &begin, &end);
        add_policies(g, held, begin, end, out, &party->policy_count);
    }
    party->policies = out;
}

static void add_licences(struct gathering *g, const struct held_party *held, uint32_t begin,
                         uint32_t end, struct facts_licence *out, size_t *count)
{
    const struct question *q = &g->f->asked;
    for (; begin < end; begin++) {
        const struct held_licence *l = &held->licences[begin];
        if (!ended(l->facts.until, g) && has_set(g, l->territories) &&
            (l->models >> q->model & 1) &&
            lists_id(l->networks, l->network_count, q->network.bytes) &&
            lists_id(l->apps, l->app_count, q->app.bytes))
            out[(*count)++] = l->facts;
    }
}

static void gather_licences(struct gathering *g, const struct held_party *held,
                            struct facts_party *party)
{
    uint32_t begin, end;
    size_t most = held->licence_general;
    for (size_t i = 0; i < g->judged_count; i++) {
        licences_for(held, g->judged[i], &begin, &end);
        most += end - begin;
    }
    if (!most)
        return;
    struct facts_licence *out = ARENA_ARRAY(g->a, struct facts_licence, most);
    add_licences(g, held, 0, held->licence_general, out, &party->licence_count);
    for (size_t i = 0; i < g->judged_count; i++) {
        licences_for(held, g->judged[i], &begin, &end);
        add_licences(g, held, begin, end, out, &party->licence_count);
    }
    party->licences = out;
}

static void grow_parties(struct gathering *g)
{
    size_t room = g->room ? g->room * 4 : 4;
    struct facts_party *parties = ARENA_ARRAY(g->a, struct facts_party, room);
    uint32_t *index = ARENA_ARRAY(g->a, uint32_t, room);
    if (g->room) {
        memcpy(parties, g->parties, g->room * sizeof *parties);
        memcpy(index, g->party_index, g->room * sizeof *index);
    }
    g->parties = parties;
    g->party_index = index;
    g->room = room;
}

static uint32_t party_in_facts(struct gathering *g, uint32_t held)
{
    for (size_t i = 0; i < g->f->party_count; i++)
        if (g->party_index[i] == held)
            return (uint32_t)i;
    if (g->f->party_count == g->room)
        grow_parties(g);
    const struct held_party *from = g->r->parties[held];
    size_t at = g->f->party_count++;
    g->party_index[at] = held;
    struct facts_party *party = &g->parties[at];
    party->id = from->id;
    party->version = from->version;
    party->name = from->name;
    gather_policies(g, from, party);
    gather_licences(g, from, party);
    return (uint32_t)at;
}

static void add_claims(struct gathering *g, const struct held_claim *held, uint32_t count,
                       struct facts_recording *out)
{
    struct facts_claim *claims = ARENA_ARRAY(g->a, struct facts_claim, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct held_claim *c = &held[i];
        const struct claim_shape *shape = pool_claim(g->r->pool, c->shape);
        if (ended(shape->until, g) || !has_set(g, shape->set))
            continue;
        claims[out->claim_count++] = (struct facts_claim) {
            .id = c->id,
            .version = c->version,
            .party = party_in_facts(g, shape->party),
            .right = (enum right)shape->right,
            .share_e8 = shape->share_e8,
            .from = shape->from,
            .until = shape->until,
            .filed = c->filed,
        };
    }
    out->claims = claims;
}

/* isrc, title, artist: those that are there stand behind each other. */
static void read_texts(const char *at, struct facts_recording *out)
{
    const char **texts[3] = { &out->isrc, &out->title, &out->artist };
    char flags = *at++;
    for (int i = 0; i < 3; i++)
        if (flags >> i & 1) {
            *texts[i] = at;
            at += strlen(at) + 1;
        }
}

/* Its length, 0 where it is not known. */
static int64_t add_recording(struct gathering *g, struct recording_id id,
                             struct facts_recording *out)
{
    uint64_t hash = id_hash(id.bytes);
    struct shard_place place = shard_of(g->r, hash);
    const struct held_recording *held = shard_find(place, hash, id.bytes);
    out->id = id;
    if (!held)
        return 0;
    const struct shard *shard = place.shard;
    const struct cold_recording *cold = &shard->colds[held->cold - 1];
    out->version = held->version;
    read_texts(shard->texts + cold->texts, out);
    if (territory_is_known(g->f->asked.territory))
        add_claims(g, &shard->claims[cold->claim], cold->claim_count, out);
    return held->duration_ms;
}

static void add_orders(struct gathering *g, const uint8_t target[ID_BYTES])
{
    const struct rights *r = g->r;
    size_t begin, end;
    if (!r->order_count || !territory_is_known(g->f->asked.territory))
        return;
    orders_on(r, target, &begin, &end);
    if (begin == end)
        return;
    struct facts_order *more = ARENA_ARRAY(g->a, struct facts_order,
                                           g->f->order_count + (end - begin));
    if (g->f->order_count)
        memcpy(more, g->orders, g->f->order_count * sizeof *more);
    for (size_t i = begin; i < end; i++)
        if (has_set(g, r->orders[i].territories) && !ended(r->orders[i].facts.until, g))
            more[g->f->order_count++] = r->orders[i].facts;
    g->orders = more;
}

static int by_recording(const void *left, const void *right)
{
    const struct upload_match *a = left, *b = right;
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (!order)
        order = (a->upload_from_ms > b->upload_from_ms) - (a->upload_from_ms < b->upload_from_ms);
    return order ? order : memcmp(a->reference.bytes, b->reference.bytes, ID_BYTES);
}

static int by_reference(const void *left, const void *right)
{
    const struct upload_match *a = left, *b = right;
    int order = memcmp(a->reference.bytes, b->reference.bytes, ID_BYTES);
    return order ? order
                 : (a->reference_from_ms > b->reference_from_ms) -
                       (a->reference_from_ms < b->reference_from_ms);
}

/* Milliseconds of the line that the spans cover; they come sorted by their beginning. */
struct cover {
    int64_t covered_ms, end_ms;
};

static void cover(struct cover *c, int64_t from_ms, int64_t to_ms)
{
    if (from_ms < c->end_ms)
        from_ms = c->end_ms;
    if (to_ms > from_ms) {
        c->covered_ms += to_ms - from_ms;
        c->end_ms = to_ms;
    }
}

/* A reference whose length is not known counts as covered in whole. */
static bool covers_more(int64_t covered_ms, int64_t whole_ms, const struct facts_recording *than)
{
    if (reference_id_is_none(than->reference))
        return true;
    if (whole_ms <= 0)
        return than->reference_ms > 0 || covered_ms > than->reference_matched_ms;
    return than->reference_ms > 0 && (__int128)covered_ms * than->reference_ms >
                                         (__int128)than->reference_matched_ms * whole_ms;
}

/* What was heard of one reference, without gaps counted twice; `m` by where they begin in it. */
static void tell_spans(struct gathering *g, const struct upload_match *m, size_t count,
                       struct facts_recording *out)
{
    struct segment *spans = ARENA_ARRAY(g->a, struct segment, count);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (m[i].reference_to_ms <= m[i].reference_from_ms)
            continue;
        if (n == 0 || m[i].reference_from_ms > spans[n - 1].until_ms)
            spans[n++] = (struct segment) { m[i].reference_from_ms, m[i].reference_to_ms };
        else if (m[i].reference_to_ms > spans[n - 1].until_ms)
            spans[n - 1].until_ms = m[i].reference_to_ms;
    }
    out->spans = spans;
    out->span_count = n;
}

/* `m`: the spans of one recording, sorted by where they begin in the upload. */
static void measure(struct gathering *g, struct upload_match *m, size_t count,
                    struct facts_recording *out)
{
    struct cover in_upload = { 0, INT64_MIN };
    for (size_t i = 0; i < count; i++)
        cover(&in_upload, m[i].upload_from_ms, m[i].upload_to_ms);
    out->matched_ms = in_upload.covered_ms;
    if (count > 1)
        qsort(m, count, sizeof *m, by_reference);
    for (size_t i = 0; i < count;) {
        struct cover c = { 0, INT64_MIN };
        size_t k = i;
        for (; k < count && reference_id_equal(m[k].reference, m[i].reference); k++)
            cover(&c, m[k].reference_from_ms, m[k].reference_to_ms);
        if (covers_more(c.covered_ms, m[i].reference_ms, out)) {
            out->reference = m[i].reference;
            out->reference_matched_ms = c.covered_ms;
            out->reference_ms = m[i].reference_ms;
            if (g->segments)
                tell_spans(g, &m[i], k - i, out);
        }
        i = k;
    }
}

static void gather_matches(struct gathering *g, const struct upload_known *u)
{
    struct upload_match *m = ARENA_ARRAY(g->a, struct upload_match, u->match_count);
    struct facts_recording *found = ARENA_ARRAY(g->a, struct facts_recording, u->match_count);
    struct recording_id *judged = ARENA_ARRAY(g->a, struct recording_id, u->match_count);
    if (u->match_count)
        memcpy(m, u->matches, u->match_count * sizeof *m);
    if (u->match_count > 1)
        qsort(m, u->match_count, sizeof *m, by_recording);
    for (size_t i = 0; i < u->match_count; i++)
        if (i == 0 || !recording_id_equal(m[i].recording, m[i - 1].recording))
            judged[g->judged_count++] = m[i].recording;
    g->judged = judged;
    for (size_t i = 0; i < u->match_count;) {
        size_t k = i + 1;
        while (k < u->match_count && recording_id_equal(m[k].recording, m[i].recording))
            k++;
        struct facts_recording *r = &found[g->f->recording_count++];
        add_recording(g, m[i].recording, r);
        add_orders(g, m[i].recording.bytes);
        measure(g, &m[i], k - i, r);
        i = k;
    }
    g->f->recordings = found;
}

/* A recording asked for itself is heard in whole. */
static void gather_recording(struct gathering *g, const struct recording_id *id)
{
    struct facts_recording *r = ARENA_NEW(g->a, struct facts_recording);
    g->judged = id;
    g->judged_count = 1;
    int64_t whole_ms = add_recording(g, *id, r);
    add_orders(g, id->bytes);
    r->matched_ms = r->reference_matched_ms = r->reference_ms = whole_ms;
    if (g->segments) {
        enum { LONGEST_MS = 86400000 }; /* where its length is not known: the stricter reading */
        struct segment *span = ARENA_NEW(g->a, struct segment);
        *span = (struct segment) { 0, whole_ms > 0 ? whole_ms : LONGEST_MS };
        r->spans = span;
        r->span_count = 1;
    }
    g->f->upload.hearing = HEARING_DONE;
    g->f->upload.duration_ms = whole_ms;
    g->f->recordings = r;
    g->f->recording_count = 1;
}

void rights_gather(const struct rights *r, const struct question *q,
                   const struct upload_known *upload, struct arena *a, struct facts *f)
{
    *f = (struct facts) { .asked = *q };
    struct gathering g = { .r = r, .f = f, .a = a };
    gather_access(r, q, f);
    if (!upload_id_is_none(q->upload))
        add_orders(&g, q->upload.bytes);
    if (upload) {
        f->upload = upload->facts;
        f->leaves = upload->leaves;
        f->leave_count = upload->leave_count;
        gather_matches(&g, upload);
    } else if (!recording_id_is_none(q->recording)) {
        gather_recording(&g, &f->asked.recording);
    }
    f->parties = g.parties;
    f->orders = g.orders;
}
