/* SPDX-License-Identifier: Apache-2.0 */
/* From a heard sound to named spans. Internal to flow. */
#ifndef LICET_FLOW_IDENTIFY_H
#define LICET_FLOW_IDENTIFY_H

#include "flow/hear.h"
#include "flow/world.h"

/* Ask the index of references and name what it answers. Matches of references that the registry
 * does not have (a crash left them, world_mend removes them) are left out. */
MUST_USE enum code identify_query(struct world *w, const struct fp_query *query, struct arena *a,
                                  struct identified *out, struct error *e);

/* The setting match.false_alarms as options of the index. */
MUST_USE enum code identify_options(const struct world *w, struct index_options *out,
                                    struct error *e);

#endif
