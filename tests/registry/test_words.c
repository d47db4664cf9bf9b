/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "registry/registry.h"

TEST(every_word_comes_back_from_its_text)
{
    for (int i = 0; i < RIGHT_COUNT; i++) {
        enum right r;
        CHECK_OK(right_parse(str_of(right_word((enum right)i)), &r, e));
        assert_int_equal(r, i);
    }
    for (int i = 0; i < RELATOR_COUNT; i++) {
        enum relator r;
        CHECK_OK(relator_parse(str_of(relator_word((enum relator)i)), &r, e));
        assert_int_equal(r, i);
    }
}

TEST(a_word_that_is_not_in_the_list_names_the_list)
{
    enum use u;
    CHECK_FAILS(ERR_INVALID, "\"play\" is not a known use (stream, preview, download, offline)",
                use_parse(STR("play"), &u, e));
}

TEST(a_list_of_uses_becomes_bits_and_none_means_all)
{
    unsigned bits;
    BUF(b);
    CHECK_OK(uses_parse(STR("download, stream"), &bits, e));
    assert_int_equal(bits, USE_BIT(USE_STREAM) | USE_BIT(USE_DOWNLOAD));
    uses_format(bits, &b);
    assert_string_equal((char *)b.bytes, "stream,download");
    CHECK_OK(uses_parse(STR(""), &bits, e));
    assert_int_equal(bits, USES_ALL);
    CHECK_OK(models_parse(STR("subscription"), &bits, e));
    assert_int_equal(bits, MODEL_BIT(MODEL_SUBSCRIPTION));
    CHECK_FAILS(ERR_INVALID, "gratis", models_parse(STR("free gratis"), &bits, e));
}

TEST(conditions_come_back_from_their_text)
{
    static const char *const texts[][2] = {
        { "", "" },
        { "seconds>30", "seconds > 30" },
        { " percent_of_reference >= 50.5 & seconds != 0",
          "percent_of_reference >= 50.5 & seconds != 0" },
        { "percent_of_upload = 100", "percent_of_upload = 100" },
        { "seconds <= 0.00000001", "seconds <= 0.00000001" },
        { "seconds in 30-60>10", "seconds in 30-60 > 10" },
        { "percent_of_reference in 0-1.5 + 90-120.25 >= 50 & seconds > 5",
          "percent_of_reference in 0-1.5+90-120.25 >= 50 & seconds > 5" },
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct condition c[CONDITIONS_MOST];
        size_t n;
        BUF(b);
        CHECK_OK(conditions_parse(str_of(texts[i][0]), c, &n, e));
        conditions_format(c, n, &b);
        assert_true(str_is(buf_as_str(&b), texts[i][1]));
    }
}

TEST(bad_conditions_are_named)
{
    static const char *const bads[][2] = {
        { "seconds", "is not a condition" },
        { "seconds > 1 &", "is not a condition" },
        { "minutes > 3", "\"minutes\" is not a known measure" },
        { "seconds => 3", "\"=>\" is not a known relation" },
        { "seconds > x", "\"x\" is not a decimal" },
        { "seconds > -1", "out of range (0 to 86400)" },
        { "percent_of_upload > 101", "out of range (0 to 100)" },
        { "seconds in 60-30 > 1", "begin before they end" },
        { "seconds in 0-30+30-40 > 1", "follow each other" },
        { "seconds in 30 > 1", "\"30\" is not a segment" },
        { "seconds in > 1", "measure" },
        { "seconds in 0-86401 > 1", "between 0 and 86400 s" },
    };
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        struct condition c[CONDITIONS_MOST];
        size_t n;
        CHECK_FAILS(ERR_INVALID, bads[i][1], conditions_parse(str_of(bads[i][0]), c, &n, e));
    }
    struct condition c[CONDITIONS_MOST];
    size_t n;
    CHECK_FAILS(ERR_LIMIT, "more than 4 segments",
                conditions_parse(STR("seconds in 0-1+2-3+4-5+6-7+8-9 > 1"), c, &n, e));
    CHECK_FAILS(ERR_LIMIT, "more than 8",
                conditions_parse(STR("seconds>1&seconds>1&seconds>1&seconds>1&seconds>1&seconds>1&"
                                     "seconds>1&seconds>1&seconds>1"),
                                 c, &n, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_comes_back_from_its_text),
        cmocka_unit_test(a_word_that_is_not_in_the_list_names_the_list),
        cmocka_unit_test(a_list_of_uses_becomes_bits_and_none_means_all),
        cmocka_unit_test(conditions_come_back_from_their_text),
        cmocka_unit_test(bad_conditions_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
