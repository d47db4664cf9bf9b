/* SPDX-License-Identifier: Apache-2.0 */
/* Recognition in figures: name, value, unit, yardstick, one a line.
 *
 *     recognition [--quick] [--hours N] [--refs LIST --queries TSV [--every N]] [--dir FOLDER] [--prints FOLDER]
 *
 * --hours    so many hours of synthetic recordings stand beside the references; their words are
 *            those of real ones (or of made music) with bits changed at random, part by part, so
 *            that common words stay common
 * --refs     a file with the paths of reference recordings, whose names are ID.EXT
 * --queries  queries.tsv of the recognition benchmark, the clips NAME.wav beside it
 * --dir      an index that is there is used as it is, and stays
 * --prints   fingerprints of references and queries are kept here between runs
 * --every    take each N-th query
 * --json F   the answers, one line a query, as `licet identify` gives them
 * --all      also what is not certain enough, for calibration
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "audio/audio.h"
#include "base/file.h"
#include "index/index.h"
#include "synthetic.h"

#define GROUP_HOURS 2500 /* added at once */

struct bench {
    const char *refs, *queries, *dir, *json;
    double hours;
    size_t every;
    bool quick, all;
    const char *prints;
    struct index *ix;
    struct synthetic music; /* real recordings, patterns for synthetic ones; and chance */
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void figure(const char *name, double value, const char *unit, const char *yardstick)
{
    printf("%s\t%.6g\t%s\t%s\n", name, value, unit, yardstick);
    fflush(stdout);
}

_Noreturn static void give_up(const struct error *e)
{
    fprintf(stderr, "recognition: %s\n", e->text);
    exit(1);
}

#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error must_error_ = { 0 };                                                          \
        struct error *e = &must_error_;                                                            \
        if ((call) != OK)                                                                          \
            give_up(e);                                                                            \
    } while (0)

static enum code take_pcm(void *stream, const float *pcm, size_t count, struct error *e)
{
    return fp_stream_push(stream, pcm, count, e);
}

static enum code heard_now(const char *path, struct fingerprint **fp, struct fp_query **q,
                           struct error *e)
{
    ARENA(a);
    owned(fp_stream) s = NULL;
    struct audio_limits limits = audio_limits_default();
    struct audio_wants wants = { 0 };
    struct audio_facts facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    enum code code = fp_stream_new(&s, e);
    struct audio_sink sink = { s, take_pcm };
    if (code == OK)
        code = audio_decode_here(fd, &limits, &wants, &sink, &a, &facts, e);
    if (code == OK)
        code = fp_stream_finish(s, fp, q, e);
    close(fd);
    return code == OK ? OK : fail_in(e, "%s", path);
}

/* A file's reference form or query form; kept in a folder between runs where one is given. */
static enum code heard(const struct bench *b, const char *path, struct fingerprint **fp,
                       struct fp_query **q, struct error *e)
{
    char kept[4096];
    BUF(bytes);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    snprintf(kept, sizeof kept, "%s/%s.%s", b->prints ? b->prints : "", name, fp ? "fp" : "q");
    struct error none;
    if (b->prints && file_read(kept, 1u << 30, &bytes, &none) == OK)
        return fp ? fingerprint_decode(bytes.bytes, bytes.length, fp, e)
                  : fp_query_decode(bytes.bytes, bytes.length, q, e);
    TRY(heard_now(path, fp, q, e));
    buf_clear(&bytes);
    if (!b->prints)
        return OK;
    TRY(fp ? fingerprint_encode(*fp, &bytes, e) : fp_query_encode(*q, &bytes, e));
    return file_write(kept, bytes.bytes, bytes.length, 0644, e);
}

/* Chords and a tune from a seed, with noise: material for figures that need no listening. */
static float *made_music(struct bench *b, size_t seconds)
{
    size_t count = seconds * FP_RATE_HZ;
    float *x = calloc(count, sizeof *x);
    for (size_t note = 0; x && note < 6 * seconds; note++) {
        size_t at = synthetic_chance(&b->music) % count;
        double hz = 110 * exp2((double)(synthetic_chance(&b->music) % 44) / 12), level = 0.1;
        for (size_t i = at; i < count && i < at + FP_RATE_HZ; i++) {
            double t = (double)(i - at) / FP_RATE_HZ;
            x[i] += (float)(level * exp(-3 * t) *
                            (sin(2 * M_PI * hz * t) + 0.5 * sin(4 * M_PI * hz * t)));
        }
    }
    for (size_t i = 0; x && i < count; i++)
        x[i] += (float)((double)(synthetic_chance(&b->music) % 2000) - 1000) * 2e-6f;
    return x;
}

