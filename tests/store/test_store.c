/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void run(struct store *s, const char *sql)
{
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, sql, SQL_NONE, NULL, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

static const char bytes_type[] = "BLOB";

/* people (id, name unique), things (id, owner -> people, body) */
static void make_tables(struct store *s)
{
    char sql[256];
    const char *bytes = store_kind(s) == STORE_SQLITE ? bytes_type : "BYTEA";
    run(s, "CREATE TABLE people (id BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE"
           " CHECK (name <> 'nobody'))");
    snprintf(sql, sizeof sql,
             "CREATE TABLE things (id BIGINT PRIMARY KEY NOT NULL, owner BIGINT REFERENCES people"
             " (id), body %s)",
             bytes);
    run(s, sql);
}

static enum code add_person(struct store *s, int64_t id, const char *name, struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(store_run(tx, "INSERT INTO people (id, name) VALUES ($1, $2)",
                  SQL(sql_int(id), sql_text(name)), NULL, e));
    return store_commit_take(take(tx), e);
}

static int64_t people(struct store *s)
{
    return store_fixture_int(s, "SELECT COUNT(*) FROM people");
}

TEST(values_come_back_as_they_went)
{
    STORE(s);
    TX(tx);
    static const int64_t numbers[] = { 0, 1, -1, 255, -256, INT64_MAX, INT64_MIN, 1LL << 40 };
    static const struct str texts[] = { { "", 0 }, { "a", 1 }, { "\xD0\x9F\xD1\x80 'x' $1", 11 } };
    static const struct str blobs[] = { { "", 0 }, { "\0\1\2\xFF", 4 }, { "'", 1 } };
    make_tables(s);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct str text = texts[i % 3], blob = blobs[i % 3];
        owned(store_rows) r = NULL;
        bool found;
        CHECK_OK(store_run(tx, "DELETE FROM things", SQL_NONE, NULL, e));
        CHECK_OK(store_run(tx, "DELETE FROM people", SQL_NONE, NULL, e));
        CHECK_OK(store_run(tx, "INSERT INTO people (name, id) VALUES ($2, $1)",
                           SQL(sql_int(numbers[i]), sql_str(text)), NULL, e));
        CHECK_OK(store_run(tx, "INSERT INTO things (id, owner, body) VALUES ($1, $1, $2)",
                           SQL(sql_int(numbers[i]), sql_bytes(blob.at, blob.length)), NULL, e));
        CHECK_OK(store_one(tx,
                           "SELECT p.id, p.name, t.body, NULL FROM people p, things t"
                           " WHERE p.id = t.owner AND t.body = $1 AND p.name = $2",
                           SQL(sql_bytes(blob.at, blob.length), sql_str(text)), &r, &found, e));
        assert_true(found);
        assert_int_equal(store_int(r, 0), numbers[i]);
        assert_true(str_equal(store_text(r, 1), text));
        assert_true(str_equal(store_bytes(r, 2), blob));
        assert_true(store_is_null(r, 3));
    }
}

TEST(null_is_not_empty)
{
    STORE(s);
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    make_tables(s);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    /* the same statement with a value and without: two types of one parameter */
    for (int i = 0; i < 4; i++)
        CHECK_OK(store_run(tx, "INSERT INTO things (id, owner, body) VALUES ($1, $2, $3)",
                           SQL(sql_int(i), sql_null(), i % 2 ? sql_null() : sql_bytes("", 0)), NULL,
                           e));
    CHECK_OK(store_one(tx,
                       "SELECT COUNT(*), COUNT(owner), COUNT(body), SUM(id), MAX(owner)"
                       " FROM things",
                       SQL_NONE, &r, &found, e));
    assert_int_equal(store_int(r, 0), 4);
    assert_int_equal(store_int(r, 1), 0);
    assert_int_equal(store_int(r, 2), 2);
    assert_int_equal(store_int(r, 3), 6);
    assert_true(store_is_null(r, 4));
    assert_int_equal(store_int(r, 4), 0);
}

