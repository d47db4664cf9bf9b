/* SPDX-License-Identifier: Apache-2.0 */
/* What a world is made of. Internal to flow. */
#ifndef LICET_FLOW_WORLD_H
#define LICET_FLOW_WORLD_H

#include <pthread.h>

#include "flow/flow.h"
#include "flow/folder.h"

struct keeping;    /* keeping.c: verdicts on their way into the store */
struct workers;    /* work.c: the threads that do jobs */
struct rights_now; /* rights.c: the snapshot in force, counted, swapped whole */

enum ear { EAR_REFERENCES, EAR_UPLOADS, EAR_COUNT };

struct world {
    struct arena arena; /* lives as long as the world */
    const struct settings *settings;
    struct audio_host *audio;
    struct confine_host *messages, *mail;
    _Atomic bool mailing; /* one thread looks into the Maildir */
    struct instant (*clock)(void *state);
    void *clock_state;
    struct chance chance;
    struct folder folder;
    struct store *store;
    struct media_blobs *blobs;
    struct party_id catalogue;              /* the operator */
    struct index *ears[EAR_COUNT];          /* opened for reading, shared by threads */
    pthread_mutex_t ear_writers[EAR_COUNT]; /* one writer in this process */
    pthread_mutex_t ear_refreshers[EAR_COUNT];
    pthread_mutex_t rights_follow; /* held while a snapshot is made */
    pthread_mutex_t rights_lock;
    struct rights_now *rights;        /* under rights_lock; what is taken from it is counted */
    struct rights_now *rights_before; /* under rights_follow: until nobody uses it */
    _Atomic int64_t events_made; /* up to this event of the journal the feed is known to be made */
    struct keeping *keeping;
    struct workers *workers; /* NULL: this process does no jobs by itself */
    int serve_lock;          /* -1: not held */
};

/* Open an index for writing when it is this process's and this thread's turn; waits up to 30 s.
 * errors  BUSY another process writes for longer than that */
MUST_USE enum code world_ear_write(struct world *w, enum ear which, struct index **out,
                                   struct error *e);
/* Close it and let the readers see what was committed. */
MUST_USE enum code world_ear_close_take(struct world *w, enum ear which, struct index *ix,
                                        struct error *e);
const char *world_ear_name(enum ear which); /* "references", "uploads" */
const char *world_ear_folder(const struct world *w, enum ear which);
bool world_ear_is_empty(const struct world *w, enum ear which); /* nothing was committed yet */
/* Be the one that may write, without opening it (it may be damaged); let go with `turn`. */
MUST_USE enum code world_ear_hold(struct world *w, enum ear which, int *turn, struct error *e);
void world_ear_let_go(struct world *w, enum ear which, int turn);
/* The folder `beside` becomes the index, what was it lies there after; in one step. */
MUST_USE enum code world_ear_exchange(struct world *w, enum ear which, const char *beside,
                                      struct error *e);
MUST_USE enum code world_ear_refresh(struct world *w, enum ear which, struct error *e);

/* The act of `who` in a transaction of this world, now. */
struct registry_act world_act(const struct world *w, struct store_tx *tx, struct str who,
                              struct str why);

/* For the flows that take messages: every app there is, and what a message may do. */
MUST_USE enum code messages_all_apps(void *context, struct store_tx *tx, struct arena *a,
                                     const struct app_id **apps, size_t *count, struct error *e);
MUST_USE enum code messages_options(const struct world *w, const struct message_request *r,
                                    struct ern_options *out, struct error *e);

/* Make the indexes agree with the database, which is the truth: what is missing is added from its
 * fingerprint, what is too much is removed. Cheap when both agree.
 * in  full  compare every key, not only the counts */
MUST_USE enum code world_mend(struct world *w, bool full, struct error *e);

#endif
