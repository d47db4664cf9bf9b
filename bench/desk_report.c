/* SPDX-License-Identifier: Apache-2.0 */
/* What the desk's reports cost: bench/desk_report [--quick]
 *
 * A journal of ten million events (--quick: 500,000) about removal requests is made; then all reports
 * are computed from it: one scan, the transparency report, the eleven sheets, the months, the dossier
 * with its sample and proofs, checked as its reader checks it; and statements of reasons beside. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "desk/desk.h"

static struct error error;
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct error *e = &error;                                                                  \
        if ((call) != OK) {                                                                        \
            fprintf(stderr, "%s: %s\n", #call, e->text);                                           \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

struct lap {
    double wall, cpu;
};

static struct lap lap_now(void)
{
    struct timespec t, c;
    clock_gettime(CLOCK_MONOTONIC, &t);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &c);
    return (struct lap) { (double)t.tv_sec + (double)t.tv_nsec * 1e-9,
                          (double)c.tv_sec + (double)c.tv_nsec * 1e-9 };
}

static struct lap tell(const char *what, struct lap since)
{
    struct lap n = lap_now();
    printf("%s, wall\t%.2f\ts\n%s, processor\t%.2f\ts\n", what, n.wall - since.wall, what,
           n.cpu - since.cpu);
    fflush(stdout);
    return lap_now();
}

static uint64_t mix(uint64_t *s)
{
    uint64_t z = *s += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* ---- the journal ---- */

enum { SENDERS = 400, BATCH = 20000 };

struct making {
    struct store *store;
    struct arena arena;
    struct journal_entry *entries;
    size_t count;
    int64_t made;
    uint64_t seed;
    struct chance chance;
    struct sender_id senders[SENDERS];
    struct network_id network;
};

static void flush(struct making *m)
{
    struct store_tx *tx;
    if (m->count == 0)
        return;
    MUST(store_begin(m->store, STORE_WRITE, &tx, e));
    MUST(journal_append_all(tx, m->entries, m->count, e));
    MUST(store_commit_take(tx, e));
    m->made += (int64_t)m->count;
    m->count = 0;
    arena_done(&m->arena);
}

static void add(struct making *m, const char *who, const char *what, const char *subject,
                const struct buf *after, struct instant at)
{
    struct str text = buf_as_str(after);
    m->entries[m->count++] = (struct journal_entry) {
        .who = str_of(who),
        .what = str_of(what),
        .subject = str_of(str_copy(&m->arena, str_of(subject))),
        .before = STR(""),
        .after = { str_copy(&m->arena, text), text.length },
        .why = STR(""),
        .when = at
    };
    if (m->count == BATCH)
        flush(m);
}

static void decided(struct making *m, struct item_id item, const char *notice, const char *sender,
                    bool trusted, enum reason_code reason, struct instant received,
                    struct instant at)
{
    char id[ID_TEXT];
    BUF(after);
    bool down = reason_restricts(reason), person = mix(&m->seed) % 3 == 0;
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "event", person ? "restrict" : "rule_restrict");
    json_text(&o, "from", person ? "claimed" : "open");
    json_text(&o, "to", down ? "restricted" : "declined");
    json_text(&o, "reason", reason_word(reason));
    json_text(&o, "rule", person ? "" : "verified_and_matched");
    json_text(&o, "by", person ? "person" : "machine");
    json_bool(&o, "second", false);
    json_text(&o, "notice", notice);
    json_text(&o, "sender", sender);
    json_text(&o, "class", trusted ? "trusted" : "verified");
    json_text(&o, "regime", mix(&m->seed) % 5 ? "dmca" : "dsa16");
    json_text(&o, "channel", "api");
    json_text(&o, "kind", "upload");
    json_int(&o, "received", received.us);
    json_text(&o, "network", network_id_format(m->network, id));
    json_text(&o, "upload", upload_id_format(upload_id_make(received, &m->chance), id));
    json_text(&o, "territories", "Worldwide");
    json_text(&o, "decision", decision_id_format(decision_id_make(at, &m->chance), id));
    json_text(&o, "supersedes", NULL);
    if (down) {
        json_key(&o, "evidence");
        json_begin(&o, '{');
        json_text(&o, "recording", recording_id_format(recording_id_make(at, &m->chance), id));
        json_int(&o, "upload_from_ms", 1000);
        json_int(&o, "upload_to_ms", 151000);
        json_int(&o, "reference_from_ms", 1000);
        json_int(&o, "reference_to_ms", 151000);
        json_text(&o, "audio", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
        json_end(&o, '}');
    }
    json_end(&o, '}');
    add(m, person ? "moderator" : "licet", "item.decided", item_id_format(item, id), &after, at);
}

static void moved(struct making *m, struct item_id item, const char *event, const char *from,
                  const char *to, const char *by, struct instant at)
{
    char id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "event", event);
    json_text(&o, "from", from);
    json_text(&o, "to", to);
    json_text(&o, "by", by);
    json_end(&o, '}');
    add(m, by, "item.moved", item_id_format(item, id), &after, at);
}

