/* SPDX-License-Identifier: Apache-2.0 */
/* Inside flow: what many threads bring is written down in one commit. */
#ifndef LICET_FLOW_KEEPING_H
#define LICET_FLOW_KEEPING_H

#include <pthread.h>

#include "store/store.h"

struct keeping; /* a queue of those who wait */
struct keeping *keeping_new(struct store *store);
void keeping_free(struct keeping *k);

/* Durable when it returns. What several threads bring while a commit is under way goes into the
 * next one together; where that fails, each is written by itself, so `write` may be called again. */
MUST_USE enum code keeping_put(struct keeping *k,
                               enum code (*write)(struct store_tx *tx, void *work, struct error *e),
                               void *work, struct error *e);

#endif
