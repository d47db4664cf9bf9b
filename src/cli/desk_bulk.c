/* SPDX-License-Identifier: Apache-2.0 */
/* licet notice bulk, undo, counter, complain, dispute: many items at once, and what comes after. */
#include "cli/world.h"

#include <inttypes.h>

/* Ids, one a line, or those of the queue. */
static enum code items_named(struct cli_call *c, struct world *w, struct str **out, size_t *count,
                             struct error *e)
{
    const char *file = cli_value(c, "items");
    struct str *list = ARENA_ARRAY(c->arena, struct str, BULK_MOST);
    size_t n = 0;
    if (file) {
        BUF(text);
        struct str rest, line;
        TRY(file_read(file, 1000000, &text, e));
        rest = buf_as_str(&text);
        while (str_split(&rest, '\n', &line)) {
            line = str_trim(line);
            if (line.length == 0)
                continue;
            if (n == BULK_MOST)
                return fail(e, ERR_LIMIT, "%s: more than %d items", file, BULK_MOST);
            list[n++] = str_of(str_copy(c->arena, line));
        }
    } else {
        TX(tx);
        struct notice_item *items;
        char id[ID_TEXT];
        TRY(store_begin(world_store(w), STORE_READ, &tx, e));
        TRY(desk_item_queue(tx, BULK_MOST, c->arena, &items, &n, e));
        for (size_t i = 0; i < n; i++)
            list[i] = str_of(str_copy(c->arena, str_of(item_id_format(items[i].id, id))));
    }
    *out = list;
    *count = n;
    return OK;
}

/* Which were refused, and why: a line each. */
static void print_refused(const struct cli_call *c, const struct bulk_act *x)
{
    for (size_t i = 0; i < x->count; i++) {
        BUF(line);
        struct json_out o = { &line, false };
        if (!x->errors[i].text[0])
            continue;
        if (c->json) {
            json_begin(&o, '{');
            json_str(&o, "item", x->items[i]);
            json_text(&o, "error", x->errors[i].text);
            json_end(&o, '}');
        } else {
            buf_format(&line, "%.*s: %s", STR_ARG(x->items[i]), x->errors[i].text);
        }
        cli_print(&line);
    }
}

static void print_done(const struct cli_call *c, const struct bulk_done *d, bool preview)
{
    if (c->json)
        printf("{\"bulk\":\"%s\",\"moved\":%zu,\"refused\":%zu}\n", d->id, d->moved, d->refused);
    else if (preview)
        printf("%zu would be moved, %zu would be refused; nothing was done\n", d->moved,
               d->refused);
    else if (d->moved == 0)
        printf("nothing was moved, %zu refused\n", d->refused);
    else
        printf("%zu moved, %zu refused; to undo within a day: licet notice undo %s --by NAME\n",
               d->moved, d->refused, d->id);
}

enum code cli_notice_bulk(struct cli_call *c, struct error *e)
{
    WORLD(w);
    struct bulk_done done;
    const char *person, *reason = cli_value(c, "reason"), *why = cli_value(c, "why");
    struct str *items = NULL;
    struct bulk_act x = { .event = str_of(c->arguments[0]),
                          .reason = str_of(reason ? reason : ""),
                          .why = str_of(why ? why : ""),
                          .preview = cli_has(c, "dry-run") };
    TRY(cli_need(c, "by", &person, e));
    x.person = str_of(person);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(items_named(c, w.world, &items, &x.count, e));
    x.items = items;
    x.errors = ARENA_ARRAY(c->arena, struct error, x.count + 1);
    TRY(flow_notice_bulk(w.world, &x, &done, e));
    print_refused(c, &x);
    print_done(c, &done, x.preview);
    return OK;
}

enum code cli_notice_undo(struct cli_call *c, struct error *e)
{
    WORLD(w);
    struct bulk_done done;
    const char *person;
    TRY(cli_need(c, "by", &person, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_notice_undo(w.world, str_of(c->arguments[0]), str_of(person), &done, e));
    if (c->json)
        printf("{\"undone\":%zu,\"refused\":%zu}\n", done.moved, done.refused);
    else
        printf("%zu undone, %zu were changed since and stay\n", done.moved, done.refused);
    return OK;
}

enum code cli_notice_dispute(struct cli_call *c, struct error *e)
{
    WORLD(w);
    const char *person, *body = cli_value(c, "body"), *result = cli_value(c, "result");
    TRY(cli_need(c, "by", &person, e));
    if (!body == !result)
        return fail(e, ERR_INVALID, "--body NAME opens a dispute, --result WORD ends it");
    TRY(cli_world_open(c, 0, &w, e));
    if (body)
        return flow_dispute_open(w.world, str_of(c->arguments[0]), str_of(body), str_of(person), e);
    return flow_dispute_decide(w.world, str_of(c->arguments[0]), str_of(result),
                               cli_has(c, "implemented"), str_of(person), e);
}

/* On paper or by mail, entered by whoever opened it. */
enum code cli_notice_counter(struct cli_call *c, struct error *e)
{
    WORLD(w);
    BUF(text);
    const char *file, *reason;
    struct counter_draft d = { .elements = ELEMENTS_ALL };
    TRY(cli_need(c, "file", &file, e));
    TRY(cli_need(c, "reason", &reason, e));
    TRY(counter_reason_parse(str_of(reason), &d.reason, e));
    TRY(file_read(file, 10000000, &text, e));
    d.raw = buf_as_str(&text);
    TRY(cli_world_open(c, 0, &w, e));
    return flow_notice_counter(w.world, str_of(c->arguments[0]), &d, e);
}

enum code cli_notice_complain(struct cli_call *c, struct error *e)
{
    WORLD(w);
    const char *text;
    TRY(cli_need(c, "text", &text, e));
    TRY(cli_world_open(c, 0, &w, e));
    return flow_notice_complain(w.world, str_of(c->arguments[0]),
                                cli_has(c, "sender") ? ACTOR_SENDER : ACTOR_UPLOADER, str_of(text),
                                e);
}
