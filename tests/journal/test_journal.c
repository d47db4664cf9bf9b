/* SPDX-License-Identifier: Apache-2.0 */
#include "store_fixture.h"

#include <pthread.h>
#include <sodium.h>

#include "journal/journal.h"

enum { EVENTS = 9 };

static struct journal_entry entry_of(int i, char text[64])
{
    snprintf(text, 64, "{\"share\":%d}", i);
    return (struct journal_entry) {
        .who = STR("usr_one"),
        .what = i % 2 ? STR("claim.put") : STR("claim.end"),
        .subject = i % 3 ? STR("clm_a") : STR("clm_b"),
        .before = i ? str_of(text) : (struct str) { 0 },
        .after = str_of(text),
        .why = STR("the holder said so"),
        .when = { 1000 * i },
    };
}

static enum code append(struct store *s, int i, struct error *e)
{
    TX(tx);
    char text[64];
    struct journal_entry n = entry_of(i, text);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(journal_append(tx, &n, e));
    return store_commit_take(take(tx), e);
}

static void fill(struct store *s)
{
    for (int i = 0; i < EVENTS; i++)
        CHECK_OK(append(s, i, e));
}

static enum code verify(struct store *s, const struct journal_head *known,
                        struct journal_report *report, struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_READ, &tx, e));
    return journal_verify(tx, known, known ? 1 : 0, NULL, report, e);
}

static struct journal_head head_now(struct store *s)
{
    TX(tx);
    struct journal_head head;
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(journal_head(tx, &head, e));
    return head;
}

TEST(an_empty_journal_is_whole)
{
    STORE(s);
    struct journal_report report;
    CHECK_OK(verify(s, NULL, &report, e));
    assert_int_equal(report.checked, 0);
    assert_int_equal(report.head.size, 0);
}

TEST(events_come_back_as_written_and_the_journal_is_whole)
{
    STORE(s);
    TX(tx);
    ARENA(a);
    struct journal_report report;
    struct journal_event *events;
    size_t count;
    fill(s);
    CHECK_OK(verify(s, NULL, &report, e));
    assert_int_equal(report.checked, EVENTS);
    assert_int_equal(report.fault, JOURNAL_WHOLE);
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(journal_list(tx, 2, (struct str) { 0 }, 4, &a, &events, &count, e));
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        char text[64];
        struct journal_entry n = entry_of(i + 2, text);
        assert_int_equal(events[i].seq, i + 3);
        assert_int_equal(events[i].entry.when.us, n.when.us);
        assert_true(str_equal(events[i].entry.what, n.what));
        assert_true(str_equal(events[i].entry.before, n.before));
        assert_true(str_equal(events[i].entry.why, n.why));
    }
    CHECK_OK(journal_list(tx, 0, STR("clm_b"), 100, &a, &events, &count, e));
    assert_int_equal(count, 3);
    assert_int_equal(events[1].seq, 4);
}

TEST(an_act_that_is_rolled_back_leaves_no_record)
{
    STORE(s);
    char text[64];
    struct journal_entry n = entry_of(1, text);
    fill(s);
    struct journal_head before = head_now(s);
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
        CHECK_OK(journal_append(tx, &n, e));
    }
    struct journal_head after = head_now(s);
    assert_memory_equal(&before, &after, sizeof before);
    struct journal_report report;
    CHECK_OK(verify(s, &before, &report, e));
}

TEST(texts_without_end_are_refused)
{
    STORE(s);
    TX(tx);
    char *big = calloc(1, JOURNAL_TEXT_MOST + 1);
    memset(big, 'x', JOURNAL_TEXT_MOST + 1);
    struct journal_entry n = { .who = { big, JOURNAL_TEXT_MOST + 1 } };
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_FAILS(ERR_LIMIT, "more than 1048576 bytes", journal_append(tx, &n, e));
    free(big);
}

/* --- tampering: what was done, what must be said --- */

static const char *const number_columns[] = { "seq", "at" };
static const char *const text_columns[] = { "who", "what", "subject", "before", "after", "why" };
static const char *const hash_columns[] = { "leaf", "root" };

