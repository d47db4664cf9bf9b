/* SPDX-License-Identifier: Apache-2.0 */
/* Is it well, what does it count, what does it speak. */
#include "api/inside.h"
#include "base/embed.h"

extern const struct embedded api_documents[];
extern const size_t api_documents_count;

struct str api_openapi(void)
{
    return (struct str) { (const char *)api_documents[0].bytes, api_documents[0].length };
}

enum code api_document(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)r, (void)e;
    http_header_set(out, "Content-Type", "application/json");
    http_header_set(out, "Cache-Control", "public, max-age=300");
    buf_str(&out->body, api_openapi());
    return OK;
}

enum code api_health(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)r, (void)e;
    http_header_set(out, "Content-Type", "text/plain; charset=utf-8");
    http_header_set(out, "Cache-Control", "no-store");
    buf_text(&out->body, "ok\n");
    return OK;
}

/* Ready: the store answers, in the version this program knows. */
enum code api_ready(struct http_request *r, struct http_response *out, struct error *e)
{
    int64_t has, knows;
    (void)out;
    TRY(store_versions(world_store(r->world), &has, &knows, e));
    if (has != knows)
        return fail(e, ERR_BUSY, "the database has version %lld, this program %lld", (long long)has,
                    (long long)knows);
    return api_health(r, out, e);
}

enum code api_metrics(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    http_header_set(out, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    http_header_set(out, "Cache-Control", "no-store");
    http_metrics_write(http_request_server(r), &out->body);
    return OK;
}

/* How much there is, and what waits; nothing where the store is down: /readyz tells that. */
void api_gauges(void *world, struct buf *out)
{
    static const enum upload_state states[] = { UPLOAD_RECEIVED, UPLOAD_HEARD, UPLOAD_FAILED };
    TX(tx);
    struct error e;
    struct journal_head head;
    int64_t n;
    if (store_begin(world_store(world), STORE_READ, &tx, &e) != OK)
        return;
    buf_text(out, "# HELP licet_uploads Uploads by state; received ones wait to be heard.\n"
                  "# TYPE licet_uploads gauge\n");
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (media_upload_count(tx, states[i], &n, &e) == OK)
            buf_format(out, "licet_uploads{state=\"%s\"} %lld\n", upload_state_word(states[i]),
                       (long long)n);
    if (registry_reference_count(tx, world_catalogue(world), REFERENCE_INDEXED, &n, &e) == OK)
        buf_format(out,
                   "# HELP licet_references References that are searched.\n"
                   "# TYPE licet_references gauge\nlicet_references %lld\n",
                   (long long)n);
    if (journal_head(tx, &head, &e) == OK)
        buf_format(out,
                   "# HELP licet_journal_events Events in the journal.\n"
                   "# TYPE licet_journal_events counter\nlicet_journal_events %lld\n",
                   (long long)head.size);
}

enum code api_version(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct json_out o = { &out->body, false };
    (void)e;
    call_json(&c, 200);
    json_begin(&o, '{');
    json_text(&o, "name", "licet");
    json_text(&o, "version", LICET_VERSION);
    json_int(&o, "policy_version", POLICY_VERSION);
    json_end(&o, '}');
    return OK;
}
