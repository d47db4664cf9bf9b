/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdatomic.h>
#include <time.h>

#include "flow/crew.h"

enum { MANY = 500 };

struct tally {
    atomic_int running, most_ahead;
    _Atomic size_t handed;
    int made[MANY];
    size_t order[MANY], count, stop_at;
};

static void work(void *ctx, size_t number)
{
    struct tally *t = ctx;
    int ahead = (int)(number - atomic_load(&t->handed));
    if (ahead > atomic_load(&t->most_ahead))
        atomic_store(&t->most_ahead, ahead);
    if (number % 7 == 0)
        nanosleep(&(struct timespec) { 0, 200000 }, NULL);
    t->made[number] = (int)number * 3;
}

static bool done(void *ctx, size_t number)
{
    struct tally *t = ctx;
    assert_int_equal(t->made[number], (int)number * 3);
    t->order[t->count++] = number;
    atomic_store(&t->handed, number + 1);
    return t->count != t->stop_at;
}

TEST(results_come_in_order_on_any_number_of_threads)
{
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        struct tally t = { 0 };
        struct crew crew = { &t, work, done };
        CHECK_OK(crew_run(&crew, MANY, threads, 12, e));
        assert_int_equal(t.count, MANY);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(t.order[i], i);
        assert_true(t.most_ahead <= 12);
    }
}

TEST(a_run_ends_early_when_told)
{
    struct tally t = { .stop_at = 20 };
    struct crew crew = { &t, work, done };
    CHECK_OK(crew_run(&crew, MANY, 4, 12, e));
    assert_int_equal(t.count, 20);
}

TEST(nothing_to_do_is_done)
{
    struct crew crew = { NULL, work, done };
    CHECK_OK(crew_run(&crew, 0, 4, 12, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_order_on_any_number_of_threads),
        cmocka_unit_test(a_run_ends_early_when_told),
        cmocka_unit_test(nothing_to_do_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
