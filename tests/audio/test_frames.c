/* SPDX-License-Identifier: Apache-2.0 */
/* The parent believes nothing that a child sends. */
#include "sounds.h"

#include "audio/frames.h"

static const struct frame_facts good_facts = {
    .container = "wav", .codec = "pcm", .channels = 2, .rate_hz = 44100, .duration_ms = 1000
};

static void put_frame(struct buf *b, uint32_t kind, const void *payload, size_t length)
{
    struct frame_header h = { kind, (uint32_t)length };
    buf_put(b, &h, sizeof h);
    buf_put(b, payload, length);
}

/* Feed all, in pieces of `piece` bytes, and finish. */
static enum code read_all(const struct buf *b, size_t piece, struct heard *h, struct arena *a,
                          struct audio_facts *f, struct error *e)
{
    struct audio_limits limits = audio_limits_default();
    limits.seconds_most = 10;
    struct audio_sink sink = { h, hear_pcm };
    struct frame_reader *r = malloc(sizeof *r);
    frames_init(r, &limits, h ? &sink : NULL, a);
    enum code code = OK;
    for (size_t at = 0; at < b->length && code == OK; at += piece)
        code = frames_feed(r, b->bytes + at, b->length - at < piece ? b->length - at : piece, e);
    if (code == OK)
        code = frames_finish(r, f, e);
    frames_done(r);
    free(r);
    return code;
}

static void put_good(struct buf *b)
{
    static const float pcm[100] = { 0.5F, -0.5F };
    static const float chroma[2][AUDIO_CHROMA] = { { 1 } };
    struct {
        struct frame_peaks head;
        int8_t pairs[4][2];
    } peaks = { { 44100, 882 }, { { -1, 2 } } };
    put_frame(b, FRAME_PCM, pcm, sizeof pcm);
    put_frame(b, FRAME_POWER, pcm, 40);
    put_frame(b, FRAME_CHROMA, chroma, sizeof chroma);
    put_frame(b, FRAME_PEAKS, &peaks, sizeof peaks);
    put_frame(b, FRAME_TAG, "TITLE\0a\xFFz\n", 10);
    put_frame(b, FRAME_FACTS, &good_facts, sizeof good_facts);
    put_frame(b, FRAME_END, "", 0);
}

TEST(frames_come_in_pieces_of_any_size)
{
    BUF(b);
    put_good(&b);
    static const size_t pieces[] = { 1, 2, 3, 7, 8, 9, 64, 1000, 100000 };
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        ARENA(a);
        struct heard h = { 0 };
        struct audio_facts f;
        CHECK_OK(read_all(&b, pieces[i], &h, &a, &f, e));
        assert_int_equal(h.count, 100);
        assert_int_equal(f.curve.power_count, 10);
        assert_int_equal(f.curve.chroma_count, 2);
        assert_int_equal(f.peaks.count, 4);
        assert_int_equal(f.peaks.pairs[1], 2);
        assert_string_equal(f.title, "a?z ");
        assert_string_equal(f.container, "wav");
    }
}

TEST(a_stream_that_ends_early_is_an_error)
{
    BUF(b);
    put_good(&b);
    for (size_t n = 0; n < b.length; n += 3) {
        ARENA(a);
        struct audio_facts f;
        struct buf part = { b.bytes, n, 0, false };
        CHECK_FAILS(ERR_CORRUPT, "the decoder", read_all(&part, 4096, NULL, &a, &f, e));
    }
}

