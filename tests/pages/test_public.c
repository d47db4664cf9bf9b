/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing personal on any path that the public sees: data of people are planted wherever somebody can
 * write, and looked for in every page without a session, every report and every export. */
#include "flow/town.h"

#include <sodium.h>

#include "pages/pages.h"

#define NAME    "Quirina Planted"
#define MAILBOX "quirina.planted@private.example"
#define PHONE   "+44 20 7946 0958"
#define ADDRESS "17 Hidden Lane"

static const char *const planted[] = { "Quirina", "quirina",     "private.example",
                                       "7946",    "Hidden Lane", "ulla" };

static void is_clean(const char *where, struct str text)
{
    for (size_t i = 0; i < COUNT_OF(planted); i++)
        if (memmem(text.at, text.length, planted[i], strlen(planted[i])))
            STOP("%s shows \"%s\"", where, planted[i]);
}

/* Two notices with personal data in every field; one is decided by rule, one turned down by a
 * person, then countered and complained of with more of them. */
static void plant(struct scene *s, struct place *p, struct arena *a)
{
    char text[ID_TEXT];
    struct sender_id sender;
    struct sender_change known = { .mailbox = STR(MAILBOX),
                                   .name = STR(NAME),
                                   .proofs = PROOF_MAILBOX | PROOF_DOMAIN,
                                   .party = STR("holder"),
                                   .trusted = 1,
                                   .suspended = -1 };
    CHECK_OK(flow_sender_put(s->world, STR("test"), &known, &sender, e));
    for (int i = 0; i < 3; i++) {
        struct upload_id up = upload(p, i != 1);
        const char *where = i == 2 ? "https://elsewhere.example/?mail=" MAILBOX
                                   : arena_format(a, "https://net.example/%s?mail=" MAILBOX,
                                                  upload_id_format(up, text));
        struct draft_item item = { KIND_UPLOAD, str_of(where), STR("Song for " NAME),
                                   STR(NAME ", call " PHONE), STR("") };
        struct notice_draft d = { .channel = CHANNEL_FORM,
                                  .regime = i == 1 ? REGIME_DSA16 : REGIME_DMCA,
                                  .sender = STR(MAILBOX),
                                  .name = STR(NAME),
                                  .principal = STR("holder"),
                                  .once = str_of(arena_format(a, "key-%d", i)),
                                  .raw = STR("Name: " NAME "\nPhone: " PHONE "\n" ADDRESS),
                                  .elements = ELEMENTS_ALL,
                                  .proven = true,
                                  .items = &item,
                                  .item_count = 1 };
        struct received got;
        enum code code;
        struct error error;
        CHECK_OK(flow_notice_receive(s->world, STR("form"), &d, 1, a, &got, &code, &error, e));
        if (code != OK)
            STOP("%s", error.text);
        work(s);
        struct notice_item x = item_of(s, a, got.notice);
        item_id_format(x.id, text);
        if (x.now.state == ITEM_RESTRICTED) {
            struct counter_draft c = { COUNTER_OTHER, ELEMENTS_ALL, STR(NAME ", " ADDRESS) };
            CHECK_OK(flow_notice_counter(s->world, str_of(text), &c, e));
        } else if (x.now.state == ITEM_DECLINED) {
            CHECK_OK(flow_notice_complain(s->world, str_of(text), ACTOR_SENDER,
                                          STR("I am " NAME ", " PHONE), e));
        }
    }
}

/* ---- pages ---- */

