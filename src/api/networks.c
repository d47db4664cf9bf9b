/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/networks and /api/v1/apps. */
#include "api/inside.h"

/* ---- networks ---- */

static enum code network_get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct network_id network;
    memcpy(network.bytes, id, ID_BYTES);
    return access_network_get(c->tx, network, c->a, out, e);
}

static enum code network_list(struct call *c, const uint8_t after[ID_BYTES], size_t limit,
                              void **items, size_t *count, struct error *e)
{
    struct network_id from;
    struct network *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    TRY(access_network_list(c->tx, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code network_read(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct network *n = record;
    TRY(field_text(o, "slug", c->a, &n->slug, e));
    TRY(field_text(o, "name", c->a, &n->name, e));
    TRY(field_text(o, "unlicensed", c->a, &n->unlicensed, e));
    TRY(field_text(o, "unmatched", c->a, &n->unmatched, e));
    TRY(field_text(o, "conflict", c->a, &n->conflict, e));
    TRY(field_text(o, "unheard", c->a, &n->unheard, e));
    TRY(field_text(o, "suspended", c->a, &n->suspended, e));
    return field_text(o, "closed", c->a, &n->closed, e);
}

static enum code network_put(struct call *c, void *record, struct error *e)
{
    struct network *n = record;
    struct access_act act = call_act(c);
    TRY(call_may_network(c, n->id, e));
    if (flow_network_closed(c->a, &n->closed, e) != OK)
        return fail_in(e, "\"closed\"");
    return access_network_put(&act, n, e);
}

static const char *network_text(const void *record, char out[ID_TEXT])
{
    return network_id_format(((const struct network *)record)->id, out);
}

static void network_json(const void *record, struct json_out *o)
{
    access_network_json(record, o);
}

static const char *const network_fields[] = { "slug",      "name",     "unlicensed",
                                              "unmatched", "conflict", "unheard",
                                              "suspended", "closed",   NULL };
static const char *const network_columns[] = { "id",        "slug",     "name",    "unlicensed",
                                               "unmatched", "conflict", "unheard", "suspended",
                                               "closed",    "version",  NULL };
static const struct resource networks = {
    .path = "/api/v1/networks",
    .name = "network",
    .size = sizeof(struct network),
    .id_at = offsetof(struct network, id),
    .version_at = offsetof(struct network, version),
    .id_text = network_text,
    .fields = network_fields,
    .columns = network_columns,
    .read_id = id_of_network,
    .get = network_get,
    .list = network_list,
    .read = network_read,
    .put = network_put,
    .json = network_json,
};
RESOURCE_DO(list, network, networks)
RESOURCE_DO(get, network, networks)
RESOURCE_DO(create, network, networks)
RESOURCE_DO(edit, network, networks)

/* ---- apps ---- */

static enum code app_get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct app_id app;
    memcpy(app.bytes, id, ID_BYTES);
    return access_app_get(c->tx, app, c->a, out, e);
}

static enum code app_list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                          size_t *count, struct error *e)
{
    struct app_id from;
    struct network_id network = c->key->key.network;
    struct app *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    if (http_query(c->r, "network"))
        TRY(id_of_network(c, str_of(http_query(c->r, "network")), network.bytes, e));
    TRY(call_may_network(c, network, e));
    TRY(access_app_list(c->tx, network, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code app_read(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct app *p = record;
    if (p->version == 0)
        p->network = c->key->key.network;
    if (p->version == 0)
        TRY(field_id(c, o, "network", id_of_network, p->network.bytes, e));
    else if (json_object_get(o, "network"))
        return fail(e, ERR_INVALID, "\"network\": an app stays in its network");
    TRY(field_text(o, "slug", c->a, &p->slug, e));
    TRY(field_text(o, "name", c->a, &p->name, e));
    TRY(field_text(o, "contact", c->a, &p->contact, e));
    TRY(field_text(o, "model", c->a, &p->model, e));
    TRY(field_int(o, "clip_seconds", 0, 3600, &p->clip_seconds, e));
    TRY(field_bool(o, "download", &p->download, e));
    TRY(field_bool(o, "offline", &p->offline, e));
    return field_bool(o, "suspended", &p->suspended, e);
}

static enum code app_put(struct call *c, void *record, struct error *e)
{
    struct app *p = record;
    struct access_act act = call_act(c);
    TRY(call_may_network(c, p->network, e));
    return access_app_put(&act, p, e);
}

static const char *app_text(const void *record, char out[ID_TEXT])
{
    return app_id_format(((const struct app *)record)->id, out);
}

static void app_json(const void *record, struct json_out *o)
{
    access_app_json(record, o);
}

static const char *const app_fields[] = { "network",  "slug",    "name",
                                          "contact",  "model",   "clip_seconds",
                                          "download", "offline", "suspended",
                                          NULL };
static const char *const app_columns[] = { "id",      "network",   "slug",         "name",
                                           "contact", "model",     "clip_seconds", "download",
                                           "offline", "suspended", "version",      NULL };
static const struct resource apps = {
    .path = "/api/v1/apps",
    .name = "app",
    .size = sizeof(struct app),
    .id_at = offsetof(struct app, id),
    .version_at = offsetof(struct app, version),
    .id_text = app_text,
    .fields = app_fields,
    .columns = app_columns,
    .read_id = id_of_app,
    .get = app_get,
    .list = app_list,
    .read = app_read,
    .put = app_put,
    .json = app_json,
};
RESOURCE_DO(list, app, apps)
RESOURCE_DO(get, app, apps)
RESOURCE_DO(create, app, apps)
RESOURCE_DO(edit, app, apps)
