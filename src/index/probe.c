/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a segment: keys to postings, postings to places, places to candidates. */
#include "index/segment.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Look-ups wait for memory, so they go in batches: all of a batch ask for a line before the first
 * one reads it. */
#define BATCH 64
#define LINE  64

struct batch {
    size_t count;
    const struct probe *probe[BATCH];
    size_t from[BATCH], to[BATCH]; /* postings */
    uint64_t agree[BATCH];         /* those of the 64 from `from` on that agree */
};

struct hit {
    const struct probe *probe;
    int64_t place;
};

struct hits {
    size_t count;
    struct hit at[4 * BATCH];
};

/* What depends on the processor; the answers are the same. */
struct kernel {
    uint64_t (*agree)(const uint8_t *checks, size_t count, uint8_t check, uint8_t strict);
    bool (*promises)(const struct segment *s, const struct sketch *k, int64_t place, int64_t from);
};

/* The postings of each probe's bucket. */
static void batch_buckets(const struct segment *s, struct batch *b)
{
    uint32_t bits = s->head->directory_bits;
    for (size_t n = 0; n < b->count; n++)
        __builtin_prefetch(s->part[b->probe[n]->part].directory +
                           (b->probe[n]->key >> (32 - bits)));
    for (size_t n = 0; n < b->count; n++) {
        size_t part = b->probe[n]->part;
        const uint32_t *directory = s->part[part].directory + (b->probe[n]->key >> (32 - bits));
        b->from[n] = directory[0];
        b->to[n] = directory[1];
        if (b->to[n] > s->part[part].count || b->from[n] > b->to[n])
            b->from[n] = b->to[n] = 0; /* damaged: never beyond the end */
        if (b->from[n] < b->to[n]) {
            __builtin_prefetch(s->part[part].checks + b->from[n]);
            __builtin_prefetch(s->part[part].checks + b->to[n] - 1);
        }
    }
}

/* Of up to 64 postings, a bit for each whose check agrees where it has to. */
static uint64_t agree_plain(const uint8_t *checks, size_t count, uint8_t check, uint8_t strict)
{
    uint64_t agree = 0;
    for (size_t i = 0; i < count; i++)
        agree |= (uint64_t)(((checks[i] ^ check) & strict) == 0) << i;
    return agree;
}

/* Of a long bucket, only what has the very key. */
static uint64_t long_agree(const uint8_t *checks, size_t *from, size_t to, uint8_t check,
                           size_t longest)
{
    size_t low = *from, high = to;
    while (low < high) { /* the first that is not below */
        size_t middle = low + (high - low) / 2;
        if (checks[middle] < check)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < to && checks[end] == check && end - low <= longest)
        end++;
    *from = low;
    return end == low || end - low > longest ? 0 : ~0ull >> (64 - (end - low));
}

/* Of the postings, those that have the check of the probe. */
static void batch_checks(const struct segment *s, const struct kernel *kernel, size_t longest,
                         struct batch *b)
{
    uint32_t bits = s->head->directory_bits;
    for (size_t n = 0; n < b->count; n++) {
        const struct probe *p = b->probe[n];
        const uint8_t *checks = s->part[p->part].checks;
        uint8_t check = (uint8_t)(p->key << bits >> 24),
                strict = (uint8_t)(~(p->loose << bits >> 24));
        size_t count = b->to[n] - b->from[n];
        b->agree[n] = count == 0    ? 0
                      : count <= 64 ? kernel->agree(checks + b->from[n], count, check, strict)
                                    : long_agree(checks, &b->from[n], b->to[n], check, longest);
        for (uint64_t left = b->agree[n]; left; left &= left - 1)
            __builtin_prefetch(s->part[p->part].places + b->from[n] +
                               (size_t)__builtin_ctzll(left));
    }
}

/* The words that share a line of the cache with the one that was hit: places [from, from + 4). */
static int64_t line_of(const struct segment *s, int64_t hit)
{
    size_t shift = (uintptr_t)s->words % LINE / sizeof *s->words;
    return (int64_t)(((size_t)hit + shift) & ~(size_t)3) - (int64_t)shift;
}

/* Whether at least 56 in 100 of the bits of these few words agree. Of what is there they do even in
 * noise; of what is not, most do not, and cost one line only. */
static inline __attribute__((always_inline)) bool
promises_of(const struct segment *s, const struct sketch *k, int64_t place, int64_t from)
{
    int64_t words = (int64_t)s->head->words;
    int32_t wrong = 0, weight = 0;
    for (int64_t at = from; at < from + 4; at++) {
        int64_t i = at - place;
        if (at < 0 || at >= words || i < 0 || i >= k->count)
            continue;
        for (size_t h = 0; h < 2; h++) {
            uint64_t x = s->words[at].half[h] ^ k->bits[i].half[h];
            uint64_t f = k->fair[i].half[h], t = k->sure[i].half[h];
            wrong += __builtin_popcountll(x & f) + 2 * __builtin_popcountll(x & t);
            weight += __builtin_popcountll(f) + 2 * __builtin_popcountll(t);
        }
    }
    return 25 * wrong < 11 * weight;
}

