/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "jobs/jobs.h"

enum { SECOND = 1000000, LEASE = 60 * SECOND };
static const struct backoff backoff = { SECOND, 60 * SECOND, 5 };
#define KIND STR("render")

static struct instant at(int64_t seconds)
{
    return (struct instant) { seconds * SECOND };
}

static bool put(struct store *s, const char *key, int64_t due)
{
    TX(tx);
    bool added;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_put(tx, KIND, str_of(key), STR("{}"), at(due), at(0), &added, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return added;
}

static size_t take_some(struct store *s, int64_t now, size_t most, struct arena *a,
                        struct job **list)
{
    TX(tx);
    size_t count;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_take(tx, KIND, at(now), LEASE, most, &chance_of_system, a, list, &count, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return count;
}

static enum code done(struct store *s, const struct job *j, struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(jobs_done(tx, j, e));
    return store_commit_take(take(tx), e);
}

static bool retry(struct store *s, const struct job *j, int64_t now)
{
    TX(tx);
    bool dead;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_retry(tx, j, &backoff, at(now), &chance_of_system, "it rained", &dead, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return dead;
}

static struct instant next(struct store *s)
{
    TX(tx);
    struct instant t;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(jobs_next(tx, KIND, &t, e));
    return t;
}

TEST(a_job_is_there_once_and_gone_when_done)
{
    STORE(s);
    ARENA(a);
    struct job *list;
    assert_true(put(s, "one", 5));
    assert_false(put(s, "one", 6));
    assert_int_equal(take_some(s, 4, 10, &a, &list), 0);
    assert_int_equal(next(s).us, at(5).us);
    assert_int_equal(take_some(s, 5, 10, &a, &list), 1);
    assert_string_equal(list[0].key, "one");
    assert_string_equal(list[0].body, "{}");
    assert_int_equal(list[0].due.us, at(5).us);
    assert_int_equal(list[0].tries, 1);
    CHECK_OK(done(s, &list[0], e));
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM jobs"), 0);
    assert_int_equal(next(s).us, INT64_MAX);
}

TEST(after_an_outage_what_is_due_comes_in_order_and_once)
{
    STORE(s);
    ARENA(a);
    struct job *list;
    char key[16];
    for (int i = 0; i < 50; i++) { /* put in another order than due */
        snprintf(key, sizeof key, "t%02d", i * 7 % 50);
        put(s, key, 100 + i * 7 % 50);
    }
    int fired = 0;
    for (size_t n; (n = take_some(s, 1000, 8, &a, &list)) > 0;)
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(list[i].due.us, at(100 + fired).us);
            fired++;
            CHECK_OK(done(s, &list[i], e));
        }
    assert_int_equal(fired, 50);
}

TEST(a_lease_that_ends_lets_another_take_it_and_the_first_is_told)
{
    STORE(s);
    ARENA(a);
    struct job *first, *second;
    put(s, "one", 0);
    assert_int_equal(take_some(s, 1, 1, &a, &first), 1);
    assert_int_equal(take_some(s, 60, 1, &a, &second), 0);
    assert_int_equal(take_some(s, 61, 1, &a, &second), 1);
    assert_int_equal(second[0].tries, 2);
    CHECK_FAILS(ERR_CONFLICT, "no longer", done(s, &first[0], e));
    CHECK_OK(done(s, &second[0], e));
    CHECK_FAILS(ERR_CONFLICT, "no longer", done(s, &second[0], e));
}

TEST(a_lease_can_be_made_longer)
{
    STORE(s);
    ARENA(a);
    struct job *first, *second;
    put(s, "one", 0);
    assert_int_equal(take_some(s, 1, 1, &a, &first), 1);
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(jobs_extend(tx, &first[0], at(500), e));
        CHECK_OK(store_commit_take(take(tx), e));
    }
    assert_int_equal(take_some(s, 499, 1, &a, &second), 0);
    assert_int_equal(take_some(s, 500, 1, &a, &second), 1);
}

TEST(failures_wait_longer_each_time_and_end_with_their_reason)
{
    STORE(s);
    ARENA(a);
    struct job *list;
    int64_t now = 10;
    put(s, "one", 0);
    for (int n = 1; n <= 5; n++) {
        assert_int_equal(take_some(s, now, 1, &a, &list), 1);
        assert_int_equal(list[0].tries, n);
        assert_int_equal(retry(s, &list[0], now), n == 5);
        int64_t wait = next(s).us - at(now).us, whole = (int64_t)SECOND << (n - 1);
        if (n < 5)
            assert_in_range(wait, whole / 2, whole);
        now += 100;
    }
    assert_int_equal(next(s).us, INT64_MAX);
    assert_int_equal(take_some(s, 1 << 30, 1, &a, &list), 0);
    TX(tx);
    struct jobs_filter dead = { .dead_only = true, .limit = 10 };
    size_t count;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_list(tx, &dead, &a, &list, &count, e));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].reason, "it rained");
    CHECK_OK(jobs_revive(tx, KIND, STR("one"), at(now), e));
    CHECK_FAILS(ERR_NOT_FOUND, "no job", jobs_revive(tx, KIND, STR("two"), at(now), e));
}

