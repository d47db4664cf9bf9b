/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on uploads: made from matches, moved by people and clocks, heard by verdicts. */
#include "flow/claims.h"

#include <stdlib.h>

#include "flow/work.h"

enum { CLAIMS_MOST = 10000, POLICIES_MOST = 10000 };

enum code claims_days(const struct world *w, struct claim_days *out, struct error *e)
{
    *out = (struct claim_days) { { 0 } };
    TRY(settings_int(w->settings, "claims.response_days", 1, 3650, &out->days[CLOCK_RESPONSE], e));
    return settings_int(w->settings, "claims.appeal_days", 1, 3650, &out->days[CLOCK_APPEAL], e);
}

/* ---- matches without what is excluded ---- */

/* Where in the upload a place of the reference is heard, between the ends of the match. */
static int64_t in_upload(const struct upload_match *m, int64_t reference_ms)
{
    int64_t whole = m->reference_to_ms - m->reference_from_ms;
    if (whole <= 0)
        return m->upload_from_ms;
    return m->upload_from_ms + (int64_t)((__int128)(reference_ms - m->reference_from_ms) *
                                         (m->upload_to_ms - m->upload_from_ms) / whole);
}

static struct upload_match part_of(const struct upload_match *m, int64_t from_ms, int64_t to_ms)
{
    struct upload_match part = *m;
    part.upload_from_ms = in_upload(m, from_ms);
    part.upload_to_ms = in_upload(m, to_ms);
    part.reference_from_ms = from_ms;
    part.reference_to_ms = to_ms;
    return part;
}

static int by_begin(const void *left, const void *right)
{
    const struct exclusion *a = left, *b = right;
    return (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
}

/* What is left of one match; at most one part more than there are exclusions. */
static size_t cut(const struct upload_match *m, const struct exclusion *x, size_t count,
                  struct upload_match *out)
{
    int64_t at = m->reference_from_ms;
    size_t n = 0;
    for (size_t i = 0; i < count && at < m->reference_to_ms; i++) {
        if (x[i].until_ms <= at || x[i].from_ms >= m->reference_to_ms)
            continue;
        if (x[i].from_ms > at)
            out[n++] = part_of(m, at, x[i].from_ms);
        at = x[i].until_ms;
    }
    if (at < m->reference_to_ms)
        out[n++] = part_of(m, at, m->reference_to_ms);
    return n;
}

enum code claims_exclude(struct store_tx *tx, struct party_id catalogue,
                         const struct upload_match *matches, size_t count, struct arena *a,
                         const struct upload_match **out, size_t *out_count, struct error *e)
{
    struct upload_match *kept = NULL;
    size_t n = 0;
    *out = matches;
    *out_count = count;
    for (size_t i = 0; i < count; i++) {
        struct exclusion *x;
        size_t xs;
        TRY(registry_exclusion_list(tx, catalogue, matches[i].reference, a, &x, &xs, e));
        if (!xs && !kept)
            continue;
        if (xs > 1)
            qsort(x, xs, sizeof *x, by_begin);
        struct upload_match *more = ARENA_ARRAY(a, struct upload_match, n + i + xs + 1);
        if (kept)
            memcpy(more, kept, n * sizeof *more);
        else
            memcpy(more, matches, (n = i) * sizeof *more);
        kept = more;
        n += cut(&matches[i], x, xs, kept + n);
    }
    if (kept) {
        *out = kept;
        *out_count = n;
    }
    return OK;
}

/* ---- what a verdict hears ---- */

struct leaves {
    struct arena *a;
    struct facts_leave *items;
    size_t count, room;
    struct instant at;
};

static struct facts_leave *add(struct leaves *l, enum leave_kind kind, const uint8_t *id,
                               int64_t version)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 8;
        struct facts_leave *more = ARENA_ARRAY(l->a, struct facts_leave, room);
        if (l->count)
            memcpy(more, l->items, l->count * sizeof *more);
        l->items = more;
        l->room = room;
    }
    struct facts_leave *leave = &l->items[l->count++];
    *leave = (struct facts_leave) {
        .kind = kind, .version = version, .from = INSTANT_FIRST, .until = INSTANT_NEVER
    };
    memcpy(leave->id, id, ID_BYTES);
    return leave;
}

