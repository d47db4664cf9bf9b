/* SPDX-License-Identifier: Apache-2.0 */
/* The desk over the API, from a socket; every JSON answer is held against the document. */
#include "house.h"

#define HOUSE(name)                                                                                \
    FIXTURE(fixture_)                                                                              \
    ARENA(a);                                                                                      \
    struct house name;                                                                             \
    house_begin(&name, fixture_, NULL)

#define V1 "/api/v1"
static const char notice[] =
    "{\"sender\":\"ann@agent.example\",\"name\":\"Ann\",\"elements\":[\"signature\",\"address\","
    "\"good_faith\",\"accuracy\",\"authority_perjury\"],\"items\":[{\"kind\":\"playlist\","
    "\"location\":\"https://net.example/p/1\",\"title\":\"Song\"}]}";

static struct reply want(struct house *h, int status, const char *method, const char *path,
                         const char *headers, const char *body)
{
    struct reply r = house_ask(h, NULL, method, path, headers, body);
    if (r.raw.status != status)
        STOP("%s %s: want %d, got %d: %s", method, path, status, r.raw.status, r.raw.body);
    return r;
}

/* The same, of which only the status counts. */
static void ask(struct house *h, int status, const char *method, const char *path,
                const char *headers, const char *body)
{
    REPLY(r) = want(h, status, method, path, headers, body);
    (void)r;
}

/* The operator knows the mailbox. */
static void vouch_for(struct house *h, const char *mailbox)
{
    struct sender_id id;
    struct sender_change c = {
        .mailbox = str_of(mailbox), .proofs = PROOF_MAILBOX, .trusted = -1, .suspended = -1
    };
    CHECK_OK(flow_sender_put(h->scene.world, STR("test"), &c, &id, e));
}

static void settle(struct house *h)
{
    bool did = true;
    while (did) { /* the server's own worker does the same: what it took first is not ours */
        struct error error = { 0 };
        enum code code = flow_notice_once(h->scene.world, &did, &error);
        if (code != OK && code != ERR_CONFLICT)
            STOP("%s", error.text);
        did = did || code != OK;
    }
}

TEST(a_notice_goes_all_the_way_over_the_api)
{
    HOUSE(h);
    vouch_for(&h, "ann@agent.example");
    REPLY(made) = want(&h, 201, "POST", V1 "/notices", "Idempotency-Key: k1\r\n", notice);
    REPLY(again) = want(&h, 200, "POST", V1 "/notices", "Idempotency-Key: k1\r\n", notice);
    assert_string_equal(text_at(&made, "id"), text_at(&again, "id"));
    settle(&h);
    const char *id = text_at(&made, "id");
    REPLY(list) = want(&h, 200, "GET", V1 "/notices", "", NULL);
    assert_string_equal(text_at(&list, "items/0/id"), id);
    REPLY(queue) = want(&h, 200, "GET", V1 "/items?queue=yes", "", NULL);
    const char *item = text_at(&queue, "items/0/id");
    assert_string_equal(text_at(&queue, "items/0/state"), "queued");
    char *moves = arena_format(&a, V1 "/items/%s/moves", item);
    ask(&h, 200, "POST", moves, "", "{\"event\":\"claim\",\"person\":\"bo\"}");
    ask(&h, 409, "POST", moves, "", "{\"event\":\"claim\",\"person\":\"cy\"}");
    ask(&h, 200, "POST", moves, "", "{\"event\":\"restrict\",\"person\":\"bo\"}");
    REPLY(one) = want(&h, 200, "GET", arena_format(&a, V1 "/items/%s", item), "", NULL);
    assert_string_equal(text_at(&one, "state"), "restricted");
    ask(&h, 200, "GET", arena_format(&a, V1 "/items/%s/evidence", item), "", NULL);
    REPLY(why) = want(&h, 200, "GET", arena_format(&a, V1 "/items/%s/decisions", item), "", NULL);
    assert_string_equal(text_at(&why, "items/0/reason"), "reviewed");
    char *complaints = arena_format(&a, V1 "/items/%s/complaints", item);
    ask(&h, 400, "POST", complaints, "", "{\"by\":\"anybody\",\"text\":\"no\"}");
    ask(&h, 200, "POST", complaints, "", "{\"by\":\"uploader\",\"text\":\"no\"}");
    ask(&h, 200, "POST", arena_format(&a, V1 "/notices/%s/withdrawals", id), "", "");
    REPLY(now) = want(&h, 200, "GET", arena_format(&a, V1 "/items/%s", item), "", NULL);
    assert_string_equal(text_at(&now, "state"), "restored");
    house_end(&h);
}

