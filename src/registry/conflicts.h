/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts: what holders say that cannot all be true. Each is an issue with an owner, an expiry
 * and (by its versions) a history. Part of registry's door.
 *
 * Found in the transaction that brings them: a put of a claim looks at the claims of its recording
 * or work, one of a reference at the same audio elsewhere, one of a recording at its name. */
#ifndef LICET_REGISTRY_CONFLICTS_H
#define LICET_REGISTRY_CONFLICTS_H

#include "registry/records.h"

#define ISSUE_KINDS(ROW)                                                                           \
    ROW(ISSUE_OVER_CLAIM, "over_claim")               /* shares over the whole */                  \
    ROW(ISSUE_REFERENCE_OVERLAP, "reference_overlap") /* two references share a span */            \
    ROW(ISSUE_DOUBLE_DELIVERY, "double_delivery")     /* the same thing came twice */              \
    ROW(ISSUE_REFERENCE_QUALITY, "reference_quality") /* a reference that will find too much */

/* open -> resolved (what it was about is gone), dismissed (a person says so), expired */
#define ISSUE_STATES(ROW)                                                                          \
    ROW(ISSUE_OPEN, "open")                                                                        \
    ROW(ISSUE_RESOLVED, "resolved")                                                                \
    ROW(ISSUE_DISMISSED, "dismissed")                                                              \
    ROW(ISSUE_EXPIRED, "expired")

#define MEMBER(name, word) name,
enum issue_kind { ISSUE_KINDS(MEMBER) ISSUE_KIND_COUNT };
enum issue_state { ISSUE_STATES(MEMBER) ISSUE_STATE_COUNT };
#undef MEMBER
const char *issue_kind_word(enum issue_kind k);
const char *issue_state_word(enum issue_state s);

enum { ISSUE_DAYS = 30 }; /* after which an open one runs out, unless its owner says otherwise */

struct issue {
    struct issue_id id;
    int64_t version;
    enum issue_kind kind;
    enum issue_state state;
    struct recording_id recording, other_recording; /* what it is about; none where it is not */
    struct work_id work;
    struct reference_id reference, other_reference;
    enum right right;                 /* of an over-claim */
    struct territory_set territories; /* where */
    struct instant from, until;       /* when, in valid time */
    int64_t amount_e8;                /* largest sum of the shares; 0 where it is not of shares */
    int64_t milliseconds;             /* of an overlap */
    const char *owner;                /* who deals with it; empty: nobody yet */
    const char *words;                /* what is wrong, or what came of it */
    struct instant opened, expires, closed; /* closed: NEVER while open */
    struct instant known;
};
extern const struct record_table table_issues;

RECORD(issue, issue)

/* Open it, unless one of the same kind about the same things is open already (then that is brought
 * up to date where it differs) or was dismissed as it stands. Sets opened and expires. */
MUST_USE enum code registry_issue_raise(const struct registry_act *act, struct issue *issue,
                                        struct error *e);
/* What it was about is gone. */
MUST_USE enum code registry_issue_resolve(const struct registry_act *act, struct issue *issue,
                                          const char *words, struct error *e);
/* A reference is withdrawn: what it had in common with others is no issue any more. */
MUST_USE enum code registry_overlaps_resolve(const struct registry_act *act,
                                             struct reference_id reference, struct error *e);
/* Open ones whose expiry has passed are expired; *count of them. */
MUST_USE enum code registry_issues_expire(const struct registry_act *act, size_t *count,
                                          struct error *e);

/* Look at the claims of one recording or work (the other none): raise what is new, resolve what is
 * gone. registry_claim_put and _withdraw do it themselves. */
MUST_USE enum code registry_conflicts_check(const struct registry_act *act,
                                            struct recording_id recording, struct work_id work,
                                            struct error *e);

/* Every recording and work, in one reading of the claims. */
struct conflict_scan {
    size_t recordings, claims, over; /* looked at; recordings and works over the whole */
};
/* in  raise  also bring the issues of each that is over up to date */
MUST_USE enum code registry_conflicts_scan(const struct registry_act *act, bool raise,
                                           struct conflict_scan *out, struct error *e);

#endif
