/* SPDX-License-Identifier: Apache-2.0 */
/* licet notice import, list, show, decide, queue: the desk from a terminal. */
#include "cli/notice.h"

#include <inttypes.h>

#include "mail/mail.h"

enum { FILE_BYTES_MOST = 1 << 28, TOGETHER = 1000, SHOWN_MOST = 1000 };

static void complain_line(struct cli_call *c, const char *file, size_t line, const char *text)
{
    struct error named;
    (void)fail(&named, ERR_INVALID, "%s: line %zu: %s", file, line, text);
    c->failures++;
    if (!c->json) {
        fprintf(stderr, "licet: %s\n", named.text);
        return;
    }
    BUF(out);
    struct json_out o = { &out, false };
    json_begin(&o, '{');
    json_text(&o, "file", file);
    json_int(&o, "line", (int64_t)line);
    json_text(&o, "error", text);
    json_end(&o, '}');
    cli_print(&out);
}

void notice_print_received(const struct cli_call *c, size_t items, const struct received *r)
{
    char id[ID_TEXT];
    notice_id_format(r->notice, id);
    const char *next = r->confirm.length ? "waits for the mailbox"
                       : r->missing      ? "waits for what is missing"
                                         : "is looked at";
    if (!c->json) {
        printf("%s  %zu items  %s%s%.*s\n", id, items, r->known ? "known before" : next,
               r->missing ? ": " : "", STR_ARG(r->missing_words));
        return;
    }
    BUF(out);
    struct json_out o = { &out, false };
    json_begin(&o, '{');
    json_text(&o, "notice", id);
    json_int(&o, "items", (int64_t)items);
    json_bool(&o, "known", r->known);
    json_str(&o, "missing", r->missing_words);
    json_bool(&o, "confirm_mailbox", r->confirm.length > 0);
    json_end(&o, '}');
    cli_print(&out);
}

static enum code import_some(struct cli_call *c, struct world *w, const char *file,
                             struct notice_file *f, size_t from, size_t count, struct error *e)
{
    ARENA(a);
    struct received *got = ARENA_ARRAY(&a, struct received, count);
    enum code *codes = ARENA_ARRAY(&a, enum code, count);
    struct error *errors = ARENA_ARRAY(&a, struct error, count);
    for (size_t i = 0; cli_has(c, "proven") && i < count; i++)
        f->drafts[from + i].proven = true;
    TRY(flow_notice_receive(w, STR("import"), f->drafts + from, count, &a, got, codes, errors, e));
    for (size_t i = 0; i < count; i++)
        if (codes[i] == OK)
            notice_print_received(c, f->drafts[from + i].item_count, &got[i]);
        else
            complain_line(c, file, f->lines[from + i], errors[i].text);
    return OK;
}

static enum code import_file(struct cli_call *c, struct cli_world *world, const char *file,
                             struct error *e)
{
    struct world *w = world->world;
    ARENA(a);
    BUF(text);
    JSON(json);
    struct notice_file f = { 0 };
    if (notice_is_maildir(file))
        return notice_import_maildir(c, world, file, e);
    TRY(file_read(file, FILE_BYTES_MOST, &text, e));
    if (mail_box_looks_like(buf_as_str(&text)) || mail_looks_like(buf_as_str(&text)))
        return notice_import_mail(c, world, file, buf_as_str(&text), e);
    TRY(desk_file_read(buf_as_str(&text), &a, &json, &f, e));
    for (size_t i = 0; i < f.bad_count; i++)
        complain_line(c, file, f.bad[i].line, f.bad[i].text);
    for (size_t i = 0; i < f.count && !c->dry_run; i += TOGETHER)
        TRY(import_some(c, w, file, &f, i, f.count - i < TOGETHER ? f.count - i : TOGETHER, e));
    return OK;
}

static enum code settle(struct world *w, struct error *e)
{
    bool did = true;
    while (did)
        TRY(flow_notice_once(w, &did, e));
    return OK;
}

enum code cli_notice_import(struct cli_call *c, struct error *e)
{
    WORLD(w);
    TRY(cli_world_open(c, NEEDS_MAIL, &w, e));
    for (size_t i = 0; i < c->count; i++) {
        struct error one = { 0 };
        if (import_file(c, &w, c->arguments[i], &one) != OK)
            cli_complain(c, c->arguments[i], &one);
    }
    return settle(w.world, e);
}

/* ---- looking ---- */

#define ID_OR_NULL(thing, id, text) (thing##_id_is_none(id) ? NULL : thing##_id_format(id, text))

static void item_json(const struct notice_item *i, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "item", item_id_format(i->id, id));
    json_text(o, "notice", notice_id_format(i->notice, id));
    json_text(o, "kind", item_kind_word(i->kind));
    json_text(o, "location", i->location);
    json_text(o, "upload", ID_OR_NULL(upload, i->upload, id));
    json_text(o, "recording", ID_OR_NULL(recording, i->recording, id));
    json_text(o, "title", i->title);
    json_text(o, "state", item_state_word(i->now.state));
    json_text(o, "reason", decision_id_is_none(i->decision) ? NULL : reason_word(i->held_reason));
    json_text(o, "proposal", i->proposal);
    json_text(o, "class", item_class_word(i->class));
    json_text(o, "owner", owner_word(item_rests[i->now.state].owner));
    json_text(o, "holder", i->now.holder[0] ? i->now.holder : NULL);
    json_text(o, "decision", ID_OR_NULL(decision, i->decision, id));
    json_text(o, "duplicate_of", ID_OR_NULL(item, i->canonical, id));
    json_text(o, "clock", i->due.us == INT64_MAX ? NULL : deadline_word(i->clock));
    json_instant(o, "due", i->due);
    json_instant(o, "received", i->received);
    json_end(o, '}');
}

