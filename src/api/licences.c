/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/licences: what holders grant. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct licence_id licence;
    memcpy(licence.bytes, id, ID_BYTES);
    struct party_id holder = c->key->key.party;
    char text[ID_TEXT];
    TRY(licence_get(c->tx, c->catalogue, licence, c->a, out, e));
    if (party_id_is_none(holder) || party_id_equal(holder, ((const struct licence *)out)->licensor))
        return OK;
    return fail(e, ERR_NOT_FOUND, "there is no licence %s", licence_id_format(licence, text));
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct licence_id from;
    struct party_id licensor = { 0 };
    struct licence *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    if (!party_id_is_none(c->key->key.party))
        licensor = c->key->key.party; /* a holder's key sees its own */
    else if (http_query(c->r, "licensor"))
        TRY(id_of_party(c, str_of(http_query(c->r, "licensor")), licensor.bytes, e));
    TRY(licence_list(c->tx, c->catalogue, licensor, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code read_bits(const json_t *o, struct call *c, struct licence *l, struct error *e)
{
    const char *uses = NULL, *models = NULL;
    TRY(field_words(o, "uses", c->a, &uses, e));
    TRY(field_words(o, "models", c->a, &models, e));
    if (uses)
        TRY(uses_parse(str_of(uses), &l->uses, e));
    if (models)
        TRY(models_parse(str_of(models), &l->models, e));
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct licence *l = record;
    const uint8_t(*networks)[ID_BYTES] = NULL, (*apps)[ID_BYTES] = NULL;
    if (l->version == 0) {
        l->territories = territory_set_world();
        l->from = INSTANT_FIRST;
        l->until = INSTANT_NEVER;
        l->uses = USES_ALL;
        l->models = MODELS_ALL;
        l->licensor = c->key->key.party;
    }
    TRY(field_id(c, o, "licensor", id_of_party, l->licensor.bytes, e));
    TRY(field_text(o, "name", c->a, &l->name, e));
    TRY(field_id(c, o, "recording", id_of_recording, l->recording.bytes, e));
    TRY(field_ids(c, o, "networks", NETWORKS_MOST, id_of_network, &networks, &l->network_count, e));
    TRY(field_ids(c, o, "apps", APPS_MOST, id_of_app, &apps, &l->app_count, e));
    if (networks)
        l->networks = (const struct network_id *)(const void *)networks;
    if (apps)
        l->apps = (const struct app_id *)(const void *)apps;
    TRY(read_bits(o, c, l, e));
    TRY(field_territories(o, "territories", &l->territories, e));
    TRY(field_int(o, "clip_seconds", 0, 3600, &l->clip_seconds, e));
    TRY(field_instant(o, "from", INSTANT_FIRST, &l->from, e));
    return field_instant(o, "until", INSTANT_NEVER, &l->until, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct licence *l = record;
    TRY(call_may_party(c, l->licensor, e));
    return licence_put(&c->change.act, l, e);
}

static enum code withdraw(struct call *c, const uint8_t id[ID_BYTES], struct error *e)
{
    struct licence l;
    TRY(get(c, id, &l, e));
    TRY(call_may_party(c, l.licensor, e));
    return licence_end(&c->change.act, l.id, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return licence_id_format(((const struct licence *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    licence_json(record, o);
}

static const char *const fields[] = { "licensor",    "name",         "networks",  "apps",
                                      "territories", "uses",         "models",    "from",
                                      "until",       "clip_seconds", "recording", NULL };
static const char *const columns[] = { "id",           "licensor", "name",   "networks", "apps",
                                       "territories",  "uses",     "models", "from",     "until",
                                       "clip_seconds", "version",  NULL };
static const struct resource licences = {
    .path = "/api/v1/licences",
    .name = "licence",
    .size = sizeof(struct licence),
    .id_at = offsetof(struct licence, id),
    .version_at = offsetof(struct licence, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_licence,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .withdraw = withdraw,
    .json = json,
};
RESOURCE_DO(list, licence, licences)
RESOURCE_DO(get, licence, licences)
RESOURCE_DO(create, licence, licences)
RESOURCE_DO(edit, licence, licences)
RESOURCE_DO(withdraw, licence, licences)
