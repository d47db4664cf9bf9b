/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks of what is no item. They lie in the store, fire once and in the order of their due times,
 * however long nobody looked, and whatever the clock did meanwhile. */
#include "desk/rows.h"

enum code desk_timer_set(struct desk_act *act, enum deadline clock, enum regime regime,
                         const char *subject, struct instant from, struct timer_id *out,
                         struct error *e)
{
    struct timer_id id = timer_id_make(act->now, act->chance);
    TRY(store_run(act->tx,
                  "INSERT INTO desk_timers (id, clock, subject, due) VALUES ($1, $2, $3, $4)",
                  SQL(sql_id(id), sql_text(deadline_word(clock)), sql_text(subject),
                      sql_instant(due_from(act, clock, regime, from))),
                  NULL, e));
    if (out)
        *out = id;
    return OK;
}

enum code desk_timers_clear(struct desk_act *act, const char *subject, struct error *e)
{
    return store_run(act->tx,
                     "UPDATE desk_timers SET due = NULL WHERE subject = $1 AND due IS NOT NULL",
                     SQL(sql_text(subject)), NULL, e);
}

struct due_timer {
    struct timer_id id;
    enum deadline clock;
    const char *subject;
    struct instant due;
};

static enum code timers_read(struct desk_act *act, size_t most, struct due_timer **out,
                             size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    struct due_timer *list = NULL;
    size_t room = 0;
    *count = 0;
    TRY(store_query(act->tx,
                    "SELECT id, clock, subject, due FROM desk_timers WHERE due IS NOT NULL AND due "
                    "<= $1 ORDER BY due, id LIMIT $2",
                    SQL(sql_instant(act->now), sql_int((int64_t)most)), &r, e));
    for (;;) {
        bool more;
        TRY(store_next(r, &more, e));
        if (!more || *count == most)
            break;
        list = arena_more(act->arena, list, *count, &room, sizeof *list);
        if (!list)
            return fail(e, ERR_MEMORY, "no memory for timers");
        struct due_timer *t = &list[(*count)++];
        store_id(r, 0, t->id.bytes);
        TRY(deadline_parse(store_text(r, 1), &t->clock, e));
        t->subject = text_of(r, 2, act->arena);
        t->due = store_instant(r, 3);
    }
    *out = list;
    return OK;
}

static void timer_note(struct desk_act *act, const char *what, const char *id, enum deadline clock,
                       const char *subject, struct instant due)
{
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "clock", deadline_word(clock));
    json_text(&o, "subject", subject);
    json_int(&o, "due", due.us);
    json_end(&o, '}');
    desk_note(act, what, id, &after, STR(""));
}

static enum code fire(struct desk_act *act, const struct due_timer *t, struct error *e)
{
    char id[ID_TEXT];
    TRY(store_run(act->tx, "UPDATE desk_timers SET due = NULL, fired = $2 WHERE id = $1",
                  SQL(sql_id(t->id), sql_instant(act->now)), NULL, e));
    TRY(desk_letter_put(act, LETTER_ALARM, arena_format(act->arena, "operator %s", t->subject),
                        (struct notice_id) { { 0 } }, (struct item_id) { { 0 } },
                        (struct decision_id) { { 0 } }, "", e));
    timer_note(act, "timer.fired", timer_id_format(t->id, id), t->clock, t->subject, t->due);
    return OK;
}

enum { MANY = 500 }; /* from here on a second thread is worth it */

enum code desk_timers_due(struct desk_act *act, size_t most, size_t *count, struct error *e)
{
    struct due_timer *list = NULL;
    TRY(timers_read(act, most, &list, count, e));
    if (*count > MANY)
        store_behind(act->tx);
    for (size_t i = 0; i < *count; i++)
        TRY(fire(act, &list[i], e));
    return OK;
}

/* ---- letters that do not get out ---- */

