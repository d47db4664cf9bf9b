/* SPDX-License-Identifier: Apache-2.0 */
/* Every clause of terms, priced. */
#include "pricing.h"

#define HEAD                                                                                       \
    "terms \"t\"\nlicensor a\nterritories Worldwide\ngrant stream\n"                               \
    "from 2026-01-01 through 2026-12-31\naccount yearly\n"
#define USD "currency USD\n"
#define HEAD_TWO                                                                                   \
    "terms \"t\"\nlicensor a, b\nterritories Worldwide\ngrant stream\n"                            \
    "from 2026-01-01 through 2026-12-31\naccount yearly\n"

/* a 600, b 300, nobody 100; 100 previews of a */
static const char plays[] = "day,holder,territory,network,app,model,kind,seconds,plays\n"
                            "2026-01-10,a,DE,main,web,free,full,240,400\n"
                            "2026-07-10,a,RU,main,web,subscription,full,240,200\n"
                            "2026-03-10,b,DE,main,web,free,full,240,300\n"
                            "2026-03-10,,DE,main,web,free,full,240,100\n"
                            "2026-03-11,a,DE,main,web,free,preview,240,100\n"
                            "2026-03-11,a,DE,main,web,free,full,10,1000\n";
static const char figures[] = "from,through,model,currency,revenue,subscribers\n"
                              "2026-01-01,2026-12-31,free,USD,1000.00,0\n"
                              "2026-01-01,2026-12-31,subscription,USD,500.00,10\n";

static void price(struct scene *s)
{
    CHECK_OK(price_run(&s->in, &s->arena, &s->price, e));
}

