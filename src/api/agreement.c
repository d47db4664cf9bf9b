/* SPDX-License-Identifier: Apache-2.0 */
/* The user agreement: the version in force, and that somebody accepted one. */
#include "api/inside.h"

enum code api_agreement_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct agreement t;
    char hash[65];
    struct json_out o = { &out->body, false };
    TRY(flow_agreement_get(c.world, 0, c.a, &t, e));
    hex_encode(t.hash, sizeof t.hash, hash);
    call_json(&c, 200);
    json_begin(&o, '{');
    json_int(&o, "version", t.version);
    json_instant(&o, "published", t.at);
    json_text(&o, "sha256", hash);
    json_text(&o, "text", t.body);
    json_end(&o, '}');
    return OK;
}

/* {"network", "user", "version"}: the network's own name for the person. */
enum code api_agreement_accept(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "network", "user", "version", NULL };
    CALL(c, r, out);
    JSON(body);
    const char *network = "", *user = "";
    int64_t version = 0;
    bool fresh;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    TRY(field_text(body, "network", c.a, &network, e));
    TRY(field_text(body, "user", c.a, &user, e));
    TRY(field_int(body, "version", 1, INT64_MAX, &version, e));
    TRY(flow_agreement_accept(c.world, str_of(c.who), str_of(network), str_of(user), &version,
                              &fresh, e));
    struct json_out o = { &out->body, false };
    call_json(&c, fresh ? 201 : 200);
    json_begin(&o, '{');
    json_text(&o, "network", network);
    json_text(&o, "user", user);
    json_int(&o, "version", version);
    json_end(&o, '}');
    return OK;
}
