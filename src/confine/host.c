/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper, the host and its children. All are single-threaded and know no secrets. */
#include "confine/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILDREN_MOST = 256, DIED_YOUNG_MOST = 20 };

struct child {
    pid_t pid;
    int status_fd;
    int64_t due_ms; /* on the monotonic clock */
    bool overdue;
};

struct host {
    int control, signals;
    const struct confine_trade *trade;
    const struct confine_filter *filter;
    size_t count;
    struct child children[CHILDREN_MOST];
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- child ---- */

/* Descriptors become 0: the file, 1: words, 2: output; the rest is closed. */
static bool settle_descriptors(const int fds[HOST_FD_COUNT])
{
    int high[3];
    const int wanted[3] = { fds[HOST_FD_FILE], fds[HOST_FD_WORDS], fds[HOST_FD_OUT] };
    for (int i = 0; i < 3; i++)
        high[i] = wanted[i] < 0 ? -1 : fcntl(wanted[i], F_DUPFD, 3);
    for (int i = 0; i < 3; i++)
        if (high[i] < 0)
            close(i);
        else if (dup2(high[i], i) != i)
            return false;
    closefrom(3);
    return true;
}

static _Noreturn void child_live(const struct host_request *q, const struct host *h,
                                 const int fds[HOST_FD_COUNT], pid_t host)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != host || !settle_descriptors(fds))
        _exit(1);
    signal(SIGPIPE, SIG_DFL); /* nobody listens any more: end */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    struct error e = { 0 };
    enum code code = confine_self(h->filter, &q->limits, &e);
    _exit(h->trade->work(q->payload, q->length, code == OK ? NULL : &e));
}

/* ---- host ---- */

static void tell(int status_fd, const struct host_status *s)
{
    ssize_t n = write(status_fd, s, sizeof *s); /* fits a pipe; the other end may be gone */
    (void)n;
    close(status_fd);
}

static void begin(struct host *h, const struct host_request *q, int fds[HOST_FD_COUNT])
{
    pid_t self = getpid(), pid = -1;
    struct host_status no = { .refused = EAGAIN };
    if (h->count < CHILDREN_MOST) {
        pid = fork();
        if (pid == 0)
            child_live(q, h, fds, self);
        no.refused = errno;
    }
    if (pid > 0)
        h->children[h->count++] = (struct child) { pid, fds[HOST_FD_STATUS],
                                                   now_ms() + 1000 * host_seconds_most(&q->limits),
                                                   false };
    else
        tell(fds[HOST_FD_STATUS], &no);
    fds[HOST_FD_STATUS] = -1;
}

static void end(struct host *h, pid_t pid, int wait_status, const struct rusage *used)
{
    for (size_t i = 0; i < h->count; i++) {
        struct child *c = &h->children[i];
        if (c->pid != pid)
            continue;
        struct host_status s = { .wait_status = wait_status, .overdue = c->overdue };
        s.cpu_us = (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 +
                   used->ru_utime.tv_usec + used->ru_stime.tv_usec;
        tell(c->status_fd, &s);
        *c = h->children[--h->count];
        return;
    }
}

static void reap(struct host *h)
{
    struct signalfd_siginfo info;
    while (read(h->signals, &info, sizeof info) == (ssize_t)sizeof info) {
    }
    struct rusage used;
    int status;
    pid_t pid;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
        end(h, pid, status, &used);
}

/* False: the program is gone. */
static bool take_request(struct host *h)
{
    struct host_request q;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(HOST_FD_COUNT * sizeof(int))];
    } control = { 0 };
    struct iovec io = { &q, sizeof q };
    struct msghdr m = { .msg_iov = &io,
                        .msg_iovlen = 1,
                        .msg_control = control.bytes,
                        .msg_controllen = sizeof control.bytes };
    ssize_t n = recvmsg(h->control, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n == 0)
        return false;
    int fds[HOST_FD_COUNT] = { -1, -1, -1, -1 };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
    if (n == (ssize_t)sizeof q && q.length <= sizeof q.payload && fds[HOST_FD_STATUS] >= 0)
        begin(h, &q, fds);
    for (int i = 0; i < HOST_FD_COUNT; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return true;
}

/* Kill who is overdue or whose caller is gone; how long until the next is due. */
static int police(struct host *h, const struct pollfd *callers)
{
    int64_t now = now_ms(), wait = 60000;
    for (size_t i = 0; i < h->count; i++) {
        struct child *c = &h->children[i];
        if (callers && (callers[i].revents & (POLLERR | POLLHUP)))
            kill(c->pid, SIGKILL); /* not reaped yet, so the number is still its own */
        if (now >= c->due_ms && !c->overdue) {
            c->overdue = true;
            kill(c->pid, SIGKILL);
        } else if (!c->overdue && c->due_ms - now < wait) {
            wait = c->due_ms - now;
        }
    }
    return (int)(wait + 1);
}

static void serve(struct host *h)
{
    for (;;) {
        struct pollfd fds[2 + CHILDREN_MOST] = { { h->control, POLLIN, 0 },
                                                 { h->signals, POLLIN, 0 } };
        for (size_t i = 0; i < h->count; i++)
            fds[2 + i] = (struct pollfd) { h->children[i].status_fd, 0, 0 };
        if (poll(fds, 2 + h->count, police(h, NULL)) < 0 && errno != EINTR)
            return;
        police(h, fds + 2);
        if (fds[1].revents)
            reap(h);
        if (fds[0].revents && !take_request(h))
            return;
    }
}

static _Noreturn void host_live(int control, const struct confine_trade *trade,
                                const struct confine_filter *filter, pid_t keeper)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper)
        _exit(1);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    struct host h = { .control = control, .trade = trade, .filter = filter };
    h.signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (h.signals < 0)
        _exit(1);
    serve(&h);
    for (size_t i = 0; i < h.count; i++)
        kill(h.children[i].pid, SIGKILL);
    _exit(0);
}

/* ---- keeper ---- */

/* What the program was started with - a pipe somebody reads, a lock - must not stay open through
 * us. Standard error stays, for the one message there may be. Returns where `control` is now. */
static int leave_all_but(int control)
{
    enum { CONTROL = 3 };
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0)
        _exit(1);
    if (control != CONTROL && dup3(control, CONTROL, O_CLOEXEC) < 0)
        _exit(1);
    closefrom(CONTROL + 1);
    return CONTROL;
}

/* A terminal's ^C and a manager's TERM reach the whole group: the program decides, not they. */
static void ignore_signals(void)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2 };
    for (size_t i = 0; i < COUNT_OF(ignored); i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

_Noreturn void host_keep(const struct confine_trade *trade, int control)
{
    struct confine_filter *filter;
    struct error e = { 0 };
    ignore_signals();
    control = leave_all_but(control);
    prctl(PR_SET_NAME, trade->process);
    if (confine_filter_new(&filter, &e) != OK) {
        fprintf(stderr, "licet: %s\n", e.text);
        _exit(1);
    }
    if (trade->warm)
        trade->warm();
    for (int young = 0; young < DIED_YOUNG_MOST;) {
        int64_t begun = now_ms();
        pid_t keeper = getpid(), host = fork();
        int status = 0;
        if (host == 0)
            host_live(control, trade, filter, keeper);
        while (host > 0 && waitpid(host, &status, 0) < 0 && errno == EINTR) {
        }
        if (host > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            _exit(0);
        young = now_ms() - begun < 1000 ? young + 1 : 0;
    }
    _exit(1);
}
