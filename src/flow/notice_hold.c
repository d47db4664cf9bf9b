/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk says to a verdict: the upload is restricted, or a copy of what is. */
#include "flow/notice_inside.h"

enum code notice_hold(struct store_tx *tx, const struct upload *u, struct territory where,
                      struct arena *a, struct upload_known *known, struct error *e)
{
    static const enum restriction restrictions[] = { [DESK_FREE] = RESTRICTION_NONE,
                                                     [DESK_RESTRICTED] = RESTRICTION_NOTICE,
                                                     [DESK_STAY_DOWN] = RESTRICTION_STAY_DOWN };
    struct desk_held held;
    struct recording_id *heard = ARENA_ARRAY(a, struct recording_id, known->match_count);
    for (size_t i = 0; i < known->match_count; i++)
        heard[i] = known->matches[i].recording;
    TRY(desk_held(tx, u->network, u->id, u->blob, heard, known->match_count, where, &held, e));
    known->facts.restriction = restrictions[held.hold];
    known->facts.item = held.item;
    known->facts.item_version = held.version;
    return OK;
}

/* Is there anything to do? Asked without holding up writers. Letters are due from when the shortest
 * day of their clock is over: whether one is late the tick knows, with its calendar. The year's report
 * needs no other clock to be thought of. */
enum code notice_waits(struct world *w, bool *waits, struct error *e)
{
    TX(tx);
    owned(store_rows) r = NULL;
    char report[DESK_REPORT_SUBJECT];
    const int64_t now = world_now(w).us, minute = 60000000;
    desk_report_subject(world_now(w), report);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    return store_one(tx,
                     "SELECT 1 WHERE EXISTS (SELECT 1 FROM desk_items WHERE state = 'open') OR "
                     "EXISTS (SELECT 1 FROM desk_items WHERE due IS NOT NULL AND due <= $1) OR "
                     "EXISTS (SELECT 1 FROM desk_timers WHERE due IS NOT NULL AND due <= $1) OR "
                     "EXISTS (SELECT 1 FROM desk_strikes WHERE due IS NOT NULL AND due <= $1) OR "
                     "EXISTS (SELECT 1 FROM desk_senders WHERE due IS NOT NULL AND due <= $1) OR "
                     "EXISTS (SELECT 1 FROM desk_letters WHERE sent IS NULL AND alarmed = 0 AND "
                     "((at <= $2 AND kind IN ('receipt', 'confirm_mailbox', 'complete_notice')) OR "
                     "(at <= $3 AND kind = 'order_effect') OR "
                     "(at <= $4 AND kind IN ('counter_forwarded', 'statement')))) OR "
                     "(EXISTS (SELECT 1 FROM desk_notices) AND NOT EXISTS (SELECT 1 FROM "
                     "desk_timers WHERE subject = $5))",
                     SQL(sql_int(now), sql_int(now - minute), sql_int(now - 60 * minute),
                         sql_int(now - 24 * 60 * minute), sql_text(report)),
                     &r, waits, e);
}

enum code flow_notice_once(struct world *w, bool *did, struct error *e)
{
    enum { MOST = 500 };
    size_t looked, fired;
    TRY(notice_waits(w, did, e));
    if (!*did)
        return OK;
    TRY(flow_notice_work(w, MOST, &looked, e));
    TRY(flow_notice_tick(w, MOST, &fired, e));
    *did = looked + fired > 0;
    return OK;
}
