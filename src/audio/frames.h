/* SPDX-License-Identifier: Apache-2.0 */
/* What a child tells its parent: frames of { u32 kind, u32 length, payload }, native byte order.
 *
 * The reader takes bytes in pieces of any size and believes nothing: every length, count, number
 * and text is checked against `limits`. Inside audio only. */
#ifndef LICET_AUDIO_FRAMES_H
#define LICET_AUDIO_FRAMES_H

#include "audio/audio.h"

enum frame_kind {
    FRAME_PCM = 1, /* float[] */
    FRAME_TAG,     /* name NUL value */
    FRAME_PEAKS,   /* struct frame_peaks, int8 pairs */
    FRAME_POWER,   /* float[] */
    FRAME_CHROMA,  /* float[][12] */
    FRAME_FACTS,   /* struct frame_facts */
    FRAME_MADE,    /* struct frame_made */
    FRAME_ERROR,   /* u32 code, text */
    FRAME_END,     /* nothing */
};

enum {
    FRAME_BYTES_MOST = 64 * 1024, /* of a payload */
    FRAME_PCM_COUNT = 4096,
    FRAME_TAGS_MOST = 64,
    FRAME_TAG_BYTES_MOST = 4096,
    FRAME_PAIRS_MOST = 65536,
    FRAME_PAIRS_A_FRAME = 16384,
};

struct frame_header {
    uint32_t kind, length;
};
struct frame_peaks {
    int32_t rate_hz, samples_per_pixel;
};
struct frame_facts {
    char container[32], codec[32];
    int32_t channels, rate_hz;
    int64_t duration_ms;
    float peak;
    int32_t truncated, damages, has_loudness, has_range;
    double loudness_lufs, range_lu;
};
struct frame_made {
    int64_t duration_ms, bytes;
};

/* Collects a stream of frames into facts. */
struct frame_reader {
    const struct audio_limits *limits;
    const struct audio_sink *sink; /* may be NULL */
    struct arena *a;
    struct audio_facts facts;
    struct audio_rendered made;
    bool ended, has_facts, has_made, no_memory;
    char nothing[1]; /* stands for texts there was no memory for */
    struct error failed; /* what the child said went wrong */
    int64_t pcm_count;
    size_t tag_count;
    struct audio_tag tags[FRAME_TAGS_MOST];
    struct buf pairs, power, chroma;
    struct frame_peaks peaks;
    size_t have; /* bytes of `frame` that have come */
    struct {
        struct frame_header header;
        _Alignas(16) uint8_t payload[FRAME_BYTES_MOST];
    } frame;
};

void frames_init(struct frame_reader *r, const struct audio_limits *limits,
                 const struct audio_sink *sink, struct arena *a);
void frames_done(struct frame_reader *r);

/* errors  CORRUPT the frames make no sense; whatever the sink returns */
MUST_USE enum code frames_feed(struct frame_reader *r, const uint8_t *bytes, size_t count,
                               struct error *e);
/* One frame, already whole. */
MUST_USE enum code frames_take(struct frame_reader *r, enum frame_kind kind, const void *payload,
                               size_t length, struct error *e);
/* After the last byte: facts complete, or the error the child reported, or CORRUPT. */
MUST_USE enum code frames_finish(struct frame_reader *r, struct audio_facts *facts,
                                 struct error *e);
MUST_USE enum code frames_finish_render(struct frame_reader *r, struct audio_rendered *made,
                                        struct error *e);

#endif