static enum code change(struct store *s, const char *sql, struct error *e)
{
    TX(tx);
    TRY(store_begin(s, STORE_WRITE, &tx, e));
    TRY(store_run(tx, sql, SQL_NONE, NULL, e));
    return store_commit_take(take(tx), e);
}

/* Run `harm`, see that event `seq` is named, run `heal`, see that all is well. */
static void found_at(struct store *s, int64_t seq, const char *harm, const char *heal)
{
    struct journal_report report;
    struct error error = { 0 };
    CHECK_OK(change(s, harm, e));
    enum code code = verify(s, NULL, &report, &error);
    if (code != ERR_CORRUPT || report.seq != seq)
        STOP("%s: %s, event %lld", harm, error.text, (long long)report.seq);
    CHECK_OK(change(s, heal, e));
    CHECK_OK(verify(s, NULL, &report, e));
}

TEST(a_changed_number_is_found)
{
    STORE(s);
    char harm[200], heal[200];
    fill(s);
    for (int seq = 1; seq <= EVENTS; seq++)
        for (size_t c = 0; c < COUNT_OF(number_columns); c++)
            for (int bit = 0; bit < 62; bit += 7) {
                int64_t way = (int64_t)1 << bit;
                if (c == 0 && seq + way <= EVENTS)
                    continue; /* there is such a number */
                snprintf(harm, sizeof harm,
                         "UPDATE journal_events SET %s = %s + %lld WHERE seq = %d",
                         number_columns[c], number_columns[c], (long long)way, seq);
                snprintf(heal, sizeof heal,
                         "UPDATE journal_events SET %s = %s - %lld WHERE seq = %lld",
                         number_columns[c], number_columns[c], (long long)way,
                         (long long)(c == 0 ? seq + way : seq));
                found_at(s, seq, harm, heal);
            }
}

/* One byte of a text after the other, replaced by another one */
TEST(a_changed_byte_of_a_text_is_found)
{
    STORE(s);
    fill(s);
    for (int64_t seq = 1; seq <= EVENTS; seq++)
        for (size_t c = 0; c < COUNT_OF(text_columns); c++) {
            char harm[300], heal[300], ask[100], text[64];
            struct journal_entry n = entry_of((int)seq - 1, text);
            const struct str kept[] = { n.who, n.what, n.subject, n.before, n.after, n.why };
            snprintf(ask, sizeof ask, "SELECT LENGTH(%s) FROM journal_events WHERE seq = %d",
                     text_columns[c], (int)seq);
            assert_int_equal(store_fixture_int(s, ask), kept[c].length);
            snprintf(heal, sizeof heal, "UPDATE journal_events SET %s = '%.*s' WHERE seq = %d",
                     text_columns[c], STR_ARG(kept[c]), (int)seq);
            for (size_t i = 0; i <= kept[c].length; i++) { /* the last round adds a byte */
                char changed[128];
                size_t length = kept[c].length;
                memcpy(changed, kept[c].at ? kept[c].at : "", length);
                if (i == length)
                    length++;
                changed[i] = i < kept[c].length && changed[i] == '~' ? '!' : '~';
                snprintf(harm, sizeof harm, "UPDATE journal_events SET %s = '%.*s' WHERE seq = %d",
                         text_columns[c], (int)length, changed, (int)seq);
                found_at(s, seq, harm, heal);
            }
        }
}

static void set_hash(struct store *s, const char *column, int64_t seq, const uint8_t *hash)
{
    TX(tx);
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE journal_events SET %s = $1 WHERE seq = $2", column);
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, e));
    CHECK_OK(store_run(tx, sql, SQL(sql_bytes(hash, JOURNAL_HASH), sql_int(seq)), NULL, e));
    CHECK_OK(store_commit_take(take(tx), e));
}

