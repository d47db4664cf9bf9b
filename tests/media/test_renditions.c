/* SPDX-License-Identifier: Apache-2.0 */
/* Renditions through the real, confined encoder. */
#include "folder.h"

#include "audio/sounds.h"

static struct audio_host *host;

static int start(void **state)
{
    struct error e;
    if (audio_host_start(&host, &e) != OK)
        return -1;
    return make_folder(state);
}

static int stop(void **state)
{
    audio_host_stop(host);
    return drop_folder(state);
}

static const struct instant now = { 1800000000LL * 1000000 };

TEST(an_upload_gets_all_its_forms)
{
    owned(media_blobs) b = blobs_at("blobs");
    uint64_t seed = 1;
    struct chance chance = chance_seeded(&seed);
    struct rendition_maker m = { host, b, audio_limits_default(), now, &chance };
    char blob[BLOB_TEXT];
    int64_t size;
    struct sound s = { 2, 44100, 8, 440, 0.5, false };
    int fd = wav_file(&s);
    CHECK_OK(media_blob_put_file(b, fd, 1 << 30, blob, &size, e));
    close(fd);
    struct upload u = { .blob = blob, .duration_ms = 8000, .preview = { 2000, 3000, 0 } };
    struct rendition made[8];
    size_t count;
    CHECK_OK(media_render_all(&m, &u, renditions_usual, renditions_usual_count, made,
                              COUNT_OF(made), &count, e));
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        ARENA(a);
        struct audio_facts f;
        const struct audio_wants tags = { .tags = true };
        CHECK_OK(media_blob_open(b, made[i].blob, BLOB_VERIFY, &fd, &size, e));
        assert_int_equal(size, made[i].size_bytes);
        CHECK_OK(audio_decode(host, fd, &m.limits, &tags, NULL, &a, &f, e));
        close(fd);
        int64_t want = made[i].kind == RENDITION_FULL ? 8000 : 3000;
        assert_in_range(made[i].length_ms, want - 1, want + 1);
        assert_in_range(f.duration_ms, want - 60, want + 120);
        assert_string_equal(f.codec, audio_codec_word(made[i].codec));
    }
}

TEST(the_same_upload_gives_the_same_bytes)
{
    owned(media_blobs) b = blobs_at("same");
    uint64_t seed = 1;
    struct chance chance = chance_seeded(&seed);
    struct rendition_maker m = { host, b, audio_limits_default(), now, &chance };
    char blob[BLOB_TEXT];
    int64_t size;
    struct sound s = { 1, 22050, 3, 440, 0.5, false };
    int fd = wav_file(&s);
    CHECK_OK(media_blob_put_file(b, fd, 1 << 30, blob, &size, e));
    close(fd);
    struct upload u = { .blob = blob, .duration_ms = 3000 };
    for (size_t i = 3; i < renditions_usual_count; i++) {
        struct rendition one, two;
        CHECK_OK(media_render(&m, &u, &renditions_usual[i], 0, &one, e));
        CHECK_OK(media_render(&m, &u, &renditions_usual[i], 0, &two, e));
        assert_string_equal(one.blob, two.blob);
    }
    CHECK_FAILS(ERR_NOT_FOUND, "preview",
                media_render(&m, &u, &renditions_usual[0], 0, &(struct rendition) { 0 }, e));
    assert_int_equal(entries_of("same/tmp"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upload_gets_all_its_forms),
        cmocka_unit_test(the_same_upload_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
