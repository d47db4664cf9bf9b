/* SPDX-License-Identifier: Apache-2.0 */
/* Facts to verdict: the shares in force, every rule in turn, then the strictest effect. */
#include "policy/judging.h"

#include <assert.h>

/* A clip is for listening: a licence for clips says nothing of downloads. */
static const unsigned clip_uses = USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW);

static unsigned uses_granted(const struct facts_licence *l)
{
    return l->uses & USE_BIT(USE_STREAM) ? l->uses | USE_BIT(USE_PREVIEW) : l->uses;
}

static void add_licence(struct grant *g, const struct facts_licence *l)
{
    if (l->clip_seconds > 0) {
        unsigned uses = uses_granted(l) & clip_uses;
        g->clip |= uses;
        if (uses && (!g->longest_clip || l->clip_seconds > g->longest_clip->clip_seconds))
            g->longest_clip = l;
        return;
    }
    unsigned fresh = uses_granted(l) & ~g->full;
    for (int u = 0; u < USE_COUNT; u++)
        if (fresh >> u & 1)
            g->by_use[u] = l;
    g->full |= fresh;
}

static bool covers(const struct facts_licence *l, struct recording_id recording)
{
    return recording_id_is_none(l->recording) || recording_id_equal(l->recording, recording);
}

/* [recording][party] */
static const struct grant *weigh_licences(const struct facts *f, struct arena *a)
{
    struct grant *grants = ARENA_ARRAY(a, struct grant, f->recording_count * f->party_count);
    for (size_t n = 0; n < f->recording_count * f->party_count; n++) {
        const struct facts_party *party = &f->parties[n % f->party_count];
        const struct facts_recording *found = &f->recordings[n / f->party_count];
        for (size_t i = 0; i < party->licence_count; i++)
            if (covers(&party->licences[i], found->id) &&
                in_force(party->licences[i].from, party->licences[i].until, f->asked.at))
                add_licence(&grants[n], &party->licences[i]);
        grants[n].clip &= ~grants[n].full;
    }
    return grants;
}

static bool filed_before(const struct facts_claim *a, const struct facts_claim *b)
{
    if (a->filed.us != b->filed.us)
        return a->filed.us < b->filed.us;
    return memcmp(a->id.bytes, b->id.bytes, ID_BYTES) < 0;
}

/* Under first_filed, claims count in the order they came in until the whole is reached. */
static void leave_out_late(const struct facts_recording *r, enum right right, struct instant at,
                           uint8_t *counts)
{
    for (size_t i = 0; i < r->claim_count; i++) {
        if (r->claims[i].right != right || !in_force(r->claims[i].from, r->claims[i].until, at))
            continue;
        int64_t before = 0;
        for (size_t k = 0; k < r->claim_count; k++)
            if (r->claims[k].right == right &&
                in_force(r->claims[k].from, r->claims[k].until, at) &&
                filed_before(&r->claims[k], &r->claims[i]))
                before += r->claims[k].share_e8;
        if (before >= SHARE_WHOLE_E8 - SHARE_ROUNDING_E8)
            counts[i] = 0;
    }
}

static void weigh_claims(const struct facts *f, const struct facts_recording *r, struct arena *a,
                         struct recording_state *out)
{
    uint8_t *counts = ARENA_ARRAY(a, uint8_t, r->claim_count);
    for (size_t i = 0; i < r->claim_count; i++) {
        const struct facts_claim *c = &r->claims[i];
        if (!in_force(c->from, c->until, f->asked.at))
            continue;
        counts[i] = 1;
        out->claimed |= 1u << c->right;
        out->sum_e8[c->right] += c->share_e8;
    }
    if (f->network.rules.conflict == CONFLICT_FIRST_FILED)
        for (int right = 0; right < RIGHT_COUNT; right++)
            if (out->sum_e8[right] > SHARE_WHOLE_E8 + SHARE_ROUNDING_E8)
                leave_out_late(r, (enum right)right, f->asked.at, counts);
    out->counts = counts;
}

static const struct recording_state *weigh_recordings(const struct facts *f, struct arena *a)
{
    struct recording_state *all = ARENA_ARRAY(a, struct recording_state, f->recording_count);
    for (size_t i = 0; i < f->recording_count; i++)
        weigh_claims(f, &f->recordings[i], a, &all[i]);
    return all;
}

/* What a reason leaves of one use. */
static enum verdict_mode effect_on(const struct reason *r, enum use use)
{
    if (use == USE_PREVIEW)
        return r->effect == VERDICT_DENY ? VERDICT_DENY : VERDICT_PREVIEW;
    if (use != USE_STREAM && r->effect == VERDICT_PREVIEW)
        return VERDICT_DENY;
    return r->effect;
}

