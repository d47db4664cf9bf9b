/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads behind a bounded queue of exchanges. One is woken at a time, and it wakes the next
 * if there is still something to take: what comes at once is then done by those that are awake,
 * not by as many threads that wait for each other's core. */
#include <stdlib.h>

#include "http/inside.h"

struct http_pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct exchange *first, *last;
    size_t waiting, most;
    unsigned idle;
    bool waking; /* one was woken and has not looked yet */
    bool ending;
    void (*run)(struct exchange *);
    unsigned threads;
    pthread_t ids[];
};

/* With the lock held. */
static void wake_one(struct http_pool *p)
{
    if (!p->first || !p->idle || p->waking)
        return;
    p->waking = true;
    pthread_cond_signal(&p->more);
}

static struct exchange *next_of(struct http_pool *p)
{
    struct exchange *x = NULL;
    pthread_mutex_lock(&p->lock);
    while (!p->first && !p->ending) {
        p->idle++;
        pthread_cond_wait(&p->more, &p->lock);
        p->idle--;
        p->waking = false;
    }
    if (p->first) {
        x = p->first;
        p->first = x->next;
        if (!p->first)
            p->last = NULL;
        x->next = NULL;
        p->waiting--;
        wake_one(p);
    }
    pthread_mutex_unlock(&p->lock);
    return x;
}

static void *work(void *pool)
{
    struct http_pool *p = pool;
    for (struct exchange *x; (x = next_of(p));)
        p->run(x);
    return NULL;
}

enum code http_pool_new(unsigned threads, unsigned most, void (*run)(struct exchange *),
                        struct http_pool **out, struct error *e)
{
    struct http_pool *p = calloc(1, sizeof *p + threads * sizeof(pthread_t));
    if (!p)
        return fail(e, ERR_MEMORY, "no memory for workers");
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    p->most = most;
    p->run = run;
    for (; p->threads < threads; p->threads++)
        if (pthread_create(&p->ids[p->threads], NULL, work, p) != 0) {
            http_pool_free(p);
            return fail(e, ERR_IO, "a worker thread cannot be started");
        }
    *out = p;
    return OK;
}

bool http_pool_put(struct http_pool *p, struct exchange *x)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting < p->most && !p->ending;
    if (room) {
        x->next = NULL;
        if (p->last)
            p->last->next = x;
        else
            p->first = x;
        p->last = x;
        p->waiting++;
        wake_one(p);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

size_t http_pool_waiting(struct http_pool *p)
{
    if (!p)
        return 0;
    pthread_mutex_lock(&p->lock);
    size_t n = p->waiting;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void http_pool_free(struct http_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->ids[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->more);
    free(p);
}
