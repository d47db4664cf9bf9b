/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "licence/terms.h"

/* Every clause of the language, in its canonical form. */
static const char all_clauses[] =
    "terms \"Label A and the group, 2026\"\n"
    "licensor label-a, label-b, label-c\n"
    "licensee group\n"
    "networks main, photo\n"
    "territories Worldwide -US\n"
    "repertoire except JPTO09404900\n"
    "rights performing, reproduction\n"
    "grant stream, download, offline in subscription\n"
    "grant stream in free in apps main/web, main/android\n"
    "grant preview of 30 s in free in territories DE, FR in apps main/ios\n"
    "from 2026-01-01 through 2028-12-31\n"
    "time zone UTC+03:00\n"
    "renews for 1 year unless ended 90 days before\n"
    "currency USD\n"
    "pay USD 3,500,000.00 a year to all\n"
    "pay the greatest of\n"
    "    60 % of revenue by share of plays\n"
    "    the sum of\n"
    "        USD 0.00225 a play in free\n"
    "        USD 6.00 a subscriber in subscription by share of plays\n"
    "    end\n"
    "end to all\n"
    "split label-a 40 %, label-b 1/3, label-c 4/15\n"
    "guarantee USD 8,000,000.00 for the term\n"
    "advance USD 2,250,000.00 on 2026-01-01 recouped within the year carried over\n"
    "overage 50 %\n"
    "credit USD 3,000,000.00 \"advertising\" a year\n"
    "most favoured with label-d, label-e on flat fee, revenue share by share of plays from "
    "2026-06-01 in territories DE, FR\n"
    "most favoured with all on everything\n"
    "settle USD 1,000,000.00 for past use 2011-01-01 through 2025-12-31\n"
    "promotion 2026-03-01 through 2026-03-31 in free in territories DE\n"
    "escrow 10 % until 2027-06-30\n"
    "count plays from 30 s\n"
    "count previews\n"
    "share of plays includes unknown, unlicensed\n"
    "unattributed held 12 months then by share of plays\n"
    "allocate by user\n"
    "account quarterly within 45 days\n"
    "audit 1 a year with 30 days notice\n";

static const char least[] = "terms \"x\"\nlicensor a\nterritories Worldwide\ngrant stream\n"
                            "from 2026-01-01 through 2026-12-31\n";

static void parse(const char *text, struct arena *a, struct terms *t)
{
    CHECK_OK(terms_parse(str_of(text), a, t, NULL, e));
}

TEST(canonical_text_reads_back_as_itself)
{
    ARENA(a);
    BUF(text);
    struct terms t;
    parse(all_clauses, &a, &t);
    terms_format(&t, &text);
    assert_string_equal((const char *)text.bytes, all_clauses);
}

TEST(what_was_read_is_what_was_said)
{
    ARENA(a);
    struct terms t;
    parse(all_clauses, &a, &t);
    assert_int_equal(t.licensors.count, 3);
    assert_string_equal(t.licensors.items[1].text, "label-b");
    assert_string_equal(t.currency.code, "USD");
    assert_int_equal(t.counted_right, RIGHT_PERFORMING);
    assert_int_equal(t.fees[0].rate.n, 350000000);
    assert_true(t.fees[0].to_all);
    assert_int_equal(t.fees[1].part_count, 2);
    const struct fee *play = &t.fees[1].parts[1].parts[0];
    assert_int_equal(play->rate.n, 9); /* 0.225 cents */
    assert_int_equal(play->rate.d, 40);
    assert_int_equal(play->models, MODEL_BIT(MODEL_FREE));
    assert_int_equal(t.grants[2].clip_seconds, 30);
    assert_string_equal(t.grants[2].apps.items[0].text, "main/ios");
    assert_int_equal(t.zone_minutes, 180);
    assert_int_equal(terms_day_begin(&t, t.from).us, day_begin(t.from).us - INT64_C(10800000000));
    assert_int_equal(t.until.number, day_from_civil(2029, 1, 1).number);
    assert_int_equal(t.mfns[0].kinds, 1u << MFN_FLAT | 1u << MFN_REVENUE);
    assert_true(t.mfns[1].kinds == MFN_ALL && t.mfns[1].with.count == 0);
    assert_int_equal(t.advances[0].minor, 225000000);
    assert_int_equal(t.ratios[1].d, 3);
}

TEST(comments_blanks_and_order_do_not_count)
{
    ARENA(a);
    struct terms t, u;
    char one[TERMS_HASH_TEXT], two[TERMS_HASH_TEXT];
    parse(least, &a, &t);
    parse("\xEF\xBB\xBF# for people\r\n\r\nlicensor a   # us\r\n\tfrom 2026-01-01 through "
          "2026-12-31\r\ngrant stream\r\nterritories Worldwide\r\nterms \"x\"",
          &a, &u);
    terms_hash(&t, one);
    terms_hash(&u, two);
    assert_string_equal(one, two);
    parse("terms \"y\"\nlicensor a\nterritories Worldwide\ngrant stream\nfrom 2026-01-01", &a, &u);
    terms_hash(&u, two);
    assert_string_not_equal(one, two);
}

