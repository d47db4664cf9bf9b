/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/journal: the signed head, and the events an auditor may read. */
#include <stdio.h>

#include "api/inside.h"

static void put_hash(struct json_out *o, const char *name, const uint8_t hash[JOURNAL_HASH])
{
    char hex[2 * JOURNAL_HASH + 1];
    hex_encode(hash, JOURNAL_HASH, hex);
    json_text(o, name, hex);
}

enum code api_journal_head(struct http_request *r, struct http_response *out, struct error *e)
{
    CALL(c, r, out);
    BUF(text);
    struct journal_head head;
    struct json_out o = { &out->body, false };
    char key[2 * JOURNAL_KEY + 1];
    TRY(call_read(&c, e));
    TRY(journal_head(c.tx, &head, e));
    TRY(journal_head_write(&head, r->at, world_sign_secret(c.world), &text, e));
    hex_encode(world_sign_public(c.world), JOURNAL_KEY, key);
    call_json(&c, 200);
    json_begin(&o, '{');
    json_int(&o, "size", head.size);
    put_hash(&o, "root", head.root);
    json_instant(&o, "at", r->at);
    json_text(&o, "public_key", key);
    json_str(&o, "signed", buf_as_str(&text));
    json_end(&o, '}');
    return OK;
}

static void put_json_or_null(struct json_out *o, const char *name, struct str json)
{
    json_key(o, name);
    if (json.length > 0)
        json_put_raw(o, json);
    else
        json_put_null(o);
}

static void event_json(const struct journal_event *v, struct json_out *o)
{
    json_begin(o, '{');
    json_int(o, "seq", v->seq);
    json_instant(o, "at", v->entry.when);
    json_str(o, "who", v->entry.who);
    json_str(o, "what", v->entry.what);
    json_str(o, "subject", v->entry.subject);
    put_json_or_null(o, "before", v->entry.before);
    put_json_or_null(o, "after", v->entry.after);
    json_str(o, "why", v->entry.why);
    put_hash(o, "leaf", v->leaf);
    put_hash(o, "root", v->root);
    json_end(o, '}');
}

enum code api_journal_list(struct http_request *r, struct http_response *out, struct error *e)
{
    static const char *const columns[] = { "seq",   "at",  "who",  "what", "subject", "before",
                                           "after", "why", "leaf", "root", NULL };
    CALL(c, r, out);
    LIST(l);
    struct list_page page;
    struct journal_event *found = NULL;
    int64_t after = 0;
    size_t count = 0;
    const char *subject = http_query(r, "subject");
    TRY(list_page_read(r, &page, e));
    if (page.after.length > 0 && str_to_int64(page.after, 0, INT64_MAX, &after, e) != OK)
        return fail_in(e, "after");
    TRY(call_read(&c, e));
    TRY(journal_list(c.tx, after, subject ? str_of(subject) : STR(""), page.limit + 1, c.a, &found,
                     &count, e));
    bool more = count > page.limit;
    for (size_t i = 0; i < count - (more ? 1 : 0); i++) {
        char seq[24];
        snprintf(seq, sizeof seq, "%lld", (long long)found[i].seq);
        event_json(&found[i], list_row(&l, seq, c.a));
    }
    return list_answer(&l, r, out, columns, more, e);
}