static struct http_response ask(struct scene *s, struct arena *a, const struct http_route *route,
                                const char *report)
{
    struct http_request r = { .method = HTTP_GET,
                              .path = route->pattern,
                              .arena = a,
                              .id = "req_x",
                              .base_url = "http://x",
                              .peer = "127.0.0.1",
                              .at = s->now,
                              .route = route,
                              .world = s->world };
    struct http_response out = { .status = 200, .arena = a };
    struct error error = { 0 };
    static const char *const names[] = { "notice",   "item",    "upload", "match",
                                         "evidence", "verdict", "slug" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        http_pairs_add(a, &r.parameters, names[i], "x");
    http_pairs_add(a, &r.parameters, "report", report);
    http_pairs_add(a, &r.parameters, "figure", "requests.received");
    if (route->handler(&r, &out, &error) != OK)
        buf_text(&out.body, error.text);
    return out;
}

static void walk_pages(struct scene *s, const char *report)
{
    size_t walked = 0;
    for (size_t i = 0; i < pages_route_count; i++) {
        ARENA(a);
        const struct http_route *route = &pages_routes[i];
        if (route->method != HTTP_GET || route->scope)
            continue;
        struct http_response out = ask(s, &a, route, report);
        is_clean(route->pattern, buf_as_str(&out.body));
        walked += out.body.length > 0;
        buf_done(&out.body);
    }
    assert_true(walked > 10);
}

/* ---- reports and exports ---- */

static enum code add_line(void *ctx, struct str line, struct error *e)
{
    (void)e;
    buf_str(ctx, line);
    return OK;
}

static void walk_reports(struct scene *s)
{
    TX(tx);
    SCAN(scan);
    uint8_t key[32], secret[64];
    struct statement_counts counts;
    struct buf out[7] = { { 0 } };
    size_t archived;
    static const char *const names[] = { "transparency CSV", "transparency JSON", "months",
                                         "sheets",           "archive",           "statements",
                                         "dossier" };
    const struct sheet_options o = { "Net", "Net", "", "", "", "", "", true };
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(desk_scan(tx, INSTANT_FIRST, INSTANT_NEVER, &scan, e));
    CHECK_OK(desk_report_csv(&scan, &out[0], e));
    CHECK_OK(desk_report_json(&scan, &out[1], e));
    CHECK_OK(desk_report_monthly(&scan, &out[2], e));
    for (int i = 0; i < SHEETS; i++)
        CHECK_OK(desk_report_sheet(&scan, &o, i, &out[3], NULL, e));
    const struct archive_options x = { INSTANT_FIRST, INSTANT_NEVER, "Net",
                                       world_catalogue(s->world) };
    CHECK_OK(desk_report_archive(tx, &x, add_line, &out[4], &archived, e));
    assert_int_equal(archived, 3);
    CHECK_OK(
        desk_report_statements(tx, INSTANT_FIRST, INSTANT_NEVER, add_line, &out[5], &counts, e));
    crypto_sign_keypair(key, secret);
    struct dossier_options d = {
        .from = INSTANT_FIRST, .until = INSTANT_NEVER, .sample = 100, .secret = secret, .key = key
    };
    CHECK_OK(desk_dossier_of(tx, &scan, &d, &out[6], e));
    for (size_t i = 0; i < COUNT_OF(out); i++) {
        assert_true(out[i].length > 50);
        is_clean(names[i], buf_as_str(&out[i]));
        buf_done(&out[i]);
    }
}

/* The journal itself: an outsider who checks it sees all of it. */
static void walk_journal(struct scene *s)
{
    TX(tx);
    ARENA(a);
    struct journal_event *events;
    size_t count;
    CHECK_OK(store_begin(world_store(s->world), STORE_READ, &tx, e));
    CHECK_OK(journal_list(tx, 0, STR(""), JOURNAL_LIST_MOST, &a, &events, &count, e));
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        const struct journal_entry *n = &events[i].entry;
        const struct str texts[] = { n->who, n->subject, n->before, n->after, n->why };
        for (size_t k = 0; k < COUNT_OF(texts); k++)
            is_clean(arena_format(&a, "event %zu %.*s", i, STR_ARG(n->what)), texts[k]);
    }
}

TEST(nothing_personal_stands_on_a_public_path)
{
    STAGE(s);
    ARENA(a);
    struct place p;
    struct published report;
    char id[ID_TEXT];
    found_town(&s, &p);
    plant(&s, &p, &a);
    struct instant from = { s.now.us - DAYS(1) };
    s.now.us += DAYS(2);
    CHECK_OK(flow_report_publish(s.world, STR("test"), from, (struct instant) { s.now.us - 1 },
                                 &report, e));
    walk_pages(&s, report_id_format(report.id, id));
    walk_reports(&s);
    walk_journal(&s);
    scene_end(&s);
}

