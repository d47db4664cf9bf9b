/* SPDX-License-Identifier: Apache-2.0 */
/* Part of flow's door: webhooks, made and looked after by people. */
#ifndef LICET_FLOW_WEBHOOKS_H
#define LICET_FLOW_WEBHOOKS_H

#include "events/events.h"
#include "flow/flow.h"

/* Each inside a change, with an event in the journal.
 * errors  INVALID url or types; https:// unless the setting webhooks.private is yes */
MUST_USE enum code flow_webhook_make(struct change *c, struct webhook *h, struct error *e);
MUST_USE enum code flow_webhook_drop(struct change *c, struct webhook_id id, struct error *e);
MUST_USE enum code flow_webhook_switch(struct change *c, struct webhook_id id, bool disabled,
                                       struct error *e);
/* Send again, from behind event `after` on, what it wants; *count messages. */
MUST_USE enum code flow_webhook_replay(struct change *c, struct webhook_id id, int64_t after,
                                       size_t *count, struct error *e);
/* With its secret. */
MUST_USE enum code flow_webhook_get(struct world *w, struct store_tx *tx, struct webhook_id id,
                                    struct arena *a, struct webhook *out, struct error *e);

/* Inside flow: the journal's news into the feed, and into messages. */
MUST_USE enum code world_events_pump(struct world *w, bool *did, struct error *e);

#endif
