/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL 15 and later through libpq: typed binary parameters and results, prepared once. */
#include "store/driver.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

/* pg_type's oids, fixed for ever */
enum {
    T_BOOL = 16,
    T_BYTES = 17,
    T_NAME = 19,
    T_INT8 = 20,
    T_INT2 = 21,
    T_INT4 = 23,
    T_TEXT = 25,
    T_OID = 26,
    T_CHARS = 1042,
    T_VARCHAR = 1043,
    T_NUMERIC = 1700,
    T_VOID = 2278
};
enum { VALUES_MOST = 100, OLDEST_SERVER = 150000 };

struct prepared {
    char *sql;
    char types[VALUES_MOST + 1];
    uint32_t number; /* its name is "s<number>" */
};

struct postgresql {
    struct connection base;
    PGconn *link;
    int64_t wait_ms;
    uint32_t last_number;
    struct prepared *slots[STATEMENT_SLOTS];
};

static struct postgresql *of(struct connection *c)
{
    return (struct postgresql *)c;
}

/* --- errors --- */

/* libpq's texts are lines with a level in front; ours are one sentence. */
static enum code fail_words(enum code code, const char *text, struct error *e)
{
    char line[300];
    size_t n = 0;
    for (const char *p = text; *p && n + 1 < sizeof line; p++)
        line[n++] = *p == '\n' || *p == '\t' ? ' ' : *p;
    while (n && line[n - 1] == ' ')
        n--;
    line[n] = '\0';
    return fail(e, code, "PostgreSQL: %s", line);
}

static enum code fail_link(struct postgresql *p, struct error *e)
{
    if (PQstatus(p->link) != CONNECTION_OK)
        p->base.dead = true;
    return fail_words(ERR_IO, PQerrorMessage(p->link), e);
}

static const struct {
    const char *state; /* SQLSTATE, or its class */
    enum code code;
} states[] = {
    { "23502", ERR_INVALID }, { "23514", ERR_INVALID }, { "40001", ERR_BUSY },
    { "40P01", ERR_BUSY },    { "55P03", ERR_BUSY },    { "57014", ERR_BUSY },
    { "53100", ERR_IO },      { "53", ERR_BUSY },       { "25006", ERR_DENIED },
    { "42501", ERR_DENIED },  { "28", ERR_DENIED },     { "22", ERR_INVALID },
    { "XX001", ERR_CORRUPT }, { "XX002", ERR_CORRUPT }, { "57P", ERR_IO },
};

/* A partition is called as its table with _p and a number. */
static struct str table_name(const char *name)
{
    struct str s = str_of(name);
    size_t n = s.length;
    while (n && s.at[n - 1] >= '0' && s.at[n - 1] <= '9')
        n--;
    if (n < s.length && n > 2 && s.at[n - 1] == 'p' && s.at[n - 2] == '_')
        s.length = n - 2;
    return s;
}

/* The detail reads: Key (operator, slug)=(...) already exists. */
static enum code fail_unique(const PGresult *r, struct error *e)
{
    const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);
    const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
    const char *open = detail ? strchr(detail, '(') : NULL;
    const char *close = open ? strstr(open, ")=") : NULL;
    struct str columns = close ? (struct str) { open + 1, (size_t)(close - open - 1) }
                               : str_of(PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME));
    return fail(e, ERR_CONFLICT, "%.*s (%.*s) exists already", STR_ARG(table_name(table)),
                STR_ARG(columns));
}

static enum code fail_result(struct postgresql *p, const PGresult *r, struct error *e)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (!state)
        return fail_link(p, e);
    if (PQstatus(p->link) != CONNECTION_OK)
        p->base.dead = true;
    if (strcmp(state, "23505") == 0)
        return fail_unique(r, e);
    const char *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (strcmp(state, "23503") == 0)
        return fail(e, ERR_CONFLICT, "a foreign key does not hold: %s", words);
    if (strcmp(state, "53100") == 0)
        return fail(e, ERR_IO, "PostgreSQL: the disk is full: %s", words);
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return fail_words(states[i].code, words, e);
    return fail_words(ERR_IO, words, e);
}

