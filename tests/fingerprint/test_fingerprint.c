/* SPDX-License-Identifier: Apache-2.0 */
#include <malloc.h>

#include "fingerprint/music.h"

static size_t differing(const struct fingerprint *a, const struct fingerprint *b)
{
    size_t bits = 0;
    for (size_t j = 0; j < a->count && j < b->count; j++)
        for (size_t h = 0; h < 2; h++)
            bits += (size_t)__builtin_popcountll(a->words[j].half[h] ^ b->words[j].half[h]);
    return bits;
}

TEST(the_size_of_the_pieces_pushed_does_not_matter)
{
    size_t count = 20 * FP_RATE_HZ;
    float *x = music_make(1, 0, 20, 1);
    owned(fingerprint) whole = NULL;
    owned(fingerprint) pieces = NULL;
    owned(fp_stream) s = NULL;
    music_print(x, count, &whole, NULL);
    CHECK_OK(fp_stream_new(&s, e));
    uint32_t random = 7;
    for (size_t at = 0; at < count;) {
        size_t n = music_random(&random) % 3000;
        n = n < count - at ? n : count - at;
        CHECK_OK(fp_stream_push(s, x + at, n, e));
        at += n;
    }
    CHECK_OK(fp_stream_finish(s, &pieces, NULL, e));
    assert_int_equal(whole->count, 38);
    assert_int_equal(whole->count, pieces->count);
    assert_memory_equal(whole->words, pieces->words, whole->count * sizeof *whole->words);
    assert_memory_equal(whole->posts, pieces->posts, whole->count);
    assert_true(fabs(fingerprint_seconds(whole) - 20) < 1e-9);
    free(x);
}

TEST(what_was_in_the_memory_before_does_not_matter)
{
    size_t count = 5 * FP_RATE_HZ;
    float *x = music_make(1, 0, 5, 1);
    struct fp_query *q[2] = { NULL, NULL };
    static const int before[] = { 0x11, 0x4b }; /* as floats 1e-28 and 1e7 */
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        mallopt(M_PERTURB, ~before[i] & 0xff);
        music_print(x, count, NULL, &q[i]);
        mallopt(M_PERTURB, 0);
    }
    assert_int_equal(q[0]->count, q[1]->count);
    assert_memory_equal(q[0]->bands, q[1]->bands, q[0]->count * FP_FINE);
    fp_query_free(q[0]);
    fp_query_free(q[1]);
    free(x);
}

TEST(noise_changes_few_bits_and_other_music_half_of_them)
{
    size_t count = 20 * FP_RATE_HZ;
    float *x = music_make(1, 0, 20, 1), *y = music_make(2, 0, 20, 1);
    owned(fingerprint) a = NULL;
    owned(fingerprint) b = NULL;
    owned(fingerprint) c = NULL;
    music_print(x, count, &a, NULL);
    music_noise(x, count, 0.01f, 3);
    music_print(x, count, &b, NULL);
    music_print(y, count, &c, NULL);
    size_t all = a->count * FP_BITS, noisy = differing(a, b), other = differing(a, c);
    assert_true(noisy < all / 4);
    assert_true(other > all * 4 / 10 && other < all * 6 / 10);
    free(x);
    free(y);
}

#define SURE 40 /* soft bits of a distance of 0.8 of log2, 2.4 dB, and more */

TEST(sure_bits_of_a_sketch_without_warp_say_what_the_words_say)
{
    size_t count = 20 * FP_RATE_HZ, wrong = 0, bits = 0;
    float *x = music_make(4, 0, 20, 1);
    owned(fingerprint) fp = NULL;
    owned(fp_query) q = NULL;
    music_print(x, count, &fp, &q);
    ARENA(a);
    struct fp_window w;
    CHECK_OK(fp_window_make(q, 0, q->count, &a, &w, e));
    for (size_t j = 0; j < fp->count; j++) {
        int8_t soft[FP_BITS];
        if (!fp_window_sketch(&w, &(struct fp_warp) { 1, 0 }, (double)(j * FP_STEP + FP_STEP / 2),
                              soft))
            continue;
        for (size_t b = 0; b < FP_BITS; b++) {
            bool sure = abs(soft[b]) >= SURE;
            bits += sure;
            wrong += sure && (soft[b] > 0) != (fp->words[j].half[b / 64] >> b % 64 & 1);
        }
    }
    assert_true(bits > 12 * FP_BITS);
    assert_true(wrong * 20 < bits);
    free(x);
}

/* Of version 2. They change with FP_VERSION and never without. */
#define WORDS_SUM 0xd74eb1e14c0229b6ull
#define POSTS_SUM 0x9f160594ab28bf9cull
#define SOFT_SUM  0xcf781a4d1e68d905ull

