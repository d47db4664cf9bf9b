/* SPDX-License-Identifier: Apache-2.0 */
/* The server: options made whole, sockets bound, loops and workers started and ended. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/inside.h"

static void or_default(unsigned *value, unsigned otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

/* Every connection may hold a file too. */
static unsigned connections_by_descriptors(unsigned loops)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return 256;
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
    getrlimit(RLIMIT_NOFILE, &r);
    rlim_t most = r.rlim_cur > 320 ? (r.rlim_cur - 256) / 2 / loops : 32;
    return most > 65536 ? 65536 : (unsigned)most;
}

static void complete(struct http_options *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    or_default(&o->loops, cores > 0 ? (unsigned)cores : 1);
    or_default(&o->workers, 4);
    or_default(&o->slow_workers, 2);
    or_default(&o->connections_most, 8192);
    or_default(&o->queue_most, 1024);
    or_default(&o->idle_seconds, 60);
    or_default(&o->request_seconds, 10);
    or_default(&o->stop_seconds, 10);
    if (o->body_bytes_most == 0)
        o->body_bytes_most = 8 << 20;
    if (o->header_bytes_most == 0)
        o->header_bytes_most = 16 << 10;
    unsigned most = connections_by_descriptors(o->loops);
    if (o->connections_most > most)
        o->connections_most = most;
}

/* "host:port" or "[v6]:port" */
static enum code split_address(const char *text, char host[80], char port[8], struct error *e)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (!colon || n == 0 || n >= 80 || strlen(colon + 1) == 0 || strlen(colon + 1) > 5)
        return fail(e, ERR_INVALID, "http.listen: \"%s\" is not ADDRESS:PORT", text);
    bool brackets = text[0] == '[' && text[n - 1] == ']';
    snprintf(host, 80, "%.*s", (int)(brackets ? n - 2 : n), text + (brackets ? 1 : 0));
    snprintf(port, 8, "%s", colon + 1);
    return OK;
}

static enum code bind_one(const char *host, const char *port, int *out, struct error *e)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM },
                    *found;
    int one = 1;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return fail(e, ERR_INVALID, "http.listen: \"%s:%s\" is not a numeric address and a port",
                    host, port);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    int failed = fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
                 listen(fd, 1024) != 0;
    int why = errno;
    freeaddrinfo(found);
    if (!failed) {
        *out = fd;
        return OK;
    }
    if (fd >= 0)
        close(fd);
    errno = why;
    if (why == EADDRINUSE)
        return fail(e, ERR_BUSY, "%s:%s is in use by another program", host, port);
    return fail_errno(e, "cannot listen on %s:%s", host, port);
}

/* SO_REUSEPORT would let a second server share our address unnoticed: ask without it first. */
static enum code check_free(const char *host, const char *port, struct error *e)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_socktype = SOCK_STREAM },
                    *found;
    int one = 1;
    if (strcmp(port, "0") == 0 || getaddrinfo(host, port, &hints, &found) != 0)
        return OK;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool taken = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) != 0 && errno == EADDRINUSE;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(found);
    return taken ? fail(e, ERR_BUSY, "%s:%s is in use by another program", host, port) : OK;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage a = { 0 };
    socklen_t length = sizeof a;
    char port[8] = "0";
    getsockname(fd, (struct sockaddr *)&a, &length);
    getnameinfo((struct sockaddr *)&a, length, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return (unsigned)atoi(port);
}

static enum code open_loops(struct http_server *s, struct error *e)
{
    char host[80], port[8];
    TRY(split_address(s->options.listen, host, port, e));
    TRY(check_free(host, port, e));
    s->loops = loops_new(s->options.loops);
    if (!s->loops)
        return fail(e, ERR_MEMORY, "no memory for event loops");
    for (unsigned i = 0; i < s->options.loops; i++) {
        int fd = -1;
        TRY(bind_one(host, port, &fd, e));
        s->port = port_of(fd);
        snprintf(port, sizeof port, "%u", s->port);
        s->loop_count = i + 1;
        TRY(loop_open(loop_at(s->loops, i), s, fd, i, e));
    }
    bool six = strchr(host, ':') != NULL;
    snprintf(s->address, sizeof s->address, "http://%s%s%s:%u", six ? "[" : "", host,
             six ? "]" : "", s->port);
    return OK;
}

enum code http_server_open(const struct http_options *options, const struct http_route *routes,
                           size_t count, struct http_server **out, struct error *e)
{
    struct http_server *s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory for a server");
    s->options = *options;
    complete(&s->options);
    s->rows = routes;
    s->row_count = count;
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum code code = http_trust_parse(options->trust_proxy ? options->trust_proxy : "", &s->trust,
                                      e);
    if (code == OK)
        code = http_routes_new(routes, count, &s->routes, e);
    if (code == OK)
        code = open_loops(s, e);
    if (code != OK) {
        http_server_close(s);
        return code;
    }
    *out = s;
    return OK;
}

unsigned http_server_port(const struct http_server *s)
{
    return s->port;
}

const char *http_server_address(const struct http_server *s)
{
    return s->address;
}

static void run_and_hand_back(struct exchange *x)
{
    exchange_run(x);
    loop_hand_back(x);
}

enum code http_server_start(struct http_server *s, struct error *e)
{
    signal(SIGPIPE, SIG_IGN);
    s->started = true;
    TRY(http_pool_new(s->options.workers, s->options.queue_most, run_and_hand_back, &s->work, e));
    TRY(http_pool_new(s->options.slow_workers, s->options.queue_most, run_and_hand_back, &s->slow,
                      e));
    for (unsigned i = 0; i < s->loop_count; i++)
        TRY(loop_start(loop_at(s->loops, i), e));
    return OK;
}

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

void http_signals_block(void)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void http_server_wait(struct http_server *s)
{
    sigset_t set;
    stop_signals(&set);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    struct pollfd fds[] = { { s->wake, POLLIN, 0 }, { signals, POLLIN, 0 } };
    while (!atomic_load(&s->stopping))
        if (poll(fds, 2, -1) > 0)
            break;
    close(signals);
}

void http_server_stop(struct http_server *s)
{
    uint64_t one = 1;
    if (atomic_exchange(&s->stopping, true))
        return;
    if (write(s->wake, &one, sizeof one) < 0)
        return;
    if (!s->started)
        return;
    for (unsigned i = 0; i < s->loop_count; i++)
        loop_stop(loop_at(s->loops, i));
    for (unsigned i = 0; i < s->loop_count; i++)
        loop_join(loop_at(s->loops, i));
    http_pool_free(s->slow);
    http_pool_free(s->work);
    s->slow = s->work = NULL;
}

void http_server_close(struct http_server *s)
{
    if (!s)
        return;
    http_server_stop(s);
    for (unsigned i = 0; i < s->loop_count; i++)
        loop_done(loop_at(s->loops, i));
    loops_free(s->loops);
    http_routes_free(s->routes);
    close(s->wake);
    free(s);
}

void http_server_cut(struct http_server *s, const uint8_t key[ID_BYTES])
{
    for (unsigned i = 0; i < s->loop_count; i++)
        loop_cut(loop_at(s->loops, i), key);
}
