/* SPDX-License-Identifier: Apache-2.0 */
/* A counter hands out numbers, a ring of flags keeps the order. */
#include "flow/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MOST = 64 };

struct run {
    const struct crew *crew;
    size_t count, next, handed, ahead;
    bool *ready; /* of number n: ready[n % ahead] */
    bool ended;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static void *hand(void *state)
{
    struct run *r = state;
    pthread_mutex_lock(&r->lock);
    for (;;) {
        while (!r->ended && r->next < r->count && r->next >= r->handed + r->ahead)
            pthread_cond_wait(&r->changed, &r->lock);
        if (r->ended || r->next >= r->count)
            break;
        size_t number = r->next++;
        pthread_mutex_unlock(&r->lock);
        r->crew->work(r->crew->ctx, number);
        pthread_mutex_lock(&r->lock);
        r->ready[number % r->ahead] = true;
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* On the caller's thread: hand results on until all are through. */
static void collect(struct run *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->ended && r->handed < r->count) {
        if (!r->ready[r->handed % r->ahead]) {
            pthread_cond_wait(&r->changed, &r->lock);
            continue;
        }
        size_t number = r->handed;
        pthread_mutex_unlock(&r->lock);
        bool on = r->crew->done(r->crew->ctx, number);
        pthread_mutex_lock(&r->lock);
        r->ready[number % r->ahead] = false;
        r->handed++;
        r->ended = r->ended || !on;
        pthread_cond_broadcast(&r->changed);
    }
    r->ended = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

enum code crew_run(const struct crew *c, size_t count, unsigned threads, size_t ahead,
                   struct error *e)
{
    pthread_t ids[THREADS_MOST];
    unsigned started = 0;
    if (count == 0)
        return OK;
    if (threads > THREADS_MOST)
        threads = THREADS_MOST;
    if (threads > count)
        threads = (unsigned)count;
    if (ahead < threads)
        ahead = threads;
    struct run r = { .crew = c, .count = count, .ahead = ahead };
    r.ready = calloc(ahead, sizeof *r.ready);
    if (!r.ready)
        return fail(e, ERR_MEMORY, "no memory for %zu pieces of work", ahead);
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    while (started < threads && pthread_create(&ids[started], NULL, hand, &r) == 0)
        started++;
    if (started)
        collect(&r);
    for (unsigned i = 0; i < started; i++)
        pthread_join(ids[i], NULL);
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    free(r.ready);
    return started ? OK : fail(e, ERR_MEMORY, "no thread could be started");
}

unsigned crew_size(int64_t asked)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return asked > 0 ? (unsigned)asked : cores > 0 ? (unsigned)cores : 1;
}
