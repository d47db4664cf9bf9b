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
    struct recording_id only;           /* a recording asked for itself, */
    const struct upload_match *matches; /* or those found in the upload */
    size_t match_count;
};

static bool has_set(const struct gathering *g, uint32_t set)
{
    return territory_set_has(&g->r->sets[set], g->f->asked.territory);
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
    uint32_t n = id_table_find(&r->network_ids, q->network.bytes);
    if (n != UINT32_MAX) {
        const struct rights_network *network = &r->networks[n];
        f->network = (struct facts_network) { true,
                                              territory_set_has(&network->closed, q->territory),
                                              network->version, network->name, network->rules };
    }
    uint32_t p = id_table_find(&r->app_ids, q->app.bytes);
    if (p != UINT32_MAX && network_id_equal(r->apps[p].network, q->network)) {
        const struct rights_app *app = &r->apps[p];
        f->app = (struct facts_app) { true,         app->suspended, app->download,    app->offline,
                                      app->version, app->name,      app->clip_seconds };
    }
}

static void add_policies(struct gathering *g, const struct held_party *held,
                         struct facts_party *party)
{
    struct facts_policy *out = NULL;
    for (uint32_t i = 0; i < held->policy_count; i++) {
        const struct held_policy *p = &g->r->policies[held->policy + i];
        if (ended(p->facts.until, g) || !has_set(g, p->territories) ||
            !lists_id(p->apps, p->app_count, g->f->asked.app.bytes))
            continue;
        if (!out)
            out = ARENA_ARRAY(g->a, struct facts_policy, held->policy_count - i);
        out[party->policy_count++] = p->facts;
    }
    party->policies = out;
}

/* Is the recording one of those that are judged? None stands for all. */
static bool is_judged(const struct gathering *g, struct recording_id id)
{
    if (recording_id_is_none(id) || recording_id_equal(id, g->only))
        return true;
    for (size_t i = 0; i < g->match_count; i++)
        if (recording_id_equal(g->matches[i].recording, id))
            return true;
    return false;
}

static void add_licences(struct gathering *g, const struct held_party *held,
                         struct facts_party *party)
{
    struct facts_licence *out = NULL;
    const struct question *q = &g->f->asked;
    for (uint32_t i = 0; i < held->licence_count; i++) {
        const struct held_licence *l = &g->r->licences[held->licence + i];
        if (ended(l->facts.until, g) || !has_set(g, l->territories) ||
            !is_judged(g, l->facts.recording) || !(l->models >> q->model & 1) ||
            !lists_id(l->networks, l->network_count, q->network.bytes) ||
            !lists_id(l->apps, l->app_count, q->app.bytes))
            continue;
        if (!out)
            out = ARENA_ARRAY(g->a, struct facts_licence, held->licence_count - i);
        out[party->licence_count++] = l->facts;
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
    const struct held_party *from = &g->r->parties[held];
    size_t at = g->f->party_count++;
    g->party_index[at] = held;
    struct facts_party *party = &g->parties[at];
    party->id = from->id;
    party->version = from->version;
    party->name = from->name;
    add_policies(g, from, party);
    add_licences(g, from, party);
    return (uint32_t)at;
}

static void add_claims(struct gathering *g, const struct held_recording *held,
                       struct facts_recording *out)
{
    struct facts_claim *claims = ARENA_ARRAY(g->a, struct facts_claim, held->claim_count);
    for (uint32_t i = 0; i < held->claim_count; i++) {
        const struct held_claim *c = &g->r->claims[held->claim + i];
        if (ended(c->until, g) || !has_set(g, c->territories))
            continue;
        claims[out->claim_count++] = (struct facts_claim) {
            .id = c->id,
            .version = c->version,
            .party = party_in_facts(g, c->party),
            .right = c->right,
            .share_e8 = c->share_e8,
            .from = c->from,
            .until = c->until,
            .filed = c->filed,
        };
    }
    out->claims = claims;
}

static void add_recording(struct gathering *g, struct recording_id id, struct facts_recording *out)
{
    uint32_t at = id_table_find(&g->r->recording_ids, id.bytes);
    out->id = id;
    if (at == UINT32_MAX)
        return;
    const struct held_recording *held = &g->r->recordings[at];
    out->version = held->version;
    out->isrc = held->isrc;
    out->title = held->title;
    out->artist = held->artist;
    if (territory_is_known(g->f->asked.territory))
        add_claims(g, held, out);
}

static size_t first_order(const struct rights *r, const uint8_t target[ID_BYTES])
{
    size_t low = 0, high = r->order_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(r->orders[middle].target, target, ID_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_orders(struct gathering *g, const uint8_t target[ID_BYTES])
{
    const struct rights *r = g->r;
    if (!r->order_count || !territory_is_known(g->f->asked.territory))
        return;
    size_t begin = first_order(r, target), end = begin;
    while (end < r->order_count && memcmp(r->orders[end].target, target, ID_BYTES) == 0)
        end++;
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

/* `m`: the spans of one recording, sorted by where they begin in the upload. */
static void measure(struct upload_match *m, size_t count, struct facts_recording *out)
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
        }
        i = k;
    }
}

static void gather_matches(struct gathering *g, const struct upload_known *u)
{
    struct upload_match *m = ARENA_ARRAY(g->a, struct upload_match, u->match_count);
    struct facts_recording *found = ARENA_ARRAY(g->a, struct facts_recording, u->match_count);
    if (u->match_count)
        memcpy(m, u->matches, u->match_count * sizeof *m);
    if (u->match_count > 1)
        qsort(m, u->match_count, sizeof *m, by_recording);
    for (size_t i = 0; i < u->match_count;) {
        size_t k = i + 1;
        while (k < u->match_count && recording_id_equal(m[k].recording, m[i].recording))
            k++;
        struct facts_recording *r = &found[g->f->recording_count++];
        add_recording(g, m[i].recording, r);
        add_orders(g, m[i].recording.bytes);
        measure(&m[i], k - i, r);
        i = k;
    }
    g->f->recordings = found;
}

/* A recording asked for itself is heard in whole. */
static void gather_recording(struct gathering *g, struct recording_id id)
{
    struct facts_recording *r = ARENA_NEW(g->a, struct facts_recording);
    uint32_t at = id_table_find(&g->r->recording_ids, id.bytes);
    add_recording(g, id, r);
    add_orders(g, id.bytes);
    int64_t whole_ms = at == UINT32_MAX ? 0 : g->r->recordings[at].duration_ms;
    r->matched_ms = r->reference_matched_ms = r->reference_ms = whole_ms;
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
    if (upload) {
        g.matches = upload->matches;
        g.match_count = upload->match_count;
    } else {
        g.only = q->recording;
    }
    gather_access(r, q, f);
    if (!upload_id_is_none(q->upload))
        add_orders(&g, q->upload.bytes);
    if (upload) {
        f->upload = upload->facts;
        gather_matches(&g, upload);
    } else if (!recording_id_is_none(q->recording)) {
        gather_recording(&g, q->recording);
    }
    f->parties = g.parties;
    f->orders = g.orders;
}
