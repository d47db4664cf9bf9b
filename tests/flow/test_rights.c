/* SPDX-License-Identifier: Apache-2.0 */
/* The rights in force: what is committed is in force at once, whole, here and in other processes. */
#include "scene.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "licence/licence.h"

enum { MANY = 100000, MANY_POSTGRESQL = 20000 };

static struct audio_host *host; /* none: nothing is heard here */

struct records {
    struct network network;
    struct app app;
    struct party label, other;
    struct recording recording;
    struct claim claim;
    struct licence licence;
    struct holder_policy policy;
    struct work work;
    struct recording_work link;
};

/* A network, an app, a label that holds one recording in the world and licenses it. */
static void put_records(struct scene *s, struct records *x)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    memset(x, 0, sizeof *x);
    x->network = scene_site("songs", "G0", "full");
    CHECK_OK(access_network_put(&act, &x->network, e));
    x->app = (struct app) { .network = x->network.id, .slug = "web", .name = "G0" };
    CHECK_OK(access_app_put(&act, &x->app, e));
    x->label = (struct party) { .slug = "north", .name = "North Records" };
    x->other = (struct party) { .slug = "south", .name = "South Records" };
    CHECK_OK(registry_party_put(&c.act, &x->label, e));
    CHECK_OK(registry_party_put(&c.act, &x->other, e));
    x->recording = (struct recording) { .title = "Low Tide",
                                        .artist = "Ada Fenn",
                                        .duration_ms = 200000 };
    CHECK_OK(registry_recording_put(&c.act, &x->recording, e));
    x->claim = (struct claim) { .recording = x->recording.id,
                                .party = x->label.id,
                                .right = RIGHT_MAKING_AVAILABLE,
                                .share_e8 = SHARE_WHOLE_E8,
                                .territories = territory_set_world(),
                                .from = INSTANT_FIRST,
                                .until = INSTANT_NEVER };
    CHECK_OK(registry_claim_put(&c.act, &x->claim, e));
    x->licence = (struct licence) { .licensor = x->label.id,
                                    .name = "North 2027",
                                    .uses = USES_ALL,
                                    .models = MODELS_ALL,
                                    .territories = territory_set_world(),
                                    .from = INSTANT_FIRST,
                                    .until = INSTANT_NEVER };
    CHECK_OK(licence_put(&c.act, &x->licence, e));
    CHECK_OK(flow_change_commit(&c, e));
}

/* As many recordings of the label, each with its claim, without an event each. */
static void put_many(struct scene *s, const struct records *x, int many)
{
    TX(tx);
    char from[400], sql[1200];
    CHECK_OK(store_begin(world_store(s->world), STORE_WRITE, &tx, e));
    if (strncmp(s->store->url, "sqlite:", 7) == 0)
        snprintf(from, sizeof from,
                 "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                 "SELECT i, CAST(printf('r%%015d', i) AS BLOB) AS id FROM n) AS numbers",
                 many);
    else
        snprintf(from, sizeof from,
                 "(SELECT i, convert_to('r' || lpad(i::text, 15, '0'), 'UTF8') AS id "
                 "FROM generate_series(1, %d) AS i) AS numbers",
                 many);
    snprintf(sql, sizeof sql,
             "INSERT INTO registry_recordings (catalogue, id, version, title, artist, duration_ms) "
             "SELECT $1, id, 1, 'Song', 'Somebody', 1000 * (i %% 400) FROM %s",
             from);
    CHECK_OK(store_run(tx, sql, SQL(sql_id(world_catalogue(s->world))), NULL, e));
    snprintf(sql, sizeof sql,
             "INSERT INTO registry_claims (catalogue, id, version, recording, party, \"right\", "
             "share_e8, territories, from_us, until_us, filed_us, known_us, withdrawn) "
             "SELECT $1, id, 1, id, $2, 'making_available', 100000000, 'Worldwide', $3, $4, 0, 0, "
             "0 FROM %s",
             from);
    CHECK_OK(store_run(tx, sql,
                       SQL(sql_id(world_catalogue(s->world)), sql_id(x->label.id),
                           sql_instant(INSTANT_FIRST), sql_instant(INSTANT_NEVER)),
                       NULL, e));
    CHECK_OK(registry_generation_bump(tx, world_catalogue(s->world), e));
    CHECK_OK(store_commit_take(take(tx), e));
    world_close(s->world); /* behind the journal's back: it is read anew */
    s->world = NULL;
    scene_open(s, host);
    CHECK_OK(world_follow(s->world, e));
}

