/* SPDX-License-Identifier: Apache-2.0 */
/* Work done later: one row per kind of job, and the threads of a server that run them.
 *
 * To add a kind: a row of work_kinds in work.c, and jobs_put in the transaction of the act that
 * asks for it; then flow_work_wake, where a server should not wait half a second. */
#ifndef LICET_FLOW_WORK_H
#define LICET_FLOW_WORK_H

#include "flow/world.h"
#include "jobs/jobs.h"

struct work_kind {
    const char *kind;
    int64_t lease_us; /* longer than the work ever takes */
    struct backoff backoff;
    bool hears; /* needs the audio host: left to a process that has one */
    /* Do it, and write its result together with jobs_done, or call work_done. What fails is tried
     * again after the backoff; an error of code CONFLICT from jobs_done means that somebody else
     * does it. */
    enum code (*run)(struct world *w, const struct job *j, struct error *e);
};

extern const struct work_kind work_kinds[];
extern const size_t work_kind_count;

/* Nothing more to write: only finish. */
MUST_USE enum code work_done(struct world *w, const struct job *j, struct error *e);

#define WORK_LAPSE "claim.lapse"
/* claims.c: a claim on an upload (its id is the key) whose clock has run out. */
MUST_USE enum code work_lapse(struct world *w, const struct job *j, struct error *e);

#define WORK_WEBHOOK "webhook"
/* webhooks.c: one message; its key is WEBHOOK/SEQ */
MUST_USE enum code work_webhook(struct world *w, const struct job *j, struct error *e);

#define WORK_RENDER "render"
/* renditions.c: the renditions of an upload (its id is the key) that media.ahead names. */
MUST_USE enum code work_render(struct world *w, const struct job *j, struct error *e);
/* Ask for them, in the transaction that makes it an upload that was heard. */
MUST_USE enum code work_render_put(struct store_tx *tx, struct upload_id id, struct instant now,
                                   struct error *e);

#endif