TEST(a_changed_byte_of_a_hash_is_found)
{
    STORE(s);
    ARENA(a);
    struct journal_event *events;
    size_t count;
    fill(s);
    {
        TX(tx);
        CHECK_OK(store_begin(s, STORE_READ, &tx, e));
        CHECK_OK(journal_list(tx, 0, (struct str) { 0 }, EVENTS, &a, &events, &count, e));
    }
    for (int64_t seq = 1; seq <= EVENTS; seq += 2)
        for (size_t c = 0; c < COUNT_OF(hash_columns); c++)
            for (int i = 0; i < JOURNAL_HASH; i++) {
                uint8_t *hash = c ? events[seq - 1].root : events[seq - 1].leaf;
                struct journal_report report;
                hash[i] ^= 0x10;
                set_hash(s, hash_columns[c], seq, hash);
                CHECK_FAILS(ERR_CORRUPT, "was changed", verify(s, NULL, &report, e));
                assert_int_equal(report.seq, seq);
                hash[i] ^= 0x10;
                set_hash(s, hash_columns[c], seq, hash);
            }
    struct journal_report report;
    CHECK_OK(verify(s, NULL, &report, e));
}

/* The leaf recomputed with the text: the root tells. */
TEST(a_changed_event_with_a_fitting_leaf_is_found)
{
    STORE(s);
    struct journal_report report;
    fill(s);
    for (int seq = EVENTS; seq >= 1; seq--) {
        char text[64], sql[128];
        uint8_t leaf[JOURNAL_HASH];
        struct journal_entry n = entry_of(seq - 1, text);
        n.why = STR("nobody said so");
        journal_leaf(seq, &n, leaf);
        snprintf(sql, sizeof sql, "UPDATE journal_events SET why = 'nobody said so' WHERE seq = %d",
                 seq);
        CHECK_OK(change(s, sql, e));
        set_hash(s, "leaf", seq, leaf);
        CHECK_FAILS(ERR_CORRUPT, "was changed", verify(s, NULL, &report, e));
        assert_int_equal(report.seq, seq);
    }
}

TEST(a_deleted_event_is_named)
{
    STORE(s);
    fill(s);
    CHECK_OK(change(s, "CREATE TABLE kept AS SELECT * FROM journal_events", e));
    for (int seq = 1; seq <= EVENTS; seq++) {
        char harm[200], heal[200];
        snprintf(harm, sizeof harm, "DELETE FROM journal_events WHERE seq = %d", seq);
        snprintf(heal, sizeof heal, "INSERT INTO journal_events SELECT * FROM kept WHERE seq = %d",
                 seq);
        found_at(s, seq, harm, heal);
        /* and with all that followed: a journal cut short */
        snprintf(harm, sizeof harm, "DELETE FROM journal_events WHERE seq >= %d", seq);
        snprintf(heal, sizeof heal, "INSERT INTO journal_events SELECT * FROM kept WHERE seq >= %d",
                 seq);
        found_at(s, seq, harm, heal);
    }
}

TEST(exchanged_events_are_named)
{
    STORE(s);
    fill(s);
    for (int one = 1; one <= EVENTS; one++)
        for (int two = one + 1; two <= EVENTS; two++) {
            char harm[3][200];
            snprintf(harm[0], 200, "UPDATE journal_events SET seq = 100 WHERE seq = %d", one);
            snprintf(harm[1], 200, "UPDATE journal_events SET seq = %d WHERE seq = %d", one, two);
            snprintf(harm[2], 200, "UPDATE journal_events SET seq = %d WHERE seq = 100", two);
            struct journal_report report;
            for (int back = 0; back < 2; back++) { /* the same again puts them back */
                for (int i = 0; i < 3; i++)
                    CHECK_OK(change(s, harm[i], e));
                if (back)
                    CHECK_OK(verify(s, NULL, &report, e));
                else
                    CHECK_FAILS(ERR_CORRUPT, "place of another", verify(s, NULL, &report, e));
            }
        }
}

