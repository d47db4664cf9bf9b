/* SPDX-License-Identifier: Apache-2.0 */
/* Inside flow: rows of the database as the input of a snapshot of rights. */
#ifndef LICET_FLOW_RIGHTS_LOAD_H
#define LICET_FLOW_RIGHTS_LOAD_H

#include "policy/policy.h"

struct app_name {
    struct app_id id;
    struct network_id network;
    const char *slug;
    enum model model;
};

struct network_name {
    struct network_id id;
    const char *slug;
};

/* What people type for networks and apps; texts in `arena`. */
struct rights_names {
    struct arena arena;
    struct network_name *networks;
    size_t network_count;
    struct app_name *apps;
    size_t app_count;
};

/* Rows in arena `a`. `exceptions` is set where a policy names apps in which it does not hold. */
MUST_USE enum code rights_load_access(struct store_tx *tx, struct rights_names *now,
                                      struct rights_input *in, struct arena *a, struct error *e);
MUST_USE enum code rights_load_registry(struct store_tx *tx, struct party_id catalogue,
                                        struct rights_input *in, bool *exceptions, struct arena *a,
                                        struct error *e);

/* All orders in force. */
MUST_USE enum code rights_load_orders(struct store_tx *tx, struct rights_input *in, struct arena *a,
                                      struct error *e);

/* What events of the journal were about, each once. */
struct rights_touched {
    struct party_id *parties;
    size_t party_count;
    struct recording_id *recordings;
    size_t recording_count;
    bool access, orders;
};
/* changes.c: what the events behind `after` touched; *whole: so much that all is loaded anew. */
MUST_USE enum code rights_read_touched(struct store_tx *tx, struct party_id catalogue,
                                       int64_t after, struct arena *a, struct rights_touched *out,
                                       bool *whole, struct error *e);
/* out  out  its rows hold all networks and apps already */
MUST_USE enum code rights_load_touched(struct store_tx *tx, struct party_id catalogue,
                                       const struct rights_touched *t, struct rights_change *out,
                                       bool *exceptions, struct arena *a, struct error *e);

#endif
