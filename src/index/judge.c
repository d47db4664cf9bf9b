/* SPDX-License-Identifier: Apache-2.0 */
/* From agreement to certainty: a window's own level of chance, and what stands above it. */
#include "index/search.h"

#include <math.h>
#include <stdlib.h>

#define NULL_PLACES  2048
#define PLACES_LEAST 40
#define SPREAD_USUAL 1.3
#define SMALL_WORDS  7000 /* an hour */
#define KEPT         4.5  /* deviations from which a line is looked at closely */
#define WEAK         0.6  /* surprise from which a span is kept: it may join with its neighbours */
#define CERTAIN      5.0  /* surprise from which no further hypothesis is asked */
#define RATE_NEAR    0.02
#define RATE_CERTAIN 0.012
#define JUDGED       24
#define OTHERS_LEAST 8
#define OTHERS_LEVEL 4.5 /* where there are fewer others */
#define OTHERS_WIDTH 0.8
#define WIDTH_LEAST  0.7 /* the width of so few others is not known better */
#define LEAD_WIDTH   2.0 /* deviations above the best other that count as one width */
#define JOINT_TRIES  2.3 /* jointly changed hypotheses for each plain one: the grid of plan.c */
#define SAME_SCORE   0.9 /* agreement of a copy; of strange music at most 0.63, and that over 2 s */
#define SAME_LEAST   20.0 /* its deviations: so much was heard of it */
#define SAME_CHANCE  1e-6 /* that it is none, at most */

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The value that `n` others stand before when they are in order; the smaller ones move there. */
static float nth_smallest(float *x, size_t count, size_t n)
{
    size_t from = 0, to = count - 1;
    while (from < to) {
        float middle = x[from + (to - from) / 2];
        size_t i = from, k = to;
        for (;;) {
            while (x[i] < middle)
                i++;
            while (x[k] > middle)
                k--;
            if (i >= k)
                break;
            float swap = x[i];
            x[i++] = x[k];
            x[k--] = swap;
        }
        if (n <= k)
            to = k;
        else
            from = k + 1;
    }
    return x[n];
}

/* How far the agreement of this window strays at places that have nothing to do with it: music is
 * less random than coins, and some music much less. A small index may hold nothing but this music
 * and its repetitions; there the window is laid backwards, which keeps its kind of sound and takes
 * away what it has in common with itself. */
double window_spread(struct search *s)
{
    float strays[NULL_PLACES];
    size_t made = 0;
    struct sketch *k = &s->sketches[0];
    rows_make(&s->whole, 1, 0, 1, s->first, s->count, &s->levels, &s->rows[0]);
    if (!sketch_cut(&s->rows[0], 0, FP_FIRST, k))
        return SPREAD_USUAL;
    if (s->words < SMALL_WORDS)
        sketch_turn(k);
    uint64_t stride = s->words / NULL_PLACES + 1;
    for (uint64_t at = stride / 2; at < s->words && made < NULL_PLACES; at += stride) {
        uint64_t place = at;
        size_t v = 0;
        while (place >= s->view->parts[v]->segment.head->words)
            place -= s->view->parts[v++]->segment.head->words;
        const struct segment *g = &s->view->parts[v]->segment;
        if (place + k->count <= g->head->words)
            strays[made++] = fabsf(segment_agreement(g, k, (int64_t)place));
    }
    if (made < PLACES_LEAST)
        return SPREAD_USUAL;
    /* where one and two deviations should lie; the few places that do belong together do not count */
    double two = (double)nth_smallest(strays, made, made * 954 / 1000);
    double one = (double)nth_smallest(strays, made * 954 / 1000, made * 683 / 1000);
    double spread = (one + two / 2) / 2;
    return spread < 1 ? 1 : spread;
}

/* How far above the others, in the width of the others: their best agreements thin out
 * exponentially, so this means the same for music that agrees with half the catalogue by its rhythm
 * or key, for noise, and for a catalogue of any size. Where some of the others are of the same stuff
 * (tracks cut from one drone) they lie far apart, and what leads all of them by much is no chance
 * either: docs/decisions/0031. */
double span_surprise(const struct span *p)
{
    double above = (span_deviations(p) - p->level) / (p->width + WIDTH_LEAST);
    double lead = p->best > 0 ? (span_deviations(p) - p->best) / LEAD_WIDTH : 0;
    return fmax(above, lead);
}

/* The chance that a window of music that is not in the index gives a span that surprises so much:
 * exponentials fitted to wrong recordings in docs/recognition.md. In steady noise nothing but the
 * whole piece comes through, and what little two pieces have in common does not. */
