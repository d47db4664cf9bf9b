/* SPDX-License-Identifier: Apache-2.0 */
/* The running server: routes joined, threads that follow other processes and hear uploads. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "api/inside.h"

enum { FOLLOW_EVERY_MS = 20, KEYS_EVERY_TURNS = 10, REST_MS = 500 };

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec) { ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static struct instant now_of(void *world)
{
    return world_now(world);
}

/* What the log tells of an answer that hides its cause from strangers is told here. */
static void complain(const char *event, const struct error *e)
{
    char quoted[600];
    log_line(LOG_ERROR, event, "error=%s", log_quoted(e->text, quoted, sizeof quoted));
}

static const struct http_route *join_routes(struct api *a, const struct api_options *o,
                                            size_t *count)
{
    struct http_route *rows = ARENA_ARRAY(&a->arena, struct http_route,
                                          api_route_count + o->page_count);
    memcpy(rows, api_routes, api_route_count * sizeof *rows);
    if (o->page_count)
        memcpy(rows + api_route_count, o->pages, o->page_count * sizeof *rows);
    *count = api_route_count + o->page_count;
    return rows;
}

static enum code read_options(const struct settings *s, struct http_options *out, struct error *e)
{
    int64_t threads, workers, body;
    TRY(settings_int(s, "http.threads", 0, 64, &threads, e));
    TRY(settings_int(s, "http.workers", 1, 256, &workers, e));
    TRY(settings_int(s, "http.body_bytes_most", 1024, 1 << 30, &body, e));
    out->loops = (unsigned)threads;
    out->workers = (unsigned)workers;
    out->slow_workers = (unsigned)(workers + 1) / 2;
    out->body_bytes_most = (size_t)body;
    out->url = settings_text(s, "http.url");
    out->trust_proxy = settings_text(s, "http.trust_proxy");
    out->listen = settings_text(s, "http.listen");
    return OK;
}

enum code api_open(const struct api_options *o, struct api **out, struct error *e)
{
    struct api *a = calloc(1, sizeof *a);
    struct http_options options = { 0 };
    size_t count;
    if (!a)
        return fail(e, ERR_MEMORY, "no memory for the server");
    a->world = o->world;
    a->deaf = o->deaf;
    a->without_limits = o->without_limits;
    a->keys = keyring_new();
    a->limits = limits_new();
    pthread_mutex_init(&a->news_lock, NULL);
    pthread_cond_init(&a->arrived, NULL);
    pthread_cond_init(&a->heard, NULL);
    const struct http_route *rows = join_routes(a, o, &count);
    enum code code = a->keys && a->limits ? read_options(world_settings(o->world), &options, e)
                                          : fail(e, ERR_MEMORY, "no memory for the server");
    if (o->listen)
        options.listen = o->listen;
    options.world = o->world;
    options.state = a;
    options.now = now_of;
    options.before = gate_before;
    options.after = gate_after;
    options.gauges = api_gauges;
    if (code == OK)
        code = http_server_open(&options, rows, count, &a->http, e);
    if (code != OK) {
        api_close(a);
        return code;
    }
    *out = a;
    return OK;
}

static void cut(void *api, const uint8_t id[ID_BYTES])
{
    struct api *a = api;
    char text[ID_TEXT];
    http_server_cut(a->http, id);
    log_line(LOG_INFO, "key_cut_off", "key=%s", id_format("key", id, text));
}

static void *follow(void *api)
{
    struct api *a = api;
    struct error e;
    bool well = true;
    for (unsigned turn = 0; !atomic_load(&a->ending); turn++) {
        enum code code = world_follow(a->world, &e);
        if (code != OK && well)
            complain("follow_failed", &e);
        well = code == OK;
        if (turn % KEYS_EVERY_TURNS == 0)
            keyring_follow(a->keys, a->world, world_now(a->world), cut, a);
        sleep_ms(FOLLOW_EVERY_MS);
    }
    return NULL;
}

static void wait_for(struct api *a, pthread_cond_t *news, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&a->news_lock);
    if (!atomic_load(&a->ending))
        pthread_cond_timedwait(news, &a->news_lock, &until);
    pthread_mutex_unlock(&a->news_lock);
}

static void tell(struct api *a, pthread_cond_t *news)
{
    pthread_mutex_lock(&a->news_lock);
    pthread_cond_broadcast(news);
    pthread_mutex_unlock(&a->news_lock);
}

void api_wake_ears(struct api *a)
{
    tell(a, &a->arrived);
}

void api_wait_heard(struct api *a, int ms)
{
    wait_for(a, &a->heard, ms);
}

static bool is_at_hand(const struct api *a, struct upload_id id)
{
    for (unsigned i = 0; i < API_EARS; i++)
        if (upload_id_equal(a->hearing[i], id))
            return true;
    return false;
}

