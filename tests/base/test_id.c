/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

TEST(an_id_comes_back_from_its_text)
{
    uint64_t seed = 7;
    struct chance c = chance_seeded(&seed);
    for (int i = 0; i < 1000; i++) {
        struct recording_id id = recording_id_make((struct instant) { i * 1000LL }, &c), back;
        char text[ID_TEXT];
        recording_id_format(id, text);
        assert_int_equal(strlen(text), 30);
        CHECK_OK(recording_id_parse(str_of(text), &back, e));
        assert_true(recording_id_equal(id, back));
    }
}

TEST(later_ids_sort_behind_in_bytes_and_text)
{
    uint64_t seed = 1;
    struct chance c = chance_seeded(&seed);
    char before[ID_TEXT] = "", text[ID_TEXT];
    for (int64_t ms = 1; ms < 5000; ms += 7) {
        upload_id_format(upload_id_make((struct instant) { ms * 1000 }, &c), text);
        assert_true(strcmp(before, text) < 0);
        memcpy(before, text, sizeof text);
    }
}

TEST(wrong_prefixes_and_digits_are_refused)
{
    struct notice_id id;
    static const char *const bad[] = { "",
                                       "ntc_",
                                       "rec_01234567890123456789012345",
                                       "ntc_0123456789012345678901234u",
                                       "ntc_z1234567890123456789012345",
                                       "ntc_012345678901234567890123456" };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK_FAILS(ERR_INVALID, "id of a notice", notice_id_parse(str_of(bad[i]), &id, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_comes_back_from_its_text),
        cmocka_unit_test(later_ids_sort_behind_in_bytes_and_text),
        cmocka_unit_test(wrong_prefixes_and_digits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
