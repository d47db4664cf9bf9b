/* SPDX-License-Identifier: Apache-2.0 */
/* The interface over a socket, on both databases; every JSON answer is held against the document. */
#include "house.h"

static struct audio_host *audio;

#define HOUSE(name)                                                                                \
    FIXTURE(fixture_)                                                                              \
    ARENA(a);                                                                                      \
    struct house name;                                                                             \
    house_begin(&name, fixture_, audio)

/* Ask, want a status, drop the answer. */
static void ask(struct house *h, int want, const char *key, const char *method, const char *path,
                const char *headers, const char *body)
{
    REPLY(r) = house_ask(h, key, method, path, headers, body);
    if (r.raw.status != want)
        STOP("%s %s: want %d, got %d: %s", method, path, want, r.raw.status, r.raw.body);
}

/* Ask and keep one text of the answer. */
static char *ask_text(struct house *h, struct arena *a, int want, const char *method,
                      const char *path, const char *body, const char *member)
{
    REPLY(r) = house_ask(h, NULL, method, path, "", body);
    if (r.raw.status != want)
        STOP("%s %s: want %d, got %d: %s", method, path, want, r.raw.status, r.raw.body);
    return str_copy(a, str_of(text_at(&r, member)));
}

static void make_networks(struct house *h)
{
    ask(h, 201, NULL, "POST", "/api/v1/networks", "",
        "{\"slug\":\"songs\",\"name\":\"Songs\","
        "\"unlicensed\":\"deny\",\"unmatched\":\"full\"}");
    ask(h, 201, NULL, "POST", "/api/v1/networks", "", "{\"slug\":\"other\"}");
    ask(h, 201, NULL, "POST", "/api/v1/apps", "",
        "{\"network\":\"songs\",\"slug\":\"web\",\"name\":\"Web\",\"download\":true}");
    ask(h, 201, NULL, "POST", "/api/v1/apps", "",
        "{\"network\":\"songs\",\"slug\":\"phone\",\"name\":\"Phone\",\"clip_seconds\":30}");
}

TEST(health_document_and_errors_need_no_key)
{
    HOUSE(h);
    static const char *const open[] = { "/healthz", "/readyz", "/metrics", "/openapi.json",
                                        "/api/v1/version" };
    for (size_t i = 0; i < COUNT_OF(open); i++)
        ask(&h, 200, "", "GET", open[i], "", NULL);
    ask(&h, 401, "", "GET", "/api/v1/parties", "", NULL);
    ask(&h, 401, "lk_nonsense", "GET", "/api/v1/parties", "", NULL);
    ask(&h, 404, "", "GET", "/api/v1/nothing", "", NULL);
    ask(&h, 405, "", "PUT", "/api/v1/parties", "", NULL);
    REPLY(counts) = house_ask(&h, "", "GET", "/metrics", "", NULL);
    assert_non_null(strstr(counts.raw.body, "licet_uploads{state=\"received\"} 0\n"));
    assert_non_null(
        strstr(counts.raw.body, "route=\"/api/v1/parties\",method=\"GET\",status=\"401\"} 2"));
    REPLY(r) = house_ask(&h, "", "GET", "/api/v1/parties", "", NULL);
    assert_string_equal(answer_header(&r.raw, "WWW-Authenticate"), "Bearer realm=\"licet\"");
    house_end(&h);
}

TEST(what_is_made_is_read_listed_paged_and_edited_under_its_etag)
{
    HOUSE(h);
    char body[200], path[200];
    for (int i = 0; i < 5; i++) {
        snprintf(body, sizeof body, "{\"slug\":\"label-%d\",\"name\":\"Label %d\"}", i, i);
        ask(&h, 201, NULL, "POST", "/api/v1/parties", "", body);
    }
    int seen = 0;
    snprintf(path, sizeof path, "/api/v1/parties?limit=2");
    for (bool more = true; more;) {
        REPLY(r) = house_ask(&h, NULL, "GET", path, "", NULL);
        CHECK_STATUS(200, r);
        seen += (int)json_array_size(at(&r, "items"));
        more = json_is_string(at(&r, "next"));
        assert_int_equal(more, answer_header(&r.raw, "Link") != NULL);
        if (more)
            snprintf(path, sizeof path, "/api/v1/parties?limit=2&after=%s", text_at(&r, "next"));
    }
    assert_true(seen == 5 || seen == 6); /* the operator's own party is one too */
    REPLY(csv) = house_ask(&h, NULL, "GET", "/api/v1/parties", "Accept: text/csv\r\n", NULL);
    assert_int_equal(strncmp(csv.raw.body, "id,slug,name,dpid,isni,ipi,version,known\r\n", 42), 0);
    REPLY(one) = house_ask(&h, NULL, "GET", "/api/v1/parties/label-3", "", NULL);
    CHECK_STATUS(200, one);
    assert_string_equal(answer_header(&one.raw, "ETag"), "\"v1\"");
    const char *edit = "{\"name\":\"Label Three\"}", *url = "/api/v1/parties/label-3";
    ask(&h, 428, NULL, "PATCH", url, "", edit);
    ask(&h, 412, NULL, "PATCH", url, "If-Match: \"v7\"\r\n", edit);
    ask(&h, 200, NULL, "PATCH", url, "If-Match: \"v1\"\r\n", edit);
    ask(&h, 412, NULL, "PATCH", url, "If-Match: \"v1\"\r\n", "{\"name\":\"Late\"}");
    REPLY(now) = house_ask(&h, NULL, "GET", url, "", NULL);
    assert_string_equal(text_at(&now, "name"), "Label Three");
    assert_string_equal(text_at(&now, "slug"), "label-3");
    house_end(&h);
}