TEST(a_revived_job_begins_anew)
{
    STORE(s);
    ARENA(a);
    struct job *list;
    put(s, "one", 0);
    for (int n = 1; n <= 5; n++) {
        assert_int_equal(take_some(s, 100 * n, 1, &a, &list), 1);
        retry(s, &list[0], 100 * n);
    }
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(jobs_revive(tx, KIND, STR("one"), at(1000), e));
        CHECK_OK(store_commit_take(take(tx), e));
    }
    assert_int_equal(take_some(s, 1000, 1, &a, &list), 1);
    assert_int_equal(list[0].tries, 1);
    assert_false(list[0].dead);
}

TEST(a_timer_is_moved_and_called_off)
{
    STORE(s);
    ARENA(a);
    struct job *list, *late;
    bool dropped;
    put(s, "one", 10);
    assert_int_equal(take_some(s, 10, 1, &a, &list), 1);
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_set(tx, KIND, STR("one"), STR("{\"n\":2}"), at(500), at(20), e));
    CHECK_OK(store_commit_take(take(tx), e));
    CHECK_FAILS(ERR_CONFLICT, "no longer", done(s, &list[0], e));
    assert_int_equal(take_some(s, 499, 1, &a, &late), 0);
    assert_int_equal(take_some(s, 500, 1, &a, &late), 1);
    assert_string_equal(late[0].body, "{\"n\":2}");
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_drop(tx, KIND, STR("one"), &dropped, e));
    assert_true(dropped);
    CHECK_OK(jobs_drop(tx, KIND, STR("one"), &dropped, e));
    assert_false(dropped);
    CHECK_OK(store_commit_take(take(tx), e));
}

TEST(lists_go_on_behind_a_name)
{
    STORE(s);
    ARENA(a);
    TX(tx);
    struct job *list;
    struct jobs_filter f = { .limit = 2 };
    size_t count, seen = 0;
    put(s, "a", 0);
    put(s, "b", 0);
    put(s, "c", 0);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(jobs_put(tx, STR("alarm"), STR("z"), STR(""), at(1), at(0), NULL, e));
    do {
        CHECK_OK(jobs_list(tx, &f, &a, &list, &count, e));
        for (size_t i = 0; i < count; i++)
            assert_string_equal(list[i].key, &"z\0a\0b\0c"[2 * seen++]);
        if (count) {
            f.after_kind = str_of(list[count - 1].kind);
            f.after_key = str_of(list[count - 1].key);
        }
    } while (count);
    assert_int_equal(seen, 4);
    f = (struct jobs_filter) { .kind = STR("alarm"), .limit = 9 };
    CHECK_OK(jobs_list(tx, &f, &a, &list, &count, e));
    assert_int_equal(count, 1);
}

TEST(names_and_bodies_are_bounded)
{
    STORE(s);
    TX(tx);
    static char large[JOB_BODY_MOST + 2];
    memset(large, 'x', sizeof large - 1);
    struct str key = { large, JOB_KEY_MOST + 1 };
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_FAILS(ERR_LIMIT, "name", jobs_put(tx, KIND, key, STR(""), at(0), at(0), NULL, e));
    CHECK_FAILS(ERR_LIMIT, "body",
                jobs_put(tx, KIND, STR("k"), str_of(large), at(0), at(0), NULL, e));
}

TEST(waits_grow_to_their_most_and_never_overflow)
{
    uint64_t seed = 7;
    struct chance chance = chance_seeded(&seed);
    struct backoff b = { SECOND, INT64_MAX, 1000 };
    for (int64_t n = 0; n < 200; n++) {
        int64_t wait = backoff_us(&b, n, &chance);
        assert_true(wait > 0);
        if (n > 70)
            assert_true(wait >= INT64_MAX / 2);
    }
}

/* ---- several processes: each is this program started anew ---- */