TEST(what_makes_no_sense_is_refused)
{
    struct frame_facts facts[9];
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        facts[i] = good_facts;
    memset(facts[0].container, 'x', sizeof facts[0].container);
    facts[1].channels = 0;
    facts[2].rate_hz = -1;
    facts[3].duration_ms = 13000;
    facts[4].duration_ms = -1;
    facts[5].peak = NAN;
    facts[6].loudness_lufs = INFINITY;
    facts[7].range_lu = NAN;
    facts[8].damages = -1;
    static const float nan1[] = { NAN }, huge[] = { 65 };
    static const struct frame_peaks no_rate = { 0, 1 };
    static const uint32_t code_ok = OK, code_99 = 99;
    static char tag[FRAME_TAG_BYTES_MOST + 1];
    const struct {
        uint32_t kind;
        const void *payload;
        size_t length;
    } rows[] = {
        { 0, "", 0 },
        { 77, "", 0 },
        { FRAME_PCM, "abc", 3 },
        { FRAME_PCM, nan1, 4 },
        { FRAME_PCM, huge, 4 },
        { FRAME_POWER, nan1, 4 },
        { FRAME_CHROMA, huge, 4 },
        { FRAME_TAG, "no end", 6 },
        { FRAME_TAG, tag, sizeof tag },
        { FRAME_PEAKS, "", 0 },
        { FRAME_PEAKS, &no_rate, sizeof no_rate },
        { FRAME_FACTS, &good_facts, sizeof good_facts - 1 },
        { FRAME_FACTS, &facts[0], sizeof facts[0] },
        { FRAME_FACTS, &facts[1], sizeof facts[0] },
        { FRAME_FACTS, &facts[2], sizeof facts[0] },
        { FRAME_FACTS, &facts[3], sizeof facts[0] },
        { FRAME_FACTS, &facts[4], sizeof facts[0] },
        { FRAME_FACTS, &facts[5], sizeof facts[0] },
        { FRAME_FACTS, &facts[6], sizeof facts[0] },
        { FRAME_FACTS, &facts[7], sizeof facts[0] },
        { FRAME_FACTS, &facts[8], sizeof facts[0] },
        { FRAME_ERROR, "", 0 },
        { FRAME_ERROR, &code_ok, 4 },
        { FRAME_ERROR, &code_99, 4 },
        { FRAME_END, "x", 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(b);
        ARENA(a);
        struct audio_facts f;
        struct error e = { 0 };
        put_frame(&b, rows[i].kind, rows[i].payload, rows[i].length);
        put_good(&b);
        if (read_all(&b, 1000, NULL, &a, &f, &e) != ERR_CORRUPT)
            STOP("row %zu: %s", i, e.text);
    }
}

/* A flood: more of anything than a piece of ten seconds can have. */
TEST(more_than_the_limits_allow_is_refused)
{
    static const float zeros[4096];
    static char pairs[8 + 32768] = { 1, 0, 0, 0, 1 };
    const struct {
        uint32_t kind;
        const void *payload;
        size_t length, times;
    } rows[] = {
        { FRAME_PCM, zeros, sizeof zeros, 24 },
        { FRAME_POWER, zeros, sizeof zeros, 1 },
        { FRAME_CHROMA, zeros, sizeof(float[AUDIO_CHROMA]), 25 },
        { FRAME_TAG, "a\0b", 3, FRAME_TAGS_MOST + 1 },
        { FRAME_PEAKS, pairs, sizeof pairs, 5 },
        { FRAME_FACTS, &good_facts, sizeof good_facts, 2 },
        { FRAME_END, "", 0, 2 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BUF(b);
        ARENA(a);
        struct audio_facts f;
        struct error e = { 0 };
        for (size_t k = 0; k < rows[i].times; k++)
            put_frame(&b, rows[i].kind, rows[i].payload, rows[i].length);
        if (read_all(&b, 100000, NULL, &a, &f, &e) != ERR_CORRUPT ||
            !strstr(e.text, "makes no sense"))
            STOP("row %zu: %s", i, e.text);
    }
    BUF(b);
    ARENA(a);
    struct audio_facts f;
    struct frame_header h = { FRAME_PCM, FRAME_BYTES_MOST + 1 };
    buf_put(&b, &h, sizeof h);
    CHECK_FAILS(ERR_CORRUPT, "frame", read_all(&b, 100, NULL, &a, &f, e));
}

TEST(the_child_s_own_error_is_handed_on)
{
    BUF(b);
    BUF(payload);
    ARENA(a);
    struct audio_facts f;
    le(&payload, ERR_LIMIT, 4);
    buf_text(&payload, "too \n long");
    put_frame(&b, FRAME_ERROR, payload.bytes, payload.length);
    CHECK_FAILS(ERR_LIMIT, "too   long", read_all(&b, 5, NULL, &a, &f, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_in_pieces_of_any_size),
        cmocka_unit_test(a_stream_that_ends_early_is_an_error),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(more_than_the_limits_allow_is_refused),
        cmocka_unit_test(the_child_s_own_error_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
