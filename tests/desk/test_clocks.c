/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/embed.h"
#include "desk/desk.h"

extern const struct embedded desk_calendars[];
extern const size_t desk_calendars_count;

static struct day day(const char *text)
{
    struct day d;
    CHECK_OK(day_parse(str_of(text), &d, e));
    return d;
}

static struct instant at(const char *text)
{
    struct instant t;
    CHECK_OK(instant_parse(str_of(text), &t, e));
    return t;
}

static const struct calendar *of(const char *country)
{
    const struct calendar *c = NULL;
    CHECK_OK(calendar_get(str_of(country), &c, e));
    return c;
}

TEST(every_file_is_a_calendar)
{
    for (size_t i = 0; i < desk_calendars_count; i++) {
        ARENA(a);
        const struct calendar *c;
        struct str text = { (const char *)desk_calendars[i].bytes, desk_calendars[i].length };
        CHECK_OK(calendar_read(text, &a, &c, e));
        assert_memory_equal(calendar_country(c), desk_calendars[i].name, 2);
    }
    assert_int_equal(calendar_count(), desk_calendars_count);
}

TEST(days_off_are_those_the_calendars_say)
{
    static const struct {
        const char *country, *day;
        bool business;
    } rows[] = {
        { "US", "2026-07-03", false },                                /* the 4th is a Saturday */
        { "US", "2026-07-06", true },  { "US", "2026-11-26", false }, /* Thanksgiving */
        { "US", "2027-06-18", false },                                /* the 19th is a Saturday */
        { "US", "2020-06-19", true },                                 /* not yet a holiday */
        { "US", "2026-01-19", false },                                /* Martin Luther King */
        { "US", "2026-05-25", false },                                /* Memorial Day */
        { "RU", "2026-01-09", true },  { "RU", "2026-01-08", false },
        { "RU", "2026-03-09", false }, /* the 8th is a Sunday */
        { "GB", "2021-12-27", false }, /* the 25th is a Saturday, the 26th a Sunday */
        { "GB", "2021-12-28", false }, { "GB", "2021-12-29", true },
        { "GB", "2026-04-03", false },                                /* Good Friday */
        { "GB", "2026-04-06", false }, { "DE", "2026-05-14", false }, /* Ascension */
        { "GR", "2026-04-13", false },                                /* Orthodox Easter Monday */
        { "PL", "2026-06-04", false },                                /* Corpus Christi */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (calendar_is_business(of(rows[i].country), day(rows[i].day)) != rows[i].business)
            STOP("%s %s", rows[i].country, rows[i].day);
}

TEST(a_counter_notice_is_put_back_between_business_days_ten_and_fourteen)
{
    const struct deadline_rule *back = deadline_rule(DEADLINE_PUT_BACK, REGIME_DMCA);
    const struct deadline_rule *last = deadline_rule(DEADLINE_PUT_BACK_LAST, REGIME_DMCA);
    for (size_t n = 0; n < calendar_count(); n++) {
        const struct calendar *c = of(calendar_code(n));
        for (int i = 0; i < 3650; i += 3) {
            struct instant from = { at("2020-01-01T22:30:00Z").us + i * INT64_C(86400000000) };
            struct instant due = deadline_due(back, c, from);
            int64_t passed = 0;
            for (struct day d = { calendar_day(c, from).number + 1 };
                 calendar_begin(c, d).us < due.us; d.number++)
                passed += calendar_is_business(c, d);
            assert_int_equal(passed, 10);
            assert_true(due.us < deadline_due(last, c, from).us);
        }
    }
}

TEST(each_deadline_has_a_row_for_every_regime)
{
    for (int d = 0; d < DEADLINE_COUNT; d++)
        for (int r = 0; r < REGIME_COUNT; r++) {
            const struct deadline_rule *rule = deadline_rule((enum deadline)d, (enum regime)r);
            if (!rule || rule->amount <= 0)
                STOP("%s has none for %s", deadline_word((enum deadline)d),
                     regime_word((enum regime)r));
        }
    assert_int_equal(deadline_rule(DEADLINE_ACT, REGIME_RU15_7)->then, EVENT_TIME_RESTRICT);
}

TEST(a_bad_line_is_named)
{
    ARENA(a);
    const struct calendar *c;
    CHECK_FAILS(ERR_INVALID, "line 2", calendar_read(STR("country XX\nfixed 13-01\n"), &a, &c, e));
    CHECK_FAILS(ERR_INVALID, "country", calendar_read(STR("zone 0\n"), &a, &c, e));
    CHECK_FAILS(ERR_NOT_FOUND, "ZZ", calendar_get(STR("ZZ"), &c, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_a_calendar),
        cmocka_unit_test(days_off_are_those_the_calendars_say),
        cmocka_unit_test(a_counter_notice_is_put_back_between_business_days_ten_and_fourteen),
        cmocka_unit_test(each_deadline_has_a_row_for_every_regime),
        cmocka_unit_test(a_bad_line_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
