/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "store/driver.h"

#include <sys/wait.h>

/* The statements of a script, each followed by a '|', blanks folded */
static const char *statements(enum store_kind kind, const char *text, struct buf *out)
{
    BUF(one);
    struct sql_script script = { str_of(text), kind, { 0 } };
    buf_clear(out);
    while (sql_script_next(&script, &one)) {
        struct str rest = str_trim(buf_as_str(&one)), line;
        while (str_split(&rest, '\n', &line)) {
            buf_str(out, str_trim(line));
            buf_byte(out, ' ');
        }
        buf_byte(out, '|');
    }
    return out->bytes ? (const char *)out->bytes : "";
}

static const char script_text[] =
    "-- notes; with a semicolon and 'a quote\n"
    "CREATE TABLE things ( -- TEXT\n"
    "    id BYTES NOT NULL, n INT64, name TEXT DEFAULT 'TEXT; -- INT64',\n"
    "    PRIMARY KEY (id)\n"
    ") TABLE_END;\n"
    "CREATE INDEX TEXT_INT64 ON things (n);\n";

TEST(words_are_translated_outside_quotes_and_comments)
{
    BUF(out);
    assert_string_equal(statements(STORE_SQLITE, script_text, &out),
                        "CREATE TABLE things ( id BLOB NOT NULL, n INTEGER, name TEXT DEFAULT "
                        "'TEXT; -- INT64', PRIMARY KEY (id) ) STRICT |"
                        "CREATE INDEX TEXT_INT64 ON things (n) |");
    assert_string_equal(statements(STORE_POSTGRESQL, script_text, &out),
                        "CREATE TABLE things ( id BYTEA NOT NULL, n BIGINT, name TEXT COLLATE "
                        "\"C\" DEFAULT 'TEXT; -- INT64', PRIMARY KEY (id) ) |"
                        "CREATE INDEX TEXT_INT64 ON things (n) |");
}

TEST(big_tables_are_partitioned)
{
    BUF(out);
    const char *text = "CREATE TABLE plays (network BYTES) TABLE_END_BY(network); SELECT 1";
    assert_string_equal(statements(STORE_SQLITE, text, &out),
                        "CREATE TABLE plays (network BLOB) STRICT |SELECT 1 |");
    const char *all = statements(STORE_POSTGRESQL, text, &out);
    assert_non_null(strstr(all, "(network BYTEA) PARTITION BY HASH (network) |"));
    assert_non_null(strstr(all, "CREATE TABLE plays_p3 PARTITION OF plays FOR VALUES WITH "
                                "(MODULUS 4, REMAINDER 3); |SELECT 1 |"));
}

TEST(odd_scripts_end)
{
    static const char *const odd[] = {
        "",   ";",    ";;",           "--",           "-- x",          "'",
        "\"", "a 'b", "TABLE_END_BY", "CREATE TABLE", "TABLE_END_BY(", " \n\t",
        ")"
    };
    BUF(out);
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        statements(STORE_SQLITE, odd[i], &out);
        statements(STORE_POSTGRESQL, odd[i], &out);
        assert_true(out.length < 500);
    }
}

TEST(versions_meet_after_migrating)
{
    STORE(s);
    int64_t has, knows;
    CHECK_OK(store_versions(s, &has, &knows, e));
    assert_int_equal(has, knows);
    CHECK_OK(store_migrate(s, e)); /* again changes nothing */
}

TEST(a_database_newer_than_the_program_is_refused)
{
    STORE(s);
    int64_t has, knows;
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(store_run(tx, "INSERT INTO store_migrations (number, name) VALUES (9999, 'x')",
                           SQL_NONE, NULL, e));
        CHECK_OK(store_commit_take(take(tx), e));
    }
    CHECK_FAILS(ERR_CONFLICT, "newer than this program", store_migrate(s, e));
    CHECK_OK(store_versions(s, &has, &knows, e));
    assert_int_equal(has, 9999);
    assert_true(knows < 9999);
}

/* Start again from an empty database: nothing of the fixture's tables may be in the way. */
static void empty(struct store_fixture *f)
{
    char sql[128];
    store_close(take(f->store));
    if (f->database[0]) {
        store_fixture_drop(f);
        store_fixture_database(f, "template1");
    } else {
        snprintf(sql, sizeof sql, "rm -f '%s'/*", f->folder);
        assert_int_equal(system(sql), 0);
    }
}

TEST(processes_may_migrate_at_once)
{
    FIXTURE(f);
    empty(f);
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        struct error e = { 0 };
        struct store *s;
        int64_t has = 0, knows = 1;
        enum code code = store_open(f->url, &s, &e);
        if (code == OK)
            code = store_migrate(s, &e);
        if (code == OK)
            code = store_versions(s, &has, &knows, &e);
        if (code != OK)
            fprintf(stderr, "%s\n", e.text);
        _exit(code == OK && has == knows ? 0 : 1);
    }
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    store_fixture_open(f);
    assert_true(store_fixture_int(f->store, "SELECT COUNT(*) FROM store_migrations") >= 0);
}

static enum code migrate(struct store *s, void *context, struct error *e)
{
    (void)context;
    return store_migrate(s, e);
}

static void still_reads(struct store *s, void *context)
{
    (void)context;
    int64_t has, knows;
    CHECK_OK(store_versions(s, &has, &knows, e));
    assert_true(has <= knows);
}

TEST(a_migration_that_fails_can_be_done_again)
{
    FIXTURE(f);
    empty(f);
    CHECK_OK(store_open(f->url, &f->store, e));
    assert_true(store_fixture_each_fault(f->store, migrate, still_reads, NULL) > 5);
    int64_t has, knows;
    CHECK_OK(store_versions(f->store, &has, &knows, e));
    assert_int_equal(has, knows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_translated_outside_quotes_and_comments),
        cmocka_unit_test(big_tables_are_partitioned),
        cmocka_unit_test(odd_scripts_end),
        STORE_TEST(versions_meet_after_migrating),
        STORE_TEST(a_database_newer_than_the_program_is_refused),
        STORE_TEST(processes_may_migrate_at_once),
        STORE_TEST(a_migration_that_fails_can_be_done_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
