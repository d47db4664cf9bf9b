/* SPDX-License-Identifier: Apache-2.0 */
/* Random small worlds, in which everything meets everything, and a slow, plain second reading of
 * the rules. */
#ifndef LICET_TESTS_POLICY_WORLD_H
#define LICET_TESTS_POLICY_WORLD_H

#include "policy/policy.h"

enum {
    WORLD_MOST = 8,
    WORLD_APPS = 3,
    WORLD_NETWORKS = 2,
    WORLD_PARTIES = 4,
    WORLD_RECORDINGS = 3
};

struct world {
    uint64_t seed;
    struct rights_network networks[WORLD_NETWORKS];
    struct rights_app apps[WORLD_APPS];
    struct party parties[WORLD_PARTIES];
    struct recording recordings[WORLD_RECORDINGS];
    struct claim claims[WORLD_MOST];
    struct holder_policy policies[WORLD_MOST];
    struct licence licences[WORLD_MOST];
    struct rights_order orders[WORLD_MOST];
    struct app_id app_lists[2 * WORLD_MOST][2];
    struct network_id network_lists[WORLD_MOST][1];
    struct rights_input in;
    struct upload_match matches[WORLD_MOST];
    struct facts_leave leaves[WORLD_MOST];
    struct upload_known upload;
    struct question asked;
};

void world_make(struct world *w, uint64_t seed);
void world_ask(struct world *w);    /* another question to the same world */
void world_change(struct world *w); /* access, what parties want and grant, claims, or orders */

/* The plain reading: loops over the arrays, one use at a time, no snapshot, no masks. */
struct plain {
    enum verdict_mode mode;
    unsigned uses;
    int64_t length_ms;
    const char *code;
    struct instant until;
};
struct plain plain_decide(const struct world *w);

#endif