static enum code add_allowances(struct leaves *l, struct store_tx *tx, struct party_id catalogue,
                                const struct upload *u, const struct question *q, struct error *e)
{
    struct allowance *all;
    size_t count;
    TRY(registry_allowance_list(tx, catalogue, u->network, q->app, u->uploader, l->a, &all, &count,
                                e));
    for (size_t i = 0; i < count; i++) {
        if (all[i].until.us <= q->at.us)
            continue;
        struct facts_leave *leave = add(l, LEAVE_ALLOWED, all[i].id.bytes, all[i].version);
        leave->party = all[i].party;
        leave->recording = all[i].recording;
        leave->from = all[i].from;
        leave->until = all[i].until;
    }
    return OK;
}

static enum code add_claims(struct leaves *l, struct store_tx *tx, struct party_id catalogue,
                            const struct upload *u, struct error *e)
{
    static const enum leave_kind kinds[] = { [CLAIM_ACTS] = LEAVE_COUNT,
                                             [CLAIM_WAITS] = LEAVE_WAITING,
                                             [CLAIM_DISPUTED] = LEAVE_DISPUTED,
                                             [CLAIM_LETS] = LEAVE_RELEASED,
                                             [CLAIM_GONE] = LEAVE_COUNT };
    struct upload_claim *all;
    size_t count;
    TRY(registry_upload_claim_list(tx, catalogue, u->id, (struct reference_id) { { 0 } }, l->a,
                                   &all, &count, e));
    for (size_t i = 0; i < count; i++) {
        enum leave_kind kind = kinds[upload_claim_effect(all[i].state)];
        if (kind == LEAVE_COUNT)
            continue;
        struct facts_leave *leave = add(l, kind, all[i].id.bytes, all[i].version);
        leave->party = all[i].party;
        leave->recording = all[i].recording;
    }
    return OK;
}

static enum code add_exceptions(struct leaves *l, struct store_tx *tx, struct party_id catalogue,
                                const struct upload *u, struct error *e)
{
    struct exception *all;
    size_t count;
    TRY(registry_exception_list(tx, catalogue, u->id, l->a, &all, &count, e));
    for (size_t i = 0; i < count; i++)
        add(l, LEAVE_EXCEPTION, all[i].id.bytes, all[i].version)->exception = all[i].kind;
    return OK;
}

enum code claims_leaves(struct store_tx *tx, struct party_id catalogue, const struct upload *u,
                        const struct question *q, struct arena *a, const struct facts_leave **out,
                        size_t *count, struct error *e)
{
    struct leaves l = { .a = a };
    TRY(add_allowances(&l, tx, catalogue, u, q, e));
    TRY(add_claims(&l, tx, catalogue, u, e));
    TRY(add_exceptions(&l, tx, catalogue, u, e));
    *out = l.items;
    *count = l.count;
    return OK;
}

/* ---- claims from matches ---- */

struct claiming {
    struct world *w;
    const struct registry_act *act;
    const struct upload *u;
    struct arena *a;
    const struct upload_match *matches;
    size_t match_count, exception_count;
    struct upload_claim *there; /* claims the upload has */
    size_t there_count;
    int64_t most; /* uploads a source on probation may act on */
};

static int64_t covered(const struct upload_match *m, size_t count, struct recording_id recording,
                       bool of_reference, int64_t *longest, int64_t *segments)
{
    int64_t sum = 0, end = INT64_MIN;
    *longest = *segments = 0;
    for (;;) { /* the next span behind `end`, widened by what touches it */
        int64_t from = INT64_MAX, to;
        for (size_t i = 0; i < count; i++) {
            int64_t f = of_reference ? m[i].reference_from_ms : m[i].upload_from_ms;
            int64_t t = of_reference ? m[i].reference_to_ms : m[i].upload_to_ms;
            if (recording_id_equal(m[i].recording, recording) && t > end && f < from)
                from = f > end ? f : end;
        }
        if (from == INT64_MAX)
            return sum;
        to = from;
        for (bool grew = true; grew;) {
            grew = false;
            for (size_t i = 0; i < count; i++) {
                int64_t f = of_reference ? m[i].reference_from_ms : m[i].upload_from_ms;
                int64_t t = of_reference ? m[i].reference_to_ms : m[i].upload_to_ms;
                if (recording_id_equal(m[i].recording, recording) && f <= to && t > to) {
                    to = t;
                    grew = true;
                }
            }
        }
        sum += to - from;
        if (to - from > *longest)
            *longest = to - from;
        ++*segments;
        end = to;
    }
}

