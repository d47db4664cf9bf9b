/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs taken and run: one at a time, or by a server's threads. */
#include "flow/maildir.h"
#include "flow/webhooks.h"
#include "flow/work.h"

#include <stdlib.h>
#include <time.h>

enum { THREADS_MOST = 16, REST_MS = 500 };
#define SECONDS(n) ((n)*INT64_C(1000000))

const struct work_kind work_kinds[] = {
    /* kind        lease        first wait, longest, tries          hears  run */
    { WORK_LAPSE, SECONDS(60), { SECONDS(10), SECONDS(3600), 20 }, false, work_lapse },
    { WORK_RENDER, SECONDS(1800), { SECONDS(10), SECONDS(3600), 8 }, true, work_render },
    { WORK_WEBHOOK, SECONDS(120), { SECONDS(10), SECONDS(43200), 64 }, false, work_webhook },
};
const size_t work_kind_count = COUNT_OF(work_kinds);

enum code work_done(struct world *w, const struct job *j, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(jobs_done(tx, j, e));
    return store_commit_take(take(tx), e);
}

/* The kind whose first job is due longest; reads only, so that idle servers do not write. */
static enum code find_due(struct world *w, const struct work_kind **out, struct error *e)
{
    TX(tx);
    struct instant first = { world_now(w).us + 1 }, ready;
    *out = NULL;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    for (size_t i = 0; i < work_kind_count; i++) {
        if (work_kinds[i].hears && !w->audio)
            continue;
        TRY(jobs_next(tx, str_of(work_kinds[i].kind), &ready, e));
        if (ready.us < first.us) {
            first = ready;
            *out = &work_kinds[i];
        }
    }
    return OK;
}

static enum code take_one(struct world *w, const struct work_kind *k, struct arena *a,
                          struct job **job, size_t *count, struct error *e)
{
    TX(tx);
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(jobs_take(tx, str_of(k->kind), world_now(w), k->lease_us, 1, &w->chance, a, job, count, e));
    return store_commit_take(take(tx), e);
}

/* It failed: it comes again later, or waits for a person with its reason. */
static enum code give_back(struct world *w, const struct work_kind *k, const struct job *j,
                           const struct error *why, struct error *e)
{
    TX(tx);
    bool dead;
    TRY(store_begin(w->store, STORE_WRITE, &tx, e));
    TRY(jobs_retry(tx, j, &k->backoff, world_now(w), &w->chance, why->text, &dead, e));
    TRY(store_commit_take(take(tx), e));
    char quoted[600];
    log_line(dead ? LOG_ERROR : LOG_WARN, dead ? "job_dead" : "job_failed",
             "kind=%s key=%s tries=%lld error=%s", j->kind, j->key, (long long)j->tries,
             log_quoted(why->text, quoted, sizeof quoted));
    return OK;
}

enum code flow_job_once(struct world *w, bool *did, struct error *e)
{
    ARENA(a);
    const struct work_kind *k;
    struct job *job;
    struct error why = { 0 };
    size_t count;
    *did = false;
    TRY(world_events_pump(w, did, e));
    TRY(find_due(w, &k, e));
    if (!k) {
        bool noticed = false, mailed = false;
        TRY(flow_maildir_once(w, &mailed, e));
        TRY(flow_notice_once(w, &noticed, e));
        *did = *did || noticed || mailed;
        return OK;
    }
    TRY(take_one(w, k, &a, &job, &count, e));
    *did = *did || count > 0;
    if (!count)
        return OK;
    enum code code = k->run(w, job, &why);
    if (code == OK)
        return OK;
    code = give_back(w, k, job, &why, e);
    return code == ERR_CONFLICT ? OK : code; /* somebody else has it, or it was called off */
}

/* ---- the threads of a server ---- */

struct workers {
    struct world *world;
    pthread_t threads[THREADS_MOST];
    unsigned count;
    bool ending;
    uint64_t calls; /* of flow_work_wake */
    pthread_mutex_t lock;
    pthread_cond_t news;
};

static bool rest(struct workers *s, uint64_t *seen)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)REST_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&s->lock);
    if (!s->ending && *seen == s->calls)
        pthread_cond_timedwait(&s->news, &s->lock, &until);
    *seen = s->calls;
    bool on = !s->ending;
    pthread_mutex_unlock(&s->lock);
    return on;
}

static bool go_on(struct workers *s)
{
    pthread_mutex_lock(&s->lock);
    bool on = !s->ending;
    pthread_mutex_unlock(&s->lock);
    return on;
}

static void *work(void *workers)
{
    struct workers *s = workers;
    uint64_t seen = 0;
    bool well = true, did = false;
    while (did ? go_on(s) : rest(s, &seen)) {
        struct error e;
        char quoted[600];
        enum code code = flow_job_once(s->world, &did, &e);
        if (code != OK) {
            did = false;
            if (well)
                log_line(LOG_ERROR, "jobs_failed", "error=%s",
                         log_quoted(e.text, quoted, sizeof quoted));
        }
        well = code == OK;
    }
    return NULL;
}

enum code flow_work_start(struct world *w, unsigned threads, struct error *e)
{
    struct workers *s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory for the threads that do jobs");
    s->world = w;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->news, NULL);
    w->workers = s;
    for (; s->count < threads && s->count < THREADS_MOST; s->count++)
        if (pthread_create(&s->threads[s->count], NULL, work, s) != 0)
            return fail(e, ERR_IO, "a thread cannot be started");
    return OK;
}

void flow_work_wake(struct world *w)
{
    struct workers *s = w->workers;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->calls++;
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
}

void flow_work_stop(struct world *w)
{
    struct workers *s = w->workers;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_broadcast(&s->news);
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < s->count; i++)
        pthread_join(s->threads[i], NULL);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->news);
    free(s);
    w->workers = NULL;
}
