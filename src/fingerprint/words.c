/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of bands -> words: hard ones for the index, soft ones for a question. */
#include "fingerprint/fingerprint.h"

#include <math.h>
#include <stdlib.h>

#define NEAR       2  /* hops on each side of a word's centre: 256 ms */
#define FAR        28 /* the mean that is taken off: 3.6 s */
#define POST_SPAN  8  /* words among which the surest parts are chosen: 4 s */
#define POST_MOST  16 /* of the 32 parts in them */
#define ROOT_STEPS 64
#define FAINT      4 /* mean distance of a word, in 1/64 of log2, below which it is silent */

/* The log-odds that a bit of the reference agrees grow with its distance x in the query about as
 * x / (x + 9.6), x in 1/8 of log2: fitted on clips with noise, speech, music, rooms and codecs. */
#define SOFT_MOST 100.0f
#define SOFT_HALF 9.6f

/* ---- levels of bands --------------------------------------------------------------------- */

struct scale {
    float power[256];      /* of a half band */
    uint8_t fraction[256]; /* 64 log2(1 + i / 256) */
};

/* Exact products of a power of two and one of eight constants: the same on every machine. */
static void scale_make(struct scale *s)
{
    static const float eighth[8] = { 1.0f,       1.0905077f, 1.1892071f, 1.2968396f,
                                     1.4142135f, 1.5422108f, 1.6817929f, 1.8340081f };
    for (int i = 0; i < 256; i++) {
        s->power[i] = ldexpf(eighth[i % 8], i / 8);
        s->fraction[i] = (uint8_t)(64 * log2(1 + (i + 0.5) / 256) + 0.5);
    }
}

/* 64 log2 of the power of the band that half bands `fine` and the next make. */
static inline int32_t level_of(const struct scale *s, const uint8_t *fine)
{
    float power = s->power[fine[0]] + s->power[fine[1]];
    uint32_t bits;
    memcpy(&bits, &power, sizeof bits);
    return ((int32_t)(bits >> 23) - 128) * 64 + s->fraction[bits >> 15 & 255];
}

/* ---- reference form ---------------------------------------------------------------------- */

/* The surest parts of each 4 s are worth a posting: sure of all bits, by the sum of log-odds. */
static void posts_choose(struct fingerprint *fp, const float *sure)
{
    for (size_t from = 0; from < fp->count; from += POST_SPAN) {
        size_t words = fp->count - from < POST_SPAN ? fp->count - from : POST_SPAN;
        size_t parts = words * FP_PARTS, most = words * POST_MOST / POST_SPAN;
        const float *s = sure + from * FP_PARTS;
        for (size_t i = 0; i < parts; i++) {
            size_t better = 0;
            for (size_t k = 0; k < parts; k++)
                better += s[k] > s[i] || (s[k] == s[i] && k < i);
            if (better < most && s[i] > -1e30f)
                fp->posts[from + i / FP_PARTS] |= (uint8_t)(1u << i % FP_PARTS);
        }
    }
}

/* distance in log2 -> log of the chance that the bit survives a mild distortion */
static float surety(float distance)
{
    float x = 8 * distance;
    return -1.0f / (1.0f + 0.25f * x * x);
}

/* What is averaged over time for a reference: the fourth root of the power. It lies between the
 * logarithm, which listens to the gaps between the notes (where noise will be), and the power, which
 * listens to the loudest moment only (and loses against speech). Roots are exactly rounded. */
static inline int32_t root_of(const struct scale *s, const uint8_t *fine, float floor)
{
    float power = s->power[fine[0]] + s->power[fine[1]] + floor;
    return (int32_t)(ROOT_STEPS * sqrtf(sqrtf(power)) + 0.5f);
}

/* How far the step from band b to b + 1 lies above its mean, in log2 of power, to the first order:
 * 4 log2(n1 f0 / (n0 f1)). The sign is exact. */
static inline float step_of(const int32_t *near, const int32_t *far, size_t b)
{
    int64_t up = (int64_t)near[b + 1] * far[b], down = (int64_t)near[b] * far[b + 1];
    return 11.541560f * (float)(up - down) / (float)(up + down);
}

