/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that were shown lately, kept without texts. A copy is good for a second after it was read or
 * after the journal showed that nothing was changed since. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/inside.h"

enum { SLOTS = 4096, PROBES = 8, FRESH_US = 1000000 };

struct slot {
    struct key_seen seen;
    bool used;
    int64_t read_us;
    int64_t journal; /* events there were when it was read */
};

struct keyring {
    pthread_mutex_t lock;
    /* At the last keyring_follow. Whatever changes a key is in the journal, so a copy that was read
     * when it had as many events was still true then. */
    int64_t journal_size, followed_us;
    struct slot slots[SLOTS];
};

struct keyring *keyring_new(void)
{
    struct keyring *k = calloc(1, sizeof *k);
    if (k)
        pthread_mutex_init(&k->lock, NULL);
    return k;
}

void keyring_free(struct keyring *k)
{
    if (k)
        pthread_mutex_destroy(&k->lock);
    free(k);
}

static size_t place_of(struct app_key_id id)
{
    uint64_t h;
    memcpy(&h, id.bytes + 8, sizeof h);
    return (size_t)((h * 0x9E3779B97F4A7C15u) >> 40);
}

static struct slot *slot_of(struct keyring *k, struct app_key_id id)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *s = &k->slots[(place_of(id) + i) % SLOTS];
        if (s->used && app_key_id_equal(s->seen.key.id, id))
            return s;
    }
    return NULL;
}

/* The slot of a key, else an empty one, else the one not read for longest. */
static struct slot *slot_for(struct keyring *k, struct app_key_id id)
{
    struct slot *best = slot_of(k, id);
    for (size_t i = 0; i < PROBES && !best; i++)
        if (!k->slots[(place_of(id) + i) % SLOTS].used)
            best = &k->slots[(place_of(id) + i) % SLOTS];
    if (best)
        return best;
    best = &k->slots[place_of(id) % SLOTS];
    for (size_t i = 1; i < PROBES; i++) {
        struct slot *s = &k->slots[(place_of(id) + i) % SLOTS];
        if (s->read_us < best->read_us)
            best = s;
    }
    return best;
}

static enum code read_key(struct store_tx *tx, struct app_key_id id, struct key_seen *out,
                          struct error *e)
{
    ARENA(a);
    struct app app;
    struct network network;
    TRY(access_key_get(tx, id, &a, &out->key, e));
    out->app_suspended = false;
    out->network_slug[0] = out->app_slug[0] = '\0';
    if (!network_id_is_none(out->key.network)) {
        TRY(access_network_get(tx, out->key.network, &a, &network, e));
        snprintf(out->network_slug, sizeof out->network_slug, "%s", network.slug);
    }
    if (!app_id_is_none(out->key.app)) {
        TRY(access_app_get(tx, out->key.app, &a, &app, e));
        out->app_suspended = app.suspended;
        snprintf(out->app_slug, sizeof out->app_slug, "%s", app.slug);
    }
    out->key.name = NULL;
    return OK;
}

static int64_t true_until_us(const struct keyring *k, const struct slot *s)
{
    bool followed = s->journal >= k->journal_size && k->followed_us > s->read_us;
    return followed ? k->followed_us : s->read_us;
}

bool keyring_at_hand(struct keyring *k, struct app_key_id id, struct instant now,
                     struct key_seen *out)
{
    pthread_mutex_lock(&k->lock);
    struct slot *s = slot_of(k, id);
    bool fresh = s && now.us - true_until_us(k, s) < FRESH_US;
    if (fresh)
        *out = s->seen;
    pthread_mutex_unlock(&k->lock);
    return fresh;
}

enum code keyring_get(struct keyring *k, struct world *w, struct app_key_id id, struct instant now,
                      struct key_seen *out, struct error *e)
{
    TX(tx);
    struct journal_head head;
    if (keyring_at_hand(k, id, now, out))
        return OK;
    TRY(store_begin(world_store(w), STORE_READ, &tx, e));
    TRY(journal_head(tx, &head, e));
    TRY(read_key(tx, id, out, e));
    pthread_mutex_lock(&k->lock);
    *slot_for(k, id) = (struct slot) { *out, true, now.us, head.size };
    pthread_mutex_unlock(&k->lock);
    return OK;
}

void keyring_forget(struct keyring *k, struct app_key_id id)
{
    pthread_mutex_lock(&k->lock);
    struct slot *s = slot_of(k, id);
    if (s) { /* kept, so that keyring_follow sees the change */
        s->read_us = INT64_MIN / 2;
        s->journal = -1;
    }
    pthread_mutex_unlock(&k->lock);
}

static bool ended(const struct key_seen *was, const struct key_seen *is)
{
    return (is->key.revoked && !was->key.revoked) || is->key.generation != was->key.generation ||
           (is->app_suspended && !was->app_suspended);
}

void keyring_follow(struct keyring *k, struct world *w, struct instant now,
                    void (*gone)(void *state, const uint8_t id[ID_BYTES]), void *state)
{
    TX(tx);
    struct error e;
    struct journal_head head;
    if (store_begin(world_store(w), STORE_READ, &tx, &e) != OK || journal_head(tx, &head, &e) != OK)
        return; /* the store is down: keys grow old and are refused by keyring_get */
    pthread_mutex_lock(&k->lock);
    bool changed = head.size != k->journal_size;
    k->journal_size = head.size;
    k->followed_us = now.us;
    pthread_mutex_unlock(&k->lock);
    for (size_t i = 0; changed && i < SLOTS; i++) {
        pthread_mutex_lock(&k->lock);
        struct slot was = k->slots[i];
        pthread_mutex_unlock(&k->lock);
        struct key_seen is;
        if (!was.used || read_key(tx, was.seen.key.id, &is, &e) != OK)
            continue;
        pthread_mutex_lock(&k->lock);
        struct slot *s = slot_of(k, was.seen.key.id);
        if (s)
            *s = (struct slot) { is, true, now.us, head.size };
        pthread_mutex_unlock(&k->lock);
        if (ended(&was.seen, &is))
            gone(state, is.key.id.bytes);
    }
}
