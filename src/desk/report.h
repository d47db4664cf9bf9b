/* SPDX-License-Identifier: Apache-2.0 */
/* The official and public reports, all of them made of a scan of the journal.
 *
 * source  docs/formats/reports.md; Implementing Regulation (EU) 2024/2835 for the eleven sheets;
 *         Regulation (EU) 2022/2065, art. 17 and 24(5), for statements of reasons */
#ifndef LICET_DESK_REPORT_H
#define LICET_DESK_REPORT_H

#include "desk/figures.h"

/* name,of,what,value: every figure, then times by class, then senders by pseudonym with the share
 * accepted and its interval (Wilson, 95 %). */
MUST_USE enum code desk_report_csv(const struct scan *s, struct buf *out, struct error *e);
/* The same figures as one JSON object: what is published and shown as a page. */
MUST_USE enum code desk_report_json(const struct scan *s, struct buf *out, struct error *e);

/* One row a month of receipt: taken down, retracted, reversed, counter-noticed, and what remains. */
MUST_USE enum code desk_report_monthly(const struct scan *s, struct buf *out, struct error *e);

/* The bounds of a share: of `of` records `part` have it; per mille of 10^-6. Wilson, 95 %. */
void desk_report_interval(int64_t part, int64_t of, int64_t *low_e6, int64_t *high_e6);

/* ---- as it is published ---- */

/* The events of every figure, to be kept beside the figures (docs/formats/reports.md), and a page of
 * one figure's of them after number `after`.
 * errors  NOT_FOUND the report has no such figure; CORRUPT */
MUST_USE enum code desk_expand_write(const struct scan *s, struct buf *out, struct error *e);
struct expanded {
    int64_t seq, weight;
};
MUST_USE enum code desk_expand_read(struct str bytes, struct str figure, int64_t after,
                                    size_t limit, struct expanded *out, size_t *count,
                                    struct error *e);

struct published {
    struct report_id id;
    int64_t version; /* of the same period, from 1 */
    struct instant from, until, at;
    struct journal_head head;
    const char *body, *events; /* desk_report_json; hash of the blob of desk_expand_write */
};
/* errors  INVALID the period is not over */
MUST_USE enum code desk_report_publish(struct desk_act *act, const struct scan *s, struct str body,
                                       const char *events, struct published *out, struct error *e);
MUST_USE enum code desk_report_get(struct store_tx *tx, struct report_id id, struct arena *a,
                                   struct published *out, struct error *e);
/* The newest period first. */
MUST_USE enum code desk_report_list(struct store_tx *tx, size_t limit, struct arena *a,
                                    struct published **out, size_t *count, struct error *e);

/* ---- the harmonised report ---- */

enum { SHEETS = 11 };
struct sheet_options {
    const char *service, *provider;  /* names */
    const char *published, *before;  /* dates of this report and the one before; "" not known */
    const char *internal, *external; /* moderators; "" not told */
    const char *recipients;          /* average monthly active; "" not told */
    bool very_large;                 /* sheets for very large platforms are filled in */
};
const char *desk_sheet_name(int sheet); /* "4_notices", sheet from 0 */
/* out  traces  may be NULL: sheet,row,column,figure of every cell that has a figure */
MUST_USE enum code desk_report_sheet(const struct scan *s, const struct sheet_options *o, int sheet,
                                     struct buf *out, struct buf *traces, struct error *e);

/* ---- statements of reasons ---- */

enum { STATEMENTS_IN_BATCH = 100 };
struct statement_counts {
    int64_t statements, batches;
    int64_t elsewhere, early; /* left out: restricted only outside the Union; before 2020 */
};
/* Each restriction of [from, until) as one statement, in bodies {"statements":[...]} of at most 100,
 * one a line, handed on as they are made. Every body has passed desk_statement_check.
 * errors  INVALID a statement breaks a rule: nothing of its body is handed on */
typedef enum code statement_sink(void *ctx, struct str body, struct error *e);
MUST_USE enum code desk_report_statements(struct store_tx *tx, struct instant from,
                                          struct instant until, statement_sink *sink, void *ctx,
                                          struct statement_counts *out, struct error *e);
/* One event as a statement. *made: false where it is no restriction, or none in the Union. */
MUST_USE enum code desk_report_statement(struct str after, int64_t at_us, struct buf *out,
                                         bool *made, struct error *e);

/* The published rules of the transparency database (statements v2), applied to a body.
 * errors  INVALID the first rule that is broken, by field: "statement_3: puid: ..." */
MUST_USE enum code desk_statement_check(struct str body, size_t *count, struct error *e);

/* ---- the public archive ---- */

struct archive_options {
    struct instant from, until;
    const char *recipient;     /* name of the service */
    struct party_id catalogue; /* whose registry names the principals */
};
/* Each notice of [from, until) as a line of JSON in the archive's form, without personal data. */
typedef enum code archive_sink(void *ctx, struct str line, struct error *e);
MUST_USE enum code desk_report_archive(struct store_tx *tx, const struct archive_options *a,
                                       archive_sink *sink, void *ctx, size_t *count,
                                       struct error *e);

#endif
