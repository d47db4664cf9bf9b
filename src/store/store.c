/* SPDX-License-Identifier: Apache-2.0 */
/* The door of the store: the pool of connections, transactions, the row at hand. */
#include "store/behind.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { CONNECTIONS_MOST = 32, IDLE_MOST = 8, WAIT_MS = 10000, DEPTH_MOST = 16 };

struct store {
    const struct driver *driver;
    char *where;
    pthread_mutex_t lock;
    pthread_cond_t freed;
    struct connection *idle, *writer;
    size_t open, idle_count;
    struct behind *behind; /* of the one writer, from its first need */
    bool writer_out;
    atomic_bool unflushed;             /* a flush has failed */
    _Atomic int64_t wait_ms, fault_in; /* fault_in: 0 none, else operations until one fails */
};

struct store_tx {
    struct store *store;
    struct connection *connection;
    enum store_mode mode;
    bool wrote;
    struct behind *behind; /* NULL: everything is done at once */
    struct store_rows *rows;
    int depth;
    enum code broken[DEPTH_MOST + 1]; /* per savepoint: the failure that ended it */
};

static const struct driver *driver_of(const char *url, const char **where)
{
    *where = url;
    if (strncmp(url, "sqlite:", 7) == 0 && url[7]) {
        *where = url + 7;
        return &driver_sqlite;
    }
    if (strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0)
        return &driver_postgresql;
    const char *equals = strchr(url, '=');
    const char *odd = strpbrk(url, ":/");
    return equals && (!odd || equals < odd) ? &driver_postgresql : NULL;
}

enum code store_open(const char *url, struct store **out, struct error *e)
{
    const char *where;
    const struct driver *driver = driver_of(url, &where);
    if (!driver)
        return fail(e, ERR_INVALID, "the database is \"sqlite:PATH\" or \"postgresql://...\"");
    struct connection *first;
    TRY(driver->open(where, STORE_WRITE, WAIT_MS, &first, e));
    struct store *s = calloc(1, sizeof *s);
    char *copy = strdup(where);
    if (!s || !copy) {
        free(s);
        free(copy);
        driver->close(first);
        return fail(e, ERR_MEMORY, "no memory for the store");
    }
    s->driver = driver;
    s->where = copy;
    s->open = 1;
    s->wait_ms = WAIT_MS;
    if (driver->one_writer)
        s->writer = first;
    else
        s->idle = first, s->idle_count = 1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = s;
    return OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    behind_free(take(s->behind));
    for (struct connection *c = s->idle, *next; c; c = next) {
        next = c->next;
        s->driver->close(c);
        s->open--;
    }
    if (s->writer) {
        s->driver->close(s->writer);
        s->open--;
    }
    if (s->open)
        return; /* a transaction is still open: leak what it stands on rather than pull it away */
    pthread_cond_destroy(&s->freed);
    pthread_mutex_destroy(&s->lock);
    free(s->where);
    free(s);
}

enum store_kind store_kind(const struct store *s)
{
    return s->driver->kind;
}

void store_wait_most(struct store *s, int64_t milliseconds)
{
    s->wait_ms = milliseconds;
}

enum code store_undurable(struct store *s, struct error *e)
{
    if (!s->driver->undurable)
        return OK;
    while (s->idle) { /* a reader who holds the log keeps it there */
        struct connection *c = s->idle;
        s->idle = c->next;
        s->idle_count--;
        s->open--;
        s->driver->close(c);
    }
    return s->writer ? s->driver->undurable(s->writer, e) : OK;
}

void store_fault_after(struct store *s, int64_t operations)
{
    s->fault_in = operations;
}

/* Counts down; true once, when the operation at hand is the one that has to fail. */
static enum code fault_due(struct store *s, struct error *e)
{
    int64_t now = atomic_load(&s->fault_in);
    while (now > 0)
        if (atomic_compare_exchange_weak(&s->fault_in, &now, now - 1))
            return now == 1 ? fail(e, ERR_IO, "a fault was put here by a test") : OK;
    return OK;
}

/* --- the pool --- */

