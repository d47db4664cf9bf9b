/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of DESIGN read a second time, as slowly and plainly as they can be said. */
#include "world.h"

enum { SECONDS_MOST = 200, OPINIONS_MOST = 512 };

struct opinion {
    const char *code;
    enum verdict_mode mode;
    int64_t length_ms;
};

struct plain_case {
    const struct world *w;
    const struct question *q;
    const struct rights_network *network;
    const struct rights_app *app;
    enum use use;
    struct opinion opinions[OPINIONS_MOST];
    size_t count;
};

static bool same(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES) == 0;
}

static bool here(const struct plain_case *c, const struct territory_set *s)
{
    return territory_is_known(c->q->territory) && territory_set_has(s, c->q->territory);
}

static bool now(const struct plain_case *c, struct instant from, struct instant until)
{
    return !instant_before(c->q->at, from) && instant_before(c->q->at, until);
}

static bool needs(enum use use, enum right right)
{
    bool listening = use == USE_STREAM || use == USE_PREVIEW;
    if (right == RIGHT_PERFORMING || right == RIGHT_WORK_PERFORMING)
        return listening;
    if (right == RIGHT_REPRODUCTION || right == RIGHT_MECHANICAL || right == RIGHT_WORK_MECHANICAL)
        return !listening;
    return right == RIGHT_MAKING_AVAILABLE || right == RIGHT_WORK_MAKING_AVAILABLE;
}

static void say(struct plain_case *c, const char *code, enum verdict_mode mode, int64_t length_ms)
{
    if (c->use == USE_PREVIEW && mode == VERDICT_FULL)
        mode = VERDICT_PREVIEW;
    if ((c->use == USE_DOWNLOAD || c->use == USE_OFFLINE) && mode == VERDICT_PREVIEW)
        mode = VERDICT_DENY;
    c->opinions[c->count++] = (struct opinion) { code, mode, length_ms };
}

/* "deny"/"hold", "preview", "full" as the network's word says */
static void say_by_word(struct plain_case *c, int word, const char *deny, const char *preview,
                        const char *full)
{
    const char *codes[] = { deny, preview, full };
    say(c, codes[word], word == 0 ? VERDICT_DENY : word == 1 ? VERDICT_PREVIEW : VERDICT_FULL, 0);
}

/* ---- how much was heard ---- */

struct heard {
    struct recording_id recording;
    struct reference_id reference;
    bool seconds[SECONDS_MOST]; /* of the reference */
    int64_t upload_ms, reference_ms, whole_ms;
};

static int64_t marked(const bool *seconds)
{
    int64_t n = 0;
    for (int i = 0; i < SECONDS_MOST; i++)
        n += seconds[i] ? 1000 : 0;
    return n;
}

static void hear(const struct world *w, struct recording_id id, struct heard *out)
{
    bool upload[SECONDS_MOST] = { false };
    *out = (struct heard) { .recording = id, .whole_ms = 1 };
    for (size_t i = 0; i < w->upload.match_count; i++) {
        const struct upload_match *m = &w->matches[i];
        bool reference[SECONDS_MOST] = { false };
        if (!same(&m->recording, &id))
            continue;
        for (int64_t s = m->upload_from_ms; s < m->upload_to_ms; s += 1000)
            upload[s / 1000] = true;
        for (size_t k = 0; k < w->upload.match_count; k++)
            if (same(&w->matches[k].recording, &id) &&
                same(&w->matches[k].reference, &m->reference))
                for (int64_t s = w->matches[k].reference_from_ms; s < w->matches[k].reference_to_ms;
                     s += 1000)
                    reference[s / 1000] = true;
        int64_t mine = marked(reference) * out->whole_ms,
                best = out->reference_ms * m->reference_ms;
        if (mine < best ||
            (mine == best && memcmp(m->reference.bytes, out->reference.bytes, ID_BYTES) >= 0))
            continue;
        out->reference_ms = marked(reference);
        out->whole_ms = m->reference_ms;
        out->reference = m->reference;
        memcpy(out->seconds, reference, sizeof reference);
    }
    out->upload_ms = marked(upload);
}

/* ---- conditions ---- */

static bool related(enum relator r, __int128 a, __int128 b)
{
    bool less = r == RELATOR_LESS || r == RELATOR_AT_MOST || r == RELATOR_NOT_EQUAL;
    bool equal = r == RELATOR_EQUAL || r == RELATOR_AT_LEAST || r == RELATOR_AT_MOST;
    bool more = r == RELATOR_MORE || r == RELATOR_AT_LEAST || r == RELATOR_NOT_EQUAL;
    return a < b ? less : a == b ? equal : more;
}

