/* SPDX-License-Identifier: Apache-2.0 */
/* A file of holders' policies: one line each, the same line again changes nothing. */
#include "registry/import.h"

enum { PARTY, ISRC, ACTION, CONDITIONS, TERRITORIES, APPS, FROM, UNTIL, COLUMNS };

static const struct import_column columns[COLUMNS] = {
    [PARTY] = { "party", true },
    [ISRC] = { "isrc", false },
    [ACTION] = { "action", true },
    [CONDITIONS] = { "conditions", false },
    [TERRITORIES] = { "territories", false },
    [APPS] = { "apps", false },
    [FROM] = { "from", false },
    [UNTIL] = { "until", false },
};

enum { POLICIES_MOST = 100000 }; /* of one party */

/* The policies of the party whose lines are being read, with what these lines added. */
struct known {
    struct party_id party;
    struct holder_policy *all;
    size_t count, room;
};

static enum code load(struct import *im, struct party_id party, struct known **out, struct error *e)
{
    const struct registry_act *act = import_act(im);
    void **state = import_state(im);
    if (!*state)
        *state = ARENA_NEW(import_kept(im), struct known);
    struct known *k = *state;
    *out = k;
    if (party_id_equal(k->party, party))
        return OK;
    TRY(registry_policy_list(act->tx, act->catalogue, party, (struct policy_id) { { 0 } },
                             POLICIES_MOST, import_kept(im), &k->all, &k->count, e));
    k->room = k->count;
    k->party = party;
    return k->count < POLICIES_MOST
               ? OK
               : fail(e, ERR_LIMIT, "party: it has %d policies", POLICIES_MOST);
}

static void remember(struct import *im, struct known *k, const struct holder_policy *p)
{
    if (k->count == k->room) {
        size_t room = k->room ? k->room * 2 : 16;
        struct holder_policy *more = ARENA_ARRAY(import_kept(im), struct holder_policy, room);
        if (k->count)
            memcpy(more, k->all, k->count * sizeof *more);
        k->all = more;
        k->room = room;
    }
    struct holder_policy *kept = &k->all[k->count++];
    *kept = *p;
    if (p->app_count) {
        struct app_id *apps = ARENA_ARRAY(import_kept(im), struct app_id, p->app_count);
        memcpy(apps, p->apps, p->app_count * sizeof *apps);
        kept->apps = apps;
    }
}

static bool same_conditions(const struct holder_policy *a, const struct holder_policy *b)
{
    for (size_t i = 0; i < a->condition_count && i < b->condition_count; i++)
        if (!condition_equal(&a->conditions[i], &b->conditions[i]))
            return false;
    return a->condition_count == b->condition_count;
}

/* The same but for its end. */
static bool same_policy(const struct holder_policy *a, const struct holder_policy *b)
{
    return a->action == b->action && recording_id_equal(a->recording, b->recording) &&
           a->from.us == b->from.us && a->app_count == b->app_count &&
           (a->app_count == 0 || memcmp(a->apps, b->apps, a->app_count * ID_BYTES) == 0) &&
           territory_set_equal(&a->territories, &b->territories) && same_conditions(a, b);
}

static enum code recording_of(struct import *im, const struct import_line *l,
                              struct recording_id *out, struct error *e)
{
    const struct registry_act *act = import_act(im);
    struct recording r;
    if (!l->cells[ISRC].length)
        return OK;
    if (registry_recording_find(act->tx, act->catalogue, l->cells[ISRC], import_arena(im), &r, e) !=
        OK)
        return fail_in(e, "isrc");
    *out = r.id;
    return OK;
}

static enum code read_policy(struct import *im, const struct import_line *l,
                             struct holder_policy *p, struct error *e)
{
    struct party party;
    TRY(import_party_of(im, l, PARTY, &party, e));
    p->party = party.id;
    TRY(recording_of(im, l, &p->recording, e));
    if (policy_action_parse(l->cells[ACTION], &p->action, e) != OK)
        return fail_in(e, "action");
    if (conditions_parse(l->cells[CONDITIONS], p->conditions, &p->condition_count, e) != OK)
        return fail_in(e, "conditions");
    TRY(import_territories(im, l, TERRITORIES, &p->territories, e));
    TRY(import_apps(im, l, APPS, &p->apps, &p->app_count, e));
    return import_span(l, FROM, UNTIL, &p->from, &p->until, e);
}

static enum code line(struct import *im, const struct import_line *l, struct error *e)
{
    struct holder_policy p = { 0 }, *has = NULL;
    struct known *k;
    TRY(read_policy(im, l, &p, e));
    TRY(load(im, p.party, &k, e));
    for (size_t i = 0; i < k->count && !has; i++)
        if (same_policy(&k->all[i], &p))
            has = &k->all[i];
    size_t before = has ? import_seen(im, has->id.bytes) : 0;
    if (before)
        return fail(e, ERR_INVALID, "line %zu has this policy already", before);
    bool same = has && has->until.us == p.until.us;
    if (has)
        p.id = has->id;
    if (!same)
        TRY(registry_policy_put(import_act(im), &p, e));
    if (has)
        has->until = p.until;
    else
        remember(im, k, &p);
    import_see(im, p.id.bytes, l->number);
    import_count(im, IMPORT_POLICY, !has ? IMPORT_ADDED : same ? IMPORT_SAME : IMPORT_CHANGED);
    return OK;
}

const struct import_kind import_policies = { "policies", columns, COLUMNS, line };
