/* SPDX-License-Identifier: Apache-2.0 */
/* What a decode gives, for sound and for what is not sound. */
#include "made.h"

#include <fcntl.h>

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

TEST(the_child_and_this_process_hear_the_same_and_always_the_same)
{
    ARENA(a);
    struct sound s = { 2, 48000, 3, 523.25, 0.4, false };
    struct audio_limits limits = audio_limits_default();
    for (int codec = AUDIO_OPUS; codec <= AUDIO_MP3; codec++) {
        struct heard child = { 0 }, again = { 0 }, here = { 0 };
        struct audio_sink sink = { &here, hear_pcm };
        struct audio_facts f, g;
        int fd = encoded(host, &s, (enum audio_codec)codec);
        CHECK_OK(audio_decode_here(fd, &limits, &want_all, &sink, &a, &g, e));
        CHECK_OK(decode(dup(fd), &want_all, &child, &a, &f, e));
        CHECK_OK(decode(fd, &want_none, &again, &a, &f, e));
        assert_true(child.count > 23000 && child.count < 25000);
        assert_true(child.hash == here.hash && child.hash == again.hash);
        assert_string_equal(g.codec, audio_codec_word((enum audio_codec)codec));
    }
}

TEST(what_is_not_wanted_is_not_made)
{
    ARENA(a);
    struct sound s = { 2, 44100, 2, 440, 0.5, false };
    struct audio_facts f;
    CHECK_OK(decode(wav_file(&s), &want_none, NULL, &a, &f, e));
    assert_false(f.has_loudness || f.has_range);
    assert_int_equal(f.peaks.count, 0);
    assert_int_equal(f.curve.power_count, 0);
    assert_int_equal(f.curve.chroma_count, 0);
    assert_int_equal(f.tag_count, 0);
    assert_int_equal(f.duration_ms, 2000);
}

