/* SPDX-License-Identifier: Apache-2.0 */
/* After decisions: counter-notices, complaints, disputes; the end of a day. */
#include "flow/simulate.h"

/* What was done is journaled; what is known of it is asked again. */
enum code replay_end_phase(struct replay *r, struct error *e)
{
    notice_forget(&r->n);
    return desk_act_end(&r->n.act, e);
}

void replay_begin_phase(struct replay *r, struct str who)
{
    r->n.act.who = who;
    store_behind(r->n.act.tx);
}

/* What will be put back is asked for by nobody as a duplicate. */
static void forget(struct replay *r, struct upload_id upload)
{
    for (size_t l = 0; l < LABELS; l++)
        for (size_t i = 0; i < r->kept_count[l];)
            if (upload_id_equal(r->kept[l][i], upload)) {
                size_t last = --r->kept_count[l];
                r->kept[l][i] = r->kept[l][last];
                r->kept_recording[l][i] = r->kept_recording[l][last];
            } else {
                i++;
            }
}

/* One restriction in two hundred is countered; the clock puts it back. */
enum code replay_counter_some(struct replay *r, struct instant now, struct error *e)
{
    struct noticing *n = &r->n;
    owned(store_rows) rows = NULL;
    struct item_id ids[64];
    size_t count = 0;
    bool more;
    replay_begin_phase(r, STR("uploader"));
    n->act.now = now;
    struct item_id from = { { 0 } };
    id_fill(from.bytes, (struct instant) { now.us - INT64_C(86400000000) }, n->act.chance);
    TRY(store_query(n->act.tx,
                    "SELECT id FROM desk_items WHERE id > $1 AND state = 'restricted' AND regime = "
                    "'dmca' ORDER BY id LIMIT 8",
                    SQL(sql_id(from)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more || count == COUNT_OF(ids))
            break;
        store_id(rows, 0, ids[count++].bytes);
    }
    store_rows_free(take(rows));
    for (size_t i = 0; i < count; i++) {
        struct notice_item item;
        struct counter_draft d = { COUNTER_AUTHORIZED, ELEMENTS_ALL, STR("I had permission.") };
        TRY(desk_item_get(n->act.tx, ids[i], &n->arena, &item, e));
        TRY(desk_counter(&n->act, &item, &d, e));
        forget(r, item.upload);
    }
    return replay_end_phase(r, e);
}

/* Of the day's items in this state the first few. */
static enum code some_of(struct replay *r, const char *state, size_t most, struct item_id *ids,
                         size_t *count, struct instant now, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct item_id from = { { 0 } };
    bool more;
    *count = 0;
    id_fill(from.bytes, (struct instant) { now.us - INT64_C(86400000000) }, r->n.act.chance);
    TRY(store_query(r->n.act.tx,
                    "SELECT id FROM desk_items WHERE id > $1 AND state = $2 ORDER BY id LIMIT $3",
                    SQL(sql_id(from), sql_text(state), sql_int((int64_t)most)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more || *count == most)
            return OK;
        store_id(rows, 0, ids[(*count)++].bytes);
    }
}

/* A complaint of one side is upheld by somebody who had no part in the decision; the first of them
 * goes on to a body out of court, which upholds it too. */
enum code replay_complain_some(struct replay *r, const char *state, enum actor by,
                               struct instant now, struct error *e)
{
    enum { MOST = 4 };
    struct noticing *n = &r->n;
    struct item_id ids[MOST];
    struct dispute_id dispute;
    size_t count;
    replay_begin_phase(r, str_of(actor_word(by)));
    n->act.now = now;
    TRY(some_of(r, state, MOST, ids, &count, now, e));
    for (size_t i = 0; i < count; i++) {
        struct notice_item item;
        struct item_why why = { .rule = "" };
        TRY(desk_item_get(n->act.tx, ids[i], &n->arena, &item, e));
        n->act.who = str_of(actor_word(by));
        TRY(desk_complain(&n->act, &item, by, STR("I do not agree."), e));
        forget(r, item.upload);
        n->act.who = STR("reviewer");
        why.reason = item.held_reason;
        TRY(desk_complaint_decide(&n->act, &item, EVENT_UPHOLD, "reviewer", &why, e));
        if (i)
            continue;
        TRY(desk_dispute_open(&n->act, &item, STR("Invented Body"), &dispute, e));
        TRY(desk_dispute_decide(&n->act, &item, STR("upheld"), true, e));
    }
    return replay_end_phase(r, e);
}

/* Letters are handed to the postman, who is never late; clocks are looked at. */
enum code replay_close_day(struct replay *r, struct instant now, struct error *e)
{
    size_t fired;
    struct noticing *n = &r->n;
    replay_begin_phase(r, STR("clock"));
    n->act.now = now;
    TRY(store_run(n->act.tx,
                  "UPDATE desk_letters SET sent = $1, secret = '' WHERE sent IS NULL AND next <= "
                  "$1",
                  SQL(sql_instant(now)), NULL, e));
    do {
        TRY(desk_tick(&n->act, 10 * BATCH, &fired, e));
        TRY(replay_end_phase(r, e));
    } while (fired >= 10 * BATCH);
    return OK;
}
