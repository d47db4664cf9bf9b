/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/manifest.h"

#include <stdlib.h>
#include <unistd.h>

/* A folder with two files and the manifest of them. */
struct place {
    struct arena arena;
    char folder[64];
    struct manifest manifest;
    struct buf text;
};

static void add(struct place *p, const char *name, const char *words)
{
    struct manifest_file about;
    char *path = arena_format(&p->arena, "%s/%s", p->folder, name);
    CHECK_OK(file_write(path, words, strlen(words), 0600, e));
    CHECK_OK(manifest_copy(path, NULL, &about, e));
    CHECK_OK(manifest_add(&p->manifest, &p->arena, name, &about, e));
}

static void place_init(struct place *p)
{
    *p = (struct place) { 0 };
    strcpy(p->folder, "/tmp/licet-manifest-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    add(p, "a b", "one");
    add(p, "c", "");
    manifest_write(&p->manifest, "1.0", (struct instant) { 0 }, &p->text);
}

static void place_done(struct place *p)
{
    const char *const names[] = { "a b", "c", "copy" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unlink(arena_format(&p->arena, "%s/%s", p->folder, names[i]));
    rmdir(p->folder);
    buf_done(&p->text);
    arena_done(&p->arena);
}
#define PLACE(name)                                                                                \
    __attribute__((cleanup(place_done))) struct place name;                                        \
    place_init(&name)

TEST(what_is_written_reads_back_and_checks)
{
    PLACE(p);
    struct manifest m = { 0 };
    CHECK_OK(manifest_read(buf_as_str(&p.text), &p.arena, &m, e));
    assert_int_equal(m.count, 2);
    assert_int_equal(m.bytes, 3);
    assert_string_equal(m.made, "1970-01-01T00:00:00Z");
    assert_string_equal(m.files[0].path, "a b");
    CHECK_OK(manifest_check(&m, p.folder, e));
}

TEST(a_changed_longer_or_missing_file_is_named)
{
    PLACE(p);
    char *path = arena_format(&p.arena, "%s/a b", p.folder);
    CHECK_OK(file_write(path, "two", 3, 0600, e));
    CHECK_FAILS(ERR_CORRUPT, "a b was changed", manifest_check(&p.manifest, p.folder, e));
    CHECK_OK(file_write(path, "longer", 6, 0600, e));
    CHECK_FAILS(ERR_CORRUPT, "a b has 6 bytes, not 3", manifest_check(&p.manifest, p.folder, e));
    unlink(path);
    CHECK_FAILS(ERR_CORRUPT, "a b is missing", manifest_check(&p.manifest, p.folder, e));
}

TEST(every_flipped_byte_and_every_cut_of_the_list_is_refused)
{
    PLACE(p);
    struct manifest m = { 0 };
    for (size_t i = 0; i < p.text.length; i++) {
        struct error e = { 0 };
        p.text.bytes[i] ^= 1;
        if (manifest_read(buf_as_str(&p.text), &p.arena, &m, &e) == OK)
            STOP("byte %zu may change", i);
        p.text.bytes[i] ^= 1;
        /* all but the last line end must be there */
        struct str cut = { (const char *)p.text.bytes, i };
        if (i + 1 < p.text.length && manifest_read(cut, &p.arena, &m, &e) == OK)
            STOP("it may be cut at %zu", i);
    }
}

TEST(paths_stay_in_the_folder)
{
    static const char *const paths[] = { "/etc/passwd", "../x", "a/../b", "a//b", "./a", "" };
    PLACE(p);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct manifest m = { 0 };
        struct manifest_file about = p.manifest.files[0];
        BUF(text);
        CHECK_OK(manifest_add(&m, &p.arena, paths[i], &about, e));
        manifest_write(&m, "1.0", (struct instant) { 0 }, &text);
        CHECK_FAILS(ERR_CORRUPT, "line 3", manifest_read(buf_as_str(&text), &p.arena, &m, e));
    }
}

TEST(a_copy_has_the_bytes_and_never_overwrites)
{
    PLACE(p);
    struct manifest_file about;
    BUF(text);
    char *from = arena_format(&p.arena, "%s/a b", p.folder);
    char *to = arena_format(&p.arena, "%s/copy", p.folder);
    CHECK_OK(manifest_copy(from, to, &about, e));
    assert_memory_equal(about.hash, p.manifest.files[0].hash, MANIFEST_HASH_BYTES);
    CHECK_OK(file_read(to, 100, &text, e));
    assert_true(str_is(buf_as_str(&text), "one"));
    CHECK_FAILS(ERR_IO, "copy", manifest_copy(from, to, &about, e));
    CHECK_FAILS(ERR_NOT_FOUND, "gone", manifest_copy("/nonexistent/x", NULL, &about, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back_and_checks),
        cmocka_unit_test(a_changed_longer_or_missing_file_is_named),
        cmocka_unit_test(every_flipped_byte_and_every_cut_of_the_list_is_refused),
        cmocka_unit_test(paths_stay_in_the_folder),
        cmocka_unit_test(a_copy_has_the_bytes_and_never_overwrites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
