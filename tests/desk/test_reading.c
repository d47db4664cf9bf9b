/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/desk.h"

#define FILE_OF(literal)                                                                           \
    ARENA(a);                                                                                      \
    JSON(json);                                                                                    \
    struct notice_file f = { 0 };                                                                  \
    CHECK_OK(desk_file_read(STR(literal), &a, &json, &f, e))

TEST(rows_of_one_key_are_one_notice)
{
    FILE_OF("\xef\xbb\xbfsender;key;location;title;elements\r\n"
            "a@b.example;7;upl_x;Song;all\r\n"
            "a@b.example;7;upl_y;Air;\r\n"
            "a@b.example;8;upl_z;;signature\r\n"
            "a@b.example;;upl_z;;hat\r\n"
            "a@b.example;;;;\r\n");
    assert_int_equal(f.count, 2);
    assert_int_equal(f.drafts[0].item_count, 2);
    assert_true(str_is(f.drafts[0].items[1].location, "upl_y"));
    assert_int_equal(elements_missing(REGIME_DMCA, f.drafts[0].elements, true), 0);
    assert_true(elements_missing(REGIME_DMCA, f.drafts[1].elements, false) & ELEMENT_WORK);
    assert_int_equal(f.bad_count, 2);
    assert_int_equal(f.bad[0].line, 5);
    assert_non_null(strstr(f.bad[0].text, "hat"));
    assert_int_equal(f.bad[1].line, 6);
}

TEST(bad_notices_are_named_and_the_others_are_read)
{
    FILE_OF("[{\"sender\":\"a@b.example\",\"items\":[{\"location\":\"upl_x\",\"title\":\"S\"}]},"
            "{\"sender\":\"a@b.example\",\"items\":[]},"
            "{\"sender\":\"a@b.example\",\"items\":[{\"location\":\"x\",\"colour\":\"red\"}]},"
            "7]");
    assert_int_equal(f.count, 1);
    assert_int_equal(f.bad_count, 3);
    assert_non_null(strstr(f.bad[0].text, "items"));
    assert_non_null(strstr(f.bad[1].text, "items[0]"));
    assert_int_equal(f.bad[2].line, 4);
}

TEST(what_is_neither_is_refused)
{
    ARENA(a);
    JSON(json);
    struct notice_file f;
    CHECK_FAILS(ERR_INVALID, "column", desk_file_read(STR("who,what\n1,2\n"), &a, &json, &f, e));
    CHECK_FAILS(ERR_INVALID, "line", desk_file_read(STR("[{"), &a, &json, &f, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_key_are_one_notice),
        cmocka_unit_test(bad_notices_are_named_and_the_others_are_read),
        cmocka_unit_test(what_is_neither_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
