/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine proposes for an item, from the facts; the first rule that fires wins. Pure. */
#ifndef LICET_DESK_PROPOSE_H
#define LICET_DESK_PROPOSE_H

#include "desk/words.h"

enum { P_FALSE_MOST_E12 = 1000000 }; /* 1e-6, in 10^-12 */

struct item_facts {
    /* of the sender and the notice */
    bool suspended, trusted, verified; /* verified: mailbox, and domain or key, and a mandate */
    bool mandate;                      /* acts for the principal by a document, or is the holder */
    bool order;                        /* a court's or an authority's */
    int standing_low;                  /* per mille */
    bool over_cap;                     /* unseen restrictions of sender or target reached */
    unsigned patterns;                 /* of abuse */
    /* of the item */
    bool ours, gone, restricted_already, duplicate, own_content;
    bool is_upload; /* can be heard */
    /* by ear */
    bool heard;            /* compared to the end with everything */
    bool work_known;       /* the named work has a reference here */
    bool work_in_item;     /* the named work, or one of the principal's, was found in it */
    int64_t p_false_e12;   /* bound of that match */
    bool licensed;         /* all of the principal's shares, for this network */
    bool territory_met;    /* the principal's claims reach a territory of the network */
    bool exception_before; /* the same span was put back by an exception before */
};

enum proposal_kind { PROPOSE_DECLINE, PROPOSE_RESTRICT, PROPOSE_PERSON };
struct proposal {
    enum proposal_kind kind; /* PERSON: with the reason as a suggestion */
    enum reason_code reason;
    const char *rule; /* which fired */
};
struct proposal item_propose(const struct item_facts *f);
enum item_class item_class_of(const struct item_facts *f);

#endif
