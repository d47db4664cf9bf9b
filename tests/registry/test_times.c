/* SPDX-License-Identifier: Apache-2.0 */
/* Two times: when it held, and when that was known. */
#include "store_fixture.h"

#include "registry/registry.h"

static struct registry_act act_at(struct store_fixture *f, struct store_tx *tx, int64_t us)
{
    struct registry_act act = {
        .tx = tx, .who = STR("tester"), .why = STR("a test"), .now = { us }, .chance = &f->chance
    };
    CHECK_OK(registry_operator(tx, act.now, act.chance, &act.catalogue, e));
    return act;
}

static struct claim claim_of(const struct registry_act *act, struct recording_id recording,
                             int64_t share_e8, int64_t from, int64_t until)
{
    return (struct claim) { .recording = recording,
                            .party = act->catalogue,
                            .right = RIGHT_MAKING_AVAILABLE,
                            .share_e8 = share_e8,
                            .territories = territory_set_world(),
                            .from = { from },
                            .until = { until } };
}

/* The share as it stood at `at`, as known at `known_at`; 0: no claim then. */
static int64_t share_at(const struct registry_act *act, struct claim_id id, int64_t at,
                        int64_t known_at)
{
    ARENA(a);
    struct claim got;
    struct error e;
    struct moment m = { { at }, { known_at } };
    struct party_id anybody = { { 0 } };
    enum code code = record_get(act->tx, act->catalogue, &table_claims, id.bytes, &m, anybody, &a,
                                &got, &e);
    if (code == ERR_NOT_FOUND)
        return 0;
    assert_int_equal(code, OK);
    return got.share_e8;
}

enum { LATER = 1000000 };

