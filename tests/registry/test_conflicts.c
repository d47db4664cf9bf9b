/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts are known in the transaction that brings them, and are gone when their cause is. */
#include "store_fixture.h"

#include "registry/registry.h"

struct scene {
    struct registry_act act;
    struct recording recording;
    struct party north, south;
    struct arena arena;
};

static struct store_tx *begin(struct store_fixture *f, struct scene *s)
{
    struct store_tx *tx = NULL;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    *s = (struct scene) { .act = { .tx = tx,
                                   .who = STR("tester"),
                                   .why = STR("a test"),
                                   .now = { 1700000000000000 },
                                   .chance = &f->chance },
                          .recording = { .title = "One", .artist = "A", .duration_ms = 200000 },
                          .north = { .slug = "north", .name = "North" },
                          .south = { .slug = "south", .name = "South" } };
    CHECK_OK(registry_operator(tx, s->act.now, s->act.chance, &s->act.catalogue, e));
    CHECK_OK(registry_recording_put(&s->act, &s->recording, e));
    CHECK_OK(registry_party_put(&s->act, &s->north, e));
    CHECK_OK(registry_party_put(&s->act, &s->south, e));
    return tx;
}

static struct claim put(struct scene *s, struct party_id party, int64_t share_e8, const char *where,
                        int64_t from, int64_t until)
{
    struct claim c = { .recording = s->recording.id,
                       .party = party,
                       .right = RIGHT_MAKING_AVAILABLE,
                       .share_e8 = share_e8,
                       .from = { from },
                       .until = { until } };
    CHECK_OK(territory_set_parse(str_of(where), &c.territories, NULL, e));
    CHECK_OK(registry_claim_put(&s->act, &c, e));
    return c;
}

static size_t issues(struct scene *s, const char *state, struct issue **out)
{
    struct record_filter f = RECORDS_ALL;
    void *items;
    size_t count;
    record_where(&f, "state", sql_text(state));
    CHECK_OK(
        record_list(s->act.tx, s->act.catalogue, &table_issues, &f, &s->arena, &items, &count, e));
    *out = items;
    return count;
}

TEST(an_over_claim_is_an_issue_until_the_shares_agree)
{
    FIXTURE(f);
    struct scene s;
    struct issue *found;
    TX(tx);
    tx = begin(f, &s);
    put(&s, s.north.id, SHARE_WHOLE_E8, "Worldwide -US", 10, 1000);
    assert_int_equal(issues(&s, "open", &found), 0);
    struct claim c = put(&s, s.south.id, 50000000, "DE,US", 100, 500);
    assert_int_equal(issues(&s, "open", &found), 1);
    assert_string_equal(territory_set_text(&found->territories, &s.arena), "DE");
    assert_true(found->from.us == 100 && found->until.us == 500);
    assert_int_equal(found->amount_e8, 150000000);
    assert_true(found->expires.us > s.act.now.us && found->closed.us == INT64_MAX);
    struct issue_id id = found->id;

    s.act.now.us += 5; /* another territory: the same issue, brought up to date */
    CHECK_OK(territory_set_parse(STR("DE,FR"), &c.territories, NULL, e));
    CHECK_OK(registry_claim_put(&s.act, &c, e));
    assert_int_equal(issues(&s, "open", &found), 1);
    assert_true(issue_id_equal(id, found->id) && found->version == 2);

    s.act.now.us += 5;
    CHECK_OK(registry_claim_withdraw(&s.act, c.id, e));
    assert_int_equal(issues(&s, "open", &found), 0);
    assert_int_equal(issues(&s, "resolved", &found), 1);
    assert_true(found->closed.us == s.act.now.us);
    void *versions;
    size_t count;
    CHECK_OK(record_versions(tx, s.act.catalogue, &table_issues, id.bytes, &s.arena, &versions,
                             &count, e));
    assert_int_equal(count, 3);
    arena_done(&s.arena);
}

