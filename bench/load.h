/* SPDX-License-Identifier: Apache-2.0 */
/* A load of requests over kept connections: one thread, one request under way on each. Closed: the
 * next is sent when the answer is there. At a rate: each is due at its time whatever the answers do,
 * and its latency counts from then. Where a connection was free at that time and it was the load that
 * did not get to run, all that is due later moves: what it could not ask in time it does not ask all
 * at once. */
#ifndef LICET_BENCH_LOAD_H
#define LICET_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct load {
    unsigned port;
    unsigned connections;
    double seconds;
    const char *const *requests; /* whole, with their bodies, in turn */
    size_t request_count;
    double rate; /* a second; 0: closed */
    int status;  /* what every answer must have; another ends the bench */
};

struct load_result {
    double per_second, bytes_per_second, p50_us, p99_us;
    double late_us; /* of the load by itself, in all */
    int64_t answers;
};

/* False: a connection broke or an answer had another status; a line on standard error says so. */
int load_run(const struct load *l, struct load_result *out);

/* The server has a core of its own, and who asks without end, at a rate, does not wait on it. */
enum core { CORE_OF_SERVER, CORE_OF_LOAD };
/* This thread, and those it starts from now on, run there; where there is one core only, anywhere. */
void core_take(enum core which);

#endif
