/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a segment: keys to postings, postings to places, places to candidates. */
#include "index/segment.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Look-ups wait for memory, so they go in batches: all of a batch ask for a line before the first
 * one reads it. */
#define PHASE_GAIN    1.5f /* deviations that another phase may have more */
#define PROMISE_WRONG 41   /* of a hundred, of the line of words around a hit */
#define BATCH         32
#define LINE          64
#define AHEAD         6  /* lines of a bucket that are asked for; the processor goes on by itself */
#define CHECK_WRONG   25 /* of a hundred, by weight, that may be wrong in a check */
#define LONGEST       4096 /* a longer bucket tells nothing */

/* Trust in the bits of a check, and how much of it may be wrong. */
struct doubt {
    uint32_t check, fair, sure;
    int32_t most;
};

struct batch {
    size_t count;
    const struct probe *probe[BATCH];
    struct bucket bucket[BATCH];
};

struct hit {
    const struct probe *probe;
    const uint32_t *at; /* its place in the bucket */
    int64_t place;
};

struct hits {
    size_t count;
    struct hit at[8 * BATCH];
};

/* What depends on the processor; the answers are the same. */
struct kernel {
    /* of up to 64 checks, a bit for each that agrees well enough */
    uint64_t (*agree)(const uint32_t *checks, size_t count, const struct doubt *d);
    bool (*promises)(const struct segment *s, const struct sketch *k, int64_t place, int64_t from);
};

/* What the query says about the check of a part. Random checks pass once in a hundred. */
static struct doubt doubt_of(const struct sketch *k, size_t word, size_t part, uint32_t bits)
{
    struct doubt d = { segment_check(segment_part_bits(&k->bits[word], part), bits),
                       segment_check(segment_part_bits(&k->fair[word], part), bits),
                       segment_check(segment_part_bits(&k->sure[word], part), bits), 0 };
    int32_t weight = __builtin_popcount(d.fair) + 2 * __builtin_popcount(d.sure);
    d.most = weight * CHECK_WRONG / 100;
    return d;
}

/* The postings of each probe's bucket. */
static void batch_buckets(const struct segment *s, struct batch *b)
{
    uint32_t bits = s->head->directory_bits;
    for (size_t n = 0; n < b->count; n++)
        __builtin_prefetch(s->part[b->probe[n]->part].directory +
                           (b->probe[n]->key >> (32 - bits)));
    for (size_t n = 0; n < b->count; n++) {
        const struct probe *p = b->probe[n];
        b->bucket[n] = segment_bucket(s, p->part, p->key >> (32 - bits));
        if (b->bucket[n].count > LONGEST)
            b->bucket[n].count = 0;
        for (size_t l = 0; l < AHEAD && 16 * l < b->bucket[n].count; l++)
            __builtin_prefetch(b->bucket[n].checks + 16 * l);
    }
}

static inline __attribute__((always_inline)) uint64_t agree_of(const uint32_t *checks, size_t count,
                                                               const struct doubt *d)
{
    uint64_t agree = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t x = checks[i] ^ d->check;
        int32_t wrong = __builtin_popcount(x & d->fair) + 2 * __builtin_popcount(x & d->sure);
        agree |= (uint64_t)(wrong <= d->most) << i;
    }
    return agree;
}

static uint64_t agree_plain(const uint32_t *checks, size_t count, const struct doubt *d)
{
    return agree_of(checks, count, d);
}

/* The words that share a line of the cache with the one that was hit, in a segment that begins with
 * one, wherever it lies: places [from, from + 4). */
static int64_t line_of(const struct segment *s, int64_t hit)
{
    size_t before = (size_t)((const char *)s->words - (const char *)s->head);
    size_t shift = before % LINE / sizeof *s->words;
    return (int64_t)(((size_t)hit + shift) & ~(size_t)3) - (int64_t)shift;
}

