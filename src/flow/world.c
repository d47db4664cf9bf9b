/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing a world. */
#include "flow/world.h"

#include <stdlib.h>
#include <unistd.h>

#include "flow/keeping.h"
#include "flow/rights.h"

static struct instant machine_clock(void *state)
{
    (void)state;
    return instant_of_clock();
}

struct instant world_now(const struct world *w)
{
    return w->clock(w->clock_state);
}

const struct chance *world_chance(const struct world *w)
{
    return &w->chance;
}

struct store *world_store(const struct world *w)
{
    return w->store;
}

struct media_blobs *world_blobs(const struct world *w)
{
    return w->blobs;
}

struct party_id world_catalogue(const struct world *w)
{
    return w->catalogue;
}

const char *world_data(const struct world *w)
{
    return w->folder.path;
}

const struct settings *world_settings(const struct world *w)
{
    return w->settings;
}

const uint8_t *world_master_key(const struct world *w)
{
    return w->folder.master_key;
}

const uint8_t *world_sign_secret(const struct world *w)
{
    return w->folder.sign_secret;
}

const uint8_t *world_sign_public(const struct world *w)
{
    return w->folder.sign_public;
}

struct registry_act world_act(const struct world *w, struct store_tx *tx, struct str who,
                              struct str why)
{
    return (struct registry_act) { .tx = tx,
                                   .catalogue = w->catalogue,
                                   .who = who,
                                   .why = why,
                                   .now = world_now(w),
                                   .chance = &w->chance };
}

static enum code open_catalogue(struct world *w, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(registry_operator(tx, world_now(w), &w->chance, &w->catalogue, e));
    return store_commit_take(take(tx), e);
}

static enum code open_parts(struct world *w, const struct world_options *o, struct error *e)
{
    TRY(folder_open(o->data, settings_text(o->settings, "store.url"), o->create, &w->chance,
                    &w->arena, &w->folder, e));
    TRY(store_open(w->folder.database_url, &w->store, e));
    TRY(store_migrate(w->store, e));
    w->keeping = keeping_new(w->store);
    if (!w->keeping)
        return fail(e, ERR_MEMORY, "no memory for a world");
    TRY(media_blobs_open(w->folder.blobs, &w->blobs, e));
    TRY(open_catalogue(w, e));
    if (o->blind)
        return OK;
    TRY(index_open(w->folder.references, INDEX_READ, &w->ears[EAR_REFERENCES], e));
    TRY(index_open(w->folder.uploads, INDEX_READ, &w->ears[EAR_UPLOADS], e));
    return world_mend(w, false, e);
}

enum code world_open(const struct world_options *o, struct world **out, struct error *e)
{
    struct world *w = calloc(1, sizeof *w);
    if (!w)
        return fail(e, ERR_MEMORY, "no memory for a world");
    w->settings = o->settings;
    w->audio = o->audio;
    w->messages = o->messages;
    w->mail = o->mail;
    w->clock = o->clock ? o->clock : machine_clock;
    w->clock_state = o->clock_state;
    w->chance = o->chance ? *o->chance : chance_of_system;
    w->serve_lock = -1;
    pthread_mutex_init(&w->rights_follow, NULL);
    pthread_mutex_init(&w->rights_lock, NULL);
    for (int i = 0; i < EAR_COUNT; i++) {
        pthread_mutex_init(&w->ear_writers[i], NULL);
        pthread_mutex_init(&w->ear_refreshers[i], NULL);
    }
    enum code code = open_parts(w, o, e);
    if (code != OK) {
        world_close(w);
        return code;
    }
    *out = w;
    return OK;
}

void world_close(struct world *w)
{
    if (!w)
        return;
    flow_work_stop(w);
    rights_now_drop(w->rights);
    rights_now_drop(w->rights_before);
    for (int i = 0; i < EAR_COUNT; i++) {
        if (w->ears[i])
            index_close(w->ears[i]);
        pthread_mutex_destroy(&w->ear_writers[i]);
        pthread_mutex_destroy(&w->ear_refreshers[i]);
    }
    pthread_mutex_destroy(&w->rights_follow);
    pthread_mutex_destroy(&w->rights_lock);
    keeping_free(w->keeping);
    media_blobs_free(w->blobs);
    store_close(w->store);
    if (w->serve_lock >= 0)
        close(w->serve_lock);
    arena_done(&w->arena);
    free(w);
}

enum code world_serve_lock(struct world *w, struct error *e)
{
    if (file_lock(w->folder.serve_lock, &w->serve_lock, e) != OK)
        return fail_in(e, "another server has this data folder");
    return OK;
}

enum code world_follow(struct world *w, struct error *e)
{
    TRY(world_rights_follow(w, e));
    for (int i = 0; i < EAR_COUNT; i++)
        TRY(world_ear_refresh(w, (enum ear)i, e));
    return OK;
}

enum code flow_change_begin(struct world *w, struct str who, struct str why, struct change *out,
                            struct error *e)
{
    struct store_tx *tx;
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    *out = (struct change) { .act = world_act(w, tx, who, why), .world = w };
    return OK;
}

enum code flow_change_commit(struct change *c, struct error *e)
{
    if (!c->books_only)
        TRY(registry_generation_bump(c->act.tx, c->act.catalogue, e));
    enum code code = store_commit_take(take(c->act.tx), e);
    flow_work_wake(c->world);
    return code == OK && !c->books_only ? world_rights_follow(c->world, e) : code;
}

void flow_change_done(struct change *c)
{
    store_rollback(c->act.tx);
    c->act.tx = NULL;
}

struct access_act flow_change_access(const struct change *c)
{
    return (struct access_act) { c->act.tx, c->act.who, c->act.why, c->act.now, c->act.chance };
}
