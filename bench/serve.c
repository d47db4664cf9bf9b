/* SPDX-License-Identifier: Apache-2.0 */
/* serve [--quick]: what a route costs against an empty one: worked by a thread, a range of a file,
 * verdicts over a catalogue of a million recordings (--quick: 500), at 5,000 a second (five times: the
 * one in the middle and the worst) and as many as go, and a batch of them.
 *
 * Server and load share the machine, so only the ratios mean something elsewhere. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "access/access.h"
#include "api/api.h"
#include "load.h"

enum { FILE_BYTES = 8 << 20, RANGE_BYTES = 64 << 10 };

static int file_fd;

static enum code empty(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)r, (void)e;
    http_header_set(out, "Content-Type", "application/json");
    buf_text(&out->body, "{\"ok\":true}");
    return OK;
}

static enum code file(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    struct http_file about = { FILE_BYTES, "\"bench\"", "audio/ogg" };
    http_respond_file_take(r, out, dup(file_fd), &about);
    return OK;
}

static const struct http_route rows[] = {
    { HTTP_GET, "/fast", empty, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/work", empty, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/file", file, 0, HTTP_FAST, NULL },
};

static const struct {
    const char *name, *request;
    unsigned connections;
    int status;
} loads[] = {
    { "empty_fast", "GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 64, 200 },
    { "empty_worked", "GET /work HTTP/1.1\r\nHost: x\r\n\r\n", 64, 200 },
    { "not_found", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 64, 404 },
    { "range_64k", "GET /file HTTP/1.1\r\nHost: x\r\nRange: bytes=65536-131071\r\n\r\n", 32, 206 },
    { "file_8m", "GET /file HTTP/1.1\r\nHost: x\r\n\r\n", 8, 200 },
};

static int make_file(void)
{
    static char block[1 << 16];
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 31);
    for (size_t n = 0; fd >= 0 && n < FILE_BYTES; n += sizeof block)
        if (write(fd, block, sizeof block) != sizeof block)
            return -1;
    return fd;
}

static int stop(const struct error *e)
{
    fprintf(stderr, "serve: %s\n", e->text);
    return 1;
}

/* Prints; returns answers per second, 0 on failure. */
static double measure_load(const struct load *l, const char *name, double empty)
{
    struct load_result got;
    if (!load_run(l, &got))
        return 0;
    printf("%s\t%.0f\tper second\t%.0f\n", name, got.per_second,
           empty > 0 ? empty : got.per_second);
    printf("%s_ratio\t%.3f\tof empty\t1\n", name, empty > 0 ? got.per_second / empty : 1);
    printf("%s_p50\t%.0f\tus\n%s_p99\t%.0f\tus\n", name, got.p50_us, name, got.p99_us);
    printf("%s_bytes\t%.1f\tMB/s\n", name, got.bytes_per_second / 1e6);
    fflush(stdout);
    return got.per_second;
}

static double measure(unsigned port, const char *name, const char *request, unsigned connections,
                      int status, double seconds, double empty)
{
    struct load l = { .port = port,
                      .connections = connections,
                      .seconds = seconds,
                      .requests = &request,
                      .request_count = 1,
                      .status = status };
    return measure_load(&l, name, empty);
}

static bool measure_http(double seconds, double *empty, struct error *e)
{
    struct http_server *s = NULL;
    struct http_options options = { .listen = "127.0.0.1:0", .loops = 1 };
    bool ok = true;
    if (http_server_open(&options, rows, COUNT_OF(rows), &s, e) != OK)
        return false;
    core_take(CORE_OF_SERVER);
    ok = http_server_start(s, e) == OK;
    core_take(CORE_OF_LOAD);
    for (size_t i = 0; ok && i < COUNT_OF(loads); i++) {
        double got = measure(http_server_port(s), loads[i].name, loads[i].request,
                             loads[i].connections, loads[i].status, seconds, *empty);
        ok = got > 0;
        if (i == 0)
            *empty = got;
    }
    http_server_close(s);
    return ok;
}

/* ---- verdicts ---- */

enum { MOST = 1000000 };
struct town { /* in memory that the process which settles it shares */
    struct world *world;
    struct recording_id recordings[MOST];
    size_t count;
    char key[ACCESS_KEY_TEXT], folder[32];
};

