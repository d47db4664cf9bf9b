/* SPDX-License-Identifier: Apache-2.0 */
/* The program's side: asks the host, hands on the child's words, puts its end into words. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/host.h"

struct confine_host {
    const struct confine_trade *trade;
    int control;
    pid_t keeper;
    unsigned jobs, busy;
    pthread_mutex_t lock;
    pthread_cond_t freed;
};

enum code confine_host_start(const struct confine_trade *trade, struct confine_host **out,
                             struct error *e)
{
    int ends[2];
    struct confine_host *h = calloc(1, sizeof *h);
    if (!h)
        return fail(e, ERR_MEMORY, "no memory for the %s's host", trade->worker);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(h);
        return fail_errno(e, "a socket for the %s's host", trade->worker);
    }
    h->trade = trade;
    h->keeper = fork();
    if (h->keeper == 0) {
        close(ends[0]);
        host_keep(trade, ends[1]);
    }
    close(ends[1]);
    if (h->keeper < 0) {
        fail_errno(e, "a process for the %s's host", trade->worker);
        close(ends[0]);
        free(h);
        return ERR_IO;
    }
    h->control = ends[0];
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->freed, NULL);
    confine_host_set_jobs(h, 0);
    *out = h;
    return OK;
}

void confine_host_set_jobs(struct confine_host *h, unsigned jobs)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_mutex_lock(&h->lock);
    h->jobs = jobs ? jobs : cores > 0 ? (unsigned)cores : 1;
    pthread_cond_broadcast(&h->freed);
    pthread_mutex_unlock(&h->lock);
}

void confine_host_stop(struct confine_host *h)
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

static void seat_take(struct confine_host *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->busy >= h->jobs)
        pthread_cond_wait(&h->freed, &h->lock);
    h->busy++;
    pthread_mutex_unlock(&h->lock);
}

static void seat_give(struct confine_host *h)
{
    pthread_mutex_lock(&h->lock);
    h->busy--;
    pthread_cond_signal(&h->freed);
    pthread_mutex_unlock(&h->lock);
}

/* ---- one call ---- */

struct pipes {
    int words[2], status[2];
};

static void pipes_close(struct pipes *p, int side)
{
    if (p->words[side] >= 0)
        close(p->words[side]);
    if (p->status[side] >= 0)
        close(p->status[side]);
    p->words[side] = p->status[side] = -1;
}

static enum code pipes_open(struct pipes *p, struct error *e)
{
    if (pipe2(p->words, O_CLOEXEC) != 0 || pipe2(p->status, O_CLOEXEC) != 0)
        return fail_errno(e, "a pipe to a confined child");
    return OK;
}

static enum code send_request(struct confine_host *h, const struct host_request *q, const int *fds,
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
        return fail(e, ERR_IO, "the %s's host is gone: start the program anew", h->trade->worker);
    return OK;
}

/* Some bytes, or 0 at the end. */
static enum code read_some(const struct confine_host *h, int fd, int64_t seconds, void *to,
                           size_t room, size_t *count, struct error *e)
{
    for (;;) {
        struct pollfd p = { fd, POLLIN, 0 };
        int n = poll(&p, 1, (int)(seconds < 1000000 ? seconds * 1000 : -1));
        if (n == 0)
            return fail(e, ERR_BUSY, "the %s's host does not answer", h->trade->worker);
        ssize_t got = n < 0 ? -1 : read(fd, to, room);
        if (got >= 0) {
            *count = (size_t)got;
            return OK;
        }
        if (errno != EINTR)
            return fail_errno(e, "reading from the %s", h->trade->worker);
    }
}

static enum code read_words(const struct confine_host *h, const struct pipes *p,
                            const struct confine_call *call, struct error *e)
{
    uint8_t block[64 * 1024];
    for (;;) {
        size_t count = 0;
        TRY(read_some(h, p->words[0], host_seconds_most(&call->limits) + 30, block, sizeof block,
                      &count, e));
        if (count == 0)
            return OK;
        TRY(call->words(call->context, block, count, e));
    }
}

static enum code died_by(const struct confine_trade *t, int sig, const struct host_status *s,
                         const struct confine_limits *l, struct error *e)
{
    if (s->overdue)
        return fail(e, ERR_LIMIT, "the %s was not done within %lld seconds", t->worker,
                    (long long)host_seconds_most(l));
    if (sig == SIGXCPU)
        return fail(e, ERR_LIMIT,
                    "needs more than %lld seconds of processor time, the most that %s allows",
                    (long long)l->cpu_seconds_most, t->cpu_setting);
    if (sig == SIGXFSZ)
        return fail(e, ERR_LIMIT, "the rendition grows over %lld bytes, the most that %s allows",
                    (long long)l->file_bytes_most, t->file_setting);
    if (sig == SIGKILL || sig == SIGPIPE)
        return fail(e, ERR_BUSY, "the %s was killed from outside (signal %d): try again", t->worker,
                    sig);
    if (sig == SIGSYS)
        return fail(e, ERR_INVALID, "the file led the %s to something forbidden; it was stopped",
                    t->worker);
    return fail(e, ERR_INVALID, "the file broke the %s (signal %d)", t->worker, sig);
}

static enum code read_status(const struct confine_host *h, const struct pipes *p,
                             const struct confine_limits *l, struct host_status *s, struct error *e)
{
    size_t count = 0;
    TRY(read_some(h, p->status[0], host_seconds_most(l) + 30, s, sizeof *s, &count, e));
    if (count != sizeof *s)
        return fail(e, ERR_BUSY, "the %s's host was killed and started anew: try again",
                    h->trade->worker);
    if (s->refused) {
        errno = s->refused;
        return fail_errno(e, "a process for the %s", h->trade->worker);
    }
    if (WIFSIGNALED(s->wait_status))
        return died_by(h->trade, WTERMSIG(s->wait_status), s, l, e);
    if (s->wait_status != 0)
        return fail(e, ERR_IO, "the %s could not begin", h->trade->worker);
    return OK;
}

static enum code exchange(struct confine_host *h, struct pipes *p, const struct confine_call *call,
                          const struct host_request *q, int64_t *cpu_us, struct error *e)
{
    struct host_status s;
    TRY(pipes_open(p, e));
    const int fds[HOST_FD_COUNT] = { call->fd_in, p->words[1], p->status[1], call->fd_out };
    TRY(send_request(h, q, fds, call->fd_out < 0 ? HOST_FD_OUT : HOST_FD_COUNT, e));
    pipes_close(p, 1);
    TRY(read_words(h, p, call, e));
    TRY(read_status(h, p, &q->limits, &s, e));
    *cpu_us = s.cpu_us;
    return OK;
}

enum code confine_call(struct confine_host *h, const struct confine_call *call, const void *request,
                       size_t length, int64_t *cpu_us, struct error *e)
{
    struct pipes p = { { -1, -1 }, { -1, -1 } };
    struct host_request q = { .limits = call->limits, .length = (uint32_t)length };
    if (length > sizeof q.payload)
        return fail(e, ERR_LIMIT, "a request of %zu bytes", length);
    memcpy(q.payload, request, length);
    seat_take(h);
    enum code code = exchange(h, &p, call, &q, cpu_us, e);
    pipes_close(&p, 0); /* when words are still to come, the child ends by this */
    pipes_close(&p, 1);
    seat_give(h);
    return code;
}
