/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <stdlib.h>

#include "ledger/ledger.h"

static uint64_t seed = 99;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

TEST(millions_are_split_as_a_few_are_with_any_number_of_threads)
{
    ARENA(a);
    enum { MOST = 150000 };
    int64_t *weights = arena_get(&a, MOST, 8), *want = arena_get(&a, MOST, 8),
            *got = arena_get(&a, MOST, 8);
    static const size_t counts[] = { 1, 2, 3, 7, 1000, MOST };
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        for (int kind = 0; kind < 4; kind++) {
            size_t n = counts[i];
            int64_t total = (int64_t)(next() % 1000000000000) * (kind == 3 ? -1 : 1);
            for (size_t k = 0; k < n; k++)
                weights[k] = kind == 0   ? 1 /* ties everywhere */
                             : kind == 1 ? (int64_t)(next() % 4)
                                         : (int64_t)(next() % 1000000000000);
            weights[n / 2]++;
            CHECK_OK(money_split(total, weights, n, &a, want, e));
            for (unsigned threads = 1; threads <= 3; threads++) {
                CHECK_OK(allocate(total, weights, n, threads, got, e));
                assert_memory_equal(got, want, n * sizeof *got);
            }
        }
    weights[0] = -1;
    CHECK_FAILS(ERR_INVALID, "negative", allocate(1, weights, 2, 1, got, e));
    weights[0] = weights[1] = INT64_MAX;
    CHECK_FAILS(ERR_LIMIT, "too large", allocate(1, weights, 2, 1, got, e));
    weights[0] = weights[1] = 0;
    CHECK_FAILS(ERR_INVALID, "no weight", allocate(1, weights, 2, 1, got, e));
}

enum { CELLS = 150000 };

static struct recording_id recording_of(uint32_t i)
{
    struct recording_id id = { { 0 } };
    for (int k = 0; k < 4; k++)
        id.bytes[k] = (uint8_t)(i >> (24 - 8 * k));
    id.bytes[5] = 1;
    return id;
}

/* 750 recordings of one party, and some of nobody, each played now and then in 200 territories */
static struct roll *rolled(unsigned threads, int zone_minutes, bool backwards)
{
    struct roll *r;
    uint64_t kept = seed;
    enum { EACH = 3 };
    const struct roll_setup setup = { .from = day_from_civil(2026, 1, 1),
                                      .until = day_from_civil(2026, 2, 1),
                                      .right = RIGHT_MAKING_AVAILABLE,
                                      .zone_minutes = zone_minutes,
                                      .threads = threads };
    struct batch_play *plays = calloc(CELLS * EACH, sizeof *plays);
    CHECK_OK(roll_new(&setup, &r, e));
    for (uint32_t i = 0; i < CELLS / 200; i++) {
        const struct claim c = { .recording = recording_of(backwards ? CELLS / 200 - 1 - i : i),
                                 .right = RIGHT_MAKING_AVAILABLE,
                                 .share_e8 = SHARE_WHOLE_E8,
                                 .territories = territory_set_world(),
                                 .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER };
        CHECK_OK(roll_claim(r, i % 3, &c, 0, e));
    }
    CHECK_OK(roll_ready(r, e));
    seed = 4711;
    for (uint32_t i = 0; i < CELLS * EACH; i++) {
        struct batch_play *p = &plays[backwards ? CELLS * EACH - 1 - i : i];
        *p = (struct batch_play) { .recording = recording_of((uint32_t)(next() % (CELLS / 190))),
                                   .app = { { (uint8_t)(next() % 3 + 1) } },
                                   .at = { day_begin(setup.from).us +
                                           (int64_t)(next() % (31 * INT64_C(86400000000))) },
                                   .played_ms = (uint32_t)(next() % 100000),
                                   .territory = { (uint8_t)(next() % 200) } };
    }
    seed = kept;
    for (size_t i = 0; i < CELLS * EACH; i += 10000) {
        BUF(bytes);
        const struct play_batch b = { "x", 1, -1, plays + i, 10000 };
        CHECK_OK(batch_encode(&b, &bytes, e));
        CHECK_OK(roll_batch(r, buf_as_str(&bytes), e));
    }
    free(plays);
    CHECK_OK(roll_sum(r, e));
    return r;
}

