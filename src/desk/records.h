/* SPDX-License-Identifier: Apache-2.0 */
/* The desk's records, and the acts on them.
 *
 * An act is one transaction: desk_act_begin, any number of calls, desk_act_end, commit. What the
 * calls journal is appended by desk_act_end in one go, so a crash leaves all of an act or nothing:
 * no item is restricted whose uploader's statement is not written, no letter tells of what did not
 * happen. Records read through an act are kept in it and written once. */
#ifndef LICET_DESK_RECORDS_H
#define LICET_DESK_RECORDS_H

#include "desk/fields.h"
#include "desk/moves.h"
#include "desk/names.h"
#include "desk/propose.h"
#include "desk/standing.h"
#include "journal/journal.h"
#include "registry/registry.h"

enum { DESK_SEAL_KEY = 32, LOCATION_MOST = 2000, ITEMS_MOST = 100000, TEXT_MOST = 1000 };

enum sender_state { SENDER_ACTIVE, SENDER_WARNED, SENDER_SUSPENDED };
const char *sender_state_word(enum sender_state s);

struct sender {
    struct sender_id id;
    int64_t version;
    const char *slug; /* the mailbox, in small letters */
    const char *name, *domain;
    struct party_id party; /* of the registry, when they are a holder; may be none */
    unsigned proofs;       /* enum sender_proof */
    bool trusted;          /* flagger of DSA art. 22 */
    enum sender_state state;
    struct instant first_seen, warned, due; /* due: when a suspension ends; NEVER: none */
    struct standing standing;
    int64_t received, accepted, declined, abusive, countered, reversed, unseen;
    int64_t day, day_items; /* items sent on this day since 1970, UTC */
};

struct notice {
    struct notice_id id;
    int64_t version;
    struct sender_id sender;
    enum channel channel;
    enum regime regime;
    enum notice_state state;
    const char *principal;
    struct party_id party; /* the principal, when the registry knows it */
    unsigned elements;
    struct instant received;
    const char *once; /* Idempotency-Key or message id; NULL: none */
    uint8_t raw_hash[32];
    uint8_t asks_hash[32]; /* of what it asks for, whoever sends it; written, not read */
    uint8_t confirm_hash[32];
    bool has_confirm;
    const char *language;
    int64_t items, undecided;
    struct instant due; /* NEVER: no clock */
    enum deadline clock;
};

struct notice_item {
    struct item_id id;
    int64_t version;
    struct notice_id notice;
    struct sender_id sender;
    int64_t number;
    enum item_kind kind;
    const char *location;
    struct network_id network;
    struct upload_id upload;       /* none: not found, or no upload */
    const char *uploader;          /* NULL: not known */
    struct recording_id recording; /* the work, when the registry knows it */
    const char *title, *artist;
    enum regime regime;
    enum channel channel;
    struct item_now now;
    enum reason_code held_reason;
    enum item_class class;
    const char *proposal; /* rule of the machine's proposal, "" none */
    struct instant received;
    struct decision_id decision; /* in force; none: undecided */
    struct item_id canonical;    /* of which it is a duplicate */
    struct instant due;
    enum deadline clock;
};

struct item_evidence {
    struct evidence_id id;
    struct recording_id recording;
    struct reference_id reference;
    int64_t upload_from_ms, upload_to_ms, reference_from_ms, reference_to_ms;
    int64_t speed_e6, pitch_cents, score_e6, p_false_log; /* 1000 log10 */
    const char *engine, *audio; /* version of the engine; hash of the upload's bytes */
};

/* ---- acts ---- */

