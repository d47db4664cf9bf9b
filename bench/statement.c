/* SPDX-License-Identifier: Apache-2.0 */
/* What statements cost: bench/statement [--quick]
 *
 * Plays of one month of 10 million recordings in 100 territories under 4 licences become lines by
 * recording and territory that sum to what is due; splits that lose nothing; what-if years; intake
 * into SQLite; and a plain GROUP BY of the same plays by the sqlite3 program beside. */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ledger/ledger.h"

enum { RECORDINGS = 10000000, TERRITORIES = 100, LICENSORS = 4, THREADS = 2, BUCKETS = 512 };

static struct error error;
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error *e = &error;                                                                  \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, e->text);                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *must(void *p)
{
    if (!p) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    return p;
}

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* recording << 8 | territory: half of the plays are of a hundredth of the recordings */
static uint32_t play(uint64_t *s)
{
    uint64_t z = mix(s);
    uint32_t most = z & 1 ? RECORDINGS : RECORDINGS / 100;
    return ((uint32_t)((z >> 32) * most >> 32) << 8) |
           (uint32_t)((z >> 8 & 0xFFFF) * TERRITORIES >> 16);
}

/* ---- sort ------------------------------------------------------------------------------------- */

struct sorting {
    uint32_t *from, *to;
    size_t count;
    size_t counts[THREADS][BUCKETS], begins[THREADS][BUCKETS];
    size_t bucket_at[BUCKETS + 1];
    unsigned thread;
    pthread_barrier_t *barrier;
    struct sorting *all;
};

static unsigned bucket_of(uint32_t key)
{
    return (unsigned)((uint64_t)(key >> 8) * BUCKETS / RECORDINGS);
}

static void sort_bucket(uint32_t *a, uint32_t *b, size_t count)
{
    for (int shift = 0; shift < 32; shift += 8) {
        size_t at[256] = { 0 }, sum = 0;
        for (size_t i = 0; i < count; i++)
            at[a[i] >> shift & 255]++;
        for (int k = 0; k < 256; k++) {
            size_t n = at[k];
            at[k] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++)
            b[at[a[i] >> shift & 255]++] = a[i];
        uint32_t *x = a;
        a = b;
        b = x;
    }
}

static void *sort_thread(void *arg)
{
    struct sorting *s = arg, *all = s->all;
    size_t from = s->count * s->thread / THREADS, until = s->count * (s->thread + 1) / THREADS;
    for (size_t i = from; i < until; i++)
        all->counts[s->thread][bucket_of(s->from[i])]++;
    pthread_barrier_wait(s->barrier);
    size_t sum = 0, begins[BUCKETS];
    for (int b = 0; b < BUCKETS; b++) {
        all->bucket_at[b] = sum; /* both write the same */
        for (unsigned t = 0; t < THREADS; t++) {
            if (t == s->thread)
                begins[b] = sum;
            sum += all->counts[t][b];
        }
    }
    all->bucket_at[BUCKETS] = sum;
    for (size_t i = from; i < until; i++)
        s->to[begins[bucket_of(s->from[i])]++] = s->from[i];
    pthread_barrier_wait(s->barrier);
    for (unsigned b = s->thread; b < BUCKETS; b += THREADS)
        sort_bucket(s->to + all->bucket_at[b], s->from + all->bucket_at[b],
                    all->bucket_at[b + 1] - all->bucket_at[b]);
    return NULL;
}

