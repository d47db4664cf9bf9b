/* SPDX-License-Identifier: Apache-2.0 */
/* licet webhook add, list, remove, replay: who is told what happens. */
#include "cli/records.h"

static void print_webhook(const struct cli_call *c, const struct webhook *h)
{
    char id[ID_TEXT];
    PRINT_RECORD(c, webhook_json, h, "%s  %s  %s%s%s\n", webhook_id_format(h->id, id), h->url,
                 h->types[0] ? h->types : "all", h->disabled ? "  DISABLED: " : "",
                 h->disabled && h->reason ? h->reason : "");
}

enum code cli_webhook_add(struct cli_call *c, struct error *e)
{
    struct party p;
    struct network n;
    struct webhook h = { .url = c->arguments[0], .types = cli_or(c, "types", "") };
    char secret[WEBHOOK_SECRET_TEXT], key[WEBHOOK_KEY_TEXT];
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(cli_party(c, x.world.world, x.act.tx, &p, e));
    TRY(cli_network(c, x.act.tx, &n, e));
    h.view = (struct event_view) { p.id, n.id };
    TRY(flow_webhook_make(&x.change, &h, e));
    TRY(cli_change_commit(c, &x, e));
    print_webhook(c, &h);
    if (!c->dry_run)
        printf(c->json ? "{\"secret\":\"%s\",\"public_key\":\"%s\"}\n"
                       : "secret %s\npublic key %s\n",
               webhook_secret_text(&h, secret), webhook_key_text(&h, key));
    return OK;
}

enum code cli_webhook_list(struct cli_call *c, struct error *e)
{
    const struct event_view all = { .party = { { 0 } } };
    struct webhook *list;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(webhook_list(r.tx, &all, (struct webhook_id) { { 0 } }, WEBHOOKS_MOST, c->arena, &list,
                     &count, e));
    for (size_t i = 0; i < count; i++)
        print_webhook(c, &list[i]);
    return OK;
}

enum code cli_webhook_remove(struct cli_call *c, struct error *e)
{
    struct webhook_id id;
    TRY(webhook_id_parse(str_of(c->arguments[0]), &id, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(flow_webhook_drop(&x.change, id, e));
    return cli_change_commit(c, &x, e);
}

enum code cli_webhook_replay(struct cli_call *c, struct error *e)
{
    struct webhook_id id;
    int64_t after;
    size_t count;
    TRY(webhook_id_parse(str_of(c->arguments[0]), &id, e));
    TRY(cli_int(c, "after", 0, 0, INT64_MAX, &after, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(flow_webhook_switch(&x.change, id, false, e));
    TRY(flow_webhook_replay(&x.change, id, after, &count, e));
    TRY(cli_change_commit(c, &x, e));
    printf(c->json ? "{\"messages\":%zu}\n" : "%zu messages wait to be sent\n", count);
    return OK;
}
