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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(keys_are_the_likeliest_each_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
