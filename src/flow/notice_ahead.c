/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads with what is heard in them and who asked for them, and the accounts that they are of: for
 * 64 items in one statement each. */
#include <math.h>

#include "flow/notice_kept.h"

enum { ASKED_MOST = 20, THIRTY_DAYS = 30 };

/* ---- uploads ---- */

static struct kept_upload *upload_find(struct noticing *n, struct upload_id id)
{
    for (struct kept_upload *k = notice_caches(n)->uploads[kept_upload_at(id)]; k; k = k->next)
        if (upload_id_equal(k->upload, id))
            return k;
    return NULL;
}

static struct kept_upload *upload_add(struct noticing *n, struct upload_id id)
{
    struct kept_upload **slot = &notice_caches(n)->uploads[kept_upload_at(id)];
    struct kept_upload *k = ARENA_NEW(&n->arena, struct kept_upload);
    k->upload = id;
    k->next = *slot;
    *slot = k;
    return k;
}

static const char *kept_text(struct noticing *n, const struct store_rows *r, int column)
{
    return store_is_null(r, column) ? NULL : str_copy(&n->arena, store_text(r, column));
}

static enum code read_uploads(struct noticing *n, const struct sql_value ids[SQL_IDS_MOST],
                              size_t count, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(
        n->act.tx,
        SQL_ONE_OR_MANY(count,
                        "SELECT u.id, u.network, u.uploader, u.state, u.heard_in_part, u.blob, "
                        "u.duration_ms, u.received, a.party FROM uploads u LEFT JOIN access_users "
                        "a ON a.network = u.network AND a.slug = u.uploader WHERE u.id IN (",
                        ")"),
        ids, SQL_WIDTH(count), &r, e));
    for (;;) {
        struct upload_id id;
        bool more;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        store_id(r, 0, id.bytes);
        struct kept_upload *k = upload_find(n, id);
        if (!k)
            continue;
        k->there = true;
        k->u.id = id;
        store_id(r, 1, k->u.network.bytes);
        k->u.uploader = kept_text(n, r, 2);
        TRY(upload_state_parse(store_text(r, 3), &k->u.state, e));
        k->u.heard_in_part = store_int(r, 4) != 0;
        k->u.blob = kept_text(n, r, 5);
        k->u.duration_ms = store_int(r, 6);
        k->u.received = store_instant(r, 7);
        store_id(r, 8, k->account.bytes);
    }
}

static enum code read_matches(struct noticing *n, const struct sql_value ids[SQL_IDS_MOST],
                              size_t count, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(n->act.tx,
                    SQL_ONE_OR_MANY(count,
                                    "SELECT upload, reference, recording, upload_from_ms, "
                                    "upload_to_ms, reference_from_ms, reference_to_ms, speed_e6, "
                                    "pitch_cents, score_e6, p_false_log FROM matches WHERE upload "
                                    "IN (",
                                    ") ORDER BY upload, upload_from_ms, id"),
                    ids, SQL_WIDTH(count), &r, e));
    for (;;) {
        struct upload_id id;
        bool more;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        store_id(r, 0, id.bytes);
        struct kept_upload *k = upload_find(n, id);
        if (!k)
            continue;
        k->matches = arena_more(&n->arena, k->matches, k->match_count, &k->match_room,
                                sizeof *k->matches);
        if (!k->matches)
            return fail(e, ERR_MEMORY, "no memory for what is heard in an upload");
        struct media_match *m = &k->matches[k->match_count++];
        store_id(r, 1, m->reference.bytes);
        store_id(r, 2, m->recording.bytes);
        m->upload_from_ms = store_int(r, 3);
        m->upload_to_ms = store_int(r, 4);
        m->reference_from_ms = store_int(r, 5);
        m->reference_to_ms = store_int(r, 6);
        m->speed = (double)store_int(r, 7) / 1e6;
        m->pitch_semitones = (double)store_int(r, 8) / 100;
        m->score = (double)store_int(r, 9) / 1e6;
        m->p_false = pow(10, (double)store_int(r, 10) / 1000);
    }
}

