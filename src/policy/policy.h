/* SPDX-License-Identifier: Apache-2.0 */
/* The door of policy: facts in, verdict out; a pure function with no clock, chance or storage.
 *
 *   snapshot of rights + question + what is known of the upload  --rights_gather-->  facts
 *   facts  --policy_decide-->  verdict with every reason
 *
 * Facts are self-contained: written as JSON and read back they give the same verdict, byte for
 * byte. The rules are the rows of rules.def; docs/formats/verdict.md shows codes and JSON. */
#ifndef LICET_POLICY_POLICY_H
#define LICET_POLICY_POLICY_H

#include "licence/licence.h"
#include "registry/registry.h"

enum { POLICY_VERSION = 1, POLICY_PREVIEW_MS = 30000 };

/* ---- what a network has published; the first word of each list is the strictest ------------- */

/* A share without a licence. */
#define UNLICENSED_RULES(ROW)                                                                      \
    ROW(UNLICENSED_DENY, "deny")                                                                   \
    ROW(UNLICENSED_PREVIEW, "preview")                                                             \
    ROW(UNLICENSED_FULL, "full")
/* Heard, and nothing matched. `hold`: denied until a person has looked. */
#define UNMATCHED_RULES(ROW)                                                                       \
    ROW(UNMATCHED_HOLD, "hold")                                                                    \
    ROW(UNMATCHED_PREVIEW, "preview")                                                              \
    ROW(UNMATCHED_FULL, "full")
/* Shares of one right that do not add up to the whole. */
#define CONFLICT_RULES(ROW)                                                                        \
    ROW(CONFLICT_HOLD, "hold")                                                                     \
    ROW(CONFLICT_MOST_RESTRICTIVE, "most_restrictive")                                             \
    ROW(CONFLICT_FIRST_FILED, "first_filed")                                                       \
    ROW(CONFLICT_SCALE, "scale")                                                                   \
    ROW(CONFLICT_PAY_UNDISPUTED, "pay_undisputed")
/* Not heard yet, heard in part, or put up by a suspended person. */
#define UNHEARD_RULES(ROW)                                                                         \
    ROW(UNHEARD_DENY, "deny")                                                                      \
    ROW(UNHEARD_PREVIEW, "preview")                                                                \
    ROW(UNHEARD_FULL, "full")

#define MEMBER(name, word) name,
enum unlicensed_rule { UNLICENSED_RULES(MEMBER) UNLICENSED_COUNT };
enum unmatched_rule { UNMATCHED_RULES(MEMBER) UNMATCHED_COUNT };
enum conflict_rule { CONFLICT_RULES(MEMBER) CONFLICT_COUNT };
enum unheard_rule { UNHEARD_RULES(MEMBER) UNHEARD_COUNT };
#undef MEMBER

struct network_rules {
    enum unlicensed_rule unlicensed;
    enum unmatched_rule unmatched;
    enum conflict_rule conflict;
    enum unheard_rule unheard;
    enum unheard_rule suspended; /* uploads of a suspended person */
};

const char *unlicensed_rule_word(enum unlicensed_rule r);
const char *unmatched_rule_word(enum unmatched_rule r);
const char *conflict_rule_word(enum conflict_rule r);
const char *unheard_rule_word(enum unheard_rule r);
/* errors  INVALID the text lists the words that are taken */
MUST_USE enum code unlicensed_rule_parse(struct str text, enum unlicensed_rule *out,
                                         struct error *e);
MUST_USE enum code unmatched_rule_parse(struct str text, enum unmatched_rule *out, struct error *e);
MUST_USE enum code conflict_rule_parse(struct str text, enum conflict_rule *out, struct error *e);
MUST_USE enum code unheard_rule_parse(struct str text, enum unheard_rule *out, struct error *e);

/* ---- the question and the facts ------------------------------------------------------------- */

struct question {
    struct upload_id upload;       /* an upload, or else ... */
    struct recording_id recording; /* ... a recording of the catalogue */
    struct network_id network;
    struct app_id app;
    struct territory territory; /* of the listener */
    enum use use;
    enum model model;
    struct instant at;
};

struct facts_network {
    bool known, closed; /* closed in the territory asked for */
    int64_t version;
    const char *name;
    struct network_rules rules;
};

struct facts_app {
    bool known, suspended, download, offline;
    int64_t version;
    const char *name;
    int64_t clip_seconds; /* 0: no limit */
};

