/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: from receipt to put-back, on both stores, with a set clock. */
#include "town.h"

/* ---- tests ---- */

TEST(a_verified_match_is_restricted_by_rule_and_put_back_by_the_clock)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct upload_id up = upload(&p, true), copy = upload(&p, true);
    vouch(&s, "agent@holder.example");
    struct received got = send_of(&s, &a, "agent@holder.example", up, ELEMENTS_ALL, "k1");
    assert_string_not_equal(verdict(&s, &a, up), "restricted");
    work(&s);
    struct notice_item item = item_of(&s, &a, got.notice);
    assert_int_equal(item.now.state, ITEM_RESTRICTED);
    assert_string_equal(verdict(&s, &a, up), "restricted");
    assert_string_equal(verdict(&s, &a, copy), "stay_down");

    char text[ID_TEXT];
    struct counter_draft counter = { COUNTER_AUTHORIZED, ELEMENTS_ALL, STR("it is mine") };
    CHECK_OK(flow_notice_counter(s.world, str_of(item_id_format(item.id, text)), &counter, e));
    CHECK_FAILS(ERR_CONFLICT, "nothing to counter",
                flow_notice_counter(s.world, str_of(text), &counter, e));
    for (int day = 0; day < 30; day++) { /* an outage does not matter, nor how often it is asked */
        struct notice_item now = item_of(&s, &a, got.notice);
        bool back = now.now.state == ITEM_RESTORED;
        assert_true(back || now.now.state == ITEM_COUNTERED);
        assert_int_equal(back, s.now.us >= now.due.us || day > 20 || back);
        s.now.us += DAYS(1);
        work(&s);
    }
    assert_int_equal(item_of(&s, &a, got.notice).now.state, ITEM_RESTORED);
    assert_string_not_equal(verdict(&s, &a, up), "restricted");
    assert_string_not_equal(verdict(&s, &a, copy), "stay_down");
    all_is_whole(&s);
    scene_end(&s);
}

TEST(a_notice_sent_again_is_the_same_notice)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    struct received one = send_of(&s, &a, "x@y.example", up, ELEMENTS_ALL, "k1");
    struct received two = send_of(&s, &a, "x@y.example", up, ELEMENTS_ALL, "k1");
    struct received three = send_of(&s, &a, "x@y.example", up, ELEMENTS_ALL, "");
    assert_false(one.known);
    assert_true(two.known && notice_id_equal(one.notice, two.notice));
    assert_true(three.known && notice_id_equal(one.notice, three.notice));
    all_is_whole(&s);
    scene_end(&s);
}

TEST(nothing_happens_to_an_upload_before_the_mailbox_is_proven)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    char id[ID_TEXT];
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    struct received got = send_of(&s, &a, "new@sender.example", up,
                                  ELEMENTS_ALL & ~(unsigned)ELEMENT_GOOD_FAITH, "");
    assert_string_equal(got.missing_words.at, "good_faith");
    work(&s);
    assert_int_equal(item_of(&s, &a, got.notice).now.state, ITEM_WAITING);
    notice_id_format(got.notice, id);
    CHECK_FAILS(ERR_DENIED, "link", flow_notice_confirm(s.world, str_of(id), STR("guess"), e));
    CHECK_OK(flow_notice_confirm(s.world, str_of(id), got.confirm, e));
    CHECK_FAILS(ERR_CONFLICT, "nothing to confirm",
                flow_notice_confirm(s.world, str_of(id), got.confirm, e));
    work(&s);
    assert_int_equal(item_of(&s, &a, got.notice).now.state, ITEM_WAITING);
    CHECK_OK(flow_notice_complete(s.world, str_of(id), ELEMENT_GOOD_FAITH, STR("I believe"),
                                  STR("sender"), e));
    work(&s);
    /* without a proven mandate a person looks */
    assert_int_equal(item_of(&s, &a, got.notice).now.state, ITEM_QUEUED);
    all_is_whole(&s);
    scene_end(&s);
}

TEST(who_does_not_answer_lapses)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    struct received ghost = send_of(&s, &a, "ghost@void.example", up, ELEMENTS_ALL, "");
    s.now.us += DAYS(7) - 1;
    work(&s);
    assert_int_equal(item_of(&s, &a, ghost.notice).now.state, ITEM_WAITING);
    s.now.us += DAYS(30);
    work(&s);
    struct notice_item item = item_of(&s, &a, ghost.notice);
    assert_int_equal(item.now.state, ITEM_DECLINED);
    assert_int_equal(item.held_reason, REASON_UNREACHABLE);
    all_is_whole(&s);
    scene_end(&s);
}

