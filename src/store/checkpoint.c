/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, made when the log is first long enough. It writes the pages in small pieces and syncs
 * after each: a commit's own sync then waits for one piece at most, not for thousands of pages. Only
 * when nothing is left does a log begin again, and under writes without a pause something always is:
 * once the log is long, rounds follow each other until so little is left that the writer brings it in. */
#include "store/checkpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Pages of the log: for a round; when rounds follow each other; when the writer waits for them to be
 * brought in, however many are left. What is little; and what is synced at once. */
enum { ROUND = 6000, LONG = 32000, TOO_LONG = 64000, LITTLE = 300, PIECE = 64 };

struct checkpointer {
    char *path;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool started, wanted, working, stopping;
    int brought_in; /* pages of the log, in the last round */
};

/* ---- pages in pieces: the thread's own file, whose writes go through here ---- */

static _Thread_local struct {
    const sqlite3_io_methods *as_before;
    int pages;
} piece;

static int write_page(sqlite3_file *f, const void *bytes, int count, sqlite3_int64 at)
{
    int rc = piece.as_before->xWrite(f, bytes, count, at);
    if (rc != SQLITE_OK || ++piece.pages % PIECE != 0)
        return rc;
    return piece.as_before->xSync(f, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static void write_in_pieces(sqlite3 *db, sqlite3_io_methods *methods)
{
    sqlite3_file *f = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &f) != SQLITE_OK || !f)
        return;
    piece.as_before = f->pMethods;
    *methods = *f->pMethods;
    methods->xWrite = write_page;
    f->pMethods = methods;
}

static void *work(void *state)
{
    struct checkpointer *c = state;
    sqlite3_io_methods methods;
    sqlite3 *db = NULL;
    /* what it cannot do is done by the writer */
    if (sqlite3_open_v2(c->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK) {
        sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
        write_in_pieces(db, &methods);
    }
    pthread_mutex_lock(&c->lock);
    while (!c->stopping) {
        int brought_in = 0;
        if (!c->wanted) {
            pthread_cond_wait(&c->come, &c->lock);
            continue;
        }
        c->working = true;
        pthread_mutex_unlock(&c->lock);
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &brought_in);
        pthread_mutex_lock(&c->lock);
        c->brought_in = brought_in;
        c->working = c->wanted = false;
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

/* What is to be done about a log of so many pages; under the lock. */
enum next { NOTHING, ROUND_OF_THREAD, WRITER };
static enum next what_next(const struct checkpointer *c, int pages)
{
    int left = pages < c->brought_in ? pages : pages - c->brought_in; /* fewer: it began again */
    if (c->working)
        return pages >= TOO_LONG ? WRITER : NOTHING;
    if (pages >= TOO_LONG || (pages >= LONG && left <= LITTLE))
        return WRITER;
    return pages >= LONG || left >= ROUND ? ROUND_OF_THREAD : NOTHING;
}

/* After each commit, in the writer's thread. */
static int on_commit(void *state, sqlite3 *db, const char *name, int pages)
{
    struct checkpointer *c = state;
    pthread_mutex_lock(&c->lock);
    enum next next = what_next(c, pages);
    if (next == ROUND_OF_THREAD && !c->started && !start(c))
        next = WRITER;
    if (next == ROUND_OF_THREAD) {
        c->wanted = true;
        pthread_cond_signal(&c->come);
    }
    pthread_mutex_unlock(&c->lock);
    if (next == WRITER)
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
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
