/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/licet-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

TEST(a_file_is_replaced_whole)
{
    ARENA(a);
    BUF(b);
    const char *path = arena_format(&a, "%s/x", folder);
    CHECK_OK(file_write(path, "one", 3, 0600, e));
    CHECK_OK(file_write(path, "three", 5, 0600, e));
    CHECK_OK(file_read(path, 100, &b, e));
    assert_string_equal((char *)b.bytes, "three");
    buf_clear(&b);
    CHECK_FAILS(ERR_LIMIT, "larger than 4", file_read(path, 4, &b, e));
    CHECK_FAILS(ERR_NOT_FOUND, "nowhere", file_read("/nowhere", 4, &b, e));
}

TEST(a_full_disk_is_said)
{
    int fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    CHECK_FAILS(ERR_IO, "the disk is full", file_write_all(fd, "x", 1, e));
    close(fd);
}

TEST(folders_are_made_once_and_files_are_not_folders)
{
    ARENA(a);
    const char *deep = arena_format(&a, "%s/a/b/c", folder);
    CHECK_OK(file_make_folder(deep, 0700, e));
    CHECK_OK(file_make_folder(deep, 0700, e));
    const char *file = arena_format(&a, "%s/f", folder);
    CHECK_OK(file_write(file, "", 0, 0600, e));
    CHECK_FAILS(ERR_CONFLICT, "not a folder", file_make_folder(file, 0700, e));
}

TEST(a_lock_names_its_holder)
{
    ARENA(a);
    int one, two;
    const char *path = arena_format(&a, "%s/lock", folder);
    CHECK_OK(file_lock(path, &one, e));
    char self[32];
    snprintf(self, sizeof self, "(%ld)", (long)getpid());
    CHECK_FAILS(ERR_BUSY, self, file_lock(path, &two, e));
    close(one);
    CHECK_OK(file_lock(path, &two, e));
    close(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(folders_are_made_once_and_files_are_not_folders),
        cmocka_unit_test(a_lock_names_its_holder),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
