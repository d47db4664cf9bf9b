/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

static void settings_done_at(struct settings *s)
{
    settings_done(s);
}
#define SETTINGS(name) __attribute__((cleanup(settings_done_at))) struct settings name

TEST(a_flag_beats_the_environment_beats_the_file_beats_the_default)
{
    SETTINGS(s);
    settings_init(&s);
    char *environment[] = { "HOME=/x",       "LICET_HTTP_LISTEN=env:1", "LICET_LOG_LEVEL=warn",
                            "LICET_DATA=/d", "LICET_TEST_POSTGRESQL=x", NULL };
    CHECK_OK(settings_flag(&s, STR("http.listen=flag:1"), e));
    CHECK_OK(settings_read_environment(&s, environment, e));
    CHECK_OK(settings_read(
        &s, "licet.conf", STR("# words\n\nhttp.listen = file:1\nlog.level=debug\nhttp.threads = 2"),
        e));
    assert_string_equal(settings_text(&s, "http.listen"), "flag:1");
    assert_string_equal(settings_text(&s, "log.level"), "warn");
    assert_string_equal(settings_text(&s, "http.threads"), "2");
    assert_string_equal(settings_text(&s, "log.shape"), "logfmt");
    for (size_t i = 0; i < s.count; i++)
        if (strcmp(s.rows[i].name, "http.threads") == 0)
            assert_string_equal(s.rows[i].place, "licet.conf:5");
}

TEST(unknown_names_and_bad_values_say_where)
{
    SETTINGS(s);
    settings_init(&s);
    char *environment[] = { "LICET_HTP_LISTEN=x", NULL };
    int64_t n;
    CHECK_FAILS(ERR_INVALID, "LICET_HTP_LISTEN", settings_read_environment(&s, environment, e));
    CHECK_FAILS(ERR_INVALID, "c: line 2: \"nope\"", settings_read(&s, "c", STR("\nnope = 1\n"), e));
    CHECK_FAILS(ERR_INVALID, "c: line 1: there is no", settings_read(&s, "c", STR("nope"), e));
    CHECK_OK(settings_read(&s, "c", STR("http.threads = many"), e));
    CHECK_FAILS(ERR_INVALID, "http.threads (c:1): \"many\"",
                settings_int(&s, "http.threads", 0, 64, &n, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_beats_the_environment_beats_the_file_beats_the_default),
        cmocka_unit_test(unknown_names_and_bad_values_say_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
