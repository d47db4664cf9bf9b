/* SPDX-License-Identifier: Apache-2.0 */
/* Recheck: what a reference that comes later, or goes, changes for earlier uploads. Internal. */
#ifndef LICET_FLOW_RECHECK_H
#define LICET_FLOW_RECHECK_H

#include "flow/world.h"

/* Look for a new reference in the uploads heard before; what is found is written down as if the
 * upload had been heard after it. *count: uploads that contain it. */
MUST_USE enum code recheck_reference(struct world *w, const struct reference *ref,
                                     const struct fp_query *query, size_t *count, struct error *e);

/* Take a withdrawn reference out of what was found in uploads. */
MUST_USE enum code recheck_withdrawn(const struct registry_act *act, struct reference_id id,
                                     struct error *e);

/* Milliseconds of a time in seconds, never below 0. */
int64_t ms_of_seconds(double seconds);

#endif
