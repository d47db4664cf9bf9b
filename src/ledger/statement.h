/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: the lines of a price, down to recording and territory; what they move in the books.
 * Part of ledger's door. */
#ifndef LICET_LEDGER_STATEMENT_H
#define LICET_LEDGER_STATEMENT_H

#include "ledger/price.h"
#include "store/store.h"

/* ---- who holds a play ---------------------------------------------------------------------------- */

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
enum { HELD_PARTS_MOST = 64 };

/* Claims of one recording to parts of a play there and then.
 * out     parts   one for each party, by id; *rest_e8: what nobody gets
 * errors  LIMIT   more than HELD_PARTS_MOST parties */
MUST_USE enum code attribute(const struct claim *claims, size_t count, enum right right,
                             struct territory territory, struct instant at, enum over_rule rule,
                             struct held_part parts[HELD_PARTS_MOST], size_t *part_count,
                             int64_t *rest_e8, struct error *e);

/* ---- lines --------------------------------------------------------------------------------------- */

/* A cube's row before recordings were summed. */
struct detail {
    struct recording_id recording;
    struct cube_row row;
};

struct statement_line {
    enum line_kind kind;
    uint32_t clause; /* line of the terms */
    struct day from, until;
    struct recording_id recording; /* none: not of one recording */
    struct territory territory;
    int64_t plays_e8;
    int64_t minor;
    int64_t touched; /* whole plays in which the licensor has any share */
    uint8_t models; /* the bit of one model; 0: not of one */
};

/* Split `total` by weights as money_split does, for very many: the largest remainders are found
 * without sorting. The same parts with any number of threads.
 * errors  INVALID no weight, a negative one; LIMIT; MEMORY */
MUST_USE enum code allocate(int64_t total, const int64_t *weights, size_t count, unsigned threads,
                            int64_t *parts, struct error *e);

/* The lines of one licensor of one bargain, each fee split down to recording, territory and model by
 * the plays that its filters count; top down, so they sum to the price's lines.
 * in   details  sorted by recording, territory, model
 * out  lines    in arena `a`, in the order of the price, then recording, territory, model */
MUST_USE enum code statement_lines(const struct price_input *in, const struct price *p,
                                   uint32_t bargain, uint32_t licensor,
                                   const struct detail *details, size_t detail_count,
                                   unsigned threads, struct arena *a, struct statement_line **out,
                                   size_t *count, struct error *e);

/* `now` less `before`, by kind, clause, window, recording, territory and model; equal lines vanish. */
MUST_USE enum code statement_difference(const struct statement_line *now, size_t now_count,
                                        const struct statement_line *before, size_t before_count,
                                        struct arena *a, struct statement_line **out, size_t *count,
                                        struct error *e);

/* free, subscription, or empty */
const char *statement_line_model(const struct statement_line *l);

/* As kept: one line each, tabs between; reads back as itself. */
void statement_write(const struct statement_line *lines, size_t count, struct buf *out);
MUST_USE enum code statement_read(struct str text, struct arena *a, struct statement_line **out,
                                  size_t *count, struct error *e);

/* ---- the store -------------------------------------------------------------------------------------- */

struct statement {
    struct statement_id id;
    struct deal_id deal;
    struct party_id licensor;
    struct day from, until;
    int64_t number; /* 1: the first of its period; more: differences */
    struct currency currency;
    int64_t due, payable;
    struct instant closed;
    const char *hash, *body;
};

MUST_USE enum code ledger_statement_get(struct store_tx *tx, struct party_id catalogue,
                                        struct statement_id id, struct arena *a,
                                        struct statement *out, struct error *e);
MUST_USE enum code ledger_statement_list(struct store_tx *tx, struct party_id catalogue,
                                         struct party_id licensor, struct statement_id after,
                                         size_t limit, struct arena *a, struct statement **out,
                                         size_t *count, struct error *e);
/* All of one deal, licensor and period, in the order of their numbers. */
MUST_USE enum code ledger_statement_of(struct store_tx *tx, struct party_id catalogue,
                                       struct deal_id deal, struct party_id licensor,
                                       struct day from, struct day until, struct arena *a,
                                       struct statement **out, size_t *count, struct error *e);
/* Keep it and move what its lines move; id, number, hash and sums are written back. */
MUST_USE enum code ledger_statement_put(const struct registry_act *act, const char *licensor,
                                        const struct statement_line *lines, size_t count,
                                        struct statement *s, struct error *e);
void ledger_statement_json(const struct statement *s, struct json_out *o);

/* ---- the books ------------------------------------------------------------------------------------- */

/* Move `sum` from account `credit` to account `debit` (words such as "payable:label-a"). A negative
 * sum moves the other way; nothing moves for zero. */
MUST_USE enum code ledger_move(const struct registry_act *act, struct statement_id statement,
                               const char *debit, const char *credit, struct money sum,
                               const char *words, struct error *e);
/* A payment to a licensor: from cash, against what is payable.
 * errors  INVALID nothing, or less, is paid; CONFLICT more than is payable */
MUST_USE enum code ledger_pay(const struct registry_act *act, const char *licensor,
                              struct money sum, struct statement_id statement, struct error *e);

struct balance {
    const char *account;
    struct money sum; /* debits less credits */
};
/* Of every account, by name and currency; they sum to zero in each currency, else CORRUPT. */
MUST_USE enum code ledger_balances(struct store_tx *tx, struct party_id catalogue, struct arena *a,
                                   struct balance **out, size_t *count, struct error *e);

#endif
