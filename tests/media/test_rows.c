/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "media/media.h"
#include "store_fixture.h"

#include <math.h>

static const struct instant at = { 1800000000LL * 1000000 };

static struct upload an_upload(struct store_fixture *f, struct network_id network)
{
    return (struct upload) {
        .id = upload_id_make(at, &f->chance),
        .network = network,
        .uploader = "user:17",
        .file = "\xD0\xBF\xD0\xB5\xD1\x81\xD0\xBD\xD1\x8F.mp3",
        .state = UPLOAD_RECEIVED,
        .blob = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
        .size_bytes = 3000000000,
        .received = at,
        .heard = INSTANT_FIRST,
    };
}

static void put(struct store *s, const struct upload *u)
{
    TX(tx);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(media_upload_put(tx, u, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

TEST(an_upload_is_kept_and_changed_by_version)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct network_id network = network_id_make(at, &f->chance);
    struct upload u = an_upload(f, network), back;
    put(f->store, &u);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_OK(media_upload_get(tx, network, u.id, &a, &back, e));
    assert_string_equal(back.file, u.file);
    assert_string_equal(back.blob, u.blob);
    assert_true(back.size_bytes == 3000000000);
    assert_int_equal(back.state, UPLOAD_RECEIVED);
    assert_null(back.error);
    assert_null(back.title);
    assert_true(app_id_is_none(back.app));
    assert_true(back.heard.us == INSTANT_FIRST.us);
    struct upload stale = back;
    back.state = UPLOAD_HEARD;
    back.title = "A 'title' -- with $1";
    back.duration_ms = 240000;
    back.heard_in_part = true;
    back.preview = (struct media_preview) { 61200, 30000, PREVIEW_TELLING };
    back.heard = at;
    CHECK_OK(media_upload_change(tx, &back, e));
    assert_int_equal(back.version, 2);
    CHECK_FAILS(ERR_CONFLICT, "version 2, not 1", media_upload_change(tx, &stale, e));
    struct upload again;
    struct network_id any = { { 0 } };
    CHECK_OK(media_upload_get(tx, any, u.id, &a, &again, e));
    assert_string_equal(again.title, back.title);
    assert_int_equal(again.preview.rule, PREVIEW_TELLING);
    assert_int_equal(again.preview.start_ms, 61200);
    assert_true(again.heard_in_part);
    struct network_id other = network_id_make(at, &f->chance);
    CHECK_FAILS(ERR_NOT_FOUND, "upl_", media_upload_get(tx, other, u.id, &a, &again, e));
    stale.id = upload_id_make(at, &f->chance);
    CHECK_FAILS(ERR_NOT_FOUND, "upl_", media_upload_change(tx, &stale, e));
}

TEST(an_upload_is_there_once)
{
    FIXTURE(f);
    TX(tx);
    struct upload u = an_upload(f, network_id_make(at, &f->chance));
    put(f->store, &u);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_FAILS(ERR_CONFLICT, "", media_upload_put(tx, &u, e));
}

TEST(uploads_are_listed_page_by_page)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct network_id one = network_id_make(at, &f->chance);
    struct network_id two = network_id_make(at, &f->chance);
    for (int i = 0; i < 25; i++) {
        struct upload u = an_upload(f, i % 5 ? one : two);
        u.id = upload_id_make((struct instant) { at.us + i * 1000000 }, &f->chance);
        u.state = i % 2 ? UPLOAD_HEARD : UPLOAD_RECEIVED;
        u.uploader = i == 7 ? "seven" : "user";
        put(f->store, &u);
    }
    CHECK_OK(store_begin(f->store, STORE_READ, &tx, e));
    struct upload *rows;
    size_t count, all = 0;
    struct upload_filter filter = UPLOADS_ALL;
    filter.limit = 7;
    for (struct upload_id before = { { 0 } };; before = filter.after) {
        CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
        if (count == 0)
            break;
        for (size_t i = 0; i < count; i++) {
            assert_true(memcmp(before.bytes, rows[i].id.bytes, ID_BYTES) < 0);
            before = rows[i].id;
        }
        filter.after = rows[count - 1].id;
        all += count;
    }
    assert_int_equal(all, 25);
    filter = UPLOADS_ALL;
    filter.network = two;
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    assert_int_equal(count, 5);
    filter.state = UPLOAD_HEARD;
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    assert_int_equal(count, 2);
    int64_t heard;
    CHECK_OK(media_upload_count(tx, UPLOAD_HEARD, &heard, e));
    assert_int_equal(heard, 12);
    filter = UPLOADS_ALL;
    filter.uploader = "seven";
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    assert_int_equal(count, 1);
    filter = UPLOADS_ALL;
    filter.newest_first = true;
    filter.limit = 1;
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    struct upload_id newest = rows[0].id;
    filter.after = newest;
    filter.limit = 100;
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    assert_int_equal(count, 24);
    filter = UPLOADS_ALL;
    filter.blob = "none such";
    CHECK_OK(media_upload_list(tx, &filter, &a, &rows, &count, e));
    assert_int_equal(count, 0);
}

TEST(matches_come_back_as_they_were_found)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct network_id network = network_id_make(at, &f->chance);
    struct upload_id upload = upload_id_make(at, &f->chance);
    struct recording_id recording = recording_id_make(at, &f->chance);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    for (int i = 0; i < 3; i++) {
        struct media_match m = { .id = match_id_make(at, &f->chance),
                                 .upload = upload,
                                 .network = network,
                                 .recording = recording,
                                 .upload_from_ms = 3000 - i * 1000,
                                 .upload_to_ms = 10000,
                                 .speed = 1.0125,
                                 .pitch_semitones = -2.5,
                                 .score = 0.93,
                                 .p_false = i ? 3e-9 : 0,
                                 .found = at };
        CHECK_OK(media_match_put(tx, &m, e));
    }
    struct media_match *rows;
    size_t count;
    CHECK_OK(media_match_list(tx, upload, &a, &rows, &count, e));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].upload_from_ms, 1000);
    assert_true(fabs(rows[0].speed - 1.0125) < 1e-9);
    assert_true(fabs(rows[0].pitch_semitones + 2.5) < 1e-9);
    assert_true(fabs(rows[0].p_false / 3e-9 - 1) < 0.01);
    assert_true(rows[2].p_false < 1e-200);
    struct upload_id *uploads, none = { { 0 } };
    CHECK_OK(media_match_uploads(tx, recording, none, 10, &a, &uploads, &count, e));
    assert_int_equal(count, 1);
    assert_true(upload_id_equal(uploads[0], upload));
    CHECK_OK(media_match_uploads(tx, recording, upload, 10, &a, &uploads, &count, e));
    assert_int_equal(count, 0);
    CHECK_OK(media_match_drop(tx, network, upload, e));
    CHECK_OK(media_match_list(tx, upload, &a, &rows, &count, e));
    assert_int_equal(count, 0);
}

