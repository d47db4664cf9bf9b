/* SPDX-License-Identifier: Apache-2.0 */
/* Inside flow: verdicts written down by many threads in one commit. */
#ifndef LICET_FLOW_KEEPING_H
#define LICET_FLOW_KEEPING_H

#include <pthread.h>

#include "media/media.h"

struct keeping; /* a queue of those who wait */
struct keeping *keeping_new(struct store *store);
void keeping_free(struct keeping *k);

/* Durable when it returns. What several threads bring while a commit is under way goes into the
 * next one together; where that fails, each is written by itself. */
MUST_USE enum code keeping_put(struct keeping *k, const struct media_verdict *rows, size_t count,
                               struct error *e);

#endif
