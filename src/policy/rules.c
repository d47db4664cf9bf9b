/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rules and what makes each of them fire. */
#include "policy/judging.h"

const unsigned right_uses[RIGHT_COUNT] = {
    [RIGHT_MAKING_AVAILABLE] = USES_ALL,
    [RIGHT_REPRODUCTION] = USE_BIT(USE_DOWNLOAD) | USE_BIT(USE_OFFLINE),
    [RIGHT_PERFORMING] = USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW),
    [RIGHT_MECHANICAL] = USE_BIT(USE_DOWNLOAD) | USE_BIT(USE_OFFLINE),
    [RIGHT_SYNCHRONIZATION] = 0,
    [RIGHT_PRINT] = 0,
    [RIGHT_WORK_MAKING_AVAILABLE] = USES_ALL,
    [RIGHT_WORK_PERFORMING] = USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW),
    [RIGHT_WORK_MECHANICAL] = USE_BIT(USE_DOWNLOAD) | USE_BIT(USE_OFFLINE),
};

/* What the words deny, preview, full of a network's rule do; hold is a deny too. */
static enum verdict_mode effect_of(int argument)
{
    static const enum verdict_mode effects[] = { VERDICT_DENY, VERDICT_PREVIEW, VERDICT_FULL };
    return effects[argument];
}

static struct reason *add(struct judging *j, enum rule rule, enum verdict_mode effect,
                          unsigned uses)
{
    if (j->count == j->room) {
        size_t room = j->room ? j->room * 4 : 5;
        struct reason *more = ARENA_ARRAY(j->arena, struct reason, room);
        if (j->count)
            memcpy(more, j->reasons, j->count * sizeof *more);
        j->reasons = more;
        j->room = room;
    }
    struct reason *r = &j->reasons[j->count++];
    r->rule = rule;
    r->effect = effect;
    r->uses = uses;
    return r;
}

static void blame(struct reason *r, enum record_kind kind, const uint8_t id[ID_BYTES],
                  int64_t version)
{
    r->kind = kind;
    memcpy(r->id, id, ID_BYTES);
    r->version = version;
}

static void blame_network(struct judging *j, struct reason *r)
{
    blame(r, RECORD_NETWORK, j->facts->asked.network.bytes, j->facts->network.version);
}

static void blame_app(struct judging *j, struct reason *r)
{
    blame(r, RECORD_APP, j->facts->asked.app.bytes, j->facts->app.version);
}

static void blame_upload(struct judging *j, struct reason *r)
{
    blame(r, RECORD_UPLOAD, j->facts->asked.upload.bytes, j->facts->upload.version);
}

static void blame_recording(struct reason *r, const struct facts_recording *found)
{
    r->recording = found;
    blame(r, RECORD_RECORDING, found->id.bytes, found->version);
}

/* ---- 1: app, network, territory, order ---- */

static void fire_app_unknown(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (!j->facts->app.known)
        blame_app(j, add(j, rule, VERDICT_DENY, USES_ALL));
}

static void fire_app_suspended(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (j->facts->app.known && j->facts->app.suspended)
        blame_app(j, add(j, rule, VERDICT_DENY, USES_ALL));
}

static void fire_network_unknown(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (!j->facts->network.known)
        blame_network(j, add(j, rule, VERDICT_DENY, USES_ALL));
}

static void fire_network_closed(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (j->facts->network.known && j->facts->network.closed)
        blame_network(j, add(j, rule, VERDICT_DENY, USES_ALL));
}

static void fire_territory_unknown(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (!territory_is_known(j->facts->asked.territory))
        blame_network(j, add(j, rule, VERDICT_DENY, USES_ALL));
}

static void fire_order(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    for (size_t i = 0; i < j->facts->order_count; i++) {
        const struct facts_order *o = &j->facts->orders[i];
        if (!in_force(o->from, o->until, j->facts->asked.at))
            continue;
        struct reason *r = add(j, rule, VERDICT_DENY, USES_ALL);
        r->order = o;
        blame(r, RECORD_ORDER, o->id.bytes, o->version);
    }
}

/* ---- 2: the desk ---- */

