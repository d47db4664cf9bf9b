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

/* The doubt in a bit of each size: 64 ln(1 + exp(-0.03 size)). */
static const uint8_t bit_doubt[101] = { 44, 43, 42, 42, 41, 40, 39, 38, 37, 36, 35, 35, 34, 33, 32,
                                        32, 31, 30, 29, 29, 28, 27, 27, 26, 25, 25, 24, 24, 23, 22,
                                        22, 21, 21, 20, 20, 19, 19, 18, 18, 17, 17, 16, 16, 16, 15,
                                        15, 14, 14, 14, 13, 13, 13, 12, 12, 12, 11, 11, 11, 10, 10,
                                        10, 10, 9,  9,  9,  9,  8,  8,  8,  8,  7,  7,  7,  7,  7,
                                        6,  6,  6,  6,  6,  6,  5,  5,  5,  5,  5,  5,  5,  4,  4,
                                        4,  4,  4,  4,  4,  4,  3,  3,  3,  3,  3 };

static void phase_make(const struct fp_window *w, double centre, double last,
                       struct sketch_levels *levels, struct sketch_rows *out, size_t phase)
{
    double step = FP_STEP / out->rate;
    int32_t sizes[FP_BANDS];
    uint32_t count = 0, known = 0;
    for (; count < SKETCH_WORDS && centre + step * count <= last; count++) {
        int8_t *soft = out->phase[phase].soft[count];
        int32_t *heard = out->phase[phase].heard[count], *doubt = out->phase[phase].doubt[count];
        soft[FP_BANDS] = soft[FP_BANDS + 1] = 0;
        known += fp_window_row(w, out->rate, out->half, centre + step * count, soft, sizes);
        heard[0] = doubt[0] = 0;
        for (size_t b = 0; b < FP_BANDS; b++) {
            heard[b + 1] = heard[b] + sizes[b];
            doubt[b + 1] = doubt[b] + bit_doubt[abs(soft[b])];
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

#define FLIPPED  12  /* of the weakest bits of a key, those that may be flipped */
#define FLIP_NUM 123 /* log-odds of a bit of size 1, 0.03, in doubt: 64 * 0.03 = 123 / 64 */

struct flip {
    int32_t doubt;
    uint32_t bit;
};

static int32_t flip_doubt(uint32_t size)
{
    return (int32_t)(size * FLIP_NUM / 64);
}

/* The weakest bits of 32, the weakest first; among equals the lower one. */
static void weakest_plain(const int8_t *bits, size_t most, struct flip *weak)
{
    uint32_t least[FLIPPED];
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
        weak[i] = (struct flip) { flip_doubt(least[i] >> 5), 1u << (least[i] & 31) };
}

#if defined(__x86_64__)
__attribute__((target("sse4.1"))) static void weakest_wide(const int8_t *bits, size_t most,
                                                           struct flip *weak)
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
        weak[i] = (struct flip) { flip_doubt((uint32_t)(uint16_t)x >> 5), 1u << (x & 31) };
        for (size_t r = 0; r < 4; r++)
            rows[r] = _mm_or_si128(rows[r], _mm_cmpeq_epi16(rows[r], _mm_set1_epi16(x)));
    }
}
#endif

static void weakest_find(const int8_t *bits, size_t most, struct flip *weak)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.1")) {
        weakest_wide(bits, most, weak);
        return;
    }
#endif
    weakest_plain(bits, most, weak);
}

struct keys {
    struct probe *out;
    uint32_t *counts;
    size_t count, room;
    int32_t most;
    struct flip weak[FLIPPED + 1]; /* and one that is never flipped */
};

/* The key as it is, and with every set of bits from `from` on flipped that doubt allows. */
static void keys_put(struct keys *keys, struct probe p, int32_t doubt, size_t from)
{
    if (keys->count == keys->room)
        return;
    if (keys->out)
        keys->out[keys->count] = p;
    if (keys->counts)
        keys->counts[doubt]++;
    keys->count++;
    for (size_t i = from; doubt + keys->weak[i].doubt <= keys->most; i++) {
        p.key ^= keys->weak[i].bit;
        keys_put(keys, p, doubt + keys->weak[i].doubt, i + 1);
        p.key ^= keys->weak[i].bit;
    }
}

size_t keys_make(const struct sketch_rows *rows, size_t band, const struct sketch *k,
                 uint16_t number, int32_t most, size_t room, struct probe *out, uint32_t *counts)
{
    struct keys keys = { .out = out, .counts = counts, .room = room, .most = most };
    keys.weak[FLIPPED].doubt = DOUBT_MOST + 1;
    for (uint32_t i = 0; i < k->count; i++) {
        const int32_t *doubts = rows->phase[k->phase].doubt[i];
        const int8_t *soft = rows->phase[k->phase].soft[i] + band;
        if (!word_heard(rows, k->phase, i, band))
            continue;
        for (size_t p = 0; p < FP_PARTS; p++) {
            size_t to = band + 32 * p + 32, from = to - KEY_BITS;
            if (to > FP_BANDS || doubts[to] - doubts[from] > most)
                continue;
            int8_t own[32];
            memcpy(own, soft + 32 * p, sizeof own);
            memset(own, 127, 32 - KEY_BITS);
            weakest_find(own, FLIPPED, keys.weak);
            uint32_t key = (uint32_t)(segment_part_bits(&k->bits[i], p) >> 32);
            keys_put(&keys, (struct probe) { key, number, (uint8_t)i, (uint8_t)p },
                     doubts[to] - doubts[from], 0);
        }
    }
    return keys.count;
}
