/* SPDX-License-Identifier: Apache-2.0 */
/* The program's side: asks the host, reads the child's frames, puts its end into words. */
#include "audio/audio.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/host.h"

struct audio_host {
    int control;
    pid_t keeper;
    unsigned jobs, busy;
    pthread_mutex_t lock;
    pthread_cond_t freed;
};

enum code audio_host_start(struct audio_host **out, struct error *e)
{
    int ends[2];
    struct audio_host *h = calloc(1, sizeof *h);
    if (!h)
        return fail(e, ERR_MEMORY, "no memory for the audio host");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(h);
        return fail_errno(e, "a socket for the audio host");
    }
    h->keeper = fork();
    if (h->keeper == 0) {
        close(ends[0]);
        host_keep(ends[1]);
    }
    close(ends[1]);
    if (h->keeper < 0) {
        fail_errno(e, "a process for the audio host");
        close(ends[0]);
        free(h);
        return ERR_IO;
    }
    h->control = ends[0];
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->freed, NULL);
    audio_host_set_jobs(h, 0);
    *out = h;
    return OK;
}

void audio_host_set_jobs(struct audio_host *h, unsigned jobs)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_mutex_lock(&h->lock);
    h->jobs = jobs ? jobs : cores > 0 ? (unsigned)cores : 1;
    pthread_cond_broadcast(&h->freed);
    pthread_mutex_unlock(&h->lock);
}

void audio_host_stop(struct audio_host *h)
{
    if (!h)
        return;
    close(h->control);
    while (waitpid(h->keeper, NULL, 0) < 0 && errno == EINTR) {
    }
    pthread_cond_destroy(&h->freed);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static void seat_take(struct audio_host *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->busy >= h->jobs)
        pthread_cond_wait(&h->freed, &h->lock);
    h->busy++;
    pthread_mutex_unlock(&h->lock);
}

static void seat_give(struct audio_host *h)
{
    pthread_mutex_lock(&h->lock);
    h->busy--;
    pthread_cond_signal(&h->freed);
    pthread_mutex_unlock(&h->lock);
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

struct call {
    int frames[2], status[2];
};

static void call_close(struct call *c, int side)
{
    if (c->frames[side] >= 0)
        close(c->frames[side]);
    if (c->status[side] >= 0)
        close(c->status[side]);
    c->frames[side] = c->status[side] = -1;
}

static void call_done(struct call *c)
{
    call_close(c, 0);
    call_close(c, 1);
}

static enum code call_open(struct call *c, struct error *e)
{
    if (pipe2(c->frames, O_CLOEXEC) != 0 || pipe2(c->status, O_CLOEXEC) != 0)
        return fail_errno(e, "a pipe to the audio host");
    return OK;
}

static enum code send_request(struct audio_host *h, const struct host_request *q, const int *fds,
                              size_t count, struct error *e)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(HOST_FD_COUNT * sizeof(int))];
    } control = { 0 };
    struct iovec io = { (void *)(uintptr_t)q, sizeof *q };
    struct msghdr m = { .msg_iov = &io,
                        .msg_iovlen = 1,
                        .msg_control = control.bytes,
                        .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    ssize_t n;
    do
        n = sendmsg(h->control, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *q)
        return fail(e, ERR_IO, "the audio host is gone: start the program anew");
    return OK;
}

/* Some bytes, or 0 at the end. */
static enum code read_some(int fd, int64_t seconds, void *to, size_t room, size_t *count,
                           struct error *e)
{
    for (;;) {
        struct pollfd p = { fd, POLLIN, 0 };
        int n = poll(&p, 1, (int)(seconds < 1000000 ? seconds * 1000 : -1));
        if (n == 0)
            return fail(e, ERR_BUSY, "the audio host does not answer");
        ssize_t got = n < 0 ? -1 : read(fd, to, room);
        if (got >= 0) {
            *count = (size_t)got;
            return OK;
        }
        if (errno != EINTR)
            return fail_errno(e, "reading from the decoder");
    }
}

