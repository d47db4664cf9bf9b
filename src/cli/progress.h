/* SPDX-License-Identifier: Apache-2.0 */
/* How far long work has come: a bar with rate and time left on a terminal, else a line every 10 s.
 *
 * threads progress_step may be called by many */
#ifndef LICET_CLI_PROGRESS_H
#define LICET_CLI_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    pthread_mutex_t lock;
    const char *what; /* "enrolling" */
    FILE *to;
    bool terminal, quiet, drawn;
    int64_t total, done; /* total 0: not known */
    int64_t start_us, last_us;
};

void progress_start(struct progress *p, const char *what, int64_t total, bool quiet);
void progress_step(struct progress *p, int64_t done); /* so many more */
void progress_done(struct progress *p);

/* The line that stands for a state: "enrolling  12 of 40  30 %  2.5/s  0:11 left". */
const char *progress_line(const char *what, int64_t done, int64_t total, int64_t elapsed_us,
                          char *out, size_t room);

#endif
