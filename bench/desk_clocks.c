/* SPDX-License-Identifier: Apache-2.0 */
/* Whether clocks are kept: bench/desk_clocks [--quick | HOW_MANY]
 *
 * Ten million timers (--quick: 100,000) of every rule, regime and calendar begin within ten simulated
 * years and lie in the store. Then somebody looks: at random moments, after outages of weeks, with the
 * clock set a day forward or back. Each has to fire at the first look at or after its due time: none
 * early, none late, none lost, none twice, and in the order of their due times. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "desk/desk.h"

static struct error error;
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error *e = &error;                                                                  \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, e->text);                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static const int64_t day_us = INT64_C(86400000000);
enum { LOOKS_MOST = 100000, BATCH = 20000, YEARS = 10 };

struct looks {
    int64_t at[LOOKS_MOST], highest[LOOKS_MOST]; /* what the clock said; the highest so far */
    size_t count;
};

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static double wall(void)
{
    struct timespec c;
    clock_gettime(CLOCK_MONOTONIC, &c);
    return (double)c.tv_sec + (double)c.tv_nsec * 1e-9;
}

static double processor(void)
{
    struct timespec c;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c);
    return (double)c.tv_sec + (double)c.tv_nsec * 1e-9;
}

static void act_begin(struct desk_act *act, struct store *s, struct arena *a,
                      const struct chance *chance, int64_t now)
{
    static const uint8_t key[DESK_SEAL_KEY];
    *act = (struct desk_act) {
        .who = STR("clock"), .now = { now }, .chance = chance, .seal_key = key, .arena = a
    };
    MUST(store_begin(s, STORE_WRITE, &act->tx, e));
    desk_act_begin(act);
}

static void act_end(struct desk_act *act)
{
    MUST(desk_act_end(act, e));
    MUST(store_commit_take(act->tx, e));
}

/* They begin in no order: so do notices. */
static void set_all(struct store *s, size_t count, int64_t first, uint64_t *seed,
                    const struct chance *chance)
{
    for (size_t done = 0; done < count;) {
        ARENA(a);
        struct desk_act act;
        act_begin(&act, s, &a, chance, first);
        store_behind(act.tx);
        for (size_t i = 0; i < BATCH && done < count; i++, done++) {
            char subject[32];
            const struct calendar *c;
            enum deadline clock = (enum deadline)(mix(seed) % DEADLINE_COUNT);
            enum regime regime = (enum regime)(mix(seed) % REGIME_COUNT);
            int64_t from = first + (int64_t)(mix(seed) % (uint64_t)(YEARS * 365 * day_us));
            snprintf(subject, sizeof subject, "%zu", done);
            MUST(calendar_get(str_of(calendar_code(mix(seed) % calendar_count())), &c, e));
            act.calendar = c;
            MUST(desk_timer_set(&act, clock, regime, subject, (struct instant) { from }, NULL, e));
        }
        act_end(&act);
    }
}

static size_t look(struct store *s, struct looks *looks, int64_t now, const struct chance *chance)
{
    size_t all = 0, fired = BATCH;
    if (looks->count == LOOKS_MOST)
        exit(1);
    looks->at[looks->count] = now;
    int64_t before = looks->count ? looks->highest[looks->count - 1] : INT64_MIN;
    looks->highest[looks->count++] = now > before ? now : before;
    while (fired == BATCH) {
        ARENA(a);
        struct desk_act act;
        act_begin(&act, s, &a, chance, now);
        MUST(desk_timers_due(&act, BATCH, &fired, e));
        act_end(&act);
        all += fired;
    }
    return all;
}

static size_t run(struct store *s, struct looks *looks, int64_t first, uint64_t *seed,
                  const struct chance *chance)
{
    int64_t now = first, end = first + (YEARS + 2) * 366 * day_us;
    size_t fired = 0;
    while (now < end) {
        uint64_t what = mix(seed) % 100;
        int64_t on = what < 60   ? (int64_t)(mix(seed) % (uint64_t)day_us) /* within the day */
                     : what < 90 ? (int64_t)(mix(seed) % (uint64_t)(3 * day_us))
                     : what < 95 ? (int64_t)(mix(seed) % (uint64_t)(30 * day_us)) /* an outage */
                     : what < 98 ? day_us                                         /* a step */
                                 : -day_us;
        now += on;
        fired += look(s, looks, now, chance);
    }
    return fired;
}

