/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning a segment: bytes, sketches and an accumulator; nothing else is touched. */
#include "index/segment.h"

#define NEIGHBOURS 2 /* words: candidates this close are one */

void candidate_offer(struct candidates *found, float score, int64_t place, const struct sketch *k,
                     uint32_t word)
{
    size_t at = found->count;
    for (size_t i = 0; i < found->count; i++) {
        int64_t away = found->best[i].place - place;
        if (found->best[i].segment == found->segment && away <= NEIGHBOURS && away >= -NEIGHBOURS) {
            if (score <= found->best[i].score)
                return;
            at = i;
            break;
        }
    }
    if (at == CANDIDATES) {
        at = 0;
        for (size_t i = 1; i < CANDIDATES; i++)
            if (found->best[i].score < found->best[at].score)
                at = i;
    }
    found->best[at] = (struct candidate) { score,    found->segment, place,
                                           k->phase, k->hypothesis,  word };
    if (at == found->count)
        found->count++;
    if (found->count == CANDIDATES) { /* from now on only what beats the worst */
        float least = found->best[0].score;
        for (size_t i = 1; i < CANDIDATES; i++)
            least = found->best[i].score < least ? found->best[i].score : least;
        found->least = least > found->least ? least : found->least;
    }
}

/* The same code for plain processors and for those that count bits in one instruction. */
#define ALWAYS static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define COUNTING __attribute__((target("popcnt")))
#define VECTORS  __attribute__((target("avx512f,avx512bw,avx512vpopcntdq,popcnt")))
#include <immintrin.h>
#else
#define COUNTING
#endif

/* Agreement of the sketch laid over words[place...]; words outside count as by chance. */
ALWAYS float agreement_of(const struct segment *s, const struct sketch *k, int64_t place)
{
    int64_t words = (int64_t)s->head->words;
    uint32_t from = place < 0 ? (uint32_t)(-place < SKETCH_WORDS ? -place : SKETCH_WORDS) : 0;
    int32_t wrong = 0, weight = 0;
    for (uint32_t i = from; i < k->count && place + i < words; i++) {
        const struct fp_word *w = &s->words[place + i];
        uint64_t a = w->half[0] ^ k->bits[i].half[0], b = w->half[1] ^ k->bits[i].half[1];
        uint64_t f0 = k->fair[i].half[0], f1 = k->fair[i].half[1];
        uint64_t s0 = k->sure[i].half[0], s1 = k->sure[i].half[1];
        wrong += __builtin_popcountll(a & f0) + __builtin_popcountll(b & f1) +
                 2 * (__builtin_popcountll(a & s0) + __builtin_popcountll(b & s1));
        weight += __builtin_popcountll(f0) + __builtin_popcountll(f1) +
                  2 * (__builtin_popcountll(s0) + __builtin_popcountll(s1));
    }
    return (0.5f * (float)weight - (float)wrong) * k->per_deviation;
}

static float agreement_plain(const struct segment *s, const struct sketch *k, int64_t place)
{
    return agreement_of(s, k, place);
}

COUNTING static float agreement_counting(const struct segment *s, const struct sketch *k,
                                         int64_t place)
{
    return agreement_of(s, k, place);
}

static bool can_count(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("popcnt");
#else
    return false;
#endif
}

#if defined(__x86_64__)
/* Four words a register; all of the sketch lies within the segment. */
VECTORS static float agreement_vectors(const struct segment *s, const struct sketch *k,
                                       int64_t place)
{
    const struct fp_word *words = s->words + place;
    __m512i sum = _mm512_setzero_si512();
    for (uint32_t i = 0; i < k->count; i += 4) {
        uint32_t left = k->count - i;
        __mmask8 lanes = (__mmask8)(left >= 4 ? 0xff : (1u << 2 * left) - 1);
        __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi64(lanes, words + i),
                                     _mm512_maskz_loadu_epi64(lanes, &k->bits[i]));
        __m512i f = _mm512_and_si512(x, _mm512_maskz_loadu_epi64(lanes, &k->fair[i]));
        __m512i t = _mm512_and_si512(x, _mm512_maskz_loadu_epi64(lanes, &k->sure[i]));
        __m512i twice = _mm512_popcnt_epi64(t);
        sum = _mm512_add_epi64(
            sum, _mm512_add_epi64(_mm512_popcnt_epi64(f), _mm512_add_epi64(twice, twice)));
    }
    int32_t wrong = (int32_t)_mm512_reduce_add_epi64(sum);
    return (0.5f * (float)k->weight - (float)wrong) * k->per_deviation;
}

static bool can_vectors(void)
{
    return __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw");
}
#endif

float segment_agreement(const struct segment *s, const struct sketch *k, int64_t place)
{
#if defined(__x86_64__)
    if (place >= 0 && place + k->count <= (int64_t)s->head->words && can_vectors())
        return agreement_vectors(s, k, place);
#endif
    return can_count() ? agreement_counting(s, k, place) : agreement_plain(s, k, place);
}