static void fire_restricted(struct judging *j, enum rule rule, int argument)
{
    const struct facts_upload *u = &j->facts->upload;
    bool over = u->restricted_until.us != 0 && j->facts->asked.at.us >= u->restricted_until.us;
    if ((int)u->restriction != argument || over)
        return;
    blame(add(j, rule, VERDICT_DENY, USES_ALL), RECORD_ITEM, u->item.bytes, u->item_version);
}

/* ---- 3: not heard, not compared to the end, a suspended uploader ---- */

static void fire_not_heard(struct judging *j, enum rule rule, int argument)
{
    if (j->facts->upload.hearing == HEARING_NONE &&
        (int)j->facts->network.rules.unheard == argument)
        blame_upload(j, add(j, rule, effect_of(argument), USES_ALL));
}

static void fire_match_incomplete(struct judging *j, enum rule rule, int argument)
{
    if (j->facts->upload.hearing == HEARING_PART &&
        (int)j->facts->network.rules.unheard == argument)
        blame_upload(j, add(j, rule, effect_of(argument), USES_ALL));
}

static void fire_uploader_suspended(struct judging *j, enum rule rule, int argument)
{
    if (j->facts->upload.uploader_suspended && (int)j->facts->network.rules.suspended == argument)
        blame_upload(j, add(j, rule, effect_of(argument), USES_ALL));
}

/* ---- 4 and 9: what holders want done ---- */

static bool compare(enum relator relator, __int128 left, __int128 right)
{
    switch (relator) {
    case RELATOR_MORE:
        return left > right;
    case RELATOR_AT_LEAST:
        return left >= right;
    case RELATOR_LESS:
        return left < right;
    case RELATOR_AT_MOST:
        return left <= right;
    case RELATOR_EQUAL:
        return left == right;
    case RELATOR_NOT_EQUAL:
        return left != right;
    case RELATOR_COUNT:
        break;
    }
    return false;
}

/* Where the whole is not known the part counts as all of it: the stricter reading. */
static bool percent_holds(const struct condition *c, int64_t part_ms, int64_t whole_ms)
{
    if (whole_ms <= 0 || part_ms > whole_ms)
        part_ms = whole_ms = 1;
    return compare(c->relator, (__int128)part_ms * 100 * SHARE_WHOLE_E8,
                   (__int128)c->value_e8 * whole_ms);
}

/* How much of the condition's segments was heard. */
static int64_t segments_heard_ms(const struct facts_recording *r, const struct condition *c)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->segment_count; i++)
        for (size_t k = 0; k < r->span_count; k++) {
            const struct segment *a = &c->segments[i], *b = &r->spans[k];
            int64_t from = a->from_ms > b->from_ms ? a->from_ms : b->from_ms;
            int64_t until = a->until_ms < b->until_ms ? a->until_ms : b->until_ms;
            sum += until > from ? until - from : 0;
        }
    return sum;
}

static bool segments_hold(const struct facts *f, const struct facts_recording *r,
                          const struct condition *c)
{
    int64_t ms = segments_heard_ms(r, c);
    if (c->measure == MEASURE_SECONDS)
        return compare(c->relator, (__int128)ms * (SHARE_WHOLE_E8 / 1000), c->value_e8);
    return percent_holds(c, ms,
                         c->measure == MEASURE_REFERENCE_PERCENT ? condition_segments_ms(c)
                                                                 : f->upload.duration_ms);
}

static bool condition_holds(const struct facts *f, const struct facts_recording *r,
                            const struct condition *c)
{
    if (c->segment_count)
        return segments_hold(f, r, c);
    switch (c->measure) {
    case MEASURE_SECONDS:
        return compare(c->relator, (__int128)r->matched_ms * (SHARE_WHOLE_E8 / 1000), c->value_e8);
    case MEASURE_REFERENCE_PERCENT:
        return percent_holds(c, r->reference_matched_ms, r->reference_ms);
    case MEASURE_UPLOAD_PERCENT:
        return percent_holds(c, r->matched_ms, f->upload.duration_ms);
    case MEASURE_COUNT:
        break;
    }
    return false;
}

bool conditions_hold(const struct facts *f, const struct facts_recording *r,
                     const struct facts_policy *p)
{
    for (size_t i = 0; i < p->condition_count; i++)
        if (!condition_holds(f, r, &p->conditions[i]))
            return false;
    return true;
}