/* Which letter has to be out by when; kinds that are not here may take their time. */
static const struct {
    enum letter kind;
    enum deadline clock;
} letter_clocks[] = {
    { LETTER_RECEIPT, DEADLINE_RECEIPT },   { LETTER_CONFIRM, DEADLINE_RECEIPT },
    { LETTER_COMPLETE, DEADLINE_RECEIPT },  { LETTER_COUNTER, DEADLINE_FORWARD },
    { LETTER_STATEMENT, DEADLINE_FORWARD }, { LETTER_ORDER, DEADLINE_ORDER },
};

/* Is the letter late at `now`? */
static bool is_late(const struct desk_act *act, struct str kind, struct instant at,
                    enum deadline *clock, struct instant *due)
{
    for (size_t i = 0; i < COUNT_OF(letter_clocks); i++)
        if (str_is(kind, letter_word(letter_clocks[i].kind))) {
            *clock = letter_clocks[i].clock;
            *due = due_from(act, *clock, REGIME_CONTRACT, at);
            return due->us <= act->now.us;
        }
    return false;
}

struct late_letter {
    struct letter_id id;
    enum deadline clock;
    struct instant due;
};

static enum code late_letters(struct desk_act *act, struct late_letter *list, size_t most,
                              size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    const int64_t minute = 60000000;
    *count = 0;
    TRY(store_query(act->tx,
                    "SELECT id, kind, at FROM desk_letters WHERE sent IS NULL AND alarmed = 0 AND "
                    "at <= $1 AND kind IN ('receipt', 'confirm_mailbox', 'complete_notice', "
                    "'counter_forwarded', 'statement', 'order_effect') LIMIT 10000",
                    SQL(sql_int(act->now.us - minute)), &r, e));
    for (;;) {
        bool more;
        struct late_letter l = { .clock = DEADLINE_RECEIPT };
        TRY(store_next(r, &more, e));
        if (!more || *count == most)
            return OK;
        store_id(r, 0, l.id.bytes);
        if (is_late(act, store_text(r, 1), store_instant(r, 2), &l.clock, &l.due))
            list[(*count)++] = l;
    }
}

/* One alarm a look: the letters themselves are tried on, each for as long as it takes. */
enum code desk_letters_late(struct desk_act *act, size_t *count, struct error *e)
{
    enum { MOST = 1000 };
    struct late_letter *list = ARENA_ARRAY(act->arena, struct late_letter, MOST);
    TRY(late_letters(act, list, MOST, count, e));
    for (size_t i = 0; i < *count; i++) {
        char id[ID_TEXT];
        TRY(store_run(act->tx, "UPDATE desk_letters SET alarmed = 1 WHERE id = $1",
                      SQL(sql_id(list[i].id)), NULL, e));
        timer_note(act, "letter.late", letter_id_format(list[i].id, id), list[i].clock,
                   letter_id_format(list[i].id, id), list[i].due);
    }
    if (*count == 0)
        return OK;
    return desk_letter_put(act, LETTER_ALARM,
                           arena_format(act->arena, "operator %zu letters late", *count),
                           (struct notice_id) { { 0 } }, (struct item_id) { { 0 } },
                           (struct decision_id) { { 0 } }, "", e);
}

/* ---- the year's report ---- */

void desk_report_subject(struct instant now, char out[DESK_REPORT_SUBJECT])
{
    int year, month, day;
    day_to_civil(day_of(now), &year, &month, &day);
    snprintf(out, DESK_REPORT_SUBJECT, "report %d", year);
}

/* A year in which there was something to tell has the clock of its report. */
enum code desk_report_clock(struct desk_act *act, size_t *begun, struct error *e)
{
    owned(store_rows) r = NULL;
    int year, month, day;
    bool found;
    char subject[DESK_REPORT_SUBJECT];
    day_to_civil(day_of(act->now), &year, &month, &day);
    desk_report_subject(act->now, subject);
    TRY(store_one(act->tx, "SELECT 1 FROM desk_timers WHERE subject = $1 LIMIT 1",
                  SQL(sql_text(subject)), &r, &found, e));
    *begun = !found;
    return found ? OK
                 : desk_timer_set(act, DEADLINE_REPORT, REGIME_CONTRACT, subject,
                                  day_begin(day_from_civil(year + 1, 1, 1)), NULL, e);
}

