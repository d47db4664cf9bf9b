/* SPDX-License-Identifier: Apache-2.0 */
/* One hypothesis: sketches, probes, places worth a look. */
#include "index/search.h"

/* Candidates under one warp, at each `stride`-th phase: postings always, every place when asked to. */
void hypothesis_try(struct search *s, const struct fp_warp *warp, uint32_t number, size_t stride,
                    bool scan, struct candidates *found)
{
    struct part_choices choices = { 0 };
    size_t shift = (size_t)(2 * FP_FIRST + warp->pitch), half = shift & 1, band = shift >> 1;
    struct sketch_rows *rows = &s->rows[half];
    if (rows->rate != warp->rate || rows->half != half || rows->stride > stride)
        rows_make(&s->whole, warp->rate, half, stride, s->first, s->count, &s->levels, rows);
    for (size_t phase = 0; phase < PHASES; phase += stride)
        if (sketch_cut(rows, phase, band, &s->sketches[phase])) {
            s->sketches[phase].hypothesis = number;
            parts_weigh(rows, phase, band, &choices);
        }
    size_t probes = 0;
    parts_choose(&choices);
    for (size_t i = 0; i < choices.count; i++)
        for (size_t phase = 0; phase < PHASES; phase += stride) {
            const struct part_choice *c = &choices.best[i];
            if (c->word < s->sketches[phase].count)
                probes += part_probes(&s->sketches[phase], (uint16_t)phase,
                                      rows->phase[phase].soft[c->word] + band, c,
                                      s->probes + probes);
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
