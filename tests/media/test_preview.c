/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "media/media.h"

#include <stdlib.h>

static const struct preview_span none;

/* A piece made of parts: each has a power and a chord. */
struct part {
    int seconds;
    float power;
    int chord; /* its steps, in semitones a second; -1: nothing sounds */
};

struct piece {
    float power[60000];
    float chroma[12000][AUDIO_CHROMA];
    struct audio_curve curve;
    int64_t duration_ms;
};

static struct piece *piece_of(const struct part *parts, size_t count)
{
    struct piece *p = calloc(1, sizeof *p);
    int seconds = 0;
    for (size_t i = 0; i < count; i++)
        for (int s = 0; s < parts[i].seconds; s++, seconds++) {
            for (int k = 0; k < 10; k++)
                p->power[seconds * 10 + k] = parts[i].power;
            for (int k = 0; k < 2 && parts[i].chord >= 0; k++)
                p->chroma[seconds * 2 + k][parts[i].chord * (s + 1) % AUDIO_CHROMA] = 1;
        }
    p->duration_ms = seconds * 1000;
    p->curve = (struct audio_curve) { .power_count = (size_t)seconds * 10,
                                      .chroma_count = (size_t)seconds * 2,
                                      .power = p->power,
                                      .chroma = (const float(*)[AUDIO_CHROMA])p->chroma };
    return p;
}

static struct media_preview choose(const struct part *parts, size_t count,
                                   struct preview_span instruction, struct preview_span chosen)
{
    struct piece *p = piece_of(parts, count);
    struct media_preview out = media_preview_choose(&p->curve, p->duration_ms, 30000, instruction,
                                                    chosen);
    free(p);
    return out;
}

static const struct part song[] = {
    { 20, 0.01F, 0 }, { 30, 0.05F, 3 }, { 30, 0.20F, 7 }, /* intro, verse, chorus at 50 s */
    { 30, 0.05F, 4 }, { 30, 0.20F, 7 },                   /* verse, chorus at 110 s */
    { 30, 0.18F, 9 }, { 30, 0.02F, 1 },                   /* solo, end */
};

TEST(the_loud_part_that_comes_again_is_chosen)
{
    struct media_preview p = choose(song, COUNT_OF(song), none, none);
    assert_int_equal(p.rule, PREVIEW_TELLING);
    assert_int_equal(p.length_ms, 30000);
    bool first = llabs(p.start_ms - 50000) <= 2000, second = llabs(p.start_ms - 110000) <= 2000;
    if (!first && !second)
        STOP("start at %lld", (long long)p.start_ms);
}

TEST(an_instruction_is_stronger_than_a_choice_and_that_than_the_curve)
{
    const struct preview_span instruction = { true, 12500, 0 }, chosen = { true, 70000, 15000 };
    struct media_preview p = choose(song, COUNT_OF(song), instruction, chosen);
    assert_int_equal(p.rule, PREVIEW_INSTRUCTION);
    assert_int_equal(p.start_ms, 12500);
    assert_int_equal(p.length_ms, 30000);
    p = choose(song, COUNT_OF(song), none, chosen);
    assert_int_equal(p.rule, PREVIEW_CHOSEN);
    assert_int_equal(p.start_ms, 70000);
    assert_int_equal(p.length_ms, 15000);
}

TEST(a_span_outside_the_piece_is_no_instruction_and_one_over_its_end_is_cut)
{
    const struct preview_span outside = { true, 200000, 0 }, over = { true, 190000, 0 };
    assert_int_equal(choose(song, COUNT_OF(song), outside, none).rule, PREVIEW_TELLING);
    struct media_preview p = choose(song, COUNT_OF(song), over, none);
    assert_int_equal(p.rule, PREVIEW_INSTRUCTION);
    assert_int_equal(p.length_ms, 10000);
}

TEST(beginning_and_end_are_left_out)
{
    const struct part loud_ends[] = { { 14, 0.5F, 0 }, { 60, 0.05F, 3 }, { 20, 0.5F, 0 } };
    struct media_preview p = choose(loud_ends, COUNT_OF(loud_ends), none, none);
    assert_int_equal(p.rule, PREVIEW_TELLING);
    assert_in_range(p.start_ms, 15000, 94000 - 20000 - 30000);
}

