/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that share a piece of work. */
#include "ledger/threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct part {
    void (*work)(void *ctx, unsigned thread);
    void *ctx;
    unsigned thread;
};

static void *begin(void *arg)
{
    struct part *p = arg;
    p->work(p->ctx, p->thread);
    return NULL;
}

void threads_run(unsigned threads, void (*work)(void *ctx, unsigned thread), void *ctx)
{
    pthread_t ids[THREADS_MOST];
    struct part parts[THREADS_MOST];
    bool begun[THREADS_MOST] = { false };
    threads = threads < THREADS_MOST ? threads : THREADS_MOST;
    for (unsigned t = 1; t < threads; t++) {
        parts[t] = (struct part) { work, ctx, t };
        begun[t] = pthread_create(&ids[t], NULL, begin, &parts[t]) == 0;
    }
    work(ctx, 0);
    for (unsigned t = 1; t < threads; t++)
        if (begun[t])
            pthread_join(ids[t], NULL);
        else
            work(ctx, t);
}