TEST(bad_bodies_are_named_and_change_nothing)
{
    HOUSE(h);
    static const struct {
        const char *path, *body, *say;
        int status;
    } rows[] = {
        { "/api/v1/parties", "{\"slug\":\"x\",\"name\":\"X\",\"colour\":1}", "colour", 400 },
        { "/api/v1/parties", "{\"slug\":\"x\",\"name\":7}", "name", 400 },
        { "/api/v1/parties", "{\"slug\":\"Not A Slug\",\"name\":\"X\"}", "", 400 },
        { "/api/v1/parties", "{\"slug\":\"x\",\"slug\":\"y\",\"name\":\"X\"}", "duplicate", 400 },
        { "/api/v1/parties", "{\"slug\":", "line 1", 400 },
        { "/api/v1/parties", "[]", "object", 400 },
        { "/api/v1/parties", "{\"slug\":\"x\",\"name\":\"X\",\"isni\":\"12\"}", "", 400 },
        { "/api/v1/recordings", "{\"title\":\"T\",\"artist\":\"A\",\"isrc\":\"12\"}", "", 400 },
        { "/api/v1/claims", "{\"recording\":\"rec_x\",\"share_e8\":1}", "recording", 400 },
        { "/api/v1/claims", "{\"share_e8\":100000001}", "share_e8", 400 },
        { "/api/v1/policies", "{\"action\":\"burn\"}", "", 400 },
        { "/api/v1/licences", "{\"name\":\"L\",\"licensor\":\"nobody\"}", "licensor", 400 },
        { "/api/v1/licences", "{\"name\":\"L\",\"territories\":\"UK\"}", "territories", 400 },
        { "/api/v1/networks", "{\"slug\":\"n\",\"unlicensed\":\"maybe\"}", "unlicensed", 400 },
        { "/api/v1/apps", "{\"network\":\"gone\",\"slug\":\"a\"}", "network", 400 },
        { "/api/v1/keys", "{\"scopes\":\"fly\"}", "", 400 },
        { "/api/v1/decide", "{\"territory\":\"DE\"}", "upload", 400 },
        { "/api/v1/decide/batch", "{\"items\":[]}", "items", 400 },
        { "/api/v1/decide/recordings", "{\"recordings\":[]}", "recordings", 400 },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        REPLY(r) = house_ask(&h, NULL, "POST", rows[i].path, "", rows[i].body);
        if (r.raw.status != rows[i].status || !strstr(r.raw.body, rows[i].say))
            STOP("%s %s: %d %s", rows[i].path, rows[i].body, r.raw.status, r.raw.body);
    }
    ask(&h, 415, NULL, "POST", "/api/v1/parties", "Content-Type: text/plain\r\n", "slug=x");
    ask(&h, 400, NULL, "POST", "/api/v1/parties", "X-Reason: \xFF\r\n",
        "{\"slug\":\"x\",\"name\":\"X\"}");
    ask(&h, 404, NULL, "GET", "/api/v1/parties/x", "", NULL);
    house_end(&h);
}

TEST(the_same_idempotency_key_does_nothing_twice)
{
    HOUSE(h);
    const char *once = "Idempotency-Key: order-1\r\n";
    const char *body = "{\"title\":\"Song\",\"artist\":\"A\"}";
    REPLY(first) = house_ask(&h, NULL, "POST", "/api/v1/recordings", once, body);
    REPLY(again) = house_ask(&h, NULL, "POST", "/api/v1/recordings", once, body);
    CHECK_STATUS(201, first);
    CHECK_STATUS(201, again);
    assert_string_equal(first.raw.body, again.raw.body);
    assert_string_equal(answer_header(&again.raw, "Idempotency-Replayed"), "true");
    ask(&h, 422, NULL, "POST", "/api/v1/recordings", once,
        "{\"title\":\"Other\",\"artist\":\"A\"}");
    REPLY(list) = house_ask(&h, NULL, "GET", "/api/v1/recordings", "", NULL);
    assert_int_equal(json_array_size(at(&list, "items")), 1);
    /* a refused request leaves its key free */
    ask(&h, 400, NULL, "POST", "/api/v1/recordings", "Idempotency-Key: order-2\r\n", "{}");
    ask(&h, 201, NULL, "POST", "/api/v1/recordings", "Idempotency-Key: order-2\r\n", body);
    REPLY(key) = house_ask(&h, NULL, "POST", "/api/v1/keys", "Idempotency-Key: k\r\n",
                           "{\"scopes\":\"read\"}");
    REPLY(key_again) = house_ask(&h, NULL, "POST", "/api/v1/keys", "Idempotency-Key: k\r\n",
                                 "{\"scopes\":\"read\"}");
    assert_string_equal(text_at(&key, "secret"), text_at(&key_again, "secret"));
    house_end(&h);
}

/* The n-th operation on the database fails, for many n: asked again with its key, each request has
 * done its work once. */
TEST(a_request_that_failed_half_way_is_done_once_when_asked_again)
{
    enum { TIMES = 40 };
    HOUSE(h);
    int refused = 0;
    for (int n = 1; n <= TIMES; n++) {
        char *once = arena_format(&a, "Idempotency-Key: fault-%d\r\n", n);
        char *body = arena_format(&a, "{\"title\":\"Song %d\",\"artist\":\"A\"}", n);
        store_fault_after(world_store(h.scene.world), n);
        REPLY(first) = house_ask(&h, NULL, "POST", "/api/v1/recordings", once, body);
        store_fault_after(world_store(h.scene.world), 0);
        assert_true(first.raw.status == 201 || first.raw.status >= 500);
        refused += first.raw.status >= 500;
        ask(&h, 201, NULL, "POST", "/api/v1/recordings", once, body);
    }
    assert_true(refused > 0);
    REPLY(list) = house_ask(&h, NULL, "GET", "/api/v1/recordings?limit=500", "", NULL);
    assert_int_equal(json_array_size(at(&list, "items")), TIMES);
    house_end(&h);
}

TEST(keys_may_what_their_scopes_say_and_end_at_once)
{
    HOUSE(h);
    make_networks(&h);
    char *secret, *id, path[100];
    REPLY(made) = house_ask(&h, NULL, "POST", "/api/v1/keys", "",
                            "{\"app\":\"songs/web\",\"scopes\":[\"decide\",\"upload\"]}");
    CHECK_STATUS(201, made);
    secret = str_copy(&a, str_of(text_at(&made, "secret")));
    id = str_copy(&a, str_of(text_at(&made, "key/id")));
    ask(&h, 200, secret, "GET", "/api/v1/uploads", "", NULL);
    ask(&h, 403, secret, "GET", "/api/v1/parties", "", NULL);
    ask(&h, 403, secret, "POST", "/api/v1/keys", "", "{\"scopes\":\"all\"}");
    ask(&h, 403, secret, "GET", "/api/v1/uploads?network=other", "", NULL);
    /* a connection of the key that is kept open ends with it */
    BUF(in);
    int fd = client_connect(h.port);
    char *kept = arena_format(&a,
                              "GET /api/v1/uploads HTTP/1.1\r\nHost: x\r\n"
                              "Authorization: Bearer %s\r\n\r\n",
                              secret);
    client_send(fd, kept, strlen(kept));
    struct answer first = client_read(fd, &in, false);
    assert_int_equal(first.status, 200);
    answer_done(&first);
    snprintf(path, sizeof path, "/api/v1/keys/%s/revoke", id);
    ask(&h, 200, NULL, "POST", path, "", NULL);
    assert_false(client_more(fd, &in));
    close(fd);
    ask(&h, 401, secret, "GET", "/api/v1/uploads", "", NULL);
    snprintf(path, sizeof path, "/api/v1/keys/%s/restore", id);
    ask(&h, 200, NULL, "POST", path, "", NULL);
    ask(&h, 200, secret, "GET", "/api/v1/uploads", "", NULL);
    snprintf(path, sizeof path, "/api/v1/keys/%s/rotate", id);
    char *fresh = ask_text(&h, &a, 200, "POST", path, NULL, "secret");
    ask(&h, 401, secret, "GET", "/api/v1/uploads", "", NULL);
    ask(&h, 200, fresh, "GET", "/api/v1/uploads", "", NULL);
    house_end(&h);
}