static struct notice_item act(struct scene *s, struct arena *a, struct item_id id,
                              const char *event, const char *reason, const char *person)
{
    char text[ID_TEXT];
    struct notice_item out = { 0 };
    struct item_act x = { str_of(item_id_format(id, text)), str_of(event), str_of(reason),
                          str_of(person), STR("looked") };
    CHECK_OK(flow_notice_act(s->world, &x, a, &out, e));
    return out;
}

TEST(a_complaint_is_decided_by_another_person)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    char text[ID_TEXT];
    struct notice_item out;
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    struct received got = send_of(&s, &a, "some@one.example", up, ELEMENTS_ALL, "");
    CHECK_OK(
        flow_notice_confirm(s.world, str_of(notice_id_format(got.notice, text)), got.confirm, e));
    work(&s);
    struct notice_item item = item_of(&s, &a, got.notice);
    act(&s, &a, item.id, "claim", "", "ann");
    act(&s, &a, item.id, "restrict", "", "ann");
    assert_string_equal(verdict(&s, &a, up), "restricted");
    item_id_format(item.id, text);
    CHECK_OK(flow_notice_complain(s.world, str_of(text), ACTOR_UPLOADER, STR("not so"), e));
    struct item_act same = { str_of(text), STR("reverse"), STR(""), STR("ann"), STR("") };
    CHECK_FAILS(ERR_DENIED, "another person", flow_notice_act(s.world, &same, &a, &out, e));
    act(&s, &a, item.id, "reverse", "", "bob");
    assert_string_not_equal(verdict(&s, &a, up), "restricted");
    all_is_whole(&s);
    scene_end(&s);
}

TEST(a_bulk_act_is_previewed_and_undone_within_a_day)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    enum { N = 20 };
    struct str items[N];
    struct notice_id notices[N];
    struct bulk_done done;
    found_town(&s, &p);
    for (int i = 0; i < N; i++) {
        char key[16], text[ID_TEXT];
        snprintf(key, sizeof key, "b%d", i);
        struct received got = send_of(&s, &a, "some@one.example", upload(&p, true), ELEMENTS_ALL,
                                      key);
        notices[i] = got.notice;
        if (got.confirm.length)
            CHECK_OK(flow_notice_confirm(s.world, str_of(notice_id_format(got.notice, text)),
                                         got.confirm, e));
    }
    work(&s);
    for (int i = 0; i < N; i++) {
        char text[ID_TEXT];
        struct notice_item item = item_of(&s, &a, notices[i]);
        items[i] = str_of(arena_format(&a, "%s", item_id_format(item.id, text)));
    }
    struct bulk_act x = { .event = STR("restrict"),
                          .person = STR("ann"),
                          .why = STR("a campaign"),
                          .items = items,
                          .count = N,
                          .preview = true };
    CHECK_OK(flow_notice_bulk(s.world, &x, &done, e));
    assert_int_equal(done.moved, N);
    assert_int_equal(item_of(&s, &a, notices[0]).now.state, ITEM_QUEUED);
    x.preview = false;
    CHECK_OK(flow_notice_bulk(s.world, &x, &done, e));
    assert_int_equal(item_of(&s, &a, notices[3]).now.state, ITEM_RESTRICTED);
    struct bulk_done undone;
    CHECK_OK(flow_notice_undo(s.world, str_of(done.id), STR("bob"), &undone, e));
    assert_int_equal(undone.moved, N);
    assert_int_equal(item_of(&s, &a, notices[3]).now.state, ITEM_RESTORED);
    CHECK_FAILS(ERR_CONFLICT, "undone before",
                flow_notice_undo(s.world, str_of(done.id), STR("bob"), &undone, e));
    all_is_whole(&s);
    scene_end(&s);
}

/* ---- what fails leaves all or nothing ---- */

static enum code receive_again(struct store *store, void *context, struct error *e)
{
    struct place *p = context;
    ARENA(a);
    char text[ID_TEXT];
    (void)store;
    struct draft_item item = { KIND_UPLOAD, str_of(upload_id_format(p->upload, text)), STR("Song"),
                               STR(""), STR("") };
    struct notice_draft d = { .channel = CHANNEL_API,
                              .sender = STR("agent@holder.example"),
                              .principal = STR("holder"),
                              .once = STR("fault"),
                              .raw = STR("x"),
                              .elements = ELEMENTS_ALL,
                              .items = &item,
                              .item_count = 1 };
    struct received out;
    enum code code;
    struct error error = { 0 };
    TRY(flow_notice_receive(p->scene->world, STR("test"), &d, 1, &a, &out, &code, &error, e));
    assert_int_equal(code, OK);
    size_t count;
    return flow_notice_work(p->scene->world, 10, &count, e);
}

