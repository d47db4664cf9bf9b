/* SPDX-License-Identifier: Apache-2.0 */
/* Terms: what a licence grants and what it costs, as a text that a lawyer reads and a program runs.
 * The language is in docs/formats/terms.md. Pure: no store, file, clock or chance. Part of
 * licence's door. */
#ifndef LICET_LICENCE_TERMS_H
#define LICET_LICENCE_TERMS_H

#include "registry/registry.h"

enum {
    TERMS_BYTES_MOST = 256 * 1024,
    TERMS_NAMES_MOST = 64,    /* of one list */
    TERMS_CLAUSES_MOST = 64,  /* of one kind */
    TERMS_DEPTH_MOST = 4,     /* of blocks in blocks */
    TERMS_PROBLEMS_MOST = 20, /* told at a time */
    TERMS_HASH_TEXT = 65,
};

struct terms_place {
    uint32_t line, column; /* from 1; column in characters of UTF-8 */
};

struct terms_name {
    const char *text;
    struct terms_place at;
};
struct terms_names {
    const struct terms_name *items;
    size_t count;
};

/* How long one sum is for. Months, quarters and years begin on the first day of the period and on
 * the same day of later months (the last day where a month has no such day). */
#define TERMS_SPANS(ROW)                                                                           \
    ROW(SPAN_ONCE, "once", "once")                                                                 \
    ROW(SPAN_MONTH, "month", "monthly")                                                            \
    ROW(SPAN_QUARTER, "quarter", "quarterly")                                                      \
    ROW(SPAN_YEAR, "year", "yearly")                                                               \
    ROW(SPAN_TERM, "term", "for the term")
#define MEMBER(name, word, adverb) name,
enum terms_span { TERMS_SPANS(MEMBER) SPAN_COUNT };
#undef MEMBER
const char *terms_span_word(enum terms_span s);

enum fee_kind {
    FEE_FLAT,       /* a sum for a span of time */
    FEE_REVENUE,    /* a part of revenue */
    FEE_PLAY,       /* a sum a play */
    FEE_SUBSCRIBER, /* a sum a subscriber */
    FEE_GREATEST,   /* of its parts */
    FEE_LEAST,
    FEE_SUM,
};

/* One fee, or a block of fees. */
struct fee {
    enum fee_kind kind;
    struct terms_place at;
    struct rational rate; /* minor units (flat, play, subscriber), or a part of 1 (revenue) */
    enum terms_span span; /* flat */
    bool to_all;          /* the licensors together, then split; else to each */
    bool by_share;        /* times the share of plays (revenue, subscriber) */
    unsigned models;
    struct territory_set where;
    const struct fee *parts;
    size_t part_count;
};

/* A grant: uses, where they are allowed. */
struct terms_grant {
    struct terms_place at;
    unsigned uses, models;
    int64_t clip_seconds;    /* 0: in full; else a stream is a clip of so many seconds */
    struct terms_names apps; /* "network/app", or "app" of the only network; none: every app */
    struct territory_set where;
};

enum terms_repertoire { REPERTOIRE_ALL, REPERTOIRE_ONLY, REPERTOIRE_EXCEPT };
enum terms_split { SPLIT_PLAYS, SPLIT_EQUALLY, SPLIT_RATIO };
enum terms_unattributed {
    UNATTRIBUTED_MARKET_SHARE, /* goes to the licensors by their shares of plays */
    UNATTRIBUTED_RETURNED,     /* to the platform */
};

struct terms_sum { /* a guarantee or a non-cash credit */
    struct terms_place at;
    int64_t minor;
    enum terms_span span; /* month, quarter, year or term */
    const char *words;    /* of a credit: what is given */
};
struct terms_advance {
    struct terms_place at;
    int64_t minor;
    struct day on;
    enum terms_span window; /* year or term: within it dues are set off against it */
    bool carried;           /* what is not recouped goes on into the next year */
};

enum { MFN_FLAT, MFN_REVENUE, MFN_PLAY, MFN_SUBSCRIBER, MFN_GUARANTEE, MFN_ADVANCE, MFN_COUNT };
#define MFN_ALL ((1u << MFN_COUNT) - 1)
const char *mfn_word(unsigned kind);
struct terms_mfn {
    struct terms_place at;
    struct terms_names with;    /* none: every other licensor */
    unsigned kinds;             /* bits of MFN_... */
    bool by_share;              /* flat sums and guarantees are compared per share of plays */
    struct day since;           /* it works on periods that begin on or after this day */
    struct territory_set where; /* of comparators it looks at those that are licensed here */
};
struct terms_settlement {
    struct terms_place at;
    int64_t minor;
    struct day from, until; /* the past use that it settles */
};
struct terms_promotion {
    struct terms_place at;
    struct day from, until;
    unsigned models;
    struct territory_set where;
};
struct terms_escrow {
    struct terms_place at;
    struct rational part;
    struct day until; /* released on this day */
};

