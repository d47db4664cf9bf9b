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
    REPLY(journal) = want(&h, 200, "GET", arena_format(&a, V1 "/journal?subject=%s", item), "",
                          NULL);
    assert_non_null(strstr(journal.raw.body, "\"who\":\"person_"));
    assert_null(strstr(journal.raw.body, "\"bo\"")); /* outsiders see parts of it */
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

/* Three notices about three things; their items wait for a person. */
static void queue_three(struct house *h, struct arena *a, const char *items[3])
{
    vouch_for(h, "ann@agent.example");
    for (int i = 0; i < 3; i++)
        ask(h, 201, "POST", V1 "/notices", "",
            arena_format(
                a,
                "{\"sender\":\"ann@agent.example\",\"elements\":[\"signature\","
                "\"address\",\"good_faith\",\"accuracy\",\"authority_perjury\"],"
                "\"items\":[{\"kind\":\"playlist\",\"location\":\"https://net.example/p/%d\","
                "\"title\":\"Song\"}]}",
                i));
    settle(h);
    REPLY(queue) = want(h, 200, "GET", V1 "/items?state=queued", "", NULL);
    assert_int_equal(json_array_size(at(&queue, "items")), 3);
    for (int i = 0; i < 3; i++)
        items[i] = arena_format(a, "%s", text_at(&queue, arena_format(a, "items/%d/id", i)));
}

static void state_is(struct house *h, struct arena *a, const char *item, const char *state)
{
    REPLY(one) = want(h, 200, "GET", arena_format(a, V1 "/items/%s", item), "", NULL);
    assert_string_equal(text_at(&one, "state"), state);
}

TEST(one_act_on_many_items_is_previewed_done_and_undone)
{
    HOUSE(h);
    const char *items[3];
    queue_three(&h, &a, items);
    char *act = arena_format(&a,
                             "\"event\":\"restrict\",\"person\":\"bo\",\"items\":[\"%s\",\"%s\"]",
                             items[0], items[1]);
    REPLY(seen) = want(&h, 200, "POST", V1 "/items/bulk", "",
                       arena_format(&a, "{%s,\"preview\":true}", act));
    assert_int_equal(json_integer_value(at(&seen, "moved")), 2);
    state_is(&h, &a, items[0], "queued");
    REPLY(done) = want(&h, 200, "POST", V1 "/items/bulk", "", arena_format(&a, "{%s}", act));
    assert_int_equal(json_integer_value(at(&done, "moved")), 2);
    state_is(&h, &a, items[0], "restricted");
    state_is(&h, &a, items[2], "queued");
    char *undo = arena_format(&a, V1 "/items/bulk/%s/undo", text_at(&done, "bulk"));
    ask(&h, 400, "POST", undo, "", "{}");
    REPLY(undone) = want(&h, 200, "POST", undo, "", "{\"person\":\"cy\"}");
    assert_int_equal(json_integer_value(at(&undone, "moved")), 2);
    state_is(&h, &a, items[1], "restored");
    ask(&h, 409, "POST", undo, "", "{\"person\":\"cy\"}");
    house_end(&h);
}

TEST(what_an_act_on_many_items_refuses_has_its_reason)
{
    HOUSE(h);
    const char *items[3];
    queue_three(&h, &a, items);
    ask(&h, 200, "POST", arena_format(&a, V1 "/items/%s/moves", items[1]), "",
        "{\"event\":\"claim\",\"person\":\"cy\"}");
    REPLY(some) = want(&h, 200, "POST", V1 "/items/bulk", "",
                       arena_format(&a,
                                    "{\"event\":\"restrict\",\"person\":\"bo\",\"items\":"
                                    "[\"%s\",\"%s\",\"itm_nothing\",\"%s\"]}",
                                    items[0], items[1], items[2]));
    assert_int_equal(json_integer_value(at(&some, "moved")), 2);
    assert_int_equal(json_array_size(at(&some, "refusals")), 2);
    assert_string_equal(text_at(&some, "refusals/0/item"), items[1]);
    assert_non_null(strstr(text_at(&some, "refusals/0/error"), "somebody else holds"));
    assert_string_equal(text_at(&some, "refusals/1/item"), "itm_nothing");
    state_is(&h, &a, items[2], "restricted");
    REPLY(none) = want(&h, 200, "POST", V1 "/items/bulk", "",
                       arena_format(&a,
                                    "{\"event\":\"restrict\",\"person\":\"bo\",\"items\":"
                                    "[\"%s\"]}",
                                    items[1]));
    assert_true(json_is_null(at(&none, "bulk")));
    house_end(&h);
}