#define BLOCK 256

/* Disagreements at places [0, BLOCK) of `words`: all words of the sketch lie within the segment. */
ALWAYS void block_of(const struct fp_word *words, const struct sketch *k, uint16_t *wrong)
{
    for (size_t d = 0; d < BLOCK; d++)
        wrong[d] = 0;
    for (uint32_t i = 0; i < k->count; i++) {
        uint64_t q0 = k->bits[i].half[0], q1 = k->bits[i].half[1];
        uint64_t f0 = k->fair[i].half[0], f1 = k->fair[i].half[1];
        uint64_t s0 = k->sure[i].half[0], s1 = k->sure[i].half[1];
        const struct fp_word *w = words + i;
        for (size_t d = 0; d < BLOCK; d++) {
            uint64_t a = w[d].half[0] ^ q0, b = w[d].half[1] ^ q1;
            wrong[d] = (uint16_t)(wrong[d] + __builtin_popcountll(a & f0) +
                                  __builtin_popcountll(b & f1) +
                                  2 * (__builtin_popcountll(a & s0) +
                                       __builtin_popcountll(b & s1)));
        }
    }
}

static void block_plain(const struct fp_word *words, const struct sketch *k, uint16_t *wrong)
{
    block_of(words, k, wrong);
}

COUNTING static void block_counting(const struct fp_word *words, const struct sketch *k,
                                    uint16_t *wrong)
{
    block_of(words, k, wrong);
}

#if defined(__x86_64__)
/* Four words a register, sixteen places at a time. */
VECTORS static void block_vectors(const struct fp_word *words, const struct sketch *k,
                                  uint16_t *wrong)
{
    for (size_t d = 0; d < BLOCK; d += 16) {
        __m512i sum[4] = { _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                           _mm512_setzero_si512() };
        for (uint32_t i = 0; i < k->count; i++) {
            __m512i q = _mm512_broadcast_i32x4(
                _mm_loadu_si128((const __m128i *)(const void *)&k->bits[i]));
            __m512i f = _mm512_broadcast_i32x4(
                _mm_loadu_si128((const __m128i *)(const void *)&k->fair[i]));
            __m512i t = _mm512_broadcast_i32x4(
                _mm_loadu_si128((const __m128i *)(const void *)&k->sure[i]));
            for (size_t v = 0; v < 4; v++) {
                __m512i x = _mm512_xor_si512(_mm512_loadu_si512(words + d + i + 4 * v), q);
                sum[v] = _mm512_add_epi64(sum[v], _mm512_popcnt_epi64(_mm512_and_si512(x, f)));
                __m512i twice = _mm512_popcnt_epi64(_mm512_and_si512(x, t));
                sum[v] = _mm512_add_epi64(sum[v], _mm512_add_epi64(twice, twice));
            }
        }
        for (size_t v = 0; v < 4; v++) {
            uint64_t halves[8];
            _mm512_storeu_si512(halves, sum[v]);
            for (size_t n = 0; n < 4; n++)
                wrong[d + 4 * v + n] = (uint16_t)(halves[2 * n] + halves[2 * n + 1]);
        }
    }
}
#endif

static void block_scan(const struct fp_word *words, const struct sketch *k, uint16_t *wrong)
{
#if defined(__x86_64__)
    if (can_vectors()) {
        block_vectors(words, k, wrong);
        return;
    }
#endif
    if (can_count())
        block_counting(words, k, wrong);
    else
        block_plain(words, k, wrong);
}

void segment_scan(const struct segment *s, const struct sketch *sketch, struct candidates *found)
{
    int64_t words = (int64_t)s->head->words, last = words - sketch->count;
    int64_t at = 0;
    uint16_t wrong[BLOCK];
    for (; at + BLOCK <= last; at += BLOCK) {
        block_scan(s->words + at, sketch, wrong);
        float most = 0.5f * (float)sketch->weight - found->least / sketch->per_deviation;
        for (size_t d = 0; d < BLOCK; d++)
            if ((float)wrong[d] < most) {
                float score = (0.5f * (float)sketch->weight - (float)wrong[d]) *
                              sketch->per_deviation;
                if (score > found->least)
                    candidate_offer(found, score, at + (int64_t)d, sketch, sketch->count / 2);
            }
    }
    int64_t half = sketch->count / 2;
    for (int64_t d = -half; d < 0; d++) { /* the query begins before the first recording */
        float score = segment_agreement(s, sketch, d);
        if (score > found->least)
            candidate_offer(found, score, d, sketch, sketch->count / 2);
    }
    for (; at < words - half; at++) {
        float score = segment_agreement(s, sketch, at);
        if (score > found->least)
            candidate_offer(found, score, at, sketch, sketch->count / 2);
    }
}