enum code fp_query_fingerprint(const struct fp_query *q, struct fingerprint **out, struct error *e)
{
    owned(fingerprint) fp = calloc(1, sizeof *fp);
    size_t count = q->count / FP_STEP;
    int32_t near[FP_BITS + 1], far[FP_BITS + 1];
    float *sure = malloc((count * FP_PARTS + 1) * sizeof *sure);
    int16_t(*rows)[FP_BITS + 1] = malloc((q->count + 1) * sizeof *rows); /* roots */
    if (fp && sure && rows) {
        fp->words = calloc(count + 1, sizeof *fp->words);
        fp->posts = calloc(count + 1, 1);
    }
    if (!fp || !sure || !rows || !fp->words || !fp->posts) {
        free(sure);
        free(rows);
        return fail(e, ERR_MEMORY, "no memory for a fingerprint");
    }
    fp->count = count;
    fp->samples = q->samples;

    struct scale scale;
    scale_make(&scale);
    for (size_t i = 0; i < q->count; i++)
        for (size_t b = 0; b <= FP_BITS; b++)
            rows[i][b] = (int16_t)root_of(&scale, q->bands + i * FP_FINE + 2 * (FP_FIRST + b), 0);
    memset(far, 0, sizeof far);
    size_t far_from = 0, far_to = 0; /* rows that `far` is the sum of */
    for (size_t j = 0; j < count; j++) {
        size_t centre = j * FP_STEP + FP_STEP / 2;
        size_t from = centre > FAR ? centre - FAR : 0;
        size_t to = centre + FAR < q->count ? centre + FAR : q->count;
        for (; far_to < to; far_to++)
            for (size_t b = 0; b <= FP_BITS; b++)
                far[b] += rows[far_to][b];
        for (; far_from < from; far_from++)
            for (size_t b = 0; b <= FP_BITS; b++)
                far[b] -= rows[far_from][b];
        memset(near, 0, sizeof near);
        for (size_t i = centre - NEAR; i < centre + NEAR; i++)
            for (size_t b = 0; b <= FP_BITS; b++)
                near[b] += rows[i][b];

        int32_t total = 0; /* in 1/1024 of log2 */
        struct fp_word word = { { 0, 0 } };
        float part[FP_PARTS] = { 0 };
        for (size_t b = 0; b < FP_BITS; b++) {
            float d = step_of(near, far, b);
            word.half[b / 64] |= (uint64_t)(d > 0) << b % 64;
            total += (int32_t)(1024 * (d < 0 ? -d : d));
            part[b / 32] += surety(d);
        }
        bool heard = total >= 1024 / 64 * FP_BITS * FAINT;
        if (heard)
            fp->words[j] = word;
        for (size_t p = 0; p < FP_PARTS; p++)
            sure[j * FP_PARTS + p] = heard ? part[p] : -2e30f;
    }
    posts_choose(fp, sure);
    free(sure);
    free(rows);
    *out = take(fp);
    return OK;
}

/* ---- steady noise ------------------------------------------------------------------------ */

#define GROUP        8 /* half bands that have one floor */
#define GROUPS       ((FP_FINE + GROUP - 1) / GROUP)
#define VALLEY       18    /* half bands on each side, of which a quarter lies lower */
#define FILLED       1.52f /* 2^0.6: mean power over floor, below which a band holds noise only */
#define FILLED_LEAST 4     /* of so many bands one must be: then it is noise */
#define FLOOR_SHARE  1.0f

/* The value that `rank` of the counted ones lie below. */
static uint8_t rank_of(const uint16_t *counts, uint32_t rank)
{
    uint32_t run = 0;
    int v = 0;
    while (v < 255 && (run += counts[v]) <= rank)
        v++;
    return (uint8_t)v;
}

/* Noise fills the valleys between partials, and between notes: what is usual in time and low among
 * the neighbours is its floor. It is added to the power, so that bits where there is little else say
 * little, and roots are averaged as for a reference, since there are no gaps to listen to. Speech and
 * music on top leave the valleys open: there nothing is added.
 *
 * out     floors  [FP_FINE + 1], where there is such noise
 * returns whether there is such noise */
