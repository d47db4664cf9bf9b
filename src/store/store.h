/* SPDX-License-Identifier: Apache-2.0 */
/* store: one door over SQLite (the default, embedded) and PostgreSQL 15.
 *
 * SQL is written once, in the dialect both understand, with parameters $1, $2, ... (a number may
 * stand several times). Types: INTEGER columns are int64, TEXT is UTF-8, BYTES is binary. In a
 * migration BYTES, INT64 and the word TABLE_END are translated (see migrations/README.md in this
 * folder); nothing else differs. Upserts use ON CONFLICT; booleans are 0 and 1; times are
 * microseconds; ids are their 16 bytes.
 *
 * Threads: a store may be shared, a transaction belongs to one thread. On SQLite there is one
 * writer at a time: a second STORE_WRITE waits (up to 10 s, then BUSY); readers never wait.
 */
#ifndef LICET_STORE_STORE_H
#define LICET_STORE_STORE_H

#include "base/base.h"

struct store;
struct store_tx;
struct store_rows;

enum store_kind { STORE_SQLITE, STORE_POSTGRESQL };
enum store_mode { STORE_READ, STORE_WRITE };

/* in      url  "sqlite:PATH" or "postgresql://..." (libpq's URI or "host=..." string)
 * errors  INVALID no such scheme; IO, DENIED: cannot be opened; BUSY */
MUST_USE enum code store_open(const char *url, struct store **out, struct error *e);
void store_close(struct store *s); /* NULL is fine; every transaction has ended */
enum store_kind store_kind(const struct store *s);

/* Bring the schema to the newest version, each migration in a transaction of its own; safe when
 * several processes do it at once.
 * errors  CONFLICT the database is newer than this program */
MUST_USE enum code store_migrate(struct store *s, struct error *e);
/* Versions: what the database has, what this program knows. */
MUST_USE enum code store_versions(struct store *s, int64_t *has, int64_t *knows, struct error *e);

/* A consistent copy of the whole database while it is in use. SQLite only (PostgreSQL has
 * pg_dump): INVALID there. */
MUST_USE enum code store_backup(struct store *s, const char *path, struct error *e);

/* How long a transaction waits for others before it is BUSY; 10 s at first. */
void store_wait_most(struct store *s, int64_t milliseconds);

/* For data that can be made again, and are thrown away when their making is interrupted: pages are
 * written once, without a log. No transaction is open. On PostgreSQL nothing changes. */
MUST_USE enum code store_undurable(struct store *s, struct error *e);

/* For tests: the n-th operation from now (begin, statement, savepoint, commit) fails with IO and
 * leaves nothing behind; 0: none does. */
void store_fault_after(struct store *s, int64_t n);

struct sql_value {
    enum { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BYTES } type;
    int64_t number;
    const void *bytes; /* borrowed for the call */
    size_t length;
};

static inline struct sql_value sql_null(void)
{
    return (struct sql_value) { SQL_NULL, 0, NULL, 0 };
}
static inline struct sql_value sql_int(int64_t n)
{
    return (struct sql_value) { SQL_INT, n, NULL, 0 };
}
static inline struct sql_value sql_str(struct str s)
{
    return (struct sql_value) { SQL_TEXT, 0, s.at ? s.at : "", s.length };
}
static inline struct sql_value sql_text(const char *s) /* NULL gives NULL */
{
    return s ? sql_str(str_of(s)) : sql_null();
}
static inline struct sql_value sql_bytes(const void *bytes, size_t length)
{
    return (struct sql_value) { SQL_BYTES, 0, bytes, length };
}
static inline struct sql_value sql_instant(struct instant t)
{
    return sql_int(t.us);
}
#define sql_id(id) sql_bytes((id).bytes, ID_BYTES)

/* The parameters of a statement: store_run(tx, "...", SQL(sql_int(1), sql_text("x")), NULL, e) */
#define SQL(...)                                                                                   \
    (const struct sql_value[]) { __VA_ARGS__ },                                                    \
        sizeof((const struct sql_value[]) { __VA_ARGS__ }) / sizeof(struct sql_value)
#define SQL_NONE NULL, 0

/* One or many at once: SQL_ONE_OR_MANY(count, "... WHERE id IN (", ")") with sql_ids_set(values,
 * ids, count) and SQL_WIDTH(count) values; the last id stands for those that are missing. With a
 * further parameter behind them: SQL_ONE_OR_MANY_AND(count, "... WHERE id IN (", ") AND x > ", "").
 * Two texts, so that one is not asked for sixty-four times. */
#define SQL_WIDTH(count)                    ((count) == 1 ? 1 : (size_t)SQL_IDS_MOST)
#define SQL_ONE_OR_MANY(count, front, back) ((count) == 1 ? front "$1" back : front SQL_IDS back)
#define SQL_ONE_OR_MANY_AND(count, front, middle, back)                                            \
    ((count) == 1 ? front "$1" middle "$2" back : front SQL_IDS middle "$65" back)
enum { SQL_IDS_MOST = 64 };
#define SQL_IDS                                                                                    \
    "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "                      \
    "$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, "                       \
    "$31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, "                       \
    "$45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, "                       \
    "$59, $60, $61, $62, $63, $64"
