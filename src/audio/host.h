/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between the program and its audio host. Inside audio only.
 *
 * A request is one packet on a SEQPACKET socket with three or four descriptors: the file, a pipe
 * for the child's frames, a pipe for the host's word on the child's end, and for a rendition the
 * file to write. Both ends are the same program, so the request is a plain struct. */
#ifndef LICET_AUDIO_HOST_H
#define LICET_AUDIO_HOST_H

#include "audio/worker.h"

enum { HOST_DECODE = 1, HOST_RENDER };
enum { HOST_FD_FILE, HOST_FD_FRAMES, HOST_FD_STATUS, HOST_FD_OUT, HOST_FD_COUNT };

struct host_request {
    uint32_t kind;
    int64_t size_bytes;
    struct audio_limits limits;
    struct audio_wants wants;
    struct audio_format format;
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
static inline int64_t host_seconds_most(const struct audio_limits *l)
{
    return 60 + 10 * l->cpu_seconds_most;
}

/* The keeper's life: keeps a host on `control` until the other end closes. Never returns. */
_Noreturn void host_keep(int control);

#endif
