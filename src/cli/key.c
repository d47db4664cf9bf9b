/* SPDX-License-Identifier: Apache-2.0 */
/* licet key and licet user: who may do what. */
#include "cli/records.h"

static void print_key(const struct cli_call *c, const struct app_key *k, const char *text)
{
    char id[ID_TEXT];
    BUF(line);
    if (c->json) {
        struct json_out o = { &line, false };
        json_begin(&o, '{');
        json_key(&o, "key");
        access_key_json(k, &o);
        json_text(&o, "text", text);
        json_end(&o, '}');
    } else {
        buf_format(&line, "%s  %s  ", app_key_id_format(k->id, id), k->name);
        access_scopes_format(k->scopes, &line);
        buf_text(&line, k->revoked ? "  REVOKED" : "");
        if (text)
            buf_format(&line, "\n%s\nThis is the only time it is shown.", text);
    }
    cli_print(&line);
}

static enum code key_of_options(const struct cli_call *c, struct cli_change *x, struct app_key *k,
                                struct error *e)
{
    struct network n;
    struct app a = { 0 };
    struct party p;
    const char *app = cli_value(c, "app"), *until = cli_value(c, "until");
    TRY(cli_network(c, x->act.tx, &n, e));
    TRY(cli_party(c, x->world.world, x->act.tx, &p, e));
    if (app && !n.slug)
        return fail(e, ERR_INVALID, "--app wants its --network too");
    if (app)
        TRY(access_app_find(x->act.tx, n.id, str_of(app), c->arena, &a, e));
    *k = (struct app_key) {
        .name = c->arguments[0], .network = n.id, .app = a.id, .party = p.id, .until = INSTANT_NEVER
    };
    if (until)
        TRY(instant_parse(str_of(until), &k->until, e));
    return access_scopes_parse(str_of(cli_or(c, "scopes", "decide,play")), &k->scopes, e);
}

enum code cli_key_add(struct cli_call *c, struct error *e)
{
    struct app_key k;
    char text[ACCESS_KEY_TEXT];
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(key_of_options(c, &x, &k, e));
    TRY(access_key_make(&x.act, world_master_key(x.world.world), &k, text, e));
    TRY(cli_change_commit(c, &x, e));
    print_key(c, &k, c->dry_run ? NULL : text);
    return OK;
}

static enum code key_named(const struct cli_call *c, struct app_key_id *id, struct error *e)
{
    return app_key_id_parse(str_of(c->arguments[0]), id, e);
}

enum code cli_key_revoke(struct cli_call *c, struct error *e)
{
    struct app_key_id id;
    struct app_key k;
    TRY(key_named(c, &id, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(access_key_get(x.act.tx, id, c->arena, &k, e));
    k.revoked = true;
    TRY(access_key_put(&x.act, &k, e));
    TRY(cli_change_commit(c, &x, e));
    print_key(c, &k, NULL);
    return OK;
}

enum code cli_key_renew(struct cli_call *c, struct error *e)
{
    struct app_key_id id;
    struct app_key k;
    char text[ACCESS_KEY_TEXT];
    TRY(key_named(c, &id, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(access_key_renew(&x.act, world_master_key(x.world.world), id, text, e));
    TRY(access_key_get(x.act.tx, id, c->arena, &k, e));
    TRY(cli_change_commit(c, &x, e));
    print_key(c, &k, c->dry_run ? NULL : text);
    return OK;
}

enum code cli_key_list(struct cli_call *c, struct error *e)
{
    struct app_key_id after = { { 0 } };
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct app_key *page;
        struct app_id all = { { 0 } };
        TRY(access_key_list(r.tx, all, after, PAGE_MOST, c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_key(c, &page[i], NULL);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}

static void print_user(const struct cli_call *c, const struct user *u)
{
    PRINT_RECORD(c, access_user_json, u, "%-16s %s  %s%s\n", u->slug, u->name,
                 access_role_word(u->role), u->suspended ? "  SUSPENDED" : "");
}

static enum code user_before(const struct cli_call *c, struct store_tx *tx,
                             struct network_id network, struct user *u, struct error *e)
{
    struct error none;
    enum code code = access_user_find(tx, network, str_of(c->arguments[0]), c->arena, u, &none);
    if (code == ERR_NOT_FOUND) {
        *u = (struct user) { .network = network,
                             .slug = c->arguments[0],
                             .name = c->arguments[0],
                             .role = ROLE_OPERATOR };
        return OK;
    }
    if (code != OK)
        *e = none;
    u->version = 0;
    return code;
}

enum code cli_user_add(struct cli_call *c, struct error *e)
{
    struct network n;
    struct party p;
    struct user u;
    const char *role = cli_value(c, "role");
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(cli_network(c, x.act.tx, &n, e));
    TRY(cli_party(c, x.world.world, x.act.tx, &p, e));
    TRY(user_before(c, x.act.tx, n.id, &u, e));
    u.name = cli_or(c, "name", u.name);
    if (role)
        TRY(access_role_parse(str_of(role), &u.role, e));
    if (p.slug)
        u.party = p.id;
    TRY(access_user_put(&x.act, &u, e));
    TRY(cli_change_commit(c, &x, e));
    print_user(c, &u);
    return OK;
}

/* Where this server answers, as a browser on this machine reaches it. */
static const char *base_url(const struct cli_call *c)
{
    const char *url = settings_text(c->settings, "http.url");
    return url[0] ? url
                  : arena_format(c->arena, "http://%s", settings_text(c->settings, "http.listen"));
}

enum code cli_user_link(struct cli_call *c, struct error *e)
{
    struct network_id none = { { 0 } };
    struct user u;
    int64_t hours;
    char text[ACCESS_TOKEN_TEXT], until[INSTANT_TEXT];
    TRY(cli_int(c, "hours", 24, 1, 24 * 30, &hours, e));
    CHANGING(x);
    TRY(cli_change_begin(c, &x, e));
    TRY(access_user_find(x.act.tx, none, str_of(c->arguments[0]), c->arena, &u, e));
    struct instant end = { x.act.now.us + hours * 3600000000LL };
    TRY(access_token_make(&x.act, ACCESS_LINK, &u, end, text, e));
    TRY(cli_change_commit(c, &x, e));
    if (c->json)
        printf("{\"url\":\"%s/admin?token=%s\",\"until\":\"%s\"}\n", base_url(c), text,
               instant_format(end, until));
    else
        printf("%s/admin?token=%s\n", base_url(c), text);
    return OK;
}

enum code cli_user_list(struct cli_call *c, struct error *e)
{
    struct user_id after = { { 0 } };
    struct network n;
    READING(r);
    TRY(cli_reading_begin(c, &r, e));
    TRY(cli_network(c, r.tx, &n, e));
    for (size_t count = PAGE_MOST; count == PAGE_MOST;) {
        struct user *page;
        TRY(access_user_list(r.tx, n.id, after, PAGE_MOST, c->arena, &page, &count, e));
        for (size_t i = 0; i < count; i++)
            print_user(c, &page[i]);
        if (count)
            after = page[count - 1].id;
    }
    return OK;
}