static enum code finish(struct postgresql *p, PGresult *r, struct error *e)
{
    ExecStatusType s = PQresultStatus(r);
    enum code code = s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ? OK : fail_result(p, r, e);
    PQclear(r);
    return code;
}

static enum code postgresql_exec(struct connection *c, const char *sql, struct error *e)
{
    return finish(of(c), PQexec(of(c)->link, sql), e);
}

/* --- connections --- */

static void forget_statements(struct postgresql *p)
{
    for (size_t i = 0; i < STATEMENT_SLOTS; i++) {
        if (p->slots[i])
            free(p->slots[i]->sql);
        free(p->slots[i]);
        p->slots[i] = NULL;
    }
}

static void postgresql_close(struct connection *c)
{
    forget_statements(of(c));
    PQfinish(of(c)->link);
    free(c);
}

static void say_nothing(void *state, const char *notice)
{
    (void)state;
    (void)notice;
}

/* A commit that was acknowledged is on disk; a server set to wait for its standbys keeps that. */
static const char set_up[] = "SELECT set_config('synchronous_commit', 'on', false)"
                             " WHERE current_setting('synchronous_commit') IN ('off', 'local')";

static enum code greet(struct postgresql *p, struct error *e)
{
    if (PQstatus(p->link) != CONNECTION_OK)
        return fail_link(p, e);
    if (PQserverVersion(p->link) < OLDEST_SERVER)
        return fail(e, ERR_INVALID, "PostgreSQL is version %d; 15 or newer is wanted",
                    PQserverVersion(p->link) / 10000);
    p->wait_ms = -1;
    return postgresql_exec(&p->base, set_up, e);
}

static enum code postgresql_open(const char *where, enum store_mode mode, int64_t wait_ms,
                                 struct connection **out, struct error *e)
{
    (void)mode;
    (void)wait_ms;
    const char *names[] = { "connect_timeout", "fallback_application_name", "dbname",
                            "client_encoding", NULL };
    const char *values[] = { "10", "licet", where, "UTF8", NULL };
    struct postgresql *p = calloc(1, sizeof *p);
    if (!p)
        return fail(e, ERR_MEMORY, "no memory for a database connection");
    p->link = PQconnectdbParams(names, values, 1);
    PQsetNoticeProcessor(p->link, say_nothing, NULL);
    enum code code = greet(p, e);
    if (code != OK) {
        postgresql_close(&p->base);
        return code;
    }
    *out = &p->base;
    return OK;
}

static enum code set_wait(struct postgresql *p, int64_t wait_ms, struct error *e)
{
    if (p->wait_ms == wait_ms)
        return OK;
    char sql[64];
    snprintf(sql, sizeof sql, "SET lock_timeout = %lld", (long long)wait_ms);
    TRY(postgresql_exec(&p->base, sql, e));
    p->wait_ms = wait_ms;
    return OK;
}

static enum code begin_once(struct postgresql *p, enum store_mode mode, int64_t wait_ms,
                            struct error *e)
{
    TRY(set_wait(p, wait_ms, e));
    return postgresql_exec(&p->base,
                           mode == STORE_WRITE ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                               : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                           e);
}

/* A connection that slept in the pool may have been cut: knock once more. */
static enum code postgresql_begin(struct connection *c, enum store_mode mode, int64_t wait_ms,
                                  struct error *e)
{
    struct postgresql *p = of(c);
    enum code code = begin_once(p, mode, wait_ms, e);
    if (code == OK || !c->dead)
        return code;
    PQreset(p->link);
    forget_statements(p);
    c->dead = false;
    TRY(greet(p, e));
    return begin_once(p, mode, wait_ms, e);
}

static enum code postgresql_commit(struct connection *c, struct error *e)
{
    return postgresql_exec(c, "COMMIT", e);
}