struct desk_struck {
    struct network_id network;
    const char *uploader;
};
struct desk_cache;
struct desk_known;
struct desk_act;
struct desk_act {
    struct store_tx *tx;
    struct str who;
    struct instant now;
    const struct chance *chance;
    const struct calendar *calendar;
    enum two_person two_person;
    bool lenient;            /* senders are judged, and neither warned nor suspended */
    const uint8_t *seal_key; /* DESK_SEAL_KEY bytes */
    struct arena *arena;     /* of everything the act keeps */
    /* Strikes of these uploaders became active. May be NULL. */
    enum code (*struck)(struct desk_act *act, const struct desk_struck *list, size_t count,
                        struct error *e);
    void *state; /* for `struck` */
    struct desk_cache *cache;
    struct desk_known *known; /* notices that came before */
    struct journal_entry *events;
    size_t event_count, event_room;
};
void desk_act_begin(struct desk_act *act); /* after the members above `cache` are set */
MUST_USE enum code desk_act_end(struct desk_act *act, struct error *e);
/* An event of the act. `after` is JSON, copied. */
void desk_note(struct desk_act *act, const char *what, const char *subject, const struct buf *after,
               struct str why);

/* Kept in the act: change it and it is written at its end. errors NOT_FOUND */
MUST_USE enum code desk_sender(struct desk_act *act, struct sender_id id, struct sender **out,
                               struct error *e);
/* By mailbox; new ones are made. */
MUST_USE enum code desk_sender_of(struct desk_act *act, struct str mailbox, struct str name,
                                  struct sender **out, struct error *e);
MUST_USE enum code desk_notice(struct desk_act *act, struct notice_id id, struct notice **out,
                               struct error *e);

/* The notices of these items, read together: desk_notice has them then. */
MUST_USE enum code desk_notices_ahead(struct desk_act *act, const struct notice_item *items,
                                      size_t count, struct error *e);

MUST_USE enum code desk_mandate_put(struct desk_act *act, struct sender *s, struct party_id party,
                                    const char *territories, const char *document,
                                    struct instant until, struct error *e);
/* May the sender act for this party now? */
MUST_USE enum code desk_mandate_has(struct store_tx *tx, struct sender_id s, struct party_id party,
                                    struct instant now, bool *has, struct error *e);

/* ---- intake ---- */

struct draft_item {
    enum item_kind kind;
    struct str location, title, artist, isrc;
};
/* What a court's or an authority's order says of itself. */
struct draft_order {
    struct str authority, number, country, territories; /* territories empty: the country */
    struct instant until;                               /* 0: without end */
};
/* A notice as it came, whatever it came in. */
struct notice_draft {
    enum channel channel;
    enum regime regime;
    struct str sender, name, principal; /* mailbox; full name; for whom (empty: for themselves) */
    struct str once, language, raw;     /* raw: the bytes as they came */
    unsigned elements;
    struct draft_order order; /* of the regimes of orders */
    struct str same; /* what makes it the same again when it differs from raw (mail); else empty */
    bool proven;     /* the mailbox is proven: a signed key, a session, an aligned signature */
    bool rated;      /* counts against the items a day that the sender's record allows */
    bool domain;     /* and the domain, by an aligned signature */
    const struct draft_item *items;
    size_t item_count;
};

struct received {
    struct notice_id notice;
    bool known; /* the same was received before: this is its receipt */
    unsigned missing;
    struct str missing_words;
    struct str confirm; /* the secret of the link to confirm the mailbox; "" where proven */
};

/* What an item's words mean here: filled by whoever knows uploads (flow). */
typedef enum code desk_resolver(void *ctx, const struct draft_item *d, struct notice_item *out,
                                struct error *e);
struct desk_resolve {
    desk_resolver *resolve;
    void *ctx;
};

/* Receive a notice: sender, notice, original, items, receipt. The receipt may be given when the
 * transaction is committed.
 * errors  INVALID no items, a field too long, no mailbox; LIMIT more than ITEMS_MOST items */
MUST_USE enum code desk_receive(struct desk_act *act, const struct notice_draft *d,
                                struct party_id principal, const struct desk_resolve *resolve,
                                struct received *out, struct error *e);
/* Of many that come together: which came before, asked at once. Without it each asks for itself. */
MUST_USE enum code desk_receive_ahead(struct desk_act *act, const struct notice_draft *drafts,
                                      size_t count, struct error *e);
