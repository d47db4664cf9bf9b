/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that load plays share. */
#ifndef LICET_FLOW_USAGE_INSIDE_H
#define LICET_FLOW_USAGE_INSIDE_H

#include "flow/world.h"

enum { USAGE_PAGE = 10000 };

struct app_number {
    struct app_id id;
    uint16_t number;
};
struct party_number {
    struct party_id id;
    uint16_t number; /* in the cube */
};

struct loading {
    struct store_tx *tx;
    struct party_id catalogue;
    const struct usage_options *o;
    struct usage_loaded *out;
    struct arena *a;
    struct roll *roll;
    struct party_number *parties; /* by id */
    size_t party_count;
    struct app_number *apps;
    size_t app_count;
    /* plays that are looked at one by one */
    struct batch_play *plays;
    size_t play_count, play_room;
};

MUST_USE enum code usage_app(struct loading *x, struct app_id id, uint16_t *out, struct error *e);

/* usage_claims.c: claims, into the roll */
MUST_USE enum code usage_claims(struct loading *x, struct error *e);
/* usage_plays.c: batches, into the roll */
MUST_USE enum code usage_batches(struct loading *x, struct error *e);

#endif