TEST(a_key_revoked_by_another_process_ends_within_a_second)
{
    HOUSE(h);
    BUF(in);
    REPLY(made) = house_ask(&h, NULL, "POST", "/api/v1/keys", "", "{\"scopes\":\"upload\"}");
    struct app_key_id id;
    CHECK_OK(app_key_id_parse(str_of(text_at(&made, "key/id")), &id, e));
    int fd = client_connect(h.port);
    char *kept = arena_format(&a,
                              "GET /api/v1/uploads HTTP/1.1\r\nHost: x\r\n"
                              "Authorization: Bearer %s\r\n\r\n",
                              text_at(&made, "secret"));
    client_send(fd, kept, strlen(kept));
    struct answer first = client_read(fd, &in, false);
    assert_int_equal(first.status, 200);
    answer_done(&first);
    CHANGE(c); /* not through the api: it has to notice */
    CHECK_OK(flow_change_begin(h.scene.world, STR("cli"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    struct app_key k;
    CHECK_OK(access_key_get(act.tx, id, &a, &k, e));
    k.revoked = true;
    CHECK_OK(access_key_put(&act, &k, e));
    CHECK_OK(flow_change_commit(&c, e));
    assert_false(client_more(fd, &in));
    close(fd);
    house_end(&h);
}

/* Enrol a piece and who holds it, through the interface. */
static void make_catalogue(struct house *h, struct arena *a)
{
    BUF(wav);
    const char *path = scene_music(&h->scene, a, "whole.wav", 11, 0, 60);
    CHECK_OK(file_read(path, 1 << 24, &wav, e));
    ask(h, 201, NULL, "POST", "/api/v1/parties", "", "{\"slug\":\"north\",\"name\":\"North\"}");
    REPLY(made) = house_ask_bytes(h, NULL, "POST",
                                  "/api/v1/references?title=Dawn&artist=Choir&party=north",
                                  "Content-Type: audio/wav\r\n", wav.bytes, wav.length);
    CHECK_STATUS(201, made);
    assert_false(json_is_true(at(&made, "known")));
    REPLY(again) = house_ask_bytes(h, NULL, "POST",
                                   "/api/v1/references?title=Dawn&artist=Choir&party=north",
                                   "Content-Type: audio/wav\r\n", wav.bytes, wav.length);
    CHECK_STATUS(200, again);
    assert_true(json_is_true(at(&again, "known")));
    ask(h, 201, NULL, "POST", "/api/v1/claims", "",
        arena_format(a,
                     "{\"recording\":\"%s\",\"party\":\"north\",\"right\":\"making_available\","
                     "\"share_e8\":100000000}",
                     text_at(&made, "reference/recording")));
    ask(h, 201, NULL, "POST", "/api/v1/licences", "",
        "{\"licensor\":\"north\",\"name\":\"North 2027\",\"territories\":\"DE\","
        "\"networks\":[\"songs\"],\"uses\":[\"stream\",\"preview\"]}");
}

/* The upload comes in three parts, the second of them sent twice. */
static char *send_in_parts(struct house *h, struct arena *a, const struct buf *bytes)
{
    char *part = ask_text(h, a, 201, "POST", "/api/v1/parts", NULL, "id");
    char *path = arena_format(a, "/api/v1/parts/%s", part);
    size_t third = bytes->length / 3, from = 0;
    for (int i = 0; i < 4; i++) {
        size_t start = i < 2 ? third * (size_t)i : i == 2 ? third : 2 * third;
        size_t length = i < 3 ? third : bytes->length - 2 * third;
        REPLY(r) = house_ask_bytes(h, NULL, "PATCH", path,
                                   arena_format(a, "Upload-Offset: %zu\r\n", start),
                                   bytes->bytes + start, length);
        if (i == 2)
            CHECK_STATUS(409, r);
        else
            CHECK_STATUS(200, r);
        from += i == 2 ? 0 : length;
        REPLY(where) = house_ask(h, NULL, "GET", path, "", NULL);
        assert_int_equal(json_integer_value(at(&where, "offset")), from);
    }
    return ask_text(h, a, 201, "POST", "/api/v1/uploads?wait=true",
                    arena_format(a,
                                 "{\"part\":\"%s\",\"network\":\"songs\",\"user\":\"anna\","
                                 "\"file\":\"mine.wav\"}",
                                 part),
                    "id");
}

TEST(an_upload_in_parts_is_recognised_judged_explained_and_served)
{
    HOUSE(h);
    BUF(wav);
    make_networks(&h);
    make_catalogue(&h, &a);
    CHECK_OK(file_read(scene_music(&h.scene, &a, "piece.wav", 11, 20, 40), 1 << 24, &wav, e));
    char *upload = send_in_parts(&h, &a, &wav);
    REPLY(row) = house_ask(&h, NULL, "GET", arena_format(&a, "/api/v1/uploads/%s", upload), "",
                           NULL);
    assert_string_equal(text_at(&row, "state"), "heard");
    REPLY(matches) = house_ask(&h, NULL, "GET",
                               arena_format(&a, "/api/v1/uploads/%s/matches", upload), "", NULL);
    assert_int_equal(json_array_size(at(&matches, "items")), 1);
    assert_string_equal(text_at(&matches, "items/0/title"), "Dawn");

    static const struct {
        const char *app, *territory, *mode, *reason;
    } rows[] = { { "web", "DE", "full", "licensed" },
                 { "phone", "DE", "preview", "app_clip" },
                 { "web", "FR", "deny", "unlicensed" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *body = arena_format(&a,
                                  "{\"upload\":\"%s\",\"network\":\"songs\",\"app\":\"%s\","
                                  "\"territory\":\"%s\",\"link\":true}",
                                  upload, rows[i].app, rows[i].territory);
        REPLY(r) = house_ask(&h, NULL, "POST", "/api/v1/decide", "", body);
        CHECK_STATUS(200, r);
        assert_string_equal(text_at(&r, "verdict/mode"), rows[i].mode);
        assert_string_equal(text_at(&r, "verdict/reason_code"), rows[i].reason);
        assert_int_equal(json_is_null(at(&r, "link")), strcmp(rows[i].mode, "deny") == 0);
        REPLY(quick) = house_ask(&h, NULL, "POST", "/api/v1/decide", "",
                                 arena_format(&a,
                                              "{\"upload\":\"%s\",\"network\":\"songs\",\"app\":"
                                              "\"%s\",\"territory\":\"%s\",\"keep\":false}",
                                              upload, rows[i].app, rows[i].territory));
        assert_true(json_is_null(at(&quick, "id")));
        assert_true(json_equal(at(&quick, "verdict"), at(&r, "verdict")));
        REPLY(why) = house_ask(&h, NULL, "GET",
                               arena_format(&a, "/api/v1/verdicts/%s/explain", text_at(&r, "id")),
                               "", NULL);
        CHECK_STATUS(200, why);
        assert_true(json_is_true(at(&why, "same")));
        assert_true(json_equal(at(&why, "verdict"), at(&r, "verdict")));
    }
    REPLY(list) = house_ask(&h, NULL, "GET", arena_format(&a, "/api/v1/verdicts?upload=%s", upload),
                            "", NULL);
    assert_int_equal(json_array_size(at(&list, "items")), 3);
    house_end(&h);
}

TEST(a_batch_answers_each_question_and_names_each_fault)
{
    HOUSE(h);
    make_networks(&h);
    char *rec = ask_text(&h, &a, 201, "POST", "/api/v1/recordings",
                         "{\"title\":\"Song\",\"artist\":\"A\"}", "id");
    REPLY(r) = house_ask(&h, NULL, "POST", "/api/v1/decide/batch", "",
                         arena_format(&a,
                                      "{\"items\":["
                                      "{\"recording\":\"%s\",\"network\":\"songs\",\"app\":\"web\","
                                      "\"territory\":\"DE\"},"
                                      "{\"recording\":\"%s\",\"network\":\"songs\",\"app\":\"web\","
                                      "\"territory\":\"XX\"}]}",
                                      rec, rec));
    CHECK_STATUS(200, r);
    assert_int_equal(json_array_size(at(&r, "items")), 2);
    assert_true(json_is_object(at(&r, "items/0/verdict")));
    BUF(many);
    buf_text(&many, "{\"items\":[");
    for (int i = 0; i < 501; i++)
        buf_format(&many, "%s{\"recording\":\"%s\",\"territory\":\"DE\"}", i ? "," : "", rec);
    buf_text(&many, "]}");
    ask(&h, 413, NULL, "POST", "/api/v1/decide/batch", "", (const char *)many.bytes);
    house_end(&h);
}

TEST(many_recordings_are_answered_in_short_as_each_is_at_length)
{
    HOUSE(h);
    make_networks(&h);
    char *rec = ask_text(&h, &a, 201, "POST", "/api/v1/recordings",
                         "{\"title\":\"Song\",\"artist\":\"A\"}", "id");
    static const char *const places[] = { "songs", "nowhere" };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        REPLY(many) = house_ask(
            &h, NULL, "POST", "/api/v1/decide/recordings", "",
            arena_format(&a,
                         "{\"network\":\"%s\",\"app\":\"web\",\"territory\":\"DE\","
                         "\"recordings\":[\"%s\",\"rec_00000000000000000000000000\"]}",
                         places[i], rec));
        CHECK_STATUS(200, many);
        assert_int_equal(json_array_size(at(&many, "items")), 2);
        assert_string_equal(text_at(&many, "items/0/recording"), rec);
        REPLY(one) = house_ask(&h, NULL, "POST", "/api/v1/decide", "",
                               arena_format(&a,
                                            "{\"recording\":\"%s\",\"network\":\"%s\",\"app\":"
                                            "\"web\",\"territory\":\"DE\",\"keep\":false}",
                                            rec, places[i]));
        CHECK_STATUS(200, one);
        static const char *const same[] = { "mode", "uses", "preview", "reason_code",
                                            "valid_until" };
        for (size_t k = 0; k < COUNT_OF(same); k++)
            assert_true(json_equal(at(&many, arena_format(&a, "items/0/%s", same[k])),
                                   at(&one, arena_format(&a, "verdict/%s", same[k]))));
    }
    REPLY(bad) = house_ask(&h, NULL, "POST", "/api/v1/decide/recordings", "",
                           arena_format(&a,
                                        "{\"territory\":\"DE\",\"network\":\"songs\","
                                        "\"recordings\":[\"%s\",\"upl_1\"]}",
                                        rec));
    CHECK_STATUS(400, bad);
    assert_non_null(strstr(text_at(&bad, "detail"), "recordings[1]"));
    house_end(&h);
}

static char *link_of(struct house *h, struct arena *a, const char *key, const char *upload)
{
    REPLY(r) = house_ask(
        h, key, "POST", "/api/v1/decide", "",
        arena_format(a, "{\"upload\":\"%s\",\"territory\":\"DE\",\"link\":true}", upload));
    CHECK_STATUS(200, r);
    const char *url = text_at(&r, "link/url");
    assert_int_equal(strncmp(url, "http://test.example/m/", 22), 0);
    return str_copy(a, str_of(url + 19));
}

TEST(music_is_served_by_link_in_ranges_until_its_key_is_cut_off)
{
    HOUSE(h);
    BUF(wav);
    make_networks(&h);
    make_catalogue(&h, &a);
    CHECK_OK(file_read(scene_music(&h.scene, &a, "piece.wav", 11, 20, 40), 1 << 24, &wav, e));
    REPLY(made) = house_ask(&h, NULL, "POST", "/api/v1/keys", "",
                            "{\"app\":\"songs/web\",\"scopes\":\"decide,play,upload\"}");
    char *key = str_copy(&a, str_of(text_at(&made, "secret")));
    REPLY(up) = house_ask_bytes(&h, key, "POST", "/api/v1/uploads?user=anna&wait=true",
                                "Content-Type: audio/wav\r\n", wav.bytes, wav.length);
    CHECK_STATUS(201, up);
    char *link = link_of(&h, &a, key, text_at(&up, "id"));
    REPLY(whole) = house_ask(&h, "", "GET", link, "", NULL);
    CHECK_STATUS(200, whole);
    assert_string_equal(answer_header(&whole.raw, "Accept-Ranges"), "bytes");
    assert_int_equal(strncmp(whole.raw.body, "OggS", 4), 0);
    char *tag = str_copy(&a, str_of(answer_header(&whole.raw, "ETag")));
    REPLY(part) = house_ask(&h, "", "GET", link, "Range: bytes=100-199\r\n", NULL);
    CHECK_STATUS(206, part);
    assert_memory_equal(part.raw.body, whole.raw.body + 100, 100);
    ask(&h, 304, "", "GET", link, arena_format(&a, "If-None-Match: %s\r\n", tag), NULL);
    ask(&h, 416, "", "GET", link, "Range: bytes=99999999-\r\n", NULL);
    link[10] = link[10] == 'A' ? 'B' : 'A';
    ask(&h, 403, "", "GET", link, "", NULL);
    link = link_of(&h, &a, key, text_at(&up, "id"));
    h.scene.now.us += 3600 * INT64_C(1000000);
    ask(&h, 410, "", "GET", link, "", NULL);
    link = link_of(&h, &a, key, text_at(&up, "id"));
    ask(&h, 200, NULL, "POST", arena_format(&a, "/api/v1/keys/%s/revoke", text_at(&made, "key/id")),
        "", NULL);
    ask(&h, 403, "", "GET", link, "", NULL);
    ask(&h, 200, NULL, "POST",
        arena_format(&a, "/api/v1/keys/%s/restore", text_at(&made, "key/id")), "", NULL);
    ask(&h, 200, "", "GET", link, "", NULL);
    ask(&h, 204, NULL, "DELETE", arena_format(&a, "/api/v1/uploads/%s", text_at(&up, "id")), "",
        NULL);
    ask(&h, 451, "", "GET", link, "", NULL);
    house_end(&h);
}

TEST(a_play_is_counted_once_against_the_verdict_that_allowed_it)
{
    HOUSE(h);
    make_networks(&h);
    char *rec = ask_text(&h, &a, 201, "POST", "/api/v1/recordings",
                         "{\"title\":\"Song\",\"artist\":\"A\"}", "id");
    char *key = ask_text(&h, &a, 201, "POST", "/api/v1/keys",
                         "{\"app\":\"songs/phone\",\"scopes\":\"play\"}", "secret");
    char verdicts[2][64]; /* of the phone, of the web */
    static const char *const apps[] = { "phone", "web" };
    ask(&h, 200, NULL, "PATCH", "/api/v1/networks/songs", "If-Match: \"v1\"\r\n",
        "{\"unlicensed\":\"full\",\"conflict\":\"pay_undisputed\"}");
    for (int i = 0; i < 2; i++) {
        char body[300];
        snprintf(body, sizeof body,
                 "{\"recording\":\"%s\",\"network\":\"songs\",\"app\":\"%s\",\"territory\":\"DE\"}",
                 rec, apps[i]);
        REPLY(r) = house_ask(&h, NULL, "POST", "/api/v1/decide", "", body);
        CHECK_STATUS(200, r);
        assert_string_not_equal(text_at(&r, "verdict/mode"), "deny");
        snprintf(verdicts[i], sizeof verdicts[i], "%s", text_at(&r, "id"));
    }
    char *batch = arena_format(
        &a,
        "{\"items\":[{\"id\":\"p1\",\"verdict\":\"%s\",\"played_ms\":30000},"
        "{\"id\":\"p2\",\"verdict\":\"%s\",\"played_ms\":10000},"
        "{\"id\":\"p3\",\"verdict\":\"vrd_00000000000000000000000000\",\"played_ms\":1},"
        "{\"id\":\"p4\",\"verdict\":\"%s\",\"played_ms\":1,\"at\":\"2001-01-01\"}]}",
        verdicts[0], verdicts[1], verdicts[0]);
    static const char *const first[] = { "counted", "refused", "refused", "refused" };
    static const char *const again[] = { "known", "refused", "refused", "refused" };
    for (int turn = 0; turn < 2; turn++) {
        REPLY(r) = house_ask(&h, key, "POST", "/api/v1/plays", "", batch);
        CHECK_STATUS(200, r);
        for (int i = 0; i < 4; i++)
            assert_string_equal(text_at(&r, arena_format(&a, "items/%d/state", i)),
                                turn ? again[i] : first[i]);
    }
    REPLY(other) = house_ask(&h, key, "POST", "/api/v1/plays", "",
                             arena_format(&a,
                                          "{\"items\":[{\"id\":\"p1\",\"verdict\":\"%s\","
                                          "\"played_ms\":29999}]}",
                                          verdicts[0]));
    assert_string_equal(text_at(&other, "items/0/reason"), "conflict");
    REPLY(list) = house_ask(&h, NULL, "GET", "/api/v1/plays", "", NULL);
    assert_int_equal(json_array_size(at(&list, "items")), 1);
    assert_int_equal(json_integer_value(at(&list, "items/0/played_ms")), 30000);
    ask(&h, 403, key, "GET", "/api/v1/plays", "", NULL);
    house_end(&h);
}

TEST(a_table_is_put_in_and_its_bad_lines_are_named)
{
    HOUSE(h);
    const char *csv = "slug,name,dpid,isni,ipi\r\nnorth,North,,,\r\nsouth,South,,123,\r\n";
    REPLY(dry) = house_ask_bytes(&h, NULL, "POST", "/api/v1/catalogue?dry_run=true",
                                 "Content-Type: text/csv\r\n", csv, strlen(csv));
    CHECK_STATUS(200, dry);
    ask(&h, 404, NULL, "GET", "/api/v1/parties/north", "", NULL);
    REPLY(r) = house_ask_bytes(&h, NULL, "POST", "/api/v1/catalogue", "Content-Type: text/csv\r\n",
                               csv, strlen(csv));
    CHECK_STATUS(200, r);
    assert_int_equal(json_integer_value(at(&r, "counts/parties/added")), 1);
    assert_int_equal(json_integer_value(at(&r, "bad")), 1);
    assert_int_equal(json_integer_value(at(&r, "problems/0/line")), 3);
    ask(&h, 200, NULL, "GET", "/api/v1/parties/north", "", NULL);
    REPLY(bad) = house_ask_bytes(&h, NULL, "POST", "/api/v1/catalogue",
                                 "Content-Type: text/csv\r\n", "a,b\r\n1,2\r\n", 10);
    CHECK_STATUS(400, bad);
    house_end(&h);
}

static const char message[] =
    "<e:NewReleaseMessage xmlns:e=\"http://ddex.net/xml/ern/43\"><MessageHeader>"
    "<MessageId>M-1</MessageId><MessageSender><PartyId>PADPIDA2099999901X</PartyId>"
    "</MessageSender><MessageCreatedDateTime>2026-01-01T00:00:00Z</MessageCreatedDateTime>"
    "</MessageHeader><PartyList><Party><PartyReference>P1</PartyReference><PartyId>"
    "<DPID>PADPIDA2099999901X</DPID></PartyId></Party></PartyList><ResourceList><SoundRecording>"
    "<ResourceReference>A1</ResourceReference><ResourceId><ISRC>XXLHR2600001</ISRC></ResourceId>"
    "<DisplayTitleText>First Light</DisplayTitleText><ResourceRightsController>"
    "<RightsControllerPartyReference>P1</RightsControllerPartyReference><RightSharePercentage>%s"
    "</RightSharePercentage></ResourceRightsController></SoundRecording></ResourceList>"
    "</e:NewReleaseMessage>";

TEST(a_message_is_taken_for_its_own_holder_only)
{
    static const char type[] = "Content-Type: application/xml\r\n", path[] = "/api/v1/messages";
    HOUSE(h);
    char *good = arena_format(&a, message, "100"), *bad = arena_format(&a, message, "101");
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "",
        "{\"slug\":\"north\",\"name\":\"North\",\"dpid\":\"PADPIDA2099999901X\"}");
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "", "{\"slug\":\"south\",\"name\":\"South\"}");
    char *north = ask_text(&h, &a, 201, "POST", "/api/v1/keys",
                           "{\"party\":\"north\",\"scopes\":\"read,catalogue\"}", "secret");
    char *south = ask_text(&h, &a, 201, "POST", "/api/v1/keys",
                           "{\"party\":\"south\",\"scopes\":\"read,catalogue\"}", "secret");
    REPLY(no_xml) = house_ask_bytes(&h, north, "POST", path, type, "{}", 2);
    CHECK_STATUS(400, no_xml);
    REPLY(refused) = house_ask_bytes(&h, north, "POST", path, type, bad, strlen(bad));
    CHECK_STATUS(422, refused);
    assert_string_equal(text_at(&refused, "rule"), "share.over");
    assert_string_equal(text_at(&refused, "refusal/element"), "RightSharePercentage");
    REPLY(stranger) = house_ask_bytes(&h, south, "POST", path, type, good, strlen(good));
    CHECK_STATUS(422, stranger);
    assert_string_equal(text_at(&stranger, "rule"), "header.sender");
    REPLY(dry) = house_ask_bytes(&h, north, "POST", "/api/v1/messages?dry_run=true", type, good,
                                 strlen(good));
    CHECK_STATUS(200, dry);
    REPLY(nothing) = house_ask(&h, NULL, "GET", "/api/v1/claims", "", NULL);
    assert_int_equal(json_array_size(at(&nothing, "items")), 0);
    REPLY(taken) = house_ask_bytes(&h, north, "POST", path, type, good, strlen(good));
    CHECK_STATUS(200, taken);
    assert_string_equal(text_at(&taken, "outcome"), "imported");
    REPLY(again) = house_ask_bytes(&h, north, "POST", path, type, good, strlen(good));
    CHECK_STATUS(200, again);
    assert_string_equal(text_at(&again, "outcome"), "known");
    REPLY(claims) = house_ask(&h, NULL, "GET", "/api/v1/claims", "", NULL);
    assert_int_equal(json_array_size(at(&claims, "items")), 1);
    house_end(&h);
}

TEST(a_holder_changes_only_what_is_theirs)
{
    HOUSE(h);
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "", "{\"slug\":\"north\",\"name\":\"North\"}");
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "", "{\"slug\":\"south\",\"name\":\"South\"}");
    char *rec = ask_text(&h, &a, 201, "POST", "/api/v1/recordings",
                         "{\"title\":\"Song\",\"artist\":\"A\"}", "id");
    char *key = ask_text(&h, &a, 201, "POST", "/api/v1/keys",
                         "{\"party\":\"north\",\"scopes\":\"read,catalogue\"}", "secret");
    char *mine = arena_format(&a, "{\"recording\":\"%s\",\"share_e8\":50000000}", rec);
    char *theirs = arena_format(&a, "{\"recording\":\"%s\",\"party\":\"south\",\"share_e8\":1}",
                                rec);
    ask(&h, 201, key, "POST", "/api/v1/claims", "", mine);
    ask(&h, 403, key, "POST", "/api/v1/claims", "", theirs);
    static const char rows[] = "isrc,title,party,share\nQZABC2600009,New,,60\n"
                               "QZABC2600009,,south,40\n";
    REPLY(table) = house_ask_bytes(&h, key, "POST", "/api/v1/catalogue",
                                   "Content-Type: text/csv\r\n", rows, sizeof rows - 1);
    CHECK_STATUS(200, table);
    assert_int_equal(json_integer_value(at(&table, "counts/claims/added")), 1);
    assert_int_equal(json_integer_value(at(&table, "bad")), 1);
    assert_int_equal(json_integer_value(at(&table, "problems/0/line")), 3);
    ask(&h, 404, key, "PATCH", "/api/v1/parties/south", "If-Match: \"v1\"\r\n", "{\"name\":\"Z\"}");
    ask(&h, 201, key, "POST", "/api/v1/policies", "",
        "{\"action\":\"block\",\"conditions\":\"seconds > 30\",\"territories\":\"Worldwide -US\"}");
    REPLY(list) = house_ask(&h, key, "GET", "/api/v1/policies?party=north", "", NULL);
    assert_string_equal(text_at(&list, "items/0/action"), "block");
    ask(&h, 204, key, "DELETE",
        arena_format(&a, "/api/v1/policies/%s", text_at(&list, "items/0/id")), "", NULL);
    REPLY(none) = house_ask(&h, key, "GET", "/api/v1/policies?party=north", "", NULL);
    assert_int_equal(json_array_size(at(&none, "items")), 0);
    house_end(&h);
}

