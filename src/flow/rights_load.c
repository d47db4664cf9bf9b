/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the database as the input of a snapshot: all of them, or those that were touched. */
#include "flow/rights_load.h"

#include "access/access.h"
#include "desk/desk.h"
#include "flow/flow.h"
#include "licence/licence.h"

enum { PAGE = 10000 };

/* Everything of one kind, page by page, as one array in the arena. */
struct pile {
    struct arena *arena;
    size_t size, count, room;
    void *items;
};

static void append(struct pile *all, const void *items, size_t count)
{
    if (all->count + count > all->room) {
        size_t room = all->room ? all->room : 64;
        while (room < all->count + count)
            room *= 2;
        void *bigger = arena_get(all->arena, room, all->size);
        if (all->count)
            memcpy(bigger, all->items, all->count * all->size);
        all->items = bigger;
        all->room = room;
    }
    if (count)
        memcpy((char *)all->items + all->count * all->size, items, count * all->size);
    all->count += count;
}

/* LOAD(all, struct party, party_id, registry_party_list(..., after, PAGE, a, &page, &n, e)) */
#define LOAD(all, type, id_type, call)                                                             \
    do {                                                                                           \
        struct id_type after = { { 0 } };                                                          \
        type *page;                                                                                \
        size_t n;                                                                                  \
        (all) = (struct pile) { .arena = a, .size = sizeof(type) };                                \
        do {                                                                                       \
            TRY(call);                                                                             \
            append(&(all), page, n);                                                               \
            if (n)                                                                                 \
                after = page[n - 1].id;                                                            \
        } while (n == PAGE);                                                                       \
    } while (0)

static enum code read_network(const struct network *n, struct rights_network *out, struct error *e)
{
    *out = (struct rights_network) { .id = n->id, .version = n->version, .name = n->name };
    TRY(unlicensed_rule_parse(str_of(n->unlicensed), &out->rules.unlicensed, e));
    TRY(unmatched_rule_parse(str_of(n->unmatched), &out->rules.unmatched, e));
    TRY(conflict_rule_parse(str_of(n->conflict), &out->rules.conflict, e));
    TRY(unheard_rule_parse(str_of(n->unheard), &out->rules.unheard, e));
    TRY(unheard_rule_parse(str_of(n->suspended), &out->rules.suspended, e));
    return n->closed[0] ? territory_set_parse(str_of(n->closed), &out->closed, NULL, e) : OK;
}

enum code rights_load_access(struct store_tx *tx, struct rights_names *now, struct rights_input *in,
                             struct arena *a, struct error *e)
{
    struct pile networks, apps;
    LOAD(networks, struct network, network_id,
         access_network_list(tx, after, PAGE, a, &page, &n, e));
    LOAD(apps, struct app, app_id,
         access_app_list(tx, (struct network_id) { { 0 } }, after, PAGE, a, &page, &n, e));
    struct rights_network *rn = ARENA_ARRAY(a, struct rights_network, networks.count);
    struct rights_app *ra = ARENA_ARRAY(a, struct rights_app, apps.count);
    now->networks = ARENA_ARRAY(&now->arena, struct network_name, networks.count);
    now->apps = ARENA_ARRAY(&now->arena, struct app_name, apps.count);
    now->network_count = networks.count;
    now->app_count = apps.count;
    for (size_t i = 0; i < networks.count; i++) {
        const struct network *n = (const struct network *)networks.items + i;
        if (read_network(n, &rn[i], e) != OK)
            return fail_in(e, "network %s", n->slug);
        now->networks[i] = (struct network_name) { n->id, str_copy(&now->arena, str_of(n->slug)) };
    }
    for (size_t i = 0; i < apps.count; i++) {
        const struct app *p = (const struct app *)apps.items + i;
        ra[i] = (struct rights_app) { .id = p->id,
                                      .network = p->network,
                                      .version = p->version,
                                      .name = p->name,
                                      .suspended = p->suspended,
                                      .download = p->download,
                                      .offline = p->offline,
                                      .clip_seconds = p->clip_seconds };
        now->apps[i] = (struct app_name) { p->id, p->network,
                                           str_copy(&now->arena, str_of(p->slug)), MODEL_FREE };
        if (model_parse(str_of(p->model), &now->apps[i].model, e) != OK)
            return fail_in(e, "app %s", p->slug);
    }
    in->networks = rn;
    in->network_count = networks.count;
    in->apps = ra;
    in->app_count = apps.count;
    return OK;
}

