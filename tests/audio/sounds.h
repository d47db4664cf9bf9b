/* SPDX-License-Identifier: Apache-2.0 */
/* Sound files made in the test: in memory, by hand. */
#ifndef LICET_TESTS_SOUNDS_H
#define LICET_TESTS_SOUNDS_H

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "audio/audio.h"

struct sound {
    int channels, rate_hz;
    double seconds, hz, gain;
    bool floats; /* 32-bit float instead of 16-bit */
};

static inline int file_of(const void *bytes, size_t length)
{
    int fd = memfd_create("sound", MFD_CLOEXEC);
    if (fd < 0 || pwrite(fd, bytes, length, 0) != (ssize_t)length)
        STOP("no memory file of %zu bytes", length);
    return fd;
}

static inline void le(struct buf *b, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(value >> (8 * i)));
}

/* Header of a WAV file whose sound has `data_bytes`. */
static inline void wav_head(struct buf *b, const struct sound *s, uint32_t data_bytes)
{
    uint32_t width = s->floats ? 4 : 2, row = (uint32_t)s->channels * width;
    buf_text(b, "RIFF");
    le(b, 36 + data_bytes, 4);
    buf_text(b, "WAVEfmt ");
    le(b, 16, 4);
    le(b, s->floats ? 3 : 1, 2);
    le(b, (uint32_t)s->channels, 2);
    le(b, (uint32_t)s->rate_hz, 4);
    le(b, (uint32_t)s->rate_hz * row, 4);
    le(b, row, 2);
    le(b, width * 8, 2);
    buf_text(b, "data");
    le(b, data_bytes, 4);
}

static inline size_t sound_rows(const struct sound *s)
{
    return (size_t)(s->seconds * s->rate_hz + 0.5);
}

/* A tone with a slow beat, the same in all channels. */
static inline double sound_at(const struct sound *s, size_t row)
{
    double t = (double)row / s->rate_hz;
    return s->gain * sin(2 * M_PI * s->hz * t) * (0.75 + 0.25 * sin(2 * M_PI * 0.5 * t));
}

static inline void wav_write(struct buf *b, const struct sound *s)
{
    size_t rows = sound_rows(s), width = s->floats ? 4 : 2, channels = (size_t)s->channels;
    uint8_t *bytes = malloc(rows * width * channels + 1), *to = bytes;
    for (size_t i = 0; i < rows; i++) {
        double x = sound_at(s, i);
        float f = (float)x;
        int16_t n = (int16_t)lround(x * 32767);
        for (size_t c = 0; c < channels; c++, to += width)
            memcpy(to, s->floats ? (const void *)&f : &n,
                   width); /* this machine is little-endian */
    }
    wav_head(b, s, (uint32_t)(rows * width * channels));
    buf_put(b, bytes, rows * width * channels);
    free(bytes);
}

static inline int wav_file(const struct sound *s)
{
    BUF(b);
    wav_write(&b, s);
    return file_of(b.bytes, b.length);
}

static inline void file_bytes(int fd, struct buf *b)
{
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t *bytes = malloc((size_t)size + 1);
    if (!bytes || pread(fd, bytes, (size_t)size, 0) != size)
        STOP("a memory file that cannot be read");
    buf_put(b, bytes, (size_t)size);
    free(bytes);
}

/* What came through the sink. */
struct heard {
    size_t count;
    double square;
    uint64_t hash; /* FNV-1a over the samples' bytes */
    float first[64];
};

static inline enum code hear_pcm(void *context, const float *x, size_t n, struct error *e)
{
    (void)e;
    struct heard *h = context;
    for (size_t i = 0; i < n; i++) {
        uint8_t bytes[4];
        memcpy(bytes, &x[i], 4);
        for (int k = 0; k < 4; k++)
            h->hash = (h->hash ^ bytes[k]) * 1099511628211U;
        h->square += (double)x[i] * (double)x[i];
        h->count++;
    }
    return OK;
}

static const struct audio_wants want_all = { true, true, true, true, true };
static const struct audio_wants want_none;

#endif
