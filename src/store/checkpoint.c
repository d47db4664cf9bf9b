/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, made when the log is first long enough. Under writes without a pause it never quite
 * catches up, and the log would grow: then the writer brings in the little that is left, once. */
#include "store/checkpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES = 1000, PAGES_MOST = 16000 };

struct checkpointer {
    char *path;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool started, wanted, stopping;
};

static void *work(void *state)
{
    struct checkpointer *c = state;
    sqlite3 *db = NULL;
    /* what it cannot do is done by the writer */
    if (sqlite3_open_v2(c->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    pthread_mutex_lock(&c->lock);
    while (!c->stopping) {
        if (!c->wanted) {
            pthread_cond_wait(&c->come, &c->lock);
            continue;
        }
        c->wanted = false;
        pthread_mutex_unlock(&c->lock);
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    sqlite3_close(db);
    return NULL;
}

static bool start(struct checkpointer *c)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are for the threads that wait for them */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    c->started = pthread_create(&c->thread, NULL, work, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->started;
}

/* After each commit, in the writer's thread. */
static int on_commit(void *state, sqlite3 *db, const char *name, int pages)
{
    struct checkpointer *c = state;
    if (pages < PAGES)
        return SQLITE_OK;
    if (pages >= PAGES_MOST || (!c->started && !start(c))) {
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        return SQLITE_OK;
    }
    pthread_mutex_lock(&c->lock);
    c->wanted = true;
    pthread_cond_signal(&c->come);
    pthread_mutex_unlock(&c->lock);
    return SQLITE_OK;
}

struct checkpointer *checkpointer_new(sqlite3 *writer, const char *path)
{
    struct checkpointer *c = calloc(1, sizeof *c);
    char *copy = strdup(path);
    if (!c || !copy) {
        free(c);
        free(copy);
        return NULL;
    }
    c->path = copy;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->come, NULL);
    sqlite3_wal_hook(writer, on_commit, c);
    return c;
}

void checkpointer_free(struct checkpointer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->come);
    pthread_mutex_unlock(&c->lock);
    if (c->started)
        pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->come);
    pthread_mutex_destroy(&c->lock);
    free(c->path);
    free(c);
}
