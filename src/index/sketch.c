/* SPDX-License-Identifier: Apache-2.0 */
/* Soft bits -> hard bits with masks of trust, and keys to look up. */
#include "index/sketch.h"

#include <math.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define HEARD_LEAST 3

/* How much bits count, 0 to 3, as two masks: from one half, three halves and five halves of a unit. */
static void masks_make(const int8_t *soft, int unit, uint64_t *bits, uint64_t *fairs,
                       uint64_t *sures)
{
    const int one = (unit + 1) / 2, two = (3 * unit + 1) / 2, three = (5 * unit + 1) / 2;
#if defined(__SSE2__)
    __m128i zero = _mm_setzero_si128(), below_one = _mm_set1_epi8((char)(one - 1));
    __m128i below_two = _mm_set1_epi8((char)(two - 1));
    __m128i below_three = _mm_set1_epi8((char)(three > 127 ? 127 : three - 1));
    for (size_t b = 0; b < FP_BANDS + 2; b += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(soft + b));
        __m128i negative = _mm_cmpgt_epi8(zero, v);
        __m128i size = _mm_sub_epi8(_mm_xor_si128(v, negative), negative);
        uint64_t p = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(v, zero));
        uint64_t o = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(size, below_one));
        uint64_t s = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(size, below_two));
        uint64_t t = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(size, below_three));
        bits[b / 64] |= p << b % 64;
        fairs[b / 64] |= ((o & ~s) | t) << b % 64;
        sures[b / 64] |= s << b % 64;
    }
#else
    for (size_t b = 0; b < FP_BANDS + 2; b++) {
        int size = abs(soft[b]);
        bool fair = (size >= one && size < two) || size >= three;
        bits[b / 64] |= (uint64_t)(soft[b] > 0) << b % 64;
        fairs[b / 64] |= (uint64_t)fair << b % 64;
        sures[b / 64] |= (uint64_t)(size >= two) << b % 64;
    }
#endif
}

/* The middle of the sizes counts twice. */
static void levels_find(struct sketch_levels *levels, size_t count,
                        const int8_t (*soft)[FP_BANDS + 2])
{
    uint32_t sizes[129] = { 0 }, all = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < FP_BITS; b++)
            sizes[abs(soft[i][FP_FIRST + b])]++;
    for (size_t v = 1; v < 129; v++)
        all += sizes[v];
    int middle = 0;
    while (middle < 127 && seen * 2 <= all)
        seen += sizes[++middle];
    levels->unit = middle / 2 > 1 ? middle / 2 : 1;
}

static void phase_make(const struct fp_window *w, double centre, double last,
                       struct sketch_levels *levels, struct sketch_rows *out, size_t phase)
{
    double step = FP_STEP / out->rate;
    int32_t sizes[FP_BANDS];
    uint32_t count = 0, known = 0;
    for (; count < SKETCH_WORDS && centre + step * count <= last; count++) {
        int8_t *soft = out->phase[phase].soft[count];
        int32_t *heard = out->phase[phase].heard[count], *sure = out->phase[phase].sure[count];
        soft[FP_BANDS] = soft[FP_BANDS + 1] = 0;
        known += fp_window_row(w, out->rate, out->half, centre + step * count, soft, sizes);
        heard[0] = sure[0] = 0;
        for (size_t b = 0; b < FP_BANDS; b++) {
            int32_t size = abs(soft[b]);
            heard[b + 1] = heard[b] + sizes[b];
            sure[b + 1] = sure[b] + (size < 48 ? size : 48); /* one does not make up for two weak */
        }
    }
    out->phase[phase].count = known < HEARD_LEAST ? 0 : count;
    if (!levels->unit && out->phase[phase].count)
        levels_find(levels, count, (const int8_t(*)[FP_BANDS + 2]) out->phase[phase].soft);
    memset(out->phase[phase].bits, 0, sizeof out->phase[phase].bits);
    memset(out->phase[phase].fair, 0, sizeof out->phase[phase].fair);
    memset(out->phase[phase].most, 0, sizeof out->phase[phase].most);
    for (uint32_t i = 0; i < out->phase[phase].count; i++)
        masks_make(out->phase[phase].soft[i], levels->unit, out->phase[phase].bits[i],
                   out->phase[phase].fair[i], out->phase[phase].most[i]);
}

void rows_make(const struct fp_window *w, double rate, size_t half, size_t stride, size_t first,
               size_t count, struct sketch_levels *levels, struct sketch_rows *out)
{
    out->rate = rate;
    out->half = half;
    out->stride = stride;
    double reach = NEAR / rate;
    for (size_t phase = 0; phase < PHASES; phase += stride)
        phase_make(w, (double)first + reach + (double)phase / rate, (double)(first + count) - reach,
                   levels, out, phase);
}

