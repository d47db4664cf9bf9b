/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "licence/licence.h"
#include "registry/registry.h"

#define HEAD "isrc,title,artist,duration,party,right,share,territories,from,until\n"

static void take_in(struct store_fixture *f, struct arena *a, const char *text, bool dry_run,
                    struct import_report *report)
{
    const struct import_kind *const kinds[] = { &import_catalogue, &import_parties,
                                                &import_policies };
    struct import_options options = {
        .who = STR("tester"), .now = { 1700000000000000 }, .chance = &f->chance, .dry_run = dry_run
    };
    CHECK_OK(
        registry_import(f->store, kinds, COUNT_OF(kinds), str_of(text), &options, a, report, e));
}

static void with_parties(struct store_fixture *f, struct arena *a)
{
    struct import_report report;
    take_in(f, a, "slug,name\nnorth,North\nsouth,South\n", false, &report);
    assert_int_equal(report.counts[IMPORT_PARTY][IMPORT_ADDED], 2);
}

TEST(good_lines_are_kept_and_the_same_file_changes_nothing)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    const char *file = HEAD "QZAAA2600001,One,Ann,0:03:20.5,north,,60,Worldwide -US,2026-01-01,\n"
                            "QZ-AAA-26-00001,One,Ann,,south,,40,DE FR,,2027-01-01\n"
                            "QZAAA2600002,Two,Bob,10,north,reproduction,33.333333%,,,\n";
    with_parties(f, &a);
    take_in(f, &a, file, false, &r);
    assert_string_equal(r.kind, "catalogue");
    assert_int_equal(r.lines, 3);
    assert_int_equal(r.bad, 0);
    assert_int_equal(r.counts[IMPORT_RECORDING][IMPORT_ADDED], 2);
    assert_int_equal(r.counts[IMPORT_CLAIM][IMPORT_ADDED], 3);
    take_in(f, &a, file, false, &r);
    assert_int_equal(r.counts[IMPORT_RECORDING][IMPORT_ADDED], 0);
    assert_int_equal(r.counts[IMPORT_RECORDING][IMPORT_CHANGED], 0);
    assert_int_equal(r.counts[IMPORT_CLAIM][IMPORT_SAME], 3);
}

/* Each line stands between two good ones; the file also has a byte order mark and CRLF. */
TEST(each_bad_line_is_named_and_the_lines_around_it_are_kept)
{
    static const struct {
        const char *line, *column, *words;
    } cases[] = {
        { "QZAAA26,T,A,1,north,,100,,,", "isrc", "" },
        { ",,A,1,north,,100,,,", "isrc", "neither an ISRC nor a title" },
        { "QZAAA2600009,T,A,soon,north,,100,,,", "duration", "" },
        { "QZAAA2600009,T,A,1,nobody,,100,,,", "party", "nobody" },
        { "QZAAA2600009,T,A,1,north,singing,100,,,", "right", "singing" },
        { "QZAAA2600009,T,A,1,north,,120,,,", "share", "over the whole" },
        { "QZAAA2600009,T,A,1,north,,-1,,,", "share", "below zero" },
        { "QZAAA2600009,T,A,1,north,,100,UK,,", "territories", "GB" },
        { "QZAAA2600009,T,A,1,north,,100,,2027-01-01,2026-01-01", "until", "" },
        { "QZAAA2600009,T,A,1,north,,100,,then,", "from", "" },
        { "QZAAA2600001,Another,A,1,north,,100,,,", "isrc", "line 2" },
        { "QZAAA2600009,\xff\xfe,A,1,north,,100,,,", NULL, "UTF-8" },
        { "QZAAA2600009,\"T,A,1,north,,100,,,", NULL, "quote" },
        { "QZAAA2600009,T,A,1,north,,100,,,,,more", NULL, "" },
    };
    FIXTURE(f);
    ARENA(a);
    with_parties(f, &a);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct import_report r;
        const char *file = arena_format(&a,
                                        "\xef\xbb\xbf" HEAD
                                        "QZAAA2600001,One,Ann,1,north,,100,,,\r\n%s\r\n"
                                        "QZAAA26%05zu,After,Ann,1,north,,100,,,\r\n",
                                        cases[i].line, 100 + i);
        take_in(f, &a, file, false, &r);
        const struct import_problem *p = NULL;
        for (size_t k = 0; k < r.problem_count && !p; k++)
            if (!r.problems[k].warning)
                p = &r.problems[k];
        if (r.bad != 1 || !p || p->line != 3)
            STOP("case %zu: %zu bad, line %zu", i, r.bad, p ? p->line : 0);
        if (cases[i].column && (!p->column || strcmp(p->column, cases[i].column) != 0))
            STOP("case %zu: the column is %s: %s", i, p->column ? p->column : "none", p->text);
        if (!strstr(p->text, cases[i].words))
            STOP("case %zu: \"%s\" does not say \"%s\"", i, p->text, cases[i].words);
        assert_int_equal(r.counts[IMPORT_RECORDING][IMPORT_ADDED], i == 0 ? 2 : 1);
    }
}

