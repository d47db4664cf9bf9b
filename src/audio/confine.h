/* SPDX-License-Identifier: Apache-2.0 */
/* Confinement of a child: what it may still do once it touches a stranger's bytes. */
#ifndef LICET_AUDIO_CONFINE_H
#define LICET_AUDIO_CONFINE_H

#include "audio/audio.h"

struct confine_filter;

/* The seccomp program, compiled once in the host and installed by each child.
 * errors  IO seccomp is not to be had: then nothing is decoded */
MUST_USE enum code confine_filter_new(struct confine_filter **out, struct error *e);

/* From here on this process can read, write, seek and map memory. Opening a file is refused; any
 * other call ends it (SIGSYS). */
MUST_USE enum code confine_self(const struct confine_filter *filter,
                                const struct audio_limits *limits, int64_t file_bytes_most,
                                struct error *e);
#endif