static double match_chance(double surprise, bool identity, bool noisy)
{
    static const struct {
        double share, from, width;
    } fits[2][2] = {
        /*           quiet                   in noise */
        /* grid */ { { 0.0276, 2.5, 0.446 }, { 0.058, 1.83, 0.31 } },
        /* none */ { { 0.057, 1.75, 0.40 }, { 0.0772, 1.55, 0.24 } },
    };
    double p = fits[identity][noisy].share *
               exp(-(surprise - fits[identity][noisy].from) / fits[identity][noisy].width);
    return fmin(1, p);
}

/* Speed, tempo or pitch alone, as players and editors change them: within a third of a semitone. */
static bool is_plain(const struct fp_warp *w)
{
    double pitch = w->pitch / 6.0, fall = 12 * log2(w->rate);
    return fabs(pitch) < 1.0 / 3 || fabs(fall) < 1.0 / 3 || fabs(pitch - fall) < 1.0 / 3;
}

/* A copy of the sound, whoever else has it too: a re-issue, or its neighbours in a drone. */
static bool is_copy(const struct span *p)
{
    return p->sum >= SAME_SCORE * p->sure && span_deviations(p) >= SAME_LEAST;
}

/* The chance of a span. Of the changes that the grid asks for seven in ten are of tempo and pitch
 * jointly, and few uploads have one: there chance has JOINT_TRIES times as many tries. */
double span_chance(const struct span *p)
{
    double chance = match_chance(span_surprise(p), p->identity, p->noisy);
    if (!p->identity && !is_plain(&p->line.warp))
        chance = fmin(1, JOINT_TRIES * chance);
    return is_copy(p) ? fmin(SAME_CHANCE, chance) : chance;
}

struct judgement {
    size_t part, recording;
    struct line line;
    double supposed; /* the rate it was found under */
    bool identity;
    double z; /* deviations of the fitted line over the window */
};

/* The recording in the middle of where a candidate lies. */
static size_t candidate_recording(const struct search *s, const struct candidate *c,
                                  const struct fp_warp *warps)
{
    const struct segment *g = &s->view->parts[c->segment]->segment;
    double rate = warps[c->hypothesis].rate;
    int64_t middle = c->place + (int64_t)((double)s->count * rate / FP_STEP / 2);
    int64_t last = (int64_t)g->head->words - 1;
    middle = middle < 0 ? 0 : middle > last ? last : middle;
    return segment_recording_at(g, (uint32_t)middle);
}

/* What unrelated recordings reach for this window: the middle of the others among the candidates,
 * each by its best place, and how far they lie apart. A few copies of the right one do not move it. */
static void others_reach(const struct search *s, const struct candidates *found,
                         const struct fp_warp *warps, struct span *own)
{
    float best[CANDIDATES];
    size_t recording[CANDIDATES], n = 0;
    for (size_t i = 0; i < found->count; i++)
        recording[i] = candidate_recording(s, &found->best[i], warps);
    for (size_t i = 0; i < found->count; i++) {
        const struct candidate *c = &found->best[i];
        bool better = c->segment == own->part && recording[i] == own->recording;
        for (size_t k = 0; k < found->count && !better; k++) {
            const struct candidate *o = &found->best[k];
            better = o->segment == c->segment && recording[k] == recording[i] &&
                     (o->score > c->score || (o->score == c->score && k < i));
        }
        if (!better)
            best[n++] = c->score;
    }
    own->level = OTHERS_LEVEL;
    own->width = OTHERS_WIDTH;
    if (n < OTHERS_LEAST)
        return;
    qsort(best, n, sizeof *best, by_size);
    own->level = (double)best[n - 1 - n / 2] / s->spread;
    own->width = (double)(best[n - 1 - n / 8] - best[n / 8]) / s->spread;
    own->best = (double)best[n - 1] / s->spread;
}

