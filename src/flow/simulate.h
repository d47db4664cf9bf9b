/* SPDX-License-Identifier: Apache-2.0 */
/* Simulate: a made-up platform whose requests have a known truth. Internal to flow.
 *
 * simulate_town.c makes holders, recordings, senders and uploads; simulate_plan.c deals out what
 * each request is; simulate.c replays them through the desk and compares; simulate_after.c is what
 * comes after decisions, and the end of a day. */
#ifndef LICET_FLOW_SIMULATE_H
#define LICET_FLOW_SIMULATE_H

#include "flow/notice_inside.h"

enum {
    LABELS = 24,          /* holders with agents who are verified */
    PER_LABEL_MOST = 100, /* recordings */
    SPECIAL = 2,          /* a label with a licence here, one with rights elsewhere */
    PEOPLE = 300,         /* senders without proof of a domain */
    IMPOSTORS = 40,
    UPLOADERS = 20000,
    ITEMS_OF_ONE_MOST = 3710
};

/* What a notice is; within some, each item has its own truth. */
enum plan_kind {
    PLAN_AGENT,
    PLAN_PERSON,
    PLAN_LICENSED,
    PLAN_TERRITORY,
    PLAN_IMPOSTOR,
    PLAN_ABUSE,
    PLAN_SUSPENDED,
    PLAN_INCOMPLETE,
    PLAN_UNREACHABLE,
    PLAN_WITHDRAWN,
    PLAN_KINDS
};

struct planned_notice {
    uint8_t kind;
    uint8_t label;   /* the principal */
    uint16_t sender; /* in its group */
    uint32_t first;  /* of its items in `truth` */
    uint16_t count;
};

struct plan {
    uint64_t seed;
    size_t requests, declined;
    uint8_t *truth; /* enum reason_code of each request; accepted: REASON_MATCH */
    struct planned_notice *notices;
    size_t notice_count;
    struct instant from;
    int64_t period_us;
};

/* How many of `declined` each reason gets: largest remainder over fixed shares. */
void plan_quotas(size_t declined, size_t quotas[REASON_COUNT]);
MUST_USE enum code plan_make(uint64_t seed, size_t requests, size_t declined, struct plan *out,
                             struct error *e);
void plan_done(struct plan *p);
uint64_t plan_random(uint64_t *state); /* splitmix64 */

struct town {
    struct network_id network;
    struct party_id labels[LABELS + SPECIAL];
    struct recording_id recordings[(LABELS + SPECIAL) * PER_LABEL_MOST];
    struct reference_id references[(LABELS + SPECIAL) * PER_LABEL_MOST];
    int per_label;
    uint64_t upload_chance;
};
MUST_USE enum code town_make(struct world *w, int per_label, struct town *out, struct error *e);
MUST_USE enum code town_senders(struct noticing *n, const struct town *t, struct error *e);
/* The upload a request is about, or none where it names nothing of ours. `heard` < 0: nothing in
 * it; else the recording that is heard. */
MUST_USE enum code town_upload(struct noticing *n, struct town *t, const char *uploader, bool gone,
                               int heard, struct upload_id *out, struct error *e);
const char *town_sender(const struct planned_notice *p, char out[80]);
int town_recording(const struct town *t, int label, uint64_t chance);

/* ---- the replay: what its files share ---- */

/* A batch is about a day of the founding case. Commits come after several: what is simulated can be
 * made again, and each commit writes the pages that it touched. */
enum { BATCH = 1000, COMMIT_AFTER = 16 };

struct replay {
    struct world *world;
    struct instant *clock;
    struct plan plan;
    struct town *town;
    const struct simulate_options *options;
    struct simulated *out;
    /* uploads whose restriction stands, for the duplicates to come: some of each label */
    struct upload_id kept[LABELS][64];
    uint32_t kept_recording[LABELS][64];
    size_t kept_count[LABELS];
    struct upload_id *uploads; /* of the batch, one a request, in the order of its notices */
    uint32_t *recordings;
    struct notice_id *withdrawn;
    size_t withdrawn_count;
    uint64_t chance;
    struct noticing n; /* the transaction at hand */
};

/* What was done is journaled; what is known of it is asked again. */
MUST_USE enum code replay_end_phase(struct replay *r, struct error *e);
void replay_begin_phase(struct replay *r, struct str who);
/* simulate_after.c */
MUST_USE enum code replay_counter_some(struct replay *r, struct instant now, struct error *e);
MUST_USE enum code replay_complain_some(struct replay *r, const char *state, enum actor by,
                                        struct instant now, struct error *e);
MUST_USE enum code replay_close_day(struct replay *r, struct instant now, struct error *e);

#endif
