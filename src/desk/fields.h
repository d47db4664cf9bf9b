/* SPDX-License-Identifier: Apache-2.0 */
/* What each regime asks of a notice and of a counter-notice, and what of it is missing. Pure. */
#ifndef LICET_DESK_FIELDS_H
#define LICET_DESK_FIELDS_H

#include "desk/words.h"

/* name, word, English, Russian: what the sender is asked for */
#define ELEMENTS(ROW)                                                                              \
    ROW(ELEMENT_SIGNATURE, "signature", "a physical or electronic signature", "подпись")           \
    ROW(ELEMENT_WORK, "work", "the work, or a representative list",                                \
        "произведение или примерный перечень")                                                     \
    ROW(ELEMENT_LOCATION, "location", "the exact location of each item",                           \
        "точный адрес каждого материала")                                                          \
    ROW(ELEMENT_EXPLANATION, "explanation", "why the item is unlawful",                            \
        "почему материал противоправен")                                                           \
    ROW(ELEMENT_NAME, "name", "your full name", "ваше полное имя")                                 \
    ROW(ELEMENT_ADDRESS, "address", "your postal address", "ваш почтовый адрес")                   \
    ROW(ELEMENT_PHONE, "phone", "your telephone number", "ваш телефон")                            \
    ROW(ELEMENT_EMAIL, "email", "your e-mail address", "ваш адрес электронной почты")              \
    ROW(ELEMENT_GOOD_FAITH, "good_faith",                                                          \
        "the statement that you believe in good faith that the use is not authorised",             \
        "заявление о добросовестной уверенности, что использование не разрешено")                  \
    ROW(ELEMENT_ACCURACY, "accuracy", "the statement that the notice is accurate and complete",    \
        "заявление, что сведения точны и полны")                                                   \
    ROW(ELEMENT_AUTHORITY, "authority_perjury",                                                    \
        "the statement, under penalty of perjury, that you may act for the holder",                \
        "заявление под страхом ответственности, что вы вправе действовать за правообладателя")     \
    ROW(ELEMENT_IDENTITY, "identity", "passport or registration data",                             \
        "паспортные или регистрационные данные")                                                   \
    ROW(ELEMENT_NO_PERMISSION, "no_permission", "the statement that no permission was given",      \
        "заявление об отсутствии разрешения")                                                      \
    ROW(ELEMENT_PROOF_OF_RIGHT, "proof_of_right", "the proof of the right", "подтверждение права") \
    ROW(ELEMENT_POWER, "power_of_attorney", "the power of attorney", "доверенность")               \
    ROW(ELEMENT_ORDER, "order_document", "the text of the order with its number",                  \
        "текст постановления с номером")                                                           \
    ROW(ELEMENT_MISTAKE, "mistake_perjury",                                                        \
        "the statement, under penalty of perjury, of mistake or misidentification",                \
        "заявление под страхом ответственности об ошибке")                                         \
    ROW(ELEMENT_JURISDICTION, "jurisdiction", "consent to jurisdiction and service of process",    \
        "согласие с юрисдикцией и вручением документов")

#define BIT(name, word, english, russian) name##_AT,
enum element_at { ELEMENTS(BIT) ELEMENT_COUNT };
#undef BIT
#define BIT(name, word, english, russian) name = 1 << name##_AT,
enum element { ELEMENTS(BIT) ELEMENTS_ALL = (1 << ELEMENT_COUNT) - 1 };
#undef BIT

struct element_need {
    enum regime regime;
    unsigned element; /* any one of several bits will do */
    const char *anchor;
    bool agent_only; /* of somebody who acts for another */
};
extern const struct element_need element_needs[];
extern const size_t element_need_count;
extern const struct element_need counter_needs[];
extern const size_t counter_need_count;

/* The elements of `regime` that are not in `has`. */
unsigned elements_missing(enum regime regime, unsigned has, bool agent);
unsigned counter_missing(unsigned has);
/* A notice that names work, item and contact, and lacks a statement, is repaired and not thrown
 * away: 512(c)(3)(B)(ii). */
bool elements_repairable(unsigned has);

const char *element_word(enum element_at at);
const char *element_asked(enum element_at at, int russian);
/* The same as the label of a field: with a capital letter. */
enum { ELEMENT_LABEL = 256 };
const char *element_label(enum element_at at, int russian, char out[ELEMENT_LABEL]);
MUST_USE enum code element_parse(struct str text, unsigned *bit, struct error *e);
void elements_format(unsigned bits, struct buf *out); /* words with commas */

#endif
