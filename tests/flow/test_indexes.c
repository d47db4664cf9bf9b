/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes are told about, checked, mended and made anew; a crash leaves the old or the new. */
#include "scene.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct audio_host *host;

static void open_blind(struct scene *s, struct world **out)
{
    struct world_options o = { .data = s->data,
                               .settings = &s->settings,
                               .clock = scene_clock,
                               .clock_state = &s->now,
                               .chance = &s->chance,
                               .blind = true };
    CHECK_OK(world_open(&o, out, e));
}

static void run_in(const struct scene *s, const char *what)
{
    char command[300];
    snprintf(command, sizeof command, "cd '%s/index/references' && %s", s->data, what);
    assert_int_equal(system(command), 0);
}

TEST(info_counts_what_was_enrolled)
{
    SCENE(s);
    struct index_report r[INDEXES];
    scene_enrol(&s, scene_music(&s, &a, "one.wav", 21, 0, 30));
    scene_enrol(&s, scene_music(&s, &a, "two.wav", 22, 0, 60));
    CHECK_OK(flow_index_info(s.world, r, e));
    assert_string_equal(r[0].name, "references");
    assert_int_equal(r[0].figures.recordings, 2);
    assert_true(fabs(r[0].figures.hours - 90.0 / 3600) < 1e-6);
    assert_true(r[0].figures.bytes > 90 * 30 && r[0].figures.bytes < 90 * 100);
    assert_int_equal(r[0].wanted, 2);
    assert_string_equal(r[1].name, "uploads");
    assert_int_equal(r[1].figures.recordings, 0);
    scene_end(&s);
}

TEST(check_names_what_is_missing_and_what_is_too_much_and_mend_puts_it_right)
{
    SCENE(s);
    char path[128];
    struct index_report r[INDEXES];
    struct index *ix;
    const char *whole = scene_music(&s, &a, "one.wav", 23, 0, 40);
    struct scene_enrolled x = scene_enrol(&s, whole);
    CHECK_OK(flow_index_check(s.world, NULL, r, e));
    assert_int_equal(r[0].code, OK);
    assert_int_equal(r[0].missing + r[0].extra + r[0].unreadable, 0);
    snprintf(path, sizeof path, "%s/index/references", s.data);
    CHECK_OK(index_open(path, INDEX_WRITE, &ix, e));
    struct index_key key, other = { { 9 } };
    struct fp_word words[40] = { { { 1, 2 } } };
    uint8_t posts[40] = { 1 };
    struct fingerprint fp = { .count = 40, .words = words, .posts = posts, .samples = 40 * 4096 };
    memcpy(key.bytes, x.result.reference.bytes, sizeof key.bytes);
    CHECK_OK(index_remove(ix, &key, e));
    CHECK_OK(index_add(ix, &other, &fp, e));
    CHECK_OK(index_commit(ix, e));
    index_close(ix);
    CHECK_OK(flow_index_check(s.world, NULL, r, e));
    assert_int_equal(r[0].missing, 1);
    assert_int_equal(r[0].extra, 1);
    assert_int_equal(scene_identify(&s, whole).count, 1); /* it has not looked again yet */
    CHECK_OK(flow_index_mend(s.world, r, e));
    assert_int_equal(r[0].missing, 1);
    CHECK_OK(flow_index_check(s.world, NULL, r, e));
    assert_int_equal(r[0].missing + r[0].extra, 0);
    assert_int_equal(scene_identify(&s, whole).count, 1);
    scene_end(&s);
}

TEST(a_damaged_byte_is_found_and_a_rebuild_mends_it)
{
    SCENE(s);
    struct world *blind;
    struct index_report r[INDEXES];
    const char *whole = scene_music(&s, &a, "one.wav", 24, 0, 40);
    scene_enrol(&s, whole);
    CHECK_OK(flow_index_rebuild(s.world, NULL, r, e)); /* so that there is a segment */
    world_close(take(s.world));
    run_in(&s, "printf x | dd of=$(ls segment-*) bs=1 seek=700 conv=notrunc 2>/dev/null");
    open_blind(&s, &blind);
    CHECK_OK(flow_index_check(blind, NULL, r, e));
    assert_int_equal(r[0].code, ERR_CORRUPT);
    assert_non_null(strstr(r[0].error.text, "segment-"));
    assert_int_equal(r[1].code, OK);
    CHECK_OK(flow_index_rebuild(blind, NULL, r, e));
    assert_int_equal(r[0].figures.recordings, 1);
    CHECK_OK(flow_index_check(blind, NULL, r, e));
    assert_int_equal(r[0].code, OK);
    world_close(blind);
    scene_open(&s, host);
    assert_int_equal(scene_identify(&s, whole).count, 1);
    scene_end(&s);
}

