/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions a second on one core: random recordings of 10 million (--quick: 1 million), in any
 * territory and app, all equally likely, which is the hardest for the caches. 2,000 parties: 40 have
 * terms of their own, the others those of one of 24 distributors.
 * One figure a line: name TAB value TAB unit TAB yardstick. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "policy/policy.h"

enum { PARTIES = 2000, OWN_TERMS = 40, TERMS = 64, APPS = 16, NETWORKS = 2, QUESTIONS = 1 << 20 };

struct catalogue {
    struct chance chance;
    uint64_t seed;
    struct rights_network networks[NETWORKS];
    struct rights_app apps[APPS];
    struct party *parties;
    struct recording *recordings;
    struct claim *claims;
    struct holder_policy *policies;
    struct licence *licences;
    struct rights_input in;
};

static const struct instant moment = { 1795521600000000 };

/* Of this thread's processor time: what else the machine does is not counted. */
static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t draw(struct catalogue *c, uint32_t below)
{
    uint32_t x;
    c->chance.fill(c->chance.state, (uint8_t *)&x, sizeof x);
    return x % below;
}

static struct territory_set set_of(const char *text)
{
    struct territory_set s = { 0 };
    struct error e;
    if (territory_set_parse(str_of(text), &s, NULL, &e) != OK)
        abort();
    return s;
}

static void *array_of(size_t count, size_t size)
{
    void *p = calloc(count, size);
    if (!p)
        abort();
    return p;
}

static void make_access(struct catalogue *c)
{
    for (size_t i = 0; i < NETWORKS; i++)
        c->networks[i] = (struct rights_network) { .id = network_id_make(moment, &c->chance),
                                                   .version = 1,
                                                   .name = i ? "annex" : "agora",
                                                   .closed = set_of(i ? "KP" : "KP,CU") };
    for (size_t i = 0; i < APPS; i++)
        c->apps[i] = (struct rights_app) { .id = app_id_make(moment, &c->chance),
                                           .network = c->networks[i % NETWORKS].id,
                                           .version = 1,
                                           .name = "app",
                                           .download = i % 3 == 0,
                                           .offline = i % 4 == 0,
                                           .clip_seconds = i % 5 == 4 ? 30 : 0 };
}

static void make_claim(struct catalogue *c, size_t recording, size_t party, enum right right,
                       int64_t share_e8, const char *where)
{
    c->claims[c->in.claim_count++] = (struct claim) { .id = claim_id_make(moment, &c->chance),
                                                      .recording = c->recordings[recording].id,
                                                      .party = c->parties[party].id,
                                                      .version = 1,
                                                      .right = right,
                                                      .share_e8 = share_e8,
                                                      .territories = set_of(where),
                                                      .from = INSTANT_FIRST,
                                                      .until = INSTANT_NEVER };
}

/* Six in ten recordings belong to three large parties; one in five is shared by two, one in ten
 * is held by another party in North America. */
static void make_recordings(struct catalogue *c, size_t count)
{
    c->recordings = array_of(count, sizeof *c->recordings);
    c->claims = array_of(count * 4, sizeof *c->claims);
    for (size_t i = 0; i < count; i++) {
        c->recordings[i] = (struct recording) { .id = recording_id_make(moment, &c->chance),
                                                .version = 1,
                                                .title = "A title of usual length",
                                                .artist = "An artist",
                                                .duration_ms = 200000 };
        size_t party = draw(c, 10) < 6 ? draw(c, 3) : draw(c, PARTIES);
        uint32_t kind = draw(c, 10);
        if (kind < 2) {
            make_claim(c, i, party, RIGHT_MAKING_AVAILABLE, 60000000, "Worldwide");
            make_claim(c, i, draw(c, PARTIES), RIGHT_MAKING_AVAILABLE, 40000000, "Worldwide");
        } else if (kind < 3) {
            make_claim(c, i, party, RIGHT_MAKING_AVAILABLE, 100000000, "Worldwide -US -CA -MX");
            make_claim(c, i, draw(c, PARTIES), RIGHT_MAKING_AVAILABLE, 100000000, "US,CA,MX");
        } else {
            make_claim(c, i, party, RIGHT_MAKING_AVAILABLE, 100000000, "Worldwide");
            if (kind == 9)
                make_claim(c, i, party, RIGHT_REPRODUCTION, 100000000, "Worldwide");
        }
    }
    c->in.recording_count = count;
}

