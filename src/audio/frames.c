/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of a child's frames: untrusted bytes in, checked facts out; no I/O. */
#include "audio/frames.h"

#include <ctype.h>
#include <math.h>

#define SAMPLE_MOST 64.0F

void frames_init(struct frame_reader *r, const struct audio_limits *limits,
                 const struct audio_sink *sink, struct arena *a)
{
    /* the payload is written before it is read: no need to clear 64 KiB */
    memset(r, 0, offsetof(struct frame_reader, frame));
    r->limits = limits;
    r->sink = sink;
    r->a = a;
}

void frames_done(struct frame_reader *r)
{
    buf_done(&r->pairs);
    buf_done(&r->power);
    buf_done(&r->chroma);
}

static enum code garbage(struct error *e, const char *what)
{
    return fail(e, ERR_CORRUPT, "the decoder sent a %s that makes no sense", what);
}

/* A copy that is UTF-8 whatever came: other bytes become '?', control characters blanks. Without
 * memory it is `nothing`, and the reader fails in the end. */
static char *clean_text(struct frame_reader *r, const char *text, size_t length)
{
    char *copy = arena_try(r->a, length + 1, 1);
    if (!copy) {
        r->no_memory = true;
        r->nothing[0] = '\0';
        return r->nothing;
    }
    memcpy(copy, text, length);
    bool is_utf8 = str_is_utf8((struct str) { copy, length });
    for (size_t i = 0; i < length; i++) {
        if (!is_utf8 && (unsigned char)copy[i] >= 0x80)
            copy[i] = '?';
        else if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F)
            copy[i] = ' ';
    }
    return copy;
}

static bool all_sane(const float *values, size_t count, float most)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !(fabsf(values[i]) <= most);
    return !bad;
}

static enum code take_pcm(struct frame_reader *r, const void *payload, size_t length,
                          struct error *e)
{
    const float *samples = payload;
    size_t count = length / sizeof *samples;
    if (length % sizeof *samples || count > FRAME_PCM_COUNT ||
        !all_sane(samples, count, SAMPLE_MOST))
        return garbage(e, "block of sound");
    r->pcm_count += (int64_t)count;
    if (r->pcm_count > (r->limits->seconds_most + 2) * AUDIO_PCM_RATE_HZ)
        return garbage(e, "length");
    if (count == 0 || !r->sink || !r->sink->pcm)
        return OK;
    return r->sink->pcm(r->sink->context, samples, count, e);
}

static enum code take_tag(struct frame_reader *r, const char *payload, size_t length,
                          struct error *e)
{
    const char *nul = memchr(payload, '\0', length);
    if (!nul || length > FRAME_TAG_BYTES_MOST || r->tag_count == FRAME_TAGS_MOST)
        return garbage(e, "tag");
    size_t name_length = (size_t)(nul - payload);
    char *name = clean_text(r, payload, name_length);
    for (char *c = name; *c; c++)
        *c = (char)((unsigned char)*c < 0x80 ? tolower((unsigned char)*c) : *c);
    r->tags[r->tag_count++] = (struct audio_tag) {
        .name = name,
        .value = clean_text(r, nul + 1, length - name_length - 1),
    };
    return OK;
}

static enum code take_peaks(struct frame_reader *r, const uint8_t *payload, size_t length,
                            struct error *e)
{
    if (length < sizeof r->peaks || (length - sizeof r->peaks) % 2)
        return garbage(e, "waveform");
    memcpy(&r->peaks, payload, sizeof r->peaks);
    if (r->peaks.rate_hz <= 0 || r->peaks.samples_per_pixel <= 0)
        return garbage(e, "waveform");
    buf_put(&r->pairs, payload + sizeof r->peaks, length - sizeof r->peaks);
    if (r->pairs.length > 2 * FRAME_PAIRS_MOST)
        return garbage(e, "waveform");
    return OK;
}

