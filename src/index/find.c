/* SPDX-License-Identifier: Apache-2.0 */
/* A question: windows, hypotheses, candidates, lines, spans. */
#include "index/sketch.h"
#include "index/store.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW_ROWS   160 /* 10.24 s */
#define WINDOW_STRIDE 80
#define SHORT_ROWS    208 /* a query up to this long is one window */
#define ROWS_LEAST    24
#define CONTEXT       40 /* rows around a window that its averages may need */
#define PHASES        8
#define NEAR          2.0
#define WARPS_MOST    512
#define NULL_PLACES   200
#define SMALL_WORDS   7000 /* an hour */
#define KEPT          4.5 /* deviations from which a line is looked at closely */
#define WEAK          1.5 /* above the others' level: kept, may join with its neighbours */
#define CERTAIN       6.5 /* above the others' level: no further hypothesis is asked */
#define LONG_ROWS     960 /* a query from this long on is asked under all hypotheses here and there */
#define GRID_EVERY    3   /* windows */
#define ALARMS        0.5 /* per thousand uploads */
#define RATE_LEAST    0.74
#define RATE_MOST     1.36
#define JUDGED        24
#define OTHERS_LEAST  4
#define OTHERS_USUAL  5.5

struct line { /* hop x of the query plays word ja + (x - xa) * rate / FP_STEP */
    double xa, ja;
    struct fp_warp warp;
};

struct span {
    size_t part, recording;
    struct line line;
    double from, to; /* hops of the query */
    double sum, square; /* soft agreement, and the square of what chance gives */
    double sure;        /* sum of the sizes of the soft bits */
    double level;  /* deviations that other recordings reach */
    bool identity; /* found without warp, or where a span before led */
    double spread; /* spread: the deviation that other places show, in the expected one */
};

struct search {
    const struct view *view;
    const struct fp_query *query;
    const struct index_options *options;
    struct arena *a;
    struct fp_window whole; /* the window in hand, with context */
    size_t first, count;    /* its rows */
    double from, to;        /* hops that lines are fitted to: the window, later a span */
    struct sketch_levels levels; /* the same for every sketch of a window */
    struct sketch *sketches;
    int8_t (*soft)[SKETCH_WORDS][FP_BITS]; /* [PHASES] */
    struct probe *probes;
    struct span *spans;
    size_t span_count, span_room;
    struct fp_warp known[8]; /* factors found before, tried first */
    size_t known_count;
    double spread; /* of agreement by chance, against independent bits */
    bool scan;
    uint64_t words;
};

/* ---- one hypothesis ---------------------------------------------------------------------- */

/* Candidates under one warp, at each `stride`-th phase: postings always, every place when asked to. */
static void hypothesis_try(struct search *s, const struct fp_warp *warp, uint32_t number,
                           size_t stride, bool scan, struct candidates *found)
{
    struct part_choices choices = { 0 };
    for (size_t phase = 0; phase < PHASES; phase += stride) {
        struct sketch *k = &s->sketches[phase];
        double reach = NEAR / warp->rate;
        if (sketch_make(&s->whole, warp, (double)s->first + reach + (double)phase / warp->rate,
                        (double)(s->first + s->count) - reach, &s->levels, k, s->soft[phase])) {
            k->hypothesis = number;
            parts_weigh(k, s->soft[phase], &choices);
        }
    }
    size_t probes = 0;
    parts_choose(&choices);
    for (size_t i = 0; i < choices.count; i++)
        for (size_t phase = 0; phase < PHASES; phase += stride) {
            const struct part_choice *c = &choices.best[i];
            if (c->word < s->sketches[phase].count)
                probes += part_probes(&s->sketches[phase], (uint16_t)phase,
                                      s->soft[phase][c->word], c, s->probes + probes);
        }
    for (size_t v = 0; v < s->view->count; v++) {
        const struct segment *segment = &s->view->parts[v]->segment;
        found->segment = (uint32_t)v;
        segment_probe(segment, s->sketches, s->probes, probes, 4096, found);
        for (size_t phase = 0; scan && phase < PHASES; phase += stride)
            if (s->sketches[phase].count)
                segment_scan(segment, &s->sketches[phase], (uint32_t)phase, found);
    }
}