TEST(each_clause_costs_what_it_says)
{
    static const struct {
        const char *terms, *want;
    } rows[] = {
        { HEAD "pay USD 365.00 a year", "fee a 36500" },
        { HEAD "pay USD 10.00 a month", "fee a 12000" },
        { HEAD "pay USD 10.00 a quarter", "fee a 4000" },
        { HEAD "pay USD 10.00 for the term", "fee a 1000" },
        { HEAD "pay USD 10.00 once", "fee a 1000" },
        { HEAD "pay USD 1.00 a year\npay USD 2.00 a year", "fee a 300" },
        { HEAD "pay USD 0.005 a play", "fee a 300" },
        { HEAD "pay USD 0.005 a play in subscription", "fee a 100" },
        { HEAD "pay USD 0.005 a play in territories RU", "fee a 100" },
        { HEAD "pay USD 0.005 a play\ncount previews", "fee a 350" },
        { HEAD "pay USD 0.005 a play\ncount plays from 10 s", "fee a 800" },
        { HEAD "pay USD 0.005 a play\npromotion 2026-01-01 through 2026-01-31", "fee a 100" },
        { HEAD USD "pay 10 % of revenue", "fee a 15000" },
        { HEAD USD "pay 10 % of revenue in subscription", "fee a 5000" },
        { HEAD USD "pay 10 % of revenue by share of plays", "fee a 15000" },
        { HEAD USD "pay 10 % of revenue by share of plays\nshare of plays includes unlicensed",
          "fee a 10000" },
        { HEAD USD
          "pay 10 % of revenue by share of plays\nshare of plays includes unknown, unlicensed",
          "fee a 9000; unattributed_held - 1500" },
        { HEAD USD "pay 1/3 of revenue", "fee a 50000" },
        { HEAD "pay USD 6.00 a subscriber in subscription", "fee a 6000" },
        { HEAD "pay USD 6.00 a subscriber by share of plays\nshare of plays includes unlicensed",
          "fee a 4000" },
        { HEAD "pay the greatest of\nUSD 0.005 a play\n10 % of revenue\nend", "fee a 15000" },
        { HEAD "pay the least of\nUSD 0.005 a play\n10 % of revenue\nend", "fee a 300" },
        { HEAD "pay the sum of\nUSD 0.005 a play\n10 % of revenue\nend", "fee a 15300" },
        { HEAD_TWO "pay USD 9.00 a year to each", "fee a 900; fee b 900" },
        { HEAD_TWO "pay USD 9.00 a year to all", "fee a 600; fee b 300" },
        { HEAD_TWO "pay USD 9.00 a year to all\nsplit equally", "fee a 450; fee b 450" },
        { HEAD_TWO "pay USD 0.01 a year to all\nsplit equally", "fee a 1; fee b 0" },
        { HEAD_TWO "pay USD 9.00 a year to all\nsplit a 1/3, b 2/3", "fee a 300; fee b 600" },
        { HEAD_TWO "pay USD 0.01 a play", "fee a 600; fee b 300" },
        { HEAD_TWO "pay USD 0.01 a play to all", "fee a 600; fee b 300" },
        { HEAD "pay USD 1.00 a year\nguarantee USD 5.00 a year", "fee a 100; guarantee a 400" },
        { HEAD "pay USD 7.00 a year\nguarantee USD 5.00 for the term", "fee a 700" },
        { HEAD_TWO "guarantee USD 9.00 a year", "guarantee a 600; guarantee b 300" },
        { HEAD "pay USD 5.00 a year\nadvance USD 2.00 on 2026-01-01 recouped within the year",
          "fee a 500; advance a 200; recouped a -200" },
        { HEAD "pay USD 1.00 a year\nadvance USD 2.00 on 2026-01-01 recouped within the year",
          "fee a 100; advance a 200; recouped a -100; advance_lapsed a 100" },
        { HEAD "pay USD 5.00 a year\nadvance USD 2.00 on 2026-01-01 recouped within the year\n"
               "overage 50 %",
          "fee a 500; advance a 200; recouped a -200; overage_waived a -150" },
        { HEAD "settle USD 100.00 for past use 2011-01-01 through 2025-12-31",
          "settlement a 10000" },
        { HEAD "pay USD 5.00 a year\nescrow 10 % until 2027-06-30",
          "fee a 500; escrow_held a -50" },
        { HEAD "credit USD 300.00 \"advertising\" a year", "credit a 30000" },
        { HEAD "pay KWD 1.234 a year", "fee a 1234" },
        { HEAD "pay JPY 1234 a year", "fee a 1234" },
        { HEAD "pay USD 100000000000000.00 a year", "fee a 10000000000000000" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SCENE(s);
        scene_begin(&s, plays);
        scene_terms(&s, rows[i].terms);
        if (!strstr(rows[i].terms, "KWD") && !strstr(rows[i].terms, "JPY"))
            scene_figures(&s, figures);
        price(&s);
        if (strcmp(scene_lines(&s), rows[i].want) != 0)
            STOP("%s\ngives %s\nwant %s", rows[i].terms, scene_lines(&s), rows[i].want);
    }
}

TEST(parts_of_a_year_sum_to_the_year_leap_or_not)
{
    static const char *const starts[] = { "2024-01-01", "2024-02-29", "2025-01-31", "2026-06-15" };
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        SCENE(s);
        char text[400];
        int64_t sum;
        scene_begin(&s, plays);
        snprintf(text, sizeof text,
                 "terms \"t\"\nlicensor a\nterritories DE\ngrant stream\nfrom %s\n"
                 "pay USD 1,000,000.01 a year\naccount monthly\n",
                 starts[i]);
        scene_terms(&s, text);
        CHECK_OK(day_parse(str_of(starts[i]), &s.in.from, e));
        s.in.until = day_months_later(s.in.from, 36);
        price(&s);
        assert_int_equal(s.price.count, 36);
        CHECK_OK(price_sum(&s.price, 0, 0, true, &sum, e));
        assert_int_equal(sum, 3 * 100000001);
    }
}

TEST(what_is_held_is_let_go_in_its_time_also_behind_the_last_day)
{
    SCENE(s);
    scene_begin(&s, plays);
    scene_figures(&s, figures);
    scene_terms(&s,
                HEAD USD "pay 10 % of revenue by share of plays\nshare of plays includes unknown\n"
                         "unattributed held 6 months then by share of plays\n"
                         "escrow 10 % until 2027-06-30\n");
    CHECK_OK(period_parse(STR("2026-01-01..2028-12-31"), &s.in.from, &s.in.until, e));
    price(&s);
    /* 15000 * 6/7 without the others; the unknown 1/7 goes to a when six months have passed */
    assert_string_equal(scene_lines(&s),
                        "fee a 12857; unattributed_held - 2142; escrow_held a -1285; "
                        "unattributed_shared a 2142; escrow_released a 1285");
}

TEST(returned_money_is_nobodys_due)
{
    SCENE(s);
    int64_t due;
    scene_begin(&s, plays);
    scene_figures(&s, figures);
    scene_terms(&s,
                HEAD USD "pay 10 % of revenue by share of plays\nshare of plays includes unknown\n"
                         "unattributed held 0 months then returned\n");
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 12857; unattributed_held - 2142; "
                                         "unattributed_returned - 2142");
    CHECK_OK(price_sum(&s.price, 0, LICENSOR_NONE, true, &due, e));
    assert_int_equal(due, 12857);
}