static void is_whole(struct store *store, void *context)
{
    struct place *p = context;
    store_fault_after(store, 0);
    all_is_whole(p->scene);
}

TEST(a_fault_anywhere_between_receipt_and_answer_leaves_all_or_nothing)
{
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    vouch(&s, "agent@holder.example");
    p.upload = upload(&p, true);
    int64_t faults = store_fixture_each_fault(world_store(s.world), receive_again, is_whole, &p);
    assert_true(faults > 15);
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(store_one(tx, "SELECT COUNT(*) FROM desk_notices", SQL_NONE, &r, &found, e));
    assert_int_equal(store_int(r, 0), 1);
    store_rows_free(take(r));
    CHECK_OK(store_one(tx, "SELECT COUNT(*) FROM desk_decisions", SQL_NONE, &r, &found, e));
    assert_int_equal(store_int(r, 0), 1);
    store_rollback(take(tx));
    scene_end(&s);
}

/* ---- the founding case, small ---- */

static void simulate(struct scene *s, struct buf *dossier)
{
    TX(tx);
    struct simulate_options o = { .seed = 3, .requests = 1500, .declined = 200 };
    struct simulated out;
    s->now = day_begin(day_from_civil(2014, 5, 1));
    CHECK_OK(flow_simulate(s->world, &o, &s->now, &out, e));
    assert_int_equal(out.wrong, 0);
    assert_int_equal(out.requests, 1500);
    assert_int_equal(out.turned_down, 200);
    struct dossier_options d = { .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER,
                                 .sample = 50,
                                 .secret = world_sign_secret(s->world),
                                 .key = world_sign_public(s->world) };
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(desk_dossier_write(tx, &d, dossier, e));
}

TEST(the_founding_case_has_its_outcomes_and_its_dossier_checks)
{
    STAGE(s);
    BUF(dossier);
    struct dossier_report r;
    simulate(&s, &dossier);
    CHECK_OK(desk_dossier_check(buf_as_str(&dossier), world_sign_public(s.world), &r, e));
    assert_int_equal(r.requests, 1500);
    assert_int_equal(r.turned_down, 200);
    assert_int_equal(r.sampled, 50);
    all_is_whole(&s);
    uint64_t chance = 5;
    struct chance c = chance_seeded(&chance);
    for (int i = 0; i < 60; i++) { /* any byte changed is found */
        uint32_t at;
        struct error ignored;
        c.fill(c.state, (uint8_t *)&at, sizeof at);
        at %= (uint32_t)dossier.length;
        dossier.bytes[at] ^= 1;
        assert_int_equal(
            desk_dossier_check(buf_as_str(&dossier), world_sign_public(s.world), &r, &ignored),
            ERR_CORRUPT);
        dossier.bytes[at] ^= 1;
    }
    scene_end(&s);
}

TEST(the_same_seed_gives_the_same_bytes)
{
    FIXTURE(f);
    BUF(one);
    BUF(two);
    struct scene s;
    if (store_kind(f->store) != STORE_SQLITE)
        skip(); /* two worlds share a database there */
    for (int i = 0; i < 2; i++) {
        scene_begin(&s, f, NULL);
        settings_done(&s.settings);
        world_close(s.world);
        s.world = NULL;
        settings_init(&s.settings);
        s.seed = 7;
        scene_open(&s, NULL);
        simulate(&s, i ? &two : &one);
        scene_end(&s);
    }
    assert_int_equal(one.length, two.length);
    /* all but the key, which is made anew with each folder, and what is signed with it */
    struct str a = buf_as_str(&one), b = buf_as_str(&two), x, y;
    while (str_split(&a, '\n', &x) && str_split(&b, '\n', &y))
        if (!str_starts(x, "key ") && !str_starts(x, "signature "))
            assert_true(str_equal(x, y));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_verified_match_is_restricted_by_rule_and_put_back_by_the_clock),
        STORE_TEST(a_notice_sent_again_is_the_same_notice),
        STORE_TEST(nothing_happens_to_an_upload_before_the_mailbox_is_proven),
        STORE_TEST(who_does_not_answer_lapses),
        STORE_TEST(a_complaint_is_decided_by_another_person),
        STORE_TEST(a_bulk_act_is_previewed_and_undone_within_a_day),
        STORE_TEST(a_fault_anywhere_between_receipt_and_answer_leaves_all_or_nothing),
        STORE_TEST(the_founding_case_has_its_outcomes_and_its_dossier_checks),
        STORE_TEST(the_same_seed_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
