/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "licence/licence.h"

static const char terms_of[] = "terms \"x\"\nlicensor north\nterritories DE\ngrant stream\n"
                               "from 2027-06-01 through 2028-05-31\npay USD %d.00 a year\n";

TEST(pairs_outside_the_table_are_refused)
{
    size_t allowed = 0;
    for (int from = 0; from < DEAL_STATE_COUNT; from++)
        for (int event = 0; event < DEAL_EVENT_COUNT; event++)
            for (int other = 0; other < 2; other++) {
                bool row = false;
                enum deal_state want = DEAL_DRAFT, to;
                struct error e;
                for (size_t i = 0; i < deal_move_count; i++)
                    if (deal_moves[i].from == (enum deal_state)from &&
                        deal_moves[i].event == (enum deal_event)event &&
                        (deal_moves[i].by == BY_EITHER ||
                         (deal_moves[i].by == BY_OTHER) == (other == 1))) {
                        row = true;
                        want = deal_moves[i].to;
                    }
                enum code code = deal_move((enum deal_state)from, (enum deal_event)event, other,
                                           &to, &e);
                assert_int_equal(code, row ? OK : ERR_CONFLICT);
                if (row)
                    assert_int_equal(to, want);
                allowed += row;
            }
    assert_int_equal(allowed, 26);
    /* what is over stays over */
    for (int event = 0; event < DEAL_EVENT_COUNT; event++) {
        enum deal_state to;
        struct error e;
        assert_int_equal(deal_move(DEAL_TERMINATED, (enum deal_event)event, true, &to, &e),
                         ERR_CONFLICT);
        assert_int_equal(deal_move(DEAL_EXPIRED, (enum deal_event)event, true, &to, &e),
                         ERR_CONFLICT);
    }
}

static struct registry_act act_of(struct store_fixture *f, struct store_tx *tx)
{
    struct registry_act act = { .tx = tx,
                                .who = STR("tester"),
                                .why = STR("too dear"),
                                .now = { 1800000000000000 }, /* January 2027 */
                                .chance = &f->chance };
    CHECK_OK(registry_operator(tx, act.now, act.chance, &act.catalogue, e));
    return act;
}

static const char *offer_text(struct arena *a, int price)
{
    return arena_format(a, terms_of, price);
}

#define OFFER(price, side, out)                                                                    \
    deal_offer_put(&act, STR("North 2027"), str_of(offer_text(&a, price)), side, false, out, e)

TEST(offers_and_counter_offers_are_kept_as_they_were)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    BUF(difference);
    struct deal d;
    struct deal_offer v;
    struct terms t[2];
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    CHECK_OK(OFFER(7, SIDE_LICENSOR, &d));
    assert_int_equal(d.state, DEAL_OFFERED);
    CHECK_OK(OFFER(6, SIDE_LICENSOR, &d)); /* revises its own */
    assert_int_equal(d.state, DEAL_OFFERED);
    CHECK_OK(OFFER(2, SIDE_PLATFORM, &d));
    assert_int_equal(d.state, DEAL_COUNTERED);
    assert_int_equal(d.latest, 3);
    static const char *const prices[] = { "USD 7.00", "USD 6.00", "USD 2.00" };
    for (int64_t n = 1; n <= 3; n++) {
        CHECK_OK(deal_offer_get(tx, act.catalogue, d.id, n, &a, &v, e));
        assert_non_null(strstr(v.terms, prices[n - 1]));
        assert_string_equal(v.who, "tester");
        assert_int_equal(v.side, n < 3 ? SIDE_LICENSOR : SIDE_PLATFORM);
        assert_int_equal(strlen(v.hash), 64);
        CHECK_OK(terms_parse(str_of(v.terms), &a, &t[n == 3], NULL, e));
    }
    terms_diff(&t[0], &t[1], &difference);
    assert_string_equal((const char *)difference.bytes,
                        "~ pay USD 6.00 a year\n    -> pay USD 2.00 a year\n");
    CHECK_FAILS(ERR_NOT_FOUND, "no version 4",
                deal_offer_get(tx, act.catalogue, d.id, 4, &a, &v, e));
    CHECK_FAILS(ERR_INVALID, "line 1, column 1",
                deal_offer_put(&act, STR("x"), STR("whereas"), SIDE_PLATFORM, false, &d, e));
}

TEST(a_rejection_has_a_reason_and_ends_the_talks)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    struct deal d;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    CHECK_OK(OFFER(7, SIDE_LICENSOR, &d));
    CHECK_OK(deal_find(tx, act.catalogue, STR("North 2027"), act.now, &a, &d, e));
    CHECK_FAILS(ERR_CONFLICT, "the same side", deal_reject(&act, &d, SIDE_LICENSOR, REASON_FEE, e));
    CHECK_OK(deal_find(tx, act.catalogue, STR("North 2027"), act.now, &a, &d, e));
    CHECK_OK(deal_reject(&act, &d, SIDE_PLATFORM, REASON_FEE, e));
    CHECK_OK(deal_find(tx, act.catalogue, STR("North 2027"), act.now, &a, &d, e));
    assert_int_equal(d.state, DEAL_TERMINATED);
    assert_string_equal(d.reason, "fee");
    assert_string_equal(d.reason_words, "too dear");
    CHECK_FAILS(ERR_CONFLICT, "terminated cannot counter", OFFER(5, SIDE_PLATFORM, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_outside_the_table_are_refused),
        STORE_TEST(offers_and_counter_offers_are_kept_as_they_were),
        STORE_TEST(a_rejection_has_a_reason_and_ends_the_talks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