TEST(an_act_on_many_items_names_what_it_lacks)
{
    HOUSE(h);
    const char *items[3];
    static const char *const wrong[] = {
        "{\"event\":\"restrict\",\"person\":\"bo\"}",
        "{\"event\":\"restrict\",\"person\":\"bo\",\"items\":[]}",
        "{\"event\":\"restrict\",\"person\":\"bo\",\"items\":[7]}",
        "{\"event\":\"dance\",\"person\":\"bo\",\"items\":[\"%s\"]}",
        "{\"event\":\"restrict\",\"items\":[\"%s\"]}",
        "{\"event\":\"decline\",\"person\":\"bo\",\"reason\":\"mood\",\"items\":[\"%s\"]}",
    };
    queue_three(&h, &a, items);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        BUF(body);
        const char *place = strstr(wrong[i], "%s");
        buf_put(&body, wrong[i], place ? (size_t)(place - wrong[i]) : strlen(wrong[i]));
        if (place)
            buf_format(&body, "%s%s", items[0], place + 2);
        buf_put(&body, "", 1);
        ask(&h, 400, "POST", V1 "/items/bulk", "", (char *)body.bytes);
    }
    state_is(&h, &a, items[0], "queued");
    house_end(&h);
}

TEST(a_body_out_of_court_is_told_of_and_its_result_kept)
{
    HOUSE(h);
    const char *items[3];
    queue_three(&h, &a, items);
    char *moves = arena_format(&a, V1 "/items/%s/moves", items[0]);
    char *disputes = arena_format(&a, V1 "/items/%s/disputes", items[0]);
    char *result = arena_format(&a, V1 "/items/%s/disputes/result", items[0]);
    ask(&h, 200, "POST", moves, "", "{\"event\":\"claim\",\"person\":\"bo\"}");
    ask(&h, 200, "POST", moves, "", "{\"event\":\"restrict\",\"person\":\"bo\"}");
    ask(&h, 400, "POST", disputes, "", "{\"body\":\"Body One\"}");
    ask(&h, 409, "POST", result, "", "{\"person\":\"cy\",\"result\":\"reversed\"}");
    REPLY(open) = want(&h, 200, "POST", disputes, "", "{\"body\":\"Body One\",\"person\":\"cy\"}");
    assert_string_equal(text_at(&open, "item"), items[0]);
    ask(&h, 409, "POST", disputes, "", "{\"body\":\"Body Two\",\"person\":\"cy\"}");
    ask(&h, 400, "POST", result, "", "{\"person\":\"cy\",\"result\":\"won\"}");
    REPLY(ended) = want(&h, 200, "POST", result, "",
                        "{\"person\":\"cy\",\"result\":\"reversed\",\"implemented\":true}");
    assert_string_equal(text_at(&ended, "result"), "reversed");
    ask(&h, 404, "POST", V1 "/items/itm_018pth9900et0apevjsrcm516g/disputes", "",
        "{\"body\":\"Body One\",\"person\":\"cy\"}");
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
        STORE_TEST(one_act_on_many_items_is_previewed_done_and_undone),
        STORE_TEST(what_an_act_on_many_items_refuses_has_its_reason),
        STORE_TEST(an_act_on_many_items_names_what_it_lacks),
        STORE_TEST(a_body_out_of_court_is_told_of_and_its_result_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