static enum code read_asked(struct noticing *n, const struct sql_value ids[SQL_IDS_MOST],
                            size_t count, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(n->act.tx,
                    SQL_ONE_OR_MANY(count,
                                    "SELECT i.upload, i.id, i.state, n.party, i.sender FROM "
                                    "desk_items i JOIN desk_notices n ON n.id = i.notice WHERE "
                                    "i.upload IN (",
                                    ") AND i.state NOT IN ('waiting', 'declined', "
                                    "'final_declined', 'withdrawn', 'restored', 'final_restored', "
                                    "'cured') ORDER BY i.id LIMIT 100000"),
                    ids, SQL_WIDTH(count), &r, e));
    for (;;) {
        struct upload_id id;
        bool more;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        store_id(r, 0, id.bytes);
        struct kept_upload *k = upload_find(n, id);
        if (!k)
            continue;
        k->asked = arena_more(&n->arena, k->asked, k->asked_count, &k->asked_room,
                              sizeof *k->asked);
        if (!k->asked)
            return fail(e, ERR_MEMORY, "no memory for requests for an upload");
        struct asked *a = &k->asked[k->asked_count++];
        store_id(r, 1, a->item.bytes);
        TRY(item_state_parse(store_text(r, 2), &a->state, e));
        store_id(r, 3, a->party.bytes);
        store_id(r, 4, a->sender.bytes);
    }
}

/* Those of which only the id is known. */
static enum code read_unread(struct noticing *n, const uint8_t (*ids)[ID_BYTES], size_t count,
                             struct error *e)
{
    uint8_t unread[SQL_IDS_MOST][ID_BYTES];
    struct sql_value values[SQL_IDS_MOST];
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        struct upload_id id;
        memcpy(id.bytes, ids[i], ID_BYTES);
        struct kept_upload *k = upload_find(n, id);
        if (k && !k->there)
            memcpy(unread[at++], ids[i], ID_BYTES);
    }
    if (at == 0)
        return OK;
    sql_ids_set(values, (const uint8_t(*)[ID_BYTES])unread, at);
    return read_uploads(n, values, at, e);
}

static enum code read_some(struct noticing *n, const uint8_t (*ids)[ID_BYTES], size_t count,
                           bool whole, struct error *e)
{
    struct sql_value values[SQL_IDS_MOST];
    if (count == 0)
        return OK;
    sql_ids_set(values, ids, count);
    if (!whole)
        return read_uploads(n, values, count, e);
    TRY(read_unread(n, ids, count, e));
    TRY(read_matches(n, values, count, e));
    return read_asked(n, values, count, e);
}

enum code kept_uploads_ahead(struct noticing *n, const struct upload_id *ids, size_t count,
                             bool whole, struct error *e)
{
    uint8_t some[SQL_IDS_MOST][ID_BYTES];
    size_t at = 0;
    const unsigned round = notice_caches(n)->round;
    for (size_t i = 0; i < count; i++) {
        struct kept_upload *k = upload_find(n, ids[i]);
        if (upload_id_is_none(ids[i]) || (k && (k->whole == round || !whole)))
            continue;
        if (!k)
            k = upload_add(n, ids[i]);
        if (whole) {
            k->whole = round;
            k->match_count = k->asked_count = 0;
        }
        memcpy(some[at++], ids[i].bytes, ID_BYTES);
        if (at == SQL_IDS_MOST) {
            TRY(read_some(n, some, at, whole, e));
            at = 0;
        }
    }
    return read_some(n, some, at, whole, e);
}

enum code kept_upload(struct noticing *n, struct upload_id id, bool whole, struct kept_upload **out,
                      struct error *e)
{
    TRY(kept_uploads_ahead(n, &id, 1, whole, e));
    *out = upload_find(n, id);
    return OK;
}

/* ---- accounts ---- */