static void make_parties(struct catalogue *c)
{
    static const char *const sets[] = { "Worldwide", "Worldwide -US", "DE,FR,IT,ES,GB",
                                        "RU,BY,KZ,UA" };
    c->parties = array_of(PARTIES, sizeof *c->parties);
    c->policies = array_of(PARTIES * 2, sizeof *c->policies);
    c->licences = array_of(PARTIES * 4, sizeof *c->licences);
    for (size_t n = 0; n < PARTIES; n++) {
        size_t i = n < OWN_TERMS ? n : OWN_TERMS + n % (TERMS - OWN_TERMS); /* whose terms */
        c->parties[n] = (struct party) { .id = party_id_make(moment, &c->chance),
                                         .version = 1,
                                         .name = "A label" };
        struct holder_policy *p = &c->policies[c->in.policy_count++];
        *p = (struct holder_policy) {
            .id = policy_id_make(moment, &c->chance),
            .party = c->parties[n].id,
            .version = 1,
            .action = i % 7 ? ACTION_MONETIZE : ACTION_BLOCK,
            .condition_count = 2,
            .conditions = { { MEASURE_SECONDS, RELATOR_MORE, 30 * SHARE_WHOLE_E8 },
                            { MEASURE_UPLOAD_PERCENT, RELATOR_AT_LEAST, 50 * SHARE_WHOLE_E8 } },
            .territories = set_of(i % 2 ? "Worldwide" : "US,JP"),
            .from = INSTANT_FIRST,
            .until = INSTANT_NEVER
        };
        for (size_t k = 0; i % 9 && k < (i < 3 ? 4 : 1 + i % 2); k++)
            c->licences[c->in.licence_count++] = (struct licence) {
                .id = licence_id_make(moment, &c->chance),
                .licensor = c->parties[n].id,
                .version = 1,
                .name = "Frame agreement",
                .territories = set_of(sets[(i + k) % 4]),
                .uses = k % 2 ? USES_ALL : USE_BIT(USE_STREAM),
                .models = MODELS_ALL,
                .from = INSTANT_FIRST,
                .until = INSTANT_NEVER,
                .clip_seconds = (i + k) % 5 ? 0 : 30
            };
    }
}

static void make_catalogue(struct catalogue *c, size_t recordings)
{
    c->seed = 20261124;
    c->chance = chance_seeded(&c->seed);
    make_access(c);
    make_parties(c);
    make_recordings(c, recordings);
    c->in.networks = c->networks;
    c->in.network_count = NETWORKS;
    c->in.apps = c->apps;
    c->in.app_count = APPS;
    c->in.parties = c->parties;
    c->in.party_count = PARTIES;
    c->in.recordings = c->recordings;
    c->in.claims = c->claims;
    c->in.policies = c->policies;
    c->in.licences = c->licences;
    c->in.present = moment;
}

struct ask {
    struct question question;
    struct upload_match match;
};

static struct ask *make_questions(struct catalogue *c)
{
    struct ask *asks = array_of(QUESTIONS, sizeof *asks);
    for (size_t i = 0; i < QUESTIONS; i++) {
        size_t app = draw(c, APPS);
        asks[i].question = (struct question) {
            .network = c->apps[app].network,
            .app = c->apps[app].id,
            .territory = { (uint8_t)draw(c, TERRITORY_COUNT) },
            .use = draw(c, 4) ? USE_STREAM : (enum use)draw(c, USE_COUNT),
            .model = (enum model)draw(c, MODEL_COUNT),
            .at = { moment.us + (int64_t)draw(c, 1000000) },
        };
        asks[i].question.recording = c->recordings[draw(c, (uint32_t)c->in.recording_count)].id;
        asks[i].match = (struct upload_match) {
            .reference = reference_id_make(moment, &c->chance),
            .recording = asks[i].question.recording,
            .upload_from_ms = 1000,
            .upload_to_ms = 1000 + 1000 * (int64_t)draw(c, 180),
            .reference_from_ms = 0,
            .reference_to_ms = 60000,
            .reference_ms = 200000,
        };
    }
    return asks;
}

/* Only what the snapshot copied is needed from here on. */
static void drop_catalogue(struct catalogue *c)
{
    free(c->recordings);
    free(c->claims);
    free(c->parties);
    free(c->policies);
    free(c->licences);
    malloc_trim(0);
}

