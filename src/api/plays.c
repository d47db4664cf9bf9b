/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/plays: what was played, told in batches; each is counted once, however often it is told. */
#include "api/inside.h"

enum { BATCH_MOST = 500 };

static const char *outcome_word(enum play_outcome o)
{
    static const char *const words[] = { "counted", "known", "refused" };
    return words[o];
}

static enum code read_told(struct call *c, const json_t *o, struct play_told *out, struct error *e)
{
    static const char *const fields[] = { "id", "verdict", "played_ms", "at", NULL };
    const char *name = NULL, *verdict = NULL;
    *out = (struct play_told) { .at = c->r->at, .played_ms = -1 };
    TRY(json_only(o, fields, e));
    TRY(field_text(o, "id", c->a, &name, e));
    TRY(field_text(o, "verdict", c->a, &verdict, e));
    TRY(field_int(o, "played_ms", 0, 86400000, &out->played_ms, e));
    TRY(field_instant(o, "at", c->r->at, &out->at, e));
    if (!name || !verdict || out->played_ms < 0)
        return fail(e, ERR_INVALID, "\"id\", \"verdict\" and \"played_ms\" are needed");
    out->name = str_of(name);
    out->verdict = str_of(verdict);
    return OK;
}

static void put_outcome(struct json_out *o, const struct play_told *told,
                        const struct play_counted *p)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_str(o, "id", told->name);
    json_text(o, "play", p->code == OK ? play_id_format(p->id, id) : NULL);
    json_text(o, "state", p->code == OK ? outcome_word(p->outcome) : "refused");
    json_text(o, "reason", p->code == OK ? NULL : code_word(p->code));
    json_text(o, "detail", p->code == OK ? NULL : p->error.text);
    json_end(o, '}');
}

enum code api_plays_tell(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const names[] = { "items", NULL };
    CALL(c, r, out);
    JSON(body);
    struct json_out o = { &out->body, false };
    TRY(call_body(&c, names, &body, e));
    if (c.answered)
        return OK;
    const json_t *items = json_object_get(body, "items");
    size_t count = json_array_size(items);
    if (!json_is_array(items) || count == 0)
        return fail(e, ERR_INVALID, "\"items\" must be a list of plays");
    if (count > BATCH_MOST)
        return fail(e, ERR_LIMIT, "\"items\": a batch has at most %d plays", BATCH_MOST);
    struct play_told *told = ARENA_ARRAY(c.a, struct play_told, count);
    struct play_counted *counted = ARENA_ARRAY(c.a, struct play_counted, count);
    for (size_t i = 0; i < count; i++)
        if (read_told(&c, json_array_get(items, i), &told[i], e) != OK)
            return fail_in(e, "items[%zu]", i);
    struct plays_from from = { c.key->key.network, c.key->key.app };
    TRY(flow_plays(c.world, &from, told, count, counted, e));
    call_json(&c, 200);
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    for (size_t i = 0; i < count; i++)
        put_outcome(&o, &told[i], &counted[i]);
    json_end(&o, ']');
    json_end(&o, '}');
    return OK;
}

static void play_json(const struct play *p, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", play_id_format(p->id, id));
    json_text(o, "network", network_id_format(p->network, id));
    json_text(o, "app", app_id_format(p->app, id));
    json_text(o, "verdict", verdict_id_format(p->verdict, id));
    json_text(o, "upload", upload_id_is_none(p->upload) ? NULL : upload_id_format(p->upload, id));
    json_text(o, "recording",
              recording_id_is_none(p->recording) ? NULL : recording_id_format(p->recording, id));
    json_text(o, "territory", p->territory);
    json_text(o, "use", p->use);
    json_text(o, "model", p->model);
    json_text(o, "mode", p->mode);
    json_int(o, "played_ms", p->played_ms);
    json_instant(o, "at", p->at);
    json_instant(o, "counted", p->counted);
    json_end(o, '}');
}

enum code api_plays_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "id",        "network",   "app",     "verdict", "upload",
                                           "recording", "territory", "use",     "model",   "mode",
                                           "played_ms", "at",        "counted", NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct play_id after = { 0 };
    struct network_id network = c.key->key.network;
    struct play *found = NULL;
    size_t count = 0;
    TRY(list_page_read(r, &page, e));
    TRY(call_read(&c, e));
    if (http_query(r, "network"))
        TRY(id_of_network(&c, str_of(http_query(r, "network")), network.bytes, e));
    TRY(call_may_network(&c, network, e));
    if (page.after.length > 0)
        TRY(play_id_parse(page.after, &after, e));
    TRY(ledger_play_list(c.tx, network, after, page.limit + 1, c.a, &found, &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char id[ID_TEXT];
        play_json(&found[i], list_row(&l, play_id_format(found[i].id, id), c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}