/* Claims on works, as they reach recordings, behind those on recordings. */
static enum code load_claims_of_works(struct store_tx *tx, struct party_id catalogue,
                                      struct recording_id recording, struct pile *claims,
                                      struct arena *a, struct error *e)
{
    struct claim_of_works after = { 0 };
    bool more = true;
    while (more) {
        struct claim *page;
        size_t n;
        TRY(registry_claim_of_works(tx, catalogue, recording, INSTANT_NEVER, &after, PAGE, a, &page,
                                    &n, &more, e));
        append(claims, page, n);
    }
    return OK;
}

static bool lists_app(const struct app_id *ids, size_t count, struct app_id id)
{
    for (size_t i = 0; i < count; i++)
        if (app_id_equal(ids[i], id))
            return true;
    return false;
}

/* A policy with exceptions as one that names the apps in which it holds. False: in none. */
static bool resolve_apps(struct holder_policy *p, const struct rights_input *in, struct arena *a)
{
    if (!p->except_app_count)
        return true;
    struct app_id *left = ARENA_ARRAY(a, struct app_id, in->app_count);
    size_t n = 0;
    for (size_t i = 0; i < in->app_count; i++)
        if ((!p->app_count || lists_app(p->apps, p->app_count, in->apps[i].id)) &&
            !lists_app(p->except_apps, p->except_app_count, in->apps[i].id))
            left[n++] = in->apps[i].id;
    p->apps = left;
    p->app_count = n;
    return n > 0;
}

static void resolve_policies(struct pile *policies, const struct rights_input *in, struct arena *a,
                             bool *exceptions)
{
    struct holder_policy *all = policies->items;
    size_t n = 0;
    for (size_t i = 0; i < policies->count; i++) {
        *exceptions = *exceptions || all[i].except_app_count > 0;
        if (resolve_apps(&all[i], in, a))
            all[n++] = all[i];
    }
    policies->count = n;
}

static void fill(struct rights_input *in, const struct pile *parties, const struct pile *recordings,
                 const struct pile *claims, const struct pile *policies,
                 const struct pile *licences)
{
    in->parties = parties->items;
    in->party_count = parties->count;
    in->recordings = recordings->items;
    in->recording_count = recordings->count;
    in->claims = claims->items;
    in->claim_count = claims->count;
    in->policies = policies->items;
    in->policy_count = policies->count;
    in->licences = licences->items;
    in->licence_count = licences->count;
}

enum code rights_load_registry(struct store_tx *tx, struct party_id catalogue,
                               struct rights_input *in, bool *exceptions, struct arena *a,
                               struct error *e)
{
    const struct recording_id any_recording = { { 0 } };
    const struct party_id any_party = { { 0 } };
    struct pile parties, recordings, claims, policies, licences;
    LOAD(parties, struct party, party_id,
         registry_party_list(tx, catalogue, after, PAGE, a, &page, &n, e));
    LOAD(recordings, struct recording, recording_id,
         registry_recording_list(tx, catalogue, after, PAGE, a, &page, &n, e));
    LOAD(
        claims, struct claim, claim_id,
        registry_claim_list(tx, catalogue, any_recording, any_party, after, PAGE, a, &page, &n, e));
    TRY(load_claims_of_works(tx, catalogue, any_recording, &claims, a, e));
    LOAD(policies, struct holder_policy, policy_id,
         registry_policy_list(tx, catalogue, any_party, after, PAGE, a, &page, &n, e));
    LOAD(licences, struct licence, licence_id,
         licence_list(tx, catalogue, any_party, after, PAGE, a, &page, &n, e));
    resolve_policies(&policies, in, a, exceptions);
    fill(in, &parties, &recordings, &claims, &policies, &licences);
    return OK;
}

