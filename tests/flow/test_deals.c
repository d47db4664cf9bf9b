/* SPDX-License-Identifier: Apache-2.0 */
/* From an offer to a verdict: only what is agreed counts, from its first day to its last. */
#include "flow/scene.h"

static struct audio_host *host;

static const char terms_text[] =
    "terms \"North 2027\"\nlicensor north\nterritories DE\ngrant stream in apps main/web\n"
    "grant preview of 30 s in apps main/ios\nfrom 2027-06-01 through 2028-05-31\n"
    "time zone UTC+03:00\npay USD 7.00 a year\n";

static int64_t us_of(const char *text)
{
    struct instant t;
    CHECK_OK(instant_parse(str_of(text), &t, e));
    return t.us;
}

static struct recording_id setting(struct scene *s)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("test"), STR("scene"), &c, e));
    struct access_act access = flow_change_access(&c);
    struct network_id network = scene_network(&c);
    static const char *const apps[] = { "web", "ios" };
    for (size_t i = 0; i < 2; i++) {
        struct app p = {
            .network = network, .slug = apps[i], .name = apps[i], .contact = "", .model = "free"
        };
        CHECK_OK(access_app_put(&access, &p, e));
    }
    struct party p = { .slug = "north", .name = "North" };
    CHECK_OK(registry_party_put(&c.act, &p, e));
    struct recording r = { .isrc = "XXN002700001", .title = "Song", .artist = "Singer" };
    CHECK_OK(registry_recording_put(&c.act, &r, e));
    struct claim claim = { .recording = r.id,
                           .party = p.id,
                           .right = RIGHT_MAKING_AVAILABLE,
                           .share_e8 = SHARE_WHOLE_E8,
                           .territories = territory_set_world(),
                           .from = INSTANT_FIRST,
                           .until = INSTANT_NEVER };
    CHECK_OK(registry_claim_put(&c.act, &claim, e));
    CHECK_OK(flow_change_commit(&c, e));
    return r.id;
}

static const char *mode_at(struct scene *s, struct recording_id r, const char *app,
                           const char *territory, const char *at)
{
    ARENA(a);
    char id[ID_TEXT];
    struct decided d;
    struct decide_request ask = { .subject = str_of(recording_id_format(r, id)),
                                  .network = STR("main"),
                                  .app = str_of(app),
                                  .territory = str_of(territory),
                                  .at = str_of(at) };
    CHECK_OK(flow_decide(s->world, &ask, &a, &d, e));
    return verdict_mode_word(d.verdict.mode);
}

