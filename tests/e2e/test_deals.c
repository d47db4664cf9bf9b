/* SPDX-License-Identifier: Apache-2.0 */
/* The deal room and the books over a socket: offer, counter, agree, plays, statement, payment; what a
 * holder's key sees of it. */
#include "house.h"

static struct audio_host *audio;

/* Ask, want a status; the answer is the caller's. */
static struct reply ask(struct house *h, int want, const char *key, const char *method,
                        const char *path, const char *body)
{
    struct reply r = house_ask(h, key, method, path, "", body);
    if (r.raw.status != want)
        STOP("%s %s: want %d, got %d: %s", method, path, want, r.raw.status, r.raw.body);
    return r;
}

static void done(struct house *h, int want, const char *key, const char *method, const char *path,
                 const char *body)
{
    REPLY(r) = ask(h, want, key, method, path, body);
    (void)r;
}

#define GET(h, want, key, path)   done(h, want, key, "GET", path, NULL)
#define POST(h, want, path, text) done(h, want, NULL, "POST", path, text)
#define TERMS(price)                                                                               \
    "terms \\\"North\\\"\\nlicensor north\\nterritories Worldwide\\ngrant stream\\n"               \
    "from 2027-01-01\\npay USD " price " a play\\n"

static void set_up(struct house *h)
{
    POST(h, 201, "/api/v1/networks", "{\"slug\":\"main\",\"name\":\"Main\"}");
    POST(h, 201, "/api/v1/apps", "{\"network\":\"main\",\"slug\":\"web\",\"name\":\"Web\"}");
    POST(h, 201, "/api/v1/parties", "{\"slug\":\"north\",\"name\":\"North\"}");
    POST(h, 201, "/api/v1/parties", "{\"slug\":\"south\",\"name\":\"South\"}");
    POST(h, 201, "/api/v1/recordings",
         "{\"isrc\":\"XXN002700001\",\"title\":\"Song\",\"artist\":\"Singer\"}");
    POST(h, 201, "/api/v1/claims",
         "{\"recording\":\"XXN002700001\",\"party\":\"north\",\"right\":\"making_available\","
         "\"share_e8\":100000000}");
}

/* A key of one holder */
static char *holder_key(struct house *h, struct arena *a, const char *party)
{
    char body[200];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"party\":\"%s\",\"scopes\":[\"catalogue\"]}",
             party, party);
    REPLY(r) = ask(h, 201, NULL, "POST", "/api/v1/keys", body);
    return str_copy(a, str_of(text_at(&r, "secret")));
}

static void negotiate(struct house *h, const char *north, const char *south)
{
    POST(h, 400, "/api/v1/deals", "{\"name\":\"x\",\"by\":\"platform\",\"terms\":\"whereas\"}");
    done(h, 201, north, "POST", "/api/v1/deals",
         "{\"name\":\"North\",\"terms\":\"" TERMS("0.02") "\"}");
    done(h, 403, south, "POST", "/api/v1/deals",
         "{\"name\":\"Other\",\"terms\":\"" TERMS("0.02") "\"}");
    POST(h, 201, "/api/v1/deals",
         "{\"name\":\"North\",\"by\":\"platform\",\"terms\":\"" TERMS("0.01") "\"}");
    REPLY(difference) = ask(h, 200, north, "GET", "/api/v1/deals/North/difference", NULL);
    assert_non_null(strstr(text_at(&difference, "difference"), "-> pay USD 0.01 a play"));
    REPLY(versions) = ask(h, 200, north, "GET", "/api/v1/deals/North/versions", NULL);
    assert_string_equal(text_at(&versions, "items/0/side"), "licensor");
    assert_string_equal(text_at(&versions, "items/1/side"), "platform");
    GET(h, 404, south, "/api/v1/deals/North");
    POST(h, 409, "/api/v1/deals/North/moves", "{\"event\":\"agree\",\"by\":\"platform\"}");
    POST(h, 400, "/api/v1/deals/North/moves", "{\"event\":\"sign\",\"by\":\"licensor\"}");
    done(h, 403, north, "POST", "/api/v1/deals/North/moves",
         "{\"event\":\"agree\",\"by\":\"platform\"}");
    REPLY(agreed) = ask(h, 200, north, "POST", "/api/v1/deals/North/moves",
                        "{\"event\":\"agree\"}");
    assert_string_equal(text_at(&agreed, "state"), "in_force");
    REPLY(mine) = ask(h, 200, north, "GET", "/api/v1/deals", NULL);
    assert_string_equal(text_at(&mine, "items/0/name"), "North");
    REPLY(theirs) = ask(h, 200, south, "GET", "/api/v1/deals", NULL);
    assert_null(at(&theirs, "items/0"));
}

#define PLAY(ms)                                                                                   \
    "{\"recording\":\"XXN002700001\",\"app\":\"main/web\",\"territory\":\"DE\","                   \
    "\"at\":\"2027-01-03T10:00:00Z\",\"played_ms\":" ms "}"

