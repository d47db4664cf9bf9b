/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(a_value_with_blanks_is_quoted)
{
    char out[64];
    assert_string_equal(log_quoted("a \"b\" \\ c\n", out, sizeof out), "\"a \\\"b\\\" \\\\ c \"");
    char small[10];
    assert_string_equal(log_quoted("abcdefghijk", small, sizeof small), "\"abcde\"");
}

TEST(levels_have_words)
{
    enum log_level level;
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_false(log_level_parse("loud", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_with_blanks_is_quoted),
        cmocka_unit_test(levels_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