static void postgresql_rollback(struct connection *c)
{
    if (PQtransactionStatus(of(c)->link) == PQTRANS_IDLE)
        return;
    if (postgresql_exec(c, "ROLLBACK", NULL) != OK)
        c->dead = true;
}

/* --- statements --- */

struct parameters {
    Oid types[VALUES_MOST];
    const char *values[VALUES_MOST];
    int lengths[VALUES_MOST], formats[VALUES_MOST];
    uint64_t numbers[VALUES_MOST];
    char kinds[VALUES_MOST + 1];
};

static enum code parameters_fill(struct parameters *p, const struct sql_value *values, size_t count,
                                 struct error *e)
{
    static const Oid oids[] = {
        [SQL_NULL] = 0, [SQL_INT] = T_INT8, [SQL_TEXT] = T_TEXT, [SQL_BYTES] = T_BYTES
    };
    if (count > VALUES_MOST)
        return fail(e, ERR_LIMIT, "a statement has more than %d values", VALUES_MOST);
    for (size_t i = 0; i < count; i++) {
        const struct sql_value *v = &values[i];
        if (v->length > INT32_MAX)
            return fail(e, ERR_LIMIT, "a value has more than 2 GB");
        p->types[i] = oids[v->type];
        p->kinds[i] = "0itb"[v->type];
        p->formats[i] = 1;
        p->numbers[i] = htobe64((uint64_t)v->number);
        p->values[i] = v->type == SQL_NULL  ? NULL
                       : v->type == SQL_INT ? (const char *)&p->numbers[i]
                       : v->length          ? v->bytes
                                            : "";
        p->lengths[i] = v->type == SQL_INT ? 8 : (int)v->length;
    }
    p->kinds[count] = '\0';
    return OK;
}

static void name_of(uint32_t number, char name[16])
{
    snprintf(name, 16, "s%u", number);
}

/* Make room in a slot; the old statement goes from the server too. */
static enum code evict(struct postgresql *p, struct prepared **slot, struct error *e)
{
    if (!*slot)
        return OK;
    char sql[40];
    snprintf(sql, sizeof sql, "DEALLOCATE s%u", (*slot)->number);
    free((*slot)->sql);
    free(take(*slot));
    return postgresql_exec(&p->base, sql, e);
}

static enum code prepare(struct postgresql *p, const char *sql, const struct parameters *a,
                         size_t count, struct prepared **slot, struct error *e)
{
    char name[16];
    name_of(++p->last_number, name);
    TRY(finish(p, PQprepare(p->link, name, sql, (int)count, a->types), e));
    struct prepared *made = calloc(1, sizeof *made);
    char *copy = strdup(sql);
    if (!made || !copy) {
        free(made);
        free(copy);
        return fail(e, ERR_MEMORY, "no memory for a statement");
    }
    made->sql = copy;
    made->number = p->last_number;
    strcpy(made->types, a->kinds);
    *slot = made;
    return OK;
}

static enum code execute(struct connection *c, const char *sql, const struct sql_value *values,
                         size_t count, PGresult **out, struct error *e)
{
    struct postgresql *p = of(c);
    struct parameters a;
    TRY(parameters_fill(&a, values, count, e));
    struct prepared **slot = &p->slots[statement_hash(sql, values, count) % STATEMENT_SLOTS];
    if (!*slot || strcmp((*slot)->sql, sql) != 0 || strcmp((*slot)->types, a.kinds) != 0) {
        TRY(evict(p, slot, e));
        TRY(prepare(p, sql, &a, count, slot, e));
    }
    char name[16];
    name_of((*slot)->number, name);
    PGresult *r = PQexecPrepared(p->link, name, (int)count, a.values, a.lengths, a.formats, 1);
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK)
        return finish(p, r, e);
    *out = r;
    return OK;
}

static enum code postgresql_run(struct connection *c, const char *sql,
                                const struct sql_value *values, size_t count, int64_t *changed,
                                struct error *e)
{
    PGresult *r;
    TRY(execute(c, sql, values, count, &r, e));
    if (changed)
        *changed = strtoll(PQcmdTuples(r), NULL, 10);
    PQclear(r);
    return OK;
}

