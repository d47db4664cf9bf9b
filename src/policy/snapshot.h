/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: the immutable snapshot of rights, laid out for one question at a time. */
#ifndef LICET_POLICY_SNAPSHOT_H
#define LICET_POLICY_SNAPSHOT_H

#include "policy/policy.h"

/* Open addressing over the ids of an array; slots hold index + 1. */
struct id_table {
    uint32_t *slots;
    uint32_t mask;
    const uint8_t *first; /* the id of element 0 */
    size_t stride;
};

struct held_recording {
    struct recording_id id;
    int64_t version, duration_ms;
    const char *isrc, *title, *artist;
    uint32_t claim, claim_count; /* in rights.claims */
};

struct held_claim {
    struct claim_id id;
    int64_t version, share_e8;
    struct instant from, until, filed;
    uint32_t party, territories; /* in rights.parties, rights.sets */
    enum right right;
};

struct held_party {
    struct party_id id;
    int64_t version;
    const char *name;
    uint32_t policy, policy_count, licence, licence_count;
};

struct held_policy {
    struct facts_policy facts;
    uint32_t party, territories, app_count;
    const struct app_id *apps;
};

struct held_licence {
    struct facts_licence facts;
    uint32_t party, territories, app_count, network_count;
    unsigned models;
    const struct app_id *apps;
    const struct network_id *networks;
};

struct held_order {
    struct facts_order facts;
    uint8_t target[ID_BYTES]; /* of a recording or an upload */
    uint32_t territories;
};

struct rights {
    struct arena arena;
    struct rights_network *networks;
    struct rights_app *apps;
    struct held_recording *recordings;
    struct held_claim *claims; /* by recording, then as filed */
    struct held_party *parties;
    struct held_policy *policies;  /* by party */
    struct held_licence *licences; /* by party */
    struct held_order *orders;     /* by target */
    struct territory_set *sets;    /* each once */
    size_t order_count, set_count;
    struct id_table network_ids, app_ids, recording_ids;
};

/* Index of the id, or UINT32_MAX. */
uint32_t id_table_find(const struct id_table *t, const uint8_t id[ID_BYTES]);

#endif