/* Another place on a line that is a span already, of those from `since` on. */
static bool span_known(const struct search *s, const struct judgement *j, size_t since)
{
    for (size_t i = since; i < s->span_count; i++) {
        const struct span *o = &s->spans[i];
        if (o->part == j->part && o->recording == j->recording && o->from < j->line.xa &&
            o->to > j->line.xa && fabs(line_word_at(&o->line, j->line.xa) - j->line.ja) < 1 &&
            fabs(o->line.warp.rate / j->line.warp.rate - 1) < RATE_NEAR)
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

static double fitted(const struct search *s, struct judgement *j)
{
    const struct segment *g = &s->view->parts[j->part]->segment;
    return line_fit(s, g, j->recording, &j->line, KEPT * s->spread, false) / s->spread;
}

/* Where the spans of the windows before lead to. */
static size_t leads_judge(const struct search *s, struct judgement *all)
{
    size_t count = 0;
    double middle = (double)s->first + (double)s->count / 2;
    for (size_t i = 0; i < s->span_count && count < JUDGED / 3; i++) {
        const struct span *o = &s->spans[i];
        if (o->to < (double)s->first - WINDOW_STRIDE || o->from > (double)(s->first + s->count))
            continue;
        struct judgement *j = &all[count++];
        *j = (struct judgement) { o->part,
                                  o->recording,
                                  { middle, line_word_at(&o->line, middle), o->line.warp },
                                  o->line.warp.rate,
                                  o->identity,
                                  0 };
        j->z = fitted(s, j);
    }
    return count;
}

static struct candidate candidate_take(struct candidates *found, size_t n)
{
    size_t at = n;
    for (size_t i = n + 1; i < found->count; i++)
        if (found->best[i].score > found->best[at].score)
            at = i;
    struct candidate c = found->best[at];
    found->best[at] = found->best[n];
    found->best[n] = c;
    return c;
}

static size_t found_judge(const struct search *s, struct candidates *found,
                          const struct fp_warp *warps, bool free, struct judgement *all,
                          size_t count)
{
    for (size_t n = 0; count < JUDGED && n < found->count; n++) {
        struct candidate c = candidate_take(found, n);
        const struct segment *g = &s->view->parts[c.segment]->segment;
        const struct fp_warp *warp = &warps[c.hypothesis];
        size_t recording = candidate_recording(s, &c, warps);
        if (view_gone(s->view, c.segment, recording))
            continue;
        /* anchored at the word that was hit: there the place is right whatever the rate */
        double from = (double)s->first + (NEAR + c.phase) / warp->rate;
        struct judgement *j = &all[count];
        *j = (struct judgement) { c.segment,
                                  recording,
                                  { from + FP_STEP * (double)c.word / warp->rate,
                                    (double)(c.place + c.word - g->recordings[recording].first),
                                    *warp },
                                  warp->rate,
                                  !free,
                                  0 };
        if (span_known(s, j, 0))
            continue;
        if (free)
            line_turn(s, g, recording, &j->line);
        j->z = fitted(s, j);
        count++;
    }
    return count;
}

/* The line has not turned away from what was supposed; if so, it may be the shadow of a better one. */
static bool straight(const struct judgement *j, const struct line *l)
{
    return fabs(l->warp.rate / j->supposed - 1) < RATE_CERTAIN;
}

/* The span that a line makes: its bounds, and the line once more between these. */
static void span_make(struct search *s, const struct judgement *j, struct span *span)
{
    const struct segment *g = &s->view->parts[j->part]->segment;
    span_bounds(s, g, span);
    bool whole = fabs(span->from - s->from) <= FP_STEP && fabs(span->to - s->to) <= FP_STEP;
    bool freely = span_surprise(span) >= CERTAIN && !straight(j, &span->line);
    if (whole && !freely)
        return;
    s->from = fmax(span->from, (double)s->whole.first);
    s->to = fmin(span->to, (double)(s->whole.first + s->whole.count));
    line_fit(s, g, j->recording, &span->line, 0, freely);
    s->from = (double)s->first;
    s->to = (double)(s->first + s->count);
    span_bounds(s, g, span);
}

enum code candidates_judge(struct search *s, struct candidates *found, const struct fp_warp *warps,
                           bool free, bool *certain, struct error *e)
{
    struct judgement all[JUDGED];
    size_t before = s->span_count, leads = free ? 0 : leads_judge(s, all);
    size_t count = found_judge(s, found, warps, free, all, leads);
    for (size_t i = 0; i < count; i++) {
        const struct judgement *j = &all[i];
        if (j->z < KEPT || span_known(s, j, i < leads ? before : 0))
            continue;
        struct span span = { .part = j->part,
                             .recording = j->recording,
                             .line = j->line,
                             .spread = s->spread,
                             .window_from = s->from,
                             .window_to = s->to,
                             .noisy = s->whole.noisy,
                             .identity = j->identity };
        others_reach(s, found, warps, &span);
        span_make(s, j, &span);
        double surprise = span_surprise(&span);
        if (surprise < WEAK)
            continue;
        TRY(span_add(s, &span, e));
        if (surprise >= CERTAIN && (free || straight(j, &span.line))) {
            *certain = true;
            factor_remember(s, &span.line.warp);
        }
    }
    return OK;
}
