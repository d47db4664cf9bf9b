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
    struct item_id canonical, restricted_by;
    struct party_id principal;
    const char *held,
        *closed; /* territories of the principal's claims; the network's closed ones */
    int64_t heard_ms, match_count;
};
#define NOTICE_ENGINE "licet fingerprint 1"
MUST_USE enum code notice_facts(struct noticing *n, const struct notice_item *item,
                                struct item_found *out, struct error *e);
/* notice_patterns.c. Of a sender, and (added to *out) of this notice and item; `u` may be NULL. */
MUST_USE enum code notice_patterns(struct noticing *n, const struct sender *s,
                                   struct party_id party, bool mandate, unsigned *out,
                                   struct error *e);
MUST_USE enum code notice_patterns_here(struct noticing *n, const struct notice_item *item,
                                        const struct notice *x, const struct upload *u,
                                        bool own_account, unsigned *out, struct error *e);
MUST_USE enum code notice_unseen_of_target(struct noticing *n, const struct notice_item *item,
                                           int64_t *out, struct error *e);
/* notice_proof.c: JSON of what shows that `rule` was right to fire, in n's arena; "" where there is
 * nothing to show. */
const char *notice_proof(struct noticing *n, const struct notice_item *item,
                         const struct item_found *f, const char *rule);
MUST_USE enum code notice_resolve(void *ctx, const struct draft_item *d, struct notice_item *out,
                                  struct error *e);
MUST_USE enum code notice_principal(struct noticing *n, const struct notice_draft *d,
                                    struct party_id *out, struct error *e);

/* notice_hold.c: the restriction of an upload, into what a verdict knows of it. */
MUST_USE enum code notice_hold(struct store_tx *tx, const struct upload *u, struct territory where,
                               struct arena *a, struct upload_known *known, struct error *e);
MUST_USE enum code notice_waits(struct world *w, bool *waits, struct error *e);

#endif