/* Bits [at, at + 128) of a row's. */
static struct fp_word row_cut(const uint64_t *lanes, size_t at)
{
    struct fp_word out = { { 0, 0 } };
    for (size_t h = 0; h < 2; h++)
        for (size_t l = at / 64 + h, k = 0; k < 2 && l + k < ROW_LANES; k++)
            out.half[h] |= k == 0    ? lanes[l] >> at % 64
                           : at % 64 ? lanes[l + 1] << (64 - at % 64)
                                     : 0;
    return out;
}

static bool word_heard(const struct sketch_rows *rows, size_t phase, size_t word, size_t band)
{
    const int32_t *heard = rows->phase[phase].heard[word];
    size_t end = band + FP_BITS < FP_BANDS ? band + FP_BITS : FP_BANDS;
    return heard[end] - heard[band] >= FP_SIZES_HEARD;
}

bool sketch_cut(const struct sketch_rows *rows, size_t phase, size_t band, struct sketch *out)
{
    uint32_t count = rows->phase[phase].count, heard = 0, weight = 0, squares = 0;
    out->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!word_heard(rows, phase, i, band)) {
            out->bits[i] = out->fair[i] = out->sure[i] = (struct fp_word) { { 0, 0 } };
            continue;
        }
        heard++;
        out->bits[i] = row_cut(rows->phase[phase].bits[i], band);
        out->fair[i] = row_cut(rows->phase[phase].fair[i], band);
        out->sure[i] = row_cut(rows->phase[phase].most[i], band);
        for (size_t h = 0; h < 2; h++) {
            uint64_t f = out->fair[i].half[h], t = out->sure[i].half[h];
            weight += (uint32_t)(__builtin_popcountll(f) + 2 * __builtin_popcountll(t));
            squares += (uint32_t)(__builtin_popcountll(f) + 4 * __builtin_popcountll(t) +
                                  4 * __builtin_popcountll(f & t));
        }
    }
    if (heard < HEARD_LEAST)
        return false;
    out->count = count;
    out->weight = (int32_t)weight;
    /* a bit that counts n times strays by n / 2 */
    out->per_deviation = 1 / sqrtf(0.25f * (float)squares + 1);
    return true;
}

static void words_turn(struct fp_word *words, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct fp_word w = words[i];
        words[i] = words[count - 1 - i];
        words[count - 1 - i] = w;
    }
}

void sketch_turn(struct sketch *k)
{
    words_turn(k->bits, k->count);
    words_turn(k->fair, k->count);
    words_turn(k->sure, k->count);
}

void parts_weigh(const struct sketch_rows *rows, size_t phase, size_t band,
                 struct part_choices *choices)
{
    for (uint32_t i = 0; i < rows->phase[phase].count; i++) {
        const int32_t *sure = rows->phase[phase].sure[i];
        if (!word_heard(rows, phase, i, band))
            continue;
        for (size_t p = 0; p < FP_PARTS; p++) {
            size_t from = band + 32 * p, to = from + 32;
            from = from < FP_BANDS ? from : FP_BANDS;
            to = to < FP_BANDS ? to : FP_BANDS;
            choices->sure[i][p] += sure[to] - sure[from];
        }
    }
}

void parts_choose(struct part_choices *choices, size_t most)
{
    choices->count = 0;
    for (size_t i = 0; i < SKETCH_WORDS; i++)
        for (size_t p = 0; p < FP_PARTS; p++) {
            struct part_choice c = { choices->sure[i][p], (uint8_t)i, (uint8_t)p };
            size_t at = choices->count;
            if (c.sure <= 0 || (at == most && c.sure <= choices->best[at - 1].sure))
                continue;
            if (at == most)
                at--;
            else
                choices->count++;
            for (; at > 0 && choices->best[at - 1].sure < c.sure; at--)
                choices->best[at] = choices->best[at - 1];
            choices->best[at] = c;
        }
}

#define WEAKEST 24 /* that are looked for */
#define FLIPPED 14 /* most that the sets speak of */

/* The weakest bits of 32, the weakest first; among equals the lower one. */
static void weakest_plain(const int8_t *bits, size_t most, uint32_t *weak)
{
    uint32_t least[WEAKEST];
    memset(least, 0xff, sizeof least);
    for (uint32_t b = 0; b < 32; b++) {
        uint32_t x = (uint32_t)abs(bits[b]) << 5 | b;
        for (size_t i = 0; i < most; i++)
            if (x < least[i]) {
                uint32_t was = least[i];
                least[i] = x;
                x = was;
            }
    }
    for (size_t i = 0; i < most; i++)
        weak[i] = 1u << (least[i] & 31);
}

