/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <sodium.h>

#include "events/events.h"

static const uint8_t seal[WEBHOOK_SEAL] = { 7 };
static const struct event_view everybody;

static void append(struct store *s, const char *what, const char *subject, const char *before,
                   const char *after)
{
    TX(tx);
    struct journal_entry entry = { .who = STR("tester"),
                                   .what = str_of(what),
                                   .subject = str_of(subject),
                                   .before = str_of(before),
                                   .after = str_of(after),
                                   .why = STR(""),
                                   .when = { 1000 } };
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(journal_append(tx, &entry, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

struct told {
    int64_t seqs[32];
    size_t count;
};

static enum code tell(void *ctx, struct store_tx *tx, const struct webhook *h, int64_t seq,
                      struct error *e)
{
    struct told *t = ctx;
    (void)tx, (void)h, (void)e;
    t->seqs[t->count++] = seq;
    return OK;
}

static size_t pump(struct store *s, struct told *t, size_t most)
{
    TX(tx);
    struct event_sink sink = { t, tell };
    size_t taken;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(events_pump(tx, most, &sink, &taken, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return taken;
}

static size_t list(struct store *s, const struct event_view *v, int64_t after, struct arena *a,
                   struct event **out)
{
    TX(tx);
    size_t count;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(events_list(tx, v, after, 100, a, out, &count, e));
    return count;
}

static struct webhook add(struct store_fixture *f, const char *types, struct event_view view)
{
    TX(tx);
    struct webhook h = { .url = "https://example.com/hook", .types = types, .view = view };
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_OK(webhook_put(tx, seal, (struct instant) { 5000000 }, &f->chance, &h, e));
    CHECK_OK(store_commit_take(take(tx), e));
    return h;
}

static struct party_id party(uint8_t n)
{
    return (struct party_id) { { n, 0, 0, 0, 0, 0, 0x70, 0, 0x80 } };
}

/* A claim of party `n`, as JSON in the journal. */
static const char *claim(uint8_t n, struct arena *a)
{
    char id[ID_TEXT];
    return arena_format(a, "{\"party\":\"%s\",\"right\":\"performing\"}",
                        party_id_format(party(n), id));
}

TEST(the_feed_is_the_journal_in_order_each_event_once)
{
    STORE(s);
    ARENA(a);
    struct told t = { .count = 0 };
    struct event *events;
    for (int i = 0; i < 5; i++)
        append(s, "recording.added", "rec_1", "", "{\"title\":\"T\"}");
    assert_int_equal(pump(s, &t, 3), 3);
    assert_int_equal(pump(s, &t, 3), 2);
    assert_int_equal(pump(s, &t, 3), 0);
    assert_int_equal(list(s, &everybody, 0, &a, &events), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(events[i].seq, i + 1);
    assert_string_equal(events[0].data, "{\"title\":\"T\"}");
    assert_int_equal(list(s, &everybody, 3, &a, &events), 2);
}

TEST(holders_see_what_concerns_them_and_nobody_sees_keys)
{
    STORE(s);
    ARENA(a);
    struct told t = { .count = 0 };
    struct event *events;
    struct event_view one = { .party = party(1) }, two = { .party = party(2) };
    append(s, "claim.added", "clm_1", "", claim(1, &a));
    append(s, "claim.changed", "clm_1", claim(1, &a), claim(2, &a)); /* it goes over */
    append(s, "claim.withdrawn", "clm_2", claim(2, &a), "");
    append(s, "key.put", "key_1", "", "{\"name\":\"secret\"}");
    append(s, "recording.added", "rec_1", "", "{}");
    pump(s, &t, 100);
    assert_int_equal(list(s, &one, 0, &a, &events), 2);
    assert_int_equal(events[1].seq, 2);
    assert_int_equal(list(s, &two, 0, &a, &events), 2);
    assert_int_equal(events[1].seq, 3);
    assert_string_equal(events[1].data, claim(2, &a)); /* as it was */
    assert_int_equal(list(s, &everybody, 0, &a, &events), 4);
    TX(tx);
    struct event v;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(events_get(tx, &two, 3, &a, &v, e));
    CHECK_FAILS(ERR_NOT_FOUND, "no event 3", events_get(tx, &one, 3, &a, &v, e));
}

TEST(webhooks_are_told_what_they_want_and_may_see)
{
    FIXTURE(f);
    ARENA(a);
    struct store *s = f->store;
    struct told t = { .count = 0 };
    add(f, "claim", (struct event_view) { .party = party(1) });
    append(s, "claim.added", "clm_1", "", claim(1, &a));
    append(s, "claim.added", "clm_2", "", claim(2, &a));  /* another's */
    append(s, "policy.added", "pol_1", "", claim(1, &a)); /* not wanted */
    append(s, "claims.added", "clm_3", "", claim(1, &a)); /* another word */
    append(s, "claim.changed", "clm_1", "", claim(1, &a));
    pump(s, &t, 100);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.seqs[0], 1);
    assert_int_equal(t.seqs[1], 5);
}

TEST(a_secret_is_sealed_and_opens_only_with_its_key)
{
    FIXTURE(f);
    ARENA(a);
    TX(tx);
    static const uint8_t other[WEBHOOK_SEAL] = { 8 };
    struct webhook h = add(f, "", everybody), back;
    char plain[300];
    char hex[2 * WEBHOOK_SECRET + 1];
    CHECK_OK(store_begin(f->store, STORE_READ, &tx, e));
    CHECK_OK(webhook_get(tx, seal, h.id, &a, &back, e));
    assert_memory_equal(back.secret, h.secret, WEBHOOK_SECRET);
    CHECK_FAILS(ERR_CORRUPT, "does not open", webhook_get(tx, other, h.id, &a, &back, e));
    hex_encode(h.secret, WEBHOOK_SECRET, hex);
    snprintf(
        plain, sizeof plain,
        store_kind(f->store) == STORE_SQLITE
            ? "SELECT COUNT(*) FROM webhooks WHERE instr(lower(hex(secret)), '%s') > 0"
            : "SELECT COUNT(*) FROM webhooks WHERE position('%s' in encode(secret, 'hex')) > 0",
        hex);
    assert_int_equal(store_fixture_int(f->store, plain), 0);
}

TEST(bad_addresses_and_types_are_refused)
{
    FIXTURE(f);
    TX(tx);
    struct webhook h = { .url = "ftp://example.com/", .types = "" };
    CHECK_OK(store_begin(f->store, STORE_WRITE, &tx, e));
    CHECK_FAILS(ERR_INVALID, "https://",
                webhook_put(tx, seal, (struct instant) { 0 }, &f->chance, &h, e));
    h.url = "https://example.com/a b";
    CHECK_FAILS(ERR_INVALID, "character",
                webhook_put(tx, seal, (struct instant) { 0 }, &f->chance, &h, e));
    h.url = "https://example.com/";
    h.types = "claim,Rm -rf";
    CHECK_FAILS(ERR_INVALID, "Rm -rf",
                webhook_put(tx, seal, (struct instant) { 0 }, &f->chance, &h, e));
}

/* HMAC computed by hand over id.timestamp.body; ed25519 checked with the public key that is shown. */
TEST(signatures_check_with_the_secret_and_with_the_public_key)
{
    struct webhook h = { .url = "x" };
    char text[WEBHOOK_SIGNATURES], key[WEBHOOK_KEY_TEXT], mac_text[64];
    uint8_t mac[crypto_auth_hmacsha256_BYTES], public[32], signature[64];
    const char message[] = "evt_7.1700000000.{\"a\":1}";
    crypto_auth_hmacsha256_state hmac;
    for (uint8_t i = 0; i < WEBHOOK_SECRET; i++)
        h.secret[i] = i;
    webhook_sign(&h, "evt_7", 1700000000, STR("{\"a\":1}"), text);
    crypto_auth_hmacsha256_init(&hmac, h.secret, WEBHOOK_SECRET);
    crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)message, sizeof message - 1);
    crypto_auth_hmacsha256_final(&hmac, mac);
    sodium_bin2base64(mac_text, sizeof mac_text, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
    assert_memory_equal(text, "v1,", 3);
    assert_memory_equal(text + 3, mac_text, strlen(mac_text));
    const char *second = strstr(text, " v1a,");
    assert_non_null(second);
    webhook_key_text(&h, key);
    assert_memory_equal(key, "whpk_", 5);
    assert_int_equal(sodium_base642bin(public, sizeof public, key + 5, strlen(key + 5), NULL, NULL,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(sodium_base642bin(signature, sizeof signature, second + 5, strlen(second + 5),
                                       NULL, NULL, NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)message,
                                                 sizeof message - 1, public),
                     0);
}

static enum code pump_once(struct store *s, void *ctx, struct error *e)
{
    TX(tx);
    struct event_sink sink = { ctx, tell };
    size_t taken;
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(events_pump(tx, 10, &sink, &taken, e));
    return store_commit_take(take(tx), e);
}

static void nothing_told(struct store *s, void *ctx)
{
    (void)ctx;
    assert_int_equal(store_fixture_int(s, "SELECT COUNT(*) FROM events"), 0);
    assert_int_equal(store_fixture_int(s, "SELECT seq FROM events_cursor"), 0);
}

TEST(whatever_fails_the_feed_and_its_cursor_go_together)
{
    STORE(s);
    ARENA(a);
    struct told t = { .count = 0 };
    append(s, "claim.added", "clm_1", "", claim(1, &a));
    append(s, "claim.added", "clm_2", "", claim(2, &a));
    assert_true(store_fixture_each_fault(s, pump_once, nothing_told, &t) >= 5);
    assert_int_equal(store_fixture_int(s, "SELECT seq FROM events_cursor"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(the_feed_is_the_journal_in_order_each_event_once),
        STORE_TEST(holders_see_what_concerns_them_and_nobody_sees_keys),
        STORE_TEST(webhooks_are_told_what_they_want_and_may_see),
        STORE_TEST(a_secret_is_sealed_and_opens_only_with_its_key),
        STORE_TEST(bad_addresses_and_types_are_refused),
        STORE_TEST(whatever_fails_the_feed_and_its_cursor_go_together),
        cmocka_unit_test(signatures_check_with_the_secret_and_with_the_public_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