/* errors  NOT_FOUND no such notice; DENIED the secret is not its own */
MUST_USE enum code desk_confirm(struct desk_act *act, struct notice_id id, struct str secret,
                                struct error *e);
/* Does the sender act for another? Then some regimes ask for a power of attorney. */
bool notice_is_agents(const struct notice *n, const struct sender *s);
/* More elements were sent. */
MUST_USE enum code desk_complete(struct desk_act *act, struct notice_id id, unsigned elements,
                                 struct str raw, struct error *e);
MUST_USE enum code desk_original(struct desk_act *act, struct notice_id id, int64_t number,
                                 struct str why, struct buf *out, struct error *e);

/* ---- items ---- */

MUST_USE enum code desk_item_get(struct store_tx *tx, struct item_id id, struct arena *a,
                                 struct notice_item *out, struct error *e);
struct item_filter {
    struct notice_id notice; /* none: all */
    struct upload_id upload; /* none: all */
    int state;               /* enum item_state, or -1 */
    struct item_id after;
    size_t limit;
};
MUST_USE enum code desk_item_list(struct store_tx *tx, const struct item_filter *f, struct arena *a,
                                  struct notice_item **out, size_t *count, struct error *e);
/* Those the machine has to look at, those whose clock has run out, those for people: by class,
 * then first come. */
MUST_USE enum code desk_item_open(struct store_tx *tx, struct item_id after, size_t limit,
                                  struct arena *a, struct notice_item **out, size_t *count,
                                  struct error *e);
MUST_USE enum code desk_item_due(struct store_tx *tx, struct instant now, size_t limit,
                                 struct arena *a, struct notice_item **out, size_t *count,
                                 struct error *e);
MUST_USE enum code desk_item_queue(struct store_tx *tx, size_t limit, struct arena *a,
                                   struct notice_item **out, size_t *count, struct error *e);
MUST_USE enum code desk_notice_get(struct store_tx *tx, struct notice_id id, struct arena *a,
                                   struct notice *out, struct error *e);
MUST_USE enum code desk_notice_list(struct store_tx *tx, struct notice_id after, size_t limit,
                                    struct arena *a, struct notice **out, size_t *count,
                                    struct error *e);
/* The notice that a sender sent under this key. */
MUST_USE enum code desk_notice_by_key(struct store_tx *tx, struct str mailbox, struct str key,
                                      struct notice_id *out, bool *found, struct error *e);
MUST_USE enum code desk_sender_get(struct store_tx *tx, struct sender_id id, struct arena *a,
                                   struct sender *out, struct error *e);
MUST_USE enum code desk_evidence_list(struct store_tx *tx, struct item_id item, struct arena *a,
                                      struct item_evidence **out, size_t *count, struct error *e);

/* Of an open object: in the journal and over the API the same. */
void desk_evidence_members(const struct item_evidence *v, struct json_out *o);
void desk_sender_members(const struct sender *s, struct instant now, struct json_out *o);
/* errors  NOT_FOUND nobody has sent from this mailbox */
MUST_USE enum code desk_sender_find(struct store_tx *tx, struct str mailbox, struct arena *a,
                                    struct sender *out, struct error *e);

MUST_USE enum code desk_sender_list(struct store_tx *tx, struct sender_id after, size_t limit,
                                    struct arena *a, struct sender **out, size_t *count,
                                    struct error *e);

/* What was decided of an item, the first first; later ones supersede. Persons are not told. */
struct decision {
    struct decision_id id;
    const char *event, *rule, *actor, *territories, *proof; /* proof: JSON or "" */
    enum reason_code reason;
    struct evidence_id evidence;
    struct decision_id supersedes;
    struct instant at;
    bool second; /* a second person confirmed it */
};
MUST_USE enum code desk_decision_list(struct store_tx *tx, struct item_id item, size_t limit,
                                      struct arena *a, struct decision **out, size_t *count,
                                      struct error *e);

/* The secret of the page on which a sender sees to a notice: made of the key, kept nowhere. It goes
 * out in letters to a mailbox that is proven, and in nothing else. */
