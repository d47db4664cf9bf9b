/* SPDX-License-Identifier: Apache-2.0 */
/* Moments and days. Time is an argument everywhere; only struct world asks a clock. */
#ifndef LICET_BASE_TIME_H
#define LICET_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct instant {
    int64_t us; /* microseconds since 1970-01-01T00:00:00Z, no leap seconds */
};

struct day {
    int32_t number; /* days since 1970-01-01, for legal deadlines and periods */
};

#define INSTANT_NEVER ((struct instant) { INT64_MAX }) /* "until" of what has no end */
#define INSTANT_FIRST ((struct instant) { INT64_MIN }) /* "from" of what has no beginning */

enum { INSTANT_TEXT = 32 };

static inline bool instant_before(struct instant a, struct instant b)
{
    return a.us < b.us;
}

/* RFC 3339 in UTC with as many decimals as needed (0, 3 or 6): 2026-11-23T10:00:00Z.
 * NEVER and FIRST are written as the empty text. Returns `out`. */
const char *instant_format(struct instant t, char out[INSTANT_TEXT]);

/* RFC 3339 date-time with any offset, or a date alone (its first moment in UTC).
 * errors  INVALID  not of that form, or outside the years 0001 to 9999 */
MUST_USE enum code instant_parse(struct str text, struct instant *out, struct error *e);

struct day day_of(struct instant t);
struct day day_from_civil(int year, int month, int day);
void day_to_civil(struct day d, int *year, int *month, int *day);
const char *day_format(struct day d, char out[INSTANT_TEXT]); /* 2026-11-23 */
MUST_USE enum code day_parse(struct str text, struct day *out, struct error *e);
struct instant day_begin(struct day d); /* 00:00:00 UTC */

/* The clock of this machine. Only main and struct world call it. */
struct instant instant_of_clock(void);

#endif
