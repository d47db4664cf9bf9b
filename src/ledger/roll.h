/* SPDX-License-Identifier: Apache-2.0 */
/* Plays of a period in memory, summed by recording, territory, day, app, model, kind and class of
 * seconds, with who held each: statements and what-if are computed from this. A play takes 8 bytes
 * until all are there, and each sum 12 from then on. Part of ledger's door.
 *
 * In this order: roll_new, roll_claim for each claim, roll_ready, plays (batches, or one by one),
 * roll_sum, roll_app_set for each app; then cubes and lines can be made. The same plays and claims
 * give the same sums in whatever order they come, with any number of threads. */
#ifndef LICET_LEDGER_ROLL_H
#define LICET_LEDGER_ROLL_H

#include "ledger/batches.h"
#include "ledger/cube.h"
#include "ledger/holders.h"

enum { ROLL_DAYS_MOST = 16383, ROLL_RECORDINGS_MOST = 1 << 26 };

struct roll;
struct roll_setup {
    struct day from, until; /* days of the zone; other plays are left out */
    int zone_minutes;
    enum right right; /* whose claims make holders */
    enum over_rule rule;
    unsigned threads;
};

MUST_USE enum code roll_new(const struct roll_setup *s, struct roll **out, struct error *e);
void roll_free(struct roll *r);
OWNED_BY(roll)

/* A claim to a recording; one in another right is no matter. `party` is its number in the cube;
 * numbers are in the order of party ids, since ties go by these. Each lane may be another thread's. */
enum { ROLL_LANES_MOST = 16 };
MUST_USE enum code roll_claim(struct roll *r, unsigned lane, const struct claim *c, uint16_t party,
                              struct error *e);
/* errors  LIMIT more than ROLL_RECORDINGS_MOST recordings */
MUST_USE enum code roll_ready(struct roll *r, struct error *e);
/* The terms that name their recordings, known by `limited` bit n (see cube_limit). A recording
 * that nobody claims is no matter. */
MUST_USE enum code roll_repertoire(struct roll *r, unsigned n, enum terms_repertoire repertoire,
                                   const struct recording_id *ids, size_t count, struct error *e);

/* A batch as it is kept; read by another thread where there is more than one, so what is wrong with
 * it may be told by a later call.
 * errors  CORRUPT; LIMIT more apps, days or kinds of plays than there is room for */
MUST_USE enum code roll_batch(struct roll *r, struct str bytes, struct error *e);
MUST_USE enum code roll_plays(struct roll *r, const struct batch_play *p, size_t count,
                              struct error *e);
MUST_USE enum code roll_sum(struct roll *r, struct error *e);

size_t roll_app_count(const struct roll *r);
struct app_id roll_app(const struct roll *r, size_t number);
void roll_app_set(struct roll *r, size_t number, uint16_t in_cube);
size_t roll_sum_count(const struct roll *r);
size_t roll_play_count(const struct roll *r);

/* The rows of every sum, added to a cube; seal it afterwards. */
MUST_USE enum code roll_cube(const struct roll *r, struct cube *c, struct error *e);

/* The bits of `limited` terms in whose repertoire it is. */
uint32_t roll_sets_of(const struct roll *r, struct recording_id recording);
/* Who holds a recording there and then; where claims change within a day, at the play's moment. */
MUST_USE enum code roll_holders(const struct roll *r, struct recording_id recording,
                                struct territory territory, struct instant at,
                                struct held_share parts[HELD_PARTS_MOST], size_t *count,
                                int64_t *rest_e8, struct error *e);

#endif
