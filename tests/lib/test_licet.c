/* SPDX-License-Identifier: Apache-2.0 */
/* The library as a stranger sees it: by its header and its shared object only. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "licet.h"

enum { RATE = 8000 };

/* Notes by seed; the same seed and place are the same sound. */
static float *tune(unsigned seed, double from, double seconds)
{
    size_t count = (size_t)(seconds * RATE);
    float *x = calloc(count, sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++) {
        double t = from + (double)i / RATE;
        for (unsigned voice = 0; voice < 3; voice++) {
            double pace = (2 + voice) * (1 + 0.13 * (seed % 9)); /* a beat of its own */
            unsigned beat = (unsigned)(t * pace);
            unsigned h = (beat * 2654435761u + seed * 40503u + voice * 977u) * 2246822519u;
            double hz = 130 * exp2((double)(h >> 16 & 0xffff) / 65536 * 40 / 12);
            double since = t * pace - beat;
            x[i] += (float)(0.2 * exp(-2 * since) * sin(2 * acos(-1.0) * hz * t));
        }
    }
    return x;
}

/* Takes x. */
static struct licet_sound *sound_heard(float *x, size_t count)
{
    struct licet_error e;
    struct licet_sound *s = NULL;
    assert_int_equal(licet_sound_begin(&s, &e), LICET_OK);
    for (size_t at = 0; at < count; at += 1000)
        assert_int_equal(licet_sound_push(s, x + at, count - at < 1000 ? count - at : 1000, &e),
                         LICET_OK);
    assert_int_equal(licet_sound_end(s, &e), LICET_OK);
    free(x);
    return s;
}

static struct licet_sound *sound_of(unsigned seed, double from, double seconds)
{
    return sound_heard(tune(seed, from, seconds), (size_t)(seconds * RATE));
}

static void folder_of(char out[64])
{
    snprintf(out, 64, "/tmp/licet-lib-XXXXXX");
    assert_non_null(mkdtemp(out));
}

static void remove_folder(const char *folder)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void what_was_added_is_found_by_another_reader(void **state)
{
    (void)state;
    char folder[64];
    struct licet_error e = { LICET_OK, "" };
    struct licet_index *writer, *reader;
    struct licet_match *found;
    size_t count;
    int complete = -1;
    folder_of(folder);
    assert_int_equal(licet_index_open(folder, LICET_WRITE, &writer, &e), LICET_OK);
    for (unsigned i = 1; i <= 16; i++) {
        uint8_t key[LICET_KEY_BYTES] = { (uint8_t)i };
        struct licet_sound *s = sound_of(i, 0, 60);
        assert_int_equal(licet_index_add(writer, key, s, &e), LICET_OK);
        licet_sound_free(s);
    }
    assert_int_equal(licet_index_commit(writer, &e), LICET_OK);
    assert_int_equal(licet_index_open(folder, LICET_READ, &reader, &e), LICET_OK);
    assert_int_equal(licet_index_count(reader), 16);
    struct licet_sound *query = sound_of(5, 20, 15);
    struct licet_options options = { .size = sizeof options, .identity_only = 1 };
    assert_true(fabs(licet_sound_seconds(query) - 15) < 0.001);
    assert_int_equal(licet_index_find(reader, query, &options, &found, &count, &complete, &e),
                     LICET_OK);
    assert_int_equal(count, 1);
    assert_int_equal(complete, 1);
    assert_int_equal(found[0].key[0], 5);
    assert_true(fabs(found[0].reference_start - found[0].sound_start - 20) < 0.3);
    licet_free(found);
    uint8_t five[LICET_KEY_BYTES] = { 5 };
    assert_int_equal(licet_index_remove(writer, five, &e), LICET_OK);
    assert_int_equal(licet_index_refresh(reader, &e), LICET_OK);
    assert_int_equal(licet_index_find(reader, query, NULL, &found, &count, NULL, &e), LICET_OK);
    assert_int_equal(count, 0);
    licet_free(found);
    assert_int_equal(licet_index_add(reader, five, query, &e), LICET_DENIED);
    struct licet_index *second;
    assert_int_equal(licet_index_open(folder, LICET_WRITE, &second, &e), LICET_BUSY);
    licet_sound_free(query);
    licet_index_close(reader);
    licet_index_close(writer);
    remove_folder(folder);
}

/* Piece `seed`, for half a second of each four another one instead. */
static struct licet_sound *cut_up(unsigned seed, unsigned other)
{
    float *x = tune(seed, 0, 60), *y = tune(other, 0, 60);
    for (size_t i = 0; i < 60 * RATE; i++)
        x[i] = i * 10 / RATE % 40 < 5 ? y[i] : x[i];
    free(y);
    return sound_heard(x, 60 * RATE);
}

