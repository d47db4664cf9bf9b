/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sentences on real files through the confined decoder, on both databases. */
#include "scene.h"

#include "licence/licence.h"

static struct audio_host *host;

struct seen {
    size_t calls, good, known, rechecked;
    enum code last;
    char text[512];
    struct recording_id recording;
    struct reference_id reference;
};

static void note_item(void *ctx, size_t number, enum code code, const struct enrolled *r,
                      const struct error *e)
{
    struct seen *s = ctx;
    (void)number;
    s->calls++;
    s->last = code;
    if (code != OK) {
        snprintf(s->text, sizeof s->text, "%s", e->text);
        return;
    }
    s->good++;
    s->known += r->known;
    s->rechecked += r->rechecked;
    s->recording = r->recording;
    s->reference = r->reference;
}

static struct seen enrol(struct scene *s, const char *path)
{
    struct seen seen = { 0 };
    struct enrol_sink sink = { &seen, note_item };
    struct enrol_item item = { .path = path };
    size_t failed;
    CHECK_OK(flow_enrol(s->world, &item, 1, 1, &sink, &failed, e));
    assert_int_equal(seen.calls, 1);
    assert_int_equal(failed, seen.last != OK);
    return seen;
}

static struct uploaded upload(struct scene *s, struct arena *a, const char *path)
{
    struct uploaded up;
    struct upload_request r = { .network = STR("songs"),
                                .user = STR("anna"),
                                .file_name = STR("my song.wav"),
                                .fd = open(path, O_RDONLY),
                                .who = STR("tester") };
    assert_true(r.fd >= 0);
    CHECK_OK(flow_upload(s->world, &r, a, &up, e));
    close(r.fd);
    return up;
}

/* One network with a web app and one that plays 30 s at most; one label that holds `recording`
 * in the whole world and licenses it in Germany. */
static void rights(struct scene *s, struct recording_id recording)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("tester"), STR("a scene"), &c, e));
    struct access_act act = flow_change_access(&c);
    struct network n = scene_site("songs", "Songs", "full");
    CHECK_OK(access_network_put(&act, &n, e));
    struct app web = { .network = n.id, .slug = "web", .name = "Web", .download = true };
    struct app phone = { .network = n.id, .slug = "phone", .name = "Phone", .clip_seconds = 30 };
    CHECK_OK(access_app_put(&act, &web, e));
    CHECK_OK(access_app_put(&act, &phone, e));
    if (!recording_id_is_none(recording)) {
        struct party label = { .slug = "north", .name = "North Records" };
        CHECK_OK(registry_party_put(&c.act, &label, e));
        struct claim claim = { .recording = recording,
                               .party = label.id,
                               .right = RIGHT_MAKING_AVAILABLE,
                               .share_e8 = SHARE_WHOLE_E8,
                               .territories = territory_set_world(),
                               .from = INSTANT_FIRST,
                               .until = INSTANT_NEVER };
        CHECK_OK(registry_claim_put(&c.act, &claim, e));
        struct licence l = { .licensor = label.id,
                             .name = "North 2027",
                             .uses = USE_BIT(USE_STREAM) | USE_BIT(USE_PREVIEW),
                             .models = MODELS_ALL,
                             .from = INSTANT_FIRST,
                             .until = INSTANT_NEVER };
        CHECK_OK(territory_set_parse(STR("DE"), &l.territories, NULL, e));
        CHECK_OK(licence_put(&c.act, &l, e));
    }
    CHECK_OK(flow_change_commit(&c, e));
}

static struct decided decide(struct scene *s, struct arena *a, struct upload_id id, const char *app,
                             const char *territory)
{
    char text[ID_TEXT];
    struct decided d;
    struct decide_request r = { .subject = str_of(arena_text(a, upload_id_format(id, text), 30)),
                                .app = str_of(app),
                                .territory = str_of(territory),
                                .keep = true };
    CHECK_OK(flow_decide(s->world, &r, a, &d, e));
    return d;
}

TEST(an_upload_gets_three_explained_verdicts_and_each_is_replayed)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 11, 0, 60);
    const char *piece = scene_music(&s, &a, "piece.wav", 11, 20, 15);
    struct seen seen = enrol(&s, whole);
    assert_int_equal(seen.good, 1);
    rights(&s, seen.recording);
    struct uploaded up = upload(&s, &a, piece);
    assert_int_equal(up.row.state, UPLOAD_HEARD);
    assert_int_equal(up.heard.count, 1);
    assert_true(reference_id_equal(up.heard.matches[0].reference, seen.reference));
    assert_true(fabs(up.heard.matches[0].reference_start - up.heard.matches[0].query_start - 20) <
                0.5);
    static const struct {
        const char *app, *territory, *reason;
        enum verdict_mode mode;
    } rows[] = { { "web", "DE", "licensed", VERDICT_FULL },
                 { "phone", "DE", "app_clip", VERDICT_PREVIEW },
                 { "web", "US", "unlicensed", VERDICT_DENY },
                 { "nobody", "DE", "app_unknown", VERDICT_DENY } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[ID_TEXT];
        struct explained x;
        struct decided d = decide(&s, &a, up.upload, rows[i].app, rows[i].territory);
        assert_string_equal(d.verdict.reason_code, rows[i].reason);
        assert_int_equal(d.verdict.mode, rows[i].mode);
        CHECK_OK(flow_explain(s.world, str_of(verdict_id_format(d.id, text)), &a, &x, e));
        assert_true(x.same);
        assert_string_equal(x.stored.verdict_json, d.verdict_json);
    }
    scene_end(&s);
}

