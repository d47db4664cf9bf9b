/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "registry/registry.h"

TEST(the_table_is_sorted_and_each_code_is_found)
{
    char before[3] = "";
    for (int i = 0; i < TERRITORY_COUNT; i++) {
        struct territory t = { (uint8_t)i }, back;
        assert_true(strcmp(before, territory_code(t)) < 0);
        snprintf(before, sizeof before, "%s", territory_code(t));
        CHECK_OK(territory_parse(str_of(territory_code(t)), &back, e));
        assert_int_equal(back.index, i);
        assert_true(strlen(territory_english(t)) > 2);
        assert_true(strlen(territory_russian(t)) > 4);
    }
    assert_int_equal(TERRITORY_COUNT, 250);
}

static const struct row {
    const char *text, *canonical;
    int count;
} rows[] = {
    { "Worldwide", "Worldwide", 250 },
    { "WORLD", "Worldwide", 250 },
    { "DE,FR", "DE,FR", 2 },
    { "fr de", "DE,FR", 2 },
    { "FR;DE\nDE", "DE,FR", 2 },
    { "Worldwide -US", "Worldwide -US", 249 },
    { "Worldwide -US +CA", "Worldwide -US", 249 },
    { "Worldwide -US +US", "Worldwide", 250 },
    { "Worldwide,-US,-CA,+CA", "Worldwide -US", 249 },
    { "+DE +FR -DE", "FR", 1 },
    { "DE Worldwide -FR", "Worldwide -FR", 249 },
    { "XK", "XK", 1 },
    /* TIS: countries, the world, and groups with the members of a day */
    { "276 4 840", "AF,DE,US", 3 },
    { "2136 -840", "Worldwide -US", 249 },
    { "2WL -US", "Worldwide -US", 249 },
    { "BENELUX", "BE,LU,NL", 3 },
    { "EU@1958-01-01", "BE,DE,FR,IT,LU,NL", 6 },
    { "EU@1972-12-31", "BE,DE,FR,IT,LU,NL", 6 },
    { "EU@1973-01-01", "BE,DE,DK,FR,GB,IE,IT,LU,NL", 9 },
    { "eu@2004-04-30 -GB", "AT,BE,DE,DK,ES,FI,FR,GR,IE,IT,LU,NL,PT,SE", 14 },
    { "DE GB -2123@2020-02-01", "GB", 1 },
    { "CIS@2009-08-17 -RU -UA", "AM,AZ,BY,GE,KG,KZ,MD,TJ,UZ", 9 },
    { "CIS@2009-08-18 -RU -UA", "AM,AZ,BY,KG,KZ,MD,TJ,UZ", 8 },
};

TEST(groups_have_the_members_of_the_day_that_is_asked)
{
    static const struct {
        const char *day;
        int eu, eea;
    } days[] = { { "1994-01-01", 12, 17 }, { "1995-01-01", 15, 17 }, { "1995-05-01", 15, 18 },
                 { "2004-05-01", 25, 28 }, { "2007-01-01", 27, 28 }, { "2007-08-01", 27, 30 },
                 { "2013-07-01", 28, 30 }, { "2014-04-12", 28, 31 }, { "2020-01-31", 28, 31 },
                 { "2020-02-01", 27, 30 } };
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        struct territory_set eu, eea;
        struct day day;
        CHECK_OK(day_parse(str_of(days[i].day), &day, e));
        CHECK_OK(territory_set_parse_on(STR("EU"), day, &eu, NULL, e));
        assert_int_equal(territory_set_count(&eu), days[i].eu);
        CHECK_OK(territory_set_parse_on(STR("2121 XK"), day, &eea, NULL, e));
        assert_int_equal(territory_set_count(&eea), days[i].eea + 1);
    }
}

TEST(parts_are_applied_from_left_to_right)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct territory_set s;
        BUF(b);
        CHECK_OK(territory_set_parse(str_of(rows[i].text), &s, NULL, e));
        territory_set_format(&s, &b);
        assert_string_equal((char *)b.bytes, rows[i].canonical);
        assert_int_equal(territory_set_count(&s), rows[i].count);
    }
}

