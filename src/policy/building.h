/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: what is only needed while a snapshot is made. */
#ifndef LICET_POLICY_BUILDING_H
#define LICET_POLICY_BUILDING_H

#include "policy/snapshot.h"

struct building {
    struct rights *r;
    struct rights *old; /* whose successor it is; NULL */
    const struct rights_input *in;
    struct arena scratch;
    struct buf key;         /* bytes to be interned */
    uint8_t *party_changed; /* by index: its shape is another than before */
    size_t party_changed_room;
    struct recording_id *again; /* recordings whose claims stay and whose profile may not */
    size_t again_count, again_room;
    struct garbage *garbage; /* of `old` */
};

MUST_USE enum code no_memory(struct error *e);
/* Number of these bytes. errors MEMORY */
MUST_USE enum code keep_bytes(struct interner *in, const void *bytes, size_t length, uint32_t *out,
                              struct error *e);
MUST_USE enum code throw_away(struct building *b, enum garbage_kind kind, void *thing,
                              struct error *e);
/* Its claims stay, its profile has to be looked at anew. */
MUST_USE enum code look_again(struct building *b, struct recording_id id, struct error *e);

MUST_USE enum code build_access(struct building *b, struct error *e);
MUST_USE enum code build_parties(struct building *b, struct error *e);
MUST_USE enum code build_orders(struct building *b, struct error *e);
/* shards.c; gone: recordings that are there no more */
MUST_USE enum code build_shards(struct building *b, struct error *e);
MUST_USE enum code change_shards(struct building *b, const struct recording_id *gone, size_t count,
                                 struct error *e);
MUST_USE enum code build_views(struct building *b, struct error *e);
MUST_USE enum code row_of_order(struct building *b, const struct rights_order *o, uint32_t *out,
                                struct error *e);
void party_free(struct held_party *p);
void access_free(struct access *a);

#endif
