/* SPDX-License-Identifier: Apache-2.0 */
#include "api/list.h"
#include "check.h"

static const char *const columns[] = { "id", "title", "tags", "n", NULL };

static void row(struct list *l, struct arena *a, const char *id, const char *title, int64_t n)
{
    struct json_out *o = list_row(l, id, a);
    json_begin(o, '{');
    json_text(o, "id", id);
    json_text(o, "title", title);
    json_key(o, "tags");
    json_begin(o, '[');
    json_put_text(o, "a");
    json_put_text(o, "b");
    json_end(o, ']');
    json_int(o, "n", n);
    json_end(o, '}');
}

static struct http_response answer(struct arena *a, const char *accept, bool more)
{
    struct http_request r = { .arena = a, .base_url = "http://x", .path = "/things" };
    struct http_response out = { .arena = a, .status = 200 };
    http_pairs_add(a, &r.query, "limit", "2");
    http_pairs_add(a, &r.query, "q", "a&b");
    if (accept)
        http_pairs_add(a, &r.headers, "Accept", accept);
    LIST(l);
    row(&l, a, "t_1", "=cmd \"x\", \xD1\x8F", -5);
    row(&l, a, "t_2", NULL, 7);
    CHECK_OK(list_answer(&l, &r, &out, columns, more, e));
    return out;
}

TEST(a_page_names_the_next)
{
    ARENA(a);
    struct http_response out = answer(&a, NULL, true);
    JSON(v);
    CHECK_OK(json_read(buf_as_str(&out.body), &v, e));
    assert_int_equal(json_array_size(json_object_get(v, "items")), 2);
    assert_string_equal(json_string_value(json_object_get(v, "next")), "t_2");
    assert_string_equal(out.headers.rows[0].name, "Link");
    assert_string_equal(out.headers.rows[0].value,
                        "<http://x/things?after=t_2&limit=2&q=a%26b>; rel=\"next\"");
    buf_done(&out.body);
    out = answer(&a, "application/json", false);
    assert_non_null(strstr((char *)out.body.bytes, "\"next\":null"));
    buf_done(&out.body);
}

TEST(csv_has_the_same_rows_and_no_formulas)
{
    ARENA(a);
    struct http_response out = answer(&a, "text/csv, application/json;q=0.1", false);
    assert_string_equal((char *)out.body.bytes, "id,title,tags,n\r\n"
                                                "t_1,\"'=cmd \"\"x\"\", \xD1\x8F\",a b,-5\r\n"
                                                "t_2,,a b,7\r\n");
    buf_done(&out.body);
}

TEST(limits_of_a_page_are_checked)
{
    ARENA(a);
    static const char *const bad[] = { "0", "501", "-1", "x", "" };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct http_request r = { .arena = &a };
        struct list_page page;
        http_pairs_add(&a, &r.query, "limit", bad[i]);
        CHECK_FAILS(ERR_INVALID, "limit", list_page_read(&r, &page, e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_names_the_next),
        cmocka_unit_test(csv_has_the_same_rows_and_no_formulas),
        cmocka_unit_test(limits_of_a_page_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
