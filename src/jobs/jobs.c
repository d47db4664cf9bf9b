/* SPDX-License-Identifier: Apache-2.0 */
/* Putting, taking, finishing. */
#include "jobs/rows.h"

static enum code check_size(struct str kind, struct str key, struct str body, struct error *e)
{
    if (kind.length == 0 || kind.length > JOB_KIND_MOST || key.length > JOB_KEY_MOST)
        return fail(e, ERR_LIMIT, "the name of a job is at most %d + %d bytes", JOB_KIND_MOST,
                    JOB_KEY_MOST);
    if (body.length > JOB_BODY_MOST)
        return fail(e, ERR_LIMIT, "the body of a job is at most %d bytes", JOB_BODY_MOST);
    return OK;
}

#define INSERT                                                                                     \
    "INSERT INTO jobs (" JOB_COLUMNS ") VALUES ($1, $2, $3, $4, $4, NULL, 0, 0, NULL, $5) "        \
    "ON CONFLICT (kind, key) DO "

enum code jobs_put(struct store_tx *tx, struct str kind, struct str key, struct str body,
                   struct instant due, struct instant now, bool *added, struct error *e)
{
    int64_t changed;
    TRY(check_size(kind, key, body, e));
    TRY(store_run(
        tx, INSERT "NOTHING",
        SQL(sql_str(kind), sql_str(key), sql_str(body), sql_instant(due), sql_instant(now)),
        &changed, e));
    if (added)
        *added = changed > 0;
    return OK;
}

enum code jobs_set(struct store_tx *tx, struct str kind, struct str key, struct str body,
                   struct instant due, struct instant now, struct error *e)
{
    TRY(check_size(kind, key, body, e));
    return store_run(
        tx,
        INSERT "UPDATE SET body = excluded.body, due = excluded.due, "
               "ready = excluded.ready, lease = NULL, tries = 0, dead = 0, "
               "reason = NULL, made = excluded.made",
        SQL(sql_str(kind), sql_str(key), sql_str(body), sql_instant(due), sql_instant(now)), NULL,
        e);
}

enum code jobs_drop(struct store_tx *tx, struct str kind, struct str key, bool *dropped,
                    struct error *e)
{
    int64_t changed;
    TRY(store_run(tx, "DELETE FROM jobs WHERE kind = $1 AND key = $2",
                  SQL(sql_str(kind), sql_str(key)), &changed, e));
    if (dropped)
        *dropped = changed > 0;
    return OK;
}

enum code jobs_next(struct store_tx *tx, struct str kind, struct instant *out, struct error *e)
{
    owned(store_rows) row = NULL;
    bool found;
    TRY(store_one(tx, "SELECT ready FROM jobs WHERE kind = $1 ORDER BY ready LIMIT 1",
                  SQL(sql_str(kind)), &row, &found, e));
    *out = found ? store_instant(row, 0) : INSTANT_NEVER;
    return OK;
}

#define READY                                                                                      \
    "SELECT " JOB_COLUMNS " FROM jobs WHERE kind = $1 AND ready <= $2 AND dead = 0 "               \
    "ORDER BY ready, due, key LIMIT $3"

static enum code select_ready(struct store_tx *tx, struct str kind, struct instant now, size_t most,
                              struct arena *a, struct job *list, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    const char *sql = store_tx_kind(tx) == STORE_POSTGRESQL ? READY " FOR UPDATE SKIP LOCKED"
                                                            : READY;
    TRY(store_query(tx, sql, SQL(sql_str(kind), sql_instant(now), sql_int((int64_t)most)), &rows,
                    e));
    return job_rows_read(rows, a, list, most, count, e);
}

enum code jobs_take(struct store_tx *tx, struct str kind, struct instant now, int64_t lease_us,
                    size_t most, const struct chance *chance, struct arena *a, struct job **out,
                    size_t *count, struct error *e)
{
    most = most < JOBS_TAKE_MOST ? most : JOBS_TAKE_MOST;
    struct job *list = arena_try(a, most + 1, sizeof *list);
    size_t n;
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu jobs", most);
    TRY(select_ready(tx, kind, now, most, a, list, &n, e));
    for (size_t i = 0; i < n; i++) {
        list[i].tries++;
        list[i].ready.us = now.us + lease_us;
        id_fill(list[i].lease, now, chance);
        TRY(store_run(tx,
                      "UPDATE jobs SET ready = $3, lease = $4, tries = $5 "
                      "WHERE kind = $1 AND key = $2",
                      SQL(sql_text(list[i].kind), sql_text(list[i].key), sql_instant(list[i].ready),
                          sql_bytes(list[i].lease, ID_BYTES), sql_int(list[i].tries)),
                      NULL, e));
    }
    *out = list;
    *count = n;
    return OK;
}

static enum code if_held(int64_t changed, const struct job *j, struct error *e)
{
    return changed
               ? OK
               : fail(e, ERR_CONFLICT, "the job %s %s is no longer this taker's", j->kind, j->key);
}

#define HELD       "WHERE kind = $1 AND key = $2 AND lease = $3"
#define HELD_BY(j) sql_text((j)->kind), sql_text((j)->key), sql_bytes((j)->lease, ID_BYTES)

enum code jobs_done(struct store_tx *tx, const struct job *j, struct error *e)
{
    int64_t changed;
    TRY(store_run(tx, "DELETE FROM jobs " HELD, SQL(HELD_BY(j)), &changed, e));
    return if_held(changed, j, e);
}

enum code jobs_extend(struct store_tx *tx, const struct job *j, struct instant until,
                      struct error *e)
{
    int64_t changed;
    TRY(store_run(tx, "UPDATE jobs SET ready = $4 " HELD, SQL(HELD_BY(j), sql_instant(until)),
                  &changed, e));
    return if_held(changed, j, e);
}

int64_t backoff_us(const struct backoff *b, int64_t tries, const struct chance *chance)
{
    int64_t wait = b->first_us > 0 ? b->first_us : 1;
    uint32_t x;
    for (int64_t i = 1; i < tries && wait < b->most_us; i++)
        wait = wait > b->most_us / 2 ? b->most_us : wait * 2;
    if (wait > b->most_us)
        wait = b->most_us;
    chance->fill(chance->state, (uint8_t *)&x, sizeof x);
    return wait - (int64_t)((__int128)(wait / 2) * x >> 32);
}

enum code jobs_retry(struct store_tx *tx, const struct job *j, const struct backoff *b,
                     struct instant now, const struct chance *chance, const char *reason,
                     bool *dead, struct error *e)
{
    int64_t changed;
    *dead = j->tries >= b->tries_most;
    struct instant ready = INSTANT_NEVER;
    if (!*dead)
        ready.us = now.us + backoff_us(b, j->tries, chance);
    TRY(store_run(tx, "UPDATE jobs SET ready = $4, lease = NULL, dead = $5, reason = $6 " HELD,
                  SQL(HELD_BY(j), sql_instant(ready), sql_int(*dead), sql_text(reason)), &changed,
                  e));
    return if_held(changed, j, e);
}

enum code jobs_revive(struct store_tx *tx, struct str kind, struct str key, struct instant now,
                      struct error *e)
{
    int64_t changed;
    TRY(store_run(tx,
                  "UPDATE jobs SET ready = $3, lease = NULL, tries = 0, dead = 0 "
                  "WHERE kind = $1 AND key = $2",
                  SQL(sql_str(kind), sql_str(key), sql_instant(now)), &changed, e));
    return changed
               ? OK
               : fail(e, ERR_NOT_FOUND, "there is no job %.*s %.*s", STR_ARG(kind), STR_ARG(key));
}
