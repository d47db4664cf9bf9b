/* SPDX-License-Identifier: Apache-2.0 */
/* A fingerprint file stands for its sound: it is matched, and enrolled, without it. */
#include "scene.h"

#include <unistd.h>

static struct audio_host *host;

struct printed {
    enum code code;
    struct error error;
    struct buf bytes;
};

static void take_print(void *ctx, size_t number, enum code code, double seconds, struct str bytes,
                       const struct error *e)
{
    struct printed *p = ctx;
    (void)number, (void)seconds;
    p->code = code;
    if (code == OK)
        buf_put(&p->bytes, bytes.at, bytes.length);
    else
        p->error = *e;
}

/* The fingerprint of a file, as a file of its own. */
static const char *print_of(struct scene *s, struct arena *a, const char *path)
{
    struct printed p = { 0 };
    const struct fingerprint_sink sink = { &p, take_print };
    size_t failed;
    CHECK_OK(flow_fingerprint(host, &s->settings, &path, 1, 1, &sink, &failed, e));
    assert_int_equal(p.code, OK);
    const char *to = arena_format(a, "%s.licetfp", path);
    CHECK_OK(file_write(to, p.bytes.bytes, p.bytes.length, 0600, e));
    buf_done(&p.bytes);
    return to;
}

TEST(a_fingerprint_identifies_as_its_sound_does)
{
    SCENE(s);
    scene_enrol(&s, scene_music(&s, &a, "whole.wav", 41, 0, 60));
    const char *piece = scene_music(&s, &a, "piece.wav", 41, 20, 15);
    struct scene_identified by_sound = scene_identify(&s, piece);
    struct scene_identified by_print = scene_identify(&s, print_of(&s, &a, piece));
    assert_int_equal(by_sound.count, 1);
    assert_int_equal(by_print.count, 1);
    assert_true(by_sound.matches[0].query_end == by_print.matches[0].query_end);
    assert_true(by_sound.matches[0].reference_start == by_print.matches[0].reference_start);
    assert_true(by_sound.matches[0].p_false == by_print.matches[0].p_false);
    scene_end(&s);
}

TEST(a_fingerprint_is_enrolled_and_finds_earlier_uploads_and_later_clips)
{
    SCENE(s);
    const char *whole = scene_music(&s, &a, "my song.wav", 42, 0, 60);
    const char *print = print_of(&s, &a, whole);
    unlink(whole);
    struct scene_enrolled x = scene_enrol(&s, print), again = scene_enrol(&s, print);
    assert_int_equal(x.code, OK);
    assert_true(fabs(x.result.seconds - 60) < 0.01);
    assert_true(again.result.known);
    struct scene_identified found = scene_identify(&s,
                                                   scene_music(&s, &a, "piece.wav", 42, 30, 12));
    assert_int_equal(found.count, 1);
    assert_true(fabs(found.matches[0].reference_start - found.matches[0].query_start - 30) < 0.3);
    struct recording rec;
    TX(tx);
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(registry_recording_get(tx, world_catalogue(s.world), x.result.recording, &a, &rec, e));
    assert_string_equal(rec.title, "my song");
    store_rollback(take(tx));
    scene_end(&s);
}

TEST(a_fingerprint_that_is_not_whole_or_cannot_ask_is_refused_with_its_reason)
{
    SCENE(s);
    BUF(whole);
    BUF(kept);
    const char *print = print_of(&s, &a, scene_music(&s, &a, "piece.wav", 43, 0, 12));
    const char *path = arena_format(&a, "%s/bad.licetfp", s.folder);
    owned(fp_query) q = NULL;
    owned(fingerprint) fp = NULL;
    CHECK_OK(file_read(print, 1 << 24, &whole, e));
    CHECK_OK(fp_query_decode(whole.bytes, whole.length, &q, e));
    CHECK_OK(fp_query_fingerprint(q, &fp, e));
    CHECK_OK(fingerprint_encode(fp, &kept, e));
    q->samples += 80000; /* it says it is ten seconds longer than it is */
    BUF(lying);
    CHECK_OK(fp_query_encode(q, &lying, e));
    const struct {
        struct str bytes;
        enum code code;
        const char *words;
    } rows[] = {
        { { (char *)whole.bytes, whole.length - 1 }, ERR_CORRUPT, "does not check" },
        { { (char *)whole.bytes, 20 }, ERR_INVALID, "not a fingerprint" },
        { { (char *)kept.bytes, kept.length }, ERR_INVALID, "cannot ask" },
        { { (char *)lying.bytes, lying.length }, ERR_CORRUPT, "says it is" },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CHECK_OK(file_write(path, rows[i].bytes.at, rows[i].bytes.length, 0600, e));
        struct scene_identified found = scene_identify(&s, path);
        struct scene_enrolled x = scene_enrol(&s, path);
        assert_int_equal(found.code, rows[i].code);
        assert_int_equal(x.code, rows[i].code);
        assert_non_null(strstr(found.text, rows[i].words));
    }
    scene_end(&s);
}

SCENES(STORE_TEST(a_fingerprint_identifies_as_its_sound_does),
       STORE_TEST(a_fingerprint_is_enrolled_and_finds_earlier_uploads_and_later_clips),
       STORE_TEST(a_fingerprint_that_is_not_whole_or_cannot_ask_is_refused_with_its_reason), )
