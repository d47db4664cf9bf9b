/* SPDX-License-Identifier: Apache-2.0 */
/* Progress on standard error. */
#include "cli/progress.h"

#include <time.h>
#include <unistd.h>

enum { DRAW_EVERY_US = 100000, LINE_EVERY_US = 10000000, BAR_CELLS = 24 };

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const char *progress_line(const char *what, int64_t done, int64_t total, int64_t elapsed_us,
                          char *out, size_t room)
{
    double rate = elapsed_us > 0 ? (double)done * 1e6 / (double)elapsed_us : 0;
    int n = total > 0 ? snprintf(out, room, "%s  %lld of %lld  %d %%", what, (long long)done,
                                 (long long)total, (int)(done * 100 / total))
                      : snprintf(out, room, "%s  %lld", what, (long long)done);
    if (n < 0 || (size_t)n >= room)
        return out;
    n += snprintf(out + n, room - (size_t)n, "  %.1f/s", rate);
    if (total > done && rate > 0 && (size_t)n < room) {
        long left = (long)((double)(total - done) / rate + 0.5);
        snprintf(out + n, room - (size_t)n, "  %ld:%02ld left", left / 60, left % 60);
    }
    return out;
}

static void draw(struct progress *p, int64_t now)
{
    char words[160], bar[BAR_CELLS + 1];
    progress_line(p->what, p->done, p->total, now - p->start_us, words, sizeof words);
    p->last_us = now;
    if (!p->terminal) {
        fprintf(p->to, "%s\n", words);
        return;
    }
    int64_t cells = p->total > 0 ? p->done * BAR_CELLS / p->total : 0;
    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < cells ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    fprintf(p->to, "\r\033[K[%s] %s", bar, words);
    fflush(p->to);
    p->drawn = true;
}

void progress_start(struct progress *p, const char *what, int64_t total, bool quiet)
{
    *p = (struct progress) { .what = what,
                             .to = stderr,
                             .terminal = isatty(STDERR_FILENO) == 1,
                             .quiet = quiet,
                             .total = total,
                             .start_us = now_us() };
    pthread_mutex_init(&p->lock, NULL);
    p->last_us = p->start_us;
}

void progress_step(struct progress *p, int64_t done)
{
    pthread_mutex_lock(&p->lock);
    p->done += done;
    int64_t now = now_us();
    if (!p->quiet && now - p->last_us >= (p->terminal ? DRAW_EVERY_US : LINE_EVERY_US))
        draw(p, now);
    pthread_mutex_unlock(&p->lock);
}

void progress_done(struct progress *p)
{
    if (p->drawn) { /* the bar goes; what was printed meanwhile stays */
        fputs("\r\033[K", p->to);
        fflush(p->to);
    }
    pthread_mutex_destroy(&p->lock);
}
