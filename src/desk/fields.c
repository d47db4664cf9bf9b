/* SPDX-License-Identifier: Apache-2.0 */
/* The table of required elements. */
#include "desk/fields.h"

const struct element_need element_needs[] = {
    { REGIME_DMCA, ELEMENT_SIGNATURE, "512(c)(3)(A)(i)", false },
    { REGIME_DMCA, ELEMENT_WORK, "512(c)(3)(A)(ii)", false },
    { REGIME_DMCA, ELEMENT_LOCATION, "512(c)(3)(A)(iii)", false },
    { REGIME_DMCA, ELEMENT_ADDRESS | ELEMENT_PHONE | ELEMENT_EMAIL, "512(c)(3)(A)(iv)", false },
    { REGIME_DMCA, ELEMENT_GOOD_FAITH, "512(c)(3)(A)(v)", false },
    { REGIME_DMCA, ELEMENT_ACCURACY, "512(c)(3)(A)(vi)", false },
    { REGIME_DMCA, ELEMENT_AUTHORITY, "512(c)(3)(A)(vi)", false },

    { REGIME_DSA16, ELEMENT_EXPLANATION, "DSA 16(2)(a)", false },
    { REGIME_DSA16, ELEMENT_LOCATION, "DSA 16(2)(b)", false },
    { REGIME_DSA16, ELEMENT_NAME, "DSA 16(2)(c)", false },
    { REGIME_DSA16, ELEMENT_EMAIL, "DSA 16(2)(c)", false },
    { REGIME_DSA16, ELEMENT_GOOD_FAITH | ELEMENT_ACCURACY, "DSA 16(2)(d)", false },

    { REGIME_DSA9, ELEMENT_ORDER, "DSA 9(2)(a)", false },
    { REGIME_DSA9, ELEMENT_LOCATION, "DSA 9(2)(a)(iv)", false },
    { REGIME_DSA9, ELEMENT_NAME, "DSA 9(2)(a)(iii)", false },
    { REGIME_DSA9, ELEMENT_EMAIL, "DSA 9(2)(a)(iii)", false },

    { REGIME_UK, ELEMENT_NAME, "E-Commerce Regs 2002, 22(a)", false },
    { REGIME_UK, ELEMENT_ADDRESS, "E-Commerce Regs 2002, 22(a)", false },
    { REGIME_UK, ELEMENT_LOCATION, "E-Commerce Regs 2002, 22(b)", false },
    { REGIME_UK, ELEMENT_EXPLANATION | ELEMENT_WORK, "E-Commerce Regs 2002, 22(c)", false },

    { REGIME_RU15_2, ELEMENT_ORDER, "149-FZ 15.2", false },
    { REGIME_RU15_2, ELEMENT_LOCATION, "149-FZ 15.2", false },

    { REGIME_RU15_7, ELEMENT_SIGNATURE, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_WORK, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_PROOF_OF_RIGHT, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_LOCATION, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_NAME, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_IDENTITY, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_EMAIL, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_NO_PERMISSION, "149-FZ 15.7", false },
    { REGIME_RU15_7, ELEMENT_POWER, "149-FZ 15.7", true },

    { REGIME_CONTRACT, ELEMENT_LOCATION, "own terms", false },
    { REGIME_CONTRACT, ELEMENT_WORK, "own terms", false },
};
const size_t element_need_count = COUNT_OF(element_needs);

const struct element_need counter_needs[] = {
    { REGIME_DMCA, ELEMENT_SIGNATURE, "512(g)(3)(A)", false },
    { REGIME_DMCA, ELEMENT_LOCATION, "512(g)(3)(B)", false },
    { REGIME_DMCA, ELEMENT_MISTAKE, "512(g)(3)(C)", false },
    { REGIME_DMCA, ELEMENT_NAME, "512(g)(3)(D)", false },
    { REGIME_DMCA, ELEMENT_ADDRESS, "512(g)(3)(D)", false },
    { REGIME_DMCA, ELEMENT_PHONE, "512(g)(3)(D)", false },
    { REGIME_DMCA, ELEMENT_JURISDICTION, "512(g)(3)(D)", false },
};
const size_t counter_need_count = COUNT_OF(counter_needs);

unsigned elements_missing(enum regime regime, unsigned has, bool agent)
{
    unsigned missing = 0;
    for (size_t i = 0; i < element_need_count; i++) {
        const struct element_need *n = &element_needs[i];
        if (n->regime == regime && !(has & n->element) && (agent || !n->agent_only))
            missing |= n->element;
    }
    return missing;
}

unsigned counter_missing(unsigned has)
{
    unsigned missing = 0;
    for (size_t i = 0; i < counter_need_count; i++)
        if (!(has & counter_needs[i].element))
            missing |= counter_needs[i].element;
    return missing;
}

bool elements_repairable(unsigned has)
{
    return (has & ELEMENT_LOCATION) && (has & (ELEMENT_WORK | ELEMENT_EXPLANATION)) &&
           (has & (ELEMENT_EMAIL | ELEMENT_ADDRESS | ELEMENT_PHONE));
}

#define WORD(name, word, english, russian) word,
static const char *const words[] = { ELEMENTS(WORD) };
#define ASKED(name, word, english, russian) { english, russian },
static const char *const asked[][2] = { ELEMENTS(ASKED) };

const char *element_word(enum element_at at)
{
    return words[at];
}

const char *element_asked(enum element_at at, int russian)
{
    return asked[at][russian ? 1 : 0];
}

/* Latin a to z, and Cyrillic: U+0430 to U+043F and U+0440 to U+044F stand 32 before. */
const char *element_label(enum element_at at, int russian, char out[ELEMENT_LABEL])
{
    uint8_t *c = (uint8_t *)out;
    snprintf(out, ELEMENT_LABEL, "%s", element_asked(at, russian));
    if (c[0] >= 'a' && c[0] <= 'z') {
        c[0] = (uint8_t)(c[0] - 32);
    } else if (c[0] == 0xD0 && c[1] >= 0xB0 && c[1] <= 0xBF) {
        c[1] = (uint8_t)(c[1] - 32);
    } else if (c[0] == 0xD1 && c[1] >= 0x80 && c[1] <= 0x8F) {
        c[0] = 0xD0;
        c[1] = (uint8_t)(c[1] + 32);
    }
    return out;
}

enum code element_parse(struct str text, unsigned *bit, struct error *e)
{
    for (unsigned i = 0; i < ELEMENT_COUNT; i++)
        if (str_is(text, words[i])) {
            *bit = 1u << i;
            return OK;
        }
    return fail(e, ERR_INVALID, "'%.*s' is not an element of a notice",
                (int)(text.length > 40 ? 40 : text.length), text.at);
}

void elements_format(unsigned bits, struct buf *out)
{
    bool comma = false;
    for (unsigned i = 0; i < ELEMENT_COUNT; i++)
        if (bits >> i & 1) {
            buf_format(out, comma ? ", %s" : "%s", words[i]);
            comma = true;
        }
}
