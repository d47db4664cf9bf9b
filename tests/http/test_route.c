/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "http/inside.h"

static const struct http_route rows[] = {
    { HTTP_GET, "/", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/things", NULL, 0, HTTP_FAST, NULL },
    { HTTP_POST, "/things", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/things/{thing}", NULL, 0, HTTP_FAST, NULL },
    { HTTP_DELETE, "/things/{thing}", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/things/all", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/things/{thing}/parts/{part}", NULL, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/files/{name...}", NULL, 0, HTTP_FAST, NULL },
};

static enum code find(enum http_method method, const char *path, const char **pattern,
                      struct http_pairs *parameters, unsigned *allow, struct arena *a,
                      struct error *e)
{
    struct http_routes *r;
    const struct http_route *row;
    TRY(http_routes_new(rows, COUNT_OF(rows), &r, e));
    enum code code = http_routes_find(r, method, str_of(path), a, &row, parameters, allow, e);
    if (code == OK)
        *pattern = row ? row->pattern : "";
    http_routes_free(r);
    return code;
}

TEST(a_path_finds_its_row_and_literals_come_first)
{
    static const struct {
        enum http_method method;
        const char *path, *pattern, *first;
    } cases[] = {
        { HTTP_GET, "/", "/", NULL },
        { HTTP_HEAD, "/things", "/things", NULL },
        { HTTP_GET, "/things/7", "/things/{thing}", "7" },
        { HTTP_GET, "/things/all", "/things/all", NULL },
        { HTTP_DELETE, "/things/all", "/things/{thing}", "all" },
        { HTTP_GET, "/things/a%20b", "/things/{thing}", "a b" },
        { HTTP_GET, "/things/a%2Fb", "/things/{thing}", "a/b" },
        { HTTP_GET, "/things/x/parts/y", "/things/{thing}/parts/{part}", "x" },
        { HTTP_GET, "/files/a/b.c", "/files/{name...}", "a/b.c" },
        { HTTP_GET, "/things/", "", NULL },
        { HTTP_GET, "/thing", "", NULL },
        { HTTP_GET, "//things", "", NULL },
        { HTTP_PUT, "/things", "", NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ARENA(a);
        struct http_pairs p = { 0 };
        const char *pattern;
        unsigned allow;
        CHECK_OK(find(cases[i].method, cases[i].path, &pattern, &p, &allow, &a, e));
        assert_string_equal(pattern, cases[i].pattern);
        assert_int_equal(p.count > 0, cases[i].first != NULL);
        if (cases[i].first)
            assert_string_equal(p.rows[0].value, cases[i].first);
    }
}

TEST(a_method_that_is_not_there_leaves_what_is_allowed)
{
    ARENA(a);
    struct http_pairs p = { 0 };
    const char *pattern;
    unsigned allow;
    CHECK_OK(find(HTTP_PATCH, "/things", &pattern, &p, &allow, &a, e));
    assert_int_equal(allow, 1u << HTTP_GET | 1u << HTTP_HEAD | 1u << HTTP_POST);
}

TEST(dots_bad_escapes_and_zero_bytes_are_refused)
{
    static const char *const paths[] = { "/things/..",  "/../x",     "/./x",  "/%2e%2e/x",
                                         "/things/%00", "/things/%", "/a/%4", "/a/%zz",
                                         "/things/%ff", "things",    "" };
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        ARENA(a);
        struct http_pairs p = { 0 };
        const char *pattern;
        unsigned allow;
        CHECK_FAILS(ERR_INVALID, "", find(HTTP_GET, paths[i], &pattern, &p, &allow, &a, e));
    }
}

TEST(queries_are_decoded_and_bounded)
{
    ARENA(a);
    struct http_pairs p = { 0 };
    CHECK_OK(http_query_parse(&a, STR("a=1&b=%D0%BF+x&&c&d=a=b"), &p, e));
    assert_int_equal(p.count, 4);
    assert_string_equal(p.rows[1].value, "\xD0\xBF x");
    assert_string_equal(p.rows[2].value, "");
    assert_string_equal(p.rows[3].value, "a=b");
    BUF(many);
    for (int i = 0; i < 65; i++)
        buf_text(&many, "x=1&");
    struct http_pairs q = { 0 };
    CHECK_FAILS(ERR_LIMIT, "64", http_query_parse(&a, buf_as_str(&many), &q, e));
}

TEST(the_peer_behind_a_trusted_proxy_is_named)
{
    static const struct {
        const char *trust, *socket, *forwarded, *want;
    } cases[] = {
        { "", "10.0.0.1", "1.2.3.4", "10.0.0.1" },
        { "10.0.0.1", "10.0.0.1", "1.2.3.4", "1.2.3.4" },
        { "10.0.0.1", "10.0.0.2", "1.2.3.4", "10.0.0.2" },
        { "10.0.0.0/8", "10.9.9.9", "6.6.6.6, 1.2.3.4", "1.2.3.4" },
        { "10.0.0.0/8", "10.9.9.9", "1.2.3.4, 10.1.1.1", "1.2.3.4" },
        { "10.0.0.0/8,::1", "::1", "2001:db8::1", "2001:db8::1" },
        { "10.0.0.0/8", "10.9.9.9", "rubbish", "10.9.9.9" },
        { "10.0.0.0/8", "10.9.9.9", NULL, "10.9.9.9" },
        { "2001:db8::/33", "2001:db8:8000::1", "1.2.3.4", "2001:db8:8000::1" },
        { "2001:db8::/33", "2001:db8:7000::1", "1.2.3.4", "1.2.3.4" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ARENA(a);
        struct http_trust t;
        CHECK_OK(http_trust_parse(cases[i].trust, &t, e));
        assert_string_equal(http_peer(&t, cases[i].socket, cases[i].forwarded, &a), cases[i].want);
    }
    struct http_trust t;
    CHECK_FAILS(ERR_INVALID, "not an address", http_trust_parse("localhost", &t, e));
    CHECK_FAILS(ERR_INVALID, "http.trust_proxy", http_trust_parse("10.0.0.0/33", &t, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_row_and_literals_come_first),
        cmocka_unit_test(a_method_that_is_not_there_leaves_what_is_allowed),
        cmocka_unit_test(dots_bad_escapes_and_zero_bytes_are_refused),
        cmocka_unit_test(queries_are_decoded_and_bounded),
        cmocka_unit_test(the_peer_behind_a_trusted_proxy_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
