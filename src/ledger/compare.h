/* SPDX-License-Identifier: Apache-2.0 */
/* What-if: offers priced on the same plays and set side by side. Pure. Part of ledger's door. */
#ifndef LICET_LEDGER_COMPARE_H
#define LICET_LEDGER_COMPARE_H

#include "ledger/price.h"

enum { OFFERS_MOST = 64, OFFER_TERMS_MOST = 32 };

struct offer {
    const char *name;
    const struct bargain *bargains; /* signed together */
    size_t count;
};

/* What an unlicensed share does to a play: the network's rule. */
enum compare_unlicensed { COMPARE_DENY, COMPARE_PREVIEW, COMPARE_FULL };

struct compare_input {
    const struct cube *cube; /* sealed */
    const struct offer *offers;
    size_t offer_count;
    const struct figure *figures;
    size_t figure_count;
    const struct exchange *exchanges;
    size_t exchange_count;
    struct day from, until;
    enum compare_unlicensed unlicensed;
};

struct compare_place { /* plays lost in one territory or app */
    const char *name;
    int64_t plays;
};

enum { COMPARE_PLACES_MOST = 300 };

struct compare_holder {
    const char *slug;
    bool licensor;    /* of some offer */
    int128 weight_e8; /* of the counted plays */
    int64_t touched;  /* plays with any share of theirs: lost when they are not signed */
    struct compare_place *territories, *apps; /* most first */
    size_t territory_count, app_count;
    struct money at_risk; /* revenue of those plays; currency empty: no figures */
};

struct compare_cell { /* one offer, one licensor */
    bool party;       /* the offer is with this licensor */
    int64_t due, payable;
    struct rational per_play; /* minor units; of their plays */
    int64_t change;           /* of due, to the first offer */
};

struct compare_offer {
    struct currency currency;
    int64_t due, payable;
    struct rational per_play, per_user; /* minor units */
    struct price price;
    struct compare_cell *cells; /* of the licensors, as in holders */
};

struct compared {
    int64_t count_seconds;
    int128 plays_e8, unknown_e8;    /* counted in full */
    int64_t users;                  /* average of the figures; 0: not told */
    struct compare_holder *holders; /* licensors first, in the order of the offers */
    size_t holder_count, licensor_count;
    struct compare_offer *offers;
};

/* out     in arena `a`
 * errors  as price_run, with the offer's name in front; INVALID offers in different currencies */
MUST_USE enum code compare_run(const struct compare_input *in, struct arena *a,
                               struct compared *out, struct error *e);

/* For people, for tables, for programs, and a picture. */
void compare_text(const struct compare_input *in, const struct compared *c, struct buf *out);
void compare_csv(const struct compare_input *in, const struct compared *c, struct buf *out);
void compare_json(const struct compare_input *in, const struct compared *c, struct buf *out);
void compare_svg(const struct compare_input *in, const struct compared *c, struct buf *out);

#endif
