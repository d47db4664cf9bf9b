/* SPDX-License-Identifier: Apache-2.0 */
/* The named reasons for which a message, or a part of it, is not taken. Part of ddex's door. */
#ifndef LICET_DDEX_RULES_H
#define LICET_DDEX_RULES_H

#include "base/base.h"

enum rule_weight { RULE_REFUSED, RULE_LEFT, RULE_TOLD };

#define ROW(id, word, weight, text) id,
enum ern_rule {
#include "ddex/rules.def"
    ERN_RULE_COUNT
};
#undef ROW

const char *ern_rule_word(enum ern_rule r);     /* "deal.start" */
const char *ern_rule_sentence(enum ern_rule r); /* "a deal has no start date" */
enum rule_weight ern_rule_weight(enum ern_rule r);
const char *rule_weight_word(enum rule_weight w); /* "refused", "left out", "told" */

/* One place at which a rule holds. */
struct ern_note {
    enum ern_rule rule;
    uint32_t line;    /* 0: the whole message */
    char element[64]; /* "RightSharePercentage"; may be empty */
    char text[320];   /* what stands there, in a sentence */
};

/* "line 12: ValidityPeriod: it has no start date [deal.start]" */
void ern_note_format(const struct ern_note *n, struct buf *out);
/* The same as an error of code INVALID. */
enum code ern_note_fail(const struct ern_note *n, struct error *e);
void ern_note_json(const struct ern_note *n, struct json_out *o);

#endif
