/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprint files: heard here, matched elsewhere. */
#include "fingerprint/fingerprint.h"

#include <stdlib.h>
#include <unistd.h>

#include "flow/crew.h"
#include "flow/hear.h"

struct print { /* a file on its way through */
    enum code code;
    struct error error;
    double seconds;
    struct buf bytes;
};

struct run {
    struct audio_host *audio;
    const struct settings *settings;
    const char *const *paths;
    struct print *prints; /* of number n: prints[n % ahead] */
    size_t ahead, failed;
    const struct fingerprint_sink *sink;
};

static enum code print_file(const struct run *r, const char *path, struct print *x)
{
    ARENA(a);
    int fd;
    struct heard heard = { 0 };
    const struct audio_wants wants = { 0 };
    TRY(hear_open(path, &fd, &x->error));
    enum code code = hear_any(r->audio, r->settings, fd, &wants, false, true, &a, &heard,
                              &x->error);
    close(fd);
    if (code == OK) {
        x->seconds = fp_query_seconds(heard.query);
        code = fp_query_encode(heard.query, &x->bytes, &x->error);
    }
    heard_done(&heard);
    return code;
}

static void work(void *ctx, size_t number)
{
    struct run *r = ctx;
    struct print *x = &r->prints[number % r->ahead];
    *x = (struct print) { 0 };
    x->code = print_file(r, r->paths[number], x);
}

static bool done(void *ctx, size_t number)
{
    struct run *r = ctx;
    struct print *x = &r->prints[number % r->ahead];
    r->failed += x->code != OK;
    r->sink->file(r->sink->ctx, number, x->code, x->seconds, buf_as_str(&x->bytes), &x->error);
    buf_done(&x->bytes);
    return true;
}

enum code flow_fingerprint(struct audio_host *audio, const struct settings *settings,
                           const char *const *paths, size_t count, unsigned jobs,
                           const struct fingerprint_sink *sink, size_t *failed, struct error *e)
{
    int64_t asked;
    TRY(settings_int(settings, "audio.jobs", 0, 1024, &asked, e));
    unsigned threads = crew_size(jobs ? jobs : asked);
    struct run r = { audio, settings, paths, NULL, 2 * (size_t)threads, 0, sink };
    r.prints = calloc(r.ahead, sizeof *r.prints);
    if (!r.prints)
        return fail(e, ERR_MEMORY, "no memory for %zu fingerprints", r.ahead);
    struct crew crew = { &r, work, done };
    enum code code = crew_run(&crew, count, threads, r.ahead, e);
    free(r.prints);
    *failed = r.failed;
    return code;
}
