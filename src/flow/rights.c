/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the snapshot of rights from the database, and swapping it. */
#include "flow/rights.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "access/access.h"
#include "licence/licence.h"

enum { PAGE = 10000 };

struct app_name {
    struct app_id id;
    struct network_id network;
    const char *slug;
    enum model model;
};

struct network_name {
    struct network_id id;
    const char *slug;
};

struct rights_now {
    atomic_int users;
    int64_t generation;
    struct rights *rights;
    struct arena arena; /* of the names */
    struct network_name *networks;
    size_t network_count;
    struct app_name *apps;
    size_t app_count;
};

void rights_now_drop(struct rights_now *r)
{
    if (!r || atomic_fetch_sub(&r->users, 1) != 1)
        return;
    rights_free(r->rights);
    arena_done(&r->arena);
    free(r);
}

const struct rights *rights_now_of(const struct rights_now *r)
{
    return r->rights;
}

enum code rights_now_network(const struct rights_now *r, struct str slug, struct network_id *out,
                             struct error *e)
{
    for (size_t i = 0; i < r->network_count; i++)
        if (str_is(slug, r->networks[i].slug)) {
            *out = r->networks[i].id;
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "there is no network \"%.*s\"", STR_ARG(slug));
}

enum code rights_now_app(const struct rights_now *r, struct network_id network, struct str slug,
                         struct app_id *out, enum model *model, struct error *e)
{
    for (size_t i = 0; i < r->app_count; i++)
        if (network_id_equal(r->apps[i].network, network) && str_is(slug, r->apps[i].slug)) {
            *out = r->apps[i].id;
            *model = r->apps[i].model;
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "there is no app \"%.*s\" in this network", STR_ARG(slug));
}

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

static enum code load_access(struct store_tx *tx, struct rights_now *now, struct rights_input *in,
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
                                      struct pile *claims, struct arena *a, struct error *e)
{
    const struct recording_id any_recording = { { 0 } };
    struct claim_of_works after = { 0 };
    bool more = true;
    while (more) {
        struct claim *page;
        size_t n;
        TRY(registry_claim_of_works(tx, catalogue, any_recording, &after, PAGE, a, &page, &n, &more,
                                    e));
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

static void resolve_policies(struct pile *policies, const struct rights_input *in, struct arena *a)
{
    struct holder_policy *all = policies->items;
    size_t n = 0;
    for (size_t i = 0; i < policies->count; i++)
        if (resolve_apps(&all[i], in, a))
            all[n++] = all[i];
    policies->count = n;
}

static enum code load_registry(struct store_tx *tx, struct party_id catalogue,
                               struct rights_input *in, struct arena *a, struct error *e)
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
    TRY(load_claims_of_works(tx, catalogue, &claims, a, e));
    LOAD(policies, struct holder_policy, policy_id,
         registry_policy_list(tx, catalogue, any_party, after, PAGE, a, &page, &n, e));
    LOAD(licences, struct licence, licence_id,
         licence_list(tx, catalogue, any_party, after, PAGE, a, &page, &n, e));
    resolve_policies(&policies, in, a);
    in->parties = parties.items;
    in->party_count = parties.count;
    in->recordings = recordings.items;
    in->recording_count = recordings.count;
    in->claims = claims.items;
    in->claim_count = claims.count;
    in->policies = policies.items;
    in->policy_count = policies.count;
    in->licences = licences.items;
    in->licence_count = licences.count;
    return OK;
}

static enum code load(struct world *w, struct rights_now *now, struct error *e)
{
    TX(tx);
    ARENA(a);
    struct rights_input in = { 0 };
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(registry_generation(tx, w->catalogue, &now->generation, e));
    TRY(load_access(tx, now, &in, &a, e));
    TRY(load_registry(tx, w->catalogue, &in, &a, e));
    return rights_build(&in, &now->rights, e);
}

static enum code generation_of_store(struct world *w, int64_t *out, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    return registry_generation(tx, w->catalogue, out, e);
}

static int64_t generation_in_force(struct world *w)
{
    pthread_mutex_lock(&w->rights_lock);
    int64_t generation = w->rights ? w->rights->generation : -1;
    pthread_mutex_unlock(&w->rights_lock);
    return generation;
}

/* Put `now` in force, unless another thread was quicker with a later one. */
static void swap(struct world *w, struct rights_now *now)
{
    pthread_mutex_lock(&w->rights_lock);
    struct rights_now *old = w->rights;
    if (!old || old->generation <= now->generation)
        w->rights = now;
    else
        old = now;
    pthread_mutex_unlock(&w->rights_lock);
    rights_now_drop(old);
}

enum code world_rights_follow(struct world *w, struct error *e)
{
    int64_t generation;
    TRY(generation_of_store(w, &generation, e));
    if (generation == generation_in_force(w))
        return OK;
    struct rights_now *now = calloc(1, sizeof *now);
    if (!now)
        return fail(e, ERR_MEMORY, "no memory for the rights");
    atomic_init(&now->users, 1);
    enum code code = load(w, now, e);
    if (code != OK) {
        rights_now_drop(now);
        return fail_in(e, "loading the rights");
    }
    swap(w, now);
    return OK;
}

struct rights_now *world_rights_take(struct world *w)
{
    pthread_mutex_lock(&w->rights_lock);
    struct rights_now *now = w->rights;
    if (now)
        atomic_fetch_add(&now->users, 1);
    pthread_mutex_unlock(&w->rights_lock);
    return now;
}
