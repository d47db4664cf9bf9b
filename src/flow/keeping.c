/* SPDX-License-Identifier: Apache-2.0 */
/* One thread leads: it writes what all brought that waited, while others queue up for the next. */
#include "flow/keeping.h"

#include <stdlib.h>

struct waiting {
    enum code (*write)(struct store_tx *tx, void *work, struct error *e);
    void *work;
    bool done;
    enum code code;
    struct error error;
    struct waiting *next;
};

struct keeping {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct waiting *first, **last;
    bool led;
};

struct keeping *keeping_new(struct store *store)
{
    struct keeping *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->store = store;
    k->last = &k->first;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->news, NULL);
    return k;
}

void keeping_free(struct keeping *k)
{
    if (!k)
        return;
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->news);
    free(k);
}

/* From `first` up to, not with, `end`. */
static enum code write_span(struct store *s, const struct waiting *first, const struct waiting *end,
                            struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    for (const struct waiting *w = first; w != end; w = w->next)
        TRY(w->write(tx, w->work, e));
    return store_commit_take(take(tx), e);
}

static void write_all(struct store *s, struct waiting *first)
{
    struct error e = { 0 };
    enum code code = write_span(s, first, NULL, &e);
    for (struct waiting *w = first; w; w = w->next) {
        w->code = code;
        if (code != OK && first->next) /* whose fault it was shows by itself */
            w->code = write_span(s, w, w->next, &w->error);
        else
            w->error = e;
    }
}

/* Called with the lock held; lets it go while it writes. */
static void lead(struct keeping *k)
{
    struct waiting *first = k->first;
    k->first = NULL;
    k->last = &k->first;
    k->led = true;
    pthread_mutex_unlock(&k->lock);
    write_all(k->store, first);
    pthread_mutex_lock(&k->lock);
    k->led = false;
    for (struct waiting *next; first; first = next) {
        next = first->next; /* once done, it may be gone */
        first->done = true;
    }
    pthread_cond_broadcast(&k->news);
}

enum code keeping_put(struct keeping *k,
                      enum code (*write)(struct store_tx *tx, void *work, struct error *e),
                      void *work, struct error *e)
{
    struct waiting mine = { .write = write, .work = work };
    pthread_mutex_lock(&k->lock);
    *k->last = &mine;
    k->last = &mine.next;
    while (!mine.done) {
        if (k->led)
            pthread_cond_wait(&k->news, &k->lock);
        else
            lead(k);
    }
    pthread_mutex_unlock(&k->lock);
    return mine.code == OK ? OK : fail(e, mine.code, "%s", mine.error.text);
}
