/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/decide: may this be played? With "link" also how. One question, or up to 500; or one place
 * and up to 10,000 recordings, answered in short. */
#include "api/inside.h"

enum { BATCH_MOST = 500, RECORDINGS_MOST = 10000, RECORDINGS_A_QUESTION = 100 };

static const char *const fields[] = { "upload", "recording", "network", "app",  "territory", "use",
                                      "model",  "at",        "keep",    "link", "codec",     NULL };

struct asked {
    struct decide_request ask;
    bool link;
    const char *codec;
};

/* The app is the key's: a key of an app asks for no other. */
static enum code own_app(struct call *c, const char **network, const char **app, struct error *e)
{
    const struct key_seen *k = c->key;
    if (network_id_is_none(k->key.network))
        return OK;
    if (*network && strcmp(*network, k->network_slug) != 0)
        return fail(e, ERR_DENIED, "the key is of the network \"%s\"", k->network_slug);
    *network = k->network_slug;
    if (app_id_is_none(k->key.app))
        return OK;
    if (*app && strcmp(*app, k->app_slug) != 0)
        return fail(e, ERR_DENIED, "the key is of the app \"%s\"", k->app_slug);
    *app = k->app_slug;
    return OK;
}

static struct str or_empty(const char *text)
{
    return text ? str_of(text) : STR("");
}

/* What a question says besides what is asked for. */
static enum code read_place(struct call *c, const json_t *body, struct decide_request *out,
                            struct error *e)
{
    const char *network = NULL, *app = NULL, *territory = NULL, *use = NULL, *model = NULL,
               *at = NULL;
    TRY(field_text(body, "network", c->a, &network, e));
    TRY(field_text(body, "app", c->a, &app, e));
    TRY(field_text(body, "territory", c->a, &territory, e));
    TRY(field_text(body, "use", c->a, &use, e));
    TRY(field_text(body, "model", c->a, &model, e));
    TRY(field_text(body, "at", c->a, &at, e));
    if (!territory)
        return fail(e, ERR_INVALID, "\"territory\" is missing");
    TRY(own_app(c, &network, &app, e));
    *out = (struct decide_request) { .network = or_empty(network),
                                     .app = or_empty(app),
                                     .territory = str_of(territory),
                                     .use = or_empty(use),
                                     .model = or_empty(model),
                                     .at = or_empty(at) };
    return OK;
}

static enum code read_asked(struct call *c, const json_t *o, struct asked *out, struct error *e)
{
    const char *upload = NULL, *recording = NULL;
    bool keep = true;
    *out = (struct asked) { 0 };
    TRY(json_only(o, fields, e));
    TRY(field_text(o, "upload", c->a, &upload, e));
    TRY(field_text(o, "recording", c->a, &recording, e));
    TRY(field_text(o, "codec", c->a, &out->codec, e));
    TRY(field_bool(o, "keep", &keep, e));
    TRY(field_bool(o, "link", &out->link, e));
    if (!upload == !recording)
        return fail(e, ERR_INVALID, "name an \"upload\" or a \"recording\"");
    TRY(read_place(c, o, &out->ask, e));
    if (out->link && (c->key->key.scopes & SCOPE_PLAY) == 0)
        return fail(e, ERR_DENIED, "a \"link\" needs the scope \"play\"");
    out->ask.subject = str_of(upload ? upload : recording);
    out->ask.keep = keep || out->link;
    out->ask.bare = true;
    return OK;
}

static void put_verdict(struct json_out *o, const struct decided *d)
{
    char id[ID_TEXT];
    json_text(o, "id", verdict_id_is_none(d->id) ? NULL : verdict_id_format(d->id, id));
    json_key(o, "verdict");
    json_put_raw(o, str_of(d->verdict_json));
}

static void put_link(struct call *c, struct json_out *o, const struct play_grant *g)
{
    json_key(o, "link");
    if (!g->path) {
        json_put_null(o);
        return;
    }
    json_begin(o, '{');
    json_text(o, "url", arena_format(c->a, "%s%s", c->r->base_url, g->path));
    json_instant(o, "until", g->until);
    json_int(o, "start_ms", g->start_ms);
    json_int(o, "length_ms", g->length_ms);
    json_text(o, "content_type", g->content_type);
    json_end(o, '}');
}

static enum code decide_one(struct call *c, const struct asked *q, struct json_out *o,
                            struct error *e)
{
    struct decided d;
    if (q->link) {
        struct play_grant g = { 0 };
        struct play_request ask = { q->ask, or_empty(q->codec), c->key->key.id.bytes };
        TRY(flow_play(c->world, &ask, c->a, &g, e));
        json_begin(o, '{');
        put_verdict(o, &g.decided);
        put_link(c, o, &g);
        json_end(o, '}');
        return OK;
    }
    TRY(flow_decide(c->world, &q->ask, c->a, &d, e));
    json_begin(o, '{');
    put_verdict(o, &d);
    json_end(o, '}');
    return OK;
}

/* What is asked of a recording is in memory; an upload is read, and what is kept is written. */
static bool has_to_wait(const struct call *c, const struct asked *q)
{
    return q->ask.keep || !str_starts(q->ask.subject, "rec_") || !flow_rights_at_hand(c->world);
}

enum { LOOP_BYTES_MOST = 4096 };

