/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "http/http.h"

TEST(ranges_are_read_as_rfc_9110_says)
{
    static const struct {
        const char *header;
        int64_t size;
        enum http_range want;
        int64_t offset, length;
    } rows[] = {
        { NULL, 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=0-9", 100, HTTP_RANGE_ONE, 0, 10 },
        { "bytes=0-0", 100, HTTP_RANGE_ONE, 0, 1 },
        { "bytes=90-", 100, HTTP_RANGE_ONE, 90, 10 },
        { "bytes=90-1000", 100, HTTP_RANGE_ONE, 90, 10 },
        { "bytes=-10", 100, HTTP_RANGE_ONE, 90, 10 },
        { "bytes=-1000", 100, HTTP_RANGE_ONE, 0, 100 },
        { "Bytes=1-2", 100, HTTP_RANGE_ONE, 1, 2 },
        { "bytes=100-", 100, HTTP_RANGE_BAD, 0, 0 },
        { "bytes=-0", 100, HTTP_RANGE_BAD, 0, 0 },
        { "bytes=-5", 0, HTTP_RANGE_BAD, 0, 0 },
        { "bytes=0-", 0, HTTP_RANGE_BAD, 0, 0 },
        { "bytes=99999999999999999999999-", 100, HTTP_RANGE_BAD, 0, 0 },
        { "bytes=0-99999999999999999999999", 100, HTTP_RANGE_ONE, 0, 100 },
        { "bytes=5-4", 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=0-1,5-6", 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=", 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=-", 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=a-b", 100, HTTP_RANGE_NONE, 0, 0 },
        { "bytes=1-b", 100, HTTP_RANGE_NONE, 0, 0 },
        { "items=0-9", 100, HTTP_RANGE_NONE, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_span span = { 0 };
        enum http_range got = http_range_parse(rows[i].header, rows[i].size, &span);
        if (got != rows[i].want || span.offset != rows[i].offset || span.length != rows[i].length)
            STOP("%s of %d: %d, %d bytes at %d", rows[i].header, (int)rows[i].size, got,
                 (int)span.length, (int)span.offset);
    }
}

TEST(entity_tags_are_compared_strongly_or_weakly)
{
    assert_true(http_etag_in("\"a\"", "\"a\"", true));
    assert_true(http_etag_in("\"b\", \"a\"", "\"a\"", true));
    assert_true(http_etag_in("*", "\"a\"", true));
    assert_true(http_etag_in("W/\"a\"", "\"a\"", false));
    assert_false(http_etag_in("W/\"a\"", "\"a\"", true));
    assert_false(http_etag_in("\"ab\"", "\"a\"", false));
    assert_false(http_etag_in("a", "\"a\"", false));
    assert_false(http_etag_in("\"a", "\"a\"", false));
    assert_false(http_etag_in("", "\"a\"", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_read_as_rfc_9110_says),
        cmocka_unit_test(entity_tags_are_compared_strongly_or_weakly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
