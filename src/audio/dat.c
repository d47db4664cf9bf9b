/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as JSON; waveforms as audiowaveform's .dat version 2 (little-endian, 8 bits) and JSON. */
#include <stdlib.h>

#include "audio/audio.h"

enum { HEAD_BYTES = 24, EIGHT_BITS = 1, PAIRS_MOST = 1 << 24 };

static void put_u32(struct buf *out, uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_byte(out, (uint8_t)(value >> shift));
}

static uint32_t get_u32(const char *at)
{
    const uint8_t *b = (const uint8_t *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

void audio_peaks_write(const struct audio_peaks *p, struct buf *out)
{
    put_u32(out, 2);
    put_u32(out, EIGHT_BITS);
    put_u32(out, (uint32_t)p->rate_hz);
    put_u32(out, (uint32_t)p->samples_per_pixel);
    put_u32(out, (uint32_t)p->count);
    put_u32(out, 1); /* channels */
    buf_put(out, p->pairs, 2 * p->count);
}

void audio_peaks_write_json(const struct audio_peaks *p, struct buf *out)
{
    struct json_out o = { .to = out };
    json_begin(&o, '{');
    json_int(&o, "version", 2);
    json_int(&o, "channels", 1);
    json_int(&o, "sample_rate", p->rate_hz);
    json_int(&o, "samples_per_pixel", p->samples_per_pixel);
    json_int(&o, "bits", 8);
    json_int(&o, "length", (int64_t)p->count);
    json_key(&o, "data");
    json_begin(&o, '[');
    for (size_t i = 0; i < 2 * p->count; i++)
        json_put_int(&o, p->pairs[i]);
    json_end(&o, ']');
    json_end(&o, '}');
}

enum code audio_peaks_read(struct str bytes, struct arena *a, struct audio_peaks *out,
                           struct error *e)
{
    if (bytes.length < HEAD_BYTES || get_u32(bytes.at) != 2)
        return fail(e, ERR_INVALID, "not a waveform file of version 2");
    if (get_u32(bytes.at + 4) != EIGHT_BITS || get_u32(bytes.at + 20) != 1)
        return fail(e, ERR_INVALID, "a waveform of another kind than 8 bits, one channel");
    uint32_t rate_hz = get_u32(bytes.at + 8), pixel = get_u32(bytes.at + 12);
    uint32_t count = get_u32(bytes.at + 16);
    if (rate_hz - 1 >= INT32_MAX || pixel - 1 >= INT32_MAX || count > PAIRS_MOST ||
        bytes.length != HEAD_BYTES + 2 * (size_t)count)
        return fail(e, ERR_INVALID, "a waveform whose header does not fit its %zu bytes",
                    bytes.length);
    int8_t *pairs = arena_try(a, count, 2);
    if (!pairs)
        return fail(e, ERR_MEMORY, "no memory for a waveform");
    memcpy(pairs, bytes.at + HEAD_BYTES, 2 * (size_t)count);
    *out = (struct audio_peaks) { (int32_t)rate_hz, (int32_t)pixel, count, pairs };
    return OK;
}

static void write_loudness(const struct audio_facts *f, struct json_out *o)
{
    if (f->has_loudness)
        json_number_places(o, "loudness_lufs", f->loudness_lufs, 2);
    if (f->has_range)
        json_number_places(o, "range_lu", f->range_lu, 2);
    json_number_places(o, "peak", (double)f->peak, 4);
}

void audio_facts_write(const struct audio_facts *f, struct buf *out)
{
    struct json_out o = { .to = out };
    json_begin(&o, '{');
    json_text(&o, "container", f->container);
    json_text(&o, "codec", f->codec);
    json_int(&o, "channels", f->channels);
    json_int(&o, "rate_hz", f->rate_hz);
    json_int(&o, "duration_ms", f->duration_ms);
    json_bool(&o, "silent", f->silent);
    json_bool(&o, "truncated", f->truncated);
    json_int(&o, "damages", f->damages);
    write_loudness(f, &o);
    json_key(&o, "tags");
    json_begin(&o, '{');
    for (size_t i = 0; i < f->tag_count; i++) {
        bool again = false; /* a name stands once: the first */
        for (size_t k = 0; k < i; k++)
            again |= strcmp(f->tags[k].name, f->tags[i].name) == 0;
        if (!again)
            json_text(&o, f->tags[i].name, f->tags[i].value);
    }
    json_end(&o, '}');
    json_end(&o, '}');
}