/* ---- lines ------------------------------------------------------------------------------- */

static double agree(const struct fp_word *w, const int8_t *soft, double *square, double *size)
{
    int sum = 0, squares = 0, sizes = 0;
    for (size_t h = 0; h < 2; h++)
        for (size_t b = 0; b < 64; b++) {
            int v = soft[h * 64 + b];
            sum += (w->half[h] >> b & 1) ? v : -v;
            squares += v * v;
            sizes += v < 0 ? -v : v;
        }
    *square = squares;
    *size = sizes;
    return sum;
}

struct judged {
    double sum, square, size;
};

static double deviations(const struct judged *j)
{
    return j->square > 0 ? j->sum / sqrt(j->square) : 0;
}

/* The agreement along a line between hops from and to of the query. */
static struct judged line_judge(const struct search *s, const struct segment *g, size_t recording,
                                const struct line *l, double from, double to)
{
    struct judged all = { 0, 0, 0 };
    const struct segment_recording *r = &g->recordings[recording];
    double step = FP_STEP / l->warp.rate, reach = NEAR / l->warp.rate;
    double first = ceil(l->ja + (from + reach - l->xa) / step);
    if (first < 0)
        first = 0;
    for (double j = first; j < r->count; j++) {
        double x = l->xa + (j - l->ja) * step;
        if (x > to - reach)
            break;
        int8_t soft[FP_BITS];
        const struct fp_word *w = &g->words[r->first + (uint32_t)j];
        if (!(w->half[0] | w->half[1]) || !fp_window_sketch(&s->whole, &l->warp, x, soft))
            continue;
        double square, size;
        all.sum += agree(w, soft, &square, &size);
        all.square += square;
        all.size += size;
    }
    return all;
}

/* Try a change of the line; keep it when it agrees better. */
static bool line_try(const struct search *s, const struct segment *g, size_t recording,
                     struct line *l, double *best, double shift, double stretch, int pitch)
{
    struct line t = *l;
    t.xa += shift;
    t.warp.rate *= stretch;
    t.warp.pitch += pitch;
    if (t.warp.pitch < FP_PITCH_LEAST || t.warp.pitch > FP_PITCH_MOST || t.warp.rate < RATE_LEAST
        || t.warp.rate > RATE_MOST)
        return false;
    struct judged j = line_judge(s, g, recording, &t, s->from, s->to);
    double z = deviations(&j);
    if (z <= *best)
        return false;
    *best = z;
    *l = t;
    return true;
}

/* Turn the line around its anchor, which is certain, while its rate is not. */
static void line_turn(const struct search *s, const struct segment *g, size_t recording,
                      struct line *l)
{
    struct line start = *l;
    struct judged j = line_judge(s, g, recording, l, s->from, s->to);
    double best = deviations(&j);
    for (int i = -6; i <= 6; i++) {
        struct line t = start;
        double z = best;
        t.warp.rate *= exp2(i * 0.01);
        if (i != 0 && line_try(s, g, recording, &t, &z, 0, 1, 0)) {
            best = z;
            *l = t;
        }
    }
}

/* Anchor the line in the middle and move it to where it agrees best; not when it agrees less than
 * `least` to begin with. Returns its deviations. */
static double line_fit(const struct search *s, const struct segment *g, size_t recording,
                       struct line *l, double least)
{
    double middle = (s->from + s->to) / 2, step = 1, stretch = 0.01;
    struct judged j = line_judge(s, g, recording, l, s->from, s->to);
    double best = deviations(&j);
    l->ja += (middle - l->xa) * l->warp.rate / FP_STEP;
    l->xa = middle;
    if (best < least)
        return best;
    for (int pass = 0; pass < 10 && step > 0.2; pass++) {
        bool better = false;
        for (int i = -1; i <= 1; i++)
            for (int k = -1; k <= 1; k++)
                if (i || k)
                    better |= line_try(s, g, recording, l, &best, i * step, 1 + k * stretch, 0);
        better |= line_try(s, g, recording, l, &best, 0, 1, 1)
               || line_try(s, g, recording, l, &best, 0, 1, -1);
        if (!better) {
            step /= 2;
            stretch /= 2;
        }
    }
    return best;
}