static struct timespec deadline_in(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Under the lock: a connection, or leave to open one (*out stays NULL), or false: wait. */
static bool pool_take(struct store *s, bool writer, struct connection **out)
{
    if (writer) {
        if (s->writer_out)
            return false;
        s->writer_out = true;
        *out = take(s->writer);
    } else if (s->idle) {
        *out = s->idle;
        s->idle = s->idle->next;
        s->idle_count--;
        return true;
    } else if (!s->driver->one_writer && s->open >= CONNECTIONS_MOST) {
        return false;
    }
    if (!*out)
        s->open++;
    return true;
}

static enum code pool_wait(struct store *s, bool writer, struct connection **out, struct error *e)
{
    struct timespec deadline = deadline_in(s->wait_ms);
    pthread_mutex_lock(&s->lock);
    int waited = 0;
    bool got;
    while (!(got = pool_take(s, writer, out)) && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&s->freed, &s->lock, &deadline);
    pthread_mutex_unlock(&s->lock);
    return got ? OK
               : fail(e, ERR_BUSY, "the database is busy: waited %lld ms for %s",
                      (long long)s->wait_ms, writer ? "other writes" : "a connection");
}

/* c may be NULL: a place that was reserved and not filled */
static void pool_return(struct store *s, bool writer, struct connection *c)
{
    struct connection *close_it = NULL;
    pthread_mutex_lock(&s->lock);
    if (!c || c->dead || (!writer && s->idle_count >= IDLE_MOST)) {
        close_it = c;
        s->open--;
    } else if (writer) {
        s->writer = c;
    } else {
        c->next = s->idle;
        s->idle = c;
        s->idle_count++;
    }
    if (writer)
        s->writer_out = false;
    pthread_cond_broadcast(&s->freed);
    pthread_mutex_unlock(&s->lock);
    if (close_it)
        s->driver->close(close_it);
}

static enum code pool_get(struct store *s, enum store_mode mode, bool ahead,
                          struct connection **out, struct error *e)
{
    bool writer = s->driver->one_writer && mode == STORE_WRITE;
    struct connection *c = NULL;
    TRY(pool_wait(s, writer, &c, e));
    enum code code = OK;
    if (!c)
        code = s->driver->open(s->where, mode, s->wait_ms, &c, e);
    if (code == OK) {
        c->ahead = ahead;
        code = s->driver->begin(c, mode, s->wait_ms, e);
    }
    if (code != OK) {
        pool_return(s, writer, c);
        return code;
    }
    *out = c;
    return OK;
}

/* --- transactions --- */

static enum code tx_begin(struct store *s, enum store_mode mode, bool ahead, struct store_tx **out,
                          struct error *e)
{
    TRY(fault_due(s, e));
    struct store_tx *tx = calloc(1, sizeof *tx);
    if (!tx)
        return fail(e, ERR_MEMORY, "no memory for a transaction");
    tx->store = s;
    tx->mode = mode;
    enum code code = pool_get(s, mode, ahead, &tx->connection, e);
    if (code != OK) {
        free(tx);
        return code;
    }
    *out = tx;
    return OK;
}

enum code store_begin(struct store *s, enum store_mode mode, struct store_tx **out, struct error *e)
{
    return tx_begin(s, mode, false, out, e);
}

enum code store_begin_ahead(struct store *s, struct store_tx **out, struct error *e)
{
    return tx_begin(s, STORE_WRITE, true, out, e);
}

enum code store_flush(struct store *s, struct error *e)
{
    TRY(fault_due(s, e));
    if (!s->driver->flush)
        return OK;
    if (atomic_load(&s->unflushed))
        return fail(e, ERR_IO, "the disk did not take what was written before");
    enum code code = s->driver->flush(s->where, e);
    if (code != OK)
        atomic_store(&s->unflushed, true);
    return code;
}

void store_behind(struct store_tx *tx)
{
    struct store *s = tx->store;
    if (!s->driver->one_writer || tx->mode != STORE_WRITE || tx->behind)
        return;
    if (!s->behind) /* the one writer is this one: nobody else makes it */
        s->behind = behind_new(s->driver);
    tx->behind = s->behind;
}

static void rows_end_all(struct store_tx *tx)
{
    for (struct store_rows *r = tx->rows; r; r = r->next) {
        r->driver->rows_end(r);
        r->tx = NULL;
    }
    tx->rows = NULL;
}

static void tx_free(struct store_tx *tx)
{
    struct store *s = tx->store;
    pool_return(s, s->driver->one_writer && tx->mode == STORE_WRITE, tx->connection);
    free(tx);
}

static enum code tx_broken(const struct store_tx *tx, struct error *e)
{
    enum code code = tx->broken[tx->depth];
    return code == OK ? OK
                      : fail(e, code, "the transaction failed before and can only be rolled back");
}

/* A failure ends the transaction, or its part since the last savepoint, on both databases. */
static enum code tx_result(struct store_tx *tx, enum code code)
{
    if (code != OK && tx->broken[tx->depth] == OK)
        tx->broken[tx->depth] = code;
    return code;
}

static enum code tx_ready(struct store_tx *tx, struct error *e)
{
    TRY(tx_broken(tx, e));
    return tx_result(tx, fault_due(tx->store, e));
}

/* What lies behind is done: the connection is this thread's again. */
static enum code settle(struct store_tx *tx, struct error *e)
{
    return tx->behind ? tx_result(tx, behind_finish(tx->behind, e)) : OK;
}

enum code store_commit_take(struct store_tx *tx, struct error *e)
{
    assert(tx->depth == 0); /* savepoints are released or rolled back */
    rows_end_all(tx);
    enum code code = tx_ready(tx, e);
    if (code == OK)
        code = settle(tx, e);
    if (code == OK)
        code = tx->store->driver->commit(tx->connection, e);
    if (code != OK) {
        if (tx->behind)
            behind_drop(tx->behind);
        tx->store->driver->rollback(tx->connection);
    }
    tx_free(tx);
    return code;
}

void store_rollback(struct store_tx *tx)
{
    if (!tx)
        return;
    rows_end_all(tx);
    if (tx->behind)
        behind_drop(tx->behind);
    tx->store->driver->rollback(tx->connection);
    tx_free(tx);
}

enum store_kind store_tx_kind(const struct store_tx *tx)
{
    return tx->store->driver->kind;
}

struct store *store_beside(const struct store_tx *tx)
{
    return tx->mode == STORE_READ ? tx->store : NULL;
}

struct store *store_alike(const struct store_tx *tx)
{
    bool alone = tx->mode == STORE_WRITE && tx->store->driver->one_writer;
    return alone && !tx->wrote ? tx->store : NULL;
}

enum code store_exec(struct store_tx *tx, const char *sql, struct error *e)
{
    TRY(tx_ready(tx, e));
    TRY(settle(tx, e));
    return tx_result(tx, tx->store->driver->exec(tx->connection, sql, e));
}

enum code store_savepoint(struct store_tx *tx, struct error *e)
{
    if (tx->depth == DEPTH_MOST)
        return fail(e, ERR_LIMIT, "more than %d savepoints inside each other", DEPTH_MOST);
    char sql[32];
    snprintf(sql, sizeof sql, "SAVEPOINT part_%d", tx->depth + 1);
    TRY(store_exec(tx, sql, e));
    tx->broken[++tx->depth] = OK;
    return OK;
}

enum code store_release(struct store_tx *tx, struct error *e)
{
    assert(tx->depth > 0);
    char sql[32];
    snprintf(sql, sizeof sql, "RELEASE SAVEPOINT part_%d", tx->depth);
    TRY(store_exec(tx, sql, e));
    tx->depth--;
    return OK;
}

enum code store_rollback_to(struct store_tx *tx, struct error *e)
{
    assert(tx->depth > 0);
    char sql[80];
    rows_end_all(tx);
    if (tx->behind) /* it would be undone */
        behind_drop(tx->behind);
    tx->broken[tx->depth] = OK;
    snprintf(sql, sizeof sql, "ROLLBACK TO SAVEPOINT part_%d", tx->depth);
    TRY(store_exec(tx, sql, e));
    return store_release(tx, e);
}

enum code store_lock(struct store_tx *tx, const char *name, struct error *e)
{
    assert(tx->mode == STORE_WRITE);
    if (tx->store->driver->one_writer)
        return OK;
    uint64_t key = str_hash(str_of(name));
    return store_run(tx, "SELECT pg_advisory_xact_lock($1)", SQL(sql_int((int64_t)key)), NULL, e);
}

enum code store_backup(struct store *s, const char *path, struct error *e)
{
    if (!s->driver->backup)
        return fail(e, ERR_INVALID, "a PostgreSQL database is copied by pg_dump");
    struct connection *c;
    TRY(s->driver->open(s->where, STORE_READ, s->wait_ms, &c, e));
    enum code code = s->driver->backup(c, path, e);
    s->driver->close(c);
    return code;
}

/* --- statements --- */

/* PostgreSQL refuses both, so SQLite must not take them in. */
static enum code values_check(const struct sql_value *values, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].type != SQL_TEXT)
            continue;
        struct str text = { values[i].bytes, values[i].length };
        if (!str_is_utf8(text) || memchr(text.at, 0, text.length))
            return fail(e, ERR_INVALID, "a text for the database is not UTF-8 without NUL");
    }
    return OK;
}