TEST(sums_and_comparisons_are_ints)
{
    STORE(s);
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    make_tables(s);
    run(s, "INSERT INTO people VALUES (-5, 'a'), (123456789012, 'b'), (1, 'c')");
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(store_one(tx,
                       "SELECT SUM(id), SUM(id * 0), SUM(CASE WHEN id < 0 THEN id ELSE 0 END),"
                       " EXISTS (SELECT 1 FROM people WHERE id = 1), MAX(id) > 5 FROM people",
                       SQL_NONE, &r, &found, e));
    assert_int_equal(store_int(r, 0), 123456789008);
    assert_int_equal(store_int(r, 1), 0);
    assert_int_equal(store_int(r, 2), -5);
    assert_int_equal(store_int(r, 3), 1);
    assert_int_equal(store_int(r, 4), 1);
}

TEST(text_sorts_by_its_bytes)
{
    STORE(s);
    TX(tx);
    owned(store_rows) r = NULL;
    static const char *const want[] = { "B", "a", "b-c", "bb", "\xC3\xA4" };
    make_tables(s);
    for (size_t i = 0; i < COUNT_OF(want); i++)
        CHECK_OK(add_person(s, (int64_t)(i * 7 % 5), want[i * 3 % 5], e));
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(store_query(tx, "SELECT name FROM people ORDER BY name", SQL_NONE, &r, e));
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        bool more;
        CHECK_OK(store_next(r, &more, e));
        assert_true(more);
        assert_true(str_is(store_text(r, 0), want[i]));
    }
}

TEST(what_is_not_committed_is_not_there)
{
    STORE(s);
    make_tables(s);
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(store_run(tx, "INSERT INTO people VALUES (1, 'x')", SQL_NONE, NULL, e));
        assert_int_equal(people(s), 0); /* nor seen by others */
    }
    assert_int_equal(people(s), 0);
    CHECK_OK(add_person(s, 1, "x", e));
    assert_int_equal(people(s), 1);
}

TEST(a_reader_sees_one_moment)
{
    STORE(s);
    TX(tx);
    make_tables(s);
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    for (int64_t i = 0; i < 3; i++) {
        owned(store_rows) r = NULL;
        char name[8];
        bool found;
        CHECK_OK(store_one(tx, "SELECT COUNT(*) FROM people", SQL_NONE, &r, &found, e));
        assert_int_equal(store_int(r, 0), 0);
        snprintf(name, sizeof name, "p%d", (int)i);
        CHECK_OK(add_person(s, i, name, e));
        assert_int_equal(people(s), i + 1);
    }
}

TEST(a_reader_does_not_write)
{
    STORE(s);
    TX(tx);
    make_tables(s);
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_FAILS(ERR_DENIED, "",
                store_run(tx, "INSERT INTO people VALUES (1, 'x')", SQL_NONE, NULL, e));
}

TEST(readers_beside_are_alike_until_something_is_written)
{
    STORE(s);
    make_tables(s);
    TX(reader);
    CHECK_OK(store_begin(s, STORE_READ, &reader, e));
    assert_null(store_alike(reader)); /* others may have committed since */
    store_rollback(take(reader));
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    bool sqlite = store_tx_kind(tx) == STORE_SQLITE;
    assert_true(store_alike(tx) == (sqlite ? s : NULL));
    store_behind(tx);
    CHECK_OK(store_run(tx, "INSERT INTO people (name, id) VALUES ('a', 1)", SQL_NONE, NULL, e));
    assert_null(store_alike(tx));
}

TEST(violations_name_what_they_violate)
{
    STORE(s);
    make_tables(s);
    CHECK_OK(add_person(s, 1, "x", e));
    CHECK_FAILS(ERR_CONFLICT, "people (name) exists already", add_person(s, 2, "x", e));
    CHECK_FAILS(ERR_CONFLICT, "people (id) exists already", add_person(s, 1, "y", e));
    CHECK_FAILS(ERR_INVALID, "name", add_person(s, 3, "nobody", e));
    CHECK_FAILS(ERR_INVALID, "name", add_person(s, 3, NULL, e));
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_FAILS(ERR_CONFLICT, "foreign key",
                store_run(tx, "INSERT INTO things VALUES (1, 9, NULL)", SQL_NONE, NULL, e));
}