/* ---- spans ------------------------------------------------------------------------------- */

/* Where along the window the agreement begins and ends: the stretch with the largest sum of
 * (agreement - half of its middle value). */
static void span_bounds(const struct search *s, const struct segment *g, struct span *span)
{
    const struct segment_recording *r = &g->recordings[span->recording];
    const struct line *l = &span->line;
    double step = FP_STEP / l->warp.rate, reach = NEAR / l->warp.rate;
    double begin = (double)s->whole.first, end = (double)(s->whole.first + s->whole.count);
    double first = ceil(l->ja + (begin + reach - l->xa) / step);
    if (first < 0)
        first = 0;
    double sum[512], square[512], size[512], x0 = l->xa + (first - l->ja) * step;
    size_t count = 0;
    for (double j = first; j < r->count && count < COUNT_OF(sum); j++, count++) {
        double x = l->xa + (j - l->ja) * step;
        int8_t soft[FP_BITS];
        if (x > end - reach)
            break;
        const struct fp_word *w = &g->words[r->first + (uint32_t)j];
        sum[count] = square[count] = size[count] = 0;
        if ((w->half[0] | w->half[1]) && fp_window_sketch(&s->whole, &l->warp, x, soft))
            sum[count] = agree(w, soft, &square[count], &size[count]);
    }
    struct judged core = line_judge(s, g, span->recording, l, (double)s->first,
                                    (double)(s->first + s->count));
    double level = core.size > 0 ? 0.5 * core.sum / core.size : 0;
    size_t from = 0, to = 0;
    for (int pass = 0; pass < 2; pass++) { /* the window may be half filled: then by what was found */
        double best = -1, run = 0;
        size_t start = 0;
        for (size_t i = 0; i < count; i++) {
            if (run <= 0) {
                run = 0;
                start = i;
            }
            run += sum[i] - level * size[i];
            if (run > best) {
                best = run;
                from = start;
                to = i;
            }
        }
        span->sum = span->square = span->sure = 0;
        for (size_t i = from; i <= to && i < count; i++) {
            span->sum += sum[i];
            span->square += square[i];
            span->sure += size[i];
        }
        level = span->sure > 0 ? 0.5 * span->sum / span->sure : level;
    }
    /* little agreement everywhere: then the whole window tells more than its best stretch */
    if (span->sum < 0.4 * span->sure
        && deviations(&core) > deviations(&(struct judged) { span->sum, span->square, span->sure })) {
        span->sum = core.sum;
        span->square = core.square;
        span->sure = core.size;
        from = 0;
        to = count ? count - 1 : 0;
        while (from < to && x0 + (double)from * step < (double)s->first + reach)
            from++;
        while (to > from && x0 + (double)to * step > (double)(s->first + s->count) - reach)
            to--;
    }
    /* a word at the edge of what could be compared reaches to the edge */
    span->from = from == 0 ? begin : x0 + ((double)from - 0.5) * step;
    span->to = to + 1 >= count ? end : x0 + ((double)to + 0.5) * step;
    double word_first = l->xa - (l->ja + 0.5) * step;
    double word_last = l->xa + ((double)r->count - l->ja + 0.5) * step;
    if (from == 0 && first == 0 && word_first > span->from)
        span->from = word_first;
    if (to + 1 >= count && word_last < span->to)
        span->to = word_last;
}

static double span_deviations(const struct span *p)
{
    return p->square > 0 ? p->sum / sqrt(p->square) / p->spread : 0;
}

static double word_at(const struct line *l, double hop)
{
    return l->ja + (hop - l->xa) * l->warp.rate / FP_STEP;
}

static enum code span_add(struct search *s, const struct span *new, struct error *e)
{
    if (s->span_count == s->span_room) {
        size_t room = s->span_room ? 2 * s->span_room : 32;
        struct span *spans = arena_try(s->a, room, sizeof *spans);
        if (!spans)
            return fail(e, ERR_MEMORY, "no memory for %zu spans", room);
        if (s->span_count)
            memcpy(spans, s->spans, s->span_count * sizeof *spans);
        s->spans = spans;
        s->span_room = room;
    }
    s->spans[s->span_count++] = *new;
    return OK;
}

