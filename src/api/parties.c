/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/parties: rights holders. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct party_id party;
    memcpy(party.bytes, id, ID_BYTES);
    return registry_party_get(c->tx, c->catalogue, party, c->a, out, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct party_id from;
    struct party *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    TRY(registry_party_list(c->tx, c->catalogue, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct party *p = record;
    TRY(field_text(o, "slug", c->a, &p->slug, e));
    TRY(field_text(o, "name", c->a, &p->name, e));
    TRY(field_text(o, "dpid", c->a, &p->dpid, e));
    TRY(field_text(o, "isni", c->a, &p->isni, e));
    return field_text(o, "ipi", c->a, &p->ipi, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    struct party *p = record;
    TRY(call_may_party(c, p->id, e));
    return registry_party_put(&c->change.act, p, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return party_id_format(((const struct party *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    registry_party_json(record, o);
}

static const char *const fields[] = { "slug", "name", "dpid", "isni", "ipi", NULL };
static const char *const columns[] = {
    "id", "slug", "name", "dpid", "isni", "ipi", "version", NULL
};
static const struct resource parties = {
    .path = "/api/v1/parties",
    .name = "party",
    .size = sizeof(struct party),
    .id_at = offsetof(struct party, id),
    .version_at = offsetof(struct party, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_party,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .json = json,
};
RESOURCE_DO(list, party, parties)
RESOURCE_DO(get, party, parties)
RESOURCE_DO(create, party, parties)
RESOURCE_DO(edit, party, parties)