TEST(a_reference_that_comes_later_finds_the_upload)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 12, 0, 60);
    const char *piece = scene_music(&s, &a, "piece.wav", 12, 30, 15);
    rights(&s, (struct recording_id) { { 0 } });
    struct uploaded up = upload(&s, &a, piece);
    assert_int_equal(up.heard.count, 0);
    assert_string_equal(decide(&s, &a, up.upload, "web", "DE").verdict.reason_code, "unmatched");
    struct seen seen = enrol(&s, whole);
    assert_int_equal(seen.rechecked, 1);
    struct decided d = decide(&s, &a, up.upload, "web", "DE");
    assert_int_equal(d.verdict.mode, VERDICT_DENY);
    assert_int_equal(d.verdict.facts->recording_count, 1);
    char text[ID_TEXT];
    CHECK_OK(flow_withdraw(s.world, str_of(reference_id_format(seen.reference, text)),
                           STR("tester"), STR("delivered by mistake"), e));
    assert_string_equal(decide(&s, &a, up.upload, "web", "DE").verdict.reason_code, "unmatched");
    scene_end(&s);
}

static int64_t rows(struct scene *s, const char *sql)
{
    return store_fixture_int(world_store(s->world), sql);
}

TEST(the_same_audio_is_enrolled_once)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 13, 0, 30);
    struct seen one = enrol(&s, whole), two = enrol(&s, whole);
    assert_int_equal(one.known, 0);
    assert_int_equal(two.known, 1);
    assert_true(reference_id_equal(one.reference, two.reference));
    scene_end(&s);
}

TEST(what_is_not_audio_is_kept_as_failed_with_its_reason)
{
    SCENE(s);
    rights(&s, (struct recording_id) { { 0 } });
    const char *path = arena_format(&a, "%s/words.mp3", s.folder);
    CHECK_OK(file_write(path, "these are words, not music", 26, 0600, e));
    struct uploaded up = upload(&s, &a, path);
    assert_int_equal(up.row.state, UPLOAD_FAILED);
    assert_non_null(strstr(up.row.error, "audio"));
    assert_string_equal(decide(&s, &a, up.upload, "web", "DE").verdict.reason_code, "not_heard");
    struct seen seen = enrol(&s, path);
    assert_int_equal(seen.last, ERR_INVALID);
    scene_end(&s);
}

TEST(an_upload_that_was_received_is_heard_after_a_crash)
{
    SCENE(s);
    rights(&s, (struct recording_id) { { 0 } });
    const char *piece = scene_music(&s, &a, "piece.wav", 14, 0, 12);
    struct upload_id id;
    struct upload_request r = { .network = STR("songs"),
                                .user = STR("anna"),
                                .file_name = STR("x.wav"),
                                .fd = open(piece, O_RDONLY) };
    CHECK_OK(flow_upload_keep(s.world, &r, &id, e));
    close(r.fd);
    scene_reopen(&s, host);
    bool did;
    CHECK_OK(flow_work_once(s.world, &did, e));
    assert_true(did);
    CHECK_OK(flow_work_once(s.world, &did, e));
    assert_false(did);
    assert_string_equal(decide(&s, &a, id, "web", "DE").verdict.reason_code, "unmatched");
    scene_end(&s);
}

TEST(an_index_that_was_lost_is_made_anew_from_the_database)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 15, 0, 60);
    const char *piece = scene_music(&s, &a, "piece.wav", 15, 10, 15);
    rights(&s, (struct recording_id) { { 0 } });
    struct seen seen = enrol(&s, whole);
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s/index/references'/*", s.data);
    assert_int_equal(system(command), 0);
    scene_reopen(&s, host);
    struct uploaded up = upload(&s, &a, piece);
    assert_int_equal(up.heard.count, 1);
    assert_true(reference_id_equal(up.heard.matches[0].reference, seen.reference));
    scene_end(&s);
}

