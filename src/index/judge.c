/* SPDX-License-Identifier: Apache-2.0 */
/* From agreement to certainty: a window's own level of chance, and what stands above it. */
#include "index/search.h"

#include <math.h>
#include <stdlib.h>

#define NULL_PLACES  200
#define SMALL_WORDS  7000 /* an hour */
#define KEPT         4.5  /* deviations from which a line is looked at closely */
#define WEAK         1.5  /* above the others' level: kept, may join with its neighbours */
#define CERTAIN      6.5  /* above the others' level: no further hypothesis is asked */
#define JUDGED       24
#define OTHERS_LEAST 4
#define OTHERS_USUAL 5.5

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* How far the agreement of this window strays at places that have nothing to do with it: music is
 * less random than coins, and some music much less. A small index may hold nothing but this music
 * and its repetitions; there the window is laid backwards, which keeps its kind of sound and takes
 * away what it has in common with itself. */
double window_spread(const struct search *s, const struct fp_warp *warp)
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
            sum += word_agree(w, soft[backwards ? count - 1 - i : i], &square, &size);
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
double match_chance(double above, bool identity)
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
            better = all[k].part == j->part && all[k].recording == j->recording &&
                     (all[k].z > j->z || (all[k].z == j->z && k < i));
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
        if (o->part == j->part && o->recording == j->recording && o->from < j->line.xa &&
            o->to > j->line.xa && fabs(line_word_at(&o->line, j->line.xa) - j->line.ja) < 1)
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

enum code candidates_judge(struct search *s, struct candidates *found, const struct fp_warp *warps,
                           bool free, bool *certain, struct error *e)
{
    struct judgement all[JUDGED];
    size_t count = 0;
    for (size_t i = 0; i < s->span_count && !free && count < JUDGED / 3; i++) {
        /* where the spans of the window before lead to */
        const struct span *o = &s->spans[i];
        double middle = (double)s->first + (double)s->count / 2;
        if (o->to < (double)s->first - WINDOW_STRIDE || o->to > middle + 1)
            continue;
        struct judgement j = {
            o->part, o->recording, { middle, line_word_at(&o->line, middle), o->line.warp }, 0
        };
        j.z = line_fit(s, &s->view->parts[o->part]->segment, o->recording, &j.line,
                       KEPT * s->spread) /
              s->spread;
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
        *j = (struct judgement) { c.segment,
                                  recording,
                                  { from + FP_STEP * (double)c.word / warp->rate,
                                    (double)(c.place + c.word - g->recordings[recording].first),
                                    *warp },
                                  0 };
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
        struct span span = { .part = j->part,
                             .recording = j->recording,
                             .line = j->line,
                             .spread = s->spread,
                             .level = others_level(all, count, j),
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