struct terms {
    const char *title;
    struct terms_names licensors; /* slugs of parties; at least one */
    struct terms_name licensee;   /* a slug; text NULL: the operator */
    struct terms_names networks;  /* slugs; none: every network */
    struct territory_set where;
    enum terms_repertoire repertoire;
    struct terms_names recordings; /* ISRCs */
    unsigned rights;               /* bits of enum right */
    enum right counted_right;      /* the first one named: shares of recordings are read in it */
    const struct terms_grant *grants;
    size_t grant_count;
    struct day from, until; /* until: the first day after; DAY_NEVER without an end */
    struct day first_until; /* of the term that is written; `until` may lie behind: terms_run_to */
    struct terms_place from_at;
    int zone_minutes; /* days begin at midnight so far east of UTC */
    int64_t renewal_count;
    enum terms_span renewal; /* SPAN_ONCE: it does not renew */
    int64_t renewal_notice_days;

    struct currency currency; /* code empty: terms without money */
    const struct fee *fees;
    size_t fee_count;
    enum terms_split split;
    const struct rational *ratios; /* of the licensors, in their order */
    const struct terms_sum *guarantees, *credits;
    size_t guarantee_count, credit_count;
    const struct terms_advance *advances;
    size_t advance_count;
    struct rational overage; /* of dues beyond an advance: 1 when not said */
    const struct terms_mfn *mfns;
    size_t mfn_count;
    const struct terms_settlement *settlements;
    size_t settlement_count;
    const struct terms_promotion *promotions;
    size_t promotion_count;
    const struct terms_escrow *escrows;
    size_t escrow_count;
    int64_t count_seconds; /* a play counts from so many seconds */
    bool previews_count;
    bool unknown_in, unlicensed_in; /* plays in the whole of which shares are taken */
    enum terms_unattributed unattributed;
    int64_t unattributed_months; /* held before */
    bool by_user;                /* shares per user's own plays, weighed by users */
    enum terms_span accounting;  /* month, quarter or year */
    int64_t pay_days;
    int64_t audit_times, audit_notice_days; /* a year; 0: none */
};

#define DAY_NEVER ((struct day) { INT32_MAX })

/* Seconds from which a play may count: plays are kept in these classes. */
extern const int64_t count_seconds_allowed[];
extern const size_t count_seconds_count;

struct terms_problem {
    struct terms_place at;
    char text[300]; /* "expected a day such as 2026-01-31, found \"soon\"" */
};
struct terms_problems {
    size_t count; /* of those kept */
    struct terms_problem items[TERMS_PROBLEMS_MOST];
};

/* in      text      at most TERMS_BYTES_MOST
 * out     t         everything in arena `a`
 *         problems  may be NULL; every line that is wrong, and what contradicts
 * errors  INVALID   the text is "line 3, column 9: expected ...": the first problem; LIMIT */
MUST_USE enum code terms_parse(struct str text, struct arena *a, struct terms *t,
                               struct terms_problems *problems, struct error *e);

/* The one way terms are written: clauses in their order, without comments; reads back as itself. */
void terms_format(const struct terms *t, struct buf *out);
void fee_format(const struct fee *f, const struct currency *c, size_t licensors, struct buf *out);

/* BLAKE2b-256 of the canonical text, in hexadecimal: comments and blanks do not count. */
void terms_hash(const struct terms *t, char out[TERMS_HASH_TEXT]);

/* What changes from one to the other, for people: lines "- clause", "+ clause", and
 * "~ old -> new" where a clause of the same kind was reworded. Empty when they say the same. */
void terms_diff(const struct terms *from, const struct terms *to, struct buf *out);

/* The n-th span of the terms (from 0) as days [from, until), within the period. */
bool terms_window(const struct terms *t, enum terms_span span, int64_t n, struct day *from,
                  struct day *until);
/* Where the terms end in fact: terms that renew go on, term after term, until they reach beyond
 * `through`; those that somebody ended stop at `ended` (DAY_NEVER: nobody did). */
void terms_run_to(struct terms *t, struct day ended, struct day through);
/* Days of spans begin `count` months later, on the same day or the last of the month. */
struct day day_months_later(struct day d, int64_t months);
/* The moment at which a day begins in the terms' zone. */
struct instant terms_day_begin(const struct terms *t, struct day d);

/* The largest amount that is read: what stays below can be added up without a carry. */
#define TERMS_MINOR_MOST 100000000000000000LL /* 10^17 */

#endif
