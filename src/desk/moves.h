/* SPDX-License-Identifier: Apache-2.0 */
/* The moves of an item: one table from which come the rule, the buttons, the manual's diagram and
 * the test that walks every state. Pure.
 *
 *     waiting -> open -> queued -> claimed -> [held_second] -> scheduled -> restricted -> countered
 *                 |         \_________________________________________ declined      \-> restored
 *                 \-> restricted | declined, by rule
 */
#ifndef LICET_DESK_MOVES_H
#define LICET_DESK_MOVES_H

#include "desk/clocks.h"
#include "desk/words.h"

/* What a move brings with it, in the same transaction. */
enum item_effect {
    EFFECT_RESTRICT = 1,  /* verdicts deny from now on */
    EFFECT_RELEASE = 2,   /* ... no more; copies held by stay-down too */
    EFFECT_STATEMENT = 4, /* of reasons, to the uploader */
    EFFECT_ANSWER = 8,    /* to the sender */
    EFFECT_STRIKE = 16,   /* begins to run */
    EFFECT_CLEAR_STRIKE = 32,
    EFFECT_DECISION = 64,       /* a decision is written, superseding the one before */
    EFFECT_TELL_UPLOADER = 128, /* of a cure window, of a put-back */
    EFFECT_FORWARD = 256,       /* the counter-notice to the sender */
    EFFECT_ALARM = 512,         /* the operator */
    EFFECT_STAY_DOWN = 1024,
    EFFECT_HOLD_STRIKE = 2048, /* does not count while it is disputed */
    EFFECT_RUN_STRIKE = 4096   /* counts from now on */
};

#define ACTOR_BIT(actor) (1u << (actor))

struct item_move {
    enum item_state from;
    enum item_event event;
    enum item_state to;
    unsigned actors;  /* who may make it: ACTOR_BIT */
    unsigned effects; /* enum item_effect; those of a held move happen when it is approved */
    bool second;      /* a second person confirms it where the rules say so */
    bool other;       /* not by whoever decided before */
};
extern const struct item_move item_moves[];
extern const size_t item_move_count;

/* Who has an item in a state, and which clock runs; a final state has nobody and none. */
struct item_rest {
    enum owner owner;
    enum deadline clock; /* DEADLINE_COUNT: none */
    bool final;
};
extern const struct item_rest item_rests[ITEM_STATE_COUNT];
bool item_is_restricted(enum item_state s); /* verdicts deny in this state */
/* Nothing is asked any more, or not yet: a later request for the same is no duplicate. */
bool item_is_turned_down(enum item_state s);

#define TWO_PERSON(ROW)                                                                            \
    ROW(TWO_PERSON_NEVER, "never")                                                                 \
    ROW(TWO_PERSON_PEOPLE, "people") /* what a person decides, and what a timer brings about */    \
    ROW(TWO_PERSON_ALWAYS, "always") /* what the machine decides too */
#define MEMBER(name, word) name,
enum two_person { TWO_PERSON(MEMBER) TWO_PERSON_COUNT };
#undef MEMBER
MUST_USE enum code two_person_parse(struct str text, enum two_person *out, struct error *e);
const char *two_person_word(enum two_person t);

enum { PERSON_TEXT = 64 };
struct item_now {
    enum item_state state, held; /* held: where an approved move leads; state where none is */
    unsigned held_effects;
    char holder[PERSON_TEXT]; /* who claimed it; "" nobody */
    char first[PERSON_TEXT];  /* who decided what is held, or decided last; "" the machine */
    char second[PERSON_TEXT]; /* who confirmed it; "" nobody */
};

struct item_step {
    enum item_event event;
    enum actor by;
    const char *person; /* id of the acting person; NULL for others */
};

/* One step.
 *
 * out     next      state, held, holder and first as they are behind it
 *         effects   what the caller has to bring about with it
 * errors  CONFLICT  the table has no such pair, or somebody else holds the item
 *         DENIED    not this actor's to do; the same person may not confirm or review */
MUST_USE enum code item_step(const struct item_now *now, const struct item_step *step,
                             enum two_person rule, struct item_now *next, unsigned *effects,
                             struct error *e);

#endif
