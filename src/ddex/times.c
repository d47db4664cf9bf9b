/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in territory time, and lengths of ISO 8601. */
#include "ddex/times.h"

enum summer { SUMMER_NONE, SUMMER_EU, SUMMER_US, SUMMER_AU, SUMMER_NZ };

static const struct {
    int16_t minutes;
    uint8_t summer;
} zones[TERRITORY_COUNT] = {
#define ROW(code, minutes, summer) [TERRITORY_##code] = { minutes, summer },
#include "ddex/zones.def"
#undef ROW
};

/* The n-th Sunday of a month (1 is the first), or its last (0). */
static struct day sunday(int year, int month, int n)
{
    struct day first = n ? day_from_civil(year, month, 1)
                         : day_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    int weekday = ((first.number % 7) + 11) % 7; /* 1970-01-01 was a Thursday; Sunday is 0 */
    int to_sunday = (7 - weekday) % 7;
    return (struct day) { first.number + to_sunday + 7 * (n - 1) };
}

/* Are the clocks forward when the day begins? They change after midnight. */
static bool is_summer(enum summer rule, struct day d)
{
    int year, month, day;
    day_to_civil(d, &year, &month, &day);
    switch (rule) {
    case SUMMER_NONE:
        return false;
    case SUMMER_EU:
        return d.number > sunday(year, 3, 0).number && d.number <= sunday(year, 10, 0).number;
    case SUMMER_US:
        return d.number > sunday(year, 3, 2).number && d.number <= sunday(year, 11, 1).number;
    case SUMMER_AU:
        return d.number > sunday(year, 10, 1).number || d.number <= sunday(year, 4, 1).number;
    case SUMMER_NZ:
        return d.number > sunday(year, 9, 0).number || d.number <= sunday(year, 4, 1).number;
    }
    return false;
}

struct instant territory_day_begin(struct territory t, struct day d)
{
    int64_t minutes = 0;
    if (territory_is_known(t)) {
        minutes = zones[t.index].minutes;
        if (is_summer((enum summer)zones[t.index].summer, d))
            minutes += 60;
    }
    return (struct instant) { day_begin(d).us - minutes * 60 * 1000000 };
}

enum code ern_moment_parse(const char *text, struct ern_moment *out, struct error *e)
{
    struct str s = str_trim(str_of(text));
    char zoned[64];
    *out = (struct ern_moment) { .is_date = s.length == 10 };
    if (out->is_date)
        return day_parse(s, &out->day, e);
    struct error first = { 0 };
    if (instant_parse(s, &out->at, &first) == OK)
        return OK;
    if (s.length >= 19 && s.length < sizeof zoned - 1) { /* a time without zone */
        memcpy(zoned, s.at, s.length);
        memcpy(zoned + s.length, "Z", 2);
        if (instant_parse(str_of(zoned), &out->at, e) == OK)
            return OK;
    }
    *e = first;
    return first.code;
}

static struct instant begin_of(const struct ern_moment *m, struct territory t)
{
    return m->is_date ? territory_day_begin(t, m->day) : m->at;
}

static struct instant end_of(const struct ern_moment *m, struct territory t)
{
    if (!m)
        return INSTANT_NEVER;
    return m->is_date ? territory_day_begin(t, (struct day) { m->day.number + 1 }) : m->at;
}

static void add_span(struct time_span *spans, size_t *count, struct territory t,
                     struct instant from, struct instant until)
{
    size_t i = 0;
    while (i < *count && (spans[i].from.us != from.us || spans[i].until.us != until.us))
        i++;
    if (i == TIME_SPANS_MOST)
        return; /* there are 38 offsets on Earth */
    if (i == *count)
        spans[(*count)++] = (struct time_span) { .from = from, .until = until };
    territory_set_add(&spans[i].territories, t);
}

size_t ern_spans(const struct territory_set *where, const struct ern_moment *start,
                 const struct ern_moment *end, struct instant created, struct time_span *spans)
{
    size_t count = 0;
    bool past = start->is_date && (!end || !end->is_date);
    struct instant last = INSTANT_FIRST;
    for (unsigned i = 0; i < TERRITORY_COUNT; i++) {
        struct territory t = { (uint8_t)i };
        if (!territory_set_has(where, t))
            continue;
        struct instant from = begin_of(start, t);
        past = past && from.us <= created.us;
        last = instant_before(last, from) ? from : last;
        add_span(spans, &count, t, from, end_of(end, t));
    }
    if (count > 1 && past) {
        spans[0] = (struct time_span) { *where, last, spans[0].until };
        count = 1;
    }
    return count;
}

/* Digits, with decimals where `fraction` may take them; *s moves behind. */
static bool number(struct str *s, int64_t *whole, int64_t *milli, size_t *digits)
{
    *whole = *milli = 0;
    *digits = 0;
    while (s->length && *s->at >= '0' && *s->at <= '9' && *whole < 1000000000) {
        *whole = *whole * 10 + (*s->at - '0');
        *s = (struct str) { s->at + 1, s->length - 1 };
        ++*digits;
    }
    if (s->length && *s->at == '.') {
        int64_t unit = 100;
        *s = (struct str) { s->at + 1, s->length - 1 };
        for (; s->length && *s->at >= '0' && *s->at <= '9'; unit /= 10) {
            *milli += unit * (*s->at - '0');
            *s = (struct str) { s->at + 1, s->length - 1 };
            ++*digits;
        }
    }
    return *digits > 0 && s->length > 0;
}

enum code ern_duration_ms(const char *text, int64_t *ms, struct error *e)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = { { 'H', 3600000 }, { 'M', 60000 }, { 'S', 1000 } };
    struct str s = str_trim(str_of(text));
    int64_t total = 0;
    size_t next = 0;
    if (!str_starts(s, "PT") || s.length < 4)
        return fail(e, ERR_INVALID, "\"%.40s\" is not a length like PT3M20S", text);
    s = (struct str) { s.at + 2, s.length - 2 };
    while (s.length) {
        int64_t whole, milli;
        size_t digits;
        if (!number(&s, &whole, &milli, &digits))
            return fail(e, ERR_INVALID, "\"%.40s\" is not a length like PT3M20S", text);
        while (next < COUNT_OF(units) && units[next].unit != *s.at)
            next++;
        if (next == COUNT_OF(units) || whole > 1000000)
            return fail(e, ERR_INVALID, "\"%.40s\" is not a length like PT3M20S", text);
        total += whole * units[next].ms + milli * units[next].ms / 1000;
        next++;
        s = (struct str) { s.at + 1, s.length - 1 };
    }
    *ms = total;
    return OK;
}
