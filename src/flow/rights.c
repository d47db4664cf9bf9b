/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the snapshot of rights from the database, and swapping it. */
#include "flow/rights.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "flow/rights_load.h"
#include "journal/journal.h"

struct rights_now {
    atomic_int users;
    int64_t generation;
    int64_t journal; /* events up to this one are in it */
    bool exceptions; /* some policy names apps in which it does not hold */
    struct rights *rights;
    struct rights_names names;
};

void rights_now_drop(struct rights_now *r)
{
    if (!r || atomic_fetch_sub(&r->users, 1) != 1)
        return;
    rights_free(r->rights);
    arena_done(&r->names.arena);
    free(r);
}

const struct rights *rights_now_of(const struct rights_now *r)
{
    return r->rights;
}

enum code rights_now_network(const struct rights_now *r, struct str slug, struct network_id *out,
                             struct error *e)
{
    for (size_t i = 0; i < r->names.network_count; i++)
        if (str_is(slug, r->names.networks[i].slug)) {
            *out = r->names.networks[i].id;
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "there is no network \"%.*s\"", STR_ARG(slug));
}

enum code rights_now_app(const struct rights_now *r, struct network_id network, struct str slug,
                         struct app_id *out, enum model *model, struct error *e)
{
    for (size_t i = 0; i < r->names.app_count; i++)
        if (network_id_equal(r->names.apps[i].network, network) &&
            str_is(slug, r->names.apps[i].slug)) {
            *out = r->names.apps[i].id;
            *model = r->names.apps[i].model;
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "there is no app \"%.*s\" in this network", STR_ARG(slug));
}

/* ---- following ---- */

static enum code load_whole(struct world *w, struct store_tx *tx, struct rights_now *now,
                            struct error *e)
{
    ARENA(a);
    struct rights_input in = { .present = world_now(w) };
    TRY(rights_load_access(tx, &now->names, &in, &a, e));
    TRY(rights_load_registry(tx, w->catalogue, &in, &now->exceptions, &a, e));
    TRY(rights_load_orders(tx, &in, &a, e));
    return rights_build(&in, &now->rights, e);
}

/* Only what the journal names, into a successor. *whole: it has to be all after all. */
static enum code load_changes(struct world *w, struct store_tx *tx, const struct rights_now *old,
                              struct rights_now *now, bool *whole, struct error *e)
{
    ARENA(a);
    struct rights_touched touched;
    struct rights_change change = { .rows = { .present = world_now(w) } };
    TRY(rights_read_touched(tx, w->catalogue, old->journal, &a, &touched, whole, e));
    now->exceptions = old->exceptions;
    *whole = *whole || (touched.access && old->exceptions);
    if (*whole)
        return OK;
    TRY(rights_load_access(tx, &now->names, &change.rows, &a, e));
    TRY(rights_load_touched(tx, w->catalogue, &touched, &change, &now->exceptions, &a, e));
    change.access = touched.access;
    change.orders = touched.orders;
    if (touched.orders)
        TRY(rights_load_orders(tx, &change.rows, &a, e));
    return rights_succeed(old->rights, &change, &now->rights, e);
}

static enum code load(struct world *w, const struct rights_now *old, struct rights_now *now,
                      struct error *e)
{
    TX(tx);
    struct journal_head head;
    bool whole = !old;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(registry_generation(tx, w->catalogue, &now->generation, e));
    TRY(journal_head(tx, &head, e));
    now->journal = head.size;
    if (!whole && load_changes(w, tx, old, now, &whole, e) != OK) {
        /* what the journal says cannot be followed: the rows themselves can */
        arena_done(&now->names.arena);
        whole = true;
    }
    return whole ? load_whole(w, tx, now, e) : OK;
}

static enum code generation_of_store(struct world *w, int64_t *out, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    return registry_generation(tx, w->catalogue, out, e);
}

/* Freeing a large snapshot takes a while: whoever follows does it, not the last one to ask of it, who
 * may be a loop with others to answer. */
static void let_go(struct world *w)
{
    if (!w->rights_before || atomic_load(&w->rights_before->users) != 1)
        return;
    rights_now_drop(w->rights_before);
    w->rights_before = NULL;
}

static void swap(struct world *w, struct rights_now *now)
{
    rights_now_drop(w->rights_before);
    pthread_mutex_lock(&w->rights_lock);
    w->rights_before = w->rights;
    w->rights = now;
    pthread_mutex_unlock(&w->rights_lock);
}

/* Of another generation, or of another time. */
static bool is_stale(struct world *w, const struct rights_now *now, int64_t generation)
{
    return !now || now->generation != generation ||
           !instant_before(world_now(w), rights_stale_at(now->rights));
}

/* One thread at a time: a snapshot has one successor. */
static enum code follow(struct world *w, struct error *e)
{
    int64_t generation;
    let_go(w);
    TRY(generation_of_store(w, &generation, e));
    struct rights_now *old = w->rights; /* nobody else swaps */
    if (!is_stale(w, old, generation))
        return OK;
    struct rights_now *now = calloc(1, sizeof *now);
    if (!now)
        return fail(e, ERR_MEMORY, "no memory for the rights");
    atomic_init(&now->users, 1);
    enum code code = load(w, old, now, e);
    if (code != OK) {
        rights_now_drop(now);
        return fail_in(e, "loading the rights");
    }
    swap(w, now);
    return OK;
}

enum code world_rights_follow(struct world *w, struct error *e)
{
    pthread_mutex_lock(&w->rights_follow);
    enum code code = follow(w, e);
    pthread_mutex_unlock(&w->rights_follow);
    return code;
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

int64_t rights_now_generation(const struct rights_now *r)
{
    return r->generation;
}