/* Everything of the other holder, and everything the two share, asked for with one's own key. */
TEST(rows_of_other_holders_are_neither_seen_nor_changed)
{
    HOUSE(h);
    char *ids[2][5], *keys[2], *both;
    static const char *const slugs[] = { "north", "south" };
    static const char *const paths[] = { "recordings", "claims", "policies", "licences",
                                         "releases" };
    both = ask_text(&h, &a, 201, "POST", "/api/v1/recordings", "{\"title\":\"Both\"}", "id");
    for (size_t i = 0; i < 2; i++) {
        const char *s = slugs[i];
        ask(&h, 201, NULL, "POST", "/api/v1/parties", "",
            arena_format(&a, "{\"slug\":\"%s\",\"name\":\"%s\"}", s, s));
        keys[i] = ask_text(
            &h, &a, 201, "POST", "/api/v1/keys",
            arena_format(&a, "{\"party\":\"%s\",\"scopes\":\"read,catalogue,licence\"}", s),
            "secret");
        ids[i][0] = ask_text(&h, &a, 201, "POST", "/api/v1/recordings", "{\"title\":\"Own\"}",
                             "id");
        const char *bodies[] = {
            arena_format(&a, "{\"recording\":\"%s\",\"party\":\"%s\",\"share_e8\":100000000}",
                         ids[i][0], s),
            arena_format(&a, "{\"party\":\"%s\",\"action\":\"block\"}", s),
            arena_format(&a, "{\"name\":\"L\",\"licensor\":\"%s\"}", s),
            arena_format(&a, "{\"title\":\"R\",\"party\":\"%s\"}", s),
        };
        for (size_t k = 1; k < COUNT_OF(paths); k++)
            ids[i][k] = ask_text(&h, &a, 201, "POST", arena_format(&a, "/api/v1/%s", paths[k]),
                                 bodies[k - 1], "id");
        ask(&h, 201, keys[i], "POST", "/api/v1/claims", "",
            arena_format(&a, "{\"recording\":\"%s\",\"share_e8\":50000000}", both));
    }
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < COUNT_OF(paths); k++) {
            char *own = arena_format(&a, "/api/v1/%s/%s", paths[k], ids[i][k]);
            char *other = arena_format(&a, "/api/v1/%s/%s", paths[k], ids[1 - i][k]);
            ask(&h, 200, keys[i], "GET", own, "", NULL);
            ask(&h, 404, keys[i], "GET", other, "", NULL);
            ask(&h, 404, keys[i], "GET",
                arena_format(&a, "%s?known_at=2999-01-01T00:00:00Z", other), "", NULL);
            ask(&h, 404, keys[i], "PATCH", other, "If-Match: *\r\n", "{}");
            if (k)
                ask(&h, 404, keys[i], "DELETE", other, "", NULL);
            REPLY(list) = house_ask(&h, keys[i], "GET", arena_format(&a, "/api/v1/%s", paths[k]),
                                    "", NULL);
            assert_int_equal(json_array_size(at(&list, "items")), k < 2 ? 2 : 1);
            assert_null(strstr(list.raw.body, ids[1 - i][k]));
            REPLY(all) = house_ask(&h, keys[i], "GET",
                                   arena_format(&a, "/api/v1/%s?party=%s", paths[k], slugs[1 - i]),
                                   "", NULL);
            assert_null(strstr(all.raw.body, ids[1 - i][k]));
        }
    /* a recording in which others have shares is the operator's to change */
    ask(&h, 403, keys[0], "PATCH", arena_format(&a, "/api/v1/recordings/%s", both),
        "If-Match: \"v1\"\r\n", "{\"title\":\"Mine\"}");
    ask(&h, 200, keys[0], "PATCH", arena_format(&a, "/api/v1/recordings/%s", ids[0][0]),
        "If-Match: \"v1\"\r\n", "{\"title\":\"Mine\"}");
    ask(&h, 404, keys[0], "GET", arena_format(&a, "/api/v1/claims/%s/versions", ids[1][1]), "",
        NULL);
    /* a claim cannot be turned into another's, nor a policy be made for one */
    ask(&h, 403, keys[0], "PATCH", arena_format(&a, "/api/v1/claims/%s", ids[0][1]),
        "If-Match: \"v1\"\r\n", "{\"party\":\"south\"}");
    ask(&h, 403, keys[0], "POST", "/api/v1/policies", "",
        "{\"party\":\"south\",\"action\":\"report\"}");
    house_end(&h);
}