TEST(after_a_failure_only_a_rollback_helps)
{
    STORE(s);
    make_tables(s);
    CHECK_OK(add_person(s, 1, "x", e));
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (2, 'y')", SQL_NONE, NULL, e));
    CHECK_FAILS(ERR_CONFLICT, "exists",
                store_run(tx, "INSERT INTO people VALUES (1, 'z')", SQL_NONE, NULL, e));
    CHECK_FAILS(ERR_CONFLICT, "failed before",
                store_run(tx, "INSERT INTO people VALUES (3, 'z')", SQL_NONE, NULL, e));
    CHECK_FAILS(ERR_CONFLICT, "failed before", store_commit_take(take(tx), e));
    assert_int_equal(people(s), 1);
}

TEST(a_part_may_fail_alone)
{
    STORE(s);
    make_tables(s);
    CHECK_OK(add_person(s, 1, "x", e));
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (2, 'y')", SQL_NONE, NULL, e));
    CHECK_OK(store_savepoint(tx, e));
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (3, 'z')", SQL_NONE, NULL, e));
    CHECK_OK(store_savepoint(tx, e));
    CHECK_FAILS(ERR_CONFLICT, "exists",
                store_run(tx, "INSERT INTO people VALUES (1, 'w')", SQL_NONE, NULL, e));
    CHECK_OK(store_rollback_to(tx, e));
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (4, 'w')", SQL_NONE, NULL, e));
    CHECK_OK(store_rollback_to(tx, e)); /* 3 and 4 go, 2 stays */
    CHECK_OK(store_savepoint(tx, e));
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (5, 'v')", SQL_NONE, NULL, e));
    CHECK_OK(store_release(tx, e));
    CHECK_OK(store_commit_take(take(tx), e));
    assert_int_equal(store_fixture_int(s, "SELECT SUM(id) FROM people"), 1 + 2 + 5);
}

TEST(rows_left_open_end_with_their_transaction)
{
    STORE(s);
    owned(store_rows) r = NULL; /* freed after the transaction */
    TX(tx);
    bool more;
    make_tables(s);
    run(s, "INSERT INTO people VALUES (1, 'a'), (2, 'b')");
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_query(tx, "SELECT id FROM people ORDER BY id", SQL_NONE, &r, e));
    CHECK_OK(store_next(r, &more, e));
    CHECK_OK(
        store_run(tx, "DELETE FROM people WHERE id = $1", SQL(sql_int(store_int(r, 0))), NULL, e));
    CHECK_OK(store_commit_take(take(tx), e));
    assert_int_equal(people(s), 1);
}

TEST(the_same_statement_may_be_read_twice_at_once)
{
    STORE(s);
    TX(tx);
    const char *sql = "SELECT id FROM people WHERE id >= $1 ORDER BY id";
    make_tables(s);
    run(s, "INSERT INTO people VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    owned(store_rows) outer = NULL;
    int64_t seen = 0;
    bool more;
    CHECK_OK(store_query(tx, sql, SQL(sql_int(1)), &outer, e));
    for (;;) {
        CHECK_OK(store_next(outer, &more, e));
        if (!more)
            break;
        owned(store_rows) inner = NULL;
        bool found;
        CHECK_OK(store_one(tx, sql, SQL(sql_int(store_int(outer, 0))), &inner, &found, e));
        seen = seen * 10 + store_int(inner, 0);
    }
    assert_int_equal(seen, 123);
}

TEST(changed_rows_are_counted_and_returning_returns)
{
    STORE(s);
    TX(tx);
    int64_t changed = -1;
    make_tables(s);
    run(s, "INSERT INTO people VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, "UPDATE people SET name = name || $2 WHERE id > $1",
                       SQL(sql_int(1), sql_text("!")), &changed, e));
    assert_int_equal(changed, 2);
    CHECK_OK(store_run(tx, "INSERT INTO people VALUES (1, 'x') ON CONFLICT DO NOTHING", SQL_NONE,
                       &changed, e));
    assert_int_equal(changed, 0);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_one(tx,
                       "INSERT INTO people VALUES (1, 'q') ON CONFLICT (id) DO UPDATE SET"
                       " name = excluded.name RETURNING name",
                       SQL_NONE, &r, &found, e));
    assert_true(str_is(store_text(r, 0), "q"));
}

