/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "desk/desk.h"

static const struct instant now = { INT64_C(1790000000000000) };

static struct standing of(int accepted, int rejected)
{
    return (struct standing) { accepted * INT64_C(1000000), rejected * INT64_C(1000000), now };
}

TEST(the_lower_bound_is_the_quantile_of_the_beta_distribution)
{
    static const struct {
        int accepted, rejected, low; /* of qbeta(0.05, 1 + a, 1 + r), per mille */
    } rows[] = { { 0, 0, 50 }, { 9, 0, 741 }, { 99, 0, 970 }, { 0, 9, 5 }, { 10, 10, 328 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int low = standing_low(of(rows[i].accepted, rows[i].rejected));
        if (abs(low - rows[i].low) > 2)
            STOP("%d of %d: %d, not %d", rows[i].accepted, rows[i].rejected, low, rows[i].low);
    }
}

TEST(a_record_fades)
{
    struct standing s = of(100, 0);
    struct instant later = { now.us + INT64_C(180) * 86400 * 1000000 };
    assert_int_equal(standing_at(s, later).accepted_e6, 50000000);
    assert_true(standing_low(standing_at(s, later)) < standing_low(s));
    struct standing t = standing_judged(s, false, STANDING_ABUSE_WEIGHT, now);
    assert_int_equal(t.rejected_e6, 5000000);
}

TEST(caps_grow_with_the_record)
{
    struct caps fresh = standing_caps(of(0, 0), PROOF_MAILBOX, false);
    struct caps good = standing_caps(of(500, 2), PROOF_MAILBOX | PROOF_DOMAIN, false);
    struct caps bad = standing_caps(of(2, 500), PROOF_MAILBOX | PROOF_DOMAIN, false);
    assert_int_equal(fresh.unseen_per_sender, 3);
    assert_true(good.items_per_day > 10 * fresh.items_per_day);
    assert_true(bad.items_per_day < good.items_per_day);
}

TEST(a_warning_comes_before_a_suspension)
{
    struct misuse_facts f = { .received = 100, .unfounded = 60 };
    assert_int_equal(standing_misuse(&f), MISUSE_WARN);
    f.warned = true;
    assert_int_equal(standing_misuse(&f), MISUSE_SUSPEND);
    f = (struct misuse_facts) { .received = 1000, .unfounded = 60 };
    assert_int_equal(standing_misuse(&f), MISUSE_NONE);
    f = (struct misuse_facts) { .received = 96, .unfounded = 10, .abusive = 3, .forged = true };
    assert_int_equal(standing_misuse(&f), MISUSE_SUSPEND);
}

TEST(names_that_look_like_a_principals_are_seen)
{
    static const struct {
        const char *domain, *known;
        bool alike;
    } rows[] = {
        { "northernlight-records.example", "northernlight.example", true },
        { "n0rthernlight.example", "northernlight.example", true },
        { "northemlight.example", "northernlight.example", true }, /* "rn" is seen as "m" */
        { "northrnlight.example", "northernlight.example", true },
        { "northernlight.test", "northernlight.example", true },
        { "legal.northernlight.example", "northernlight.example", false },
        { "northernlight.example", "northernlight.example", false },
        { "bluebird.example", "northernlight.example", false },
        { "", "northernlight.example", false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (domain_looks_like(str_of(rows[i].domain), str_of(rows[i].known)) != rows[i].alike)
            STOP("%s, %s", rows[i].domain, rows[i].known);
    struct pattern_facts f = { .sender_domain = STR("gmail.com"),
                               .acts_for_known_principal = true,
                               .days_known = 1,
                               .target_accounts = 96,
                               .items_today = 96 };
    assert_int_equal(patterns_found(&f), 1 << PATTERN_FREE_MAIL | 1 << PATTERN_NEW_MANY);
    f = (struct pattern_facts) { .sender_domain = STR("holder.example"),
                                 .mandate_proven = true,
                                 .days_known = 400,
                                 .target_accounts = 960,
                                 .items_today = 900 };
    assert_int_equal(patterns_found(&f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lower_bound_is_the_quantile_of_the_beta_distribution),
        cmocka_unit_test(a_record_fades),
        cmocka_unit_test(caps_grow_with_the_record),
        cmocka_unit_test(a_warning_comes_before_a_suspension),
        cmocka_unit_test(names_that_look_like_a_principals_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