TEST(any_number_of_channels_and_any_rate_is_heard)
{
    static const struct {
        int channels, rate_hz;
    } rows[] = { { 1, 8000 },   { 1, 11025 }, { 2, 22050 }, { 2, 32000 },
                 { 2, 96000 },  { 6, 48000 }, { 8, 48000 }, { 8, 96000 },
                 { 2, 192000 }, { 3, 44100 }, { 32, 8000 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct heard h = { 0 };
        struct audio_facts f;
        struct sound s = { rows[i].channels, rows[i].rate_hz, 2, 440, 0.5, i % 2 == 1 };
        CHECK_OK(decode(wav_file(&s), &want_all, &h, &a, &f, e));
        assert_int_equal(f.channels, s.channels);
        assert_int_equal(f.rate_hz, s.rate_hz);
        assert_in_range(h.count, 15990, 16010);
        /* the same tone in all channels stays as loud when they are mixed */
        double power = h.square / (double)h.count;
        if (fabs(power - 0.0742) > 0.004)
            STOP("%d channels at %d Hz: power %.4f", s.channels, s.rate_hz, power);
    }
    ARENA(a);
    struct audio_facts f;
    struct sound s = { 33, 8000, 1, 440, 0.5, false };
    CHECK_FAILS(ERR_LIMIT, "33 channels", decode(wav_file(&s), &want_none, NULL, &a, &f, e));
}

static void id3_frame(struct buf *b, const char *name, const void *body, size_t length)
{
    buf_text(b, name);
    be(b, length, 4);
    be(b, 0, 2);
    buf_put(b, body, length);
}

/* ID3v2.3 with texts, a picture and a text that is not UTF-8, in front of an MP3. */
TEST(tags_are_read_and_pictures_are_not_sound)
{
    ARENA(a);
    struct sound s = { 2, 44100, 3, 440, 0.5, false };
    BUF(id3);
    BUF(tags);
    BUF(picture);
    int fd = encoded(host, &s, AUDIO_MP3);
    buf_put(&picture, "\0image/png\0\3\0\x89PNG\r\n\x1a\n", 22);
    for (int i = 0; i < 5000; i++)
        buf_byte(&picture, (uint8_t)i);
    id3_frame(&tags, "TIT2", "\0Licet \xE9tude", 13);
    id3_frame(&tags, "TPE1", "\0Nobody", 7);
    id3_frame(&tags, "TSRC", "\0XXA012600001", 13);
    id3_frame(&tags, "APIC", picture.bytes, picture.length);
    buf_put(&id3, "ID3\3\0\0", 6);
    for (int shift = 21; shift >= 0; shift -= 7)
        buf_byte(&id3, (uint8_t)(tags.length >> shift & 0x7F));
    buf_str(&id3, buf_as_str(&tags));
    file_bytes(fd, &id3);
    close(fd);
    struct audio_facts f;
    CHECK_OK(decode(file_of(id3.bytes, id3.length), &want_all, NULL, &a, &f, e));
    assert_string_equal(f.title, "Licet \xC3\xA9tude");
    assert_string_equal(f.artist, "Nobody");
    assert_string_equal(f.isrc, "XXA012600001");
    assert_null(f.album);
    assert_string_equal(f.codec, "mp3");
    BUF(json);
    JSON(o);
    audio_facts_write(&f, &json);
    CHECK_OK(json_read(buf_as_str(&json), &o, e));
    assert_int_equal(json_integer_value(json_object_get(o, "rate_hz")), 44100);
}

/* A sink's own error comes back, and the child ends. */
static enum code refuse(void *context, const float *x, size_t n, struct error *e)
{
    (void)context, (void)x, (void)n;
    return fail(e, ERR_BUSY, "enough heard");
}

TEST(a_sink_that_fails_ends_the_decode)
{
    ARENA(a);
    struct sound s = { 2, 44100, 60, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_sink sink = { NULL, refuse };
    struct audio_facts f;
    int fd = wav_file(&s);
    CHECK_FAILS(ERR_BUSY, "enough heard",
                audio_decode(host, fd, &limits, &want_none, &sink, &a, &f, e));
    close(fd);
}

TEST(the_offset_of_the_descriptor_does_not_matter_and_does_not_move)
{
    ARENA(a);
    struct sound s = { 1, 8000, 1, 440, 0.5, false };
    struct audio_limits limits = audio_limits_default();
    struct audio_facts f;
    int fd = wav_file(&s);
    assert_int_equal(lseek(fd, 77, SEEK_SET), 77);
    CHECK_OK(audio_decode(host, fd, &limits, &want_none, NULL, &a, &f, e));
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 77);
    close(fd);
}

TEST(a_waveform_file_comes_back_and_a_broken_one_is_refused)
{
    ARENA(a);
    struct sound s = { 2, 44100, 5, 3, 0.5, false };
    struct audio_facts f;
    struct audio_peaks back;
    BUF(dat);
    BUF(text);
    JSON(o);
    CHECK_OK(decode(wav_file(&s), &want_all, NULL, &a, &f, e));
    audio_peaks_write(&f.peaks, &dat);
    assert_int_equal(dat.length, 24 + 2 * 250);
    assert_memory_equal(dat.bytes, "\2\0\0\0\1\0\0\0\x44\xAC\0\0\x72\3\0\0\xFA\0\0\0\1\0\0\0", 24);
    CHECK_OK(audio_peaks_read(buf_as_str(&dat), &a, &back, e));
    assert_int_equal(back.count, f.peaks.count);
    assert_memory_equal(back.pairs, f.peaks.pairs, 2 * back.count);
    for (size_t i = 0; i < dat.length; i += 7)
        CHECK_FAILS(ERR_INVALID, "waveform",
                    audio_peaks_read((struct str) { (char *)dat.bytes, i }, &a, &back, e));
    audio_peaks_write_json(&f.peaks, &text);
    CHECK_OK(json_read(buf_as_str(&text), &o, e));
    assert_int_equal(json_array_size(json_object_get(o, "data")), 500);
}

/* Twenty-two minutes have more than 65536 pixels at 50 a second: it is drawn with wider ones. */
TEST(a_long_piece_has_a_coarser_waveform)
{
    ARENA(a);
    struct audio_facts f;
    const struct audio_wants peaks = { .peaks = true };
    CHECK_OK(decode(flac_bomb(1330), &peaks, NULL, &a, &f, e));
    assert_in_range(f.peaks.count, 33000, 65536);
    assert_int_equal(f.peaks.samples_per_pixel, 2 * 882);
}

/* What FFmpeg's own program writes, where it is installed: all in one run. */
TEST(containers_of_all_kinds_give_their_first_sound)
{
    static const char *const rows[][3] = {
        { "1.mkv", "-map 1 -c:a flac", "flac" },
        { "flac", "-map 1", "flac" },
        { "aiff", "-map 1", "pcm_s16be" },
        { "mp4", "-map 0 -map 1 -c:a aac -c:v mpeg4", "aac" },
        { "2.mkv", "-map 0 -map 1 -map 1 -c:a libvorbis -c:v mpeg4", "vorbis" },
        { "ts", "-map 0 -map 1 -c:a mp2 -c:v mpeg2video -metadata service_name=\xC3\x89t\xC3\xA9",
          "mp2" },
        { "avi", "-map 0 -map 1 -c:a mp3 -c:v mpeg4", "mp3" },
        { "wma", "-map 1", "wmav2" },
        { "ac3", "-map 1", "ac3" },
        { "webm", "-map 1 -c:a libopus", "opus" },
        { "m4a", "-map 1 -c:a alac", "alac" },
        { "1.wav", "-map 1 -c:a pcm_s24le", "pcm_s24le" },
        { "2.wav", "-map 1 -c:a pcm_f64le", "pcm_f64le" },
        { "aac", "-map 1", "aac" },
        { "au", "-map 1 -c:a pcm_mulaw", "pcm_mulaw" },
        { "caf", "-map 1 -c:a pcm_s32be", "pcm_s32be" },
        { "wv", "-map 1", "wavpack" },
        { "tta", "-map 1", "tta" },
    };
    if (system("command -v ffmpeg >/dev/null 2>&1") != 0)
        skip();
    BUF(command);
    char path[64];
    int fds[COUNT_OF(rows)];
    long pid = (long)getpid();
    buf_text(&command, "ffmpeg -v error -y -f lavfi -i testsrc=d=3:s=64x64:r=10 "
                       "-f lavfi -i sine=440:d=3:r=44100");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buf_format(&command, " %s /tmp/licet-test-%ld.%s", rows[i][1], pid, rows[i][0]);
    int failed = system((const char *)command.bytes);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snprintf(path, sizeof path, "/tmp/licet-test-%ld.%s", pid, rows[i][0]);
        fds[i] = open(path, O_RDONLY);
        unlink(path);
    }
    if (failed)
        STOP("%s", (const char *)command.bytes);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ARENA(a);
        struct heard h = { 0 };
        struct audio_facts f;
        CHECK_OK(decode(fds[i], &want_all, &h, &a, &f, e));
        assert_string_equal(f.codec, rows[i][2]);
        if (f.duration_ms < 2900 || f.duration_ms > 3150 || f.truncated || f.damages)
            STOP("%s %s: %lld ms%s, %d damages", rows[i][0], f.codec, (long long)f.duration_ms,
                 f.truncated ? ", truncated" : "", f.damages);
        assert_in_range(h.count, 23000, 25300);
    }
}

