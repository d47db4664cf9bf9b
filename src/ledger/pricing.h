/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that price share. */
#ifndef LICET_LEDGER_PRICING_H
#define LICET_LEDGER_PRICING_H

#include "ledger/exact.h"
#include "ledger/price.h"

/* A rate that a most-favoured clause may raise. */
struct leaf {
    uint32_t bargain;
    unsigned kind; /* MFN_... */
    const void *clause;
    struct terms_place at;
    struct rational rate; /* as it stands in this window */
    enum terms_span span;
    unsigned models;
    bool to_all;
    uint32_t raised_by; /* a bargain + 1; 0: as written */
};

struct holding {         /* one licensor of one bargain, from window to window */
    int64_t *advances;   /* open, by clause */
    int64_t *guaranteed; /* dues so far in the guarantee's window, by clause */
    int64_t *held;       /* in escrow, by clause */
};

struct pot { /* unattributed money of one window */
    int64_t minor;
    struct day from, until, due;
    struct terms_place clause;
    struct rational *weights; /* of the licensors in that window */
    bool settled;
};

struct scope { /* one bargain, ready to be asked */
    const struct terms *t;
    uint32_t number;
    size_t licensors;
    uint32_t *rank;               /* licensors in the order of ties */
    uint16_t *licensor_of;        /* party of the cube -> licensor + 1 */
    uint32_t set;                 /* bit of cube_row.sets: its repertoire; 0: all */
    struct territory_set *covers; /* [app * MODEL_COUNT + model] */
    struct holding *holdings;
    struct pot *pots;
    size_t pot_count, pot_room;
};

struct pricing {
    const struct price_input *in;
    struct arena *a;
    struct error *e;
    struct scope *scopes;
    struct leaf *leaves;
    size_t leaf_count;
    struct price_line *lines;
    size_t line_count, line_room;
    const char **notes;
    size_t note_count, note_room;
};

/* The window at hand of one bargain. */
struct window {
    struct day from, until;
    int64_t *dues; /* of the licensors in this window */
};

struct weights {
    int128 *own;    /* of the licensors */
    int128 unknown; /* in the whole, where the terms put it there */
    int128 whole;
};

/* weigh.c */
MUST_USE enum code scopes_make(struct pricing *p);
bool scope_covers(const struct scope *s, const struct cube_row *row);
MUST_USE enum code weigh(struct pricing *p, struct scope *s, const struct window *w,
                         unsigned models, const struct territory_set *where, bool by_user,
                         struct weights *out);
/* Is it a play that a fee with these filters counts, whoever holds it? */
bool weigh_counts(const struct scope *s, const struct cube_row *row, unsigned models,
                  const struct territory_set *where);
/* Split a sum among the licensors as the terms say; `out` in their order. */
MUST_USE enum code split_sum(struct pricing *p, struct scope *s, const struct window *w,
                             int64_t minor, int64_t *out);
MUST_USE enum code split_by(struct pricing *p, struct scope *s, const struct rational *weights,
                            int64_t minor, int64_t *out);
MUST_USE enum code plays_weights(struct pricing *p, struct scope *s, const struct window *w,
                                 struct rational *out);

/* fees.c */
enum { WHO_ALL = -1, WHO_UNKNOWN = -2 };
MUST_USE enum code fee_of(struct pricing *p, struct scope *s, const struct window *w,
                          const struct fee *f, int who, struct exact *out);
/* The same in whole minor units, rounded towards zero. */
MUST_USE enum code fee_whole(struct pricing *p, struct scope *s, const struct window *w,
                             const struct fee *f, int who, int64_t *out);
/* What a fee on revenue or subscribers is taken of in the window. */
MUST_USE enum code fee_figures(struct pricing *p, const struct scope *s, const struct window *w,
                               const struct fee *f, bool revenue, struct rational *out);
int128 fee_weight(const struct scope *s, const struct weights *w, int who);
/* A sum for a span, accrued within the window. */
MUST_USE enum code accrued(struct pricing *p, const struct scope *s, struct day from,
                           struct day until, struct rational rate, enum terms_span span,
                           int64_t *out);
MUST_USE enum code whole_of(struct pricing *p, struct rational r, struct terms_place at,
                            int64_t *out);

/* mfn.c */
MUST_USE enum code leaves_make(struct pricing *p);
MUST_USE enum code leaves_raise(struct pricing *p, struct day from, struct day until);
struct rational leaf_rate(const struct pricing *p, const void *clause);

/* account.c: guarantees, advances, escrow, credits, the pot */
MUST_USE enum code account_window(struct pricing *p, struct scope *s, struct window *w);
/* Windows behind the last day: only what is held is let go, until nothing is. */
bool account_is_open(const struct scope *s);
MUST_USE enum code account_after(struct pricing *p, struct scope *s, struct window *w);

/* price.c */
MUST_USE enum code put_line(struct pricing *p, const struct scope *s, uint32_t licensor,
                            const struct window *w, enum line_kind kind, struct terms_place at,
                            const struct fee *fee, int64_t minor);
void put_note(struct pricing *p, const char *format, ...) FORMAT(2, 3);
MUST_USE enum code at_clause(const struct pricing *p, const struct scope *s, struct terms_place at);

#endif
