/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/desk.h"

TEST(what_cannot_be_seen_is_taken_out)
{
    static const struct {
        const char *as, *is;
    } rows[] = {
        { "Lantern Records", "Lantern Records" },
        { "", "" },
        { "  Lantern \t Records ", "Lantern Records" },
        { "Lan\xE2\x80\x8Btern", "Lantern" },             /* zero width space */
        { "\xE2\x80\xAEsdroceR\xE2\x80\xAC", "sdroceR" }, /* bidi override */
        { "\xE2\x81\xA6Lantern\xE2\x81\xA9", "Lantern" }, /* isolate */
        { "\xEF\xBB\xBFLantern", "Lantern" },             /* byte order mark */
        { "Lan\xC2\xADtern", "Lantern" },                 /* soft hyphen */
        { "Lan\xF3\xA0\x81\x81tern", "Lantern" },         /* tag letter */
        { "Cafe\xCC\x81", "Caf\xC3\xA9" },                /* composed */
        { "Лантерн\xC2\xA0Звук", "Лантерн Звук" },        /* no-break space */
        { "\x01Lantern\x7F", "Lantern" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct str clean = name_clean(str_of(rows[i].as), &a);
        if (!str_is(clean, rows[i].is))
            STOP("row %zu: '%.*s'", i, STR_ARG(clean));
    }
}

TEST(names_that_look_alike_are_known)
{
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {
        { "Lantern Records", "Lаntеrn Rесоrds", true }, /* Cyrillic a, e, c, o */
        { "Lantern Records", "LANTERN RECORDS", true },
        { "Lantern Records", "Lantern\xE2\x80\x8B Records", true },
        { "Holder", "Ηolder", true }, /* Greek eta */
        { "Recordings", "RECORDINGS", true },
        { "Lantern Records", "Lantern Record", false },
        { "Лантерн", "Lantern", false },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (name_looks_like(str_of(rows[i].one), str_of(rows[i].other)) != rows[i].same)
            STOP("row %zu: '%s' and '%s'", i, rows[i].one, rows[i].other);
    }
}

TEST(a_name_of_one_script_is_no_trick)
{
    assert_false(name_is_tricky(STR("Lantern Records")));
    assert_false(name_is_tricky(STR("Лантерн Звук")));
    assert_false(name_is_tricky(STR("Café Müller")));
    assert_true(name_is_tricky(STR("Lаntern"))); /* Cyrillic a */
    assert_true(name_is_tricky(STR("Lan\xE2\x80\x8Btern")));
}

TEST(a_domain_is_compared_as_it_is_seen)
{
    assert_true(domain_looks_like(STR("lаntern.example"), STR("lantern.example")));
    assert_true(domain_looks_like(STR("xn--lntern-3nf.example"), STR("lantern.example")));
    assert_false(domain_looks_like(STR("harbour.example"), STR("lantern.example")));
    assert_false(domain_looks_like(STR("mail.lantern.example"), STR("lantern.example")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_seen_is_taken_out),
        cmocka_unit_test(names_that_look_alike_are_known),
        cmocka_unit_test(a_name_of_one_script_is_no_trick),
        cmocka_unit_test(a_domain_is_compared_as_it_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