/* An incomplete search is HEARING_PART: undecided, never "nothing matched". */
enum hearing { HEARING_NONE, HEARING_PART, HEARING_DONE, HEARING_COUNT };
enum restriction { RESTRICTION_NONE, RESTRICTION_NOTICE, RESTRICTION_STAY_DOWN, RESTRICTION_COUNT };
const char *hearing_word(enum hearing h); /* "not_heard", "in_part", "heard" */
const char *restriction_word(enum restriction r);

struct facts_upload {
    int64_t version;
    enum hearing hearing;
    bool uploader_suspended;
    enum restriction restriction;
    struct item_id item; /* the desk's item behind the restriction */
    int64_t item_version;
    struct instant restricted_until;
    int64_t duration_ms;
    int64_t preview_start_ms, preview_length_ms; /* length 0: POLICY_PREVIEW_MS */
};

struct facts_order { /* of a court or an authority; covers the territory */
    struct order_id id;
    int64_t version;
    const char *title;
    struct instant from, until;
};

struct facts_policy { /* covers territory and app */
    struct policy_id id;
    struct recording_id recording; /* none: all of the party's */
    int64_t version;
    enum policy_action action;
    const struct condition *conditions;
    size_t condition_count;
    struct instant from, until;
};

struct facts_licence { /* covers network, territory, app and model */
    struct licence_id id;
    int64_t version;
    const char *name;
    unsigned uses;
    int64_t clip_seconds;
    struct instant from, until;
    struct recording_id recording; /* none: all of the party's */
};

struct facts_party {
    struct party_id id;
    int64_t version;
    const char *name;
    const struct facts_policy *policies;
    size_t policy_count;
    const struct facts_licence *licences;
    size_t licence_count;
};

struct facts_claim { /* covers the territory */
    struct claim_id id;
    int64_t version;
    uint32_t party; /* in facts.parties */
    enum right right;
    int64_t share_e8;
    struct instant from, until, filed;
};

struct facts_recording { /* found in the upload, or asked for */
    struct recording_id id;
    struct reference_id reference; /* the one that was covered most; none when asked for itself */
    int64_t version;               /* 0: the registry has no such recording */
    const char *isrc, *title, *artist;
    int64_t matched_ms;                         /* of the upload */
    int64_t reference_matched_ms, reference_ms; /* of the reference, and its length */
    /* What of the reference was heard, in its order; left out where no policy looks at segments. */
    const struct segment *spans;
    size_t span_count;
    const struct facts_claim *claims;
    size_t claim_count;
};

/* What holds a holder's hand back in this upload; see registry/upload_claims.h. */
#define LEAVES(ROW)                                                                                \
    ROW(LEAVE_ALLOWED, "allowed")     /* on the holder's allow-list: as if licensed in full */     \
    ROW(LEAVE_RELEASED, "released")   /* the holder gave the claim up: the same */                 \
    ROW(LEAVE_WAITING, "waiting")     /* a person has to look first: no block until then */        \
    ROW(LEAVE_DISPUTED, "disputed")   /* told, and money is kept */                                \
    ROW(LEAVE_EXCEPTION, "exception") /* the uploader says it is one: told */
#define MEMBER(name, word) name,
enum leave_kind { LEAVES(MEMBER) LEAVE_COUNT };
#undef MEMBER
const char *leave_kind_word(enum leave_kind k);

struct facts_leave {
    enum leave_kind kind;
    struct party_id party;         /* whose; none for an exception */
    struct recording_id recording; /* none: every one of the party's */
    uint8_t id[ID_BYTES];          /* of the allowance, the claim on the upload, the exception */
    int64_t version;
    enum exception_kind exception;
    struct instant from, until;
};

/* Records that are not in force at the moment asked for, but end or begin later, are in here too:
 * they bound how long the verdict is valid. */
struct facts {
    struct question asked;
    struct facts_network network;
    struct facts_app app;
    struct facts_upload upload;
    const struct facts_order *orders;
    size_t order_count;
    const struct facts_party *parties;
    size_t party_count;
    const struct facts_recording *recordings;
    size_t recording_count;
    const struct facts_leave *leaves; /* of an upload */
    size_t leave_count;
};

/* Canonical JSON: the same facts give the same bytes. */
void policy_facts_write(const struct facts *f, struct buf *out);
/* out     f  texts and arrays in arena `a`
 * errors  INVALID not facts; the text names the member; LIMIT larger than 16 MiB */
MUST_USE enum code policy_facts_read(struct str json, struct arena *a, struct facts *f,
                                     struct error *e);

/* ---- the verdict ---------------------------------------------------------------------------- */

