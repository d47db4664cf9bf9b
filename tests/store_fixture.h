/* SPDX-License-Identifier: Apache-2.0 */
/* A migrated, empty store for one test, on SQLite and on PostgreSQL.
 *
 *     TEST(a_row_is_kept)
 *     {
 *         STORE(s);          struct store *s; the test is skipped where there is no PostgreSQL
 *         ...
 *     }
 *     const struct CMUnitTest tests[] = { STORE_TEST(a_row_is_kept) };  two tests, one per database
 *
 * PostgreSQL is the one of LICET_TEST_POSTGRESQL (tests/with_postgresql.py sets it); without it that
 * half says SKIPPED. Each test has a file, or a database, of its own: a copy of one that the first
 * test migrated, for some hundred tables take half a second to make and a tenth to copy. */
#ifndef LICET_TESTS_STORE_FIXTURE_H
#define LICET_TESTS_STORE_FIXTURE_H

#include "check.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/store.h"

struct store_fixture {
    struct store *store; /* NULL: skip */
    char url[600];
    char folder[64], database[64];
    uint64_t seed;
    struct chance chance; /* repeatable */
};

#define STORE_TEST(name)                                                                           \
    { #name " (sqlite)", name, store_fixture_sqlite, store_fixture_end, NULL },                    \
    {                                                                                              \
#name " (postgresql)", name, store_fixture_postgresql, store_fixture_end, NULL             \
    }

#define FIXTURE(name)                                                                              \
    struct store_fixture *name = *state;                                                           \
    if (!name->store)                                                                              \
        skip();

#define STORE(name)                                                                                \
    FIXTURE(store_fixture_)                                                                        \
    struct store *name = store_fixture_->store

static inline struct store_fixture *store_fixture_new(void)
{
    struct store_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->seed = 20261123;
    f->chance = chance_seeded(&f->seed);
    return f;
}

static inline int store_fixture_open(struct store_fixture *f)
{
    CHECK_OK(store_open(f->url, &f->store, e));
    CHECK_OK(store_migrate(f->store, e));
    return 0;
}

/* A folder in memory where there is one: a commit is synced, and hundreds of tests commit. */
static inline void store_fixture_folder(char folder[64])
{
    strcpy(folder, "/dev/shm/licet-test-XXXXXX");
    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/licet-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
}

static inline int store_fixture_sqlite(void **state)
{
    struct store_fixture *f = store_fixture_new();
    *state = f;
    store_fixture_folder(f->folder);
    snprintf(f->url, sizeof f->url, "sqlite:%s/licet.db", f->folder);
    return store_fixture_open(f);
}

/* One statement on the server, outside of any transaction and any test's database. */
static inline void store_fixture_admin(const char *sql)
{
    PGconn *link = PQconnectdb(getenv("LICET_TEST_POSTGRESQL"));
    PGresult *result = PQexec(link, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        STOP("%s: %s", sql, PQerrorMessage(link));
    PQclear(result);
    PQfinish(link);
}

static inline void store_fixture_url(const char *database, char *out, size_t room)
{
    const char *url = getenv("LICET_TEST_POSTGRESQL");
    snprintf(out, room, "%s%cdbname=%s", url, strchr(url, '?') ? '&' : '?', database);
}

#define STORE_FIXTURE_TEMPLATE "licet_template"

/* The database to copy from, made by whoever comes first; `lock` is held meanwhile. It has its
 * name when it is whole. */
static inline void store_fixture_template(void)
{
    char making[80], sql[300], url[600];
    struct store *s;
    int64_t has, knows;
    int lock = open("/tmp/licet-test-template.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    assert_true(lock >= 0 && flock(lock, LOCK_EX) == 0);
    PGconn *link = PQconnectdb(getenv("LICET_TEST_POSTGRESQL"));
    PGresult *found = PQexec(link, "SELECT 1 FROM pg_database WHERE datname = "
                                   "'" STORE_FIXTURE_TEMPLATE "'");
    if (PQntuples(found) == 0) {
        snprintf(making, sizeof making, "licet_making_%ld", (long)getpid());
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", making);
        store_fixture_admin(sql);
        store_fixture_url(making, url, sizeof url);
        CHECK_OK(store_open(url, &s, e));
        CHECK_OK(store_migrate(s, e));
        CHECK_OK(store_versions(s, &has, &knows, e));
        assert_int_equal(has, knows);
        store_close(s);
        snprintf(sql, sizeof sql, "ALTER DATABASE %s RENAME TO " STORE_FIXTURE_TEMPLATE, making);
        store_fixture_admin(sql);
    }
    PQclear(found);
    PQfinish(link);
    close(lock);
}

static inline void store_fixture_database(struct store_fixture *f, const char *from)
{
    char sql[200];
    snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", f->database,
             from);
    store_fixture_admin(sql);
}

static inline void store_fixture_drop(struct store_fixture *f)
{
    char sql[200];
    snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", f->database);
    store_fixture_admin(sql);
}

static inline int store_fixture_postgresql(void **state)
{
    static int number;
    struct store_fixture *f = store_fixture_new();
    *state = f;
    if (!getenv("LICET_TEST_POSTGRESQL"))
        return 0;
    if (number == 0)
        store_fixture_template();
    snprintf(f->database, sizeof f->database, "test_%ld_%d", (long)getpid(), ++number);
    store_fixture_database(f, STORE_FIXTURE_TEMPLATE);
    store_fixture_url(f->database, f->url, sizeof f->url);
    return store_fixture_open(f);
}

static inline int store_fixture_end(void **state)
{
    struct store_fixture *f = *state;
    char command[128];
    store_close(f->store);
    if (f->folder[0]) {
        snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
        assert_int_equal(system(command), 0);
    }
    if (f->database[0])
        store_fixture_drop(f);
    free(f);
    return 0;
}

/* `act` with its 1st, 2nd, ... operation on the store failing, until it gets through; after each
 * failure `unchanged` looks at what is there. Returns how many operations failed. */
static inline int64_t
store_fixture_each_fault(struct store *s, enum code (*act)(struct store *, void *, struct error *),
                         void (*unchanged)(struct store *, void *), void *context)
{
    for (int64_t n = 1;; n++) {
        struct error error = { 0 };
        store_fault_after(s, n);
        enum code code = act(s, context, &error);
        store_fault_after(s, 0);
        if (code == OK)
            return n - 1;
        if (code != ERR_IO || !strstr(error.text, "put here by a test"))
            STOP("operation %lld failed, and so: %s (%s)", (long long)n, code_word(code),
                 error.text);
        unchanged(s, context);
    }
}

/* The single int of a query, for a test's questions */
static inline int64_t store_fixture_int(struct store *s, const char *sql)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, sql, SQL_NONE, &r, &found, e));
    return found ? store_int(r, 0) : 0;
}

#endif