static bool floors_find(const struct scale *s, const struct fp_query *q, size_t first, size_t count,
                        float *floors)
{
    uint8_t usual[FP_FINE];
    float mean[FP_FINE];
    uint32_t filled = 0, rows = (uint32_t)((count + 1) / 2);
    memset(floors, 0, (FP_FINE + 1) * sizeof *floors);
    if (rows < 8)
        return false;
    for (size_t b = 0; b < FP_FINE; b++) {
        uint16_t counts[256] = { 0 };
        float sum = 0;
        for (size_t i = 0; i < count; i += 2) {
            uint8_t v = q->bands[(first + i) * FP_FINE + b];
            counts[v]++;
            sum += s->power[v];
        }
        usual[b] = rank_of(counts, rows / 2);
        mean[b] = sum / (float)rows;
    }
    for (size_t g = 0; g < GROUPS; g++) {
        uint16_t counts[256] = { 0 };
        uint32_t known = 0;
        for (size_t b = g * GROUP + GROUP / 2; b <= g * GROUP + GROUP / 2 + 2 * VALLEY; b++)
            if (b >= VALLEY && b - VALLEY < FP_FINE) {
                counts[usual[b - VALLEY]]++;
                known++;
            }
        float floor = s->power[rank_of(counts, known / 4)];
        for (size_t b = g * GROUP; b < (g + 1) * GROUP && b < FP_FINE; b++) {
            floors[b] = FLOOR_SHARE * floor;
            filled += mean[b] < FILLED * floor;
        }
    }
    return filled * FILLED_LEAST >= FP_FINE;
}

/* ---- question form ----------------------------------------------------------------------- */

enum code fp_window_make(const struct fp_query *q, size_t first, size_t count, struct arena *a,
                         struct fp_window *out, struct error *e)
{
    if (first > q->count)
        first = q->count;
    if (count > q->count - first)
        count = q->count - first;
    size_t plane = (count + 1) * FP_BANDS;
    int32_t *sums = arena_try(a, 2 * plane, sizeof *sums);
    if (!sums)
        return fail(e, ERR_MEMORY, "no memory for a window of %zu rows", count);
    struct scale scale;
    float floors[FP_FINE + 1];
    scale_make(&scale);
    bool noisy = floors_find(&scale, q, first, count, floors);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = q->bands + (first + i) * FP_FINE;
        for (size_t half = 0; half < 2; half++) {
            int32_t *sum = sums + half * plane + i * FP_BANDS;
            for (size_t b = 0; b < FP_BANDS; b++) {
                size_t fine = 2 * b + half;
                sum[FP_BANDS + b] = sum[b] + (noisy ? root_of(&scale, row + fine,
                                                              floors[fine] + floors[fine + 1])
                                                    : level_of(&scale, row + fine));
            }
        }
    }
    *out = (struct fp_window) { first, count, sums, noisy };
    return OK;
}

/* The same code for plain processors and for wider vectors: element by element, so that both give
 * the same bits. */
#define ALWAYS static inline __attribute__((always_inline))

/* The running sum up to a fraction of a row. */
ALWAYS void sum_at(const struct fp_window *w, double at, size_t half, size_t band, size_t bands,
                   float sign, float *out)
{
    size_t i = (size_t)at;
    if (i >= w->count)
        i = w->count ? w->count - 1 : 0;
    float part = (float)(at - (double)i);
    const int32_t *low = w->sums + (half * (w->count + 1) + i) * FP_BANDS + band;
    const int32_t *high = w->count ? low + FP_BANDS : low;
    for (size_t b = 0; b < bands; b++)
        out[b] += sign * ((float)low[b] + part * (float)(high[b] - low[b]));
}

static double clamp(double x, double most)
{
    return x < 0 ? 0 : x > most ? most : x;
}

/* 32 log2(near / far) of two roots, to the third order: in 1/8 of log2 of power. */
ALWAYS float log_step(float near, float far)
{
    float y = (near - far) / (near + far);
    return 92.332482f * (y + y * y * y * (1 / 3.0f));
}