/* The first leave of one of these kinds (bits) that the party gives for what was found. */
static const struct facts_leave *leave_of(const struct judging *j,
                                          const struct facts_recording *found,
                                          const struct facts_party *party, unsigned kinds)
{
    for (size_t i = 0; i < j->facts->leave_count; i++) {
        const struct facts_leave *l = &j->facts->leaves[i];
        if ((kinds >> l->kind & 1) && in_force(l->from, l->until, j->facts->asked.at) &&
            party_id_equal(l->party, party->id) &&
            (recording_id_is_none(l->recording) || recording_id_equal(l->recording, found->id)))
            return l;
    }
    return NULL;
}

/* What lifts a block, and what stands for a licence. */
enum {
    LETS_BE = 1u << LEAVE_ALLOWED | 1u << LEAVE_RELEASED,
    LIFTS_BLOCKS = LETS_BE | 1u << LEAVE_WAITING
};

/* The uses that need a right of which the party of claim `at` holds a share; 0 when an earlier
 * claim of the same party has been looked at. */
static unsigned uses_of_party(const struct facts_recording *r, const uint8_t *counts, size_t at)
{
    unsigned uses = 0;
    for (size_t i = 0; i < r->claim_count; i++) {
        if (!counts[i] || r->claims[i].party != r->claims[at].party)
            continue;
        if (i < at)
            return 0;
        uses |= right_uses[r->claims[i].right];
    }
    return uses;
}

static void fire_policies(struct judging *j, enum rule rule, enum policy_action action,
                          const struct facts_recording *found, const struct facts_party *party,
                          unsigned uses)
{
    if (action == ACTION_BLOCK && leave_of(j, found, party, LIFTS_BLOCKS))
        return;
    for (size_t i = 0; i < party->policy_count; i++) {
        const struct facts_policy *p = &party->policies[i];
        if (p->action != action || !in_force(p->from, p->until, j->facts->asked.at) ||
            !(recording_id_is_none(p->recording) || recording_id_equal(p->recording, found->id)) ||
            !conditions_hold(j->facts, found, p))
            continue;
        struct reason *r = add(j, rule, action == ACTION_BLOCK ? VERDICT_DENY : VERDICT_FULL, uses);
        r->recording = found;
        r->party = party;
        r->policy = p;
        blame(r, RECORD_POLICY, p->id.bytes, p->version);
    }
}

/* A policy acts only where its party holds a share. */
static void fire_holder_policy(struct judging *j, enum rule rule, int argument)
{
    for (size_t i = 0; i < j->facts->recording_count; i++) {
        const struct facts_recording *found = &j->facts->recordings[i];
        const uint8_t *counts = j->recording[i].counts;
        for (size_t k = 0; k < found->claim_count; k++) {
            const struct facts_party *party = &j->facts->parties[found->claims[k].party];
            if (!counts[k] || !party->policy_count)
                continue;
            unsigned uses = uses_of_party(found, counts, k);
            if (uses)
                fire_policies(j, rule, (enum policy_action)argument, found, party, uses);
        }
    }
}

/* ---- 9: what holds a holder's hand back in this upload ---- */

static void add_leave(struct judging *j, enum rule rule, const struct facts_leave *l,
                      const struct facts_recording *found, const struct facts_party *party,
                      unsigned uses)
{
    static const enum record_kind kinds[LEAVE_COUNT] = {
        [LEAVE_ALLOWED] = RECORD_ALLOWANCE,    [LEAVE_RELEASED] = RECORD_UPLOAD_CLAIM,
        [LEAVE_WAITING] = RECORD_UPLOAD_CLAIM, [LEAVE_DISPUTED] = RECORD_UPLOAD_CLAIM,
        [LEAVE_EXCEPTION] = RECORD_EXCEPTION,
    };
    struct reason *r = add(j, rule, VERDICT_FULL, uses);
    r->recording = found;
    r->party = party;
    r->leave = l;
    blame(r, kinds[l->kind], l->id, l->version);
}

/* An exception is of the whole upload. */
static void fire_exceptions(struct judging *j, enum rule rule)
{
    for (size_t i = 0; i < j->facts->leave_count; i++) {
        const struct facts_leave *l = &j->facts->leaves[i];
        if (l->kind == LEAVE_EXCEPTION && in_force(l->from, l->until, j->facts->asked.at))
            add_leave(j, rule, l, NULL, NULL, USES_ALL);
    }
}