static void sort(uint32_t *keys, uint32_t *room, size_t count)
{
    struct sorting *s = must(calloc(THREADS, sizeof *s));
    pthread_t ids[THREADS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (unsigned t = 0; t < THREADS; t++) {
        s[t].from = keys;
        s[t].to = room;
        s[t].count = count;
        s[t].thread = t;
        s[t].barrier = &barrier;
        s[t].all = s;
        pthread_create(&ids[t], NULL, sort_thread, &s[t]);
    }
    for (unsigned t = 0; t < THREADS; t++)
        pthread_join(ids[t], NULL);
    pthread_barrier_destroy(&barrier);
    free(s);
}

/* ---- statements -------------------------------------------------------------------------------- */

static const char terms_text[] =
    "terms \"L%d\"\nlicensor l%d\nterritories Worldwide\ngrant stream\n"
    "from 2026-01-01 through 2026-12-31\n"
    "pay the greatest of\n    60 %% of revenue by share of plays\n"
    "    USD 0.0022%d a play in free\nend\n"
    "guarantee USD %d.00 a year\n"
    "most favoured with all on revenue share\n"
    "share of plays includes unlicensed\naccount monthly\n";

static void make_bargains(struct arena *a, struct bargain *out, int money)
{
    for (int i = 0; i < LICENSORS; i++) {
        struct terms *t = ARENA_NEW(a, struct terms);
        char *text = arena_format(a, terms_text, i, i, i + 1, money + i);
        MUST(terms_parse(str_of(text), a, t, NULL, e));
        out[i] = (struct bargain) { t, NULL };
    }
}

static void make_names(struct cube *c)
{
    uint16_t number;
    for (int i = 0; i < LICENSORS; i++) {
        char slug[8];
        snprintf(slug, sizeof slug, "l%d", i);
        MUST(cube_party(c, str_of(slug), &number, e));
    }
    MUST(cube_app(c, STR("main"), STR("web"), &number, e));
}

struct lines { /* of one licensor */
    uint32_t *keys;
    int64_t *weights;
    size_t count, room;
};

static void add_line(struct lines *l, uint32_t key, int64_t weight)
{
    if (l->count == l->room) {
        l->room = l->room ? l->room + l->room / 2 : 1 << 20;
        l->keys = must(realloc(l->keys, l->room * sizeof *l->keys));
        l->weights = must(realloc(l->weights, l->room * sizeof *l->weights));
    }
    l->keys[l->count] = key;
    l->weights[l->count++] = weight;
}

/* One recording in twenty is held by two, half and half. */
static void hold(const uint32_t *keys, size_t count, struct lines *lines, struct cube *c)
{
    int64_t sums[LICENSORS][TERRITORIES] = { { 0 } };
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && keys[end] == keys[i];)
            end++;
        uint32_t recording = keys[i] >> 8, first = recording % LICENSORS;
        bool two = recording % 20 == 7;
        int64_t weight = (int64_t)(end - i) * SHARE_WHOLE_E8 / (two ? 2 : 1);
        for (uint32_t k = first; k <= first + two; k++) {
            add_line(&lines[k % LICENSORS], keys[i], weight);
            sums[k % LICENSORS][keys[i] & 255] += weight;
        }
    }
    for (uint16_t h = 0; h < LICENSORS; h++)
        for (uint8_t t = 0; t < TERRITORIES; t++) {
            struct cube_row row = { .day = day_from_civil(2026, 1, 15).number,
                                    .holder = h,
                                    .territory = t,
                                    .seconds = 12,
                                    .weight_e8 = sums[h][t],
                                    .touched = sums[h][t] / SHARE_WHOLE_E8 };
            MUST(cube_add(c, &row, e));
        }
    MUST(cube_seal(c, e));
}

static double statements(size_t count, double *sorted)
{
    ARENA(a);
    struct cube cube;
    struct lines lines[LICENSORS] = { { 0 } };
    struct bargain bargains[LICENSORS];
    struct figure figure = { .from = day_from_civil(2026, 1, 1),
                             .until = day_from_civil(2026, 2, 1),
                             .revenue = { 123456789012, { "USD", 2 } } };
    struct price price;
    uint64_t seed = 7;
    uint32_t *keys = must(malloc(count * sizeof *keys)), *room = must(malloc(count * sizeof *room));
    for (size_t i = 0; i < count; i++)
        keys[i] = play(&seed);
    cube_init(&cube, &a);
    make_names(&cube);
    make_bargains(&a, bargains, 1);
    double begun = now();
    sort(keys, room, count); /* lies in `room` */
    *sorted = now() - begun;
    free(keys);
    hold(room, count, lines, &cube);
    free(room);
    struct price_input in = { .cube = &cube,
                              .bargains = bargains,
                              .bargain_count = LICENSORS,
                              .figures = &figure,
                              .figure_count = 1,
                              .from = figure.from,
                              .until = figure.until };
    MUST(price_run(&in, &a, &price, e));
    size_t written = 0;
    for (uint32_t l = 0; l < LICENSORS; l++) {
        int64_t due, sum = 0, *parts = must(malloc(lines[l].count * sizeof *parts));
        crypto_generichash_state state;
        uint8_t hash[32];
        MUST(price_sum(&price, l, 0, true, &due, e));
        MUST(allocate(due, lines[l].weights, lines[l].count, THREADS, parts, e));
        crypto_generichash_init(&state, NULL, 0, sizeof hash);
        crypto_generichash_update(&state, (uint8_t *)lines[l].keys,
                                  lines[l].count * sizeof *lines[l].keys);
        crypto_generichash_update(&state, (uint8_t *)parts, lines[l].count * sizeof *parts);
        crypto_generichash_final(&state, hash, sizeof hash);
        for (size_t i = 0; i < lines[l].count; i++)
            sum += parts[i];
        if (sum != due) {
            fputs("the lines do not sum to what is due\n", stderr);
            exit(1);
        }
        written += lines[l].count;
        free(parts);
        free(lines[l].keys);
        free(lines[l].weights);
    }
    double took = now() - begun;
    printf("statement_lines\t%zu\tlines\n", written);
    cube_done(&cube);
    return took;
}