/* ---- one window -------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far the agreement of this window strays at places that have nothing to do with it: music is
 * less random than coins, and some music much less. A small index may hold nothing but this music
 * and its repetitions; there the window is laid backwards, which keeps its kind of sound and takes
 * away what it has in common with itself. */
static double null_spread(const struct search *s, const struct fp_warp *warp)
{
    int8_t soft[SKETCH_WORDS][FP_BITS];
    double step = FP_STEP / warp->rate, reach = NEAR / warp->rate, square, size, squares = 0;
    float strays[NULL_PLACES];
    size_t count = 0, made = 0;
    for (; count < SKETCH_WORDS; count++) {
        double x = (double)s->first + reach + step * (double)count;
        if (x > (double)(s->first + s->count) - reach)
            break;
        fp_window_sketch(&s->whole, warp, x, soft[count]);
    }
    bool backwards = s->words < SMALL_WORDS;
    uint64_t stride = s->words / NULL_PLACES + 1;
    for (uint64_t at = stride / 2; at < s->words && made < NULL_PLACES; at += stride) {
        uint64_t place = at;
        size_t v = 0;
        while (place >= s->view->parts[v]->segment.head->words)
            place -= s->view->parts[v++]->segment.head->words;
        const struct segment *g = &s->view->parts[v]->segment;
        if (place + count > g->head->words)
            continue;
        double sum = 0;
        squares = 0;
        for (size_t i = 0; i < count; i++) {
            const struct fp_word *w = &g->words[place + i];
            if (!(w->half[0] | w->half[1]))
                continue;
            sum += agree(w, soft[backwards ? count - 1 - i : i], &square, &size);
            squares += square;
        }
        strays[made++] = squares > 0 ? (float)fabs(sum / sqrt(squares)) : 0;
    }
    if (made < NULL_PLACES / 10)
        return 1.5;
    qsort(strays, made, sizeof *strays, by_size);
    double spread = (double)strays[made * 9 / 10] / 1.645;
    return spread < 1 ? 1 : spread;
}

/* The chance that a window of music that is not in the index gives a span this far above the level
 * of the others. The exponentials are fitted to wrong recordings in docs/recognition.md; a larger
 * index raises the level, so the distance keeps its meaning. */
static double chance_of(double above, bool identity)
{
    double p = identity ? 0.28 * exp(-(above - 2) / 0.62) : 0.46 * exp(-(above - 2) / 0.72);
    return fmin(1, p);
}

struct judgement {
    size_t part, recording;
    struct line line;
    double z; /* deviations of the fitted line over the window */
};

/* The level that unrelated places reach for this window: the middle of what the other recordings
 * among the candidates got. A few copies of the right one do not move it. */
static double others_level(const struct judgement *all, size_t count, const struct judgement *own)
{
    float best[JUDGED];
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        const struct judgement *j = &all[i];
        bool better = j->part == own->part && j->recording == own->recording;
        for (size_t k = 0; k < count && !better; k++)
            better = all[k].part == j->part && all[k].recording == j->recording
                  && (all[k].z > j->z || (all[k].z == j->z && k < i));
        if (!better)
            best[others++] = (float)j->z;
    }
    if (others < OTHERS_LEAST)
        return OTHERS_USUAL;
    qsort(best, others, sizeof *best, by_size);
    return (double)best[others / 2];
}

static bool span_known(const struct search *s, const struct judgement *j)
{
    for (size_t i = 0; i < s->span_count; i++) {
        const struct span *o = &s->spans[i];
        if (o->part == j->part && o->recording == j->recording && o->from < j->line.xa
            && o->to > j->line.xa && fabs(word_at(&o->line, j->line.xa) - j->line.ja) < 1)
            return true;
    }
    return false;
}

static void factor_remember(struct search *s, const struct fp_warp *warp)
{
    bool known = warp->pitch == 0 && fabs(warp->rate - 1) < 0.004;
    for (size_t i = 0; i < s->known_count; i++)
        known |= s->known[i].pitch == warp->pitch && fabs(s->known[i].rate - warp->rate) < 0.01;
    if (!known && s->known_count < COUNT_OF(s->known))
        s->known[s->known_count++] = *warp;
}

