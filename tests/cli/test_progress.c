/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/progress.h"

TEST(a_line_tells_share_rate_and_time_left)
{
    static const struct {
        int64_t done, total, elapsed_us;
        const char *line;
    } cases[] = {
        { 0, 40, 0, "x  0 of 40  0 %  0.0/s" },
        { 10, 40, 4000000, "x  10 of 40  25 %  2.5/s  0:12 left" },
        { 40, 40, 4000000, "x  40 of 40  100 %  10.0/s" },
        { 1, 1000, 1000000, "x  1 of 1000  0 %  1.0/s  16:39 left" },
        { 7, 0, 2000000, "x  7  3.5/s" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[100];
        assert_string_equal(progress_line("x", cases[i].done, cases[i].total, cases[i].elapsed_us,
                                          line, sizeof line),
                            cases[i].line);
    }
}

TEST(a_line_is_cut_to_its_room)
{
    char line[8];
    progress_line("enrolling", 10, 40, 4000000, line, sizeof line);
    assert_string_equal(line, "enrolli");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_share_rate_and_time_left),
        cmocka_unit_test(a_line_is_cut_to_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
