/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "ledger/ledger.h"

static const struct network_id one = { { 1 } }, two = { { 2 } }, all;

static struct play play_of(struct network_id network, uint8_t number)
{
    return (struct play) { .id = { { number } },
                           .network = network,
                           .app = { { 7 } },
                           .verdict = { { 8 } },
                           .upload = { { 9 } },
                           .territory = "RU",
                           .use = "stream",
                           .model = "free",
                           .mode = "preview",
                           .played_ms = 29500,
                           .at = { 1000 },
                           .counted = { 2000 } };
}

static enum code put(struct store *s, const struct play *p, enum play_outcome *out, struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(ledger_play_put(tx, p, out, e));
    return store_commit_take(take(tx), e);
}

TEST(a_play_is_counted_once_however_often_it_is_told)
{
    STORE(s);
    struct play p = play_of(one, 1);
    enum play_outcome out;
    CHECK_OK(put(s, &p, &out, e));
    assert_int_equal(out, PLAY_COUNTED);
    p.counted.us = 99999; /* told again, later */
    for (int i = 0; i < 3; i++) {
        CHECK_OK(put(s, &p, &out, e));
        assert_int_equal(out, PLAY_KNOWN);
    }
    p.played_ms++;
    CHECK_OK(put(s, &p, &out, e));
    assert_int_equal(out, PLAY_DIFFERENT);
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM plays"), 1);
    assert_int_equal(store_fixture_int(s, "SELECT SUM(played_ms) FROM plays"), 29500);
    assert_int_equal(store_fixture_int(s, "SELECT counted FROM plays"), 2000);
}

TEST(networks_count_for_themselves)
{
    STORE(s);
    struct play p = play_of(one, 1), q = play_of(two, 1);
    enum play_outcome out;
    CHECK_OK(put(s, &p, &out, e));
    CHECK_OK(put(s, &q, &out, e));
    assert_int_equal(out, PLAY_COUNTED);
}

TEST(plays_come_back_page_by_page)
{
    STORE(s);
    TX(tx);
    ARENA(a);
    struct play *list;
    struct play_id after = { { 0 } };
    size_t count, seen = 0;
    for (uint8_t i = 1; i <= 7; i++) {
        struct play p = play_of(i % 2 ? one : two, i);
        enum play_outcome out;
        if (i == 3) {
            p.upload = (struct upload_id) { { 0 } };
            p.recording = (struct recording_id) { { 5 } };
        }
        CHECK_OK(put(s, &p, &out, e));
    }
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    do {
        CHECK_OK(ledger_play_list(tx, all, after, 3, &a, &list, &count, e));
        for (size_t i = 0; i < count; i++)
            assert_int_equal(list[i].id.bytes[0], ++seen);
        if (count)
            after = list[count - 1].id;
    } while (count == 3);
    assert_int_equal(seen, 7);
    CHECK_OK(ledger_play_list(tx, one, (struct play_id) { { 1 } }, 1, &a, &list, &count, e));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id.bytes[0], 3);
    assert_true(upload_id_is_none(list[0].upload));
    assert_int_equal(list[0].recording.bytes[0], 5);
    assert_string_equal(list[0].territory, "RU");
    assert_string_equal(list[0].use, "stream");
    assert_string_equal(list[0].mode, "preview");
    assert_int_equal(list[0].at.us, 1000);
}

static enum code put_one(struct store *s, void *context, struct error *e)
{
    enum play_outcome out;
    return put(s, context, &out, e);
}

static void none_counted(struct store *s, void *context)
{
    (void)context;
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM plays"), 0);
}

TEST(a_fault_counts_nothing)
{
    STORE(s);
    struct play p = play_of(one, 1);
    assert_int_equal(store_fixture_each_fault(s, put_one, none_counted, &p), 3);
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM plays"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_play_is_counted_once_however_often_it_is_told),
        STORE_TEST(networks_count_for_themselves),
        STORE_TEST(plays_come_back_page_by_page),
        STORE_TEST(a_fault_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