TEST(a_published_figure_leads_to_the_events_that_it_adds_up)
{
    STAGE(s);
    ARENA(a);
    struct place p;
    struct published report, again;
    struct report_event *events;
    size_t count;
    int64_t sum = 0;
    char id[ID_TEXT];
    struct error error;
    found_town(&s, &p);
    plant(&s, &p, &a);
    struct instant from = { s.now.us - DAYS(1) }, until = { s.now.us + DAYS(1) };
    assert_int_equal(flow_report_publish(s.world, STR("test"), from, until, &report, &error),
                     ERR_INVALID); /* not over */
    s.now.us += DAYS(2);
    CHECK_OK(flow_report_publish(s.world, STR("test"), from, until, &report, e));
    CHECK_OK(flow_report_publish(s.world, STR("test"), from, until, &again, e));
    assert_int_equal(report.version, 1);
    assert_int_equal(again.version, 2);
    CHECK_OK(flow_report_events(s.world, report.id, STR("requests.received"), 0, &a, &events,
                                &count, e));
    for (size_t i = 0; i < count; i++) {
        assert_true(str_is(events[i].event.entry.what, "notice.received"));
        sum += events[i].weight;
    }
    assert_int_equal(sum, 3);
    CHECK_OK(flow_report_events(s.world, report.id, STR("requests.received"), events[0].event.seq,
                                &a, &events, &count, e));
    assert_int_equal(count, 2);
    assert_int_equal(
        flow_report_events(s.world, report.id, STR("requests.odd"), 0, &a, &events, &count, &error),
        ERR_NOT_FOUND);
    ARENA(page);
    for (size_t i = 0; i < pages_route_count; i++)
        if (strcmp(pages_routes[i].pattern, "/transparency/{report}") == 0) {
            struct http_response out = ask(&s, &page, &pages_routes[i],
                                           report_id_format(report.id, id));
            assert_non_null(strstr((char *)out.body.bytes, "/requests.received\">3</a>"));
            buf_done(&out.body);
        }
    scene_end(&s);
}

TEST(the_user_agreement_has_versions_and_who_accepted_them)
{
    STAGE(s);
    ARENA(a);
    struct place p;
    struct agreement first, second, now;
    int64_t version = 0, accepted;
    struct instant when;
    bool fresh;
    struct error error;
    TX(tx);
    const char *words;
    found_town(&s, &p);
    assert_int_equal(flow_agreement_get(s.world, 0, &a, &now, &error), ERR_NOT_FOUND);
    CHECK_OK(flow_agreement_publish(s.world, STR("test"), STR("Be kind."), &first, e));
    CHECK_OK(
        flow_agreement_accept(s.world, STR("test"), STR("net"), STR("ulla"), &version, &fresh, e));
    assert_true(fresh && version == 1);
    s.now.us += DAYS(1);
    CHECK_OK(flow_agreement_publish(s.world, STR("test"), STR("Be kind. <b>"), &second, e));
    assert_int_equal(second.version, 2);
    CHECK_OK(
        flow_agreement_accept(s.world, STR("test"), STR("net"), STR("ulla"), &version, &fresh, e));
    assert_false(fresh); /* version 1 again */
    version = 3;
    assert_int_equal(flow_agreement_accept(s.world, STR("test"), STR("net"), STR("ulla"), &version,
                                           &fresh, &error),
                     ERR_NOT_FOUND);
    CHECK_OK(store_begin(world_store(s.world), STORE_READ, &tx, e));
    CHECK_OK(desk_agreement_accepted(tx, p.network, STR("ulla"), s.now, &accepted, &when, e));
    assert_int_equal(accepted, 1);
    CHECK_OK(flow_agreement_words(tx, (struct instant) { s.now.us - DAYS(1) }, &a, &words, e));
    assert_true(str_starts(str_of(words), "version 1 of "));
    store_rollback(take(tx));
    for (size_t i = 0; i < pages_route_count; i++)
        if (strcmp(pages_routes[i].pattern, "/terms") == 0) {
            struct http_response out = ask(&s, &a, &pages_routes[i], "x");
            assert_non_null(strstr((char *)out.body.bytes, "Be kind. &lt;b&gt;"));
            buf_done(&out.body);
        }
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(nothing_personal_stands_on_a_public_path),
        STORE_TEST(a_published_figure_leads_to_the_events_that_it_adds_up),
        STORE_TEST(the_user_agreement_has_versions_and_who_accepted_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
