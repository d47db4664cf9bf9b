/* SPDX-License-Identifier: Apache-2.0 */
/* The same sound in several recordings: re-issues, shared samples, other mixes of the same takes.
 *
 * Two matches at the same time of the query are two things at once (a mash-up), or one thing that
 * both recordings contain. The recordings themselves tell: laid over each other as the matches lie,
 * their words agree in the second case only. Then the match that agrees clearly less with the query
 * is not what was played, though it contains it: it is similar. Where neither is clearly better,
 * both stand, and say so. */
#include "index/search.h"

#include <math.h>
#include <stdlib.h>

#define OVERLAP_LEAST 0.5  /* of the shorter */
#define WORDS_LEAST   5    /* that can be compared, 2.5 s */
#define ALIKE         0.61 /* share of equal bits; of unrelated music half, give or take 0.03 */
#define CLEARLY       0.9  /* of the better one's agreement: less is not the same recording */
#define EXPLAINED     0.85 /* agreement that leaves no room for something else at the same time: */
#define FAINTLY       0.6  /* what agrees so much less shares a loop or a drum with it */
#define UNALTERED     1.1  /* what a match without change of tempo and pitch is worth more */
#define ASIDE         2.0  /* the same beside something else that plays at the same time */
#define LENGTH_SAME   0.75
#define RATE_SAME     0.012

static bool unaltered(const struct span *p)
{
    return p->line.warp.pitch == 0 && fabs(p->line.warp.rate - 1) < RATE_SAME;
}

static double overlap(const struct span *a, const struct span *b)
{
    double both = fmin(a->to, b->to) - fmax(a->from, b->from);
    return both / fmax(1, fmin(a->to - a->from, b->to - b->from));
}

static const struct fp_word *word_of(const struct search *s, const struct span *p, double word)
{
    const struct segment *g = &s->view->parts[p->part]->segment;
    const struct segment_recording *r = &g->recordings[p->recording];
    if (word < 0 || word >= r->count)
        return NULL;
    const struct fp_word *w = &g->words[r->first + (uint32_t)word];
    return w->half[0] | w->half[1] ? w : NULL;
}

/* Whether the two recordings have the same sound where the query matches both. */
static bool same_sound(const struct search *s, const struct span *a, const struct span *b)
{
    double from = fmax(a->from, b->from), to = fmin(a->to, b->to);
    double step = FP_STEP / a->line.warp.rate;
    int bits = 0, equal = 0;
    for (double j = ceil(line_word_at(&a->line, from));; j++) {
        double x = a->line.xa + (j - a->line.ja) * step;
        if (x > to)
            break;
        const struct fp_word *v = word_of(s, a, j);
        const struct fp_word *w = word_of(s, b, floor(line_word_at(&b->line, x) + 0.5));
        if (!v || !w)
            continue;
        bits += FP_BITS;
        equal += FP_BITS - __builtin_popcountll(v->half[0] ^ w->half[0]) -
                 __builtin_popcountll(v->half[1] ^ w->half[1]);
    }
    return bits >= WORDS_LEAST * FP_BITS && equal >= ALIKE * bits;
}

static double agreement(const struct span *p)
{
    return p->sure > 0 ? p->sum / p->sure : 0;
}

static bool same_recording(const struct span *a, const struct span *b)
{
    return a->part == b->part && a->recording == b->recording;
}

static bool same_length(const struct span *a, const struct span *b)
{
    double x = a->to - a->from, y = b->to - b->from;
    return fmin(x, y) >= LENGTH_SAME * fmax(x, y);
}

/* Of two at the same time: what was played as it was recorded comes before what would have to be
 * altered. Of two with the same sound the one that agrees better is it, however many windows have
 * seen either. */
static bool goes_before(const struct search *s, const struct span *a, const struct span *b)
{
    double x = span_deviations(a), y = span_deviations(b);
    bool same = same_sound(s, a, b);
    double more = same ? UNALTERED : ASIDE;
    if (same && same_length(a, b)) {
        x = agreement(a);
        y = agreement(b);
    }
    return x * (unaltered(a) ? more : 1) > y * (unaltered(b) ? more : 1);
}

void spans_order(const struct search *s, struct span *spans, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            struct span own = spans[i];
            if (overlap(&own, &spans[k]) <= OVERLAP_LEAST || same_recording(&own, &spans[k]) ||
                !goes_before(s, &own, &spans[k]))
                continue;
            memmove(&spans[k + 1], &spans[k], (i - k) * sizeof *spans);
            spans[k] = own;
            break;
        }
}

enum kinship span_kinship(const struct search *s, const struct span *better, const struct span *p)
{
    double best = agreement(better), own = agreement(p);
    if (same_recording(better, p) || overlap(better, p) <= OVERLAP_LEAST)
        return KIN_NONE;
    if (best >= EXPLAINED && own < FAINTLY * best)
        return KIN_SIMILAR;
    if (!same_sound(s, better, p))
        return KIN_NONE;
    return own < CLEARLY * best ? KIN_SIMILAR : KIN_SAME;
}
