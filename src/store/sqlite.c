/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: write-ahead log, every commit synced, one writer, a cache of prepared statements. */
#include "store/checkpoint.h"
#include "store/driver.h"
#include "store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct statement {
    char *sql;
    sqlite3_stmt *stmt;
    int wanted;             /* parameters */
    unsigned long *numbers; /* $3 is a name to SQLite: the value that each means */
    bool busy, kept;        /* kept: it lives in a slot */
};

struct sqlite {
    struct connection base;
    sqlite3 *db;
    struct checkpointer *checkpointer; /* of a writer */
    bool is_ahead;                     /* commits do not wait for the disk */
    bool undurable;                    /* nor does anything else, ever */
    struct statement *slots[STATEMENT_SLOTS];
};

static struct sqlite *of(struct connection *c)
{
    return (struct sqlite *)c;
}

/* "UNIQUE constraint failed: networks.operator, networks.slug" -> "networks (operator, slug)" */
static enum code fail_unique(const char *message, struct error *e)
{
    const char *names = strstr(message, "failed: ");
    names = names ? names + 8 : message;
    const char *dot = strchr(names, '.');
    BUF(columns);
    struct str rest = str_of(names), part;
    while (str_split(&rest, ',', &part)) {
        const char *point = memchr(part.at, '.', part.length);
        struct str column = point ? (struct str) { point + 1,
                                                   part.length - (size_t)(point + 1 - part.at) }
                                  : str_trim(part);
        buf_format(&columns, "%s%.*s", columns.length ? ", " : "", STR_ARG(column));
    }
    return fail(e, ERR_CONFLICT, "%.*s (%s) exists already", dot ? (int)(dot - names) : 0, names,
                columns.bytes ? (char *)columns.bytes : "");
}

static enum code fail_constraint(int extended, const char *message, struct error *e)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return fail_unique(message, e);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return fail(e, ERR_CONFLICT,
                    "a foreign key does not hold: the row referred to is missing, "
                    "or still referred to");
    default:
        return fail(e, ERR_INVALID, "the database refuses the values: %s", message);
    }
}

static enum code fail_sqlite(sqlite3 *db, int rc, const char *doing, struct error *e)
{
    const char *message = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    int extended = db ? sqlite3_extended_errcode(db) : rc;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return fail_constraint(extended, message, e);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(e, ERR_BUSY, "the database is busy with another process (%s)", message);
    case SQLITE_FULL:
        return fail(e, ERR_IO, "%s: the disk is full", doing);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(e, ERR_CORRUPT, "%s: %s", doing, message);
    case SQLITE_NOMEM:
        return fail(e, ERR_MEMORY, "%s: %s", doing, message);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fail(e, ERR_DENIED, "%s: %s", doing, message);
    case SQLITE_TOOBIG:
        return fail(e, ERR_LIMIT, "%s: %s", doing, message);
    case SQLITE_MISMATCH:
        return fail(e, ERR_INVALID, "%s: %s", doing, message);
    default:
        if (errno == ENOSPC && (rc & 0xff) == SQLITE_IOERR)
            return fail(e, ERR_IO, "%s: the disk is full", doing);
        return fail(e, ERR_IO, "%s: %s", doing, message);
    }
}

static enum code exec_on(sqlite3 *db, const char *sql, struct error *e)
{
    errno = 0;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : fail_sqlite(db, rc, sql, e);
}

/* --- connections --- */

static void sqlite_close(struct connection *c)
{
    struct sqlite *q = of(c);
    checkpointer_free(q->checkpointer);
    for (size_t i = 0; i < STATEMENT_SLOTS; i++) {
        if (!q->slots[i])
            continue;
        sqlite3_finalize(q->slots[i]->stmt);
        free(q->slots[i]->numbers);
        free(q->slots[i]->sql);
        free(q->slots[i]);
    }
    sqlite3_close(q->db);
    free(q);
}

/* Two processes may make the file a WAL database at once; SQLite does not wait there by itself. */
static enum code set_wal(sqlite3 *db, int64_t wait_ms, struct error *e)
{
    for (int64_t waited = 0;; waited += 10) {
        errno = 0;
        int rc = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            return OK;
        if ((rc & 0xff) != SQLITE_BUSY || waited >= wait_ms)
            return fail_sqlite(db, rc, "switching on the write-ahead log", e);
        nanosleep(&(struct timespec) { 0, 10000000 }, NULL);
    }
}

