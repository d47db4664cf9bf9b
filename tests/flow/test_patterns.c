/* SPDX-License-Identifier: Apache-2.0 */
/* Each pattern of abuse is met as it happens, and held for a person with what was seen; and what is sent
 * in error is told so. */
#include "town.h"

#include <stdio.h>

/* ---- helpers ---- */

struct ask {
    const char *mailbox, *principal, *key, *isrc;
    struct upload_id upload;
    const char *location; /* instead of the upload's */
};

static enum code try_send(struct scene *s, struct arena *a, const struct ask *x,
                          struct received *out, struct error *e)
{
    char id[ID_TEXT];
    const char *where = x->location ? x->location
                                    : arena_format(a, "https://net.example/%s",
                                                   upload_id_format(x->upload, id));
    struct draft_item item = { KIND_UPLOAD, str_of(where), STR("Song"), STR("Singer"),
                               str_of(x->isrc ? x->isrc : "") };
    struct notice_draft d = { .channel = CHANNEL_API,
                              .regime = REGIME_DMCA,
                              .sender = str_of(x->mailbox),
                              .name = STR("Agent"),
                              .principal = str_of(x->principal ? x->principal : "holder"),
                              .once = str_of(x->key),
                              .raw = str_of(x->key),
                              .elements = ELEMENTS_ALL,
                              .proven = true,
                              .items = &item,
                              .item_count = 1 };
    return flow_notice_receive_shared(s->world, STR("test"), &d, a, out, e);
}

static struct received sent(struct scene *s, struct arena *a, const struct ask *x)
{
    struct received out = { 0 };
    CHECK_OK(try_send(s, a, x, &out, e));
    return out;
}

static struct notice_item looked_at(struct scene *s, struct arena *a, const struct ask *x)
{
    struct received got = sent(s, a, x);
    work(s);
    return item_of(s, a, got.notice);
}

static void held_for(struct scene *s, struct arena *a, const struct ask *x)
{
    struct notice_item item = looked_at(s, a, x);
    assert_string_equal(item.proposal, "abuse_pattern");
    assert_int_equal(item.now.state, ITEM_QUEUED);
    assert_string_not_equal(verdict(s, a, x->upload), "restricted");
}

/* ---- patterns ---- */

TEST(a_domain_or_name_that_looks_like_the_holders_is_held)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    vouch(&s, "agent@lantern.example"); /* of the holder, whose domain is proven */
    struct ask one = { "agent@lantem.example", "holder", "1", NULL, upload(&p, true), NULL };
    struct ask two = { "agent@lаntern.example", "holder", "2", NULL, upload(&p, true), NULL };
    struct ask name = { "x@y.example", "Hоlder", "3", NULL, upload(&p, true), NULL };
    struct ask free_mail = { "holder@gmail.com", "holder", "4", NULL, upload(&p, true), NULL };
    struct ask honest = { "agent@other.example", "holder", "5", NULL, upload(&p, true), NULL };
    held_for(&s, &a, &one);
    held_for(&s, &a, &two);
    held_for(&s, &a, &name);
    held_for(&s, &a, &free_mail);
    assert_string_equal(looked_at(&s, &a, &honest).proposal, "no_mandate");
    all_is_whole(&s);
    scene_end(&s);
}

TEST(the_same_request_from_many_accounts_is_held)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    for (int i = 0; i < 4; i++) {
        const char *mailbox = arena_format(&a, "p%d@many.example", i);
        struct ask x = { mailbox, "Somebody", "k", NULL, up, NULL };
        struct notice_item item = looked_at(&s, &a, &x);
        if (i == 0)
            assert_string_equal(item.proposal, "no_mandate");
        if (i >= 2)
            assert_string_equal(item.proposal, "abuse_pattern");
    }
    scene_end(&s);
}

TEST(one_account_or_many_as_the_target_of_a_new_sender_is_held)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct notice_item last = { 0 };
    for (int i = 0; i < 12; i++) {
        struct ask x = { "new@comer.example", "holder", arena_format(&a, "%d", i), NULL,
                         upload(&p, true),    NULL };
        last = looked_at(&s, &a, &x);
        if (i == 0)
            assert_string_equal(last.proposal, "no_mandate");
    }
    assert_string_equal(last.proposal, "abuse_pattern"); /* all of one account */
    scene_end(&s);
}