TEST(advances_go_on_into_the_next_year_where_they_are_carried)
{
    SCENE(s);
    scene_begin(&s, plays);
    scene_terms(&s, "terms \"t\"\nlicensor a\nterritories DE\ngrant stream\n"
                    "from 2026-01-01 through 2027-12-31\npay USD 1.00 a month\n"
                    "advance USD 18.00 on 2025-12-01 recouped within the year carried over\n");
    CHECK_OK(period_parse(STR("2026-01-01..2027-12-31"), &s.in.from, &s.in.until, e));
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 2400; advance a 1800; recouped a -1800");
    /* the second year alone knows what the first has left */
    s.price = (struct price) { 0 };
    CHECK_OK(period_parse(STR("2027"), &s.in.from, &s.in.until, e));
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 1200; recouped a -600");
}

#define FEE_OF(who, fee, more)                                                                     \
    "terms \"" who "\"\nlicensor " who                                                             \
    "\nterritories Worldwide\ngrant stream\nfrom 2026-01-01 through 2026-12-31\naccount yearly\n"  \
    "pay " fee "\n" more

TEST(most_favoured_terms_rise_along_the_chain_and_say_why)
{
    SCENE(s);
    scene_begin(&s, plays);
    scene_terms(&s, FEE_OF("a", "USD 1.00 a year", "most favoured with b on flat fee\n"));
    scene_terms(&s, FEE_OF("b", "USD 2.00 a year", "most favoured with c on everything\n"));
    scene_terms(&s, FEE_OF("c", "USD 3.00 a year", "most favoured with a on flat fee\n"));
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 300; fee b 300; fee c 300");
    assert_int_equal(s.price.note_count, 3);
    assert_string_equal(
        s.price.notes[0],
        "a: flat fee of line 7 rises from USD 1.00 to 2.00: line 8 is most favoured "
        "with b (b, line 7)");
    assert_non_null(strstr(s.price.notes[2], "from USD 2.00 to 3.00"));
    assert_non_null(strstr(s.price.notes[2], "itself raised"));
}

