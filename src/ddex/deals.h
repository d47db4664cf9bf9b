/* SPDX-License-Identifier: Apache-2.0 */
/* A deal's words into grants: what may be done, where, when, in which apps. Pure but for the
 * lookups it is given. Inside ddex only. */
#ifndef LICET_DDEX_DEALS_H
#define LICET_DDEX_DEALS_H

#include "ddex/kept.h"
#include "ddex/message.h"
#include "ddex/report.h"
#include "ddex/times.h"

/* A licence or a policy for each recording of the releases the deal is of. */
struct grant {
    bool is_policy;
    uint32_t line;
    struct territory_set territories;
    struct instant from, until;
    size_t app_count, except_count;
    const struct app_id *apps, *excepts;
    unsigned uses, models;     /* of a licence */
    enum policy_action action; /* of a policy */
    size_t condition_count;
    struct condition conditions[CONDITIONS_MOST];
};

struct grants {
    struct grant *items; /* in the report's arena */
    size_t count, room;
    struct territory_set named; /* of every deal, also of those that take down or are over */
};

struct deal_lookup {
    void *context;
    /* The apps of a channel's party; *count 0: none known. */
    enum code (*apps)(void *context, const struct ern_who *who, const struct app_id **apps,
                      size_t *count, struct error *e);
    enum code (*all_apps)(void *context, const struct app_id **apps, size_t *count,
                          struct error *e);
};

struct deal_terms {
    struct instant created; /* of the message */
    enum ern_percent percent;
    const struct deal_lookup *lookup;
};

/* Add what `d` grants. errors INVALID a rule refuses the message (report->refusal) */
MUST_USE enum code deal_read(const struct ern_deal *d, const struct deal_terms *terms,
                             struct ern_report *report, struct grants *out, struct error *e);

/* Codes and exclusions as a set; none listed: the world.
 * errors  INVALID by rule */
MUST_USE enum code deal_territories(const struct ern_texts *in, const struct ern_texts *out_of,
                                    struct ern_report *report, uint32_t line,
                                    struct territory_set *set, struct error *e);
/* A period's texts as moments; *has_end tells of `end`. errors INVALID by rule */
MUST_USE enum code deal_period(const struct ern_period *p, bool start_needed,
                               struct ern_report *report, struct ern_moment *start,
                               struct ern_moment *end, bool *has_end, struct error *e);

/* ---- between deals.c and policies.c ---- */

#define DEAL_FIND(table, text, found)                                                              \
    do {                                                                                           \
        (found) = 0;                                                                               \
        while ((found) < COUNT_OF(table) && strcmp((text), (table)[found].word) != 0)              \
            (found)++;                                                                             \
    } while (0)

struct deal_apps { /* each once; room for APPS_MOST */
    struct app_id *items;
    size_t count;
};
/* The apps that these parties stand for; one that stands for none is told by `rule`. */
MUST_USE enum code deal_add_apps(const struct ern_list *channels, const char *element,
                                 enum ern_rule rule, const struct deal_terms *terms,
                                 struct ern_report *report, struct deal_apps *out, struct error *e);
void deal_sort_apps(struct deal_apps *list);
const char *deal_said(const struct ern_text *t); /* a user-defined value says its own word */
/* Action, conditions and exceptions of a policy; *usable false: it is told why not. */
MUST_USE enum code deal_policy(const struct ern_policy *p, const struct deal_terms *terms,
                               struct ern_report *report, struct grant *g, bool *usable,
                               struct error *e);

#endif
