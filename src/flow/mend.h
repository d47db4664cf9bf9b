/* SPDX-License-Identifier: Apache-2.0 */
/* An index against the database, which is the truth (docs/decisions/0001). Internal to flow. */
#ifndef LICET_FLOW_MEND_H
#define LICET_FLOW_MEND_H

#include "flow/world.h"

struct comparison {
    struct world *w;
    enum ear which;
    struct index *ix; /* opened for writing: what differs is put right; NULL: only look */
    bool deep;        /* read the fingerprint of what is there, too */
    const struct index_progress *progress; /* or NULL */
    struct index_report *report;           /* name, wanted, missing, extra, unreadable */
};

/* `look` against the database; where c->ix is given it is the same index. A fingerprint that cannot
 * be read is counted and left out: it must not keep the others from being found. */
MUST_USE enum code mend_compare(const struct comparison *c, const struct index *look,
                                struct error *e);

/* Compare every key, add what is missing, remove what is too much. */
MUST_USE enum code mend_ear(struct world *w, enum ear which, struct index_report *report,
                            struct error *e);

#endif