/* The match that covers most: its reference is the one the claim comes from. */
static const struct upload_match *best_of(const struct claiming *c, struct recording_id recording)
{
    const struct upload_match *best = NULL;
    for (size_t i = 0; i < c->match_count; i++) {
        const struct upload_match *m = &c->matches[i];
        if (recording_id_equal(m->recording, recording) &&
            (!best ||
             m->upload_to_ms - m->upload_from_ms > best->upload_to_ms - best->upload_from_ms))
            best = m;
    }
    return best;
}

static struct upload_claim *claim_there(const struct claiming *c, struct recording_id recording,
                                        struct party_id party)
{
    for (size_t i = 0; i < c->there_count; i++)
        if (recording_id_equal(c->there[i].recording, recording) &&
            party_id_equal(c->there[i].party, party))
            return &c->there[i];
    return NULL;
}

/* What was heard of the reference that the claim comes from. */
static void set_spans(const struct claiming *c, const struct upload_claim *claim,
                      struct facts_recording *found)
{
    struct segment *spans = ARENA_ARRAY(c->a, struct segment, c->match_count);
    for (size_t i = 0; i < c->match_count; i++) {
        const struct upload_match *m = &c->matches[i];
        size_t at = found->span_count;
        if (!reference_id_equal(m->reference, claim->reference) ||
            m->reference_to_ms <= m->reference_from_ms)
            continue;
        for (; at > 0 && spans[at - 1].from_ms > m->reference_from_ms; at--)
            spans[at] = spans[at - 1];
        spans[at] = (struct segment) { m->reference_from_ms, m->reference_to_ms };
        found->span_count++;
    }
    size_t n = 0;
    for (size_t i = 0; i < found->span_count; i++) {
        if (n == 0 || spans[i].from_ms > spans[n - 1].until_ms)
            spans[n++] = spans[i];
        else if (spans[i].until_ms > spans[n - 1].until_ms)
            spans[n - 1].until_ms = spans[i].until_ms;
    }
    found->spans = spans;
    found->span_count = n;
}

/* What the holder wants done, as told where the conditions on lengths are: the strictest. */
static enum code set_policy(const struct claiming *c, struct upload_claim *claim,
                            int64_t reference_ms, struct error *e)
{
    struct holder_policy *all;
    size_t count;
    struct facts facts = { .upload = { .duration_ms = c->u->duration_ms } };
    struct facts_recording found = { .id = claim->recording,
                                     .matched_ms = claim->matched_ms,
                                     .reference_matched_ms = claim->reference_matched_ms,
                                     .reference_ms = reference_ms };
    set_spans(c, claim, &found);
    TRY(registry_policy_list(c->act->tx, c->act->catalogue, claim->party,
                             (struct policy_id) { { 0 } }, POLICIES_MOST, c->a, &all, &count, e));
    for (size_t i = 0; i < count; i++) {
        const struct facts_policy p = { .conditions = all[i].conditions,
                                        .condition_count = all[i].condition_count };
        bool of_it = recording_id_is_none(all[i].recording) ||
                     recording_id_equal(all[i].recording, claim->recording);
        bool now = all[i].from.us <= c->act->now.us && c->act->now.us < all[i].until.us;
        if (!of_it || !now || !policy_conditions_hold(&facts, &found, &p) ||
            (!policy_id_is_none(claim->policy) && all[i].action <= claim->action))
            continue;
        claim->policy = all[i].id;
        claim->action = all[i].action;
    }
    return OK;
}