TEST(an_event_from_outside_is_named)
{
    STORE(s);
    fill(s);
    /* a copy of the last one behind it; one before the first */
    found_at(s, EVENTS + 1,
             "INSERT INTO journal_events SELECT 10, at, who, what, subject, before, after, why,"
             " leaf, root FROM journal_events WHERE seq = 9",
             "DELETE FROM journal_events WHERE seq = 10");
    found_at(s, 0,
             "INSERT INTO journal_events SELECT 0, at, who, what, subject, before, after, why,"
             " leaf, root FROM journal_events WHERE seq = 9",
             "DELETE FROM journal_events WHERE seq = 0");
    /* a head that does not know the last ones */
    found_at(s, 0, "UPDATE journal_head SET size = size - 1",
             "UPDATE journal_head SET size = size + 1"); /* 9 -> 8: the edge does not fit */
}

TEST(a_damaged_head_is_found)
{
    STORE(s);
    struct journal_report report;
    fill(s);
    CHECK_OK(change(s, "CREATE TABLE kept AS SELECT * FROM journal_head", e));
    static const char *const harm[] = {
        "UPDATE journal_head SET edge = NULL",
        "DELETE FROM journal_head",
        "UPDATE journal_head SET size = -1",
        "UPDATE journal_head SET size = 6",  /* two nodes as 9 has, and of other events */
        "UPDATE journal_head SET size = 10", /* the same, and one event too many */
        "UPDATE journal_head SET edge = (SELECT root FROM journal_events WHERE seq = 1)",
    };
    for (size_t i = 0; i < COUNT_OF(harm); i++) {
        CHECK_OK(change(s, harm[i], e));
        CHECK_FAILS(ERR_CORRUPT, "journal", verify(s, NULL, &report, e));
        CHECK_OK(change(s, "DELETE FROM journal_head", e));
        CHECK_OK(change(s, "INSERT INTO journal_head SELECT * FROM kept", e));
        CHECK_OK(verify(s, NULL, &report, e));
    }
}

/* Somebody with the database rewrites history, hashes and all. Only a head kept elsewhere tells. */
TEST(a_rewritten_or_rolled_back_journal_is_found_by_a_known_head)
{
    STORE(s);
    struct journal_report report;
    fill(s);
    struct journal_head known = head_now(s);
    CHECK_OK(change(s, "DELETE FROM journal_events", e));
    CHECK_OK(change(s, "UPDATE journal_head SET size = 0, edge = NULL", e));
    for (int i = 0; i < EVENTS - 2; i++)
        CHECK_OK(append(s, i, e));
    CHECK_OK(verify(s, NULL, &report, e)); /* whole in itself */
    CHECK_FAILS(ERR_CORRUPT, "event 8 is missing", verify(s, &known, &report, e));
    CHECK_OK(append(s, 77, e));
    CHECK_OK(append(s, 8, e));
    CHECK_FAILS(ERR_CORRUPT, "rewritten", verify(s, &known, &report, e));
    assert_int_equal(report.fault, JOURNAL_REWRITTEN);
}

TEST(proofs_from_the_database_hold)
{
    STORE(s);
    TX(tx);
    ARENA(a);
    struct journal_event *events;
    size_t count;
    fill(s);
    struct journal_head before = head_now(s);
    CHECK_OK(append(s, 50, e));
    CHECK_OK(append(s, 51, e));
    struct journal_head head = head_now(s);
    CHECK_OK(store_begin(s, STORE_READ, &tx, e));
    CHECK_OK(journal_list(tx, 0, (struct str) { 0 }, 100, &a, &events, &count, e));
    for (size_t i = 0; i < count; i++) {
        struct journal_proof proof;
        uint8_t leaf[JOURNAL_HASH];
        CHECK_OK(journal_prove(tx, events[i].seq, head.size, &proof, e));
        journal_leaf(events[i].seq, &events[i].entry, leaf);
        assert_true(journal_proves(&proof, events[i].seq, leaf, &head));
    }
    struct journal_proof growth;
    CHECK_OK(journal_prove_growth(tx, before.size, head.size, &growth, e));
    assert_true(journal_proves_growth(&growth, &before, &head));
    CHECK_FAILS(ERR_NOT_FOUND, "11 events", journal_prove(tx, 12, 12, &growth, e));
    CHECK_FAILS(ERR_NOT_FOUND, "from 1", journal_prove(tx, 0, 11, &growth, e));
}