static bool condition_met(const struct plain_case *c, const struct heard *h,
                          const struct condition *k)
{
    int64_t part = h->upload_ms, whole = c->w->upload.facts.duration_ms;
    if (k->segment_count) {
        int64_t all = 0;
        part = 0;
        for (int64_t s = 0; s < SECONDS_MOST; s++)
            for (uint32_t i = 0; i < k->segment_count; i++)
                if (k->segments[i].from_ms <= 1000 * s && 1000 * s < k->segments[i].until_ms) {
                    all += 1000;
                    part += h->seconds[s] ? 1000 : 0;
                }
        if (k->measure == MEASURE_REFERENCE_PERCENT)
            whole = all;
    } else if (k->measure == MEASURE_REFERENCE_PERCENT) {
        part = h->reference_ms;
        whole = h->whole_ms;
    }
    if (k->measure == MEASURE_SECONDS)
        return related(k->relator, (__int128)part * SHARE_WHOLE_E8, (__int128)k->value_e8 * 1000);
    if (part > whole)
        part = whole;
    return related(k->relator, (__int128)part * SHARE_WHOLE_E8 * 100,
                   (__int128)k->value_e8 * whole);
}

static bool lists(const void *ids, size_t count, const void *id)
{
    for (size_t i = 0; i < count; i++)
        if (same((const uint8_t *)ids + i * ID_BYTES, id))
            return true;
    return count == 0;
}

/* ---- shares ---- */

static bool claim_there(const struct plain_case *c, const struct claim *k, struct recording_id id)
{
    return same(&k->recording, &id) && here(c, &k->territories) && now(c, k->from, k->until);
}

static bool earlier(const struct claim *a, const struct claim *b)
{
    return a->filed.us < b->filed.us ||
           (a->filed.us == b->filed.us && memcmp(a->id.bytes, b->id.bytes, ID_BYTES) < 0);
}

/* Sum of the shares of the right; with `before`, only of those filed before it. */
static int64_t sum(const struct plain_case *c, struct recording_id id, enum right right,
                   const struct claim *before)
{
    int64_t total = 0;
    for (size_t i = 0; i < c->w->in.claim_count; i++) {
        const struct claim *k = &c->w->claims[i];
        if (claim_there(c, k, id) && k->right == right && (!before || earlier(k, before)))
            total += k->share_e8;
    }
    return total;
}

static const int64_t rounding = 10000, whole = 100000000;

static bool counts(const struct plain_case *c, const struct claim *k, struct recording_id id)
{
    if (!claim_there(c, k, id))
        return false;
    bool late = sum(c, id, k->right, NULL) > whole + rounding &&
                sum(c, id, k->right, k) >= whole - rounding;
    return !(c->network && c->network->rules.conflict == CONFLICT_FIRST_FILED && late);
}

static bool licence_fits(const struct plain_case *c, const struct licence *l, const struct claim *k)
{
    return same(&l->licensor, &k->party) &&
           (recording_id_is_none(l->recording) || same(&l->recording, &k->recording)) &&
           here(c, &l->territories) && (l->models & (1u << c->q->model)) &&
           lists(l->networks, l->network_count, &c->q->network) &&
           lists(l->apps, l->app_count, &c->q->app);
}

static bool licence_gives(const struct plain_case *c, const struct licence *l)
{
    if (c->use == USE_PREVIEW && (l->uses & (1u << USE_STREAM)))
        return true;
    return l->uses & (1u << c->use);
}

/* Has the party of this claim said, in one of these two ways, that it is not to be held? */
static bool left_alone(const struct plain_case *c, struct party_id party, struct recording_id id,
                       enum leave_kind one, enum leave_kind two)
{
    bool any = false;
    for (size_t i = 0; i < c->w->upload.leave_count; i++) {
        const struct facts_leave *l = &c->w->leaves[i];
        any |= (l->kind == one || l->kind == two) && same(&l->party, &party) &&
               (recording_id_is_none(l->recording) || same(&l->recording, &id)) &&
               now(c, l->from, l->until);
    }
    return any;
}

static void say_of_leaves(struct plain_case *c, const struct claim *k)
{
    static const char *const codes[] = { "allowed_by_holder", "claim_released", "claim_waits",
                                         "claim_disputed" };
    for (int kind = 0; kind < LEAVE_EXCEPTION; kind++)
        if (left_alone(c, k->party, k->recording, (enum leave_kind)kind, (enum leave_kind)kind))
            say(c, codes[kind], VERDICT_FULL, 0);
}

