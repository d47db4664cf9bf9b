/* SPDX-License-Identifier: Apache-2.0 */
/* The deal room: offers and counter-offers as versions that never change, and what becomes of
 * them. Only an agreed offer grants anything, from its first day on. Part of licence's door. */
#ifndef LICET_LICENCE_DEALS_H
#define LICET_LICENCE_DEALS_H

#include "licence/licence.h"

/* In force and expired are agreed ones by the clock; the store keeps the others. */
#define DEAL_STATES(ROW)                                                                           \
    ROW(DEAL_DRAFT, "draft")                                                                       \
    ROW(DEAL_OFFERED, "offered")                                                                   \
    ROW(DEAL_COUNTERED, "countered")                                                               \
    ROW(DEAL_AGREED, "agreed")                                                                     \
    ROW(DEAL_IN_FORCE, "in_force")                                                                 \
    ROW(DEAL_EXPIRED, "expired")                                                                   \
    ROW(DEAL_TERMINATED, "terminated")

#define DEAL_EVENTS(ROW)                                                                           \
    ROW(DEAL_WRITE, "write")     /* another version of a draft */                                  \
    ROW(DEAL_OFFER, "offer")     /* to the other side */                                           \
    ROW(DEAL_REVISE, "revise")   /* one's own offer, before it is answered */                      \
    ROW(DEAL_COUNTER, "counter") /* the other side's offer */                                      \
    ROW(DEAL_AGREE, "agree")     /* to the other side's offer */                                   \
    ROW(DEAL_REJECT, "reject")                                                                     \
    ROW(DEAL_BEGIN, "begin")         /* its first day has come */                                  \
    ROW(DEAL_LAPSE, "lapse")         /* its last day is over */                                    \
    ROW(DEAL_TERMINATE, "terminate") /* before its last day */

#define DEAL_SIDES(ROW)                                                                            \
    ROW(SIDE_PLATFORM, "platform")                                                                 \
    ROW(SIDE_LICENSOR, "licensor")

/* Why an offer is turned down: what a message about it could say. */
#define DEAL_REASONS(ROW)                                                                          \
    ROW(REASON_FEE, "fee")                                                                         \
    ROW(REASON_SCOPE, "scope")                                                                     \
    ROW(REASON_TERM, "term")                                                                       \
    ROW(REASON_LICENCE_EXISTS, "licence_exists")                                                   \
    ROW(REASON_BLOCKED, "licence_blocked")                                                         \
    ROW(REASON_SHARES_DIFFER, "shares_differ")                                                     \
    ROW(REASON_PUBLIC_DOMAIN, "public_domain")                                                     \
    ROW(REASON_WRONG_ADDRESSEE, "wrong_addressee")                                                 \
    ROW(REASON_OTHER, "other")

#define MEMBER(name, word) name,
enum deal_state { DEAL_STATES(MEMBER) DEAL_STATE_COUNT };
enum deal_event { DEAL_EVENTS(MEMBER) DEAL_EVENT_COUNT };
enum deal_side { DEAL_SIDES(MEMBER) DEAL_SIDE_COUNT };
enum deal_reason { DEAL_REASONS(MEMBER) DEAL_REASON_COUNT };
#undef MEMBER
const char *deal_state_word(enum deal_state s);
const char *deal_event_word(enum deal_event v);
const char *deal_side_word(enum deal_side s);
const char *deal_reason_word(enum deal_reason r);
MUST_USE enum code deal_side_parse(struct str text, enum deal_side *out, struct error *e);
MUST_USE enum code deal_reason_parse(struct str text, enum deal_reason *out, struct error *e);

/* What follows an event; every pair that has no row is refused. `by_other`: the event comes from
 * the side that did not make the offer at hand (else: from the one that did, or from either). */
struct deal_move {
    enum deal_state from;
    enum deal_event event;
    enum { BY_EITHER, BY_SAME, BY_OTHER } by;
    enum deal_state to;
};
extern const struct deal_move deal_moves[];
extern const size_t deal_move_count;
/* errors  CONFLICT the sentence names the state and what may be done in it */
MUST_USE enum code deal_move(enum deal_state from, enum deal_event event, bool by_other,
                             enum deal_state *to, struct error *e);

struct deal {
    struct deal_id id;
    int64_t version;
    const char *name;
    enum deal_state state;             /* at the moment asked for */
    int64_t latest, agreed;            /* numbers of offers; agreed 0: none */
    const char *reason, *reason_words; /* of a rejection or an end, or NULL */
    struct instant made, from, until;  /* of what was agreed */
};

struct deal_offer {
    int64_t number; /* from 1 */
    enum deal_side side;
    const char *who, *hash, *terms, *note; /* terms: the text as it was given */
    struct instant at;
};

/* By name; deals are found by it. `now` says what has begun and what is over.
 * errors  NOT_FOUND */
MUST_USE enum code deal_find(struct store_tx *tx, struct party_id catalogue, struct str name,
                             struct instant now, struct arena *a, struct deal *out,
                             struct error *e);
MUST_USE enum code deal_get(struct store_tx *tx, struct party_id catalogue, struct deal_id id,
                            struct instant now, struct arena *a, struct deal *out, struct error *e);
MUST_USE enum code deal_list(struct store_tx *tx, struct party_id catalogue, struct deal_id after,
                             size_t limit, struct instant now, struct arena *a, struct deal **out,
                             size_t *count, struct error *e);
/* number 0: the latest
 * errors  NOT_FOUND */
MUST_USE enum code deal_offer_get(struct store_tx *tx, struct party_id catalogue,
                                  struct deal_id deal, int64_t number, struct arena *a,
                                  struct deal_offer *out, struct error *e);

/* Put terms on the table: a new deal where there is none of this name, else a revision or a
 * counter-offer, by who made the last one. `draft`: not yet to the other side.
 * errors  INVALID  the terms, with line and column; CONFLICT the state does not allow it */
MUST_USE enum code deal_offer_put(const struct registry_act *act, struct str name, struct str text,
                                  enum deal_side side, bool draft, struct deal *out,
                                  struct error *e);
/* Turn the offer at hand down. */
MUST_USE enum code deal_reject(const struct registry_act *act, struct deal *d, enum deal_side side,
                               enum deal_reason reason, struct error *e);
/* Agree to the latest offer: `licences` (made of its terms; ids none) come into force with it.
 * errors  CONFLICT not the other side's offer; another deal with one of the licensors is in force
 *         for the same uses, apps, territories and days (the text names it) */
MUST_USE enum code deal_agree(const struct registry_act *act, struct deal *d, enum deal_side side,
                              const struct terms *terms, struct licence *licences, size_t count,
                              struct error *e);
/* End it at `at` (now or later): its licences end then. Terms that renew end with the running
 * term where the days of notice are kept, else with the next one; *at says when. */
MUST_USE enum code deal_terminate(const struct registry_act *act, struct deal *d,
                                  struct instant *at, struct error *e);

void deal_json(const struct deal *d, struct json_out *o);
void deal_offer_json(const struct deal_offer *v, bool with_terms, struct json_out *o);

#endif
