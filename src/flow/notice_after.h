/* SPDX-License-Identifier: Apache-2.0 */
/* After a decision: what an uploader or a sender is told and may do by the link of their letter. */
#ifndef LICET_FLOW_NOTICE_AFTER_H
#define LICET_FLOW_NOTICE_AFTER_H

#include "desk/desk.h"

struct world;

enum { ITEM_KEY_TEXT = 33 };
/* side: ACTOR_UPLOADER or ACTOR_SENDER */
void flow_item_key(const struct world *w, struct item_id item, enum actor side,
                   char out[ITEM_KEY_TEXT]);

struct item_told {
    const char *agreement; /* the user agreement in force at the decision, in words; "" none */
    struct notice_item item;
    struct desk_decision decision; /* in force, where decided */
    struct item_evidence evidence; /* the latest, where there is any */
    bool decided, has_evidence;
};
/* errors  DENIED the key is not the item's */
MUST_USE enum code flow_item_told(struct world *w, struct str item, enum actor side, struct str key,
                                  struct arena *a, struct item_told *out, struct error *e);

struct item_answer {
    enum item_event event;        /* COUNTER, COMPLAIN, CURE, DISPUTE */
    struct counter_draft counter; /* of COUNTER */
    struct str text;              /* of COMPLAIN */
};
/* errors  DENIED the key; CONFLICT the item's state knows no such move; INVALID what is missing */
MUST_USE enum code flow_item_answer(struct world *w, struct str item, enum actor side,
                                    struct str key, const struct item_answer *x, struct error *e);

/* Before a body out of court (DSA art. 21). */
MUST_USE enum code flow_dispute_open(struct world *w, struct str item, struct str body,
                                     struct str person, struct error *e);
/* result: upheld, reversed, partly, none */
MUST_USE enum code flow_dispute_decide(struct world *w, struct str item, struct str result,
                                       bool implemented, struct str person, struct error *e);

#endif