static void say_of_share(struct plain_case *c, const struct claim *k)
{
    bool let = left_alone(c, k->party, k->recording, LEAVE_ALLOWED, LEAVE_RELEASED);
    bool full = false;
    int64_t clip = 0;
    for (size_t i = 0; i < c->w->in.licence_count; i++) {
        const struct licence *l = &c->w->licences[i];
        if (!licence_fits(c, l, k) || !now(c, l->from, l->until))
            continue;
        bool listening = c->use == USE_STREAM || c->use == USE_PREVIEW;
        /* a party's longest clip is one number, whichever of the two uses it was granted for */
        if (l->clip_seconds > 0 && listening && (l->uses & 3u) && l->clip_seconds > clip)
            clip = l->clip_seconds;
        full |= l->clip_seconds == 0 && licence_gives(c, l);
    }
    bool clip_covers = false;
    for (size_t i = 0; i < c->w->in.licence_count; i++) {
        const struct licence *l = &c->w->licences[i];
        clip_covers |= l->clip_seconds > 0 && licence_fits(c, l, k) && now(c, l->from, l->until) &&
                       licence_gives(c, l) && clip > 0;
    }
    if (full)
        say(c, "licensed", VERDICT_FULL, 0);
    else if (clip_covers && !let)
        say(c, "licence_clip", VERDICT_PREVIEW, clip * 1000);
    else if (!let)
        say_by_word(c, c->network ? (int)c->network->rules.unlicensed : 0, "unlicensed",
                    "unlicensed_preview", "unlicensed_reported");
}

static void say_of_sums(struct plain_case *c, struct recording_id id)
{
    static const char *const over[] = { "over_claimed", "over_claimed_most_restrictive",
                                        "over_claimed_first_filed", "over_claimed_scaled",
                                        "over_claimed_undisputed" };
    enum conflict_rule rule = c->network ? c->network->rules.conflict : CONFLICT_HOLD;
    for (int right = 0; right < RIGHT_COUNT; right++) {
        int64_t total = sum(c, id, (enum right)right, NULL);
        if (!needs(c->use, (enum right)right))
            continue;
        if (total > whole + rounding)
            say(c, over[rule], rule == CONFLICT_HOLD ? VERDICT_DENY : VERDICT_FULL, 0);
        if (total >= whole - rounding || (total == 0 && right != RIGHT_MAKING_AVAILABLE))
            continue;
        if (rule == CONFLICT_HOLD)
            say(c, "unclaimed", VERDICT_DENY, 0);
        else if (rule == CONFLICT_MOST_RESTRICTIVE)
            say_by_word(c, (int)c->network->rules.unlicensed, "unclaimed_unlicensed",
                        "unclaimed_preview", "unclaimed_reported");
        else
            say(c, "unclaimed_reported", VERDICT_FULL, 0);
    }
}

static void say_of_policies(struct plain_case *c, const struct heard *h)
{
    static const char *const codes[] = { "reported_to_holder", "monetized_by_holder",
                                         "blocked_by_holder" };
    for (size_t i = 0; i < c->w->in.policy_count; i++) {
        const struct holder_policy *p = &c->w->policies[i];
        bool holds = here(c, &p->territories) && now(c, p->from, p->until) &&
                     lists(p->apps, p->app_count, &c->q->app) &&
                     (recording_id_is_none(p->recording) || same(&p->recording, &h->recording));
        for (size_t k = 0; k < p->condition_count; k++)
            holds = holds && condition_met(c, h, &p->conditions[k]);
        bool owns = false;
        for (size_t k = 0; k < c->w->in.claim_count; k++)
            owns |= same(&c->w->claims[k].party, &p->party) &&
                    counts(c, &c->w->claims[k], h->recording) &&
                    needs(c->use, c->w->claims[k].right);
        if (p->action == ACTION_BLOCK &&
            (left_alone(c, p->party, h->recording, LEAVE_ALLOWED, LEAVE_RELEASED) ||
             left_alone(c, p->party, h->recording, LEAVE_WAITING, LEAVE_WAITING)))
            continue;
        if (holds && owns)
            say(c, codes[p->action], p->action == ACTION_BLOCK ? VERDICT_DENY : VERDICT_FULL, 0);
    }
}

static void say_of_recording(struct plain_case *c, struct recording_id id)
{
    struct heard h;
    hear(c->w, id, &h);
    if (!territory_is_known(c->q->territory))
        return;
    for (size_t i = 0; i < c->w->in.claim_count; i++)
        if (counts(c, &c->w->claims[i], id) && needs(c->use, c->w->claims[i].right)) {
            say_of_share(c, &c->w->claims[i]);
            say_of_leaves(c, &c->w->claims[i]);
        }
    say_of_sums(c, id);
    say_of_policies(c, &h);
}

