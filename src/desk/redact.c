/* SPDX-License-Identifier: Apache-2.0 */
/* What tells a person, out of free text: line by line, word by word. */
#include "desk/redact.h"

#include <strings.h>

#define GONE "[redacted]"

/* What follows one of these on its line is somebody's. Small letters; Cyrillic with both first ones. */
static const char *const labels[] = {
    "address:",
    "postal address:",
    "name:",
    "full name:",
    "signature:",
    "signed:",
    "signed by:",
    "/s/",
    "phone:",
    "telephone:",
    "tel:",
    "tel.:",
    "mobile:",
    "fax:",
    "e-mail:",
    "email:",
    "contact:",
    "passport:",
    "ssn:",
    "date of birth:",
    "адрес:",
    "Адрес:",
    "имя:",
    "Имя:",
    "ФИО:",
    "фио:",
    "подпись:",
    "Подпись:",
    "телефон:",
    "Телефон:",
    "тел.:",
    "Тел.:",
    "паспорт",
    "Паспорт",
    "почта:",
    "Почта:",
    "ИНН",
    "СНИЛС",
    "дата рождения:",
    "Дата рождения:",
};
/* A street ends in these (behind a number and a name), or, in Russian, begins with them. */
static const char *const street_ends[] = { "street", "st",      "road",   "rd",    "avenue",
                                           "ave",    "lane",    "square", "drive", "boulevard",
                                           "blvd",   "strasse", "straße", "platz", "weg",
                                           "rue",    "plaza" };
static const char *const street_begins[] = { "ул.",  "улица ",    "пр-т ", "проспект ",
                                             "пер.", "переулок ", "наб.",  "г. " };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || (uint8_t)c >= 0x80;
}

static struct str behind(struct str s, size_t n)
{
    return (struct str) { s.at + n, s.length - n };
}

static bool begins(struct str s, const char *word)
{
    size_t n = strlen(word);
    return s.length >= n && strncasecmp(s.at, word, n) == 0;
}

/* ---- one thing at a place: its length, or 0 ---- */

static size_t mailbox_at(struct str s, bool fresh)
{
    size_t n = 0, at = 0;
    while (fresh && n < s.length && (is_word(s.at[n]) || strchr(".+-@%", s.at[n]) != NULL) &&
           s.at[n] != '\0') {
        if (s.at[n] == '@')
            at = n;
        n++;
    }
    return at > 0 && at + 1 < n ? n : 0;
}

/* 2026-11-02 is a day, and tells nobody. */
static bool is_day(struct str s)
{
    static const char shape[] = "dddd-dd-dd";
    if (s.length < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (shape[i] == 'd' ? !is_digit(s.at[i]) : s.at[i] != shape[i])
            return false;
    return s.length == sizeof shape - 1 || !is_digit(s.at[sizeof shape - 1]);
}

/* Seven digits or more with what people put between them; four numbers with dots. */
static size_t number_at(struct str s, bool fresh)
{
    size_t n = 0, digits = 0, last = 0, dots = 0;
    if (!fresh || s.length == 0 || is_day(s) || !(is_digit(s.at[0]) || strchr("+(", s.at[0])))
        return 0;
    while (n < s.length && (is_digit(s.at[n]) || strchr(" +-().", s.at[n])) && s.at[n]) {
        if (n > 0 && s.at[n] == ' ' && s.at[n - 1] == ' ')
            break;
        digits += is_digit(s.at[n]);
        dots += s.at[n] == '.';
        n++;
        if (is_digit(s.at[n - 1]))
            last = n;
    }
    if (last < s.length && is_word(s.at[last]))
        return 0;
    return digits >= 7 || (dots >= 3 && digits >= 4) ? last : 0;
}

/* Two letters, two digits, then 11 or more of both: an account (IBAN). */
static size_t account_at(struct str s, bool fresh)
{
    size_t n = 0, count = 0;
    if (!fresh || s.length < 15 || !(s.at[0] >= 'A' && s.at[0] <= 'Z') ||
        !(s.at[1] >= 'A' && s.at[1] <= 'Z') || !is_digit(s.at[2]) || !is_digit(s.at[3]))
        return 0;
    for (; n < s.length && count < 34; n++) {
        if (s.at[n] == ' ' && n + 1 < s.length && is_digit(s.at[n + 1]))
            continue;
        if (!is_digit(s.at[n]) && !(s.at[n] >= 'A' && s.at[n] <= 'Z'))
            break;
        count++;
    }
    return count >= 15 ? n : 0;
}

/* "12 Harbour View Road": a number, up to three words, and what streets end in. */
static size_t street_at(struct str s, bool fresh)
{
    size_t n = 0;
    for (size_t i = 0; fresh && i < COUNT_OF(street_begins); i++)
        if (begins(s, street_begins[i]))
            return s.length;
    while (fresh && n < s.length && n < 6 && is_digit(s.at[n]))
        n++;
    if (n == 0 || n >= s.length || (s.at[n] != ' ' && !(n + 1 < s.length && s.at[n + 1] == ' ')))
        return 0;
    for (int words = 0; words < 5 && n < s.length; words++) {
        while (n < s.length && !is_word(s.at[n]) && s.at[n] != ',')
            n++;
        size_t from = n;
        while (n < s.length && is_word(s.at[n]))
            n++;
        for (size_t i = 0; i < COUNT_OF(street_ends); i++)
            if (strlen(street_ends[i]) == n - from &&
                strncasecmp(s.at + from, street_ends[i], n - from) == 0)
                return n;
    }
    return 0;
}

static size_t name_at(struct str s, bool fresh, const char *const *names, size_t count)
{
    for (size_t i = 0; fresh && i < count; i++) {
        size_t n = names[i] ? strlen(names[i]) : 0;
        if (n >= 3 && begins(s, names[i]) && (n == s.length || !is_word(s.at[n])))
            return n;
    }
    return 0;
}

/* ---- lines ---- */

/* Where a label ends on this line, or 0. */
static size_t label_at(struct str s, bool fresh)
{
    for (size_t i = 0; fresh && i < COUNT_OF(labels); i++)
        if (begins(s, labels[i]))
            return strlen(labels[i]);
    return 0;
}

static void redact_line(struct str line, const char *const *names, size_t name_count,
                        struct buf *out)
{
    for (size_t at = 0; at < line.length;) {
        struct str s = behind(line, at);
        bool fresh = at == 0 || !is_word(line.at[at - 1]);
        size_t label = label_at(s, fresh);
        if (label && str_trim(behind(s, label)).length) {
            buf_put(out, s.at, label);
            buf_text(out, " " GONE);
            return;
        }
        size_t n = mailbox_at(s, fresh);
        n = n ? n : account_at(s, fresh);
        n = n ? n : street_at(s, fresh);
        n = n ? n : number_at(s, fresh);
        n = n ? n : name_at(s, fresh, names, name_count);
        if (n)
            buf_text(out, GONE);
        else
            buf_byte(out, (uint8_t)line.at[at]);
        at += n ? n : 1;
    }
}

void redact(struct str text, const char *const *names, size_t name_count, struct buf *out)
{
    struct str line;
    bool first = true;
    while (str_split(&text, '\n', &line)) {
        if (!first)
            buf_byte(out, '\n');
        first = false;
        redact_line(line, names, name_count, out);
    }
}
