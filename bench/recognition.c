/* SPDX-License-Identifier: Apache-2.0 */
/* Recognition in figures: name, value, unit, yardstick, one a line.
 *
 *     recognition [--quick] [--hours N] [--refs LIST --queries TSV [--every N]] [--dir FOLDER]
 *
 * --hours    so many hours of synthetic recordings stand beside the references; their words are
 *            those of real ones (or of made music) with bits changed at random, part by part, so
 *            that common words stay common
 * --refs     a file with the paths of reference recordings, whose names are ID.EXT
 * --queries  queries.tsv of the recognition benchmark, the clips NAME.wav beside it
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
#include "index/index.h"

struct bench {
    const char *refs, *queries, *dir, *json;
    double hours;
    size_t every;
    bool quick, all;
    uint64_t random;
    struct index *ix;
    struct fingerprint **real; /* patterns for the synthetic ones */
    size_t real_count;
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t chance(struct bench *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return b->random;
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

/* A file's query form, and its reference form where `fp` is given. */
static enum code heard(const char *path, struct fingerprint **fp, struct fp_query **q,
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

/* Chords and a tune from a seed, with noise: material for figures that need no listening. */
static float *made_music(struct bench *b, size_t seconds)
{
    size_t count = seconds * FP_RATE_HZ;
    float *x = calloc(count, sizeof *x);
    for (size_t note = 0; x && note < 6 * seconds; note++) {
        size_t at = chance(b) % count;
        double hz = 110 * exp2((double)(chance(b) % 44) / 12), level = 0.1;
        for (size_t i = at; i < count && i < at + FP_RATE_HZ; i++) {
            double t = (double)(i - at) / FP_RATE_HZ;
            x[i] += (float)(level * exp(-3 * t) * (sin(2 * M_PI * hz * t)
                                                   + 0.5 * sin(4 * M_PI * hz * t)));
        }
    }
    for (size_t i = 0; x && i < count; i++)
        x[i] += (float)((double)(chance(b) % 2000) - 1000) * 2e-6f;
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

/* A synthetic recording of about four minutes. */
static void synthetic(struct bench *b, struct fingerprint *fp)
{
    fp->count = 400 + chance(b) % 140;
    fp->samples = fp->count * FP_STEP * FP_HOP;
    for (size_t j = 0; j < fp->count; j++) {
        struct fp_word w = { { 0, 0 } };
        for (size_t p = 0; p < FP_PARTS; p++) {
            const struct fingerprint *from = b->real[chance(b) % b->real_count];
            const struct fp_word *r = &from->words[chance(b) % from->count];
            uint64_t part = r->half[p / 2] >> p % 2 * 32 & 0xffffffff, flips = 3 + chance(b) % 6;
            while (flips--)
                part ^= 1ull << chance(b) % 32;
            w.half[p / 2] |= part << p % 2 * 32;
        }
        fp->words[j] = w;
        fp->posts[j] = 0;
        while (__builtin_popcount(fp->posts[j]) < 2)
            fp->posts[j] |= (uint8_t)(1u << chance(b) % FP_PARTS);
    }
}

static void enrol(struct bench *b)
{
    char line[4096];
    double start = cpu_seconds(), decoded = 0;
    FILE *list = b->refs ? fopen(b->refs, "r") : NULL;
    b->real = calloc(100000, sizeof *b->real);
    while (list && b->real_count < 100000 && fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        struct fingerprint *fp = NULL;
        struct error why;
        if (heard(line, &fp, NULL, &why) != OK) {
            fprintf(stderr, "recognition: %s\n", why.text);
            continue;
        }
        struct index_key key = { { 0 } };
        const char *name = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
        memcpy(key.bytes, name, strnlen(name, 10));
        MUST(index_add(b->ix, &key, fp, e));
        decoded += fingerprint_seconds(fp);
        b->real[b->real_count++] = fp;
    }
    if (list)
        fclose(list);
    if (b->real_count)
        figure("enrolment", decoded / (cpu_seconds() - start), "x realtime a core, with decoding",
               "");
    while (b->real_count < 8)
        made_print(b, 120, &b->real[b->real_count++], NULL);
    MUST(index_commit(b->ix, e));

    struct fp_word words[540];
    uint8_t posts[540];
    struct fingerprint made = { 0, words, posts, 0 };
    double hours = 0;
    start = cpu_seconds();
    for (uint64_t n = 0; hours < b->hours; n++) {
        struct index_key key = { "synthetic" };
        memcpy(key.bytes + 9, &n, 7);
        synthetic(b, &made);
        hours += fingerprint_seconds(&made) / 3600;
        MUST(index_add(b->ix, &key, &made, e));
        if (n % 4096 == 4095)
            MUST(index_commit(b->ix, e));
    }
    MUST(index_commit(b->ix, e));
    MUST(index_compact(b->ix, e));
    struct index_figures f;
    index_info(b->ix, &f);
    figure("index_hours", f.hours, "h", "");
    figure("index_recordings", (double)f.recordings, "", "");
    figure("index_size", (double)f.bytes / 1024 / f.hours, "KB an hour", "240");
    if (hours > 0)
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

static void query_times(struct bench *b)
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
        figure(kinds[k].name, took / (double)rounds * 1000, "ms of CPU", kinds[k].yardstick);
    }
}

/* ---- the corpus -------------------------------------------------------------------------- */

struct group {
    char name[40];
    size_t clip, asked, hit, placed, wrong;
};

static void answer_print(FILE *out, const char *name, double seconds, const struct matches *m)
{
    fprintf(out, "{\"file\":\"%s.wav\",\"seconds\":%.3f,\"matches\":[", name, seconds);
    for (size_t i = 0; i < m->count; i++) {
        const struct match *x = &m->items[i];
        fprintf(out, "%s{\"file\":\"%.10s.ogg\",\"query_start\":%.2f,\"query_end\":%.2f,"
                "\"reference_start\":%.2f,\"reference_end\":%.2f,\"speed\":%.4f,"
                "\"pitch_semitones\":%.2f,\"score\":%.3f,\"deviations\":%.2f,\"others\":%.2f,"
                "\"identity\":%s,\"p_false\":%.3g}", i ? "," : "", (const char *)x->key.bytes,
                x->query_start, x->query_end, x->reference_start, x->reference_end, x->speed,
                x->pitch_semitones, x->score, x->deviations, x->others,
                x->identity ? "true" : "false", x->p_false);
    }
    fprintf(out, "]}\n");
}

static bool place_right(const struct match *m, double offset, double rate, double music_start)
{
    return fabs(m->reference_start - (offset + (m->query_start - music_start) * rate)) <= 0.5
        && fabs(m->reference_end - (offset + (m->query_end - music_start) * rate)) <= 0.5;
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
        MUST(heard(path, NULL, &q, e));
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
    struct bench b = { .every = 1, .random = 88172645463325252ull, .hours = -1 };
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
    query_times(&b);
    if (b.queries)
        corpus(&b);
    memory_figures();
    index_close(b.ix);
    if (!b.dir) {
        snprintf(command, sizeof command, "rm -rf %s", folder);
        if (system(command) != 0)
            return 1;
    }
    for (size_t i = 0; i < b.real_count; i++)
        fingerprint_free(b.real[i]);
    free(b.real);
    return 0;
}