/* Whether more than 59 in 100 of the bits of these few words agree. Of what is there they do even in
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
    return 100 * wrong < PROMISE_WRONG * weight;
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

COUNTING static uint64_t agree_counting(const uint32_t *checks, size_t count, const struct doubt *d)
{
    return agree_of(checks, count, d);
}

VECTORS static uint64_t agree_vectors(const uint32_t *checks, size_t count, const struct doubt *d)
{
    uint64_t agree = 0;
    const __m512i own = _mm512_set1_epi32((int)d->check), fair = _mm512_set1_epi32((int)d->fair);
    const __m512i sure = _mm512_set1_epi32((int)d->sure), most = _mm512_set1_epi32(d->most);
    for (size_t i = 0; i < count; i += 16) {
        __mmask16 there = (__mmask16)(count - i >= 16 ? 0xffff : (1u << (count - i)) - 1);
        __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi32(there, checks + i), own);
        __m512i twice = _mm512_popcnt_epi32(_mm512_and_si512(x, sure));
        __m512i wrong = _mm512_add_epi32(_mm512_popcnt_epi32(_mm512_and_si512(x, fair)),
                                         _mm512_add_epi32(twice, twice));
        agree |= (uint64_t)_mm512_mask_cmple_epi32_mask(there, wrong, most) << i;
    }
    return agree;
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
    return 100 * _mm512_reduce_add_epi64(wrong) < PROMISE_WRONG * _mm512_reduce_add_epi64(weight);
}
#endif

static struct kernel kernel_choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512bw"))
        return (struct kernel) { agree_vectors, promises_vectors };
    if (__builtin_cpu_supports("popcnt"))
        return (struct kernel) { agree_counting, promises_counting };
#endif
    return (struct kernel) { agree_plain, promises_plain };
}

/* Hits whose line of words promises nothing go. */
static void hits_sift(const struct segment *s, const struct kernel *kernel,
                      const struct sketch *sketches, struct hits *h)
{
    size_t kept = 0;
    for (size_t n = 0; n < h->count; n++) { /* each step asks for what the next one reads */
        uint32_t place = *h->at[n].at;
        if (place >= s->head->words)
            continue; /* damaged */
        h->at[n].place = (int64_t)place - h->at[n].probe->word;
        __builtin_prefetch(s->words + place);
        h->at[kept++] = h->at[n];
    }
    h->count = kept;
    kept = 0;
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

/* Which of the phases fits is not known from the key alone. */
static void hits_check(const struct segment *s, const struct kernel *kernel,
                       const struct sketch *sketches, size_t sketch_count, struct hits *h,
                       struct candidates *found)
{
    hits_sift(s, kernel, sketches, h);
    for (size_t n = 0; n < h->count; n++) {
        const struct probe *p = h->at[n].probe;
        size_t own = p->sketch, from = own, to = own + 1;
        while (from > 0 && sketches[from - 1].hypothesis == sketches[own].hypothesis)
            from--;
        while (to < sketch_count && sketches[to].hypothesis == sketches[own].hypothesis)
            to++;
        float least = segment_agreement(s, &sketches[own], h->at[n].place) + PHASE_GAIN;
        for (size_t i = least > found->least ? from : to; i < to; i++) {
            const struct sketch *k = &sketches[i];
            float score = p->word < k->count ? segment_agreement(s, k, h->at[n].place) : 0;
            if (score > found->least)
                candidate_offer(found, score, h->at[n].place, k, p->word);
        }
    }
    h->count = 0;
}

/* The same bucket asked by the same word: what differs between the keys is not in this directory. */
static bool asked_again(const struct probe *p, const struct probe *before, uint32_t bits)
{
    return p->word == before->word && p->sketch == before->sketch &&
           probe_same_bucket(p, before, bits);
}

void segment_probe(const struct segment *s, const struct sketch *sketches, size_t sketch_count,
                   const struct probe *probes, size_t count, struct candidates *found)
{
    struct kernel kernel = kernel_choose();
    uint32_t bits = s->head->directory_bits;
    struct batch b;
    struct hits h = { .count = 0 };
    for (size_t at = 0; at < count;) {
        for (b.count = 0; at < count && b.count < BATCH; at++)
            if (!at || !asked_again(&probes[at], &probes[at - 1], bits))
                b.probe[b.count++] = &probes[at];
        batch_buckets(s, &b);
        for (size_t n = 0; n < b.count; n++) {
            const struct probe *p = b.probe[n];
            const struct bucket *bucket = &b.bucket[n];
            if (!bucket->count)
                continue;
            struct doubt d = doubt_of(&sketches[p->sketch], p->word, p->part, bits);
            for (size_t i = 0; i < bucket->count; i += 64) {
                size_t some = bucket->count - i < 64 ? bucket->count - i : 64;
                uint64_t agree = kernel.agree(bucket->checks + i, some, &d);
                for (; agree; agree &= agree - 1) {
                    const uint32_t *place = bucket->places + i + (size_t)__builtin_ctzll(agree);
                    __builtin_prefetch(place);
                    h.at[h.count++] = (struct hit) { p, place, 0 };
                    if (h.count == COUNT_OF(h.at))
                        hits_check(s, &kernel, sketches, sketch_count, &h, found);
                }
            }
        }
    }
    hits_check(s, &kernel, sketches, sketch_count, &h, found);
}
