/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on uploads as they come from matches, and what a verdict hears of them. Internal to flow. */
#ifndef LICET_FLOW_CLAIMS_H
#define LICET_FLOW_CLAIMS_H

#include "flow/world.h"

/* Claim an upload for whoever holds what was found in it, once for each recording and party: in the
 * transaction that writes the matches. A source on probation that has acted on its number of
 * uploads, and an upload whose uploader claims an exception, make it wait for a person. */
MUST_USE enum code claims_of_upload(struct world *w, const struct registry_act *act,
                                    const struct upload *u, struct error *e);
/* A reference is gone: the claims that came from it go over to another reference of the same
 * recording that was found in the upload, or are withdrawn. *count: withdrawn. */
MUST_USE enum code claims_without(struct world *w, const struct registry_act *act,
                                  struct reference_id reference, size_t *count, struct error *e);

/* Matches without the spans of references that are excluded. */
MUST_USE enum code claims_exclude(struct store_tx *tx, struct party_id catalogue,
                                  const struct upload_match *matches, size_t count, struct arena *a,
                                  const struct upload_match **out, size_t *out_count,
                                  struct error *e);
/* Allow-lists, the states of the upload's claims, and its exceptions, for policy. */
MUST_USE enum code claims_leaves(struct store_tx *tx, struct party_id catalogue,
                                 const struct upload *u, const struct question *q, struct arena *a,
                                 const struct facts_leave **out, size_t *count, struct error *e);

/* Days as the settings have them. */
MUST_USE enum code claims_days(const struct world *w, struct claim_days *out, struct error *e);

#endif
