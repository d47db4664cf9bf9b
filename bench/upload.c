/* SPDX-License-Identifier: Apache-2.0 */
/* upload [--quick] [FILE [REFERENCE...]]: what it costs from a user's file to a verdict, beside
 * ffmpeg decoding the same file.
 *
 * FILE is a music file; without one, 4 minutes of a synthetic piece are encoded as MP3. REFERENCE:
 * audio to enrol first, against which it is compared. The processor time is that of this process
 * and of the confined child together. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "access/access.h"
#include "flow/flow.h"

extern char **environ;

#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error e_ = { 0 };                                                                   \
        struct error *e = &e_;                                                                     \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "upload: %s\n", e->text);                                              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double own_cpu_s(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return seconds_of(r.ru_utime) + seconds_of(r.ru_stime);
}

/* Run a program to its end; its processor time, or the end of this one. */
static double run(char *const *words)
{
    pid_t id;
    int status;
    struct rusage r;
    if (posix_spawnp(&id, words[0], NULL, NULL, words, environ) != 0 ||
        wait4(id, &status, 0, &r) != id || status != 0) {
        fprintf(stderr, "upload: %s failed\n", words[0]);
        exit(1);
    }
    return seconds_of(r.ru_utime) + seconds_of(r.ru_stime);
}

static double decode_with_ffmpeg(char *file)
{
    char *const words[] = { "ffmpeg", "-v", "error", "-nostdin", "-threads", "1",
                            "-i",     file, "-f",    "null",     "-",        NULL };
    return run(words);
}

static void make_piece(char *file, const char *seconds)
{
    char source[512];
    snprintf(source, sizeof source,
             "aevalsrc=0.2*sin(2*PI*t*220*(1+0.5*floor(mod(t*3\\,5))))+0.2*sin(2*PI*t*(110+"
             "55*floor(mod(t/2\\,7))))+0.1*random(0)*lt(mod(t\\,0.5)\\,0.1)|0.2*sin(2*PI*t*330):"
             "s=44100:d=%s",
             seconds);
    char *const words[] = { "ffmpeg", "-v",   "error", "-nostdin", "-y", "-f", "lavfi",
                            "-i",     source, "-b:a",  "192k",     file, NULL };
    run(words);
}

static void make_network(struct world *w)
{
    struct network n = { .slug = "bench", .name = "bench" };
    struct app a = { .slug = "web", .name = "web" };
    CHANGE(c);
    MUST(flow_change_begin(w, STR("bench"), STR(""), &c, e));
    struct access_act act = { c.act.tx, c.act.who, c.act.why, c.act.now, c.act.chance };
    MUST(access_network_put(&act, &n, e));
    a.network = n.id;
    MUST(access_app_put(&act, &a, e));
    MUST(flow_change_commit(&c, e));
}

static void on_item(void *ctx, size_t number, enum code code, const struct enrolled *r,
                    const struct error *e)
{
    (void)ctx, (void)number, (void)r;
    if (code != OK)
        fprintf(stderr, "upload: %s\n", e->text);
}

static void enrol(struct world *w, char **files, size_t count)
{
    ARENA(a);
    struct enrol_item *items = ARENA_ARRAY(&a, struct enrol_item, count + 1);
    struct enrol_sink sink = { NULL, on_item };
    size_t failed;
    for (size_t i = 0; i < count; i++)
        items[i].path = files[i];
    MUST(flow_enrol(w, items, count, 0, &sink, &failed, e));
    printf("references\t%zu\trecordings\n", count - failed);
}

static void measure(struct world *w, char *file, int round, double *cpu, double *wall)
{
    ARENA(a);
    struct uploaded up;
    struct decided verdict;
    char id[ID_TEXT], user[32];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    snprintf(user, sizeof user, "u%d", round);
    struct upload_request r = { .network = STR("bench"),
                                .user = str_of(user),
                                .file_name = str_of(file),
                                .fd = fd,
                                .who = STR("bench") };
    double begin = now_s(), own = own_cpu_s();
    MUST(flow_upload(w, &r, &a, &up, e));
    struct decide_request ask = { .subject = str_of(upload_id_format(up.upload, id)),
                                  .network = STR("bench"),
                                  .app = STR("web"),
                                  .territory = STR("RU"),
                                  .keep = true };
    MUST(flow_decide(w, &ask, &a, &verdict, e));
    *wall = now_s() - begin;
    *cpu = own_cpu_s() - own + (double)up.audio.cpu_us / 1e6;
    close(fd);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    char folder[] = "/tmp/licet-bench-XXXXXX", file[64];
    struct audio_host *audio;
    struct world *w;
    struct settings settings;
    double best_cpu = 1e9, best_wall = 1e9, best_ffmpeg = 1e9;
    MUST(audio_host_start(&audio, e));
    if (!mkdtemp(folder))
        return 1;
    snprintf(file, sizeof file, "%s/piece.mp3", folder);
    char *given = argc > 1 + quick ? argv[1 + quick] : file;
    if (given == file)
        make_piece(file, quick ? "60" : "240");
    settings_init(&settings);
    char data[64];
    snprintf(data, sizeof data, "%s/data", folder);
    struct world_options o = {
        .data = data, .settings = &settings, .audio = audio, .create = true
    };
    MUST(world_open(&o, &w, e));
    make_network(w);
    if (argc > 2 + quick)
        enrol(w, argv + 2 + quick, (size_t)(argc - 2 - quick));
    for (int i = 0; i < 3; i++) { /* in turns, so that a busy machine is busy for both */
        double cpu, wall, ffmpeg = decode_with_ffmpeg(given);
        measure(w, given, i, &cpu, &wall);
        best_cpu = cpu < best_cpu ? cpu : best_cpu;
        best_wall = wall < best_wall ? wall : best_wall;
        best_ffmpeg = ffmpeg < best_ffmpeg ? ffmpeg : best_ffmpeg;
    }
    printf("upload_to_verdict\t%.3f\ts\t3\n", best_wall);
    printf("upload_cpu\t%.3f\ts\t%.3f\n", best_cpu, best_ffmpeg);
    printf("upload_cpu_to_ffmpeg\t%.2f\tratio\t1.5\n", best_cpu / best_ffmpeg);
    world_close(w);
    audio_host_stop(audio);
    settings_done(&settings);
    char *const remove[] = { "rm", "-rf", folder, NULL };
    run(remove);
    return 0;
}