TEST(what_was_known_before_can_be_asked_for)
{
    HOUSE(h);
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "", "{\"slug\":\"north\",\"name\":\"N\"}");
    char *rec = ask_text(&h, &a, 201, "POST", "/api/v1/recordings", "{\"title\":\"Song\"}", "id");
    char *id = ask_text(&h, &a, 201, "POST", "/api/v1/claims",
                        arena_format(&a,
                                     "{\"recording\":\"%s\",\"party\":\"north\",\"share_e8\":"
                                     "60000000,\"from\":\"2020-01-01\",\"until\":\"2030-01-01\"}",
                                     rec),
                        "id");
    char *url = arena_format(&a, "/api/v1/claims/%s", id);
    REPLY(first) = house_ask(&h, NULL, "GET", url, "", NULL);
    const char *known = text_at(&first, "known");
    h.scene.now.us += 1000000;
    ask(&h, 200, NULL, "PATCH", url, "If-Match: \"v1\"\r\n", "{\"share_e8\":50000000}");
    REPLY(then) = house_ask(&h, NULL, "GET", arena_format(&a, "%s?known_at=%s", url, known), "",
                            NULL);
    assert_int_equal(json_integer_value(at(&then, "share_e8")), 60000000);
    REPLY(now) = house_ask(&h, NULL, "GET", url, "", NULL);
    assert_int_equal(json_integer_value(at(&now, "share_e8")), 50000000);
    ask(&h, 200, NULL, "GET", arena_format(&a, "%s?at=2025-01-01", url), "", NULL);
    ask(&h, 404, NULL, "GET", arena_format(&a, "%s?at=2031-01-01", url), "", NULL);
    ask(&h, 404, NULL, "GET", arena_format(&a, "%s?known_at=2001-01-01", url), "", NULL);
    ask(&h, 400, NULL, "GET", arena_format(&a, "%s?at=yesterday", url), "", NULL);
    REPLY(all) = house_ask(&h, NULL, "GET", arena_format(&a, "%s/versions", url), "", NULL);
    assert_int_equal(json_array_size(at(&all, "items")), 2);
    house_end(&h);
}

