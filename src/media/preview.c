/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a preview: instruction, choice, then what the curve of the piece tells. */
#include "media/preview.h"

#include <math.h>
#include <stdlib.h>

enum {
    LEAD_MS = 15000,  /* intros tell little */
    TAIL_MS = 20000,  /* endings too */
    ROWS_MOST = 1200, /* likeness compares all with all: longer pieces are looked at coarsely */
    APART_MS = 8000,  /* a place is like its neighbours anyhow */
    SNAP_MS = 1000,
};

#define ROW(name, word) word,
static const char *const words[] = { PREVIEW_RULES(ROW) };
#undef ROW

const char *preview_rule_word(enum preview_rule r)
{
    return words[r];
}

enum code preview_rule_parse(struct str text, enum preview_rule *out, struct error *e)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(text, words[i])) {
            *out = (enum preview_rule)i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not a rule for previews", STR_ARG(text));
}

/* A span somebody named, kept inside the piece; false when it begins behind the end. */
static bool obey(struct preview_span s, int64_t duration_ms, int64_t length_ms,
                 enum preview_rule rule, struct media_preview *out)
{
    if (!s.given || s.start_ms < 0 || s.start_ms >= duration_ms || s.length_ms < 0)
        return false;
    int64_t length = s.length_ms ? s.length_ms : length_ms;
    int64_t left = duration_ms - s.start_ms;
    *out = (struct media_preview) { s.start_ms, length < left ? length : left, rule };
    return true;
}

/* The piece in rows of `row_ms`. */
struct view {
    size_t count;
    int64_t row_ms;
    float loud[ROWS_MOST]; /* 0 to 1 */
    float like[ROWS_MOST]; /* 0 to 1 */
    float chroma[ROWS_MOST][AUDIO_CHROMA];
};

static float mean_power(const struct audio_curve *c, int64_t from_ms, int64_t to_ms)
{
    int64_t from = from_ms * AUDIO_POWERS_PER_SECOND / 1000;
    int64_t to = to_ms * AUDIO_POWERS_PER_SECOND / 1000;
    from = from < 0 ? 0 : from;
    to = to > (int64_t)c->power_count ? (int64_t)c->power_count : to;
    float sum = 0;
    for (int64_t i = from; i < to; i++)
        sum += c->power[i];
    return to > from ? sum / (float)(to - from) : 0;
}

/* Short-term loudness on a scale where 30 dB under the loudest is nothing. */
static void view_loudness(struct view *v, const struct audio_curve *c)
{
    float most = 0;
    for (size_t i = 0; i < v->count; i++) {
        int64_t middle = (int64_t)i * v->row_ms + v->row_ms / 2;
        v->loud[i] = mean_power(c, middle - 1500, middle + 1500);
        most = v->loud[i] > most ? v->loud[i] : most;
    }
    for (size_t i = 0; i < v->count; i++) {
        float db = 10 * log10f((v->loud[i] + 1e-12F) / (most + 1e-12F));
        v->loud[i] = most > 0 && db > -30 ? 1 + db / 30 : 0;
    }
}

static void view_chroma(struct view *v, const struct audio_curve *c)
{
    for (size_t i = 0; i < v->count; i++) {
        size_t from = (size_t)((int64_t)i * v->row_ms * AUDIO_CHROMAS_PER_SECOND / 1000);
        size_t to = (size_t)((int64_t)(i + 1) * v->row_ms * AUDIO_CHROMAS_PER_SECOND / 1000);
        float sum = 0;
        for (size_t k = from; k < to && k < c->chroma_count; k++)
            for (int n = 0; n < AUDIO_CHROMA; n++)
                v->chroma[i][n] += c->chroma[k][n];
        for (int n = 0; n < AUDIO_CHROMA; n++)
            sum += v->chroma[i][n] * v->chroma[i][n];
        for (int n = 0; n < AUDIO_CHROMA && sum > 0; n++)
            v->chroma[i][n] /= sqrtf(sum);
    }
}

/* How alike the four rows from a and from b run: a passage, not a chord. */
static float alike(const struct view *v, size_t a, size_t b)
{
    float sum = 0;
    for (size_t i = 0; i < 4; i++)
        for (int n = 0; n < AUDIO_CHROMA; n++)
            sum += v->chroma[a + i][n] * v->chroma[b + i][n];
    return sum / 4;
}

