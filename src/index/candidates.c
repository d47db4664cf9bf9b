/* SPDX-License-Identifier: Apache-2.0 */
/* Hypotheses: sketches, probes, places worth a look. */
#include "index/search.h"

#include <stdlib.h>

#define KEYS_ROOM  2 /* times the effort: a hypothesis may have more keys than the first */
#define DOUBT_STEP 32
#define THIN_MOST  48
#define SORT_WORDS (1u << 21) /* 300 h: from here on the directory outgrows the caches */

static bool sorts(const struct search *s)
{
    return !s->scan || s->words > SORT_WORDS;
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

/* The keys that an effort allows. Each is looked up in every segment, but where a directory has fewer
 * bits one look-up stands for several keys: about half as many for two bits. */
static size_t keys_allowed(const struct search *s, const struct effort *effort)
{
    const size_t whole = 8;
    size_t cost = 0;
    for (size_t v = 0; v < s->view->count; v++)
        cost += whole >> (KEY_BITS - s->view->parts[v]->segment.head->directory_bits) / 2;
    return cost > whole ? effort->keys * whole / cost : effort->keys;
}

enum code hypotheses_begin(struct search *s, size_t most, const struct effort *effort,
                           struct error *e)
{
    size_t sketches = most * PHASES / effort->stride;
    s->effort = (struct effort) { effort->stride, keys_allowed(s, effort) };
    size_t probes = most * KEYS_ROOM * s->effort.keys;
    s->doubt = 0;
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

/* The doubt up to which the hypothesis that was added has as many keys as the effort allows. Other
 * hypotheses of the same window are about as doubtful: it is found out from the first. */
static int32_t keys_doubt(struct search *s, const struct sketch_rows *rows, size_t band,
                          size_t first)
{
    if (s->doubt)
        return s->doubt;
    uint32_t counts[DOUBT_MOST + 1];
    size_t count = 0;
    int32_t most = DOUBT_STEP;
    for (; most < DOUBT_MOST; most += DOUBT_STEP) {
        memset(counts, 0, sizeof counts);
        count = 0;
        for (size_t n = first; n < s->sketch_count; n++)
            count += keys_make(rows, band, &s->sketches[n], 0, most, SIZE_MAX, NULL, counts);
        if (count >= s->effort.keys)
            break;
    }
    most = most < DOUBT_MOST ? most : DOUBT_MOST;
    while (most > 0 && count > s->effort.keys)
        count -= counts[most--];
    s->doubt = most;
    return most;
}

void hypothesis_add(struct search *s, const struct fp_warp *warp, uint32_t number)
{
    size_t stride = s->effort.stride;
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
    }
    int32_t most = keys_doubt(s, rows, band, first);
    size_t room = KEYS_ROOM * s->effort.keys;
    for (size_t n = first; n < s->sketch_count; n++) {
        size_t made = keys_make(rows, band, &s->sketches[n], (uint16_t)n, most, room,
                                s->probes + s->probe_count, NULL);
        s->probe_count += made;
        room -= made;
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

/* The same word often has the same key in several phases. It is asked once, in the middle one. */
static void probes_thin(struct search *s)
{
    struct probe *all = s->probes;
    size_t kept = 0;
    for (size_t i = 0; i < s->probe_count; i++) {
        struct probe own = all[i];
        size_t same[PHASES] = { i }, count = 1;
        if (own.part == FP_PARTS)
            continue; /* taken already */
        for (size_t k = i + 1; k < s->probe_count && k <= i + THIN_MOST && count < PHASES; k++) {
            if (all[k].part != FP_PARTS && !probe_same_bucket(&own, &all[k], KEY_BITS))
                break;
            if (all[k].part != FP_PARTS && all[k].word == own.word &&
                s->sketches[all[k].sketch].hypothesis == s->sketches[own.sketch].hypothesis)
                same[count++] = k;
        }
        own = all[same[count / 2]];
        for (size_t k = 0; k < count; k++)
            all[same[k]].part = FP_PARTS;
        all[kept++] = own;
    }
    s->probe_count = kept;
}

void hypotheses_ask(struct search *s, bool scan, struct candidates *found)
{
    if (sorts(s)) {
        /* in the order of the directory: look-ups that are neighbours share pages, and what finds them */
        probes_move(s->probes, s->sorted, s->probe_count, low_digit);
        probes_move(s->sorted, s->probes, s->probe_count, high_digit);
        probes_thin(s);
    }
    for (size_t v = 0; v < s->view->count; v++) {
        const struct segment *segment = &s->view->parts[v]->segment;
        found->segment = (uint32_t)v;
        segment_probe(segment, s->sketches, s->sketch_count, s->probes, s->probe_count, found);
        for (size_t n = 0; scan && n < s->sketch_count; n++)
            segment_scan(segment, &s->sketches[n], found);
    }
}
