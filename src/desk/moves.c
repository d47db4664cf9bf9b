/* SPDX-License-Identifier: Apache-2.0 */
/* The table of moves, and one step on it. */
#include "desk/moves.h"

#define M ACTOR_BIT(ACTOR_MACHINE)
#define P ACTOR_BIT(ACTOR_PERSON)
#define T ACTOR_BIT(ACTOR_TIMER)
#define S ACTOR_BIT(ACTOR_SENDER)
#define U ACTOR_BIT(ACTOR_UPLOADER)

#define TAKEN_DOWN                                                                                 \
    (EFFECT_DECISION | EFFECT_RESTRICT | EFFECT_STATEMENT | EFFECT_ANSWER | EFFECT_STRIKE |        \
     EFFECT_STAY_DOWN)
#define TURNED_DOWN (EFFECT_DECISION | EFFECT_ANSWER)
#define PUT_BACK                                                                                   \
    (EFFECT_DECISION | EFFECT_RELEASE | EFFECT_CLEAR_STRIKE | EFFECT_TELL_UPLOADER | EFFECT_ANSWER)

/* A reversal is another person's by itself; held, it would keep down what should be up.
 * from, event, to, actors, effects, second, other */
const struct item_move item_moves[] = {
    { ITEM_WAITING, EVENT_COMPLETE, ITEM_OPEN, M | P, 0, false, false },
    { ITEM_WAITING, EVENT_LAPSE, ITEM_DECLINED, T | M, TURNED_DOWN, false, false },
    { ITEM_WAITING, EVENT_RULE_DECLINE, ITEM_DECLINED, M, TURNED_DOWN, false, false },
    { ITEM_WAITING, EVENT_WITHDRAW, ITEM_WITHDRAWN, S | P, TURNED_DOWN, false, false },

    { ITEM_OPEN, EVENT_RULE_RESTRICT, ITEM_RESTRICTED, M, TAKEN_DOWN, true, false },
    { ITEM_OPEN, EVENT_RULE_DECLINE, ITEM_DECLINED, M, TURNED_DOWN, false, false },
    { ITEM_OPEN, EVENT_QUEUE, ITEM_QUEUED, M | P | T, 0, false, false },
    { ITEM_OPEN, EVENT_WITHDRAW, ITEM_WITHDRAWN, S | P, TURNED_DOWN, false, false },

    { ITEM_QUEUED, EVENT_CLAIM, ITEM_CLAIMED, P, 0, false, false },
    { ITEM_QUEUED, EVENT_ESCALATE, ITEM_QUEUED, T, EFFECT_ALARM, false, false },
    { ITEM_QUEUED, EVENT_TIME_RESTRICT, ITEM_RESTRICTED, T, TAKEN_DOWN, true, false },
    { ITEM_QUEUED, EVENT_WITHDRAW, ITEM_WITHDRAWN, S | P, TURNED_DOWN, false, false },

    { ITEM_CLAIMED, EVENT_LET_GO, ITEM_QUEUED, P, 0, false, false },
    { ITEM_CLAIMED, EVENT_LOCK_EXPIRES, ITEM_QUEUED, T, 0, false, false },
    { ITEM_CLAIMED, EVENT_RESTRICT, ITEM_RESTRICTED, P, TAKEN_DOWN, true, false },
    { ITEM_CLAIMED, EVENT_DECLINE, ITEM_DECLINED, P, TURNED_DOWN, true, false },
    { ITEM_CLAIMED, EVENT_SCHEDULE, ITEM_SCHEDULED, P, EFFECT_TELL_UPLOADER, true, false },
    { ITEM_CLAIMED, EVENT_WITHDRAW, ITEM_WITHDRAWN, S, TURNED_DOWN, false, false },

    { ITEM_HELD_SECOND, EVENT_APPROVE, ITEM_HELD_SECOND, P, 0, false, true },
    { ITEM_HELD_SECOND, EVENT_SEND_BACK, ITEM_QUEUED, P, 0, false, true },
    { ITEM_HELD_SECOND, EVENT_ESCALATE, ITEM_HELD_SECOND, T, EFFECT_ALARM, false, false },
    { ITEM_HELD_SECOND, EVENT_WITHDRAW, ITEM_WITHDRAWN, S | P, TURNED_DOWN, false, false },

    { ITEM_SCHEDULED, EVENT_CURE, ITEM_CURED, U | M, EFFECT_ANSWER | EFFECT_DECISION, false,
      false },
    { ITEM_SCHEDULED, EVENT_DISPUTE, ITEM_QUEUED, U, 0, false, false },
    { ITEM_SCHEDULED, EVENT_CURE_EXPIRES, ITEM_RESTRICTED, T, TAKEN_DOWN, false, false },
    { ITEM_SCHEDULED, EVENT_WITHDRAW, ITEM_WITHDRAWN, S | P, TURNED_DOWN | EFFECT_TELL_UPLOADER,
      false, false },

    { ITEM_RESTRICTED, EVENT_COUNTER, ITEM_COUNTERED, U, EFFECT_FORWARD | EFFECT_HOLD_STRIKE, false,
      false },
    { ITEM_RESTRICTED, EVENT_COMPLAIN, ITEM_COMPLAINED, U, EFFECT_HOLD_STRIKE, false, false },
    { ITEM_RESTRICTED, EVENT_WITHDRAW, ITEM_RESTORED, S, PUT_BACK, false, false },
    { ITEM_RESTRICTED, EVENT_UNDO, ITEM_RESTORED, P, PUT_BACK, false, false },
    { ITEM_RESTRICTED, EVENT_REVERSE, ITEM_RESTORED, P, PUT_BACK, false, true },
    { ITEM_RESTRICTED, EVENT_WINDOW_CLOSES, ITEM_FINAL_RESTRICTED, T, 0, false, false },

    { ITEM_DECLINED, EVENT_COMPLAIN, ITEM_COMPLAINED_DECLINED, S, 0, false, false },
    { ITEM_DECLINED, EVENT_UNDO, ITEM_QUEUED, P, 0, false, false },
    { ITEM_DECLINED, EVENT_WINDOW_CLOSES, ITEM_FINAL_DECLINED, T, 0, false, false },

    { ITEM_COUNTERED, EVENT_ACTION_FILED, ITEM_KEPT_ACTION_FILED, S | P, 0, false, false },
    { ITEM_COUNTERED, EVENT_PUT_BACK, ITEM_RESTORED, T, PUT_BACK, false, false },
    { ITEM_COUNTERED, EVENT_WITHDRAW, ITEM_RESTORED, S, PUT_BACK, false, false },
    { ITEM_COUNTERED, EVENT_REVERSE, ITEM_RESTORED, P, PUT_BACK, false, true },

    { ITEM_KEPT_ACTION_FILED, EVENT_ACTION_ENDED, ITEM_RESTORED, S | P, PUT_BACK, false, false },
    { ITEM_KEPT_ACTION_FILED, EVENT_ACTION_WON, ITEM_FINAL_RESTRICTED, P,
      EFFECT_ANSWER | EFFECT_RUN_STRIKE, false, false },
    { ITEM_KEPT_ACTION_FILED, EVENT_ESCALATE, ITEM_KEPT_ACTION_FILED, T, EFFECT_ALARM, false,
      false },
    { ITEM_KEPT_ACTION_FILED, EVENT_WITHDRAW, ITEM_RESTORED, S, PUT_BACK, false, false },

    { ITEM_COMPLAINED, EVENT_UPHOLD, ITEM_RESTRICTED, P, EFFECT_TELL_UPLOADER | EFFECT_RUN_STRIKE,
      false, true },
    { ITEM_COMPLAINED, EVENT_REVERSE, ITEM_RESTORED, P, PUT_BACK, false, true },
    { ITEM_COMPLAINED, EVENT_REVERSE_PARTLY, ITEM_RESTRICTED, P,
      EFFECT_DECISION | EFFECT_STATEMENT | EFFECT_ANSWER | EFFECT_RUN_STRIKE, false, true },
    { ITEM_COMPLAINED, EVENT_ESCALATE, ITEM_COMPLAINED, T, EFFECT_ALARM, false, false },
    { ITEM_COMPLAINED, EVENT_WITHDRAW, ITEM_RESTORED, S, PUT_BACK, false, false },

    { ITEM_COMPLAINED_DECLINED, EVENT_UPHOLD, ITEM_DECLINED, P, EFFECT_ANSWER, false, true },
    { ITEM_COMPLAINED_DECLINED, EVENT_REVERSE, ITEM_RESTRICTED, P, TAKEN_DOWN, true, true },
    { ITEM_COMPLAINED_DECLINED, EVENT_ESCALATE, ITEM_COMPLAINED_DECLINED, T, EFFECT_ALARM, false,
      false },
    { ITEM_COMPLAINED_DECLINED, EVENT_WITHDRAW, ITEM_DECLINED, S, 0, false, false },

    { ITEM_RESTORED, EVENT_WINDOW_CLOSES, ITEM_FINAL_RESTORED, T, 0, false, false },
};
const size_t item_move_count = COUNT_OF(item_moves);

