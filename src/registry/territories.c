/* SPDX-License-Identifier: Apache-2.0 */
/* Codes and names of countries; sets parsed from left to right; slips that deserve a word. */
#include "registry/territories.h"

#include <stdio.h>

#include "registry/tis.h"

struct country {
    char code[3];
    const char *english, *russian;
};

#define ROW(code, english, russian) { #code, english, russian },
static const struct country countries[TERRITORY_COUNT] = {
#include "registry/territories.def"
};
#undef ROW

/* What people write that is not a code of ISO 3166-1. */
static const struct not_a_code {
    const char *text, *words;
} not_codes[] = {
    { "UK", "did you mean GB (United Kingdom)?" },
    { "EL", "did you mean GR (Greece)?" },
    { "EN", "that is a language; did you mean GB (United Kingdom)?" },
    { "JA", "that is a language; did you mean JP (Japan)?" },
    { "SU", "the Soviet Union ended in 1991: name RU and the other states that are meant" },
    { "YU", "Yugoslavia ended in 2003: name RS, ME and the other states that are meant" },
    { "CS", "did you mean CZ and SK (Czechoslovakia), or RS and ME (Serbia and Montenegro)?" },
    { "AN", "the Netherlands Antilles ended in 2010: name BQ, CW and SX" },
    { "DD", "did you mean DE (Germany)?" },
    { "ZR", "did you mean CD (Congo)?" },
    { "TP", "did you mean TL (Timor-Leste)?" },
    { "BU", "did you mean MM (Myanmar)?" },
    { "FX", "did you mean FR (France)?" },
};

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static int find_code(const char code[2])
{
    int low = 0, high = TERRITORY_COUNT - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = memcmp(code, countries[middle].code, 2);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return -1;
}

static enum code not_a_territory(struct str text, struct error *e)
{
    int shown = (int)(text.length > 24 ? 24 : text.length);
    for (size_t i = 0; text.length == 2 && i < COUNT_OF(not_codes); i++)
        if (upper(text.at[0]) == not_codes[i].text[0] && upper(text.at[1]) == not_codes[i].text[1])
            return fail(e, ERR_INVALID, "\"%.2s\" is not a territory of ISO 3166-1: %s", text.at,
                        not_codes[i].words);
    if (text.length == 4)
        return fail(e, ERR_INVALID,
                    "\"%.4s\" is not a current territory of ISO 3166-1: withdrawn codes of four "
                    "letters are not taken, name the states that are meant",
                    text.at);
    return fail(e, ERR_INVALID, "\"%.*s\" is not a territory of ISO 3166-1 (two letters, like DE)",
                shown, text.at ? text.at : "");
}

enum code territory_parse(struct str text, struct territory *out, struct error *e)
{
    int found = -1;
    if (text.length == 2)
        found = find_code((const char[2]) { upper(text.at[0]), upper(text.at[1]) });
    if (found < 0)
        return not_a_territory(text, e);
    *out = (struct territory) { (uint8_t)found };
    return OK;
}

const char *territory_code(struct territory t)
{
    return territory_is_known(t) ? countries[t.index].code : "";
}

const char *territory_english(struct territory t)
{
    return territory_is_known(t) ? countries[t.index].english : "an unknown territory";
}

const char *territory_russian(struct territory t)
{
    return territory_is_known(t) ? countries[t.index].russian : "неизвестная территория";
}

void territory_set_add(struct territory_set *s, struct territory t)
{
    if (territory_is_known(t))
        s->bits[t.index >> 6] |= 1ull << (t.index & 63);
}

void territory_set_remove(struct territory_set *s, struct territory t)
{
    s->bits[t.index >> 6] &= ~(1ull << (t.index & 63));
}

struct territory_set territory_set_world(void)
{
    struct territory_set s = { 0 };
    for (int i = 0; i < TERRITORY_COUNT; i++)
        territory_set_add(&s, (struct territory) { (uint8_t)i });
    return s;
}

bool territory_set_is_empty(const struct territory_set *s)
{
    return !(s->bits[0] | s->bits[1] | s->bits[2] | s->bits[3]);
}

