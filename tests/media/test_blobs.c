/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include <pthread.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/wait.h>

TEST(bytes_come_back_under_their_hash)
{
    owned(media_blobs) b = blobs_at("a");
    char hash[BLOB_TEXT];
    BUF(back);
    CHECK_OK(media_blob_put(b, "abc", 3, hash, e));
    /* BLAKE2b-256 of "abc" */
    assert_string_equal(hash, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    CHECK_OK(media_blob_read(b, hash, 100, &back, e));
    assert_true(str_is(buf_as_str(&back), "abc"));
    assert_true(media_blob_has(b, hash));
    assert_int_equal(entries_of("a/tmp"), 0);
}

TEST(the_same_bytes_are_kept_once)
{
    owned(media_blobs) b = blobs_at("once");
    char one[BLOB_TEXT], two[BLOB_TEXT];
    int64_t size;
    struct stat first, second;
    char path[256];
    CHECK_OK(media_blob_put(b, "abcd", 4, one, e));
    snprintf(path, sizeof path, "%s/once/%.2s/%s", folder, one, one);
    assert_int_equal(stat(path, &first), 0);
    int fd = memfd_create("x", 0);
    assert_int_equal(write(fd, "abcd", 4), 4); /* the offset is at the end, and that is fine */
    CHECK_OK(media_blob_put_file(b, fd, 100, two, &size, e));
    close(fd);
    assert_string_equal(one, two);
    assert_int_equal(size, 4);
    assert_int_equal(stat(path, &second), 0);
    assert_true(first.st_ino == second.st_ino);
    assert_int_equal(entries_of("once/tmp"), 0);
}

TEST(a_blob_that_was_cut_off_is_put_right)
{
    owned(media_blobs) b = blobs_at("cut");
    char hash[BLOB_TEXT], path[256];
    BUF(back);
    CHECK_OK(media_blob_put(b, "abcdef", 6, hash, e));
    snprintf(path, sizeof path, "%s/cut/%.2s/%s", folder, hash, hash);
    assert_int_equal(truncate(path, 3), 0);
    CHECK_OK(media_blob_put(b, "abcdef", 6, hash, e));
    CHECK_OK(media_blob_read(b, hash, 100, &back, e));
    assert_true(str_is(buf_as_str(&back), "abcdef"));
}

TEST(changed_bytes_are_found_when_asked)
{
    owned(media_blobs) b = blobs_at("rot");
    char hash[BLOB_TEXT], path[256];
    int fd;
    int64_t size;
    CHECK_OK(media_blob_put(b, "abcdef", 6, hash, e));
    snprintf(path, sizeof path, "%s/rot/%.2s/%s", folder, hash, hash);
    int raw = open(path, O_WRONLY);
    assert_int_equal(pwrite(raw, "X", 1, 2), 1);
    close(raw);
    CHECK_FAILS(ERR_CORRUPT, hash, media_blob_open(b, hash, BLOB_VERIFY, &fd, &size, e));
    CHECK_OK(media_blob_open(b, hash, BLOB_AS_IS, &fd, &size, e));
    close(fd);
}

TEST(names_that_are_no_hashes_are_refused)
{
    owned(media_blobs) b = blobs_at("names");
    int fd;
    int64_t size;
    const char *bad[] = { "", "abc", "../../etc/passwd",
                          "BDDD813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
                          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d523190" };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_FAILS(ERR_INVALID, "hash", media_blob_open(b, bad[i], BLOB_AS_IS, &fd, &size, e));
        assert_false(media_blob_has(b, bad[i]));
    }
    CHECK_FAILS(ERR_NOT_FOUND, "no blob",
                media_blob_open(b,
                                "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
                                BLOB_AS_IS, &fd, &size, e));
}

TEST(too_much_is_refused_and_leaves_nothing)
{
    owned(media_blobs) b = blobs_at("much");
    char hash[BLOB_TEXT];
    int64_t size;
    int fd = memfd_create("x", 0);
    assert_int_equal(ftruncate(fd, 1000000), 0);
    CHECK_FAILS(ERR_LIMIT, "999999", media_blob_put_file(b, fd, 999999, hash, &size, e));
    assert_int_equal(entries_of("much/tmp"), 0);
    assert_int_equal(entries_of("much"), 1);
    close(fd);
}

/* A limit on file size stands for the full disk: writes fail in the middle of a blob. */
TEST(a_write_that_fails_leaves_nothing)
{
    owned(media_blobs) b = blobs_at("full");
    char hash[BLOB_TEXT];
    int64_t size;
    struct rlimit was, small;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    int fd = memfd_create("x", 0);
    assert_int_equal(ftruncate(fd, 1000000), 0);
    small = (struct rlimit) { 500000, was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct error error = { 0 };
    enum code code = media_blob_put_file(b, fd, 2000000, hash, &size, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(code, ERR_IO);
    assert_int_equal(entries_of("full/tmp"), 0);
    assert_int_equal(entries_of("full"), 1);
    CHECK_OK(media_blob_put_file(b, fd, 2000000, hash, &size, e));
    assert_int_equal(size, 1000000);
    close(fd);
}

static void *put_many(void *blobs)
{
    for (int i = 0; i < 40; i++) {
        char text[32], hash[BLOB_TEXT];
        snprintf(text, sizeof text, "number %d", i);
        struct error e;
        if (media_blob_put(blobs, text, strlen(text), hash, &e) != OK)
            return strdup(e.text);
    }
    return NULL;
}

TEST(several_threads_may_keep_the_same)
{
    owned(media_blobs) b = blobs_at("threads");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, b), 0);
    for (int i = 0; i < 4; i++) {
        void *error;
        pthread_join(threads[i], &error);
        if (error)
            STOP("%s", (char *)error);
    }
    assert_int_equal(entries_of("threads/tmp"), 0);
}

static enum code count_blob(void *context, const char *hash, struct error *e)
{
    (void)hash, (void)e;
    ++*(int *)context;
    return OK;
}

TEST(all_are_visited_and_removed_ones_are_gone)
{
    owned(media_blobs) b = blobs_at("each");
    char hash[BLOB_TEXT];
    int n = 0;
    for (int i = 0; i < 20; i++)
        CHECK_OK(media_blob_put(b, &i, sizeof i, hash, e));
    CHECK_OK(media_blob_each(b, count_blob, &n, e));
    assert_int_equal(n, 20);
    CHECK_OK(media_blob_remove(b, hash, e));
    CHECK_OK(media_blob_remove(b, hash, e));
    assert_false(media_blob_has(b, hash));
    n = 0;
    CHECK_OK(media_blob_each(b, count_blob, &n, e));
    assert_int_equal(n, 19);
}

TEST(old_drafts_are_swept_and_young_ones_stay)
{
    struct media_blobs *b = blobs_at("sweep");
    struct blob_draft old, young;
    char path[256];
    CHECK_OK(media_blob_begin(b, &old, e));
    CHECK_OK(media_blob_begin(b, &young, e));
    snprintf(path, sizeof path, "%s/sweep/tmp/%s", folder, old.name);
    const struct timespec times[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    media_blobs_free(b);
    b = blobs_at("sweep");
    assert_int_equal(entries_of("sweep/tmp"), 1);
    close(old.fd);
    media_blob_drop(b, &young);
    media_blobs_free(b);
}

static enum code verify_blob(void *context, const char *hash, struct error *e)
{
    int fd;
    int64_t size;
    TRY(media_blob_open(context, hash, BLOB_VERIFY, &fd, &size, e));
    close(fd);
    return OK;
}

/* A process that keeps blobs is killed again and again: what it was told is kept is there, and
 * nothing that is there is half a blob. */
TEST(what_was_kept_survives_kill_9)
{
    owned(media_blobs) b = blobs_at("kill");
    for (unsigned round = 0; round < 20; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            static uint8_t bytes[300000];
            char hash[BLOB_TEXT];
            for (unsigned i = 0;; i++) {
                memcpy(bytes, &(unsigned[]) { round, i }, 8);
                if (media_blob_put(b, bytes, sizeof bytes, hash, NULL) != OK ||
                    write(ends[1], hash, sizeof hash) != (ssize_t)sizeof hash)
                    _exit(1);
            }
        }
        close(ends[1]);
        char hash[BLOB_TEXT];
        for (unsigned i = 0; i <= round % 5; i++)
            assert_int_equal(read(ends[0], hash, sizeof hash), (ssize_t)sizeof hash);
        usleep(round * 137 % 1000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], hash, sizeof hash) == (ssize_t)sizeof hash)
            assert_true(media_blob_has(b, hash));
        close(ends[0]);
    }
    CHECK_OK(media_blob_each(b, verify_blob, b, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_back_under_their_hash),
        cmocka_unit_test(the_same_bytes_are_kept_once),
        cmocka_unit_test(a_blob_that_was_cut_off_is_put_right),
        cmocka_unit_test(changed_bytes_are_found_when_asked),
        cmocka_unit_test(names_that_are_no_hashes_are_refused),
        cmocka_unit_test(too_much_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_write_that_fails_leaves_nothing),
        cmocka_unit_test(several_threads_may_keep_the_same),
        cmocka_unit_test(all_are_visited_and_removed_ones_are_gone),
        cmocka_unit_test(what_was_kept_survives_kill_9),
        cmocka_unit_test(old_drafts_are_swept_and_young_ones_stay),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
