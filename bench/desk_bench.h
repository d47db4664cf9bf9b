/* SPDX-License-Identifier: Apache-2.0 */
/* What the sections of bench/desk share: a world in a folder of its own, and printing. */
#ifndef LICET_BENCH_DESK_H
#define LICET_BENCH_DESK_H

#include <stdio.h>
#include <stdlib.h>

#include "flow/flow.h"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error error_ = { 0 }, *e = &error_;                                                 \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, e->text);                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

struct desk_world {
    struct settings settings;
    struct world *world;
    char folder[64], data[80];
};
void desk_world_open(struct desk_world *w);  /* empty, on the embedded store */
void desk_world_close(struct desk_world *w); /* and its folder goes */

double desk_seconds(void);     /* of the clock on the wall */
double desk_cpu_seconds(void); /* of this process, all threads */
/* name, value, unit, aim: one line; aim may be NULL */
void desk_figure(const char *name, double value, const char *unit, const char *aim);

/* The sections; `quick` is a tenth of the work or less. */
void desk_intake(bool quick);

#endif