/* The mean of the three places most like this one. */
static void view_likeness(struct view *v)
{
    size_t apart = (size_t)(APART_MS / v->row_ms) + 1;
    for (size_t a = 0; a + 4 <= v->count; a++) {
        float best[3] = { 0 };
        for (size_t b = 0; b + 4 <= v->count; b++) {
            if ((a > b ? a - b : b - a) < apart)
                continue;
            float x = alike(v, a, b);
            for (int k = 0; k < 3; k++)
                if (x > best[k]) {
                    float was = best[k];
                    best[k] = x;
                    x = was;
                }
        }
        v->like[a] = (best[0] + best[1] + best[2]) / 3;
    }
}

static struct view *view_new(const struct audio_curve *c)
{
    struct view *v = calloc(1, sizeof *v);
    int64_t ms = (int64_t)c->chroma_count * 1000 / AUDIO_CHROMAS_PER_SECOND;
    if (!v)
        return NULL;
    v->row_ms = 500;
    while (ms / v->row_ms > ROWS_MOST)
        v->row_ms *= 2;
    v->count = (size_t)(ms / v->row_ms);
    view_loudness(v, c);
    view_chroma(v, c);
    view_likeness(v);
    return v;
}

/* The best start within [from, to], in rows; -1 when nothing stands out (silence). */
static int64_t best_start(const struct view *v, int64_t from, int64_t to, int64_t rows)
{
    double most = 0, sum = 0;
    int64_t best = -1;
    if (to + rows > (int64_t)v->count)
        to = (int64_t)v->count - rows;
    for (int64_t i = from; i < from + rows && i < (int64_t)v->count; i++)
        sum += (double)(v->loud[i] * v->like[i]);
    for (int64_t i = from; i <= to; i++) {
        if (sum > most * (1 + 1e-6)) {
            most = sum;
            best = i;
        }
        if (i + rows < (int64_t)v->count)
            sum += (double)(v->loud[i + rows] * v->like[i + rows]);
        sum -= (double)(v->loud[i] * v->like[i]);
    }
    return best;
}

/* Move a start to where the sound rises most within a second of it. */
static int64_t snap(const struct audio_curve *c, int64_t start_ms, int64_t least, int64_t most)
{
    const int64_t step = 1000 / AUDIO_POWERS_PER_SECOND;
    int64_t best = start_ms;
    float rise = 0;
    for (int64_t at = start_ms - SNAP_MS; at <= start_ms + SNAP_MS; at += step) {
        size_t i = (size_t)(at / step);
        if (at < least || at > most || i < 1 || i >= c->power_count)
            continue;
        float x = log10f(c->power[i] + 1e-6F) - log10f(c->power[i - 1] + 1e-6F);
        if (x > rise) {
            rise = x;
            best = (int64_t)i * step;
        }
    }
    return best;
}

static struct media_preview third(int64_t duration_ms, int64_t length_ms)
{
    int64_t start = duration_ms / 3;
    if (start > duration_ms - length_ms)
        start = duration_ms - length_ms;
    return (struct media_preview) { start, length_ms, PREVIEW_THIRD };
}

struct media_preview media_preview_choose(const struct audio_curve *curve, int64_t duration_ms,
                                          int64_t length_ms, struct preview_span instruction,
                                          struct preview_span chosen)
{
    struct media_preview out = { 0, 0, PREVIEW_NONE };
    if (duration_ms <= 0 || length_ms <= 0 ||
        obey(instruction, duration_ms, length_ms, PREVIEW_INSTRUCTION, &out) ||
        obey(chosen, duration_ms, length_ms, PREVIEW_CHOSEN, &out))
        return out;
    if (duration_ms <= length_ms)
        return (struct media_preview) { 0, duration_ms, PREVIEW_WHOLE };
    int64_t least = LEAD_MS, most = duration_ms - TAIL_MS - length_ms;
    struct view *v = most > least && curve->chroma_count > 0 ? view_new(curve) : NULL;
    if (!v)
        return third(duration_ms, length_ms);
    int64_t best = best_start(v, (least + v->row_ms - 1) / v->row_ms, most / v->row_ms,
                              length_ms / v->row_ms);
    int64_t start_ms = best * v->row_ms;
    free(v);
    if (best < 0)
        return third(duration_ms, length_ms);
    return (struct media_preview) { snap(curve, start_ms, least, most), length_ms,
                                    PREVIEW_TELLING };
}