static enum code offer(struct scene *s, const char *name, const char *text, enum deal_side side,
                       struct error *e)
{
    CHANGE(c);
    struct deal d;
    TRY(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    TRY(deal_offer_put(&c.act, str_of(name), str_of(text), side, false, &d, e));
    return flow_change_commit(&c, e);
}

static enum code agree(struct scene *s, const char *name, enum deal_side side, struct error *e)
{
    CHANGE(c);
    ARENA(a);
    struct deal d;
    TRY(flow_change_begin(s->world, STR("test"), STR(""), &c, e));
    TRY(flow_deal_agree(&c, str_of(name), side, &a, &d, e));
    return flow_change_commit(&c, e);
}

#define INSIDE "2027-07-01T00:00:00Z"

TEST(only_an_agreed_offer_changes_verdicts_and_at_its_first_moment)
{
    SCENE(s);
    struct recording_id r = setting(&s);
    CHECK_OK(offer(&s, "North", terms_text, SIDE_LICENSOR, e));
    assert_string_equal(mode_at(&s, r, "web", "DE", INSIDE), "deny");
    CHECK_FAILS(ERR_CONFLICT, "the same side", agree(&s, "North", SIDE_LICENSOR, e));
    assert_string_equal(mode_at(&s, r, "web", "DE", INSIDE), "deny");
    CHECK_OK(agree(&s, "North", SIDE_PLATFORM, e));
    static const struct {
        const char *app, *territory, *at, *want;
    } rows[] = {
        { "web", "DE", INSIDE, "full" },
        { "web", "FR", INSIDE, "deny" },
        { "ios", "DE", INSIDE, "preview" },
        /* the day begins three hours east of UTC */
        { "web", "DE", "2027-05-31T20:59:59.999999Z", "deny" },
        { "web", "DE", "2027-05-31T21:00:00Z", "full" },
        { "web", "DE", "2028-05-31T20:59:59.999999Z", "full" },
        { "web", "DE", "2028-05-31T21:00:00Z", "deny" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(mode_at(&s, r, rows[i].app, rows[i].territory, rows[i].at),
                            rows[i].want);
    scene_end(&s);
}

static enum deal_state state_of(struct scene *s, const char *name)
{
    TX(tx);
    ARENA(a);
    struct deal d;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(deal_find(tx, world_catalogue(s->world), str_of(name), s->now, &a, &d, e));
    return d.state;
}

TEST(an_agreed_deal_begins_and_lapses_by_the_clock)
{
    SCENE(s);
    setting(&s);
    CHECK_OK(offer(&s, "North", terms_text, SIDE_LICENSOR, e));
    assert_int_equal(state_of(&s, "North"), DEAL_OFFERED);
    CHECK_OK(agree(&s, "North", SIDE_PLATFORM, e));
    assert_int_equal(state_of(&s, "North"), DEAL_AGREED);
    s.now.us = us_of("2027-05-31T21:00:00Z");
    assert_int_equal(state_of(&s, "North"), DEAL_IN_FORCE);
    s.now.us = us_of("2028-05-31T21:00:00Z");
    assert_int_equal(state_of(&s, "North"), DEAL_EXPIRED);
    scene_end(&s);
}

TEST(two_deals_for_the_same_plays_are_refused_and_neighbours_are_not)
{
    SCENE(s);
    setting(&s);
    CHECK_OK(offer(&s, "North", terms_text, SIDE_LICENSOR, e));
    CHECK_OK(agree(&s, "North", SIDE_PLATFORM, e));
    CHECK_OK(offer(&s, "Again", terms_text, SIDE_LICENSOR, e));
    CHECK_FAILS(ERR_CONFLICT, "overlaps the deal \"North\"", agree(&s, "Again", SIDE_PLATFORM, e));
    CHECK_OK(offer(&s, "Next",
                   "terms \"Next\"\nlicensor north\nterritories DE\ngrant stream\n"
                   "from 2028-06-01 through 2029-05-31\ntime zone UTC+03:00\n",
                   SIDE_LICENSOR, e));
    CHECK_OK(agree(&s, "Next", SIDE_PLATFORM, e));
    CHECK_OK(offer(&s, "France",
                   "terms \"France\"\nlicensor north\nterritories FR\ngrant stream\n"
                   "from 2027-06-01 through 2028-05-31\n",
                   SIDE_LICENSOR, e));
    CHECK_OK(agree(&s, "France", SIDE_PLATFORM, e));
    scene_end(&s);
}

TEST(a_second_between_two_licences_is_unlicensed)
{
    SCENE(s);
    struct recording_id r = setting(&s);
    struct instant begins[2] = { { us_of("2027-06-01T00:00:00Z") },
                                 { us_of("2027-07-01T00:00:01Z") } },
                   ends[2] = { { us_of("2027-07-01T00:00:00Z") },
                               { us_of("2027-08-01T00:00:00Z") } };
    for (int i = 0; i < 2; i++) {
        CHANGE(c);
        struct party p;
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR(""), &c, e));
        CHECK_OK(registry_party_find(c.act.tx, c.act.catalogue, STR("north"), &a, &p, e));
        struct licence l = { .licensor = p.id,
                             .name = "by hand",
                             .territories = territory_set_world(),
                             .uses = USES_ALL,
                             .models = MODELS_ALL,
                             .from = begins[i],
                             .until = ends[i] };
        CHECK_OK(licence_put(&c.act, &l, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_string_equal(mode_at(&s, r, "web", "DE", "2027-06-30T23:59:59.999999Z"), "full");
    assert_string_equal(mode_at(&s, r, "web", "DE", "2027-07-01T00:00:00Z"), "deny");
    assert_string_equal(mode_at(&s, r, "web", "DE", "2027-07-01T00:00:00.999999Z"), "deny");
    assert_string_equal(mode_at(&s, r, "web", "DE", "2027-07-01T00:00:01Z"), "full");
    scene_end(&s);
}

struct grant_row {
    unsigned uses, models;
    int64_t clip_seconds;
    const char *territories, *from, *until;
    bool app, recording;
};

/* What a simple grant allows, before and after it was put in terms and agreed. */
static void migrate(void **state, const struct grant_row *row)
{
    static const char *const moments[] = { "2027-05-31T20:59:59Z", "2027-05-31T21:00:00Z",
                                           "2027-06-01T00:00:00Z", INSIDE,
                                           "2027-12-01T00:00:00Z", "2028-03-01T00:00:00Z" };
    static const char *const places[] = { "DE", "FR", "JP" };
    SCENE(s);
    struct terms t;
    struct recording_id r = setting(&s);
    char name[40];
    const char *was[2][COUNT_OF(moments)][COUNT_OF(places)];
    struct licence l = { .name = "A \"frame\" agreement",
                         .uses = row->uses,
                         .models = row->models,
                         .clip_seconds = row->clip_seconds,
                         .from = { us_of(row->from) },
                         .until = INSTANT_NEVER };
    BUF(text);
    if (row->until)
        l.until.us = us_of(row->until);
    CHECK_OK(territory_set_parse(str_of(row->territories), &l.territories, NULL, e));
    {
        CHANGE(c);
        struct party p;
        struct network n;
        struct app *app = ARENA_NEW(&a, struct app);
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR(""), &c, e));
        CHECK_OK(registry_party_find(c.act.tx, c.act.catalogue, STR("north"), &a, &p, e));
        CHECK_OK(access_network_find(c.act.tx, STR("main"), &a, &n, e));
        CHECK_OK(access_app_find(c.act.tx, n.id, STR("web"), &a, app, e));
        l.licensor = p.id;
        l.apps = &app->id;
        l.app_count = row->app;
        l.recording = row->recording ? r : (struct recording_id) { { 0 } };
        CHECK_OK(licence_put(&c.act, &l, e));
        CHECK_OK(flow_licence_terms(c.act.tx, c.act.catalogue, l.id, &a, &t, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    terms_format(&t, &text);
    for (size_t k = 0; k < 2; k++)
        for (size_t m = 0; m < COUNT_OF(moments); m++)
            for (size_t p = 0; p < COUNT_OF(places); p++)
                was[k][m][p] = mode_at(&s, r, k ? "ios" : "web", places[p], moments[m]);
    {
        CHANGE(c);
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR(""), &c, e));
        CHECK_OK(licence_end(&c.act, l.id, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_string_equal(mode_at(&s, r, "web", "DE", INSIDE), "deny");
    snprintf(name, sizeof name, "grant %s", row->territories);
    CHECK_OK(offer(&s, name, (const char *)text.bytes, SIDE_LICENSOR, e));
    CHECK_OK(agree(&s, name, SIDE_PLATFORM, e));
    for (size_t k = 0; k < 2; k++)
        for (size_t m = 0; m < COUNT_OF(moments); m++)
            for (size_t p = 0; p < COUNT_OF(places); p++)
                assert_string_equal(mode_at(&s, r, k ? "ios" : "web", places[p], moments[m]),
                                    was[k][m][p]);
    scene_end(&s);
}

TEST(a_simple_grant_migrates_to_terms_that_allow_the_same)
{
    static const struct grant_row row = {
        USE_BIT(USE_STREAM),    MODELS_ALL, 0,    "DE", "2027-06-01T00:00:00Z",
        "2027-12-01T00:00:00Z", false,      false
    };
    migrate(state, &row);
}

TEST(a_grant_for_one_app_in_another_zone_migrates)
{
    static const struct grant_row row = {
        USES_ALL, MODEL_BIT(MODEL_FREE), 0, "Worldwide -FR", "2027-05-31T21:00:00Z", NULL, true,
        false
    };
    migrate(state, &row);
}

TEST(a_grant_of_clips_of_one_recording_migrates)
{
    static const struct grant_row row = {
        USE_BIT(USE_PREVIEW),   MODELS_ALL, 30,  "DE,FR", "2027-06-01T00:00:00Z",
        "2028-02-29T00:00:00Z", false,      true
    };
    migrate(state, &row);
}

TEST(names_that_are_not_there_are_told_with_their_place)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "terms \"t\"\nlicensor nobody\nterritories DE\ngrant stream\nfrom 2027-06-01\n",
          "line 2, column 10: there is no party" },
        { "terms \"t\"\nlicensor north\nnetworks moon\nterritories DE\ngrant stream\nfrom "
          "2027-06-01\n",
          "line 3, column 10: there is no network" },
        { "terms \"t\"\nlicensor north\nterritories DE\ngrant stream in apps main/tv\nfrom "
          "2027-06-01\n",
          "line 4, column 22: there is no app" },
        { "terms \"t\"\nlicensor north\nterritories DE\nrepertoire only XXN002799999\ngrant "
          "stream\nfrom 2027-06-01\n",
          "line 4, column 17: " },
    };
    SCENE(s);
    setting(&s);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char name[20];
        snprintf(name, sizeof name, "deal %zu", i);
        CHECK_OK(offer(&s, name, rows[i].text, SIDE_LICENSOR, e));
        struct error e = { 0 };
        assert_int_not_equal(agree(&s, name, SIDE_PLATFORM, &e), OK);
        if (!strstr(e.text, rows[i].says))
            STOP("%s", e.text);
        assert_int_equal(state_of(&s, name), DEAL_OFFERED);
    }
    scene_end(&s);
}

static void end_a_renewing_deal(void **state, const char *told, const char *ends)
{
    SCENE(s);
    struct recording_id r = setting(&s);
    struct instant at = { us_of(told) };
    char text[INSTANT_TEXT];
    CHECK_OK(offer(&s, "North",
                   "terms \"t\"\nlicensor north\nterritories DE\ngrant stream\n"
                   "from 2027-06-01 through 2028-05-31\n"
                   "renews for 1 year unless ended 60 days before\n",
                   SIDE_LICENSOR, e));
    CHECK_OK(agree(&s, "North", SIDE_PLATFORM, e));
    assert_string_equal(mode_at(&s, r, "web", "DE", "2040-01-01T00:00:00Z"), "full");
    s.now = at;
    {
        CHANGE(c);
        struct deal d;
        CHECK_OK(flow_change_begin(s.world, STR("test"), STR(""), &c, e));
        CHECK_OK(deal_find(c.act.tx, c.act.catalogue, STR("North"), s.now, &a, &d, e));
        CHECK_OK(deal_terminate(&c.act, &d, &at, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    assert_string_equal(instant_format(at, text), ends);
    assert_string_equal(mode_at(&s, r, "web", "DE", ends), "deny");
    assert_int_equal(state_of(&s, "North"), DEAL_IN_FORCE);
    scene_end(&s);
}

TEST(a_deal_that_renews_ends_with_the_term_whose_notice_is_kept)
{
    end_a_renewing_deal(state, "2027-07-01T00:00:00Z", "2028-06-01T00:00:00Z");
}

TEST(a_notice_that_comes_late_ends_the_next_term)
{
    end_a_renewing_deal(state, "2028-05-01T00:00:00Z", "2029-06-01T00:00:00Z");
}

SCENES(STORE_TEST(a_second_between_two_licences_is_unlicensed),
       STORE_TEST(only_an_agreed_offer_changes_verdicts_and_at_its_first_moment),
       STORE_TEST(an_agreed_deal_begins_and_lapses_by_the_clock),
       STORE_TEST(two_deals_for_the_same_plays_are_refused_and_neighbours_are_not),
       STORE_TEST(a_simple_grant_migrates_to_terms_that_allow_the_same),
       STORE_TEST(a_grant_for_one_app_in_another_zone_migrates),
       STORE_TEST(a_grant_of_clips_of_one_recording_migrates),
       STORE_TEST(names_that_are_not_there_are_told_with_their_place),
       STORE_TEST(a_deal_that_renews_ends_with_the_term_whose_notice_is_kept),
       STORE_TEST(a_notice_that_comes_late_ends_the_next_term))