static bool promises_plain(const struct segment *s, const struct sketch *k, int64_t place,
                           int64_t from)
{
    return promises_of(s, k, place, from);
}

#if defined(__x86_64__)
#define COUNTING __attribute__((target("popcnt")))
#define VECTORS  __attribute__((target("avx512f,avx512bw,avx512vpopcntdq,popcnt")))

COUNTING static bool promises_counting(const struct segment *s, const struct sketch *k,
                                       int64_t place, int64_t from)
{
    return promises_of(s, k, place, from);
}

VECTORS static uint64_t agree_vectors(const uint8_t *checks, size_t count, uint8_t check,
                                      uint8_t strict)
{
    __mmask64 there = ~0ull >> (64 - count);
    __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi8(there, checks),
                                 _mm512_set1_epi8((char)check));
    return _mm512_mask_testn_epi8_mask(there, x, _mm512_set1_epi8((char)strict));
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The four words are one register. */
VECTORS static bool promises_vectors(const struct segment *s, const struct sketch *k, int64_t place,
                                     int64_t from)
{
    int64_t first = from < place ? place - from : 0, i = from - place;
    int64_t end = least(4, least((int64_t)s->head->words - from, k->count - i));
    first = from + first < 0 ? -from : first;
    if (first >= end)
        return false;
    __mmask8 lanes = (__mmask8)((0xff >> (8 - 2 * end)) & (0xff << 2 * first));
    __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi64(lanes, s->words + from),
                                 _mm512_maskz_loadu_epi64(lanes, k->bits + i));
    __m512i f = _mm512_maskz_loadu_epi64(lanes, k->fair + i);
    __m512i t = _mm512_maskz_loadu_epi64(lanes, k->sure + i);
    __m512i wrong = _mm512_popcnt_epi64(_mm512_and_si512(x, t));
    __m512i weight = _mm512_popcnt_epi64(t);
    wrong = _mm512_add_epi64(_mm512_popcnt_epi64(_mm512_and_si512(x, f)),
                             _mm512_add_epi64(wrong, wrong));
    weight = _mm512_add_epi64(_mm512_popcnt_epi64(f), _mm512_add_epi64(weight, weight));
    return 25 * _mm512_reduce_add_epi64(wrong) < 11 * _mm512_reduce_add_epi64(weight);
}
#endif

static struct kernel kernel_choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw"))
        return (struct kernel) { agree_vectors, promises_vectors };
    if (__builtin_cpu_supports("popcnt"))
        return (struct kernel) { agree_plain, promises_counting };
#endif
    return (struct kernel) { agree_plain, promises_plain };
}

static void hits_sift(const struct segment *s, const struct kernel *kernel,
                      const struct sketch *sketches, struct hits *h)
{
    size_t kept = 0;
    for (size_t n = 0; n < h->count; n++) {
        const struct probe *p = h->at[n].probe;
        const struct sketch *k = &sketches[p->sketch];
        int64_t place = h->at[n].place, from = line_of(s, place + p->word);
        if (!kernel->promises(s, k, place, from))
            continue;
        const char *line = (const char *)(s->words + (place > 0 ? place : 0));
        for (size_t l = 0; l < k->count * sizeof *s->words; l += LINE)
            __builtin_prefetch(line + l);
        h->at[kept++] = h->at[n];
    }
    h->count = kept;
}

static void hits_check(const struct segment *s, const struct kernel *kernel,
                       const struct sketch *sketches, struct hits *h, struct candidates *found)
{
    hits_sift(s, kernel, sketches, h);
    for (size_t n = 0; n < h->count; n++) {
        const struct probe *p = h->at[n].probe;
        const struct sketch *k = &sketches[p->sketch];
        float score = segment_agreement(s, k, h->at[n].place);
        if (score > found->least)
            candidate_offer(found, score, h->at[n].place, k, p->word);
    }
    h->count = 0;
}

void segment_probe(const struct segment *s, const struct sketch *sketches,
                   const struct probe *probes, size_t count, size_t longest,
                   struct candidates *found)
{
    struct kernel kernel = kernel_choose();
    struct batch b;
    struct hits h = { .count = 0 };
    for (size_t at = 0; at < count; at += b.count) {
        b.count = count - at < BATCH ? count - at : BATCH;
        for (size_t n = 0; n < b.count; n++)
            b.probe[n] = &probes[at + n];
        batch_buckets(s, &b);
        batch_checks(s, &kernel, longest, &b);
        for (size_t n = 0; n < b.count; n++)
            for (uint64_t left = b.agree[n]; left; left &= left - 1) {
                const struct probe *p = b.probe[n];
                size_t i = b.from[n] + (size_t)__builtin_ctzll(left);
                int64_t hit = (int64_t)s->part[p->part].places[i];
                if (hit >= (int64_t)s->head->words)
                    continue; /* damaged */
                __builtin_prefetch(s->words + hit);
                h.at[h.count++] = (struct hit) { p, hit - p->word };
                if (h.count == COUNT_OF(h.at))
                    hits_check(s, &kernel, sketches, &h, found);
            }
    }
    hits_check(s, &kernel, sketches, &h, found);
}