static enum code claim_for(struct claiming *c, struct recording_id recording, struct party_id party,
                           struct error *e)
{
    const struct upload_match *best = best_of(c, recording);
    struct upload_claim *there = claim_there(c, recording, party), claim = { .version = 0 };
    struct reference ref;
    bool may = true;
    int64_t ignored;
    if (there && there->state != UPLOAD_CLAIM_WITHDRAWN)
        return OK;
    if (there) {
        claim.id = there->id;
        claim.version = there->version;
    }
    TRY(registry_reference_get(c->act->tx, c->act->catalogue, best->reference, c->a, &ref, e));
    TRY(registry_source_may_act(c->act->tx, c->act->catalogue, ref.party, c->most, &may, e));
    claim.upload = c->u->id;
    claim.network = c->u->network;
    claim.recording = recording;
    claim.party = party;
    claim.source = ref.party;
    claim.reference = ref.id;
    claim.origin = ORIGIN_MATCH;
    claim.matched_ms = covered(c->matches, c->match_count, recording, false, &claim.longest_ms,
                               &claim.segments);
    int64_t pieces;
    claim.reference_matched_ms = covered(c->matches, c->match_count, recording, true, &ignored,
                                         &pieces);
    TRY(set_policy(c, &claim, ref.duration_ms, e));
    bool waits = !may || (c->exception_count && claim.action == ACTION_BLOCK);
    claim.state = waits ? UPLOAD_CLAIM_POTENTIAL : UPLOAD_CLAIM_ACTIVE;
    claim.words = !may    ? "the source is new: a person has to look first"
                  : waits ? "the uploader claims an exception: a person has to look first"
                          : "";
    return registry_upload_claim_put(c->act, &claim, e);
}

static enum code claim_recording(struct claiming *c, struct recording_id recording, struct error *e)
{
    struct claim *shares;
    size_t count;
    TRY(registry_claim_list(c->act->tx, c->act->catalogue, recording, (struct party_id) { { 0 } },
                            (struct claim_id) { { 0 } }, CLAIMS_MOST, c->a, &shares, &count, e));
    for (size_t i = 0; i < count; i++) {
        bool now = shares[i].from.us <= c->act->now.us && c->act->now.us < shares[i].until.us;
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first = first && !party_id_equal(shares[k].party, shares[i].party);
        if (now && first)
            TRY(claim_for(c, recording, shares[i].party, e));
    }
    return OK;
}

static enum code matches_of(const struct registry_act *act, struct upload_id upload,
                            struct arena *a, const struct upload_match **out, size_t *count,
                            struct error *e)
{
    struct media_match *rows;
    TRY(media_match_list(act->tx, upload, a, &rows, count, e));
    struct upload_match *m = ARENA_ARRAY(a, struct upload_match, *count);
    for (size_t i = 0; i < *count; i++)
        m[i] = (struct upload_match) { .reference = rows[i].reference,
                                       .recording = rows[i].recording,
                                       .upload_from_ms = rows[i].upload_from_ms,
                                       .upload_to_ms = rows[i].upload_to_ms,
                                       .reference_from_ms = rows[i].reference_from_ms,
                                       .reference_to_ms = rows[i].reference_to_ms,
                                       .reference_ms = rows[i].reference_ms };
    return claims_exclude(act->tx, act->catalogue, m, *count, a, out, count, e);
}

enum code claims_of_upload(struct world *w, const struct registry_act *act, const struct upload *u,
                           struct error *e)
{
    ARENA(a);
    struct claiming c = { .w = w, .act = act, .u = u, .a = &a };
    struct exception *exceptions;
    TRY(settings_int(w->settings, "claims.probation_uploads", 0, 1000000000, &c.most, e));
    TRY(matches_of(act, u->id, &a, &c.matches, &c.match_count, e));
    if (!c.match_count)
        return OK;
    TRY(registry_exception_list(act->tx, act->catalogue, u->id, &a, &exceptions, &c.exception_count,
                                e));
    TRY(registry_upload_claim_list(act->tx, act->catalogue, u->id, (struct reference_id) { { 0 } },
                                   &a, &c.there, &c.there_count, e));
    for (size_t i = 0; i < c.match_count; i++) {
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first = first && !recording_id_equal(c.matches[k].recording, c.matches[i].recording);
        if (first)
            TRY(claim_recording(&c, c.matches[i].recording, e));
    }
    return OK;
}