/* Takes one and is killed while it has it. */
static int be_killed(struct store *s)
{
    ARENA(a);
    struct job *list;
    take_some(s, 10, 1, &a, &list);
    raise(SIGKILL);
    return 1;
}

/* Takes and does until nothing is left; what was done is written beside jobs_done. */
static int be_worker(struct store *s)
{
    for (;;) {
        ARENA(a);
        TX(tx);
        struct job *list;
        size_t n = take_some(s, 100, 3, &a, &list);
        if (n == 0)
            return 0;
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        for (size_t i = 0; i < n; i++) {
            CHECK_OK(jobs_done(tx, &list[i], e));
            CHECK_OK(store_run(tx, "INSERT INTO effects (key) VALUES ($1)",
                               SQL(sql_text(list[i].key)), NULL, e));
        }
        CHECK_OK(store_commit_take(take(tx), e));
    }
}

static int be_another_process(const char *url, const char *act)
{
    struct store *s;
    CHECK_OK(store_open(url, &s, e));
    int status = strcmp(act, "kill") == 0 ? be_killed(s) : be_worker(s);
    store_close(s);
    return status;
}

static pid_t start(const char *url, const char *act)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_jobs_queue", url, act, (char *)NULL);
        _exit(97);
    }
    return child;
}

TEST(a_taker_that_is_killed_loses_nothing)
{
    FIXTURE(f);
    ARENA(a);
    struct job *list;
    int status;
    put(f->store, "one", 0);
    pid_t child = start(f->url, "kill");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(take_some(f->store, 69, 1, &a, &list), 0);
    assert_int_equal(take_some(f->store, 70, 1, &a, &list), 1);
    assert_int_equal(list[0].tries, 2);
}

TEST(processes_share_the_work_and_do_each_job_once)
{
    FIXTURE(f);
    enum { JOBS = 120, WORKERS = 3 };
    pid_t children[WORKERS];
    int status;
    {
        TX(tx);
        char key[16];
        CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
        CHECK_OK(store_run(tx, "CREATE TABLE effects (key TEXT PRIMARY KEY)", SQL_NONE, NULL, e));
        for (int i = 0; i < JOBS; i++) {
            snprintf(key, sizeof key, "%d", i);
            CHECK_OK(jobs_put(tx, KIND, str_of(key), STR(""), at(i % 7), at(0), NULL, e));
        }
        CHECK_OK(store_commit_take(take(tx), e));
    }
    for (int i = 0; i < WORKERS; i++)
        children[i] = start(f->url, "work");
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM effects"), JOBS);
    assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM jobs"), 0);
}

static enum code put_take_done(struct store *s, void *context, struct error *e)
{
    ARENA(a);
    TX(tx);
    struct job *list;
    size_t count;
    bool added;
    (void)context;
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(jobs_put(tx, KIND, STR("f"), STR(""), at(0), at(0), &added, e));
    TRY(jobs_take(tx, KIND, at(1), LEASE, 1, &chance_of_system, &a, &list, &count, e));
    TRY(jobs_extend(tx, &list[0], at(99), e));
    TRY(jobs_retry(tx, &list[0], &backoff, at(1), &chance_of_system, "no", &added, e));
    return store_commit_take(take(tx), e);
}

static void nothing_there(struct store *s, void *context)
{
    (void)context;
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM jobs"), 0);
}

TEST(whatever_fails_nothing_is_half_done)
{
    STORE(s);
    assert_true(store_fixture_each_fault(s, put_take_done, nothing_there, NULL) >= 6);
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM jobs"), 1);
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_another_process(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_job_is_there_once_and_gone_when_done),
        STORE_TEST(after_an_outage_what_is_due_comes_in_order_and_once),
        STORE_TEST(a_lease_that_ends_lets_another_take_it_and_the_first_is_told),
        STORE_TEST(a_lease_can_be_made_longer),
        STORE_TEST(failures_wait_longer_each_time_and_end_with_their_reason),
        STORE_TEST(a_revived_job_begins_anew),
        STORE_TEST(a_timer_is_moved_and_called_off),
        STORE_TEST(lists_go_on_behind_a_name),
        STORE_TEST(names_and_bodies_are_bounded),
        STORE_TEST(a_taker_that_is_killed_loses_nothing),
        STORE_TEST(processes_share_the_work_and_do_each_job_once),
        STORE_TEST(whatever_fails_nothing_is_half_done),
        cmocka_unit_test(waits_grow_to_their_most_and_never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
