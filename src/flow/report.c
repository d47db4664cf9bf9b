/* SPDX-License-Identifier: Apache-2.0 */
/* A report is computed once, kept, and shown as it was. */
#include "flow/report.h"

#include "flow/notice_inside.h"

enum { EVENTS_BYTES_MOST = 1 << 30 };

static enum code compute(struct world *w, struct instant from, struct instant until, struct scan *s,
                         struct buf *body, char events[BLOB_TEXT], struct error *e)
{
    TX(tx);
    BUF(bytes);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(desk_scan(tx, from, until, s, e));
    TRY(desk_report_json(s, body, e));
    TRY(desk_expand_write(s, &bytes, e));
    return media_blob_put(w->blobs, bytes.bytes, bytes.length, events, e);
}

enum code flow_report_publish(struct world *w, struct str who, struct instant from,
                              struct instant until, struct published *out, struct error *e)
{
    NOTICING(n);
    SCAN(s);
    BUF(body);
    char events[BLOB_TEXT];
    if (until.us > world_now(w).us)
        return fail(e, ERR_INVALID,
                    "the period is not over: publish what does not change any more");
    TRY(compute(w, from, until, &s, &body, events, e));
    TRY(flow_noticing_begin(w, who, &n, e));
    TRY(desk_report_publish(&n.act, &s, buf_as_str(&body), events, out, e));
    out->body = out->events = NULL;
    return flow_noticing_commit(&n, e);
}

enum code flow_report_events(struct world *w, struct report_id id, struct str figure, int64_t after,
                             struct arena *a, struct report_event **out, size_t *count,
                             struct error *e)
{
    TX(tx);
    BUF(bytes);
    struct published p;
    struct expanded found[REPORT_EVENTS_MOST];
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(desk_report_get(tx, id, a, &p, e));
    TRY(media_blob_read(w->blobs, p.events, EVENTS_BYTES_MOST, &bytes, e));
    TRY(desk_expand_read(buf_as_str(&bytes), figure, after, REPORT_EVENTS_MOST, found, count, e));
    struct report_event *list = ARENA_ARRAY(a, struct report_event, *count + 1);
    for (size_t i = 0; i < *count; i++) {
        struct journal_event *v;
        size_t n;
        TRY(journal_list(tx, found[i].seq - 1, STR(""), 1, a, &v, &n, e));
        if (n == 1)
            list[i] = (struct report_event) { found[i].weight, *v };
    }
    *out = list;
    return OK;
}