static struct decided decide(struct world *w, struct recording_id id, struct arena *a)
{
    char text[ID_TEXT];
    struct decided d;
    struct decide_request r = { .subject = str_of(recording_id_format(id, text)),
                                .network = STR("songs"),
                                .app = STR("web"),
                                .territory = STR("DE") };
    CHECK_OK(flow_decide(w, &r, a, &d, e));
    return d;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void block(struct world *w, struct records *x, bool on)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(w, STR("tester"), STR(""), &c, e));
    if (on) {
        x->policy = (struct holder_policy) { .party = x->label.id,
                                             .action = ACTION_BLOCK,
                                             .territories = territory_set_world(),
                                             .from = INSTANT_FIRST,
                                             .until = INSTANT_NEVER };
        CHECK_OK(registry_policy_put(&c.act, &x->policy, e));
    } else {
        CHECK_OK(registry_policy_withdraw(&c.act, x->policy.id, e));
    }
    CHECK_OK(flow_change_commit(&c, e));
}

/* From before the commit to the first verdict after it; another process is another world of the
 * same database, which looks when it is asked to. */
TEST(a_policy_is_in_force_within_50_ms_of_its_commit)
{
    SCENE(s);
    struct records x;
    double here[11], there[11];
    put_records(&s, &x);
    int many = strncmp(s.store->url, "sqlite:", 7) == 0 ? MANY : MANY_POSTGRESQL;
    put_many(&s, &x, many);
    struct scene other = s;
    other.world = NULL;
    scene_open(&other, host);
    CHECK_OK(world_follow(other.world, e));
    for (int i = 0; i < 11; i++) {
        enum verdict_mode want = i % 2 ? VERDICT_FULL : VERDICT_DENY;
        double begin = now_ms();
        block(s.world, &x, i % 2 == 0);
        assert_int_equal(decide(s.world, x.recording.id, &a).verdict.mode, want);
        here[i] = now_ms() - begin;
        begin = now_ms();
        CHECK_OK(world_follow(other.world, e));
        assert_int_equal(decide(other.world, x.recording.id, &a).verdict.mode, want);
        there[i] = now_ms() - begin;
    }
    qsort(here, 11, sizeof *here, by_size);
    qsort(there, 11, sizeof *there, by_size);
    print_message("%d recordings: in force after %.1f ms (median), elsewhere %.1f ms\n", many,
                  here[5], there[5]);
    if (here[5] > 50 || there[5] > 50)
        STOP("in force after %.1f ms here and %.1f ms elsewhere", here[5], there[5]);
    world_close(other.world);
    scene_end(&s);
}

/* ---- readers and a writer ---- */

struct reading {
    struct world *world;
    struct recording_id recording;
    atomic_bool *ended;
    atomic_int last; /* generation it has seen */
};

/* Network and app carry the number of their generation; in even ones the label licenses. */
static void *read_on(void *reading)
{
    struct reading *r = reading;
    while (!atomic_load(r->ended)) {
        ARENA(a);
        struct decided d = decide(r->world, r->recording, &a);
        int of_network = -1, of_app = -1;
        const struct facts *f = d.verdict.facts;
        if (sscanf(f->network.name, "G%d", &of_network) != 1 ||
            sscanf(f->app.name, "G%d", &of_app) != 1 || of_network != of_app)
            STOP("network %s and app %s in one verdict", f->network.name, f->app.name);
        assert_int_equal(d.verdict.mode, of_app % 2 ? VERDICT_DENY : VERDICT_FULL);
        assert_true(of_app >= atomic_load(&r->last)); /* never back */
        atomic_store(&r->last, of_app);
    }
    return NULL;
}

