/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: the lines of a price, down to recording and territory; what they move in the books.
 * Part of ledger's door. */
#ifndef LICET_LEDGER_STATEMENT_H
#define LICET_LEDGER_STATEMENT_H

#include "ledger/price.h"
#include "ledger/roll.h"
#include "store/store.h"

/* ---- lines --------------------------------------------------------------------------------------- */

struct statement_line {
    enum line_kind kind;
    uint32_t clause; /* line of the terms */
    struct day from, until;
    struct recording_id recording; /* none: not of one recording */
    struct territory territory;
    int64_t plays_e8;
    int64_t minor;
    int64_t touched; /* whole plays in which the licensor has any share */
    uint8_t models;  /* the bit of one model; 0: not of one */
};

/* Split `total` by weights as money_split does, for very many: the largest remainders are found
 * without sorting. The same parts with any number of threads.
 * errors  INVALID no weight, a negative one; LIMIT; MEMORY */
MUST_USE enum code allocate(int64_t total, const int64_t *weights, size_t count, unsigned threads,
                            int64_t *parts, struct error *e);

/* The same of weights that lie in several places, one for each thread; rests: room of as many. */
struct split_part {
    const int64_t *weights;
    size_t count;
    int64_t *parts;
    uint64_t *rests;
};
MUST_USE enum code allocate_parts(int64_t total, const struct split_part *parts, unsigned threads,
                                  struct error *e);

/* Where lines go, one after the other. */
struct line_sink {
    void *ctx;
    enum code (*line)(void *ctx, const struct statement_line *l, struct error *e);
};

/* Memory that the lines of several statements are made in, one after the other: to have it anew for
 * each of them costs more than the work on it. */
struct statement_room;
MUST_USE enum code statement_room_new(struct statement_room **out, struct error *e);
void statement_room_free(struct statement_room *r);
OWNED_BY(statement_room)

/* The lines of one licensor of one bargain, each fee split down to recording, territory and model by
 * the plays that its filters count; top down, so they sum to the price's lines. In the order of the
 * price, then recording, territory, model. in  plays  of the roll that the price's cube was made of */
MUST_USE enum code statement_lines(const struct price_input *in, const struct price *p,
                                   uint32_t bargain, uint32_t licensor, const struct roll *plays,
                                   unsigned threads, struct statement_room *room,
                                   const struct line_sink *sink, struct error *e);

/* Lines in an arena, as a sink. */
struct statement_list {
    struct arena *a;
    struct statement_line *items;
    size_t count, room;
};
MUST_USE enum code statement_list_add(void *list, const struct statement_line *l, struct error *e);

/* `now` less `before`, by kind, clause, window, recording, territory and model; equal lines vanish. */
MUST_USE enum code statement_difference(const struct statement_line *now, size_t now_count,
                                        const struct statement_line *before, size_t before_count,
                                        struct arena *a, struct statement_line **out, size_t *count,
                                        struct error *e);

/* free, subscription, or empty */
const char *statement_line_model(const struct statement_line *l);

/* For people: one line each, tabs between; reads back as itself. */
void statement_write(const struct statement_line *lines, size_t count, struct buf *out);
MUST_USE enum code statement_read(struct str text, struct arena *a, struct statement_line **out,
                                  size_t *count, struct error *e);

/* As kept: docs/formats/statement-lines.md. `before` is the line in front of it, NULL at the
 * beginning of a part. */
void statement_pack(const struct statement_line *l, const struct statement_line *before,
                    struct buf *out);
/* One part, of bytes from anywhere; lines go behind those that are in the list.
 * errors  CORRUPT */
MUST_USE enum code statement_unpack(struct str part, struct statement_list *list, struct error *e);

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
    const char *hash;      /* BLAKE2b-256 of its parts, one after the other */
    const char *text;      /* the lines of one that was closed by an early version, else empty */
    struct close_id close; /* what it was computed from; none: an early one */
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
/* Keep it and move what its lines move; id, hash and sums are written back. */
MUST_USE enum code ledger_statement_put(const struct registry_act *act, const char *licensor,
                                        const struct statement_line *lines, size_t count,
                                        struct statement *s, struct arena *a, struct error *e);
/* The same line by line, however many there are. `keep` false: nothing is written, only summed and
 * hashed, to be compared with what was stated. */
struct statement_writer;
MUST_USE enum code statement_writer_new(const struct registry_act *act, struct statement *s,
                                        bool keep, struct statement_writer **out, struct error *e);
void statement_writer_free(struct statement_writer *w);
OWNED_BY(statement_writer)
MUST_USE enum code statement_writer_line(void *writer, const struct statement_line *l,
                                         struct error *e);
size_t statement_writer_count(const struct statement_writer *w);
/* Hash and sums into the statement; where it is kept, the movements in the books too. */
MUST_USE enum code statement_writer_end(struct statement_writer *w, const char *licensor,
                                        struct arena *a, struct error *e);
/* The lines of a statement that is kept. */
MUST_USE enum code ledger_statement_lines(struct store_tx *tx, struct party_id catalogue,
                                          const struct statement *s, struct arena *a,
                                          struct statement_line **out, size_t *count,
                                          struct error *e);
void ledger_statement_json(const struct statement *s, struct json_out *o);

/* ---- the books ------------------------------------------------------------------------------------- */

/* Move `sum` from account `credit` to account `debit` (words such as "payable:label-a"). A negative
 * sum moves the other way; nothing moves for zero. */
MUST_USE enum code ledger_move(const struct registry_act *act, struct statement_id statement,
                               const char *debit, const char *credit, struct money sum,
                               const char *words, struct error *e);
/* A payment to a licensor: from cash, against what is payable. In another currency: what the rate
 * has changed since the statement's last day is a gain or a loss.
 * errors  INVALID nothing, or less, is paid; the statement is another's, or in another currency; no
 *                 rate; CONFLICT more than is payable, or than is open of the statement */
struct payment {
    const char *licensor; /* slug */
    struct party_id party;
    struct money sum;                  /* of the currency it is owed in */
    const struct statement *statement; /* NULL: of none */
    struct currency with;              /* paid in; code empty: the same */
    struct day day;                    /* of the rate */
    const struct exchange *exchanges;
    size_t exchange_count;
};
struct paid {
    struct money cash; /* what left */
    struct money gain; /* of it, through the rate; below zero: a loss */
};
MUST_USE enum code ledger_pay(const struct registry_act *act, const struct payment *p,
                              struct paid *out, struct error *e);
/* What was said of a payment, each NULL where it was not, into the payment. */
struct payment_words {
    const char *statement, *paid_in, *day;
    const char *rates, *rates_from; /* a table of rates, and where it came from */
};
MUST_USE enum code ledger_payment_read(struct store_tx *tx, struct party_id catalogue,
                                       const struct payment_words *w, struct arena *a,
                                       struct payment *p, struct error *e);
/* What was paid against a statement, in its currency. */
MUST_USE enum code ledger_statement_paid(struct store_tx *tx, struct party_id catalogue,
                                         const struct statement *s, int64_t *out, struct error *e);

struct balance {
    const char *account;
    struct money sum; /* debits less credits */
};
/* Of every account, by name and currency; they sum to zero in each currency, else CORRUPT. */
MUST_USE enum code ledger_balances(struct store_tx *tx, struct party_id catalogue, struct arena *a,
                                   struct balance **out, size_t *count, struct error *e);

#endif