/* --- rows --- */

static void postgresql_rows_end(struct store_rows *r)
{
    PQclear(r->handle);
    r->handle = NULL;
}

static enum code postgresql_query(struct connection *c, const char *sql,
                                  const struct sql_value *values, size_t count,
                                  struct store_rows **out, struct error *e)
{
    PGresult *result;
    TRY(execute(c, sql, values, count, &result, e));
    struct store_rows *r = rows_new(&driver_postgresql, PQnfields(result), result);
    if (!r) {
        PQclear(result);
        return fail(e, ERR_MEMORY, "no memory for rows");
    }
    r->count = PQntuples(result);
    *out = r;
    return OK;
}

static uint16_t be16(const uint8_t *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}

/* numeric on the wire: digits of base 10000, weight of the first, sign, scale, the digits. A sum
 * of int64 is one. */
static enum code read_numeric(const uint8_t *b, int length, int64_t *out, struct error *e)
{
    int digits = be16(b), weight = (int16_t)be16(b + 2), sign = be16(b + 4);
    if (length < 8 + 2 * digits || (sign != 0 && sign != 0x4000))
        return fail(e, ERR_INVALID, "a numeric of the database is not a number");
    __int128 n = 0;
    for (int i = 0; i <= weight; i++) {
        n = n * 10000 + (i < digits ? be16(b + 8 + 2 * i) : 0);
        if (n > INT64_MAX)
            return fail(e, ERR_LIMIT, "a sum leaves 64 bits");
    }
    for (int i = weight + 1 < 0 ? 0 : weight + 1; i < digits; i++)
        if (be16(b + 8 + 2 * i))
            return fail(e, ERR_INVALID, "a fraction: the store has whole numbers only");
    *out = (int64_t)(sign ? -n : n);
    return OK;
}

static int64_t read_int(const uint8_t *b, int length)
{
    int64_t n = length && b[0] & 0x80 ? -1 : 0;
    for (int i = 0; i < length; i++)
        n = (int64_t)((uint64_t)n << 8 | b[i]);
    return n;
}

static enum code read_cell(const PGresult *r, int row, int i, struct sql_value *v, struct error *e)
{
    *v = sql_null();
    if (PQgetisnull(r, row, i))
        return OK;
    const void *bytes = PQgetvalue(r, row, i);
    int length = PQgetlength(r, row, i);
    Oid type = PQftype(r, i);
    switch (type) {
    case T_BOOL:
        *v = sql_int(*(const uint8_t *)bytes);
        return OK;
    case T_INT2:
    case T_INT4:
    case T_INT8:
        *v = sql_int(read_int(bytes, length));
        return OK;
    case T_NUMERIC:
        v->type = SQL_INT;
        return read_numeric(bytes, length, &v->number, e);
    case T_BYTES:
        *v = sql_bytes(bytes, (size_t)length);
        return OK;
    case T_TEXT:
    case T_NAME:
    case T_CHARS:
    case T_VARCHAR:
        *v = (struct sql_value) { SQL_TEXT, 0, bytes, (size_t)length };
        return OK;
    case T_VOID:
        return OK;
    default:
        return fail(e, ERR_INVALID, "column %d has a type the store does not read (%u)", i, type);
    }
}

static enum code postgresql_next(struct store_rows *r, bool *more, struct error *e)
{
    *more = r->at < r->count;
    for (int i = 0; *more && i < r->columns; i++)
        TRY(read_cell(r->handle, (int)r->at, i, &r->cells[i], e));
    if (*more)
        r->at++;
    return OK;
}

const struct driver driver_postgresql = {
    .kind = STORE_POSTGRESQL,
    .open = postgresql_open,
    .close = postgresql_close,
    .begin = postgresql_begin,
    .commit = postgresql_commit,
    .rollback = postgresql_rollback,
    .exec = postgresql_exec,
    .run = postgresql_run,
    .query = postgresql_query,
    .next = postgresql_next,
    .rows_end = postgresql_rows_end,
};
