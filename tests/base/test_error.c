/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>

static enum code share(struct error *e)
{
    return fail(e, ERR_INVALID, "share %u is over the whole", 120000000u);
}

static enum code line(struct error *e)
{
    if (share(e) != OK)
        return fail_in(e, "line %d", 12);
    return OK;
}

TEST(words_are_built_from_the_inside_out)
{
    struct error e;
    assert_int_equal(line(&e), ERR_INVALID);
    fail_in(&e, "%s", "claims.csv");
    assert_string_equal(e.text, "claims.csv: line 12: share 120000000 is over the whole");
}

TEST(a_long_sentence_is_cut_not_overrun)
{
    struct error e;
    char many[600];
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    fail(&e, ERR_IO, "%s", many);
    fail_in(&e, "%s", many);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

TEST(a_full_disk_is_called_so)
{
    struct error e;
    errno = ENOSPC;
    assert_int_equal(fail_errno(&e, "a.db"), ERR_IO);
    assert_string_equal(e.text, "a.db: the disk is full");
}

TEST(every_code_has_status_and_word)
{
    for (int c = OK; c < CODE_COUNT; c++) {
        assert_true(code_http_status((enum code)c) >= 200);
        assert_true(strlen(code_word((enum code)c)) > 0);
        for (int d = OK; d < c; d++)
            assert_int_not_equal(code_exit_status((enum code)c), code_exit_status((enum code)d));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_built_from_the_inside_out),
        cmocka_unit_test(a_long_sentence_is_cut_not_overrun),
        cmocka_unit_test(a_full_disk_is_called_so),
        cmocka_unit_test(every_code_has_status_and_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
