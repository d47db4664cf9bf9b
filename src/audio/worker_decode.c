/* SPDX-License-Identifier: Apache-2.0 */
/* One decode, everything that is wanted from it: 8 kHz sound, loudness, waveform, curve, tags. */
#include "audio/worker.h"

#include "audio/ebur.h"
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <math.h>
#include <stdlib.h>

enum { RATE_MOST_FOR_LOUDNESS = 384000 };

struct work {
    const struct audio_wants *wants;
    const struct worker_out *out;
    SwrContext *to_8k;
    ebur128_state *loudness;
    struct worker_curve *curve;
    struct worker_peaks *peaks;
    int rate_hz, channels; /* that to_8k and loudness are set for */
    float peak;
    size_t held;
    float mono[WORKER_CHUNK];
    float block[FRAME_PCM_COUNT]; /* 8 kHz, `held` of it filled */
};

static void work_free(struct work *w)
{
    if (!w)
        return;
    swr_free(&w->to_8k);
    if (w->loudness)
        ebur128_destroy(&w->loudness);
    worker_curve_free(w->curve);
    free(w->peaks);
    free(w);
}
OWNED_BY(work)

static enum code no_memory(struct error *e)
{
    return fail(e, ERR_LIMIT, "needs more memory than audio.memory_bytes_most allows");
}

static enum code send_block(struct work *w, struct error *e)
{
    size_t count = w->held;
    w->held = 0;
    if (count == 0)
        return OK;
    /* a resampler's filter may overshoot what was bounded before it */
    for (size_t i = 0; i < count; i++) {
        float x = w->block[i];
        w->block[i] = x <= 64.0F ? (x >= -64.0F ? x : -64.0F) : 64.0F;
    }
    if (w->curve)
        TRY(worker_curve_push(w->curve, w->block, count, w->out, e));
    return w->out->frame(w->out->context, FRAME_PCM, w->block, count * sizeof(float), e);
}

/* Mono in, 8 kHz blocks out; NULL: what the filter still holds. */
static enum code resample(struct work *w, const float *mono, size_t count, struct error *e)
{
    const uint8_t *in = (const uint8_t *)mono;
    for (;;) {
        uint8_t *to = (uint8_t *)(w->block + w->held);
        int room = (int)(FRAME_PCM_COUNT - w->held);
        int n = swr_convert(w->to_8k, &to, room, mono ? &in : NULL, (int)count);
        if (n < 0)
            return worker_fail(e, n, "resampling");
        w->held += (size_t)n;
        if (n < room)
            return OK;
        TRY(send_block(w, e));
        count = 0; /* the rest waits inside the resampler */
    }
}

static enum code open_resampler(struct work *w, int rate_hz, struct error *e)
{
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    if (w->to_8k)
        TRY(resample(w, NULL, 0, e));
    swr_free(&w->to_8k);
    int n = swr_alloc_set_opts2(&w->to_8k, &mono, AV_SAMPLE_FMT_FLT, AUDIO_PCM_RATE_HZ, &mono,
                                AV_SAMPLE_FMT_FLT, rate_hz, 0, NULL);
    if (n >= 0)
        n = swr_init(w->to_8k);
    return n < 0 ? worker_fail(e, n, "resampling") : OK;
}

static enum code open_loudness(struct work *w, const struct worker_shape *h, struct error *e)
{
    if (!w->wants->loudness || h->rate_hz > RATE_MOST_FOR_LOUDNESS)
        return OK;
    unsigned channels = (unsigned)h->channels;
    if (!w->loudness)
        w->loudness = ebur128_init(channels, (unsigned long)h->rate_hz,
                                   EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM |
                                       (w->wants->range ? EBUR128_MODE_LRA : 0));
    else if (ebur128_change_parameters(w->loudness, channels, (unsigned long)h->rate_hz) ==
             EBUR128_ERROR_NOMEM)
        return no_memory(e);
    if (!w->loudness)
        return no_memory(e);
    for (unsigned c = 0; c < channels && channels > 1; c++)
        ebur128_set_channel(w->loudness, c, h->role[c]);
    return OK;
}

