/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/verdicts: what was answered, and why. */
#include "api/inside.h"

static void put_head(const struct media_verdict *v, struct json_out *o)
{
    char id[ID_TEXT];
    json_text(o, "id", verdict_id_format(v->id, id));
    json_text(o, "network", network_id_format(v->network, id));
    json_text(o, "upload", upload_id_is_none(v->upload) ? NULL : upload_id_format(v->upload, id));
    json_text(o, "recording",
              recording_id_is_none(v->recording) ? NULL : recording_id_format(v->recording, id));
    json_text(o, "app", app_id_is_none(v->app) ? NULL : app_id_format(v->app, id));
    json_text(o, "territory", v->territory);
    json_text(o, "mode", v->mode);
    json_text(o, "reason_code", v->reason_code);
    json_int(o, "policy_version", v->policy_version);
    json_instant(o, "given", v->given);
}

static enum code verdict_of(struct call *c, struct media_verdict *v, struct error *e)
{
    struct verdict_id id;
    TRY(verdict_id_parse(str_of(http_parameter(c->r, "verdict")), &id, e));
    TRY(media_verdict_get(c->tx, id, c->a, v, e));
    return call_may_network(c, v->network, e);
}

enum code api_verdict_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",        "network",     "upload",
                                           "recording", "app",         "territory",
                                           "mode",      "reason_code", "policy_version",
                                           "given",     NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct upload u;
    struct upload_id id;
    struct verdict_id before = { 0 };
    struct media_verdict *found = NULL;
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    if (!http_query(r, "upload"))
        return fail(e, ERR_INVALID, "name an upload: ?upload=upl_...");
    TRY(upload_id_parse(str_of(http_query(r, "upload")), &id, e));
    TRY(media_upload_get(c.tx, (struct network_id) { 0 }, id, c.a, &u, e));
    TRY(call_may_network(&c, u.network, e));
    if (page.after.length > 0)
        TRY(verdict_id_parse(page.after, &before, e));
    TRY(media_verdict_list(c.tx, id, before, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char text[ID_TEXT];
        struct json_out *o = list_row(&l, verdict_id_format(found[i].id, text), c.a);
        json_begin(o, '{');
        put_head(&found[i], o);
        json_end(o, '}');
    }
    return list_answer(&l, r, out, columns, more, e);
}

enum code api_verdict_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct media_verdict v;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(verdict_of(&c, &v, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    put_head(&v, &o);
    json_key(&o, "verdict");
    json_put_raw(&o, str_of(v.verdict));
    json_end(&o, '}');
    return OK;
}

enum code api_verdict_explain(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct media_verdict v;
    struct explained x;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(verdict_of(&c, &v, e));
    TRY(flow_explain(c.world, str_of(http_parameter(r, "verdict")), c.a, &x, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    put_head(&v, &o);
    json_bool(&o, "same", x.same);
    json_key(&o, "verdict");
    json_put_raw(&o, str_of(x.stored.verdict_json));
    json_key(&o, "replayed");
    json_put_raw(&o, str_of(x.replayed.verdict_json));
    json_key(&o, "facts");
    json_put_raw(&o, str_of(x.stored.facts_json));
    json_end(&o, '}');
    return OK;
}
