/* SPDX-License-Identifier: Apache-2.0 */
/* A question: which windows are asked under which hypotheses, in which order. */
#include "index/search.h"

#include <math.h>

#define SHORT_ROWS 208 /* a query up to this long is one window */
#define ROWS_LEAST 24
#define CONTEXT    40 /* rows around a window that its averages may need */
#define WARPS_MOST 512
#define LONG_ROWS  960 /* a query from this long on is asked under all hypotheses here and there */
#define GRID_EVERY 3   /* windows */

/* What is asked after identity: near the axes of tempo, pitch and speed, coarse in tempo (a word
 * hardly notices five per cent), half a band in pitch. */
static size_t grid(struct fp_warp *out)
{
    static const double rates[] = { 1,     0.955, 1.046, 0.912, 1.094, 0.871,
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
    TRY(fp_window_make(s->query, first - before, count + before + CONTEXT, &scratch, &s->whole, e));
    struct fp_warp warps[WARPS_MOST] = { { 1, 0 } };
    struct candidates found = { .least = 3 };
    bool certain = false;
    size_t tried = 1;
    s->levels = (struct sketch_levels) { 0, 0 };
    s->rows[0].rate = s->rows[1].rate = 0;
    s->spread = window_spread(s, &warps[0]);
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

enum code index_find(const struct index *ix, const struct fp_query *query,
                     const struct index_options *options, struct arena *a, struct matches *found,
                     struct error *e)
{
    static const struct index_options usual = { 0 };
    struct search s = { .query = query, .options = options ? options : &usual, .a = a };
    s.sketches = arena_try(a, PHASES, sizeof *s.sketches);
    s.rows = arena_try(a, 2, sizeof *s.rows);
    s.probes = arena_try(a, PARTS_PROBED * PHASES * FLIPS, sizeof *s.probes);
    if (!s.sketches || !s.rows || !s.probes)
        return fail(e, ERR_MEMORY, "no memory for a search");
    s.view = index_view(ix);
    for (size_t v = 0; v < s.view->count; v++)
        s.words += s.view->parts[v]->segment.head->words;
    double hours = s.options->scan_hours > 0   ? s.options->scan_hours
                   : s.options->scan_hours < 0 ? 0
                                               : 100;
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
        code = search_answer(&s, found, e);
    index_view_release(ix, s.view);
    return code;
}
