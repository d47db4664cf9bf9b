/* SPDX-License-Identifier: Apache-2.0 */
/* Legal deadlines as rows, and calendars as files. Pure.
 *
 * A rule says how long after its start something is due, in which unit, and what happens then;
 * rows for a regime stand before the row for all of them. Business days are those of a country:
 * src/desk/calendars/XX.cal, built into the program; docs/formats/calendar.md. */
#ifndef LICET_DESK_CLOCKS_H
#define LICET_DESK_CLOCKS_H

#include "desk/words.h"

/* name, word, anchor in law or terms */
#define DEADLINES(ROW)                                                                             \
    ROW(DEADLINE_RECEIPT, "receipt", "DSA 16(4)")                                                  \
    ROW(DEADLINE_MAILBOX, "mailbox", "own terms")                                                  \
    ROW(DEADLINE_REPAIR, "repair", "17 U.S.C. 512(c)(3)(B)(ii)")                                   \
    ROW(DEADLINE_LOOK, "look", "DSA 16(6)")                                                        \
    ROW(DEADLINE_ACT, "act", "17 U.S.C. 512(c)(1)(C); DSA 16(6)")                                  \
    ROW(DEADLINE_ACT_TRUSTED, "act_trusted", "DSA 22(1)")                                          \
    ROW(DEADLINE_LOCK, "lock", "own terms")                                                        \
    ROW(DEADLINE_SECOND, "second", "own terms")                                                    \
    ROW(DEADLINE_CURE, "cure", "own terms")                                                        \
    ROW(DEADLINE_FORWARD, "forward", "17 U.S.C. 512(g)(2)(B)")                                     \
    ROW(DEADLINE_PUT_BACK, "put_back", "17 U.S.C. 512(g)(2)(C)")                                   \
    ROW(DEADLINE_PUT_BACK_LAST, "put_back_last", "17 U.S.C. 512(g)(2)(C)")                         \
    ROW(DEADLINE_ACTION_REVIEW, "action_review", "own terms")                                      \
    ROW(DEADLINE_STRIKE, "strike", "17 U.S.C. 512(i)")                                             \
    ROW(DEADLINE_STRIKE_EXPIRES, "strike_expires", "17 U.S.C. 512(i)")                             \
    ROW(DEADLINE_COMPLAINT_WINDOW, "complaint_window", "DSA 20(1)")                                \
    ROW(DEADLINE_COMPLAINT, "complaint", "DSA 20(4)")                                              \
    ROW(DEADLINE_DISPUTE_BODY, "dispute_body", "DSA 21")                                           \
    ROW(DEADLINE_STATEMENT, "statement", "DSA 24(5)")                                              \
    ROW(DEADLINE_MISUSE, "misuse", "DSA 23")                                                       \
    ROW(DEADLINE_ORDER, "order", "DSA 9")                                                          \
    ROW(DEADLINE_INFORM_OWNER, "inform_owner", "149-FZ 15.2")                                      \
    ROW(DEADLINE_REPORT, "report", "Impl. Reg. (EU) 2024/2835")                                    \
    ROW(DEADLINE_UNDO, "undo", "own terms")                                                        \
    ROW(DEADLINE_EVIDENCE, "evidence", "DSA 20(1)")

#define MEMBER(name, word, anchor) name,
enum deadline { DEADLINES(MEMBER) DEADLINE_COUNT };
#undef MEMBER
const char *deadline_word(enum deadline d);
const char *deadline_anchor(enum deadline d);
MUST_USE enum code deadline_parse(struct str text, enum deadline *out, struct error *e);

enum deadline_unit { UNIT_SECONDS, UNIT_HOURS, UNIT_DAYS, UNIT_BUSINESS_DAYS };

struct deadline_rule {
    enum deadline id;
    int regime; /* enum regime, or -1: every one without a row of its own */
    int64_t amount;
    enum deadline_unit unit;
    enum item_event then; /* ITEM_EVENT_COUNT: not a move of an item */
};
extern const struct deadline_rule deadline_rules[];
extern const size_t deadline_rule_count;
const struct deadline_rule *deadline_rule(enum deadline id, enum regime regime);

struct calendar; /* immutable; lives as long as the program */

/* By ISO 3166-1 code. errors  NOT_FOUND there is no calendar of this country */
MUST_USE enum code calendar_get(struct str country, const struct calendar **out, struct error *e);
/* From text: for the embedded ones and an operator's own. `out` in arena `a`.
 * errors  INVALID with the line */
MUST_USE enum code calendar_read(struct str text, struct arena *a, const struct calendar **out,
                                 struct error *e);
const char *calendar_country(const struct calendar *c);
bool calendar_is_business(const struct calendar *c, struct day d); /* 2000 to 2059 */
/* The day it is at `t` where the calendar holds. */
struct day calendar_day(const struct calendar *c, struct instant t);
/* The n-th business day behind `d` (n >= 1). */
struct day calendar_business_after(const struct calendar *c, struct day d, int64_t n);
/* The first moment of a day there. */
struct instant calendar_begin(const struct calendar *c, struct day d);

/* When something that started at `from` is due. Seconds, hours and days run through; business days
 * count from the day after, and it is due when the n-th of them begins, there. */
struct instant deadline_due(const struct deadline_rule *rule, const struct calendar *c,
                            struct instant from);

/* How many codes there are, and the n-th. */
size_t calendar_count(void);
const char *calendar_code(size_t n);

#endif