static enum code candidates_judge(struct search *s, struct candidates *found,
                                  const struct fp_warp *warps, bool free, bool *certain,
                                  struct error *e)
{
    struct judgement all[JUDGED];
    size_t count = 0;
    for (size_t i = 0; i < s->span_count && !free && count < JUDGED / 3; i++) {
        /* where the spans of the window before lead to */
        const struct span *o = &s->spans[i];
        double middle = (double)s->first + (double)s->count / 2;
        if (o->to < (double)s->first - WINDOW_STRIDE || o->to > middle + 1)
            continue;
        struct judgement j = { o->part, o->recording,
                               { middle, word_at(&o->line, middle), o->line.warp }, 0 };
        j.z = line_fit(s, &s->view->parts[o->part]->segment, o->recording, &j.line,
                       KEPT * s->spread) / s->spread;
        all[count++] = j;
    }
    for (size_t n = 0; count < JUDGED && n < found->count; n++) {
        size_t at = n;
        for (size_t i = n + 1; i < found->count; i++)
            if (found->best[i].score > found->best[at].score)
                at = i;
        struct candidate c = found->best[at];
        found->best[at] = found->best[n];
        found->best[n] = c;
        const struct segment *g = &s->view->parts[c.segment]->segment;
        const struct fp_warp *warp = &warps[c.hypothesis];
        int64_t middle = c.place + (int64_t)((double)s->count * warp->rate / FP_STEP / 2);
        int64_t last = (int64_t)g->head->words - 1;
        middle = middle < 0 ? 0 : middle > last ? last : middle;
        size_t recording = segment_recording_at(g, (uint32_t)middle);
        if (view_gone(s->view, c.segment, recording))
            continue;
        /* anchored at the word that was hit: there the place is right whatever the rate */
        double from = (double)s->first + (NEAR + c.sketch) / warp->rate;
        struct judgement *j = &all[count];
        *j = (struct judgement) {
            c.segment, recording,
            { from + FP_STEP * (double)c.word / warp->rate,
              (double)(c.place + c.word - g->recordings[recording].first), *warp }, 0 };
        if (span_known(s, j))
            continue;
        if (free)
            line_turn(s, g, recording, &j->line);
        j->z = line_fit(s, g, recording, &j->line, KEPT * s->spread) / s->spread;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        const struct judgement *j = &all[i];
        const struct segment *g = &s->view->parts[j->part]->segment;
        if (j->z < KEPT || span_known(s, j))
            continue;
        struct span span = { .part = j->part, .recording = j->recording, .line = j->line,
                             .spread = s->spread, .level = others_level(all, count, j),
                             .identity = !free };
        span_bounds(s, g, &span);
        if (fabs(span.from - s->from) > FP_STEP || fabs(span.to - s->to) > FP_STEP) {
            s->from = fmax(span.from, (double)s->whole.first);
            s->to = fmin(span.to, (double)(s->whole.first + s->whole.count));
            line_fit(s, g, j->recording, &span.line, 0);
            s->from = (double)s->first;
            s->to = (double)(s->first + s->count);
            span_bounds(s, g, &span);
        }
        double above = span_deviations(&span) - span.level;
        if (above < WEAK)
            continue;
        TRY(span_add(s, &span, e));
        if (above >= CERTAIN) {
            *certain = true;
            factor_remember(s, &j->line.warp);
        }
    }
    return OK;
}

/* What is asked after identity: near the axes of tempo, pitch and speed, coarse in tempo (a word
 * hardly notices five per cent), half a band in pitch. */
static size_t grid(struct fp_warp *out)
{
    static const double rates[] = { 1,    0.955, 1.046, 0.912, 1.094, 0.871,
                                    1.145, 0.832, 1.197, 0.79,  1.252 };
    size_t count = 0;
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (int pitch = FP_PITCH_LEAST; pitch <= FP_PITCH_MOST && count < WARPS_MOST; pitch++) {
            double speed = 72 * log2(rates[r]);
            if ((pitch >= -13 && pitch <= 13) || fabs(pitch - speed) < 5)
                out[count++] = (struct fp_warp) { rates[r], pitch };
        }
    return count;
}

