/* SPDX-License-Identifier: Apache-2.0 */
/* Many hands: numbered pieces of work on several threads, results handed on one at a time. */
#ifndef LICET_FLOW_CREW_H
#define LICET_FLOW_CREW_H

#include "base/base.h"

struct crew {
    void *ctx;
    /* On any of the threads, several at once: what it makes is kept under its number in ctx. */
    void (*work)(void *ctx, size_t number);
    /* One call at a time, in the order of the numbers. False ends the run early. */
    bool (*done)(void *ctx, size_t number);
};

/* Run numbers 0..count-1 on `threads` threads; work runs at most `ahead` numbers before done.
 * errors  MEMORY no thread could be started */
MUST_USE enum code crew_run(const struct crew *c, size_t count, unsigned threads, size_t ahead,
                            struct error *e);

/* `asked`, or the number of processors where it is 0. */
unsigned crew_size(int64_t asked);

#endif
