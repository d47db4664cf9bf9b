/* SPDX-License-Identifier: Apache-2.0 */
/* jobs: a durable queue in the store. What was put in a committed transaction is done at least
 * once, by whichever process takes it first, also after kill -9.
 *
 *     jobs_put(tx, STR("render"), key, body, due, now, &added, e)     beside the act it belongs to
 *     ...
 *     jobs_take(tx, STR("render"), now, lease_us, 1, chance, arena, &list, &count, e); commit
 *     the work, outside any transaction
 *     jobs_done(tx, &list[0], e)        in the transaction that writes the result: then exactly once
 *     jobs_retry(tx, &list[0], &backoff, now, chance, reason, &dead, e)      when it failed
 *
 * A job is named by its kind and key; a kind is due in the order of `due`, then of its keys. A
 * lease that ends unfinished lets somebody else take the job; the first taker's jobs_done then
 * fails. A timer is a job with a late `due`: jobs_set moves it, jobs_drop calls it off.
 *
 * Any number of processes may take at once: on PostgreSQL they pass over each other's rows
 * (SKIP LOCKED), on SQLite a writer is alone. */
#ifndef LICET_JOBS_JOBS_H
#define LICET_JOBS_JOBS_H

#include "store/store.h"

enum { JOBS_TAKE_MOST = 1000, JOB_KIND_MOST = 64, JOB_KEY_MOST = 512, JOB_BODY_MOST = 1 << 20 };

struct job {
    const char *kind, *key, *body;
    struct instant due;   /* as it was asked for */
    struct instant ready; /* when it may be taken next */
    struct instant made;
    int64_t tries;           /* how often it was taken */
    bool dead;               /* given up: waits for jobs_revive */
    const char *reason;      /* of the last failure; NULL */
    uint8_t lease[ID_BYTES]; /* the taker's; zeros: nobody has it */
};

/* Put it, unless a job of that name is there already (*added false: nothing changed).
 * errors  LIMIT kind, key or body too long */
MUST_USE enum code jobs_put(struct store_tx *tx, struct str kind, struct str key, struct str body,
                            struct instant due, struct instant now, bool *added, struct error *e);
/* Put it, or give the one that is there this body and this due time, as if it were new. Whoever
 * has it at the moment has lost it. */
MUST_USE enum code jobs_set(struct store_tx *tx, struct str kind, struct str key, struct str body,
                            struct instant due, struct instant now, struct error *e);
/* Call it off, whoever has it; *dropped (may be NULL) tells whether there was one. */
MUST_USE enum code jobs_drop(struct store_tx *tx, struct str kind, struct str key, bool *dropped,
                             struct error *e);

/* When the first job of that kind may be taken; NEVER: there is none. Reads only. */
MUST_USE enum code jobs_next(struct store_tx *tx, struct str kind, struct instant *out,
                             struct error *e);
/* Take what is ready, earliest first, for `lease_us`. Commit before the work begins. */
MUST_USE enum code jobs_take(struct store_tx *tx, struct str kind, struct instant now,
                             int64_t lease_us, size_t most, const struct chance *chance,
                             struct arena *a, struct job **out, size_t *count, struct error *e);
/* errors  CONFLICT the lease ended and somebody else took it, or it was set or dropped */
MUST_USE enum code jobs_done(struct store_tx *tx, const struct job *j, struct error *e);
/* Hold it for longer. errors as jobs_done */
MUST_USE enum code jobs_extend(struct store_tx *tx, const struct job *j, struct instant until,
                               struct error *e);

/* Wait first_us, then twice as long each time up to most_us, each shortened by chance to between
 * a half and the whole, so that what failed together does not come back together. */
struct backoff {
    int64_t first_us, most_us;
    int64_t tries_most; /* then it is dead */
};
int64_t backoff_us(const struct backoff *b, int64_t tries, const struct chance *chance);

/* Give it back after a failure. errors as jobs_done */
MUST_USE enum code jobs_retry(struct store_tx *tx, const struct job *j, const struct backoff *b,
                              struct instant now, const struct chance *chance, const char *reason,
                              bool *dead, struct error *e);
/* Ready now, as if it were new. errors  NOT_FOUND */
MUST_USE enum code jobs_revive(struct store_tx *tx, struct str kind, struct str key,
                               struct instant now, struct error *e);

struct jobs_filter {
    struct str kind; /* empty: all */
    bool dead_only;
    struct str after_kind, after_key; /* behind this one, in the order of names */
    size_t limit;
};
MUST_USE enum code jobs_list(struct store_tx *tx, const struct jobs_filter *f, struct arena *a,
                             struct job **out, size_t *count, struct error *e);

#endif