/* ---- the yardstick: the sqlite3 program groups and sorts the same plays --------------------------- */

static double by_sqlite(size_t count)
{
    char folder[] = "/tmp/licet-bench-XXXXXX", path[64], command[512], line[256];
    double seconds = 0;
    uint64_t seed = 7;
    if (!mkdtemp(folder))
        return 0;
    snprintf(path, sizeof path, "%s/plays.csv", folder);
    FILE *f = must(fopen(path, "w"));
    for (size_t i = 0; i < count; i++) {
        uint32_t key = play(&seed);
        fprintf(f, "%u,%u\n", key >> 8, key & 255);
    }
    fclose(f);
    snprintf(command, sizeof command,
             "printf 'CREATE TABLE p (r INTEGER, t INTEGER);\\n.mode csv\\n.import %s p\\n.timer "
             "on\\nSELECT COUNT(*), SUM(n) FROM (SELECT r, t, COUNT(*) AS n FROM p GROUP BY r, t "
             "ORDER BY r, t);\\n' | sqlite3 :memory: 2>/dev/null; rm -rf %s",
             path, folder);
    FILE *p = must(popen(command, "r"));
    while (fgets(line, sizeof line, p))
        if (strncmp(line, "Run Time: real ", 15) == 0)
            seconds = strtod(line + 15, NULL);
    pclose(p);
    return seconds;
}

/* ---- splits, what-if, intake ------------------------------------------------------------------- */

static void splits(size_t cases)
{
    uint64_t seed = 11;
    size_t drift = 0;
    double begun = now();
    for (size_t i = 0; i < cases; i++) {
        int64_t weights[12], parts[12], sum = 0;
        ARENA(a);
        size_t n = 1 + mix(&seed) % 12;
        int64_t total = (int64_t)(mix(&seed) >> (1 + mix(&seed) % 40)) * (mix(&seed) & 1 ? 1 : -1);
        for (size_t k = 0; k < n; k++)
            weights[k] = (int64_t)(mix(&seed) >> (6 + mix(&seed) % 50));
        weights[0]++;
        MUST(money_split(total, weights, n, &a, parts, e));
        for (size_t k = 0; k < n; k++)
            sum += parts[k];
        drift += sum != total;
    }
    printf("split_cases\t%zu\tsplits\nsplit_drift\t%zu\tcases\t0\nsplit_rate\t%.0f\tsplits/s\n",
           cases, drift, (double)cases / (now() - begun));
}

