/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/references: audio that holders deposit; enrolled before the answer is given. */
#include <stdio.h>
#include <unistd.h>

#include "api/inside.h"

static const char *id_text(const void *record, char out[ID_TEXT])
{
    return reference_id_format(((const struct reference *)record)->id, out);
}

static const struct resource references = { .path = "/api/v1/references",
                                            .name = "reference",
                                            .table = &table_references,
                                            .read_id = id_of_reference };
RESOURCE_DO(list, reference, references)
RESOURCE_DO(get, reference, references)

struct delivery {
    const char *part, *file, *title, *artist, *isrc, *recording, *party;
    int fd;
};

static void delivery_done(struct delivery *d)
{
    if (d->fd >= 0)
        close(d->fd);
}

static enum code read_fields(struct call *c, const json_t *o, struct delivery *d, struct error *e)
{
    const struct {
        const char *name, **to;
    } rows[] = { { "part", &d->part },     { "file", &d->file }, { "title", &d->title },
                 { "artist", &d->artist }, { "isrc", &d->isrc }, { "recording", &d->recording },
                 { "party", &d->party } };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (o)
            TRY(field_text(o, rows[i].name, c->a, rows[i].to, e));
        else
            *rows[i].to = http_query(c->r, rows[i].name);
    return OK;
}

static enum code read_delivery(struct call *c, struct delivery *d, struct error *e)
{
    static const char *const fields[] = { "part", "file",      "title", "artist",
                                          "isrc", "recording", "party", NULL };
    const char *type = http_header(c->r, "Content-Type");
    JSON(body);
    if (!type || strncmp(type, "application/json", 16) != 0) {
        TRY(read_fields(c, NULL, d, e));
        if (c->r->body.length == 0)
            return fail(e, ERR_INVALID, "the body has no bytes; large files are sent in parts");
        return body_open(c, &d->fd, e);
    }
    TRY(call_body(c, fields, &body, e));
    TRY(read_fields(c, body, d, e));
    if (!d->part)
        return fail(e, ERR_INVALID, "\"part\" is missing");
    return part_open(c, d->part, &d->fd, e);
}

/* A holder's key delivers for its own party. */
static enum code check_party(struct call *c, struct delivery *d, struct error *e)
{
    struct party_id id = c->key->key.party;
    struct party p;
    if (d->party)
        TRY(id_of_party(c, str_of(d->party), id.bytes, e));
    if (party_id_is_none(id))
        return OK;
    TRY(call_may_party(c, id, e));
    TRY(registry_party_get(c->tx, c->catalogue, id, c->a, &p, e));
    d->party = p.slug;
    return OK;
}

struct outcome {
    enum code code;
    struct error error;
    struct reference_id reference;
    bool known;
    size_t rechecked, overlaps;
    char warning[200];
};

static void keep_outcome(void *ctx, size_t number, enum code code, const struct enrolled *r,
                         const struct error *e)
{
    struct outcome *o = ctx;
    (void)number;
    o->code = code;
    if (code != OK) {
        o->error = *e;
        return;
    }
    o->reference = r->reference;
    o->known = r->known;
    o->rechecked = r->rechecked;
    o->overlaps = r->overlaps;
    snprintf(o->warning, sizeof o->warning, "%s", r->warning ? r->warning : "");
}

static struct str or_empty(const char *text)
{
    return text ? str_of(text) : STR("");
}

static enum code answer(struct call *c, const struct outcome *done, struct error *e)
{
    struct reference ref;
    struct json_out o = { &c->out->body, false };
    char id[ID_TEXT];
    store_rollback(take(c->read));
    TRY(call_read(c, e));
    TRY(registry_reference_get(c->tx, c->catalogue, done->reference, c->a, &ref, e));
    call_json(c, done->known ? 200 : 201);
    http_header_format(c->out, "Location", "/api/v1/references/%s", id_text(&ref, id));
    json_begin(&o, '{');
    json_key(&o, "reference");
    registry_reference_json(&ref, &o);
    json_bool(&o, "known", done->known);
    json_int(&o, "rechecked", (int64_t)done->rechecked);
    json_int(&o, "overlaps", (int64_t)done->overlaps);
    json_text(&o, "warning", done->warning[0] ? done->warning : NULL);
    json_end(&o, '}');
    return OK;
}

enum code api_reference_create(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct delivery d __attribute__((cleanup(delivery_done))) = { .fd = -1 };
    struct outcome done = { .code = ERR_IO };
    size_t failed;
    TRY(call_read(&c, e));
    TRY(read_delivery(&c, &d, e));
    TRY(check_party(&c, &d, e));
    struct enrol_item item = {
        .path = arena_format(c.a, "/proc/self/fd/%d", d.fd),
        .file = d.file ? d.file : "upload",
        .title = or_empty(d.title),
        .artist = or_empty(d.artist),
        .isrc = or_empty(d.isrc),
        .recording = or_empty(d.recording),
        .party = or_empty(d.party),
    };
    struct enrol_sink sink = { &done, keep_outcome };
    TRY(flow_enrol(c.world, &item, 1, 1, &sink, &failed, e));
    if (done.code != OK)
        return fail(e, done.code, "%s", done.error.text);
    if (d.part)
        part_drop(&c, d.part);
    return answer(&c, &done, e);
}

enum code api_reference_withdraw(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    const char *why = http_header(r, "X-Reason");
    struct reference ref;
    uint8_t id[ID_BYTES];
    TRY(call_read(&c, e));
    TRY(id_of_reference(&c, str_of(http_parameter(r, "reference")), id, e));
    {
        struct reference_id reference;
        memcpy(reference.bytes, id, ID_BYTES);
        TRY(registry_reference_get(c.tx, c.catalogue, reference, c.a, &ref, e));
    }
    TRY(call_may_party(&c, ref.party, e));
    TRY(flow_withdraw(c.world, str_of(http_parameter(r, "reference")), str_of(c.who), or_empty(why),
                      e));
    out->status = 204;
    return OK;
}
