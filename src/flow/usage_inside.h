/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that load plays share. */
#ifndef LICET_FLOW_USAGE_INSIDE_H
#define LICET_FLOW_USAGE_INSIDE_H

#include "flow/world.h"

enum { USAGE_PAGE = 10000 };

struct party_slug {
    struct party_id id;
    uint16_t number; /* in the cube */
};
struct app_number {
    struct app_id id;
    uint16_t number;
};

/* A claim on a recording that begins or ends within a day of UTC. */
struct change_within {
    struct recording_id recording;
    int32_t day;
};

struct loading {
    struct store_tx *tx;
    struct party_id catalogue;
    const struct usage_options *o;
    struct usage_loaded *out;
    struct arena *a;
    struct claim *claims; /* by recording */
    size_t claim_count;
    struct party_slug *parties; /* by id */
    size_t party_count;
    struct app_number *apps;
    size_t app_count, detail_room;
    struct recording_id *repertoires; /* of limited terms, TERMS_NAMES_MOST each */
    struct change_within *changes;    /* by recording, day */
    size_t change_count;
    struct usage *pending; /* of plays read one by one */
    size_t pending_count, pending_room, pending_sorted;
    /* the filter's */
    struct batch_play *plays;
    size_t play_count, play_room;
};

struct day usage_day(const struct loading *x, struct instant at);
const struct claim *usage_claims(const struct loading *x, struct recording_id id, size_t *count);
uint16_t usage_party(const struct loading *x, struct party_id id);
uint32_t usage_sets(const struct loading *x, struct recording_id id);
MUST_USE enum code usage_app(struct loading *x, struct app_id id, uint16_t *out, struct error *e);
/* Into the cube, by the claims of u->moment. */
MUST_USE enum code usage_add(struct loading *x, const struct usage *u, struct error *e);
bool usage_changes(const struct loading *x, struct recording_id id, int32_t day);

/* usage_plays.c */
MUST_USE enum code usage_batches(struct loading *x, struct error *e);
/* Only the plays that the sums leave out: of recordings whose claims change within the day. */
MUST_USE enum code usage_changed_days(struct loading *x, struct error *e);

#endif
