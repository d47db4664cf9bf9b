/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/recordings; {recording} is an id or an ISRC. */
#include "api/inside.h"

static enum code get(struct call *c, const uint8_t id[ID_BYTES], void *out, struct error *e)
{
    struct recording_id recording;
    memcpy(recording.bytes, id, ID_BYTES);
    return registry_recording_get(c->tx, c->catalogue, recording, c->a, out, e);
}

static enum code list(struct call *c, const uint8_t after[ID_BYTES], size_t limit, void **items,
                      size_t *count, struct error *e)
{
    struct recording_id from;
    struct recording *found = NULL;
    memcpy(from.bytes, after, ID_BYTES);
    TRY(registry_recording_list(c->tx, c->catalogue, from, limit, c->a, &found, count, e));
    *items = found;
    return OK;
}

static enum code read_body(struct call *c, const json_t *o, void *record, struct error *e)
{
    struct recording *r = record;
    if (!r->artist)
        r->artist = "";
    TRY(field_text(o, "isrc", c->a, &r->isrc, e));
    TRY(field_text(o, "title", c->a, &r->title, e));
    TRY(field_text(o, "artist", c->a, &r->artist, e));
    return field_int(o, "duration_ms", 0, INT32_MAX, &r->duration_ms, e);
}

static enum code put(struct call *c, void *record, struct error *e)
{
    return registry_recording_put(&c->change.act, record, e);
}

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return recording_id_format(((const struct recording *)record)->id, out);
}

static void json(const void *record, struct json_out *o)
{
    registry_recording_json(record, o);
}

static const char *const fields[] = { "isrc", "title", "artist", "duration_ms", NULL };
static const char *const columns[] = { "id",          "isrc",    "title", "artist",
                                       "duration_ms", "version", NULL };
static const struct resource recordings = {
    .path = "/api/v1/recordings",
    .name = "recording",
    .size = sizeof(struct recording),
    .id_at = offsetof(struct recording, id),
    .version_at = offsetof(struct recording, version),
    .id_text = id_text,
    .fields = fields,
    .columns = columns,
    .read_id = id_of_recording,
    .get = get,
    .list = list,
    .read = read_body,
    .put = put,
    .json = json,
};
RESOURCE_DO(list, recording, recordings)
RESOURCE_DO(get, recording, recordings)
RESOURCE_DO(create, recording, recordings)
RESOURCE_DO(edit, recording, recordings)
