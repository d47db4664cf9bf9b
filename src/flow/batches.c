/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of plays: one commit for all that wait. */
#include "flow/keeping.h"
#include "flow/world.h"

struct putting {
    struct party_id catalogue;
    const struct play_batch *batch;
    struct instant now;
    enum batch_outcome *out;
};

static enum code write_batch(struct store_tx *tx, void *work, struct error *e)
{
    const struct putting *p = work;
    return ledger_batch_put(tx, p->catalogue, p->batch, p->now, p->out, e);
}

enum code flow_batch_put(struct world *w, const struct play_batch *b, enum batch_outcome *out,
                         struct error *e)
{
    struct putting p = { w->catalogue, b, world_now(w), out };
    return keeping_put(w->keeping, write_batch, &p, e);
}
