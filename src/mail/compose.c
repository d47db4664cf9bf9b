/* SPDX-License-Identifier: Apache-2.0 */
/* A message to the JSON of a notice. */
#include "mail/inside.h"

static struct str domain_of(struct str mailbox)
{
    const char *at = mailbox.length ? memrchr(mailbox.at, '@', mailbox.length) : NULL;
    return at ? (struct str) { at + 1, (size_t)(mailbox.at + mailbox.length - at) - 1 } : STR("");
}

/* ACNS wherever it stands: as a part, in the text, in what a page shows. */
static enum code find_acns(struct letter_parts *p, struct arena *a, struct found_notice *n,
                           bool *found, struct error *e)
{
    TRY(acns_read(buf_as_str(&p->xml), true, a, n, found, e));
    if (!*found)
        TRY(acns_read(buf_as_str(&p->plain), false, a, n, found, e));
    if (!*found)
        TRY(acns_read(buf_as_str(&p->html), false, a, n, found, e));
    return OK;
}

static enum code find_label(struct letter_parts *p, struct arena *a, struct found_notice *n,
                            struct error *e)
{
    struct str own = domain_of(p->from);
    TRY(label_read(buf_as_str(&p->plain), own, a, n, e));
    if (n->count == 0)
        TRY(label_read(buf_as_str(&p->html), own, a, n, e));
    return n->count ? OK : fail(e, ERR_INVALID, "it names no link, and holds no ACNS");
}

static void put_items(const struct found_notice *n, struct json_out *o)
{
    json_key(o, "items");
    json_begin(o, '[');
    for (size_t i = 0; i < n->count; i++) {
        const struct found_item *x = &n->items[i];
        json_begin(o, '{');
        json_str(o, "kind", str_starts(x->location, "http") ? STR("link") : STR("upload"));
        json_str(o, "location", x->location);
        json_str(o, "title", x->title);
        json_str(o, "artist", x->artist);
        json_str(o, "isrc", x->isrc);
        json_end(o, '}');
    }
    json_end(o, ']');
}

static void put_notice(const struct letter_parts *p, const struct found_notice *n, struct str words,
                       struct json_out *o)
{
    json_key(o, "notice");
    json_begin(o, '{');
    json_text(o, "regime", regime_in(words));
    json_text(o, "channel", strcmp(n->format, "acns") == 0 ? "acns" : "email");
    json_str(o, "sender", p->from);
    json_str(o, "name", n->name.length ? n->name : p->name);
    json_str(o, "principal", n->principal);
    json_text(o, "language", language_in(words));
    json_key(o, "elements");
    json_begin(o, '[');
    for (int i = 0; i < SAID_COUNT; i++)
        if (n->says >> i & 1)
            json_put_text(o, said_word((enum said)i));
    json_end(o, ']');
    put_items(n, o);
    json_end(o, '}');
}

static void put_letter(const struct letter_parts *p, const struct found_notice *n, struct str words,
                       struct json_out *o)
{
    json_begin(o, '{');
    json_text(o, "format", n->format);
    json_str(o, "case", n->key);
    json_str(o, "message_id", p->message_id);
    json_str(o, "subject", p->subject);
    json_str(o, "sent", p->sent);
    json_bool(o, "signed", p->is_signed);
    json_bool(o, "retraction", n->retraction);
    json_key(o, "authenticated");
    json_begin(o, '[');
    for (size_t i = 0; i < p->domain_count; i++)
        json_put_str(o, p->domains[i]);
    json_end(o, ']');
    put_notice(p, n, words, o);
    json_end(o, '}');
}

static enum code compose(struct letter_parts *p, struct arena *a, struct buf *json, struct error *e)
{
    struct found_notice n = { .name = STR(""), .principal = STR(""), .key = STR("") };
    struct json_out o = { json, false };
    bool found;
    BUF(words);
    TRY(find_acns(p, a, &n, &found, e));
    if (!found && p->encrypted)
        return fail(e, ERR_INVALID, "it is encrypted");
    if (!found)
        TRY(find_label(p, a, &n, e));
    buf_str(&words, buf_as_str(&p->plain));
    buf_str(&words, buf_as_str(&p->html));
    n.says |= says_in(buf_as_str(&words));
    buf_str(&words, p->subject); /* it may name the law, and says nothing else */
    if (p->is_signed)
        n.says |= 1u << SAYS_SIGNATURE;
    put_letter(p, &n, buf_as_str(&words), &o);
    return json->failed ? fail(e, ERR_MEMORY, "no memory for the notice") : OK;
}

enum code mail_read_here(struct str message, struct str authority, struct buf *json,
                         struct error *e)
{
    ARENA(a);
    struct letter_parts p;
    a.limit_bytes = 256 << 20;
    enum code code = parts_read(message, authority, &a, &p, e);
    if (code == OK)
        code = compose(&p, &a, json, e);
    parts_done(&p);
    return code;
}