#if defined(__x86_64__)
__attribute__((target("sse4.1"))) static void weakest_wide(const int8_t *bits, size_t most,
                                                           uint32_t *weak)
{
    __m128i rows[4], index = _mm_set_epi16(7, 6, 5, 4, 3, 2, 1, 0);
    for (size_t r = 0; r < 4; r++) {
        __m128i x = _mm_cvtepi8_epi16(
            _mm_loadl_epi64((const __m128i *)(const void *)(bits + 8 * r)));
        rows[r] = _mm_or_si128(_mm_slli_epi16(_mm_abs_epi16(x), 5),
                               _mm_add_epi16(index, _mm_set1_epi16((short)(8 * r))));
    }
    for (size_t i = 0; i < most; i++) {
        __m128i least = _mm_min_epu16(_mm_min_epu16(rows[0], rows[1]),
                                      _mm_min_epu16(rows[2], rows[3]));
        short x = (short)_mm_extract_epi16(_mm_minpos_epu16(least), 0);
        weak[i] = 1u << (x & 31);
        for (size_t r = 0; r < 4; r++)
            rows[r] = _mm_or_si128(rows[r], _mm_cmpeq_epi16(rows[r], _mm_set1_epi16(x)));
    }
}
#endif

static void weakest_find(const int8_t *bits, size_t most, uint32_t *weak)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.1")) {
        weakest_wide(bits, most, weak);
        return;
    }
#endif
    weakest_plain(bits, most, weak);
}

/* Sets of the weakest bits, bit 0 the weakest, in order of the sum of their ranks: about that of
 * how likely it is that just these are wrong. */
static const uint16_t flip_sets[FLIPS_MOST] = {
    0x0,   0x1,   0x2,   0x4,    0x3,   0x8,    0x5,   0x10,  0x6,   0x9,   0x20,   0xa,    0x11,
    0x7,   0x40,  0xc,   0x12,   0x21,  0xb,    0x80,  0x14,  0x22,  0x41,  0xd,    0x13,   0x100,
    0x18,  0x24,  0x42,  0x81,   0xe,   0x15,   0x23,  0x200, 0x28,  0x44,  0x82,   0x101,  0x16,
    0x19,  0x25,  0x43,  0xf,    0x400, 0x30,   0x48,  0x84,  0x102, 0x201, 0x1a,   0x26,   0x29,
    0x45,  0x83,  0x17,  0x800,  0x50,  0x88,   0x104, 0x202, 0x401, 0x1c,  0x2a,   0x31,   0x46,
    0x49,  0x85,  0x103, 0x1b,   0x27,  0x1000, 0x60,  0x90,  0x108, 0x204, 0x402,  0x801,  0x2c,
    0x32,  0x4a,  0x51,  0x86,   0x89,  0x105,  0x203, 0x1d,  0x2b,  0x47,  0x2000, 0xa0,   0x110,
    0x208, 0x404, 0x802, 0x1001, 0x34,  0x4c,   0x52,  0x61,  0x8a,  0x91,  0x106,  0x109,  0x205,
    0x403, 0x1e,  0x2d,  0x33,   0x4b,  0x87,   0xc0,  0x120, 0x210, 0x408, 0x804,  0x1002, 0x2001,
    0x38,  0x54,  0x62,  0x8c,   0x92,  0xa1,   0x10a, 0x111, 0x206, 0x209, 0x405
};

void part_probes(const struct sketch *k, uint16_t number, const int8_t *soft,
                 const struct part_choice *c, const struct effort *effort, struct probe *out)
{
    uint32_t key = (uint32_t)(k->bits[c->word].half[c->part / 2] >> (c->part % 2 * 32));
    uint32_t weakest[WEAKEST], weak[FLIPPED] = { 0 }, loose = 0, named = 1;
    for (size_t n = 0; n < effort->flips; n++)
        named |= flip_sets[n];
    size_t flipped = 32 - (size_t)__builtin_clz(named), count = 0, look = flipped + LOW_BITS;
    look = look < effort->loose ? effort->loose : look;
    look = look < WEAKEST ? look : WEAKEST;
    weakest_find(soft + c->part * 32, look, weakest);
    for (size_t i = 0; i < look; i++)
        if (i < effort->loose && weakest[i] < 1u << LOW_BITS)
            loose |= weakest[i];
        else if (count < flipped)
            weak[count++] = weakest[i];
    for (size_t n = 0; n < effort->flips; n++) {
        out[n] = (struct probe) { key, loose, number, c->word, c->part };
        for (uint32_t set = flip_sets[n]; set; set &= set - 1)
            out[n].key ^= weak[__builtin_ctz(set)];
    }
}
