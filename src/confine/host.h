/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between the program and its host. Inside confine only.
 *
 * A request is one packet on a SEQPACKET socket with three or four descriptors: the file, a pipe
 * for the child's words, a pipe for the host's word on the child's end, and a file to write. Both
 * ends are the same program, so the request is a plain struct. */
#ifndef LICET_CONFINE_HOST_H
#define LICET_CONFINE_HOST_H

#include "confine/confine.h"

enum { HOST_FD_FILE, HOST_FD_WORDS, HOST_FD_STATUS, HOST_FD_OUT, HOST_FD_COUNT };

struct host_request {
    struct confine_limits limits;
    uint32_t length;
    _Alignas(16) uint8_t payload[CONFINE_REQUEST_BYTES_MOST];
};

/* How a child ended. */
struct host_status {
    int32_t wait_status; /* as of wait(2) */
    int32_t overdue;     /* the host killed it: its time on the clock was over */
    int32_t refused;     /* errno: no child could be had */
    int32_t unused;
    int64_t cpu_us;
};

/* The clock's limit: a child that waits for its caller or for a slow disk has this much. */
static inline int64_t host_seconds_most(const struct confine_limits *l)
{
    return 60 + 10 * l->cpu_seconds_most;
}

/* The keeper's life: keeps a host on `control` until the other end closes. Never returns. */
_Noreturn void host_keep(const struct confine_trade *trade, int control);

#endif
