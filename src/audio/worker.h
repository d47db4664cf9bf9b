/* SPDX-License-Identifier: Apache-2.0 */
/* The work on one file, as the child does it: the only part of the house that knows FFmpeg.
 *
 * It reports by frames and holds no state between files. Inside audio only. */
#ifndef LICET_AUDIO_WORKER_H
#define LICET_AUDIO_WORKER_H

#include "audio/frames.h"

struct worker_out {
    void *context;
    enum code (*frame)(void *context, enum frame_kind kind, const void *payload, size_t length,
                       struct error *e);
};

/* A file as the caller knows it: the child may not ask the kernel about it. */
enum { WORKER_STREAM = -1 };
struct worker_file {
    int fd;
    int64_t size_bytes; /* WORKER_STREAM: a pipe, read from where it stands until it ends */
};

/* Sends everything up to and including FRAME_FACTS; the caller sends the error or the end. */
MUST_USE enum code worker_decode(struct worker_file file, const struct audio_limits *limits,
                                 const struct audio_wants *wants, const struct worker_out *out,
                                 struct error *e);
MUST_USE enum code worker_render(struct worker_file file, int fd_out,
                                 const struct audio_limits *limits,
                                 const struct audio_format *format, const struct worker_out *out,
                                 struct error *e);

/* Build the tables of the common codecs, so that children forked later share them. */
void worker_warm(void);

/* ---- sources: a file's first audio stream, as interleaved floats ---- */

enum { WORKER_CHUNK = 4096, WORKER_CHANNELS_MOST = 32 };

struct worker_source;

/* What a chunk of sound is like; it may change in the middle of a file. */
struct worker_shape {
    int channels, rate_hz;
    float weight[WORKER_CHANNELS_MOST][2]; /* of a channel in left and right; columns sum to 1 */
    int role[WORKER_CHANNELS_MOST];        /* libebur128's enum channel */
};

MUST_USE enum code worker_source_open(struct worker_file file, const struct audio_limits *limits,
                                      struct worker_source **out, struct error *e);
void worker_source_free(struct worker_source *s);
OWNED_BY(worker_source)

/* The next sound: [count][shape->channels], finite, at most WORKER_CHUNK rows; count 0: the end.
 * `samples` and `shape` are borrowed until the next call. */
MUST_USE enum code worker_source_next(struct worker_source *s, const struct worker_shape **shape,
                                      const float **samples, size_t *count, struct error *e);

/* What is known of the file; duration_ms, damages and truncated once it has been read. */
void worker_source_facts(const struct worker_source *s, struct frame_facts *f);
/* What the file says of its length; 0 when it says nothing that can be relied on. */
int64_t worker_source_declared_ms(const struct worker_source *s);
MUST_USE enum code worker_source_tags(const struct worker_source *s, const struct worker_out *out,
                                      struct error *e);

/* ---- curve: power and pitch classes of 8 kHz sound ---- */

struct worker_curve;
struct worker_curve *worker_curve_new(void); /* NULL: no memory */
void worker_curve_free(struct worker_curve *c);
OWNED_BY(worker_curve)
MUST_USE enum code worker_curve_push(struct worker_curve *c, const float *mono8k, size_t count,
                                     const struct worker_out *out, struct error *e);
MUST_USE enum code worker_curve_finish(struct worker_curve *c, const struct worker_out *out,
                                       struct error *e);

/* ---- waveform: minima and maxima, coarser as the piece grows ---- */

struct worker_peaks {
    int rate_hz, samples_per_pixel, at;
    float low, high;
    size_t count;
    int8_t pairs[FRAME_PAIRS_MOST][2];
};
void worker_peaks_begin(struct worker_peaks *p, int rate_hz);
void worker_peaks_push(struct worker_peaks *p, const float *samples, size_t count, int channels);
MUST_USE enum code worker_peaks_finish(struct worker_peaks *p, const struct worker_out *out,
                                       struct error *e);

/* errors  ERR_LIMIT for no memory, with the setting's name; ERR_INVALID else */
enum code worker_fail(struct error *e, int av_error, const char *what);

#endif
