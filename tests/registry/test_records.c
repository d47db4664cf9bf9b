/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include "journal/journal.h"
#include "licence/licence.h"
#include "registry/registry.h"

static struct registry_act act_of(struct store_fixture *f, struct store_tx *tx)
{
    struct registry_act act = { .tx = tx,
                                .who = STR("tester"),
                                .why = STR("a test"),
                                .now = { 1700000000000000 },
                                .chance = &f->chance };
    CHECK_OK(registry_operator(tx, act.now, act.chance, &act.catalogue, e));
    return act;
}

TEST(the_operator_is_made_once)
{
    FIXTURE(f);
    TX(tx);
    struct party_id one, two;
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_OK(registry_operator(tx, (struct instant) { 1 }, &f->chance, &one, e));
    CHECK_OK(registry_operator(tx, (struct instant) { 2 }, &f->chance, &two, e));
    assert_true(party_id_equal(one, two));
}

TEST(a_party_is_put_changed_found_and_listed)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct party p = { .slug = "north", .name = "North Records", .isni = "0000 0000 8126 6409" };
    struct party got, *list;
    size_t count;
    CHECK_OK(registry_party_put(&act, &p, e));
    assert_int_equal(p.version, 1);
    CHECK_OK(registry_party_find(tx, act.catalogue, STR("north"), &a, &got, e));
    assert_string_equal(got.isni, "0000000081266409");
    got.name = "North";
    CHECK_OK(registry_party_put(&act, &got, e));
    assert_int_equal(got.version, 2);
    CHECK_FAILS(ERR_CONFLICT, "version 2, not 1", registry_party_put(&act, &p, e));
    CHECK_OK(registry_party_get(tx, act.catalogue, p.id, &a, &got, e));
    assert_string_equal(got.name, "North");
    CHECK_OK(registry_party_list(tx, act.catalogue, (struct party_id) { { 0 } }, 10, &a, &list,
                                 &count, e));
    assert_int_equal(count, 2);
    CHECK_OK(registry_party_list(tx, act.catalogue, list[0].id, 10, &a, &list, &count, e));
    assert_int_equal(count, 1);
}

TEST(fields_out_of_form_are_named)
{
    FIXTURE(f);
    TX(tx);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct party p = { .slug = "No Slug", .name = "x" };
    struct recording r = { .title = "", .artist = "" };
    CHECK_FAILS(ERR_INVALID, "\"No Slug\"", registry_party_put(&act, &p, e));
    p = (struct party) { .slug = "x", .name = "" };
    CHECK_FAILS(ERR_INVALID, "name is missing", registry_party_put(&act, &p, e));
    p = (struct party) { .slug = "x", .name = "x", .isni = "0000000081266400" };
    CHECK_FAILS(ERR_INVALID, "ISNI", registry_party_put(&act, &p, e));
    CHECK_FAILS(ERR_INVALID, "title is missing", registry_recording_put(&act, &r, e));
    r = (struct recording) { .title = "x", .isrc = "nonsense" };
    CHECK_FAILS(ERR_INVALID, "ISRC", registry_recording_put(&act, &r, e));
}

TEST(two_recordings_cannot_have_one_isrc)
{
    FIXTURE(f);
    TX(tx);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct recording one = { .title = "One", .isrc = "QZ-ABC-26-00001" },
                     two = { .title = "Two", .isrc = "QZABC2600001" };
    CHECK_OK(registry_recording_put(&act, &one, e));
    CHECK_OK(store_savepoint(tx, e));
    CHECK_FAILS(ERR_CONFLICT, "", registry_recording_put(&act, &two, e));
    CHECK_OK(store_rollback_to(tx, e));
}

