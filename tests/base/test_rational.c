/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <inttypes.h>

static struct rational ratio(int64_t n, int64_t d)
{
    struct rational r;
    CHECK_OK(rational_make(n, d, &r, e));
    return r;
}

TEST(numbers_are_kept_in_lowest_terms)
{
    static const struct {
        int64_t n, d, want_n, want_d;
    } rows[] = { { 6, 4, 3, 2 },
                 { -6, 4, -3, 2 },
                 { 6, -4, -3, 2 },
                 { 0, 7, 0, 1 },
                 { INT64_MAX, INT64_MAX, 1, 1 },
                 { 1 << 20, 1 << 30, 1, 1024 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rational r = ratio(rows[i].n, rows[i].d);
        assert_true(r.n == rows[i].want_n && r.d == rows[i].want_d);
    }
    struct rational none;
    CHECK_FAILS(ERR_INVALID, "division by zero", rational_make(1, 0, &none, e));
    CHECK_FAILS(ERR_INVALID, "division by zero",
                rational_divide(ratio(1, 2), rational_of(0), &none, e));
}

TEST(arithmetic_is_exact_or_refused)
{
    struct rational r;
    CHECK_OK(rational_add(ratio(1, 3), ratio(1, 6), &r, e));
    assert_true(r.n == 1 && r.d == 2);
    CHECK_OK(rational_subtract(ratio(1, 3), ratio(1, 2), &r, e));
    assert_true(r.n == -1 && r.d == 6);
    CHECK_OK(rational_multiply(ratio(INT64_MAX, 3), ratio(3, INT64_MAX), &r, e));
    assert_true(r.n == 1 && r.d == 1);
    CHECK_OK(rational_divide(ratio(-1, 2), ratio(-3, 4), &r, e));
    assert_true(r.n == 2 && r.d == 3);
    struct rational big = rational_of(INT64_MAX);
    CHECK_OK(rational_multiply(big, big, &r, e));
    CHECK_FAILS(ERR_LIMIT, "128 bits", rational_multiply(r, big, &r, e));
    CHECK_FAILS(ERR_LIMIT, "64 bits", rational_floor(r, &(int64_t) { 0 }, e));
}

TEST(comparison_needs_no_room)
{
    static const struct {
        int64_t an, ad, bn, bd;
        int want;
    } rows[] = {
        { 1, 2, 1, 3, 1 },    { 1, 3, 1, 2, -1 },
        { 2, 4, 1, 2, 0 },    { -1, 2, 1, 3, -1 },
        { -1, 2, -1, 3, -1 }, { INT64_MAX, INT64_MAX - 1, INT64_MAX - 1, INT64_MAX - 2, -1 },
        { 7, 1, 7, 1, 0 },    { 22, 7, 355, 113, 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rational a = ratio(rows[i].an, rows[i].ad), b = ratio(rows[i].bn, rows[i].bd);
        assert_int_equal(rational_compare(a, b), rows[i].want);
        assert_int_equal(rational_compare(b, a), -rows[i].want);
    }
}

TEST(whole_units_are_below_or_nearest)
{
    static const struct {
        int64_t n, d, below, nearest;
    } rows[] = {
        { 7, 2, 3, 4 }, { -7, 2, -4, -4 }, { 10, 3, 3, 3 }, { -10, 3, -4, -3 }, { 4, 1, 4, 4 }
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t below, nearest;
        CHECK_OK(rational_floor(ratio(rows[i].n, rows[i].d), &below, e));
        CHECK_OK(rational_nearest(ratio(rows[i].n, rows[i].d), &nearest, e));
        assert_int_equal(below, rows[i].below);
        assert_int_equal(nearest, rows[i].nearest);
    }
}

TEST(splits_by_fractions_sum_to_the_whole)
{
    ARENA(a);
    struct rational weights[3] = { ratio(1, 3), ratio(1, 3), ratio(1, 3) };
    int64_t parts[3];
    CHECK_OK(rational_split(100, weights, 3, &a, parts, e));
    assert_true(parts[0] == 34 && parts[1] == 33 && parts[2] == 33);
    CHECK_OK(rational_split(-100, weights, 3, &a, parts, e));
    assert_true(parts[0] == -34 && parts[1] == -33 && parts[2] == -33);
    weights[0] = weights[2] = rational_of(0);
    CHECK_OK(rational_split(7, weights, 3, &a, parts, e));
    assert_true(parts[0] == 0 && parts[1] == 7 && parts[2] == 0);
    weights[1] = rational_of(0);
    CHECK_FAILS(ERR_INVALID, "no weight", rational_split(7, weights, 3, &a, parts, e));
}

TEST(numbers_are_read_and_written)
{
    static const struct {
        const char *text, *want;
    } rows[] = { { "0.00225", "0.00225" }, { "60", "60" }, { "1.50", "1.5" }, { "0", "0" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(out);
        struct rational r;
        CHECK_OK(rational_parse(str_of(rows[i].text), 8, &r, e));
        rational_format(r, &out);
        assert_string_equal((const char *)out.bytes, rows[i].want);
    }
    static const char *const bad[] = { "",     ".",   "1.",          ".5",
                                       "-1",   "1e3", "1.123456789", "1234567890123456789",
                                       "1.2.3" };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct rational r;
        CHECK_FAILS(ERR_INVALID, "is not a number", rational_parse(str_of(bad[i]), 8, &r, e));
    }
    BUF(out);
    rational_format(ratio(-1, 3), &out);
    buf_byte(&out, ' ');
    rational_decimals(ratio(2, 3), 2, &out);
    buf_byte(&out, ' ');
    rational_decimals(ratio(-1, 3), 2, &out);
    assert_string_equal((const char *)out.bytes, "-1/3 0.67 -0.33");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_kept_in_lowest_terms),
        cmocka_unit_test(arithmetic_is_exact_or_refused),
        cmocka_unit_test(comparison_needs_no_room),
        cmocka_unit_test(whole_units_are_below_or_nearest),
        cmocka_unit_test(splits_by_fractions_sum_to_the_whole),
        cmocka_unit_test(numbers_are_read_and_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