/* ---- the rest ---- */

static bool first_of_recording(const struct world *w, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same(&w->matches[i].recording, &w->matches[at].recording))
            return false;
    return true;
}

static bool order_meant(const struct plain_case *c, const struct rights_order *o)
{
    bool meant = recording_id_is_none(o->recording) && same(&o->upload, &c->q->upload);
    for (size_t i = 0; i < c->w->upload.match_count; i++)
        meant |= same(&o->recording, &c->w->matches[i].recording);
    return meant && here(c, &o->territories);
}

static void say_of_access(struct plain_case *c)
{
    if (!c->app)
        say(c, "app_unknown", VERDICT_DENY, 0);
    if (c->app && c->app->suspended)
        say(c, "app_suspended", VERDICT_DENY, 0);
    if (!c->network)
        say(c, "network_unknown", VERDICT_DENY, 0);
    if (c->network && here(c, &c->network->closed))
        say(c, "network_closed", VERDICT_DENY, 0);
    if (!territory_is_known(c->q->territory))
        say(c, "territory_unknown", VERDICT_DENY, 0);
    if (c->app && c->app->clip_seconds)
        say(c, "app_clip", VERDICT_PREVIEW, c->app->clip_seconds * 1000);
    if (c->app && !c->app->download && c->use == USE_DOWNLOAD)
        say(c, "app_no_download", VERDICT_DENY, 0);
    if (c->app && !c->app->offline && c->use == USE_OFFLINE)
        say(c, "app_no_offline", VERDICT_DENY, 0);
}

static void say_of_upload(struct plain_case *c)
{
    const struct facts_upload *u = &c->w->upload.facts;
    struct network_rules none = { 0 };
    const struct network_rules *r = c->network ? &c->network->rules : &none;
    bool restricted = u->restricted_until.us == 0 || instant_before(c->q->at, u->restricted_until);
    if (u->restriction == RESTRICTION_NOTICE && restricted)
        say(c, "restricted", VERDICT_DENY, 0);
    if (u->restriction == RESTRICTION_STAY_DOWN && restricted)
        say(c, "stay_down", VERDICT_DENY, 0);
    if (u->hearing == HEARING_NONE)
        say_by_word(c, (int)r->unheard, "not_heard", "not_heard_preview", "not_heard_full");
    if (u->hearing == HEARING_PART)
        say_by_word(c, (int)r->unheard, "match_incomplete", "match_incomplete_preview",
                    "match_incomplete_full");
    if (u->uploader_suspended)
        say_by_word(c, (int)r->suspended, "uploader_suspended", "uploader_suspended_preview",
                    "uploader_suspended_full");
    for (size_t i = 0; i < c->w->upload.leave_count; i++)
        if (c->w->leaves[i].kind == LEAVE_EXCEPTION &&
            now(c, c->w->leaves[i].from, c->w->leaves[i].until))
            say(c, "exception_claimed", VERDICT_FULL, 0);
    if (u->hearing == HEARING_DONE && c->w->upload.match_count == 0)
        say_by_word(c, (int)r->unmatched, "unmatched_held", "unmatched_preview", "unmatched");
}

static int place_of(const char *code)
{
    int at = 0;
    while (strcmp(rule_code((enum rule)at), code) != 0)
        at++;
    return at;
}

/* Negative when `a` is the stricter. */
static int64_t order(const struct opinion *a, const struct opinion *b)
{
    if (a->mode != b->mode)
        return (int64_t)a->mode - (int64_t)b->mode;
    if (a->mode == VERDICT_PREVIEW && a->length_ms != b->length_ms)
        return (a->length_ms ? a->length_ms : INT64_MAX / 2) -
               (b->length_ms ? b->length_ms : INT64_MAX / 2);
    return place_of(a->code) - place_of(b->code);
}

static struct opinion strictest(struct plain_case *c, enum use use)
{
    c->use = use;
    c->count = 0;
    say_of_access(c);
    say_of_upload(c);
    for (size_t i = 0; i < c->w->in.order_count; i++)
        if (order_meant(c, &c->w->orders[i]) && now(c, c->w->orders[i].from, c->w->orders[i].until))
            say(c, "order", VERDICT_DENY, 0);
    for (size_t i = 0; i < c->w->upload.match_count; i++)
        if (first_of_recording(c->w, i))
            say_of_recording(c, c->w->matches[i].recording);
    struct opinion best = c->opinions[0];
    for (size_t i = 1; i < c->count; i++)
        if (order(&c->opinions[i], &best) < 0)
            best = c->opinions[i];
    return best;
}

/* ---- until when ---- */

