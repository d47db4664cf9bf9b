/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses: sketches, probes, places worth a look. */
#include "index/search.h"

#include <stdlib.h>

#define LONGEST    64         /* a list of postings longer than this tells nothing */
#define SORT_WORDS (1u << 21) /* 300 h: from here on the directory outgrows the caches */

static bool sorts(const struct search *s)
{
    return s->words > SORT_WORDS;
}

/* Room that is written before it is read, and kept between windows. */
static bool room_make(void **room, size_t *have, size_t count, size_t size)
{
    if (count <= *have)
        return true;
    free(*room);
    *room = malloc(count * size);
    *have = *room ? count : 0;
    return *room;
}

enum code hypotheses_begin(struct search *s, size_t most, const struct effort *effort,
                           struct error *e)
{
    size_t sketches = most * PHASES / effort->stride;
    size_t probes = sketches * effort->parts * effort->flips;
    s->effort = *effort;
    s->sketch_count = s->probe_count = 0;
    if (!room_make((void **)&s->sketches, &s->sketch_room, sketches, sizeof *s->sketches) ||
        !room_make((void **)&s->probes, &s->probe_room, probes, sizeof *s->probes) ||
        (sorts(s) && !room_make((void **)&s->sorted, &s->sorted_room, probes, sizeof *s->sorted)))
        return fail(e, ERR_MEMORY, "no memory for %zu hypotheses", most);
    return OK;
}

void hypotheses_done(struct search *s)
{
    free(s->sketches);
    free(s->probes);
    free(s->sorted);
}

void hypothesis_add(struct search *s, const struct fp_warp *warp, uint32_t number)
{
    size_t stride = s->effort.stride;
    struct part_choices choices = { 0 };
    size_t shift = (size_t)(2 * FP_FIRST + warp->pitch), half = shift & 1, band = shift >> 1;
    struct sketch_rows *rows = &s->rows[half];
    size_t first = s->sketch_count;
    if (rows->rate != warp->rate || rows->half != half || rows->stride > stride)
        rows_make(&s->whole, warp->rate, half, stride, s->first, s->count, &s->levels, rows);
    for (size_t phase = 0; phase < PHASES; phase += stride) {
        struct sketch *k = &s->sketches[s->sketch_count];
        if (!sketch_cut(rows, phase, band, k))
            continue;
        k->hypothesis = number;
        k->phase = (uint32_t)phase;
        s->sketch_count++;
        parts_weigh(rows, phase, band, &choices);
    }
    parts_choose(&choices, s->effort.parts);
    for (size_t i = 0; i < choices.count; i++)
        for (size_t n = first; n < s->sketch_count; n++) {
            const struct part_choice *c = &choices.best[i];
            const struct sketch *k = &s->sketches[n];
            if (c->word >= k->count)
                continue;
            part_probes(k, (uint16_t)n, rows->phase[k->phase].soft[c->word] + band, c, &s->effort,
                        s->probes + s->probe_count);
            s->probe_count += s->effort.flips;
        }
}

#define DIGIT_BITS 11
#define HIGH_BITS  13 /* with the part */

static size_t low_digit(const struct probe *p)
{
    return p->key >> (32 - 2 * DIGIT_BITS) & ((1 << DIGIT_BITS) - 1);
}

static size_t high_digit(const struct probe *p)
{
    return (size_t)p->part << DIGIT_BITS | p->key >> (32 - DIGIT_BITS);
}

static void probes_move(const struct probe *from, struct probe *to, size_t count,
                        size_t (*digit)(const struct probe *))
{
    uint32_t start[1 << HIGH_BITS] = { 0 }, sum = 0;
    for (size_t i = 0; i < count; i++)
        start[digit(&from[i])]++;
    for (size_t d = 0; d < COUNT_OF(start); d++) {
        uint32_t n = start[d];
        start[d] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++)
        to[start[digit(&from[i])]++] = from[i];
}

void hypotheses_ask(struct search *s, bool scan, struct candidates *found)
{
    if (sorts(s)) {
        /* in the order of the directory: look-ups that are neighbours share pages, and what finds them */
        probes_move(s->probes, s->sorted, s->probe_count, low_digit);
        probes_move(s->sorted, s->probes, s->probe_count, high_digit);
    }
    for (size_t v = 0; v < s->view->count; v++) {
        const struct segment *segment = &s->view->parts[v]->segment;
        found->segment = (uint32_t)v;
        segment_probe(segment, s->sketches, s->probes, s->probe_count, LONGEST, found);
        for (size_t n = 0; scan && n < s->sketch_count; n++)
            segment_scan(segment, &s->sketches[n], found);
    }
}
