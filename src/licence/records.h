/* SPDX-License-Identifier: Apache-2.0 */
/* Licences in the store: put, get, list. Part of licence's door; the words are those of
 * registry/records.h. */
#ifndef LICET_LICENCE_RECORDS_H
#define LICET_LICENCE_RECORDS_H

#include "licence/licence.h"

/* errors  INVALID  no name, no use, until not after from, clip below zero; NOT_FOUND licensor or
 *         recording */
MUST_USE enum code licence_put(const struct registry_act *act, struct licence *l, struct error *e);
MUST_USE enum code licence_get(struct store_tx *tx, struct party_id catalogue, struct licence_id id,
                               struct arena *a, struct licence *out, struct error *e);
/* licensor none: of every party. Without those ended by hand; those that ran out are there. */
MUST_USE enum code licence_list(struct store_tx *tx, struct party_id catalogue,
                                struct party_id licensor, struct licence_id after, size_t limit,
                                struct arena *a, struct licence **out, size_t *count,
                                struct error *e);
/* Take it out of force at once. */
MUST_USE enum code licence_end(const struct registry_act *act, struct licence_id id,
                               struct error *e);
void licence_json(const struct licence *l, struct json_out *o);

#endif
