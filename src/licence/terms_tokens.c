/* SPDX-License-Identifier: Apache-2.0 */
/* The words of terms: tokens with their places, and what one of them must be. */
#include <stdio.h>
#include <stdlib.h>

#include "licence/terms_inside.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool at_end(const struct terms_reader *r)
{
    return r->at >= r->text.length;
}

static void step(struct terms_reader *r)
{
    char c = r->text.at[r->at++];
    if (c == '\n') {
        r->place.line++;
        r->place.column = 1;
    } else if ((c & 0xC0) != 0x80) {
        r->place.column++;
    }
}

static char ahead(const struct terms_reader *r, size_t n)
{
    return r->at + n < r->text.length ? r->text.at[r->at + n] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "3,500,000": a comma between three digits and not more. */
static bool groups_digits(const struct terms_reader *r, bool number)
{
    return number && ahead(r, 0) == ',' && is_digit(ahead(r, 1)) && is_digit(ahead(r, 2)) &&
           is_digit(ahead(r, 3)) && !is_digit(ahead(r, 4));
}

static void read_quoted(struct terms_reader *r)
{
    r->token.kind = TOKEN_TEXT;
    step(r);
    size_t begin = r->at;
    while (!at_end(r) && ahead(r, 0) != '"' && ahead(r, 0) != '\n')
        step(r);
    r->token.s = (struct str) { r->text.at + begin, r->at - begin };
    if (ahead(r, 0) == '"')
        step(r);
    else
        terms_problem(r, r->token.at, "expected a closing \" on the same line");
}

static void read_run(struct terms_reader *r)
{
    size_t begin = r->at;
    bool number = is_digit(ahead(r, 0));
    r->token.kind = TOKEN_WORD;
    if (ahead(r, 0) == '%') {
        step(r);
    } else {
        while (!at_end(r) && !is_blank(ahead(r, 0)) && ahead(r, 0) != '\n' && ahead(r, 0) != '"' &&
               ahead(r, 0) != '#' && ahead(r, 0) != '%') {
            if (ahead(r, 0) == ',' && !groups_digits(r, number))
                break;
            step(r);
        }
    }
    r->token.s = (struct str) { r->text.at + begin, r->at - begin };
}

void terms_next(struct terms_reader *r)
{
    while (!at_end(r) && is_blank(ahead(r, 0)))
        step(r);
    if (ahead(r, 0) == '#')
        while (!at_end(r) && ahead(r, 0) != '\n')
            step(r);
    r->token = (struct token) { TOKEN_END, { "", 0 }, r->place };
    if (at_end(r))
        return;
    char c = ahead(r, 0);
    if (c == '\n' || c == ',') {
        r->token.kind = c == ',' ? TOKEN_COMMA : TOKEN_LINE;
        r->token.s = (struct str) { r->text.at + r->at, 1 };
        step(r);
    } else if (c == '"') {
        read_quoted(r);
    } else {
        read_run(r);
    }
}

bool token_is(const struct terms_reader *r, const char *word)
{
    return r->token.kind == TOKEN_WORD && str_is(r->token.s, word);
}

bool token_take(struct terms_reader *r, const char *word)
{
    if (!token_is(r, word))
        return false;
    terms_next(r);
    return true;
}

enum code terms_problem(struct terms_reader *r, struct terms_place at, const char *format, ...)
{
    va_list list;
    if (r->problems->count == TERMS_PROBLEMS_MOST) {
        r->broken = true;
        return ERR_INVALID;
    }
    struct terms_problem *p = &r->problems->items[r->problems->count++];
    p->at = at;
    va_start(list, format);
    vsnprintf(p->text, sizeof p->text, format, list);
    va_end(list);
    return ERR_INVALID;
}

enum code terms_expected(struct terms_reader *r, const char *what)
{
    const struct token *t = &r->token;
    if (t->kind == TOKEN_END)
        return terms_problem(r, t->at, "expected %s, found the end of the text", what);
    if (t->kind == TOKEN_LINE)
        return terms_problem(r, t->at, "expected %s, found the end of the line", what);
    size_t shown = t->s.length < 60 ? t->s.length : 60;
    return terms_problem(r, t->at, "expected %s, found \"%.*s\"", what, (int)shown, t->s.at);
}

enum code read_word(struct terms_reader *r, const char *word)
{
    char what[80];
    if (token_take(r, word))
        return OK;
    snprintf(what, sizeof what, "\"%s\"", word);
    return terms_expected(r, what);
}

enum code read_phrase(struct terms_reader *r, const char *words)
{
    struct str rest = str_of(words), word;
    while (str_split(&rest, ' ', &word)) {
        if (r->token.kind != TOKEN_WORD || !str_equal(r->token.s, word)) {
            char what[120];
            snprintf(what, sizeof what, "\"%.*s\" (of \"%s\")", STR_ARG(word), words);
            return terms_expected(r, what);
        }
        terms_next(r);
    }
    return OK;
}

enum code read_text(struct terms_reader *r, const char *what, const char **out)
{
    if (r->token.kind != TOKEN_TEXT || str_trim(r->token.s).length == 0)
        return terms_expected(r, what);
    *out = str_copy(r->arena, str_trim(r->token.s));
    terms_next(r);
    return OK;
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_digit(c) &&
            !strchr("-_./", c))
            return false;
    }
    return s.length > 0 && s.length <= 255;
}

