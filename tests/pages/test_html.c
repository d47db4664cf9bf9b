/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "pages/html.h"
#include "pages/pages.h"

TEST(the_language_is_the_heaviest_of_ours)
{
    static const struct {
        const char *accept;
        enum lang want;
    } rows[] = {
        { NULL, LANG_EN },
        { "", LANG_EN },
        { "ru", LANG_RU },
        { "ru-RU,ru;q=0.9,en;q=0.8", LANG_RU },
        { "de, en;q=0.5, ru;q=0.8", LANG_RU },
        { "en;q=0.9, ru;q=0.1", LANG_EN },
        { "rum", LANG_EN },
        { "ru;q=0", LANG_EN },
        { "ru;q=abc", LANG_EN },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (page_lang_of_header(rows[i].accept) != rows[i].want)
            STOP("row %zu: %s", i, rows[i].accept);
}

TEST(nothing_a_stranger_wrote_becomes_mark_up)
{
    BUF(b);
    html_format(&b, "<td title=\"%s\">%s</td>", "\"><script>'", "<b>&\xFF\x01</b>");
    assert_string_equal((char *)b.bytes, "<td title=\"&quot;&gt;&lt;script&gt;&#39;\">"
                                         "&lt;b&gt;&amp;\xEF\xBF\xBD&lt;/b&gt;</td>");
}

TEST(numbers_are_grouped_as_the_language_does)
{
    static const struct {
        int64_t n;
        const char *english;
    } rows[] = {
        { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { -1234567, "-1,234,567" }, { -123, "-123" }
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(b);
        html_count(&b, LANG_EN, rows[i].n);
        assert_string_equal((char *)b.bytes, rows[i].english);
    }
}

static struct http_request request_of(struct arena *a, const char *path)
{
    struct http_request r = { .path = path, .arena = a, .id = "req_x", .base_url = "http://x" };
    return r;
}

TEST(a_cookie_is_found_by_its_whole_name)
{
    ARENA(a);
    struct http_request r = request_of(&a, "/");
    http_pairs_add(&a, &r.headers, "Cookie", "xlang=en; lang=ru;s=a=b; empty");
    assert_string_equal(page_cookie(&r, "lang"), "ru");
    assert_string_equal(page_cookie(&r, "s"), "a=b");
    assert_null(page_cookie(&r, "empty"));
    assert_null(page_cookie(&r, "ng"));
    assert_int_equal(page_lang(&r), LANG_RU);
}

TEST(the_link_to_the_other_language_keeps_the_question)
{
    ARENA(a);
    BUF(b);
    struct http_request r = request_of(&a, "/p/<x>");
    http_pairs_add(&a, &r.query, "after", "a b\"");
    http_pairs_add(&a, &r.query, "lang", "en");
    html_lang_link(&b, &r, LANG_RU);
    assert_string_equal((char *)b.bytes, "/p/&lt;x&gt;?lang=ru&amp;after=a%20b%22");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_is_the_heaviest_of_ours),
        cmocka_unit_test(nothing_a_stranger_wrote_becomes_mark_up),
        cmocka_unit_test(numbers_are_grouped_as_the_language_does),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
        cmocka_unit_test(the_link_to_the_other_language_keeps_the_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