void desk_notice_link(const uint8_t seal_key[DESK_SEAL_KEY], struct notice_id id, char out[65]);
bool desk_notice_link_is(const uint8_t seal_key[DESK_SEAL_KEY], struct notice_id id,
                         struct str link);

struct item_why {
    enum reason_code reason;
    const char *rule;                     /* "" : a person's */
    const struct item_evidence *evidence; /* NULL: none */
    const char *proof;                    /* JSON of what was found ("{\"licence\":...}"), or "" */
    const char *territories;              /* "Worldwide" when NULL */
    struct item_id canonical;
    const char *blob; /* hash of the upload's bytes, for the stay-down; NULL: not known */
};

/* One move with all that it brings about. `item` is written back. */
MUST_USE enum code desk_item_move(struct desk_act *act, struct notice_item *item,
                                  const struct item_step *step, const struct item_why *why,
                                  struct error *e);
/* The clocks that have run out by act->now: items, notices, strikes, suspensions; at most `most`.
 * *count: how many fired. */
MUST_USE enum code desk_tick(struct desk_act *act, size_t most, size_t *count, struct error *e);

MUST_USE enum code desk_strikes_active(struct store_tx *tx, struct network_id network,
                                       const char *uploader, int64_t *out, struct error *e);

/* ---- the user agreement ---- */

struct agreement {
    int64_t version;  /* from 1 */
    uint8_t hash[32]; /* SHA-256 of the text */
    const char *body; /* "" in a list */
    struct instant at;
};
/* errors  INVALID no text */
MUST_USE enum code desk_agreement_publish(struct desk_act *act, struct str body,
                                          struct agreement *out, struct error *e);
MUST_USE enum code desk_agreement_get(struct store_tx *tx, int64_t version, struct arena *a,
                                      struct agreement *out, struct error *e);
/* The one in force at a moment. */
MUST_USE enum code desk_agreement_at(struct store_tx *tx, struct instant at, struct arena *a,
                                     struct agreement *out, bool *found, struct error *e);
MUST_USE enum code desk_agreement_list(struct store_tx *tx, struct arena *a, struct agreement **out,
                                       size_t *count, struct error *e);
/* out  fresh  it was not accepted before. errors  NOT_FOUND no such version */
MUST_USE enum code desk_agreement_accept(struct desk_act *act, struct network_id network,
                                         struct str uploader, int64_t version, bool *fresh,
                                         struct error *e);
/* The newest that the person has accepted by then; 0: none. */
MUST_USE enum code desk_agreement_accepted(struct store_tx *tx, struct network_id network,
                                           struct str uploader, struct instant by, int64_t *version,
                                           struct instant *at, struct error *e);

/* ---- after ---- */

struct counter_draft {
    enum counter_reason reason;
    unsigned elements;
    struct str raw;
};
/* errors  CONFLICT the item is not restricted; INVALID what is missing, by name */
MUST_USE enum code desk_counter(struct desk_act *act, struct notice_item *item,
                                const struct counter_draft *d, struct error *e);
MUST_USE enum code desk_complain(struct desk_act *act, struct notice_item *item, enum actor by,
                                 struct str text, struct error *e);
/* By another human than the first: EVENT_UPHOLD, EVENT_REVERSE, EVENT_REVERSE_PARTLY. */
MUST_USE enum code desk_complaint_decide(struct desk_act *act, struct notice_item *item,
                                         enum item_event outcome, const char *person,
                                         const struct item_why *why, struct error *e);
MUST_USE enum code desk_withdraw(struct desk_act *act, struct notice_id id, enum actor by,
                                 const char *person, struct error *e);

/* ---- clocks of what is no item, disputes out of court, decisions ---- */

/* Begin a clock: when it has run out, the operator is told, once. `subject`: an id as text. */
MUST_USE enum code desk_timer_set(struct desk_act *act, enum deadline clock, enum regime regime,
                                  const char *subject, struct instant from, struct timer_id *out,
                                  struct error *e);
