/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of notice share. Internal to flow. */
#ifndef LICET_FLOW_NOTICE_INSIDE_H
#define LICET_FLOW_NOTICE_INSIDE_H

#include "flow/world.h"
#include "licence/licence.h"

/* Who may do what with which recording changes seldom: asked once a transaction. */
struct notice_caches;

/* Facts of an item, with what proves them; texts in the act's arena. */
struct item_found {
    struct item_facts facts;
    struct item_evidence evidence;
    bool has_evidence;
    const char *proof; /* JSON, or "" */
    const char *blob;
    struct item_id canonical;
};
MUST_USE enum code notice_facts(struct noticing *n, const struct notice_item *item,
                                struct item_found *out, struct error *e);
MUST_USE enum code notice_resolve(void *ctx, const struct draft_item *d, struct notice_item *out,
                                  struct error *e);
MUST_USE enum code notice_principal(struct noticing *n, const struct notice_draft *d,
                                    struct party_id *out, struct error *e);

/* notice_hold.c: the restriction of an upload, into what a verdict knows of it. */
MUST_USE enum code notice_hold(struct store_tx *tx, const struct upload *u, struct territory where,
                               struct arena *a, struct upload_known *known, struct error *e);
MUST_USE enum code notice_waits(struct world *w, bool *waits, struct error *e);

#endif
