/* SPDX-License-Identifier: Apache-2.0 */
/* Soft bits -> hard bits with masks of trust, and keys to look up. */
#include "index/sketch.h"

#include <math.h>
#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define HEARD_LEAST 3
#define WEAKEST     6

/* Bit b of the masks: soft[b] is positive; its size is at least fair; at least sure. */
static void masks_make(const int8_t *soft, int fair, int sure, struct fp_word *bits,
                       struct fp_word *fairs, struct fp_word *sures)
{
    memset(bits, 0, sizeof *bits);
    memset(fairs, 0, sizeof *fairs);
    memset(sures, 0, sizeof *sures);
#if defined(__SSE2__)
    __m128i zero = _mm_setzero_si128(), below_fair = _mm_set1_epi8((char)(fair - 1));
    __m128i below_sure = _mm_set1_epi8((char)(sure - 1));
    for (size_t b = 0; b < FP_BITS; b += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(soft + b));
        __m128i negative = _mm_cmpgt_epi8(zero, v);
        __m128i size = _mm_sub_epi8(_mm_xor_si128(v, negative), negative);
        uint64_t p = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(v, zero));
        uint64_t f = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(size, below_fair));
        uint64_t s = (uint64_t)_mm_movemask_epi8(_mm_cmpgt_epi8(size, below_sure));
        bits->half[b / 64] |= p << b % 64;
        fairs->half[b / 64] |= f << b % 64;
        sures->half[b / 64] |= s << b % 64;
    }
#else
    for (size_t b = 0; b < FP_BITS; b++) {
        int size = abs(soft[b]);
        bits->half[b / 64] |= (uint64_t)(soft[b] > 0) << b % 64;
        fairs->half[b / 64] |= (uint64_t)(size >= fair) << b % 64;
        sures->half[b / 64] |= (uint64_t)(size >= sure) << b % 64;
    }
#endif
}

static void levels_find(struct sketch_levels *levels, size_t count, int8_t (*soft)[FP_BITS])
{
    uint32_t sizes[129] = { 0 }, all = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < FP_BITS; b++)
            sizes[abs(soft[i][b])]++;
    for (size_t v = 1; v < 129; v++)
        all += sizes[v];
    *levels = (struct sketch_levels) { 127, 127 };
    for (int v = 127; v > 0; v--) {
        seen += sizes[v];
        if (seen * 4 <= all)
            levels->sure = v;
        if (seen * 10 <= all * 6)
            levels->fair = v;
    }
}

bool sketch_make(const struct fp_window *w, const struct fp_warp *warp, double centre, double last,
                 struct sketch_levels *levels, struct sketch *out, int8_t (*soft)[FP_BITS])
{
    double step = FP_STEP / warp->rate;
    uint32_t heard = 0, count = 0, fair = 0, sure = 0;
    for (; count < SKETCH_WORDS && centre + step * count <= last; count++)
        heard += fp_window_sketch(w, warp, centre + step * count, soft[count]);
    out->count = 0;
    if (heard < HEARD_LEAST)
        return false;
    if (!levels->fair)
        levels_find(levels, count, soft);
    for (uint32_t i = 0; i < count; i++) {
        masks_make(soft[i], levels->fair, levels->sure, &out->bits[i], &out->fair[i],
                   &out->sure[i]);
        for (size_t h = 0; h < 2; h++) {
            fair += (uint32_t)__builtin_popcountll(out->fair[i].half[h]);
            sure += (uint32_t)__builtin_popcountll(out->sure[i].half[h]);
        }
    }
    out->count = count;
    out->weight = (int32_t)(fair + sure);
    /* a bit that counts n times strays by n / 2: (fair - sure) / 4 + sure */
    out->per_deviation = 1 / sqrtf(0.25f * (float)(fair - sure) + (float)sure + 1);
    return true;
}

void parts_weigh(const struct sketch *k, int8_t (*soft)[FP_BITS], struct part_choices *choices)
{
    for (uint32_t i = 0; i < k->count; i++)
        for (size_t p = 0; p < FP_PARTS; p++) {
            int32_t sure = 0;
            for (size_t b = 0; b < 32; b++) {
                int32_t size = abs(soft[i][p * 32 + b]);
                sure += size < 48 ? size : 48; /* one very sure bit does not make up for two weak */
            }
            choices->sure[i][p] += sure;
        }
}

void parts_choose(struct part_choices *choices)
{
    choices->count = 0;
    for (size_t i = 0; i < SKETCH_WORDS; i++)
        for (size_t p = 0; p < FP_PARTS; p++) {
            struct part_choice c = { choices->sure[i][p], (uint8_t)i, (uint8_t)p };
            size_t at = choices->count;
            if (c.sure <= 0 || (at == PARTS_PROBED && c.sure <= choices->best[at - 1].sure))
                continue;
            if (at == PARTS_PROBED)
                at--;
            else
                choices->count++;
            for (; at > 0 && choices->best[at - 1].sure < c.sure; at--)
                choices->best[at] = choices->best[at - 1];
            choices->best[at] = c;
        }
}

size_t part_probes(const struct sketch *k, uint16_t number, const int8_t *soft,
                   const struct part_choice *c, struct probe *out)
{
    /* sets of the weakest bits, bit 0 the weakest */
    static const uint8_t sets[] = { 0, 1, 2, 4, 3, 8, 5, 16, 9, 6, 32, 7 };
    _Static_assert(FLIPS <= sizeof sets, "as many sets as flips");
    const int8_t *bits = soft + c->part * 32;
    uint32_t key = (uint32_t)(k->bits[c->word].half[c->part / 2] >> (c->part % 2 * 32));
    uint32_t weak[WEAKEST];
    int sizes[WEAKEST];
    size_t count = 0;
    for (uint32_t b = 0; b < 32; b++) {
        int size = abs(bits[b]);
        size_t at = count;
        if (count == WEAKEST) {
            if (size >= sizes[WEAKEST - 1])
                continue;
            at--;
        } else {
            count++;
        }
        for (; at > 0 && sizes[at - 1] > size; at--) {
            sizes[at] = sizes[at - 1];
            weak[at] = weak[at - 1];
        }
        sizes[at] = size;
        weak[at] = 1u << b;
    }
    for (size_t n = 0; n < FLIPS; n++) {
        uint32_t flipped = key;
        for (size_t i = 0; i < WEAKEST; i++)
            flipped ^= sets[n] >> i & 1 ? weak[i] : 0;
        out[n] = (struct probe) { flipped, number, c->word, c->part };
    }
    return FLIPS;
}
