/* SPDX-License-Identifier: Apache-2.0 */
/* A small load generator: epoll, Content-Length framing, every latency kept. */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MOST = 8192, READ_MOST = 256 * 1024, TIMES_MOST = 1 << 22 };

struct line {
    int fd;
    char head[HEAD_MOST];
    size_t head_length;
    int64_t left; /* of the body; -1: in the head */
    double sent_us;
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ask(struct line *c, const struct load *l, int64_t number, double due_us)
{
    const char *request = l->requests[(size_t)number % l->request_count];
    size_t length = strlen(request);
    c->head_length = 0;
    c->left = -1;
    c->sent_us = due_us;
    return send(c->fd, request, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static int open_line(struct line *c, unsigned port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0;
}

/* 1: an answer is complete; 0: more is to come; -1: it is not what was wanted */
static int take(struct line *c, const char *bytes, size_t n, int status)
{
    if (c->left < 0) {
        size_t room = sizeof c->head - 1 - c->head_length, some = n < room ? n : room;
        memcpy(c->head + c->head_length, bytes, some);
        c->head_length += some;
        c->head[c->head_length] = '\0';
        char *end = strstr(c->head, "\r\n\r\n");
        if (!end)
            return some == n ? 0 : -1;
        size_t head = (size_t)(end + 4 - c->head), in_head = c->head_length - head;
        char *length = strcasestr(c->head, "\r\ncontent-length:");
        if (atoi(c->head + 9) != status) {
            fprintf(stderr, "load: want %d, got: %.400s\n", status, c->head);
            return -1;
        }
        c->left = (length && length < end ? atoll(length + 17) : 0) - (int64_t)(in_head + n - some);
    } else {
        c->left -= (int64_t)n;
    }
    return c->left == 0 ? 1 : c->left < 0 ? -1 : 0;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

struct run {
    const struct load *l;
    struct line *lines, **idle; /* the idle ones, where a rate is kept */
    size_t idle_count;
    float *times;
    int64_t sent, answers;
    double bytes, begin_us, moved_us;
    double busy_until_us; /* no line was free just before */
    int poll_fd;
};

static double due_us(const struct run *r)
{
    double on_time = r->begin_us + r->moved_us + (double)r->sent / r->l->rate * 1e6;
    return r->l->rate > 0 ? on_time : now_us();
}

enum { LATE_US = 200 };

/* Late with a line free since it was due. */
static void move_if_late(struct run *r)
{
    double due = due_us(r), late = now_us() - due;
    if (r->l->rate > 0 && late > LATE_US && due > r->busy_until_us)
        r->moved_us += late;
}

/* What is due and has a line. */
static int send_due(struct run *r)
{
    if (r->idle_count)
        move_if_late(r);
    while (r->idle_count && due_us(r) <= now_us()) {
        double due = due_us(r);
        if (!ask(r->idle[--r->idle_count], r->l, r->sent++, due))
            return 0;
    }
    return 1;
}

static int open_lines(struct run *r)
{
    for (unsigned i = 0; i < r->l->connections; i++) {
        struct epoll_event ev = { EPOLLIN, { .ptr = &r->lines[i] } };
        if (!open_line(&r->lines[i], r->l->port))
            return 0;
        epoll_ctl(r->poll_fd, EPOLL_CTL_ADD, r->lines[i].fd, &ev);
        r->idle[r->idle_count++] = &r->lines[i];
    }
    r->begin_us = now_us();
    return send_due(r);
}

static int read_answer(struct run *r, struct line *c)
{
    static char piece[READ_MOST];
    ssize_t got = recv(c->fd, piece, sizeof piece, 0);
    int done = got > 0 ? take(c, piece, (size_t)got, r->l->status) : -1;
    r->bytes += got > 0 ? (double)got : 0;
    if (done == 1) {
        r->times[r->answers++ % TIMES_MOST] = (float)(now_us() - c->sent_us);
        if (r->idle_count == 0)
            r->busy_until_us = now_us();
        r->idle[r->idle_count++] = c;
    }
    return done >= 0;
}

/* Milliseconds to wait for answers. At a rate the next question may be due any moment, so while a
 * line is idle there is no waiting. */
static int wait_ms(const struct run *r)
{
    return r->l->rate > 0 && r->idle_count ? 0 : 1000;
}

static int keep_asking(struct run *r)
{
    double end = r->begin_us + r->l->seconds * 1e6;
    while (now_us() < end) {
        struct epoll_event ready[64];
        int n = epoll_wait(r->poll_fd, ready, 64, wait_ms(r));
        for (int i = 0; i < n; i++)
            if (!read_answer(r, ready[i].data.ptr))
                return 0;
        if (!send_due(r))
            return 0;
    }
    return 1;
}

void core_take(enum core which)
{
    static cpu_set_t all; /* as the program was started */
    cpu_set_t one;
    if (CPU_COUNT(&all) == 0 && sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    int left = which == CORE_OF_SERVER ? 0 : CPU_COUNT(&all) - 1;
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &all) || left-- > 0)
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

int load_run(const struct load *l, struct load_result *out)
{
    struct run r = { .l = l,
                     .lines = calloc(l->connections, sizeof *r.lines),
                     .idle = calloc(l->connections, sizeof(struct line *)),
                     .times = malloc(TIMES_MOST * sizeof *r.times),
                     .poll_fd = epoll_create1(EPOLL_CLOEXEC) };
    int ok = r.times && r.lines && r.idle && r.poll_fd >= 0 && open_lines(&r) && keep_asking(&r);
    double seconds = (now_us() - r.begin_us) / 1e6;
    size_t kept = (size_t)(r.answers < TIMES_MOST ? r.answers : TIMES_MOST);
    if (ok && kept > 0) {
        qsort(r.times, kept, sizeof *r.times, by_size);
        *out = (struct load_result) { .per_second = (double)r.answers / seconds,
                                      .bytes_per_second = r.bytes / seconds,
                                      .p50_us = (double)r.times[kept / 2],
                                      .p99_us = (double)r.times[kept * 99 / 100],
                                      .late_us = r.moved_us,
                                      .answers = r.answers };
    } else {
        fprintf(stderr, "load: a connection broke\n");
    }
    for (unsigned i = 0; r.lines && i < l->connections; i++)
        close(r.lines[i].fd);
    close(r.poll_fd);
    free(r.lines);
    free(r.idle);
    free(r.times);
    return ok && kept > 0;
}
