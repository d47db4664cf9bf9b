/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are broken, hostile or nothing at all: a clear sentence, or what can be had of them. */
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

static enum code decode_within(int fd, const struct audio_limits *limits, struct heard *h,
                               struct audio_facts *f, struct error *e)
{
    ARENA(a);
    struct audio_sink sink = { h, hear_pcm };
    struct heard none = { 0 };
    if (!h)
        sink.context = &none;
    enum code code = audio_decode(host, fd, limits, &want_all, &sink, &a, f, e);
    close(fd);
    return code; /* texts in f are gone with the arena: numbers only */
}

static enum code decode(int fd, struct heard *h, struct audio_facts *f, struct error *e)
{
    struct audio_limits limits = audio_limits_default();
    return decode_within(fd, &limits, h, f, e);
}

TEST(what_is_not_sound_is_called_so)
{
    struct audio_facts f;
    static const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } rows[] = {
#define BYTES(literal) literal, sizeof(literal) - 1
        { BYTES(""), "not audio: the file is empty" },
        { BYTES("x"), "not audio" },
        { BYTES("Just a letter to my bank, with nothing to hear in it at all.\n"), "not audio" },
        { BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"),
          "not audio" },
        { BYTES("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n"), "not audio" },
        { BYTES("PK\3\4\24\0\0\0\0\0"), "not audio" },
        { BYTES("RIFF\x24\0\0\0WAVE"), "not audio" },
        { BYTES("<?xml version=\"1.0\"?><svg/>"), "not audio" },
        /* lists that would open other files */
        { BYTES("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/passwd\n"), "not audio" },
        { BYTES("#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1/a.mp3\n#EXT-X-ENDLIST\n"), "not audio" },
        { BYTES("ffconcat version 1.0\nfile /etc/passwd\n"), "not audio" },
        { BYTES("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"),
          "not audio" },
        { BYTES("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>"),
          "not audio" },
        { BYTES(";FFMETADATA1\ntitle=x\n"), "not audio" },
#undef BYTES
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        CHECK_FAILS(ERR_INVALID, rows[i].says,
                    decode(file_of(rows[i].bytes, rows[i].length), NULL, &f, e));
}

TEST(a_damaged_head_is_called_so)
{
    struct sound s = { 2, 44100, 1, 440, 0.5, false };
    struct audio_facts f;
    int fd = encoded(host, &s, AUDIO_OPUS);
    BUF(b);
    file_bytes(fd, &b);
    close(fd);
    uint8_t *tags = memmem(b.bytes, b.length, "OpusTags", 8);
    assert_non_null(tags);
    memcpy(tags + 8, "\xFF\xFF\xFF\xFF", 4); /* the length of the first text */
    memcpy(memmem(b.bytes, b.length, "OpusHead", 8), "OpusHead\xFF", 9); /* a version to come */
    CHECK_FAILS(ERR_INVALID, "the head of this ogg file is damaged",
                decode(file_of(b.bytes, b.length), NULL, &f, e));
}

TEST(random_bytes_are_not_sound)
{
    struct audio_facts f;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        uint64_t state_of = seed;
        struct chance c = chance_seeded(&state_of);
        static uint8_t bytes[200000];
        c.fill(c.state, bytes, sizeof bytes);
        CHECK_FAILS(ERR_INVALID, "not audio", decode(file_of(bytes, sizeof bytes), NULL, &f, e));
    }
}

TEST(what_is_not_a_file_is_refused)
{
    int ends[2];
    struct audio_facts f;
    assert_int_equal(pipe(ends), 0);
    CHECK_FAILS(ERR_INVALID, "not a regular file", decode(ends[0], NULL, &f, e));
    close(ends[1]);
}

TEST(a_truncated_file_gives_what_it_has)
{
    struct sound s = { 2, 44100, 5, 440, 0.5, false };
    BUF(b);
    wav_write(&b, &s);
    struct heard h = { 0 };
    struct audio_facts f;
    CHECK_OK(decode(file_of(b.bytes, b.length * 6 / 10), &h, &f, e));
    assert_true(f.truncated);
    assert_in_range(f.duration_ms, 2900, 3001);
    for (int codec = AUDIO_OPUS; codec <= AUDIO_MP3; codec++) {
        BUF(whole);
        int fd = encoded(host, &s, (enum audio_codec)codec);
        file_bytes(fd, &whole);
        close(fd);
        CHECK_OK(decode(file_of(whole.bytes, whole.length * 6 / 10), &h, &f, e));
        assert_in_range(f.duration_ms, 2500, 3500);
        if (!f.truncated)
            STOP("%s is not called truncated", audio_codec_word((enum audio_codec)codec));
        CHECK_OK(decode(file_of(whole.bytes, whole.length), &h, &f, e));
        assert_false(f.truncated);
    }
}