static enum code follow(struct work *w, const struct worker_shape *h, struct error *e)
{
    if (h->rate_hz == w->rate_hz && h->channels == w->channels)
        return OK;
    if (h->rate_hz != w->rate_hz)
        TRY(open_resampler(w, h->rate_hz, e));
    TRY(open_loudness(w, h, e));
    if (w->peaks && !w->rate_hz)
        worker_peaks_begin(w->peaks, h->rate_hz);
    w->rate_hz = h->rate_hz;
    w->channels = h->channels;
    return OK;
}

static void mix_to_mono(const struct worker_shape *h, const float *samples, size_t count,
                        float *mono)
{
    size_t channels = (size_t)h->channels;
    if (channels == 1) {
        memcpy(mono, samples, count * sizeof *mono);
        return;
    }
    if (channels == 2) {
        for (size_t i = 0; i < count; i++)
            mono[i] = 0.5F * (samples[2 * i] + samples[2 * i + 1]);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (size_t c = 0; c < channels; c++)
            sum += samples[i * channels + c] * 0.5F * (h->weight[c][0] + h->weight[c][1]);
        mono[i] = sum;
    }
}

/* Without their signs floats are in the order of their bits, of which four are compared at once. */
static float largest(const float *samples, size_t count)
{
    int32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, samples + i, sizeof bits);
        bits &= INT32_MAX;
        most = bits > most ? bits : most;
    }
    float out;
    memcpy(&out, &most, sizeof out);
    return out;
}

static enum code hear(struct work *w, const struct worker_shape *h, const float *samples,
                      size_t count, struct error *e)
{
    TRY(follow(w, h, e));
    float peak = largest(samples, count * (size_t)h->channels);
    w->peak = peak > w->peak ? peak : w->peak;
    if (w->loudness && ebur128_add_frames_float(w->loudness, samples, count) == EBUR128_ERROR_NOMEM)
        return no_memory(e);
    if (w->peaks)
        worker_peaks_push(w->peaks, samples, count, h->channels);
    mix_to_mono(h, samples, count, w->mono);
    return resample(w, w->mono, count, e);
}

static void read_loudness(struct work *w, struct frame_facts *f)
{
    if (!w->loudness)
        return;
    double lufs, range;
    f->has_loudness = ebur128_loudness_global(w->loudness, &lufs) == EBUR128_SUCCESS;
    f->loudness_lufs = f->has_loudness && isfinite(lufs) ? lufs : -70.0;
    f->has_range = w->wants->range &&
                   ebur128_loudness_range(w->loudness, &range) == EBUR128_SUCCESS &&
                   isfinite(range);
    f->range_lu = f->has_range ? range : 0.0;
}

static enum code finish(struct work *w, const struct worker_source *s, struct error *e)
{
    if (w->to_8k)
        TRY(resample(w, NULL, 0, e));
    TRY(send_block(w, e));
    if (w->curve)
        TRY(worker_curve_finish(w->curve, w->out, e));
    if (w->peaks)
        TRY(worker_peaks_finish(w->peaks, w->out, e));
    if (w->wants->tags)
        TRY(worker_source_tags(s, w->out, e));
    struct frame_facts f = { .peak = w->peak };
    worker_source_facts(s, &f);
    read_loudness(w, &f);
    return w->out->frame(w->out->context, FRAME_FACTS, &f, sizeof f, e);
}

enum code worker_decode(struct worker_file file, const struct audio_limits *limits,
                        const struct audio_wants *wants, const struct worker_out *out,
                        struct error *e)
{
    owned(worker_source) s = NULL;
    owned(work) w = calloc(1, sizeof *w);
    if (!w)
        return no_memory(e);
    TRY(worker_source_open(file, limits, &s, e));
    w->wants = wants;
    w->out = out;
    w->curve = wants->curve ? worker_curve_new() : NULL;
    w->peaks = wants->peaks ? calloc(1, sizeof *w->peaks) : NULL;
    if ((wants->curve && !w->curve) || (wants->peaks && !w->peaks))
        return no_memory(e);
    for (;;) {
        const struct worker_shape *shape;
        const float *samples;
        size_t count;
        TRY(worker_source_next(s, &shape, &samples, &count, e));
        if (count == 0)
            return finish(w, s, e);
        TRY(hear(w, shape, samples, count, e));
    }
}