TEST(most_favoured_clauses_have_a_scope_a_date_and_a_measure)
{
    static const struct {
        const char *mfn, *want;
    } rows[] = {
        { "most favoured with all on revenue share", "fee a 100; fee b 400" },
        { "most favoured with all on flat fee from 2026-06-01", "fee a 100; fee b 400" },
        { "most favoured with all on flat fee from 2026-01-01", "fee a 400; fee b 400" },
        { "most favoured with all on flat fee in territories DE", "fee a 400; fee b 400" },
        { "most favoured with c on flat fee", "fee a 100; fee b 400" },
        /* a has 600 plays and b 300: per share of plays b's sum is 800 to a */
        { "most favoured with all on flat fee by share of plays", "fee a 800; fee b 400" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SCENE(s);
        char text[600];
        scene_begin(&s, plays);
        snprintf(text, sizeof text, FEE_OF("a", "USD 1.00 a year", "%s\n"), rows[i].mfn);
        scene_terms(&s, text);
        scene_terms(&s, FEE_OF("b", "USD 4.00 a year", ""));
        price(&s);
        if (strcmp(scene_lines(&s), rows[i].want) != 0)
            STOP("%s gives %s", rows[i].mfn, scene_lines(&s));
    }
}

TEST(most_favoured_clauses_that_never_settle_are_refused)
{
    SCENE(s);
    scene_begin(&s, plays);
    scene_terms(
        &s, FEE_OF("a", "USD 1.00 a year", "most favoured with b on flat fee by share of plays\n"));
    scene_terms(&s, FEE_OF("b", "USD 4.00 a year", "most favoured with a on flat fee\n"));
    CHECK_FAILS(ERR_INVALID, "without end", price_run(&s.in, &s.arena, &s.price, e));
}

TEST(revenue_in_another_currency_is_changed_at_the_rate_of_the_windows_last_day)
{
    SCENE(s);
    scene_begin(&s, plays);
    scene_figures(&s, "from,through,currency,revenue\n2026-01-01,2026-12-31,JPY,1000\n");
    scene_terms(&s, HEAD USD "pay 100 % of revenue");
    CHECK_FAILS(ERR_INVALID, "no rate from JPY to USD on or before 2026-12-31",
                price_run(&s.in, &s.arena, &s.price, e));
    scene_rates(&s, "day,from,to,rate,source\n2026-01-01,JPY,USD,0.01,x\n"
                    "2026-12-31,USD,JPY,125,x\n2027-01-01,JPY,USD,5,x\n");
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 800"); /* 1000 / 125 = 8.00 */
}

TEST(co_owned_plays_count_for_each_by_share)
{
    SCENE(s);
    scene_begin(&s, "day,holder,territory,network,app,share,plays\n"
                    "2026-01-10,a,DE,main,web,60,100\n2026-01-10,b,DE,main,web,39.5,100\n"
                    "2026-01-10,,DE,main,web,0.5,100\n");
    scene_terms(&s, HEAD_TWO "pay USD 1.00 a play\npay USD 9.95 a year to all\n");
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 6600; fee b 4345");
}

TEST(only_plays_within_the_grant_count)
{
    static const struct {
        const char *terms, *want;
    } rows[] = {
        { "networks photo\nterritories Worldwide\ngrant stream\n", "fee a 0" },
        { "territories FR\ngrant stream\n", "fee a 0" },
        { "territories Worldwide\ngrant stream in apps main/ios\n", "fee a 0" },
        { "territories Worldwide\ngrant stream in apps main/web in free\n", "fee a 400" },
        { "territories Worldwide\ngrant stream in territories RU\n", "fee a 200" },
        { "territories Worldwide -RU\ngrant stream in apps web\n", "fee a 400" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SCENE(s);
        char text[600];
        scene_begin(&s, plays);
        snprintf(text, sizeof text,
                 "terms \"t\"\nlicensor a\nfrom 2026-01-01 through 2026-12-31\naccount yearly\n"
                 "pay USD 0.01 a play\n%s",
                 rows[i].terms);
        scene_terms(&s, text);
        price(&s);
        if (strcmp(scene_lines(&s), rows[i].want) != 0)
            STOP("%s gives %s", rows[i].terms, scene_lines(&s));
    }
}

TEST(what_cannot_be_priced_is_refused_with_its_place)
{
    static const struct {
        const char *terms, *says;
        enum code code;
    } rows[] = {
        { HEAD USD "pay 10 % of revenue", "t: line 8, column 5: the fee needs figures of revenue",
          ERR_INVALID },
        { HEAD "pay USD 0.01 a subscriber",
          "line 7, column 5: the fee needs figures of subscribers", ERR_INVALID },
        { HEAD "pay USD 900000000000000.00 a month\npay USD 900000000000000.00 a month", "", OK },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SCENE(s);
        scene_begin(&s, plays);
        scene_terms(&s, rows[i].terms);
        if (rows[i].code == OK)
            price(&s);
        else
            CHECK_FAILS(rows[i].code, rows[i].says, price_run(&s.in, &s.arena, &s.price, e));
    }
    SCENE(s);
    scene_begin(&s, plays);
    scene_terms(&s, HEAD "pay USD 1.00 a year");
    CHECK_OK(period_parse(STR("2026-01-01..2026-06-30"), &s.in.from, &s.in.until, e));
    CHECK_FAILS(ERR_INVALID, "the period cuts the accounting year of 2026-01-01 through 2026-12-31",
                price_run(&s.in, &s.arena, &s.price, e));
    s.in.cut = true;
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 49"); /* 181 of 365 days */
}

TEST(amounts_near_the_end_of_64_bits_are_exact_or_refused)
{
    SCENE(s);
    scene_begin(&s, "day,holder,territory,network,app,plays\n"
                    "2026-01-10,a,DE,main,web,92233720368\n");
    scene_figures(&s, "from,through,currency,revenue\n"
                      "2026-01-01,2026-12-31,USD,9223372036854.77\n");
    scene_terms(&s, HEAD USD "pay 100 % of revenue by share of plays\n"
                             "share of plays includes unknown, unlicensed\n");
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 922337203685477");
    SCENE(big);
    scene_begin(&big, "day,holder,territory,network,app,plays\n"
                      "2026-01-10,a,DE,main,web,92233720368\n");
    scene_terms(&big, HEAD "pay USD 1,000,000,000.00 a play\n");
    CHECK_FAILS(ERR_LIMIT, "line 7", price_run(&big.in, &big.arena, &big.price, e));
}

TEST(a_pool_without_plays_is_shared_equally)
{
    SCENE(s);
    scene_begin(&s, "day,holder,territory,network,app,plays\n");
    scene_terms(&s, HEAD_TWO "pay USD 9.01 a year to all\npay USD 1.00 a play\n");
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 451; fee b 450");
}

TEST(users_count_once_each_when_money_is_shared_by_user)
{
    SCENE(s);
    struct figure *f;
    scene_begin(&s, plays);
    scene_terms(&s, HEAD_TWO USD "pay 100 % of revenue by share of plays\nallocate by user\n");
    CHECK_OK(figures_read_csv(STR("from,through,currency,revenue\n"
                                  "2026-01-01,2026-12-31,USD,30.00\n"),
                              &s.arena, &f, &s.in.figure_count, e));
    s.in.figures = f;
    /* one user plays a 999 times, two play b once: b has two of three users */
    for (int user = 0; user < 3; user++) {
        struct cube_row row = s.cube.rows[0];
        row.holder = user ? 1 : 0;
        row.weight_e8 = (user ? 1 : 999) * SHARE_WHOLE_E8;
        CHECK_OK(cube_user(&s.cube, &row, 1, e));
    }
    CHECK_OK(cube_seal(&s.cube, e));
    price(&s);
    assert_string_equal(scene_lines(&s), "fee a 1000; fee b 2000");
}

TEST(bad_lines_of_plays_are_named_and_the_others_count)
{
    ARENA(a);
    struct cube c;
    struct cube_report report = { 0 };
    cube_init(&c, &a);
    CHECK_OK(cube_read_csv(&c,
                           STR("day,holder,territory,network,app,share,plays\n"
                               "2026-01-10,a,DE,main,web,100,1\n2026-02-30,a,DE,main,web,100,1\n"
                               "2026-01-10,a,UK,main,web,100,1\n2026-01-10,a,DE,main,web,101,1\n"
                               "2026-01-10,a,DE,main,web,100,-1\n2026-01-10,a,DE,main,web,100,1\n"
                               "2026-01-10,a,DE,main,web,100,92233720369\n"),
                           &report, e));
    assert_int_equal(report.bad, 5);
    assert_int_equal(c.count, 1);
    assert_int_equal(c.rows[0].weight_e8, 2 * SHARE_WHOLE_E8);
    cube_done(&c);
    CHECK_FAILS(ERR_INVALID, "\"plays\" is missing",
                cube_read_csv(&c, STR("day,holder,territory,network,app\n"), &report, e));
    cube_done(&c);
}

TEST(periods_are_read)
{
    static const struct {
        const char *text, *from, *last;
    } rows[] = {
        { "2026", "2026-01-01", "2026-12-31" },
        { "2024-02", "2024-02-01", "2024-02-29" },
        { "2026-Q4", "2026-10-01", "2026-12-31" },
        { "2026-03-05", "2026-03-05", "2026-03-05" },
        { "2026-01-31..2026-02-01", "2026-01-31", "2026-02-01" },
    };
    struct day from, until;
    char text[INSTANT_TEXT];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_OK(period_parse(str_of(rows[i].text), &from, &until, e));
        until.number--;
        assert_string_equal(day_format(from, text), rows[i].from);
        assert_string_equal(day_format(until, text), rows[i].last);
    }
    static const char *const bad[] = {
        "", "26", "2026-13", "2026-Q5", "2026-1", "2026-02..", "2026-02-02..2026-02-01", "x"
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct error e;
        assert_int_equal(period_parse(str_of(bad[i]), &from, &until, &e), ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_clause_costs_what_it_says),
        cmocka_unit_test(parts_of_a_year_sum_to_the_year_leap_or_not),
        cmocka_unit_test(what_is_held_is_let_go_in_its_time_also_behind_the_last_day),
        cmocka_unit_test(returned_money_is_nobodys_due),
        cmocka_unit_test(advances_go_on_into_the_next_year_where_they_are_carried),
        cmocka_unit_test(most_favoured_terms_rise_along_the_chain_and_say_why),
        cmocka_unit_test(most_favoured_clauses_have_a_scope_a_date_and_a_measure),
        cmocka_unit_test(most_favoured_clauses_that_never_settle_are_refused),
        cmocka_unit_test(
            revenue_in_another_currency_is_changed_at_the_rate_of_the_windows_last_day),
        cmocka_unit_test(co_owned_plays_count_for_each_by_share),
        cmocka_unit_test(only_plays_within_the_grant_count),
        cmocka_unit_test(what_cannot_be_priced_is_refused_with_its_place),
        cmocka_unit_test(amounts_near_the_end_of_64_bits_are_exact_or_refused),
        cmocka_unit_test(a_pool_without_plays_is_shared_equally),
        cmocka_unit_test(users_count_once_each_when_money_is_shared_by_user),
        cmocka_unit_test(bad_lines_of_plays_are_named_and_the_others_count),
        cmocka_unit_test(periods_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