static void fire_leave(struct judging *j, enum rule rule, int argument)
{
    if (!j->facts->leave_count)
        return;
    if (argument == LEAVE_EXCEPTION) {
        fire_exceptions(j, rule);
        return;
    }
    for (size_t i = 0; i < j->facts->recording_count; i++) {
        const struct facts_recording *found = &j->facts->recordings[i];
        const uint8_t *counts = j->recording[i].counts;
        for (size_t k = 0; k < found->claim_count; k++) {
            const struct facts_party *party = &j->facts->parties[found->claims[k].party];
            unsigned uses = counts[k] ? uses_of_party(found, counts, k) : 0;
            const struct facts_leave *l = uses ? leave_of(j, found, party, 1u << argument) : NULL;
            if (l)
                add_leave(j, rule, l, found, party, uses);
        }
    }
}

/* ---- 5, 7, 9: shares and their licences ---- */

static struct reason *add_claim(struct judging *j, enum rule rule, enum verdict_mode effect,
                                unsigned uses, const struct facts_recording *found,
                                const struct facts_claim *claim)
{
    struct reason *r = add(j, rule, effect, uses);
    r->recording = found;
    r->claim = claim;
    r->party = &j->facts->parties[claim->party];
    blame(r, RECORD_CLAIM, claim->id.bytes, claim->version);
    return r;
}

static void blame_licence(struct reason *r, const struct facts_licence *licence)
{
    r->licence = licence;
    blame(r, RECORD_LICENCE, licence->id.bytes, licence->version);
}

static const struct grant *grant_of(const struct judging *j, const struct facts_recording *found,
                                    const struct facts_claim *claim)
{
    return &j->grants[(size_t)(found - j->facts->recordings) * j->facts->party_count +
                      claim->party];
}

typedef void claim_fn(struct judging *j, enum rule rule, const struct facts_recording *found,
                      const struct facts_claim *claim);

static void each_claim(struct judging *j, enum rule rule, claim_fn *visit)
{
    for (size_t i = 0; i < j->facts->recording_count; i++) {
        const struct facts_recording *found = &j->facts->recordings[i];
        for (size_t k = 0; k < found->claim_count; k++)
            if (j->recording[i].counts[k])
                visit(j, rule, found, &found->claims[k]);
    }
}

static void unlicensed_claim(struct judging *j, enum rule rule, const struct facts_recording *found,
                             const struct facts_claim *claim)
{
    const struct grant *g = grant_of(j, found, claim);
    unsigned missing = right_uses[claim->right] & ~(g->full | g->clip);
    if (missing && !leave_of(j, found, &j->facts->parties[claim->party], LETS_BE))
        add_claim(j, rule, effect_of((int)j->facts->network.rules.unlicensed), missing, found,
                  claim);
}

static void fire_unlicensed(struct judging *j, enum rule rule, int argument)
{
    if ((int)j->facts->network.rules.unlicensed == argument)
        each_claim(j, rule, unlicensed_claim);
}

static void clipped_claim(struct judging *j, enum rule rule, const struct facts_recording *found,
                          const struct facts_claim *claim)
{
    const struct grant *g = grant_of(j, found, claim);
    unsigned uses = right_uses[claim->right] & g->clip;
    if (!uses || leave_of(j, found, &j->facts->parties[claim->party], LETS_BE))
        return;
    struct reason *r = add_claim(j, rule, VERDICT_PREVIEW, uses, found, claim);
    r->length_ms = g->longest_clip->clip_seconds * 1000;
    blame_licence(r, g->longest_clip);
}

static void fire_licence_clip(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    each_claim(j, rule, clipped_claim);
}

static void licensed_claim(struct judging *j, enum rule rule, const struct facts_recording *found,
                           const struct facts_claim *claim)
{
    const struct grant *g = grant_of(j, found, claim);
    unsigned left = right_uses[claim->right] & g->full;
    while (left) {
        const struct facts_licence *by = g->by_use[__builtin_ctz(left)];
        unsigned uses = 0;
        for (int u = 0; u < USE_COUNT; u++)
            if ((left >> u & 1) && g->by_use[u] == by)
                uses |= 1u << u;
        blame_licence(add_claim(j, rule, VERDICT_FULL, uses, found, claim), by);
        left &= ~uses;
    }
}

static void fire_licensed(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    each_claim(j, rule, licensed_claim);
}

