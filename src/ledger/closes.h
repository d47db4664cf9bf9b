/* SPDX-License-Identifier: Apache-2.0 */
/* What a close was computed from, kept so that it can be computed again. Part of ledger's door. */
#ifndef LICET_LEDGER_CLOSES_H
#define LICET_LEDGER_CLOSES_H

#include "ledger/statement.h"

struct close_deal { /* a deal that counted: its own, or one beside it */
    struct deal_id id;
    int64_t offer;    /* the one that was agreed */
    const char *hash; /* of its terms */
    struct instant until;
};

struct close_inputs {
    struct close_id id;
    struct deal_id deal;
    struct day from, until;
    struct instant closed; /* claims and plays are those that were known then */
    enum over_rule rule;
    bool filtered;
    struct play_filter filter;
    const struct figure *figures;
    size_t figure_count;
    const struct exchange *exchanges;
    size_t exchange_count;
    const struct close_deal *deals;
    size_t deal_count;
    struct ledger_read read;
};

/* Its moment is after that of every close and batch before it; id and moment are written back. */
MUST_USE enum code ledger_close_put(const struct registry_act *act, struct close_inputs *c,
                                    struct error *e);
/* Of one that stated nothing. */
MUST_USE enum code ledger_close_drop(const struct registry_act *act, struct close_id id,
                                     struct error *e);
/* errors  NOT_FOUND */
MUST_USE enum code ledger_close_get(struct store_tx *tx, struct party_id catalogue,
                                    struct close_id id, struct arena *a, struct close_inputs *out,
                                    struct error *e);
/* `whole` false: without the deals of others, and figures. */
void ledger_close_json(const struct close_inputs *c, bool whole, struct json_out *o);

#endif
