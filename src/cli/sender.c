/* SPDX-License-Identifier: Apache-2.0 */
/* licet sender put, list, show; licet order list, show: who sends notices, and what authorities want. */
#include "cli/world.h"

#include <inttypes.h>

enum { PAGE = 1000 };

/* ---- senders ---- */

static const struct {
    const char *word;
    unsigned bit;
} proofs[] = { { "mailbox", PROOF_MAILBOX },
               { "domain", PROOF_DOMAIN },
               { "key", PROOF_KEY },
               { "document", PROOF_DOCUMENT },
               { "repertoire", PROOF_REPERTOIRE } };

static enum code read_proofs(const char *words, unsigned *bits, struct error *e)
{
    struct str rest = str_of(words ? words : ""), word;
    while (rest.length && str_split(&rest, ',', &word)) {
        size_t i = 0;
        while (i < COUNT_OF(proofs) && !str_is(str_trim(word), proofs[i].word))
            i++;
        if (i == COUNT_OF(proofs))
            return fail(e, ERR_INVALID,
                        "--proofs: '%.*s' is not mailbox, domain, key, document or repertoire",
                        STR_ARG(word));
        *bits |= proofs[i].bit;
    }
    return OK;
}

static const char *value_or_empty(const struct cli_call *c, const char *name)
{
    const char *value = cli_value(c, name);
    return value ? value : "";
}

enum code cli_sender_put(struct cli_call *c, struct error *e)
{
    WORLD(w);
    struct sender_id id;
    char text[ID_TEXT];
    struct sender_change change = { .mailbox = str_of(c->arguments[0]),
                                    .name = str_of(value_or_empty(c, "name")),
                                    .party = str_of(value_or_empty(c, "party")),
                                    .mandate = str_of(value_or_empty(c, "mandate")),
                                    .document = str_of(value_or_empty(c, "document")),
                                    .trusted = cli_has(c, "trusted") ? 1 : -1,
                                    .suspended = cli_has(c, "suspend")  ? 1
                                                 : cli_has(c, "resume") ? 0
                                                                        : -1,
                                    .why = str_of(value_or_empty(c, "why")) };
    TRY(read_proofs(cli_value(c, "proofs"), &change.proofs, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(flow_sender_put(w.world, STR("operator"), &change, &id, e));
    printf(c->json ? "{\"sender\":\"%s\"}\n" : "%s\n", sender_id_format(id, text));
    return OK;
}

static void print_sender(const struct cli_call *c, const struct sender *s, struct instant now)
{
    char id[ID_TEXT];
    BUF(line);
    struct json_out o = { &line, false };
    if (!c->json) {
        struct standing standing = standing_at(s->standing, now);
        printf("%s %s, %s%s: %" PRId64 " received, %" PRId64 " accepted, %" PRId64
               " declined, %" PRId64 " reversed; share justified %d to %d per mille\n",
               sender_id_format(s->id, id), s->slug, sender_state_word(s->state),
               s->trusted ? ", trusted flagger" : "", s->received, s->accepted, s->declined,
               s->reversed, standing_low(standing), standing_mean(standing));
        return;
    }
    json_begin(&o, '{');
    desk_sender_members(s, now, &o);
    json_end(&o, '}');
    cli_print(&line);
}

enum code cli_sender_list(struct cli_call *c, struct error *e)
{
    struct sender_id after = { { 0 } };
    size_t count = PAGE;
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    while (count == PAGE) {
        ARENA(page);
        struct sender *list;
        TRY(desk_sender_list(tx, after, PAGE, &page, &list, &count, e));
        for (size_t i = 0; i < count; i++) {
            after = list[i].id;
            print_sender(c, &list[i], world_now(w.world));
        }
    }
    return OK;
}

/* By id or by mailbox. */
enum code cli_sender_show(struct cli_call *c, struct error *e)
{
    struct sender_id id;
    struct sender s;
    WORLD(w);
    TX(tx);
    struct str name = str_of(c->arguments[0]);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    if (memchr(name.at, '@', name.length)) {
        TRY(desk_sender_find(tx, name, c->arena, &s, e));
    } else {
        TRY(sender_id_parse(name, &id, e));
        TRY(desk_sender_get(tx, id, c->arena, &s, e));
    }
    print_sender(c, &s, world_now(w.world));
    return OK;
}

/* ---- orders ---- */

static void print_order(const struct cli_call *c, const struct order *x)
{
    char id[ID_TEXT], at[INSTANT_TEXT];
    BUF(line);
    struct json_out o = { &line, false };
    if (!c->json) {
        printf("%s %s, %s (%s): in force for %" PRId64 " items in %s, received %s\n",
               order_id_format(x->id, id), x->authority, x->number, x->country, x->targets,
               x->territories, instant_format(x->received, at));
        return;
    }
    json_begin(&o, '{');
    desk_order_members(x, &o);
    json_end(&o, '}');
    cli_print(&line);
}

static enum code each_order(struct cli_call *c, struct store_tx *tx, const struct order_id *only,
                            bool *found, struct error *e)
{
    struct order_id after = { { 0 } };
    size_t count = PAGE;
    while (count == PAGE) {
        ARENA(page);
        struct order *list;
        TRY(desk_order_list(tx, after, PAGE, &page, &list, &count, e));
        for (size_t i = 0; i < count; i++) {
            after = list[i].id;
            if (only && !order_id_equal(*only, list[i].id))
                continue;
            print_order(c, &list[i]);
            *found = true;
        }
    }
    return OK;
}

enum code cli_order_list(struct cli_call *c, struct error *e)
{
    bool found;
    WORLD(w);
    TX(tx);
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    return each_order(c, tx, NULL, &found, e);
}

static void print_hold(const struct cli_call *c, const struct order_hold *h)
{
    char item[ID_TEXT], what[ID_TEXT], from[INSTANT_TEXT];
    bool upload = !upload_id_is_none(h->upload);
    const char *target = upload ? upload_id_format(h->upload, what)
                         : recording_id_is_none(h->recording)
                             ? ""
                             : recording_id_format(h->recording, what);
    item_id_format(h->item, item);
    instant_format(h->from, from);
    if (c->json)
        printf("{\"item\":\"%s\",\"%s\":\"%s\",\"since\":\"%s\"}\n", item,
               upload ? "upload" : "recording", target, from);
    else
        printf("  %s %s since %s\n", item, target, from);
}

/* The order, and what it holds. */
enum code cli_order_show(struct cli_call *c, struct error *e)
{
    struct order_id id;
    struct item_id after = { { 0 } };
    bool found = false;
    size_t count = PAGE;
    WORLD(w);
    TX(tx);
    TRY(order_id_parse(str_of(c->arguments[0]), &id, e));
    TRY(cli_world_open(c, 0, &w, e));
    TRY(store_begin(world_store(w.world), STORE_READ, &tx, e));
    TRY(each_order(c, tx, &id, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no order %s", c->arguments[0]);
    while (count == PAGE) {
        ARENA(page);
        struct order_hold *list;
        TRY(desk_order_holds(tx, after, PAGE, &page, &list, &count, e));
        for (size_t i = 0; i < count; i++) {
            after = list[i].item;
            if (order_id_equal(list[i].order, id))
                print_hold(c, &list[i]);
        }
    }
    return OK;
}