TEST(text_that_is_not_text_is_refused)
{
    STORE(s);
    make_tables(s);
    static const struct str bad[] = { { "a\0b", 3 }, { "\xFF", 1 }, { "\xED\xA0\x80", 3 } };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_FAILS(
            ERR_INVALID, "not UTF-8",
            store_run(tx, "INSERT INTO people VALUES (1, $1)", SQL(sql_str(bad[i])), NULL, e));
    }
}

TEST(many_statements_take_turns_in_the_cache)
{
    STORE(s);
    TX(tx);
    make_tables(s);
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    for (int round = 0; round < 2; round++)
        for (int64_t i = 0; i < 600; i++) {
            char sql[64];
            bool found;
            owned(store_rows) r = NULL;
            snprintf(sql, sizeof sql, "SELECT $1 + %d", (int)i);
            CHECK_OK(store_one(tx, sql, SQL(sql_int(i)), &r, &found, e));
            assert_int_equal(store_int(r, 0), 2 * i);
        }
}

static enum code add_two(struct store *s, void *context, struct error *e)
{
    (void)context;
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(store_run(tx, "INSERT INTO people VALUES (1, 'a')", SQL_NONE, NULL, e));
    TRY(store_savepoint(tx, e));
    TRY(store_run(tx, "INSERT INTO people VALUES (2, 'b')", SQL_NONE, NULL, e));
    TRY(store_release(tx, e));
    return store_commit_take(take(tx), e);
}

static void nobody_there(struct store *s, void *context)
{
    (void)context;
    assert_int_equal(people(s), 0);
}

TEST(an_operation_that_fails_leaves_nothing_half_done)
{
    STORE(s);
    make_tables(s);
    assert_int_equal(store_fixture_each_fault(s, add_two, nobody_there, NULL), 6);
    assert_int_equal(people(s), 2);
}

/* --- threads and processes --- */

struct adder {
    struct store *store;
    int64_t first;
};

static void *add_many(void *state)
{
    struct adder *a = state;
    for (int64_t i = 0; i < 25; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%lld", (long long)(a->first + i));
        CHECK_OK(add_person(a->store, a->first + i, name, e));
        (void)people(a->store);
    }
    return NULL;
}

TEST(threads_share_a_store)
{
    STORE(s);
    pthread_t threads[6];
    struct adder adders[6];
    make_tables(s);
    for (int i = 0; i < 6; i++) {
        adders[i] = (struct adder) { s, 100 * i };
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &adders[i]), 0);
    }
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(people(s), 150);
}

/* What other processes do with the same database. Each is this program started anew (main): a fork
 * alone would inherit what SQLite believes about the locks. */

/* Counts a number up; nothing is lost between several of them. */
static int be_counter(struct store *s)
{
    struct error e = { 0 };
    for (int i = 0; i < 40; i++) {
        struct store_tx *tx;
        if (store_begin(s, STORE_WRITE, &tx, &e) != OK ||
            store_run(tx, "UPDATE people SET id = id + 1", SQL_NONE, NULL, &e) != OK ||
            store_commit_take(tx, &e) != OK)
            return 1;
    }
    return 0;
}

/* Adds people behind `first` for ever, and tells each commit through a pipe as it is acknowledged. */
static int be_adder(struct store *s, int64_t first, int tell)
{
    struct error e = { 0 };
    for (int64_t i = 1;; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%lld", (long long)(first + i));
        if (add_person(s, first + i, name, &e) != OK || write(tell, &i, sizeof i) != sizeof i)
            return 1;
    }
}

static int be_another_process(const char *url, const char *act, int64_t first, int tell)
{
    struct store *s;
    struct error e = { 0 };
    if (store_open(url, &s, &e) != OK)
        return 98;
    int status = strcmp(act, "count") == 0 ? be_counter(s) : be_adder(s, first, tell);
    store_close(s);
    return status;
}

