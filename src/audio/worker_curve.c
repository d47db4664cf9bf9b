/* SPDX-License-Identifier: Apache-2.0 */
/* How a piece runs: its power, ten times a second, and its pitch classes, twice a second; and the
 * minima and maxima of its waveform. */
#include "audio/worker.h"

#include <libavutil/mem.h>
#include <libavutil/tx.h>
#include <math.h>
#include <stdlib.h>

enum {
    POWER_STEP = AUDIO_PCM_RATE_HZ / AUDIO_POWERS_PER_SECOND,
    CHROMA_STEP = AUDIO_PCM_RATE_HZ / AUDIO_CHROMAS_PER_SECOND,
    WINDOW = 4096,   /* 0.51 s, 1.95 Hz a bin */
    ROWS_HELD = 512, /* sent together */
    PIXELS_A_SECOND = 50,
};

struct worker_curve {
    AVTXContext *tx;
    av_tx_fn transform;
    AVComplexFloat *in, *out;
    size_t held; /* samples in `window` */
    size_t power_held, chroma_held, in_power;
    double square; /* of the power row under way */
    float window[WINDOW], shape[WINDOW];
    int8_t class_of[WINDOW / 2]; /* pitch class of a bin, -1: none */
    float power[ROWS_HELD];
    float chroma[ROWS_HELD][AUDIO_CHROMA];
};

struct worker_curve *worker_curve_new(void)
{
    struct worker_curve *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    float scale = 1;
    c->in = av_calloc(WINDOW, sizeof *c->in);
    c->out = av_calloc(WINDOW, sizeof *c->out);
    if (!c->in || !c->out ||
        av_tx_init(&c->tx, &c->transform, AV_TX_FLOAT_FFT, 0, WINDOW, &scale, 0) < 0) {
        worker_curve_free(c);
        return NULL;
    }
    for (int i = 0; i < WINDOW; i++)
        c->shape[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * i / WINDOW));
    for (int k = 0; k < WINDOW / 2; k++) {
        double hz = (double)k * AUDIO_PCM_RATE_HZ / WINDOW;
        /* 110 Hz to 1760 Hz: below, two bins share a note; above, overtones rule */
        bool in_range = hz >= 107.0 && hz <= 1810.0;
        int note = in_range ? (int)lround(12 * log2(hz / 440.0)) + 9 + 48 : 0;
        c->class_of[k] = (int8_t)(in_range ? note % AUDIO_CHROMA : -1);
    }
    return c;
}

void worker_curve_free(struct worker_curve *c)
{
    if (!c)
        return;
    av_tx_uninit(&c->tx);
    av_free(c->in);
    av_free(c->out);
    free(c);
}

static enum code send_power(struct worker_curve *c, const struct worker_out *out, struct error *e)
{
    size_t n = c->power_held;
    c->power_held = 0;
    return n ? out->frame(out->context, FRAME_POWER, c->power, n * sizeof *c->power, e) : OK;
}

static enum code send_chroma(struct worker_curve *c, const struct worker_out *out, struct error *e)
{
    size_t n = c->chroma_held;
    c->chroma_held = 0;
    return n ? out->frame(out->context, FRAME_CHROMA, c->chroma, n * sizeof *c->chroma, e) : OK;
}

static enum code add_power(struct worker_curve *c, const float *x, size_t count,
                           const struct worker_out *out, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        c->square += (double)x[i] * (double)x[i];
        if (++c->in_power < POWER_STEP)
            continue;
        c->power[c->power_held++] = (float)(c->square / POWER_STEP);
        c->square = 0;
        c->in_power = 0;
        if (c->power_held == ROWS_HELD)
            TRY(send_power(c, out, e));
    }
    return OK;
}

static void pitch_classes(struct worker_curve *c, float row[AUDIO_CHROMA])
{
    for (int i = 0; i < WINDOW; i++)
        c->in[i] = (AVComplexFloat) { c->window[i] * c->shape[i], 0 };
    c->transform(c->tx, c->out, c->in, sizeof(float));
    memset(row, 0, AUDIO_CHROMA * sizeof *row);
    for (int k = 0; k < WINDOW / 2; k++)
        if (c->class_of[k] >= 0)
            row[c->class_of[k]] += c->out[k].re * c->out[k].re + c->out[k].im * c->out[k].im;
    float sum = 0;
    for (int i = 0; i < AUDIO_CHROMA; i++) {
        row[i] = sqrtf(row[i]);
        sum += row[i] * row[i];
    }
    float scale = sum > 1e-6F ? 1.0F / sqrtf(sum) : 0.0F;
    for (int i = 0; i < AUDIO_CHROMA; i++)
        row[i] *= scale;
}