TEST(a_head_is_believed_with_its_signature_only)
{
    uint8_t key[JOURNAL_KEY], secret[JOURNAL_SECRET], other[JOURNAL_KEY];
    struct journal_head head = { .size = 12, .root = { 1, 2, 3 } }, back;
    struct instant at;
    BUF(text);
    crypto_sign_keypair(other, secret);
    crypto_sign_keypair(key, secret);
    CHECK_OK(journal_head_write(&head, (struct instant) { 1700000000000000 }, secret, &text, e));
    CHECK_OK(journal_head_read(buf_as_str(&text), key, &back, &at, e));
    assert_int_equal(back.size, 12);
    assert_memory_equal(back.root, head.root, JOURNAL_HASH);
    assert_int_equal(at.us, 1700000000000000);
    CHECK_FAILS(ERR_CORRUPT, "not of this key",
                journal_head_read(buf_as_str(&text), other, &back, &at, e));
    for (size_t i = 0; i < text.length; i++) { /* no byte of it may be another one */
        struct error error;
        uint8_t was = text.bytes[i];
        text.bytes[i] = was == '1' ? '2' : '1';
        if (journal_head_read(buf_as_str(&text), key, &back, &at, &error) == OK)
            STOP("byte %zu was changed and nobody saw", i);
        text.bytes[i] = was;
        struct str cut = { (char *)text.bytes, i };
        if (i + 1 < text.length && journal_head_read(cut, key, &back, &at, &error) == OK)
            STOP("cut after %zu bytes and nobody saw", i);
    }
}

/* --- many at once, and faults --- */

struct appender {
    struct store *store;
    int first;
};

static void *append_many(void *state)
{
    struct appender *a = state;
    for (int i = 0; i < 20; i++)
        CHECK_OK(append(a->store, a->first + i, e));
    return NULL;
}

TEST(appenders_take_turns)
{
    STORE(s);
    pthread_t threads[4];
    struct appender appenders[4];
    for (int i = 0; i < 4; i++) {
        appenders[i] = (struct appender) { s, i * 100 };
        assert_int_equal(pthread_create(&threads[i], NULL, append_many, &appenders[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct journal_report report;
    CHECK_OK(verify(s, NULL, &report, e));
    assert_int_equal(report.checked, 80);
}

static enum code append_one(struct store *s, void *context, struct error *e)
{
    (void)context;
    return append(s, 1, e);
}

static void still_whole(struct store *s, void *context)
{
    struct journal_head *head = context;
    struct journal_report report;
    CHECK_OK(verify(s, head, &report, e));
    assert_int_equal(report.head.size, head->size);
}

TEST(a_fault_while_appending_leaves_the_journal_whole)
{
    STORE(s);
    fill(s);
    struct journal_head head = head_now(s);
    assert_int_equal(store_fixture_each_fault(s, append_one, still_whole, &head), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_empty_journal_is_whole),
        STORE_TEST(events_come_back_as_written_and_the_journal_is_whole),
        STORE_TEST(an_act_that_is_rolled_back_leaves_no_record),
        STORE_TEST(texts_without_end_are_refused),
        STORE_TEST(a_changed_number_is_found),
        STORE_TEST(a_changed_byte_of_a_text_is_found),
        STORE_TEST(a_changed_byte_of_a_hash_is_found),
        STORE_TEST(a_changed_event_with_a_fitting_leaf_is_found),
        STORE_TEST(a_deleted_event_is_named),
        STORE_TEST(exchanged_events_are_named),
        STORE_TEST(an_event_from_outside_is_named),
        STORE_TEST(a_damaged_head_is_found),
        STORE_TEST(a_rewritten_or_rolled_back_journal_is_found_by_a_known_head),
        STORE_TEST(proofs_from_the_database_hold),
        cmocka_unit_test(a_head_is_believed_with_its_signature_only),
        STORE_TEST(appenders_take_turns),
        STORE_TEST(a_fault_while_appending_leaves_the_journal_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