enum code api_decide(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    JSON(body);
    struct asked q;
    struct json_out o = { &out->body, false };
    r->later = r->on_loop && r->body.length > LOOP_BYTES_MOST;
    if (r->later)
        return OK;
    TRY(call_body(&c, fields, &body, e));
    if (c.answered)
        return OK;
    TRY(read_asked(&c, body, &q, e));
    r->later = r->on_loop && has_to_wait(&c, &q);
    if (r->later)
        return OK;
    call_json(&c, 200);
    return decide_one(&c, &q, &o, e);
}

static void put_error(struct json_out *o, enum code code, const struct error *e)
{
    json_begin(o, '{');
    json_key(o, "error");
    json_begin(o, '{');
    json_text(o, "type", code_word(code));
    json_int(o, "status", code_http_status(code));
    json_text(o, "detail", e->text);
    json_end(o, '}');
    json_end(o, '}');
}

/* Whether the key may ask so many questions besides the one the call itself is; if not, that is
 * answered. */
static bool questions_taken(struct call *c, size_t more)
{
    struct limit_answer left = limits_take(c->api->limits, c->r->key, LIMIT_DECIDE, (int64_t)more,
                                           c->r->at);
    return c->api->without_limits || limits_answer(c->r, c->out, LIMIT_DECIDE, &left);
}

struct batch {
    size_t count;
    struct decide_request *asks;
    struct decided *decided;
    enum code *codes;
    struct error *errors;
};

static enum code read_batch(struct call *c, const json_t *items, struct batch *b, struct error *e)
{
    b->count = json_array_size(items);
    b->asks = ARENA_ARRAY(c->a, struct decide_request, b->count + 1);
    b->decided = ARENA_ARRAY(c->a, struct decided, b->count + 1);
    b->codes = ARENA_ARRAY(c->a, enum code, b->count + 1);
    b->errors = ARENA_ARRAY(c->a, struct error, b->count + 1);
    for (size_t i = 0; i < b->count; i++) {
        struct asked q;
        if (read_asked(c, json_array_get(items, i), &q, e) != OK)
            return fail_in(e, "items[%zu]", i);
        if (q.link)
            return fail(e, ERR_INVALID, "items[%zu]: a batch gives no links", i);
        b->asks[i] = q.ask;
    }
    return OK;
}

enum code api_decide_batch(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "items", NULL };
    CALL(c, r, out);
    JSON(body);
    struct batch b;
    struct json_out o = { &out->body, false };
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    const json_t *items = json_object_get(body, "items");
    if (!json_is_array(items) || json_array_size(items) == 0)
        return fail(e, ERR_INVALID, "\"items\" must be a list of questions");
    if (json_array_size(items) > BATCH_MOST)
        return fail(e, ERR_LIMIT, "\"items\": a batch has at most %d questions", BATCH_MOST);
    if (!questions_taken(&c, json_array_size(items) - 1))
        return OK;
    TRY(read_batch(&c, items, &b, e));
    TRY(flow_decide_many(c.world, b.asks, b.count, c.a, b.decided, b.codes, b.errors, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    for (size_t i = 0; i < b.count; i++) {
        if (b.codes[i] != OK) {
            put_error(&o, b.codes[i], &b.errors[i]);
            continue;
        }
        json_begin(&o, '{');
        put_verdict(&o, &b.decided[i]);
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
    return OK;
}

/* ---- one place, many recordings ---- */

static enum code read_recordings(const json_t *items, struct recording_id *out, struct error *e)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        if (!json_is_string(item))
            return fail(e, ERR_INVALID, "recordings[%zu] is no text", i);
        if (recording_id_parse(str_of(json_string_value(item)), &out[i], e) != OK)
            return fail_in(e, "recordings[%zu]", i);
    }
    return OK;
}

static void put_briefs(struct call *c, const struct recording_id *recordings,
                       const struct verdict_brief *verdicts, size_t count)
{
    char id[ID_TEXT];
    struct json_out o = { &c->out->body, false };
    call_json(c, 200);
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    for (size_t i = 0; i < count; i++) {
        json_begin(&o, '{');
        json_text(&o, "recording", recording_id_format(recordings[i], id));
        policy_brief_write(&verdicts[i], &o);
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
}

enum code api_decide_recordings(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "recordings", "network", "app", "territory",
                                         "use",        "model",   "at",  NULL };
    CALL(c, r, out);
    JSON(body);
    struct decide_request ask;
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    const json_t *items = json_object_get(body, "recordings");
    size_t count = json_array_size(items);
    if (count == 0)
        return fail(e, ERR_INVALID, "\"recordings\" must be a list of ids");
    if (count > RECORDINGS_MOST)
        return fail(e, ERR_LIMIT, "\"recordings\": at most %d at once", RECORDINGS_MOST);
    if (!questions_taken(&c, (count - 1) / RECORDINGS_A_QUESTION))
        return OK;
    struct recording_id *recordings = ARENA_ARRAY(c.a, struct recording_id, count);
    struct verdict_brief *verdicts = ARENA_ARRAY(c.a, struct verdict_brief, count);
    TRY(read_place(&c, body, &ask, e));
    TRY(read_recordings(items, recordings, e));
    TRY(flow_decide_recordings(c.world, &ask, recordings, count, c.a, verdicts, e));
    put_briefs(&c, recordings, verdicts, count);
    return OK;
}