enum code worker_curve_push(struct worker_curve *c, const float *mono8k, size_t count,
                            const struct worker_out *out, struct error *e)
{
    TRY(add_power(c, mono8k, count, out, e));
    while (count) {
        size_t n = WINDOW - c->held < count ? WINDOW - c->held : count;
        memcpy(c->window + c->held, mono8k, n * sizeof *mono8k);
        c->held += n;
        mono8k += n;
        count -= n;
        if (c->held < WINDOW)
            break;
        pitch_classes(c, c->chroma[c->chroma_held++]);
        memmove(c->window, c->window + CHROMA_STEP, (WINDOW - CHROMA_STEP) * sizeof *c->window);
        c->held = WINDOW - CHROMA_STEP;
        if (c->chroma_held == ROWS_HELD)
            TRY(send_chroma(c, out, e));
    }
    return OK;
}

enum code worker_curve_finish(struct worker_curve *c, const struct worker_out *out, struct error *e)
{
    TRY(send_power(c, out, e));
    return send_chroma(c, out, e);
}

/* ---- waveform ---- */

void worker_peaks_begin(struct worker_peaks *p, int rate_hz)
{
    p->rate_hz = rate_hz;
    p->samples_per_pixel = rate_hz / PIXELS_A_SECOND;
}

static int8_t to_pixel(float x)
{
    float y = rintf(x * 127.0F);
    return (int8_t)(y < -128 ? -128 : y > 127 ? 127 : y);
}

/* Two pixels become one: a long piece keeps its whole length in the same room. */
static void halve(struct worker_peaks *p)
{
    for (size_t i = 0; i < p->count / 2; i++) {
        int8_t *a = p->pairs[2 * i], *b = p->pairs[2 * i + 1];
        p->pairs[i][0] = a[0] < b[0] ? a[0] : b[0];
        p->pairs[i][1] = a[1] > b[1] ? a[1] : b[1];
    }
    p->count /= 2;
    p->samples_per_pixel *= 2;
}

static void end_pixel(struct worker_peaks *p)
{
    if (p->count == FRAME_PAIRS_MOST)
        halve(p);
    p->pairs[p->count][0] = to_pixel(p->low);
    p->pairs[p->count][1] = to_pixel(p->high);
    p->count++;
    p->low = p->high = 0;
    p->at = 0;
}

void worker_peaks_push(struct worker_peaks *p, const float *samples, size_t count, int channels)
{
    while (count) {
        size_t n = (size_t)(p->samples_per_pixel - p->at);
        n = n < count ? n : count;
        float low = p->low, high = p->high;
        for (size_t i = 0; i < n * (size_t)channels; i++) {
            low = samples[i] < low ? samples[i] : low;
            high = samples[i] > high ? samples[i] : high;
        }
        p->low = low;
        p->high = high;
        p->at += (int)n;
        samples += n * (size_t)channels;
        count -= n;
        if (p->at >= p->samples_per_pixel)
            end_pixel(p);
    }
}

enum code worker_peaks_finish(struct worker_peaks *p, const struct worker_out *out, struct error *e)
{
    if (!p->rate_hz)
        return OK;
    if (p->at)
        end_pixel(p);
    for (size_t at = 0; at < p->count; at += FRAME_PAIRS_A_FRAME) {
        struct {
            struct frame_peaks head;
            int8_t pairs[FRAME_PAIRS_A_FRAME][2];
        } f = { { p->rate_hz, p->samples_per_pixel }, { { 0 } } };
        size_t n = p->count - at < FRAME_PAIRS_A_FRAME ? p->count - at : FRAME_PAIRS_A_FRAME;
        memcpy(f.pairs, p->pairs + at, n * 2);
        TRY(out->frame(out->context, FRAME_PEAKS, &f, sizeof f.head + n * 2, e));
    }
    return OK;
}
