/* SPDX-License-Identifier: Apache-2.0 */
/* Renditions: the right seconds, faded, in files that play from their first byte. */
#include "made.h"

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

static enum code render(int in, const struct audio_format *f, int *out, struct audio_rendered *made,
                        struct error *e)
{
    struct audio_limits limits = audio_limits_default();
    int fd = memfd_create("rendition", MFD_CLOEXEC);
    enum code code = audio_render(host, in, fd, &limits, f, made, e);
    if (code == OK && out)
        *out = fd;
    else
        close(fd);
    return code;
}

struct samples {
    size_t count;
    float at[8000 * 40];
};

static enum code keep_pcm(void *context, const float *x, size_t n, struct error *e)
{
    (void)e;
    struct samples *s = context;
    for (size_t i = 0; i < n && s->count < COUNT_OF(s->at); i++)
        s->at[s->count++] = x[i];
    return OK;
}

static struct samples *hear(int fd, struct audio_facts *f, struct arena *a)
{
    struct samples *s = calloc(1, sizeof *s);
    struct audio_limits limits = audio_limits_default();
    struct audio_sink sink = { s, keep_pcm };
    CHECK_OK(audio_decode(host, fd, &limits, &want_none, &sink, a, f, e));
    close(fd);
    return s;
}

static double power(const struct samples *s, double from, double to)
{
    double sum = 0;
    size_t a = (size_t)(from * 8000), b = (size_t)(to * 8000);
    for (size_t i = a; i < b && i < s->count; i++)
        sum += (double)s->at[i] * (double)s->at[i];
    return sum / (double)(b - a);
}

/* One second of silence, then a tone of 300 Hz, then one of 1500 Hz, in turns of one second. */
static int stairs(int seconds)
{
    struct sound s = { 2, 44100, seconds, 0, 0, false };
    BUF(b);
    size_t rows = sound_rows(&s);
    wav_head(&b, &s, (uint32_t)rows * 4);
    for (size_t i = 0; i < rows; i++) {
        double t = (double)i / 44100;
        double hz = (int)t % 3 == 0 ? 0 : (int)t % 3 == 1 ? 300 : 1500;
        le(&b, (uint16_t)(int16_t)lround(16000 * sin(2 * M_PI * hz * t)), 2);
        le(&b, (uint16_t)(int16_t)lround(16000 * sin(2 * M_PI * hz * t)), 2);
    }
    return file_of(b.bytes, b.length);
}

TEST(a_cut_holds_the_seconds_asked_for)
{
    for (int codec = AUDIO_OPUS; codec <= AUDIO_MP3; codec++) {
        ARENA(a);
        struct audio_format f = { .codec = (enum audio_codec)codec,
                                  .bits_per_second = 96000,
                                  .start_ms = 3500,
                                  .length_ms = 4000 };
        struct audio_rendered made;
        struct audio_facts facts;
        int in = stairs(12), out;
        CHECK_OK(render(in, &f, &out, &made, e));
        close(in);
        assert_int_equal(made.duration_ms, 4000);
        assert_int_equal(made.bytes, lseek(out, 0, SEEK_END));
        struct samples *s = hear(out, &facts, &a);
        assert_string_equal(facts.codec, audio_codec_word((enum audio_codec)codec));
        assert_in_range(facts.duration_ms, 3990, 4060);
        /* silence 0 - 0.5, tone 0.5 - 2.5, silence 2.5 - 3.5, tone 3.5 - 4 */
        assert_true(power(s, 0.1, 0.4) < 0.001 && power(s, 0.6, 2.4) > 0.08);
        assert_true(power(s, 2.6, 3.4) < 0.001 && power(s, 3.6, 3.9) > 0.08);
        free(s);
    }
}