static void tell_plays(struct house *h)
{
    static const char body[] = "{\"producer\":\"house\",\"sequence\":0,\"plays\":[" PLAY(
        "60000") "," PLAY("45000") "," PLAY("9000") "]}";
    REPLY(kept) = ask(h, 200, NULL, "POST", "/api/v1/plays/batches", body);
    assert_string_equal(text_at(&kept, "state"), "kept");
    REPLY(known) = ask(h, 200, NULL, "POST", "/api/v1/plays/batches", body);
    assert_string_equal(text_at(&known, "state"), "known");
    POST(h, 409, "/api/v1/plays/batches",
         "{\"producer\":\"house\",\"sequence\":0,\"plays\":[" PLAY("60000") "]}");
    POST(h, 400, "/api/v1/plays/batches",
         "{\"producer\":\"house\",\"sequence\":1,\"plays\":[{\"recording\":\"XXN002700001\"}]}");
}

TEST(from_an_offer_to_a_payment_over_the_interface)
{
    FIXTURE(fixture_);
    ARENA(a);
    struct house h;
    char path[200];
    house_begin(&h, fixture_, audio);
    set_up(&h);
    const char *north = holder_key(&h, &a, "north"), *south = holder_key(&h, &a, "south");
    negotiate(&h, north, south);
    tell_plays(&h);
    POST(&h, 400, "/api/v1/statements", "{\"deal\":\"North\",\"period\":\"2027-01-05\"}");
    REPLY(closed) = ask(&h, 201, NULL, "POST", "/api/v1/statements",
                        "{\"deal\":\"North\",\"period\":\"2027-01\"}");
    assert_int_equal(json_integer_value(at(&closed, "items/0/due")), 2);
    const char *id = text_at(&closed, "items/0/id");
    REPLY(again) = ask(&h, 201, NULL, "POST", "/api/v1/statements",
                       "{\"deal\":\"North\",\"period\":\"2027-01\"}");
    assert_null(at(&again, "items/0"));
    static const char *const formats[] = { "csv", "html", "dsr", "dsr-audio" };
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        snprintf(path, sizeof path, "/api/v1/statements/%s/report?format=%s", id, formats[i]);
        REPLY(report) = ask(&h, 200, north, "GET", path, NULL);
        assert_non_null(strstr(report.raw.body, i == 1 ? "Statement to North" : "Song"));
        GET(&h, 404, south, path);
    }
    snprintf(path, sizeof path, "/api/v1/statements/%s/report?format=pdf", id);
    GET(&h, 400, NULL, path);
    snprintf(path, sizeof path, "/api/v1/statements/%s", id);
    GET(&h, 200, north, path);
    /* a line with its plays, its clause and its sum; the licensor is not shown deals of others */
    snprintf(path, sizeof path, "/api/v1/statements/%s/lines/1", id);
    REPLY(line) = ask(&h, 200, NULL, "GET", path, NULL);
    assert_int_equal(json_integer_value(at(&line, "plays")), 2);
    assert_int_equal(json_integer_value(at(&line, "batches/0/plays")), 2);
    assert_string_equal(text_at(&line, "batches/0/producer"), "house");
    assert_string_equal(text_at(&line, "clause/deal"), "North");
    assert_non_null(at(&line, "close/deals"));
    REPLY(own) = ask(&h, 200, north, "GET", path, NULL);
    assert_int_equal(json_integer_value(at(&own, "amount")), 2);
    assert_null(at(&own, "close/deals"));
    GET(&h, 404, south, path);
    snprintf(path, sizeof path, "/api/v1/statements/%s/lines/9", id);
    GET(&h, 404, north, path);
    snprintf(path, sizeof path, "/api/v1/statements/%s/verification", id);
    REPLY(verified) = ask(&h, 200, north, "GET", path, NULL);
    assert_true(json_is_true(at(&verified, "same")));
    REPLY(list) = ask(&h, 200, north, "GET", "/api/v1/statements", NULL);
    assert_string_equal(text_at(&list, "items/0/id"), id);
    GET(&h, 403, north, "/api/v1/statements?licensor=south");
    POST(&h, 409, "/api/v1/payments", "{\"licensor\":\"north\",\"currency\":\"USD\",\"amount\":3}");
    POST(&h, 400, "/api/v1/payments",
         "{\"licensor\":\"north\",\"currency\":\"USD\",\"amount\":2,\"paid_in\":\"EUR\"}");
    REPLY(paid) = ask(&h, 201, NULL, "POST", "/api/v1/payments",
                      arena_format(&a,
                                   "{\"licensor\":\"north\",\"currency\":\"USD\",\"amount\":2,"
                                   "\"statement\":\"%s\",\"paid_in\":\"EUR\",\"day\":"
                                   "\"2027-02-03\",\"rates\":\"day,from,to,rate\\n2027-01-01,"
                                   "USD,EUR,1\\n2027-02-01,USD,EUR,0.5\\n\"}",
                                   id));
    assert_int_equal(json_integer_value(at(&paid, "paid")), 1);
    assert_int_equal(json_integer_value(at(&paid, "gain")), 1);
    REPLY(books) = ask(&h, 200, NULL, "GET", "/api/v1/balances", NULL);
    json_int_t sum = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(books.json, "items")); i++)
        sum += json_integer_value(
            json_object_get(json_array_get(json_object_get(books.json, "items"), i), "balance"));
    assert_int_equal(sum, 0);
    GET(&h, 403, north, "/api/v1/balances");
    house_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(from_an_offer_to_a_payment_over_the_interface),
    };
    struct error e;
    if (audio_host_start(&audio, &e) != OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    audio_host_stop(audio);
    return failed;
}