static void made_print(struct bench *b, size_t seconds, struct fingerprint **fp,
                       struct fp_query **q)
{
    float *x = made_music(b, seconds);
    owned(fp_stream) s = NULL;
    MUST(fp_stream_new(&s, e));
    MUST(fp_stream_push(s, x, seconds * FP_RATE_HZ, e));
    MUST(fp_stream_finish(s, fp, q, e));
    free(x);
}

static void extraction(struct bench *b)
{
    size_t seconds = b->quick ? 60 : 300, rounds = 0;
    float *x = made_music(b, seconds);
    double start = cpu_seconds(), took;
    do {
        owned(fp_stream) s = NULL;
        owned(fingerprint) fp = NULL;
        owned(fp_query) q = NULL;
        MUST(fp_stream_new(&s, e));
        MUST(fp_stream_push(s, x, seconds * FP_RATE_HZ, e));
        MUST(fp_stream_finish(s, &fp, &q, e));
        rounds++;
    } while ((took = cpu_seconds() - start) < (b->quick ? 0.3 : 2));
    free(x);
    figure("extraction", (double)(rounds * seconds) / took, "x realtime a core", "1500");
}

static void enrol(struct bench *b)
{
    char line[4096];
    double start = cpu_seconds(), decoded = 0;
    struct index_figures f;
    index_info(b->ix, &f);
    bool there = f.recordings > 0;
    FILE *list = b->refs && !there ? fopen(b->refs, "r") : NULL;
    b->music.real = calloc(100000, sizeof *b->music.real);
    while (list && b->music.real_count < 100000 && fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        struct fingerprint *fp = NULL;
        struct error why;
        if (heard(b, line, &fp, NULL, &why) != OK) {
            fprintf(stderr, "recognition: %s\n", why.text);
            continue;
        }
        struct index_key key = { { 0 } };
        const char *name = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
        memcpy(key.bytes, name, strnlen(name, 10));
        MUST(index_add(b->ix, &key, fp, e));
        decoded += fingerprint_seconds(fp);
        b->music.real[b->music.real_count++] = fp;
    }
    if (list)
        fclose(list);
    if (b->music.real_count)
        figure("enrolment", decoded / (cpu_seconds() - start), "x realtime a core, with decoding",
               "");
    while (b->music.real_count < 8)
        made_print(b, 120, &b->music.real[b->music.real_count++], NULL);
    MUST(index_commit(b->ix, e));

    if (!there && b->hours > 0)
        synthetic_compare(&b->music, b->quick ? 200 : 3000);
    double hours = there ? b->hours : 0, group = 0;
    start = cpu_seconds();
    for (uint64_t n = 0; hours < b->hours; n++) {
        struct index_key key = { "synthetic" };
        memcpy(key.bytes + 9, &n, 7);
        const struct fingerprint *made = synthetic_make(&b->music);
        hours += fingerprint_seconds(made) / 3600;
        group += fingerprint_seconds(made) / 3600;
        MUST(index_add(b->ix, &key, made, e));
        if (group < GROUP_HOURS)
            continue;
        MUST(index_commit(b->ix, e));
        group = 0;
        if (b->hours > 5 * GROUP_HOURS)
            fprintf(stderr, "recognition: %.0f of %.0f h\n", hours, b->hours);
    }
    MUST(index_commit(b->ix, e));
    if (b->hours <= GROUP_HOURS && !there)
        MUST(index_compact(b->ix, e));
    index_info(b->ix, &f);
    figure("index_hours", f.hours, "h", "");
    figure("index_segments", (double)f.segments, "", "4");
    figure("index_recordings", (double)f.recordings, "", "");
    figure("index_size", (double)f.bytes / 1024 / f.hours, "KB an hour", "240");
    if (hours > 0 && !there)
        figure("index_building", hours / (cpu_seconds() - start), "h a second of CPU", "");
}

static void memory_figures(void)
{
    char line[256];
    double kb;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "VmRSS: %lf", &kb) == 1)
            figure("memory_resident", kb / 1024, "MB", "");
        if (sscanf(line, "RssFile: %lf", &kb) == 1)
            figure("memory_of_it_mapped", kb / 1024, "MB", "");
    }
    if (f)
        fclose(f);
}