TEST(what_was_believed_stays_when_the_past_is_restated)
{
    FIXTURE(f);
    TX(tx);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording r = { .title = "One" };
    CHECK_OK(registry_recording_put(&act, &r, e));
    struct claim c = claim_of(&act, r.id, 60000000, 10, LATER);
    CHECK_OK(registry_claim_put(&act, &c, e));
    assert_true(c.known.us == 100);
    act.now.us = 200; /* it was 50 all along, we hear */
    c.share_e8 = 50000000;
    CHECK_OK(registry_claim_put(&act, &c, e));
    act.now.us = 300;
    CHECK_OK(registry_claim_withdraw(&act, c.id, e));

    static const struct {
        int64_t at, known_at, share;
    } rows[] = {
        { 50, 99, 0 },         { 50, 100, 60000000 },
        { 50, 199, 60000000 }, { 50, 200, 50000000 },
        { 50, 299, 50000000 }, { 50, 300, 0 },
        { 9, 150, 0 },         { LATER - 1, 150, 60000000 },
        { LATER, 150, 0 },     { INT64_MAX, 150, 60000000 },
        { 50, INT64_MAX, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(share_at(&act, c.id, rows[i].at, rows[i].known_at), rows[i].share);
}

TEST(a_withdrawn_record_that_comes_back_leaves_its_gap)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    void *versions;
    size_t count;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording r = { .title = "One" };
    CHECK_OK(registry_recording_put(&act, &r, e));
    struct claim c = claim_of(&act, r.id, 60000000, 10, LATER);
    CHECK_OK(registry_claim_put(&act, &c, e));
    act.now.us = 200;
    CHECK_OK(registry_claim_withdraw(&act, c.id, e));
    act.now.us = 300;
    c.version = 0;
    CHECK_OK(registry_claim_put(&act, &c, e));
    assert_int_equal(c.version, 3);
    assert_int_equal(share_at(&act, c.id, 50, 250), 0);
    assert_int_equal(share_at(&act, c.id, 50, 150), 60000000);
    assert_int_equal(share_at(&act, c.id, 50, 350), 60000000);
    CHECK_OK(
        record_versions(tx, act.catalogue, &table_claims, c.id.bytes, &a, &versions, &count, e));
    assert_int_equal(count, 2);
    assert_int_equal(((struct claim *)versions)[0].version, 1);
}

TEST(lists_are_of_the_moment_asked_for_and_of_the_holder)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    void *items;
    size_t count;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct party north = { .slug = "north", .name = "North" };
    struct recording r[3] = { { .title = "A" }, { .title = "B" }, { .title = "C" } };
    struct claim c[3];
    CHECK_OK(registry_party_put(&act, &north, e));
    for (size_t i = 0; i < 3; i++) {
        act.now.us = 100 + (int64_t)i;
        CHECK_OK(registry_recording_put(&act, &r[i], e));
        c[i] = claim_of(&act, r[i].id, 60000000, 10 * (int64_t)(i + 1), LATER);
        c[i].party = i == 1 ? north.id : act.catalogue;
        CHECK_OK(registry_claim_put(&act, &c[i], e));
    }
    const struct {
        int64_t at, known_at;
        struct party_id holder;
        const struct record_table *table;
        size_t count;
    } rows[] = {
        { INT64_MAX, INT64_MAX, { { 0 } }, &table_claims, 3 },
        { 25, INT64_MAX, { { 0 } }, &table_claims, 2 },
        { INT64_MAX, 101, { { 0 } }, &table_claims, 2 },
        { 15, 101, { { 0 } }, &table_claims, 1 },
        { INT64_MAX, INT64_MAX, north.id, &table_claims, 1 },
        { INT64_MAX, INT64_MAX, north.id, &table_recordings, 1 },
        { INT64_MAX, 100, north.id, &table_claims, 0 },
        { INT64_MAX, INT64_MAX, north.id, &table_parties, 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct record_filter filter = RECORDS_ALL;
        filter.moment = (struct moment) { { rows[i].at }, { rows[i].known_at } };
        filter.holder = rows[i].holder;
        CHECK_OK(record_list(tx, act.catalogue, rows[i].table, &filter, &a, &items, &count, e));
        assert_int_equal(count, rows[i].count);
    }
    struct claim got;
    CHECK_FAILS(ERR_NOT_FOUND, "there is no claim",
                record_get(tx, act.catalogue, &table_claims, c[0].id.bytes, &MOMENT_NOW, north.id,
                           &a, &got, e));
}

TEST(works_releases_tracks_and_relations_come_back_as_put)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    size_t count;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording one = { .title = "One" }, live = { .title = "One (live)" };
    CHECK_OK(registry_recording_put(&act, &one, e));
    CHECK_OK(registry_recording_put(&act, &live, e));
    struct work w = { .title = "One", .iswc = "T-034.524.680-1" }, w_got;
    CHECK_OK(registry_work_put(&act, &w, e));
    CHECK_OK(registry_work_find(tx, act.catalogue, STR("T0345246801"), &a, &w_got, e));
    assert_true(work_id_equal(w.id, w_got.id));
    struct recording_work link = { .recording = one.id, .work = w.id }, *links;
    CHECK_OK(registry_recording_work_put(&act, &link, e));
    CHECK_OK(registry_recording_work_list(tx, act.catalogue, one.id, (struct work_id) { { 0 } },
                                          (struct recording_work_id) { { 0 } }, 5, &a, &links,
                                          &count, e));
    assert_int_equal(count, 1);
    assert_int_equal(links[0].share_e8, SHARE_WHOLE_E8);
    struct relation rel = { .recording = live.id, .kind = RELATION_LIVE, .of = one.id }, *rels;
    CHECK_OK(registry_relation_put(&act, &rel, e));
    CHECK_OK(registry_relation_list(tx, act.catalogue, live.id, (struct relation_id) { { 0 } }, 5,
                                    &a, &rels, &count, e));
    assert_true(count == 1 && rels[0].kind == RELATION_LIVE);
    rel = (struct relation) { .recording = one.id, .kind = RELATION_EDIT, .of = one.id };
    CHECK_FAILS(ERR_INVALID, "no edit of itself", registry_relation_put(&act, &rel, e));

    struct release album = { .gtin = "0 94631 43205 7",
                             .title = "Album",
                             .kind = RELEASE_ALBUM,
                             .party = act.catalogue,
                             .from = INSTANT_FIRST,
                             .until = INSTANT_NEVER },
                   album_got;
    CHECK_OK(registry_release_put(&act, &album, e));
    CHECK_OK(registry_release_find(tx, act.catalogue, STR("094631432057"), &a, &album_got, e));
    assert_true(album_got.kind == RELEASE_ALBUM && album_got.until.us == INT64_MAX);
    struct track t = { .release = album.id, .recording = one.id, .volume = 1, .number = 3 },
                 *tracks;
    CHECK_OK(registry_track_put(&act, &t, e));
    CHECK_OK(registry_track_list(tx, act.catalogue, album.id, (struct recording_id) { { 0 } },
                                 (struct track_id) { { 0 } }, 5, &a, &tracks, &count, e));
    assert_true(count == 1 && tracks[0].number == 3 && !tracks[0].title);
    t.number = 0;
    CHECK_FAILS(ERR_INVALID, "number 0 is not within 1", registry_track_put(&act, &t, e));
}