enum code store_run(struct store_tx *tx, const char *sql, const struct sql_value *values,
                    size_t count, int64_t *changed, struct error *e)
{
    TRY(tx_ready(tx, e));
    TRY(tx_result(tx, values_check(values, count, e)));
    tx->wrote = true;
    if (tx->behind && !changed && !tx->rows) /* open rows are on the connection */
        return tx_result(tx, behind_put(tx->behind, tx->connection, sql, values, count, NULL, e));
    TRY(settle(tx, e));
    return tx_result(tx, tx->store->driver->run(tx->connection, sql, values, count, changed, e));
}

enum code store_run_one(struct store_tx *tx, const char *sql, const struct sql_value *values,
                        size_t count, const char *otherwise, struct error *e)
{
    int64_t changed;
    if (tx->behind && !tx->rows) {
        TRY(tx_ready(tx, e));
        TRY(tx_result(tx, values_check(values, count, e)));
        tx->wrote = true;
        return tx_result(tx,
                         behind_put(tx->behind, tx->connection, sql, values, count, otherwise, e));
    }
    TRY(store_run(tx, sql, values, count, &changed, e));
    return changed ? OK : fail(e, ERR_CONFLICT, "%s", otherwise);
}

enum code store_query(struct store_tx *tx, const char *sql, const struct sql_value *values,
                      size_t count, struct store_rows **out, struct error *e)
{
    TRY(tx_ready(tx, e));
    TRY(tx_result(tx, values_check(values, count, e)));
    TRY(settle(tx, e));
    struct store_rows *r;
    TRY(tx_result(tx, tx->store->driver->query(tx->connection, sql, values, count, &r, e)));
    r->tx = tx;
    r->next = tx->rows;
    tx->rows = r;
    *out = r;
    return OK;
}

