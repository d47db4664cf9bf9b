/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, a queue of blocks, and the first failure. */
#include "store/behind.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024, BLOCKS_MOST = 128, ALIGN = 16 };

/* A statement in a block: this, its values, its words, the bytes of its values. */
struct put {
    size_t bytes; /* to the next one */
    size_t count;
    const char *sql, *otherwise;
    struct sql_value values[];
};
struct block {
    struct block *next;
    size_t used, room;
    _Alignas(ALIGN) unsigned char bytes[];
};

struct behind {
    const struct driver *driver;
    struct connection *connection; /* of the transaction at hand */
    struct block *filling;
    pthread_t thread;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t come, gone;
    struct block *first, **end, *spare;
    size_t waiting;
    bool running, stopping;
    _Atomic int failed; /* enum code of the first failure */
    struct error error;
};

static enum code run_one(struct behind *b, const struct put *p, struct error *e)
{
    int64_t changed = 1;
    TRY(b->driver->run(b->connection, p->sql, p->values, p->count, p->otherwise ? &changed : NULL,
                       e));
    return changed ? OK : fail(e, ERR_CONFLICT, "%s", p->otherwise);
}

static void run_block(struct behind *b, const struct block *k)
{
    for (size_t at = 0; at < k->used && b->failed == OK;) {
        const struct put *p = (const struct put *)(const void *)(k->bytes + at);
        struct error e = { 0 };
        enum code code = run_one(b, p, &e);
        if (code != OK) {
            b->error = e;
            atomic_store(&b->failed, (int)code);
        }
        at += p->bytes;
    }
}

/* Under the lock: kept for the next use, unless it is of an odd size. */
static void block_return(struct behind *b, struct block *k)
{
    if (k->room != BLOCK_BYTES) {
        free(k);
        return;
    }
    k->next = b->spare;
    b->spare = k;
}

static void *work(void *state)
{
    struct behind *b = state;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (!b->first && !b->stopping)
            pthread_cond_wait(&b->come, &b->lock);
        struct block *k = b->first;
        if (!k)
            break;
        b->first = k->next;
        if (!b->first)
            b->end = &b->first;
        b->waiting--;
        b->running = true;
        pthread_mutex_unlock(&b->lock);
        run_block(b, k);
        pthread_mutex_lock(&b->lock);
        b->running = false;
        block_return(b, k);
        pthread_cond_signal(&b->gone);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

struct behind *behind_new(const struct driver *d)
{
    struct behind *b = calloc(1, sizeof *b);
    sigset_t all, before;
    if (!b)
        return NULL;
    b->driver = d;
    b->end = &b->first;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->come, NULL);
    pthread_cond_init(&b->gone, NULL);
    /* signals are for the threads that wait for them */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int made = pthread_create(&b->thread, NULL, work, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (made == 0)
        return b;
    free(b);
    return NULL;
}

void behind_free(struct behind *b)
{
    if (!b)
        return;
    pthread_mutex_lock(&b->lock);
    b->stopping = true;
    pthread_cond_signal(&b->come);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    for (struct block *k = b->spare, *next; k; k = next) {
        next = k->next;
        free(k);
    }
    free(b->filling);
    pthread_cond_destroy(&b->come);
    pthread_cond_destroy(&b->gone);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

/* The block at hand goes to the worker; whoever is too far ahead waits. */
static void hand_over(struct behind *b)
{
    struct block *k = take(b->filling);
    k->next = NULL;
    pthread_mutex_lock(&b->lock);
    while (b->waiting >= BLOCKS_MOST)
        pthread_cond_wait(&b->gone, &b->lock);
    *b->end = k;
    b->end = &k->next;
    b->waiting++;
    pthread_cond_signal(&b->come);
    pthread_mutex_unlock(&b->lock);
}

/* Room for `bytes` in the block at hand, or in a new one. */
static struct block *room_for(struct behind *b, size_t bytes)
{
    if (b->filling && b->filling->room - b->filling->used < bytes)
        hand_over(b);
    if (b->filling)
        return b->filling;
    size_t room = bytes > BLOCK_BYTES ? bytes : (size_t)BLOCK_BYTES;
    pthread_mutex_lock(&b->lock);
    struct block *k = room == BLOCK_BYTES ? b->spare : NULL;
    if (k)
        b->spare = k->next;
    pthread_mutex_unlock(&b->lock);
    if (!k)
        k = malloc(sizeof *k + room);
    if (!k)
        return NULL;
    k->used = 0;
    k->room = room;
    b->filling = k;
    return k;
}

static size_t rounded(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static enum code failed_before(struct behind *b, struct error *e)
{
    enum code code = (enum code)atomic_load(&b->failed);
    return code == OK ? OK : fail(e, code, "%s", b->error.text);
}

enum code behind_put(struct behind *b, struct connection *c, const char *sql,
                     const struct sql_value *values, size_t count, const char *otherwise,
                     struct error *e)
{
    size_t length = strlen(sql) + 1, bytes = sizeof(struct put) + count * sizeof *values + length;
    TRY(failed_before(b, e));
    for (size_t i = 0; i < count; i++)
        bytes += values[i].length;
    bytes = rounded(bytes);
    struct block *k = room_for(b, bytes);
    if (!k)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    struct put *p = (struct put *)(void *)(k->bytes + k->used);
    char *to = (char *)(p->values + count);
    if (b->connection != c) /* another transaction: nothing is under way */
        b->connection = c;
    p->bytes = bytes;
    p->count = count;
    p->otherwise = otherwise;
    p->sql = memcpy(to, sql, length);
    to += length;
    for (size_t i = 0; i < count; i++) {
        p->values[i] = values[i];
        if (!values[i].length)
            continue;
        p->values[i].bytes = memcpy(to, values[i].bytes, values[i].length);
        to += values[i].length;
    }
    k->used += bytes;
    return OK;
}

static void wait_for_all(struct behind *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->first || b->running)
        pthread_cond_wait(&b->gone, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

enum code behind_finish(struct behind *b, struct error *e)
{
    wait_for_all(b);
    if (b->filling) { /* what was not worth handing over */
        run_block(b, b->filling);
        b->filling->used = 0;
    }
    return failed_before(b, e);
}

void behind_drop(struct behind *b)
{
    int none = OK;
    /* the worker passes over what is left */
    atomic_compare_exchange_strong(&b->failed, &none, (int)ERR_IO);
    wait_for_all(b);
    if (b->filling)
        b->filling->used = 0;
    atomic_store(&b->failed, (int)OK);
}
