/* SPDX-License-Identifier: Apache-2.0 */
/* Senders whose notices are manifestly unfounded: a warning, then no processing for a while (DSA 23). The
 * measures are weighed by number, proportion, gravity and intent (standing_misuse). */
#include "desk/rows.h"

enum { DAY_US_MILLION = 86400, EACH = 10 };

static enum code count_month(struct desk_act *act, const struct sender *s, struct misuse_facts *f,
                             struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    const int64_t month = INT64_C(30) * DAY_US_MILLION * 1000000;
    TRY(store_one(act->tx,
                  "SELECT COUNT(*), SUM(CASE WHEN i.state IN ('declined', 'final_declined') AND "
                  "i.held_reason IN ('abusive', 'no_mandate', 'wrong_location', "
                  "'work_not_in_item', 'territory_not_covered', 'not_protectable', 'own_content') "
                  "THEN 1 ELSE 0 END) FROM desk_notices n JOIN desk_items i ON i.notice = n.id "
                  "WHERE n.sender = $1 AND n.received > $2",
                  SQL(sql_id(s->id), sql_int(act->now.us - month)), &r, &found, e));
    f->received = store_int(r, 0);
    f->unfounded = store_is_null(r, 1) ? 0 : store_int(r, 1);
    return OK;
}

static enum code tell(struct desk_act *act, const struct sender *s, const char *what,
                      enum letter letter, const struct misuse_facts *f, struct error *e)
{
    char id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    sender_id_format(s->id, id);
    json_begin(&o, '{');
    json_int(&o, "received", f->received);
    json_int(&o, "unfounded", f->unfounded);
    json_int(&o, "abusive", f->abusive);
    json_instant(&o, "until", s->due);
    json_end(&o, '}');
    desk_note(act, what, id, &after, STR("misuse"));
    return desk_letter_put(act, letter, arena_format(act->arena, "sender %s", id),
                           (struct notice_id) { { 0 } }, (struct item_id) { { 0 } },
                           (struct decision_id) { { 0 } }, "", e);
}

/* Weighed at every tenth refusal, and at each that a person called a misuse. */
enum code misuse_weigh(struct desk_act *act, struct sender *s, bool abusive, struct error *e)
{
    const int64_t day = INT64_C(1000000) * DAY_US_MILLION;
    struct misuse_facts f = { .abusive = s->abusive };
    if (act->lenient || s->state == SENDER_SUSPENDED || (s->declined % EACH != 0 && !abusive))
        return OK;
    TRY(count_month(act, s, &f, e));
    f.warned = s->warned.us != INT64_MAX && act->now.us - s->warned.us >= day;
    switch (standing_misuse(&f)) {
    case MISUSE_NONE:
        return OK;
    case MISUSE_WARN:
        if (s->state == SENDER_WARNED)
            return OK;
        s->state = SENDER_WARNED;
        s->warned = act->now;
        return tell(act, s, "sender.warned", LETTER_WARNING, &f, e);
    case MISUSE_SUSPEND:
        s->state = SENDER_SUSPENDED;
        s->due = due_from(act, DEADLINE_MISUSE, REGIME_CONTRACT, act->now);
        return tell(act, s, "sender.suspended", LETTER_SUSPENDED, &f, e);
    }
    return OK;
}
