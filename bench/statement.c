/* SPDX-License-Identifier: Apache-2.0 */
/* What statements cost: bench/statement [--quick | --close PLAYS RECORDINGS]
 *
 * A month of plays of 10 million recordings in 100 territories under 4 licences, stored in batches in
 * SQLite as they came in, becomes four stored statements with lines by recording and territory, as
 * "licet statement close all" does it; splits that lose nothing; what-if years; intake by producers
 * side by side; and a plain GROUP BY of as many plays by the sqlite3 program. */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "access/access.h"
#include "flow/flow.h"
#include "ledger/ledger.h"

enum { RECORDINGS = 10000000, TERRITORIES = 100, LICENSORS = 4, THREADS = 2 };

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
static uint32_t play(uint64_t *s, uint32_t recordings)
{
    uint64_t z = mix(s);
    uint32_t most = z & 1 ? recordings : recordings / 100;
    return ((uint32_t)((z >> 32) * most >> 32) << 8) |
           (uint32_t)((z >> 8 & 0xFFFF) * TERRITORIES >> 16);
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

/* ---- the close, from stored batches to stored statements ------------------------------------------ */

struct place {
    char folder[64], data[80], url[120];
    struct settings settings;
    struct instant now;
};

static struct instant clock_of(void *state)
{
    return *(struct instant *)state;
}

static struct world *open_world(struct place *p)
{
    struct world *w;
    const struct world_options o = { .data = p->data,
                                     .settings = &p->settings,
                                     .clock = clock_of,
                                     .clock_state = &p->now,
                                     .chance = &chance_of_system,
                                     .create = true };
    MUST(world_open(&o, &w, e));
    return w;
}

/* Ids as they are made: by time, five in a millisecond, then chance. */
static void recording_id_of(uint32_t number, uint8_t id[ID_BYTES])
{
    uint64_t seed = number, ms = 1735689600000u + number / 5, chance = mix(&seed);
    for (int i = 0; i < 6; i++)
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(id + 6, &chance, 8);
    memcpy(id + 14, &number, 2);
    id[6] = (uint8_t)(0x70 | (id[6] & 15));
}

static struct network_id network;
static struct app_id app;
static struct party_id parties[LICENSORS];

static void found(struct world *w)
{
    ARENA(a);
    CHANGE(c);
    MUST(flow_change_begin(w, STR("bench"), STR(""), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network n = { .slug = "main",
                         .name = "Main",
                         .unlicensed = "deny",
                         .unmatched = "hold",
                         .conflict = "hold",
                         .unheard = "deny",
                         .suspended = "deny",
                         .closed = "" };
    MUST(access_network_put(&access, &n, e));
    struct app web = {
        .network = n.id, .slug = "web", .name = "Web", .contact = "", .model = "free"
    };
    MUST(access_app_put(&access, &web, e));
    network = n.id;
    app = web.id;
    for (int i = 0; i < LICENSORS; i++) {
        char slug[8];
        struct deal d;
        snprintf(slug, sizeof slug, "l%d", i);
        struct party p = { .slug = slug, .name = slug };
        MUST(registry_party_put(&c.act, &p, e));
        parties[i] = p.id;
        char *text = arena_format(&a, terms_text, i, i, i + 1, 1 + i);
        MUST(deal_offer_put(&c.act, str_of(slug), str_of(text), SIDE_LICENSOR, false, &d, e));
        MUST(flow_deal_agree(&c, str_of(slug), SIDE_PLATFORM, &a, &d, e));
    }
    MUST(flow_change_commit(&c, e));
}

static void put_claim(struct store_tx *tx, struct party_id catalogue, uint32_t number, bool second,
                      bool two)
{
    uint8_t recording[ID_BYTES], id[ID_BYTES];
    recording_id_of(number, recording);
    memcpy(id, recording, ID_BYTES);
    id[15] = (uint8_t)(1 + second);
    MUST(store_run(
        tx,
        "INSERT INTO registry_claims (catalogue, id, version, recording, party, \"right\", "
        "share_e8, "
        "territories, from_us, until_us, filed_us, known_us, withdrawn) VALUES ($1, $2, 1, $3, $4, "
        "'making_available', $5, 'Worldwide', $6, $7, 1, 1, 0)",
        SQL(sql_id(catalogue), sql_bytes(id, ID_BYTES), sql_bytes(recording, ID_BYTES),
            sql_id(parties[(number % LICENSORS + second) % LICENSORS]),
            sql_int(two ? SHARE_WHOLE_E8 / 2 : SHARE_WHOLE_E8), sql_instant(INSTANT_FIRST),
            sql_instant(INSTANT_NEVER)),
        NULL, e));
}

/* Straight into the tables: the door of the registry would journal each. One recording in twenty is
 * held by two, half and half. */
static void fill_registry(struct world *w, uint32_t recordings)
{
    for (uint32_t from = 0; from < recordings; from += 100000) {
        TX(tx);
        MUST(store_begin(world_store(w), STORE_WRITE, &tx, e));
        for (uint32_t i = from; i < from + 100000 && i < recordings; i++) {
            uint8_t id[ID_BYTES];
            bool two = i % 20 == 7;
            recording_id_of(i, id);
            MUST(
                store_run(tx,
                          "INSERT INTO registry_recordings (catalogue, id, version, title, artist, "
                          "duration_ms) VALUES ($1, $2, 1, 'Song', 'Singer', 180000)",
                          SQL(sql_id(world_catalogue(w)), sql_bytes(id, ID_BYTES)), NULL, e));
            put_claim(tx, world_catalogue(w), i, false, two);
            if (two)
                put_claim(tx, world_catalogue(w), i, true, two);
        }
        MUST(store_commit_take(take(tx), e));
    }
}

static void fill_plays(struct world *w, size_t count, uint32_t recordings)
{
    enum { SIZE = 10000, TOGETHER = 50 };
    static struct batch_play plays[SIZE];
    uint64_t seed = 7;
    const int64_t month = INT64_C(31) * 86400000000,
                  begin = day_begin(day_from_civil(2026, 1, 1)).us;
    for (size_t b = 0; b * SIZE < count;) {
        TX(tx);
        MUST(store_begin(world_store(w), STORE_WRITE, &tx, e));
        for (size_t k = 0; k < TOGETHER && b * SIZE < count; k++, b++) {
            enum batch_outcome out;
            for (size_t i = 0; i < SIZE; i++) {
                uint32_t key = play(&seed, recordings);
                plays[i] = (struct batch_play) { .app = app,
                                                 .user = mix(&seed) >> 32,
                                                 .at = { begin +
                                                         (int64_t)((double)(b * SIZE + i) /
                                                                   (double)count * (double)month) },
                                                 .played_ms = 60000,
                                                 .territory = { (uint8_t)(key & 255) } };
                recording_id_of(key >> 8, plays[i].recording.bytes);
            }
            struct play_batch batch = { "bench", (int64_t)b, -1, plays, SIZE };
            MUST(ledger_batch_put(tx, world_catalogue(w), &batch, (struct instant) { 1 }, &out, e));
        }
        MUST(store_commit_take(take(tx), e));
    }
}

static void begin_place(struct place *p)
{
    snprintf(p->folder, sizeof p->folder, "/var/tmp/licet-bench-XXXXXX");
    if (!mkdtemp(p->folder))
        exit(1);
    snprintf(p->data, sizeof p->data, "%s/data", p->folder);
    snprintf(p->url, sizeof p->url, "store.url=sqlite:%s/licet.db", p->folder);
    p->now = (struct instant) { INT64_C(1770000000000000) };
    settings_init(&p->settings);
    MUST(settings_flag(&p->settings, str_of(p->url), e));
}

static void end_place(struct place *p)
{
    char command[128];
    settings_done(&p->settings);
    snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", p->folder);
}

/* All four deals in one close, as the command does it, in a process of its own. */
static void close_all(struct place *p)
{
    ARENA(a);
    CHANGE(c);
    struct closed done;
    struct figure figure = { .from = day_from_civil(2026, 1, 1),
                             .until = day_from_civil(2026, 2, 1),
                             .territory = TERRITORY_UNKNOWN,
                             .revenue = { 123456789012, { "USD", 2 } } };
    const struct close_request r = { .deals = STR("all"),
                                     .from = figure.from,
                                     .until = figure.until,
                                     .rule = OVER_HOLD,
                                     .figures = &figure,
                                     .figure_count = 1,
                                     .threads = THREADS };
    struct world *w = open_world(p);
    double begun = now();
    MUST(flow_change_begin(w, STR("bench"), STR(""), &c, e));
    MUST(flow_statement_close(&c, &r, &a, &done, e));
    MUST(flow_change_commit(&c, e));
    printf("statement_close_seconds\t%.2f\ts\t30\nstatement_count\t%zu\tstatements\n",
           now() - begun, done.count);
    fflush(stdout);
    _exit(0);
}

/* Processor seconds of the close; in *memory what it had at most, in GB. */
static double statements(size_t count, uint32_t recordings, double *memory)
{
    struct place p;
    struct rusage used;
    int status;
    begin_place(&p);
    struct world *w = open_world(&p);
    double begun = now();
    found(w);
    fill_registry(w, recordings);
    printf("registry_fill_seconds\t%.1f\ts for %u recordings\n", now() - begun, recordings);
    begun = now();
    fill_plays(w, count, recordings);
    printf("plays_fill_seconds\t%.1f\ts for %zu plays\n", now() - begun, count);
    world_close(w);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        close_all(&p);
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
        fputs("the close did not end well\n", stderr);
        exit(1);
    }
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
    *memory = (double)used.ru_maxrss / 1048576;
    end_place(&p);
    return cpu;
}

/* ---- the yardstick: the sqlite3 program groups and sorts the same plays --------------------------- */

/* "Run Time: real 1.9 user 1.8 sys 0.1" */
static double processor_seconds(const char *line)
{
    const char *user = strstr(line, "user "), *sys = strstr(line, "sys ");
    return (user ? strtod(user + 5, NULL) : 0) + (sys ? strtod(sys + 4, NULL) : 0);
}

static double by_sqlite(size_t count, uint32_t recordings)
{
    char folder[] = "/tmp/licet-bench-XXXXXX", path[64], command[512], line[256];
    double seconds = 0;
    uint64_t seed = 7;
    if (!mkdtemp(folder))
        return 0;
    snprintf(path, sizeof path, "%s/plays.csv", folder);
    FILE *f = must(fopen(path, "w"));
    for (size_t i = 0; i < count; i++) {
        uint32_t key = play(&seed, recordings);
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
            seconds = processor_seconds(line);
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

struct producer {
    struct world *w;
    size_t batches;
    int number;
};

static void *produce(void *arg)
{
    enum { SIZE = 500 };
    const struct producer *p = arg;
    struct batch_play *plays = must(calloc(SIZE, sizeof *plays));
    uint64_t seed = 3 + (uint64_t)p->number;
    char name[16];
    snprintf(name, sizeof name, "bench-%d", p->number);
    for (size_t k = 0; k < p->batches; k++) {
        enum batch_outcome out;
        struct error e;
        for (size_t i = 0; i < SIZE; i++) {
            uint32_t key = play(&seed, RECORDINGS);
            plays[i] = (struct batch_play) { .app = app,
                                             .at = { (int64_t)(k * SIZE + i) * 1000 },
                                             .played_ms = 60000 + (uint32_t)(seed & 0xFFFF),
                                             .user = seed,
                                             .territory = { (uint8_t)(key & 255) } };
            recording_id_of(key >> 8, plays[i].recording.bytes);
        }
        struct play_batch batch = { name, (int64_t)k, -1, plays, SIZE };
        if (flow_batch_put(p->w, &batch, &out, &e) != OK || out != BATCH_KEPT)
            abort();
    }
    free(plays);
    return NULL;
}

/* So many producers, each of which waits for the one batch to be durable before it sends the next. */
static void intake(size_t batches, int producers)
{
    struct place place;
    struct producer list[64];
    pthread_t ids[64];
    begin_place(&place);
    struct world *w = open_world(&place);
    double begun = now();
    for (int i = 0; i < producers; i++) {
        list[i] = (struct producer) { w, batches, i };
        if (pthread_create(&ids[i], NULL, produce, &list[i]) != 0)
            abort();
    }
    for (int i = 0; i < producers; i++)
        pthread_join(ids[i], NULL);
    double took = now() - begun;
    world_close(w);
    printf("intake_of_%d_producers\t%.0f\tplays/s\t200000\n", producers,
           (double)(batches * 500 * (size_t)producers) / took);
    end_place(&place);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    size_t count = quick ? 2000000 : 100000000;
    uint32_t recordings = quick ? 200000 : RECORDINGS;
    double memory;
    if (sodium_init() < 0)
        return 1;
    if (argc == 4 && strcmp(argv[1], "--close") == 0) {
        count = strtoul(argv[2], NULL, 10);
        recordings = (uint32_t)strtoul(argv[3], NULL, 10);
    }
    double cpu = statements(count, recordings, &memory);
    printf("statement_plays\t%zu\tplays\nstatement_close_cpu\t%.2f\ts\t%.2f\n"
           "statement_memory\t%.2f\tGB\t4\n",
           count, cpu, 60.0 * (double)count / 100000000, memory);
    if (argc == 4)
        return 0;
    size_t small = quick ? 500000 : 5000000;
    uint32_t few = recordings / (uint32_t)(count / small);
    double ours = statements(small, few, &memory), theirs = by_sqlite(small, few);
    printf("sqlite3_group_seconds\t%.2f\ts of %zu plays\nstatement_to_sqlite3\t%.2f\tratio of "
           "processor time\t1\n",
           theirs, small, theirs > 0 ? ours / theirs : 0.0);
    splits(quick ? 200000 : 10000000);
    what_if(quick ? 5000000 : 50000000, quick ? 50 : 1000);
    intake(quick ? 100 : 1000, 1);
    intake(quick ? 50 : 500, 16);
    return 0;
}