static void release_of(struct scene *s, const struct place *p, struct instant from)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    struct release release = {
        .title = "Album", .kind = RELEASE_ALBUM, .from = from, .until = INSTANT_NEVER
    };
    CHECK_OK(record_put(&c.act, &table_releases, &release, e));
    struct track track = {
        .release = release.id, .recording = p->recording, .volume = 1, .number = 1
    };
    CHECK_OK(record_put(&c.act, &table_tracks, &track, e));
    CHECK_OK(flow_change_commit(&c, e));
}

TEST(an_upload_older_than_the_work_is_held)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    char rec[ID_TEXT];
    found_town(&s, &p);
    struct upload_id up = upload(&p, true);
    release_of(&s, &p, (struct instant) { s.now.us + DAYS(30) });
    s.now.us += DAYS(60);
    struct upload_id later = upload(&p, true);
    recording_id_format(p.recording, rec);
    struct ask old = { "x@y.example", "holder", "1", rec, up, NULL };
    struct ask fresh = { "x@z.example", "holder", "2", rec, later, NULL };
    held_for(&s, &a, &old);
    assert_string_equal(looked_at(&s, &a, &fresh).proposal, "no_mandate");
    scene_end(&s);
}

/* ---- how much, how fast ---- */

TEST(what_a_sender_may_send_a_day_grows_with_proofs)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    struct received got;
    found_town(&s, &p);
    for (int i = 0; i < 101; i++) {
        struct ask x = { "fast@one.example",
                         "",
                         arena_format(&a, "%d", i),
                         NULL,
                         { { 0 } },
                         arena_format(&a, "https://net.example/%d", i) };
        if (i < 100)
            (void)sent(&s, &a, &x);
        else
            CHECK_FAILS(ERR_LIMIT, "100 a day", try_send(&s, &a, &x, &got, e));
    }
    struct ask again = { "fast@one.example", "", "7", NULL, { { 0 } }, "https://net.example/7" };
    assert_true(sent(&s, &a, &again).known); /* what was received before is no new item */
    struct ask more = { "fast@one.example", "", "x", NULL, { { 0 } }, "https://net.example/x" };
    s.now.us += DAYS(1);
    (void)sent(&s, &a, &more);
    all_is_whole(&s);
    scene_end(&s);
}

static enum sender_state state_of(struct scene *s, struct arena *a, const char *mailbox)
{
    TX(tx);
    struct sender *list;
    size_t count;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(desk_sender_list(tx, (struct sender_id) { { 0 } }, 100, a, &list, &count, e));
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].slug, mailbox) == 0)
            return list[i].state;
    STOP("no sender %s", mailbox);
    return SENDER_ACTIVE;
}

/* Links to nothing, again and again: a warning first; a day after it the next does it. */
TEST(who_goes_on_after_a_warning_is_suspended_for_a_while)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    for (int i = 0; i < 30; i++) {
        struct ask x = { "bad@one.example",
                         "",
                         arena_format(&a, "%d", i),
                         NULL,
                         { { 0 } },
                         arena_format(&a, "https://nowhere.example/%d", i) };
        (void)looked_at(&s, &a, &x);
    }
    assert_int_equal(state_of(&s, &a, "bad@one.example"), SENDER_WARNED);
    s.now.us += DAYS(2);
    for (int i = 30; i < 40; i++) {
        struct ask x = { "bad@one.example",
                         "",
                         arena_format(&a, "%d", i),
                         NULL,
                         { { 0 } },
                         arena_format(&a, "https://nowhere.example/%d", i) };
        (void)looked_at(&s, &a, &x);
    }
    assert_int_equal(state_of(&s, &a, "bad@one.example"), SENDER_SUSPENDED);
    struct ask last = { "bad@one.example", "", "x", NULL, upload(&p, true), NULL };
    assert_string_equal(looked_at(&s, &a, &last).proposal, "sender_suspended");
    s.now.us += DAYS(31);
    work(&s);
    assert_int_equal(state_of(&s, &a, "bad@one.example"), SENDER_ACTIVE);
    all_is_whole(&s);
    scene_end(&s);
}