TEST(lists_that_hold_claims_back_are_kept_for_each_holder)
{
    HOUSE(h);
    make_networks(&h);
    char *keys[2];
    for (size_t i = 0; i < 2; i++) {
        const char *s = i ? "south" : "north";
        ask(&h, 201, NULL, "POST", "/api/v1/parties", "",
            arena_format(&a, "{\"slug\":\"%s\",\"name\":\"%s\"}", s, s));
        keys[i] = ask_text(&h, &a, 201, "POST", "/api/v1/keys",
                           arena_format(&a, "{\"party\":\"%s\",\"scopes\":\"read,catalogue\"}", s),
                           "secret");
    }
    REPLY(list) = house_ask(&h, keys[0], "POST", "/api/v1/allowances", "",
                            "{\"network\":\"songs\",\"uploader\":\"anna\",\"app\":\"songs/web\"}");
    CHECK_STATUS(201, list);
    char *url = arena_format(&a, "/api/v1/allowances/%s", text_at(&list, "id"));
    ask(&h, 200, keys[0], "GET", url, "", NULL);
    ask(&h, 404, keys[1], "GET", url, "", NULL);
    ask(&h, 404, keys[1], "DELETE", url, "", NULL);
    ask(&h, 403, keys[0], "POST", "/api/v1/allowances", "", "{\"party\":\"south\"}");
    ask(&h, 400, keys[0], "POST", "/api/v1/allowances", "", "{\"uploader\":\"anna\"}");
    /* how far a source is trusted is not its own to say */
    ask(&h, 403, keys[0], "POST", "/api/v1/sources", "",
        "{\"party\":\"north\",\"state\":\"trusted\"}");
    ask(&h, 201, NULL, "POST", "/api/v1/sources", "",
        "{\"party\":\"north\",\"state\":\"trusted\"}");
    REPLY(seen) = house_ask(&h, keys[1], "GET", "/api/v1/sources", "", NULL);
    assert_int_equal(json_array_size(at(&seen, "items")), 0);
    ask(&h, 404, keys[0], "POST", "/api/v1/upload-claims/ucl_00000000000000000000000000/moves", "",
        "{\"event\":\"release\"}");
    ask(&h, 400, keys[0], "POST", "/api/v1/upload-claims/ucl_00000000000000000000000000/moves", "",
        "{\"event\":\"explode\"}");
    ask(&h, 200, keys[0], "GET", "/api/v1/upload-claims?state=active", "", NULL);
    ask(&h, 200, keys[0], "GET", "/api/v1/issues?state=open", "", NULL);
    house_end(&h);
}