TEST(references_claims_and_policies_come_back_as_put)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct recording r = { .title = "One", .artist = "A" };
    CHECK_OK(registry_recording_put(&act, &r, e));

    struct reference ref = { .recording = r.id,
                             .party = act.catalogue,
                             .file = "one.ogg",
                             .audio = "00ff",
                             .duration_ms = 1000,
                             .state = REFERENCE_INDEXED };
    struct reference ref_got;
    int64_t n;
    CHECK_OK(registry_reference_put(&act, &ref, e));
    CHECK_OK(registry_reference_find(tx, act.catalogue, STR("00ff"), r.id, &a, &ref_got, e));
    assert_true(reference_id_equal(ref.id, ref_got.id));
    assert_null(ref_got.fingerprint);
    CHECK_OK(registry_reference_count(tx, act.catalogue, REFERENCE_INDEXED, &n, e));
    assert_int_equal(n, 1);

    struct claim c = { .recording = r.id,
                       .party = act.catalogue,
                       .right = RIGHT_MAKING_AVAILABLE,
                       .share_e8 = SHARE_WHOLE_E8 / 2,
                       .from = INSTANT_FIRST,
                       .until = INSTANT_NEVER };
    struct claim c_got, *claims;
    size_t count;
    CHECK_OK(territory_set_parse(STR("Worldwide -US"), &c.territories, NULL, e));
    CHECK_OK(registry_claim_put(&act, &c, e));
    CHECK_OK(registry_claim_get(tx, act.catalogue, c.id, &a, &c_got, e));
    assert_true(territory_set_equal(&c.territories, &c_got.territories));
    assert_true(c_got.until.us == INT64_MAX && c_got.from.us == INT64_MIN);
    assert_true(c_got.filed.us == act.now.us);
    CHECK_OK(registry_claim_list(tx, act.catalogue, r.id, act.catalogue,
                                 (struct claim_id) { { 0 } }, 5, &a, &claims, &count, e));
    assert_int_equal(count, 1);
    CHECK_OK(registry_claim_withdraw(&act, c.id, e));
    CHECK_FAILS(ERR_NOT_FOUND, "there is no claim",
                registry_claim_get(tx, act.catalogue, c.id, &a, &c_got, e));
    c.id = (struct claim_id) { { 0 } };
    c.share_e8 = SHARE_WHOLE_E8 + 1;
    CHECK_FAILS(ERR_INVALID, "share", registry_claim_put(&act, &c, e));

    struct app_id apps[2] = { { { 1 } }, { { 2 } } };
    struct holder_policy p = { .party = act.catalogue,
                               .action = ACTION_BLOCK,
                               .territories = territory_set_world(),
                               .apps = apps,
                               .app_count = 2,
                               .from = INSTANT_FIRST,
                               .until = INSTANT_NEVER };
    struct holder_policy p_got;
    CHECK_OK(conditions_parse(STR("seconds > 30 & percent_of_upload >= 12.5"), p.conditions,
                              &p.condition_count, e));
    CHECK_OK(registry_policy_put(&act, &p, e));
    CHECK_OK(registry_policy_get(tx, act.catalogue, p.id, &a, &p_got, e));
    assert_int_equal(p_got.condition_count, 2);
    assert_true(p_got.conditions[1].value_e8 == 1250000000);
    assert_int_equal(p_got.app_count, 2);
    assert_true(app_id_equal(p_got.apps[1], apps[1]));
    assert_true(recording_id_is_none(p_got.recording));
}

TEST(a_licence_comes_back_as_put_and_can_be_ended)
{
    FIXTURE(f);
    TX(tx);
    ARENA(a);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct network_id networks[1] = { { { 7 } } };
    struct licence l = { .licensor = act.catalogue,
                         .name = "North 2026",
                         .networks = networks,
                         .network_count = 1,
                         .uses = USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW),
                         .models = MODEL_BIT(MODEL_FREE),
                         .territories = territory_set_world(),
                         .from = { 0 },
                         .until = { 1000 },
                         .clip_seconds = 30 };
    struct licence got, *list;
    size_t count;
    CHECK_OK(licence_put(&act, &l, e));
    CHECK_OK(licence_get(tx, act.catalogue, l.id, &a, &got, e));
    assert_int_equal(got.uses, l.uses);
    assert_int_equal(got.models, l.models);
    assert_int_equal(got.clip_seconds, 30);
    assert_int_equal(got.app_count, 0);
    assert_true(network_id_equal(got.networks[0], networks[0]));
    CHECK_OK(licence_end(&act, l.id, e));
    CHECK_OK(licence_list(tx, act.catalogue, (struct party_id) { { 0 } },
                          (struct licence_id) { { 0 } }, 5, &a, &list, &count, e));
    assert_int_equal(count, 0);
    l.until.us = 0;
    CHECK_FAILS(ERR_INVALID, "until", licence_put(&act, &l, e));
}

TEST(every_change_is_in_the_journal_and_raises_the_generation)
{
    FIXTURE(f);
    TX(tx);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    struct registry_act act = act_of(f, tx);
    struct journal_head head, later;
    int64_t before, after;
    struct recording r = { .title = "One" };
    CHECK_OK(journal_head(tx, &head, e));
    CHECK_OK(registry_generation(tx, act.catalogue, &before, e));
    CHECK_OK(registry_recording_put(&act, &r, e));
    r.title = "Two";
    CHECK_OK(registry_recording_put(&act, &r, e));
    CHECK_OK(journal_head(tx, &later, e));
    CHECK_OK(registry_generation(tx, act.catalogue, &after, e));
    assert_int_equal(later.size, head.size + 2);
    assert_int_equal(after, before + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(the_operator_is_made_once),
        STORE_TEST(a_party_is_put_changed_found_and_listed),
        STORE_TEST(fields_out_of_form_are_named),
        STORE_TEST(two_recordings_cannot_have_one_isrc),
        STORE_TEST(references_claims_and_policies_come_back_as_put),
        STORE_TEST(a_licence_comes_back_as_put_and_can_be_ended),
        STORE_TEST(every_change_is_in_the_journal_and_raises_the_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
