/* SPDX-License-Identifier: Apache-2.0 */
/* The rights in force: one immutable snapshot, swapped whole, counted by who uses it. */
#ifndef LICET_FLOW_RIGHTS_H
#define LICET_FLOW_RIGHTS_H

#include "flow/world.h"

struct rights_now *world_rights_take(struct world *w); /* give back by rights_now_drop */
void rights_now_drop(struct rights_now *r);            /* NULL is fine */
const struct rights *rights_now_of(const struct rights_now *r);
int64_t rights_now_generation(const struct rights_now *r);

/* What people type for a network and an app of it. errors NOT_FOUND */
MUST_USE enum code rights_now_network(const struct rights_now *r, struct str slug,
                                      struct network_id *out, struct error *e);
MUST_USE enum code rights_now_app(const struct rights_now *r, struct network_id network,
                                  struct str slug, struct app_id *out, enum model *model,
                                  struct error *e);

/* When the generation in the database is not that of the snapshot, or its time has passed: a
 * successor, made of what the journal says was touched. */
MUST_USE enum code world_rights_follow(struct world *w, struct error *e);

#endif
