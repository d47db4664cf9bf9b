/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "media/media.h"

static const uint8_t keys[2][LINK_KEY_BYTES] = { { 1, 2, 3 }, { 4, 5, 6 } };
static const struct instant now = { 1800000000LL * 1000000 };

static struct media_link a_link(uint64_t seed)
{
    struct chance c = chance_seeded(&seed);
    struct media_link l = { .mode = LINK_FULL, .territory = "DE" };
    l.rendition = rendition_id_make(now, &c);
    l.app_key = app_key_id_make(now, &c);
    l.verdict = verdict_id_make(now, &c);
    l.not_after.us = now.us + 600 * 1000000LL;
    return l;
}

TEST(a_link_gives_back_what_went_in)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct media_link in = a_link(seed), out;
        char text[LINK_TEXT];
        in.mode = seed % 2 ? LINK_FULL : LINK_PREVIEW;
        media_link_make(keys[0], &in, text);
        assert_int_equal(media_link_check(keys, 1, str_of(text), now, &out), LINK_GOOD);
        assert_memory_equal(&in.rendition, &out.rendition, ID_BYTES);
        assert_memory_equal(&in.app_key, &out.app_key, ID_BYTES);
        assert_memory_equal(&in.verdict, &out.verdict, ID_BYTES);
        assert_int_equal(in.mode, out.mode);
        assert_string_equal(in.territory, out.territory);
        assert_true(in.not_after.us == out.not_after.us);
    }
}

TEST(the_last_second_is_good_and_the_next_is_over)
{
    struct media_link in = a_link(1), out;
    char text[LINK_TEXT];
    media_link_make(keys[0], &in, text);
    struct instant later = { in.not_after.us + 1 };
    assert_int_equal(media_link_check(keys, 1, str_of(text), in.not_after, &out), LINK_GOOD);
    assert_int_equal(media_link_check(keys, 1, str_of(text), later, &out), LINK_EXPIRED);
    assert_memory_equal(&in.verdict, &out.verdict, ID_BYTES);
}

TEST(no_character_may_be_changed_or_left_out)
{
    struct media_link in = a_link(7), out;
    char text[LINK_TEXT], bad[LINK_TEXT + 2];
    media_link_make(keys[0], &in, text);
    size_t n = strlen(text);
    for (size_t i = 3; i < n; i++) {
        for (int c = 0; c < 256; c++) {
            if ((char)c == text[i])
                continue;
            strcpy(bad, text);
            bad[i] = (char)c;
            assert_int_equal(media_link_check(keys, 2, (struct str) { bad, n }, now, &out),
                             LINK_FORGED);
        }
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(media_link_check(keys, 2, (struct str) { text, i }, now, &out),
                         LINK_FORGED);
    snprintf(bad, sizeof bad, "%sA", text);
    assert_int_equal(media_link_check(keys, 2, str_of(bad), now, &out), LINK_FORGED);
}

TEST(only_known_keys_seal)
{
    struct media_link in = a_link(3), out;
    char text[LINK_TEXT];
    media_link_make(keys[1], &in, text);
    assert_int_equal(media_link_check(keys, 1, str_of(text), now, &out), LINK_FORGED);
    assert_int_equal(media_link_check(keys, 2, str_of(text), now, &out), LINK_GOOD);
    assert_int_equal(media_link_check(keys, 0, str_of(text), now, &out), LINK_FORGED);
}

/* The layout is a format: docs/formats/media-link.md. A change of it needs a new version. */
TEST(the_text_of_version_1_stays)
{
    struct media_link l = { .mode = LINK_PREVIEW, .territory = "RU", .not_after = now };
    memset(l.rendition.bytes, 0x11, ID_BYTES);
    memset(l.app_key.bytes, 0x22, ID_BYTES);
    memset(l.verdict.bytes, 0x33, ID_BYTES);
    char text[LINK_TEXT];
    media_link_make(keys[0], &l, text);
    /* computed apart from this program, by Python's hashlib.blake2b */
    assert_string_equal(text, "/m/AREREREREREREREREREREREBUlUiIiIiIiIiIiIiIiIiIiIiMzMzMzMzMzMzMzMz"
                              "MzMzMwBrSdIAw_mSfGqq_87M9-aFMjAApQ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_gives_back_what_went_in),
        cmocka_unit_test(the_last_second_is_good_and_the_next_is_over),
        cmocka_unit_test(no_character_may_be_changed_or_left_out),
        cmocka_unit_test(only_known_keys_seal),
        cmocka_unit_test(the_text_of_version_1_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
