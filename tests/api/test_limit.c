/* SPDX-License-Identifier: Apache-2.0 */
#include "api/limit.h"
#include "check.h"

static const uint8_t one[ID_BYTES] = { 1 }, two[ID_BYTES] = { 2 };

static struct instant at(double seconds)
{
    return (struct instant) { 1000000000000000 + (int64_t)(seconds * 1e6) };
}

TEST(a_bucket_gives_its_quota_and_fills_evenly)
{
    struct limits *l = limits_new();
    struct limit_answer a = { 0 };
    for (int i = 0; i < 300; i++) {
        a = limits_take(l, one, LIMIT_UPLOAD, 1, at(0));
        assert_true(a.allowed);
        assert_int_equal(a.left, 299 - i);
    }
    a = limits_take(l, one, LIMIT_UPLOAD, 1, at(0));
    assert_false(a.allowed);
    assert_int_equal(a.reset_seconds, 1); /* one is free in 0.2 s */
    assert_true(limits_take(l, one, LIMIT_UPLOAD, 1, at(0.21)).allowed);
    assert_false(limits_take(l, one, LIMIT_UPLOAD, 1, at(0.22)).allowed);
    for (int i = 0; i < 300; i++)
        assert_true(limits_take(l, one, LIMIT_UPLOAD, 1, at(100)).allowed);
    assert_false(limits_take(l, one, LIMIT_UPLOAD, 1, at(100)).allowed);
    limits_free(l);
}

TEST(keys_and_classes_do_not_share)
{
    struct limits *l = limits_new();
    while (limits_take(l, one, LIMIT_UPLOAD, 1, at(0)).allowed)
        ;
    assert_true(limits_take(l, two, LIMIT_UPLOAD, 1, at(0)).allowed);
    assert_true(limits_take(l, one, LIMIT_READ, 1, at(0)).allowed);
    limits_free(l);
}

TEST(a_batch_counts_as_many_as_it_holds)
{
    struct limits *l = limits_new();
    assert_true(limits_take(l, one, LIMIT_UPLOAD, 200, at(0)).allowed);
    assert_false(limits_take(l, one, LIMIT_UPLOAD, 101, at(0)).allowed);
    assert_true(limits_take(l, one, LIMIT_UPLOAD, 100, at(0)).allowed);
    limits_free(l);
}

TEST(a_full_table_does_not_refuse_newcomers)
{
    struct limits *l = limits_new();
    for (uint32_t i = 0; i < 200000; i++) {
        uint8_t who[ID_BYTES] = { 0 };
        memcpy(who, &i, sizeof i);
        assert_true(limits_take(l, who, LIMIT_PUBLIC, 1, at(i * 0.001)).allowed);
    }
    limits_free(l);
}

TEST(the_answer_carries_the_fields_of_the_draft)
{
    ARENA(a);
    struct http_request r = { .arena = &a, .id = "req_x", .base_url = "http://x" };
    struct http_response out = { .arena = &a, .status = 200 };
    struct limit_answer no = { false, 300, 60, 0, 1 };
    assert_false(limits_answer(&r, &out, LIMIT_UPLOAD, &no));
    assert_int_equal(out.status, 429);
    static const char *const want[][2] = {
        { "RateLimit-Policy", "\"upload\";q=300;w=60" },
        { "RateLimit", "\"upload\";r=0;t=1" },
        { "Retry-After", "1" },
        { "Content-Type", "application/problem+json" },
    };
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        bool found = false;
        for (size_t j = 0; j < out.headers.count; j++)
            found = found || (strcmp(out.headers.rows[j].name, want[i][0]) == 0 &&
                              strcmp(out.headers.rows[j].value, want[i][1]) == 0);
        if (!found)
            STOP("no %s: %s", want[i][0], want[i][1]);
    }
    buf_done(&out.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_its_quota_and_fills_evenly),
        cmocka_unit_test(keys_and_classes_do_not_share),
        cmocka_unit_test(a_batch_counts_as_many_as_it_holds),
        cmocka_unit_test(a_full_table_does_not_refuse_newcomers),
        cmocka_unit_test(the_answer_carries_the_fields_of_the_draft),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
