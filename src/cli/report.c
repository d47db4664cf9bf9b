/* SPDX-License-Identifier: Apache-2.0 */
/* licet report dossier, licet journal check: figures that somebody outside can check. */
#include "cli/world.h"

#include <inttypes.h>

enum { DOSSIER_BYTES_MOST = 2000000000 };

static enum code moment(const struct cli_call *c, const char *option, struct instant absent,
                        struct instant *out, struct error *e)
{
    const char *value = cli_value(c, option);
    *out = absent;
    return value ? instant_parse(str_of(value), out, e) : OK;
}

static void print_report(const struct cli_call *c, const char *file, const struct dossier_report *r)
{
    if (!c->json) {
        printf("%s: %" PRId64 " requests in %" PRId64 " notices: %" PRId64 " accepted, %" PRId64
               " turned down, %" PRId64 " put back, %" PRId64 " undecided\n",
               file, r->requests, r->notices, r->accepted, r->turned_down, r->put_back,
               r->undecided);
        for (int i = 0; i < REASON_COUNT; i++)
            if (r->by_reason[i])
                printf("  %8" PRId64 "  %s\n", r->by_reason[i], reason_word((enum reason_code)i));
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_int(&o, "requests", r->requests);
    json_int(&o, "notices", r->notices);
    json_int(&o, "accepted", r->accepted);
    json_int(&o, "turned_down", r->turned_down);
    json_int(&o, "put_back", r->put_back);
    json_int(&o, "undecided", r->undecided);
    json_int(&o, "sampled", r->sampled);
    json_key(&o, "by_reason");
    json_begin(&o, '{');
    for (int i = 0; i < REASON_COUNT; i++)
        if (r->by_reason[i])
            json_int(&o, reason_word((enum reason_code)i), r->by_reason[i]);
    json_end(&o, '}');
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_report_dossier(struct cli_call *c, struct error *e)
{
    struct dossier_options o = { .beacon = cli_value(c, "beacon") };
    struct dossier_report report;
    const char *file;
    int64_t sample;
    BUF(text);
    WORLD(w);
    TX(tx);
    TRY(cli_need(c, "out", &file, e));
    TRY(cli_int(c, "sample", 200, 0, 10000, &sample, e));
    TRY(moment(c, "from", INSTANT_FIRST, &o.from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &o.until, e));
    TRY(cli_world_open(c, 0, &w, e));
    o.sample = (size_t)sample;
    o.secret = world_sign_secret(w.world);
    o.key = world_sign_public(w.world);
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(desk_dossier_write(tx, &o, &text, e));
    /* what is given away was checked as its reader will check it */
    TRY(desk_dossier_check(buf_as_str(&text), o.key, &report, e));
    TRY(file_write(file, text.bytes, text.length, 0644, e));
    print_report(c, file, &report);
    return OK;
}

static void csv_times(const struct scan *s, struct buf *out)
{
    for (int k = -1; k < CLASS_COUNT; k++) {
        int64_t n, p50 = desk_scan_time_ms(s, k, 500, &n);
        if (!n)
            continue;
        const char *name = k < 0 ? "all" : item_class_word((enum item_class)k);
        buf_format(out, "milliseconds to first decision,%s,p50,%" PRId64 "\n", name, p50);
        buf_format(out, "milliseconds to first decision,%s,p90,%" PRId64 "\n", name,
                   desk_scan_time_ms(s, k, 900, &n));
        buf_format(out, "milliseconds to first decision,%s,p99,%" PRId64 "\n", name,
                   desk_scan_time_ms(s, k, 990, &n));
    }
}

/* The denominators are named: notices, requests (items), decisions. */
enum code cli_report_transparency(struct cli_call *c, struct error *e)
{
    struct instant from, until;
    const char *file = cli_value(c, "out");
    BUF(out);
    SCAN(s);
    WORLD(w);
    TX(tx);
    TRY(moment(c, "from", INSTANT_FIRST, &from, e));
    TRY(moment(c, "until", INSTANT_NEVER, &until, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(desk_scan(tx, from, until, &s, e));
    int64_t automatic = 0, with_evidence = 0;
    for (size_t i = 0; i < s.case_count; i++) {
        automatic += s.cases[i].automatic;
        with_evidence += s.cases[i].accepted && s.cases[i].automatic_detected;
    }
    buf_text(&out, "figure,of,what,value\n");
    buf_format(&out, "notices,received,,%zu\n", s.notice_count);
    buf_format(&out, "requests,received,,%" PRId64 "\n", s.requests);
    buf_format(&out, "requests,accepted,,%" PRId64 "\n", s.accepted);
    buf_format(&out, "requests,turned down,,%" PRId64 "\n", s.turned_down);
    buf_format(&out, "requests,undecided,,%" PRId64 "\n", s.undecided);
    buf_format(&out, "requests,put back,,%" PRId64 "\n", s.put_back);
    buf_format(&out, "requests,decided by rule or clock,,%" PRId64 "\n", automatic);
    buf_format(&out, "requests,accepted with evidence by ear,,%" PRId64 "\n", with_evidence);
    for (int r = 0; r < REASON_COUNT; r++)
        if (s.by_reason[r])
            buf_format(&out, "requests,%s,%s,%" PRId64 "\n",
                       reason_restricts((enum reason_code)r) ? "accepted" : "turned down",
                       reason_word((enum reason_code)r), s.by_reason[r]);
    buf_format(&out, "counter-notices,received,,%" PRId64 "\n", s.countered);
    buf_format(&out, "complaints,by uploaders,,%" PRId64 "\n", s.complained[0]);
    buf_format(&out, "complaints,by senders,,%" PRId64 "\n", s.complained[1]);
    buf_format(&out, "senders,suspended,,%" PRId64 "\n", s.suspended_senders);
    csv_times(&s, &out);
    if (out.failed)
        return fail(e, ERR_MEMORY, "no memory for the report");
    if (file)
        return file_write(file, out.bytes, out.length, 0644, e);
    fwrite(out.bytes, 1, out.length, stdout);
    return OK;
}

enum code cli_journal_check(struct cli_call *c, struct error *e)
{
    const char *key_text = cli_value(c, "key");
    uint8_t key[JOURNAL_KEY];
    if (key_text && !hex_decode(str_of(key_text), key, JOURNAL_KEY))
        return fail(e, ERR_INVALID, "--key is 64 hexadecimal digits (keys/journal.pub)");
    for (size_t i = 0; i < c->count; i++) {
        BUF(text);
        struct dossier_report report;
        if (file_read(c->arguments[i], DOSSIER_BYTES_MOST, &text, e) != OK)
            return fail_in(e, "%s", c->arguments[i]);
        if (desk_dossier_check(buf_as_str(&text), key_text ? key : NULL, &report, e) != OK)
            return fail_in(e, "%s", c->arguments[i]);
        print_report(c, c->arguments[i], &report);
        if (!c->json) {
            char hex[2 * JOURNAL_KEY + 1];
            hex_encode(report.key, JOURNAL_KEY, hex);
            printf("signed by %s%s; %" PRId64 " cases in full, each in the journal of %" PRId64
                   " events\n",
                   hex, key_text ? "" : " (its own word: compare it with a key you trust)",
                   report.sampled, report.size);
        }
    }
    return OK;
}