static enum code settle_access(struct town *t, struct access_act *act, struct error *e)
{
    struct network n = { .slug = "net", .name = "Network" };
    TRY(access_network_put(act, &n, e));
    struct app p = { .network = n.id, .slug = "app", .name = "App" };
    TRY(access_app_put(act, &p, e));
    struct app_key k = {
        .network = n.id, .app = p.id, .name = "bench", .scopes = SCOPES_ALL, .until = INSTANT_NEVER
    };
    return access_key_make(act, world_master_key(t->world), &k, t->key, e);
}

static enum code settle(struct town *t, struct error *e)
{
    CHANGE(c);
    TRY(flow_change_begin(t->world, STR("bench"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    struct party label = { .slug = "label", .name = "Label" };
    TRY(settle_access(t, &act, e));
    TRY(registry_party_put(&c.act, &label, e));
    for (size_t i = 0; i < t->count; i++) {
        struct recording r = { .title = "Title", .artist = "Artist" };
        TRY(registry_recording_put(&c.act, &r, e));
        struct claim claim = { .recording = r.id,
                               .party = label.id,
                               .right = RIGHT_MAKING_AVAILABLE,
                               .share_e8 = SHARE_WHOLE_E8,
                               .territories = territory_set_world(),
                               .from = INSTANT_FIRST,
                               .until = INSTANT_NEVER };
        TRY(registry_claim_put(&c.act, &claim, e));
        t->recordings[i] = r.id;
    }
    struct licence l = { .licensor = label.id,
                         .name = "All",
                         .uses = USES_ALL,
                         .models = MODELS_ALL,
                         .territories = territory_set_world(),
                         .from = INSTANT_FIRST,
                         .until = INSTANT_NEVER };
    TRY(licence_put(&c.act, &l, e));
    return flow_change_commit(&c, e);
}

static void request_of(const struct town *t, const char *path, const struct buf *body,
                       struct buf *out)
{
    buf_clear(out);
    buf_format(out,
               "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               path, t->key, body->length);
    buf_put(out, body->bytes, body->length);
}

static void question(const struct town *t, size_t i, bool keep, struct buf *out)
{
    char id[ID_TEXT];
    buf_format(out, "{\"recording\":\"%s\",\"territory\":\"DE\",\"keep\":%s}",
               recording_id_format(t->recordings[i % t->count], id), keep ? "true" : "false");
}

/* Questions about recordings from all over the catalogue, each its own request. */
enum { DIFFERENT = 20000 };
static char **make_requests(const struct town *t)
{
    BUF(body);
    BUF(request);
    char **all = calloc(DIFFERENT, sizeof *all);
    for (size_t i = 0; all && i < DIFFERENT; i++) {
        buf_clear(&body);
        question(t, i * 7919 + i, false, &body);
        request_of(t, "/api/v1/decide", &body, &request);
        if (!(all[i] = strdup((char *)request.bytes)))
            abort();
    }
    return all;
}

static int by_p99(const void *a, const void *b)
{
    const struct load_result *x = a, *y = b;
    return (x->p99_us > y->p99_us) - (x->p99_us < y->p99_us);
}

/* What else the machine does for a moment is then not taken for the server's. */
static bool measure_at_a_rate(const struct load *l, const char *name)
{
    struct load_result all[5];
    double late_us = 0;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (!load_run(l, &all[i]))
            return false;
        late_us += all[i].late_us;
    }
    qsort(all, COUNT_OF(all), sizeof *all, by_p99);
    const struct load_result *middle = &all[COUNT_OF(all) / 2], *worst = &all[COUNT_OF(all) - 1];
    printf("%s\t%.0f\tper second\t%.0f\n", name, middle->per_second, l->rate);
    printf("%s_p50\t%.0f\tus\n%s_p99\t%.0f\tus\n", name, middle->p50_us, name, middle->p99_us);
    printf("%s_p99_worst\t%.0f\tus\n", name, worst->p99_us);
    printf("%s_late\t%.0f\tms of the load by itself, in all five\n", name, late_us / 1e3);
    fflush(stdout);
    return true;
}

static bool measure_decide(const struct town *t, unsigned port, double seconds, double empty)
{
    char **requests = make_requests(t);
    struct load l = { .port = port,
                      .connections = 64,
                      .seconds = seconds,
                      .requests = (const char *const *)requests,
                      .request_count = DIFFERENT,
                      .rate = 5000,
                      .status = 200 };
    bool ok = requests && measure_at_a_rate(&l, "decide_5000");
    l.rate = 0;
    l.connections = 16;
    ok = ok && measure_load(&l, "decide", empty) > 0;
    for (size_t i = 0; requests && i < DIFFERENT; i++)
        free(requests[i]);
    free(requests);
    return ok;
}

static bool measure_verdicts(const struct town *t, unsigned port, double seconds, double empty)
{
    char id[ID_TEXT];
    BUF(kept);
    BUF(many);
    BUF(request);
    question(t, t->count / 2, true, &kept);
    buf_text(&many, "{\"items\":[");
    for (size_t i = 0; i < 100; i++) {
        buf_text(&many, i ? "," : "");
        question(t, i * 37, false, &many);
    }
    buf_text(&many, "]}");
    if (!measure_decide(t, port, seconds, empty))
        return false;
    request_of(t, "/api/v1/decide", &kept, &request);
    bool ok = measure(port, "decide_kept", (char *)request.bytes, 16, 200, seconds, empty) > 0;
    request_of(t, "/api/v1/decide/batch", &many, &request);
    ok = ok &&
         measure(port, "decide_batch_100", (char *)request.bytes, 2, 200, seconds / 4, empty) > 0;
    buf_clear(&many);
    buf_text(&many, "{\"territory\":\"DE\",\"recordings\":[");
    for (size_t i = 0; i < 1000; i++)
        buf_format(&many, "%s\"%s\"", i ? "," : "",
                   recording_id_format(t->recordings[i * 7919 % t->count], id));
    buf_text(&many, "]}");
    request_of(t, "/api/v1/decide/recordings", &many, &request);
    return ok && measure(port, "decide_recordings_1000", (char *)request.bytes, 2, 200, seconds / 4,
                         empty) > 0;
}

static enum code open_world(struct town *t, const struct settings *s, bool create, struct error *e)
{
    struct world_options o = { .data = t->folder, .settings = s, .create = create };
    return world_open(&o, &t->world, e);
}

/* By a process of its own, so that the server is one that was started on the catalogue. */
static bool settle_apart(struct town *t, const struct settings *s, struct error *e)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        bool ok = open_world(t, s, true, e) == OK && settle(t, e) == OK;
        world_close(take(t->world));
        sync();
        _exit(ok ? 0 : stop(e));
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool measure_api(bool quick, double empty, struct error *e)
{
    char command[64];
    struct settings s;
    struct town *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                          0);
    struct api *api = NULL;
    if (t == MAP_FAILED)
        return fail(e, ERR_MEMORY, "no memory for the recordings") == OK;
    t->count = quick ? 500 : MOST;
    snprintf(t->folder, sizeof t->folder, "/tmp/licet-bench-XXXXXX");
    bool ok = mkdtemp(t->folder) != NULL;
    settings_init(&s);
    ok = ok && settings_flag(&s, STR("http.threads=1"), e) == OK && settle_apart(t, &s, e) &&
         open_world(t, &s, false, e) == OK;
    struct api_options o = {
        .world = t->world, .deaf = true, .listen = "127.0.0.1:0", .without_limits = true
    };
    core_take(CORE_OF_SERVER);
    ok = ok && api_open(&o, &api, e) == OK && api_start(api, e) == OK;
    core_take(CORE_OF_LOAD);
    ok = ok && measure_verdicts(t, http_server_port(api_http(api)), quick ? 0.5 : 4, empty);
    api_close(api);
    world_close(t->world);
    settings_done(&s);
    snprintf(command, sizeof command, "rm -rf '%s'", t->folder);
    munmap(t, sizeof *t);
    return system(command) == 0 && ok;
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct error e = { 0 };
    double empty = 0;
    file_fd = make_file();
    if (file_fd < 0)
        return stop(&(struct error) { ERR_IO, "cannot write 8 MiB in /tmp" });
    if (!measure_http(quick ? 0.5 : 4, &empty, &e) || !measure_api(quick, empty, &e))
        return stop(&e);
    close(file_fd);
    return 0;
}