enum verdict_mode { VERDICT_DENY, VERDICT_PREVIEW, VERDICT_FULL }; /* strictest first */
const char *verdict_mode_word(enum verdict_mode m);
MUST_USE enum code verdict_mode_parse(struct str text, enum verdict_mode *out, struct error *e);

#define ROW(name, group, code, fire, argument, english, russian) name,
enum rule {
#include "policy/rules.def"
    RULE_COUNT
};
#undef ROW

#define RECORD_KINDS(ROW)                                                                          \
    ROW(RECORD_NETWORK, "network", "net")                                                          \
    ROW(RECORD_APP, "app", "app")                                                                  \
    ROW(RECORD_UPLOAD, "upload", "upl")                                                            \
    ROW(RECORD_ORDER, "order", "ord")                                                              \
    ROW(RECORD_ITEM, "item", "itm")                                                                \
    ROW(RECORD_RECORDING, "recording", "rec")                                                      \
    ROW(RECORD_CLAIM, "claim", "clm")                                                              \
    ROW(RECORD_POLICY, "policy", "pol")                                                            \
    ROW(RECORD_LICENCE, "licence", "lic")                                                          \
    ROW(RECORD_ALLOWANCE, "allowance", "alw")                                                      \
    ROW(RECORD_UPLOAD_CLAIM, "upload_claim", "ucl")                                                \
    ROW(RECORD_EXCEPTION, "exception", "exp")
#define MEMBER(name, word, prefix) name,
enum record_kind { RECORD_KINDS(MEMBER) RECORD_KIND_COUNT };
#undef MEMBER

/* One rule that fired: what it does to which uses, and the record that caused it. The pointers
 * lead into the facts and are NULL where they do not apply. */
struct reason {
    enum rule rule;
    enum verdict_mode effect;
    unsigned uses;     /* bits it acts on */
    int64_t length_ms; /* of the preview it leaves; 0: as the upload's preview is */
    enum record_kind kind;
    uint8_t id[ID_BYTES]; /* zeros: the question named none */
    int64_t version;
    const struct facts_recording *recording;
    const struct facts_party *party;
    const struct facts_claim *claim;
    const struct facts_policy *policy;
    const struct facts_licence *licence;
    const struct facts_order *order;
    const struct facts_leave *leave;
    enum right right;  /* of over-claimed and unclaimed shares */
    int64_t amount_e8; /* what is over or under the whole */
};

struct verdict {
    enum verdict_mode mode;
    int64_t preview_start_ms, preview_length_ms; /* when mode is preview, else 0 */
    unsigned uses; /* bits of what is allowed: stream means in full, preview means a preview */
    const char *reason_code;
    size_t decisive; /* of `reasons`: the one behind reason_code */
    const struct reason *reasons;
    size_t reason_count; /* at least one */
    struct instant valid_until;
    const struct facts *facts; /* borrowed: they must outlive the verdict */
};

/* Every rule that fires is kept; for the use asked for the strictest effect decides (deny, then
 * the shortest preview, then full), and among equals the earlier row. A preview answers a stream;
 * a download that may only be a preview is denied. A stream that is denied while a preview is
 * allowed is answered with the preview.
 *
 * valid_until: the first moment after facts.asked.at at which any record in the facts begins or
 * ends. */
void policy_decide(const struct facts *f, struct arena *a, struct verdict *out);

/* Whether every condition of the policy holds for what was found of the recording. */
bool policy_conditions_hold(const struct facts *f, const struct facts_recording *r,
                            const struct facts_policy *p);

const char *rule_code(enum rule r);
/* What is refused before anything is asked of what is played: the same whatever its rights are. */
static inline bool rule_is_of_access(enum rule r)
{
    return r < RULE_ORDER;
}
int rule_group(enum rule r); /* 1 to 9, strictest first: the numbers of docs/formats/verdict.md */
const char *record_kind_word(enum record_kind k);
const char *record_kind_prefix(enum record_kind k); /* of its id */

enum language { LANGUAGE_ENGLISH, LANGUAGE_RUSSIAN, LANGUAGE_COUNT };
const char *rule_sentence(enum rule r, enum language in); /* with its places in braces */
/* The rule's sentence for a person, its places filled from the facts. */
void policy_sentence(const struct facts *f, const struct reason *r, enum language in,
                     struct buf *out);
/* Canonical JSON with both sentences of each reason. */
void policy_verdict_write(const struct verdict *v, struct buf *out);

