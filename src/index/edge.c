/* SPDX-License-Identifier: Apache-2.0 */
/* Where a match begins and ends. A bit is judged against the mean of 3.6 s, and near an edge half of
 * that is something else, often louder: then what still agrees is the luck of a few words. So every
 * place where the edge may be is supposed to be it: what lies beyond is cut off, words and means.
 * Where the agreement that is left is largest, it is. */
#include "index/search.h"

#include <math.h>

#define INNER       80 /* rows inside of the edge that are looked at: 5 s */
#define INNER_LEAST 24
#define ASIDE       5 /* words that an edge may move by: 2.6 s */

/* A stretch of rows, with nothing around it. */
struct cut {
    double from, to;
};

/* Agreement above half of what the span has, over the words within a cut. */
static enum code cut_judge(const struct search *s, const struct span *p, const struct cut *c,
                           double *out, struct error *e)
{
    ARENA(scratch);
    struct fp_window w;
    const struct segment *g = &s->view->parts[p->part]->segment;
    const struct segment_recording *r = &g->recordings[p->recording];
    const struct line *l = &p->line;
    double step = FP_STEP / l->warp.rate, reach = NEAR / l->warp.rate;
    double level = p->sure > 0 ? 0.5 * p->sum / p->sure : 0;
    *out = 0;
    size_t first = (size_t)(c->from + 0.5), count = (size_t)(c->to + 0.5) - first;
    TRY(fp_window_make(s->query, first, count, &scratch, &w, e));
    for (double j = fmax(0, ceil(l->ja + (c->from + reach - l->xa) / step)); j < r->count; j++) {
        double x = l->xa + (j - l->ja) * step, square, size;
        int8_t soft[FP_BITS];
        const struct fp_word *word = &g->words[r->first + (uint32_t)j];
        if (x + reach > c->to)
            break;
        if ((word->half[0] | word->half[1]) && fp_window_sketch(&w, &l->warp, x, soft)) {
            double sum = word_agree(word, soft, &square, &size);
            *out += sum - level * size;
        }
    }
    return OK;
}

/* Try the edge of a cut at `count` places from `first` on; it stays where the cut leaves most. */
static enum code edge_try(const struct search *s, const struct span *p, struct cut *c, double *edge,
                          double first, double step, int count, struct error *e)
{
    double best = *edge, best_score = -INFINITY, score;
    for (int i = 0; i < count; i++) {
        *edge = first + i * step;
        if (*edge < 0 || *edge > (double)s->query->count || c->to - c->from < INNER_LEAST)
            continue;
        TRY(cut_judge(s, p, c, &score, e));
        if (score > best_score) {
            best_score = score;
            best = *edge;
        }
    }
    *edge = best;
    return OK;
}

/* Move the edge of a cut: between which words it lies, then where between them. */
static enum code edge_move(const struct search *s, const struct span *p, struct cut *c,
                           double *edge, struct error *e)
{
    const struct line *l = &p->line;
    double step = FP_STEP / l->warp.rate, word = floor(line_word_at(l, *edge) + 1) - 0.5;
    double near = l->xa + (word - l->ja) * step;
    TRY(edge_try(s, p, c, edge, near - ASIDE * step, step, 2 * ASIDE + 1, e));
    return edge_try(s, p, c, edge, *edge - 0.375 * step, 0.125 * step, 7, e);
}

enum code span_edges(const struct search *s, struct span *p, struct error *e)
{
    double end = (double)s->query->count, from = p->from, to = p->to;
    if (to - from < INNER_LEAST)
        return OK;
    if (from > 0.5) {
        struct cut c = { from, fmin(to, from + INNER) };
        TRY(edge_move(s, p, &c, &c.from, e));
        p->from = c.from;
    }
    if (to < end - 0.5) {
        struct cut c = { fmax(p->from, to - INNER), to };
        TRY(edge_move(s, p, &c, &c.to, e));
        p->to = c.to;
    }
    return OK;
}