TEST(a_misspelt_column_refuses_the_file)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    const struct import_kind *const kinds[] = { &import_catalogue };
    struct import_options options = { .who = STR("tester"), .chance = &f->chance };
    CHECK_FAILS(ERR_INVALID, "teritories",
                registry_import(f->store, kinds, 1,
                                STR("isrc,title,party,share,teritories\nQZAAA2600001,T,n,1,US\n"),
                                &options, &a, &r, e));
    CHECK_FAILS(ERR_INVALID, "", registry_import(f->store, kinds, 1, STR(""), &options, &a, &r, e));
}

TEST(a_dry_run_reports_and_keeps_nothing)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    const char *file = HEAD "QZAAA2600001,One,Ann,1,north,,100,,,\n";
    with_parties(f, &a);
    take_in(f, &a, file, true, &r);
    assert_int_equal(r.counts[IMPORT_CLAIM][IMPORT_ADDED], 1);
    take_in(f, &a, file, false, &r);
    assert_int_equal(r.counts[IMPORT_CLAIM][IMPORT_ADDED], 1);
}

TEST(doubtful_lines_are_kept_with_a_warning)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    with_parties(f, &a);
    take_in(f, &a,
            HEAD "QZAAA2600001,One,Ann,1,north,,100,NE,,\n"
                 "QZAAA2600001,One,Ann,1,south,,40,NE,,\n",
            false, &r);
    assert_int_equal(r.bad, 0);
    assert_int_equal(r.warnings, 3);
    BUF(text);
    import_problem_format("f.csv", &r.problems[0], &text);
    assert_non_null(strstr((const char *)text.bytes, "f.csv: line 2"));
    assert_non_null(strstr((const char *)text.bytes, "NL"));
}

TEST(json_says_the_same_as_csv)
{
    FIXTURE(f);
    ARENA(a);
    struct import_report r;
    with_parties(f, &a);
    take_in(f, &a, HEAD "QZAAA2600001,One,Ann,1,north,,50,\"DE,FR\",,\n", false, &r);
    take_in(f, &a,
            "[{\"isrc\":\"QZAAA2600001\",\"title\":\"One\",\"artist\":\"Ann\",\"duration\":1,"
            "\"party\":\"north\",\"share\":50,\"territories\":[\"DE\",\"FR\"]}]",
            false, &r);
    assert_int_equal(r.bad, 0);
    assert_int_equal(r.counts[IMPORT_CLAIM][IMPORT_SAME], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(good_lines_are_kept_and_the_same_file_changes_nothing),
        STORE_TEST(each_bad_line_is_named_and_the_lines_around_it_are_kept),
        STORE_TEST(a_misspelt_column_refuses_the_file),
        STORE_TEST(a_dry_run_reports_and_keeps_nothing),
        STORE_TEST(doubtful_lines_are_kept_with_a_warning),
        STORE_TEST(json_says_the_same_as_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
