/* SPDX-License-Identifier: Apache-2.0 */
/* What a letter says, told by phrases in English and Russian. */
#include "mail/inside.h"

#include <strings.h>

static const struct {
    enum said said;
    const char *phrase; /* in small letters */
} phrases[] = {
    { SAYS_SIGNATURE, "/s/" },
    { SAYS_SIGNATURE, "electronic signature" },
    { SAYS_SIGNATURE, "signature:" },
    { SAYS_SIGNATURE, "signed by" },
    { SAYS_SIGNATURE, "signed:" },
    { SAYS_SIGNATURE, "подпись" },
    { SAYS_EXPLANATION, "infring" },
    { SAYS_EXPLANATION, "unlawful" },
    { SAYS_EXPLANATION, "нарушает" },
    { SAYS_EXPLANATION, "нарушени" },
    { SAYS_ADDRESS, "address:" }, /* but not "e-mail address:" */
    { SAYS_ADDRESS, "адрес:" },
    { SAYS_PHONE, "phone:" },
    { SAYS_PHONE, "tel:" },
    { SAYS_PHONE, "tel." },
    { SAYS_PHONE, "телефон" },
    { SAYS_GOOD_FAITH, "good faith" },
    { SAYS_GOOD_FAITH, "good-faith" },
    { SAYS_GOOD_FAITH, "добросовестн" },
    { SAYS_ACCURACY, "is accurate" },
    { SAYS_ACCURACY, "are accurate" },
    { SAYS_ACCURACY, "accurate and complete" },
    { SAYS_ACCURACY, "true and correct" },
    { SAYS_ACCURACY, "сведения точны" },
    { SAYS_ACCURACY, "сведения достоверны" },
    { SAYS_ACCURACY, "достоверность" },
    { SAYS_AUTHORITY, "penalty of perjury" },
    { SAYS_AUTHORITY, "penalties of perjury" },
    { SAYS_AUTHORITY, "под страхом" },
    { SAYS_NO_PERMISSION, "no permission" },
    { SAYS_NO_PERMISSION, "without permission" },
    { SAYS_NO_PERMISSION, "without authori" },
    { SAYS_NO_PERMISSION, "has not been authori" },
    { SAYS_NO_PERMISSION, "не давал" },
    { SAYS_NO_PERMISSION, "без разрешения" },
    { SAYS_NO_PERMISSION, "разрешения не" },
    { SAYS_IDENTITY, "passport" },
    { SAYS_IDENTITY, "registration number" },
    { SAYS_IDENTITY, "паспорт" },
    { SAYS_IDENTITY, "огрн" },
    { SAYS_PROOF_OF_RIGHT, "proof of right" },
    { SAYS_PROOF_OF_RIGHT, "proof of ownership" },
    { SAYS_PROOF_OF_RIGHT, "подтверждение прав" },
    { SAYS_PROOF_OF_RIGHT, "подтверждающ" },
    { SAYS_POWER, "power of attorney" },
    { SAYS_POWER, "доверенност" },
};

static const struct {
    const char *regime, *phrase;
} regimes[] = {
    { "ru15_7", "149-фз" },
    { "ru15_7", "15.7" },
    { "dsa16", "2022/2065" },
    { "dsa16", "digital services act" },
    { "dmca", "17 u.s.c" },
    { "dmca", "512(c)" },
    { "dmca", "dmca" },
    { "dmca", "digital millennium" },
    { "uk", "copyright, designs" },
    { "uk", "e-commerce) regulations" },
    { "uk", "cdpa" },
};

#define WORD(name, word) word,
static const char *const words[] = { SAYINGS(WORD) };

const char *said_word(enum said s)
{
    return words[s];
}

/* Small letters of Latin and Cyrillic, blanks as one; a phrase may run over the end of a line. */
static void flatten(struct str text, struct buf *out)
{
    bool blank = false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = (uint8_t)text.at[i], d = i + 1 < text.length ? (uint8_t)text.at[i + 1] : 0;
        bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '>';
        if (space && blank)
            continue;
        blank = space;
        if (space) {
            buf_byte(out, ' ');
        } else if (c >= 'A' && c <= 'Z') {
            buf_byte(out, (uint8_t)(c + 32));
        } else if (c == 0xD0 && d >= 0x90 && d <= 0xAF) { /* U+0410 ... U+042F */
            buf_byte(out, d < 0xA0 ? 0xD0 : 0xD1);
            buf_byte(out, (uint8_t)(d < 0xA0 ? d + 0x20 : d - 0x20));
            i++;
        } else {
            buf_byte(out, c);
        }
    }
}

static bool holds(const struct buf *b, const char *phrase)
{
    return b->length && memmem(b->bytes, b->length, phrase, strlen(phrase)) != NULL;
}

static size_t times(const struct buf *b, const char *phrase)
{
    size_t n = 0, length = strlen(phrase);
    const uint8_t *end = b->bytes + b->length;
    for (const uint8_t *at = b->bytes;
         b->length && (at = memmem(at, (size_t)(end - at), phrase, length)) != NULL; at++)
        n++;
    return n;
}

unsigned says_in(struct str text)
{
    BUF(flat);
    unsigned bits = 0;
    flatten(text, &flat);
    for (size_t i = 0; i < COUNT_OF(phrases); i++)
        if (!(bits >> phrases[i].said & 1) && holds(&flat, phrases[i].phrase))
            bits |= 1u << phrases[i].said;
    if (times(&flat, "address:") == times(&flat, "mail address:") && !holds(&flat, "адрес:"))
        bits &= ~(1u << SAYS_ADDRESS);
    return bits;
}

const char *regime_in(struct str text)
{
    BUF(flat);
    flatten(text, &flat);
    for (size_t i = 0; i < COUNT_OF(regimes); i++)
        if (holds(&flat, regimes[i].phrase))
            return regimes[i].regime;
    return "dmca";
}

const char *language_in(struct str text)
{
    size_t latin = 0, cyrillic = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = (uint8_t)text.at[i];
        latin += (c | 32) >= 'a' && (c | 32) <= 'z';
        cyrillic += c == 0xD0 || c == 0xD1;
    }
    return cyrillic * 2 > latin ? "ru" : "en";
}
