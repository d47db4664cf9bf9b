/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk costs: bench/desk [--quick] [SECTION...]; all sections when none is named. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "desk_bench.h"

static const struct {
    const char *name;
    void (*run)(bool quick);
} sections[] = {
    { "intake", desk_intake },
};

double desk_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double desk_cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

void desk_figure(const char *name, double value, const char *unit, const char *aim)
{
    printf("%s\t%.*f\t%s\t%s\n", name, value < 100 ? 2 : 0, value, unit, aim ? aim : "");
    fflush(stdout);
}

void desk_world_open(struct desk_world *w)
{
    *w = (struct desk_world) { 0 };
    snprintf(w->folder, sizeof w->folder, "/tmp/licet-bench-XXXXXX");
    if (!mkdtemp(w->folder)) {
        perror(w->folder);
        exit(1);
    }
    snprintf(w->data, sizeof w->data, "%s/data", w->folder);
    settings_init(&w->settings);
    struct world_options o = { .data = w->data, .settings = &w->settings, .create = true };
    MUST(world_open(&o, &w->world, e));
}

void desk_world_close(struct desk_world *w)
{
    char command[128];
    world_close(w->world);
    settings_done(&w->settings);
    snprintf(command, sizeof command, "rm -rf '%s'", w->folder);
    if (system(command) != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    bool quick = false, named = false;
    for (int i = 1; i < argc; i++)
        quick |= strcmp(argv[i], "--quick") == 0;
    for (int i = 1; i < argc; i++)
        for (size_t s = 0; s < COUNT_OF(sections); s++)
            if (strcmp(argv[i], sections[s].name) == 0) {
                sections[s].run(quick);
                named = true;
            }
    for (size_t s = 0; s < COUNT_OF(sections) && !named; s++)
        sections[s].run(quick);
    return 0;
}