#define FINAL                                                                                      \
    {                                                                                              \
        OWNER_NOBODY, DEADLINE_COUNT, true                                                         \
    }
const struct item_rest item_rests[ITEM_STATE_COUNT] = {
    [ITEM_WAITING] = { OWNER_SENDER, DEADLINE_REPAIR, false },
    [ITEM_OPEN] = { OWNER_MACHINE, DEADLINE_LOOK, false },
    [ITEM_QUEUED] = { OWNER_QUEUE, DEADLINE_ACT, false },
    [ITEM_CLAIMED] = { OWNER_PERSON, DEADLINE_LOCK, false },
    [ITEM_HELD_SECOND] = { OWNER_SECOND, DEADLINE_SECOND, false },
    [ITEM_SCHEDULED] = { OWNER_UPLOADER, DEADLINE_CURE, false },
    [ITEM_RESTRICTED] = { OWNER_CLOCK, DEADLINE_COMPLAINT_WINDOW, false },
    [ITEM_DECLINED] = { OWNER_CLOCK, DEADLINE_COMPLAINT_WINDOW, false },
    [ITEM_COUNTERED] = { OWNER_SENDER, DEADLINE_PUT_BACK, false },
    [ITEM_KEPT_ACTION_FILED] = { OWNER_SENDER, DEADLINE_ACTION_REVIEW, false },
    [ITEM_COMPLAINED] = { OWNER_QUEUE, DEADLINE_COMPLAINT, false },
    [ITEM_COMPLAINED_DECLINED] = { OWNER_QUEUE, DEADLINE_COMPLAINT, false },
    [ITEM_RESTORED] = { OWNER_CLOCK, DEADLINE_COMPLAINT_WINDOW, false },
    [ITEM_CURED] = FINAL,
    [ITEM_WITHDRAWN] = FINAL,
    [ITEM_FINAL_RESTRICTED] = FINAL,
    [ITEM_FINAL_DECLINED] = FINAL,
    [ITEM_FINAL_RESTORED] = FINAL,
};