static void notice(struct making *m, struct instant at)
{
    char id[ID_TEXT], sender[ID_TEXT];
    BUF(after);
    size_t who = mix(&m->seed) % SENDERS, items = 1 + mix(&m->seed) % 4;
    bool trusted = who < SENDERS / 10;
    struct notice_id n = notice_id_make(at, &m->chance);
    struct json_out o = { &after, false };
    notice_id_format(n, id);
    sender_id_format(m->senders[who], sender);
    json_begin(&o, '{');
    json_text(&o, "sender", sender);
    json_text(&o, "channel", "api");
    json_text(&o, "regime", mix(&m->seed) % 5 ? "dmca" : "dsa16");
    json_bool(&o, "trusted", trusted);
    json_int(&o, "items", (int64_t)items);
    json_text(&o, "state", "open");
    json_text(&o, "missing", "");
    json_text(&o, "raw", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    json_end(&o, '}');
    add(m, "door", "notice.received", id, &after, at);
    for (size_t i = 0; i < items; i++) {
        struct item_id item = item_id_make(at, &m->chance);
        struct instant then = { at.us + 1000000 + (int64_t)(mix(&m->seed) % 90000000) };
        enum reason_code reason = mix(&m->seed) % 15 > 1 ? REASON_MATCH : REASON_DUPLICATE;
        if (mix(&m->seed) % 2)
            moved(m, item, "queue", "open", "queued", "machine", then);
        decided(m, item, id, sender, trusted, reason, at, then);
        if (reason == REASON_MATCH && mix(&m->seed) % 100 == 0)
            moved(m, item, "counter", "restricted", "countered", "uploader", then);
    }
}

static void make_journal(struct making *m, int64_t events)
{
    struct instant at = { INT64_C(1735689600000000) }; /* 2025-01-01 */
    for (int i = 0; i < SENDERS; i++)
        m->senders[i] = sender_id_make(at, &m->chance);
    m->network = network_id_make(at, &m->chance);
    while (m->made + (int64_t)m->count < events) {
        at.us += 3000000;
        notice(m, at);
    }
    flush(m);
}

/* ---- the reports ---- */

static enum code count_bytes(void *ctx, struct str body, struct error *e)
{
    (void)e;
    *(size_t *)ctx += body.length;
    return OK;
}

static void dossier(struct store_tx *tx, const struct scan *s)
{
    uint8_t key[32], secret[64];
    BUF(text);
    struct dossier_report report;
    crypto_sign_keypair(key, secret);
    struct dossier_options o = { .from = INSTANT_FIRST,
                                 .until = INSTANT_NEVER,
                                 .beacon = "drawn after the period",
                                 .sample = 200,
                                 .secret = secret,
                                 .key = key };
    struct lap t = lap_now();
    MUST(desk_dossier_of(tx, s, &o, &text, e));
    t = tell("dossier written", t);
    MUST(desk_dossier_check(buf_as_str(&text), key, &report, e));
    tell("dossier checked", t);
    printf("dossier\t%.1f\tMB\n", (double)text.length / 1e6);
}

static void all_reports(struct store_tx *tx)
{
    SCAN(s);
    BUF(out);
    const struct sheet_options o = { .service = "Service",
                                     .provider = "Provider",
                                     .published = "",
                                     .before = "",
                                     .internal = "",
                                     .external = "",
                                     .recipients = "" };
    struct lap t = lap_now();
    MUST(desk_scan(tx, INSTANT_FIRST, INSTANT_NEVER, &s, e));
    t = tell("scan", t);
    MUST(desk_report_csv(&s, &out, e));
    MUST(desk_report_json(&s, &out, e));
    MUST(desk_report_monthly(&s, &out, e));
    for (int i = 0; i < SHEETS; i++)
        MUST(desk_report_sheet(&s, &o, i, &out, NULL, e));
    tell("transparency, months, eleven sheets", t);
    printf("requests\t%lld\t\n", (long long)s.requests);
    dossier(tx, &s);
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    int64_t events = quick ? 500000 : 10000000;
    char folder[] = "/tmp/desk-report-XXXXXX", url[64], command[80];
    struct making m = { .seed = 1 };
    struct store_tx *tx;
    size_t bytes = 0;
    struct statement_counts counts;
    if (sodium_init() < 0 || !mkdtemp(folder))
        return 1;
    snprintf(url, sizeof url, "sqlite:%s/licet.db", folder);
    m.chance = chance_seeded(&m.seed);
    m.entries = calloc(BATCH + 16, sizeof *m.entries);
    MUST(store_open(url, &m.store, e));
    MUST(store_migrate(m.store, e));
    struct lap t = lap_now();
    make_journal(&m, events);
    t = tell("journal made", t);
    printf("events\t%lld\t\n", (long long)m.made);
    MUST(store_begin(m.store, STORE_READ, &tx, e));
    struct lap all = lap_now();
    all_reports(tx);
    tell("all reports", all);
    struct journal_proof proof;
    const int64_t seq = m.made / 2;
    MUST(journal_prove_all(tx, &seq, 1, m.made, &proof, e));
    printf("proof of one event\t%zu\tbytes\n", proof.count * JOURNAL_HASH);
    t = lap_now();
    MUST(desk_report_statements(tx, INSTANT_FIRST, INSTANT_NEVER, count_bytes, &bytes, &counts, e));
    tell("statements of reasons, each checked", t);
    printf("statements\t%lld\t\nstatements\t%.1f\tMB\n", (long long)counts.statements,
           (double)bytes / 1e6);
    store_rollback(tx);
    store_close(m.store);
    free(m.entries);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0;
}
