/* SPDX-License-Identifier: Apache-2.0 */
/* licet journal verify, head, list: the record of who did what, and why. */
#include "cli/progress.h"
#include "cli/world.h"
#include "journal/journal.h"

#include <inttypes.h>

static void on_step(void *state, int64_t done, int64_t of)
{
    struct progress *p = state;
    p->total = of;
    progress_step(p, done - p->done);
}

/* Heads that were given away before: the journal has to continue them. */
static enum code known_heads(const struct cli_call *c, const struct world *w,
                             struct journal_head *heads, struct error *e)
{
    for (size_t i = 0; i < c->count; i++) {
        struct instant at;
        BUF(text);
        TRY(file_read(c->arguments[i], 4096, &text, e));
        if (journal_head_read(buf_as_str(&text), world_sign_public(w), &heads[i], &at, e) != OK)
            return fail_in(e, "%s", c->arguments[i]);
    }
    return OK;
}

static void print_report(const struct cli_call *c, const struct journal_report *r)
{
    char root[2 * JOURNAL_HASH + 1];
    hex_encode(r->head.root, JOURNAL_HASH, root);
    if (!c->json) {
        if (r->fault == JOURNAL_WHOLE)
            printf("%" PRId64 " events, every one in its place; root %s\n", r->checked, root);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_bool(&o, "whole", r->fault == JOURNAL_WHOLE);
    json_int(&o, "checked", r->checked);
    json_text(&o, "fault", r->fault == JOURNAL_WHOLE ? NULL : journal_fault_word(r->fault));
    if (r->seq)
        json_int(&o, "event", r->seq);
    json_int(&o, "size", r->head.size);
    json_text(&o, "root", root);
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_journal_verify(struct cli_call *c, struct error *e)
{
    struct progress progress;
    struct journal_report report = { 0 };
    struct journal_head *heads = ARENA_ARRAY(c->arena, struct journal_head, c->count + 1);
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(known_heads(c, w.world, heads, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    progress_start(&progress, "verifying", 0, c->quiet);
    struct journal_watch watch = { on_step, &progress };
    enum code code = journal_verify(tx, heads, c->count, &watch, &report, e);
    progress_done(&progress);
    if (code == OK || code == ERR_CORRUPT)
        print_report(c, &report);
    return code;
}

enum code cli_journal_head(struct cli_call *c, struct error *e)
{
    struct journal_head head;
    BUF(text);
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(journal_head(tx, &head, e));
    TRY(journal_head_write(&head, world_now(w.world), world_sign_secret(w.world), &text, e));
    fwrite(text.bytes, 1, text.length, stdout);
    return OK;
}

static void put_json_text(struct json_out *o, const char *name, struct str json)
{
    json_key(o, name);
    if (json.length)
        json_put_raw(o, json);
    else
        json_put_null(o);
}

static void print_event(const struct cli_call *c, const struct journal_event *v)
{
    const struct journal_entry *n = &v->entry;
    char at[INSTANT_TEXT];
    instant_format(n->when, at);
    if (!c->json) {
        printf("%6" PRId64 "  %s  %.*s  %.*s  %.*s%s%.*s\n", v->seq, at, STR_ARG(n->who),
               STR_ARG(n->what), STR_ARG(n->subject), n->why.length ? "  " : "", STR_ARG(n->why));
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    char leaf[2 * JOURNAL_HASH + 1];
    hex_encode(v->leaf, JOURNAL_HASH, leaf);
    json_begin(&o, '{');
    json_int(&o, "event", v->seq);
    json_text(&o, "at", at);
    json_str(&o, "who", n->who);
    json_str(&o, "what", n->what);
    json_str(&o, "subject", n->subject);
    put_json_text(&o, "before", n->before);
    put_json_text(&o, "after", n->after);
    json_str(&o, "why", n->why);
    json_text(&o, "leaf", leaf);
    json_end(&o, '}');
    cli_print(&line);
}

/* By the word that stands there, or by the pseudonym of a person's name. */
static bool is_by(const struct journal_event *v, const char *name, const char *pseudonym)
{
    return !name || str_is(v->entry.who, name) || str_is(v->entry.who, pseudonym);
}

enum code cli_journal_list(struct cli_call *c, struct error *e)
{
    const char *subject = cli_value(c, "subject"), *by = cli_value(c, "by");
    char pseudonym[PSEUDONYM_TEXT];
    int64_t after, limit;
    TRY(cli_int(c, "after", 0, 0, INT64_MAX, &after, e));
    TRY(cli_int(c, "limit", INT64_MAX, 1, INT64_MAX, &limit, e));
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    flow_person(w.world, str_of(by ? by : ""), pseudonym);
    for (size_t count = 1; count && limit > 0; limit -= (int64_t)count) {
        ARENA(page);
        struct journal_event *events;
        size_t most = limit < JOURNAL_LIST_MOST ? (size_t)limit : JOURNAL_LIST_MOST;
        TRY(journal_list(tx, after, subject ? str_of(subject) : STR(""), most, &page, &events,
                         &count, e));
        for (size_t i = 0; i < count; i++)
            if (is_by(&events[i], by, pseudonym))
                print_event(c, &events[i]);
        if (count)
            after = events[count - 1].seq;
    }
    return OK;
}
