/* SPDX-License-Identifier: Apache-2.0 */
/* Music from a seed: chords and a tune of decaying partials, with drums; and what is done to it. */
#ifndef LICET_TESTS_MUSIC_H
#define LICET_TESTS_MUSIC_H

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "fingerprint/fingerprint.h"

static inline uint32_t music_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* `seconds` of music at 8 kHz, from second `from` on; the same seed is the same piece. */
static inline float *music_make(uint32_t seed, double from, double seconds, double speed)
{
    size_t count = (size_t)(seconds * FP_RATE_HZ), total = (size_t)((from + seconds * speed) * 4) + 2;
    float *out = calloc(count + 1, sizeof *out);
    uint32_t state = seed * 2654435761u + 12345;
    for (size_t note = 0; out && note < 3 * total; note++) {
        double start = (double)(note / 3) * 0.25 + (music_random(&state) % 64) / 1000.0;
        double hz = 110 * exp2((music_random(&state) % 44) / 12.0);
        double level = 0.05 + (music_random(&state) % 100) / 1200.0;
        double decay = 1.5 + (music_random(&state) % 100) / 20.0;
        double length = 1.2;
        if (start + length < from || start > from + seconds * speed)
            continue;
        double first = (start - from) / speed * FP_RATE_HZ;
        for (size_t i = first > 0 ? (size_t)first : 0; i < count; i++) {
            double t = ((double)i / FP_RATE_HZ) * speed + from - start;
            if (t < 0)
                continue;
            if (t > length)
                break;
            double fade = level * exp(-decay * t) * fmin(1, t * 100) * fmin(1, (length - t) * 20);
            out[i] += (float)(fade * (sin(2 * M_PI * hz * t) + 0.5 * sin(4 * M_PI * hz * t)));
        }
    }
    return out;
}

static inline void music_noise(float *x, size_t count, float level, uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        x[i] += level * ((float)(music_random(&seed) & 0xffff) / 32768.0f - 1);
}

static inline void music_print(const float *x, size_t count, struct fingerprint **fp,
                               struct fp_query **q)
{
    owned(fp_stream) s = NULL;
    CHECK_OK(fp_stream_new(&s, e));
    CHECK_OK(fp_stream_push(s, x, count, e));
    CHECK_OK(fp_stream_finish(s, fp, q, e));
}

#endif
