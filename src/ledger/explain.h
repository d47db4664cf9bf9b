/* SPDX-License-Identifier: Apache-2.0 */
/* Why a line of a price is what it is: its fee step by step, and which plays it counts. Pure. Part
 * of ledger's door. */
#ifndef LICET_LEDGER_EXPLAIN_H
#define LICET_LEDGER_EXPLAIN_H

#include "ledger/roll.h"
#include "ledger/statement.h"

/* One fee, or a part of a block; in the order of the text. */
struct fee_step {
    const struct fee *fee;
    unsigned depth; /* 0: the fee of the line */
    struct rational rate;
    const char *raised_by; /* the terms whose rate a most-favoured clause took; NULL: as written */
    bool weighed, figured;
    int128 own_e8, whole_e8; /* plays times shares: of the licensor (or all), and of the whole */
    struct rational figures; /* revenue in minor units, or subscribers, of the window */
    int64_t minor;           /* what it comes to, rounded towards zero */
    bool counts;             /* not the smaller of a greatest, not the larger of a least */
};

/* in   line  of LINE_FEE, of the price that `in` gave
 * out  steps in arena `a` */
MUST_USE enum code price_explain(const struct price_input *in, const struct price_line *line,
                                 struct arena *a, struct fee_step **steps, size_t *count,
                                 struct error *e);

/* Which plays does the fee of a line count? */
struct play_counting;
MUST_USE enum code play_counting_make(const struct price_input *in, const struct price_line *line,
                                      struct arena *a, struct play_counting **out, struct error *e);
/* Does it count this play, and how much of it is the licensor's? 0: not, or nothing. */
MUST_USE enum code play_counting_share(const struct play_counting *c, const struct roll *r,
                                       const struct batch_play *p, int64_t *share_e8,
                                       struct error *e);

#endif