/* ---- 6: shares that do not add up ---- */

static void add_conflict(struct judging *j, enum rule rule, enum verdict_mode effect, size_t at,
                         enum right right, int64_t amount_e8)
{
    struct reason *r = add(j, rule, effect, right_uses[right]);
    blame_recording(r, &j->facts->recordings[at]);
    r->right = right;
    r->amount_e8 = amount_e8;
}

static void fire_over_claimed(struct judging *j, enum rule rule, int argument)
{
    if ((int)j->facts->network.rules.conflict != argument)
        return;
    enum verdict_mode effect = argument == CONFLICT_HOLD ? VERDICT_DENY : VERDICT_FULL;
    for (size_t i = 0; i < j->facts->recording_count; i++)
        for (int right = 0; right < RIGHT_COUNT; right++) {
            int64_t over = j->recording[i].sum_e8[right] - SHARE_WHOLE_E8;
            if (over > SHARE_ROUNDING_E8 && right_uses[right])
                add_conflict(j, rule, effect, i, (enum right)right, over);
        }
}

/* Which row of "unclaimed" is the network's: 0 held, else 1 + what it does without a licence. */
static int unclaimed_row(const struct network_rules *rules)
{
    if (rules->conflict == CONFLICT_HOLD)
        return 0;
    return 1 + (rules->conflict == CONFLICT_MOST_RESTRICTIVE ? (int)rules->unlicensed
                                                             : (int)UNLICENSED_FULL);
}

/* A right that nobody claims at all is looked at only when it is making available. */
static void fire_unclaimed(struct judging *j, enum rule rule, int argument)
{
    if (unclaimed_row(&j->facts->network.rules) != argument ||
        !territory_is_known(j->facts->asked.territory))
        return; /* who claims what is not known without a territory, and rule 1 has denied it */
    enum verdict_mode effect = argument == 0 ? VERDICT_DENY : effect_of(argument - 1);
    for (size_t i = 0; i < j->facts->recording_count; i++) {
        unsigned rights = j->recording[i].claimed | 1u << RIGHT_MAKING_AVAILABLE;
        for (int right = 0; right < RIGHT_COUNT; right++) {
            int64_t under = SHARE_WHOLE_E8 - j->recording[i].sum_e8[right];
            if ((rights >> right & 1) && under > SHARE_ROUNDING_E8 && right_uses[right])
                add_conflict(j, rule, effect, i, (enum right)right, under);
        }
    }
}

/* ---- 7: the app's caps ---- */

static void fire_app_clip(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (!j->facts->app.known || j->facts->app.clip_seconds <= 0)
        return;
    struct reason *r = add(j, rule, VERDICT_PREVIEW, USES_ALL);
    r->length_ms = j->facts->app.clip_seconds * 1000;
    blame_app(j, r);
}

static void fire_app_no_download(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (j->facts->app.known && !j->facts->app.download)
        blame_app(j, add(j, rule, VERDICT_DENY, USE_BIT(USE_DOWNLOAD)));
}

static void fire_app_no_offline(struct judging *j, enum rule rule, int argument)
{
    (void)argument;
    if (j->facts->app.known && !j->facts->app.offline)
        blame_app(j, add(j, rule, VERDICT_DENY, USE_BIT(USE_OFFLINE)));
}

/* ---- 8: nothing matched ---- */

static void fire_unmatched(struct judging *j, enum rule rule, int argument)
{
    const struct facts *f = j->facts;
    if (f->upload.hearing == HEARING_DONE && f->recording_count == 0 &&
        (int)f->network.rules.unmatched == argument)
        blame_upload(j, add(j, rule, effect_of(argument), USES_ALL));
}

#define ROW(name, group, code, fire, argument, english, russian)                                   \
    [name] = { code, group, fire, argument, { english, russian } },
const struct rule_row rule_rows[RULE_COUNT] = {
#include "policy/rules.def"
};
#undef ROW

bool policy_conditions_hold(const struct facts *f, const struct facts_recording *r,
                            const struct facts_policy *p)
{
    return conditions_hold(f, r, p);
}

const char *rule_code(enum rule r)
{
    return rule_rows[r].code;
}

int rule_group(enum rule r)
{
    return rule_rows[r].group;
}

const char *rule_sentence(enum rule r, enum language in)
{
    return rule_rows[r].sentence[in];
}
