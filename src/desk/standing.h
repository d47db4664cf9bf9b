/* SPDX-License-Identifier: Apache-2.0 */
/* A sender's measured record: never a label set by hand. Pure.
 *
 * The share of justified items is Beta(1 + accepted, 1 + rejected) over counts that halve in 180
 * days; an abusive item weighs five. What decides is the lower end of the interval: little known
 * is little trusted. */
#ifndef LICET_DESK_STANDING_H
#define LICET_DESK_STANDING_H

#include "desk/words.h"

struct standing {
    int64_t accepted_e6, rejected_e6; /* decayed counts, in millionths, as of `at` */
    struct instant at;
};

enum { STANDING_HALF_LIFE_DAYS = 180, STANDING_ABUSE_WEIGHT = 5 };

/* The record with one more item judged at `now`; weight 1, or STANDING_ABUSE_WEIGHT. */
struct standing standing_judged(struct standing s, bool accepted, int weight, struct instant now);
/* The same record as it stands later. */
struct standing standing_at(struct standing s, struct instant now);
/* Mean, and the 5 % quantile, in per mille. */
int standing_mean(struct standing s);
int standing_low(struct standing s);

/* Items a day, and items restricted before a person has looked: both grow with the record. */
struct caps {
    int64_t items_per_day, unseen_per_sender, unseen_per_target;
};
struct caps standing_caps(struct standing s, unsigned proofs, bool trusted);

/* Art. 23(3): absolute number, relative proportion, gravity, intent. */
enum misuse { MISUSE_NONE, MISUSE_WARN, MISUSE_SUSPEND };
struct misuse_facts {
    int64_t received, unfounded; /* in the last 30 days */
    int64_t abusive;             /* gravity: items a person called a misuse */
    bool forged;                 /* intent: another's name or document was used */
    bool warned;                 /* and the warning is a day old or more */
};
enum misuse standing_misuse(const struct misuse_facts *f);

/* Patterns of abuse, each a named check over what is known. */
#define PATTERNS(ROW)                                                                              \
    ROW(PATTERN_LOOKALIKE, "lookalike_domain") /* one letter from a known principal's domain */    \
    ROW(PATTERN_FREE_MAIL, "free_mail_for_principal")                                              \
    ROW(PATTERN_NEW_MANY, "new_sender_many_targets")                                               \
    ROW(PATTERN_ONE_TARGET, "one_target_account")                                                  \
    ROW(PATTERN_OLDER, "target_older_than_work")                                                   \
    ROW(PATTERN_SAME_TEXT, "same_text_from_many")                                                  \
    ROW(PATTERN_OWN_ACCOUNT, "principals_own_account")                                             \
    ROW(PATTERN_NOT_IN_ITEM, "work_not_in_items")                                                  \
    ROW(PATTERN_COUNTERED, "counter_notices_rising")                                               \
    ROW(PATTERN_LOOKALIKE_NAME, "lookalike_name") /* of a known principal, in other letters */
#define MEMBER(name, word) name,
enum pattern { PATTERNS(MEMBER) PATTERN_COUNT };
#undef MEMBER
const char *pattern_word(enum pattern p);

struct pattern_facts {
    struct str sender_domain, principal_domain; /* principal's: known, or empty */
    bool acts_for_known_principal, mandate_proven;
    int64_t days_known, items_today, target_accounts,
        targets_most; /* targets_most: of one account */
    int64_t same_text_senders;
    int64_t judged, not_in_item, countered, countered_before;
    bool older_than_work, own_account, lookalike_name;
};
unsigned patterns_found(const struct pattern_facts *f); /* 1 << enum pattern */
bool domain_is_free_mail(struct str domain);
/* Another name that looks like it: one edit away, or the same after look-alike letters, or the
 * name with words around it. */
bool domain_looks_like(struct str domain, struct str known);

#endif