TEST(a_verdict_keeps_its_bytes)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct media_verdict v = { .network = network_id_make(at, &f->chance),
                               .upload = upload_id_make(at, &f->chance),
                               .app = app_id_make(at, &f->chance),
                               .territory = "RU",
                               .mode = "deny",
                               .reason_code = "blocked",
                               .policy_version = 1,
                               .facts = "{\"a\":\"\xC3\xA9\"}",
                               .verdict = "{\"mode\":\"deny\"}",
                               .given = at };
    struct verdict_id ids[3];
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    for (int i = 0; i < 3; i++) {
        v.id = ids[i] = verdict_id_make((struct instant) { at.us + i * 1000000 }, &f->chance);
        CHECK_OK(media_verdict_put(tx, &v, e));
    }
    struct media_verdict back, *rows;
    struct verdict_id newest = { { 0 } };
    size_t count;
    CHECK_OK(media_verdict_get(tx, ids[1], &a, &back, e));
    assert_string_equal(back.facts, v.facts);
    assert_string_equal(back.verdict, v.verdict);
    assert_string_equal(back.territory, "RU");
    assert_true(recording_id_is_none(back.recording));
    assert_true(upload_id_equal(back.upload, v.upload));
    CHECK_OK(media_verdict_list(tx, v.upload, newest, 2, &a, &rows, &count, e));
    assert_int_equal(count, 2);
    assert_true(verdict_id_equal(rows[0].id, ids[2]));
    CHECK_OK(media_verdict_list(tx, v.upload, rows[1].id, 2, &a, &rows, &count, e));
    assert_int_equal(count, 1);
    CHECK_FAILS(ERR_NOT_FOUND, "vrd_", media_verdict_get(tx, newest, &a, &back, e));
}

TEST(a_rendition_of_the_same_form_replaces_the_one_before)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    struct rendition r = { .network = network_id_make(at, &f->chance),
                           .upload = upload_id_make(at, &f->chance),
                           .kind = RENDITION_PREVIEW,
                           .codec = AUDIO_AAC,
                           .bits_per_second = 96000,
                           .size_bytes = 12,
                           .start_ms = 61200,
                           .length_ms = 30000,
                           .made = at };
    memset(r.blob, 'a', BLOB_TEXT - 1);
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    r.id = rendition_id_make(at, &f->chance);
    struct rendition_id first = r.id;
    CHECK_OK(media_rendition_put(tx, &r, e));
    r.id = rendition_id_make(at, &f->chance);
    memset(r.blob, 'b', BLOB_TEXT - 1);
    CHECK_OK(media_rendition_put(tx, &r, e));
    struct rendition *rows, back;
    size_t count;
    CHECK_OK(media_rendition_list(tx, r.upload, &a, &rows, &count, e));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].codec, AUDIO_AAC);
    assert_int_equal(rows[0].kind, RENDITION_PREVIEW);
    CHECK_OK(media_rendition_get(tx, r.id, &back, e));
    assert_string_equal(back.blob, r.blob);
    char etag[RENDITION_ETAG];
    assert_string_equal(rendition_etag(&back, etag), "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"");
    CHECK_FAILS(ERR_NOT_FOUND, "ren_", media_rendition_get(tx, first, &back, e));
    CHECK_OK(media_rendition_drop(tx, r.network, r.upload, e));
    CHECK_OK(media_rendition_list(tx, r.upload, &a, &rows, &count, e));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_upload_is_kept_and_changed_by_version),
        STORE_TEST(an_upload_is_there_once),
        STORE_TEST(uploads_are_listed_page_by_page),
        STORE_TEST(matches_come_back_as_they_were_found),
        STORE_TEST(a_verdict_keeps_its_bytes),
        STORE_TEST(a_rendition_of_the_same_form_replaces_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