/* The first upload that waits and that no other ear has: this server is the only one of its data
 * folder, so it is enough that its ears know of each other. */
static enum code take_next(struct api *a, unsigned ear, bool *found, struct error *e)
{
    TX(tx);
    ARENA(memory);
    struct upload_filter f = UPLOADS_ALL;
    struct upload *waiting = NULL;
    size_t count = 0;
    f.state = UPLOAD_RECEIVED;
    f.limit = 2 * API_EARS;
    TRY(store_begin(world_store(a->world), STORE_READ, &tx, e));
    TRY(media_upload_list(tx, &f, &memory, &waiting, &count, e));
    *found = false;
    pthread_mutex_lock(&a->news_lock);
    for (size_t i = 0; i < count && !*found; i++) {
        *found = !is_at_hand(a, waiting[i].id);
        if (*found)
            a->hearing[ear] = waiting[i].id;
    }
    pthread_mutex_unlock(&a->news_lock);
    return OK;
}

static enum code hear_one(struct api *a, unsigned ear, bool *did, struct error *e)
{
    ARENA(memory);
    struct uploaded done;
    *did = false;
    TRY(take_next(a, ear, did, e));
    if (!*did)
        return OK;
    enum code code = flow_hear(a->world, a->hearing[ear], &memory, &done, e);
    pthread_mutex_lock(&a->news_lock);
    a->hearing[ear] = (struct upload_id) { 0 };
    pthread_mutex_unlock(&a->news_lock);
    tell(a, &a->heard);
    return code == ERR_CONFLICT ? OK : code; /* heard or withdrawn by somebody else meanwhile */
}

struct ear {
    struct api *api;
    unsigned number;
};

static void *hear(void *ear)
{
    struct ear self = *(struct ear *)ear;
    struct api *a = self.api;
    struct error e;
    free(ear);
    while (!atomic_load(&a->ending)) {
        bool did = false;
        if (hear_one(a, self.number, &did, &e) != OK) {
            complain("hearing_failed", &e);
            sleep_ms(1000);
        } else if (!did) {
            wait_for(a, &a->arrived, REST_MS);
        }
    }
    return NULL;
}

static enum code start_ear(struct api *a, struct error *e)
{
    struct ear *ear = malloc(sizeof *ear);
    if (!ear)
        return fail(e, ERR_MEMORY, "no memory for a thread");
    *ear = (struct ear) { a, a->ear_count };
    if (pthread_create(&a->ears[a->ear_count], NULL, hear, ear) != 0) {
        free(ear);
        return fail(e, ERR_IO, "a thread cannot be started");
    }
    a->ear_count++;
    return OK;
}

static unsigned ears_wanted(const struct api *a)
{
    int64_t jobs;
    struct error e;
    if (a->deaf)
        return 0;
    if (settings_int(world_settings(a->world), "audio.jobs", 0, 1024, &jobs, &e) != OK || jobs == 0)
        jobs = 2;
    return jobs < API_EARS ? (unsigned)jobs : API_EARS;
}

/* Before anybody asks: with a large catalogue it takes seconds, and whoever asked meanwhile would
 * hold a worker for as long. A store that is away does not keep a server from starting. */
static void load_rights(struct api *a)
{
    struct error e;
    if (world_follow(a->world, &e) != OK)
        complain("follow_failed", &e);
}

enum code api_start(struct api *a, struct error *e)
{
    load_rights(a);
    if (pthread_create(&a->follower, NULL, follow, a) != 0)
        return fail(e, ERR_IO, "a thread cannot be started");
    a->started = true;
    for (unsigned want = ears_wanted(a); a->ear_count < want;)
        TRY(start_ear(a, e));
    int64_t jobs;
    TRY(settings_int(world_settings(a->world), "jobs.threads", 0, 16, &jobs, e));
    TRY(flow_work_start(a->world, a->deaf ? 0 : (unsigned)jobs, e));
    return http_server_start(a->http, e);
}

struct http_server *api_http(const struct api *a)
{
    return a->http;
}

void api_close(struct api *a)
{
    if (!a)
        return;
    if (a->http)
        http_server_stop(a->http);
    atomic_store(&a->ending, true);
    tell(a, &a->arrived);
    flow_work_stop(a->world);
    if (a->started)
        pthread_join(a->follower, NULL);
    for (unsigned i = 0; i < a->ear_count; i++)
        pthread_join(a->ears[i], NULL);
    http_server_close(a->http);
    keyring_free(a->keys);
    limits_free(a->limits);
    pthread_mutex_destroy(&a->news_lock);
    pthread_cond_destroy(&a->arrived);
    pthread_cond_destroy(&a->heard);
    arena_done(&a->arena);
    free(a);
}
