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

/* Past a few megabytes its blocks are mappings of their own: nothing shows of it. */
TEST(an_arena_of_many_megabytes_is_like_a_small_one)
{
    ARENA(a);
    unsigned char *pieces[3000];
    for (size_t n = 0; n < COUNT_OF(pieces); n++) {
        size_t bytes = n % 500 == 499 ? (size_t)5 << 20 : 7000;
        pieces[n] = arena_try(&a, bytes, 1);
        assert_non_null(pieces[n]);
        assert_int_equal((uintptr_t)pieces[n] % 16, 0);
        assert_int_equal(pieces[n][0] | pieces[n][bytes - 1], 0);
        memset(pieces[n], (int)(n % 251), bytes);
    }
    for (size_t n = 0; n < COUNT_OF(pieces); n++) {
        assert_int_equal(pieces[n][0], n % 251);
        assert_int_equal(pieces[n][6999], n % 251);
    }
}

TEST(a_list_grows_and_keeps_what_is_in_it)
{
    ARENA(a);
    int *list = NULL;
    size_t room = 0;
    for (int n = 0; n < 1000; n++) {
        list = arena_more(&a, list, (size_t)n, &room, sizeof *list);
        assert_non_null(list);
        list[n] = n;
    }
    for (int n = 0; n < 1000; n++)
        assert_int_equal(list[n], n);
    a.limit_bytes = a.used_bytes;
    assert_null(arena_more(&a, list, room, &room, sizeof *list));
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
        cmocka_unit_test(an_arena_of_many_megabytes_is_like_a_small_one),
        cmocka_unit_test(a_list_grows_and_keeps_what_is_in_it),
        cmocka_unit_test(sizes_that_overflow_or_pass_the_limit_give_null),
        cmocka_unit_test(text_is_copied_and_formatted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
