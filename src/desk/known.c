/* SPDX-License-Identifier: Apache-2.0 */
/* The same notice again: by its key, or byte for byte from the same sender within a day. What many
 * notices ask of this is asked together before the first is written. */
#include <sodium.h>

#include "desk/rows.h"

enum { BUCKETS = 1024 };

/* Under a key, or a hash: a notice, or that there is none. */
struct known {
    struct known *next;
    const char *once; /* NULL: under its hash */
    uint8_t hash[32];
    struct sender_id sender;
    struct notice_id notice;
    bool there;
};
struct desk_known {
    struct known *buckets[BUCKETS];
};

static struct known **bucket(struct desk_act *act, const char *once, const uint8_t hash[32])
{
    uint64_t h = str_hash(once ? str_of(once) : (struct str) { (const char *)hash, 32 });
    if (!act->known)
        act->known = ARENA_NEW(act->arena, struct desk_known);
    return &act->known->buckets[(h ^ h >> 32) % BUCKETS];
}

static void add(struct desk_act *act, const struct known *k)
{
    struct known **slot = bucket(act, k->once, k->hash);
    struct known *copy = ARENA_NEW(act->arena, struct known);
    *copy = *k;
    copy->next = *slot;
    *slot = copy;
}

/* The newest word on it; NULL: nobody asked. */
static const struct known *find_once(struct desk_act *act, const char *once)
{
    for (const struct known *k = *bucket(act, once, NULL); k; k = k->next)
        if (k->once && strcmp(k->once, once) == 0)
            return k;
    return NULL;
}

static const struct known *find_hash(struct desk_act *act, const uint8_t hash[32],
                                     struct sender_id sender)
{
    const struct known *none = NULL;
    for (const struct known *k = *bucket(act, NULL, hash); k; k = k->next) {
        if (k->once || memcmp(k->hash, hash, 32) != 0)
            continue;
        if (k->there && sender_id_equal(k->sender, sender))
            return k;
        if (!k->there)
            none = k;
    }
    return none;
}

/* Keys are the sender's own: two senders may use the same. */
const char *known_key(struct desk_act *act, const struct notice_draft *d, const char *slug)
{
    return d->once.length ? arena_format(act->arena, "%s/%.*s", slug, STR_ARG(d->once)) : NULL;
}

void known_hash(const struct notice_draft *d, uint8_t out[32])
{
    struct str same = d->same.length ? d->same : d->raw;
    crypto_generichash(out, 32, (const uint8_t *)(same.at ? same.at : ""), same.length, NULL, 0);
}

#define DAY_US INT64_C(86400000000)

static enum code read_known(struct desk_act *act, struct store_rows *r, bool by_key,
                            struct error *e)
{
    for (;;) {
        struct known k = { .there = true };
        bool more;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        struct str hash = store_bytes(r, 1);
        store_id(r, 0, k.notice.bytes);
        if (hash.length == 32)
            memcpy(k.hash, hash.at, 32);
        store_id(r, 2, k.sender.bytes);
        k.once = by_key ? str_copy(act->arena, store_text(r, 3)) : NULL;
        add(act, &k);
    }
}

/* ---- ahead ---- */

struct asking {
    const char *keys[SQL_IDS_MOST];
    uint8_t hashes[SQL_IDS_MOST][32];
    size_t key_count, hash_count;
};

static enum code ask_keys(struct desk_act *act, struct asking *a, struct error *e)
{
    owned(store_rows) r = NULL;
    struct sql_value values[SQL_IDS_MOST];
    if (a->key_count == 0)
        return OK;
    const size_t count = a->key_count;
    for (size_t i = 0; i < SQL_IDS_MOST; i++)
        values[i] = sql_text(a->keys[i < count ? i : count - 1]);
    for (size_t i = 0; i < count; i++)
        add(act, &(struct known) { .once = a->keys[i] });
    a->key_count = 0;
    TRY(store_query(act->tx,
                    SQL_ONE_OR_MANY(count,
                                    "SELECT id, raw_hash, sender, once FROM desk_notices WHERE "
                                    "once IN (",
                                    ")"),
                    values, SQL_WIDTH(count), &r, e));
    return read_known(act, r, true, e);
}