/* ---- what is sent in error ---- */

TEST(links_of_other_sites_are_told_so)
{
    static const struct {
        const char *front, *proposal;
    } rows[] = {
        { "https://net.example/", "no_mandate" },
        { "https://NET.example:8443/", "no_mandate" },
        { "", "no_mandate" }, /* an id alone */
        { "https://other.example/", "not_hosted_here" },
        { "https://net.example.other.example/", "not_hosted_here" },
        { "https://user@other.example/?", "not_hosted_here" },
    };
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    CHECK_OK(settings_flag(&s.settings, STR("desk.hosts=net.example www.net.example"), e));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char id[ID_TEXT];
        struct upload_id up = upload(&p, true);
        struct ask x = { arena_format(&a, "a%zu@b.example", i),
                         "holder",
                         "1",
                         NULL,
                         up,
                         arena_format(&a, "%s%s", rows[i].front, upload_id_format(up, id)) };
        struct notice_item item = looked_at(&s, &a, &x);
        if (strcmp(item.proposal, rows[i].proposal) != 0)
            STOP("%s: %s", rows[i].front, item.proposal);
    }
    scene_end(&s);
}

TEST(a_counter_notice_needs_a_removal)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    char text[ID_TEXT];
    found_town(&s, &p);
    struct ask x = { "x@y.example", "holder", "1", NULL, upload(&p, true), NULL };
    struct notice_item item = looked_at(&s, &a, &x);
    struct counter_draft d = { COUNTER_OWNER, ELEMENTS_ALL, STR("mine") };
    CHECK_FAILS(ERR_CONFLICT, "nothing to counter",
                flow_notice_counter(s.world, str_of(item_id_format(item.id, text)), &d, e));
    CHECK_FAILS(ERR_NOT_FOUND, "",
                flow_notice_counter(s.world, STR("itm_00000000000000000000000001"), &d, e));
    all_is_whole(&s);
    scene_end(&s);
}

/* The clock of the machine is a day ahead, then set right: nothing fires early for good, nothing is
 * lost, and what is received under the wrong clock is received. */
TEST(a_clock_that_steps_a_day_either_way_loses_nothing)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct ask x = { "x@y.example", "holder", "1", NULL, upload(&p, true), NULL };
    struct notice_item item = looked_at(&s, &a, &x);
    static const int64_t steps[] = { 1, -1, -1, 1, 1, -1 };
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        s.now.us += DAYS(steps[i]);
        work(&s);
        struct ask y = { "x@y.example", "holder",         arena_format(&a, "s%zu", i),
                         NULL,          upload(&p, true), NULL };
        (void)looked_at(&s, &a, &y);
        all_is_whole(&s);
    }
    assert_int_equal(item.now.state, ITEM_QUEUED);
    scene_end(&s);
}

TEST(names_are_kept_as_they_are_seen)
{
    ARENA(a);
    STAGE(s);
    struct place p;
    found_town(&s, &p);
    struct ask x = { "x@y.example",
                     "Hol\xE2\x80\x8B"
                     "der\xE2\x80\xAE",
                     "1",
                     NULL,
                     upload(&p, true),
                     NULL };
    struct received got = sent(&s, &a, &x);
    TX(tx);
    struct notice n;
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(desk_notice_get(tx, got.notice, &a, &n, e));
    assert_string_equal(n.principal, "Holder");
    store_rollback(take(tx));
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_domain_or_name_that_looks_like_the_holders_is_held),
        STORE_TEST(the_same_request_from_many_accounts_is_held),
        STORE_TEST(one_account_or_many_as_the_target_of_a_new_sender_is_held),
        STORE_TEST(an_upload_older_than_the_work_is_held),
        STORE_TEST(what_a_sender_may_send_a_day_grows_with_proofs),
        STORE_TEST(who_goes_on_after_a_warning_is_suspended_for_a_while),
        STORE_TEST(links_of_other_sites_are_told_so),
        STORE_TEST(a_counter_notice_needs_a_removal),
        STORE_TEST(a_clock_that_steps_a_day_either_way_loses_nothing),
        STORE_TEST(names_are_kept_as_they_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