TEST(lines_are_the_same_bytes_with_any_number_of_threads)
{
    ARENA(a);
    BUF(first);
    struct terms t;
    struct bargain bargain = { &t, NULL };
    CHECK_OK(terms_parse(STR("terms \"t\"\nlicensor north\nterritories Worldwide\ngrant stream\n"
                             "from 2026-01-01\npay USD 1,234,567.89 a month\n"),
                         &a, &t, NULL, e));
    for (unsigned threads = 1; threads <= 4; threads++) {
        BUF(text);
        struct cube cube;
        struct price price;
        uint16_t party, app;
        struct statement_list list = { .a = &a };
        const struct line_sink sink = { &list, statement_list_add };
        owned(statement_room) room = NULL;
        CHECK_OK(statement_room_new(&room, e));
        owned(roll) r = rolled(threads, 0, threads % 2 == 0);
        cube_init(&cube, &a);
        CHECK_OK(cube_party(&cube, STR("north"), &party, e));
        CHECK_OK(cube_app(&cube, STR("main"), STR("web"), &app, e));
        for (size_t i = 0; i < roll_app_count(r); i++)
            roll_app_set(r, i, app);
        CHECK_OK(roll_cube(r, &cube, e));
        CHECK_OK(cube_seal(&cube, e));
        struct price_input in = { .cube = &cube, .bargains = &bargain, .bargain_count = 1 };
        CHECK_OK(period_parse(STR("2026-01"), &in.from, &in.until, e));
        CHECK_OK(price_run(&in, &a, &price, e));
        CHECK_OK(statement_lines(&in, &price, 0, 0, r, threads, room, &sink, e));
        statement_write(list.items, list.count, threads == 1 ? &first : &text);
        int64_t sum = 0, plays = 0, weight = 0;
        for (size_t i = 0; i < list.count; i++) {
            sum += list.items[i].minor;
            plays += list.items[i].touched;
        }
        for (size_t i = 0; i < cube.count; i++)
            if (cube.rows[i].holder == party && count_seconds_allowed[cube.rows[i].seconds] >= 30)
                weight += cube.rows[i].touched;
        assert_int_equal(sum, 123456789);
        assert_int_equal(plays, weight);
        assert_true(list.count > 100000);
        if (threads > 1) {
            assert_int_equal(text.length, first.length);
            assert_memory_equal(text.bytes, first.bytes, first.length);
        }
        cube_done(&cube);
    }
}

