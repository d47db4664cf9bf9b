/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(a_pooled_fee_is_split_to_the_cent)
{
    ARENA(a);
    const int64_t plays[] = { 412345678, 298765432, 187654321, 101234569 };
    const int64_t want[] = { 144320987, 104567901, 65679013, 35432099 };
    int64_t parts[4];
    CHECK_OK(money_split(350000000, plays, 4, &a, parts, e));
    for (int i = 0; i < 4; i++)
        assert_true(parts[i] == want[i]);
}

TEST(parts_always_sum_to_the_whole)
{
    uint64_t seed = 20261123;
    struct chance c = chance_seeded(&seed);
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        ARENA(a);
        uint8_t r[9];
        c.fill(c.state, r, sizeof r);
        size_t count = 1 + r[0] % 40;
        int64_t weights[40], parts[40], mirror[40], total, sum = 0;
        memcpy(&total, r + 1, 8);
        total >>= r[0] % 50;
        if (total == INT64_MIN)
            total++;
        for (size_t i = 0; i < count; i++) {
            uint32_t w;
            c.fill(c.state, (uint8_t *)&w, 4);
            weights[i] = w % 5 == 0 ? 0 : w;
        }
        weights[0]++;
        CHECK_OK(money_split(total, weights, count, &a, parts, e));
        CHECK_OK(money_split(-total, weights, count, &a, mirror, e));
        for (size_t i = 0; i < count; i++) {
            sum += parts[i];
            assert_true(parts[i] == -mirror[i]);
            if (weights[i] == 0)
                assert_true(parts[i] == 0);
        }
        assert_true(sum == total);
    }
}

TEST(splits_without_a_basis_are_refused)
{
    ARENA(a);
    int64_t parts[2];
    CHECK_FAILS(ERR_INVALID, "no weight", money_split(5, (int64_t[]) { 0, 0 }, 2, &a, parts, e));
    CHECK_FAILS(ERR_INVALID, "negative", money_split(5, (int64_t[]) { 1, -1 }, 2, &a, parts, e));
    CHECK_FAILS(ERR_LIMIT, "too large",
                money_split(5, (int64_t[]) { INT64_MAX, 1 }, 2, &a, parts, e));
}

TEST(amounts_are_written_with_their_currency)
{
    static const struct {
        const char *code;
        int64_t minor;
        const char *want;
    } rows[] = { { "EUR", 123450, "EUR 1234.50" },
                 { "JPY", 1234, "JPY 1234" },
                 { "KWD", -5, "KWD -0.005" },
                 { "USD", INT64_MIN, "USD -92233720368547758.08" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct money m = { rows[i].minor, { "", 0 } };
        char text[40];
        CHECK_OK(currency_find(str_of(rows[i].code), &m.currency, e));
        assert_string_equal(money_format(m, text), rows[i].want);
    }
    struct currency none;
    CHECK_FAILS(ERR_INVALID, "ISO 4217", currency_find(STR("XXQ"), &none, e));
    CHECK_FAILS(ERR_INVALID, "ISO 4217", currency_find(STR("EU"), &none, e));
}

TEST(sums_of_two_currencies_or_past_the_end_are_refused)
{
    struct money a = { INT64_MAX, { "EUR", 2 } }, b = { 1, { "EUR", 2 } }, c = { 1, { "USD", 2 } };
    struct money out;
    CHECK_FAILS(ERR_LIMIT, "too large", money_add(a, b, &out, e));
    CHECK_FAILS(ERR_INVALID, "cannot be added", money_add(b, c, &out, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pooled_fee_is_split_to_the_cent),
        cmocka_unit_test(parts_always_sum_to_the_whole),
        cmocka_unit_test(splits_without_a_basis_are_refused),
        cmocka_unit_test(amounts_are_written_with_their_currency),
        cmocka_unit_test(sums_of_two_currencies_or_past_the_end_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
