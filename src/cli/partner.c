/* SPDX-License-Identifier: Apache-2.0 */
/* licet partner: who sends ERN messages, and how they are meant. */
#include "cli/messages.h"

static void print_partner(const struct cli_call *c, const struct ern_partner *p)
{
    char id[ID_TEXT];
    if (!c->json) {
        printf("%-20s %s  omission %s, percent %s, %zu apps\n", p->dpid,
               party_id_format(p->party, id), ern_omission_word(p->omission),
               ern_percent_word(p->percent), p->app_count);
        return;
    }
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_text(&o, "dpid", p->dpid);
    json_text(&o, "party", party_id_format(p->party, id));
    json_text(&o, "omission", ern_omission_word(p->omission));
    json_text(&o, "percent", ern_percent_word(p->percent));
    json_key(&o, "apps");
    json_begin(&o, '[');
    for (size_t i = 0; i < p->app_count; i++)
        json_put_text(&o, app_id_format(p->apps[i], id));
    json_end(&o, ']');
    json_end(&o, '}');
    cli_print(&line);
}

/* "network/app", with commas */
static enum code read_apps(const struct cli_call *c, struct store_tx *tx, struct ern_partner *p,
                           struct error *e)
{
    struct app_id *ids = ARENA_ARRAY(c->arena, struct app_id, APPS_MOST);
    struct str rest = str_of(cli_value(c, "apps")), part, slug;
    p->app_count = 0;
    while (str_split(&rest, ',', &part)) {
        struct network network;
        struct app app;
        slug = str_trim(part);
        if (!slug.length)
            continue;
        if (p->app_count == APPS_MOST)
            return fail(e, ERR_LIMIT, "--apps: more than %d", APPS_MOST);
        str_split(&slug, '/', &part);
        TRY(access_network_find(tx, str_trim(part), c->arena, &network, e));
        TRY(access_app_find(tx, network.id, slug, c->arena, &app, e));
        ids[p->app_count++] = app.id;
    }
    p->apps = ids;
    return OK;
}

enum code cli_partner_set(struct cli_call *c, struct error *e)
{
    struct ern_partner p;
    struct party party = { .id = { { 0 } } };
    bool found;
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    const struct registry_act *act = &x.change.act;
    TRY(ern_partner_find(act->tx, act->catalogue, str_of(c->arguments[0]), c->arena, &p, &found,
                         e));
    if (!found)
        p = (struct ern_partner) { .dpid = c->arguments[0] };
    TRY(cli_party(c, x.world.world, act->tx, &party, e));
    if (!party_id_is_none(party.id))
        p.party = party.id;
    if (party_id_is_none(p.party))
        return fail(e, ERR_INVALID, "a new partner wants --party");
    if (cli_has(c, "omission"))
        TRY(ern_omission_parse(str_of(cli_value(c, "omission")), &p.omission, e));
    if (cli_has(c, "percent"))
        TRY(ern_percent_parse(str_of(cli_value(c, "percent")), &p.percent, e));
    if (cli_has(c, "apps"))
        TRY(read_apps(c, act->tx, &p, e));
    TRY(ern_partner_put(act, &p, e));
    TRY(cli_change_commit(c, &x, e));
    print_partner(c, &p);
    return OK;
}

enum code cli_partner_list(struct cli_call *c, struct error *e)
{
    struct ern_partner *all;
    size_t count;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(ern_partner_list(r.tx, world_catalogue(r.world.world), c->arena, &all, &count, e));
    for (size_t i = 0; i < count; i++)
        print_partner(c, &all[i]);
    return OK;
}