static void what_if(size_t plays, int years)
{
    ARENA(names);
    struct cube cube;
    uint64_t seed = 5;
    int64_t(*sums)[12][TERRITORIES][2] = must(calloc(LICENSORS, sizeof *sums));
    struct figure figures[24];
    double begun = now();
    cube_init(&cube, &names);
    make_names(&cube);
    for (size_t i = 0; i < plays; i++) {
        uint64_t z = mix(&seed);
        sums[z % LICENSORS][(z >> 8 & 0xFFFF) * 12 >> 16][(z >> 24 & 0xFFFF) * TERRITORIES >> 16]
            [z >> 40 & 1]++;
    }
    for (uint16_t h = 0; h < LICENSORS; h++)
        for (int m = 0; m < 12; m++)
            for (uint8_t t = 0; t < TERRITORIES; t++)
                for (uint8_t model = 0; model < 2; model++) {
                    int64_t n = sums[h][m][t][model];
                    struct cube_row row = { .day = day_from_civil(2026, m + 1, 1).number,
                                            .holder = h,
                                            .territory = t,
                                            .model = model,
                                            .seconds = 12,
                                            .weight_e8 = n * SHARE_WHOLE_E8,
                                            .touched = n };
                    MUST(cube_add(&cube, &row, e));
                }
    MUST(cube_seal(&cube, e));
    for (int m = 0; m < 24; m++)
        figures[m] = (struct figure) { .from = day_from_civil(2026, m % 12 + 1, 1),
                                       .until = day_months_later(
                                           day_from_civil(2026, m % 12 + 1, 1), 1),
                                       .model = (enum model)(m / 12),
                                       .revenue = { 100000000 + m, { "USD", 2 } } };
    double summed = now() - begun;
    int64_t check = 0;
    begun = now();
    for (int y = 0; y < years; y++) {
        ARENA(a);
        struct bargain bargains[LICENSORS];
        struct price price;
        int64_t due;
        make_bargains(&a, bargains, 10000000 + 1000 * y);
        struct price_input in = { .cube = &cube,
                                  .bargains = bargains,
                                  .bargain_count = LICENSORS,
                                  .figures = figures,
                                  .figure_count = 24,
                                  .from = day_from_civil(2026, 1, 1),
                                  .until = day_from_civil(2027, 1, 1) };
        MUST(price_run(&in, &a, &price, e));
        MUST(price_sum(&price, 0, LICENSOR_NONE, true, &due, e));
        check += due;
    }
    double took = now() - begun;
    printf("what_if_sum_seconds\t%.2f\ts of %zu plays\n", summed, plays);
    printf("what_if_seconds\t%.2f\ts for %d years (check %lld)\t10\n", took, years,
           (long long)check);
    free(sums);
    cube_done(&cube);
}

static void intake(size_t batches, size_t together)
{
    enum { SIZE = 500 };
    static struct batch_play plays[SIZE];
    char folder[] = "/var/tmp/licet-bench-XXXXXX", url[80], command[80];
    struct store *s;
    const struct party_id catalogue = { { 1 } };
    uint64_t seed = 3;
    if (!mkdtemp(folder))
        return;
    snprintf(url, sizeof url, "sqlite:%s/licet.db", folder);
    MUST(store_open(url, &s, e));
    MUST(store_migrate(s, e));
    double begun = now();
    for (size_t b = 0; b < batches; b += together) {
        TX(tx);
        MUST(store_begin(s, STORE_WRITE, &tx, e));
        for (size_t k = b; k < b + together && k < batches; k++) {
            enum batch_outcome out;
            for (size_t i = 0; i < SIZE; i++) {
                uint32_t key = play(&seed);
                plays[i] = (struct batch_play) { .at = { (int64_t)(k * SIZE + i) * 1000 },
                                                 .played_ms = 60000,
                                                 .user = seed,
                                                 .territory = { (uint8_t)(key & 255) },
                                                 .recording = { { 1 } } };
                memcpy(plays[i].recording.bytes + 4, &key, 4);
            }
            struct play_batch batch = { "bench", (int64_t)k, -1, plays, SIZE };
            MUST(ledger_batch_put(tx, catalogue, &batch, (struct instant) { 1 }, &out, e));
        }
        MUST(store_commit_take(take(tx), e));
    }
    double took = now() - begun;
    printf("intake_%zu_a_commit\t%.0f\tplays/s\t200000\n", together,
           (double)(batches * SIZE) / took);
    store_close(s);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", folder);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    size_t count = quick ? 4000000 : 100000000, small = quick ? 500000 : 5000000;
    struct rusage usage;
    double sorted;
    if (sodium_init() < 0)
        return 1;
    double took = statements(count, &sorted);
    getrusage(RUSAGE_SELF, &usage);
    printf("statement_plays\t%zu\tplays\nstatement_sort_seconds\t%.2f\ts\n", count, sorted);
    printf("statement_seconds\t%.2f\ts\t%.2f\n", took, 30.0 * (double)count / 100000000);
    printf("statement_memory\t%.2f\tGB\t4\n", (double)usage.ru_maxrss / 1048576);
    double ours = statements(small, &sorted), theirs = by_sqlite(small);
    printf("sqlite3_group_seconds\t%.2f\ts of %zu plays\nstatement_to_sqlite3\t%.2f\tratio\t1\n",
           theirs, small, theirs > 0 ? ours / theirs : 0.0);
    splits(quick ? 200000 : 10000000);
    what_if(quick ? 5000000 : 50000000, quick ? 50 : 1000);
    intake(quick ? 200 : 2000, 1);
    intake(quick ? 400 : 4000, 16);
    return 0;
}