static enum code set_up(sqlite3 *db, enum store_mode mode, int64_t wait_ms, struct error *e)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(db, (int)wait_ms);
    if (mode == STORE_WRITE) /* the file says it to those who read */
        TRY(set_wal(db, wait_ms, e));
    TRY(exec_on(db,
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536", /* 64 MiB, when used */
                e));
    return mode == STORE_READ ? exec_on(db, "PRAGMA query_only = ON", e) : OK;
}

/* Pages are written once, where they belong, and nothing waits for the disk; what a rollback needs
 * is kept in memory. The next one to open the database for writing makes it one with a log again; a
 * reader leaves it as it is. Where others have it open the log stays. */
static enum code sqlite_undurable(struct connection *c, struct error *e)
{
    of(c)->undurable = true;
    sqlite3_busy_timeout(of(c)->db, 0);
    if (exec_on(of(c)->db, "PRAGMA journal_mode = MEMORY", e) == ERR_BUSY)
        TRY(exec_on(of(c)->db, "PRAGMA wal_autocheckpoint = 8000", e));
    return exec_on(of(c)->db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -524288", e);
}

/* Not readable by others, whatever the umask is. A file that is there is not even opened: to close
 * any descriptor of it would drop every lock this process has on it (POSIX advisory locks), and
 * another process would take the database for unused and remove the log we are writing. */
static enum code make_file(const char *path, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? OK : fail_errno(e, "%s", path);
    close(fd);
    return OK;
}

/* Nobody asks how much memory there is in use, and to count it takes a lock at every piece. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    pages_configure();
}

static enum code sqlite_open(const char *path, enum store_mode mode, int64_t wait_ms,
                             struct connection **out, struct error *e)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    TRY(make_file(path, e));
    struct sqlite *q = calloc(1, sizeof *q);
    if (!q)
        return fail(e, ERR_MEMORY, "no memory for a database connection");
    errno = 0;
    int rc = sqlite3_open_v2(path, &q->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    enum code code = rc == SQLITE_OK ? set_up(q->db, mode, wait_ms, e)
                                     : fail_sqlite(q->db, rc, "opening", e);
    if (code != OK) {
        sqlite_close(&q->base);
        fail_in(e, "%s", path);
        return code;
    }
    if (mode == STORE_WRITE)
        q->checkpointer = checkpointer_new(q->db, path);
    *out = &q->base;
    return OK;
}

/* NORMAL: the log is synced before it is brought in, and not at each commit. */
static enum code set_ahead(struct sqlite *q, bool ahead, struct error *e)
{
    if (q->is_ahead == ahead || q->undurable)
        return OK;
    TRY(exec_on(q->db, ahead ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", e));
    q->is_ahead = ahead;
    return OK;
}

static enum code sqlite_begin(struct connection *c, enum store_mode mode, int64_t wait_ms,
                              struct error *e)
{
    TRY(set_ahead(of(c), c->ahead, e));
    sqlite3_busy_timeout(of(c)->db, (int)wait_ms);
    return exec_on(of(c)->db, mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", e);
}

static enum code sqlite_commit(struct connection *c, struct error *e)
{
    return exec_on(of(c)->db, "COMMIT", e);
}

/* The log by a descriptor of its own, opened anew, for it may be another file than the last time: no
 * locks lie on it that closing could drop. No log: it has been brought in, and was synced for that. */
static enum code sqlite_flush(const char *where, struct error *e)
{
    ARENA(a);
    const char *log = arena_format(&a, "%s-wal", where);
    int fd = open(log, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? OK : fail_errno(e, "%s", log);
    enum code code = fdatasync(fd) == 0 ? OK : fail_errno(e, "%s", log);
    close(fd);
    return code;
}

static void sqlite_rollback(struct connection *c)
{
    sqlite3 *db = of(c)->db;
    if (!sqlite3_get_autocommit(db) && exec_on(db, "ROLLBACK", NULL) != OK)
        c->dead = true;
}

static enum code sqlite_exec(struct connection *c, const char *sql, struct error *e)
{
    return exec_on(of(c)->db, sql, e);
}

/* --- statements --- */

static void statement_free(struct statement *s)
{
    sqlite3_finalize(s->stmt);
    free(s->numbers);
    free(s->sql);
    free(s);
}

static void statement_return(struct statement *s)
{
    if (!s->kept) {
        statement_free(s);
        return;
    }
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->busy = false;
}

static enum code statement_make(struct sqlite *q, const char *sql, struct statement **out,
                                struct error *e)
{
    struct statement *s = calloc(1, sizeof *s);
    char *copy = strdup(sql);
    if (!s || !copy) {
        free(s);
        free(copy);
        return fail(e, ERR_MEMORY, "no memory for a statement");
    }
    s->sql = copy;
    errno = 0;
    int rc = sqlite3_prepare_v3(q->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
    if (rc != SQLITE_OK || !s->stmt) {
        enum code code = fail_sqlite(q->db, rc, sql, e);
        statement_free(s);
        return code;
    }
    s->wanted = sqlite3_bind_parameter_count(s->stmt);
    s->numbers = calloc((size_t)s->wanted + 1, sizeof *s->numbers);
    if (!s->numbers) {
        statement_free(s);
        return fail(e, ERR_MEMORY, "no memory for a statement");
    }
    for (int at = 1; at <= s->wanted; at++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, at);
        s->numbers[at - 1] = name && name[0] == '$' ? strtoul(name + 1, NULL, 10) : 0;
    }
    *out = s;
    return OK;
}

static enum code statement_get(struct sqlite *q, const char *sql, struct statement **out,
                               struct error *e)
{
    struct statement **slot = &q->slots[statement_hash(sql, NULL, 0) % STATEMENT_SLOTS];
    if (*slot && !(*slot)->busy && strcmp((*slot)->sql, sql) == 0) {
        (*slot)->busy = true;
        *out = *slot;
        return OK;
    }
    struct statement *s = NULL;
    TRY(statement_make(q, sql, &s, e));
    if (!*slot || !(*slot)->busy) {
        if (*slot)
            statement_free(*slot);
        *slot = s;
        s->kept = true;
    }
    s->busy = true;
    *out = s;
    return OK;
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct sql_value *v,
                    sqlite3_destructor_type kept)
{
    const void *bytes = v->length ? v->bytes : "";
    switch (v->type) {
    case SQL_NULL:
        return sqlite3_bind_null(stmt, at);
    case SQL_INT:
        return sqlite3_bind_int64(stmt, at, v->number);
    case SQL_TEXT:
        return sqlite3_bind_text64(stmt, at, bytes, v->length, kept, SQLITE_UTF8);
    case SQL_BYTES:
        return sqlite3_bind_blob64(stmt, at, bytes, v->length, kept);
    }
    return SQLITE_MISUSE;
}

/* kept: SQLITE_STATIC where the values outlive the steps, else SQLITE_TRANSIENT */
static enum code bind(struct sqlite *q, struct statement *s, const struct sql_value *values,
                      size_t count, sqlite3_destructor_type kept, struct error *e)
{
    for (int at = 1; at <= s->wanted; at++) {
        unsigned long number = s->numbers[at - 1];
        if (number < 1 || number > count)
            return fail(e, ERR_INVALID, "no value for parameter %d of: %s", at, s->sql);
        int rc = bind_one(s->stmt, at, &values[number - 1], kept);
        if (rc != SQLITE_OK)
            return fail_sqlite(q->db, rc, s->sql, e);
    }
    return OK;
}

static enum code ready(struct sqlite *q, const char *sql, const struct sql_value *values,
                       size_t count, sqlite3_destructor_type kept, struct statement **out,
                       struct error *e)
{
    struct statement *s;
    TRY(statement_get(q, sql, &s, e));
    enum code code = bind(q, s, values, count, kept, e);
    if (code != OK) {
        statement_return(s);
        return code;
    }
    *out = s;
    return OK;
}

static enum code sqlite_run(struct connection *c, const char *sql, const struct sql_value *values,
                            size_t count, int64_t *changed, struct error *e)
{
    struct sqlite *q = of(c);
    struct statement *s;
    TRY(ready(q, sql, values, count, SQLITE_STATIC, &s, e));
    errno = 0;
    int rc;
    while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW)
        continue;
    enum code code = rc == SQLITE_DONE ? OK : fail_sqlite(q->db, rc, sql, e);
    if (code == OK && changed)
        *changed = sqlite3_changes64(q->db);
    statement_return(s);
    return code;
}

/* --- rows --- */

struct cursor {
    struct sqlite *q;
    struct statement *s;
    int rc; /* of the step taken ahead: errors show in store_query, as with PostgreSQL */
};

static void sqlite_rows_end(struct store_rows *r)
{
    struct cursor *k = r->handle;
    statement_return(k->s);
    free(k);
    r->handle = NULL;
}

static enum code sqlite_query(struct connection *c, const char *sql, const struct sql_value *values,
                              size_t count, struct store_rows **out, struct error *e)
{
    struct sqlite *q = of(c);
    struct statement *s;
    TRY(ready(q, sql, values, count, SQLITE_TRANSIENT, &s, e));
    errno = 0;
    int rc = sqlite3_step(s->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        enum code code = fail_sqlite(q->db, rc, sql, e);
        statement_return(s);
        return code;
    }
    struct cursor *k = calloc(1, sizeof *k);
    struct store_rows *r = k ? rows_new(&driver_sqlite, sqlite3_column_count(s->stmt), k) : NULL;
    if (!r) {
        free(k);
        statement_return(s);
        return fail(e, ERR_MEMORY, "no memory for rows");
    }
    *k = (struct cursor) { q, s, rc };
    *out = r;
    return OK;
}

static enum code read_cell(sqlite3_stmt *stmt, int i, struct sql_value *v, struct error *e)
{
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_NULL:
        *v = sql_null();
        return OK;
    case SQLITE_INTEGER:
        *v = sql_int(sqlite3_column_int64(stmt, i));
        return OK;
    case SQLITE_TEXT:
        *v = (struct sql_value) { SQL_TEXT, 0, sqlite3_column_text(stmt, i), 0 };
        v->length = (size_t)sqlite3_column_bytes(stmt, i);
        return OK;
    case SQLITE_BLOB:
        *v = (struct sql_value) { SQL_BYTES, 0, sqlite3_column_blob(stmt, i), 0 };
        v->length = (size_t)sqlite3_column_bytes(stmt, i);
        if (!v->bytes)
            v->bytes = "";
        return OK;
    default:
        return fail(e, ERR_INVALID, "column %d is a fraction: the store has whole numbers only", i);
    }
}

static enum code sqlite_next(struct store_rows *r, bool *more, struct error *e)
{
    struct cursor *k = r->handle;
    errno = 0;
    int rc = k->rc ? k->rc : sqlite3_step(k->s->stmt);
    k->rc = rc == SQLITE_ROW ? 0 : rc;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return fail_sqlite(k->q->db, rc, k->s->sql, e);
    for (int i = 0; rc == SQLITE_ROW && i < r->columns; i++)
        TRY(read_cell(k->s->stmt, i, &r->cells[i], e));
    *more = rc == SQLITE_ROW;
    return OK;
}

/* --- backup --- */

static enum code copy_into(sqlite3 *from, const char *beside, struct error *e)
{
    sqlite3 *to = NULL;
    enum code code = OK;
    int rc = sqlite3_open_v2(beside, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_backup *b = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", from, "main") : NULL;
    if (!b)
        code = fail_sqlite(to, rc == SQLITE_OK ? sqlite3_errcode(to) : rc, beside, e);
    /* all pages in one step: one moment, and with a write-ahead log no writer waits for it */
    errno = 0;
    if (b && (rc = sqlite3_backup_step(b, -1)) != SQLITE_DONE)
        code = fail_sqlite(NULL, rc, beside, e);
    if (b && (rc = sqlite3_backup_finish(b)) != SQLITE_OK && code == OK)
        code = fail_sqlite(to, rc, beside, e);
    /* a single file, without a log beside it */
    if (code == OK)
        code = exec_on(to, "PRAGMA journal_mode = DELETE", e);
    sqlite3_close(to);
    return code;
}

static enum code sqlite_backup(struct connection *c, const char *path, struct error *e)
{
    ARENA(a);
    if (access(path, F_OK) == 0)
        return fail(e, ERR_CONFLICT, "%s is there already", path);
    const char *beside = arena_format(&a, "%s.new", path);
    unlink(beside);
    TRY(make_file(beside, e));
    enum code code = copy_into(of(c)->db, beside, e);
    if (code == OK && rename(beside, path) != 0)
        code = fail_errno(e, "%s", path);
    if (code != OK) {
        unlink(beside);
        return code;
    }
    const char *slash = strrchr(path, '/');
    size_t length = slash > path ? (size_t)(slash - path) : 1;
    return file_sync_folder(slash ? arena_text(&a, path, length) : ".", e);
}

const struct driver driver_sqlite = {
    .kind = STORE_SQLITE,
    .one_writer = true,
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .exec = sqlite_exec,
    .run = sqlite_run,
    .query = sqlite_query,
    .next = sqlite_next,
    .rows_end = sqlite_rows_end,
    .backup = sqlite_backup,
    .undurable = sqlite_undurable,
    .flush = sqlite_flush,
};