TEST(the_start_moves_to_an_onset)
{
    /* 300 ms of quiet before the loud part: the window would begin on the half second */
    const struct part parts[] = {
        { 40, 0.02F, 2 }, { 30, 0.2F, 7 }, { 40, 0.02F, 4 }, { 30, 0.2F, 7 }, { 40, 0.02F, 5 }
    };
    struct piece *p = piece_of(parts, COUNT_OF(parts));
    for (int k = 0; k < 3; k++)
        p->power[400 + k] = p->power[1100 + k] = 0.001F;
    struct media_preview m = media_preview_choose(&p->curve, p->duration_ms, 30000, none, none);
    free(p);
    if (m.start_ms % 70000 != 40300) /* 40.3 s or 110.3 s */
        STOP("start at %lld", (long long)m.start_ms);
}

TEST(what_is_short_is_its_own_preview_and_what_is_silent_gives_a_third)
{
    const struct part brief[] = { { 29, 0.1F, 0 } }, silent[] = { { 300, 0, -1 } };
    struct media_preview p = choose(brief, 1, none, none);
    assert_int_equal(p.rule, PREVIEW_WHOLE);
    assert_int_equal(p.start_ms, 0);
    assert_int_equal(p.length_ms, 29000);
    p = choose(silent, 1, none, none);
    assert_int_equal(p.rule, PREVIEW_THIRD);
    assert_int_equal(p.start_ms, 100000);
    const struct part forty[] = { { 40, 0.1F, 0 } };
    p = choose(forty, 1, none, none); /* no room between beginning and end */
    assert_int_equal(p.rule, PREVIEW_THIRD);
    assert_int_equal(p.start_ms, 10000);
}

TEST(any_piece_gets_a_preview_inside_it)
{
    uint64_t seed = 4;
    struct chance c = chance_seeded(&seed);
    for (int round = 0; round < 60; round++) {
        struct part parts[12];
        uint8_t r[36];
        c.fill(c.state, r, sizeof r);
        size_t n = 1 + r[35] % 12;
        for (size_t i = 0; i < n; i++)
            parts[i] = (struct part) { 1 + r[3 * i] % 90, (float)r[3 * i + 1] / 256.0F,
                                       r[3 * i + 2] % 13 - 1 };
        struct piece *p = piece_of(parts, n);
        struct media_preview m = media_preview_choose(&p->curve, p->duration_ms, 30000, none, none);
        assert_true(m.rule != PREVIEW_NONE && m.start_ms >= 0 && m.length_ms > 0);
        assert_true(m.start_ms + m.length_ms <= p->duration_ms);
        free(p);
    }
}

TEST(an_hour_is_looked_at_coarsely)
{
    struct part parts[100];
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        parts[i] = (struct part) { 59, i % 9 == 4 ? 0.3F : 0.03F, (int)(i * 5 % 12) };
    assert_int_equal(choose(parts, COUNT_OF(parts), none, none).rule, PREVIEW_TELLING);
}

TEST(nothing_gives_none)
{
    struct audio_curve empty = { 0 };
    assert_int_equal(media_preview_choose(&empty, 0, 30000, none, none).rule, PREVIEW_NONE);
    assert_int_equal(media_preview_choose(&empty, 90000, 30000, none, none).rule, PREVIEW_THIRD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loud_part_that_comes_again_is_chosen),
        cmocka_unit_test(an_instruction_is_stronger_than_a_choice_and_that_than_the_curve),
        cmocka_unit_test(a_span_outside_the_piece_is_no_instruction_and_one_over_its_end_is_cut),
        cmocka_unit_test(beginning_and_end_are_left_out),
        cmocka_unit_test(the_start_moves_to_an_onset),
        cmocka_unit_test(what_is_short_is_its_own_preview_and_what_is_silent_gives_a_third),
        cmocka_unit_test(any_piece_gets_a_preview_inside_it),
        cmocka_unit_test(an_hour_is_looked_at_coarsely),
        cmocka_unit_test(nothing_gives_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