static double resident_mib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;
    if (!f || fscanf(f, "%ld %ld", &total, &resident) != 2)
        abort();
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static void decide(const struct rights *r, const struct ask *ask, struct arena *a, struct facts *f,
                   struct verdict *v)
{
    struct upload_known known = { .facts = { .version = 1,
                                             .hearing = HEARING_DONE,
                                             .duration_ms = 200000,
                                             .preview_length_ms = 30000 },
                                  .matches = &ask->match,
                                  .match_count = 1 };
    struct question q = ask->question;
    q.recording = (struct recording_id) { { 0 } };
    rights_gather(r, &q, &known, a, f);
    policy_decide(f, a, v);
}

/* ---- by recording: kept ready ---- */

static double answer_all(const struct rights *r, const struct question *q, size_t count,
                         size_t modes[3])
{
    double begin = now_seconds();
    for (size_t i = 0; i < count; i++) {
        struct verdict_brief v;
        rights_answer(r, &q[i % QUESTIONS], &v);
        modes[v.mode]++;
    }
    return now_seconds() - begin;
}

static double answer_many(const struct rights *r, const struct question *q, size_t count)
{
    enum { AT_ONCE = 256 };
    static struct verdict_brief v[AT_ONCE];
    double begin = now_seconds();
    for (size_t i = 0; i + AT_ONCE <= count; i += AT_ONCE)
        rights_answer_many(r, &q[i % QUESTIONS], AT_ONCE, v);
    return now_seconds() - begin;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static void print_tail(double *each, const char *name, const char *yardstick)
{
    qsort(each, QUESTIONS, sizeof *each, by_size);
    printf("verdict.%s.p50\t%.3f\tus\t\n", name, each[QUESTIONS / 2]);
    printf("verdict.%s.p99\t%.3f\tus\t\n", name, each[QUESTIONS - QUESTIONS / 100]);
    printf("verdict.%s.p999\t%.3f\tus\t%s\n", name, each[QUESTIONS - QUESTIONS / 1000], yardstick);
}

/* Times to be written: touched before, so that no page is first asked for while one is taken. */
static double *make_times(void)
{
    double *each = array_of(QUESTIONS, sizeof *each);
    memset(each, 1, QUESTIONS * sizeof *each);
    return each;
}

/* What the machine itself does: four reads, each at a place the one before it names, of as much
 * memory as the snapshot takes. A verdict makes about as many. */
static void memory_tail(size_t bytes)
{
    double *each = make_times();
    uint64_t *memory = array_of(bytes / 64, 64), at = 1, sum = 0;
    for (size_t i = 0; i < bytes / 8; i += 8)
        memory[i] = i;
    for (size_t i = 0; i < QUESTIONS; i++) {
        double begin = now_us();
        for (int k = 0; k < 4; k++) {
            at = at * 6364136223846793005u + 1442695040888963407u + sum;
            sum += memory[(at >> 20) % (bytes / 64) * 8];
        }
        each[i] = now_us() - begin;
        at += sum & 1; /* so that nothing is left out */
    }
    print_tail(each, "memory", "");
    free(memory);
    free(each);
}

/* Each by the clock on the wall, with the clock's own 30 ns or so. */
static void tail(const struct rights *r, const struct ask *asks, const char *name)
{
    double *each = make_times();
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct verdict_brief v;
        double begin = now_us();
        rights_answer(r, &asks[i].question, &v);
        each[i] = now_us() - begin;
    }
    print_tail(each, name, "5");
    free(each);
}

/* ---- by upload: facts gathered and decided each time ---- */

static double decide_all(const struct rights *r, const struct ask *asks, size_t count)
{
    double begin = now_seconds();
    for (size_t i = 0; i < count; i++) {
        ARENA(a);
        struct facts f;
        struct verdict v;
        decide(r, &asks[i % QUESTIONS], &a, &f, &v);
    }
    return now_seconds() - begin;
}

/* With facts and verdict written as JSON, as they are when a verdict is kept. */
static double write_all(const struct rights *r, const struct ask *asks, size_t count)
{
    BUF(out);
    double begin = now_seconds();
    for (size_t i = 0; i < count; i++) {
        ARENA(a);
        struct facts f;
        struct verdict v;
        decide(r, &asks[i % QUESTIONS], &a, &f, &v);
        buf_clear(&out);
        policy_facts_write(&f, &out);
        policy_verdict_write(&v, &out);
    }
    return now_seconds() - begin;
}

