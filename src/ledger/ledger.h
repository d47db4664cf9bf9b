/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: what was played, and (later) what is owed for it.
 *
 * A play is counted against the verdict that allowed it, which says what was played, where, in
 * which app and on what grounds; statements are computed from these rows. */
#ifndef LICET_LEDGER_LEDGER_H
#define LICET_LEDGER_LEDGER_H

#include "ledger/batches.h"
#include "ledger/cdm.h"
#include "ledger/closes.h"
#include "ledger/compare.h"
#include "ledger/cube.h"
#include "ledger/explain.h"
#include "ledger/price.h"
#include "ledger/report.h"
#include "ledger/statement.h"
#include "store/store.h"

struct play {
    struct play_id id; /* made of the app and of the app's own name for the play */
    struct network_id network;
    struct app_id app;
    struct verdict_id verdict;
    struct upload_id upload; /* one of the two is none */
    struct recording_id recording;
    char territory[3];
    const char *use;   /* stream, preview, download, offline */
    const char *model; /* free, subscription */
    const char *mode;  /* full, preview: what the verdict allowed */
    int64_t played_ms;
    struct instant at, counted;
};

enum play_outcome {
    PLAY_COUNTED,
    PLAY_KNOWN,     /* counted before: nothing changed */
    PLAY_DIFFERENT, /* counted before, and otherwise: nothing changed */
};

/* Count a play once, however often it is told. */
MUST_USE enum code ledger_play_put(struct store_tx *tx, const struct play *p,
                                   enum play_outcome *out, struct error *e);
/* Plays behind `after` in the order of their ids; network none: of all. Texts in arena `a`. */
MUST_USE enum code ledger_play_list(struct store_tx *tx, struct network_id network,
                                    struct play_id after, size_t limit, struct arena *a,
                                    struct play **out, size_t *count, struct error *e);

#endif