bool territory_set_equal(const struct territory_set *a, const struct territory_set *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool territory_set_meet(const struct territory_set *a, const struct territory_set *b)
{
    return (a->bits[0] & b->bits[0]) || (a->bits[1] & b->bits[1]) || (a->bits[2] & b->bits[2]) ||
           (a->bits[3] & b->bits[3]);
}

int territory_set_count(const struct territory_set *s)
{
    int n = 0;
    for (int i = 0; i < 4; i++)
        n += __builtin_popcountll(s->bits[i]);
    return n;
}

static void warn(struct territory_warnings *w, const char *format, const char *a)
{
    if (!w || w->count == TERRITORY_WARNINGS_MOST)
        return;
        /* the formats are the literals below, each with one %s */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(w->texts[w->count++], sizeof w->texts[0], format, a);
#pragma GCC diagnostic pop
}

static bool is_world(struct str part)
{
    static const char *const words[] = { "WORLDWIDE", "WORLD" };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t n = strlen(words[i]), at = 0;
        while (part.length == n && at < n && upper(part.at[at]) == words[i][at])
            at++;
        if (at == n)
            return true;
    }
    return false;
}

static bool next_part(struct str *rest, struct str *part)
{
    static const char between[] = " \t\r\n,;";
    while (rest->length && memchr(between, rest->at[0], sizeof between - 1))
        *rest = (struct str) { rest->at + 1, rest->length - 1 };
    if (!rest->length)
        return false;
    size_t n = 0;
    while (n < rest->length && !memchr(between, rest->at[n], sizeof between - 1))
        n++;
    *part = (struct str) { rest->at, n };
    *rest = (struct str) { rest->at + n, rest->length - n };
    return true;
}

struct parsing {
    struct day day;                  /* whose members a group has, where it says none itself */
    struct territory_set set, named; /* so far; codes added by name */
    struct territory_warnings *warnings;
};

static void apply_set(struct parsing *p, const struct territory_set *s, bool minus)
{
    for (int i = 0; i < 4; i++)
        p->set.bits[i] = minus ? p->set.bits[i] & ~s->bits[i] : p->set.bits[i] | s->bits[i];
}

/* "EU@2019-12-31": the day behind the mark. */
static enum code split_day(struct parsing *p, struct str *part, struct day *day, bool *dated,
                           struct error *e)
{
    const char *mark = part->length ? memchr(part->at, '@', part->length) : NULL;
    *day = p->day;
    *dated = mark || day->number != TIS_PRESENT.number;
    if (!mark)
        return OK;
    size_t at = (size_t)(mark - part->at);
    TRY(day_parse((struct str) { mark + 1, part->length - at - 1 }, day, e));
    part->length = at;
    return OK;
}

/* A code of TIS that is no ISO code; *taken: it was one. */
static enum code apply_tis(struct parsing *p, struct str part, bool minus, bool *taken,
                           struct error *e)
{
    struct territory_set s;
    struct day day;
    const char *name;
    bool dated, marked = part.length && memchr(part.at, '@', part.length);
    int shown = (int)(part.length > 24 ? 24 : part.length);
    TRY(split_day(p, &part, &day, &dated, e));
    enum tis_kind kind = tis_find(part, day, &s, &name);
    *taken = kind != TIS_NONE;
    switch (kind) {
    case TIS_NONE:
        return marked ? fail(e, ERR_INVALID, "\"%.*s\": only a group of countries has a day", shown,
                             part.at)
                      : OK;
    case TIS_UNKNOWN:
        return fail(e, ERR_INVALID, "%.*s is %s: name the states that are meant", shown, part.at,
                    name);
    case TIS_WORLD:
        if (minus)
            return fail(e, ERR_INVALID, "excluding the whole world leaves nothing");
        p->set = territory_set_world();
        return OK;
    case TIS_GROUP:
        if (territory_set_is_empty(&s))
            return fail(e, ERR_INVALID, "%s has no members on that day", name);
        if (!dated)
            warn(p->warnings,
                 "%s is taken as it is now; write its code with @YYYY-MM-DD for another day", name);
        break;
    case TIS_COUNTRY:
        break;
    }
    apply_set(p, &s, minus);
    return OK;
}

