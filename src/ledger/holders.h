/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a play: claims of one recording to parts of it, there and then. Part of ledger's door. */
#ifndef LICET_LEDGER_HOLDERS_H
#define LICET_LEDGER_HOLDERS_H

#include "licence/licence.h"

/* What is done with claims of more than the whole. */
#define OVER_RULES(ROW)                                                                            \
    ROW(OVER_HOLD, "hold")                     /* nobody gets it until they agree */               \
    ROW(OVER_SCALE, "scale")                   /* all are made smaller alike */                    \
    ROW(OVER_FIRST_FILED, "first_filed")       /* in the order they came in */                     \
    ROW(OVER_PAY_UNDISPUTED, "pay_undisputed") /* each what no other claims */
#define MEMBER(name, word) name,
enum over_rule { OVER_RULES(MEMBER) OVER_RULE_COUNT };
#undef MEMBER
const char *over_rule_word(enum over_rule r);
MUST_USE enum code over_rule_parse(struct str text, enum over_rule *out, struct error *e);

struct held_part {
    struct party_id party;
    int64_t share_e8;
};
struct held_share { /* the same by the party's number */
    uint16_t party;
    int64_t share_e8;
};
enum { HELD_PARTS_MOST = 64 };

/* Claims of one recording to parts of a play there and then.
 * out     parts   one for each party, by id; *rest_e8: what nobody gets
 * errors  LIMIT   more than HELD_PARTS_MOST parties */
MUST_USE enum code attribute(const struct claim *claims, size_t count, enum right right,
                             struct territory territory, struct instant at, enum over_rule rule,
                             struct held_part parts[HELD_PARTS_MOST], size_t *part_count,
                             int64_t *rest_e8, struct error *e);

#endif
