/* SPDX-License-Identifier: Apache-2.0 */
/* Samples -> rows of 317 half bands: the only place with a Fourier transform. */
#include "fingerprint/fingerprint.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include <libavutil/mem.h>
#include <libavutil/tx.h>

#define BINS      (FP_WINDOW / 2 + 1)
#define SPREAD    (BINS + 2 * FP_FINE)
#define LOW_HZ    260.0 /* the lower edge of half band 32 */
#define LOG_STEPS 8
/* 0 stands for 96 dB below a sine at full scale, 255 for that sine */
#define LOG_FLOOR 13.5

struct fp_stream {
    AVTXContext *tx;
    av_tx_fn transform;
    float *window, *in, *out; /* av_malloc: aligned for the transform */
    float pending[FP_WINDOW]; /* samples of the next row */
    size_t pending_count;
    uint64_t samples;
    uint8_t *bands; /* [rows][FP_FINE] */
    size_t rows, room;
    bool finished;
    struct { uint16_t first, count, at; } band[FP_FINE];
    float weight[SPREAD];
    uint8_t log_fraction[256];
};

/* Each bin's power is spread evenly over its width, so a band takes a share of its edge bins. */
static void bands_lay_out(struct fp_stream *s)
{
    size_t at = 0;
    for (size_t b = 0; b < FP_FINE; b++) {
        double low = LOW_HZ * exp2(((double)b - 32) / 72) / FP_RATE_HZ * FP_WINDOW + 0.5;
        double high = LOW_HZ * exp2(((double)b - 31) / 72) / FP_RATE_HZ * FP_WINDOW + 0.5;
        size_t first = (size_t)low, last = (size_t)high;
        if (last > BINS - 1)
            last = BINS - 1;
        s->band[b].first = (uint16_t)first;
        s->band[b].at = (uint16_t)at;
        for (size_t k = first; k <= last; k++) {
            double from = low > (double)k ? low : (double)k;
            double to = high < (double)k + 1 ? high : (double)k + 1;
            s->weight[at++] = (float)(to > from ? to - from : 0);
        }
        s->band[b].count = (uint16_t)(at - s->band[b].at);
    }
}

enum code fp_stream_new(struct fp_stream **out, struct error *e)
{
    owned(fp_stream) s = calloc(1, sizeof *s);
    float scale = 1;
    if (!s)
        return fail(e, ERR_MEMORY, "no memory for an audio stream");
    s->window = av_malloc(FP_WINDOW * sizeof *s->window);
    s->in = av_malloc(FP_WINDOW * sizeof *s->in);
    s->out = av_malloc((FP_WINDOW + 16) * sizeof *s->out);
    if (!s->window || !s->in || !s->out
        || av_tx_init(&s->tx, &s->transform, AV_TX_FLOAT_RDFT, 0, FP_WINDOW, &scale, 0) < 0)
        return fail(e, ERR_MEMORY, "no memory for a Fourier transform");
    for (size_t i = 0; i < FP_WINDOW; i++)
        s->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * ((double)i + 0.5) / FP_WINDOW));
    for (size_t i = 0; i < 256; i++)
        s->log_fraction[i] = (uint8_t)(LOG_STEPS * log2(1 + ((double)i + 0.5) / 256) + 0.5);
    bands_lay_out(s);
    *out = take(s);
    return OK;
}

void fp_stream_free(struct fp_stream *s)
{
    if (!s)
        return;
    av_tx_uninit(&s->tx);
    av_free(s->window);
    av_free(s->in);
    av_free(s->out);
    free(s->bands);
    free(s);
}

/* 8 log2(power), from the bits of the float: exact, and the same everywhere. */
static uint8_t log_of(const struct fp_stream *s, float power)
{
    uint32_t bits;
    if (!(power > 1e-30f))
        return 0;
    memcpy(&bits, &power, sizeof bits);
    int exponent = (int)(bits >> 23 & 255) - 127;
    int value = exponent * LOG_STEPS + s->log_fraction[bits >> 15 & 255]
              + (int)(LOG_FLOOR * LOG_STEPS);
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static enum code row_add(struct fp_stream *s, struct error *e)
{
    if (s->rows == s->room) {
        size_t room = s->room ? s->room + s->room / 2 : 1024;
        uint8_t *bands = realloc(s->bands, room * FP_FINE);
        if (!bands)
            return fail(e, ERR_MEMORY, "no memory for %zu s of audio", room / 16);
        s->bands = bands;
        s->room = room;
    }
    for (size_t i = 0; i < FP_WINDOW; i++)
        s->in[i] = s->pending[i] * s->window[i];
    s->transform(s->tx, s->out, s->in, sizeof(float));
    s->out[2 * BINS - 1] = 0; /* of the last bin, which is real: left as it was by some transforms */

    float power[BINS];
    for (size_t k = 0; k < BINS; k++)
        power[k] = s->out[2 * k] * s->out[2 * k] + s->out[2 * k + 1] * s->out[2 * k + 1];
    uint8_t *row = s->bands + s->rows * FP_FINE;
    for (size_t b = 0; b < FP_FINE; b++) {
        const float *weight = s->weight + s->band[b].at, *p = power + s->band[b].first;
        float sum = 0;
        for (size_t k = 0; k < s->band[b].count; k++)
            sum += weight[k] * p[k];
        row[b] = log_of(s, sum);
    }
    s->rows++;
    return OK;
}

enum code fp_stream_push(struct fp_stream *s, const float *pcm, size_t count, struct error *e)
{
    if (s->samples + count > (uint64_t)FP_SECONDS_MOST * FP_RATE_HZ)
        return fail(e, ERR_LIMIT, "audio is longer than %d hours", FP_SECONDS_MOST / 3600);
    s->samples += count;
    for (size_t i = 0; i < count; i++) {
        float x = pcm[i];
        s->pending[s->pending_count++] = x >= -4 ? (x <= 4 ? x : 4) : (x < -4 ? -4 : 0);
        if (s->pending_count == FP_WINDOW) {
            TRY(row_add(s, e));
            memmove(s->pending, s->pending + FP_HOP, (FP_WINDOW - FP_HOP) * sizeof *s->pending);
            s->pending_count = FP_WINDOW - FP_HOP;
        }
    }
    return OK;
}

enum code fp_stream_finish(struct fp_stream *s, struct fingerprint **fp, struct fp_query **query,
                           struct error *e)
{
    assert(!s->finished);
    s->finished = true;
    owned(fp_query) q = calloc(1, sizeof *q);
    if (!q)
        return fail(e, ERR_MEMORY, "no memory for a fingerprint");
    q->bands = take(s->bands);
    q->count = s->rows;
    q->samples = s->samples;
    owned(fingerprint) own = NULL;
    if (fp)
        TRY(fp_query_fingerprint(q, &own, e));
    if (fp)
        *fp = take(own);
    if (query)
        *query = take(q);
    return OK;
}

void fp_query_free(struct fp_query *q)
{
    if (!q)
        return;
    free(q->bands);
    free(q);
}

void fingerprint_free(struct fingerprint *fp)
{
    if (!fp)
        return;
    free(fp->words);
    free(fp->posts);
    free(fp);
}

double fingerprint_seconds(const struct fingerprint *fp)
{
    return (double)fp->samples / FP_RATE_HZ;
}

double fp_query_seconds(const struct fp_query *q)
{
    return (double)q->samples / FP_RATE_HZ;
}