TEST(each_mistake_is_told_with_its_place_and_what_was_expected)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        { "pay 60 percent of revenue", "line 6, column 8: expected \"%\", found \"percent\"" },
        { "pay USD 1,00 a year", "line 6, column 10: expected \"once\"" },
        { "pay USD 1.005 a year", "line 6, column 5: expected whole minor units of USD" },
        { "pay JPY 10.5 a year", "line 6, column 5: expected whole minor units of JPY" },
        { "pay USD 100 a week", "column 15: expected \"month\", \"quarter\", \"year\"" },
        { "pay XXQ 100 a year", "column 5: expected a fee" },
        { "pay 160 % of revenue", "column 5: expected a part of at most 100 %" },
        { "pay USD 9999999999999999 a year", "expected an amount of at most" },
        { "pay USD 9999999999999.99 a year\npay EUR 1.00 a year",
          "line 7, column 5: expected USD, the currency of the first sum, found EUR" },
        { "pay the greatest of", "line 6, column 5: expected \"end\" behind this block" },
        { "pay the greatest of\nend", "line 6, column 5: expected at least one fee" },
        { "pay the best of", "expected \"greatest of\", \"least of\" or \"sum of\"" },
        { "pay USD 1.00 a year in free", "a flat sum is not for a model" },
        { "pay USD 1.00 a play by share of plays", "only revenue and subscribers" },
        { "pay USD 1.00 a year to both", "expected \"each\" or \"all\", found \"both\"" },
        { "split a 99.999999 %", "column 7: the parts sum to 99.999999 %: expected 100 %" },
        { "split b 100 %", "column 7: \"b\" is not a licensor of these terms" },
        { "territories FR", "line 6, column 1: \"territories\" stands on line 3 already" },
        { "grant stream in territories UK", "United Kingdom" },
        { "grant preview of 30 s, stream", "stands alone" },
        { "grant whistle", "expected a use: stream, preview, download or offline" },
        { "advance USD 1.00 on soon recouped within the year",
          "column 21: expected a day such as 2026-01-31, found \"soon\"" },
        { "advance USD 1.00 on 2027-01-01 recouped within the year", "after the last day" },
        { "advance USD 1.00 on 2026-01-01 recouped within the term carried over",
          "cannot be carried over" },
        { "promotion 2026-12-01 through 2027-01-31", "outside of the period" },
        { "settle USD 1.00 for past use 2025-01-01 through 2026-01-01", "before the first day" },
        { "escrow 60 % until 2027-01-01\nescrow 50 % until 2027-02-01", "line 7, column 8: more" },
        { "most favoured with a on everything\npay USD 1.00 a year", "compared with themselves" },
        { "most favoured with b on everything", "no fee to be most favoured on" },
        { "licensee a", "cannot be licensor and licensee" },
        { "count plays from 31 s", "plays are kept in these classes" },
        { "time zone Moscow", "expected a zone such as UTC+03:00" },
        { "promotion 2026-02-29 through 2026-03-01", "expected a day such as 2026-01-31" },
        { "credit USD 5.00 advertising a year", "expected what is given, in \"quotes\"" },
        { "credit USD 5.00 \"advertising a year", "expected a closing \"" },
        { "unattributed held 12 months then burned", "\"by share of plays\" or \"returned\"" },
        { "account daily", "expected \"monthly\", \"quarterly\" or \"yearly\"" },
        { "whereas the parties", "expected a clause" },
        { "pay 5 % of revenue", "column 5: expected a clause \"currency\"" },
        { "currency EUR\npay USD 1.00 a year", "line 7, column 5: expected EUR" },
        { "overage 50 % extra", "column 14: expected the end of the line, found \"extra\"" },
        { "repertoire only XX", "ISRC" },
        { "rights singing", "making_available" },
        { "networks main, main", "\"main\" stands twice" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct terms t;
        char text[2000];
        snprintf(text, sizeof text, "%s%s\n", least, rows[i].line);
        CHECK_FAILS(ERR_INVALID, rows[i].says, terms_parse(str_of(text), &a, &t, NULL, e));
    }
}

