/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that have run out: each fires once, in the order in which they were due, however long
 * nobody looked. */
#include "desk/rows.h"

static enum code reason_of_lapse(struct desk_act *act, const struct notice_item *i,
                                 enum reason_code *out, struct error *e)
{
    struct notice *n;
    TRY(desk_notice(act, i->notice, &n, e));
    *out = n->state == NOTICE_UNPROVEN ||
                   (n->state == NOTICE_LAPSED && n->clock == DEADLINE_MAILBOX)
               ? REASON_UNREACHABLE
               : REASON_INCOMPLETE;
    n->state = NOTICE_LAPSED;
    n->due = INSTANT_NEVER;
    return OK;
}

static enum code fire_item(struct desk_act *act, struct notice_item *i, struct error *e)
{
    const struct deadline_rule *rule = deadline_rule(i->clock, i->regime);
    struct item_step step = { rule->then, ACTOR_TIMER, NULL };
    struct item_why why = { .reason = REASON_DEADLINE, .rule = deadline_word(i->clock) };
    if (rule->then == EVENT_LAPSE)
        TRY(reason_of_lapse(act, i, &why.reason, e));
    else if (rule->then == EVENT_CURE_EXPIRES || rule->then == EVENT_ESCALATE)
        why.reason = i->held_reason;
    return desk_item_move(act, i, &step, &why, e);
}

static enum code items_due(struct desk_act *act, size_t most, size_t *count, struct error *e)
{
    struct notice_item *items;
    TRY(desk_item_due(act->tx, act->now, most, act->arena, &items, count, e));
    TRY(desk_notices_ahead(act, items, *count, e));
    for (size_t n = 0; n < *count; n++) {
        char id[ID_TEXT];
        if (fire_item(act, &items[n], e) != OK)
            return fail_in(e, "clock of item %s", item_id_format(items[n].id, id));
    }
    return OK;
}

/* Whose strikes become active now: strikes move many at a time, for what was not disputed for a
 * week counts, and what is old does not. */
static enum code strikes_ripe(struct desk_act *act, size_t most, struct desk_struck **out,
                              size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    struct desk_struck *list = NULL;
    size_t room = 0;
    bool more;
    *count = 0;
    TRY(store_query(act->tx,
                    "SELECT DISTINCT network, uploader FROM desk_strikes WHERE due IS NOT NULL AND "
                    "due <= $1 AND state = 'pending' ORDER BY network, uploader LIMIT $2",
                    SQL(sql_instant(act->now), sql_int((int64_t)most)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || *count == most)
            break;
        list = arena_more(act->arena, list, *count, &room, sizeof *list);
        if (!list)
            return fail(e, ERR_MEMORY, "no memory for strikes");
        struct desk_struck *x = &list[(*count)++];
        store_id(r, 0, x->network.bytes);
        x->uploader = text_of(r, 1, act->arena);
    }
    *out = list;
    return OK;
}

enum code desk_strikes_active(struct store_tx *tx, struct network_id network, const char *uploader,
                              int64_t *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT COUNT(*) FROM desk_strikes WHERE network = $1 AND uploader = $2 AND "
                  "state = 'active'",
                  SQL(sql_id(network), sql_text(uploader)), &r, &found, e));
    *out = store_int(r, 0);
    return OK;
}

static void strikes_note(struct desk_act *act, int64_t ripe, int64_t over)
{
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_int(&o, "active", ripe);
    json_int(&o, "expired", over);
    json_end(&o, '}');
    desk_note(act, "strikes.moved", "", &after, STR(""));
}

static enum code strikes_due(struct desk_act *act, size_t *count, struct error *e)
{
    enum { MOST = 100000 };
    int64_t ripe, over;
    size_t people = 0;
    const int64_t kept_us = deadline_rule(DEADLINE_STRIKE_EXPIRES, REGIME_CONTRACT)->amount *
                            INT64_C(86400000000);
    struct desk_struck *list = NULL;
    if (act->struck)
        TRY(strikes_ripe(act, MOST, &list, &people, e));
    TRY(store_run(act->tx,
                  "UPDATE desk_strikes SET state = 'expired', due = NULL WHERE due IS NOT NULL AND "
                  "due <= $1 AND state = 'active'",
                  SQL(sql_instant(act->now)), &over, e));
    TRY(store_run(act->tx,
                  "UPDATE desk_strikes SET state = 'active', due = due + $2 WHERE due IS NOT NULL "
                  "AND due <= $1 AND state = 'pending'",
                  SQL(sql_instant(act->now), sql_int(kept_us)), &ripe, e));
    *count = (size_t)(ripe + over);
    if (*count == 0)
        return OK;
    strikes_note(act, ripe, over);
    return people ? act->struck(act, list, people, e) : OK;
}

static enum code lift_suspensions(struct desk_act *act, size_t *count, struct error *e)
{
    enum { MOST = 100 };
    struct sender_id ids[MOST];
    owned(store_rows) r = NULL;
    bool more;
    size_t n = 0;
    TRY(store_query(act->tx,
                    "SELECT id FROM desk_senders WHERE due IS NOT NULL AND due <= $1 ORDER BY due,"
                    " id LIMIT 100",
                    SQL(sql_instant(act->now)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == MOST)
            break;
        store_id(r, 0, ids[n++].bytes);
    }
    for (size_t i = 0; i < n; i++) {
        struct sender *s;
        char id[ID_TEXT];
        TRY(desk_sender(act, ids[i], &s, e));
        s->state = SENDER_ACTIVE;
        s->due = INSTANT_NEVER;
        desk_note(act, "sender.suspension_over", sender_id_format(s->id, id), NULL, STR(""));
    }
    *count = n;
    return OK;
}

enum code desk_tick(struct desk_act *act, size_t most, size_t *count, struct error *e)
{
    size_t begun = 0, items = 0, strikes = 0, lifted = 0, timers = 0, letters = 0;
    TRY(desk_report_clock(act, &begun, e));
    TRY(items_due(act, most, &items, e));
    TRY(desk_timers_due(act, most, &timers, e));
    TRY(strikes_due(act, &strikes, e));
    TRY(lift_suspensions(act, &lifted, e));
    TRY(desk_letters_late(act, &letters, e));
    *count = begun + items + strikes + lifted + timers + letters;
    return OK;
}
