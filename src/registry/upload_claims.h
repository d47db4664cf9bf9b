/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on uploads, and what holds them back. Part of registry's door.
 *
 *   upload_claim  a holder's recording was found in an upload (or somebody says so by hand)
 *   source        who delivers references, and how many uploads it may act on before a person looks
 *   allowance     a holder lets an uploader, an app or a network use its recordings
 *   exclusion     a span of a reference that its holder does not own
 *   exception     what an uploader claims: quotation, parody, own work, licensed
 *
 * Uploads, networks and apps are ids here: their rows are in other rooms. */
#ifndef LICET_REGISTRY_UPLOAD_CLAIMS_H
#define LICET_REGISTRY_UPLOAD_CLAIMS_H

#include "registry/records.h"

#define SOURCE_STATES(ROW)                                                                         \
    ROW(SOURCE_PROBATION, "probation") /* acts on `most` uploads at most */                        \
    ROW(SOURCE_TRUSTED, "trusted")                                                                 \
    ROW(SOURCE_SUSPENDED, "suspended") /* acts on none that is found from now on */
#define EXCLUSION_KINDS(ROW)                                                                       \
    ROW(EXCLUSION_SAMPLE, "sample")                                                                \
    ROW(EXCLUSION_LOOP, "loop")                                                                    \
    ROW(EXCLUSION_SILENCE, "silence")                                                              \
    ROW(EXCLUSION_SPEECH, "speech")                                                                \
    ROW(EXCLUSION_PUBLIC_DOMAIN, "public_domain")                                                  \
    ROW(EXCLUSION_OTHER, "other")
#define EXCEPTION_KINDS(ROW)                                                                       \
    ROW(EXCEPTION_QUOTATION, "quotation")                                                          \
    ROW(EXCEPTION_PARODY, "parody")                                                                \
    ROW(EXCEPTION_OWN_WORK, "own_work")                                                            \
    ROW(EXCEPTION_LICENSED, "licensed")
#define UPLOAD_CLAIM_ORIGINS(ROW)                                                                  \
    ROW(ORIGIN_MATCH, "match")                                                                     \
    ROW(ORIGIN_HAND, "hand")

/* state, word, what it means for a verdict (see upload_claim_effect) */
#define UPLOAD_CLAIM_STATES(ROW)                                                                   \
    ROW(UPLOAD_CLAIM_POTENTIAL, "potential", CLAIM_WAITS) /* a person has to look first */         \
    ROW(UPLOAD_CLAIM_ACTIVE, "active", CLAIM_ACTS)                                                 \
    ROW(UPLOAD_CLAIM_DISPUTED, "disputed", CLAIM_DISPUTED) /* the claimant's turn */               \
    ROW(UPLOAD_CLAIM_REJECTED, "rejected", CLAIM_ACTS)     /* the dispute was: may be appealed */  \
    ROW(UPLOAD_CLAIM_APPEALED, "appealed", CLAIM_DISPUTED) /* the claimant's turn again */         \
    ROW(UPLOAD_CLAIM_TAKEDOWN, "takedown", CLAIM_ACTS)     /* the claimant sends a notice */       \
    ROW(UPLOAD_CLAIM_RELEASED, "released", CLAIM_LETS)                                             \
    ROW(UPLOAD_CLAIM_WITHDRAWN, "withdrawn", CLAIM_GONE) /* what it came from is gone */

/* Who may make a move. */
#define MOVERS(ROW)                                                                                \
    ROW(MOVER_UPLOADER, "uploader")                                                                \
    ROW(MOVER_CLAIMANT, "claimant")                                                                \
    ROW(MOVER_OPERATOR, "operator")                                                                \
    ROW(MOVER_CLOCK, "clock")

#define UPLOAD_CLAIM_EVENTS(ROW)                                                                   \
    ROW(CLAIM_CONFIRM, "confirm")                                                                  \
    ROW(CLAIM_REFUSE, "refuse")                                                                    \
    ROW(CLAIM_DISPUTE, "dispute")                                                                  \
    ROW(CLAIM_REJECT, "reject")                                                                    \
    ROW(CLAIM_APPEAL, "appeal")                                                                    \
    ROW(CLAIM_TAKE_DOWN, "take_down")                                                              \
    ROW(CLAIM_RELEASE, "release")                                                                  \
    ROW(CLAIM_LAPSE, "lapse")                                                                      \
    ROW(CLAIM_WITHDRAW, "withdraw")

/* How long somebody has; days are settings (claims.*_days). */
#define CLAIM_CLOCKS(ROW)                                                                          \
    ROW(CLOCK_NONE, "none")                                                                        \
    ROW(CLOCK_RESPONSE, "response")                                                                \
    ROW(CLOCK_APPEAL, "appeal")

enum upload_claim_effect { CLAIM_ACTS, CLAIM_WAITS, CLAIM_DISPUTED, CLAIM_LETS, CLAIM_GONE };
#define MEMBER(name, ...) name,
enum source_state { SOURCE_STATES(MEMBER) SOURCE_STATE_COUNT };
enum exclusion_kind { EXCLUSION_KINDS(MEMBER) EXCLUSION_KIND_COUNT };
enum exception_kind { EXCEPTION_KINDS(MEMBER) EXCEPTION_KIND_COUNT };
enum upload_claim_origin { UPLOAD_CLAIM_ORIGINS(MEMBER) UPLOAD_CLAIM_ORIGIN_COUNT };
enum upload_claim_state { UPLOAD_CLAIM_STATES(MEMBER) UPLOAD_CLAIM_STATE_COUNT };
enum upload_claim_event { UPLOAD_CLAIM_EVENTS(MEMBER) UPLOAD_CLAIM_EVENT_COUNT };
enum mover { MOVERS(MEMBER) MOVER_COUNT };
enum claim_clock { CLAIM_CLOCKS(MEMBER) CLAIM_CLOCK_COUNT };
#undef MEMBER