TEST(all_mistakes_are_told_at_once)
{
    ARENA(a);
    struct terms t;
    struct terms_problems problems;
    CHECK_FAILS(ERR_INVALID, "line 2, column 10",
                terms_parse(STR("terms \"x\"\nlicensor ?\npay the greatest of\n  5 of revenue\n"
                                "end\ngrant nothing\nfrom 2026-13-01\n"),
                            &a, &t, &problems, e));
    static const uint32_t lines[] = { 2, 4, 6, 7, 8 };
    assert_int_equal(problems.count, COUNT_OF(lines));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_int_equal(problems.items[i].at.line, lines[i]);
    assert_non_null(strstr(problems.items[4].text, "expected a clause \"territories\""));
}

TEST(terms_that_contradict_are_refused)
{
    ARENA(a);
    struct terms t;
    CHECK_FAILS(ERR_INVALID, "a sum for the term needs a last day",
                terms_parse(STR("terms \"x\"\nlicensor a\nterritories DE\ngrant stream\nfrom "
                                "2026-01-01\npay USD 1.00 for the term\n"),
                            &a, &t, NULL, e));
    CHECK_FAILS(ERR_INVALID, "outside of those of the terms",
                terms_parse(STR("terms \"x\"\nlicensor a\nterritories DE\ngrant stream in "
                                "territories FR\nfrom 2026-01-01\n"),
                            &a, &t, NULL, e));
    CHECK_FAILS(ERR_INVALID, "there are several licensors",
                terms_parse(STR("terms \"x\"\nlicensor a, b\nterritories DE\ngrant stream\nfrom "
                                "2026-01-01\npay USD 1.00 a year\n"),
                            &a, &t, NULL, e));
    CHECK_FAILS(ERR_INVALID, "the last day is before the first",
                terms_parse(STR("terms \"x\"\nlicensor a\nterritories DE\ngrant stream\nfrom "
                                "2026-01-02 through 2026-01-01\n"),
                            &a, &t, NULL, e));
    CHECK_FAILS(ERR_INVALID, "UTF-8", terms_parse(STR("terms \"\xFF\""), &a, &t, NULL, e));
}

TEST(a_difference_reads_clause_by_clause)
{
    static const struct {
        const char *from, *to, *want;
    } rows[] = {
        { "", "", "" },
        { "pay USD 1.00 a year", "pay USD 2.00 a year",
          "~ pay USD 1.00 a year\n    -> pay USD 2.00 a year\n" },
        { "", "escrow 5 % until 2027-01-01", "+ escrow 5 % until 2027-01-01\n" },
        { "pay USD 1.00 a year\npay USD 1.00 a year", "pay USD 1.00 a year",
          "- pay USD 1.00 a year\n" },
        { "pay USD 1.00 a year\npay USD 0.5 a play", "pay USD 0.50 a play\npay USD 1.0 a year",
          "" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        BUF(out);
        struct terms t, u;
        char text[2000];
        buf_text(&out, "");
        /* a fee in both, so that the clauses on counting are there */
        snprintf(text, sizeof text, "%spay USD 7.00 a month\n%s\n", least, rows[i].from);
        parse(text, &a, &t);
        snprintf(text, sizeof text, "%spay USD 7.00 a month\n%s\n", least, rows[i].to);
        parse(text, &a, &u);
        terms_diff(&t, &u, &out);
        assert_string_equal(out.length ? (const char *)out.bytes : "", rows[i].want);
    }
}

TEST(spans_begin_on_the_same_day_or_the_last_of_the_month)
{
    ARENA(a);
    struct terms t;
    struct day from, until;
    parse("terms \"x\"\nlicensor a\nterritories DE\ngrant stream\nfrom 2024-01-31 through "
          "2025-01-30\n",
          &a, &t);
    assert_true(terms_window(&t, SPAN_MONTH, 1, &from, &until));
    assert_int_equal(from.number, day_from_civil(2024, 2, 29).number); /* a leap year */
    assert_int_equal(until.number, day_from_civil(2024, 3, 31).number);
    assert_true(terms_window(&t, SPAN_YEAR, 0, &from, &until));
    assert_int_equal(until.number - from.number, 366);
    assert_false(terms_window(&t, SPAN_YEAR, 1, &from, &until));
    for (int64_t n = 0; n < 11; n++) { /* without a gap */
        struct day next, end;
        assert_true(terms_window(&t, SPAN_MONTH, n, &from, &until));
        assert_true(terms_window(&t, SPAN_MONTH, n + 1, &next, &end));
        assert_int_equal(until.number, next.number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_text_reads_back_as_itself),
        cmocka_unit_test(what_was_read_is_what_was_said),
        cmocka_unit_test(comments_blanks_and_order_do_not_count),
        cmocka_unit_test(each_mistake_is_told_with_its_place_and_what_was_expected),
        cmocka_unit_test(all_mistakes_are_told_at_once),
        cmocka_unit_test(terms_that_contradict_are_refused),
        cmocka_unit_test(a_difference_reads_clause_by_clause),
        cmocka_unit_test(spans_begin_on_the_same_day_or_the_last_of_the_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