TEST(the_journal_tells_what_was_done_and_by_which_key)
{
    HOUSE(h);
    ask(&h, 201, NULL, "POST", "/api/v1/users", "",
        "{\"slug\":\"mira\",\"name\":\"Mira\",\"role\":\"moderator\"}");
    ask(&h, 200, NULL, "GET", "/api/v1/users/mira", "", NULL);
    ask(&h, 201, NULL, "POST", "/api/v1/parties", "X-Reason: contract 7\r\n",
        "{\"slug\":\"north\",\"name\":\"North\"}");
    REPLY(head) = house_ask(&h, NULL, "GET", "/api/v1/journal/head", "", NULL);
    CHECK_STATUS(200, head);
    struct journal_head read;
    struct instant when;
    CHECK_OK(journal_head_read(str_of(text_at(&head, "signed")), world_sign_public(h.scene.world),
                               &read, &when, e));
    assert_int_equal(read.size, json_integer_value(at(&head, "size")));
    REPLY(list) = house_ask(&h, NULL, "GET", "/api/v1/journal?limit=500", "", NULL);
    assert_int_equal(json_array_size(at(&list, "items")), read.size);
    const json_t *last = json_array_get(at(&list, "items"), (size_t)read.size - 1);
    assert_string_equal(json_string_value(json_object_get(last, "why")), "contract 7");
    assert_int_equal(strncmp(json_string_value(json_object_get(last, "who")), "key_", 4), 0);
    house_end(&h);
}

