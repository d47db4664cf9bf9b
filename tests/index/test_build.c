/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fingerprint/music.h"
#include "index/build.h"

struct made {
    struct segment_item *items;
    size_t count;
    struct fp_word *words;
    uint8_t *posts;
};

/* Words of which few are common and many rare: keys come in long and in short lists. */
static struct made made_items(size_t count, uint32_t most_words)
{
    uint32_t random = 99;
    struct made m = { calloc(count, sizeof *m.items), count, NULL, NULL };
    size_t words = 0;
    for (size_t i = 0; i < count; i++) {
        m.items[i].count = i % 5 == 4 ? 0 : music_random(&random) % most_words;
        m.items[i].samples = (uint64_t)m.items[i].count * FP_STEP * FP_HOP;
        memcpy(m.items[i].key.bytes, &i, sizeof i);
        words += m.items[i].count;
    }
    m.words = calloc(words + 1, sizeof *m.words);
    m.posts = calloc(words + 1, 1);
    for (size_t j = 0; j < words; j++) {
        for (size_t h = 0; h < 2; h++)
            m.words[j].half[h] = (uint64_t)music_random(&random) << 32 | music_random(&random);
        if (music_random(&random) % 4 == 0)
            m.words[j].half[1] &= 0xf0f00000000000ffu;
        m.posts[j] = (uint8_t)(music_random(&random) >> 7 & 15);
    }
    for (size_t i = 0, at = 0; i < count; at += m.items[i++].count) {
        m.items[i].words = m.words + at;
        m.items[i].posts = m.posts + at;
    }
    return m;
}

static void made_done(struct made *m)
{
    free(m->items);
    free(m->words);
    free(m->posts);
}

static void path_make(char *path)
{
    sprintf(path, "/tmp/licet-build-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

TEST(a_file_has_the_bytes_that_memory_has)
{
    static const struct {
        size_t count;
        uint32_t words;
    } cases[] = { { 0, 1 }, { 1, 2 }, { 3, 40 }, { 50, 700 }, { 300, 900 }, { 2000, 900 } };
    char path[64];
    path_make(path);
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct made m = made_items(cases[c].count, cases[c].words);
        uint8_t *bytes = NULL;
        size_t length = 0;
        BUF(file);
        struct segment s;
        CHECK_OK(segment_build(m.items, m.count, &bytes, &length, e));
        CHECK_OK(segment_write(m.items, m.count, path, e));
        CHECK_OK(file_read(path, 1u << 30, &file, e));
        assert_int_equal(file.length, length);
        assert_memory_equal(file.bytes, bytes, length);
        CHECK_OK(segment_view(file.bytes, file.length, true, &s, e));
        free(bytes);
        made_done(&m);
    }
    unlink(path);
}

TEST(a_disk_that_is_full_leaves_nothing)
{
    char path[64];
    path_make(path);
    struct made m = made_items(60, 900);
    struct rlimit was, little;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t most = 0; most < 500000; most += 90000) {
        struct error e;
        little = (struct rlimit) { most, was.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
        enum code code = segment_write(m.items, m.count, path, &e);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        assert_int_equal(code, ERR_IO);
        assert_true(strstr(e.text, path) != NULL);
        assert_int_equal(access(path, F_OK), -1);
    }
    CHECK_OK(segment_write(m.items, m.count, path, e));
    made_done(&m);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_the_bytes_that_memory_has),
        cmocka_unit_test(a_disk_that_is_full_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