struct outcome {
    enum verdict_mode mode;
    int64_t length_ms; /* shortest preview asked for; 0: none */
    size_t decisive;
    bool found;
};

static bool stricter(enum verdict_mode mode, int64_t length_ms, const struct outcome *than)
{
    if (!than->found || mode != than->mode)
        return !than->found || mode < than->mode;
    return mode == VERDICT_PREVIEW && length_ms &&
           (!than->length_ms || length_ms < than->length_ms);
}

/* The reasons stand in the order of the table, so of equals the first stays. */
static struct outcome outcome_of(const struct judging *j, enum use use)
{
    struct outcome o = { VERDICT_DENY, 0, 0, false };
    for (size_t i = 0; i < j->count; i++) {
        const struct reason *r = &j->reasons[i];
        if (!(r->uses >> use & 1))
            continue;
        enum verdict_mode mode = effect_on(r, use);
        if (stricter(mode, r->length_ms, &o))
            o = (struct outcome) { mode, r->length_ms, i, true };
    }
    return o;
}

static void set_preview(const struct facts *f, int64_t most_ms, struct verdict *v)
{
    int64_t length = f->upload.preview_length_ms;
    v->mode = VERDICT_PREVIEW;
    v->preview_start_ms = f->upload.preview_start_ms;
    v->preview_length_ms = length > 0 ? length : POLICY_PREVIEW_MS;
    if (most_ms > 0 && most_ms < v->preview_length_ms)
        v->preview_length_ms = most_ms;
}

static void conclude(const struct judging *j, struct verdict *v)
{
    struct outcome of[USE_COUNT];
    for (int u = 0; u < USE_COUNT; u++) {
        of[u] = outcome_of(j, (enum use)u);
        /* making available is needed by every use, so some rule has spoken on each */
        assert(of[u].found);
        if (of[u].mode == VERDICT_FULL || (u == USE_PREVIEW && of[u].mode == VERDICT_PREVIEW))
            v->uses |= 1u << u;
    }
    const struct outcome *asked = &of[j->facts->asked.use];
    v->decisive = asked->decisive;
    v->reason_code = rule_code(j->reasons[v->decisive].rule);
    v->mode = asked->mode;
    bool listening = clip_uses >> j->facts->asked.use & 1;
    if (listening && asked->mode != VERDICT_FULL) {
        v->mode = VERDICT_DENY;
        if (of[USE_PREVIEW].mode == VERDICT_PREVIEW)
            set_preview(j->facts, of[USE_PREVIEW].length_ms, v);
    }
}

static void bound(struct instant moment, struct instant after, struct instant *until)
{
    if (moment.us > after.us && moment.us < until->us)
        *until = moment;
}

static void bound_party(const struct facts_party *p, struct instant at, struct instant *until)
{
    for (size_t i = 0; i < p->policy_count; i++) {
        bound(p->policies[i].from, at, until);
        bound(p->policies[i].until, at, until);
    }
    for (size_t i = 0; i < p->licence_count; i++) {
        bound(p->licences[i].from, at, until);
        bound(p->licences[i].until, at, until);
    }
}

static struct instant valid_until(const struct facts *f)
{
    struct instant until = INSTANT_NEVER, at = f->asked.at;
    if (f->upload.restriction != RESTRICTION_NONE)
        bound(f->upload.restricted_until, at, &until);
    for (size_t i = 0; i < f->order_count; i++) {
        bound(f->orders[i].from, at, &until);
        bound(f->orders[i].until, at, &until);
    }
    for (size_t i = 0; i < f->leave_count; i++) {
        bound(f->leaves[i].from, at, &until);
        bound(f->leaves[i].until, at, &until);
    }
    for (size_t i = 0; i < f->party_count; i++)
        bound_party(&f->parties[i], at, &until);
    for (size_t i = 0; i < f->recording_count; i++)
        for (size_t k = 0; k < f->recordings[i].claim_count; k++) {
            bound(f->recordings[i].claims[k].from, at, &until);
            bound(f->recordings[i].claims[k].until, at, &until);
        }
    return until;
}

void policy_decide(const struct facts *f, struct arena *a, struct verdict *out)
{
    struct judging j = {
        .facts = f, .arena = a, .grants = weigh_licences(f, a), .recording = weigh_recordings(f, a)
    };
    for (int rule = 0; rule < RULE_COUNT; rule++)
        rule_rows[rule].fire(&j, (enum rule)rule, rule_rows[rule].argument);
    *out = (struct verdict) { .facts = f };
    conclude(&j, out);
    out->reasons = j.reasons;
    out->reason_count = j.count;
    out->valid_until = rule_is_of_access(out->reasons[out->decisive].rule) ? INSTANT_NEVER
                                                                           : valid_until(f);
}
