/* SPDX-License-Identifier: Apache-2.0 */
/* What every resource does alike: list, get, create once, edit under If-Match, withdraw. */
#include "api/inside.h"

/* What the resource says itself, or its table does. */

static size_t size_of(const struct resource *k)
{
    return k->table ? k->table->size : k->size;
}

static void *record_new(const struct resource *k, struct arena *a)
{
    return arena_get(a, 1, size_of(k));
}

static int64_t version_of(const struct resource *k, const void *record)
{
    int64_t version;
    size_t at = k->table ? k->table->version_at : k->version_at;
    memcpy(&version, (const char *)record + at, sizeof version);
    return version;
}

static const char *id_text_of(const struct resource *k, const void *record, char out[ID_TEXT])
{
    return k->table ? record_id_text(k->table, record, out) : k->id_text(record, out);
}

static void put_json(const struct resource *k, const void *record, struct json_out *o)
{
    if (k->table)
        record_json(k->table, record, o);
    else
        k->json(record, o);
}

static const char *const *fields_of(const struct resource *k, struct arena *a)
{
    return k->table ? table_names(k->table, true, a) : k->fields;
}

static const char *const *columns_of(const struct resource *k, struct arena *a)
{
    return k->table ? table_names(k->table, false, a) : k->columns;
}

static enum code get(const struct resource *k, struct call *c, const uint8_t id[ID_BYTES],
                     void *out, struct error *e)
{
    return k->table ? table_get(c, k->table, id, out, e) : k->get(c, id, out, e);
}

static enum code read_and_put(const struct resource *k, struct call *c, const json_t *body,
                              void *record, struct error *e)
{
    if (k->table) {
        TRY(table_read(c, k->table, body, record, e));
        return table_put(c, k->table, record, e);
    }
    TRY(k->read(c, body, record, e));
    return k->put(c, record, e);
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
    put_json(k, record, &o);
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
    TRY(k->table ? table_list(&c, k->table, after, page.limit + 1, &items, &count, e)
                 : k->list(&c, after, page.limit + 1, &items, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        const char *record = (const char *)items + i * size_of(k);
        put_json(k, record, list_row(&l, id_text_of(k, record, id), c.a));
    }
    return list_answer(&l, r, out, columns_of(k, c.a), more, e);
}

enum code resource_get(const struct resource *k, struct http_request *r, struct http_response *out,
                       struct error *e)
{
    CALL(c, r, out);
    uint8_t id[ID_BYTES];
    void *record = record_new(k, c.a);
    TRY(call_read(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(get(k, &c, id, record, e));
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
    TRY(call_body(&c, fields_of(k, c.a), &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    TRY(read_and_put(k, &c, body, record, e));
    answer(k, &c, 201, record);
    http_header_format(out, "Location", "%s/%s", k->path, id_text_of(k, record, id));
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
    TRY(call_body(&c, fields_of(k, c.a), &body, e));
    if (c.answered)
        return OK;
    TRY(call_change(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(get(k, &c, id, record, e));
    if (!call_matches(&c, version_of(k, record), true))
        return OK;
    TRY(read_and_put(k, &c, body, record, e));
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
    TRY(get(k, &c, id, record, e));
    if (!call_matches(&c, version_of(k, record), false))
        return OK;
    TRY(k->table ? record_withdraw(&c.change.act, k->table, id, e) : k->withdraw(&c, id, e));
    out->status = 204;
    return call_commit(&c, e);
}

/* Every version that was known, oldest first; whoever may see the record may see them. */
enum code resource_versions(const struct resource *k, struct http_request *r,
                            struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    LIST(l);
    uint8_t id[ID_BYTES];
    void *record = record_new(k, c.a), *items = NULL;
    size_t count = 0;
    TRY(call_read(&c, e));
    TRY(id_of_path(k, &c, id, e));
    TRY(get(k, &c, id, record, e));
    TRY(record_versions(c.tx, c.catalogue, k->table, id, c.a, &items, &count, e));
    for (size_t i = 0; i < count; i++) {
        char text[ID_TEXT];
        const char *one = (const char *)items + i * size_of(k);
        put_json(k, one, list_row(&l, id_text_of(k, one, text), c.a));
    }
    return list_answer(&l, r, out, columns_of(k, c.a), false, e);
}
