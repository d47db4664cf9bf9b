/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of records from outside, CSV or JSON, put into the registry line by line.
 *
 * A file is of one kind, told by its column names (docs/formats/catalogue-csv.md). Columns nobody
 * knows, or that are missing, refuse the whole file, for a misspelt `territories` would widen a
 * right; after that each bad line is named and left out, and the good ones are kept. What is in
 * the registry already is left alone, so that the same file again changes nothing.
 *
 * JSON is an array of objects whose members are the columns: texts, numbers, or arrays of texts;
 * its "line" is the item's number. */
#ifndef LICET_REGISTRY_IMPORT_H
#define LICET_REGISTRY_IMPORT_H

#include "registry/csv.h"
#include "registry/records.h"

enum { IMPORT_BYTES_MOST = 1 << 30, IMPORT_PROBLEMS_MOST = 10000, IMPORT_BATCH_LINES = 500 };

#define IMPORT_THINGS(ROW)                                                                         \
    ROW(IMPORT_PARTY, "party", "parties")                                                          \
    ROW(IMPORT_RECORDING, "recording", "recordings")                                               \
    ROW(IMPORT_CLAIM, "claim", "claims")                                                           \
    ROW(IMPORT_POLICY, "policy", "policies")                                                       \
    ROW(IMPORT_LICENCE, "licence", "licences")
#define MEMBER(name, one, many) name,
enum import_thing { IMPORT_THINGS(MEMBER) IMPORT_THING_COUNT };
#undef MEMBER
const char *import_thing_word(enum import_thing t); /* "parties", ... */

enum import_outcome {
    IMPORT_ADDED,
    IMPORT_CHANGED,
    IMPORT_SAME,
    IMPORT_WITHDRAWN,
    IMPORT_OUTCOMES
};
const char *import_outcome_word(enum import_outcome o); /* "added", ... */

struct import_problem {
    size_t line;        /* 0: the whole file */
    const char *column; /* NULL: the whole line */
    const char *text;
    bool warning; /* the line was taken all the same */
};

struct import_report {
    const char *kind; /* "catalogue", "parties", ... */
    size_t lines;     /* read, without the header and empty ones */
    size_t bad;       /* left out */
    size_t warnings;
    size_t counts[IMPORT_THING_COUNT][IMPORT_OUTCOMES];
    const struct import_problem *problems; /* in the order of the file; in the caller's arena */
    size_t problem_count, problems_dropped;
};

/* "claims.csv: line 12: share: 120 is over the whole" */
void import_problem_format(const char *file, const struct import_problem *p, struct buf *out);

/* How slugs of other rooms become ids: given by the caller. An app is "app" where its slug is the
 * only one of that name, or "network/app". errors NOT_FOUND */
struct import_names {
    void *ctx;
    enum code (*network)(void *ctx, struct store_tx *tx, struct str slug, struct network_id *out,
                         struct error *e);
    enum code (*app)(void *ctx, struct store_tx *tx, struct str slug, struct app_id *out,
                     struct error *e);
};

struct import_options {
    struct str who, why; /* for the journal */
    struct instant now;
    const struct chance *chance;
    const struct import_names *names; /* NULL: lines that name a network or app are bad */
    struct party_id holder; /* lines speak of this party only, and need not say so; none: of any */
    bool dry_run;                     /* the same report, and nothing is kept */
    void (*progress)(void *ctx, size_t bytes, size_t of); /* after each batch; may be NULL */
    void *progress_ctx;
};

/* ---- kinds of files: a table of columns and what a line does ---- */

struct import_column {
    const char *name;
    bool required; /* in the header */
};

struct import;
struct import_line {
    size_t number;
    struct str cells[CSV_CELLS_MOST]; /* by column of the kind; trimmed; missing ones are empty */
};

struct import_kind {
    const char *name;
    const struct import_column *columns;
    size_t column_count;
    /* Put one line; a failure is of this line, its error begins with the column where one is. */
    enum code (*line)(struct import *im, const struct import_line *l, struct error *e);
};

extern const struct import_kind import_catalogue, import_parties, import_policies;

/* Import `text` as the one of `kinds` whose columns it has.
 *
 * in      text     at most IMPORT_BYTES_MOST
 * out     report   also when lines were bad; texts in arena `a`
 * errors  INVALID  the file as a whole: no header, a column unknown, missing or twice; LIMIT;
 *                  those of the store: batches of IMPORT_BATCH_LINES lines before it are kept, and
 *                  the same import again goes on */
MUST_USE enum code registry_import(struct store *s, const struct import_kind *const *kinds,
                                   size_t kind_count, struct str text,
                                   const struct import_options *options, struct arena *a,
                                   struct import_report *report, struct error *e);

/* ---- for the lines of a kind ---- */

const struct registry_act *import_act(const struct import *im);
const struct import_options *import_options_of(const struct import *im);
struct arena *import_arena(struct import *im); /* of this line only */
struct arena *import_kept(struct import *im);  /* of the whole import */
void **import_state(struct import *im);        /* the kind's own, kept from line to line */
/* The line of this file that spoke of the record before, or 0; to be told once a line is good. */
size_t import_seen(const struct import *im, const uint8_t id[ID_BYTES]);
void import_see(struct import *im, const uint8_t id[ID_BYTES], size_t line);
void import_count(struct import *im, enum import_thing t, enum import_outcome o);
void import_warn(struct import *im, size_t line, const char *column, const char *format, ...)
    FORMAT(4, 5);
/* Cells that several kinds have. Empty: from the beginning, without end, the whole world. */
MUST_USE enum code import_span(const struct import_line *l, int from, int until,
                               struct instant *out_from, struct instant *out_until,
                               struct error *e);
MUST_USE enum code import_territories(struct import *im, const struct import_line *l, int column,
                                      struct territory_set *out, struct error *e);
MUST_USE enum code import_party_of(struct import *im, const struct import_line *l, int column,
                                   struct party *out, struct error *e);
/* errors  DENIED the import is a holder's, and not this party's */
MUST_USE enum code import_for_party(const struct import *im, struct party_id party,
                                    const char *column, struct error *e);
/* Slugs between blanks, commas or semicolons as sorted ids; at most `most`. */
MUST_USE enum code import_apps(struct import *im, const struct import_line *l, int column,
                               const struct app_id **out, size_t *count, struct error *e);
MUST_USE enum code import_networks(struct import *im, const struct import_line *l, int column,
                                   const struct network_id **out, size_t *count, struct error *e);

#endif
