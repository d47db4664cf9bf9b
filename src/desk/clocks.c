/* SPDX-License-Identifier: Apache-2.0 */
/* The table of deadlines. Amounts are the law's where it has one, else the operator's habit. */
#include "desk/clocks.h"

#define NOT_A_MOVE ITEM_EVENT_COUNT

/* id, regime, amount, unit, then */
const struct deadline_rule deadline_rules[] = {
    { DEADLINE_RECEIPT, -1, 60, UNIT_SECONDS, NOT_A_MOVE },
    { DEADLINE_MAILBOX, REGIME_RU15_7, 24, UNIT_HOURS, EVENT_LAPSE },
    { DEADLINE_MAILBOX, -1, 7, UNIT_DAYS, EVENT_LAPSE },
    { DEADLINE_REPAIR, REGIME_RU15_7, 24, UNIT_HOURS, EVENT_LAPSE },
    { DEADLINE_REPAIR, -1, 10, UNIT_BUSINESS_DAYS, EVENT_LAPSE },
    { DEADLINE_LOOK, -1, 60, UNIT_SECONDS, EVENT_QUEUE },
    { DEADLINE_ACT, REGIME_RU15_7, 24, UNIT_HOURS, EVENT_TIME_RESTRICT },
    { DEADLINE_ACT, REGIME_RU15_2, 3, UNIT_BUSINESS_DAYS, EVENT_TIME_RESTRICT },
    { DEADLINE_ACT, REGIME_DSA9, 4, UNIT_HOURS, EVENT_ESCALATE },
    { DEADLINE_ACT, -1, 24, UNIT_HOURS, EVENT_ESCALATE },
    { DEADLINE_ACT_TRUSTED, -1, 1, UNIT_HOURS, EVENT_ESCALATE },
    { DEADLINE_LOCK, -1, 900, UNIT_SECONDS, EVENT_LOCK_EXPIRES },
    { DEADLINE_SECOND, -1, 4, UNIT_HOURS, EVENT_ESCALATE },
    { DEADLINE_CURE, REGIME_DMCA, 1, UNIT_BUSINESS_DAYS, EVENT_CURE_EXPIRES },
    { DEADLINE_CURE, REGIME_RU15_2, 1, UNIT_DAYS, EVENT_CURE_EXPIRES },
    { DEADLINE_CURE, -1, 72, UNIT_HOURS, EVENT_CURE_EXPIRES },
    { DEADLINE_FORWARD, -1, 1, UNIT_BUSINESS_DAYS, NOT_A_MOVE },
    /* ten business days have passed when the eleventh begins; the fourteenth is the last */
    { DEADLINE_PUT_BACK, -1, 11, UNIT_BUSINESS_DAYS, EVENT_PUT_BACK },
    { DEADLINE_PUT_BACK_LAST, -1, 14, UNIT_BUSINESS_DAYS, NOT_A_MOVE },
    { DEADLINE_ACTION_REVIEW, -1, 365, UNIT_DAYS, EVENT_ESCALATE },
    { DEADLINE_STRIKE, -1, 7, UNIT_DAYS, NOT_A_MOVE },
    { DEADLINE_STRIKE_EXPIRES, -1, 90, UNIT_DAYS, NOT_A_MOVE },
    { DEADLINE_COMPLAINT_WINDOW, -1, 184, UNIT_DAYS, EVENT_WINDOW_CLOSES },
    { DEADLINE_COMPLAINT, -1, 7, UNIT_DAYS, EVENT_ESCALATE },
    { DEADLINE_DISPUTE_BODY, -1, 90, UNIT_DAYS, NOT_A_MOVE },
    { DEADLINE_STATEMENT, -1, 60, UNIT_SECONDS, NOT_A_MOVE },
    { DEADLINE_MISUSE, -1, 30, UNIT_DAYS, NOT_A_MOVE },
    { DEADLINE_ORDER, -1, 1, UNIT_HOURS, NOT_A_MOVE },
    { DEADLINE_INFORM_OWNER, -1, 1, UNIT_BUSINESS_DAYS, NOT_A_MOVE },
    /* two months after the year's end are 59 days; the day before there is still time */
    { DEADLINE_REPORT, -1, 58, UNIT_DAYS, NOT_A_MOVE },
    { DEADLINE_UNDO, -1, 24, UNIT_HOURS, NOT_A_MOVE },
    { DEADLINE_EVIDENCE, -1, 215, UNIT_DAYS, NOT_A_MOVE },
};
const size_t deadline_rule_count = COUNT_OF(deadline_rules);

#define WORD(name, word, anchor)   word,
#define ANCHOR(name, word, anchor) anchor,
static const char *const words[] = { DEADLINES(WORD) };
static const char *const anchors[] = { DEADLINES(ANCHOR) };

const char *deadline_word(enum deadline d)
{
    return words[d];
}

const char *deadline_anchor(enum deadline d)
{
    return anchors[d];
}

enum code deadline_parse(struct str text, enum deadline *out, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(text, words[i])) {
            *out = (enum deadline)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not a deadline", STR_ARG(text));
}

const struct deadline_rule *deadline_rule(enum deadline id, enum regime regime)
{
    for (size_t i = 0; i < deadline_rule_count; i++)
        if (deadline_rules[i].id == id &&
            (deadline_rules[i].regime == (int)regime || deadline_rules[i].regime == -1))
            return &deadline_rules[i];
    return NULL; /* no: the test of the table sees to it that each id has a row for all */
}

struct instant deadline_due(const struct deadline_rule *rule, const struct calendar *c,
                            struct instant from)
{
    static const int64_t second = 1000000;
    switch (rule->unit) {
    case UNIT_SECONDS:
        return (struct instant) { from.us + rule->amount * second };
    case UNIT_HOURS:
        return (struct instant) { from.us + rule->amount * 3600 * second };
    case UNIT_DAYS:
        return (struct instant) { from.us + rule->amount * 86400 * second };
    case UNIT_BUSINESS_DAYS:
        break;
    }
    return calendar_begin(c, calendar_business_after(c, calendar_day(c, from), rule->amount));
}
