/* SPDX-License-Identifier: Apache-2.0 */
/* An act: what it has read it keeps, what it changed is written once, what it did is journaled. */
#include "desk/rows.h"

enum { BUCKETS = 1024 };

struct kept {
    struct kept *next;
    uint8_t id[ID_BYTES];
    bool is_sender;
    union {
        struct sender sender;
        struct notice notice;
    };
    union { /* as it was read: what did not change is not written */
        struct sender sender_read;
        struct notice notice_read;
    };
};

/* A sender by mailbox. */
struct slugged {
    struct slugged *next;
    struct kept *kept;
};

struct desk_cache {
    struct kept *buckets[BUCKETS];
    struct slugged *slugs[BUCKETS];
};

void desk_act_begin(struct desk_act *act)
{
    act->cache = ARENA_NEW(act->arena, struct desk_cache);
    act->events = NULL;
    act->event_count = act->event_room = 0;
    act->known = NULL;
}

static struct kept **bucket(struct desk_act *act, const uint8_t id[ID_BYTES])
{
    return &act->cache->buckets[(id[15] | id[14] << 8) % BUCKETS];
}

static struct kept *kept_find(struct desk_act *act, const uint8_t id[ID_BYTES])
{
    for (struct kept *k = *bucket(act, id); k; k = k->next)
        if (memcmp(k->id, id, ID_BYTES) == 0)
            return k;
    return NULL;
}

static struct kept *kept_add(struct desk_act *act, const uint8_t id[ID_BYTES], bool is_sender)
{
    struct kept *k = ARENA_NEW(act->arena, struct kept);
    memcpy(k->id, id, ID_BYTES);
    k->is_sender = is_sender;
    k->next = *bucket(act, id);
    *bucket(act, id) = k;
    return k;
}

static struct kept *keep_sender(struct desk_act *act, const struct sender *s)
{
    struct kept *k = kept_add(act, s->id.bytes, true);
    k->sender = k->sender_read = *s;
    return k;
}

static struct kept *keep_notice(struct desk_act *act, const struct notice *n)
{
    struct kept *k = kept_add(act, n->id.bytes, false);
    k->notice = k->notice_read = *n;
    return k;
}

enum code desk_sender(struct desk_act *act, struct sender_id id, struct sender **out,
                      struct error *e)
{
    struct kept *k = kept_find(act, id.bytes);
    if (!k) {
        struct sender s;
        TRY(desk_sender_get(act->tx, id, act->arena, &s, e));
        k = keep_sender(act, &s);
    }
    *out = &k->sender;
    return OK;
}

enum code desk_notice(struct desk_act *act, struct notice_id id, struct notice **out,
                      struct error *e)
{
    struct kept *k = kept_find(act, id.bytes);
    if (!k) {
        struct notice n;
        TRY(desk_notice_get(act->tx, id, act->arena, &n, e));
        k = keep_notice(act, &n);
    }
    *out = &k->notice;
    return OK;
}

static enum code keep_notices(struct desk_act *act, const uint8_t (*ids)[ID_BYTES], size_t count,
                              struct error *e)
{
    struct notice rows[SQL_IDS_MOST];
    size_t got;
    TRY(row_notices(act->tx, ids, count, act->arena, rows, &got, e));
    for (size_t i = 0; i < got; i++)
        if (!kept_find(act, rows[i].id.bytes))
            keep_notice(act, &rows[i]);
    return OK;
}

enum code desk_notices_ahead(struct desk_act *act, const struct notice_item *items, size_t count,
                             struct error *e)
{
    uint8_t ids[SQL_IDS_MOST][ID_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *id = items[i].notice.bytes;
        /* items of one notice stand beside each other */
        if ((n && memcmp(ids[n - 1], id, ID_BYTES) == 0) || kept_find(act, id))
            continue;
        memcpy(ids[n++], id, ID_BYTES);
        if (n == SQL_IDS_MOST) {
            TRY(keep_notices(act, ids, n, e));
            n = 0;
        }
    }
    return n ? keep_notices(act, ids, n, e) : OK;
}

const char *act_mailbox(struct desk_act *act, struct str s)
{
    char *out = str_copy(act->arena, s);
    for (char *c = out; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return out;
}

static enum code mailbox_check(struct str s, struct error *e)
{
    const char *at = s.length ? memchr(s.at, '@', s.length) : NULL;
    if (!at || at == s.at || at + 1 == s.at + s.length || s.length > 254 || !str_is_utf8(s) ||
        memchr(at + 1, '@', (size_t)(s.at + s.length - at - 1)))
        return fail(e, ERR_INVALID, "sender: '%.*s' is not a mailbox",
                    (int)(s.length > 60 ? 60 : s.length), s.length ? s.at : "");
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] <= ' ' || s.at[i] == ',' || s.at[i] == '<' || s.at[i] == '>')
            return fail(e, ERR_INVALID, "sender: a mailbox has no blanks, commas or brackets");
    return OK;
}

static void sender_json(const struct sender *s, struct buf *out)
{
    struct json_out o = { out, false };
    char id[ID_TEXT];
    json_begin(&o, '{');
    json_text(&o, "party", party_id_is_none(s->party) ? NULL : party_id_format(s->party, id));
    json_int(&o, "proofs", s->proofs);
    json_bool(&o, "trusted", s->trusted);
    json_text(&o, "state", sender_state_word(s->state));
    json_end(&o, '}');
}

