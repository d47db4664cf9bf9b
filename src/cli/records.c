/* SPDX-License-Identifier: Apache-2.0 */
/* Changing and reading records from the command line. */
#include "cli/records.h"

enum code cli_change_begin(const struct cli_call *c, struct cli_change *out, struct error *e)
{
    const char *why = cli_value(c, "why");
    TRY(cli_world_open(c, 0, &out->world, e));
    TRY(flow_change_begin(out->world.world, STR("cli"), why ? str_of(why) : STR(""), &out->change,
                          e));
    const struct registry_act *act = &out->change.act;
    out->act = (struct access_act) { act->tx, act->who, act->why, act->now, act->chance };
    return OK;
}

enum code cli_change_commit(const struct cli_call *c, struct cli_change *x, struct error *e)
{
    if (c->dry_run) {
        if (!c->json)
            puts("nothing was kept (--dry-run)");
        return OK;
    }
    return flow_change_commit(&x->change, e);
}

void cli_change_done(struct cli_change *x)
{
    flow_change_done(&x->change);
    cli_world_done(&x->world);
}

enum code cli_reading_begin(const struct cli_call *c, struct cli_reading *out, struct error *e)
{
    TRY(cli_world_open(c, 0, &out->world, e));
    return store_begin(world_store(out->world.world), STORE_READ, &out->tx, e);
}

void cli_reading_done(struct cli_reading *r)
{
    store_rollback(r->tx);
    cli_world_done(&r->world);
}

enum code cli_network(const struct cli_call *c, struct store_tx *tx, struct network *out,
                      struct error *e)
{
    const char *slug = cli_value(c, "network");
    *out = (struct network) { 0 };
    return slug ? access_network_find(tx, str_of(slug), c->arena, out, e) : OK;
}

enum code cli_party(const struct cli_call *c, const struct world *w, struct store_tx *tx,
                    struct party *out, struct error *e)
{
    const char *slug = cli_value(c, "party");
    *out = (struct party) { 0 };
    return slug ? registry_party_find(tx, world_catalogue(w), str_of(slug), c->arena, out, e) : OK;
}

const char *cli_or(const struct cli_call *c, const char *option, const char *before)
{
    const char *value = cli_value(c, option);
    return value ? value : before;
}
