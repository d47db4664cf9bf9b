/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of jobs, and lists of them. */
#include "jobs/rows.h"

static void read_job(const struct store_rows *r, struct arena *a, struct job *j)
{
    *j = (struct job) {
        .kind = str_copy(a, store_text(r, 0)),
        .key = str_copy(a, store_text(r, 1)),
        .body = str_copy(a, store_text(r, 2)),
        .due = store_instant(r, 3),
        .ready = store_instant(r, 4),
        .tries = store_int(r, 6),
        .dead = store_int(r, 7) != 0,
        .reason = store_is_null(r, 8) ? NULL : str_copy(a, store_text(r, 8)),
        .made = store_instant(r, 9),
    };
    store_id(r, 5, j->lease);
}

enum code job_rows_read(struct store_rows *r, struct arena *a, struct job *out, size_t room,
                        size_t *count, struct error *e)
{
    bool more;
    for (*count = 0; *count < room; ++*count) {
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        read_job(r, a, &out[*count]);
    }
    return OK;
}

enum code jobs_list(struct store_tx *tx, const struct jobs_filter *f, struct arena *a,
                    struct job **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    size_t limit = f->limit < JOBS_TAKE_MOST ? f->limit : JOBS_TAKE_MOST;
    struct job *list = arena_try(a, limit + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu jobs", limit);
    TRY(store_query(tx,
                    "SELECT " JOB_COLUMNS " FROM jobs WHERE (kind, key) > ($1, $2) "
                    "AND (CAST($3 AS TEXT) = '' OR kind = $3) AND dead >= $4 "
                    "ORDER BY kind, key LIMIT $5",
                    SQL(sql_str(f->after_kind), sql_str(f->after_key), sql_str(f->kind),
                        sql_int(f->dead_only), sql_int((int64_t)limit)),
                    &rows, e));
    TRY(job_rows_read(rows, a, list, limit, count, e));
    *out = list;
    return OK;
}
