/* SPDX-License-Identifier: Apache-2.0 */
/* From plays to what is owed, through the store: whose a play is, in which month, under what. */
#include "flow/scene.h"

#include <sodium.h>

#include "ledger/ledger.h"

static struct audio_host *host;

static int64_t us_of(const char *text)
{
    struct instant t;
    CHECK_OK(instant_parse(str_of(text), &t, e));
    return t.us;
}

struct house {
    struct app_id web;
    struct party_id north, south;
    struct recording_id recordings[4];
};

static struct claim claim_of(struct recording_id r, struct party_id p)
{
    return (struct claim) { .recording = r,
                            .party = p,
                            .right = RIGHT_MAKING_AVAILABLE,
                            .share_e8 = SHARE_WHOLE_E8,
                            .territories = territory_set_world(),
                            .from = INSTANT_FIRST,
                            .until = INSTANT_NEVER };
}

/* north has recordings 0 and 1, south has 2; 3 passes from north to south at noon of 10 February */
static struct house setting(struct scene *s)
{
    struct house h;
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR("scene"), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network_id network = scene_network(&c);
    struct app app = {
        .network = network, .slug = "web", .name = "Web", .contact = "", .model = "free"
    };
    CHECK_OK(access_app_put(&access, &app, e));
    h.web = app.id;
    struct party north = { .slug = "north", .name = "North" },
                 south = { .slug = "south", .name = "South" };
    CHECK_OK(registry_party_put(&c.act, &north, e));
    CHECK_OK(registry_party_put(&c.act, &south, e));
    h.north = north.id;
    h.south = south.id;
    for (int i = 0; i < 4; i++) {
        char isrc[16];
        snprintf(isrc, sizeof isrc, "XXN00270000%d", i);
        struct recording r = { .isrc = isrc, .title = "Song", .artist = "Singer" };
        CHECK_OK(registry_recording_put(&c.act, &r, e));
        h.recordings[i] = r.id;
        struct claim claim = claim_of(r.id, i == 2 ? south.id : north.id);
        if (i == 3)
            claim.until.us = us_of("2027-02-10T12:00:00Z");
        CHECK_OK(registry_claim_put(&c.act, &claim, e));
    }
    struct claim second = claim_of(h.recordings[3], south.id);
    second.from.us = us_of("2027-02-10T12:00:00Z");
    CHECK_OK(registry_claim_put(&c.act, &second, e));
    CHECK_OK(flow_change_commit(&c, e));
    return h;
}