TEST(what_a_person_dismissed_comes_back_only_when_it_changes)
{
    FIXTURE(f);
    struct scene s;
    struct issue *found;
    TX(tx);
    tx = begin(f, &s);
    put(&s, s.north.id, SHARE_WHOLE_E8, "Worldwide", 10, 1000);
    struct claim c = put(&s, s.south.id, 50000000, "DE", 10, 1000);
    assert_int_equal(issues(&s, "open", &found), 1);
    found->state = ISSUE_DISMISSED;
    found->owner = "kim";
    CHECK_OK(registry_issue_put(&s.act, found, e));
    CHECK_OK(registry_conflicts_check(&s.act, s.recording.id, (struct work_id) { { 0 } }, e));
    assert_int_equal(issues(&s, "open", &found), 0);
    c.share_e8 = 60000000;
    CHECK_OK(registry_claim_put(&s.act, &c, e));
    assert_int_equal(issues(&s, "open", &found), 1);
    size_t count;
    s.act.now = found->expires;
    CHECK_OK(registry_issues_expire(&s.act, &count, e));
    assert_int_equal(count, 1);
    assert_int_equal(issues(&s, "expired", &found), 1);
    arena_done(&s.arena);
}

TEST(works_have_sums_of_their_own)
{
    FIXTURE(f);
    struct scene s;
    struct issue *found;
    TX(tx);
    tx = begin(f, &s);
    struct work w = { .title = "One" };
    CHECK_OK(registry_work_put(&s.act, &w, e));
    put(&s, s.north.id, SHARE_WHOLE_E8, "Worldwide", 10, 1000);
    for (int i = 0; i < 2; i++) {
        struct claim c = { .work = w.id,
                           .party = i ? s.north.id : s.south.id,
                           .right = RIGHT_MECHANICAL,
                           .share_e8 = 70000000,
                           .territories = territory_set_world(),
                           .from = INSTANT_FIRST,
                           .until = INSTANT_NEVER };
        CHECK_OK(registry_claim_put(&s.act, &c, e));
        assert_int_equal(issues(&s, "open", &found), (size_t)i);
    }
    assert_true(work_id_equal(found->work, w.id) && found->right == RIGHT_MECHANICAL);
    arena_done(&s.arena);
}

TEST(double_deliveries_are_issues)
{
    FIXTURE(f);
    struct scene s;
    struct issue *found;
    TX(tx);
    tx = begin(f, &s);
    struct recording again = { .title = "One", .artist = "A", .duration_ms = 200300 },
                     other = { .title = "One", .artist = "A", .duration_ms = 230000 };
    CHECK_OK(registry_recording_put(&s.act, &other, e));
    assert_int_equal(issues(&s, "open", &found), 0);
    CHECK_OK(registry_recording_put(&s.act, &again, e));
    assert_int_equal(issues(&s, "open", &found), 1);
    assert_true(found->kind == ISSUE_DOUBLE_DELIVERY &&
                recording_id_equal(found->other_recording, s.recording.id));
    for (int i = 0; i < 2; i++) {
        struct reference r = { .recording = i ? other.id : s.recording.id,
                               .party = i ? s.south.id : s.north.id,
                               .file = "one.ogg",
                               .audio = "00ff",
                               .state = REFERENCE_INDEXED };
        CHECK_OK(registry_reference_put(&s.act, &r, e));
        assert_int_equal(issues(&s, "open", &found), 1 + (size_t)i);
    }
    arena_done(&s.arena);
}

TEST(a_scan_finds_what_the_changes_found)
{
    FIXTURE(f);
    struct scene s;
    struct issue *found;
    struct conflict_scan scan;
    TX(tx);
    tx = begin(f, &s);
    for (int i = 0; i < 20; i++) {
        char title[20];
        snprintf(title, sizeof title, "%d", i);
        s.recording = (struct recording) { .title = title };
        CHECK_OK(registry_recording_put(&s.act, &s.recording, e));
        put(&s, s.north.id, 60000000, "Worldwide", 10, 1000);
        put(&s, s.south.id, i % 4 ? 40000000 : 50000000, "DE", 10, 1000);
    }
    CHECK_OK(registry_conflicts_scan(&s.act, false, &scan, e));
    assert_true(scan.recordings == 20 && scan.claims == 40 && scan.over == 5);
    CHECK_OK(store_run(tx, "DELETE FROM registry_issues", SQL_NONE, NULL, e));
    CHECK_OK(registry_conflicts_scan(&s.act, true, &scan, e));
    assert_int_equal(issues(&s, "open", &found), 5);
    arena_done(&s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_over_claim_is_an_issue_until_the_shares_agree),
        STORE_TEST(what_a_person_dismissed_comes_back_only_when_it_changes),
        STORE_TEST(works_have_sums_of_their_own),
        STORE_TEST(double_deliveries_are_issues),
        STORE_TEST(a_scan_finds_what_the_changes_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