struct verdict {
    size_t seen, early, late, lost, twice, unordered;
};

/* The first look at which the clock said `due` or more. */
static int64_t first_look(const struct looks *l, int64_t due)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (l->highest[middle] >= due)
            high = middle;
        else
            low = middle + 1;
    }
    return low < l->count ? l->highest[low] : INT64_MAX;
}

/* The journal is the witness: an event a timer, with its due time and the moment it fired. */
static struct verdict judge(struct store *s, const struct looks *looks, size_t count)
{
    struct verdict v = { 0 };
    struct store_tx *tx;
    uint8_t *fired = calloc(count + 1, 1);
    int64_t last = INT64_MIN, after = 0;
    MUST(store_begin(s, STORE_READ, &tx, e));
    for (size_t n = BATCH; n == BATCH;) {
        struct store_rows *r;
        n = 0;
        MUST(store_query(tx,
                         "SELECT seq, at, after FROM journal_events WHERE seq > $1 AND what = "
                         "'timer.fired' ORDER BY seq LIMIT 20000",
                         SQL(sql_int(after)), &r, e));
        for (;; n++) {
            bool more;
            MUST(store_next(r, &more, e));
            if (!more)
                break;
            JSON(event);
            after = store_int(r, 0);
            int64_t at = store_int(r, 1);
            MUST(json_read(store_text(r, 2), &event, e));
            int64_t due = json_integer_value(json_object_get(event, "due"));
            size_t who = strtoul(json_string_value(json_object_get(event, "subject")), NULL, 10);
            v.seen++;
            v.twice += fired[who]++ != 0;
            v.early += at < due;
            v.late += at > first_look(looks, due);
            v.unordered += due < last;
            last = due;
        }
        store_rows_free(r);
    }
    store_rollback(tx);
    for (size_t i = 0; i < count; i++)
        v.lost += !fired[i];
    free(fired);
    return v;
}

int main(int argc, char **argv)
{
    size_t count = 10000000;
    if (argc > 1)
        count = strcmp(argv[1], "--quick") == 0 ? 100000 : strtoul(argv[1], NULL, 10);
    static struct looks looks;
    char folder[] = "/tmp/desk-clocks-XXXXXX", url[80], command[80];
    struct store *s;
    uint64_t seed = 4, chance_seed = 5;
    struct chance chance = chance_seeded(&chance_seed);
    int64_t first = day_begin(day_from_civil(2026, 1, 1)).us;
    if (!mkdtemp(folder))
        return 1;
    snprintf(url, sizeof url, "sqlite:%s/licet.db", folder);
    MUST(store_open(url, &s, e));
    MUST(store_migrate(s, e));
    double t = processor(), began = wall();
    MUST(store_undurable(s, e)); /* how they came to be there is not what is measured */
    set_all(s, count, first, &seed, &chance);
    store_close(s);
    MUST(store_open(url, &s, e));
    printf("clock_timers\t%zu\ttimers in %zu calendars\nclock_set_seconds\t%.1f\ts of processor\n"
           "clock_set_wall\t%.1f\ts\n",
           count, calendar_count(), processor() - t, wall() - began);
    fflush(stdout);
    t = processor();
    began = wall();
    size_t fired = run(s, &looks, first, &seed, &chance);
    printf("clock_fire_seconds\t%.1f\ts of processor\nclock_fire_wall\t%.1f\ts\n"
           "clock_fire_each\t%.1f\tus of processor\nclock_looks\t%zu\tover %d years\n",
           processor() - t, wall() - began, (processor() - t) * 1e6 / (double)count, looks.count,
           YEARS + 2);
    fflush(stdout);
    struct verdict v = judge(s, &looks, count);
    printf(
        "clock_fired\t%zu\ttimers\t%zu\nclock_early\t%zu\ttimers\t0\nclock_late\t%zu\ttimers\t0\n"
        "clock_lost\t%zu\ttimers\t0\nclock_twice\t%zu\ttimers\t0\nclock_unordered\t%zu\ttimers"
        "\t0\n",
        fired, count, v.early, v.late, v.lost, v.twice, v.unordered);
    store_close(s);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || v.early || v.late || v.lost || v.twice || v.unordered ||
           v.seen != count;
}