static void the_same_sound_in_two_recordings_is_told(void **state)
{
    (void)state;
    char folder[64];
    struct licet_error e = { LICET_OK, "" };
    struct licet_index *ix;
    struct licet_match *found;
    size_t count, similar = 0;
    folder_of(folder);
    assert_int_equal(licet_index_open(folder, LICET_WRITE, &ix, &e), LICET_OK);
    for (unsigned i = 1; i <= 16; i++) {
        uint8_t key[LICET_KEY_BYTES] = { (uint8_t)i };
        struct licet_sound *s = i == 2    ? cut_up(1, 30)
                                : i == 16 ? sound_of(3, 0, 60)
                                          : sound_of(i, 0, 60);
        assert_int_equal(licet_index_add(ix, key, s, &e), LICET_OK);
        licet_sound_free(s);
    }
    assert_int_equal(licet_index_commit(ix, &e), LICET_OK);
    struct licet_options options = { .size = sizeof options, .identity_only = 1 };
    struct licet_sound *one = sound_of(1, 20, 15), *three = sound_of(3, 20, 15);

    assert_int_equal(licet_index_find(ix, one, &options, &found, &count, NULL, &e), LICET_OK);
    assert_int_equal(count, 1);
    assert_int_equal(found[0].key[0], 1);
    assert_int_equal(found[0].relation, LICET_PLAYED);
    licet_free(found);
    options.similar = 1;
    assert_int_equal(licet_index_find(ix, one, &options, &found, &count, NULL, &e), LICET_OK);
    assert_int_equal(found[0].key[0], 1);
    for (size_t i = 1; i < count; i++)
        similar += found[i].key[0] == 2 && found[i].relation == LICET_SIMILAR;
    assert_int_equal(similar, 1);
    licet_free(found);

    assert_int_equal(licet_index_find(ix, three, &options, &found, &count, NULL, &e), LICET_OK);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_true(found[i].key[0] == 3 || found[i].key[0] == 16);
        assert_int_equal(found[i].relation, LICET_SHARED);
    }
    licet_free(found);
    licet_sound_free(one);
    licet_sound_free(three);
    licet_index_close(ix);
    remove_folder(folder);
}

static void bytes_come_back_and_damage_is_told(void **state)
{
    (void)state;
    struct licet_error e;
    struct licet_sound *s = sound_of(3, 0, 12), *again = NULL;
    uint8_t *bytes, *same;
    size_t length, same_length;
    assert_int_equal(licet_sound_encode(s, &bytes, &length, &e), LICET_OK);
    assert_int_equal(licet_sound_decode(bytes, length, &again, &e), LICET_OK);
    assert_int_equal(licet_sound_encode(again, &same, &same_length, NULL), LICET_OK);
    assert_int_equal(length, same_length);
    assert_memory_equal(bytes, same, length);
    bytes[length / 2] ^= 1;
    assert_int_equal(licet_sound_decode(bytes, length, &again, &e), LICET_CORRUPT);
    assert_int_equal(e.status, LICET_CORRUPT);
    assert_int_not_equal(strlen(e.text), 0);
    assert_int_equal(licet_sound_decode(bytes, 5, &again, NULL), LICET_INVALID);
    licet_free(bytes);
    licet_free(same);
    licet_sound_free(s);
    licet_sound_free(again);
}

static void wrong_use_is_an_error_and_never_an_end(void **state)
{
    (void)state;
    struct licet_error e;
    struct licet_sound *s = NULL;
    struct licet_index *ix = NULL;
    uint8_t *bytes;
    size_t length;
    float silence[100] = { 0 };
    assert_int_equal(licet_sound_read("/no/such/file", &s, &e), LICET_NOT_FOUND);
    assert_int_equal(licet_sound_read("/tmp", &s, &e), LICET_INVALID);
    assert_int_equal(licet_index_open("/dev/null/x", LICET_WRITE, &ix, NULL), LICET_IO);
    assert_null(s);
    assert_null(ix);
    assert_int_equal(licet_sound_begin(&s, &e), LICET_OK);
    assert_int_equal(licet_sound_encode(s, &bytes, &length, &e), LICET_INVALID);
    assert_int_equal(licet_sound_end(s, &e), LICET_OK);
    assert_int_equal(licet_sound_end(s, &e), LICET_INVALID);
    assert_int_equal(licet_sound_push(s, silence, 100, &e), LICET_INVALID);
    licet_sound_free(s);
    licet_sound_free(NULL);
    licet_index_close(NULL);
    licet_free(NULL);
    assert_non_null(strchr(licet_version(), '.'));
    assert_true(licet_fingerprint_version() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_by_another_reader),
        cmocka_unit_test(the_same_sound_in_two_recordings_is_told),
        cmocka_unit_test(bytes_come_back_and_damage_is_told),
        cmocka_unit_test(wrong_use_is_an_error_and_never_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