/* ---- a change ---- */

static struct rights *change(struct rights *r, const struct catalogue *c, double *ms)
{
    struct rights *next;
    struct error e;
    struct rights_change change = { .rows = { .parties = c->parties,
                                              .party_count = 1,
                                              .policies = c->policies,
                                              .policy_count = 1,
                                              .licences = c->licences,
                                              .licence_count = 2,
                                              .present = moment } };
    double begin = now_seconds();
    if (rights_succeed(r, &change, &next, &e) != OK) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    rights_free(r);
    *ms = (now_seconds() - begin) * 1e3;
    return next;
}

static struct rights *measure_changes(struct rights *r, const struct catalogue *kept)
{
    double worst = 0, ms;
    for (int i = 0; i < 5; i++) {
        kept->licences[0].until.us = moment.us + 1000000000LL * (i + 1);
        r = change(r, kept, &ms);
        worst = ms > worst ? ms : worst;
    }
    printf("verdict.change\t%.2f\tms\t50\n", worst);
    return r;
}

/* The first party with what it wants and grants, to be changed later. */
static struct catalogue keep_first(const struct catalogue *c)
{
    struct catalogue kept = { 0 };
    kept.parties = array_of(1, sizeof *kept.parties);
    kept.policies = array_of(1, sizeof *kept.policies);
    kept.licences = array_of(2, sizeof *kept.licences);
    kept.parties[0] = c->parties[0];
    kept.policies[0] = c->policies[0];
    kept.licences[0] = kept.licences[1] = (struct licence) {
        .licensor = c->parties[0].id,
        .version = 1,
        .name = "Another agreement",
        .territories = set_of("Worldwide"),
        .uses = USE_BIT(USE_STREAM),
        .models = MODELS_ALL,
        .from = INSTANT_FIRST,
        .until = INSTANT_NEVER,
    };
    kept.licences[1].id.bytes[3] = 1;
    return kept;
}

static void measure(struct rights *r, const struct ask *asks, size_t count)
{
    size_t modes[3] = { 0 };
    struct question *q = array_of(QUESTIONS, sizeof *q);
    for (size_t i = 0; i < QUESTIONS; i++)
        q[i] = asks[i].question;
    tail(r, asks, "first");
    double seconds = answer_all(r, q, count, modes);
    printf("verdict.single.rate\t%.0f\tdecisions/s\t5000000\n", (double)count / seconds);
    printf("verdict.batch.rate\t%.0f\tdecisions/s\t5000000\n",
           (double)count / answer_many(r, q, count));
    tail(r, asks, "kept");
    memory_tail(rights_size_bytes(r));
    printf("verdict.full\t%.3f\tof all\t\n", (double)modes[VERDICT_FULL] / (double)count);
    printf("verdict.preview\t%.3f\tof all\t\n", (double)modes[VERDICT_PREVIEW] / (double)count);
    printf("verdict.upload.rate\t%.0f\tdecisions/s\t1000000\n",
           (double)(count / 20) / decide_all(r, asks, count / 20));
    printf("verdict.written.rate\t%.0f\tdecisions/s\t\n",
           (double)(count / 100) / write_all(r, asks, count / 100));
    free(q);
}

int main(int argc, char **argv)
{
    static struct catalogue c;
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct rights *r;
    struct error e;
    make_catalogue(&c, quick ? 1000000 : 10000000);
    double begin = now_seconds();
    if (rights_build(&c.in, &r, &e) != OK) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    printf("verdict.recordings\t%zu\t\t\n", rights_recording_count(r));
    printf("verdict.snapshot.build\t%.0f\tms\t\n", (now_seconds() - begin) * 1e3);
    struct ask *asks = make_questions(&c);
    struct catalogue kept = keep_first(&c);
    drop_catalogue(&c);
    measure(r, asks, quick ? 4000000 : 20000000);
    printf("verdict.snapshot.size\t%.1f\tMiB\t2048\n", (double)rights_size_bytes(r) / (1 << 20));
    printf("verdict.resident\t%.1f\tMiB\t2048\n", resident_mib());
    r = measure_changes(r, &kept);
    rights_free(r);
    free(asks);
    return 0;
}