static const struct bad {
    const char *text, *says;
} bads[] = {
    { "", "no territory" },
    { " , ", "no territory" },
    { "-US", "an exclusion cannot come first: write \"Worldwide -US\"" },
    { "DE -DE", "no territory is left" },
    { "DE -Worldwide", "leaves nothing" },
    { "UK", "did you mean GB" },
    { "Worldwide -uk", "did you mean GB" },
    { "SU", "Soviet Union" },
    { "YU", "name RS, ME" },
    { "AN", "BQ, CW and SX" },
    { "2120", "name the states that are meant" },
    { "EEA@1990-01-01", "no members on that day" },
    { "DE@2019-01-01", "only a group of countries has a day" },
    { "EU@2019-13-01", "2019-13-01" },
    { "2WL -2136", "leaves nothing" },
    { "999", "two letters" },
    { "SUHH", "withdrawn" },
    { "DEU", "two letters" },
    { "QQ", "\"QQ\" is not a territory" },
    { "D", "two letters" },
    { "DE/FR", "two letters" },
};

TEST(what_is_not_a_territory_is_refused_with_a_hint)
{
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        struct territory_set s;
        CHECK_FAILS(ERR_INVALID, bads[i].says,
                    territory_set_parse(str_of(bads[i].text), &s, NULL, e));
    }
}

static const struct lint {
    const char *text, *says; /* NULL: no warning */
} lints[] = {
    { "BE,NE,LU", "NE is Niger; the Netherlands are NL" },
    { "NE,NL", NULL },
    { "Worldwide -NE", NULL },
    { "GE,FR", "GE is Georgia" },
    { "GE,DE", NULL },
    { "AU,DE,CH", "AU is Australia; Austria is AT" },
    { "AU,NZ", NULL },
    { "AU", NULL },
    { "AU,NZ,DE", NULL },
    { "Worldwide +CA", "CA is in already" },
    { "DE -FR", "-FR excludes what is not in" },
    { "Worldwide", NULL },
    { "EU", "as it is now" },
    { "EU@2010-01-01", NULL },
};

TEST(likely_slips_are_warnings_beside_the_result)
{
    for (size_t i = 0; i < COUNT_OF(lints); i++) {
        struct territory_set s;
        struct territory_warnings w;
        CHECK_OK(territory_set_parse(str_of(lints[i].text), &s, &w, e));
        if (!lints[i].says) {
            if (w.count)
                STOP("%s: %s", lints[i].text, w.texts[0]);
            continue;
        }
        assert_int_equal(w.count, 1);
        assert_non_null(strstr(w.texts[0], lints[i].says));
    }
}

TEST(warnings_beyond_the_room_for_them_are_dropped)
{
    struct territory_set s;
    struct territory_warnings w;
    CHECK_OK(territory_set_parse(STR("DE DE DE DE DE DE DE DE DE DE DE DE DE DE"), &s, &w, e));
    assert_int_equal(w.count, TERRITORY_WARNINGS_MOST);
}

TEST(any_set_comes_back_from_its_text)
{
    uint64_t seed = 11;
    struct chance c = chance_seeded(&seed);
    for (int i = 0; i < 3000; i++) {
        struct territory_set s = { 0 }, back;
        uint8_t bytes[32], dense;
        c.fill(c.state, bytes, sizeof bytes);
        c.fill(c.state, &dense, 1);
        for (int t = 0; t < TERRITORY_COUNT; t++)
            if ((uint8_t)(bytes[t % 32] * (t + 3)) <= dense)
                territory_set_add(&s, (struct territory) { (uint8_t)t });
        if (territory_set_is_empty(&s))
            continue;
        BUF(b);
        territory_set_format(&s, &b);
        CHECK_OK(territory_set_parse(buf_as_str(&b), &back, NULL, e));
        assert_true(territory_set_equal(&s, &back));
    }
}

TEST(the_unknown_territory_is_in_no_set)
{
    struct territory_set world = territory_set_world();
    territory_set_add(&world, TERRITORY_UNKNOWN);
    assert_false(territory_set_has(&world, TERRITORY_UNKNOWN));
    assert_string_equal(territory_code(TERRITORY_UNKNOWN), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_each_code_is_found),
        cmocka_unit_test(parts_are_applied_from_left_to_right),
        cmocka_unit_test(groups_have_the_members_of_the_day_that_is_asked),
        cmocka_unit_test(what_is_not_a_territory_is_refused_with_a_hint),
        cmocka_unit_test(likely_slips_are_warnings_beside_the_result),
        cmocka_unit_test(warnings_beyond_the_room_for_them_are_dropped),
        cmocka_unit_test(any_set_comes_back_from_its_text),
        cmocka_unit_test(the_unknown_territory_is_in_no_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
