/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a source that speak FFmpeg's types. Inside the worker only. */
#ifndef LICET_AUDIO_WORKER_SOURCE_H
#define LICET_AUDIO_WORKER_SOURCE_H

#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>

#include "audio/worker.h"

/* Where each channel is heard: its weight in left and right, its place for loudness. */
void worker_shape_of(struct worker_shape *h, int channels, int rate_hz,
                     const AVChannelLayout *layout);

/* `count` samples of `kind` (packed) from the `first`-th of `bytes`, `step` apart, to every
 * `stride`-th of `out`. What is not a number, or far too large, becomes 0. */
void worker_samples_convert(enum AVSampleFormat kind, const uint8_t *bytes, size_t first,
                            size_t step, float *out, size_t stride, size_t count);

/* Whether a file says of itself that more should come: WAV and AIFF by the size in their head, Ogg
 * by the mark of its last page. Others are known by their length in time. */
bool worker_end_is_missing(int fd, int64_t size_bytes);

#endif
