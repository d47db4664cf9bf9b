/* SPDX-License-Identifier: Apache-2.0 */
/* A question: which windows are asked under which hypotheses, in which order. */
#include "index/search.h"

#include <math.h>

#define SHORT_ROWS      208 /* a query up to this long is one window */
#define ROWS_LEAST      24
#define CONTEXT         40 /* rows around a window that its averages may need */
#define WARPS_MOST      512
#define LONG_ROWS       960 /* a query from this long on is asked everything here and there only */
#define STRETCH         16  /* windows, 82 s: once in so many, */
#define STRETCHES_LEAST 3
#define SCAN_HOURS      100

/* What is asked after identity: near the axes of tempo, pitch and speed, coarse in tempo (a word
 * hardly notices five per cent), half a band in pitch. Further out speed alone, as players change it,
 * and pitch alone, in whole bands. */
static size_t grid(struct fp_warp *out)
{
    static const double rates[] = { 1,     0.955, 1.046, 0.912, 1.094, 0.871, 1.145,
                                    0.832, 1.197, 0.79,  1.252, 0.755, 1.31 };
    size_t count = 0;
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (int pitch = FP_PITCH_LEAST; pitch <= FP_PITCH_MOST && count < WARPS_MOST; pitch++) {
            double speed = 72 * log2(rates[r]);
            bool near = pitch >= -13 && pitch <= 13 && rates[r] > 0.77 && rates[r] < 1.28;
            if (near || fabs(pitch - speed) < 5)
                out[count++] = (struct fp_warp) { rates[r], pitch };
        }
    for (int pitch = 14; pitch <= 24 && count + 1 < WARPS_MOST; pitch += 2) {
        out[count++] = (struct fp_warp) { 1, pitch };
        out[count++] = (struct fp_warp) { 1, -pitch };
    }
    return count;
}

static const struct effort quick = { 1, 1000 };
/* The more there is, the more a look-up costs, and the fewer there may be: [1] is for an index that
 * is small enough to be read through. */
static const struct effort deep[2] = { { 1, 10000 }, { 1, 1000 } };
static const struct effort wide[2] = { { 2, 110 }, { 2, 300 } }; /* for the grid */
/* For the grid once more, where a look-up costs little: a short query in a small index. */
static const struct effort wider = { 1, 3000 };
/* What noise and speech leave of a key is a matter of luck: the last resort is to try many. */
static const struct effort deepest = { 1, 100000 };

/* ---- one window -------------------------------------------------------------------------- */

/* What is kept of a window between the passes over a long query. */
struct window {
    size_t first, count;
    struct sketch_levels levels;
    double spread;
    bool certain;
};

static enum code window_open(struct search *s, struct window *w, struct arena *scratch,
                             struct error *e)
{
    size_t before = w->first < CONTEXT ? w->first : CONTEXT;
    s->first = w->first;
    s->count = w->count;
    s->from = (double)w->first;
    s->to = (double)(w->first + w->count);
    TRY(fp_window_make(s->query, w->first - before, w->count + before + CONTEXT, scratch, &s->whole,
                       e));
    s->rows[0].rate = s->rows[1].rate = 0;
    s->levels = w->levels;
    TRY(hypotheses_begin(s, 1, &quick, e));
    if (w->spread <= 0)
        w->spread = window_spread(s);
    s->spread = w->spread;
    return OK;
}

/* Without warp, and under the factors found so far. */
static enum code window_identity(struct search *s, struct window *w, const struct effort *effort,
                                 bool scan, struct error *e)
{
    struct fp_warp warps[1 + COUNT_OF(s->known)] = { { 1, 0 } };
    struct candidates found = { .least = 3 };
    TRY(hypotheses_begin(s, 1 + s->known_count, effort, e));
    hypothesis_add(s, &warps[0], 0);
    for (size_t i = 0; i < s->known_count; i++) {
        warps[i + 1] = s->known[i];
        hypothesis_add(s, &warps[i + 1], (uint32_t)i + 1);
    }
    hypotheses_ask(s, scan, &found);
    w->levels = s->levels;
    return candidates_judge(s, &found, warps, false, &w->certain, e);
}

static enum code window_grid(struct search *s, struct window *w, const struct effort *effort,
                             struct error *e)
{
    struct fp_warp warps[WARPS_MOST];
    struct candidates found = { .least = 3 };
    size_t count = grid(warps), to;
    for (size_t from = 0; from < count; from = to) {
        /* a small index is asked rate by rate, so that all of this stays in the cache */
        for (to = from; to < count && (!s->scan || warps[to].rate == warps[from].rate);)
            to++;
        TRY(hypotheses_begin(s, to - from, effort, e));
        for (size_t i = from; i < to; i++)
            hypothesis_add(s, &warps[i], (uint32_t)i);
        hypotheses_ask(s, false, &found);
    }
    return candidates_judge(s, &found, warps, true, &w->certain, e);
}

