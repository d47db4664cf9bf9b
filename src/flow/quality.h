/* SPDX-License-Identifier: Apache-2.0 */
/* Is this sound fit to be a reference? Internal to flow. */
#ifndef LICET_FLOW_QUALITY_H
#define LICET_FLOW_QUALITY_H

#include "flow/identify.h"

enum { QUALITY_SHORT_MS = 5000, QUALITY_OVERLAP_MS = 3000 };

/* Somebody speaks, and nothing else is heard: pauses between words, and no pitch that stays.
 * Where there are fewer than 10 s, it is not told. */
bool quality_is_speech(const struct audio_curve *c);

/* What is wrong with it in words, or NULL. */
const char *quality_of(const struct audio_facts *f);

/* Raise the issues of a reference that is searchable now: what is wrong with it, and each span that
 * it shares with a reference of another party.
 * out  overlaps  other parties' references of which it has a part */
MUST_USE enum code quality_check(struct world *w, const struct reference *ref,
                                 const struct audio_facts *f, const struct fp_query *query,
                                 size_t *overlaps, struct error *e);

#endif