TEST(silence_is_sound_and_is_called_silent)
{
    struct sound s = { 2, 48000, 3, 440, 0, false };
    struct audio_facts f;
    CHECK_OK(decode(wav_file(&s), NULL, &f, e));
    assert_true(f.silent);
    assert_true(f.loudness_lufs <= -69);
}

TEST(what_is_too_long_is_refused_with_the_name_of_the_setting)
{
    struct sound s = { 1, 8000, 12, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    struct heard h = { 0 };
    limits.seconds_most = 10;
    CHECK_FAILS(ERR_LIMIT, "10 seconds, the most that the setting audio.seconds_most",
                decode_within(wav_file(&s), &limits, &h, &f, e));
    assert_int_equal(h.count, 0); /* it says so itself: nothing is decoded first */
    CHECK_FAILS(ERR_LIMIT, "audio.seconds_most", decode_within(flac_bomb(20), &limits, &h, &f, e));
    assert_in_range(h.count, 1, 13 * 8000);
    /* ten hours, as a header and nothing else to read: 8-bit would be 288 MB */
    BUF(b);
    wav_head(&b, &s, 36000U * 16000U);
    int fd = file_of(b.bytes, b.length);
    assert_int_equal(ftruncate(fd, 36000LL * 16000 + 44), 0);
    CHECK_FAILS(ERR_LIMIT, "21600 seconds", decode(fd, NULL, &f, e));
}

TEST(a_small_file_of_endless_sound_ends_at_the_limit)
{
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    limits.seconds_most = 300;
    int fd = flac_bomb(36000);
    assert_true(lseek(fd, 0, SEEK_END) < 400000); /* ten hours in 350 kB */
    CHECK_FAILS(ERR_LIMIT, "300 seconds", decode_within(fd, &limits, NULL, &f, e));
    limits = audio_limits_default();
    limits.cpu_seconds_most = 1;
    limits.seconds_most = 1000000;
    CHECK_FAILS(ERR_LIMIT, "audio.cpu_seconds_most",
                decode_within(flac_bomb(60000), &limits, NULL, &f, e));
}

TEST(memory_has_a_limit)
{
    struct sound s = { 2, 44100, 3, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    limits.memory_bytes_most = 100000;
    struct error e = { 0 };
    enum code code = decode_within(wav_file(&s), &limits, NULL, &f, &e);
#if defined(__SANITIZE_ADDRESS__)
    assert_int_equal(code, OK); /* no such limit under the sanitizer */
#else
    assert_int_equal(code, ERR_LIMIT);
    assert_non_null(strstr(e.text, "audio.memory_bytes_most"));
#endif
}

TEST(a_file_has_a_size_limit)
{
    struct sound s = { 1, 8000, 1, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    limits.bytes_most = 1000;
    CHECK_FAILS(ERR_LIMIT, "audio.bytes_most", decode_within(wav_file(&s), &limits, NULL, &f, e));
}

TEST(numbers_that_are_none_do_no_harm)
{
    struct sound s = { 2, 44100, 4, 440, 0.5, true };
    BUF(b);
    wav_write(&b, &s);
    static const uint32_t bits[] = { 0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0xFFFFFFFF };
    for (size_t i = 0; i < 2000; i++)
        memcpy(b.bytes + 44 + 4 * (i * 131 % 300000), &bits[i % COUNT_OF(bits)], 4);
    struct heard h = { 0 };
    struct audio_facts f;
    CHECK_OK(decode(file_of(b.bytes, b.length), &h, &f, e));
    assert_int_equal(f.duration_ms, 4000);
    assert_true(isfinite(h.square) && h.square / (double)h.count > 0.05 &&
                h.square / (double)h.count < 0.09);
    assert_true(f.has_loudness && f.loudness_lufs > -15 && f.loudness_lufs < -5);
    assert_true(f.peak <= 64);
}

TEST(damage_in_the_middle_is_left_out)
{
    struct sound s = { 2, 44100, 8, 440, 0.5, false };
    for (int codec = AUDIO_OPUS; codec <= AUDIO_MP3; codec++) {
        int fd = encoded(host, &s, (enum audio_codec)codec);
        BUF(b);
        file_bytes(fd, &b);
        close(fd);
        uint64_t seed = 7;
        struct chance c = chance_seeded(&seed);
        c.fill(c.state, b.bytes + b.length / 2, b.length / 20);
        struct heard h = { 0 };
        struct audio_facts f;
        CHECK_OK(decode(file_of(b.bytes, b.length), &h, &f, e));
        if (f.duration_ms < 5500 || f.duration_ms > 8500)
            STOP("codec %d: %lld ms", codec, (long long)f.duration_ms);
    }
}

/* An MP4 whose table of sizes says that some packets are empty. */
TEST(packets_without_bytes_are_passed_over)
{
    struct sound s = { 2, 44100, 10, 440, 0.5, false };
    int fd = encoded(host, &s, AUDIO_AAC);
    BUF(b);
    file_bytes(fd, &b);
    close(fd);
    uint8_t *at = memmem(b.bytes, b.length, "stsz", 4);
    assert_non_null(at);
    uint32_t count = (uint32_t)at[12] << 24 | (uint32_t)at[13] << 16 | (uint32_t)at[14] << 8 |
                     at[15];
    assert_true(count > 400);
    for (uint32_t i = 100; i < 105; i++)
        memset(at + 16 + 4 * i, 0, 4);
    struct audio_facts f;
    CHECK_OK(decode(file_of(b.bytes, b.length), NULL, &f, e));
    assert_true(f.duration_ms >
                2000); /* behind the gap the chunk's offsets are off until its end */
}

/* 1% of the bytes of a file changed, again and again, through the real child. */
TEST(mutants_of_any_kind_leave_the_program_standing)
{
    struct sound s = { 2, 22050, 1, 440, 0.5, false };
    int files[] = { encoded(host, &s, AUDIO_OPUS), encoded(host, &s, AUDIO_AAC),
                    encoded(host, &s, AUDIO_MP3), wav_file(&s), flac_bomb(2) };
    struct audio_limits limits = audio_limits_default();
    limits.cpu_seconds_most = 2;
    limits.seconds_most = 100;
    int good = 0, bad = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        BUF(b);
        uint64_t state_of = seed;
        struct chance c = chance_seeded(&state_of);
        file_bytes(files[seed % COUNT_OF(files)], &b);
        size_t changes = 1 + b.length / (seed % 3 ? 2000 : 100);
        for (size_t i = 0; i < changes; i++) {
            uint32_t r[2];
            c.fill(c.state, (uint8_t *)r, sizeof r);
            /* every other change hits the first 200 bytes, where headers are */
            b.bytes[r[0] % (i % 2 ? b.length : b.length < 200 ? b.length : 200)] = (uint8_t)r[1];
        }
        struct error e = { 0 };
        struct audio_facts f;
        enum code code = decode_within(file_of(b.bytes, b.length), &limits, NULL, &f, &e);
        if (code != OK && code != ERR_INVALID && code != ERR_LIMIT)
            STOP("seed %lu: %s (%s)", (unsigned long)seed, e.text, code_word(code));
        good += code == OK;
        bad += code != OK;
    }
    assert_true(good > 20 && bad > 5);
    for (size_t i = 0; i < COUNT_OF(files); i++)
        close(files[i]);
    struct audio_facts f;
    CHECK_OK(decode(wav_file(&s), NULL, &f, e));
}

TEST(the_name_of_a_file_does_not_matter)
{
    /* descriptors have no names; a WAV in an ID3 disguise is still what it is */
    struct sound s = { 1, 44100, 2, 440, 0.5, false };
    BUF(b);
    buf_put(&b, "ID3\3\0\0\0\0\0\0", 10);
    wav_write(&b, &s);
    struct audio_facts f;
    CHECK_OK(decode(file_of(b.bytes, b.length), NULL, &f, e));
    assert_int_equal(f.duration_ms, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_sound_is_called_so),
        cmocka_unit_test(a_damaged_head_is_called_so),
        cmocka_unit_test(random_bytes_are_not_sound),
        cmocka_unit_test(what_is_not_a_file_is_refused),
        cmocka_unit_test(a_truncated_file_gives_what_it_has),
        cmocka_unit_test(silence_is_sound_and_is_called_silent),
        cmocka_unit_test(what_is_too_long_is_refused_with_the_name_of_the_setting),
        cmocka_unit_test(a_small_file_of_endless_sound_ends_at_the_limit),
        cmocka_unit_test(memory_has_a_limit),
        cmocka_unit_test(a_file_has_a_size_limit),
        cmocka_unit_test(numbers_that_are_none_do_no_harm),
        cmocka_unit_test(damage_in_the_middle_is_left_out),
        cmocka_unit_test(packets_without_bytes_are_passed_over),
        cmocka_unit_test(mutants_of_any_kind_leave_the_program_standing),
        cmocka_unit_test(the_name_of_a_file_does_not_matter),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
