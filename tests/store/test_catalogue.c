/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as PostgreSQL knows them: what is big can be sharded one day. */
#include "store_fixture.h"

/* Every table that is partitioned by hash, with its one partition column */
#define BIG                                                                                        \
    "WITH big AS (SELECT p.partrelid AS id, p.partattrs[0] AS part FROM pg_partitioned_table p"    \
    " JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace"        \
    " WHERE n.nspname = current_schema() AND p.partstrat = 'h' AND p.partnatts = 1) "

/* Fails with the first name that the query gives. */
static void none(struct store *s, const char *what, const char *sql)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, sql, SQL_NONE, &r, &found, e));
    if (found)
        STOP("%s: %.*s", what, STR_ARG(store_text(r, 0)));
}

TEST(big_tables_are_there_and_partitioned)
{
    STORE(s);
    assert_true(store_fixture_int(s, BIG "SELECT COUNT(*) FROM big") >= 5);
    /* 4 partitions each */
    none(s, "a big table without its partitions",
         BIG "SELECT id::regclass::text FROM big LEFT JOIN pg_inherits i ON i.inhparent = big.id"
             " GROUP BY id HAVING COUNT(i.inhrelid) <> 4");
}

TEST(the_distribution_column_is_catalogue_or_network)
{
    STORE(s);
    none(s, "a big table distributed by something else",
         BIG "SELECT id::regclass::text || '.' || a.attname FROM big JOIN pg_attribute a"
             " ON a.attrelid = id AND a.attnum = part"
             " WHERE a.attname NOT IN ('catalogue', 'network')");
}

#define KEYS_WITHOUT                                                                               \
    BIG "SELECT k.conname::text FROM big JOIN pg_constraint k ON k.conrelid = id"                  \
        " WHERE k.contype IN ('p', 'u', 'f') AND NOT part = ANY (k.conkey)"

TEST(the_distribution_column_is_in_every_key)
{
    STORE(s);
    none(s, "a key of a big table without its distribution column", KEYS_WITHOUT);
    none(s, "a unique index of a big table without its distribution column",
         BIG "SELECT i.indexrelid::regclass::text FROM big JOIN pg_index i ON i.indrelid = id"
             " WHERE i.indisunique AND NOT part = ANY (i.indkey::int2[])");
    none(s, "a big table without a primary key",
         BIG "SELECT id::regclass::text FROM big WHERE NOT EXISTS"
             " (SELECT 1 FROM pg_constraint k WHERE k.conrelid = id AND k.contype = 'p')");
}

/* A foreign key into a big table names its distribution column; one big table refers to another by
 * the same column on both sides. */
TEST(foreign_keys_stay_within_a_shard)
{
    STORE(s);
    none(s, "a foreign key into a big table without its distribution column",
         BIG "SELECT k.conname::text FROM pg_constraint k JOIN big ON big.id = k.confrelid"
             " WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT big.part = ANY (k.confkey)");
    none(s, "a foreign key between two big tables across shards",
         BIG "SELECT k.conname::text FROM pg_constraint k JOIN big f ON f.id = k.conrelid"
             " JOIN big t ON t.id = k.confrelid WHERE k.contype = 'f' AND k.conparentid = 0"
             " AND array_position(k.conkey, f.part) <> array_position(k.confkey, t.part)");
}

TEST(no_number_comes_from_a_sequence_and_nothing_happens_by_trigger)
{
    STORE(s);
    none(s, "a sequence",
         "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
         " WHERE n.nspname = current_schema() AND c.relkind = 'S'");
    none(s, "a trigger",
         "SELECT t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
         " JOIN pg_namespace n ON n.oid = c.relnamespace"
         " WHERE n.nspname = current_schema() AND NOT t.tgisinternal");
}

/* The questions above do see what they ask for. */
TEST(a_key_without_the_column_would_be_found)
{
    STORE(s);
    static const char *const bad[] = {
        "CREATE TABLE small (id BYTEA PRIMARY KEY)",
        "CREATE TABLE large (network BYTEA, other BYTEA REFERENCES small (id),"
        " PRIMARY KEY (network, other)) PARTITION BY HASH (network)",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(store_run(tx, bad[i], SQL_NONE, NULL, e));
        CHECK_OK(store_commit_take(take(tx), e));
    }
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, KEYS_WITHOUT, SQL_NONE, &r, &found, e));
    assert_true(found);
    assert_true(str_is(store_text(r, 0), "large_other_fkey"));
}

#define POSTGRESQL_TEST(name)                                                                      \
    cmocka_unit_test_setup_teardown(name, store_fixture_postgresql, store_fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        POSTGRESQL_TEST(big_tables_are_there_and_partitioned),
        POSTGRESQL_TEST(the_distribution_column_is_catalogue_or_network),
        POSTGRESQL_TEST(the_distribution_column_is_in_every_key),
        POSTGRESQL_TEST(a_key_without_the_column_would_be_found),
        POSTGRESQL_TEST(foreign_keys_stay_within_a_shard),
        POSTGRESQL_TEST(no_number_comes_from_a_sequence_and_nothing_happens_by_trigger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
