/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "registry/registry.h"

/* The whole text as "line:cell|cell;" with a broken record as "line!words;" */
static void read_all(struct str text, struct buf *out)
{
    ARENA(a);
    struct csv c;
    CHECK_OK(csv_begin(&c, text, e));
    for (bool more = true; more;) {
        struct csv_record r;
        struct error e = { 0 };
        if (csv_next(&c, &a, &r, &more, &e) != OK) {
            buf_format(out, "%zu!%s;", r.line, e.text);
            continue;
        }
        if (!more)
            break;
        buf_format(out, "%zu:", r.line);
        for (size_t i = 0; i < r.count; i++)
            buf_format(out, "%s%.*s", i ? "|" : "", STR_ARG(r.cells[i]));
        buf_text(out, ";");
    }
}

static const struct row {
    const char *text, *records;
} rows[] = {
    { "", "" },
    { "\n\r\n\r", "" },
    { "a,b\n1,2\n", "1:a|b;2:1|2;" },
    { "a,b\r\n1,2\r\n3,4", "1:a|b;2:1|2;3:3|4;" },
    { "a,b\r1,2\r", "1:a|b;2:1|2;" },
    { "\xEF\xBB\xBF"
      "a;b\n1,5;2\n",
      "1:a|b;2:1,5|2;" },
    { "a\tb\n1\t\n", "1:a|b;2:1|;" },
    { "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "1:a|b;2:x,y|say \"hi\";" },
    { "a,b\n\"two\nlines\",1\n3,4\n", "1:a|b;2:two\nlines|1;4:3|4;" },
    { "a,b\n\"two\r\nlines\",1\n3,4\n", "1:a|b;2:two\r\nlines|1;4:3|4;" },
    { "a,b\n,\n", "1:a|b;2:|;" },
    { "a,b\n\"\",x\n", "1:a|b;2:|x;" },
    { "a,b\n\"open,1\n2,3\n", "1:a|b;2!a quote is not closed;3:2|3;" },
    { "a,b\n\"x\"y,1\n2,3\n", "1:a|b;2!there is text behind a closing quote;3:2|3;" },
    { "a\n\"", "1:a;2!a quote is not closed;" },
};

TEST(records_are_read_and_broken_ones_do_not_stop_the_rest)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(b);
        read_all(str_of(rows[i].text), &b);
        if (!str_is(buf_as_str(&b), rows[i].records))
            STOP("row %zu: %s", i, b.bytes ? (char *)b.bytes : "");
    }
}

TEST(limits_and_zero_bytes_are_named)
{
    BUF(wide);
    BUF(b);
    BUF(zero);
    for (int i = 0; i < 70; i++)
        buf_text(&wide, ",");
    buf_text(&wide, "\nok\n");
    read_all(buf_as_str(&wide), &b);
    assert_string_equal((char *)b.bytes, "1!more than 64 cells;2:ok;");
    buf_put(&zero, "a\0b\nok\n", 7);
    buf_clear(&b);
    read_all(buf_as_str(&zero), &b);
    assert_string_equal((char *)b.bytes, "1!a zero byte;2:ok;");
}

TEST(utf16_is_refused)
{
    struct csv c;
    CHECK_FAILS(ERR_INVALID, "UTF-16",
                csv_begin(&c,
                          STR("\xFF\xFE"
                              "a"),
                          e));
}

static struct claim claim(enum right right, int64_t percent, const char *where, int64_t from,
                          int64_t until)
{
    struct claim c = {
        .right = right, .share_e8 = percent * 1000000, .from = { from }, .until = { until }
    };
    CHECK_OK(territory_set_parse(str_of(where), &c.territories, NULL, e));
    return c;
}

TEST(shares_over_the_whole_are_found_where_and_when_they_are)
{
    struct over_claim over[RIGHT_COUNT];
    struct claim all[] = {
        claim(RIGHT_MAKING_AVAILABLE, 60, "Worldwide", 0, 100),
        claim(RIGHT_MAKING_AVAILABLE, 40, "Worldwide -DE", 0, 100),
        claim(RIGHT_MAKING_AVAILABLE, 50, "DE,FR", 50, 100),
        claim(RIGHT_MAKING_AVAILABLE, 100, "Worldwide", 100, 200),
        claim(RIGHT_MECHANICAL, 100, "Worldwide", 0, 200),
    };
    assert_int_equal(shares_over(all, 2, over), 0);
    assert_int_equal(shares_over(all, COUNT_OF(all), over), 1);
    assert_int_equal(over[0].right, RIGHT_MAKING_AVAILABLE);
    assert_int_equal(over[0].from.us, 50);
    assert_int_equal(over[0].sum_e8, 150000000);
    struct territory_set both = { 0 };
    CHECK_OK(territory_set_parse(STR("DE,FR"), &both, NULL, e));
    assert_true(territory_set_equal(&over[0].territories, &both));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_and_broken_ones_do_not_stop_the_rest),
        cmocka_unit_test(limits_and_zero_bytes_are_named),
        cmocka_unit_test(utf16_is_refused),
        cmocka_unit_test(shares_over_the_whole_are_found_where_and_when_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