/* Rows of `width` floats, `rate` rows a second. */
static enum code take_rows(struct frame_reader *r, struct buf *to, size_t width, int rate,
                           const void *payload, size_t length, struct error *e)
{
    if (length % (width * sizeof(float)) ||
        !all_sane(payload, length / sizeof(float), SAMPLE_MOST * SAMPLE_MOST))
        return garbage(e, "curve");
    buf_put(to, payload, length);
    int64_t rows = (int64_t)(to->length / (width * sizeof(float)));
    return rows <= (r->limits->seconds_most + 2) * rate ? OK : garbage(e, "curve");
}

static enum code take_facts(struct frame_reader *r, const void *payload, size_t length,
                            struct error *e)
{
    struct frame_facts f;
    if (length != sizeof f || r->has_facts)
        return garbage(e, "summary");
    memcpy(&f, payload, sizeof f);
    if (!memchr(f.container, '\0', sizeof f.container) || !memchr(f.codec, '\0', sizeof f.codec) ||
        f.channels < 1 || f.rate_hz < 1 || f.duration_ms < 0 ||
        f.duration_ms > (r->limits->seconds_most + 2) * 1000 || f.damages < 0 ||
        !(f.peak >= 0 && f.peak <= SAMPLE_MOST) || !(fabs(f.loudness_lufs) <= 200) ||
        !(fabs(f.range_lu) <= 200))
        return garbage(e, "summary");
    r->has_facts = true;
    r->facts.container = clean_text(r, f.container, strlen(f.container));
    r->facts.codec = clean_text(r, f.codec, strlen(f.codec));
    r->facts.channels = f.channels;
    r->facts.rate_hz = f.rate_hz;
    r->facts.duration_ms = f.duration_ms;
    r->facts.peak = f.peak;
    r->facts.silent = f.peak < 1e-4F;
    r->facts.truncated = f.truncated != 0;
    r->facts.damages = f.damages;
    r->facts.has_loudness = f.has_loudness != 0;
    r->facts.has_range = f.has_range != 0;
    r->facts.loudness_lufs = f.loudness_lufs;
    r->facts.range_lu = f.range_lu;
    return OK;
}

static enum code take_made(struct frame_reader *r, const void *payload, size_t length,
                           struct error *e)
{
    struct frame_made m;
    if (length != sizeof m)
        return garbage(e, "summary");
    memcpy(&m, payload, sizeof m);
    if (m.duration_ms < 0 || m.duration_ms > (r->limits->seconds_most + 2) * 1000 || m.bytes < 0 ||
        m.bytes > r->limits->bytes_most)
        return garbage(e, "summary");
    r->has_made = true;
    r->made = (struct audio_rendered) { m.duration_ms, m.bytes };
    return OK;
}

static enum code take_error(struct frame_reader *r, const uint8_t *payload, size_t length,
                            struct error *e)
{
    uint32_t code;
    if (length < sizeof code || length > sizeof code + sizeof r->failed.text)
        return garbage(e, "error");
    memcpy(&code, payload, sizeof code);
    if (code == OK || code >= CODE_COUNT)
        return garbage(e, "error");
    fail(&r->failed, (enum code)code, "%s",
         clean_text(r, (const char *)payload + sizeof code, length - sizeof code));
    return OK;
}

enum code frames_take(struct frame_reader *r, enum frame_kind kind, const void *payload,
                      size_t length, struct error *e)
{
    if (r->ended || r->failed.code != OK)
        return garbage(e, "frame behind the last");
    switch (kind) {
    case FRAME_PCM:
        return take_pcm(r, payload, length, e);
    case FRAME_TAG:
        return take_tag(r, payload, length, e);
    case FRAME_PEAKS:
        return take_peaks(r, payload, length, e);
    case FRAME_POWER:
        return take_rows(r, &r->power, 1, AUDIO_POWERS_PER_SECOND, payload, length, e);
    case FRAME_CHROMA:
        return take_rows(r, &r->chroma, AUDIO_CHROMA, AUDIO_CHROMAS_PER_SECOND, payload, length, e);
    case FRAME_FACTS:
        return take_facts(r, payload, length, e);
    case FRAME_MADE:
        return take_made(r, payload, length, e);
    case FRAME_ERROR:
        return take_error(r, payload, length, e);
    case FRAME_END:
        r->ended = true;
        return length == 0 ? OK : garbage(e, "end");
    }
    return garbage(e, "frame");
}