static enum code sender_new(struct desk_act *act, const char *slug, struct str name,
                            struct sender *s, struct error *e)
{
    char text[ID_TEXT];
    BUF(after);
    *s = (struct sender) { .id = sender_id_make(act->now, act->chance),
                           .version = 1,
                           .slug = slug,
                           .name = str_copy(act->arena, name_clean(name, act->arena)),
                           .domain = strchr(slug, '@') + 1,
                           .first_seen = act->now,
                           .warned = INSTANT_NEVER,
                           .due = INSTANT_NEVER,
                           .standing = { .at = act->now } };
    TRY(row_sender_put(act->tx, s, e));
    sender_json(s, &after);
    desk_note(act, "sender.new", sender_id_format(s->id, text), &after, STR(""));
    return OK;
}

static struct slugged **slug_slot(struct desk_act *act, const char *slug)
{
    uint64_t h = str_hash(str_of(slug));
    return &act->cache->slugs[(h ^ h >> 32) % BUCKETS];
}

enum code desk_sender_of(struct desk_act *act, struct str mailbox, struct str name,
                         struct sender **out, struct error *e)
{
    struct sender s;
    bool found;
    TRY(mailbox_check(mailbox, e));
    const char *slug = act_mailbox(act, mailbox);
    struct slugged **slot = slug_slot(act, slug);
    for (struct slugged *x = *slot; x; x = x->next)
        if (strcmp(x->kept->sender.slug, slug) == 0) {
            *out = &x->kept->sender;
            return OK;
        }
    TRY(row_sender_find(act->tx, str_of(slug), act->arena, &s, &found, e));
    if (!found)
        TRY(sender_new(act, slug, name, &s, e));
    struct kept *k = kept_find(act, s.id.bytes);
    if (!k)
        k = keep_sender(act, &s);
    struct slugged *x = ARENA_NEW(act->arena, struct slugged);
    *x = (struct slugged) { *slot, k };
    *slot = x;
    *out = &k->sender;
    return OK;
}

void desk_note(struct desk_act *act, const char *what, const char *subject, const struct buf *after,
               struct str why)
{
    if (act->event_count == act->event_room) {
        size_t room = act->event_room ? act->event_room * 2 : 64;
        struct journal_entry *more = ARENA_ARRAY(act->arena, struct journal_entry, room);
        if (act->event_count)
            memcpy(more, act->events, act->event_count * sizeof *more);
        act->events = more;
        act->event_room = room;
    }
    struct str text = after ? buf_as_str(after) : STR("");
    act->events[act->event_count++] = (struct journal_entry) {
        .who = act->who,
        .what = str_of(what),
        .subject = { str_copy(act->arena, str_of(subject)), strlen(subject) },
        .before = STR(""),
        .after = { str_copy(act->arena, text), text.length },
        .why = { str_copy(act->arena, why), why.length },
        .when = act->now
    };
}

static enum code write_kept(struct desk_act *act, const struct kept *k, struct error *e)
{
    if (k->is_sender)
        return memcmp(&k->sender, &k->sender_read, sizeof k->sender)
                   ? row_sender_change(act->tx, &k->sender, e)
                   : OK;
    return memcmp(&k->notice, &k->notice_read, sizeof k->notice)
               ? row_notice_change(act->tx, &k->notice, e)
               : OK;
}

enum code desk_act_end(struct desk_act *act, struct error *e)
{
    for (size_t b = 0; b < BUCKETS; b++)
        for (struct kept *k = act->cache->buckets[b]; k; k = k->next)
            TRY(write_kept(act, k, e));
    TRY(journal_append_all(act->tx, act->events, act->event_count, e));
    act->event_count = 0;
    memset(act->cache, 0, sizeof *act->cache);
    act->known = NULL;
    return OK;
}

/* ---- mandates ---- */

enum code desk_mandate_put(struct desk_act *act, struct sender *s, struct party_id party,
                           const char *territories, const char *document, struct instant until,
                           struct error *e)
{
    struct mandate_id id = mandate_id_make(act->now, act->chance);
    char text[ID_TEXT], sender[ID_TEXT], party_text[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    TRY(store_run(act->tx,
                  "INSERT INTO desk_mandates (id, sender, party, territories, document, from_at, "
                  "until_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  SQL(sql_id(id), sql_id(s->id), sql_id(party), sql_text(territories),
                      sql_text(document), sql_instant(act->now), sql_instant(until)),
                  NULL, e));
    s->proofs |= PROOF_DOCUMENT;
    json_begin(&o, '{');
    json_text(&o, "sender", sender_id_format(s->id, sender));
    json_text(&o, "party", party_id_format(party, party_text));
    json_text(&o, "territories", territories);
    json_text(&o, "document", document);
    json_end(&o, '}');
    desk_note(act, "mandate.put", mandate_id_format(id, text), &after, STR(""));
    return OK;
}

enum code desk_mandate_has(struct store_tx *tx, struct sender_id s, struct party_id party,
                           struct instant now, bool *has, struct error *e)
{
    owned(store_rows) r = NULL;
    return store_one(tx,
                     "SELECT 1 FROM desk_mandates WHERE sender = $1 AND party = $2 AND revoked IS "
                     "NULL AND from_at <= $3 AND until_at > $3 LIMIT 1",
                     SQL(sql_id(s), sql_id(party), sql_instant(now)), &r, has, e);
}