TEST(claims_make_holders_and_a_rest)
{
    static const struct {
        int64_t shares[4]; /* of parties 1 to 4, in per mille, filed in the order 4 3 2 1 */
        enum over_rule rule;
        int64_t want[4], rest;
    } rows[] = {
        { { 1000 }, OVER_HOLD, { 1000 }, 0 },
        { { 0 }, OVER_HOLD, { 0 }, 1000 },
        { { 600, 300 }, OVER_HOLD, { 600, 300 }, 100 },
        { { 600, 600 }, OVER_HOLD, { 0 }, 1000 },
        { { 600, 600 }, OVER_SCALE, { 500, 500 }, 0 },
        { { 600, 600 }, OVER_FIRST_FILED, { 400, 600 }, 0 },
        { { 600, 600 }, OVER_PAY_UNDISPUTED, { 400, 400 }, 200 },
        { { 1000, 1000, 1000 }, OVER_PAY_UNDISPUTED, { 0 }, 1000 },
        { { 1000, 1000, 500 }, OVER_FIRST_FILED, { 0, 500, 500 }, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct claim claims[5] = { 0 };
        struct held_part parts[HELD_PARTS_MOST];
        size_t count;
        int64_t rest, got[4] = { 0 };
        for (uint8_t k = 0; k < 4; k++)
            claims[k] = (struct claim) { .party = { { (uint8_t)(k + 1) } },
                                         .right = RIGHT_MAKING_AVAILABLE,
                                         .share_e8 = rows[i].shares[k] * 100000,
                                         .territories = territory_set_world(),
                                         .from = INSTANT_FIRST,
                                         .until = { 1000 },
                                         .filed = { 10 - k } };
        claims[4] = claims[0]; /* of another right: not looked at */
        claims[4].right = RIGHT_PERFORMING;
        CHECK_OK(attribute(claims, 5, RIGHT_MAKING_AVAILABLE, (struct territory) { 3 },
                           (struct instant) { 999 }, rows[i].rule, parts, &count, &rest, e));
        for (size_t k = 0; k < count; k++)
            got[parts[k].party.bytes[0] - 1] = parts[k].share_e8 / 100000;
        assert_memory_equal(got, rows[i].want, sizeof got);
        assert_int_equal(rest, rows[i].rest * 100000);
        /* the moment they end, nothing is held */
        CHECK_OK(attribute(claims, 5, RIGHT_MAKING_AVAILABLE, (struct territory) { 3 },
                           (struct instant) { 1000 }, rows[i].rule, parts, &count, &rest, e));
        assert_int_equal(count, 0);
    }
}

TEST(thirds_are_rounding_and_not_a_conflict)
{
    struct claim claims[3];
    struct held_part parts[HELD_PARTS_MOST];
    size_t count;
    int64_t rest;
    for (uint8_t k = 0; k < 3; k++)
        claims[k] = (struct claim) { .party = { { (uint8_t)(k + 1) } },
                                     .share_e8 = 33334000,
                                     .territories = territory_set_world(),
                                     .until = INSTANT_NEVER };
    CHECK_OK(attribute(claims, 3, RIGHT_MAKING_AVAILABLE, (struct territory) { 0 },
                       (struct instant) { 1 }, OVER_HOLD, parts, &count, &rest, e));
    assert_int_equal(count, 3);
    assert_int_equal(rest, 0);
    assert_int_equal(parts[0].share_e8 + parts[1].share_e8 + parts[2].share_e8, SHARE_WHOLE_E8);
    assert_int_equal(parts[0].share_e8, 33333334);
}

TEST(a_statement_reads_back_and_differences_sum_to_the_whole)
{
    ARENA(a);
    BUF(text);
    BUF(again);
    struct statement_line now[3] = {
        { LINE_FEE, 7, { 20454 }, { 20485 }, { { 1 } }, { 3 }, 5, 100, 5, 0 },
        { LINE_FEE, 7, { 20454 }, { 20485 }, { { 2 } }, { 3 }, 5, -7, 5, 0 },
        { LINE_GUARANTEE, 9, { 20454 }, { 20485 }, { { 0 } }, TERRITORY_UNKNOWN, 0, 11, 0, 0 },
    };
    struct statement_line before[2] = { now[0], now[2] }, *got, *difference;
    size_t count;
    before[0].minor = 90;
    statement_write(now, 3, &text);
    CHECK_OK(statement_read(buf_as_str(&text), &a, &got, &count, e));
    statement_write(got, count, &again);
    assert_string_equal((const char *)text.bytes, (const char *)again.bytes);
    BUF(packed);
    struct statement_list list = { .a = &a };
    for (size_t i = 0; i < 3; i++)
        statement_pack(&now[i], i ? &now[i - 1] : NULL, &packed);
    CHECK_OK(statement_unpack(buf_as_str(&packed), &list, e));
    buf_clear(&again);
    statement_write(list.items, list.count, &again);
    assert_string_equal((const char *)text.bytes, (const char *)again.bytes);
    for (size_t n = 1; n < packed.length; n++) {
        struct error e;
        struct statement_list cut = { .a = &a };
        if (statement_unpack((struct str) { (const char *)packed.bytes, n }, &cut, &e) == OK)
            assert_true(cut.count < 3);
    }
    CHECK_OK(statement_difference(now, 3, before, 2, &a, &difference, &count, e));
    assert_int_equal(count, 2);
    assert_int_equal(difference[0].minor, 10);
    assert_int_equal(difference[1].minor, -7);
    CHECK_OK(statement_difference(now, 3, now, 3, &a, &difference, &count, e));
    assert_int_equal(count, 0);
    CHECK_FAILS(ERR_CORRUPT, "line 1", statement_read(STR("gift\t1\n"), &a, &got, &count, e));
}

TEST(every_movement_balances_and_no_more_is_paid_than_owed)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct balance *list;
    size_t count;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = {
        .tx = tx, .who = STR("t"), .why = STR(""), .now = { 1700000000000000 }, .chance = &f->chance
    };
    CHECK_OK(registry_operator(tx, act.now, act.chance, &act.catalogue, e));
    struct statement_line lines[LINE_KIND_COUNT] = { 0 };
    for (int k = 0; k < LINE_KIND_COUNT; k++)
        lines[k] = (struct statement_line) {
            .kind = (enum line_kind)k,
            .until = { 31 },
            .territory = TERRITORY_UNKNOWN,
            .minor = (k + 1) * 1000 * (k >= LINE_RECOUPED && k <= LINE_HELD ? -1 : 1)
        };
    struct statement s = { .until = { 31 }, .number = 1, .currency = { "USD", 2 } };
    CHECK_OK(ledger_statement_put(&act, "north", lines, LINE_KIND_COUNT, &s, &a, e));
    CHECK_OK(ledger_balances(tx, act.catalogue, &a, &list, &count, e));
    int64_t all = 0, payable = 0;
    for (size_t i = 0; i < count; i++) {
        all += list[i].sum.minor;
        if (strcmp(list[i].account, "payable:north") == 0)
            payable = -list[i].sum.minor;
    }
    assert_int_equal(all, 0);
    assert_int_equal(payable, s.payable);
    struct paid paid;
    struct payment p = { .licensor = "north", .sum = { payable + 1, { "USD", 2 } } };
    CHECK_FAILS(ERR_CONFLICT, "is payable to north", ledger_pay(&act, &p, &paid, e));
    p.sum.minor = 0;
    CHECK_FAILS(ERR_INVALID, "more than nothing", ledger_pay(&act, &p, &paid, e));
    /* against the statement, which is of day 0 to 30, in euros of day 40 */
    const struct exchange rates[] = { { { 0 }, { "USD", 2 }, { "EUR", 2 }, { 9, 10 }, NULL },
                                      { { 40 }, { "USD", 2 }, { "EUR", 2 }, { 8, 10 }, NULL } };
    p = (struct payment) { .licensor = "north",
                           .sum = { 1000, { "USD", 2 } },
                           .statement = &s,
                           .with = { "EUR", 2 },
                           .day = { 40 },
                           .exchanges = rates,
                           .exchange_count = 2 };
    p.party.bytes[0] = 1;
    CHECK_FAILS(ERR_INVALID, "is not to north", ledger_pay(&act, &p, &paid, e));
    p.party.bytes[0] = 0;
    CHECK_OK(ledger_pay(&act, &p, &paid, e));
    assert_int_equal(paid.cash.minor, 800);
    assert_int_equal(paid.gain.minor, 100);
    int64_t settled;
    CHECK_OK(ledger_statement_paid(tx, act.catalogue, &s, &settled, e));
    assert_int_equal(settled, 1000);
    p.exchange_count = 0;
    CHECK_FAILS(ERR_INVALID, "no rate from USD to EUR", ledger_pay(&act, &p, &paid, e));
    p.exchange_count = 2;
    p.with.code[0] = 0;
    p.sum.minor = payable - 1000;
    CHECK_OK(ledger_pay(&act, &p, &paid, e));
    p.sum.minor = 1;
    CHECK_FAILS(ERR_CONFLICT, "only USD 0.00", ledger_pay(&act, &p, &paid, e));
    /* every currency balances by itself, and what was gained stands by itself */
    CHECK_OK(ledger_balances(tx, act.catalogue, &a, &list, &count, e));
    int64_t gained = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].account, "exchange_gain") == 0)
            gained = -list[i].sum.minor;
    assert_int_equal(gained, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(millions_are_split_as_a_few_are_with_any_number_of_threads),
        cmocka_unit_test(lines_are_the_same_bytes_with_any_number_of_threads),
        cmocka_unit_test(claims_make_holders_and_a_rest),
        cmocka_unit_test(thirds_are_rounding_and_not_a_conflict),
        cmocka_unit_test(a_statement_reads_back_and_differences_sum_to_the_whole),
        STORE_TEST(every_movement_balances_and_no_more_is_paid_than_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
