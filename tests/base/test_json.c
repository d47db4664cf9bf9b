/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(what_is_written_is_read_back)
{
    BUF(b);
    struct json_out o = { &b, false };
    json_begin(&o, '{');
    json_text(&o, "a", "quote \" slash \\ line\n\x01");
    json_int(&o, "n", -5);
    json_bool(&o, "t", true);
    json_text(&o, "nothing", NULL);
    json_number_places(&o, "x", 61.200, 3);
    json_number_places(&o, "p", 1e-9, 12);
    json_instant(&o, "until", INSTANT_NEVER);
    json_key(&o, "list");
    json_begin(&o, '[');
    json_put_int(&o, 1);
    json_put_int(&o, 2);
    json_end(&o, ']');
    json_end(&o, '}');
    assert_string_equal((char *)b.bytes,
                        "{\"a\":\"quote \\\" slash \\\\ line\\n\\u0001\",\"n\":-5,\"t\":true,"
                        "\"nothing\":null,\"x\":61.2,\"p\":1.0e-09,\"until\":null,\"list\":[1,2]}");
    JSON(v);
    CHECK_OK(json_read(buf_as_str(&b), &v, e));
    assert_int_equal(json_object_size(v), 8);
}

TEST(bytes_that_are_not_utf8_do_not_break_the_text)
{
    BUF(b);
    struct json_out o = { &b, false };
    json_put_str(&o, STR("a\xFF\xC3"));
    JSON(v);
    CHECK_OK(json_read(buf_as_str(&b), &v, e));
    assert_string_equal(json_string_value(v), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(bad_json_is_refused_with_its_place)
{
    json_t *v;
    CHECK_FAILS(ERR_INVALID, "line 2", json_read(STR("{\"a\":\n]"), &v, e));
    CHECK_FAILS(ERR_INVALID, "duplicate", json_read(STR("{\"a\":1,\"a\":2}"), &v, e));
    CHECK_FAILS(ERR_INVALID, "", json_read(STR(""), &v, e));
}

TEST(members_of_a_wrong_type_or_name_are_named)
{
    static const char *const names[] = { "a", NULL };
    const char *text;
    int64_t n;
    bool flag;
    JSON(v);
    CHECK_OK(json_read(STR("{\"a\":1,\"b\":null}"), &v, e));
    CHECK_FAILS(ERR_INVALID, "\"a\" must be a string", json_member_text(v, "a", &text, e));
    CHECK_FAILS(ERR_INVALID, "\"a\" must be true or false",
                json_member_bool(v, "a", false, &flag, e));
    CHECK_FAILS(ERR_INVALID, "\"b\" is not a known field", json_only(v, names, e));
    CHECK_OK(json_member_int(v, "b", 9, &n, e));
    assert_int_equal(n, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(bytes_that_are_not_utf8_do_not_break_the_text),
        cmocka_unit_test(bad_json_is_refused_with_its_place),
        cmocka_unit_test(members_of_a_wrong_type_or_name_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
