/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts in short are those of the rules, in a snapshot and in each of its successors. */
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

#include "world.h"

enum { WORLDS = 1200, ASKED = 40, CHANGES = 3 };

static void ask_recording(struct world *w)
{
    world_ask(w);
    w->asked.upload = (struct upload_id) { { 0 } };
    w->asked.recording = w->recordings[w->seed % WORLD_RECORDINGS].id;
    if (w->seed % 97 == 0)
        w->asked.recording.bytes[5] = 1; /* one that is not there */
}

static struct verdict_brief by_the_rules(const struct rights *r, const struct question *q,
                                         struct buf *json)
{
    ARENA(a);
    struct facts f;
    struct verdict v;
    struct verdict_brief brief;
    rights_gather(r, q, NULL, &a, &f);
    policy_decide(&f, &a, &v);
    verdict_brief_of(&v, &brief);
    buf_clear(json);
    policy_facts_write(&f, json);
    return brief;
}

static bool same(const struct verdict_brief *a, const struct verdict_brief *b)
{
    return a->mode == b->mode && a->uses == b->uses && a->rule == b->rule &&
           a->preview_start_ms == b->preview_start_ms &&
           a->preview_length_ms == b->preview_length_ms && a->valid_until.us == b->valid_until.us;
}

static void compare(const struct rights *r, const struct world *w, uint64_t seed)
{
    BUF(facts);
    struct verdict_brief want = by_the_rules(r, &w->asked, &facts), got, many[3];
    struct question three[3] = { w->asked, w->asked, w->asked };
    for (int i = 0; i < 2; i++) { /* made, then kept */
        rights_answer(r, &w->asked, &got);
        if (!same(&want, &got))
            STOP("seed %llu: %s by %s until %lld, by the rules %s by %s until %lld\n%s",
                 (unsigned long long)seed, verdict_mode_word(got.mode), rule_code(got.rule),
                 (long long)got.valid_until.us, verdict_mode_word(want.mode), rule_code(want.rule),
                 (long long)want.valid_until.us, (char *)facts.bytes);
    }
    rights_answer_many(r, three, 3, many);
    for (int i = 0; i < 3; i++)
        assert_true(same(&want, &many[i]));
}

static uint64_t worlds_asked(uint64_t usual)
{
    const char *asked = getenv("LICET_TEST_WORLDS");
    return asked ? strtoull(asked, NULL, 10) : usual;
}

TEST(a_verdict_in_short_is_the_one_of_the_rules)
{
    for (uint64_t seed = 1, worlds = worlds_asked(WORLDS); seed <= worlds; seed++) {
        static struct world w;
        owned(rights) r = NULL;
        world_make(&w, seed * 104729);
        w.in.present = (struct instant) { 1000 * (int64_t)(seed % 11) };
        CHECK_OK(rights_build(&w.in, &r, e));
        for (int i = 0; i < ASKED; i++) {
            ask_recording(&w);
            compare(r, &w, seed);
        }
    }
}

/* Which parties and recordings differ between two worlds is found by comparing their rows. */
struct rows {
    struct rights_change change;
    struct party parties[WORLD_PARTIES];
    struct recording recordings[WORLD_RECORDINGS];
    struct claim claims[WORLD_MOST];
    struct holder_policy policies[WORLD_MOST];
    struct licence licences[WORLD_MOST];
    struct recording_id gone[WORLD_RECORDINGS];
};

static bool lists_party(const struct rights_input *in, struct party_id id)
{
    for (size_t i = 0; i < in->party_count; i++)
        if (party_id_equal(in->parties[i].id, id))
            return true;
    return false;
}

static bool lists_recording(const struct rights_input *in, struct recording_id id)
{
    for (size_t i = 0; i < in->recording_count; i++)
        if (recording_id_equal(in->recordings[i].id, id))
            return true;
    return false;
}

/* All that a change of the world may have touched; some more besides, which does no harm. */
static void rows_of(const struct world *was, const struct world *is, struct rows *x)
{
    struct rights_input *in = &x->change.rows;
    memset(x, 0, sizeof *x);
    *in = is->in;
    in->parties = x->parties;
    in->recordings = x->recordings;
    in->claims = x->claims;
    in->policies = x->policies;
    in->licences = x->licences;
    in->party_count = in->recording_count = in->claim_count = in->policy_count = in->licence_count =
        0;
    x->change.access = memcmp(was->networks, is->networks, sizeof was->networks) != 0 ||
                       memcmp(was->apps, is->apps, sizeof was->apps) != 0;
    x->change.orders = true;
    bool rows = memcmp(was->policies, is->policies, sizeof was->policies) != 0 ||
                memcmp(was->licences, is->licences, sizeof was->licences) != 0;
    for (size_t i = 0; i < WORLD_PARTIES; i++)
        if (rows || is->seed % 5 == i)
            x->parties[in->party_count++] = is->parties[i];
    bool claims = memcmp(was->claims, is->claims, sizeof was->claims) != 0 ||
                  was->in.claim_count != is->in.claim_count;
    for (size_t i = 0; i < WORLD_RECORDINGS; i++)
        if (claims || is->seed % 7 == i)
            x->recordings[in->recording_count++] = is->recordings[i];
    for (size_t i = 0; i < is->in.claim_count; i++)
        if (lists_recording(in, is->claims[i].recording))
            x->claims[in->claim_count++] = is->claims[i];
    for (size_t i = 0; i < is->in.policy_count; i++)
        if (lists_party(in, is->policies[i].party))
            x->policies[in->policy_count++] = is->policies[i];
    for (size_t i = 0; i < is->in.licence_count; i++)
        if (lists_party(in, is->licences[i].licensor))
            x->licences[in->licence_count++] = is->licences[i];
}

