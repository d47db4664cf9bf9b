/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(moments_are_read_and_written)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
        { "2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z" },
        { "2026-11-23T10:00:00+03:00", "2026-11-23T07:00:00Z" },
        { "2026-11-23", "2026-11-23T00:00:00Z" },
        { "1899-12-31t23:00:00.000001-01:30", "1900-01-01T00:30:00.000001Z" },
        { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct instant t;
        char text[INSTANT_TEXT];
        CHECK_OK(instant_parse(str_of(rows[i].in), &t, e));
        assert_string_equal(instant_format(t, text), rows[i].out);
    }
}

TEST(moments_that_are_none_are_refused)
{
    static const char *const bad[] = { "",
                                       "2023-02-29",
                                       "2026-13-01",
                                       "2026-1-1",
                                       "2026-11-23T24:00:00Z",
                                       "2026-11-23T10:00:00",
                                       "2026-11-23T10:00:00.Z",
                                       "2026-11-23T10:00:00Zx",
                                       "0000-01-01",
                                       "now" };
    struct instant t;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_INVALID, "is not a time", instant_parse(str_of(bad[i]), &t, e));
}

TEST(every_day_of_eight_centuries_comes_back)
{
    struct day d = day_from_civil(1600, 1, 1), end = day_from_civil(2400, 12, 31);
    for (; d.number <= end.number; d.number++) {
        int y, m, dd;
        day_to_civil(d, &y, &m, &dd);
        assert_int_equal(day_from_civil(y, m, dd).number, d.number);
        assert_int_equal(day_of((struct instant) { day_begin(d).us + 86399999999 }).number,
                         d.number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read_and_written),
        cmocka_unit_test(moments_that_are_none_are_refused),
        cmocka_unit_test(every_day_of_eight_centuries_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
