/* SPDX-License-Identifier: Apache-2.0 */
/* Civil dates (proleptic Gregorian) to days and back; RFC 3339 in and out. */
#include "base/time.h"

#include <stdio.h>
#include <time.h>

enum { US_PER_SECOND = 1000000 };
static const int64_t us_per_day = 86400LL * US_PER_SECOND;

struct day day_from_civil(int year, int month, int day)
{
    /* years begin in March, so that the leap day is the last one */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (struct day) { (int32_t)(era * 146097 + day_of_era - 719468) };
}

void day_to_civil(struct day d, int *year, int *month, int *day)
{
    int64_t z = (int64_t)d.number + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of = z - era * 146097;
    int64_t y = (of - of / 1460 + of / 36524 - of / 146096) / 365;
    int64_t of_year = of - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

struct day day_of(struct instant t)
{
    int64_t q = t.us / us_per_day;
    if (t.us % us_per_day < 0)
        q--;
    return (struct day) { (int32_t)q };
}

struct instant day_begin(struct day d)
{
    return (struct instant) { d.number * us_per_day };
}

const char *day_format(struct day d, char out[INSTANT_TEXT])
{
    int y, m, dd;
    day_to_civil(d, &y, &m, &dd);
    snprintf(out, INSTANT_TEXT, "%04d-%02d-%02d", y, m, dd);
    return out;
}

const char *instant_format(struct instant t, char out[INSTANT_TEXT])
{
    if (t.us == INT64_MAX || t.us == INT64_MIN) {
        out[0] = '\0';
        return out;
    }
    struct day d = day_of(t);
    int64_t us = t.us - day_begin(d).us;
    int y, m, dd;
    day_to_civil(d, &y, &m, &dd);
    int s = (int)(us / US_PER_SECOND), rest = (int)(us % US_PER_SECOND);
    int n = snprintf(out, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", y, m, dd, s / 3600,
                     s / 60 % 60, s % 60);
    size_t used = (size_t)n;
    if (rest % 1000)
        used += (size_t)snprintf(out + used, INSTANT_TEXT - used, ".%06d", rest);
    else if (rest)
        used += (size_t)snprintf(out + used, INSTANT_TEXT - used, ".%03d", rest / 1000);
    snprintf(out + used, INSTANT_TEXT - used, "Z");
    return out;
}

/* Exactly `count` digits at *at; moves *at behind them. */
static bool digits(struct str s, size_t *at, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, ++*at) {
        if (*at >= s.length || s.at[*at] < '0' || s.at[*at] > '9')
            return false;
        value = value * 10 + (s.at[*at] - '0');
    }
    *out = value;
    return true;
}

static bool mark(struct str s, size_t *at, const char *any_of)
{
    if (*at >= s.length || !strchr(any_of, s.at[*at]))
        return false;
    ++*at;
    return true;
}

static bool date(struct str s, size_t *at, struct day *out)
{
    int y, m, d;
    if (!digits(s, at, 4, &y) || !mark(s, at, "-") || !digits(s, at, 2, &m) || !mark(s, at, "-") ||
        !digits(s, at, 2, &d) || y < 1 || m < 1 || m > 12 || d < 1)
        return false;
    *out = day_from_civil(y, m, d);
    int y2, m2, d2;
    day_to_civil(*out, &y2, &m2, &d2);
    return y2 == y && m2 == m && d2 == d;
}

enum code day_parse(struct str text, struct day *out, struct error *e)
{
    size_t at = 0;
    struct day d;
    if (!date(text, &at, &d) || at != text.length)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a date like 2026-11-23", STR_ARG(text));
    *out = d;
    return OK;
}

static bool clock_time(struct str s, size_t *at, int64_t *us)
{
    int h, m, sec;
    if (!digits(s, at, 2, &h) || !mark(s, at, ":") || !digits(s, at, 2, &m) || !mark(s, at, ":") ||
        !digits(s, at, 2, &sec) || h > 23 || m > 59 || sec > 60)
        return false;
    int64_t part = 0, scale = 100000;
    if (mark(s, at, ".")) {
        size_t from = *at;
        for (int d; *at < s.length && s.at[*at] >= '0' && s.at[*at] <= '9'; scale /= 10) {
            if (!digits(s, at, 1, &d))
                return false;
            part += d * scale;
        }
        if (*at == from)
            return false;
    }
    *us = ((h * 60LL + m) * 60 + (sec == 60 ? 59 : sec)) * US_PER_SECOND + part;
    return true;
}

static bool offset(struct str s, size_t *at, int64_t *us)
{
    *us = 0;
    if (mark(s, at, "Zz"))
        return true;
    bool minus = *at < s.length && s.at[*at] == '-';
    int h, m;
    if (!mark(s, at, "+-") || !digits(s, at, 2, &h) || !mark(s, at, ":") || !digits(s, at, 2, &m) ||
        h > 23 || m > 59)
        return false;
    *us = (h * 60LL + m) * 60 * US_PER_SECOND * (minus ? -1 : 1);
    return true;
}

enum code instant_parse(struct str text, struct instant *out, struct error *e)
{
    size_t at = 0;
    struct day d;
    int64_t of_day = 0, ahead = 0;
    bool good = date(text, &at, &d);
    if (good && at < text.length)
        good = mark(text, &at, "Tt ") && clock_time(text, &at, &of_day) &&
               offset(text, &at, &ahead) && at == text.length;
    if (!good)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a time like 2026-11-23T10:00:00Z",
                    STR_ARG(text));
    out->us = day_begin(d).us + of_day - ahead;
    return OK;
}

struct instant instant_of_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct instant) { (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000 };
}