static enum code ask_hashes(struct desk_act *act, struct asking *a, struct error *e)
{
    owned(store_rows) r = NULL;
    struct sql_value values[SQL_IDS_MOST + 1];
    if (a->hash_count == 0)
        return OK;
    const size_t count = a->hash_count;
    for (size_t i = 0; i < SQL_IDS_MOST; i++)
        values[i] = sql_bytes(a->hashes[i < count ? i : count - 1], 32);
    for (size_t i = 0; i < count; i++) {
        struct known none = { 0 };
        memcpy(none.hash, a->hashes[i], 32);
        add(act, &none);
    }
    a->hash_count = 0;
    values[SQL_WIDTH(count)] = sql_int(act->now.us - DAY_US);
    TRY(store_query(act->tx,
                    SQL_ONE_OR_MANY_AND(count,
                                        "SELECT id, raw_hash, sender FROM desk_notices WHERE "
                                        "raw_hash IN (",
                                        ") AND received > ", ""),
                    values, SQL_WIDTH(count) + 1, &r, e));
    return read_known(act, r, false, e);
}

static bool asks_hash(const struct notice_draft *d)
{
    return d->once.length == 0 || d->same.length > 0;
}

static bool is_text(struct str s)
{
    return s.length == 0 || (str_is_utf8(s) && !memchr(s.at, 0, s.length));
}

enum code desk_receive_ahead(struct desk_act *act, const struct notice_draft *drafts, size_t count,
                             struct error *e)
{
    struct asking a = { .key_count = 0 };
    if (count < 2)
        return OK;
    for (size_t i = 0; i < count; i++) {
        const struct notice_draft *d = &drafts[i];
        if (!is_text(d->once) || !is_text(d->sender))
            continue; /* it is refused when its turn comes */
        const char *slug = act_mailbox(act, d->sender);
        if (d->once.length)
            a.keys[a.key_count++] = known_key(act, d, slug);
        if (asks_hash(d))
            known_hash(d, a.hashes[a.hash_count++]);
        if (a.key_count == SQL_IDS_MOST)
            TRY(ask_keys(act, &a, e));
        if (a.hash_count == SQL_IDS_MOST)
            TRY(ask_hashes(act, &a, e));
    }
    TRY(ask_keys(act, &a, e));
    return ask_hashes(act, &a, e);
}

/* ---- one ---- */

static enum code by_key(struct desk_act *act, const char *once, const struct known **out,
                        struct error *e)
{
    struct asking a = { .keys = { once }, .key_count = 1 };
    *out = find_once(act, once);
    if (*out)
        return OK;
    TRY(ask_keys(act, &a, e));
    *out = find_once(act, once);
    return OK;
}

static enum code by_hash(struct desk_act *act, const uint8_t hash[32], struct sender_id sender,
                         const struct known **out, struct error *e)
{
    struct asking a = { .hash_count = 1 };
    *out = find_hash(act, hash, sender);
    if (*out)
        return OK;
    memcpy(a.hashes[0], hash, 32);
    TRY(ask_hashes(act, &a, e));
    *out = find_hash(act, hash, sender);
    return OK;
}

enum code known_before(struct desk_act *act, const struct notice_draft *d, const struct sender *s,
                       const uint8_t hash[32], struct received *out, struct error *e)
{
    const struct known *k = NULL;
    if (d->once.length)
        TRY(by_key(act, known_key(act, d, s->slug), &k, e));
    if (!(k && k->there) && asks_hash(d))
        TRY(by_hash(act, hash, s->id, &k, e));
    if (!k || !k->there)
        return OK;
    if (memcmp(k->hash, hash, 32) != 0)
        return fail(e, ERR_CONFLICT, "this idempotency key was used for another notice");
    out->known = true;
    out->notice = k->notice;
    return OK;
}

void known_now(struct desk_act *act, const struct notice *n)
{
    struct known k = { .sender = n->sender, .notice = n->id, .there = true };
    memcpy(k.hash, n->raw_hash, 32);
    add(act, &k);
    k.once = n->once;
    if (k.once)
        add(act, &k);
}