static inline void sql_ids_set(struct sql_value out[SQL_IDS_MOST], const uint8_t (*ids)[ID_BYTES],
                               size_t count)
{
    for (size_t i = 0; i < SQL_IDS_MOST; i++)
        out[i] = sql_bytes(ids[i < count ? i : count - 1], ID_BYTES);
}

/* A transaction: every read and write goes through one. READ sees one moment. After a failure it
 * takes only a rollback, or a rollback_to where a savepoint was set before; a commit fails. On
 * PostgreSQL a WRITE sees what others committed meanwhile (READ COMMITTED): where a decision
 * needs what was read to stay, store_lock first. */
MUST_USE enum code store_begin(struct store *s, enum store_mode mode, struct store_tx **out,
                               struct error *e);
/* Durable when it returns OK (fsync, or PostgreSQL's synchronous commit). Frees tx either way. */
MUST_USE enum code store_commit_take(struct store_tx *tx, struct error *e);

/* A WRITE whose commit does not wait for the disk, so that the next one can be made meanwhile. It is
 * durable when a store_flush that began after its commit has returned OK, or a later commit of the
 * usual kind: until then nobody may be told that it is done. On PostgreSQL a usual one. */
MUST_USE enum code store_begin_ahead(struct store *s, struct store_tx **out, struct error *e);
/* Once it has failed it fails until the store is opened again: what the disk has is not known. */
MUST_USE enum code store_flush(struct store *s, struct error *e);
void store_rollback(struct store_tx *tx); /* frees tx; NULL is fine */
enum store_kind store_tx_kind(const struct store_tx *tx);
/* Whose transaction it is, for readers beside it; NULL for a WRITE, whose changes they do not see. */
struct store *store_beside(const struct store_tx *tx);
/* The store, where a READ that begins now sees exactly what `tx` sees: one on SQLite that may write,
 * so that nobody else does, and has not written yet. Else NULL. */
struct store *store_alike(const struct store_tx *tx);

/* Hold `name` alone until the transaction ends (WRITE only; on SQLite a writer is alone anyway).
 * errors  BUSY */
MUST_USE enum code store_lock(struct store_tx *tx, const char *name, struct error *e);

/* A part of a transaction that may fail alone: it ends with release, or with rollback_to, which
 * undoes everything since. Parts may stand inside each other. */
MUST_USE enum code store_savepoint(struct store_tx *tx, struct error *e);
MUST_USE enum code store_release(struct store_tx *tx, struct error *e);
MUST_USE enum code store_rollback_to(struct store_tx *tx, struct error *e);

/* Run a statement without rows. `changed` (may be NULL): rows touched.
 * errors  CONFLICT a unique or foreign key is violated; the text names it; IO, BUSY */
MUST_USE enum code store_run(struct store_tx *tx, const char *sql, const struct sql_value *values,
                             size_t count, int64_t *changed, struct error *e);

/* The same for a statement that must touch a row.
 * in      otherwise  words of the failure; they outlive the transaction
 * errors  CONFLICT it touches none, and as above */
MUST_USE enum code store_run_one(struct store_tx *tx, const char *sql,
                                 const struct sql_value *values, size_t count,
                                 const char *otherwise, struct error *e);

/* From here to its end the transaction may carry out store_run without `changed`, and
 * store_run_one, on a second thread, in their order and before anything that looks: a query sees
 * them, a commit has them. Their failures are told by whatever comes next. SQLite only; elsewhere,
 * and in a READ, nothing changes. For acts of thousands of statements. */
void store_behind(struct store_tx *tx);

/* Run a statement with rows; read them before the transaction ends. PostgreSQL brings them all at
 * once: put a LIMIT on what has no bound. */
MUST_USE enum code store_query(struct store_tx *tx, const char *sql, const struct sql_value *values,
                               size_t count, struct store_rows **out, struct error *e);
MUST_USE enum code store_next(struct store_rows *r, bool *more, struct error *e);
void store_rows_free(struct store_rows *r);
OWNED_BY(store_rows)

/* Columns of the row at hand, from 0, asked for as what they are: a sum, a count and a comparison
 * are ints; there are no fractions. Views are borrowed until the next store_next. */
bool store_is_null(const struct store_rows *r, int column);
int64_t store_int(const struct store_rows *r, int column);     /* NULL gives 0 */
struct str store_text(const struct store_rows *r, int column); /* NULL gives { NULL, 0 } */
struct str store_bytes(const struct store_rows *r, int column);
void store_id(const struct store_rows *r, int column, uint8_t out[ID_BYTES]); /* NULL gives zeros */
static inline struct instant store_instant(const struct store_rows *r, int column)
{
    return (struct instant) { store_int(r, column) };
}

/* One row at most: *found tells. The row is at hand until *out is freed. */
MUST_USE enum code store_one(struct store_tx *tx, const char *sql, const struct sql_value *values,
                             size_t count, struct store_rows **out, bool *found, struct error *e);

static inline void store_rollback_at(struct store_tx **tx)
{
    store_rollback(*tx);
}
/* TX(tx); rolled back on every way out unless store_commit_take(take(tx), e). */
#define TX(name) __attribute__((cleanup(store_rollback_at))) struct store_tx *name = NULL

#endif
