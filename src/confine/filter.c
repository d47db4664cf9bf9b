/* SPDX-License-Identifier: Apache-2.0 */
/* Confinement: limits of the kernel, then lists of system calls; one on neither kills. */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct confine_filter {
    struct sock_fprog program;
    struct sock_filter rows[];
};

/* No socket, no exec, no fork or thread, no kill, no ioctl: these end the process at once. */
static const int allowed[] = {
    SCMP_SYS(read),       SCMP_SYS(pread64),         SCMP_SYS(lseek),        SCMP_SYS(close),
    SCMP_SYS(mremap),     SCMP_SYS(munmap),          SCMP_SYS(brk),          SCMP_SYS(madvise),
    SCMP_SYS(futex),      SCMP_SYS(clock_gettime),   SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getrandom),  SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};
/* Writing, but never into the file it hears (descriptor 0), however that was opened. */
static const int allowed_out[] = { SCMP_SYS(write), SCMP_SYS(pwrite64) };
/* Files are refused in words: libraries look for some (iconv's tables, on a name in an MPEG stream)
 * and go on without. */
static const int refused[] = {
    SCMP_SYS(open),  SCMP_SYS(openat),     SCMP_SYS(access),   SCMP_SYS(stat),
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(readlink),
};
/* what the sanitizers' own code needs while it works */
static const int allowed_sanitized[] = {
    SCMP_SYS(sched_yield), SCMP_SYS(getpid),       SCMP_SYS(gettid),         SCMP_SYS(prctl),
    SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
};

static int add_rules(scmp_filter_ctx ctx)
{
    int n = 0;
    for (size_t i = 0; i < COUNT_OF(allowed) && n >= 0; i++)
        n = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; SANITIZED && i < COUNT_OF(allowed_sanitized) && n >= 0; i++)
        n = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed_sanitized[i], 0);
    const struct scmp_arg_cmp out = SCMP_A0(SCMP_CMP_GT, 0, 0);
    for (size_t i = 0; i < COUNT_OF(allowed_out) && n >= 0; i++)
        n = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, allowed_out[i], 1, &out);
    for (size_t i = 0; i < COUNT_OF(refused) && n >= 0; i++)
        n = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
    /* memory, but none that could be run */
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    if (n >= 0)
        n = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_exec);
    if (n >= 0)
        n = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &no_exec);
    return n;
}

static enum code read_program(int fd, struct confine_filter **out, struct error *e)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size <= 0 || size > 64 * 1024)
        return fail(e, ERR_IO, "the seccomp filter has a size that makes no sense");
    struct confine_filter *f = calloc(1, sizeof *f + (size_t)size);
    if (!f)
        return fail(e, ERR_MEMORY, "no memory for the seccomp filter");
    if (pread(fd, f->rows, (size_t)size, 0) != size) {
        free(f);
        return fail_errno(e, "reading the seccomp filter");
    }
    f->program.len = (unsigned short)((size_t)size / sizeof *f->rows);
    f->program.filter = f->rows;
    *out = f;
    return OK;
}

enum code confine_filter_new(struct confine_filter **out, struct error *e)
{
    int fd = memfd_create("seccomp", MFD_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "a place for the seccomp filter");
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int n = ctx ? add_rules(ctx) : -ENOMEM;
    if (n >= 0)
        n = seccomp_export_bpf(ctx, fd);
    seccomp_release(ctx);
    errno = -n;
    enum code code = n < 0 ? fail_errno(e, "the seccomp filter") : read_program(fd, out, e);
    close(fd);
    return code;
}

static int64_t mapped_bytes(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, text, sizeof text - 1) < 0)
            text[0] = '\0';
        close(fd);
    }
    return strtoll(text, NULL, 10) * sysconf(_SC_PAGESIZE);
}

static enum code set_limit(int what, int64_t soft, int64_t hard, struct error *e)
{
    struct rlimit l = { (rlim_t)soft, (rlim_t)hard };
    return setrlimit((__rlimit_resource_t)what, &l) == 0 ? OK : fail_errno(e, "a limit");
}

enum code confine_self(const struct confine_filter *filter, const struct confine_limits *limits,
                       struct error *e)
{
    if (!SANITIZED) { /* their shadow memory alone is terabytes */
        int64_t bytes = mapped_bytes() + limits->memory_bytes_most;
        TRY(set_limit(RLIMIT_AS, bytes, bytes, e));
    }
    TRY(set_limit(RLIMIT_CPU, limits->cpu_seconds_most, limits->cpu_seconds_most + 1, e));
    TRY(set_limit(RLIMIT_FSIZE, limits->file_bytes_most, limits->file_bytes_most, e));
    TRY(set_limit(RLIMIT_NOFILE, 3, 3, e));
    TRY(set_limit(RLIMIT_CORE, 0, 0, e));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter->program, 0, 0) != 0)
        return fail_errno(e, "confining a child");
    return OK;
}
