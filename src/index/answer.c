/* SPDX-License-Identifier: Apache-2.0 */
/* Spans to matches: what lies on one line is one, best first, certain ones only. */
#include "index/search.h"

#include <math.h>
#include <stdlib.h>

#define ALARMS 0.5 /* per thousand uploads */

static double share_of(double a_from, double a_to, double b_from, double b_to)
{
    double both = fmin(a_to, b_to) - fmax(a_from, b_from);
    return fmin(1, fmax(0, both) / fmax(1, fmin(a_to - a_from, b_to - b_from)));
}

/* Two spans of one recording that lie on one line are one. */
static bool spans_join(struct span *a, const struct span *b)
{
    if (a->part != b->part || a->recording != b->recording)
        return false;
    double middle = (fmax(a->from, b->from) + fmin(a->to, b->to)) / 2;
    double apart = fmax(a->from, b->from) - fmin(a->to, b->to);
    if (apart > 80 || fabs(line_word_at(&a->line, middle) - line_word_at(&b->line, middle)) > 0.8 ||
        fabs(a->line.warp.rate / b->line.warp.rate - 1) > 0.03)
        return false;
    double new = 1 - share_of(a->from, a->to, b->from, b->to);
    double all_new = 1 - share_of(a->window_from, a->window_to, b->window_from, b->window_to);
    a->identity &= b->identity;
    a->noisy &= b->noisy;
    if (new < 0.1 && span_surprise(a) >= span_surprise(b)) {
        a->from = fmin(a->from, b->from);
        a->to = fmax(a->to, b->to);
        return true;
    }
    /* what two pieces have in common in one window they have in the next as well */
    a->noisy = false;
    /* What the best of the others reach is in deviations, which do not grow with the length: no other
     * recording leads in both stretches along one line. */
    double more = b->square * new, share = more / fmax(a->square + more, 1);
    a->level += share * (b->level - a->level);
    a->width += share * (b->width - a->width);
    a->best = a->best > 0 && b->best > 0 ? fmax(a->best, b->best) : 0;
    a->sum += b->sum * new;
    a->square += b->square * new;
    a->all_sum += b->all_sum * all_new;
    a->all_square += b->all_square * all_new;
    a->sure += b->sure * new;
    if (b->to - b->from > a->to - a->from)
        a->line = b->line;
    a->from = fmin(a->from, b->from);
    a->to = fmax(a->to, b->to);
    a->window_from = fmin(a->window_from, b->window_from);
    a->window_to = fmax(a->window_to, b->window_to);
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

/* What lies on one line becomes one; best first. Returns how many are left. */
static size_t spans_gather(struct search *s)
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
    return kept;
}

/* The same recording, at the same time, less well: a loop of it. */
static bool is_shadow(const struct span *spans, size_t i)
{
    const struct span *p = &spans[i];
    for (size_t k = 0; k < i; k++)
        if (spans[k].part == p->part && spans[k].recording == p->recording &&
            fmin(spans[k].to, p->to) - fmax(spans[k].from, p->from) > 0.5 * (p->to - p->from))
            return true;
    return false;
}

static size_t spans_sift(const struct search *s, size_t kept)
{
    double alarms = s->options->false_alarms > 0 ? s->options->false_alarms : ALARMS;
    double limit = 0.001 * alarms / (1 + floor((double)s->query->count / WINDOW_ROWS));
    size_t count = 0;
    for (size_t i = 0; i < kept; i++)
        if (!is_shadow(s->spans, i))
            s->spans[count++] = s->spans[i];
    kept = count;
    count = 0;
    for (size_t i = 0; i < kept; i++)
        if (span_chance(&s->spans[i]) <= limit)
            s->spans[count++] = s->spans[i];
    return count;
}

static void match_make(const struct search *s, const struct span *p, struct match *m)
{
    const struct segment *g = &s->view->parts[p->part]->segment;
    double rate = p->line.warp.rate, seconds = fp_query_seconds(s->query);
    *m = (struct match) { .key = g->recordings[p->recording].key,
                          .speed = rate,
                          .pitch_semitones = p->line.warp.pitch / 6.0,
                          .score = p->sure > 0 ? p->sum / p->sure : 0,
                          .deviations = span_deviations(p),
                          .others = p->level,
                          .others_width = p->width,
                          .identity = p->identity,
                          .p_false = span_chance(p) };
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
}

enum code search_answer(struct search *s, struct matches *found, struct error *e)
{
    size_t kept = spans_sift(s, spans_gather(s));
    struct match *items = arena_try(s->a, kept + 1, sizeof *items);
    struct match *similar = arena_try(s->a, kept + 1, sizeof *similar);
    const struct span **played = arena_try(s->a, kept + 1, sizeof(const struct span *));
    if (!items || !similar || !played)
        return fail(e, ERR_MEMORY, "no memory for %zu matches", kept);
    *found = (struct matches) { .items = items, .similar = similar, .complete = s->view->complete };
    for (size_t i = 0; i < kept; i++)
        TRY(span_edges(s, &s->spans[i], e));
    spans_order(s, s->spans, kept);
    for (size_t i = 0; i < kept; i++) {
        enum kinship kin = KIN_NONE;
        size_t same = 0;
        for (size_t k = 0; k < found->count && kin != KIN_SIMILAR; k++) {
            enum kinship to_this = span_kinship(s, played[k], &s->spans[i]);
            same = to_this == KIN_SAME ? k : same;
            kin = to_this != KIN_NONE ? to_this : kin;
        }
        if (kin == KIN_SIMILAR) {
            match_make(s, &s->spans[i], &similar[found->similar_count++]);
            continue;
        }
        played[found->count] = &s->spans[i];
        match_make(s, &s->spans[i], &items[found->count]);
        if (kin == KIN_SAME)
            items[same].shared = items[found->count].shared = true;
        found->count++;
    }
    return OK;
}