enum code read_name(struct terms_reader *r, const char *what, struct terms_name *out)
{
    if (r->token.kind != TOKEN_WORD || !is_name(r->token.s))
        return terms_expected(r, what);
    *out = (struct terms_name) { str_copy(r->arena, r->token.s), r->token.at };
    terms_next(r);
    return OK;
}

enum code read_names(struct terms_reader *r, const char *what, struct terms_names *out)
{
    struct terms_name *items = arena_try(r->arena, TERMS_NAMES_MOST, sizeof *items);
    size_t count = 0;
    if (!items)
        return terms_problem(r, r->token.at, "there is no memory left");
    do {
        if (count == TERMS_NAMES_MOST)
            return terms_problem(r, r->token.at, "expected at most %d of them", TERMS_NAMES_MOST);
        TRY(read_name(r, what, &items[count]));
        for (size_t i = 0; i < count; i++)
            if (strcmp(items[i].text, items[count].text) == 0)
                return terms_problem(r, items[count].at, "\"%s\" stands twice", items[i].text);
        count++;
        if (r->token.kind != TOKEN_COMMA)
            break;
        terms_next(r);
    } while (true);
    *out = (struct terms_names) { items, count };
    return OK;
}

enum code read_day(struct terms_reader *r, struct day *out)
{
    struct error why;
    if (r->token.kind != TOKEN_WORD || day_parse(r->token.s, out, &why) != OK)
        return terms_expected(r, "a day such as 2026-01-31");
    terms_next(r);
    return OK;
}

enum code read_whole(struct terms_reader *r, const char *what, int64_t least, int64_t most,
                     int64_t *out)
{
    struct error why;
    if (r->token.kind != TOKEN_WORD || str_to_int64(r->token.s, least, most, out, &why) != OK) {
        char text[120];
        snprintf(text, sizeof text, "%s between %lld and %lld", what, (long long)least,
                 (long long)most);
        return terms_expected(r, text);
    }
    terms_next(r);
    return OK;
}

/* A number without its commas. */
static enum code number(struct terms_reader *r, int places, const char *what, struct rational *out)
{
    char plain[40];
    size_t n = 0;
    struct error why;
    for (size_t i = 0; r->token.kind == TOKEN_WORD && i < r->token.s.length && n < sizeof plain;
         i++)
        if (r->token.s.at[i] != ',')
            plain[n++] = r->token.s.at[i];
    if (r->token.kind != TOKEN_WORD || n == sizeof plain ||
        rational_parse((struct str) { plain, n }, places, out, &why) != OK)
        return terms_expected(r, what);
    terms_next(r);
    return OK;
}

static bool read_fraction(struct str s, struct rational *out)
{
    struct str rest = s, over;
    int64_t n, d;
    struct error why;
    return str_split(&rest, '/', &over) && over.length < s.length &&
           str_to_int64(over, 0, 1000000000, &n, &why) == OK &&
           str_to_int64(rest, 1, 1000000000, &d, &why) == OK &&
           rational_make(n, d, out, &why) == OK;
}