enum code rights_load_orders(struct store_tx *tx, struct rights_input *in, struct arena *a,
                             struct error *e)
{
    struct item_id after = { { 0 } };
    struct pile all = { .arena = a, .size = sizeof(struct rights_order) };
    struct order_hold *page;
    size_t n;
    do {
        TRY(desk_order_holds(tx, after, PAGE, a, &page, &n, e));
        for (size_t i = 0; i < n; i++) {
            struct rights_order o = { .id = page[i].order,
                                      .recording = page[i].recording,
                                      .upload = page[i].upload,
                                      .version = page[i].version,
                                      .title = page[i].title,
                                      .from = page[i].from,
                                      .until = page[i].until };
            TRY(territory_set_parse(str_of(page[i].territories), &o.territories, NULL, e));
            append(&all, &o, 1);
        }
        if (n)
            after = page[n - 1].item;
    } while (n == PAGE);
    in->orders = all.items;
    in->order_count = all.count;
    return OK;
}

/* ---- only what was touched ---- */

/* As LOAD, behind what is in the pile already. */
#define LOAD_MORE(all, type, id_type, call)                                                        \
    do {                                                                                           \
        struct pile one_;                                                                          \
        LOAD(one_, type, id_type, call);                                                           \
        append((all), one_.items, one_.count);                                                     \
    } while (0)

static enum code load_party(struct store_tx *tx, struct party_id catalogue, struct party_id id,
                            struct pile *parties, struct pile *policies, struct pile *licences,
                            struct arena *a, struct error *e)
{
    struct party p;
    TRY(registry_party_get(tx, catalogue, id, a, &p, e));
    append(parties, &p, 1);
    LOAD_MORE(policies, struct holder_policy, policy_id,
              registry_policy_list(tx, catalogue, id, after, PAGE, a, &page, &n, e));
    LOAD_MORE(licences, struct licence, licence_id,
              licence_list(tx, catalogue, id, after, PAGE, a, &page, &n, e));
    return OK;
}

static enum code load_recording(struct store_tx *tx, struct party_id catalogue,
                                struct recording_id id, struct pile *recordings,
                                struct pile *claims, struct pile *gone, struct arena *a,
                                struct error *e)
{
    const struct party_id any_party = { { 0 } };
    struct recording r;
    enum code code = registry_recording_get(tx, catalogue, id, a, &r, e);
    if (code == ERR_NOT_FOUND) {
        append(gone, &id, 1);
        return OK;
    }
    TRY(code);
    append(recordings, &r, 1);
    LOAD_MORE(claims, struct claim, claim_id,
              registry_claim_list(tx, catalogue, id, any_party, after, PAGE, a, &page, &n, e));
    return load_claims_of_works(tx, catalogue, id, claims, a, e);
}

static struct pile pile_of(struct arena *a, size_t size)
{
    return (struct pile) { .arena = a, .size = size };
}

enum code rights_load_touched(struct store_tx *tx, struct party_id catalogue,
                              const struct rights_touched *t, struct rights_change *out,
                              bool *exceptions, struct arena *a, struct error *e)
{
    struct pile parties = pile_of(a, sizeof(struct party)),
                recordings = pile_of(a, sizeof(struct recording)),
                claims = pile_of(a, sizeof(struct claim)),
                policies = pile_of(a, sizeof(struct holder_policy)),
                licences = pile_of(a, sizeof(struct licence)),
                gone = pile_of(a, sizeof(struct recording_id));
    for (size_t i = 0; i < t->party_count; i++)
        TRY(load_party(tx, catalogue, t->parties[i], &parties, &policies, &licences, a, e));
    for (size_t i = 0; i < t->recording_count; i++)
        TRY(load_recording(tx, catalogue, t->recordings[i], &recordings, &claims, &gone, a, e));
    resolve_policies(&policies, &out->rows, a, exceptions);
    fill(&out->rows, &parties, &recordings, &claims, &policies, &licences);
    out->gone = gone.items;
    out->gone_count = gone.count;
    return OK;
}

enum code flow_network_closed(struct arena *a, const char **closed, struct error *e)
{
    struct territory_set set;
    if (!*closed || !(*closed)[0])
        return OK;
    TRY(territory_set_parse(str_of(*closed), &set, NULL, e));
    *closed = territory_set_text(&set, a);
    return OK;
}