/* A look, which finds what is hardly distorted. */
static enum code window_glance(struct search *s, struct window *w, struct error *e)
{
    ARENA(scratch);
    TRY(window_open(s, w, &scratch, e));
    return window_identity(s, w, &quick, false, e);
}

/* Spans [from, to) are forgotten: a deeper look knows better what is alike by chance. */
static void spans_forget(struct search *s, size_t from, size_t to)
{
    if (to > from)
        memmove(s->spans + from, s->spans + to, (s->span_count - to) * sizeof *s->spans);
    s->span_count -= to - from;
}

/* And what takes more when that is not certain. */
static enum code window_find(struct search *s, struct window *w, bool all, struct error *e)
{
    ARENA(scratch);
    size_t from = s->span_count;
    TRY(window_open(s, w, &scratch, e));
    TRY(window_identity(s, w, &quick, false, e));
    if (w->certain)
        return OK;
    s->span_count = from;
    TRY(window_identity(s, w, &deep[s->scan], s->scan, e));
    size_t to = s->span_count;
    if (all && !w->certain)
        TRY(window_grid(s, w, &wide[s->scan], e));
    if (!all || w->certain || (s->scan && s->query->count >= LONG_ROWS))
        return OK;
    if (s->scan) {
        spans_forget(s, to, s->span_count);
        return window_grid(s, w, &wider, e);
    }
    spans_forget(s, from, to);
    struct effort effort = { deepest.stride, deepest.keys / (1 + s->known_count) };
    return window_identity(s, w, &effort, false, e);
}

/* ---- a long query: its windows in passes -------------------------------------------------- */

/* Of each stretch, the unexplained window whose bits are surest is asked everything. */
static enum code stretches_ask(struct search *s, struct window *windows, size_t count, bool all,
                               struct error *e)
{
    size_t stretches = (count + STRETCH - 1) / STRETCH;
    if (stretches < STRETCHES_LEAST)
        stretches = STRETCHES_LEAST;
    for (size_t n = 0; n < stretches; n++) {
        struct window *best = NULL;
        for (size_t i = n * count / stretches; i < (n + 1) * count / stretches; i++)
            if (!windows[i].certain && (!best || windows[i].levels.unit > best->levels.unit))
                best = &windows[i];
        if (best)
            TRY(window_find(s, best, all, e));
    }
    return OK;
}

static enum code long_find(struct search *s, bool all, struct error *e)
{
    size_t count = (s->query->count - WINDOW_ROWS + WINDOW_STRIDE - 1) / WINDOW_STRIDE + 1;
    struct window *windows = arena_try(s->a, count, sizeof *windows);
    if (!windows)
        return fail(e, ERR_MEMORY, "no memory for %zu windows", count);
    for (size_t i = 0; i < count; i++) {
        size_t first = i * WINDOW_STRIDE, last = s->query->count - WINDOW_ROWS;
        windows[i] = (struct window) { first < last ? first : last, WINDOW_ROWS, { 0 }, 0, false };
        TRY(window_glance(s, &windows[i], e));
    }
    size_t known = s->known_count;
    TRY(stretches_ask(s, windows, count, all, e));
    for (size_t i = 0; i < count && s->known_count > known; i++)
        if (!windows[i].certain)
            TRY(window_glance(s, &windows[i], e));
    return OK;
}

static enum code middle_find(struct search *s, bool all, struct error *e)
{
    size_t last = s->query->count > SHORT_ROWS ? s->query->count - WINDOW_ROWS : 0;
    size_t rows = last ? WINDOW_ROWS : s->query->count;
    for (size_t at = 0;; at += WINDOW_STRIDE) {
        struct window w = { .first = at < last ? at : last, .count = rows };
        TRY(window_find(s, &w, all, e));
        if (at >= last)
            return OK;
    }
}

enum code index_find(const struct index *ix, const struct fp_query *query,
                     const struct index_options *options, struct arena *a, struct matches *found,
                     struct error *e)
{
    static const struct index_options usual = { 0 };
    struct search s = { .query = query, .options = options ? options : &usual, .a = a };
    s.rows = arena_try(a, 2, sizeof *s.rows);
    if (!s.rows)
        return fail(e, ERR_MEMORY, "no memory for a search");
    s.view = index_view(ix);
    for (size_t v = 0; v < s.view->count; v++)
        s.words += s.view->parts[v]->segment.head->words;
    double hours = s.options->scan_hours > 0   ? s.options->scan_hours
                   : s.options->scan_hours < 0 ? 0
                                               : SCAN_HOURS;
    s.scan = (double)s.words * FP_WORD_SECONDS <= hours * 3600;

    enum code code = OK;
    bool all = !s.options->identity_only;
    if (query->count >= ROWS_LEAST && s.words)
        code = query->count < LONG_ROWS ? middle_find(&s, all, e) : long_find(&s, all, e);
    if (code == OK)
        code = search_answer(&s, found, e);
    hypotheses_done(&s);
    index_view_release(ix, s.view);
    return code;
}