static size_t put(void *to, size_t have, size_t want, const uint8_t *bytes, size_t count)
{
    size_t n = want - have < count ? want - have : count;
    memcpy((uint8_t *)to + have, bytes, n);
    return n;
}

enum code frames_feed(struct frame_reader *r, const uint8_t *bytes, size_t count, struct error *e)
{
    const size_t head = sizeof r->frame.header;
    for (;;) {
        if (r->have < head) {
            size_t n = put(&r->frame.header, r->have, head, bytes, count);
            r->have += n;
            bytes += n;
            count -= n;
            if (r->have < head)
                return OK;
        }
        size_t length = r->frame.header.length;
        if (length > FRAME_BYTES_MOST)
            return garbage(e, "frame");
        size_t n = put(r->frame.payload, r->have - head, length, bytes, count);
        r->have += n;
        bytes += n;
        count -= n;
        if (r->have < head + length)
            return OK;
        r->have = 0;
        TRY(frames_take(r, (enum frame_kind)r->frame.header.kind, r->frame.payload, length, e));
        if (count == 0)
            return OK;
    }
}

static const char *tag_named(const struct audio_facts *f, const char *a, const char *b)
{
    for (size_t i = 0; i < f->tag_count; i++) {
        const struct audio_tag *t = &f->tags[i];
        if ((strcmp(t->name, a) == 0 || strcmp(t->name, b) == 0) && t->value[0])
            return t->value;
    }
    return NULL;
}

/* Bytes of `b` in the arena; NULL when there is no memory for them. */
static void *kept(struct arena *a, const struct buf *b)
{
    void *p = b->failed ? NULL : arena_try(a, b->length, 1);
    if (p && b->length)
        memcpy(p, b->bytes, b->length);
    return p;
}

static enum code check_whole(struct frame_reader *r, bool has, struct error *e)
{
    if (r->failed.code != OK)
        return fail(e, r->failed.code, "%s", r->failed.text);
    if (r->no_memory)
        return fail(e, ERR_MEMORY, "no memory for what the decoder found");
    if (!r->ended || !has || r->have)
        return fail(e, ERR_CORRUPT, "the decoder ended before it was done");
    return OK;
}

enum code frames_finish(struct frame_reader *r, struct audio_facts *facts, struct error *e)
{
    TRY(check_whole(r, r->has_facts, e));
    struct audio_facts *f = &r->facts;
    f->tag_count = r->tag_count;
    struct audio_tag *tags = arena_try(r->a, r->tag_count, sizeof *tags);
    f->peaks.pairs = kept(r->a, &r->pairs);
    f->curve.power = kept(r->a, &r->power);
    f->curve.chroma = kept(r->a, &r->chroma);
    if (!tags || !f->peaks.pairs || !f->curve.power || !f->curve.chroma)
        return fail(e, ERR_MEMORY, "no memory for what the decoder found");
    memcpy(tags, r->tags, r->tag_count * sizeof *tags);
    f->tags = tags;
    f->peaks.rate_hz = r->peaks.rate_hz;
    f->peaks.samples_per_pixel = r->peaks.samples_per_pixel;
    f->peaks.count = r->pairs.length / 2;
    f->curve.power_count = r->power.length / sizeof(float);
    f->curve.chroma_count = r->chroma.length / sizeof(float[AUDIO_CHROMA]);
    f->title = tag_named(f, "title", "tit2");
    f->artist = tag_named(f, "artist", "album_artist");
    f->album = tag_named(f, "album", "talb");
    f->isrc = tag_named(f, "isrc", "tsrc");
    *facts = *f;
    return OK;
}

enum code frames_finish_render(struct frame_reader *r, struct audio_rendered *made, struct error *e)
{
    TRY(check_whole(r, r->has_made, e));
    *made = r->made;
    return OK;
}
