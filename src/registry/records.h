/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the registry in the store: put, get, find, list. Part of registry's door.
 *
 * Every put works inside the caller's transaction, appends to the journal there and bumps the
 * generation, so that an act, its record and what servers see of it commit together.
 *
 * put   a record without id is new: it gets an id and version 1. With an id it replaces the
 *       record of that id (or is new under it); a version other than 0 must be the one that is
 *       there, else CONFLICT. id, version and known are written back; the version before is kept.
 *       errors  INVALID a field is out of form, the text names it; CONFLICT; NOT_FOUND a record
 *               that it names is not there
 * get   errors NOT_FOUND; texts in arena `a`
 * list  those behind `after` (zeros: from the first) in the order of their ids, at most `limit`;
 *       more follow where *count == limit
 */
#ifndef LICET_REGISTRY_RECORDS_H
#define LICET_REGISTRY_RECORDS_H

#include "registry/table.h"

/* The operator's party, made as "operator" where there is none. */
MUST_USE enum code registry_operator(struct store_tx *tx, struct instant now,
                                     const struct chance *chance, struct party_id *out,
                                     struct error *e);
/* How many changes there were that may alter a verdict. */
MUST_USE enum code registry_generation(struct store_tx *tx, struct party_id catalogue, int64_t *out,
                                       struct error *e);
MUST_USE enum code registry_generation_bump(struct store_tx *tx, struct party_id catalogue,
                                            struct error *e);

/* For rooms above: append to the journal what `act` did, and bump the generation. `before` and
 * `after` are JSON or empty; `subject` is the id's text. */
MUST_USE enum code registry_note(const struct registry_act *act, const char *what,
                                 const char *subject, const struct buf *before,
                                 const struct buf *after, struct error *e);

#define RECORD(thing, type)                                                                        \
    MUST_USE enum code registry_##thing##_put(const struct registry_act *act, struct type *r,      \
                                              struct error *e);                                    \
    MUST_USE enum code registry_##thing##_get(struct store_tx *tx, struct party_id catalogue,      \
                                              struct thing##_id id, struct arena *a,               \
                                              struct type *out, struct error *e);                  \
    /* canonical JSON, the same in the journal and on the API */                                   \
    void registry_##thing##_json(const struct type *r, struct json_out *o);
/* It is no more, from now on; what was believed before stays readable. */
#define RECORD_WITHDRAW(thing)                                                                     \
    MUST_USE enum code registry_##thing##_withdraw(const struct registry_act *act,                 \
                                                   struct thing##_id id, struct error *e);
#define RECORD_LIST(thing, type, ...)                                                              \
    MUST_USE enum code registry_##thing##_list(                                                    \
        struct store_tx *tx, struct party_id catalogue __VA_OPT__(, ) __VA_ARGS__,                 \
        struct thing##_id after, size_t limit, struct arena *a, struct type **out, size_t *count,  \
        struct error *e);
/* By a name in any of its forms. errors INVALID it is no such name; NOT_FOUND */
#define RECORD_FIND(thing, name, type)                                                             \
    MUST_USE enum code registry_##thing##_find##name(                                              \
        struct store_tx *tx, struct party_id catalogue, struct str text, struct arena *a,          \
        struct type *out, struct error *e);

/* Ids that narrow a list may be none: then it is of every one. */
RECORD(party, party)
RECORD_LIST(party, party)
RECORD_FIND(party, , party)      /* slug */
RECORD_FIND(party, _dpid, party) /* DPID */
RECORD_FIND(party, _isni, party)
RECORD_FIND(party, _ipi, party) /* IPI name number */

RECORD(recording, recording)
RECORD_LIST(recording, recording)
RECORD_FIND(recording, , recording) /* ISRC */

RECORD(work, work)
RECORD_WITHDRAW(work)
RECORD_LIST(work, work)
RECORD_FIND(work, , work) /* ISWC */

