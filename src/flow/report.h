/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that are published: the figures of a period as they stand, with the events of each. Part of
 * flow's door. */
#ifndef LICET_FLOW_REPORT_H
#define LICET_FLOW_REPORT_H

#include "desk/desk.h"

struct world;

/* errors  INVALID the period is not over */
MUST_USE enum code flow_report_publish(struct world *w, struct str who, struct instant from,
                                       struct instant until, struct published *out,
                                       struct error *e);
/* The events of a figure of a published report, behind event `after`: in arena `a`, with what the
 * journal says of each. errors  NOT_FOUND no such report or figure */
struct report_event {
    int64_t weight;
    struct journal_event event;
};
enum { REPORT_EVENTS_MOST = 200 };
MUST_USE enum code flow_report_events(struct world *w, struct report_id id, struct str figure,
                                      int64_t after, struct arena *a, struct report_event **out,
                                      size_t *count, struct error *e);

#endif
