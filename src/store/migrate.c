/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: numbered files in this program, the numbers a database has had, the difference. */
#include "store/driver.h"

#include "base/embed.h"

#include <stdlib.h>

extern const struct embedded migrations[];
extern const size_t migrations_count;

static const char make_table[] = "CREATE TABLE IF NOT EXISTS store_migrations"
                                 " (number BIGINT PRIMARY KEY NOT NULL, name TEXT NOT NULL)";

static int64_t number_of(const struct embedded *m)
{
    return strtoll(m->name, NULL, 10);
}

static bool is_known(int64_t number)
{
    for (size_t i = 0; i < migrations_count; i++)
        if (number_of(&migrations[i]) == number)
            return true;
    return false;
}

static enum code has_table(struct store_tx *tx, bool *has, struct error *e)
{
    owned(store_rows) r = NULL;
    return store_one(tx,
                     store_tx_kind(tx) == STORE_SQLITE
                         ? "SELECT 1 FROM sqlite_schema WHERE name = 'store_migrations'"
                         : "SELECT 1 FROM pg_class WHERE relname = 'store_migrations'"
                           " AND pg_table_is_visible(oid)",
                     SQL_NONE, &r, has, e);
}

static enum code is_applied(struct store_tx *tx, int64_t number, bool *applied, struct error *e)
{
    owned(store_rows) r = NULL;
    return store_one(tx, "SELECT 1 FROM store_migrations WHERE number = $1", SQL(sql_int(number)),
                     &r, applied, e);
}

/* The first number here that this program does not know, or 0 */
static enum code first_unknown(struct store_tx *tx, int64_t *number, struct error *e)
{
    owned(store_rows) r = NULL;
    bool more;
    *number = 0;
    TRY(store_query(tx, "SELECT number FROM store_migrations ORDER BY number", SQL_NONE, &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        if (!is_known(store_int(r, 0))) {
            *number = store_int(r, 0);
            return OK;
        }
    }
}

static enum code run_script(struct store_tx *tx, const struct embedded *m, struct error *e)
{
    BUF(sql);
    struct sql_script script = { { (const char *)m->bytes, m->length }, store_tx_kind(tx), { 0 } };
    enum code code = OK;
    while (code == OK && sql_script_next(&script, &sql))
        code = sql.failed || script.ready.failed
                   ? fail(e, ERR_MEMORY, "no memory for its statements")
                   : store_exec(tx, (char *)sql.bytes, e);
    buf_done(&script.ready);
    if (code != OK)
        fail_in(e, "migration %s", m->name);
    return code;
}

static enum code apply(struct store *s, const struct embedded *m, struct error *e)
{
    TX(tx);
    bool applied;
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(store_lock(tx, "migrate", e));
    TRY(is_applied(tx, number_of(m), &applied, e));
    if (applied)
        return OK;
    TRY(run_script(tx, m, e));
    TRY(store_run(tx, "INSERT INTO store_migrations (number, name) VALUES ($1, $2)",
                  SQL(sql_int(number_of(m)), sql_text(m->name)), NULL, e));
    return store_commit_take(take(tx), e);
}

/* The table of numbers; looks for unknown ones in passing. */
static enum code begin_migrating(struct store *s, struct error *e)
{
    TX(tx);
    bool has;
    int64_t unknown;
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(store_lock(tx, "migrate", e));
    TRY(has_table(tx, &has, e));
    if (!has)
        TRY(store_exec(tx, make_table, e));
    TRY(first_unknown(tx, &unknown, e));
    if (unknown)
        return fail(e, ERR_CONFLICT,
                    "the database is newer than this program (it has migration %lld)",
                    (long long)unknown);
    return store_commit_take(take(tx), e);
}

static enum code count_applied(struct store *s, size_t *count, struct error *e)
{
    TX(tx);
    bool has, found;
    *count = 0;
    TRY(store_begin(s, STORE_READ, &tx, e));
    TRY(has_table(tx, &has, e));
    if (!has)
        return OK;
    owned(store_rows) r = NULL;
    TRY(store_one(tx, "SELECT COUNT(*), MAX(number) FROM store_migrations", SQL_NONE, &r, &found,
                  e));
    *count = (size_t)store_int(r, 0);
    return OK;
}

enum code store_migrate(struct store *s, struct error *e)
{
    int64_t has, knows;
    size_t count;
    TRY(store_versions(s, &has, &knows, e));
    TRY(count_applied(s, &count, e));
    if (has == knows && count == migrations_count)
        return OK; /* the usual start writes nothing */
    TRY(begin_migrating(s, e));
    for (size_t i = 0; i < migrations_count; i++)
        TRY(apply(s, &migrations[i], e));
    return OK;
}

enum code store_versions(struct store *s, int64_t *has, int64_t *knows, struct error *e)
{
    TX(tx);
    bool there;
    *has = 0;
    *knows = migrations_count ? number_of(&migrations[migrations_count - 1]) : 0;
    TRY(store_begin(s, STORE_READ, &tx, e));
    TRY(has_table(tx, &there, e));
    if (!there)
        return OK;
    TRY(first_unknown(tx, has, e));
    for (size_t i = 0; *has == 0 && i < migrations_count; i++) {
        TRY(is_applied(tx, number_of(&migrations[i]), &there, e));
        if (!there) {
            *has = i ? number_of(&migrations[i - 1]) : 0;
            return OK;
        }
    }
    if (*has == 0)
        *has = *knows;
    return OK;
}
