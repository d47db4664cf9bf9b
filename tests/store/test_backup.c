/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/wait.h>

static void run(struct store *s, const char *sql)
{
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, sql, SQL_NONE, NULL, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

struct writer {
    struct store *store;
    atomic_bool stop;
};

/* Two tables always hold the same count; a copy that is not of one moment would differ. */
static void *keep_writing(void *state)
{
    struct writer *w = state;
    while (!w->stop) {
        TX(tx);
        CHECK_OK(store_begin(w->store, STORE_WRITE, &tx, e));
        CHECK_OK(store_run(tx, "INSERT INTO a SELECT MAX(n) + 1, zeroblob(5000) FROM a", SQL_NONE,
                           NULL, e));
        CHECK_OK(store_run(tx, "INSERT INTO b SELECT MAX(n) + 1, zeroblob(5000) FROM b", SQL_NONE,
                           NULL, e));
        CHECK_OK(store_commit_take(take(tx), e));
    }
    return NULL;
}

TEST(a_copy_is_of_one_moment_while_others_write)
{
    FIXTURE(f);
    ARENA(arena);
    run(f->store, "CREATE TABLE a (n INTEGER, body BLOB)");
    run(f->store, "CREATE TABLE b (n INTEGER, body BLOB)");
    run(f->store, "INSERT INTO a VALUES (1, NULL)");
    run(f->store, "INSERT INTO b VALUES (1, NULL)");
    struct writer w = { f->store, false };
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, keep_writing, &w), 0);
    for (int i = 0; i < 5; i++) {
        struct store *copy;
        const char *path = arena_format(&arena, "%s/copy%d", f->folder, i);
        CHECK_OK(store_backup(f->store, path, e));
        CHECK_OK(store_open(arena_format(&arena, "sqlite:%s", path), &copy, e));
        assert_int_equal(store_fixture_int(copy, "SELECT MAX(n) FROM a"),
                         store_fixture_int(copy, "SELECT MAX(n) FROM b"));
        store_close(copy);
    }
    w.stop = true;
    pthread_join(thread, NULL);
    CHECK_FAILS(ERR_CONFLICT, "is there already",
                store_backup(f->store, arena_format(&arena, "%s/copy0", f->folder), e));
    CHECK_FAILS(ERR_NOT_FOUND, "/nowhere", store_backup(f->store, "/nowhere/x", e));
}

TEST(postgresql_says_pg_dump)
{
    STORE(s);
    CHECK_FAILS(ERR_INVALID, "pg_dump", store_backup(s, "/tmp/x", e));
}

/* A file that may not grow is what a full disk looks like to a program. */
static int on_a_full_disk(const char *url)
{
    struct store *s;
    struct error e = { 0 };
    struct rlimit limit = { 2048 * 1024, 2048 * 1024 };
    signal(SIGXFSZ, SIG_IGN);
    if (store_open(url, &s, &e) != OK || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    for (int i = 0; i < 1000; i++) {
        TX(tx);
        enum code code = store_begin(s, STORE_WRITE, &tx, &e);
        if (code == OK)
            code = store_run(tx, "INSERT INTO a SELECT MAX(n) + 1, zeroblob(5000) FROM a", SQL_NONE,
                             NULL, &e);
        if (code == OK)
            code = store_commit_take(take(tx), &e);
        if (code == ERR_IO) {
            printf("%s\n", e.text);
            return 0;
        }
        if (code != OK)
            return 2;
    }
    return 3;
}

TEST(a_full_disk_is_an_error_and_loses_nothing)
{
    FIXTURE(f);
    run(f->store, "CREATE TABLE a (n INTEGER, body BLOB)");
    run(f->store, "INSERT INTO a VALUES (1, NULL)");
    pid_t child = fork();
    if (child == 0)
        _exit(on_a_full_disk(f->url));
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    int64_t kept = store_fixture_int(f->store, "SELECT COUNT(*) FROM a");
    assert_true(kept > 10);
    assert_int_equal(kept, store_fixture_int(f->store, "SELECT MAX(n) FROM a"));
    run(f->store, "INSERT INTO a SELECT MAX(n) + 1, NULL FROM a"); /* there is room again */
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM a"), kept + 1);
}

#define SQLITE_TEST(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, store_fixture_sqlite, store_fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SQLITE_TEST(a_copy_is_of_one_moment_while_others_write),
        SQLITE_TEST(a_full_disk_is_an_error_and_loses_nothing),
        cmocka_unit_test_setup_teardown(postgresql_says_pg_dump, store_fixture_postgresql,
                                        store_fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
