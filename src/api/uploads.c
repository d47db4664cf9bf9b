/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/uploads: users' files, what was heard in them, and what was recognised. */
#include <unistd.h>

#include "api/inside.h"

enum { WAIT_MS = 100, WAITS_MOST = 3000 };

static void put_preview(struct json_out *o, const struct media_preview *p)
{
    json_key(o, "preview");
    if (p->length_ms == 0) {
        json_put_null(o);
        return;
    }
    json_begin(o, '{');
    json_int(o, "start_ms", p->start_ms);
    json_int(o, "length_ms", p->length_ms);
    json_text(o, "rule", preview_rule_word(p->rule));
    json_end(o, '}');
}

static void upload_json(const struct upload *u, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", upload_id_format(u->id, id));
    json_int(o, "version", u->version);
    json_text(o, "network", network_id_format(u->network, id));
    json_text(o, "app", app_id_is_none(u->app) ? NULL : app_id_format(u->app, id));
    json_text(o, "user", u->uploader);
    json_text(o, "file", u->file);
    json_int(o, "size_bytes", u->size_bytes);
    json_text(o, "state", upload_state_word(u->state));
    json_text(o, "problem", u->error);
    json_text(o, "title", u->title);
    json_text(o, "artist", u->artist);
    json_int(o, "duration_ms", u->duration_ms);
    json_bool(o, "heard_in_part", u->heard_in_part);
    put_preview(o, &u->preview);
    json_instant(o, "received", u->received);
    json_instant(o, "heard", u->heard);
    json_end(o, '}');
}

static const char *const columns[] = { "id",       "network",    "app",         "user",
                                       "file",     "size_bytes", "state",       "problem",
                                       "title",    "artist",     "duration_ms", "heard_in_part",
                                       "received", "heard",      "version",     NULL };

static enum code upload_of(struct call *c, struct upload *u, struct error *e)
{
    struct upload_id id;
    TRY(upload_id_parse(str_of(http_parameter(c->r, "upload")), &id, e));
    TRY(media_upload_get(c->tx, (struct network_id) { 0 }, id, c->a, u, e));
    return call_may_network(c, u->network, e);
}

