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
        if (!r->beacon)
            puts(DOSSIER_NO_BEACON);
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
    json_bool(&o, "beacon", r->beacon);
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
