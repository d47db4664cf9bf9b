/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

static struct upload_id an_id(uint64_t seed)
{
    struct chance c = chance_seeded(&seed);
    return upload_id_make((struct instant) { 1 }, &c);
}

TEST(parts_join_and_become_a_blob)
{
    owned(media_blobs) b = blobs_at("blobs");
    struct upload_id id = an_id(1);
    int64_t at = -1, size;
    char hash[BLOB_TEXT];
    BUF(back);
    CHECK_OK(media_part_begin(folder, id, e));
    CHECK_OK(media_part_at(folder, id, &at, e));
    assert_int_equal(at, 0);
    CHECK_OK(media_part_append(folder, id, 0, "one ", 4, 100, &at, e));
    CHECK_OK(media_part_append(folder, id, 4, "two", 3, 100, &at, e));
    assert_int_equal(at, 7);
    CHECK_OK(media_part_keep(folder, id, b, hash, &size, e));
    CHECK_OK(media_part_keep(folder, id, b, hash, &size, e)); /* its row was not committed */
    assert_int_equal(size, 7);
    CHECK_OK(media_blob_read(b, hash, 100, &back, e));
    assert_true(str_is(buf_as_str(&back), "one two"));
    CHECK_OK(media_part_drop(folder, id, e));
    CHECK_FAILS(ERR_NOT_FOUND, "upl_", media_part_at(folder, id, &at, e));
}

TEST(a_part_has_one_place)
{
    struct upload_id id = an_id(2);
    int64_t at;
    CHECK_OK(media_part_begin(folder, id, e));
    CHECK_FAILS(ERR_CONFLICT, "already", media_part_begin(folder, id, e));
    CHECK_OK(media_part_append(folder, id, 0, "abc", 3, 10, &at, e));
    CHECK_FAILS(ERR_CONFLICT, "begins at 3, not at 0",
                media_part_append(folder, id, 0, "abc", 3, 10, &at, e));
    CHECK_FAILS(ERR_CONFLICT, "begins at 3, not at 4",
                media_part_append(folder, id, 4, "abc", 3, 10, &at, e));
    CHECK_FAILS(ERR_LIMIT, "10 bytes", media_part_append(folder, id, 3, "12345678", 8, 10, &at, e));
    CHECK_FAILS(ERR_NOT_FOUND, "under way",
                media_part_append(folder, an_id(3), 0, "", 0, 10, &at, e));
}

TEST(bytes_behind_the_receipt_are_cut_off)
{
    owned(media_blobs) b = blobs_at("blobs");
    struct upload_id id = an_id(4);
    char text[ID_TEXT], path[160], hash[BLOB_TEXT];
    int64_t at, size;
    BUF(back);
    CHECK_OK(media_part_begin(folder, id, e));
    CHECK_OK(media_part_append(folder, id, 0, "abc", 3, 100, &at, e));
    /* a crash in the middle of the next part leaves this */
    snprintf(path, sizeof path, "%s/%s", folder, upload_id_format(id, text));
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "torn", 4), 4);
    close(fd);
    CHECK_OK(media_part_at(folder, id, &at, e));
    assert_int_equal(at, 3);
    CHECK_OK(media_part_append(folder, id, 3, "d", 1, 100, &at, e));
    CHECK_OK(media_part_keep(folder, id, b, hash, &size, e));
    CHECK_OK(media_blob_read(b, hash, 100, &back, e));
    assert_true(str_is(buf_as_str(&back), "abcd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_join_and_become_a_blob),
        cmocka_unit_test(a_part_has_one_place),
        cmocka_unit_test(bytes_behind_the_receipt_are_cut_off),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
