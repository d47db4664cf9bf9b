/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(memory_is_zeroed_and_aligned)
{
    ARENA(a);
    for (size_t n = 1; n < 40000; n = n * 3 + 1) {
        unsigned char *p = arena_try(&a, n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 255, n);
    }
}

TEST(sizes_that_overflow_or_pass_the_limit_give_null)
{
    ARENA(a);
    assert_null(arena_try(&a, SIZE_MAX / 2, 3));
    assert_null(arena_try(&a, SIZE_MAX, 1));
    a.limit_bytes = 1000;
    assert_non_null(arena_try(&a, 900, 1));
    assert_null(arena_try(&a, 200, 1));
}

TEST(text_is_copied_and_formatted)
{
    ARENA(a);
    assert_string_equal(arena_text(&a, "abcdef", 3), "abc");
    assert_string_equal(arena_format(&a, "%d-%s", 7, "x"), "7-x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(sizes_that_overflow_or_pass_the_limit_give_null),
        cmocka_unit_test(text_is_copied_and_formatted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