static void deal(struct scene *s, const char *name, const char *text)
{
    CHANGE(c);
    ARENA(a);
    struct deal d;
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    CHECK_OK(deal_offer_put(&c.act, str_of(name), str_of(text), SIDE_LICENSOR, false, &d, e));
    CHECK_OK(flow_deal_agree(&c, str_of(name), SIDE_PLATFORM, &a, &d, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static void play(struct scene *s, const struct house *h, int recording, const char *at)
{
    static int64_t sequence;
    TX(tx);
    enum batch_outcome out;
    struct territory de;
    CHECK_OK(territory_parse(STR("DE"), &de, e));
    struct batch_play p = { .recording = h->recordings[recording],
                            .app = h->web,
                            .user = 1,
                            .at = { us_of(at) },
                            .played_ms = 60000,
                            .territory = de };
    struct play_batch b = { "house", sequence++, -1, &p, 1 };
    CHECK_OK(store_begin(world_store(s->world), STORE_WRITE, &tx, e));
    CHECK_OK(ledger_batch_put(tx, world_catalogue(s->world), &b, s->now, &out, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

static enum code close_period(struct scene *s, const char *name, const char *period,
                              struct arena *a, struct closed *out, struct error *e)
{
    CHANGE(c);
    struct close_request r = { .deals = str_of(name), .rule = OVER_HOLD };
    TRY(period_parse(str_of(period), &r.from, &r.until, e));
    TRY(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    TRY(flow_statement_close(&c, &r, a, out, e));
    return flow_change_commit(&c, e);
}

/* What is due to the deal's licensors together, in minor units */
static int64_t due_of(struct scene *s, const char *name, const char *period)
{
    ARENA(a);
    struct closed done;
    int64_t sum = 0;
    CHECK_OK(close_period(s, name, period, &a, &done, e));
    for (size_t i = 0; i < done.count; i++)
        sum += done.statements[i].statement.due;
    return sum;
}

#define TERMS(who, more)                                                                           \
    "terms \"" who "\"\nlicensor " who "\nterritories Worldwide\ngrant stream\n" more

TEST(a_play_is_of_who_held_it_at_its_moment)
{
    SCENE(s);
    struct house h = setting(&s);
    deal(&s, "north", TERMS("north", "from 2027-01-01\npay USD 1.00 a play\n"));
    deal(&s, "south", TERMS("south", "from 2027-01-01\npay USD 10.00 a play\n"));
    play(&s, &h, 3, "2027-02-10T11:59:59.999999Z");
    play(&s, &h, 3, "2027-02-10T12:00:00Z");
    play(&s, &h, 3, "2027-02-10T23:00:00Z");
    play(&s, &h, 3, "2027-02-09T23:00:00Z");
    assert_int_equal(due_of(&s, "north", "2027-02"), 200);
    assert_int_equal(due_of(&s, "south", "2027-02"), 2000);
    scene_end(&s);
}

TEST(a_month_begins_in_the_zone_of_the_terms)
{
    SCENE(s);
    struct house h = setting(&s);
    deal(&s, "north",
         TERMS("north", "from 2027-01-01\ntime zone UTC+03:00\npay USD 1.00 a play\n"));
    play(&s, &h, 0, "2027-01-31T20:59:59Z");
    play(&s, &h, 0, "2027-01-31T21:00:00Z");
    play(&s, &h, 0, "2027-02-28T20:59:59Z");
    play(&s, &h, 0, "2027-02-28T21:00:00Z");
    play(&s, &h, 3, "2027-02-10T11:00:00Z");
    play(&s, &h, 3, "2027-02-10T13:00:00Z");
    assert_int_equal(due_of(&s, "north", "2027-01"), 100);
    assert_int_equal(due_of(&s, "north", "2027-02"), 300);
    assert_int_equal(due_of(&s, "north", "2027-03"), 100);
    scene_end(&s);
}

TEST(only_the_repertoire_of_the_terms_is_paid_for)
{
    SCENE(s);
    struct house h = setting(&s);
    deal(&s, "north",
         TERMS("north", "repertoire only XXN002700001\nfrom 2027-01-01\npay USD 1.00 a play\n"));
    for (int i = 0; i < 3; i++)
        play(&s, &h, i, "2027-02-03T10:00:00Z");
    play(&s, &h, 1, "2027-02-04T10:00:00Z");
    assert_int_equal(due_of(&s, "north", "2027-02"), 200);
    scene_end(&s);
}

static void half_of_a_work(struct scene *s, struct claim claim)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR("restated"), &c, e));
    claim.share_e8 = SHARE_WHOLE_E8 / 2;
    claim.right = RIGHT_PERFORMING;
    CHECK_OK(registry_claim_put(&c.act, &claim, e));
    CHECK_OK(flow_change_commit(&c, e));
}

TEST(who_holds_the_work_is_paid_under_terms_in_a_right_of_works)
{
    SCENE(s);
    struct house h = setting(&s);
    struct claim claim = claim_of((struct recording_id) { { 0 } }, h.south);
    {
        CHANGE(c);
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR(""), &c, e));
        struct work w = { .title = "Song" };
        CHECK_OK(registry_work_put(&c.act, &w, e));
        struct recording_work link = { .recording = h.recordings[0],
                                       .work = w.id,
                                       .share_e8 = SHARE_WHOLE_E8 };
        CHECK_OK(registry_recording_work_put(&c.act, &link, e));
        claim.work = w.id;
        claim.right = RIGHT_PERFORMING;
        CHECK_OK(registry_claim_put(&c.act, &claim, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    deal(&s, "south",
         TERMS("south", "rights work_performing\nfrom 2027-01-01\npay USD 1.00 a play\n"));
    play(&s, &h, 0, "2027-02-03T10:00:00Z");
    play(&s, &h, 2, "2027-02-03T10:00:00Z"); /* its sound is south's, its work is nobody's */
    struct closed done;
    struct recomputed again;
    CHECK_OK(close_period(&s, "south", "2027-02", &a, &done, e));
    assert_int_equal(done.statements[0].statement.due, 100);
    s.now.us += 1000000; /* half of the work was north's all the time */
    half_of_a_work(&s, claim);
    {
        TX(tx);
        CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
        CHECK_OK(flow_statement_recompute(tx, world_catalogue(s.world),
                                          done.statements[0].statement.id, &a, &again, e));
        assert_true(again.same);
    }
    assert_int_equal(due_of(&s, "south", "2027-02"), -50);
    scene_end(&s);
}

TEST(terms_that_renew_go_on_until_somebody_ends_them)
{
    SCENE(s);
    struct house h = setting(&s);
    deal(&s, "north",
         TERMS("north", "from 2027-01-01 through 2027-01-31\n"
                        "renews for 1 month unless ended 5 days before\n"
                        "pay USD 1.00 a play\npay USD 31.00 for the term\n"));
    play(&s, &h, 0, "2027-02-03T10:00:00Z");
    play(&s, &h, 0, "2027-03-03T10:00:00Z");
    assert_int_equal(due_of(&s, "north", "2027-01"), 3100);
    assert_int_equal(due_of(&s, "north", "2027-02"), 3200);
    s.now.us = us_of("2027-02-10T00:00:00Z"); /* in time: it ends with February */
    {
        CHANGE(c);
        struct deal d;
        struct instant at = s.now;
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR("enough"), &c, e));
        CHECK_OK(deal_find(c.act.tx, c.act.catalogue, STR("north"), s.now, &a, &d, e));
        CHECK_OK(deal_terminate(&c.act, &d, &at, e));
        assert_int_equal(at.us, us_of("2027-03-01T00:00:00Z"));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_int_equal(due_of(&s, "north", "2027-02"), 0); /* nothing has changed */
    assert_int_equal(due_of(&s, "north", "2027-03"), 0);
    scene_end(&s);
}

TEST(a_recording_that_is_gone_is_nobodys)
{
    SCENE(s);
    struct house h = setting(&s);
    deal(&s, "north", TERMS("north", "from 2027-01-01\npay USD 1.00 a play\n"));
    h.recordings[2] = (struct recording_id) { { 9, 9, 9 } };
    play(&s, &h, 2, "2027-02-03T10:00:00Z");
    play(&s, &h, 0, "2027-02-03T10:00:00Z");
    assert_int_equal(due_of(&s, "north", "2027-02"), 100);
    scene_end(&s);
}

static enum code close_under_fault(struct store *store, void *context, struct error *e)
{
    ARENA(a);
    CHANGE(c);
    struct closed done;
    struct scene *s = context;
    struct close_request r = { .deals = STR("north"), .rule = OVER_HOLD };
    (void)store;
    TRY(period_parse(STR("2027-02"), &r.from, &r.until, e));
    TRY(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    TRY(flow_statement_close(&c, &r, &a, &done, e));
    return store_commit_take(take(c.act.tx), e); /* what only wakes others is left out */
}

static void nothing_stated(struct store *store, void *context)
{
    (void)context;
    assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM ledger_statements"), 0);
    assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM ledger_entries"), 0);
    assert_int_equal(
        store_fixture_int(store,
                          "SELECT COUNT(*) FROM journal_events WHERE what = 'statement.closed'"),
        0);
}

TEST(a_fault_at_any_step_of_a_close_states_and_moves_nothing)
{
    SCENE(s);
    struct house h = setting(&s);
    struct store *store = world_store(s.world);
    deal(&s, "north",
         TERMS("north", "from 2027-01-01\npay USD 1.00 a play\n"
                        "advance USD 0.50 on 2027-02-01 recouped within the year\n"));
    play(&s, &h, 0, "2027-02-03T10:00:00Z");
    play(&s, &h, 1, "2027-02-03T10:00:00Z");
    assert_true(store_fixture_each_fault(store, close_under_fault, nothing_stated, &s) > 10);
    assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM ledger_statements"), 1);
    assert_int_equal(store_fixture_int(store, "SELECT SUM(due) FROM ledger_statements"), 200);
    /* fee, advance, recouped */
    assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM ledger_entries"), 3);
    assert_int_equal(due_of(&s, "north", "2027-02"), 0);
    scene_end(&s);
}

/* The same on SQLite and on PostgreSQL: this is the hash of the lines as text, ids and all. */
#define LINES_HASH                                                                                 \
    "81edc73520312378c3353f1e30cdfdb2ff8ddf421f2ce41d5b198fbfb187dbbb\n"                           \
    "352279591b921591bf4549ea3d4420ce9b769d71c1cfb8331907ebc807b4e6f0\n"

TEST(the_same_plays_give_the_same_bytes_on_every_database)
{
    SCENE(s);
    struct closed done;
    struct house h = setting(&s);
    deal(&s, "both",
         "terms \"both\"\nlicensor south, north\nterritories Worldwide\ngrant stream\n"
         "from 2027-01-01\npay USD 0.07 a month to all\npay USD 0.003 a play\n"
         "guarantee USD 1.00 a year\nshare of plays includes unknown\n");
    for (int i = 0; i < 40; i++) {
        char at[40];
        snprintf(at, sizeof at, "2027-02-%02dT%02d:00:00Z", 1 + i * 7 % 28, i % 24);
        play(&s, &h, i * 5 % 4, at);
    }
    CHECK_OK(close_period(&s, "both", "2027-02", &a, &done, e));
    BUF(bodies);
    for (size_t i = 0; i < done.count; i++) {
        struct statement kept;
        struct statement_line *lines;
        size_t count;
        uint8_t hash[32];
        char hex[65];
        BUF(text);
        TX(tx);
        CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
        CHECK_OK(ledger_statement_get(tx, world_catalogue(s.world), done.statements[i].statement.id,
                                      &a, &kept, e));
        CHECK_OK(
            ledger_statement_lines(tx, world_catalogue(s.world), &kept, &a, &lines, &count, e));
        statement_write(lines, count, &text);
        crypto_generichash(hash, sizeof hash, text.bytes, text.length, NULL, 0);
        hex_encode(hash, sizeof hash, hex);
        buf_format(&bodies, "%s\n", hex);
    }
    assert_string_equal((const char *)bodies.bytes, LINES_HASH);
    scene_end(&s);
}

TEST(what_was_stated_can_be_computed_again_whatever_became_known_since)
{
    SCENE(s);
    struct closed done;
    struct recomputed again;
    struct house h = setting(&s);
    deal(&s, "north", TERMS("north", "from 2027-01-01\npay USD 0.30 a play\n"));
    for (int i = 0; i < 4; i++)
        play(&s, &h, i, "2027-02-03T10:00:00Z");
    CHECK_OK(close_period(&s, "north", "2027-02", &a, &done, e));
    struct statement_id first = done.statements[0].statement.id;
    assert_int_equal(done.statements[0].statement.due, 90);
    /* later: another play, and recording 0 was south's all the time */
    s.now.us += 1000000;
    play(&s, &h, 1, "2027-02-04T10:00:00Z");
    {
        CHANGE(c);
        struct claim *claims;
        size_t count;
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR("restated"), &c, e));
        CHECK_OK(registry_claim_list(c.act.tx, c.act.catalogue, h.recordings[0],
                                     (struct party_id) { { 0 } }, (struct claim_id) { { 0 } }, 10,
                                     &a, &claims, &count, e));
        claims[0].party = h.south;
        CHECK_OK(registry_claim_put(&c.act, &claims[0], e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    s.now.us += 1000000;
    play(&s, &h, 1, "2027-02-05T10:00:00Z");
    CHECK_OK(close_period(&s, "north", "2027-02", &a, &done, e));
    assert_int_equal(done.count, 1);
    assert_int_equal(done.statements[0].statement.number, 2);
    assert_int_equal(done.statements[0].statement.due, 30);
    struct statement_id ids[2] = { first, done.statements[0].statement.id };
    for (int i = 0; i < 2; i++) {
        TX(tx);
        CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
        CHECK_OK(flow_statement_recompute(tx, world_catalogue(s.world), ids[i], &a, &again, e));
        assert_true(again.same);
        assert_true(again.plays_same);
        assert_int_equal(again.inputs.read.plays, i ? 6 : 4);
    }
    scene_end(&s);
}

SCENES(STORE_TEST(what_was_stated_can_be_computed_again_whatever_became_known_since),
       STORE_TEST(a_play_is_of_who_held_it_at_its_moment),
       STORE_TEST(a_month_begins_in_the_zone_of_the_terms),
       STORE_TEST(only_the_repertoire_of_the_terms_is_paid_for),
       STORE_TEST(who_holds_the_work_is_paid_under_terms_in_a_right_of_works),
       STORE_TEST(terms_that_renew_go_on_until_somebody_ends_them),
       STORE_TEST(a_recording_that_is_gone_is_nobodys),
       STORE_TEST(a_fault_at_any_step_of_a_close_states_and_moves_nothing),
       STORE_TEST(the_same_plays_give_the_same_bytes_on_every_database))
