/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "ledger/ledger.h"

static const struct party_id catalogue = { { 1 } };

static struct batch_play play_of(uint8_t recording, uint64_t user, int64_t second)
{
    return (struct batch_play) { .recording = { { recording } },
                                 .app = { { 7 } },
                                 .user = user,
                                 .at = { second * 1000000 },
                                 .played_ms = 60000 };
}

static enum code put(struct store *s, int64_t sequence, int64_t corrects,
                     const struct batch_play *plays, size_t count, enum batch_outcome *out,
                     struct error *e)
{
    TX(tx);
    struct play_batch b = { "house", sequence, corrects, plays, count };
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(ledger_batch_put(tx, catalogue, &b, (struct instant) { 5 }, out, e));
    return store_commit_take(take(tx), e);
}

static enum code roll_one(void *ctx, const struct batch_kept *b, struct error *e)
{
    return roll_batch(ctx, b->bytes, e);
}

/* Plays in force of days [from, until), read by so many threads */
static int64_t plays_of(struct store *s, int32_t from, int32_t until, unsigned threads)
{
    TX(tx);
    owned(roll) r = NULL;
    const struct roll_setup setup = { .from = { from }, .until = { until }, .threads = threads };
    const struct batch_range range = { { INT64_MIN }, { INT64_MAX }, INSTANT_NEVER };
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(roll_new(&setup, &r, e));
    CHECK_OK(roll_ready(r, e));
    CHECK_OK(ledger_batches_each(tx, catalogue, &range, r, roll_one, e));
    CHECK_OK(roll_sum(r, e));
    return (int64_t)roll_play_count(r);
}
#define PLAYS(s) plays_of(s, 0, 100, 2)

TEST(a_batch_counts_once_however_often_it_is_sent)
{
    STORE(s);
    struct batch_play p[3] = { play_of(1, 1, 10), play_of(1, 2, 20), play_of(2, 1, 30) };
    enum batch_outcome out;
    for (int i = 0; i < 3; i++) {
        CHECK_OK(put(s, 0, -1, p, 3, &out, e));
        assert_int_equal(out, i ? BATCH_KNOWN : BATCH_KEPT);
        assert_int_equal(PLAYS(s), 3);
    }
    p[0].played_ms++;
    CHECK_FAILS(ERR_CONFLICT, "batch 0 of house was received with other plays",
                put(s, 0, -1, p, 3, &out, e));
}

TEST(batches_come_late_out_of_order_and_corrected)
{
    static const int64_t order[] = { 2, 0, 3, 1 };
    STORE(s);
    enum batch_outcome out;
    struct batch_play p[4];
    for (uint8_t i = 0; i < 4; i++)
        p[i] = play_of((uint8_t)(i + 1), 1, 86400 * i);
    for (size_t i = 0; i < 4; i++)
        CHECK_OK(put(s, order[i], -1, &p[order[i]], 1, &out, e));
    /* batch 4 replaces 1 by two plays; 5 replaces 4 by none */
    struct batch_play two[2] = { play_of(1, 1, 86400), play_of(9, 1, 86400) };
    CHECK_OK(put(s, 4, 1, two, 2, &out, e));
    assert_int_equal(PLAYS(s), 5);
    CHECK_OK(put(s, 5, 4, two, 0, &out, e));
    assert_int_equal(PLAYS(s), 3);
    assert_int_equal(plays_of(s, 1, 2, 1), 0);
    CHECK_FAILS(ERR_CONFLICT, "was corrected by 4 already", put(s, 6, 1, two, 1, &out, e));
    CHECK_FAILS(ERR_CONFLICT, "was not received", put(s, 99, 98, two, 1, &out, e));
    CHECK_FAILS(ERR_INVALID, "corrects an earlier one", put(s, 7, 8, two, 1, &out, e));
}

struct faulty {
    struct batch_play plays[3];
};

static enum code put_two(struct store *s, void *context, struct error *e)
{
    enum batch_outcome out;
    struct faulty *f = context;
    TRY(put(s, 0, -1, f->plays, 3, &out, e));
    return put(s, 1, 0, f->plays, 2, &out, e);
}

