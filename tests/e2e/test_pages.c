/* SPDX-License-Identifier: Apache-2.0 */
/* The pages as a browser gets them, without a line of script. */
#include "house.h"

static struct audio_host *audio;

#define HOUSE(name)                                                                                \
    FIXTURE(fixture_)                                                                              \
    ARENA(a);                                                                                      \
    struct house name;                                                                             \
    house_begin(&name, fixture_, audio)

static char *make_link_for(struct house *h, struct arena *a, const char *slug, enum role role)
{
    char text[ACCESS_TOKEN_TEXT];
    CHANGE(c);
    CHECK_OK(flow_change_begin(h->scene.world, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    struct user u = { .slug = slug, .name = "Ada <b>", .role = role };
    CHECK_OK(access_user_put(&act, &u, e));
    struct instant end = { act.now.us + 3600 * INT64_C(1000000) };
    CHECK_OK(access_token_make(&act, ACCESS_LINK, &u, end, text, e));
    CHECK_OK(flow_change_commit(&c, e));
    return str_copy(a, str_of(text));
}

static char *make_link(struct house *h, struct arena *a)
{
    return make_link_for(h, a, "admin", ROLE_ADMIN);
}

static struct reply post(struct house *h, const char *path, const char *headers, const char *form)
{
    char lines[600];
    snprintf(lines, sizeof lines, "Content-Type: application/x-www-form-urlencoded\r\n%s", headers);
    return house_ask(h, "", "POST", path, lines, form);
}

/* Log in by a link; the Cookie line of the session. */
static char *log_in_by(struct house *h, struct arena *a, const char *token)
{
    REPLY(r) = post(h, "/admin", "", arena_format(a, "token=%s", token));
    CHECK_STATUS(303, r);
    const char *cookie = answer_header(&r.raw, "Set-Cookie");
    assert_non_null(strstr(cookie, "HttpOnly"));
    assert_non_null(strstr(cookie, "SameSite=Lax"));
    return arena_format(a, "Cookie: %.*s\r\n", (int)strcspn(cookie, ";"), cookie);
}

static char *log_in(struct house *h, struct arena *a)
{
    return log_in_by(h, a, make_link(h, a));
}

TEST(a_role_sees_what_is_its_own)
{
    HOUSE(h);
    static const struct {
        enum role role;
        int uploads, ask, statements;
    } rows[] = { { ROLE_ADMIN, 200, 200, 200 },   { ROLE_MODERATOR, 200, 200, 403 },
                 { ROLE_AUDITOR, 200, 403, 200 }, { ROLE_DEVELOPER, 403, 403, 403 },
                 { ROLE_HOLDER, 403, 403, 403 },  { ROLE_FINANCE, 403, 403, 200 } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *slug = arena_format(&a, "person-%zu", i);
        char *cookie = log_in_by(&h, &a, make_link_for(&h, &a, slug, rows[i].role));
        REPLY(uploads) = house_ask(&h, "", "GET", "/console/uploads", cookie, NULL);
        CHECK_STATUS(rows[i].uploads, uploads);
        REPLY(form) = house_ask(&h, "", "GET", "/console/ask", cookie, NULL);
        CHECK_STATUS(rows[i].ask, form);
        REPLY(statements) = house_ask(&h, "", "GET", "/console/statements", cookie, NULL);
        CHECK_STATUS(rows[i].statements, statements);
    }
    house_end(&h);
}

TEST(a_link_logs_in_once_and_only_by_its_button)
{
    HOUSE(h);
    char *token = make_link(&h, &a);
    for (int i = 0; i < 2; i++) { /* looking at it does not use it up */
        REPLY(look) = house_ask(&h, "", "GET", arena_format(&a, "/admin?token=%s", token), "",
                                NULL);
        CHECK_STATUS(200, look);
        assert_non_null(strstr(look.raw.body, token));
        assert_null(answer_header(&look.raw, "Set-Cookie"));
    }
    char *form = arena_format(&a, "token=%s", token);
    REPLY(other) = post(&h, "/admin", "Sec-Fetch-Site: cross-site\r\n", form);
    CHECK_STATUS(403, other);
    REPLY(first) = post(&h, "/admin", "Sec-Fetch-Site: same-origin\r\n", form);
    CHECK_STATUS(303, first);
    REPLY(second) = post(&h, "/admin", "", form);
    CHECK_STATUS(401, second);
    REPLY(none) = house_ask(&h, "", "GET", "/console/uploads", "Cookie: session=00ff\r\n", NULL);
    CHECK_STATUS(401, none);
    house_end(&h);
}

TEST(logging_out_ends_the_session)
{
    HOUSE(h);
    char *cookie = log_in(&h, &a);
    REPLY(in) = house_ask(&h, "", "GET", "/console/uploads", cookie, NULL);
    CHECK_STATUS(200, in);
    assert_non_null(strstr(in.raw.body, "Ada &lt;b&gt;"));
    REPLY(out) = post(&h, "/logout", cookie, "");
    CHECK_STATUS(303, out);
    REPLY(after) = house_ask(&h, "", "GET", "/console/uploads", cookie, NULL);
    CHECK_STATUS(401, after);
    house_end(&h);
}

static void check_page(struct house *h, const char *path, const char *headers, const char *say)
{
    REPLY(r) = house_ask(h, "", "GET", path, headers, NULL);
    CHECK_STATUS(200, r);
    const char *csp = answer_header(&r.raw, "Content-Security-Policy");
    assert_non_null(strstr(csp, "default-src 'none'"));
    assert_null(strstr(csp, "unsafe"));
    assert_null(strstr(r.raw.body, "<script"));
    assert_null(strstr(r.raw.body, " style="));
    assert_non_null(strstr(r.raw.body, "<meta name=\"viewport\""));
    assert_non_null(strstr(r.raw.body, "<h1>"));
    if (!strstr(r.raw.body, say))
        STOP("%s does not say \"%s\": %s", path, say, r.raw.body);
}

TEST(public_pages_speak_both_languages_without_script)
{
    HOUSE(h);
    check_page(&h, "/", "", "<html lang=\"en\">");
    check_page(&h, "/", "Accept-Language: ru\r\n", "<html lang=\"ru\">");
    check_page(&h, "/?lang=en", "Accept-Language: ru\r\n", "<html lang=\"en\">");
    check_page(&h, "/", "Cookie: lang=ru\r\n", "Записи");
    check_page(&h, "/problems", "", "rate_limited");
    check_page(&h, "/problems/unlicensed", "", "there is no licence");
    check_page(&h, "/problems/unlicensed?lang=ru", "", "нет лицензии");
    REPLY(none) = house_ask(&h, "", "GET", "/problems/%3Cscript%3E", "", NULL);
    CHECK_STATUS(404, none);
    REPLY(style) = house_ask(&h, "", "GET", "/style.css", "", NULL);
    CHECK_STATUS(200, style);
    char *tag = arena_format(&a, "If-None-Match: %s\r\n", answer_header(&style.raw, "ETag"));
    REPLY(same) = house_ask(&h, "", "GET", "/style.css", tag, NULL);
    CHECK_STATUS(304, same);
    house_end(&h);
}

/* Every type that an answer may carry leads to a page. */
TEST(every_problem_has_its_page)
{
    HOUSE(h);
    static const char *const further[] = { "method_not_allowed",
                                           "gone",
                                           "stale",
                                           "unsupported_media_type",
                                           "range_not_satisfiable",
                                           "idempotency_mismatch",
                                           "precondition_required",
                                           "rate_limited",
                                           "denied" };
    for (enum code c = OK + 1; c < CODE_COUNT; c++)
        check_page(&h, arena_format(&a, "/problems/%s", code_word(c)), "", code_word(c));
    for (size_t i = 0; i < COUNT_OF(further); i++)
        check_page(&h, arena_format(&a, "/problems/%s", further[i]), "", further[i]);
    for (int i = 0; i < RULE_COUNT; i++)
        check_page(&h, arena_format(&a, "/problems/%s", rule_code((enum rule)i)), "",
                   rule_code((enum rule)i));
    house_end(&h);
}

static char *make_upload(struct house *h, struct arena *a)
{
    BUF(wav);
    CHECK_OK(file_read(scene_music(&h->scene, a, "piece.wav", 11, 20, 20), 1 << 24, &wav, e));
    REPLY(network) = house_ask(h, NULL, "POST", "/api/v1/networks", "",
                               "{\"slug\":\"songs\",\"name\":\"Songs & <i>\"}");
    CHECK_STATUS(201, network);
    REPLY(app) = house_ask(h, NULL, "POST", "/api/v1/apps", "",
                           "{\"network\":\"songs\",\"slug\":\"web\",\"name\":\"Web\"}");
    CHECK_STATUS(201, app);
    REPLY(up) = house_ask_bytes(
        h, NULL, "POST",
        "/api/v1/uploads?network=songs&user=x&wait=true&file=%3Cscript%3Ealert(1)%3C/script%3E",
        "Content-Type: audio/wav\r\n", wav.bytes, wav.length);
    CHECK_STATUS(201, up);
    return str_copy(a, str_of(text_at(&up, "id")));
}

TEST(a_person_asks_and_is_told_why)
{
    HOUSE(h);
    char *upload = make_upload(&h, &a), *cookie = log_in(&h, &a);
    check_page(&h, "/console/uploads", cookie, "&lt;script&gt;alert(1)&lt;/script&gt;");
    check_page(&h, "/console/uploads", cookie, "Songs &amp; &lt;i&gt;");
    check_page(&h, arena_format(&a, "/console/uploads/%s", upload), cookie, upload);
    check_page(&h, arena_format(&a, "/console/ask?upload=%s", upload), cookie, "songs/web");
    char *form = arena_format(&a, "upload=%s&territory=DE&app=songs%%2Fweb&use=stream", upload);
    REPLY(stranger) = post(&h, "/console/ask", "", form);
    CHECK_STATUS(401, stranger);
    char *cross = arena_format(&a, "%sOrigin: http://evil.example\r\n", cookie);
    REPLY(forged) = post(&h, "/console/ask", cross, form);
    CHECK_STATUS(403, forged);
    REPLY(bad) = post(&h, "/console/ask", cookie, "upload=upl_x&territory=DE&app=songs%2Fweb");
    CHECK_STATUS(400, bad);
    assert_non_null(strstr(bad.raw.body, "role=\"alert\""));
    REPLY(asked) = post(&h, "/console/ask", cookie, form);
    CHECK_STATUS(303, asked);
    char *page = str_copy(&a, str_of(answer_header(&asked.raw, "Location")));
    check_page(&h, page, cookie, "byte for byte");
    check_page(&h, page, cookie, "class=\"decisive\"");
    check_page(&h, arena_format(&a, "%s?lang=ru", page), cookie, "байт в байт");
    REPLY(hidden) = house_ask(&h, "", "GET", page, "", NULL);
    CHECK_STATUS(401, hidden);
    house_end(&h);
}

/* ---- a removal request by form, without script ---- */

static char *secret_of(struct house *h, struct arena *a)
{
    TX(tx);
    struct letter_row *rows;
    size_t count;
    struct instant now = h->scene.now;
    CHECK_OK(store_begin(world_store(h->scene.world), STORE_READ, &tx, e));
    CHECK_OK(
        desk_letter_unsent(tx, (struct instant) { now.us + 60000000 }, 10, a, &rows, &count, e));
    assert_true(count >= 1);
    return str_copy(a, str_of(rows[0].secret));
}

static enum notice_state state_of(struct house *h, struct arena *a, const char *notice)
{
    TX(tx);
    struct notice_id id;
    struct notice n;
    CHECK_OK(notice_id_parse(str_of(notice), &id, e));
    CHECK_OK(store_begin(world_store(h->scene.world), STORE_READ, &tx, e));
    CHECK_OK(desk_notice_get(tx, id, a, &n, e));
    return n.state;
}

TEST(a_notice_is_sent_confirmed_completed_and_withdrawn_by_forms)
{
    HOUSE(h);
    char link[65];
    struct notice_id id;
    REPLY(form) = house_ask(&h, "", "GET", "/notice", "Accept-Language: ru\r\n", NULL);
    CHECK_STATUS(200, form);
    assert_null(strstr(form.raw.body, "<script"));
    REPLY(sent) = post(&h, "/notice", "Sec-Fetch-Site: same-origin\r\n",
                       "regime=dmca&name=Ann&email=ann%40agent.example&address=1+Street&title=Song&"
                       "locations=https%3A%2F%2Fnet.example%2F1&accuracy=1&authority_perjury=1&"
                       "signature=Ann");
    CHECK_STATUS(200, sent);
    const char *at = strstr(sent.raw.body, "ntc_");
    assert_non_null(at);
    char *notice = arena_format(&a, "%.*s", 4 + ID_DIGITS, at);
    char *secret = secret_of(&h, &a);
    assert_null(strstr(sent.raw.body, secret)); /* the receipt proves no mailbox */
    char *confirm = arena_format(&a, "notice=%s&secret=%s", notice, secret);
    REPLY(look) = house_ask(&h, "", "GET", arena_format(&a, "/notice/confirm?%s", confirm), "",
                            NULL);
    CHECK_STATUS(200, look);
    assert_int_equal(state_of(&h, &a, notice), NOTICE_UNPROVEN); /* looking does nothing */
    REPLY(confirmed) = post(&h, "/notice/confirm", "", confirm);
    CHECK_STATUS(200, confirmed);
    assert_int_equal(state_of(&h, &a, notice), NOTICE_INCOMPLETE);

    CHECK_OK(notice_id_parse(str_of(notice), &id, e));
    flow_notice_link(h.scene.world, id, link);
    char *own = arena_format(&a, "/notices/%s", notice);
    REPLY(foreign) = house_ask(&h, "", "GET", arena_format(&a, "%s?link=%064d", own, 0), "", NULL);
    CHECK_STATUS(403, foreign);
    REPLY(page) = house_ask(&h, "", "GET", arena_format(&a, "%s?link=%s", own, link), "", NULL);
    CHECK_STATUS(200, page);
    assert_non_null(strstr(page.raw.body, "name=\"good_faith\""));
    REPLY(done) = post(&h, own, "", arena_format(&a, "link=%s&action=complete&good_faith=1", link));
    CHECK_STATUS(200, done);
    assert_null(strstr(done.raw.body, "name=\"good_faith\""));
    assert_int_equal(state_of(&h, &a, notice), NOTICE_OPEN);
    REPLY(gone) = post(&h, own, "", arena_format(&a, "link=%s&action=withdraw", link));
    CHECK_STATUS(200, gone);
    assert_int_equal(state_of(&h, &a, notice), NOTICE_WITHDRAWN);
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_link_logs_in_once_and_only_by_its_button),
        STORE_TEST(a_role_sees_what_is_its_own),
        STORE_TEST(logging_out_ends_the_session),
        STORE_TEST(public_pages_speak_both_languages_without_script),
        STORE_TEST(every_problem_has_its_page),
        STORE_TEST(a_person_asks_and_is_told_why),
        STORE_TEST(a_notice_is_sent_confirmed_completed_and_withdrawn_by_forms),
    };
    CHECK_OK(audio_host_start(&audio, e));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    audio_host_stop(audio);
    return failed;
}
