/* SPDX-License-Identifier: Apache-2.0 */
/* The feed: rows of events, as far as the viewer may see them. */
#include "events/events.h"

enum { LIST_MOST = 1000 };

static void read_event(const struct store_rows *r, struct arena *a, struct event *v)
{
    *v = (struct event) { .seq = store_int(r, 0),
                          .what = str_copy(a, store_text(r, 1)),
                          .subject = str_copy(a, store_text(r, 2)),
                          .data = str_copy(a, store_text(r, 3)),
                          .at = store_instant(r, 4) };
}

/* An event may stand there for several parties: each sees it once, the operator the first of them. */
static enum code select_events(struct store_tx *tx, const struct event_view *v, int64_t after,
                               size_t limit, struct store_rows **out, struct error *e)
{
    struct sql_value values[] = { sql_int(after), sql_int((int64_t)limit), sql_id(v->party),
                                  sql_id(v->network) };
#define SELECT "SELECT seq, what, subject, data, at FROM events WHERE seq > $1 AND "
#define ORDER  " ORDER BY seq LIMIT $2"
    if (!party_id_is_none(v->party))
        return store_query(tx, SELECT "party = $3" ORDER, values, 3, out, e);
    if (network_id_is_none(v->network))
        return store_query(tx, SELECT "place = 0" ORDER, values, 2, out, e);
    values[2] = values[3];
    return store_query(tx, SELECT "place = 0 AND network = $3" ORDER, values, 3, out, e);
}

enum code events_list(struct store_tx *tx, const struct event_view *v, int64_t after, size_t limit,
                      struct arena *a, struct event **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    size_t n = 0;
    limit = limit < LIST_MOST ? limit : LIST_MOST;
    struct event *list = arena_try(a, limit + 1, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu events", limit);
    TRY(select_events(tx, v, after, limit, &rows, e));
    for (; n < limit; n++) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_event(rows, a, &list[n]);
    }
    *out = list;
    *count = n;
    return OK;
}

enum code events_get(struct store_tx *tx, const struct event_view *v, int64_t seq, struct arena *a,
                     struct event *out, struct error *e)
{
    struct event *list;
    size_t count;
    TRY(events_list(tx, v, seq - 1, 1, a, &list, &count, e));
    if (count == 0 || list[0].seq != seq)
        return fail(e, ERR_NOT_FOUND, "there is no event %lld", (long long)seq);
    *out = list[0];
    return OK;
}

void events_json(const struct event *v, struct json_out *o)
{
    json_begin(o, '{');
    json_int(o, "seq", v->seq);
    json_text(o, "type", v->what);
    json_instant(o, "timestamp", v->at);
    json_text(o, "subject", v->subject);
    json_key(o, "data");
    json_put_raw(o, str_of(v->data));
    json_end(o, '}');
}