static void query_times(struct bench *b, bool rehearsal)
{
    static const struct {
        const char *name, *yardstick;
        size_t seconds;
        bool identity;
    } kinds[] = {
        { "query_10s_identity", "13.3", 10, true },
        { "query_10s_full_grid", "100", 10, false },
        { "upload_240s_unknown", "1500", 240, false },
    };
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        size_t rounds = b->quick ? 3 : kinds[k].seconds > 60 ? 5 : 40;
        double took = 0;
        for (size_t n = 0; n < rounds; n++) {
            ARENA(a);
            owned(fp_query) q = NULL;
            struct matches m;
            struct index_options o = { .identity_only = kinds[k].identity };
            made_print(b, kinds[k].seconds, NULL, &q);
            double start = cpu_seconds();
            MUST(index_find(b->ix, q, &o, &a, &m, e));
            took += cpu_seconds() - start;
        }
        if (!rehearsal)
            figure(kinds[k].name, took / (double)rounds * 1000, "ms of CPU", kinds[k].yardstick);
    }
}

/* ---- the corpus -------------------------------------------------------------------------- */

struct group {
    char name[40];
    size_t clip, asked, hit, placed, wrong;
};

static void matches_print(FILE *out, const struct match *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct match *x = &items[i];
        fprintf(out,
                "%s{\"file\":\"%.10s.ogg\",\"query_start\":%.2f,\"query_end\":%.2f,"
                "\"reference_start\":%.2f,\"reference_end\":%.2f,\"speed\":%.4f,"
                "\"pitch_semitones\":%.2f,\"score\":%.3f,\"deviations\":%.2f,\"others\":%.2f,"
                "\"width\":%.2f,"
                "\"identity\":%s,\"shared\":%s,\"p_false\":%.3g}",
                i ? "," : "", (const char *)x->key.bytes, x->query_start, x->query_end,
                x->reference_start, x->reference_end, x->speed, x->pitch_semitones, x->score,
                x->deviations, x->others, x->others_width, x->identity ? "true" : "false",
                x->shared ? "true" : "false", x->p_false);
    }
}

static void answer_print(FILE *out, const char *name, double seconds, const struct matches *m)
{
    fprintf(out, "{\"file\":\"%s.wav\",\"seconds\":%.3f,\"matches\":[", name, seconds);
    matches_print(out, m->items, m->count);
    fprintf(out, "],\"similar\":[");
    matches_print(out, m->similar, m->similar_count);
    fprintf(out, "]}\n");
}

static bool place_right(const struct match *m, double offset, double rate, double music_start)
{
    return fabs(m->reference_start - (offset + (m->query_start - music_start) * rate)) <= 0.5 &&
           fabs(m->reference_end - (offset + (m->query_end - music_start) * rate)) <= 0.5;
}