enum code api_upload_list(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct upload_filter f = UPLOADS_ALL;
    struct upload *found = NULL;
    enum upload_state state;
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    f.network = c.key->key.network;
    if (http_query(r, "network"))
        TRY(id_of_network(&c, str_of(http_query(r, "network")), f.network.bytes, e));
    TRY(call_may_network(&c, f.network, e));
    if (http_query(r, "state")) {
        TRY(upload_state_parse(str_of(http_query(r, "state")), &state, e));
        f.state = (int)state;
    }
    f.uploader = http_query(r, "user");
    if (page.after.length > 0)
        TRY(upload_id_parse(page.after, &f.after, e));
    f.limit = page.limit + 1;
    TRY(media_upload_list(c.tx, &f, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        upload_json(&found[i], list_row(&l, upload_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}

enum code api_upload_get(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct upload u;
    struct json_out o = { &out->body, false };
    TRY(call_read(&c, e));
    TRY(upload_of(&c, &u, e));
    call_json(&c, 200);
    call_etag(&c, u.version);
    upload_json(&u, &o);
    return OK;
}

static void match_json(const struct media_match *m, const struct recording *rec, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", match_id_format(m->id, id));
    json_text(o, "reference", reference_id_format(m->reference, id));
    json_text(o, "recording", recording_id_format(m->recording, id));
    json_text(o, "isrc", rec->isrc);
    json_text(o, "title", rec->title);
    json_text(o, "artist", rec->artist);
    json_int(o, "upload_from_ms", m->upload_from_ms);
    json_int(o, "upload_to_ms", m->upload_to_ms);
    json_int(o, "reference_from_ms", m->reference_from_ms);
    json_int(o, "reference_to_ms", m->reference_to_ms);
    json_number_places(o, "speed", m->speed, 4);
    json_number_places(o, "pitch_semitones", m->pitch_semitones, 2);
    json_number_places(o, "score", m->score, 4);
    json_number_places(o, "p_false", m->p_false, 12);
    json_end(o, '}');
}

enum code api_upload_matches(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const match_columns[] = { "id",
                                                 "reference",
                                                 "recording",
                                                 "isrc",
                                                 "title",
                                                 "artist",
                                                 "upload_from_ms",
                                                 "upload_to_ms",
                                                 "reference_from_ms",
                                                 "reference_to_ms",
                                                 "speed",
                                                 "pitch_semitones",
                                                 "score",
                                                 "p_false",
                                                 NULL };
    CALL(c, r, out);
    LIST(l);
    struct upload u;
    struct media_match *found = NULL;
    size_t count = 0;
    TRY(call_read(&c, e));
    TRY(upload_of(&c, &u, e));
    TRY(media_match_list(c.tx, u.id, c.a, &found, &count, e));
    for (size_t i = 0; i < count; i++) {
        struct recording rec = { 0 };
        char id[ID_TEXT];
        enum code code = registry_recording_get(c.tx, c.catalogue, found[i].recording, c.a, &rec,
                                                e);
        if (code != OK && code != ERR_NOT_FOUND)
            return code;
        match_json(&found[i], &rec, list_row(&l, match_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, match_columns, false, e);
}

enum code api_upload_evidence(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct upload u;
    struct evidence x;
    struct match_id match;
    const char *type, *asked = http_query(r, "seconds");
    int64_t seconds = 30;
    if (asked && str_to_int64(str_of(asked), 1, 600, &seconds, e) != OK)
        return fail_in(e, "seconds");
    TRY(match_id_parse(str_of(http_parameter(r, "match")), &match, e));
    TRY(call_read(&c, e));
    TRY(upload_of(&c, &u, e));
    store_rollback(take(c.read)); /* what follows takes a while */
    TRY(flow_evidence_of_match(c.world, u.id, match, c.a, &x, e));
    TRY(flow_evidence_bytes(c.world, &x, str_of(http_parameter(r, "evidence")), (double)seconds,
                            &out->body, &type, e));
    http_header_set(out, "Content-Type", type);
    http_header_set(out, "Cache-Control", "private, max-age=600");
    http_header_set(out, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'");
    return OK;
}

/* Where the bytes are: a part that was sent before, or the body itself. */
struct source {
    const char *part, *network, *user, *file, *exception, *exception_words;
    int fd;
};

static void source_done(struct source *s)
{
    if (s->fd >= 0)
        close(s->fd);
}

static enum code read_source(struct call *c, struct source *s, struct error *e)
{
    static const char *const fields[] = { "part",      "network",         "user", "file",
                                          "exception", "exception_words", NULL };
    const char *type = http_header(c->r, "Content-Type");
    JSON(body);
    if (!type || strncmp(type, "application/json", 16) != 0) {
        s->network = http_query(c->r, "network");
        s->user = http_query(c->r, "user");
        s->file = http_query(c->r, "file");
        s->exception = http_query(c->r, "exception");
        s->exception_words = http_query(c->r, "exception_words");
        if (c->r->body.length == 0)
            return fail(e, ERR_INVALID, "the body has no bytes; large files are sent in parts");
        return body_open(c, &s->fd, e);
    }
    TRY(call_body(c, fields, &body, e));
    TRY(field_text(body, "part", c->a, &s->part, e));
    TRY(field_text(body, "network", c->a, &s->network, e));
    TRY(field_text(body, "user", c->a, &s->user, e));
    TRY(field_text(body, "exception", c->a, &s->exception, e));
    TRY(field_text(body, "exception_words", c->a, &s->exception_words, e));
    TRY(field_text(body, "file", c->a, &s->file, e));
    if (!s->part)
        return fail(e, ERR_INVALID, "\"part\" is missing");
    return part_open(c, s->part, &s->fd, e);
}

static enum code network_slug(struct call *c, const char **slug, struct error *e)
{
    struct network n;
    struct network_id id;
    if (!*slug && network_id_is_none(c->key->key.network))
        return fail(e, ERR_INVALID, "\"network\" is missing");
    if (*slug)
        TRY(id_of_network(c, str_of(*slug), id.bytes, e));
    else
        id = c->key->key.network;
    TRY(call_may_network(c, id, e));
    TRY(access_network_get(c->tx, id, c->a, &n, e));
    *slug = n.slug;
    return OK;
}

/* Kept first, in a transaction of flow's own; the answer to its Idempotency-Key behind it. */
static enum code keep_answer(struct call *c, struct error *e)
{
    if (!http_header(c->r, "Idempotency-Key"))
        return OK;
    TRY(call_change(c, e));
    TRY(once_end(c, e));
    return call_commit(c, e);
}

static enum code read_again(struct call *c, struct upload_id id, struct upload *u, struct error *e)
{
    store_rollback(take(c->read));
    TRY(call_read(c, e));
    return media_upload_get(c->tx, (struct network_id) { 0 }, id, c->a, u, e);
}

/* What is not audio is kept as failed, and the answer says so. */
static enum code wait_heard(struct call *c, struct upload_id id, struct upload *u, struct error *e)
{
    struct uploaded done;
    if (c->api->ear_count == 0) {
        TRY(flow_hear(c->world, id, c->a, &done, e));
        return read_again(c, id, u, e);
    }
    for (int tries = 0; u->state == UPLOAD_RECEIVED && tries < WAITS_MOST; tries++) {
        api_wait_heard(c->api, WAIT_MS);
        TRY(read_again(c, id, u, e));
    }
    return OK;
}

static enum code keep(struct call *c, struct source *s, struct error *e)
{
    struct upload_request ask = { .network = str_of(s->network),
                                  .user = str_of(s->user),
                                  .exception = str_of(s->exception),
                                  .exception_words = str_of(s->exception_words),
                                  .file_name = str_of(s->file ? s->file : ""),
                                  .fd = s->fd,
                                  .who = str_of(c->who) };
    struct json_out o = { &c->out->body, false };
    struct upload_id id;
    struct upload u;
    char text[ID_TEXT];
    const char *wait = http_query(c->r, "wait");
    TRY(flow_upload_keep(c->world, &ask, &id, e));
    if (s->part)
        part_drop(c, s->part);
    api_wake_ears(c->api);
    TRY(read_again(c, id, &u, e));
    if (wait && strcmp(wait, "true") == 0)
        TRY(wait_heard(c, id, &u, e));
    call_json(c, 201);
    call_etag(c, u.version);
    http_header_format(c->out, "Location", "/api/v1/uploads/%s", upload_id_format(id, text));
    upload_json(&u, &o);
    return OK;
}

enum code api_upload_create(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct source s __attribute__((cleanup(source_done))) = { .fd = -1 };
    TRY(call_read(&c, e));
    TRY(once_begin(&c, e));
    if (c.answered)
        return OK;
    TRY(read_source(&c, &s, e));
    if (!s.user || !s.user[0])
        return fail(e, ERR_INVALID, "\"user\" is missing");
    TRY(network_slug(&c, &s.network, e));
    TRY(keep(&c, &s, e));
    return keep_answer(&c, e);
}

enum code api_upload_withdraw(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    struct upload u;
    char id[ID_TEXT];
    TRY(call_change(&c, e));
    TRY(upload_of(&c, &u, e));
    if (!call_matches(&c, u.version, false))
        return OK;
    out->status = 204;
    if (u.state == UPLOAD_WITHDRAWN)
        return OK;
    u.state = UPLOAD_WITHDRAWN;
    TRY(media_upload_change(c.tx, &u, e));
    TRY(registry_note(&c.change.act, "upload.withdraw", upload_id_format(u.id, id),
                      &(struct buf) { 0 }, &(struct buf) { 0 }, e));
    return call_commit(&c, e);
}