static void print_item(const struct cli_call *c, const struct notice_item *i)
{
    char id[ID_TEXT], due[INSTANT_TEXT];
    if (c->json) {
        BUF(out);
        struct json_out o = { &out, false };
        item_json(i, &o);
        cli_print(&out);
        return;
    }
    printf("%s  %-18s %-22s %-9s %s%s  %s\n", item_id_format(i->id, id),
           item_state_word(i->now.state),
           decision_id_is_none(i->decision) ? i->proposal : reason_word(i->held_reason),
           item_class_word(i->class), i->due.us == INT64_MAX ? "-" : "due ",
           i->due.us == INT64_MAX ? "" : instant_format(i->due, due), i->location);
}

static void print_notice(const struct cli_call *c, const struct notice *n)
{
    char id[ID_TEXT], sender[ID_TEXT], at[INSTANT_TEXT];
    notice_id_format(n->id, id);
    sender_id_format(n->sender, sender);
    if (!c->json) {
        printf("%s  %s  %-10s %-6s %-6s %" PRId64 " items, %" PRId64 " undecided  %s\n", id,
               instant_format(n->received, at), notice_state_word(n->state), regime_word(n->regime),
               channel_word(n->channel), n->items, n->undecided, sender);
        return;
    }
    BUF(out);
    struct json_out o = { &out, false };
    json_begin(&o, '{');
    json_text(&o, "notice", id);
    json_text(&o, "sender", sender);
    json_text(&o, "state", notice_state_word(n->state));
    json_text(&o, "regime", regime_word(n->regime));
    json_text(&o, "channel", channel_word(n->channel));
    json_int(&o, "items", n->items);
    json_int(&o, "undecided", n->undecided);
    json_instant(&o, "received", n->received);
    json_instant(&o, "due", n->due);
    json_end(&o, '}');
    cli_print(&out);
}

enum code cli_notice_list(struct cli_call *c, struct error *e)
{
    struct notice_id after = { { 0 } };
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    if (cli_has(c, "queue")) {
        struct notice_item *items;
        size_t n;
        TRY(desk_item_queue(tx, SHOWN_MOST, c->arena, &items, &n, e));
        for (size_t i = 0; i < n; i++)
            print_item(c, &items[i]);
        return OK;
    }
    for (size_t count = SHOWN_MOST; count == SHOWN_MOST;) {
        ARENA(a);
        struct notice *list;
        TRY(desk_notice_list(tx, after, SHOWN_MOST, &a, &list, &count, e));
        for (size_t i = 0; i < count; i++)
            print_notice(c, &list[i]);
        if (count)
            after = list[count - 1].id;
    }
    return OK;
}

static void print_evidence(const struct cli_call *c, const struct item_evidence *v)
{
    char rec[ID_TEXT];
    if (c->json)
        return;
    printf("    heard %s at %.1f-%.1f s of the upload, %.1f-%.1f s of the reference; speed %.3f, "
           "pitch %+.2f, score %.2f, false once in 10^%.1f\n",
           recording_id_format(v->recording, rec), (double)v->upload_from_ms / 1000,
           (double)v->upload_to_ms / 1000, (double)v->reference_from_ms / 1000,
           (double)v->reference_to_ms / 1000, (double)v->speed_e6 / 1e6,
           (double)v->pitch_cents / 100, (double)v->score_e6 / 1e6, -(double)v->p_false_log / 1000);
}

enum code cli_notice_show(struct cli_call *c, struct error *e)
{
    WORLD(w);
    TX(tx);
    struct item_filter f = { .state = -1, .limit = ITEMS_MOST };
    struct notice n;
    struct notice_item *items;
    size_t count;
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    struct str name = str_of(c->arguments[0]);
    if (str_starts(name, "itm_")) {
        struct item_id id;
        TRY(item_id_parse(name, &id, e));
        items = ARENA_NEW(c->arena, struct notice_item);
        TRY(desk_item_get(tx, id, c->arena, items, e));
        count = 1;
    } else {
        TRY(notice_id_parse(name, &f.notice, e));
        TRY(desk_notice_get(tx, f.notice, c->arena, &n, e));
        print_notice(c, &n);
        TRY(desk_item_list(tx, &f, c->arena, &items, &count, e));
    }
    for (size_t i = 0; i < count; i++) {
        struct item_evidence *v;
        size_t heard;
        print_item(c, &items[i]);
        TRY(desk_evidence_list(tx, items[i].id, c->arena, &v, &heard, e));
        for (size_t k = 0; k < heard; k++)
            print_evidence(c, &v[k]);
    }
    return OK;
}

/* ---- deciding ---- */

enum code cli_notice_decide(struct cli_call *c, struct error *e)
{
    WORLD(w);
    struct notice_item item;
    const char *person, *reason = cli_value(c, "reason"), *why = cli_value(c, "why");
    struct str event = str_of(c->arguments[1]);
    TRY(cli_need(c, "by", &person, e));
    TRY(cli_world_open(c, 0, &w, e));
    struct item_act x = { str_of(c->arguments[0]), event, str_of(reason ? reason : ""),
                          str_of(person), str_of(why ? why : "") };
    if (cli_has(c, "claim")) {
        struct item_act claim = x;
        claim.event = STR("claim");
        claim.why = STR("");
        TRY(flow_notice_act(w.world, &claim, c->arena, &item, e));
    }
    TRY(flow_notice_act(w.world, &x, c->arena, &item, e));
    print_item(c, &item);
    return OK;
}

enum code cli_notice_withdraw(struct cli_call *c, struct error *e)
{
    WORLD(w);
    TRY(cli_world_open(c, 0, &w, e));
    return flow_notice_withdraw(w.world, str_of(c->arguments[0]), STR("sender"), e);
}