static enum code window_find(struct search *s, size_t first, size_t count, bool all_hypotheses,
                             struct error *e)
{
    ARENA(scratch);
    size_t before = first < CONTEXT ? first : CONTEXT;
    s->first = first;
    s->count = count;
    s->from = (double)first;
    s->to = (double)(first + count);
    TRY(fp_window_make(s->query, first - before, count + before + CONTEXT, &scratch, &s->whole,
                       e));
    struct fp_warp warps[WARPS_MOST] = { { 1, 0 } };
    struct candidates found = { .least = 3 };
    bool certain = false;
    size_t tried = 1;
    s->levels = (struct sketch_levels) { 0, 0 };
    s->spread = null_spread(s, &warps[0]);
    hypothesis_try(s, &warps[0], 0, 1, s->scan, &found);
    for (size_t i = 0; i < s->known_count; i++, tried++) {
        warps[tried] = s->known[i];
        hypothesis_try(s, &warps[tried], (uint32_t)tried, 1, s->scan, &found);
    }
    TRY(candidates_judge(s, &found, warps, false, &certain, e));
    if (certain || !all_hypotheses)
        return OK;
    found = (struct candidates) { .least = 3 };
    tried = grid(warps);
    for (size_t i = 0; i < tried; i++)
        hypothesis_try(s, &warps[i], (uint32_t)i, 2, false, &found);
    return candidates_judge(s, &found, warps, true, &certain, e);
}

/* ---- the answer -------------------------------------------------------------------------- */

/* Two spans of one recording that lie on one line are one. */
static bool spans_join(struct span *a, const struct span *b)
{
    if (a->part != b->part || a->recording != b->recording)
        return false;
    double middle = (fmax(a->from, b->from) + fmin(a->to, b->to)) / 2;
    double apart = fmax(a->from, b->from) - fmin(a->to, b->to);
    if (apart > 80 || fabs(word_at(&a->line, middle) - word_at(&b->line, middle)) > 0.8
        || fabs(a->line.warp.rate / b->line.warp.rate - 1) > 0.03)
        return false;
    double overlap = fmax(0, -apart) / fmax(1, fmin(a->to - a->from, b->to - b->from));
    overlap = fmin(1, overlap);
    a->identity |= b->identity;
    if (overlap > 0.9 && span_deviations(a) >= span_deviations(b)) {
        a->from = fmin(a->from, b->from);
        a->to = fmax(a->to, b->to);
        return true;
    }
    /* the level is in deviations: of independent stretches the squares add */
    a->level = sqrt(a->level * a->level + b->level * b->level * (1 - overlap));
    a->sum += b->sum * (1 - overlap);
    a->square += b->square * (1 - overlap);
    a->sure += b->sure * (1 - overlap);
    if (b->to - b->from > a->to - a->from)
        a->line = b->line;
    a->from = fmin(a->from, b->from);
    a->to = fmax(a->to, b->to);
    return true;
}

static int by_deviations(const void *a, const void *b)
{
    double x = span_deviations(a), y = span_deviations(b);
    return (x < y) - (x > y);
}