enum code read_percent(struct terms_reader *r, struct rational *out)
{
    struct terms_place at = r->token.at;
    if (r->token.kind == TOKEN_WORD && read_fraction(r->token.s, out)) {
        terms_next(r);
    } else {
        struct error why;
        TRY(number(r, 12, "a part such as \"60 %\" or \"1/3\"", out));
        TRY(read_word(r, "%"));
        if (rational_divide(*out, rational_of(100), out, &why) != OK)
            return terms_problem(r, at, "%s", why.text);
    }
    if (rational_compare(*out, rational_of(1)) > 0)
        return terms_problem(r, at, "expected a part of at most 100 %%");
    return OK;
}

enum code read_money(struct terms_reader *r, int places, struct rational *out)
{
    struct currency c;
    struct error why;
    struct terms_place at = r->token.at;
    char what[120];
    if (r->token.kind != TOKEN_WORD || currency_find(r->token.s, &c, &why) != OK)
        return terms_expected(r, "a currency of ISO 4217");
    if (r->t->currency.code[0] && strcmp(r->t->currency.code, c.code) != 0)
        return terms_problem(r, at, "expected %s, the currency of the first sum, found %s",
                             r->t->currency.code, c.code);
    r->t->currency = c;
    terms_next(r);
    at = r->token.at;
    snprintf(what, sizeof what, "an amount such as 1,250.00 with at most %d decimals",
             c.places + places);
    TRY(number(r, c.places + places, what, out));
    struct rational unit = rational_of(1);
    for (int i = 0; i < c.places; i++)
        unit.n *= 10;
    if (rational_multiply(*out, unit, out, &why) != OK ||
        rational_compare(*out, rational_of(TERMS_MINOR_MOST)) > 0)
        return terms_problem(r, at, "expected an amount of at most %lld minor units",
                             (long long)TERMS_MINOR_MOST);
    return OK;
}

static bool is_territory(struct str s)
{
    if (s.length && (s.at[0] == '+' || s.at[0] == '-'))
        s = (struct str) { s.at + 1, s.length - 1 };
    if (str_is(s, "Worldwide"))
        return true;
    return s.length == 2 && s.at[0] >= 'A' && s.at[0] <= 'Z' && s.at[1] >= 'A' && s.at[1] <= 'Z';
}

enum code read_territories(struct terms_reader *r, struct territory_set *out)
{
    BUF(text);
    struct error why;
    struct terms_place at = r->token.at;
    while (r->token.kind == TOKEN_COMMA ||
           (r->token.kind == TOKEN_WORD && is_territory(r->token.s))) {
        buf_byte(&text, ' ');
        if (r->token.kind == TOKEN_WORD)
            buf_str(&text, r->token.s);
        terms_next(r);
    }
    if (text.length == 0)
        return terms_expected(r, "territories such as \"Worldwide -US\" or \"DE, FR\"");
    if (territory_set_parse(buf_as_str(&text), out, NULL, &why) != OK)
        return terms_problem(r, at, "%s", why.text);
    return OK;
}

enum code read_models(struct terms_reader *r, unsigned *out)
{
    unsigned models = 0;
    do {
        enum model m;
        struct error why;
        if (r->token.kind != TOKEN_WORD || model_parse(r->token.s, &m, &why) != OK)
            return terms_expected(r, "\"free\" or \"subscription\"");
        models |= MODEL_BIT(m);
        terms_next(r);
        if (r->token.kind != TOKEN_COMMA)
            break;
        terms_next(r);
    } while (true);
    *out = models;
    return OK;
}

enum code read_days(struct terms_reader *r, struct day *from, struct day *until)
{
    struct terms_place at = r->token.at;
    TRY(read_day(r, from));
    TRY(read_word(r, "through"));
    TRY(read_day(r, until));
    until->number++;
    if (until->number <= from->number)
        return terms_problem(r, at, "the last day is before the first");
    return OK;
}

enum code grow(struct terms_reader *r, const char *what, const void *items, size_t count,
               size_t size, void **out)
{
    if (count >= TERMS_CLAUSES_MOST)
        return terms_problem(r, r->token.at, "expected at most %d clauses \"%s\"",
                             TERMS_CLAUSES_MOST, what);
    char *grown = arena_try(r->arena, count + 1, size);
    if (!grown)
        return terms_problem(r, r->token.at, "there is no memory left");
    if (count)
        memcpy(grown, items, count * size);
    *out = grown;
    return OK;
}
