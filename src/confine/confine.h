/* SPDX-License-Identifier: Apache-2.0 */
/* confine: strangers' bytes are read in a child that can do nothing but read, write and end.
 *
 * Processes: confine_host_start forks a keeper, which forks the host, which forks one child per
 * call. The host has the trade's libraries loaded and none of the program's secrets, since it was
 * forked before there were any. When the host dies, the keeper makes another; when the program
 * dies, all end. A child has no network, files, threads or further processes (seccomp), bounded
 * memory, processor time and output; its descriptors are 0: what it reads, 1: a pipe to the
 * caller, 2: a file to write, where there is one. The caller believes no byte of what comes.
 *
 *     static const struct confine_trade trade = { "licet-audio", "decoder", warm, work };
 *     TRY(confine_host_start(&trade, &host, e));        // first thing in main
 *     ...
 *     TRY(confine_call(host, &call, &request, sizeof request, &end, e));
 */
#ifndef LICET_CONFINE_CONFINE_H
#define LICET_CONFINE_CONFINE_H

#include "base/base.h"

struct confine_host;

enum { CONFINE_REQUEST_BYTES_MOST = 1024 };

/* What one child may cost. */
struct confine_limits {
    int64_t cpu_seconds_most;
    int64_t memory_bytes_most; /* beyond what the idle host has mapped */
    int64_t file_bytes_most;   /* of the file it writes; 0: it writes none */
};

/* What a room has done in the child. */
struct confine_trade {
    const char *process;     /* as ps shows it; at most 15 bytes */
    const char *worker;      /* in messages: "decoder" */
    const char *cpu_setting; /* in messages: what allows more */
    const char *file_setting;
    void (*warm)(void); /* in the host, once: load what children will share; may be NULL */
    /* In the child, confined; `refused` is not NULL where that failed: say so and leave. Returns
     * the exit status; anything but 0 reads as "could not begin". */
    int (*work)(const void *request, size_t length, const struct error *refused);
};

/* Start keeper and host. Call it first in main: before threads, database and keys exist.
 * in      trade  static
 * errors  IO no process or descriptor to be had */
MUST_USE enum code confine_host_start(const struct confine_trade *trade, struct confine_host **out,
                                      struct error *e);
/* How many children work at a time (0: one per core); further callers wait their turn. */
void confine_host_set_jobs(struct confine_host *h, unsigned jobs);
/* Ends the host and whatever still works; NULL is fine. No other call may be under way. */
void confine_host_stop(struct confine_host *h);

struct confine_call {
    struct confine_limits limits;
    int fd_in, fd_out; /* fd_out -1: none */
    void *context;
    /* Bytes from the child, in pieces of any size. A code other than OK ends the call. */
    enum code (*words)(void *context, const uint8_t *bytes, size_t count, struct error *e);
};

/* One child's work from beginning to end.
 *
 * in      request  at most CONFINE_REQUEST_BYTES_MOST, handed to the trade's work
 * out     cpu_us   what the child used
 * errors  INVALID the bytes broke the worker; LIMIT too much memory or time; BUSY the child or
 *         the host was killed from outside: try again; whatever `words` returns
 * threads any number at once */
MUST_USE enum code confine_call(struct confine_host *h, const struct confine_call *call,
                                const void *request, size_t length, int64_t *cpu_us,
                                struct error *e);

/* ---- the confinement itself, for tests ---- */

struct confine_filter;

/* The seccomp program, compiled once in the host and installed by each child.
 * errors  IO seccomp is not to be had: then nothing is read */
MUST_USE enum code confine_filter_new(struct confine_filter **out, struct error *e);

/* From here on this process can read, write, seek and map memory. Opening a file is refused; any
 * other call ends it (SIGSYS). */
MUST_USE enum code confine_self(const struct confine_filter *filter,
                                const struct confine_limits *limits, struct error *e);

#endif
