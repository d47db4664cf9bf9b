/* SPDX-License-Identifier: Apache-2.0 */
/* References are looked at when they come: what is wrong with them, and whose they are too; and the
 * seconds that a holder wants as the preview are found in uploads. */
#include "flow/scene.h"

#include "flow/quality.h"

static struct audio_host *host;

static int start(void **state)
{
    struct error e;
    (void)state;
    return audio_host_start(&host, &e) == OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    audio_host_stop(host);
    return 0;
}

static void parties(struct scene *s)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(s->world, STR("tester"), STR("a scene"), &c, e));
    struct party north = { .slug = "north", .name = "North Records" };
    struct party south = { .slug = "south", .name = "South Records" };
    CHECK_OK(registry_party_put(&c.act, &north, e));
    CHECK_OK(registry_party_put(&c.act, &south, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static struct scene_enrolled enrol_for(struct scene *s, const char *path, const char *party)
{
    struct scene_enrolled seen = { 0 };
    struct enrol_item item = { .path = path, .party = str_of(party) };
    const struct enrol_sink sink = { &seen, scene_take_enrolled };
    size_t failed;
    CHECK_OK(flow_enrol(s->world, &item, 1, 1, &sink, &failed, e));
    assert_int_equal(seen.code, OK);
    return seen;
}

static int64_t issues(struct scene *s, const char *kind)
{
    TX(tx);
    owned(store_rows) rows = NULL;
    bool found;
    CHECK_OK(store_begin(s->world->store, STORE_READ, &tx, e));
    CHECK_OK(store_one(tx,
                       "SELECT COUNT(*) FROM registry_issues WHERE kind = $1 AND state = 'open'",
                       SQL(sql_text(kind)), &rows, &found, e));
    return store_int(rows, 0);
}

TEST(a_reference_that_sounds_like_another_partys_is_an_issue_for_both)
{
    FIXTURE(f);
    ARENA(a);
    struct scene s;
    scene_begin(&s, f, host);
    parties(&s);
    enrol_for(&s, scene_music(&s, &a, "north.wav", 5, 0, 40), "north");
    assert_int_equal(issues(&s, "reference_overlap"), 0);
    /* the same party again, another cut of the same: no conflict */
    enrol_for(&s, scene_music(&s, &a, "edit.wav", 5, 5, 30), "north");
    assert_int_equal(issues(&s, "reference_overlap"), 0);
    struct scene_enrolled seen = enrol_for(&s, scene_music(&s, &a, "south.wav", 5, 10, 20),
                                           "south");
    assert_non_null(strstr(seen.text, "another party's reference"));
    struct reference_id wrong = seen.result.reference;
    assert_int_equal(issues(&s, "reference_overlap"), 2);
    seen = enrol_for(&s, scene_music(&s, &a, "own.wav", 77, 0, 20), "south");
    assert_string_equal(seen.text, "");
    assert_int_equal(issues(&s, "reference_overlap"), 2);
    char id[ID_TEXT];
    CHECK_OK(flow_withdraw(s.world, str_of(reference_id_format(wrong, id)), STR("tester"),
                           STR("it is not theirs"), e));
    assert_int_equal(issues(&s, "reference_overlap"), 0);
    scene_end(&s);
}

/* Two recordings share 20 s, of which the second has a voice on top: an issue says so, a clip of the
 * first is not taken for the second, and a withdrawal settles it. */
TEST(another_version_is_an_issue_and_no_match)
{
    FIXTURE(f);
    ARENA(a);
    struct scene s;
    const size_t count = 40 * FP_RATE_HZ, half = count / 2;
    scene_begin(&s, f, host);
    parties(&s);
    float *x = music_make(31, 0, 40, 1), *y = music_make(32, 0, 40, 1);
    const char *first = scene_wav(&s, &a, "first.wav", x, count);
    const char *clip = scene_wav(&s, &a, "clip.wav", x + count / 16, 10 * FP_RATE_HZ);
    for (size_t i = 0; i < count; i++)
        y[i] = i < half ? 0.7f * x[i] + 0.5f * y[i] : y[i];
    const char *second = scene_wav(&s, &a, "second.wav", y, count);
    free(x);
    free(y);
    struct scene_enrolled one = enrol_for(&s, first, "north");
    assert_int_equal(one.result.overlaps, 0);
    assert_int_equal(enrol_for(&s, second, "south").result.overlaps, 1);
    assert_int_equal(issues(&s, "reference_overlap"), 1);
    struct scene_identified found = scene_identify(&s, clip);
    assert_int_equal(found.count, 1);
    assert_true(reference_id_equal(found.matches[0].reference, one.result.reference));
    assert_int_equal(found.similar, 1);
    char text[ID_TEXT];
    CHECK_OK(flow_withdraw(s.world, str_of(reference_id_format(one.result.reference, text)),
                           STR("tester"), STR("delivered by mistake"), e));
    assert_int_equal(issues(&s, "reference_overlap"), 0);
    scene_end(&s);
}

TEST(a_reference_that_is_silent_or_too_short_is_an_issue)
{
    FIXTURE(f);
    ARENA(a);
    struct scene s;
    float *nothing = calloc(20 * FP_RATE_HZ, sizeof *nothing);
    scene_begin(&s, f, host);
    parties(&s);
    enrol_for(&s, scene_wav(&s, &a, "silence.wav", nothing, 20 * FP_RATE_HZ), "north");
    assert_int_equal(issues(&s, "reference_quality"), 1);
    enrol_for(&s, scene_music(&s, &a, "short.wav", 9, 0, 4), "north");
    assert_int_equal(issues(&s, "reference_quality"), 2);
    free(nothing);
    scene_end(&s);
}

TEST(a_holders_seconds_are_the_preview_wherever_they_are_in_the_upload)
{
    FIXTURE(f);
    ARENA(a);
    struct scene s;
    struct uploaded up;
    scene_begin(&s, f, host);
    parties(&s);
    struct scene_enrolled seen = enrol_for(&s, scene_music(&s, &a, "whole.wav", 5, 0, 60), "north");
    {
        CHANGE(c);
        CHECK_OK(flow_change_begin(s.world, STR("tester"), STR("a message"), &c, e));
        struct access_act act = flow_change_access(&c);
        struct network n = { .slug = "songs", .name = "Songs" };
        CHECK_OK(access_network_put(&act, &n, e));
        CHECK_OK(store_run(c.act.tx,
                           "INSERT INTO ddex_previews (catalogue, recording, sender, start_ms, "
                           "length_ms, created_us) VALUES ($1, $2, 'N', 35000, 12000, 0)",
                           SQL(sql_id(c.act.catalogue), sql_id(seen.result.recording)), NULL, e));
        CHECK_OK(flow_change_commit(&c, e));
    }
    /* the upload begins 20 s into the recording */
    const char *part = scene_music(&s, &a, "part.wav", 5, 20, 35);
    struct upload_request r = { .network = STR("songs"),
                                .user = STR("anna"),
                                .file_name = STR("part.wav"),
                                .fd = open(part, O_RDONLY),
                                .who = STR("tester") };
    CHECK_OK(flow_upload(s.world, &r, &a, &up, e));
    close(r.fd);
    assert_int_equal(up.row.preview.rule, PREVIEW_INSTRUCTION);
    assert_in_range(up.row.preview.start_ms, 14500, 15500);
    assert_int_equal(up.row.preview.length_ms, 12000);
    scene_end(&s);
}

/* Rows of a made-up piece of `seconds`: words of 400 ms with pauses, or a steady sound. */
static void curve_of(struct arena *a, int seconds, bool speech, struct audio_curve *out)
{
    float *power = ARENA_ARRAY(a, float, (size_t)seconds *AUDIO_POWERS_PER_SECOND);
    float(*chroma)[AUDIO_CHROMA] = arena_get(a, (size_t)seconds * AUDIO_CHROMAS_PER_SECOND,
                                             sizeof *chroma);
    for (int i = 0; i < seconds * AUDIO_POWERS_PER_SECOND; i++)
        power[i] = speech && i % 7 >= 4 ? 0.0001f : 0.1f;
    for (int i = 0; i < seconds * AUDIO_CHROMAS_PER_SECOND; i++)
        chroma[i][speech ? i * 5 % AUDIO_CHROMA : i / 4 % AUDIO_CHROMA] = 1;
    *out = (struct audio_curve) { .power_count = (size_t)seconds * AUDIO_POWERS_PER_SECOND,
                                  .chroma_count = (size_t)seconds * AUDIO_CHROMAS_PER_SECOND,
                                  .power = power,
                                  .chroma = (const float(*)[AUDIO_CHROMA])chroma };
}

TEST(pauses_and_pitch_that_never_stays_are_speech)
{
    ARENA(a);
    struct audio_curve c;
    curve_of(&a, 30, true, &c);
    assert_true(quality_is_speech(&c));
    curve_of(&a, 30, false, &c);
    assert_false(quality_is_speech(&c));
    curve_of(&a, 9, true, &c); /* too little to tell */
    assert_false(quality_is_speech(&c));
    assert_false(quality_is_speech(&(struct audio_curve) { 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(another_version_is_an_issue_and_no_match),
        STORE_TEST(a_reference_that_sounds_like_another_partys_is_an_issue_for_both),
        STORE_TEST(a_reference_that_is_silent_or_too_short_is_an_issue),
        STORE_TEST(a_holders_seconds_are_the_preview_wherever_they_are_in_the_upload),
        cmocka_unit_test(pauses_and_pitch_that_never_stays_are_speech),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