/* ---- disputes ---- */

static enum code is_disputed(struct desk_act *act, struct item_id item, struct dispute_id *id,
                             bool *open, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(act->tx,
                  "SELECT id FROM desk_disputes WHERE item = $1 AND decided IS NULL LIMIT 1",
                  SQL(sql_id(item)), &r, open, e));
    if (*open)
        store_id(r, 0, id->bytes);
    return OK;
}

enum code desk_dispute_open(struct desk_act *act, const struct notice_item *item, struct str body,
                            struct dispute_id *out, struct error *e)
{
    struct dispute_id id;
    bool open;
    char text[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    if (body.length == 0 || body.length > TEXT_MOST || !str_is_utf8(body))
        return fail(e, ERR_INVALID, "name the body");
    if (decision_id_is_none(item->decision))
        return fail(e, ERR_CONFLICT, "the item is not decided: there is nothing to dispute");
    TRY(is_disputed(act, item->id, &id, &open, e));
    if (open)
        return fail(e, ERR_CONFLICT, "a dispute about this item is open");
    id = dispute_id_make(act->now, act->chance);
    TRY(store_run(act->tx,
                  "INSERT INTO desk_disputes (id, item, body, opened, result, implemented) VALUES "
                  "($1, $2, $3, $4, '', 0)",
                  SQL(sql_id(id), sql_id(item->id), sql_str(body), sql_instant(act->now)), NULL,
                  e));
    TRY(desk_timer_set(act, DEADLINE_DISPUTE_BODY, item->regime, dispute_id_format(id, text),
                       act->now, NULL, e));
    json_begin(&o, '{');
    json_text(&o, "dispute", text);
    json_str(&o, "body", body);
    json_end(&o, '}');
    desk_note(act, "dispute.opened", item_id_format(item->id, text), &after, STR(""));
    *out = id;
    return OK;
}

enum code desk_dispute_decide(struct desk_act *act, const struct notice_item *item,
                              struct str result, bool implemented, struct error *e)
{
    static const char *const results[] = { "upheld", "reversed", "partly", "none" };
    struct dispute_id id;
    bool open;
    size_t i = 0;
    char text[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    while (i < COUNT_OF(results) && !str_is(result, results[i]))
        i++;
    if (i == COUNT_OF(results))
        return fail(e, ERR_INVALID, "the result is upheld, reversed, partly or none");
    TRY(is_disputed(act, item->id, &id, &open, e));
    if (!open)
        return fail(e, ERR_CONFLICT, "no dispute about this item is open");
    TRY(store_run(
        act->tx,
        "UPDATE desk_disputes SET result = $2, decided = $3, implemented = $4 WHERE id = "
        "$1",
        SQL(sql_id(id), sql_text(results[i]), sql_instant(act->now), sql_int(implemented)), NULL,
        e));
    TRY(desk_timers_clear(act, dispute_id_format(id, text), e));
    json_begin(&o, '{');
    json_text(&o, "dispute", text);
    json_text(&o, "outcome", results[i]);
    json_bool(&o, "implemented", implemented);
    json_end(&o, '}');
    desk_note(act, "dispute.decided", item_id_format(item->id, text), &after, STR(""));
    return OK;
}

/* ---- decisions ---- */

enum code desk_decision_get(struct store_tx *tx, struct decision_id id, struct arena *a,
                            struct desk_decision *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx,
                  "SELECT event, reason, rule, actor, person, second, territories, until_at, at "
                  "FROM desk_decisions WHERE id = $1",
                  SQL(sql_id(id)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no decision %s", decision_id_format(id, text));
    *out = (struct desk_decision) { .id = id,
                                    .rule = text_of(r, 2, a),
                                    .first = text_of(r, 4, a),
                                    .second = text_of(r, 5, a),
                                    .territories = text_of(r, 6, a),
                                    .until = store_instant(r, 7),
                                    .at = store_instant(r, 8) };
    out->automatic = !str_is(store_text(r, 3), actor_word(ACTOR_PERSON));
    return reason_parse(store_text(r, 1), &out->reason, e);
}
