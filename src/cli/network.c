/* SPDX-License-Identifier: Apache-2.0 */
/* licet network and licet app: where music is played, and by what. */
#include "cli/records.h"

static void print_network(const struct cli_call *c, const struct network *n)
{
    PRINT_RECORD(c, access_network_json, n,
                 "%-16s %s  unlicensed %s, unmatched %s, conflict %s, unheard %s%s%s\n", n->slug,
                 n->name, n->unlicensed, n->unmatched, n->conflict, n->unheard,
                 n->closed[0] ? ", closed in " : "", n->closed);
}

/* What is known of this slug already; a new one otherwise. */
static enum code network_before(const struct cli_call *c, struct store_tx *tx, struct network *n,
                                struct error *e)
{
    struct error none;
    enum code code = access_network_find(tx, str_of(c->arguments[0]), c->arena, n, &none);
    if (code == ERR_NOT_FOUND) {
        *n = (struct network) { .slug = c->arguments[0], .name = c->arguments[0] };
        return OK;
    }
    if (code != OK)
        *e = none;
    n->version = 0;
    return code;
}

enum code cli_network_add(struct cli_call *c, struct error *e)
{
    struct network n;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(network_before(c, x.act.tx, &n, e));
    n.name = cli_or(c, "name", n.name);
    n.unlicensed = cli_or(c, "unlicensed", n.unlicensed);
    n.unmatched = cli_or(c, "unmatched", n.unmatched);
    n.conflict = cli_or(c, "conflict", n.conflict);
    n.unheard = cli_or(c, "unheard", n.unheard);
    n.suspended = cli_or(c, "suspended", n.suspended);
    n.closed = cli_or(c, "closed", n.closed);
    if (flow_network_closed(c->arena, &n.closed, e) != OK)
        return fail_in(e, "--closed");
    TRY(access_network_put(&x.act, &n, e));
    TRY(access_network_get(x.act.tx, n.id, c->arena, &n, e));
    TRY(cli_change_commit(c, &x, e));
    print_network(c, &n);
    return OK;
}

enum code cli_network_list(struct cli_call *c, struct error *e)
{
    struct network_id after = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct network *page;
        TRY(access_network_list(r.tx, after, PAGE_MOST, c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_network(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

static void print_app(const struct cli_call *c, const struct app *a)
{
    char clip[32] = "in full";
    if (a->clip_seconds)
        snprintf(clip, sizeof clip, "clips of %lld s", (long long)a->clip_seconds);
    PRINT_RECORD(c, access_app_json, a, "%-16s %s  %s%s%s%s\n", a->slug, a->name, clip,
                 a->download ? ", download" : "", a->offline ? ", offline" : "",
                 a->suspended ? ", SUSPENDED" : "");
}

static enum code app_network(const struct cli_call *c, struct store_tx *tx, struct network *n,
                             struct error *e)
{
    const char *slug;
    TRY(cli_need(c, "network", &slug, e));
    return cli_network(c, tx, n, e);
}

static enum code app_before(const struct cli_call *c, struct store_tx *tx,
                            struct network_id network, struct app *a, struct error *e)
{
    struct error none;
    enum code code = access_app_find(tx, network, str_of(c->arguments[0]), c->arena, a, &none);
    if (code == ERR_NOT_FOUND) {
        *a = (struct app) { .network = network, .slug = c->arguments[0], .name = c->arguments[0] };
        return OK;
    }
    if (code != OK)
        *e = none;
    a->version = 0;
    return code;
}

enum code cli_app_add(struct cli_call *c, struct error *e)
{
    struct network n;
    struct app a;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(app_network(c, x.act.tx, &n, e));
    TRY(app_before(c, x.act.tx, n.id, &a, e));
    a.name = cli_or(c, "name", a.name);
    a.contact = cli_or(c, "contact", a.contact);
    a.model = cli_or(c, "model", a.model);
    TRY(cli_int(c, "clip-seconds", a.clip_seconds, 0, 86400, &a.clip_seconds, e));
    a.download = cli_has(c, "download");
    a.offline = cli_has(c, "offline");
    TRY(access_app_put(&x.act, &a, e));
    TRY(access_app_get(x.act.tx, a.id, c->arena, &a, e));
    TRY(cli_change_commit(c, &x, e));
    print_app(c, &a);
    return OK;
}

static enum code suspend(struct cli_call *c, bool suspended, struct error *e)
{
    struct network n;
    struct app a;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(app_network(c, x.act.tx, &n, e));
    TRY(access_app_find(x.act.tx, n.id, str_of(c->arguments[0]), c->arena, &a, e));
    a.suspended = suspended;
    TRY(access_app_put(&x.act, &a, e));
    TRY(cli_change_commit(c, &x, e));
    print_app(c, &a);
    return OK;
}

enum code cli_app_suspend(struct cli_call *c, struct error *e)
{
    return suspend(c, true, e);
}

enum code cli_app_resume(struct cli_call *c, struct error *e)
{
    return suspend(c, false, e);
}

enum code cli_app_list(struct cli_call *c, struct error *e)
{
    struct app_id after = { { 0 } };
    struct network n;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(cli_network(c, r.tx, &n, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct app *page;
        TRY(access_app_list(r.tx, n.id, after, PAGE_MOST, c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_app(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}