TEST(a_video_without_sound_is_not_audio)
{
    ARENA(a);
    struct audio_facts f;
    char path[64], command[200];
    if (system("command -v ffmpeg >/dev/null 2>&1") != 0)
        skip();
    snprintf(path, sizeof path, "/tmp/licet-test-%ld.mp4", (long)getpid());
    snprintf(command, sizeof command,
             "ffmpeg -v error -y -f lavfi -i testsrc=d=1:s=64x64:r=10 -c:v mpeg4 %s", path);
    assert_int_equal(system(command), 0);
    int fd = open(path, O_RDONLY);
    unlink(path);
    CHECK_FAILS(ERR_INVALID, "without sound", decode(fd, &want_none, NULL, &a, &f, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_is_heard_whole),
        cmocka_unit_test(the_child_and_this_process_hear_the_same_and_always_the_same),
        cmocka_unit_test(what_is_not_wanted_is_not_made),
        cmocka_unit_test(any_number_of_channels_and_any_rate_is_heard),
        cmocka_unit_test(tags_are_read_and_pictures_are_not_sound),
        cmocka_unit_test(a_sink_that_fails_ends_the_decode),
        cmocka_unit_test(the_offset_of_the_descriptor_does_not_matter_and_does_not_move),
        cmocka_unit_test(a_waveform_file_comes_back_and_a_broken_one_is_refused),
        cmocka_unit_test(a_long_piece_has_a_coarser_waveform),
        cmocka_unit_test(containers_of_all_kinds_give_their_first_sound),
        cmocka_unit_test(a_video_without_sound_is_not_audio),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
