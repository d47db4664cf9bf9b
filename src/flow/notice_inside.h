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
/* The fault of one notice or item, and not of the store: the others go on. */
bool notice_is_of_one(enum code code);
/* What is known of the sender, into `f`; what the item will ask of rights, asked already. */
MUST_USE enum code notice_sender_facts(struct noticing *n, const struct notice_item *item,
                                       const struct notice *x, struct item_facts *f,
                                       struct error *e);
MUST_USE enum code notice_rights_ahead(struct noticing *n, const struct notice_item *item,
                                       const struct notice *x, bool mandate, struct error *e);
/* notice_ahead.c. All that notice_facts will ask of these items, asked together; and told of each
 * move, so that the next item knows. */
MUST_USE enum code notice_ahead(struct noticing *n, const struct notice_item *items, size_t count,
                                struct error *e);
/* Forget what moves and clocks change: requests for uploads, counts, standings. Rights stay. */
void notice_forget(struct noticing *n);
void notice_moved(struct noticing *n, const struct notice_item *item, enum item_state from);
/* notice_patterns.c. Of a sender, and (added to *out) of this notice and item; `u` may be NULL. */
MUST_USE enum code notice_patterns(struct noticing *n, const struct sender *s,
                                   struct party_id party, bool mandate, unsigned *out,
                                   struct error *e);
MUST_USE enum code notice_patterns_here(struct noticing *n, const struct notice_item *item,
                                        const struct notice *x, const struct upload *u,
                                        bool own_account, unsigned *out, struct error *e);
/* notice_proof.c: JSON of what shows that `rule` was right to fire, in n's arena; "" where there is
 * nothing to show. */
const char *notice_proof(struct noticing *n, const struct notice_item *item,
                         const struct item_found *f, const char *rule);
MUST_USE enum code notice_resolve(void *ctx, const struct draft_item *d, struct notice_item *out,
                                  struct error *e);
/* The uploads that these name, read together. */
MUST_USE enum code notice_drafts_ahead(struct noticing *n, const struct notice_draft *drafts,
                                       size_t count, struct error *e);
MUST_USE enum code notice_principal(struct noticing *n, const struct notice_draft *d,
                                    struct party_id *out, struct error *e);

/* A person's move, with the evidence that is stored or found now. */
MUST_USE enum code notice_move_by(struct noticing *n, struct notice_item *item,
                                  enum item_event event, struct str reason, const char *person,
                                  struct error *e);
/* notice_struck.c: strikes became active */
MUST_USE enum code notice_struck(struct desk_act *act, const struct desk_struck *list, size_t count,
                                 struct error *e);
/* notice_hold.c: the restriction of an upload, into what a verdict knows of it. */
MUST_USE enum code notice_hold(struct store_tx *tx, const struct upload *u, struct territory where,
                               struct arena *a, struct upload_known *known, struct error *e);
MUST_USE enum code notice_waits(struct world *w, bool *waits, struct error *e);

#endif