enum code claims_without(struct world *w, const struct registry_act *act,
                         struct reference_id reference, size_t *count, struct error *e)
{
    ARENA(a);
    struct upload_claim *all;
    struct claim_days days;
    size_t n;
    *count = 0;
    TRY(claims_days(w, &days, e));
    TRY(registry_upload_claim_list(act->tx, act->catalogue, (struct upload_id) { { 0 } }, reference,
                                   &a, &all, &n, e));
    for (size_t i = 0; i < n; i++) {
        const struct upload_match *matches;
        size_t match_count, at = 0;
        struct upload_claim moved;
        if (upload_claim_effect(all[i].state) == CLAIM_GONE)
            continue;
        TRY(matches_of(act, all[i].upload, &a, &matches, &match_count, e));
        while (at < match_count && !recording_id_equal(matches[at].recording, all[i].recording))
            at++;
        if (at < match_count) {
            all[i].reference = matches[at].reference;
            TRY(registry_upload_claim_put(act, &all[i], e));
            continue;
        }
        if (!claim_move_find(all[i].state, CLAIM_WITHDRAW, ~0u))
            continue; /* given up already */
        TRY(registry_upload_claim_move(act, all[i].id, CLAIM_WITHDRAW, 1u << MOVER_OPERATOR,
                                       STR(""), STR("the reference is withdrawn"), &days, &a,
                                       &moved, e));
        ++*count;
    }
    return OK;
}

/* ---- moves and their clocks ---- */

static enum code set_clock(const struct registry_act *act, const struct upload_claim *c,
                           struct error *e)
{
    char id[ID_TEXT];
    struct str key = str_of(upload_claim_id_format(c->id, id));
    return c->due.us == INT64_MAX
               ? jobs_drop(act->tx, STR(WORK_LAPSE), key, NULL, e)
               : jobs_set(act->tx, STR(WORK_LAPSE), key, STR(""), c->due, act->now, e);
}

enum code flow_claim_move(struct change *c, struct upload_claim_id id,
                          enum upload_claim_event event, unsigned movers, struct str reason,
                          struct str words, struct arena *a, struct upload_claim *out,
                          struct error *e)
{
    struct claim_days days;
    TRY(claims_days(c->world, &days, e));
    TRY(registry_upload_claim_move(&c->act, id, event, movers, reason, words, &days, a, out, e));
    return set_clock(&c->act, out, e);
}

enum code flow_claim_by_hand(struct change *c, struct upload_claim *claim, struct error *e)
{
    ARENA(a);
    struct upload u;
    struct claim *shares;
    struct upload_claim *there;
    size_t count;
    const struct registry_act *act = &c->act;
    TRY(media_upload_get(act->tx, (struct network_id) { { 0 } }, claim->upload, &a, &u, e));
    TRY(registry_claim_list(act->tx, act->catalogue, claim->recording, claim->party,
                            (struct claim_id) { { 0 } }, 1, &a, &shares, &count, e));
    if (!count)
        return fail(e, ERR_INVALID, "the party has no share in this recording");
    TRY(registry_upload_claim_list(act->tx, act->catalogue, claim->upload,
                                   (struct reference_id) { { 0 } }, &a, &there, &count, e));
    for (size_t i = 0; i < count; i++)
        if (recording_id_equal(there[i].recording, claim->recording) &&
            party_id_equal(there[i].party, claim->party))
            return fail(e, ERR_CONFLICT, "the party has a claim on this upload for the recording");
    claim->network = u.network;
    claim->origin = ORIGIN_HAND;
    claim->source = claim->party;
    claim->state = UPLOAD_CLAIM_POTENTIAL; /* nothing was heard: a person looks first */
    claim->words = claim->words ? claim->words : "";
    return registry_upload_claim_put(act, claim, e);
}

enum code work_lapse(struct world *w, const struct job *j, struct error *e)
{
    CHANGE(c);
    ARENA(a);
    struct upload_claim_id id;
    struct upload_claim claim;
    struct error why;
    TRY(upload_claim_id_parse(str_of(j->key), &id, e));
    TRY(flow_change_begin(w, STR("clock"), STR("its time is over"), &c, e));
    TRY(jobs_done(c.act.tx, j, e));
    struct claim_days days;
    TRY(claims_days(w, &days, e));
    enum code code = registry_upload_claim_move(&c.act, id, CLAIM_LAPSE, 1u << MOVER_CLOCK, STR(""),
                                                STR("nobody answered in time"), &days, &a, &claim,
                                                &why);
    if (code != OK && code != ERR_CONFLICT && code != ERR_NOT_FOUND)
        return fail(e, code, "%s", why.text);
    return flow_change_commit(&c, e); /* it has moved meanwhile: then there is nothing to do */
}
