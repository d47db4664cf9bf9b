/* SPDX-License-Identifier: Apache-2.0 */
/* The user agreement: its versions, and who accepted which. Part of flow's door. */
#ifndef LICET_FLOW_AGREEMENT_H
#define LICET_FLOW_AGREEMENT_H

#include "desk/desk.h"

struct world;

MUST_USE enum code flow_agreement_publish(struct world *w, struct str who, struct str body,
                                          struct agreement *out, struct error *e);
/* network: slug or id; version 0: the one in force. Again is fine.
 * out  version  which was accepted; *fresh: for the first time */
MUST_USE enum code flow_agreement_accept(struct world *w, struct str who, struct str network,
                                         struct str uploader, int64_t *version, bool *fresh,
                                         struct error *e);
/* One version with its text, in arena `a`; 0: the one in force. errors  NOT_FOUND */
MUST_USE enum code flow_agreement_get(struct world *w, int64_t version, struct arena *a,
                                      struct agreement *out, struct error *e);
/* "version 3 of 2026-03-01 (sha256 0123...)", or "" where there was none at that moment. */
MUST_USE enum code flow_agreement_words(struct store_tx *tx, struct instant at, struct arena *a,
                                        const char **out, struct error *e);

#endif