enum code store_one(struct store_tx *tx, const char *sql, const struct sql_value *values,
                    size_t count, struct store_rows **out, bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(tx, sql, values, count, &r, e));
    TRY(store_next(r, found, e));
    *out = take(r);
    return OK;
}

/* --- rows --- */

struct store_rows *rows_new(const struct driver *d, int columns, void *handle)
{
    struct store_rows *r = calloc(1, sizeof *r + (size_t)columns * sizeof(struct sql_value));
    if (r) {
        r->driver = d;
        r->columns = columns;
        r->handle = handle;
    }
    return r;
}

enum code store_next(struct store_rows *r, bool *more, struct error *e)
{
    assert(r->tx); /* the transaction is still there */
    return tx_result(r->tx, r->driver->next(r, more, e));
}

void store_rows_free(struct store_rows *r)
{
    if (!r)
        return;
    if (r->tx) {
        struct store_rows **p = &r->tx->rows;
        while (*p != r)
            p = &(*p)->next;
        *p = r->next;
        r->driver->rows_end(r);
    }
    free(r);
}

static const struct sql_value *cell(const struct store_rows *r, int column, int type)
{
    assert(column >= 0 && column < r->columns);
    const struct sql_value *v = &r->cells[column];
    assert(v->type == SQL_NULL || (int)v->type == type); /* asked for as what it is */
    return v;
}

bool store_is_null(const struct store_rows *r, int column)
{
    assert(column >= 0 && column < r->columns);
    return r->cells[column].type == SQL_NULL;
}

int64_t store_int(const struct store_rows *r, int column)
{
    return cell(r, column, SQL_INT)->number;
}

struct str store_text(const struct store_rows *r, int column)
{
    const struct sql_value *v = cell(r, column, SQL_TEXT);
    return (struct str) { v->bytes, v->length };
}

struct str store_bytes(const struct store_rows *r, int column)
{
    const struct sql_value *v = cell(r, column, SQL_BYTES);
    return (struct str) { v->bytes, v->length };
}

void store_id(const struct store_rows *r, int column, uint8_t out[ID_BYTES])
{
    struct str bytes = store_bytes(r, column);
    assert(!bytes.at || bytes.length == ID_BYTES);
    if (bytes.at)
        memcpy(out, bytes.at, ID_BYTES);
    else
        memset(out, 0, ID_BYTES);
}

/* Over the text, eight bytes at a time, and the types of the values: it is asked for at every
 * statement. */
uint64_t statement_hash(const char *sql, const struct sql_value *values, size_t count)
{
    uint64_t h = 0xcbf29ce484222325u, eight;
    size_t length = strlen(sql), at = 0;
    for (; at + 8 <= length; at += 8) {
        memcpy(&eight, sql + at, 8);
        h = (h ^ eight) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; at < length; at++)
        h = (h ^ (uint8_t)sql[at]) * 0x100000001b3u;
    for (size_t i = 0; i < count; i++)
        h = (h ^ (uint64_t)values[i].type) * 0x100000001b3u;
    return h ^ h >> 32;
}
