/* SPDX-License-Identifier: Apache-2.0 */
/* Terms and plays to sums: what each bargain costs, window by window and clause by clause. Pure:
 * the same input gives the same lines. docs/formats/terms.md says what each clause means. Part of
 * ledger's door. */
#ifndef LICET_LEDGER_PRICE_H
#define LICET_LEDGER_PRICE_H

#include "ledger/cube.h"

/* What the platform took and how many paid, in [from, until). */
struct figure {
    struct day from, until;
    enum model model;
    struct territory territory; /* TERRITORY_UNKNOWN: all together */
    struct money revenue;
    int64_t subscribers;
    int64_t users; /* who listened, paying or not */
};

/* 1 unit of `from` is `rate` units of `to`, from this day on. */
struct exchange {
    struct day day;
    struct currency from, to;
    struct rational rate;
    const char *source;
};

struct bargain {
    const struct terms *terms;
    const struct party_id *ids; /* of the licensors, for ties; NULL: ties by slug */
};

#define LINE_KINDS(ROW)                                                                            \
    ROW(LINE_FEE, "fee", 1)                                                                        \
    ROW(LINE_GUARANTEE, "guarantee", 1)                                                            \
    ROW(LINE_SETTLEMENT, "settlement", 1)                                                          \
    ROW(LINE_UNATTRIBUTED, "unattributed_shared", 1)                                               \
    ROW(LINE_ADVANCE, "advance", 0)                                                                \
    ROW(LINE_RECOUPED, "recouped", 0)                                                              \
    ROW(LINE_WAIVED, "overage_waived", 0)                                                          \
    ROW(LINE_HELD, "escrow_held", 0)                                                               \
    ROW(LINE_RELEASED, "escrow_released", 0)                                                       \
    ROW(LINE_CREDIT, "credit", 0)                                                                  \
    ROW(LINE_LAPSED, "advance_lapsed", 0)                                                          \
    ROW(LINE_POT, "unattributed_held", 0)                                                          \
    ROW(LINE_POT_RETURNED, "unattributed_returned", 0)
#define MEMBER(name, word, due) name,
enum line_kind { LINE_KINDS(MEMBER) LINE_KIND_COUNT };
#undef MEMBER
const char *line_kind_word(enum line_kind k);
bool line_is_due(enum line_kind k);     /* earned by the licensor in the window */
bool line_is_payable(enum line_kind k); /* moves money to or from the licensor */

enum { LICENSOR_NONE = 0xFFFFFFFF };

/* One sum. Recouped, waived and held sums are negative; advances, released sums positive: due +
 * these is what is payable. Credits, lapsed advances and the pot are told beside. */
struct price_line {
    uint32_t bargain, licensor; /* licensor LICENSOR_NONE: of the bargain */
    struct day from, until;     /* the window */
    enum line_kind kind;
    struct terms_place clause; /* in the terms */
    const struct fee *fee;     /* of LINE_FEE: filters and rates, to expand it to plays */
    int64_t minor;             /* of the terms' currency */
};

struct price_input {
    const struct cube *cube; /* sealed */
    const struct bargain *bargains;
    size_t bargain_count;
    uint32_t only; /* 0: lines of every bargain; else of number only - 1, beside the others */
    const struct figure *figures;
    size_t figure_count;
    const struct exchange *exchanges;
    size_t exchange_count;
    /* Lines of windows that end in (from, until]. Behind the last day of a bargain windows go on
     * while money is held in escrow or in its pot. Windows run from each bargain's first day, since
     * guarantees and advances look back. */
    struct day from, until;
    bool cut; /* a window that reaches over `until` is cut there; else it is refused */
};

struct price {
    const struct price_line *lines;
    size_t count;
    const char *const *notes; /* most-favoured rises and what could not be compared */
    size_t note_count;
};

/* out     lines and notes in arena `a`, in the order of windows, bargains, clauses, licensors
 * errors  INVALID  a window is cut; a fee asks for figures that are not there (the text names the
 *                  clause's line); most-favoured clauses that never settle
 *         LIMIT    an amount leaves 64 bits, or an exact number 128 */
MUST_USE enum code price_run(const struct price_input *in, struct arena *a, struct price *out,
                             struct error *e);

/* Figures and rates of exchange from CSV: docs/formats/usage-csv.md. All or nothing.
 * errors  INVALID "line 3: ..." */
MUST_USE enum code figures_read_csv(struct str text, struct arena *a, struct figure **out,
                                    size_t *count, struct error *e);
MUST_USE enum code exchanges_read_csv(struct str text, struct arena *a, struct exchange **out,
                                      size_t *count, struct error *e);

/* Minor units of `to` for one of `from`: by the latest rate that was told until that day, either way
 * round. errors  INVALID there is none */
MUST_USE enum code exchange_rate(const struct exchange *rates, size_t count,
                                 const struct currency *from, const struct currency *to,
                                 struct day day, struct rational *out, struct error *e);

/* "2026", "2026-Q1", "2026-03", "2026-03-05" or "2026-01-01..2026-03-31" as days [from, until).
 * errors  INVALID */
MUST_USE enum code period_parse(struct str text, struct day *from, struct day *until,
                                struct error *e);

/* Sum of the lines of one bargain and licensor (LICENSOR_NONE: of all) that are due, or payable.
 * errors  LIMIT */
MUST_USE enum code price_sum(const struct price *p, uint32_t bargain, uint32_t licensor, bool due,
                             int64_t *out, struct error *e);

#endif
