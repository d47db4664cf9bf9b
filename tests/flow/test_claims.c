/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on uploads: made, held back, moved, lapsed, undone; and what verdicts hear of it. */
#include "flow/scene.h"

#include "flow/claims.h"
#include "flow/work.h"

struct house {
    struct scene scene;
    struct arena arena;
    struct party label, other;
    struct recording song;
    struct reference ref;
    struct network network;
    struct app app;
    int uploads;
};

static struct change begin(struct house *h)
{
    struct change c = { 0 };
    CHECK_OK(flow_change_begin(h->scene.world, STR("tester"), STR("a test"), &c, e));
    return c;
}

static void commit(struct change *c)
{
    CHECK_OK(flow_change_commit(c, e));
    flow_change_done(c);
}

/* A label that blocks its song, delivered by it; a network and an app. */
static void house_begin(struct house *h, struct store_fixture *f)
{
    *h = (struct house) { .label = { .slug = "label", .name = "Label" },
                          .other = { .slug = "other", .name = "Other" },
                          .song = { .title = "Song", .artist = "A", .duration_ms = 100000 },
                          .network = { .slug = "site", .name = "Site", .unlicensed = "full" },
                          .app = { .slug = "web", .name = "Web" } };
    scene_begin(&h->scene, f, NULL);
    struct change c = begin(h);
    struct access_act access = flow_change_access(&c);
    CHECK_OK(registry_party_put(&c.act, &h->label, e));
    CHECK_OK(registry_party_put(&c.act, &h->other, e));
    CHECK_OK(registry_recording_put(&c.act, &h->song, e));
    h->ref = (struct reference) { .recording = h->song.id,
                                  .party = h->label.id,
                                  .file = "song.ogg",
                                  .audio = "00",
                                  .duration_ms = 100000,
                                  .state = REFERENCE_INDEXED };
    CHECK_OK(registry_reference_put(&c.act, &h->ref, e));
    struct claim share = { .recording = h->song.id,
                           .party = h->label.id,
                           .share_e8 = SHARE_WHOLE_E8,
                           .territories = territory_set_world(),
                           .from = INSTANT_FIRST,
                           .until = INSTANT_NEVER };
    CHECK_OK(registry_claim_put(&c.act, &share, e));
    struct holder_policy block = { .party = h->label.id,
                                   .action = ACTION_BLOCK,
                                   .territories = territory_set_world(),
                                   .from = INSTANT_FIRST,
                                   .until = INSTANT_NEVER };
    CHECK_OK(conditions_parse(STR("seconds > 10"), block.conditions, &block.condition_count, e));
    CHECK_OK(registry_policy_put(&c.act, &block, e));
    CHECK_OK(access_network_put(&access, &h->network, e));
    h->app.network = h->network.id;
    CHECK_OK(access_app_put(&access, &h->app, e));
    commit(&c);
    CHECK_OK(world_follow(h->scene.world, e));
}

static void house_end(struct house *h)
{
    arena_done(&h->arena);
    scene_end(&h->scene);
}

static void setting(struct house *h, const char *flag)
{
    CHECK_OK(settings_flag(&h->scene.settings, str_of(flag), e));
}

/* An upload in which the song is heard from 20 s to 60 s. `exception`: what its uploader says. */
static struct upload upload(struct house *h, const char *exception)
{
    struct change c = begin(h);
    struct upload u = { .id = upload_id_make(c.act.now, c.act.chance),
                        .network = h->network.id,
                        .version = 1,
                        .uploader = arena_format(&h->arena, "user-%d", h->uploads++),
                        .file = "up.mp3",
                        .state = UPLOAD_HEARD,
                        .duration_ms = 120000,
                        .received = c.act.now,
                        .heard = c.act.now };
    struct media_match m = { .id = match_id_make(c.act.now, c.act.chance),
                             .upload = u.id,
                             .network = u.network,
                             .reference = h->ref.id,
                             .recording = h->song.id,
                             .upload_from_ms = 20000,
                             .upload_to_ms = 60000,
                             .reference_from_ms = 10000,
                             .reference_to_ms = 50000,
                             .reference_ms = 100000,
                             .speed = 1,
                             .found = c.act.now };
    CHECK_OK(media_upload_put(c.act.tx, &u, e));
    CHECK_OK(media_match_put(c.act.tx, &m, e));
    if (exception) {
        struct exception x = { .upload = u.id, .network = u.network };
        CHECK_OK(exception_kind_parse(str_of(exception), &x.kind, e));
        CHECK_OK(registry_exception_put(&c.act, &x, e));
    }
    CHECK_OK(claims_of_upload(h->scene.world, &c.act, &u, e));
    CHECK_OK(claims_of_upload(h->scene.world, &c.act, &u, e)); /* once, however often */
    commit(&c);
    return u;
}