static int by_from(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    if (x->recording != y->recording)
        return x->recording < y->recording ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static enum code answer(struct search *s, struct matches *found, struct error *e)
{
    if (s->span_count)
        qsort(s->spans, s->span_count, sizeof *s->spans, by_from);
    size_t kept = 0;
    for (size_t i = 0; i < s->span_count; i++) {
        bool joined = false;
        for (size_t k = kept; k-- > 0 && !joined;)
            joined = spans_join(&s->spans[k], &s->spans[i]);
        if (!joined)
            s->spans[kept++] = s->spans[i];
    }
    if (kept)
        qsort(s->spans, kept, sizeof *s->spans, by_deviations);
    struct match *items = arena_try(s->a, kept + 1, sizeof *items);
    if (!items)
        return fail(e, ERR_MEMORY, "no memory for %zu matches", kept);
    size_t count = 0;
    double seconds = fp_query_seconds(s->query);
    double alarms = s->options->false_alarms > 0 ? s->options->false_alarms : ALARMS;
    double limit_p = 0.001 * alarms / (1 + floor((double)s->query->count / WINDOW_ROWS));
    for (size_t i = 0; i < kept; i++) {
        const struct span *p = &s->spans[i];
        bool shadow = false; /* the same recording, at the same time, less well: a loop of it */
        for (size_t k = 0; k < i && !shadow; k++)
            shadow = s->spans[k].part == p->part && s->spans[k].recording == p->recording
                  && fmin(s->spans[k].to, p->to) - fmax(s->spans[k].from, p->from)
                         > 0.5 * (p->to - p->from);
        if (shadow)
            continue;
        const struct segment *g = &s->view->parts[p->part]->segment;
        double z = span_deviations(p), rate = p->line.warp.rate;
        double p_false = chance_of(z - p->level, p->identity);
        if (p_false > limit_p)
            continue;
        struct match *m = &items[count++];
        m->key = g->recordings[p->recording].key;
        /* the first and last rows stand for the sound before and after their middle */
        m->query_start = p->from <= 0.5 ? 0 : fp_hop_seconds(p->from);
        m->query_end = p->to >= (double)s->query->count - 0.5 ? seconds : fp_hop_seconds(p->to);
        double anchor = fp_word_seconds(p->line.ja) - fp_hop_seconds(p->line.xa) * rate;
        double limit = (double)g->recordings[p->recording].samples / FP_RATE_HZ;
        m->reference_start = anchor + m->query_start * rate;
        m->reference_end = anchor + m->query_end * rate;
        if (m->reference_start < 0) {
            m->query_start -= m->reference_start / rate;
            m->reference_start = 0;
        }
        if (m->reference_end > limit) {
            m->query_end -= (m->reference_end - limit) / rate;
            m->reference_end = limit;
        }
        m->speed = rate;
        m->pitch_semitones = p->line.warp.pitch / 6.0;
        m->score = p->sure > 0 ? p->sum / p->sure : 0;
        m->deviations = z;
        m->others = p->level;
        m->identity = p->identity;
        m->p_false = p_false;
    }
    found->items = items;
    found->count = count;
    found->complete = s->view->complete;
    return OK;
}

enum code index_find(const struct index *ix, const struct fp_query *query,
                     const struct index_options *options, struct arena *a, struct matches *found,
                     struct error *e)
{
    static const struct index_options usual = { 0 };
    struct search s = { .query = query, .options = options ? options : &usual, .a = a };
    s.sketches = arena_try(a, PHASES, sizeof *s.sketches);
    s.soft = arena_try(a, PHASES, sizeof *s.soft);
    s.probes = arena_try(a, PARTS_PROBED * PHASES * FLIPS, sizeof *s.probes);
    if (!s.sketches || !s.soft || !s.probes)
        return fail(e, ERR_MEMORY, "no memory for a search");
    s.view = index_view(ix);
    for (size_t v = 0; v < s.view->count; v++)
        s.words += s.view->parts[v]->segment.head->words;
    double hours = s.options->scan_hours > 0 ? s.options->scan_hours
                 : s.options->scan_hours < 0 ? 0 : 100;
    s.scan = (double)s.words * FP_WORD_SECONDS <= hours * 3600;

    enum code code = OK;
    if (query->count >= ROWS_LEAST && s.words) {
        bool all = !s.options->identity_only;
        if (query->count <= SHORT_ROWS)
            code = window_find(&s, 0, query->count, all, e);
        else
            for (size_t at = 0, n = 0; code == OK; at += WINDOW_STRIDE, n++) {
                bool last = at + WINDOW_ROWS >= query->count;
                bool here = query->count < LONG_ROWS || n % GRID_EVERY == 0;
                code = window_find(&s, last ? query->count - WINDOW_ROWS : at, WINDOW_ROWS,
                                   all && here, e);
                if (last)
                    break;
            }
    }
    if (code == OK)
        code = answer(&s, found, e);
    index_view_release(ix, s.view);
    return code;
}
