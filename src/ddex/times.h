/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, times and lengths as messages write them. Pure; inside ddex only.
 *
 * A date alone begins with the day of the territory it is for (and an end date is the last day):
 * the zone of a territory is the one most of its people live in (zones.def). */
#ifndef LICET_DDEX_TIMES_H
#define LICET_DDEX_TIMES_H

#include "registry/registry.h"

/* When the day begins where most people of the territory live. */
struct instant territory_day_begin(struct territory t, struct day d);

/* From and until with the territories for which they are the same moments. */
struct time_span {
    struct territory_set territories;
    struct instant from, until;
};
enum { TIME_SPANS_MOST = 128 };

/* A moment, or a date in territory time. */
struct ern_moment {
    bool is_date;
    struct instant at;
    struct day day;
};
/* "2026-03-06", "2026-03-06T00:00:00+01:00", or a time without zone, which is taken as UTC.
 * errors  INVALID */
MUST_USE enum code ern_moment_parse(const char *text, struct ern_moment *out, struct error *e);

/* Territories that begin and end at the same moments, as one span each. Where all of it was past
 * at `created`, one span stands for all: who asks from then on gets the same answer.
 * in   end  its day is the last one
 * out  spans  room for TIME_SPANS_MOST; returns how many */
size_t ern_spans(const struct territory_set *where, const struct ern_moment *start,
                 const struct ern_moment *end /* may be NULL */, struct instant created,
                 struct time_span *spans);

/* "PT3M20.5S" as milliseconds. errors INVALID */
MUST_USE enum code ern_duration_ms(const char *text, int64_t *ms, struct error *e);

#endif
