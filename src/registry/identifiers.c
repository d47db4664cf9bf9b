/* SPDX-License-Identifier: Apache-2.0 */
/* One row per identifier: its pattern and the arithmetic of its check. */
#include "registry/identifiers.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int digit(char c)
{
    return c - '0';
}

/* Pattern: '9' a digit, 'A' a letter, '*' a letter or digit, 'X' a digit or X; a small letter is
 * that letter in upper case, '1' is itself. */
static bool fits(char c, char pattern)
{
    switch (pattern) {
    case '9':
        return is_digit(c);
    case 'A':
        return is_letter(c);
    case '*':
        return is_letter(c) || is_digit(c);
    case 'X':
        return is_digit(c) || c == 'X';
    case '1':
        return c == '1';
    default:
        return c == pattern - 'a' + 'A';
    }
}

/* `text` without blanks, hyphens and dots, in capitals; false when it does not fit in `out`. */
static bool plain(struct str text, char out[IDENTIFIER_TEXT])
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == ' ' || c == '-' || c == '.')
            continue;
        if (n == IDENTIFIER_TEXT - 1 || c == '\0')
            return false;
        out[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    out[n] = '\0';
    return n > 0;
}

static bool has_form(const char *text, const char *pattern)
{
    for (; *text && *pattern; text++, pattern++)
        if (!fits(*text, *pattern))
            return false;
    return !*text && !*pattern;
}

/* ISO 15707 and IPI base: sum of position times digit, from `begin`. */
static bool check_weighted(const char *nine_and_check, int begin)
{
    int sum = begin;
    for (int i = 0; i < 9; i++)
        sum += (i + 1) * digit(nine_and_check[i]);
    return (10 - sum % 10) % 10 == digit(nine_and_check[9]);
}

static bool check_iswc(const char *t)
{
    return check_weighted(t + 1, 1);
}

static bool check_ipi_base(const char *t)
{
    return check_weighted(t + 1, 2);
}

static bool check_ipi_name(const char *t)
{
    int sum = 0;
    for (int i = 0; i < 9; i++)
        sum += (10 - i) * digit(t[i]);
    return (101 - sum % 101) % 100 == digit(t[9]) * 10 + digit(t[10]);
}

/* ISO 7064 MOD 11-2 */
static bool check_isni(const char *t)
{
    int p = 0;
    for (int i = 0; i < 15; i++)
        p = (p + digit(t[i])) * 2 % 11;
    int c = (12 - p) % 11;
    return t[15] == (c == 10 ? 'X' : (char)('0' + c));
}

/* GS1: weights 3 and 1 in turn, from the right */
static bool check_gtin(const char *t)
{
    int sum = 0, weight = 1;
    for (size_t i = strlen(t); i > 0; i--, weight = 4 - weight)
        sum += weight * digit(t[i - 1]);
    return sum % 10 == 0;
}

/* ISO 7064 MOD 37,36 over the whole text, the check character included */
static bool check_mod37_36(const char *t)
{
    int p = 36;
    for (; t[1]; t++) {
        int s = (p + (is_digit(*t) ? digit(*t) : *t - 'A' + 10)) % 36;
        p = (s ? s : 36) * 2 % 37;
    }
    int last = is_digit(*t) ? digit(*t) : *t - 'A' + 10;
    return (p + last) % 36 == 1;
}

struct identifier {
    const char *name, *like;
    const char *patterns[3];
    bool (*check)(const char *plain); /* NULL: there is none */
};

static const struct identifier isrc = { "ISRC", "JPTO09404900", { "AA***9999999" }, NULL };
static const struct identifier iswc = { "ISWC", "T0345246801", { "t9999999999" }, check_iswc };
static const struct identifier ipi_name = {
    "IPI name number", "00014107338", { "99999999999" }, check_ipi_name
};
static const struct identifier ipi_base = {
    "IPI base number", "I-001068130-6", { "i9999999999" }, check_ipi_base
};
static const struct identifier isni = {
    "ISNI", "0000000081266409", { "999999999999999X" }, check_isni
};
static const struct identifier gtin = {
    "EAN or UPC", "0094631432057", { "999999999999", "9999999999999", "99999999999999" }, check_gtin
};
static const struct identifier grid = {
    "GRid", "A12425GABC1234002M", { "a1****************" }, check_mod37_36
};
static const struct identifier dpid = {
    "DPID", "PADPIDA2013042401U", { "padpida9999999999*" }, check_mod37_36
};

static enum code parse_form(const struct identifier *id, struct str text, char out[IDENTIFIER_TEXT],
                            struct error *e)
{
    char found[IDENTIFIER_TEXT] = { 0 };
    bool good = false;
    if (plain(text, found))
        for (size_t i = 0; !good && i < COUNT_OF(id->patterns) && id->patterns[i]; i++)
            good = has_form(found, id->patterns[i]);
    if (!good)
        return fail(e, ERR_INVALID, "\"%.*s\" does not have the form of %s, like %s",
                    (int)(text.length > 40 ? 40 : text.length), text.at ? text.at : "", id->name,
                    id->like);
    memcpy(out, found, IDENTIFIER_TEXT);
    return OK;
}

static enum code parse(const struct identifier *id, struct str text, char out[IDENTIFIER_TEXT],
                       struct error *e)
{
    char found[IDENTIFIER_TEXT] = { 0 };
    TRY(parse_form(id, text, found, e));
    if (id->check && !id->check(found))
        return fail(e, ERR_INVALID, "the check digit of %s \"%.*s\" is wrong", id->name,
                    (int)(text.length > 40 ? 40 : text.length), text.at);
    memcpy(out, found, IDENTIFIER_TEXT);
    return OK;
}

enum code isrc_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    return parse(&isrc, text, out, e);
}

enum code iswc_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    return parse(&iswc, text, out, e);
}

enum code ipi_name_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    char padded[12] = "00000000000";
    if (text.length >= 3 && text.length < 11) {
        memcpy(padded + 11 - text.length, text.at, text.length);
        return parse(&ipi_name, str_of(padded), out, e);
    }
    return parse(&ipi_name, text, out, e);
}

enum code ipi_base_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    char p[IDENTIFIER_TEXT] = { 0 };
    TRY(parse(&ipi_base, text, p, e));
    memset(out, 0, IDENTIFIER_TEXT);
    out[0] = p[0];
    out[1] = '-';
    memcpy(out + 2, p + 1, 9);
    out[11] = '-';
    out[12] = p[10];
    return OK;
}

enum code isni_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    return parse(&isni, text, out, e);
}

enum code gtin_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    return parse(&gtin, text, out, e);
}

enum code grid_parse(struct str text, char out[IDENTIFIER_TEXT], struct error *e)
{
    return parse(&grid, text, out, e);
}

enum code dpid_parse(struct str text, char out[IDENTIFIER_TEXT], bool *checks, struct error *e)
{
    TRY(parse_form(&dpid, text, out, e));
    *checks = check_mod37_36(out);
    return OK;
}
