/* SPDX-License-Identifier: Apache-2.0 */
/* Answers about windows of a stream -> spans that begin, are confirmed and end. Pure: what it asks
 * and tells goes through two functions. Internal to flow. */
#ifndef LICET_FLOW_SPANS_H
#define LICET_FLOW_SPANS_H

#include "flow/flow.h"

#define SPANS_WINDOW 20.48 /* seconds asked about at a time */
#define SPANS_STEP   5.12  /* from one question to the next */
#define SPANS_FIRST  10.24 /* the first question */
#define SPANS_HELD   64.0  /* how far back `ask` must reach */

struct spans_world {
    void *ctx;
    /* What lies between two seconds of the stream; times in the answer are those of the stream. */
    enum code (*ask)(void *ctx, double from, double to, struct arena *a, struct identified *out,
                     struct error *e);
    enum code (*tell)(void *ctx, const struct span_told *t, struct error *e);
};

struct span_open;

struct spans {
    struct spans_world world;
    double certain; /* a span of at most this chance is confirmed at once */
    struct span_open **open;
    size_t count, room;
    unsigned numbers, ended;
};

void spans_init(struct spans *s, const struct spans_world *world, double certain);
void spans_done(struct spans *s);

/* What was found in the window [from, now]; `last`: the stream has ended, so does every span. */
MUST_USE enum code spans_take(struct spans *s, double from, double now,
                              const struct identified *found, bool last, struct error *e);

#endif