TEST(a_play_is_a_signed_link_to_its_own_rendition)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 16, 0, 50);
    struct seen seen = enrol(&s, whole);
    rights(&s, seen.recording);
    struct uploaded up = upload(&s, &a, whole);
    char text[ID_TEXT];
    struct play_request r = { .ask = { .subject = str_of(upload_id_format(up.upload, text)),
                                       .app = STR("phone"),
                                       .territory = STR("DE") } };
    struct play_grant g, again;
    struct media_link link;
    struct rendition made;
    CHECK_OK(flow_play(s.world, &r, &a, &g, e));
    assert_int_equal(g.decided.verdict.mode, VERDICT_PREVIEW);
    assert_true(g.length_ms > 29000 && g.length_ms <= 30100);
    assert_int_equal(media_link_check((const uint8_t(*)[LINK_KEY_BYTES])world_master_key(s.world),
                                      1, str_of(g.path), s.now, &link),
                     LINK_GOOD);
    assert_true(verdict_id_equal(link.verdict, g.decided.id));
    TX(tx);
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(media_rendition_get(tx, link.rendition, &made, e));
    assert_int_equal(made.kind, RENDITION_PREVIEW);
    assert_true(media_blob_has(world_blobs(s.world), made.blob));
    store_rollback(take(tx));
    CHECK_OK(flow_play(s.world, &r, &a, &again, e));
    r.ask.territory = STR("US");
    CHECK_OK(flow_play(s.world, &r, &a, &g, e));
    assert_int_equal(g.decided.verdict.mode, VERDICT_DENY);
    assert_null(g.path);
    scene_end(&s);
}

TEST(renditions_are_made_after_an_upload_and_a_play_finds_them)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 17, 0, 40);
    struct seen seen = enrol(&s, whole);
    rights(&s, seen.recording);
    struct uploaded up = upload(&s, &a, whole);
    char text[ID_TEXT];
    bool did;
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM jobs"), 1);
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM renditions"), 0);
    CHECK_OK(flow_job_once(s.world, &did, e));
    assert_true(did);
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM renditions"), 2); /* Opus: preview and full */
    CHECK_OK(flow_job_once(s.world, &did, e));
    assert_false(did);
    struct play_request r = { .ask = { .subject = str_of(upload_id_format(up.upload, text)),
                                       .app = STR("phone"),
                                       .territory = STR("DE") } };
    struct play_grant g;
    CHECK_OK(flow_play(s.world, &r, &a, &g, e));
    assert_non_null(g.path);
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM renditions"), 2);
    scene_end(&s);
}

static bool is_done(struct scene *s)
{
    return rows(s, "SELECT COUNT(*) FROM jobs") == 0;
}

TEST(a_job_that_fails_waits_with_its_reason_and_the_threads_of_a_server_do_it_later)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "whole.wav", 18, 0, 20);
    struct seen seen = enrol(&s, whole);
    rights(&s, seen.recording);
    struct uploaded up = upload(&s, &a, whole);
    char aside[200], blob[200];
    bool did;
    snprintf(blob, sizeof blob, "%s/blobs/%.2s", s.data, up.row.blob);
    snprintf(aside, sizeof aside, "%s/aside", s.data);
    assert_int_equal(rename(blob, aside), 0);
    CHECK_OK(flow_job_once(s.world, &did, e));
    assert_true(did);
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM jobs WHERE reason IS NOT NULL"), 1);
    CHECK_OK(flow_job_once(s.world, &did, e));
    assert_false(did); /* not before its time */
    assert_int_equal(rename(aside, blob), 0);
    s.now.us += 3600 * INT64_C(1000000);
    CHECK_OK(flow_work_start(s.world, 2, e));
    flow_work_wake(s.world);
    for (int i = 0; i < 1000 && !is_done(&s); i++)
        usleep(10000);
    flow_work_stop(s.world);
    assert_true(is_done(&s));
    assert_int_equal(rows(&s, "SELECT COUNT(*) FROM renditions"), 2);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_upload_gets_three_explained_verdicts_and_each_is_replayed),
        STORE_TEST(a_reference_that_comes_later_finds_the_upload),
        STORE_TEST(the_same_audio_is_enrolled_once),
        STORE_TEST(what_is_not_audio_is_kept_as_failed_with_its_reason),
        STORE_TEST(an_upload_that_was_received_is_heard_after_a_crash),
        STORE_TEST(an_index_that_was_lost_is_made_anew_from_the_database),
        STORE_TEST(a_play_is_a_signed_link_to_its_own_rendition),
        STORE_TEST(renditions_are_made_after_an_upload_and_a_play_finds_them),
        STORE_TEST(a_job_that_fails_waits_with_its_reason_and_the_threads_of_a_server_do_it_later),
    };
    struct error e;
    if (audio_host_start(&host, &e) != OK) {
        print_error("%s\n", e.text);
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    audio_host_stop(host);
    return failed;
}
