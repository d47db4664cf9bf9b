/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(splitting_gives_every_part_and_ends)
{
    struct str s = STR("a,,b"), part;
    assert_true(str_split(&s, ',', &part));
    assert_true(str_is(part, "a"));
    assert_true(str_split(&s, ',', &part));
    assert_int_equal(part.length, 0);
    assert_true(str_split(&s, ',', &part));
    assert_true(str_is(part, "b"));
    assert_false(str_split(&s, ',', &part));
}

TEST(numbers_out_of_form_or_range_are_refused)
{
    static const char *const bad[] = {
        "", "-", "1x", " 1", "1.0", "9223372036854775808", "99999999999999999999999"
    };
    int64_t n;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_INVALID, "", str_to_int64(str_of(bad[i]), INT64_MIN, INT64_MAX, &n, e));
    CHECK_OK(str_to_int64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &n, e));
    assert_true(n == INT64_MIN);
    CHECK_FAILS(ERR_INVALID, "between 0 and 9", str_to_int64(STR("10"), 0, 9, &n, e));
}

TEST(decimals_become_integers_of_ten_to_minus_eight)
{
    static const struct {
        const char *text;
        int64_t want;
    } good[] = { { "0.5", 50000000 },   { "1", 100000000 }, { "33.333333", 3333333300 },
                 { "-0.00000001", -1 }, { ".5", 50000000 }, { "1.000000000", 100000000 } };
    static const char *const bad[] = { "", ".", "1e3", "0.000000001", "1.2.3", "999999999999" };
    int64_t n;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        CHECK_OK(str_to_e8(str_of(good[i].text), &n, e));
        assert_true(n == good[i].want);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_INVALID, "", str_to_e8(str_of(bad[i]), &n, e));
}

TEST(utf8_is_told_from_other_bytes)
{
    static const char *const good[] = { "", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xB5" };
    static const char *const bad[] = { "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                       "\xFF",     "\xC3",         "\xE2\x82",
                                       "\x80" };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(str_is_utf8(str_of(good[i])));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(str_is_utf8(str_of(bad[i])));
}

/* Values that were published with the function: locks of databases depend on it. */
TEST(a_text_has_its_hash)
{
    assert_int_equal(str_hash(STR("")), UINT64_C(0xcbf29ce484222325));
    assert_int_equal(str_hash(STR("a")), UINT64_C(0xaf63dc4c8601ec8c));
    assert_int_equal(str_hash(STR("foobar")), UINT64_C(0x85944171f73967e8));
}

TEST(hexadecimal_comes_back)
{
    uint8_t in[] = { 0, 1, 0xAB, 0xFF }, out[4];
    char text[9];
    hex_encode(in, 4, text);
    assert_string_equal(text, "0001abff");
    assert_true(hex_decode(STR("0001ABff"), out, 4));
    assert_memory_equal(in, out, 4);
    assert_false(hex_decode(STR("0001ABfg"), out, 4));
    assert_false(hex_decode(STR("00"), out, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splitting_gives_every_part_and_ends),
        cmocka_unit_test(numbers_out_of_form_or_range_are_refused),
        cmocka_unit_test(decimals_become_integers_of_ten_to_minus_eight),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(a_text_has_its_hash),
        cmocka_unit_test(hexadecimal_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
