/* SPDX-License-Identifier: Apache-2.0 */
/* What the two databases have in common, seen from inside the room. */
#ifndef LICET_STORE_DRIVER_H
#define LICET_STORE_DRIVER_H

#include "store/store.h"

enum {
    STATEMENT_SLOTS = 1021
}; /* prepared statements kept per connection, by hash of their text */

struct connection {
    bool ahead; /* the transaction to begin need not wait for the disk when it commits */
    struct connection *next; /* in the pool's list of idle ones */
    bool dead;               /* to be closed, not to be used again */
};

struct store_rows {
    const struct driver *driver;
    struct store_tx *tx;     /* NULL after the transaction has ended */
    struct store_rows *next; /* in the transaction's list */
    void *handle;            /* the driver's */
    int64_t at, count;
    int columns;
    struct sql_value cells[]; /* the row at hand */
};

/* A write goes to a connection of kind WRITE; on SQLite there is one of them. All functions but
 * `rollback`, `rows_end` and `close` may fail. */
struct driver {
    enum store_kind kind;
    bool one_writer;
    enum code (*open)(const char *where, enum store_mode mode, int64_t wait_ms,
                      struct connection **out, struct error *e);
    void (*close)(struct connection *c);
    enum code (*begin)(struct connection *c, enum store_mode mode, int64_t wait_ms,
                       struct error *e);
    enum code (*commit)(struct connection *c, struct error *e);
    void (*rollback)(struct connection *c);
    enum code (*exec)(struct connection *c, const char *sql, struct error *e);
    enum code (*run)(struct connection *c, const char *sql, const struct sql_value *values,
                     size_t count, int64_t *changed, struct error *e);
    enum code (*query)(struct connection *c, const char *sql, const struct sql_value *values,
                       size_t count, struct store_rows **out, struct error *e);
    enum code (*next)(struct store_rows *r, bool *more, struct error *e);
    void (*rows_end)(struct store_rows *r);
    enum code (*backup)(struct connection *c, const char *path, struct error *e);
    enum code (*undurable)(struct connection *c, struct error *e); /* may be NULL */
    /* What was committed `ahead` is on the disk. NULL: it is so at each commit. Any thread. */
    enum code (*flush)(const char *where, struct error *e);
};

extern const struct driver driver_sqlite, driver_postgresql;

struct store_rows *rows_new(const struct driver *d, int columns, void *handle);

uint64_t statement_hash(const char *sql, const struct sql_value *values, size_t count);

enum code store_exec(struct store_tx *tx, const char *sql, struct error *e);

/* One migration's text for one database, statement by statement (migrations/README.md). */
struct sql_script {
    struct str rest;
    enum store_kind kind;
    struct buf ready; /* partitions of the table just made */
};
/* False when nothing is left. `out` is cleared first. */
bool sql_script_next(struct sql_script *s, struct buf *out);

#endif
