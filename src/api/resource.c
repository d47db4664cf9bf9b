/* SPDX-License-Identifier: Apache-2.0 */
/* What every resource does alike: list, get, create once, edit under If-Match, withdraw. */
#include "api/inside.h"

static void *record_new(const struct resource *k, struct arena *a)
{
    return arena_get(a, 1, k->size);
}

static int64_t version_of(const struct resource *k, const void *record)
{
    int64_t version;
    memcpy(&version, (const char *)record + k->version_at, sizeof version);
    return version;
}

static enum code id_of_path(const struct resource *k, struct call *c, uint8_t id[ID_BYTES],
                            struct error *e)
{
    return k->read_id(c, str_of(http_parameter(c->r, k->name)), id, e);
}

static void answer(const struct resource *k, struct call *c, int status, const void *record)
{
    struct json_out o = { &c->out->body, false };
    call_json(c, status);
    call_etag(c, version_of(k, record));
    k->json(record, &o);
}

enum code resource_list(const struct resource *k, struct http_request *r, struct http_response *out,
                        struct error *e)
{
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    uint8_t after[ID_BYTES] = { 0 };
    void *items = NULL;
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    if (page.after.length > 0 && k->read_id(&c, page.after, after, e) != OK)
        return fail(e, ERR_INVALID, "after: \"%.*s\" is not the id of a row", STR_ARG(page.after));
    TRY(k->list(&c, after, page.limit + 1, &items, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        const char *record = (const char *)items + i * k->size;
        k->json(record, list_row(&l, k->id_text(record, id), c.a));
    }
    return list_answer(&l, r, out, k->columns, more, e);
}

enum code resource_get(const struct resource *k, struct http_request *r, struct http_response *out,
                       struct error *e)
{
    CALL(c, r, out);
    uint8_t id[ID_BYTES];
    void *record = record_new(k, c.a);
    TRY(call_read(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(k->get(&c, id, record, e));
    answer(k, &c, 200, record);
    return OK;
}

enum code resource_create(const struct resource *k, struct http_request *r,
                          struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    JSON(body);
    char id[ID_TEXT];
    void *record = record_new(k, c.a);
    TRY(call_body(&c, k->fields, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    TRY(k->read(&c, body, record, e));
    TRY(k->put(&c, record, e));
    answer(k, &c, 201, record);
    http_header_format(out, "Location", "%s/%s", k->path, k->id_text(record, id));
    TRY(once_end(&c, e));
    return call_commit(&c, e);
}

enum code resource_edit(const struct resource *k, struct http_request *r, struct http_response *out,
                        struct error *e)
{
    CALL(c, r, out);
    JSON(body);
    uint8_t id[ID_BYTES];
    void *record = record_new(k, c.a);
    TRY(call_body(&c, k->fields, &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(k->get(&c, id, record, e));
    if (!call_matches(&c, version_of(k, record), true))
        return OK;
    TRY(k->read(&c, body, record, e));
    TRY(k->put(&c, record, e));
    answer(k, &c, 200, record);
    return call_commit(&c, e);
}

enum code resource_withdraw(const struct resource *k, struct http_request *r,
                            struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    uint8_t id[ID_BYTES];
    void *record = record_new(k, c.a);
    TRY(call_change(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(k->get(&c, id, record, e));
    if (!call_matches(&c, version_of(k, record), false))
        return OK;
    TRY(k->withdraw(&c, id, e));
    out->status = 204;
    return call_commit(&c, e);
}