static struct kept_target **target_slot(struct noticing *n, const struct notice_item *item)
{
    uint64_t h = kept_at(item->sender.bytes);
    for (const char *c = item->uploader; *c; c++)
        h = (h ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    return &notice_caches(n)->targets[(h ^ h >> 32) % KEPT_BUCKETS];
}

static struct kept_target *target_find(struct noticing *n, const struct notice_item *item)
{
    for (struct kept_target *k = *target_slot(n, item); k; k = k->next)
        if (sender_id_equal(k->sender, item->sender) &&
            network_id_equal(k->network, item->network) && strcmp(k->uploader, item->uploader) == 0)
            return k;
    return NULL;
}

static struct kept_target *target_add(struct noticing *n, const struct notice_item *item)
{
    struct kept_target **slot = target_slot(n, item);
    struct kept_target *k = ARENA_NEW(&n->arena, struct kept_target);
    *k = (struct kept_target) { *slot, item->sender, item->network,
                                str_copy(&n->arena, str_of(item->uploader)), 0 };
    *slot = k;
    return k;
}

/* `of`: the target of each id. */
static enum code read_targets(struct noticing *n, const uint8_t (*ids)[ID_BYTES],
                              struct kept_target *const *of, size_t count, struct error *e)
{
    owned(store_rows) r = NULL;
    struct sql_value values[SQL_IDS_MOST + 1];
    const int64_t day = INT64_C(86400000000);
    if (count == 0)
        return OK;
    sql_ids_set(values, ids, count);
    values[SQL_WIDTH(count)] = sql_int(n->act.now.us - THIRTY_DAYS * day);
    TRY(store_query(n->act.tx,
                    SQL_ONE_OR_MANY_AND(count,
                                        "SELECT i.id, COUNT(*) FROM desk_items i JOIN desk_items o "
                                        "ON o.sender = i.sender AND o.uploader = i.uploader AND "
                                        "o.network = i.network WHERE i.id IN (",
                                        ") AND o.state = 'restricted' AND o.first_by = '' AND "
                                        "o.received > ",
                                        " GROUP BY i.id"),
                    values, SQL_WIDTH(count) + 1, &r, e));
    for (;;) {
        uint8_t id[ID_BYTES];
        bool more;
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        store_id(r, 0, id);
        for (size_t i = 0; i < count; i++)
            if (memcmp(ids[i], id, ID_BYTES) == 0)
                of[i]->unseen = store_int(r, 1);
    }
}

static enum code targets_ahead(struct noticing *n, const struct notice_item *items, size_t count,
                               struct error *e)
{
    uint8_t ids[SQL_IDS_MOST][ID_BYTES];
    struct kept_target *of[SQL_IDS_MOST];
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (!items[i].uploader || target_find(n, &items[i]))
            continue;
        memcpy(ids[at], items[i].id.bytes, ID_BYTES);
        of[at++] = target_add(n, &items[i]);
        if (at == SQL_IDS_MOST) {
            TRY(read_targets(n, ids, of, at, e));
            at = 0;
        }
    }
    return read_targets(n, ids, of, at, e);
}

enum code kept_target(struct noticing *n, const struct notice_item *item, struct kept_target **out,
                      struct error *e)
{
    *out = NULL;
    if (!item->uploader)
        return OK;
    TRY(targets_ahead(n, item, 1, e));
    *out = target_find(n, item);
    return OK;
}

/* ---- all of it ---- */

/* Rights and senders: few, so each is asked for by itself. */
static enum code people_ahead(struct noticing *n, const struct notice_item *item, struct error *e)
{
    struct notice *x;
    struct item_facts ignored = { 0 };
    TRY(desk_notice(&n->act, item->notice, &x, e));
    TRY(notice_sender_facts(n, item, x, &ignored, e));
    return notice_rights_ahead(n, item, x, ignored.mandate, e);
}

enum code notice_ahead(struct noticing *n, const struct notice_item *items, size_t count,
                       struct error *e)
{
    struct upload_id *ids = ARENA_ARRAY(&n->arena, struct upload_id, count);
    for (size_t i = 0; i < count; i++)
        ids[i] = items[i].upload;
    TRY(desk_notices_ahead(&n->act, items, count, e));
    TRY(kept_uploads_ahead(n, ids, count, true, e));
    TRY(targets_ahead(n, items, count, e));
    for (size_t i = 0; i < count; i++)
        TRY(people_ahead(n, &items[i], e));
    return OK;
}

void notice_moved(struct noticing *n, const struct notice_item *item, enum item_state from)
{
    struct kept_upload *k = n->caches ? upload_find(n, item->upload) : NULL;
    for (size_t i = 0; k && i < k->asked_count; i++)
        if (item_id_equal(k->asked[i].item, item->id))
            k->asked[i].state = item->now.state;
    struct kept_target *t = n->caches && item->uploader ? target_find(n, item) : NULL;
    if (t && item->now.first[0] == '\0')
        t->unseen += (item->now.state == ITEM_RESTRICTED) - (from == ITEM_RESTRICTED);
}

void notice_forget(struct noticing *n)
{
    struct notice_caches *c = n->caches;
    if (!c)
        return;
    memset(c->standings, 0, sizeof c->standings);
    memset(c->mandates, 0, sizeof c->mandates);
    memset(c->asks, 0, sizeof c->asks);
    memset(c->targets, 0, sizeof c->targets);
    c->round++; /* uploads are read anew when they are asked for */
}
