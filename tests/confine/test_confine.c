/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine/confine.h"

/* How a confined process ends that tries `act`; its exit status is what `act` returns. */
static int try_confined(int (*act)(void))
{
    struct confine_filter *filter;
    const struct confine_limits limits = { 10, 64 << 20, 0 };
    CHECK_OK(confine_filter_new(&filter, e));
    pid_t pid = fork();
    if (pid == 0) {
        struct error e;
        if (confine_self(filter, &limits, &e) != OK)
            _exit(99);
        _exit(act());
    }
    int status;
    waitpid(pid, &status, 0);
    free(filter);
    return status;
}

static int act_memory(void)
{
    char *p = malloc(1000000);
    memset(p, 1, 1000000);
    free(p);
    return 7;
}
static int act_write_out(void)
{
    return write(1, "", 0) == 0 ? 7 : 0;
}
static int act_write_in(void)
{
    return (int)write(0, "x", 1);
}
static int act_pwrite_in(void)
{
    return (int)pwrite(0, "x", 1, 0);
}
static int act_open(void)
{
    return syscall(SYS_openat, -100, "/etc/passwd", 0) == -1 && errno == EACCES ? 7 : 0;
}
static int act_open_old(void)
{
    return syscall(SYS_open, "/etc/passwd", 0) == -1 && errno == EACCES ? 7 : 0;
}
static int act_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}
static int act_fork(void)
{
    return (int)syscall(SYS_fork);
}
static int act_clone(void)
{
    return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static int act_exec(void)
{
    char *const args[] = { NULL };
    return (int)syscall(SYS_execve, "/bin/true", args, args);
}
static int act_kill(void)
{
    return (int)syscall(SYS_kill, 1, 0);
}
static int act_ptrace(void)
{
    return (int)syscall(SYS_ptrace, 0, 0, 0, 0);
}
static int act_ioctl(void)
{
    return (int)syscall(SYS_ioctl, 0, 0x5401, 0);
}
static int act_dup(void)
{
    return (int)syscall(SYS_dup, 0);
}
static int act_memfd(void)
{
    return (int)syscall(SYS_memfd_create, "x", 0);
}
static int act_run_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED;
}
static int act_unlink(void)
{
    return (int)syscall(SYS_unlink, "/nowhere");
}
static int act_sleep(void)
{
    return (int)syscall(SYS_nanosleep, &(struct timespec) { 0, 1 }, NULL);
}

TEST(a_confined_process_can_do_nothing_but_its_work)
{
    static const struct {
        int (*act)(void);
        bool killed; /* else it goes on, and returns 7 */
    } rows[] = {
        { act_memory, false },    { act_write_out, false }, { act_write_in, true },
        { act_pwrite_in, true },  { act_open, false },      { act_open_old, false },
        { act_socket, true },     { act_fork, true },       { act_clone, true },
        { act_exec, true },       { act_kill, true },       { act_ptrace, true },
        { act_ioctl, true },      { act_dup, true },        { act_memfd, true },
        { act_run_memory, true }, { act_unlink, true },     { act_sleep, true },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int status = try_confined(rows[i].act);
        bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
        bool went_on = WIFEXITED(status) && WEXITSTATUS(status) == 7;
        if (rows[i].killed ? !killed : !went_on)
            STOP("row %zu: status %x", i, (unsigned)status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_process_can_do_nothing_but_its_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