RECORD(recording_work, recording_work)
RECORD_WITHDRAW(recording_work)
RECORD_LIST(recording_work, recording_work, struct recording_id recording, struct work_id work)

RECORD(relation, relation)
RECORD_WITHDRAW(relation)
RECORD_LIST(relation, relation, struct recording_id recording)

RECORD(release, release)
RECORD_WITHDRAW(release)
RECORD_LIST(release, release, struct party_id party)
RECORD_FIND(release, , release) /* UPC, EAN or GRid */

RECORD(track, track)
RECORD_WITHDRAW(track)
RECORD_LIST(track, track, struct release_id release, struct recording_id recording)

RECORD(claim, claim)
RECORD_WITHDRAW(claim)
/* Claims on recordings; on works: */
RECORD_LIST(claim, claim, struct recording_id recording, struct party_id party)
MUST_USE enum code registry_claim_of_work(struct store_tx *tx, struct party_id catalogue,
                                          struct work_id work, struct claim_id after, size_t limit,
                                          struct arena *a, struct claim **out, size_t *count,
                                          struct error *e);
/* Parts of the claims on recordings that several threads read side by side, each in a transaction of
 * its own that sees the same: at most `most`; one where the store has no such parts, or few claims.
 * Those of the past are in the first. */
struct claims_part {
    int64_t from, until; /* as the store counts its rows */
    bool past;
};
enum { CLAIMS_PARTS_MOST = 16 };
MUST_USE enum code registry_claims_parts(struct store_tx *tx, unsigned most,
                                         struct claims_part out[CLAIMS_PARTS_MOST], unsigned *count,
                                         struct error *e);
/* Each claim on a recording in this right in a part, as it was known then (INSTANT_NEVER: as it is
 * known now); without JSON, holders and pages, since there may be ten million. */
MUST_USE enum code
registry_claims_each(struct store_tx *tx, struct party_id catalogue, enum right right,
                     struct instant known, const struct claims_part *part, void *ctx,
                     enum code (*claim)(void *ctx, const struct claim *c, struct error *e),
                     struct error *e);
/* Claims on works as they reach the recordings of them: `recording` is set, the right is the
 * work's (work_performing, ...), the share is of what the recording has of the work.
 *
 * in   recording  none: every one;  after  zeros at first, then as it was left
 *      known      claims and works of recordings as known then; INSTANT_NEVER: as known now
 * out  more       there may be more: call again */
struct claim_of_works {
    struct claim_id claim;
    struct recording_work_id link;
};
MUST_USE enum code registry_claim_of_works(struct store_tx *tx, struct party_id catalogue,
                                           struct recording_id recording, struct instant known,
                                           struct claim_of_works *after, size_t limit,
                                           struct arena *a, struct claim **out, size_t *count,
                                           bool *more, struct error *e);

RECORD(policy, holder_policy)
RECORD_WITHDRAW(policy)
RECORD_LIST(policy, holder_policy, struct party_id party)

RECORD(reference, reference)
/* state REFERENCE_STATE_COUNT: in every state */
RECORD_LIST(reference, reference, struct recording_id recording, enum reference_state state)
/* Of this audio (its hash), in whatever state; a recording that is none: of any. */
MUST_USE enum code registry_reference_find(struct store_tx *tx, struct party_id catalogue,
                                           struct str audio, struct recording_id recording,
                                           struct arena *a, struct reference *out, struct error *e);
MUST_USE enum code registry_reference_count(struct store_tx *tx, struct party_id catalogue,
                                            enum reference_state state, int64_t *out,
                                            struct error *e);
MUST_USE enum code registry_recording_count(struct store_tx *tx, struct party_id catalogue,
                                            int64_t *out, struct error *e);

/* errors  DENIED parties other than `holder` have claims on this recording or work */
MUST_USE enum code registry_held_alone(struct store_tx *tx, struct party_id catalogue,
                                       const struct record_table *t, const uint8_t id[ID_BYTES],
                                       struct party_id holder, struct error *e);

#endif