MUST_USE enum code desk_timers_clear(struct desk_act *act, const char *subject, struct error *e);
MUST_USE enum code desk_timers_due(struct desk_act *act, size_t most, size_t *count,
                                   struct error *e);
/* What the clock of the report of the year of `now` is about. */
enum { DESK_REPORT_SUBJECT = 32 };
void desk_report_subject(struct instant now, char out[DESK_REPORT_SUBJECT]);
/* The item's decision is before a body of DSA art. 21; its decision, when it comes, is recorded and
 * not carried out by itself: the move is a person's.
 * errors  CONFLICT nothing is decided; one is open, or none */
MUST_USE enum code desk_dispute_open(struct desk_act *act, const struct notice_item *item,
                                     struct str body, struct dispute_id *out, struct error *e);
MUST_USE enum code desk_dispute_decide(struct desk_act *act, const struct notice_item *item,
                                       struct str result, bool implemented, struct error *e);

struct desk_decision {
    struct decision_id id;
    enum reason_code reason;
    const char *rule, *first, *second, *territories;
    struct instant until, at;
    bool automatic; /* by rule or clock */
};
MUST_USE enum code desk_decision_get(struct store_tx *tx, struct decision_id id, struct arena *a,
                                     struct desk_decision *out, struct error *e);

/* What verdicts ask. */
enum desk_hold { DESK_FREE, DESK_RESTRICTED, DESK_STAY_DOWN };
struct desk_held {
    enum desk_hold hold;
    struct item_id item;
    int64_t version;
};
/* `recordings`: those heard in the upload. */
MUST_USE enum code desk_held(struct store_tx *tx, struct network_id network,
                             struct upload_id upload, const char *blob,
                             const struct recording_id *recordings, size_t count,
                             struct territory where, struct desk_held *out, struct error *e);

/* ---- orders of courts and authorities ---- */

/* An order restricts where it reaches, by rule 1 of the verdict; it is no strike and no stay-down. */
bool regime_is_order(enum regime regime, enum channel channel);
struct order {
    struct order_id id;
    int64_t version, targets; /* targets: in force now */
    struct notice_id notice;
    const char *authority, *number, *country, *territories;
    struct instant received, until, effect; /* effect: given first; NEVER: not yet */
};
MUST_USE enum code desk_order_list(struct store_tx *tx, struct order_id after, size_t limit,
                                   struct arena *a, struct order **out, size_t *count,
                                   struct error *e);
void desk_order_members(const struct order *x, struct json_out *o); /* of an open object */
/* What is in force: one row for each item taken up. */
struct order_hold {
    struct item_id item;
    struct order_id order;
    int64_t version;
    struct upload_id upload;
    struct recording_id recording;
    const char *title, *territories;
    struct instant from, until;
};
MUST_USE enum code desk_order_holds(struct store_tx *tx, struct item_id after, size_t limit,
                                    struct arena *a, struct order_hold **out, size_t *count,
                                    struct error *e);

/* ---- letters ---- */

struct letter_row {
    struct letter_id id;
    enum letter kind;
    const char *receiver; /* "sender snd_...", "uploader net_.../name", "operator" */
    struct notice_id notice;
    struct item_id item;
    struct decision_id decision;
    struct instant at;
    const char *secret;
    int64_t tries;
};
MUST_USE enum code desk_letter_put(struct desk_act *act, enum letter kind, const char *receiver,
                                   struct notice_id notice, struct item_id item,
                                   struct decision_id decision, const char *secret,
                                   struct error *e);
MUST_USE enum code desk_letter_unsent(struct store_tx *tx, struct instant now, size_t limit,
                                      struct arena *a, struct letter_row **out, size_t *count,
                                      struct error *e);
MUST_USE enum code desk_letter_sent(struct desk_act *act, const struct letter_row *l, bool sent,
                                    struct error *e);

/* The invariants, counted: each must be nothing. */
struct desk_check {
    int64_t without_clock, without_owner, restricted_without_statement, undecided_wrong,
        final_with_clock;
};
MUST_USE enum code desk_check(struct store_tx *tx, struct desk_check *out, struct error *e);

#endif