/* The rebuilt folder may have files of the same names with other bytes in them. */
TEST(who_searches_meanwhile_sees_the_rebuilt_index)
{
    SCENE(s);
    struct index_report r[INDEXES];
    struct world *blind;
    const char *one = scene_music(&s, &a, "one.wav", 25, 0, 40);
    const char *two = scene_music(&s, &a, "two.wav", 26, 0, 40);
    struct scene_enrolled x = scene_enrol(&s, one);
    char id[ID_TEXT];
    CHECK_OK(flow_index_rebuild(s.world, NULL, r, e));
    CHECK_OK(flow_withdraw(s.world, str_of(reference_id_format(x.result.reference, id)), STR("t"),
                           STR("t"), e));
    scene_enrol(&s, two);
    open_blind(&s, &blind);
    CHECK_OK(flow_index_rebuild(blind, NULL, r, e));
    world_close(blind);
    CHECK_OK(world_follow(s.world, e));
    assert_int_equal(scene_identify(&s, one).count, 0);
    struct scene_identified found = scene_identify(&s, two);
    assert_int_equal(found.count, 1);
    assert_true(found.matches[0].query_end - found.matches[0].query_start > 35);
    scene_enrol(&s, one);
    assert_int_equal(scene_identify(&s, one).count, 1);
    scene_end(&s);
}

TEST(a_fingerprint_that_is_gone_is_told_and_keeps_no_other_away)
{
    SCENE(s);
    struct index_report r[INDEXES];
    struct reference *rows;
    size_t count;
    const char *one = scene_music(&s, &a, "one.wav", 27, 0, 40);
    const char *two = scene_music(&s, &a, "two.wav", 28, 0, 40);
    scene_enrol(&s, one);
    scene_enrol(&s, two);
    {
        TX(tx);
        CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
        CHECK_OK(registry_reference_list(
            tx, world_catalogue(s.world), (struct recording_id) { { 0 } }, REFERENCE_INDEXED,
            (struct reference_id) { { 0 } }, 10, &a, &rows, &count, e));
    }
    CHECK_OK(media_blob_remove(world_blobs(s.world), rows[0].fingerprint, e));
    CHECK_OK(flow_index_check(s.world, NULL, r, e));
    assert_int_equal(r[0].unreadable, 1);
    assert_non_null(strstr(r[0].unreadable_first.text, rows[0].fingerprint));
    CHECK_OK(flow_index_rebuild(s.world, NULL, r, e));
    assert_int_equal(r[0].figures.recordings, 1);
    assert_int_equal(scene_identify(&s, one).count + scene_identify(&s, two).count, 1);
    scene_reopen(&s, host);
    assert_int_equal(scene_identify(&s, one).count + scene_identify(&s, two).count, 1);
    scene_end(&s);
}

static _Noreturn void rebuild_for_ever(struct scene *s)
{
    struct world *blind;
    struct index_report r[INDEXES];
    struct error e;
    open_blind(s, &blind);
    while (flow_index_rebuild(blind, NULL, r, &e) == OK) {
    }
    _exit(1);
}

TEST(killed_at_any_moment_a_rebuild_leaves_a_whole_index)
{
    SCENE(s);
    const char *path[3];
    for (uint32_t i = 0; i < COUNT_OF(path); i++) {
        path[i] = scene_music(&s, &a, arena_format(&a, "%u.wav", i), 30 + i, 0, 20);
        scene_enrol(&s, path[i]);
    }
    for (unsigned round = 0; round < 8; round++) {
        world_close(take(s.world));
        pid_t child = fork();
        if (child == 0)
            rebuild_for_ever(&s);
        usleep(15000 + round * 2711);
        int status;
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        scene_open(&s, host);
        struct index_report r[INDEXES];
        CHECK_OK(flow_index_check(s.world, NULL, r, e));
        assert_int_equal(r[0].code, OK);
        assert_int_equal(r[0].missing + r[0].extra, 0);
        assert_int_equal(scene_identify(&s, path[round % 3]).count, 1);
    }
    scene_end(&s);
}

SCENES(STORE_TEST(info_counts_what_was_enrolled),
       STORE_TEST(check_names_what_is_missing_and_what_is_too_much_and_mend_puts_it_right),
       STORE_TEST(a_damaged_byte_is_found_and_a_rebuild_mends_it),
       STORE_TEST(who_searches_meanwhile_sees_the_rebuilt_index),
       STORE_TEST(a_fingerprint_that_is_gone_is_told_and_keeps_no_other_away),
       STORE_TEST(killed_at_any_moment_a_rebuild_leaves_a_whole_index), )