TEST(limits_are_told_and_kept_for_each_key)
{
    HOUSE(h);
    REPLY(r) = house_ask(&h, NULL, "POST", "/api/v1/parts", "", NULL);
    CHECK_STATUS(201, r);
    assert_string_equal(answer_header(&r.raw, "RateLimit-Policy"), "\"upload\";q=300;w=60");
    assert_string_equal(answer_header(&r.raw, "RateLimit"), "\"upload\";r=299;t=1");
    for (int i = 0; i < 299; i++)
        ask(&h, 404, NULL, "GET", "/api/v1/parts/upl_00000000000000000000000000", "", NULL);
    REPLY(over) = house_ask(&h, NULL, "POST", "/api/v1/parts", "", NULL);
    CHECK_STATUS(429, over);
    assert_string_equal(answer_header(&over.raw, "Retry-After"), "1");
    ask(&h, 200, NULL, "GET", "/api/v1/parties", "", NULL);
    h.scene.now.us += 1000000;
    ask(&h, 404, NULL, "GET", "/api/v1/parts/upl_00000000000000000000000000", "", NULL);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(health_document_and_errors_need_no_key),
        STORE_TEST(what_is_made_is_read_listed_paged_and_edited_under_its_etag),
        STORE_TEST(bad_bodies_are_named_and_change_nothing),
        STORE_TEST(the_same_idempotency_key_does_nothing_twice),
        STORE_TEST(a_request_that_failed_half_way_is_done_once_when_asked_again),
        STORE_TEST(keys_may_what_their_scopes_say_and_end_at_once),
        STORE_TEST(a_key_revoked_by_another_process_ends_within_a_second),
        STORE_TEST(an_upload_in_parts_is_recognised_judged_explained_and_served),
        STORE_TEST(a_batch_answers_each_question_and_names_each_fault),
        STORE_TEST(many_recordings_are_answered_in_short_as_each_is_at_length),
        STORE_TEST(music_is_served_by_link_in_ranges_until_its_key_is_cut_off),
        STORE_TEST(a_play_is_counted_once_against_the_verdict_that_allowed_it),
        STORE_TEST(a_table_is_put_in_and_its_bad_lines_are_named),
        STORE_TEST(a_message_is_taken_for_its_own_holder_only),
        STORE_TEST(a_holder_changes_only_what_is_theirs),
        STORE_TEST(rows_of_other_holders_are_neither_seen_nor_changed),
        STORE_TEST(what_was_known_before_can_be_asked_for),
        STORE_TEST(lists_that_hold_claims_back_are_kept_for_each_holder),
        STORE_TEST(the_journal_tells_what_was_done_and_by_which_key),
        STORE_TEST(limits_are_told_and_kept_for_each_key),
    };
    CHECK_OK(audio_host_start(&audio, e));
    CHECK_OK(ern_host_start(&scene_messages, e));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    confine_host_stop(scene_messages);
    audio_host_stop(audio);
    return failed;
}
