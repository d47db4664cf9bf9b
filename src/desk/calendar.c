/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars: the files' lines become one bit per day. */
#include <pthread.h>

#include "base/embed.h"
#include "desk/clocks.h"

enum { YEAR_FIRST = 2000, YEAR_LAST = 2059, DAYS_MOST = 61 * 366 };

extern const struct embedded desk_calendars[];
extern const size_t desk_calendars_count;

struct calendar {
    char country[3];
    int64_t zone_minutes;
    unsigned weekend; /* bit 0: Monday */
    int32_t first;    /* number of the day of bit 0 */
    uint8_t off[DAYS_MOST / 8 + 1];
};

static int weekday(struct day d) /* 0: Monday */
{
    return (int)(((int64_t)d.number % 7 + 10) % 7);
}

static bool get(const struct calendar *c, struct day d)
{
    int32_t n = d.number - c->first;
    return n >= 0 && n < DAYS_MOST && (c->off[n / 8] >> (n % 8) & 1);
}

static void set(struct calendar *c, struct day d, bool off)
{
    int32_t n = d.number - c->first;
    if (n < 0 || n >= DAYS_MOST)
        return;
    if (off)
        c->off[n / 8] = (uint8_t)(c->off[n / 8] | 1 << n % 8);
    else
        c->off[n / 8] = (uint8_t)(c->off[n / 8] & ~(1 << n % 8));
}

/* Anonymous Gregorian algorithm; the Julian one for the Orthodox churches, 13 days later. */
static struct day easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    return day_from_civil(year, n / 31, n % 31 + 1);
}