static void maybe(const struct plain_case *c, struct instant t, struct instant *until)
{
    if (instant_before(c->q->at, t) && instant_before(t, *until))
        *until = t;
}

static void maybe_span(const struct plain_case *c, struct instant from, struct instant end,
                       struct instant *until)
{
    if (!instant_before(c->q->at, end))
        return; /* over: it cannot come back */
    maybe(c, from, until);
    maybe(c, end, until);
}

static bool found(const struct world *w, struct recording_id id)
{
    for (size_t i = 0; i < w->upload.match_count; i++)
        if (same(&w->matches[i].recording, &id))
            return true;
    return false;
}

static bool claim_matters(const struct plain_case *c, const struct claim *k)
{
    return found(c->w, k->recording) && here(c, &k->territories) &&
           instant_before(c->q->at, k->until);
}

/* A licence for another recording of the upload may matter too: the facts are kept per party. */
static bool licence_told(const struct plain_case *c, const struct licence *l, const struct claim *k)
{
    struct claim other = *k;
    if (!recording_id_is_none(l->recording) && found(c->w, l->recording))
        other.recording = l->recording;
    return licence_fits(c, l, &other);
}

/* So may a policy for another recording of the upload. */
static bool policy_told(const struct world *w, const struct holder_policy *p)
{
    return recording_id_is_none(p->recording) || found(w, p->recording);
}

static struct instant changes_at(const struct plain_case *c)
{
    const struct world *w = c->w;
    struct instant until = INSTANT_NEVER;
    if (w->upload.facts.restriction)
        maybe(c, w->upload.facts.restricted_until, &until);
    for (size_t i = 0; i < w->upload.leave_count; i++)
        maybe_span(c, w->leaves[i].from, w->leaves[i].until, &until);
    for (size_t i = 0; i < w->in.order_count; i++)
        if (order_meant(c, &w->orders[i]))
            maybe_span(c, w->orders[i].from, w->orders[i].until, &until);
    for (size_t i = 0; i < w->in.claim_count; i++) {
        const struct claim *k = &w->claims[i];
        if (!claim_matters(c, k))
            continue;
        maybe_span(c, k->from, k->until, &until);
        for (size_t n = 0; n < w->in.licence_count; n++)
            if (licence_told(c, &w->licences[n], k))
                maybe_span(c, w->licences[n].from, w->licences[n].until, &until);
        for (size_t n = 0; n < w->in.policy_count; n++)
            if (same(&w->policies[n].party, &k->party) && policy_told(w, &w->policies[n]) &&
                here(c, &w->policies[n].territories) &&
                lists(w->policies[n].apps, w->policies[n].app_count, &c->q->app))
                maybe_span(c, w->policies[n].from, w->policies[n].until, &until);
    }
    return until;
}

/* App, network and territory refuse whatever is played, and go on doing so. */
static bool refused_at_the_door(const char *code)
{
    static const char *const codes[] = { "app_unknown", "app_suspended", "network_unknown",
                                         "network_closed", "territory_unknown" };
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

struct plain plain_decide(const struct world *w)
{
    struct plain_case c = { .w = w, .q = &w->asked };
    for (size_t i = 0; i < WORLD_NETWORKS; i++)
        if (same(&w->networks[i].id, &w->asked.network))
            c.network = &w->networks[i];
    for (size_t i = 0; i < WORLD_APPS; i++)
        if (same(&w->apps[i].id, &w->asked.app) && same(&w->apps[i].network, &w->asked.network))
            c.app = &w->apps[i];
    struct opinion of[USE_COUNT];
    for (int u = 0; u < USE_COUNT; u++)
        of[u] = strictest(&c, (enum use)u);
    struct opinion mine = of[w->asked.use], preview = of[USE_PREVIEW];
    struct plain p = { .mode = mine.mode,
                       .code = mine.code,
                       .until = refused_at_the_door(mine.code) ? INSTANT_NEVER : changes_at(&c) };
    for (int u = 0; u < USE_COUNT; u++)
        if (of[u].mode == VERDICT_FULL || (u == USE_PREVIEW && of[u].mode != VERDICT_DENY))
            p.uses |= 1u << u;
    if (w->asked.use == USE_DOWNLOAD || w->asked.use == USE_OFFLINE || mine.mode == VERDICT_FULL)
        return p;
    p.mode = preview.mode;
    if (p.mode == VERDICT_PREVIEW) {
        int64_t own = w->upload.facts.preview_length_ms;
        p.length_ms = own ? own : 30000;
        if (preview.length_ms && preview.length_ms < p.length_ms)
            p.length_ms = preview.length_ms;
    }
    return p;
}