static void corpus(struct bench *b)
{
    static struct group groups[200];
    char line[65536], folder[2048];
    size_t count = 0, number = 0, false_alarms = 0, negatives = 0;
    FILE *tsv = fopen(b->queries, "r"), *json = b->json ? fopen(b->json, "w") : NULL;
    double find_time = 0, start = cpu_seconds(), seconds = 0;
    snprintf(folder, sizeof folder, "%.*s",
             (int)(strrchr(b->queries, '/') ? strrchr(b->queries, '/') - b->queries : 0),
             b->queries);
    if (!tsv || !fgets(line, sizeof line, tsv)) {
        fprintf(stderr, "recognition: %s: cannot be read\n", b->queries);
        exit(1);
    }
    while (fgets(line, sizeof line, tsv)) {
        char *f[11] = { 0 }, *at = line, path[4096];
        for (size_t i = 0; i < COUNT_OF(f); i++)
            f[i] = strsep(&at, "\t\n");
        if (!f[10] || number++ % b->every)
            continue;
        ARENA(a);
        owned(fp_query) q = NULL;
        struct matches m;
        struct index_options o = { .false_alarms = b->all ? 1e9 : 0 };
        snprintf(path, sizeof path, "%s/%s.wav", folder, f[0]);
        MUST(heard(b, path, NULL, &q, e));
        double before = cpu_seconds();
        MUST(index_find(b->ix, q, &o, &a, &m, e));
        find_time += cpu_seconds() - before;
        seconds += fp_query_seconds(q);
        if (json)
            answer_print(json, f[0], fp_query_seconds(q), &m);
        if (strcmp(f[3], "-") == 0) {
            negatives++;
            false_alarms += m.count > 0;
            continue;
        }
        size_t clip = (size_t)atoi(f[2]), g = 0;
        while (g < count && (strcmp(groups[g].name, f[1]) != 0 || groups[g].clip != clip))
            g++;
        if (g == COUNT_OF(groups))
            continue;
        if (g == count)
            snprintf(groups[count++].name, sizeof groups[g].name, "%s", f[1]);
        groups[g].clip = clip;
        groups[g].asked++;
        if (!m.count)
            continue;
        if (strncmp((const char *)m.items[0].key.bytes, f[3], 10) != 0) {
            groups[g].wrong++;
            continue;
        }
        groups[g].hit++;
        bool right = place_right(&m.items[0], atof(f[4]), atof(f[5]), atof(f[8]));
        for (char *also = f[10], *one; !right && (one = strsep(&also, ";"));)
            right = one[0] != '-' && place_right(&m.items[0], atof(one), atof(f[5]), atof(f[8]));
        groups[g].placed += right;
    }
    struct group all = { .name = "all" };
    for (size_t g = 0; g < count; g++) {
        char name[80];
        snprintf(name, sizeof name, "hit_%s_%zus", groups[g].name, groups[g].clip);
        figure(name, 100.0 * (double)groups[g].hit / (double)groups[g].asked, "%", "");
        all.asked += groups[g].asked;
        all.hit += groups[g].hit;
        all.placed += groups[g].placed;
        all.wrong += groups[g].wrong;
    }
    if (all.asked) {
        figure("hit_all", 100.0 * (double)all.hit / (double)all.asked, "%", "51.4");
        figure("wrong_all", 100.0 * (double)all.wrong / (double)all.asked, "%", "4.4");
    }
    if (all.hit)
        figure("right_place", 100.0 * (double)all.placed / (double)all.hit, "% of the hits", "97");
    if (negatives)
        figure("false_alarms", (double)false_alarms, "", "");
    figure("negatives", (double)negatives, "", "");
    double took = cpu_seconds() - start;
    figure("query_of_corpus", find_time / (double)(all.asked + negatives) * 1000, "ms of CPU", "");
    figure("corpus_decode_extract_query", seconds / took, "x realtime a core", "");
    fclose(tsv);
    if (json)
        fclose(json);
}

int main(int count, char **words)
{
    char folder[] = "/tmp/licet-recognition-XXXXXX", command[128];
    struct bench b = { .every = 1, .music.random = 88172645463325252ull, .hours = -1 };
    for (int i = 1; i < count; i++) {
        const char *next = i + 1 < count ? words[i + 1] : "";
        if (strcmp(words[i], "--quick") == 0)
            b.quick = true;
        else if (strcmp(words[i], "--all") == 0)
            b.all = true;
        else if (strcmp(words[i], "--refs") == 0)
            b.refs = next, i++;
        else if (strcmp(words[i], "--queries") == 0)
            b.queries = next, i++;
        else if (strcmp(words[i], "--prints") == 0)
            b.prints = next, i++;
        else if (strcmp(words[i], "--json") == 0)
            b.json = next, i++;
        else if (strcmp(words[i], "--dir") == 0)
            b.dir = next, i++;
        else if (strcmp(words[i], "--hours") == 0)
            b.hours = atof(next), i++;
        else if (strcmp(words[i], "--every") == 0)
            b.every = (size_t)atoi(next) ? (size_t)atoi(next) : 1, i++;
        else {
            fprintf(stderr, "recognition: what is %s?\n", words[i]);
            return 2;
        }
    }
    if (b.hours < 0)
        b.hours = b.quick ? 200 : b.queries ? 0 : 2000;
    if (!b.dir && !mkdtemp(folder)) {
        perror(folder);
        return 1;
    }
    MUST(index_open(b.dir ? b.dir : folder, INDEX_WRITE, &b.ix, e));
    extraction(&b);
    enrol(&b);
    query_times(&b, true); /* what is mapped is touched before it is measured */
    query_times(&b, false);
    if (b.queries)
        corpus(&b);
    memory_figures();
    index_close(b.ix);
    if (!b.dir) {
        snprintf(command, sizeof command, "rm -rf %s", folder);
        if (system(command) != 0)
            return 1;
    }
    for (size_t i = 0; i < b.music.real_count; i++)
        fingerprint_free(b.music.real[i]);
    free(b.music.real);
    return 0;
}