TEST(a_cut_rises_and_falls)
{
    ARENA(a);
    struct sound s = { 1, 48000, 10, 440, 0.5, false };
    struct audio_format f = { .codec = AUDIO_OPUS, .bits_per_second = 96000 };
    f.start_ms = 2000;
    f.length_ms = 5000;
    struct audio_rendered made;
    struct audio_facts facts;
    int in = wav_file(&s), out;
    CHECK_OK(render(in, &f, &out, &made, e));
    struct samples *plain = hear(out, &facts, &a);
    f.fade_in_ms = 1000;
    f.fade_out_ms = 2000;
    CHECK_OK(render(in, &f, &out, &made, e));
    close(in);
    struct samples *faded = hear(out, &facts, &a);
    assert_int_equal(facts.channels, 1);
    static const double rows[][2] = { { 0.02, 0 }, { 0.5, 0.5 },  { 0.75, 0.75 }, { 2, 1 },
                                      { 4, 0.5 },  { 4.5, 0.25 }, { 4.97, 0 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double t = rows[i][0];
        double gain = sqrt(power(faded, t - 0.02, t + 0.02) / power(plain, t - 0.02, t + 0.02));
        if (fabs(gain - rows[i][1]) > 0.05)
            STOP("gain %.3f at %.2f s", gain, t);
    }
    free(plain);
    free(faded);
}

TEST(a_cut_over_the_end_is_shorter_and_one_behind_it_is_an_error)
{
    struct sound s = { 2, 44100, 5, 440, 0.5, false };
    struct audio_format f = { .codec = AUDIO_AAC,
                              .bits_per_second = 96000,
                              .start_ms = 3000,
                              .length_ms = 30000,
                              .fade_out_ms = 1000 };
    struct audio_rendered made;
    int in = wav_file(&s), out;
    CHECK_OK(render(in, &f, &out, &made, e));
    assert_in_range(made.duration_ms, 1990, 2010);
    close(out);
    f.start_ms = 6000;
    CHECK_FAILS(ERR_INVALID, "ends before 6000 ms", render(in, &f, NULL, &made, e));
    close(in);
}

static size_t place_of(const struct buf *b, const char *what)
{
    uint8_t *at = memmem(b->bytes, b->length, what, 4);
    return at ? (size_t)(at - b->bytes) : SIZE_MAX;
}

TEST(an_mp4_has_its_index_in_front)
{
    struct sound s = { 2, 44100, 8, 440, 0.5, false };
    int in = wav_file(&s);
    struct audio_format f = { .codec = AUDIO_AAC, .bits_per_second = 128000 };
    struct audio_rendered made;
    int out;
    CHECK_OK(render(in, &f, &out, &made, e));
    close(in);
    BUF(b);
    file_bytes(out, &b);
    close(out);
    assert_true(place_of(&b, "moov") < place_of(&b, "mdat"));
}

/* A length that is not known beforehand: FLAC from a pipe says nothing of it. */
TEST(an_mp4_of_unknown_length_comes_in_fragments)
{
    ARENA(a);
    int in = flac_bomb(12), out;
    struct audio_format f = { .codec = AUDIO_AAC, .bits_per_second = 64000 };
    struct audio_rendered made;
    struct audio_facts facts;
    CHECK_OK(render(in, &f, &out, &made, e));
    close(in);
    struct samples *s = hear(out, &facts, &a);
    assert_in_range(facts.duration_ms, 12000, 15000);
    free(s);
}

TEST(eight_channels_become_two)
{
    ARENA(a);
    struct sound s = { 8, 96000, 2, 440, 0.5, true };
    int in = wav_file(&s), out;
    struct audio_format f = { .codec = AUDIO_MP3, .bits_per_second = 128000 };
    struct audio_rendered made;
    struct audio_facts facts;
    CHECK_OK(render(in, &f, &out, &made, e));
    close(in);
    struct samples *x = hear(out, &facts, &a);
    assert_int_equal(facts.channels, 2);
    assert_int_equal(facts.rate_hz, 48000);
    assert_true(fabs(power(x, 0.2, 1.8) - 0.0742) < 0.01);
    free(x);
}

TEST(what_cannot_be_made_is_refused)
{
    struct sound s = { 1, 8000, 1, 440, 0.5, false };
    struct audio_rendered made;
    const struct {
        struct audio_format f;
        const char *says;
    } rows[] = {
        { { .codec = (enum audio_codec)9, .bits_per_second = 64000 }, "no such codec" },
        { { .codec = AUDIO_OPUS, .bits_per_second = 100 }, "100 bits a second" },
        { { .codec = AUDIO_OPUS, .bits_per_second = 64000, .start_ms = -1 }, "make no sense" },
        { { .codec = AUDIO_OPUS, .bits_per_second = 64000, .fade_in_ms = 999999 },
          "make no sense" },
    };
    int in = wav_file(&s);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_FAILS(ERR_INVALID, rows[i].says, render(in, &rows[i].f, NULL, &made, e));
    close(in);
    in = file_of("no sound", 8);
    CHECK_FAILS(ERR_INVALID, "not audio",
                render(in, &(struct audio_format) { .bits_per_second = 64000 }, NULL, &made, e));
    close(in);
}

TEST(a_rendition_grows_to_its_limit_only)
{
    struct sound s = { 2, 44100, 20, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_format f = { .codec = AUDIO_OPUS, .bits_per_second = 128000 };
    struct audio_rendered made;
    int mp3 = encoded(host, &s, AUDIO_MP3);
    limits.bytes_most = lseek(mp3, 0, SEEK_END);
    f.bits_per_second = 320000;
    f.codec = AUDIO_MP3;
    int out = memfd_create("rendition", MFD_CLOEXEC);
    CHECK_FAILS(ERR_LIMIT, "audio.bytes_most", audio_render(host, mp3, out, &limits, &f, &made, e));
    assert_true(lseek(out, 0, SEEK_END) <= limits.bytes_most);
    close(out);
    close(mp3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_holds_the_seconds_asked_for),
        cmocka_unit_test(a_cut_rises_and_falls),
        cmocka_unit_test(a_cut_over_the_end_is_shorter_and_one_behind_it_is_an_error),
        cmocka_unit_test(an_mp4_has_its_index_in_front),
        cmocka_unit_test(an_mp4_of_unknown_length_comes_in_fragments),
        cmocka_unit_test(eight_channels_become_two),
        cmocka_unit_test(what_cannot_be_made_is_refused),
        cmocka_unit_test(a_rendition_grows_to_its_limit_only),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
