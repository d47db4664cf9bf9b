/* SPDX-License-Identifier: Apache-2.0 */
/* A small load generator: epoll, Content-Length framing, every latency kept. */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
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

static int ask(struct line *c, const char *request)
{
    size_t length = strlen(request);
    c->head_length = 0;
    c->left = -1;
    c->sent_us = now_us();
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

int load_run(const struct load *l, struct load_result *out)
{
    static char piece[READ_MOST];
    float *times = malloc(TIMES_MOST * sizeof *times);
    struct line *lines = calloc(l->connections, sizeof *lines);
    int poll_fd = epoll_create1(EPOLL_CLOEXEC), ok = times && lines && poll_fd >= 0;
    int64_t answers = 0;
    double bytes = 0, begin = now_us(), end = begin + l->seconds * 1e6;
    for (unsigned i = 0; ok && i < l->connections; i++) {
        struct epoll_event ev = { EPOLLIN, { .ptr = &lines[i] } };
        ok = open_line(&lines[i], l->port) && ask(&lines[i], l->request);
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, lines[i].fd, &ev);
    }
    while (ok && now_us() < end) {
        struct epoll_event ready[64];
        int n = epoll_wait(poll_fd, ready, 64, 1000);
        for (int i = 0; ok && i < n; i++) {
            struct line *c = ready[i].data.ptr;
            ssize_t got = recv(c->fd, piece, sizeof piece, 0);
            int done = got > 0 ? take(c, piece, (size_t)got, l->status) : -1;
            bytes += got > 0 ? (double)got : 0;
            ok = done >= 0;
            if (done != 1)
                continue;
            times[answers++ % TIMES_MOST] = (float)(now_us() - c->sent_us);
            ok = ask(c, l->request);
        }
    }
    double seconds = (now_us() - begin) / 1e6;
    size_t kept = (size_t)(answers < TIMES_MOST ? answers : TIMES_MOST);
    if (ok && kept > 0) {
        qsort(times, kept, sizeof *times, by_size);
        *out = (struct load_result) { (double)answers / seconds, bytes / seconds,
                                      (double)times[kept / 2], (double)times[kept * 99 / 100],
                                      answers };
    } else {
        fprintf(stderr, "load: a connection broke\n");
    }
    for (unsigned i = 0; lines && i < l->connections; i++)
        close(lines[i].fd);
    close(poll_fd);
    free(lines);
    free(times);
    return ok && kept > 0;
}