TEST(a_counter_notice_names_what_it_lacks)
{
    HOUSE(h);
    vouch_for(&h, "ann@agent.example");
    ask(&h, 201, "POST", V1 "/notices", "", notice);
    settle(&h);
    REPLY(queue) = want(&h, 200, "GET", V1 "/items?state=queued", "", NULL);
    const char *item = text_at(&queue, "items/0/id");
    char *counters = arena_format(&a, V1 "/items/%s/counter-notices", item);
    ask(&h, 409, "POST", counters, "", "{\"reason\":\"owner\",\"elements\":[\"signature\"]}");
    char *moves = arena_format(&a, V1 "/items/%s/moves", item);
    ask(&h, 200, "POST", moves, "", "{\"event\":\"claim\",\"person\":\"bo\"}");
    ask(&h, 200, "POST", moves, "", "{\"event\":\"restrict\",\"person\":\"bo\"}");
    ask(&h, 400, "POST", counters, "", "{\"reason\":\"owner\",\"elements\":[\"signature\"]}");
    ask(&h, 200, "POST", counters, "",
        "{\"reason\":\"owner\",\"elements\":[\"signature\",\"location\","
        "\"mistake_perjury\",\"name\",\"address\",\"phone\",\"jurisdiction\"]}");
    house_end(&h);
}

TEST(many_come_at_once_each_on_its_own)
{
    HOUSE(h);
    static const char csv[] = "sender,key,location,title\n"
                              "ann@agent.example,1,https://net.example/1,Song\n"
                              "nobody,2,https://net.example/2,Song\n"
                              "bob@agent.example,1,https://net.example/3,Song\n";
    for (int i = 0; i < 2; i++) {
        REPLY(r) = want(&h, 200, "POST", V1 "/notices/bulk", "Content-Type: text/csv\r\n", csv);
        assert_int_equal(json_array_size(at(&r, "results")), 3);
        assert_non_null(text_at(&r, "results/0/id"));
        assert_non_null(strstr(text_at(&r, "results/1/error"), "mailbox"));
        assert_non_null(text_at(&r, "results/2/id")); /* the same key, of another sender */
        assert_int_equal(json_is_true(at(&r, "results/0/known")), i == 1);
    }
    REPLY(senders) = want(&h, 200, "GET", V1 "/senders?limit=1", "", NULL);
    assert_non_null(answer_header(&senders.raw, "Link"));
    REPLY(one) = want(&h, 200, "GET",
                      arena_format(&a, V1 "/senders/%s", text_at(&senders, "items/0/id")), "",
                      NULL);
    assert_string_equal(text_at(&one, "state"), "active");
    house_end(&h);
}

TEST(an_original_is_seen_under_a_reason_and_the_journal_tells)
{
    HOUSE(h);
    REPLY(made) = want(&h, 201, "POST", V1 "/notices", "", notice);
    char *original = arena_format(&a, V1 "/notices/%s/original", text_at(&made, "id"));
    ask(&h, 400, "GET", original, "", NULL);
    REPLY(seen) = want(&h, 200, "GET", original, "X-Reason: a court asks\r\n", NULL);
    assert_string_equal(seen.raw.body, notice);
    REPLY(journal) = want(
        &h, 200, "GET", arena_format(&a, V1 "/journal?subject=%s", text_at(&made, "id")), "", NULL);
    assert_non_null(strstr(journal.raw.body, "original.seen"));
    assert_non_null(strstr(journal.raw.body, "a court asks"));
    assert_null(strstr(journal.raw.body, "ann@agent.example")); /* nobody is named in it */
    house_end(&h);
}

TEST(orders_come_by_the_desk_and_are_listed)
{
    HOUSE(h);
    vouch_for(&h, "court@justice.example");
    ask(&h, 201, "POST", V1 "/notices", "",
        "{\"sender\":\"court@justice.example\",\"name\":\"R\",\"regime\":\"dsa9\","
        "\"order\":{\"authority\":\"Court\",\"number\":\"7\",\"country\":\"FR\"},"
        "\"items\":[{\"location\":\"https://net.example/1\"}]}");
    REPLY(list) = want(&h, 200, "GET", V1 "/orders", "", NULL);
    assert_string_equal(text_at(&list, "items/0/authority"), "Court");
    assert_string_equal(text_at(&list, "items/0/territories"), "FR");
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_notice_goes_all_the_way_over_the_api),
        STORE_TEST(a_counter_notice_names_what_it_lacks),
        STORE_TEST(many_come_at_once_each_on_its_own),
        STORE_TEST(an_original_is_seen_under_a_reason_and_the_journal_tells),
        STORE_TEST(orders_come_by_the_desk_and_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