static void compare_snapshots(const struct rights *a, const struct rights *b, struct world *w,
                              uint64_t seed)
{
    for (int i = 0; i < ASKED; i++) {
        BUF(one);
        BUF(two);
        ask_recording(w);
        compare(a, w, seed);
        by_the_rules(a, &w->asked, &one);
        by_the_rules(b, &w->asked, &two);
        if (!str_equal(buf_as_str(&one), buf_as_str(&two)))
            STOP("seed %llu: facts of the successor\n%s\nof a new snapshot\n%s",
                 (unsigned long long)seed, (char *)one.bytes, (char *)two.bytes);
    }
}

TEST(a_successor_is_what_a_new_snapshot_would_be_and_the_one_before_stays_as_it_was)
{
    for (uint64_t seed = 1, worlds = worlds_asked(WORLDS / 4); seed <= worlds; seed++) {
        static struct world was, is;
        static struct rows rows;
        struct rights *chain[CHANGES + 1] = { NULL };
        world_make(&was, seed * 7919);
        CHECK_OK(rights_build(&was.in, &chain[0], e));
        for (int i = 1; i <= CHANGES; i++) {
            owned(rights) fresh = NULL;
            /* a world points into itself: it is made again, and changed so often */
            world_make(&is, seed * 7919);
            for (int k = 0; k < i; k++)
                world_change(&is);
            is.in.present.us = 1000 * i;
            rows_of(&was, &is, &rows);
            CHECK_OK(rights_succeed(chain[i - 1], &rows.change, &chain[i], e));
            CHECK_OK(rights_build(&is.in, &fresh, e));
            compare_snapshots(chain[i], fresh, &is, seed);
            world_make(&was, seed * 7919);
            for (int k = 0; k + 1 < i; k++)
                world_change(&was);
            {
                owned(rights) before = NULL;
                CHECK_OK(rights_build(&was.in, &before, e));
                compare_snapshots(chain[i - 1], before, &was, seed);
            }
            world_make(&was, seed * 7919); /* asking has moved its chance on */
            for (int k = 0; k < i; k++)
                world_change(&was);
        }
        for (int i = 0; i <= CHANGES; i++) /* in any order */
            rights_free(chain[(i * 3 + (int)(seed % 4)) % (CHANGES + 1)]);
    }
}

TEST(recordings_come_and_go)
{
    static struct world w;
    static struct rows rows;
    struct rights *first, *second, *third;
    struct verdict_brief v;
    world_make(&w, 5);
    for (size_t i = 0; i < w.in.claim_count; i++)
        w.claims[i].recording = w.recordings[0].id;
    CHECK_OK(rights_build(&w.in, &first, e));
    assert_int_equal(rights_recording_count(first), WORLD_RECORDINGS);
    rows.change.rows = (struct rights_input) { 0 };
    rows.change.gone = &w.recordings[1].id;
    rows.change.gone_count = 1;
    CHECK_OK(rights_succeed(first, &rows.change, &second, e));
    assert_int_equal(rights_recording_count(second), WORLD_RECORDINGS - 1);
    rows.change = (struct rights_change) { .rows = { .recordings = &w.recordings[1],
                                                     .recording_count = 1 } };
    CHECK_OK(rights_succeed(second, &rows.change, &third, e));
    assert_int_equal(rights_recording_count(third), WORLD_RECORDINGS);
    ask_recording(&w);
    w.asked.recording = w.recordings[1].id;
    rights_answer(second, &w.asked, &v);
    rights_free(first);
    rights_free(third);
    rights_answer(second, &w.asked, &v);
    rights_free(second);
}

TEST(a_change_that_names_nothing_leaves_no_successor)
{
    static struct world w;
    struct rights *first, *second = NULL;
    world_make(&w, 6);
    struct claim stray = { .recording = w.recordings[0].id, .version = 1 };
    stray.party.bytes[3] = 9;
    struct rights_change change = { .rows = { .recordings = w.recordings,
                                              .recording_count = 1,
                                              .claims = &stray,
                                              .claim_count = 1 } };
    CHECK_OK(rights_build(&w.in, &first, e));
    CHECK_FAILS(ERR_INVALID, "not there", rights_succeed(first, &change, &second, e));
    change.rows.claim_count = 0;
    CHECK_OK(rights_succeed(first, &change, &second, e));
    rights_free(first);
    rights_free(second);
}

/* ---- many readers, one writer ---- */

struct reading {
    const struct rights *r;
    struct world world;
};

static void *read_all(void *reading)
{
    struct reading *x = reading;
    for (int i = 0; i < 3000; i++) {
        ask_recording(&x->world);
        compare(x->r, &x->world, 0);
    }
    return NULL;
}

TEST(threads_fill_the_same_tables)
{
    static struct reading readings[3];
    static struct world w;
    pthread_t threads[3];
    owned(rights) r = NULL;
    world_make(&w, 11);
    CHECK_OK(rights_build(&w.in, &r, e));
    for (int i = 0; i < 3; i++) {
        world_make(&readings[i].world, 11);
        readings[i].world.seed = (uint64_t)i * 31;
        readings[i].r = r;
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_in_short_is_the_one_of_the_rules),
        cmocka_unit_test(
            a_successor_is_what_a_new_snapshot_would_be_and_the_one_before_stays_as_it_was),
        cmocka_unit_test(recordings_come_and_go),
        cmocka_unit_test(a_change_that_names_nothing_leaves_no_successor),
        cmocka_unit_test(threads_fill_the_same_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
