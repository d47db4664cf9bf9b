/* SPDX-License-Identifier: Apache-2.0 */
/* A served world for one test: requests go over a socket, and every answer is held against
 * api/openapi.json. */
#ifndef LICET_TESTS_E2E_HOUSE_H
#define LICET_TESTS_E2E_HOUSE_H

#include "flow/scene.h"

#include "access/access.h"
#include "api/api.h"
#include "api/schema.h"
#include "http/client.h"
#include "pages/pages.h"

struct house {
    struct scene scene;
    struct api *api;
    unsigned port;
    json_t *document;
    char admin[ACCESS_KEY_TEXT]; /* a key of all scopes */
    size_t checked;              /* answers held against the document */
};

struct reply {
    struct answer raw;
    json_t *json; /* NULL where the body is not JSON */
};

static inline void reply_done(struct reply *r)
{
    answer_done(&r->raw);
    json_decref(r->json);
    *r = (struct reply) { 0 };
}
#define REPLY(name) __attribute__((cleanup(reply_done))) struct reply name

static inline void house_make_admin(struct house *h)
{
    CHANGE(c);
    CHECK_OK(flow_change_begin(h->scene.world, STR("tester"), STR(""), &c, e));
    struct access_act act = flow_change_access(&c);
    struct app_key k = { .name = "admin", .scopes = SCOPES_ALL, .until = INSTANT_NEVER };
    CHECK_OK(access_key_make(&act, world_master_key(h->scene.world), &k, h->admin, e));
    CHECK_OK(flow_change_commit(&c, e));
}

static inline void house_begin(struct house *h, struct store_fixture *f, struct audio_host *audio)
{
    *h = (struct house) { 0 };
    scene_begin(&h->scene, f, audio);
    house_make_admin(h);
    struct api_options o = { .world = h->scene.world,
                             .pages = pages_routes,
                             .page_count = pages_route_count,
                             .listen = "127.0.0.1:0" };
    CHECK_OK(api_open(&o, &h->api, e));
    CHECK_OK(api_start(h->api, e));
    h->port = http_server_port(api_http(h->api));
    CHECK_OK(json_read(api_openapi(), &h->document, e));
}

static inline void house_end(struct house *h)
{
    api_close(h->api);
    json_decref(h->document);
    scene_end(&h->scene);
}

/* Is the answer one that the document describes? */
static inline void house_check(struct house *h, const char *method, const char *path,
                               const struct reply *r)
{
    const char *type = answer_header(&r->raw, "Content-Type");
    char why[500] = "", kind[100];
    if (!schema_operation(h->document, method, path) || !type || r->raw.length == 0)
        return;
    snprintf(kind, sizeof kind, "%s", type);
    const json_t *schema = schema_of_answer(h->document, method, path, r->raw.status, kind);
    if (!schema && strncmp(kind, "audio/", 6) != 0)
        STOP("%s %s: %d %s is not in the document", method, path, r->raw.status, kind);
    if (!r->json)
        return;
    if (!schema_holds(h->document, schema, r->json, why, sizeof why))
        STOP("%s %s: %d: %s in %s", method, path, r->raw.status, why, r->raw.body);
    h->checked++;
}

/* key NULL: the admin's; "" none. headers: whole lines with CRLF, or "". */
static inline struct reply house_ask_bytes(struct house *h, const char *key, const char *method,
                                           const char *path, const char *headers, const void *body,
                                           size_t length)
{
    BUF(ask);
    struct reply r = { 0 };
    struct error e;
    key = key ? key : h->admin;
    buf_format(&ask, "%s %s HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n%s", method,
               path, headers);
    if (key[0])
        buf_format(&ask, "Authorization: Bearer %s\r\n", key);
    if (length > 0 || strcmp(method, "POST") == 0 || strcmp(method, "PATCH") == 0)
        buf_format(&ask, "Content-Length: %zu\r\n", length);
    buf_text(&ask, "\r\n");
    buf_put(&ask, body, length);
    r.raw = client_ask_bytes(h->port, (const char *)ask.bytes, ask.length);
    const char *type = answer_header(&r.raw, "Content-Type");
    if (type && strstr(type, "json") && r.raw.length > 0 &&
        json_read((struct str) { r.raw.body, r.raw.length }, &r.json, &e) != OK)
        STOP("%s %s: %s", method, path, e.text);
    house_check(h, method, path, &r);
    return r;
}

static inline struct reply house_ask(struct house *h, const char *key, const char *method,
                                     const char *path, const char *headers, const char *body)
{
    char lines[1000];
    snprintf(lines, sizeof lines, "%s%s", headers,
             body && !strstr(headers, "Content-Type") ? "Content-Type: application/json\r\n" : "");
    return house_ask_bytes(h, key, method, path, lines, body ? body : "", body ? strlen(body) : 0);
}

/* A member of the answer by "a/b/0/c". */
static inline const json_t *at(const struct reply *r, const char *path)
{
    const json_t *v = r->json;
    struct str rest = str_of(path), part;
    while (v && str_split(&rest, '/', &part)) {
        char name[80];
        snprintf(name, sizeof name, "%.*s", STR_ARG(part));
        v = json_is_array(v) ? json_array_get(v, (size_t)atoi(name)) : json_object_get(v, name);
    }
    return v;
}

static inline const char *text_at(const struct reply *r, const char *path)
{
    const char *text = json_string_value(at(r, path));
    if (!text)
        STOP("no text at %s in %d %s", path, r->raw.status, r->raw.body);
    return text;
}

#define CHECK_STATUS(want, r)                                                                      \
    do {                                                                                           \
        if ((r).raw.status != (want))                                                              \
            STOP("want %d, got %d: %s", (want), (r).raw.status, (r).raw.body);                     \
    } while (0)

#endif
