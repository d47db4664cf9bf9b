/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the registry in the store: put, get, find, list. Part of registry's door.
 *
 * Every put works inside the caller's transaction, appends to the journal there and bumps the
 * generation, so that an act, its record and what servers see of it commit together.
 *
 * put   a record without id is new: it gets an id and version 1. With an id it replaces the
 *       record of that id (or is new under it); a version other than 0 must be the one that is
 *       there, else CONFLICT. id and version are written back.
 *       errors  INVALID a field is out of form, the text names it; CONFLICT; NOT_FOUND a record
 *               that it names is not there
 * get   errors NOT_FOUND; texts in arena `a`
 * list  those behind `after` (zeros: from the first) in the order of their ids, at most `limit`;
 *       more follow where *count == limit
 */
#ifndef LICET_REGISTRY_RECORDS_H
#define LICET_REGISTRY_RECORDS_H

#include "registry/types.h"
#include "store/store.h"

/* Who changes what, why and when: one per request or command. */
struct registry_act {
    struct store_tx *tx;
    struct party_id catalogue; /* the operator */
    struct str who, why;
    struct instant now;
    const struct chance *chance;
};

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

MUST_USE enum code registry_party_put(const struct registry_act *act, struct party *p,
                                      struct error *e);
MUST_USE enum code registry_party_get(struct store_tx *tx, struct party_id catalogue,
                                      struct party_id id, struct arena *a, struct party *out,
                                      struct error *e);
MUST_USE enum code registry_party_find(struct store_tx *tx, struct party_id catalogue,
                                       struct str slug, struct arena *a, struct party *out,
                                       struct error *e);
MUST_USE enum code registry_party_list(struct store_tx *tx, struct party_id catalogue,
                                       struct party_id after, size_t limit, struct arena *a,
                                       struct party **out, size_t *count, struct error *e);

MUST_USE enum code registry_recording_put(const struct registry_act *act, struct recording *r,
                                          struct error *e);
MUST_USE enum code registry_recording_get(struct store_tx *tx, struct party_id catalogue,
                                          struct recording_id id, struct arena *a,
                                          struct recording *out, struct error *e);
MUST_USE enum code registry_recording_find(struct store_tx *tx, struct party_id catalogue,
                                           struct str isrc, struct arena *a, struct recording *out,
                                           struct error *e);
MUST_USE enum code registry_recording_list(struct store_tx *tx, struct party_id catalogue,
                                           struct recording_id after, size_t limit, struct arena *a,
                                           struct recording **out, size_t *count, struct error *e);

MUST_USE enum code registry_recording_count(struct store_tx *tx, struct party_id catalogue,
                                            int64_t *out, struct error *e);

MUST_USE enum code registry_reference_put(const struct registry_act *act, struct reference *r,
                                          struct error *e);
MUST_USE enum code registry_reference_get(struct store_tx *tx, struct party_id catalogue,
                                          struct reference_id id, struct arena *a,
                                          struct reference *out, struct error *e);
/* Of this audio (its hash), in whatever state; a recording that is none: of any. */
MUST_USE enum code registry_reference_find(struct store_tx *tx, struct party_id catalogue,
                                           struct str audio, struct recording_id recording,
                                           struct arena *a, struct reference *out, struct error *e);
/* recording none: of every recording; state REFERENCE_STATE_COUNT: in every state */
MUST_USE enum code registry_reference_list(struct store_tx *tx, struct party_id catalogue,
                                           struct recording_id recording,
                                           enum reference_state state, struct reference_id after,
                                           size_t limit, struct arena *a, struct reference **out,
                                           size_t *count, struct error *e);
MUST_USE enum code registry_reference_count(struct store_tx *tx, struct party_id catalogue,
                                            enum reference_state state, int64_t *out,
                                            struct error *e);

MUST_USE enum code registry_claim_put(const struct registry_act *act, struct claim *c,
                                      struct error *e);
MUST_USE enum code registry_claim_get(struct store_tx *tx, struct party_id catalogue,
                                      struct claim_id id, struct arena *a, struct claim *out,
                                      struct error *e);
/* recording none: of every recording; party none: of every party. Without withdrawn ones. */
MUST_USE enum code registry_claim_list(struct store_tx *tx, struct party_id catalogue,
                                       struct recording_id recording, struct party_id party,
                                       struct claim_id after, size_t limit, struct arena *a,
                                       struct claim **out, size_t *count, struct error *e);
MUST_USE enum code registry_claim_withdraw(const struct registry_act *act, struct claim_id id,
                                           struct error *e);

MUST_USE enum code registry_policy_put(const struct registry_act *act, struct holder_policy *p,
                                       struct error *e);
MUST_USE enum code registry_policy_get(struct store_tx *tx, struct party_id catalogue,
                                       struct policy_id id, struct arena *a,
                                       struct holder_policy *out, struct error *e);
MUST_USE enum code registry_policy_list(struct store_tx *tx, struct party_id catalogue,
                                        struct party_id party, struct policy_id after, size_t limit,
                                        struct arena *a, struct holder_policy **out, size_t *count,
                                        struct error *e);
MUST_USE enum code registry_policy_withdraw(const struct registry_act *act, struct policy_id id,
                                            struct error *e);

/* Canonical JSON objects, the same in the journal and on the API. */
void registry_party_json(const struct party *p, struct json_out *o);
void registry_recording_json(const struct recording *r, struct json_out *o);
void registry_reference_json(const struct reference *r, struct json_out *o);
void registry_claim_json(const struct claim *c, struct json_out *o);
void registry_policy_json(const struct holder_policy *p, struct json_out *o);

#endif