static struct upload_claim claim_on(struct house *h, const struct upload *u)
{
    TX(tx);
    struct upload_claim *all;
    size_t count;
    CHECK_OK(store_begin(world_store(h->scene.world), STORE_READ, &tx, e));
    CHECK_OK(registry_upload_claim_list(tx, world_catalogue(h->scene.world), u->id,
                                        (struct reference_id) { { 0 } }, &h->arena, &all, &count,
                                        e));
    assert_int_equal(count, 1);
    return all[0];
}

static void wants(struct house *h, const struct upload *u, const char *mode, const char *reason)
{
    char id[ID_TEXT];
    struct decided d;
    struct decide_request r = { .subject = str_of(upload_id_format(u->id, id)),
                                .network = STR("site"),
                                .app = STR("web"),
                                .territory = STR("DE"),
                                .keep = true };
    struct explained x;
    CHECK_OK(flow_decide(h->scene.world, &r, &h->arena, &d, e));
    if (strcmp(verdict_mode_word(d.verdict.mode), mode) != 0 || !strstr(d.verdict_json, reason))
        STOP("want %s (%s): %s", mode, reason, d.verdict_json);
    CHECK_OK(flow_explain(h->scene.world, str_of(verdict_id_format(d.id, id)), &h->arena, &x, e));
    assert_true(x.same);
}

static enum code move(struct house *h, struct upload_claim_id id, enum upload_claim_event event,
                      enum mover mover, const char *reason, struct error *e)
{
    CHANGE(c);
    struct upload_claim moved;
    TRY(flow_change_begin(h->scene.world, STR("tester"), STR(""), &c, e));
    TRY(flow_claim_move(&c, id, event, 1u << mover, str_of(reason), STR("words"), &h->arena, &moved,
                        e));
    return flow_change_commit(&c, e);
}

/* All that is due, of whatever kind; what comes again by itself ends the loop. */
static void do_jobs(struct house *h)
{
    bool did = true;
    for (int i = 0; did && i < 100; i++)
        CHECK_OK(flow_job_once(h->scene.world, &did, e));
}

TEST(a_match_claims_the_upload_for_its_holder_and_says_what_was_heard)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL);
    struct upload_claim c = claim_on(&h, &u);
    assert_true(c.state == UPLOAD_CLAIM_ACTIVE && c.action == ACTION_BLOCK);
    assert_true(c.matched_ms == 40000 && c.longest_ms == 40000 && c.segments == 1);
    assert_true(party_id_equal(c.party, h.label.id) && party_id_equal(c.source, h.label.id));
    wants(&h, &u, "deny", "blocked_by_holder");
    house_end(&h);
}

TEST(a_dispute_that_nobody_answers_ends_the_claim)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL);
    struct upload_claim c = claim_on(&h, &u);
    CHECK_FAILS(ERR_INVALID, "reason", move(&h, c.id, CLAIM_DISPUTE, MOVER_UPLOADER, "", e));
    CHECK_FAILS(ERR_DENIED, "not yours", move(&h, c.id, CLAIM_DISPUTE, MOVER_CLAIMANT, "", e));
    CHECK_FAILS(ERR_CONFLICT, "takes no", move(&h, c.id, CLAIM_REJECT, MOVER_CLAIMANT, "", e));
    CHECK_OK(move(&h, c.id, CLAIM_DISPUTE, MOVER_UPLOADER, "parody", e));
    wants(&h, &u, "deny", "claim_disputed");
    do_jobs(&h);
    assert_int_equal(claim_on(&h, &u).state, UPLOAD_CLAIM_DISPUTED);
    h.scene.now.us += 30 * 86400000000LL; /* claims.response_days */
    do_jobs(&h);
    assert_int_equal(claim_on(&h, &u).state, UPLOAD_CLAIM_RELEASED);
    wants(&h, &u, "full", "claim_released");
    house_end(&h);
}

