/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a decoder that has gone over to the enemy. First byte: size of the pieces. */
#include <math.h>
#include <stdlib.h>

#include "audio/frames.h"

static enum code take_pcm(void *context, const float *x, size_t n, struct error *e)
{
    (void)e;
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(x[i]) <= 64))
            abort();
    *(size_t *)context += n;
    return OK;
}

static void check(const struct audio_facts *f)
{
    BUF(json);
    BUF(dat);
    audio_facts_write(f, &json);
    audio_peaks_write(&f->peaks, &dat);
    if (!str_is_utf8(buf_as_str(&json)) || f->duration_ms < 0 || f->peaks.count > FRAME_PAIRS_MOST)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static struct frame_reader r;
    ARENA(a);
    struct audio_limits limits = audio_limits_default();
    limits.seconds_most = 20;
    size_t heard = 0, piece = count ? 1 + (size_t)bytes[0] * 16 : 1;
    struct audio_sink sink = { &heard, take_pcm };
    struct audio_facts facts;
    struct audio_rendered made;
    struct error e;
    enum code code = OK;
    frames_init(&r, &limits, &sink, &a);
    for (size_t at = 1; at < count && code == OK; at += piece)
        code = frames_feed(&r, bytes + at, count - at < piece ? count - at : piece, &e);
    if (code == OK && frames_finish(&r, &facts, &e) == OK)
        check(&facts);
    if (code == OK && frames_finish_render(&r, &made, &e) == OK && made.bytes < 0)
        abort();
    frames_done(&r);
    return heard > 22 * AUDIO_PCM_RATE_HZ ? (abort(), 0) : 0;
}
