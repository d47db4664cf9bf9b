/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/desk.h"

TEST(what_a_regime_asks_for_is_missing_until_it_is_there)
{
    for (int r = 0; r < REGIME_COUNT; r++) {
        assert_int_equal(elements_missing((enum regime)r, ELEMENTS_ALL, true), 0);
        unsigned all = elements_missing((enum regime)r, 0, true);
        assert_true(all != 0);
        assert_int_equal(elements_missing((enum regime)r, all, true), 0);
    }
    unsigned dmca = ELEMENTS_ALL & ~(unsigned)ELEMENT_GOOD_FAITH;
    assert_int_equal(elements_missing(REGIME_DMCA, dmca, false), ELEMENT_GOOD_FAITH);
    assert_int_equal(elements_missing(REGIME_DMCA, ELEMENTS_ALL & ~(unsigned)ELEMENT_PHONE, false),
                     0);
    assert_int_equal(
        elements_missing(REGIME_RU15_7, ELEMENTS_ALL & ~(unsigned)ELEMENT_POWER, false), 0);
    assert_int_equal(elements_missing(REGIME_RU15_7, ELEMENTS_ALL & ~(unsigned)ELEMENT_POWER, true),
                     ELEMENT_POWER);
    assert_int_equal(counter_missing(ELEMENTS_ALL & ~(unsigned)ELEMENT_JURISDICTION),
                     ELEMENT_JURISDICTION);
}

TEST(what_is_missing_is_named_in_words)
{
    BUF(out);
    unsigned bit;
    elements_format(ELEMENT_SIGNATURE | ELEMENT_GOOD_FAITH, &out);
    assert_string_equal((char *)out.bytes, "signature, good_faith");
    CHECK_OK(element_parse(STR("good_faith"), &bit, e));
    assert_int_equal(bit, ELEMENT_GOOD_FAITH);
    CHECK_FAILS(ERR_INVALID, "hat", element_parse(STR("hat"), &bit, e));
}

TEST(proposals_follow_the_strictest_rule)
{
    struct item_facts good = { .verified = true,
                               .mandate = true,
                               .standing_low = 900,
                               .ours = true,
                               .is_upload = true,
                               .heard = true,
                               .work_known = true,
                               .work_in_item = true,
                               .p_false_e12 = 10,
                               .territory_met = true };
    struct item_facts f = good;
    assert_int_equal(item_propose(&f).kind, PROPOSE_RESTRICT);
#define CASE(change, wanted_kind, wanted_reason)                                                   \
    do {                                                                                           \
        f = good;                                                                                  \
        change;                                                                                    \
        assert_int_equal(item_propose(&f).kind, wanted_kind);                                      \
        assert_int_equal(item_propose(&f).reason, wanted_reason);                                  \
    } while (0)
    CASE(f.suspended = true, PROPOSE_DECLINE, REASON_SENDER_SUSPENDED);
    CASE(f.ours = false, PROPOSE_DECLINE, REASON_WRONG_LOCATION);
    CASE(f.gone = true, PROPOSE_DECLINE, REASON_ALREADY_GONE);
    CASE(f.duplicate = true, PROPOSE_DECLINE, REASON_DUPLICATE);
    CASE(f.own_content = true, PROPOSE_DECLINE, REASON_OWN_CONTENT);
    CASE(f.work_in_item = false, PROPOSE_DECLINE, REASON_NOT_IN_ITEM);
    CASE(f.licensed = true, PROPOSE_DECLINE, REASON_LICENSED);
    CASE(f.territory_met = false, PROPOSE_DECLINE, REASON_TERRITORY);
    CASE(f.mandate = false, PROPOSE_PERSON, REASON_NO_MANDATE);
    CASE(f.over_cap = true, PROPOSE_PERSON, REASON_REVIEWED);
    CASE(f.patterns = 1, PROPOSE_PERSON, REASON_ABUSIVE);
    CASE(f.verified = false, PROPOSE_PERSON, REASON_REVIEWED);
    CASE(f.standing_low = 500, PROPOSE_PERSON, REASON_REVIEWED);
    CASE(f.p_false_e12 = 2 * P_FALSE_MOST_E12, PROPOSE_PERSON, REASON_REVIEWED);
    CASE(f.heard = false, PROPOSE_PERSON, REASON_REVIEWED); /* undecided is never "not in it" */
    CASE((f.heard = false, f.work_in_item = false), PROPOSE_PERSON, REASON_REVIEWED);
    CASE((f.work_known = false, f.work_in_item = false), PROPOSE_PERSON, REASON_REVIEWED);
    CASE((f.order = true, f.suspended = true), PROPOSE_PERSON, REASON_ORDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_regime_asks_for_is_missing_until_it_is_there),
        cmocka_unit_test(what_is_missing_is_named_in_words),
        cmocka_unit_test(proposals_follow_the_strictest_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
