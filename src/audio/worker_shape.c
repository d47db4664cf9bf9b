/* SPDX-License-Identifier: Apache-2.0 */
/* What a chunk of sound is like, and its samples as floats. */
#include "audio/worker_source.h"

#include <math.h>

#include "audio/ebur.h"

#define SAMPLE_MOST 64.0F

/* Left and right weight of a channel before scaling, and its place for loudness. */
static const struct {
    enum AVChannel channel;
    float left, right;
    int role;
} places[] = {
    { AV_CHAN_FRONT_LEFT, 1, 0, EBUR128_LEFT },
    { AV_CHAN_FRONT_RIGHT, 0, 1, EBUR128_RIGHT },
    { AV_CHAN_FRONT_CENTER, 0.7071F, 0.7071F, EBUR128_CENTER },
    { AV_CHAN_LOW_FREQUENCY, 0, 0, EBUR128_UNUSED },
    { AV_CHAN_LOW_FREQUENCY_2, 0, 0, EBUR128_UNUSED },
    { AV_CHAN_BACK_LEFT, 0.7071F, 0, EBUR128_LEFT_SURROUND },
    { AV_CHAN_BACK_RIGHT, 0, 0.7071F, EBUR128_RIGHT_SURROUND },
    { AV_CHAN_SIDE_LEFT, 0.7071F, 0, EBUR128_LEFT_SURROUND },
    { AV_CHAN_SIDE_RIGHT, 0, 0.7071F, EBUR128_RIGHT_SURROUND },
    { AV_CHAN_BACK_CENTER, 0.5F, 0.5F, EBUR128_UNUSED },
    { AV_CHAN_STEREO_LEFT, 1, 0, EBUR128_LEFT },
    { AV_CHAN_STEREO_RIGHT, 0, 1, EBUR128_RIGHT },
};

static void place_channel(struct worker_shape *h, int i, enum AVChannel channel)
{
    h->weight[i][0] = h->weight[i][1] = 0.5F; /* wherever it is, it is heard */
    h->role[i] = EBUR128_CENTER;
    for (size_t k = 0; k < COUNT_OF(places); k++) {
        if (places[k].channel != channel)
            continue;
        h->weight[i][0] = places[k].left;
        h->weight[i][1] = places[k].right;
        h->role[i] = places[k].role;
    }
}

static void scale_weights(struct worker_shape *h)
{
    for (int side = 0; side < 2; side++) {
        float sum = 0;
        for (int i = 0; i < h->channels; i++)
            sum += h->weight[i][side];
        for (int i = 0; i < h->channels; i++)
            h->weight[i][side] = sum > 0 ? h->weight[i][side] / sum : 1.0F / (float)h->channels;
    }
}

void worker_shape_of(struct worker_shape *h, int channels, int rate_hz,
                     const AVChannelLayout *layout)
{
    *h = (struct worker_shape) { .channels = channels, .rate_hz = rate_hz };
    AVChannelLayout usual = { 0 };
    if (layout->order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&usual, channels);
        layout = &usual;
    }
    for (int i = 0; i < channels; i++)
        place_channel(h, i, av_channel_layout_channel_from_index(layout, (unsigned)i));
    if (channels == 1) {
        h->weight[0][0] = h->weight[0][1] = 1;
        h->role[0] = EBUR128_LEFT;
    }
    scale_weights(h);
    av_channel_layout_uninit(&usual);
}

/* One loop for each sample type: from `in`, `step` apart, to every `stride`-th of `out`. */
#define CONVERT(type, value)                                                                       \
    do {                                                                                           \
        const type *in = (const type *)bytes + first;                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            const type x = in[i * step];                                                           \
            out[i * stride] = (float)(value);                                                      \
        }                                                                                          \
    } while (0)

void worker_samples_convert(enum AVSampleFormat kind, const uint8_t *bytes, size_t first,
                            size_t step, float *out, size_t stride, size_t count)
{
    if (kind == AV_SAMPLE_FMT_FLT)
        CONVERT(float, fabsf(x) <= SAMPLE_MOST ? x : 0.0F);
    else if (kind == AV_SAMPLE_FMT_S16)
        CONVERT(int16_t, (float)x * (1.0F / 32768.0F));
    else if (kind == AV_SAMPLE_FMT_S32)
        CONVERT(int32_t, (float)x * (1.0F / 2147483648.0F));
    else if (kind == AV_SAMPLE_FMT_U8)
        CONVERT(uint8_t, ((float)x - 128.0F) * (1.0F / 128.0F));
    else if (kind == AV_SAMPLE_FMT_DBL)
        CONVERT(double, fabs(x) <= (double)SAMPLE_MOST ? x : 0.0);
    else if (kind == AV_SAMPLE_FMT_S64)
        CONVERT(int64_t, (double)x * (1.0 / 9223372036854775808.0));
}