static pid_t start_another_process(const char *url, const char *act, int64_t first, int tell)
{
    char number[24], descriptor[24];
    snprintf(number, sizeof number, "%d", (int)first);
    snprintf(descriptor, sizeof descriptor, "%d", tell);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_store", url, act, number, descriptor, (char *)NULL);
        _exit(97);
    }
    return child;
}

TEST(processes_share_a_database)
{
    FIXTURE(f);
    make_tables(f->store);
    CHECK_OK(add_person(f->store, 0, "counter", e));
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = start_another_process(f->url, "count", 0, -1);
    for (int i = 0; i < 3; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(store_fixture_int(f->store, "SELECT MAX(id) FROM people"), 120);
}

/* Each round has numbers of its own: PostgreSQL may finish the commit of a client that is gone. */
static void kill_an_adder(struct store_fixture *f, int64_t first, int64_t after)
{
    int ends[2];
    char sql[128];
    assert_int_equal(pipe(ends), 0);
    pid_t child = start_another_process(f->url, "add", first, ends[1]);
    close(ends[1]);
    int64_t acknowledged = 0, number;
    while (acknowledged < after && read(ends[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    close(ends[0]);
    waitpid(child, NULL, 0);
    assert_true(acknowledged >= after);
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM people WHERE id > %d AND id <= %d", (int)first,
             (int)(first + acknowledged));
    assert_int_equal(store_fixture_int(f->store, sql), acknowledged);
    /* one more may have been committed and not yet told */
    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM people WHERE id > %d",
             (int)(first + acknowledged));
    assert_in_range(store_fixture_int(f->store, sql), 0, 1);
}

TEST(acknowledged_commits_survive_kill_9)
{
    FIXTURE(f);
    make_tables(f->store);
    for (int64_t round = 0; round < 5; round++)
        kill_an_adder(f, 100000 * round, 10 + 7 * round);
}

TEST(who_waits_too_long_is_told_so)
{
    FIXTURE(f);
    struct store *other;
    TX(tx);
    make_tables(f->store);
    CHECK_OK(add_person(f->store, 1, "x", e));
    CHECK_OK(store_open(f->url, &other, e));
    store_wait_most(f->store, 50);
    store_wait_most(other, 50);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, "UPDATE people SET name = 'y'", SQL_NONE, NULL, e));
    for (int i = 0; i < 2; i++) { /* through the same store, through another */
        struct store *s = i ? other : f->store;
        TX(second);
        struct error e = { 0 };
        enum code code = store_begin(s, STORE_WRITE, &second, &e);
        if (code == OK)
            code = store_run(second, "UPDATE people SET name = 'z'", SQL_NONE, NULL, &e);
        if (code != ERR_BUSY)
            STOP("%s: %s", code_word(code), e.text);
    }
    store_rollback(take(tx));
    store_close(other);
}

TEST(a_lock_is_held_until_the_end)
{
    STORE(s);
    TX(tx);
    store_wait_most(s, 50);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_lock(tx, "shelf", e));
    {
        TX(second);
        struct error e = { 0 };
        enum code code = store_begin(s, STORE_WRITE, &second, &e);
        if (code == OK)
            code = store_lock(second, "shelf", &e);
        assert_int_equal(code, ERR_BUSY);
    }
    CHECK_OK(store_commit_take(take(tx), e));
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_lock(tx, "shelf", e));
}

/* Seen at once, durable when it is flushed; and the usual ones beside it are as ever. */
TEST(a_commit_ahead_is_flushed)
{
    static const char *const names[] = { "Bea", "Cid", "Dan", "Eve" };
    STORE(s);
    make_tables(s);
    for (int n = 1; n <= 4; n++) {
        TX(tx);
        CHECK_OK(store_begin_ahead(s, &tx, e));
        CHECK_OK(store_run(tx, "INSERT INTO people (id, name) VALUES ($1, $2)",
                           SQL(sql_int(n), sql_text(names[n - 1])), NULL, e));
        if (n > 2)
            store_rollback(take(tx));
        else
            CHECK_OK(store_commit_take(take(tx), e));
        assert_int_equal(people(s), n > 2 ? 2 : n);
        CHECK_OK(store_flush(s, e));
    }
    store_fault_after(s, 1);
    CHECK_FAILS(ERR_IO, "fault", store_flush(s, e));
    CHECK_OK(add_person(s, 5, "Ada", e));
    CHECK_OK(store_flush(s, e));
    assert_int_equal(people(s), 3);
}

