/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "fingerprint/music.h"
#include "index/sketch.h"

#define KEYS_MOST 20000

static int by_key(const void *a, const void *b)
{
    const struct probe *x = a, *y = b;
    if (x->word != y->word)
        return x->word < y->word ? -1 : 1;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* From the definition, of the highest bits of the part: ln(1 + e^-x) for each, and x for each that is
 * flipped, where x is 0.03 of its size. */
static double doubt_of(const struct probe *p, const int8_t *soft)
{
    double sum = 0;
    for (size_t b = 32 - KEY_BITS; b < 32; b++) {
        int v = soft[32 * p->part + b];
        bool one = p->key >> b & 1;
        sum += log1p(exp(-0.03 * abs(v))) + (one != (v > 0) ? 0.03 * abs(v) : 0);
    }
    return 64 * sum;
}

TEST(keys_are_the_likeliest_each_once)
{
    struct fp_query *q = NULL;
    float *x = music_make(5, 0, 12, 1);
    music_noise(x, 12 * FP_RATE_HZ, 0.02f, 4);
    music_print(x, 12 * FP_RATE_HZ, NULL, &q);
    ARENA(a);
    struct fp_window w;
    struct sketch_levels levels = { 0 };
    struct sketch_rows *rows = malloc(sizeof *rows);
    struct sketch k = { .phase = 0 };
    struct probe *keys = calloc(KEYS_MOST, sizeof *keys);
    CHECK_OK(fp_window_make(q, 0, q->count, &a, &w, e));
    rows_make(&w, 1, 0, 1, 0, 160, &levels, rows);
    assert_true(sketch_cut(rows, 0, FP_FIRST, &k));

    uint32_t counts[DOUBT_MOST + 1] = { 0 };
    size_t count = keys_make(rows, FP_FIRST, &k, 7, 500, KEYS_MOST, keys, counts), sum = 0;
    assert_in_range(count, 100, KEYS_MOST - 1);
    for (size_t d = 0; d <= 500; d++)
        sum += counts[d];
    assert_int_equal(sum, count);
    qsort(keys, count, sizeof *keys, by_key);
    size_t plain = 0;
    for (size_t i = 0; i < count; i++) {
        const struct probe *p = &keys[i];
        const int8_t *soft = rows->phase[0].soft[p->word] + FP_FIRST;
        assert_int_equal(p->sketch, 7);
        assert_true(doubt_of(p, soft) < 500 + 0.5 * KEY_BITS + 12); /* each term is rounded */
        plain += p->key == (uint32_t)(segment_part_bits(&k.bits[p->word], p->part) >> 32);
        if (i > 0)
            assert_true(by_key(&keys[i - 1], p) < 0);
    }
    assert_in_range(plain, 10, SKETCH_WORDS * FP_PARTS);
    /* fewer at a lower limit, and never more than there is room for */
    assert_true(keys_make(rows, FP_FIRST, &k, 0, 400, KEYS_MOST, keys, NULL) < count);
    assert_int_equal(keys_make(rows, FP_FIRST, &k, 0, 500, 33, keys, NULL), 33);
    free(keys);
    free(rows);
    free(x);
    fp_query_free(q);
}

#define PLACES 300 /* words between the sketches of the test below */

/* Sketches at places of a segment, with so many bits wrong that not every word promises anything;
 * each is asked for by one key. */
static void find_at(const struct segment_item *item, size_t shift, struct candidates *found)
{
    uint8_t *bytes = NULL, *moved = NULL;
    size_t length = 0, count = item->count / PLACES;
    struct segment s;
    CHECK_OK(segment_build(item, 1, &bytes, &length, e));
    assert_int_equal(posix_memalign((void **)&moved, 64, length + 64), 0);
    memcpy(moved + shift, bytes, length);
    CHECK_OK(segment_view(moved + shift, length, true, &s, e));
    struct sketch *k = calloc(count, sizeof *k);
    struct probe *probes = calloc(count, sizeof *probes);
    uint32_t random = 4;
    for (size_t n = 0; n < count; n++) {
        const struct fp_word *words = item->words + n * PLACES;
        k[n] = (struct sketch) { .count = SKETCH_WORDS, .hypothesis = (uint32_t)n };
        k[n].weight = SKETCH_WORDS * FP_BITS;
        k[n].per_deviation = 0.036f;
        memset(k[n].fair, 0xff, sizeof k[n].fair);
        for (size_t i = 0; i < SKETCH_WORDS; i++)
            for (size_t b = 0; b < FP_BITS; b++)
                if ((words[i].half[b / 64] >> b % 64 & 1) ^ (music_random(&random) % 100 < 40))
                    k[n].bits[i].half[b / 64] |= 1ull << b % 64;
        size_t word = 8 + n % 8, part = n % 2 * 2 + 1; /* of which key and check are one half */
        k[n].bits[word].half[part / 2] = words[word].half[part / 2];
        k[n].bits[word].half[1 - part / 2] = ~words[word].half[1 - part / 2];
        uint32_t key = (uint32_t)(segment_part_bits(&words[word], part) >> 32);
        probes[n] = (struct probe) { key, (uint16_t)n, (uint8_t)word, (uint8_t)part };
    }
    segment_probe(&s, k, count, probes, count, found);
    free(probes);
    free(k);
    free(moved);
    free(bytes);
}

TEST(what_a_segment_answers_does_not_depend_on_where_in_memory_it_lies)
{
    enum { WORDS = 60 * PLACES };
    struct fp_word *words = calloc(WORDS, sizeof *words);
    uint8_t *posts = malloc(WORDS);
    uint32_t random = 3;
    for (size_t j = 0; j < WORDS; j++)
        for (size_t h = 0; h < 2; h++)
            words[j].half[h] = (uint64_t)music_random(&random) << 40 ^
                               (uint64_t)music_random(&random) << 20 ^ music_random(&random);
    memset(posts, (1 << FP_PARTS) - 1, WORDS);
    struct segment_item item = { .words = words, .posts = posts, .count = WORDS };
    item.samples = (uint64_t)WORDS * FP_STEP * FP_HOP;
    struct candidates first = { .least = 5 };
    find_at(&item, 0, &first);
    assert_in_range(first.count, 5, CANDIDATES - 1);
    for (size_t shift = 16; shift < 64; shift += 16) {
        struct candidates other = { .least = 5 };
        find_at(&item, shift, &other);
        assert_int_equal(other.count, first.count);
        for (size_t i = 0; i < first.count; i++)
            assert_int_equal(other.best[i].place, first.best[i].place);
    }
    free(posts);
    free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_likeliest_each_once),
        cmocka_unit_test(what_a_segment_answers_does_not_depend_on_where_in_memory_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