bool item_is_restricted(enum item_state s)
{
    return s == ITEM_RESTRICTED || s == ITEM_COUNTERED || s == ITEM_KEPT_ACTION_FILED ||
           s == ITEM_COMPLAINED || s == ITEM_FINAL_RESTRICTED;
}

bool item_is_turned_down(enum item_state s)
{
    return s == ITEM_WAITING || s == ITEM_DECLINED || s == ITEM_FINAL_DECLINED ||
           s == ITEM_WITHDRAWN || s == ITEM_RESTORED || s == ITEM_FINAL_RESTORED || s == ITEM_CURED;
}

#define ROW(name, word) word,
static const char *const two_person_words[] = { TWO_PERSON(ROW) };
#undef ROW

enum code two_person_parse(struct str text, enum two_person *out, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(two_person_words); i++)
        if (str_is(text, two_person_words[i])) {
            *out = (enum two_person)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not never, people or always", STR_ARG(text));
}

const char *two_person_word(enum two_person t)
{
    return two_person_words[t];
}

static const struct item_move *find(enum item_state from, enum item_event event)
{
    for (size_t i = 0; i < item_move_count; i++)
        if (item_moves[i].from == from && item_moves[i].event == event)
            return &item_moves[i];
    return NULL;
}

static bool is_held(const struct item_move *m, const struct item_step *step, enum two_person rule)
{
    if (!m->second || rule == TWO_PERSON_NEVER)
        return false;
    return rule == TWO_PERSON_ALWAYS || step->by != ACTOR_MACHINE;
}

static enum code check(const struct item_now *now, const struct item_step *step,
                       const struct item_move *m, struct error *e)
{
    const char *person = step->person ? step->person : "";
    if (!m)
        return fail(e, ERR_CONFLICT, "an item that is %s knows no move %s",
                    item_state_word(now->state), item_event_word(step->event));
    if (!(m->actors & ACTOR_BIT(step->by)))
        return fail(e, ERR_DENIED, "%s is not for the %s to do", item_event_word(step->event),
                    actor_word(step->by));
    if (step->by == ACTOR_PERSON && !person[0])
        return fail(e, ERR_DENIED, "nobody is named who does it");
    if (now->state == ITEM_CLAIMED && step->by == ACTOR_PERSON && strcmp(now->holder, person) != 0)
        return fail(e, ERR_CONFLICT, "somebody else holds this item");
    if (m->other && ((now->first[0] && strcmp(now->first, person) == 0) ||
                     (now->second[0] && strcmp(now->second, person) == 0)))
        return fail(e, ERR_DENIED, "another person than those who decided has to do it");
    return OK;
}

static void set_person(char out[PERSON_TEXT], const char *person)
{
    snprintf(out, PERSON_TEXT, "%s", person ? person : "");
}

enum code item_step(const struct item_now *now, const struct item_step *step, enum two_person rule,
                    struct item_now *next, unsigned *effects, struct error *e)
{
    const struct item_move *m = find(now->state, step->event);
    TRY(check(now, step, m, e));
    struct item_now n = *now;
    n.holder[0] = '\0';
    if (is_held(m, step, rule)) {
        n.state = ITEM_HELD_SECOND;
        n.held = m->to;
        n.held_effects = m->effects;
        set_person(n.first, step->by == ACTOR_PERSON ? step->person : "");
        set_person(n.second, "");
        *effects = 0;
    } else if (step->event == EVENT_APPROVE) {
        n.state = n.held = now->held;
        n.held_effects = 0;
        set_person(n.second, step->person);
        *effects = now->held_effects;
    } else {
        bool stays = m->to == now->state;
        n.state = m->to;
        n.held = stays ? now->held : m->to;
        n.held_effects = stays ? now->held_effects : 0;
        *effects = m->effects;
        if (step->event == EVENT_CLAIM)
            set_person(n.holder, step->person);
        /* what a clock brings about was decided by those who set it */
        if (m->effects & EFFECT_DECISION && step->event != EVENT_CURE_EXPIRES) {
            set_person(n.first, step->by == ACTOR_PERSON ? step->person : "");
            set_person(n.second, "");
        }
    }
    *next = n;
    return OK;
}