/* Apply one part, "DE", "+DE", "-DE", "EU", "276" or "Worldwide". */
static enum code apply(struct parsing *p, struct str part, bool first, struct error *e)
{
    struct territory_set *set = &p->set, *named = &p->named;
    struct territory_warnings *warnings = p->warnings;
    bool tis;
    bool minus = part.at[0] == '-';
    if (minus || part.at[0] == '+')
        part = (struct str) { part.at + 1, part.length - 1 };
    if (minus && first)
        return fail(e, ERR_INVALID, "an exclusion cannot come first: write \"Worldwide -%.*s\"",
                    (int)(part.length > 24 ? 24 : part.length), part.at);
    if (is_world(part)) {
        if (minus)
            return fail(e, ERR_INVALID, "excluding the whole world leaves nothing");
        *set = territory_set_world();
        return OK;
    }
    struct territory t;
    TRY(apply_tis(p, part, minus, &tis, e));
    if (tis)
        return OK;
    TRY(territory_parse(part, &t, e));
    if (territory_set_has(set, t) != minus)
        warn(warnings, minus ? "-%s excludes what is not in" : "%s is in already",
             territory_code(t));
    if (minus) {
        territory_set_remove(set, t);
        territory_set_remove(named, t);
    } else {
        territory_set_add(set, t);
        territory_set_add(named, t);
    }
    return OK;
}

static bool has(const struct territory_set *s, enum territory_index i)
{
    return territory_set_has(s, (struct territory) { (uint8_t)i });
}

/* Codes that real messages confuse: DDEX's own guidance writes NE for the Netherlands. */
static void warn_of_slips(const struct territory_set *named, struct territory_warnings *w)
{
    if (has(named, TERRITORY_NE) && !has(named, TERRITORY_NL))
        warn(w, "%s is Niger; the Netherlands are NL", "NE");
    if (has(named, TERRITORY_GE) && !has(named, TERRITORY_DE))
        warn(w, "%s is Georgia; Germany is DE", "GE");
    if (has(named, TERRITORY_AU) && !has(named, TERRITORY_AT) && !has(named, TERRITORY_NZ) &&
        (has(named, TERRITORY_DE) || has(named, TERRITORY_CH)))
        warn(w, "%s is Australia; Austria is AT", "AU");
}

enum code territory_set_parse(struct str text, struct territory_set *out,
                              struct territory_warnings *warnings, struct error *e)
{
    return territory_set_parse_on(text, TIS_PRESENT, out, warnings, e);
}

enum code territory_set_parse_on(struct str text, struct day day, struct territory_set *out,
                                 struct territory_warnings *warnings, struct error *e)
{
    struct parsing p = { .day = day, .warnings = warnings };
    struct str rest = text, part;
    if (warnings)
        warnings->count = 0;
    if (text.length > 4096)
        return fail(e, ERR_INVALID, "a territory list of %zu bytes is too long", text.length);
    bool first = true;
    for (; next_part(&rest, &part); first = false)
        TRY(apply(&p, part, first, e));
    if (first)
        return fail(e, ERR_INVALID, "no territory is named (Worldwide, or codes like DE,FR)");
    if (territory_set_is_empty(&p.set))
        return fail(e, ERR_INVALID, "no territory is left after the exclusions");
    warn_of_slips(&p.named, warnings);
    *out = p.set;
    return OK;
}

void territory_set_format(const struct territory_set *s, struct buf *out)
{
    bool most = territory_set_count(s) > TERRITORY_COUNT / 2, comma = false;
    if (most)
        buf_text(out, "Worldwide");
    for (int i = 0; i < TERRITORY_COUNT; i++) {
        if (has(s, (enum territory_index)i) == most)
            continue;
        buf_text(out, most ? " -" : comma ? "," : "");
        buf_text(out, countries[i].code);
        comma = true;
    }
}

const char *territory_set_text(const struct territory_set *s, struct arena *a)
{
    BUF(b);
    territory_set_format(s, &b);
    return str_copy(a, buf_as_str(&b));
}
