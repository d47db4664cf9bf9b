/* SPDX-License-Identifier: Apache-2.0 */
/* The program's side: asks the host and reads the child's frames. */
#include "audio/audio.h"

#include <sys/stat.h>

#include "audio/request.h"

/* The host of confine, under the name that callers of audio know. */
static struct confine_host *confined(struct audio_host *h)
{
    return (struct confine_host *)(void *)h;
}

enum code audio_host_start(struct audio_host **out, struct error *e)
{
    struct confine_host *h;
    TRY(confine_host_start(&audio_trade, &h, e));
    *out = (struct audio_host *)(void *)h;
    return OK;
}

void audio_host_set_jobs(struct audio_host *h, unsigned jobs)
{
    confine_host_set_jobs(confined(h), jobs);
}

void audio_host_stop(struct audio_host *h)
{
    confine_host_stop(confined(h));
}

struct audio_limits audio_limits_default(void)
{
    return (struct audio_limits) { .seconds_most = 21600,
                                   .cpu_seconds_most = 600,
                                   .memory_bytes_most = 1LL << 30,
                                   .bytes_most = 1LL << 31 };
}

enum code audio_limits_from(const struct settings *s, struct audio_limits *out, struct error *e)
{
    struct audio_limits l;
    TRY(settings_int(s, "audio.seconds_most", 1, 1000000, &l.seconds_most, e));
    TRY(settings_int(s, "audio.cpu_seconds_most", 1, 1000000, &l.cpu_seconds_most, e));
    TRY(settings_int(s, "audio.memory_bytes_most", 16 << 20, 1LL << 40, &l.memory_bytes_most, e));
    TRY(settings_int(s, "audio.bytes_most", 1, 1LL << 40, &l.bytes_most, e));
    *out = l;
    return OK;
}

/* ---- one request ---- */

static enum code take_frames(void *context, const uint8_t *bytes, size_t count, struct error *e)
{
    return frames_feed(context, bytes, count, e);
}

static enum code ask(struct audio_host *h, const struct audio_request *q, int fd_in, int fd_out,
                     struct frame_reader *r, struct error *e)
{
    const struct confine_call call = {
        .limits = { q->limits.cpu_seconds_most, q->limits.memory_bytes_most,
                    fd_out < 0 ? 0 : q->limits.bytes_most },
        .fd_in = fd_in,
        .fd_out = fd_out,
        .context = r,
        .words = take_frames,
    };
    return confine_call(confined(h), &call, q, sizeof *q, &r->facts.cpu_us, e);
}

static enum code size_of(int fd, int64_t *size, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail_errno(e, "the file");
    if (!S_ISREG(st.st_mode))
        return fail(e, ERR_INVALID, "not a regular file");
    *size = st.st_size;
    return OK;
}

enum code audio_decode(struct audio_host *h, int fd, const struct audio_limits *limits,
                       const struct audio_wants *wants, const struct audio_sink *sink,
                       struct arena *a, struct audio_facts *facts, struct error *e)
{
    struct audio_request q = { .kind = AUDIO_DECODE, .limits = *limits, .wants = *wants };
    TRY(size_of(fd, &q.size_bytes, e));
    struct frame_reader *r = arena_try(a, 1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory to hear a file");
    frames_init(r, limits, sink, a);
    enum code code = ask(h, &q, fd, -1, r, e);
    if (code == OK)
        code = frames_finish(r, facts, e);
    frames_done(r);
    return code;
}

/* Long enough for any broadcast, and still numbers that can be added to. */
enum { STREAM_SECONDS_MOST = 100 * 86400, STREAM_CPU_SECONDS_MOST = 10 * 86400 };

enum code audio_decode_stream(struct audio_host *h, int fd, const struct audio_limits *limits,
                              const struct audio_sink *sink, struct arena *a,
                              struct audio_facts *facts, struct error *e)
{
    struct audio_request q = { .kind = AUDIO_DECODE,
                               .size_bytes = WORKER_STREAM,
                               .limits = *limits,
                               .wants = { .tags = true } };
    q.limits.seconds_most = STREAM_SECONDS_MOST;
    q.limits.cpu_seconds_most = STREAM_CPU_SECONDS_MOST;
    struct frame_reader *r = arena_try(a, 1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory to hear a stream");
    frames_init(r, &q.limits, sink, a);
    enum code code = ask(h, &q, fd, -1, r, e);
    if (code == OK)
        code = frames_finish(r, facts, e);
    frames_done(r);
    return code;
}

enum code audio_render(struct audio_host *h, int fd_in, int fd_out,
                       const struct audio_limits *limits, const struct audio_format *format,
                       struct audio_rendered *made, struct error *e)
{
    ARENA(a);
    struct audio_request q = { .kind = AUDIO_RENDER, .limits = *limits, .format = *format };
    TRY(size_of(fd_in, &q.size_bytes, e));
    struct frame_reader *r = ARENA_NEW(&a, struct frame_reader);
    frames_init(r, limits, NULL, &a);
    enum code code = ask(h, &q, fd_in, fd_out, r, e);
    if (code == OK)
        code = frames_finish_render(r, made, e);
    frames_done(r);
    return code;
}

static enum code take_here(void *context, enum frame_kind kind, const void *payload, size_t length,
                           struct error *e)
{
    return frames_take(context, kind, payload, length, e);
}

enum code audio_decode_here(int fd, const struct audio_limits *limits,
                            const struct audio_wants *wants, const struct audio_sink *sink,
                            struct arena *a, struct audio_facts *facts, struct error *e)
{
    struct worker_file file = { .fd = fd };
    TRY(size_of(fd, &file.size_bytes, e));
    struct frame_reader *r = arena_try(a, 1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory to hear a file");
    frames_init(r, limits, sink, a);
    const struct worker_out out = { r, take_here };
    enum code code = worker_decode(file, limits, wants, &out, e);
    if (code == OK)
        code = frames_take(r, FRAME_END, "", 0, e);
    if (code == OK)
        code = frames_finish(r, facts, e);
    frames_done(r);
    return code;
}