static void nothing_doubled(struct store *s, void *context)
{
    (void)context;
    int64_t plays = PLAYS(s);
    assert_true(plays == 0 || plays == 3); /* the first one is there, or is not */
}

TEST(a_fault_at_any_step_loses_and_doubles_nothing)
{
    STORE(s);
    struct faulty f = { { play_of(1, 1, 10), play_of(2, 2, 20), play_of(3, 3, 30) } };
    assert_true(store_fixture_each_fault(s, put_two, nothing_doubled, &f) > 8);
    assert_int_equal(PLAYS(s), 2);
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM ledger_batches"), 2);
}

TEST(bytes_read_back_as_the_plays_they_were)
{
    ARENA(a);
    BUF(bytes);
    struct batch_play p[2] = { play_of(1, UINT64_MAX, 10), play_of(2, 0, 253402300799), }, *got;
    p[1].app.bytes[3] = 9;
    p[1].kind = CUBE_PREVIEW;
    p[1].model = MODEL_SUBSCRIPTION;
    struct play_batch b = { "x", 3, -1, p, 2 };
    size_t count;
    CHECK_OK(batch_encode(&b, &bytes, e));
    CHECK_OK(batch_decode(buf_as_str(&bytes), &a, &got, &count, e));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(recording_id_equal(got[i].recording, p[i].recording));
        assert_true(app_id_equal(got[i].app, p[i].app));
        assert_true(got[i].user == p[i].user && got[i].at.us == p[i].at.us);
        assert_true(got[i].kind == p[i].kind && got[i].model == p[i].model);
    }
    for (size_t n = 0; n < bytes.length; n++) {
        struct error e;
        struct str cut = { (const char *)bytes.bytes, n };
        assert_int_equal(batch_decode(cut, &a, &got, &count, &e), ERR_CORRUPT);
    }
    p[0].territory = TERRITORY_UNKNOWN;
    CHECK_FAILS(ERR_INVALID, "play 0", batch_encode(&b, &bytes, e));
    b.producer = "no blanks";
    CHECK_FAILS(ERR_INVALID, "a producer has", batch_encode(&b, &bytes, e));
}

TEST(the_filter_says_what_it_leaves_out_and_why_in_any_order)
{
    struct batch_play p[200];
    uint8_t reasons[200];
    int64_t counts[FILTER_REASON_COUNT];
    size_t n = 0;
    for (int64_t i = 0; i < 30; i++)
        p[n++] = play_of(1, 1, 100 + i); /* a loop */
    for (uint8_t i = 0; i < 40; i++)
        p[n++] = play_of((uint8_t)(50 + i), 2, 1000 + i); /* many by one */
    for (int64_t i = 0; i < 20; i++)
        p[n++] = play_of(3, 10 + (uint64_t)(i % 2), 5000 + i); /* two users only */
    for (int64_t i = 0; i < 20; i++)
        p[n++] = play_of(4, 100 + (uint64_t)i, 6000 + i);
    struct play_filter f = {
        .loops_most = 10, .plays_most = 35, .users_least = 3, .users_of_plays = 20
    };
    for (int turn = 0; turn < 2; turn++) {
        CHECK_OK(plays_filter(p, n, &f, reasons, counts, e));
        assert_int_equal(counts[FILTER_LOOP], 20);
        assert_int_equal(counts[FILTER_RATE], 5);
        /* recording 1 is left with one user, 3 with two */
        assert_int_equal(counts[FILTER_FEW_USERS], 10 + 20);
        assert_int_equal(counts[FILTER_TAKEN], 35 + 20);
        for (size_t i = 0; i < n / 2; i++) { /* the other way round */
            struct batch_play x = p[i];
            p[i] = p[n - 1 - i];
            p[n - 1 - i] = x;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_batch_counts_once_however_often_it_is_sent),
        STORE_TEST(batches_come_late_out_of_order_and_corrected),
        STORE_TEST(a_fault_at_any_step_loses_and_doubles_nothing),
        cmocka_unit_test(bytes_read_back_as_the_plays_they_were),
        cmocka_unit_test(the_filter_says_what_it_leaves_out_and_why_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