const char *exception_kind_word(enum exception_kind k);
const char *upload_claim_state_word(enum upload_claim_state s);
const char *upload_claim_event_word(enum upload_claim_event x);
const char *mover_word(enum mover m);
enum upload_claim_effect upload_claim_effect(enum upload_claim_state s);
/* errors  INVALID the text lists the words */
MUST_USE enum code exception_kind_parse(struct str text, enum exception_kind *out, struct error *e);
MUST_USE enum code upload_claim_event_parse(struct str text, enum upload_claim_event *out,
                                            struct error *e);

struct delivery_source {
    struct source_id id;
    int64_t version;
    struct party_id party;
    enum source_state state;
    int64_t most; /* uploads it may act on while on probation */
    const char *words;
    struct instant known;
};

struct allowance {
    struct allowance_id id;
    int64_t version;
    struct party_id party;         /* who allows */
    struct recording_id recording; /* none: all of the party's */
    struct network_id network;     /* none: every one */
    struct app_id app;             /* none: every one */
    const char *uploader;          /* the network's name for the person; empty: everybody */
    struct instant from, until;
    const char *words; /* the document: "licence of 3 May" */
    struct instant known;
};

struct exclusion {
    struct exclusion_id id;
    int64_t version;
    struct reference_id reference;
    int64_t from_ms, until_ms;
    enum exclusion_kind kind;
    const char *words;
    struct instant known;
};

struct exception {
    struct exception_id id;
    int64_t version;
    struct upload_id upload;
    struct network_id network;
    enum exception_kind kind;
    const char *words; /* the uploader's own */
    struct instant known;
};

struct upload_claim {
    struct upload_claim_id id;
    int64_t version;
    struct upload_id upload;
    struct network_id network;
    struct recording_id recording;
    struct party_id party, source; /* who claims; who delivered the reference */
    struct reference_id reference; /* the one that was covered most; none when by hand */
    struct policy_id policy;       /* what the holder wanted then; none: nothing */
    enum policy_action action;
    enum upload_claim_origin origin;
    enum upload_claim_state state;
    int64_t matched_ms, longest_ms; /* of the upload, in all and in one piece */
    int64_t reference_matched_ms;   /* of the reference: less, where it is heard in a loop */
    int64_t segments;
    const char *reason;         /* of the dispute: a kind of exception, or empty */
    const char *words;          /* who made the last move says why */
    struct instant opened, due; /* due: when it moves by itself; NEVER: it does not */
    struct instant known;
};

extern const struct record_table table_sources, table_allowances, table_exclusions,
    table_exceptions, table_upload_claims;

RECORD(source, delivery_source)
RECORD(allowance, allowance)
RECORD_WITHDRAW(allowance)
RECORD(exclusion, exclusion)
RECORD_WITHDRAW(exclusion)
RECORD(exception, exception)
RECORD(upload_claim, upload_claim)

/* ---- the moves: one table, read by the API, the console and the tests ---- */

struct claim_move {
    enum upload_claim_state from;
    enum upload_claim_event event;
    enum mover mover;
    enum upload_claim_state to;
    enum claim_clock clock; /* of the state it goes to */
};
extern const struct claim_move claim_moves[];
extern const size_t claim_move_count;
/* NULL: there is no such move for anybody among `movers` (bits 1u << enum mover) */
const struct claim_move *claim_move_find(enum upload_claim_state from,
                                         enum upload_claim_event event, unsigned movers);

struct claim_days {
    int64_t days[CLAIM_CLOCK_COUNT];
};

/* Move a claim. Only claims of ACTION_BLOCK may be appealed without a dispute before.
 * in      movers  as whom the caller may act;  reason  a kind of exception, or empty
 * out     claim   as it now stands
 * errors  NOT_FOUND; CONFLICT there is no such move from where it stands; DENIED it is another's */
MUST_USE enum code registry_upload_claim_move(const struct registry_act *act,
                                              struct upload_claim_id id,
                                              enum upload_claim_event event, unsigned movers,
                                              struct str reason, struct str words,
                                              const struct claim_days *days, struct arena *a,
                                              struct upload_claim *claim, struct error *e);

/* Of one upload; with a reference that is none: of every one. */
MUST_USE enum code registry_upload_claim_list(struct store_tx *tx, struct party_id catalogue,
                                              struct upload_id upload,
                                              struct reference_id reference, struct arena *a,
                                              struct upload_claim **out, size_t *count,
                                              struct error *e);
/* May this source act on one upload more? A party without a row is on probation with `most`. */
MUST_USE enum code registry_source_may_act(struct store_tx *tx, struct party_id catalogue,
                                           struct party_id source, int64_t most, bool *may,
                                           struct error *e);
MUST_USE enum code registry_exclusion_list(struct store_tx *tx, struct party_id catalogue,
                                           struct reference_id reference, struct arena *a,
                                           struct exclusion **out, size_t *count, struct error *e);
MUST_USE enum code registry_exception_list(struct store_tx *tx, struct party_id catalogue,
                                           struct upload_id upload, struct arena *a,
                                           struct exception **out, size_t *count, struct error *e);
/* Those that cover this network, app and person, whatever the moment. */
MUST_USE enum code registry_allowance_list(struct store_tx *tx, struct party_id catalogue,
                                           struct network_id network, struct app_id app,
                                           const char *uploader, struct arena *a,
                                           struct allowance **out, size_t *count, struct error *e);

#endif