/* ---- the snapshot --------------------------------------------------------------------------- */

struct rights_network {
    struct network_id id;
    int64_t version;
    const char *name;
    struct network_rules rules;
    struct territory_set closed;
};

struct rights_app {
    struct app_id id;
    struct network_id network;
    int64_t version;
    const char *name;
    bool suspended, download, offline;
    int64_t clip_seconds;
};

struct rights_order {
    struct order_id id;
    struct recording_id recording; /* a recording, or else ... */
    struct upload_id upload;       /* ... an upload */
    int64_t version;
    const char *title;
    struct territory_set territories;
    struct instant from, until;
};

struct rights_input {
    const struct rights_network *networks;
    size_t network_count;
    const struct rights_app *apps;
    size_t app_count;
    const struct party *parties;
    size_t party_count;
    const struct recording *recordings;
    size_t recording_count;
    const struct claim *claims;
    size_t claim_count;
    const struct holder_policy *policies;
    size_t policy_count;
    const struct licence *licences;
    size_t licence_count;
    const struct rights_order *orders;
    size_t order_count;
    struct instant present;  /* about when it will be asked: what is kept ready is of that time */
    size_t table_bytes_most; /* memory for verdicts kept ready; 0: 256 MiB */
};

/* One span of the upload that is a span of a reference. */
struct upload_match {
    struct reference_id reference;
    struct recording_id recording;
    int64_t upload_from_ms, upload_to_ms, reference_from_ms, reference_to_ms;
    int64_t reference_ms; /* the reference's whole length; 0: not known */
};

/* What is known of an upload when the question comes. */
struct upload_known {
    struct facts_upload facts;
    const struct upload_match *matches;
    size_t match_count;
    const struct facts_leave *leaves;
    size_t leave_count;
};

/* Copy everything into one immutable snapshot that many threads may read at once.
 * errors  INVALID  a record names one that is not there; MEMORY */
struct rights;
MUST_USE enum code rights_build(const struct rights_input *in, struct rights **out,
                                struct error *e);
void rights_free(struct rights *r);
OWNED_BY(rights)
size_t rights_size_bytes(const struct rights *r); /* with verdicts kept ready */
size_t rights_recording_count(const struct rights *r);
struct instant rights_present(const struct rights *r);
/* From when on what is kept ready is of the past, and a successor of a later `present` is due. */
struct instant rights_stale_at(const struct rights *r);

/* What became of the rows of a snapshot. */
struct rights_change {
    /* Parties that changed, whole: with all their policies and licences. Recordings that changed,
     * with all their claims. With `access`, all networks and apps; with `orders`, all orders.
     * `present` as it now is. Rows of what did not change are left out. */
    struct rights_input rows;
    bool access, orders;
    const struct recording_id *gone; /* recordings that are there no more */
    size_t gone_count;
};
/* The snapshot behind `old`, which goes on as it is: only what changed is made anew, the rest is
 * shared. A snapshot has one successor; one thread makes them. Each is freed by itself, in any
 * order.
 * errors  as rights_build; then there is no successor */
MUST_USE enum code rights_succeed(struct rights *old, const struct rights_change *change,
                                  struct rights **out, struct error *e);

/* The facts behind one question. `upload` may be NULL when a recording is asked for.
 * out     f  borrows texts from `r` and `upload`, arrays from `a`: all three must outlive it */
void rights_gather(const struct rights *r, const struct question *q,
                   const struct upload_known *upload, struct arena *a, struct facts *f);

/* ---- verdicts in short ---------------------------------------------------------------------- */

/* A verdict without its reasons: exactly what policy_decide says from the facts of rights_gather,
 * in a fraction of the time, for it is kept ready for all recordings whose rights are of the same
 * shape (docs/decisions/0030-verdicts-kept-ready.md). */
struct verdict_brief {
    enum verdict_mode mode;
    unsigned uses;
    enum rule rule; /* the one behind the reason code */
    int64_t preview_start_ms, preview_length_ms;
    struct instant valid_until;
};
void verdict_brief_of(const struct verdict *v, struct verdict_brief *out);
/* As members of an object that is open. */
void policy_brief_write(const struct verdict_brief *v, struct json_out *o);

/* May this recording be played? Any number of threads may ask at once. */
void rights_answer(const struct rights *r, const struct question *q, struct verdict_brief *out);
/* The same of many questions at once; quicker where the catalogue is larger than the caches. */
void rights_answer_many(const struct rights *r, const struct question *q, size_t count,
                        struct verdict_brief *out);

#endif
