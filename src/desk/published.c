/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as they were published. */
#include "desk/rows.h"

#include "desk/report.h"

#define COLUMNS "id, version, from_at, until_at, at, size, root, body, events"

static enum code next_version(struct desk_act *act, const struct scan *s, int64_t *out,
                              struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(act->tx,
                  "SELECT COALESCE(MAX(version), 0) + 1 FROM desk_reports WHERE from_at = $1 AND "
                  "until_at = $2",
                  SQL(sql_instant(s->from), sql_instant(s->until)), &r, &found, e));
    *out = store_int(r, 0);
    return OK;
}

/* The clocks of the years that it covers. */
static enum code stop_clocks(struct desk_act *act, const struct scan *s, struct error *e)
{
    int first, last, month, day;
    char subject[32];
    day_to_civil(day_of(s->from), &first, &month, &day);
    day_to_civil(day_of(s->until), &last, &month, &day);
    if (last - first > 200)
        first = last - 200; /* it begins with the world */
    for (int year = first; year < last; year++) {
        struct instant begin = day_begin(day_from_civil(year, 1, 1));
        if (begin.us < s->from.us)
            continue;
        snprintf(subject, sizeof subject, "report %d", year);
        TRY(desk_timers_clear(act, subject, e));
    }
    return OK;
}

enum code desk_report_publish(struct desk_act *act, const struct scan *s, struct str body,
                              const char *events, struct published *out, struct error *e)
{
    char id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    if (s->until.us > act->now.us)
        return fail(e, ERR_INVALID,
                    "the period is not over: publish what does not change any more");
    *out = (struct published) { .id = report_id_make(act->now, act->chance),
                                .from = s->from,
                                .until = s->until,
                                .at = act->now,
                                .head = s->head };
    TRY(next_version(act, s, &out->version, e));
    TRY(store_run(act->tx,
                  "INSERT INTO desk_reports (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
                  "$9)",
                  SQL(sql_id(out->id), sql_int(out->version), sql_instant(s->from),
                      sql_instant(s->until), sql_instant(act->now), sql_int(s->head.size),
                      sql_bytes(s->head.root, JOURNAL_HASH), sql_str(body), sql_text(events)),
                  NULL, e));
    TRY(stop_clocks(act, s, e));
    json_begin(&o, '{');
    json_int(&o, "version", out->version);
    json_instant(&o, "from", s->from);
    json_instant(&o, "until", s->until);
    json_int(&o, "size", s->head.size);
    json_text(&o, "events", events);
    json_end(&o, '}');
    desk_note(act, "report.published", report_id_format(out->id, id), &after, STR(""));
    return OK;
}

static void read_row(const struct store_rows *r, struct arena *a, struct published *p)
{
    *p = (struct published) { .version = store_int(r, 1),
                              .from = store_instant(r, 2),
                              .until = store_instant(r, 3),
                              .at = store_instant(r, 4),
                              .head = { .size = store_int(r, 5) },
                              .body = text_of(r, 7, a),
                              .events = text_of(r, 8, a) };
    store_id(r, 0, p->id.bytes);
    struct str root = store_bytes(r, 6);
    if (root.length == JOURNAL_HASH)
        memcpy(p->head.root, root.at, JOURNAL_HASH);
}

enum code desk_report_get(struct store_tx *tx, struct report_id id, struct arena *a,
                          struct published *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " COLUMNS " FROM desk_reports WHERE id = $1", SQL(sql_id(id)), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no report %s", report_id_format(id, text));
    read_row(r, a, out);
    return OK;
}

enum code desk_report_list(struct store_tx *tx, size_t limit, struct arena *a,
                           struct published **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    struct published *list = ARENA_ARRAY(a, struct published, limit);
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM desk_reports ORDER BY until_at DESC, from_at, version "
                    "DESC LIMIT $1",
                    SQL(sql_int((int64_t)limit)), &r, e));
    for (bool more;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        read_row(r, a, &list[n++]);
    }
    *out = list;
    *count = n;
    return OK;
}