/* Levels of `bands` bands from `band` on, near the centre, less their mean far around it. */
ALWAYS bool levels_of(const struct fp_window *w, double rate, size_t half, size_t band,
                      size_t bands, double centre, float *near)
{
    float far[FP_BANDS] = { 0 };
    double most = (double)w->count, at = centre - (double)w->first;
    double near_from = clamp(at - NEAR / rate, most);
    double near_to = clamp(at + NEAR / rate, most);
    double far_from = clamp(at - FAR / rate, most);
    double far_to = clamp(at + FAR / rate, most);

    if (near_to - near_from < NEAR / rate || far_to - far_from < 2 * NEAR)
        return false;
    for (size_t b = 0; b < bands; b++)
        near[b] = 0;
    sum_at(w, near_to, half, band, bands, 1, near);
    sum_at(w, near_from, half, band, bands, -1, near);
    sum_at(w, far_to, half, band, bands, 1, far);
    sum_at(w, far_from, half, band, bands, -1, far);
    float per_near = (float)(0.125 / (near_to - near_from));
    float per_far = (float)(0.125 / (far_to - far_from));
    if (w->noisy)
        for (size_t b = 0; b < bands; b++)
            near[b] = log_step(near[b] * per_near, far[b] * per_far);
    else
        for (size_t b = 0; b < bands; b++)
            near[b] = near[b] * per_near - far[b] * per_far;
    return true;
}

/* Soft bits of `pairs` steps; sizes: their distances, in 1/128 of log2. */
ALWAYS void soft_of(float *near, size_t pairs, int8_t *soft, int32_t *sizes)
{
    float size[FP_BANDS];
    for (size_t b = 0; b < pairs; b++) {
        float x = near[b + 1] - near[b], distance = x < 0 ? -x : x;
        size[b] = SOFT_MOST * distance / (distance + SOFT_HALF) + 0.5f;
        sizes[b] = (int32_t)(16 * distance);
        near[b] = x;
    }
    for (size_t b = 0; b < pairs; b++) {
        int v = (int)size[b];
        soft[b] = (int8_t)(near[b] < 0 ? -v : v);
    }
}

ALWAYS bool sketch_of(const struct fp_window *w, const struct fp_warp *warp, double centre,
                      int8_t *soft)
{
    /* sixths of a semitone are half bands: the odd ones lie in the second plane */
    int shift = FP_FIRST * 2 + warp->pitch;
    size_t half = (size_t)(shift & 1), band = (size_t)(shift >> 1), bands = FP_BITS + 1;
    float near[FP_BANDS];
    int32_t sizes[FP_BANDS], total = 0;
    memset(soft, 0, FP_BITS);
    if (band + half + bands > FP_BANDS)
        bands = FP_BANDS - band - half; /* above half the sampling rate nothing is known */
    if (!levels_of(w, warp->rate, half, band, bands, centre, near))
        return false;
    soft_of(near, bands - 1, soft, sizes);
    for (size_t b = 0; b + 1 < bands; b++)
        total += sizes[b];
    if (total < FP_SIZES_HEARD) {
        memset(soft, 0, FP_BITS);
        return false;
    }
    return true;
}

ALWAYS bool row_of(const struct fp_window *w, double rate, size_t half, double centre, int8_t *soft,
                   int32_t *sizes)
{
    float near[FP_BANDS];
    size_t bands = FP_BANDS - half;
    memset(soft, 0, FP_BANDS);
    memset(sizes, 0, FP_BANDS * sizeof *sizes);
    if (!levels_of(w, rate, half, 0, bands, centre, near))
        return false;
    soft_of(near, bands - 1, soft, sizes);
    return true;
}

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
WIDE static bool sketch_wide(const struct fp_window *w, const struct fp_warp *warp, double centre,
                             int8_t *soft)
{
    return sketch_of(w, warp, centre, soft);
}

WIDE static bool row_wide(const struct fp_window *w, double rate, size_t half, double centre,
                          int8_t *soft, int32_t *sizes)
{
    return row_of(w, rate, half, centre, soft, sizes);
}
#endif

bool fp_window_sketch(const struct fp_window *w, const struct fp_warp *warp, double centre,
                      int8_t *soft)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return sketch_wide(w, warp, centre, soft);
#endif
    return sketch_of(w, warp, centre, soft);
}

bool fp_window_row(const struct fp_window *w, double rate, size_t half, double centre, int8_t *soft,
                   int32_t *sizes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return row_wide(w, rate, half, centre, soft, sizes);
#endif
    return row_of(w, rate, half, centre, soft, sizes);
}
