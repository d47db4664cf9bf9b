/* SPDX-License-Identifier: Apache-2.0 */
/* What is shown of a match is what is there: the picture agrees where the music does, and both sounds
 * begin at the same place of it. */
#include "scene.h"

#include <unistd.h>

static struct audio_host *host;

static struct evidence evidence_of(struct scene *s, struct arena *a, const char *path)
{
    struct evidence *list;
    size_t count;
    CHECK_OK(flow_evidence(s->world, str_of(path), STR(""), a, &list, &count, e));
    assert_int_equal(count, 1);
    return list[0];
}

/* The share of what can be told that the picture says is the same. */
static int percent_of(const struct buf *svg)
{
    static const char before[] = "between the lines ";
    const char *at = memmem(svg->bytes, svg->length, before, strlen(before));
    assert_non_null(at);
    return atoi(at + strlen(before));
}

/* A piece of 20 s inside other music, slowed or not. */
static const char *mixed(struct scene *s, struct arena *a, const char *name, uint32_t seed,
                         double speed)
{
    enum { AROUND = 10 * FP_RATE_HZ, INSIDE = 20 * FP_RATE_HZ };
    float *all = calloc(2 * AROUND + INSIDE, sizeof *all);
    float *other = music_make(seed + 100, 0, 20, 1), *piece = music_make(seed, 25, 20, speed);
    memcpy(all, other, AROUND * sizeof *all);
    memcpy(all + AROUND, piece, INSIDE * sizeof *all);
    memcpy(all + AROUND + INSIDE, other + AROUND, AROUND * sizeof *all);
    const char *path = scene_wav(s, a, name, all, 2 * AROUND + INSIDE);
    free(all);
    free(other);
    free(piece);
    return path;
}

static const char *sound_of(struct scene *s, struct arena *a, const struct evidence *x,
                            enum evidence_side side)
{
    struct audio_rendered made;
    const char *path = arena_format(a, "%s/side-%d.ogg", s->folder, side);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_OK(flow_evidence_sound(s->world, x, side, AUDIO_OPUS, 15, fd, &made, e));
    close(fd);
    return path;
}

TEST(the_picture_agrees_inside_the_span_and_both_sounds_begin_at_one_place)
{
    static const double speeds[] = { 1, 1.08 };
    SCENE(s);
    scene_enrol(&s, scene_music(&s, &a, "whole.wav", 61, 0, 70));
    for (size_t i = 0; i < COUNT_OF(speeds); i++) {
        BUF(svg);
        struct evidence x = evidence_of(&s, &a, mixed(&s, &a, "up.wav", 61, speeds[i]));
        CHECK_OK(flow_evidence_picture(s.world, &x, &svg, e));
        assert_true(percent_of(&svg) >= 85);
        struct scene_identified up = scene_identify(&s, sound_of(&s, &a, &x, EVIDENCE_UPLOAD));
        struct scene_identified ref = scene_identify(&s, sound_of(&s, &a, &x, EVIDENCE_REFERENCE));
        assert_true(up.count >= 1 && ref.count >= 1);
        double up_at = up.matches[0].reference_start - up.matches[0].query_start * speeds[i];
        double ref_at = ref.matches[0].reference_start - ref.matches[0].query_start;
        assert_true(fabs(up_at - ref_at) < 0.25);
        assert_true(fabs(ref.seconds - up.seconds * x.match.speed) < 0.2);
    }
    scene_end(&s);
}

TEST(a_line_that_is_wrong_shows_as_chance)
{
    SCENE(s);
    BUF(svg);
    scene_enrol(&s, scene_music(&s, &a, "whole.wav", 62, 0, 70));
    struct evidence x = evidence_of(&s, &a, scene_music(&s, &a, "piece.wav", 62, 20, 25));
    x.match.reference_start += 7;
    CHECK_OK(flow_evidence_picture(s.world, &x, &svg, e));
    assert_true(percent_of(&svg) < 65);
    scene_end(&s);
}

TEST(names_are_escaped_and_another_name_of_evidence_is_not_found)
{
    SCENE(s);
    BUF(svg);
    const char *type;
    scene_enrol(&s, scene_music(&s, &a, "a<b>&\"c.wav", 63, 0, 40));
    struct evidence x = evidence_of(&s, &a, scene_music(&s, &a, "u<p.wav", 63, 10, 15));
    CHECK_OK(flow_evidence_bytes(s.world, &x, STR("picture.svg"), 10, &svg, &type, e));
    buf_byte(&svg, 0);
    assert_string_equal(type, "image/svg+xml");
    assert_non_null(strstr((char *)svg.bytes, "u&lt;p.wav"));
    assert_non_null(strstr((char *)svg.bytes, "a&lt;b&gt;&amp;&quot;c"));
    struct error e;
    assert_int_equal(flow_evidence_bytes(s.world, &x, STR("../keys"), 10, &svg, &type, &e),
                     ERR_NOT_FOUND);
    scene_end(&s);
}

TEST(the_sound_of_references_is_kept_unless_the_setting_says_no)
{
    SCENE(s);
    BUF(out);
    const char *type;
    struct error why;
    CHECK_OK(settings_flag(&s.settings, STR("references.keep_audio=no"), e));
    scene_enrol(&s, scene_music(&s, &a, "whole.wav", 64, 0, 40));
    struct evidence x = evidence_of(&s, &a, scene_music(&s, &a, "piece.wav", 64, 10, 15));
    assert_false(x.has_reference_sound);
    assert_int_equal(flow_evidence_bytes(s.world, &x, STR("reference.mp3"), 10, &out, &type, &why),
                     ERR_NOT_FOUND);
    assert_non_null(strstr(why.text, "references.keep_audio"));
    scene_end(&s);
}

SCENES(STORE_TEST(the_picture_agrees_inside_the_span_and_both_sounds_begin_at_one_place),
       STORE_TEST(a_line_that_is_wrong_shows_as_chance),
       STORE_TEST(names_are_escaped_and_another_name_of_evidence_is_not_found),
       STORE_TEST(the_sound_of_references_is_kept_unless_the_setting_says_no), )