TEST(wrong_urls_are_refused)
{
    struct store *s;
    CHECK_FAILS(ERR_INVALID, "postgresql://", store_open("mysql://x", &s, e));
    CHECK_FAILS(ERR_INVALID, "sqlite:PATH", store_open("sqlite:", &s, e));
    CHECK_FAILS(ERR_INVALID, "", store_open("", &s, e));
    CHECK_FAILS(ERR_NOT_FOUND, "/nowhere", store_open("sqlite:/nowhere/x.db", &s, e));
    CHECK_FAILS(ERR_IO, "PostgreSQL: ", store_open("host=/nowhere dbname=x", &s, e));
    CHECK_FAILS(ERR_IO, "PostgreSQL: ", store_open("postgresql:///x?host=/nowhere", &s, e));
}

TEST(a_file_that_is_no_database_is_refused)
{
    char folder[64], url[128], command[128];
    struct store *s;
    store_fixture_folder(folder);
    snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
    CHECK_OK(file_write(url + 7,
                        "this is not a database, but long enough to be looked at ........."
                        "....................................",
                        100, 0600, e));
    CHECK_FAILS(ERR_CORRUPT, "x.db", store_open(url, &s, e));
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* A reader who comes later does not bring the log back, and sees what was committed; whoever opens the
 * store next has the log again. */
TEST(an_undurable_store_stays_without_a_log)
{
    char folder[64], url[128], log[160], command[128];
    struct store *s;
    store_fixture_folder(folder);
    snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
    snprintf(log, sizeof log, "%s/x.db-wal", folder);
    CHECK_OK(store_open(url, &s, e));
    make_tables(s);
    CHECK_OK(add_person(s, 1, "Ada", e));
    assert_int_equal(access(log, F_OK), 0);
    CHECK_OK(store_undurable(s, e));
    assert_int_equal(people(s), 1);
    for (int n = 2; n < 200; n++) {
        char name[16];
        snprintf(name, sizeof name, "person %d", n);
        CHECK_OK(add_person(s, n, name, e));
        assert_int_equal(people(s), n);
        assert_int_not_equal(access(log, F_OK), 0);
    }
    store_close(s);
    CHECK_OK(store_open(url, &s, e));
    CHECK_OK(add_person(s, 200, "Zoe", e));
    assert_int_equal(people(s), 200);
    assert_int_equal(access(log, F_OK), 0);
    store_close(s);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static int64_t file_length(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* Behind the writer's back: it goes on, and what it wrote comes from the log into the database. */
TEST(a_long_log_is_brought_in_while_it_is_written)
{
    enum { COMMITS = 40, LENGTH = 1 << 20 };
    char folder[64], url[128], command[128];
    struct store *s;
    char *name = malloc(LENGTH + 1);
    assert_non_null(name);
    memset(name, 'a', LENGTH);
    name[LENGTH] = 0;
    store_fixture_folder(folder);
    snprintf(url, sizeof url, "sqlite:%s/x.db", folder);
    CHECK_OK(store_open(url, &s, e));
    make_tables(s);
    for (int n = 1; n <= COMMITS; n++) {
        name[n] = 'b'; /* nobody has the name of another */
        CHECK_OK(add_person(s, n, name, e));
    }
    for (int waited = 0; file_length(url + 7) < COMMITS / 2 * LENGTH; waited++) {
        assert_in_range(waited, 0, 3000);
        nanosleep(&(struct timespec) { 0, 10000000 }, NULL);
    }
    CHECK_OK(add_person(s, COMMITS + 1, "Zoe", e));
    assert_int_equal(people(s), COMMITS + 1);
    store_close(s);
    CHECK_OK(store_open(url, &s, e));
    assert_int_equal(people(s), COMMITS + 1);
    store_close(s);
    free(name);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* Adds a person when a name is given, and ends with the number of people as its status. */
static int be_guest(char **arguments)
{
    struct store *s;
    struct error e;
    if (store_open(arguments[0], &s, &e) != OK)
        return 98;
    if (arguments[2][0] && add_person(s, atoi(arguments[1]), arguments[2], &e) != OK)
        return 99;
    int64_t count = people(s);
    store_close(s);
    return (int)count;
}

static int in_another_process(const char *url, int64_t id, const char *name)
{
    char number[24];
    int status;
    snprintf(number, sizeof number, "%d", (int)id);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_store", url, number, name, (char *)NULL);
        _exit(97);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

TEST(processes_beside_each_other_lose_nothing)
{
    FIXTURE(f);
    struct store *s = f->store;
    make_tables(s);
    for (int64_t turn = 0; turn < 3; turn++) {
        TX(one);
        TX(two); /* several connections of ours, opened one behind the other */
        char ours[16], theirs[16];
        snprintf(ours, sizeof ours, "ours %d", (int)turn);
        snprintf(theirs, sizeof theirs, "theirs %d", (int)turn);
        CHECK_OK(store_begin(s, STORE_READ, &one, e));
        CHECK_OK(store_begin(s, STORE_READ, &two, e));
        store_rollback(take(one));
        store_rollback(take(two));
        assert_int_equal(in_another_process(f->url, 2 * turn, theirs), 2 * turn + 1);
        assert_int_equal(people(s), 2 * turn + 1);
        CHECK_OK(add_person(s, 2 * turn + 1, ours, e));
        assert_int_equal(in_another_process(f->url, 0, ""), 2 * turn + 2);
    }
}

/* ---- statements carried out behind ---- */

static enum code put_behind(struct store_tx *tx, int64_t id, struct error *e)
{
    char name[32];
    snprintf(name, sizeof name, "person %lld", (long long)id);
    return store_run(tx, "INSERT INTO people (id, name) VALUES ($1, $2)",
                     SQL(sql_int(id), sql_text(name)), NULL, e);
}

TEST(what_lies_behind_is_seen_by_whoever_looks)
{
    enum { MANY = 1500 };
    STORE(s);
    make_tables(s);
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    store_behind(tx);
    for (int64_t i = 0; i < MANY; i++) {
        CHECK_OK(put_behind(tx, i, e));
        if (i % 500 == 499) {
            owned(store_rows) r = NULL;
            bool found;
            CHECK_OK(store_one(tx, "SELECT COUNT(*) FROM people", SQL_NONE, &r, &found, e));
            assert_int_equal(store_int(r, 0), i + 1);
            /* while rows are open everything is done at once */
            CHECK_OK(store_run(tx, "UPDATE people SET name = name || '!' WHERE id = $1",
                               SQL(sql_int(i)), NULL, e));
        }
    }
    CHECK_OK(store_savepoint(tx, e));
    CHECK_OK(put_behind(tx, MANY, e));
    CHECK_OK(store_rollback_to(tx, e));
    CHECK_OK(store_commit_take(take(tx), e));
    assert_int_equal(people(s), MANY);
}

TEST(what_fails_behind_fails_the_transaction)
{
    STORE(s);
    make_tables(s);
    for (int how = 0; how < 3; how++) { /* told by a query, by a statement, by the commit */
        TX(tx);
        owned(store_rows) r = NULL;
        bool found;
        struct error error;
        enum code code = OK;
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        store_behind(tx);
        for (int64_t i = 0; i < 10; i++)
            CHECK_OK(put_behind(tx, i, e));
        code = put_behind(tx, 5, &error); /* again */
        if (code == OK && how == 0)
            code = store_one(tx, "SELECT 1", SQL_NONE, &r, &found, &error);
        for (int64_t i = 10; i < 100000 && code == OK && how == 1; i++)
            code = put_behind(tx, i, &error);
        if (code == OK)
            code = store_commit_take(take(tx), &error);
        assert_int_equal(code, ERR_CONFLICT);
        assert_non_null(strstr(error.text, "people"));
        store_rows_free(take(r));
        store_rollback(take(tx));
        assert_int_equal(people(s), 0);
    }
}

TEST(a_statement_that_must_touch_a_row_says_so)
{
    STORE(s);
    make_tables(s);
    for (int behind = 0; behind < 2; behind++) {
        TX(tx);
        struct error error;
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        if (behind)
            store_behind(tx);
        CHECK_OK(put_behind(tx, 1, e));
        CHECK_OK(store_run_one(tx, "UPDATE people SET name = 'x' WHERE id = $1", SQL(sql_int(1)),
                               "gone", e));
        enum code code = store_run_one(tx, "UPDATE people SET name = 'y' WHERE id = $1",
                                       SQL(sql_int(2)), "it is gone", &error);
        if (code == OK) {
            code = store_commit_take(take(tx), &error);
            assert_int_equal(people(s), 0);
        }
        assert_int_equal(code, ERR_CONFLICT);
        assert_string_equal(error.text, "it is gone");
    }
}

TEST(every_operation_that_fails_behind_leaves_nothing)
{
    STORE(s);
    make_tables(s);
    for (int64_t n = 1; n < 8; n++) { /* begin, five statements, commit */
        TX(tx);
        struct error error;
        store_fault_after(s, n);
        enum code code = store_begin(s, STORE_WRITE, &tx, &error);
        if (code == OK)
            store_behind(tx);
        for (int64_t i = 0; i < 5 && code == OK; i++)
            code = put_behind(tx, i, &error);
        if (code == OK)
            code = store_commit_take(take(tx), &error);
        assert_int_equal(code, ERR_IO);
        store_rollback(take(tx));
        store_fault_after(s, 0);
        assert_int_equal(people(s), 0);
    }
}

int main(int argc, char **argv)
{
    if (argc == 4)
        return be_guest(argv + 1);
    if (argc == 5)
        return be_another_process(argv[1], argv[2], atoi(argv[3]), atoi(argv[4]));
    const struct CMUnitTest tests[] = {
        STORE_TEST(values_come_back_as_they_went),
        STORE_TEST(processes_beside_each_other_lose_nothing),
        STORE_TEST(null_is_not_empty),
        STORE_TEST(sums_and_comparisons_are_ints),
        STORE_TEST(text_sorts_by_its_bytes),
        STORE_TEST(what_is_not_committed_is_not_there),
        STORE_TEST(a_reader_sees_one_moment),
        STORE_TEST(a_reader_does_not_write),
        STORE_TEST(readers_beside_are_alike_until_something_is_written),
        STORE_TEST(violations_name_what_they_violate),
        STORE_TEST(after_a_failure_only_a_rollback_helps),
        STORE_TEST(a_part_may_fail_alone),
        STORE_TEST(rows_left_open_end_with_their_transaction),
        STORE_TEST(the_same_statement_may_be_read_twice_at_once),
        STORE_TEST(changed_rows_are_counted_and_returning_returns),
        STORE_TEST(text_that_is_not_text_is_refused),
        STORE_TEST(many_statements_take_turns_in_the_cache),
        STORE_TEST(an_operation_that_fails_leaves_nothing_half_done),
        STORE_TEST(threads_share_a_store),
        STORE_TEST(processes_share_a_database),
        STORE_TEST(acknowledged_commits_survive_kill_9),
        STORE_TEST(who_waits_too_long_is_told_so),
        STORE_TEST(a_lock_is_held_until_the_end),
        STORE_TEST(what_lies_behind_is_seen_by_whoever_looks),
        STORE_TEST(what_fails_behind_fails_the_transaction),
        STORE_TEST(a_statement_that_must_touch_a_row_says_so),
        STORE_TEST(every_operation_that_fails_behind_leaves_nothing),
        STORE_TEST(a_commit_ahead_is_flushed),
        cmocka_unit_test(wrong_urls_are_refused),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test(an_undurable_store_stays_without_a_log),
        cmocka_unit_test(a_long_log_is_brought_in_while_it_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
