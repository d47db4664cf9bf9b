/* SPDX-License-Identifier: Apache-2.0 */
/* What a decode gives, for sound and for what is not sound. */
#include "sounds.h"

static struct audio_host *host;

static int start(void **state)
{
    (void)state;
    struct error e;
    return audio_host_start(&host, &e) == OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    audio_host_stop(host);
    return 0;
}

/* Decode and close. */
static enum code decode(int fd, const struct audio_wants *wants, struct heard *h, struct arena *a,
                        struct audio_facts *f, struct error *e)
{
    struct audio_limits limits = audio_limits_default();
    struct audio_sink sink = { h, hear_pcm };
    enum code code = audio_decode(host, fd, &limits, wants, h ? &sink : NULL, a, f, e);
    close(fd);
    return code;
}

TEST(a_tone_is_heard_whole)
{
    ARENA(a);
    struct heard h = { 0 };
    struct audio_facts f;
    struct sound s = { 2, 44100, 6, 440, 0.5, false };
    CHECK_OK(decode(wav_file(&s), &want_all, &h, &a, &f, e));
    assert_in_range(h.count, 6 * 8000 - 8, 6 * 8000 + 8);
    assert_int_equal(f.duration_ms, 6000);
    assert_int_equal(f.channels, 2);
    assert_int_equal(f.rate_hz, 44100);
    assert_string_equal(f.container, "wav");
    assert_string_equal(f.codec, "pcm_s16le");
    assert_false(f.truncated);
    assert_false(f.silent);
    assert_int_equal(f.damages, 0);
    /* mean square of 0.5 sin x (0.75 + 0.25 sin y): 0.25 / 2 * (0.5625 + 0.03125) */
    assert_true(fabs(h.square / (double)h.count - 0.0742) < 0.001);
    assert_true(f.peak > 0.49F && f.peak < 0.51F);
    assert_true(f.has_loudness && f.has_range);
    /* one channel at 0 dBFS 997 Hz reads -3.01; two at -6.02 and 0.75 mean: near -11 */
    assert_true(f.loudness_lufs > -13 && f.loudness_lufs < -8);
    assert_int_equal(f.peaks.count, 300);
    assert_int_equal(f.curve.power_count, h.count / 800);
    assert_in_range(f.curve.chroma_count, 11, 12);
    for (size_t i = 0; i < f.curve.chroma_count; i++)
        assert_true(f.curve.chroma[i][9] > 0.98F); /* A */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_is_heard_whole),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