TEST(claims_on_works_reach_their_recordings_with_rights_of_their_own)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    struct claim *got;
    size_t count;
    bool more;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording r[2] = { { .title = "One" }, { .title = "Medley" } };
    struct work w = { .title = "One" };
    CHECK_OK(registry_work_put(&act, &w, e));
    for (size_t i = 0; i < 2; i++) {
        struct recording_work link = { .work = w.id, .share_e8 = i ? 25000000 : 0 };
        CHECK_OK(registry_recording_put(&act, &r[i], e));
        link.recording = r[i].id;
        CHECK_OK(registry_recording_work_put(&act, &link, e));
    }
    struct claim c = claim_of(&act, (struct recording_id) { { 0 } }, 50000000, 10, LATER);
    CHECK_FAILS(ERR_INVALID, "name one of the two", registry_claim_put(&act, &c, e));
    c.work = w.id;
    c.right = RIGHT_WORK_PERFORMING;
    CHECK_FAILS(ERR_INVALID, "without work_", registry_claim_put(&act, &c, e));
    c.right = RIGHT_PERFORMING;
    CHECK_OK(registry_claim_put(&act, &c, e));
    struct claim_of_works after = { 0 };
    size_t seen = 0;
    int64_t sum = 0;
    do { /* one a page */
        CHECK_OK(registry_claim_of_works(tx, act.catalogue, (struct recording_id) { { 0 } },
                                         INSTANT_NEVER, &after, 1, &a, &got, &count, &more, e));
        for (size_t i = 0; i < count; i++, seen++) {
            assert_int_equal(got[i].right, RIGHT_WORK_PERFORMING);
            sum += got[i].share_e8;
        }
    } while (more);
    assert_int_equal(seen, 2);
    assert_int_equal(sum, 50000000 + 12500000);
    CHECK_OK(registry_claim_list(tx, act.catalogue, (struct recording_id) { { 0 } },
                                 (struct party_id) { { 0 } }, (struct claim_id) { { 0 } }, 9, &a,
                                 &got, &count, e));
    assert_int_equal(count, 0); /* those on works stand apart */
}

/* "recording's share" of each claim that reached one then, summed; of one recording or of all */
static int64_t brought_at(const struct registry_act *act, struct recording_id r, int64_t known,
                          int64_t *last_known)
{
    ARENA(a);
    struct claim_of_works after = { 0 };
    int64_t sum = 0;
    for (bool more = true; more;) {
        struct claim *got;
        size_t count;
        CHECK_OK(registry_claim_of_works(act->tx, act->catalogue, r, (struct instant) { known },
                                         &after, 1, &a, &got, &count, &more, e));
        for (size_t i = 0; i < count; i++) {
            sum += got[i].share_e8;
            *last_known = got[i].known.us > *last_known ? got[i].known.us : *last_known;
        }
    }
    return sum;
}

