/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a confined child, and what it does then. Inside audio only. */
#ifndef LICET_AUDIO_REQUEST_H
#define LICET_AUDIO_REQUEST_H

#include "audio/worker.h"
#include "confine/confine.h"

enum { AUDIO_DECODE = 1, AUDIO_RENDER };

struct audio_request {
    uint32_t kind;
    int64_t size_bytes;
    struct audio_limits limits;
    struct audio_wants wants;
    struct audio_format format;
};
_Static_assert(sizeof(struct audio_request) <= CONFINE_REQUEST_BYTES_MOST, "it is one packet");

extern const struct confine_trade audio_trade;

#endif