TEST(a_rejected_dispute_is_appealed_and_taken_down_or_released)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL);
    struct upload_claim c = claim_on(&h, &u);
    CHECK_OK(move(&h, c.id, CLAIM_DISPUTE, MOVER_UPLOADER, "quotation", e));
    CHECK_OK(move(&h, c.id, CLAIM_REJECT, MOVER_CLAIMANT, "", e));
    h.scene.now.us += 40 * 86400000000LL; /* the clock of the dispute was stopped */
    do_jobs(&h);
    assert_int_equal(claim_on(&h, &u).state, UPLOAD_CLAIM_REJECTED);
    CHECK_OK(move(&h, c.id, CLAIM_APPEAL, MOVER_UPLOADER, "", e));
    assert_true(claim_on(&h, &u).due.us == h.scene.now.us + 7 * 86400000000LL);
    CHECK_OK(move(&h, c.id, CLAIM_TAKE_DOWN, MOVER_CLAIMANT, "", e));
    wants(&h, &u, "deny", "blocked_by_holder");
    CHECK_OK(move(&h, c.id, CLAIM_RELEASE, MOVER_CLAIMANT, "", e));
    wants(&h, &u, "full", "claim_released");
    house_end(&h);
}

TEST(a_new_source_acts_on_so_many_uploads_until_a_person_has_looked)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    setting(&h, "claims.probation_uploads=2");
    struct upload u[3];
    for (int i = 0; i < 3; i++)
        u[i] = upload(&h, NULL);
    assert_int_equal(claim_on(&h, &u[1]).state, UPLOAD_CLAIM_ACTIVE);
    struct upload_claim waits = claim_on(&h, &u[2]);
    assert_int_equal(waits.state, UPLOAD_CLAIM_POTENTIAL);
    wants(&h, &u[1], "deny", "blocked_by_holder");
    wants(&h, &u[2], "full", "claim_waits");
    CHECK_OK(move(&h, waits.id, CLAIM_CONFIRM, MOVER_OPERATOR, "", e));
    wants(&h, &u[2], "deny", "blocked_by_holder");
    struct change c = begin(&h);
    struct delivery_source trusted = { .party = h.label.id, .state = SOURCE_TRUSTED };
    CHECK_OK(registry_source_put(&c.act, &trusted, e));
    commit(&c);
    struct upload after = upload(&h, NULL);
    assert_int_equal(claim_on(&h, &after).state, UPLOAD_CLAIM_ACTIVE);
    house_end(&h);
}

TEST(an_exception_claimed_at_upload_waits_for_a_person_and_is_told)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, "parody");
    assert_int_equal(claim_on(&h, &u).state, UPLOAD_CLAIM_POTENTIAL);
    wants(&h, &u, "full", "it is a parody");
    house_end(&h);
}

TEST(an_allow_list_lets_one_person_and_nobody_else)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload mine = upload(&h, NULL), theirs = upload(&h, NULL);
    struct change c = begin(&h);
    struct allowance w = { .party = h.label.id,
                           .network = h.network.id,
                           .uploader = mine.uploader,
                           .from = INSTANT_FIRST,
                           .until = { h.scene.now.us + 1000 } },
                     other = { .party = h.other.id, .from = INSTANT_FIRST, .until = INSTANT_NEVER };
    CHECK_OK(registry_allowance_put(&c.act, &w, e));
    CHECK_OK(registry_allowance_put(&c.act, &other, e)); /* of one who holds nothing here */
    commit(&c);
    wants(&h, &mine, "full", "allowed_by_holder");
    wants(&h, &theirs, "deny", "blocked_by_holder");
    h.scene.now.us += 1000;
    wants(&h, &mine, "deny", "blocked_by_holder");
    house_end(&h);
}