static enum code read_frames(const struct call *c, const struct audio_limits *limits,
                             struct frame_reader *r, struct error *e)
{
    uint8_t block[64 * 1024];
    for (;;) {
        size_t count = 0;
        TRY(read_some(c->frames[0], host_seconds_most(limits) + 30, block, sizeof block, &count,
                      e));
        if (count == 0)
            return OK;
        TRY(frames_feed(r, block, count, e));
    }
}

static enum code died_by(int sig, const struct host_status *s, const struct audio_limits *l,
                         struct error *e)
{
    if (s->overdue)
        return fail(e, ERR_LIMIT, "not decoded within %lld seconds",
                    (long long)host_seconds_most(l));
    if (sig == SIGXCPU)
        return fail(e, ERR_LIMIT,
                    "needs more than %lld seconds of processor time, the most that "
                    "audio.cpu_seconds_most allows",
                    (long long)l->cpu_seconds_most);
    if (sig == SIGXFSZ)
        return fail(e, ERR_LIMIT,
                    "the rendition grows over %lld bytes, the most that audio.bytes_most allows",
                    (long long)l->bytes_most);
    if (sig == SIGKILL || sig == SIGPIPE)
        return fail(e, ERR_BUSY, "the decoder was killed from outside (signal %d): try again", sig);
    if (sig == SIGSYS)
        return fail(e, ERR_INVALID,
                    "the file led the decoder to something forbidden; it was stopped");
    return fail(e, ERR_INVALID, "the file broke the decoder (signal %d)", sig);
}

static enum code read_status(const struct call *c, const struct audio_limits *l,
                             struct host_status *s, struct error *e)
{
    size_t count = 0;
    TRY(read_some(c->status[0], host_seconds_most(l) + 30, s, sizeof *s, &count, e));
    if (count != sizeof *s)
        return fail(e, ERR_BUSY, "the audio host was killed and started anew: try again");
    if (s->refused) {
        errno = s->refused;
        return fail_errno(e, "a process for the decoder");
    }
    if (WIFSIGNALED(s->wait_status))
        return died_by(WTERMSIG(s->wait_status), s, l, e);
    if (s->wait_status != 0)
        return fail(e, ERR_IO, "the decoder could not begin");
    return OK;
}

static enum code exchange(struct audio_host *h, struct call *c, const struct host_request *q,
                          int fd_in, int fd_out, struct frame_reader *r, struct error *e)
{
    TRY(call_open(c, e));
    const int fds[HOST_FD_COUNT] = { fd_in, c->frames[1], c->status[1], fd_out };
    TRY(send_request(h, q, fds, fd_out < 0 ? HOST_FD_OUT : HOST_FD_COUNT, e));
    call_close(c, 1);
    TRY(read_frames(c, &q->limits, r, e));
    struct host_status s;
    TRY(read_status(c, &q->limits, &s, e));
    r->facts.cpu_us = s.cpu_us;
    return OK;
}

static enum code ask(struct audio_host *h, const struct host_request *q, int fd_in, int fd_out,
                     struct frame_reader *r, struct error *e)
{
    struct call c = { { -1, -1 }, { -1, -1 } };
    seat_take(h);
    enum code code = exchange(h, &c, q, fd_in, fd_out, r, e);
    call_done(&c); /* when frames are still to come, the child ends by this */
    seat_give(h);
    return code;
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
    struct host_request q = { .kind = HOST_DECODE, .limits = *limits, .wants = *wants };
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

enum code audio_render(struct audio_host *h, int fd_in, int fd_out,
                       const struct audio_limits *limits, const struct audio_format *format,
                       struct audio_rendered *made, struct error *e)
{
    ARENA(a);
    struct host_request q = { .kind = HOST_RENDER, .limits = *limits, .format = *format };
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