static void next_generation(struct world *w, struct records *x, int number)
{
    CHANGE(c);
    char name[16];
    snprintf(name, sizeof name, "G%d", number);
    CHECK_OK(flow_change_begin(w, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    x->network.name = x->app.name = name;
    x->network.version = x->app.version = 0;
    CHECK_OK(access_network_put(&act, &x->network, e));
    CHECK_OK(access_app_put(&act, &x->app, e));
    if (number % 2) {
        CHECK_OK(licence_end(&c.act, x->licence.id, e));
    } else {
        x->licence.id = (struct licence_id) { { 0 } };
        x->licence.version = 0;
        CHECK_OK(licence_put(&c.act, &x->licence, e));
    }
    CHECK_OK(flow_change_commit(&c, e));
}

TEST(no_verdict_mixes_two_generations)
{
    enum { READERS = 3, GENERATIONS = 40 };
    SCENE(s);
    struct records x;
    pthread_t threads[READERS];
    struct reading readings[READERS];
    atomic_bool ended;
    atomic_init(&ended, false);
    put_records(&s, &x);
    CHECK_OK(world_follow(s.world, e));
    for (int i = 0; i < READERS; i++) {
        readings[i] = (struct reading) { s.world, x.recording.id, &ended, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readings[i]), 0);
    }
    for (int i = 1; i <= GENERATIONS; i++) {
        next_generation(s.world, &x, i);
        while (atomic_load(&readings[i % READERS].last) < i)
            sched_yield(); /* one of them at least has seen it; the others go on as they like */
    }
    atomic_store(&ended, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    scene_end(&s);
}

/* ---- what is followed is what is there ---- */

static void change_claim(struct records *x, struct change *c, int turn)
{
    if (turn % 3 == 2) {
        CHECK_OK(registry_claim_withdraw(&c->act, x->claim.id, e));
        x->claim.id = (struct claim_id) { { 0 } };
    } else {
        x->claim.party = turn % 3 ? x->other.id : x->label.id;
        x->claim.share_e8 = SHARE_WHOLE_E8 / (turn % 2 + 1);
    }
    x->claim.version = 0;
    if (turn % 3 != 2)
        CHECK_OK(registry_claim_put(&c->act, &x->claim, e));
}

static void change_work(struct records *x, struct change *c, int turn)
{
    if (turn == 0) {
        x->work = (struct work) { .title = "Low Tide (work)" };
        CHECK_OK(registry_work_put(&c->act, &x->work, e));
        x->link = (struct recording_work) { .recording = x->recording.id,
                                            .work = x->work.id,
                                            .share_e8 = SHARE_WHOLE_E8 };
        CHECK_OK(registry_recording_work_put(&c->act, &x->link, e));
    } else {
        struct claim of_work = { .work = x->work.id,
                                 .party = x->other.id,
                                 .right = RIGHT_MAKING_AVAILABLE,
                                 .share_e8 = SHARE_WHOLE_E8 / 4,
                                 .territories = territory_set_world(),
                                 .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER };
        CHECK_OK(registry_claim_put(&c->act, &of_work, e));
    }
}

static void change_policy(struct records *x, struct change *c, int turn)
{
    x->policy = (struct holder_policy) { .party = turn % 2 ? x->label.id : x->other.id,
                                         .recording = x->recording.id,
                                         .action = (enum policy_action)(turn % ACTION_COUNT),
                                         .territories = territory_set_world(),
                                         .except_apps = &x->app.id,
                                         .except_app_count = turn % 4 == 3,
                                         .from = INSTANT_FIRST,
                                         .until = INSTANT_NEVER };
    CHECK_OK(registry_policy_put(&c->act, &x->policy, e));
}

static void change_text(struct records *x, struct change *c, int turn)
{
    char name[16];
    struct access_act act = flow_change_access(c);
    snprintf(name, sizeof name, "Name %d", turn);
    x->recording.title = x->label.name = x->app.name = name;
    x->recording.version = x->label.version = x->app.version = 0;
    CHECK_OK(registry_recording_put(&c->act, &x->recording, e));
    CHECK_OK(registry_party_put(&c->act, &x->label, e));
    CHECK_OK(access_app_put(&act, &x->app, e));
}

TEST(what_follows_change_by_change_is_what_is_loaded_whole)
{
    SCENE(s);
    struct records x;
    static void (*const changes[])(struct records *, struct change *,
                                   int) = { change_claim, change_policy, change_work, change_text };
    put_records(&s, &x);
    CHECK_OK(world_follow(s.world, e));
    for (int i = 0; i < 24; i++) {
        struct scene fresh = s;
        {
            CHANGE(c);
            CHECK_OK(flow_change_begin(s.world, STR("tester"), STR(""), &c, e));
            changes[i % 4](&x, &c, i / 4);
            CHECK_OK(flow_change_commit(&c, e));
        }
        fresh.world = NULL;
        scene_open(&fresh, host);
        struct decided followed = decide(s.world, x.recording.id, &a);
        struct decided loaded = decide(fresh.world, x.recording.id, &a);
        assert_string_equal(followed.facts_json, loaded.facts_json);
        assert_string_equal(followed.verdict_json, loaded.verdict_json);
        world_close(fresh.world);
    }
    scene_end(&s);
}

TEST(a_licence_that_ends_is_out_of_force_when_its_time_comes)
{
    SCENE(s);
    struct records x;
    put_records(&s, &x);
    {
        CHANGE(c);
        CHECK_OK(flow_change_begin(s.world, STR("tester"), STR(""), &c, e));
        x.licence.version = 0;
        x.licence.until.us = s.now.us + 5000000;
        CHECK_OK(licence_put(&c.act, &x.licence, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_int_equal(decide(s.world, x.recording.id, &a).verdict.mode, VERDICT_FULL);
    s.now.us += 5000000;
    assert_int_equal(decide(s.world, x.recording.id, &a).verdict.mode, VERDICT_DENY);
    CHECK_OK(world_follow(s.world, e));
    assert_int_equal(decide(s.world, x.recording.id, &a).verdict.mode, VERDICT_DENY);
    scene_end(&s);
}

/* ---- kept by many at once ---- */

static void *keep_some(void *reading)
{
    struct reading *r = reading;
    for (int i = 0; i < 40; i++) {
        ARENA(a);
        char id[ID_TEXT];
        struct decided d;
        struct explained x;
        struct decide_request ask = { .subject = str_of(recording_id_format(r->recording, id)),
                                      .network = STR("songs"),
                                      .app = STR("web"),
                                      .territory = STR("DE"),
                                      .keep = true,
                                      .bare = i % 2 == 0 };
        CHECK_OK(flow_decide(r->world, &ask, &a, &d, e));
        CHECK_OK(flow_explain(r->world, str_of(verdict_id_format(d.id, id)), &a, &x, e));
        assert_true(x.same);
    }
    return NULL;
}

TEST(verdicts_of_many_threads_are_all_kept_and_replayed)
{
    enum { THREADS = 6 };
    SCENE(s);
    struct records x;
    pthread_t threads[THREADS];
    put_records(&s, &x);
    s.chance = chance_of_system; /* the seeded one is for one thread */
    scene_reopen(&s, host);
    struct reading r = { .world = s.world, .recording = x.recording.id };
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_some, &r), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(store_fixture_int(world_store(s.world), "SELECT COUNT(*) FROM verdicts"),
                     THREADS * 40);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_policy_is_in_force_within_50_ms_of_its_commit),
        STORE_TEST(no_verdict_mixes_two_generations),
        STORE_TEST(what_follows_change_by_change_is_what_is_loaded_whole),
        STORE_TEST(verdicts_of_many_threads_are_all_kept_and_replayed),
        STORE_TEST(a_licence_that_ends_is_out_of_force_when_its_time_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
