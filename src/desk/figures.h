/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure of a report by name: its value is what its events add up to, so a figure cannot say
 * what its events do not. Pure. */
#ifndef LICET_DESK_FIGURES_H
#define LICET_DESK_FIGURES_H

#include "desk/scan.h"

enum figure_of { OF_NOTICES, OF_REQUESTS, OF_COMPLAINTS, OF_DISPUTES, OF_MARKS };

/* How often the n-th record counts. */
typedef int64_t figure_weight(const struct scan *s, size_t n, int parameter);
struct desk_figure {
    const char *name;  /* "requests.accepted" */
    enum figure_of of; /* the denominator: whose records are counted */
    const char *english, *russian;
    figure_weight *weight;
    int parameter;
    bool trusted_only; /* of notices by trusted flaggers */
};
extern const struct desk_figure desk_figures[];
extern const size_t desk_figure_count;

const char *desk_figure_of_word(enum figure_of of);
/* errors  NOT_FOUND */
MUST_USE enum code desk_figure_find(struct str name, const struct desk_figure **out,
                                    struct error *e);
int64_t desk_figure_value(const struct scan *s, const struct desk_figure *f);

/* The events of a figure, in the order of its records; `weight` of each. */
typedef enum code figure_event(void *ctx, int64_t seq, int64_t weight, struct error *e);
MUST_USE enum code desk_figure_events(const struct scan *s, const struct desk_figure *f,
                                      figure_event *each, void *ctx, struct error *e);

/* How many records of a kind there are; what a figure says of the n-th: weight 0: nothing. */
size_t desk_figure_records(const struct scan *s, enum figure_of of);
void desk_figure_of_record(const struct scan *s, const struct desk_figure *f, size_t n,
                           int64_t *seq, int64_t *weight);

/* The values and times of a scan that has just been folded; desk_scan does it. */
MUST_USE enum code desk_figures_add_up(struct scan *s, struct error *e);

/* Times to the first decision; class -1: all. */
const struct scan_times *desk_figure_times_of(const struct scan *s, int class);
/* The k-th smallest (from 0) of n numbers, whose order changes. */
int64_t desk_select(int64_t *v, size_t n, size_t k);

#endif
