/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/users: people of the installation, or with ?network= the uploaders of a network. */
#include "api/inside.h"

static enum code network_asked(struct call *c, struct network_id *out, struct error *e)
{
    *out = c->key->key.network;
    if (http_query(c->r, "network"))
        TRY(id_of_network(c, str_of(http_query(c->r, "network")), out->bytes, e));
    return call_may_network(c, *out, e);
}

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct network_id network;
    struct user_id user;
    memcpy(user.bytes, id, ID_BYTES);
    TRY(network_asked(c, &network, e));
    return access_user_get(c->tx, network, user, c->a, out, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct network_id network;
    struct user_id from;
    struct user *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    TRY(network_asked(c, &network, e));
    TRY(access_user_list(c->tx, network, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct user *u = record;
    const char *role = NULL;
    if (u->version == 0) {
        TRY(network_asked(c, &u->network, e));
        u->role = network_id_is_none(u->network) ? ROLE_AUDITOR : ROLE_UPLOADER;
    }
    TRY(field_text(o, "slug", c->a, &u->slug, e));
    TRY(field_text(o, "name", c->a, &u->name, e));
    TRY(field_text(o, "role", c->a, &role, e));
    if (role)
        TRY(access_role_parse(str_of(role), &u->role, e));
    TRY(field_id(c, o, "party", id_of_party, u->party.bytes, e));
    return field_bool(o, "suspended", &u->suspended, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct user *u = record;
    struct access_act act = call_act(c);
    if ((access_role_scopes(u->role) & ~c->key->key.scopes) != 0)
        return fail(e, ERR_DENIED, "the key cannot give a role that may more than itself");
    return access_user_put(&act, u, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return user_id_format(((const struct user *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    access_user_json(record, o);
}

static const char *const fields[] = { "slug", "name", "role", "party", "suspended", NULL };
static const char *const columns[] = { "id",   "network", "slug",      "name",
                                       "role", "party",   "suspended", "has_password",
                                       "made", "version", NULL };
static const struct resource users = {
    .path = "/api/v1/users",
    .name = "user",
    .size = sizeof(struct user),
    .id_at = offsetof(struct user, id),
    .version_at = offsetof(struct user, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_user,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .json = json,
};
RESOURCE_DO(list, user, users)
RESOURCE_DO(get, user, users)
RESOURCE_DO(create, user, users)
RESOURCE_DO(edit, user, users)