TEST(claims_on_works_are_read_as_they_were_known)
{
    FIXTURE(f);
    TX(tx);
    int64_t last = 0;
    const struct recording_id all = { { 0 } };
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording r = { .title = "One" };
    struct work w = { .title = "One" };
    CHECK_OK(registry_work_put(&act, &w, e));
    CHECK_OK(registry_recording_put(&act, &r, e));
    struct claim c = claim_of(&act, (struct recording_id) { { 0 } }, 40000000, 10, LATER);
    c.work = w.id;
    c.right = RIGHT_PERFORMING;
    CHECK_OK(registry_claim_put(&act, &c, e));
    act.now.us = 200;
    struct recording_work link = { .work = w.id, .recording = r.id, .share_e8 = 50000000 };
    CHECK_OK(registry_recording_work_put(&act, &link, e));
    act.now.us = 300;
    c.share_e8 = 60000000;
    CHECK_OK(registry_claim_put(&act, &c, e));
    act.now.us = 400;
    link.share_e8 = SHARE_WHOLE_E8;
    CHECK_OK(registry_recording_work_put(&act, &link, e));
    act.now.us = 500;
    CHECK_OK(registry_claim_withdraw(&act, c.id, e));
    static const struct {
        int64_t known, sum;
    } rows[] = { { 99, 0 },         { 199, 0 },        { 200, 20000000 },
                 { 299, 20000000 }, { 300, 30000000 }, { 400, 60000000 },
                 { 499, 60000000 }, { 500, 0 },        { INT64_MAX, 0 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(brought_at(&act, all, rows[i].known, &last), rows[i].sum);
        assert_int_equal(brought_at(&act, r.id, rows[i].known, &last), rows[i].sum);
        last = rows[i].known == 200 ? 0 : last;
    }
    assert_int_equal(last, 400); /* what is read later is newer: a claim, or its work */
}

struct seen {
    size_t count;
    uint64_t sum;
};

static enum code see(void *ctx, const struct claim *c, struct error *fault)
{
    struct seen *s = ctx;
    (void)fault;
    s->count++;
    s->sum += (uint64_t)c->id.bytes[14] << 16 | (uint64_t)c->id.bytes[15] << 8 | c->id.bytes[13];
    return OK;
}

/* Rows straight into the table: the door would journal each. */
static void fill_claims(const struct registry_act *act, struct recording_id recording, int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t id[ID_BYTES] = { 1 };
        for (int k = 0; k < 3; k++)
            id[13 + k] = (uint8_t)(i >> (8 * k));
        CHECK_OK(
            store_run(act->tx,
                      "INSERT INTO registry_claims (catalogue, id, version, recording, party, "
                      "\"right\", share_e8, territories, from_us, until_us, filed_us, known_us, "
                      "withdrawn) VALUES ($1, $2, 1, $3, $1, 'making_available', 1, "
                      "'Worldwide', 1, 2, 1, 1, $4)",
                      SQL(sql_id(act->catalogue), sql_bytes(id, ID_BYTES), sql_id(recording),
                          sql_int(i % 10 == 3)),
                      NULL, e));
    }
}

TEST(parts_of_claims_are_all_of_them_once)
{
    enum { COUNT = 45000, IN_FORCE = COUNT / 10 * 9 };
    FIXTURE(f);
    TX(tx);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_at(f, tx, 100);
    struct recording r = { .title = "One" };
    CHECK_OK(registry_recording_put(&act, &r, e));
    fill_claims(&act, r.id, COUNT);
    struct seen whole = { 0 };
    for (unsigned most = 1; most <= 4; most += 3) {
        struct claims_part parts[CLAIMS_PARTS_MOST];
        struct seen seen = { 0 };
        unsigned count;
        CHECK_OK(registry_claims_parts(tx, most, parts, &count, e));
        assert_true(count == (most > 1 && store_tx_kind(tx) == STORE_SQLITE ? 3 : 1));
        for (unsigned i = 0; i < count; i++)
            CHECK_OK(registry_claims_each(tx, act.catalogue, RIGHT_MAKING_AVAILABLE, INSTANT_NEVER,
                                          &parts[i], &seen, see, e));
        assert_int_equal(seen.count, IN_FORCE);
        whole = most == 1 ? seen : whole;
        assert_true(seen.sum == whole.sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_believed_stays_when_the_past_is_restated),
        STORE_TEST(a_withdrawn_record_that_comes_back_leaves_its_gap),
        STORE_TEST(lists_are_of_the_moment_asked_for_and_of_the_holder),
        STORE_TEST(works_releases_tracks_and_relations_come_back_as_put),
        STORE_TEST(claims_on_works_reach_their_recordings_with_rights_of_their_own),
        STORE_TEST(claims_on_works_are_read_as_they_were_known),
        STORE_TEST(parts_of_claims_are_all_of_them_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