static struct day easter_orthodox(int year)
{
    int d = (19 * (year % 19) + 15) % 30;
    int n = d + (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7 + 114;
    struct day julian = day_from_civil(year, n / 31, n % 31 + 1);
    return (struct day) { julian.number + 13 };
}

static struct day nth(int year, int month, int day_of_week, int n)
{
    struct day d = day_from_civil(year, month, 1);
    int ahead = (day_of_week - weekday(d) + 7) % 7;
    return (struct day) { d.number + ahead + 7 * (n - 1) };
}

static struct day last(int year, int month, int day_of_week)
{
    struct day d = month == 12 ? day_from_civil(year + 1, 1, 1)
                               : day_from_civil(year, month + 1, 1);
    d.number--;
    return (struct day) { d.number - (weekday(d) - day_of_week + 7) % 7 };
}

/* A line's words. */
struct line {
    struct str words[6];
    size_t count;
};

static void split(struct str text, struct line *out)
{
    struct str word;
    out->count = 0;
    while (out->count < COUNT_OF(out->words) && str_split(&text, ' ', &word))
        if (str_trim(word).length)
            out->words[out->count++] = str_trim(word);
}

static enum code day_word(struct str text, int *out, struct error *e)
{
    static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
    for (int i = 0; i < 7; i++)
        if (str_is(text, days[i])) {
            *out = i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not a day of the week", STR_ARG(text));
}

static enum code number(struct str text, int64_t least, int64_t most, int *out, struct error *e)
{
    int64_t n;
    if (text.length && text.at[0] == '+') {
        text.at++;
        text.length--;
    }
    TRY(str_to_int64(text, least, most, &n, e));
    *out = (int)n;
    return OK;
}

/* "MM-DD" */
static enum code month_day(struct str text, int *month, int *day, struct error *e)
{
    struct str m;
    if (!str_split(&text, '-', &m))
        return fail(e, ERR_INVALID, "a date MM-DD is missing");
    TRY(number(m, 1, 12, month, e));
    return number(text, 1, 31, day, e);
}

/* Where a holiday on a weekend is kept: "us": Saturday before, Sunday after; "next": the next
 * working day that is not a holiday itself; else it is lost. */
static struct day observed(const struct calendar *c, struct day d, struct str how)
{
    int w = weekday(d);
    if (str_is(how, "us"))
        return (struct day) { d.number + (w == 5 ? -1 : w == 6 ? 1 : 0) };
    if (str_is(how, "next"))
        while ((c->weekend >> weekday(d) & 1) || get(c, d))
            d.number++;
    return d;
}

static enum code fixed(struct calendar *c, const struct line *l, struct error *e)
{
    int month = 1, day = 1, from = YEAR_FIRST, how_at = 2;
    TRY(month_day(l->words[1], &month, &day, e));
    if (l->count > 3 && str_is(l->words[2], "from")) {
        TRY(number(l->words[3], 1900, 2100, &from, e));
        how_at = 4;
    }
    struct str how = l->count > (size_t)how_at ? l->words[how_at] : STR("");
    for (int year = from < YEAR_FIRST ? YEAR_FIRST : from; year <= YEAR_LAST; year++) {
        struct day d = day_from_civil(year, month, day);
        struct day kept = observed(c, d, how);
        if (!str_is(how, "next") || kept.number != d.number)
            set(c, d, true);
        set(c, kept, true);
    }
    return OK;
}

static enum code moving(struct calendar *c, const struct line *l, struct error *e)
{
    int n = 0, month = 1, dow = 0;
    struct str kind = l->words[0];
    if (str_is(kind, "nth")) {
        if (l->count < 4)
            return fail(e, ERR_INVALID, "nth N DAY MM");
        TRY(number(l->words[1], 1, 5, &n, e));
        TRY(day_word(l->words[2], &dow, e));
        TRY(number(l->words[3], 1, 12, &month, e));
    } else if (str_is(kind, "last")) {
        if (l->count < 3)
            return fail(e, ERR_INVALID, "last DAY MM");
        TRY(day_word(l->words[1], &dow, e));
        TRY(number(l->words[2], 1, 12, &month, e));
    } else {
        TRY(number(l->words[1], -100, 100, &n, e));
    }
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++) {
        struct day d = str_is(kind, "nth")        ? nth(year, month, dow, n)
                       : str_is(kind, "last")     ? last(year, month, dow)
                       : str_is(kind, "orthodox") ? easter_orthodox(year)
                                                  : easter(year);
        if (str_is(kind, "easter") || str_is(kind, "orthodox"))
            d.number += n;
        set(c, d, true);
    }
    return OK;
}

static enum code weekend(struct calendar *c, const struct line *l, struct error *e)
{
    c->weekend = 0;
    for (size_t i = 1; i < l->count; i++) {
        int day = 0;
        TRY(day_word(l->words[i], &day, e));
        c->weekend |= 1u << day;
    }
    return OK;
}

static enum code take_line(struct calendar *c, const struct line *l, struct error *e)
{
    struct str kind = l->words[0];
    if (l->count < 2)
        return fail(e, ERR_INVALID, "'%.*s' stands alone", STR_ARG(kind));
    if (str_is(kind, "country")) {
        if (l->words[1].length != 2)
            return fail(e, ERR_INVALID, "a country has two letters");
        memcpy(c->country, l->words[1].at, 2);
        return OK;
    }
    if (str_is(kind, "zone")) {
        int minutes;
        TRY(number(l->words[1], -840, 840, &minutes, e));
        c->zone_minutes = minutes;
        return OK;
    }
    if (str_is(kind, "weekend"))
        return weekend(c, l, e);
    if (str_is(kind, "fixed"))
        return fixed(c, l, e);
    if (str_is(kind, "nth") || str_is(kind, "last") || str_is(kind, "easter") ||
        str_is(kind, "orthodox"))
        return moving(c, l, e);
    if (str_is(kind, "off") || str_is(kind, "work")) {
        struct day d;
        TRY(day_parse(l->words[1], &d, e));
        set(c, d, str_is(kind, "off"));
        return OK;
    }
    return fail(e, ERR_INVALID, "'%.*s' is not a kind of line", STR_ARG(kind));
}

static void weekends(struct calendar *c)
{
    for (int32_t n = 0; n < DAYS_MOST; n++) {
        struct day d = { c->first + n };
        if (c->weekend >> weekday(d) & 1)
            set(c, d, true);
    }
}

/* Lines "work" make a day of a weekend a business day: they are applied last. */
static enum code read_pass(struct calendar *c, struct str text, bool work, struct error *e)
{
    struct str row;
    for (size_t n = 1; str_split(&text, '\n', &row); n++) {
        struct line l;
        split(str_trim(row), &l);
        if (l.count == 0 || l.words[0].at[0] == '#')
            continue;
        if (str_is(l.words[0], "work") == work && take_line(c, &l, e) != OK)
            return fail_in(e, "line %zu", n);
    }
    return OK;
}

static enum code read_into(struct calendar *c, struct str text, struct error *e)
{
    *c = (struct calendar) { .weekend = 1 << 5 | 1 << 6 };
    c->first = day_from_civil(YEAR_FIRST, 1, 1).number;
    TRY(read_pass(c, text, false, e));
    weekends(c);
    TRY(read_pass(c, text, true, e));
    return c->country[0] ? OK : fail(e, ERR_INVALID, "no line names the country");
}

enum code calendar_read(struct str text, struct arena *a, const struct calendar **out,
                        struct error *e)
{
    struct calendar *c = ARENA_NEW(a, struct calendar);
    TRY(read_into(c, text, e));
    *out = c;
    return OK;
}

/* The embedded ones, read when first asked for. */
enum { CALENDARS_MOST = 64 };
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct calendar *all;
static size_t all_count;

static void read_all(void)
{
    static struct calendar room[CALENDARS_MOST];
    struct error ignored;
    for (size_t i = 0; i < desk_calendars_count && all_count < CALENDARS_MOST; i++) {
        struct str text = { (const char *)desk_calendars[i].bytes, desk_calendars[i].length };
        if (read_into(&room[all_count], text, &ignored) == OK)
            all_count++; /* the tests read every file and fail where one is damaged */
    }
    all = room;
}

size_t calendar_count(void)
{
    pthread_once(&once, read_all);
    return all_count;
}

const char *calendar_code(size_t n)
{
    return all[n].country;
}

enum code calendar_get(struct str country, const struct calendar **out, struct error *e)
{
    for (size_t i = 0; i < calendar_count(); i++)
        if (str_is(country, all[i].country)) {
            *out = &all[i];
            return OK;
        }
    return fail(e, ERR_NOT_FOUND, "there is no calendar of '%.*s'", STR_ARG(country));
}

const char *calendar_country(const struct calendar *c)
{
    return c->country;
}

bool calendar_is_business(const struct calendar *c, struct day d)
{
    return !get(c, d) && !(c->weekend >> weekday(d) & 1 && (d.number < c->first));
}

struct day calendar_day(const struct calendar *c, struct instant t)
{
    return day_of((struct instant) { t.us + c->zone_minutes * 60 * 1000000 });
}

struct day calendar_business_after(const struct calendar *c, struct day d, int64_t n)
{
    while (n > 0) {
        d.number++;
        n -= calendar_is_business(c, d);
    }
    return d;
}

struct instant calendar_begin(const struct calendar *c, struct day d)
{
    return (struct instant) { day_begin(d).us - c->zone_minutes * 60 * 1000000 };
}