TEST(an_excluded_span_is_not_heard_until_the_exclusion_goes)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL);
    struct change c = begin(&h);
    struct exclusion x = { .reference = h.ref.id, .from_ms = 0, .until_ms = 42000 };
    CHECK_OK(registry_exclusion_put(&c.act, &x, e));
    commit(&c);
    wants(&h, &u, "full", "unlicensed_reported"); /* 8 s are left: the block wants more than 10 */
    c = begin(&h);
    x.until_ms = 50000;
    CHECK_OK(registry_exclusion_put(&c.act, &x, e));
    commit(&c);
    wants(&h, &u, "deny", "unmatched_held");
    c = begin(&h);
    CHECK_OK(registry_exclusion_withdraw(&c.act, x.id, e));
    commit(&c);
    wants(&h, &u, "deny", "blocked_by_holder");
    house_end(&h);
}

TEST(a_withdrawn_reference_takes_its_claims_along)
{
    FIXTURE(f);
    struct house h;
    size_t count;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL), v = upload(&h, NULL);
    CHECK_OK(move(&h, claim_on(&h, &v).id, CLAIM_RELEASE, MOVER_CLAIMANT, "", e));
    struct change c = begin(&h);
    CHECK_OK(media_match_drop_reference(c.act.tx, h.ref.id, e));
    CHECK_OK(claims_without(h.scene.world, &c.act, h.ref.id, &count, e));
    commit(&c);
    assert_int_equal(count, 1); /* the other was given up before */
    assert_int_equal(claim_on(&h, &u).state, UPLOAD_CLAIM_WITHDRAWN);
    wants(&h, &u, "deny", "unmatched_held");
    house_end(&h);
}

TEST(a_claim_by_hand_needs_a_share_and_a_person)
{
    FIXTURE(f);
    struct house h;
    house_begin(&h, f);
    struct upload u = upload(&h, NULL);
    struct upload_claim claim = { .upload = u.id, .recording = h.song.id, .party = h.other.id };
    CHANGE(c);
    c = begin(&h);
    CHECK_FAILS(ERR_INVALID, "no share", flow_claim_by_hand(&c, &claim, e));
    claim.party = h.label.id;
    CHECK_FAILS(ERR_CONFLICT, "has a claim", flow_claim_by_hand(&c, &claim, e));
    flow_change_done(&c);
    house_end(&h);
}

/* Every pair of state and event that is no row is refused for everybody. */
TEST(pairs_outside_the_table_are_refused)
{
    size_t rows = 0;
    for (int s = 0; s < UPLOAD_CLAIM_STATE_COUNT; s++)
        for (int x = 0; x < UPLOAD_CLAIM_EVENT_COUNT; x++) {
            size_t here = 0;
            for (size_t i = 0; i < claim_move_count; i++)
                here += claim_moves[i].from == (enum upload_claim_state)s &&
                        claim_moves[i].event == (enum upload_claim_event)x;
            const struct claim_move *m = claim_move_find((enum upload_claim_state)s,
                                                         (enum upload_claim_event)x, ~0u);
            assert_true(here <= 1 && (m != NULL) == (here == 1));
            rows += here;
            for (int who = 0; m && who < MOVER_COUNT; who++)
                assert_true((claim_move_find(m->from, m->event, 1u << who) != NULL) ==
                            (m->mover == (enum mover)who));
        }
    assert_int_equal(rows, claim_move_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_match_claims_the_upload_for_its_holder_and_says_what_was_heard),
        STORE_TEST(a_dispute_that_nobody_answers_ends_the_claim),
        STORE_TEST(a_rejected_dispute_is_appealed_and_taken_down_or_released),
        STORE_TEST(a_new_source_acts_on_so_many_uploads_until_a_person_has_looked),
        STORE_TEST(an_exception_claimed_at_upload_waits_for_a_person_and_is_told),
        STORE_TEST(an_allow_list_lets_one_person_and_nobody_else),
        STORE_TEST(an_excluded_span_is_not_heard_until_the_exclusion_goes),
        STORE_TEST(a_withdrawn_reference_takes_its_claims_along),
        STORE_TEST(a_claim_by_hand_needs_a_share_and_a_person),
        cmocka_unit_test(pairs_outside_the_table_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