/* Rows that no transform has touched: they are the same on every machine. */
static void rows_draw(uint8_t *bands, size_t rows)
{
    uint32_t x = 1;
    for (size_t i = 0; i < rows; i++)
        for (size_t b = 0; b < FP_FINE; b++) {
            uint8_t *at = bands + i * FP_FINE + b;
            x = x * 1664525 + 1013904223;
            int was = i ? at[-FP_FINE] : 100, step = (int)(x >> 24) % 25 - 12;
            int v = was + step + (was < 60 ? 3 : was > 160 ? -3 : 0);
            *at = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
}

TEST(words_and_sketches_of_given_rows_are_the_same_under_every_compiler_and_processor)
{
    static uint8_t bands[400 * FP_FINE];
    static const struct fp_warp warps[] = {
        { 1, 0 }, { 1.046, 0 }, { 0.79, -24 }, { 1.252, 23 }, { 0.955, 7 }
    };
    static int8_t soft[COUNT_OF(warps) * 40][FP_BITS];
    struct fp_query q = { 400, bands, 400 * FP_HOP };
    owned(fingerprint) fp = NULL;
    ARENA(a);
    struct fp_window w;
    rows_draw(bands, 400);
    CHECK_OK(fp_query_fingerprint(&q, &fp, e));
    CHECK_OK(fp_window_make(&q, 20, 360, &a, &w, e));
    for (size_t n = 0; n < COUNT_OF(soft); n++)
        fp_window_sketch(&w, &warps[n % COUNT_OF(warps)], 24 + 3.37 * (double)n / 2, soft[n]);
    assert_true(fp_checksum(fp->words, fp->count * sizeof *fp->words) == WORDS_SUM);
    assert_true(fp_checksum(fp->posts, fp->count) == POSTS_SUM);
    assert_true(fp_checksum(soft, sizeof soft) == SOFT_SUM);
}

#define NOISE_SUM 0x86d1c618c998de22ull

/* Noise that fills every valley, and above it a few notes that come and go. */
static void noise_draw(uint8_t *bands, size_t rows, bool filled)
{
    uint32_t x = 3;
    for (size_t i = 0; i < rows; i++)
        for (size_t b = 0; b < FP_FINE; b++) {
            bool note = b / 6 % 5 == i / 16 % 5;
            x = x * 1664525 + 1013904223;
            bands[i * FP_FINE + b] = (uint8_t)((note     ? 112
                                                : filled ? 100
                                                : b % 2  ? 40
                                                         : 60) +
                                               (x >> 24) % 5);
        }
}

TEST(in_steady_noise_the_notes_say_more_than_the_noise)
{
    static uint8_t bands[160 * FP_FINE];
    static int8_t soft[30][FP_BITS];
    int sizes[2] = { 0, 0 };
    struct fp_query q = { 160, bands, 160 * FP_HOP };
    const struct fp_warp none = { 1, 0 };
    for (int filled = 0; filled < 2; filled++) {
        ARENA(a);
        struct fp_window w;
        noise_draw(bands, 160, filled);
        CHECK_OK(fp_window_make(&q, 0, 160, &a, &w, e));
        for (size_t n = 0; n < COUNT_OF(soft); n++) {
            assert_true(fp_window_sketch(&w, &none, 20 + 4 * (double)n, soft[n]));
            for (size_t b = 0; b < FP_BITS; b++) {
                size_t note = (b + FP_FIRST) / 3 % 5, now = (20 + 4 * n) / 16 % 5;
                bool far = note != now && (b + FP_FIRST + 1) / 3 % 5 != now;
                sizes[filled] += far ? abs(soft[n][b]) : 0;
            }
        }
    }
    assert_true(3 * sizes[1] < sizes[0]); /* between two bands that only noise is in */
    if (fp_checksum(soft, sizeof soft) != NOISE_SUM)
        STOP("soft bits in noise sum to 0x%llx",
             (unsigned long long)fp_checksum(soft, sizeof soft));
}

/* Deviations by which a piece in noise agrees with its own reference. */
static double agreement_in_noise(uint32_t piece, float level)
{
    static const struct fp_warp none = { 1, 0 };
    size_t count = 10 * FP_RATE_HZ;
    owned(fingerprint) fp = NULL;
    owned(fp_query) q = NULL;
    ARENA(a);
    struct fp_window w;
    float *x = music_make(piece, 5, 10, 1);
    music_print(x, count, &fp, NULL);
    music_noise(x, count, level, piece + 50);
    music_print(x, count, NULL, &q);
    free(x);
    CHECK_OK(fp_window_make(q, 0, q->count, &a, &w, e));
    assert_true(w.noisy);
    double sum = 0, square = 0;
    for (size_t j = 0; j < fp->count; j++) {
        int8_t soft[FP_BITS];
        if (!fp_window_sketch(&w, &none, (double)(j * FP_STEP + FP_STEP / 2), soft))
            continue;
        for (size_t b = 0; b < FP_BITS; b++) {
            sum += fp->words[j].half[b / 64] >> b % 64 & 1 ? soft[b] : -soft[b];
            square += soft[b] * soft[b];
        }
    }
    return sum / sqrt(square);
}

/* With logarithms, as without noise, it is 7.98. */
TEST(in_noise_roots_agree_better_with_the_reference)
{
    double all = 0;
    for (uint32_t n = 1; n <= 8; n++)
        all += agreement_in_noise(n, 0.5f) / 8;
    assert_true(all > 8.05);
}

TEST(nothing_to_hear_gives_empty_words_and_no_crash)
{
    size_t count = 8 * FP_RATE_HZ;
    float *x = calloc(count, sizeof *x);
    for (size_t kind = 0; kind < 7; kind++) {
        owned(fingerprint) fp = NULL;
        owned(fp_query) q = NULL;
        for (size_t i = 0; i < count; i++)
            x[i] = kind == 0   ? 0
                   : kind == 1 ? 1
                   : kind == 2 ? NAN
                   : kind == 3 ? INFINITY
                   : kind == 4 ? 1e-9f
                   : kind == 5 ? -FLT_MAX
                               : (float)sin((double)i * 2 * M_PI * 1000 / FP_RATE_HZ);
        music_print(x, kind == 6 ? count : count, &fp, &q);
        for (size_t j = 0; j < fp->count; j++)
            assert_true((fp->words[j].half[0] | fp->words[j].half[1]) == 0 && !fp->posts[j]);
    }
    for (size_t n = 0; n < 5000; n += 799) {
        owned(fingerprint) fp = NULL;
        owned(fp_query) q = NULL;
        music_print(x, n, &fp, &q);
        assert_true(fp->count <= n / FP_HOP);
    }
    free(x);
}

TEST(bytes_come_back_and_any_changed_byte_is_refused)
{
    size_t count = 6 * FP_RATE_HZ;
    float *x = music_make(5, 0, 6, 1);
    owned(fingerprint) fp = NULL;
    owned(fingerprint) back = NULL;
    owned(fp_query) q = NULL;
    owned(fp_query) q_back = NULL;
    BUF(bytes);
    BUF(q_bytes);
    music_print(x, count, &fp, &q);
    CHECK_OK(fingerprint_encode(fp, &bytes, e));
    CHECK_OK(fp_query_encode(q, &q_bytes, e));
    CHECK_OK(fingerprint_decode(bytes.bytes, bytes.length, &back, e));
    CHECK_OK(fp_query_decode(q_bytes.bytes, q_bytes.length, &q_back, e));
    assert_memory_equal(fp->words, back->words, fp->count * sizeof *fp->words);
    assert_memory_equal(fp->posts, back->posts, fp->count);
    assert_memory_equal(q->bands, q_back->bands, q->count * FP_FINE);
    for (size_t i = 0; i < bytes.length; i++) {
        owned(fingerprint) none = NULL;
        bytes.bytes[i] ^= 0x10;
        assert_true(fingerprint_decode(bytes.bytes, bytes.length, &none, NULL) != OK);
        assert_true(fingerprint_decode(bytes.bytes, i, &none, NULL) != OK);
        bytes.bytes[i] ^= 0x10;
    }
    for (size_t i = 0; i < q_bytes.length; i += 37) {
        owned(fp_query) none = NULL;
        q_bytes.bytes[i] ^= 0x80;
        assert_true(fp_query_decode(q_bytes.bytes, q_bytes.length, &none, NULL) != OK);
        q_bytes.bytes[i] ^= 0x80;
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_of_the_pieces_pushed_does_not_matter),
        cmocka_unit_test(what_was_in_the_memory_before_does_not_matter),
        cmocka_unit_test(noise_changes_few_bits_and_other_music_half_of_them),
        cmocka_unit_test(sure_bits_of_a_sketch_without_warp_say_what_the_words_say),
        cmocka_unit_test(
            words_and_sketches_of_given_rows_are_the_same_under_every_compiler_and_processor),
        cmocka_unit_test(in_steady_noise_the_notes_say_more_than_the_noise),
        cmocka_unit_test(in_noise_roots_agree_better_with_the_reference),
        cmocka_unit_test(nothing_to_hear_gives_empty_words_and_no_crash),
        cmocka_unit_test(bytes_come_back_and_any_changed_byte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
