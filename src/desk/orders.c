/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of courts and authorities: kept with their notice, in force for the targets taken up. */
#include "desk/rows.h"

bool regime_is_order(enum regime regime, enum channel channel)
{
    return regime == REGIME_DSA9 || regime == REGIME_RU15_2 || channel == CHANNEL_COURT;
}

static enum code country_check(struct str country, struct error *e)
{
    struct territory_set set;
    TRY(territory_set_parse(country, &set, NULL, e));
    return country.length == 2 ? OK : fail(e, ERR_INVALID, "country: two letters");
}

/* Where nothing is said, an order reaches as far as the country it comes from. */
enum code order_check(const struct notice_draft *d, struct error *e)
{
    const struct draft_order *o = &d->order;
    struct territory_set set;
    if (!regime_is_order(d->regime, d->channel)) {
        return o->authority.length || o->number.length
                   ? fail(e, ERR_INVALID, "\"order\": %s is no regime of orders",
                          regime_word(d->regime))
                   : OK;
    }
    if (!o->authority.length || !o->number.length || !o->country.length)
        return fail(e, ERR_INVALID,
                    "\"order\": the authority, its country and the number are needed");
    if (country_check(o->country, e) != OK)
        return fail_in(e, "order");
    if (o->territories.length && territory_set_parse(o->territories, &set, NULL, e) != OK)
        return fail_in(e, "order: territories");
    return OK;
}

static enum code order_of(struct desk_act *act, const struct notice_item *item, struct order_id *id,
                          const char **territories, bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(act->tx, "SELECT id, territories FROM desk_orders WHERE notice = $1",
                  SQL(sql_id(item->notice)), &r, found, e));
    if (*found) {
        store_id(r, 0, id->bytes);
        *territories = str_copy(act->arena, store_text(r, 1));
    }
    return OK;
}

static void order_note(struct desk_act *act, const char *what, struct order_id id,
                       const struct draft_order *o, struct str territories, struct notice_id notice)
{
    char text[ID_TEXT];
    BUF(after);
    struct json_out j = { &after, false };
    json_begin(&j, '{');
    json_text(&j, "notice", notice_id_format(notice, text));
    json_str(&j, "authority", o->authority);
    json_str(&j, "number", o->number);
    json_str(&j, "country", o->country);
    json_str(&j, "territories", territories);
    json_end(&j, '}');
    desk_note(act, what, order_id_format(id, text), &after, STR(""));
}

enum code order_put(struct desk_act *act, const struct notice_draft *d, const struct notice *n,
                    struct error *e)
{
    const struct draft_order *o = &d->order;
    struct order_id id = order_id_make(act->now, act->chance);
    struct str where = o->territories.length ? o->territories : o->country;
    TRY(store_run(act->tx,
                  "INSERT INTO desk_orders (id, version, notice, authority, number, country, "
                  "territories, received, until_at) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)",
                  SQL(sql_id(id), sql_id(n->id), sql_str(o->authority), sql_str(o->number),
                      sql_str(o->country), sql_str(where), sql_instant(act->now),
                      sql_instant(o->until.us ? o->until : INSTANT_NEVER)),
                  NULL, e));
    order_note(act, "order.received", id, o, where, n->id);
    char subject[ID_TEXT];
    return desk_timer_set(act, DEADLINE_ORDER, n->regime, order_id_format(id, subject), act->now,
                          NULL, e);
}

/* The authority is told what became of its order: of the effect given, or that none is. */
enum code order_told(struct desk_act *act, const struct notice_item *item, struct error *e)
{
    struct order_id id;
    const char *territories;
    char subject[ID_TEXT];
    bool found;
    TRY(order_of(act, item, &id, &territories, &found, e));
    return found ? desk_timers_clear(act, order_id_format(id, subject), e) : OK;
}

static void target_note(struct desk_act *act, const char *what, struct order_id id,
                        const struct notice_item *item)
{
    char text[ID_TEXT], order[ID_TEXT];
    BUF(after);
    struct json_out j = { &after, false };
    json_begin(&j, '{');
    json_text(&j, "item", item_id_format(item->id, text));
    if (!upload_id_is_none(item->upload))
        json_text(&j, "upload", upload_id_format(item->upload, text));
    if (!recording_id_is_none(item->recording))
        json_text(&j, "recording", recording_id_format(item->recording, text));
    json_end(&j, '}');
    desk_note(act, what, order_id_format(id, order), &after, STR(""));
}

enum code order_territories(struct desk_act *act, const struct notice_item *item,
                            const char **territories, struct error *e)
{
    struct order_id id;
    bool found;
    *territories = NULL;
    return order_of(act, item, &id, territories, &found, e);
}

/* An upload is what the order names; a recording where no upload is named. */
enum code order_hold(struct desk_act *act, const struct notice_item *item, struct error *e)
{
    struct order_id id;
    const char *territories;
    bool found;
    TRY(order_of(act, item, &id, &territories, &found, e));
    if (!found)
        return OK;
    bool upload = !upload_id_is_none(item->upload);
    TRY(store_run(act->tx,
                  "INSERT INTO desk_order_targets (ord, item, upload, recording, since) VALUES "
                  "($1, $2, $3, $4, $5) ON CONFLICT (ord, item) DO NOTHING",
                  SQL(sql_id(id), sql_id(item->id), ROW_ID(item->upload),
                      upload ? sql_null() : ROW_ID(item->recording), sql_instant(act->now)),
                  NULL, e));
    TRY(store_run(act->tx,
                  "UPDATE desk_orders SET version = version + 1, effect = COALESCE(effect, $2) "
                  "WHERE id = $1",
                  SQL(sql_id(id), sql_instant(act->now)), NULL, e));
    target_note(act, "order.held", id, item);
    return OK;
}

enum code order_release(struct desk_act *act, const struct notice_item *item, struct error *e)
{
    struct order_id id;
    const char *territories;
    bool found;
    TRY(order_of(act, item, &id, &territories, &found, e));
    if (!found)
        return OK;
    TRY(store_run(act->tx, "DELETE FROM desk_order_targets WHERE ord = $1 AND item = $2",
                  SQL(sql_id(id), sql_id(item->id)), NULL, e));
    target_note(act, "order.lifted", id, item);
    return OK;
}

/* ---- reading ---- */

enum code desk_order_list(struct store_tx *tx, struct order_id after, size_t limit, struct arena *a,
                          struct order **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct order *list = ARENA_ARRAY(a, struct order, limit);
    TRY(store_query(
        tx,
        "SELECT id, version, notice, authority, number, country, territories, received, "
        "until_at, effect, (SELECT COUNT(*) FROM desk_order_targets t WHERE t.ord = "
        "o.id) FROM desk_orders o WHERE id > $1 ORDER BY id LIMIT $2",
        SQL(sql_id(after), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        struct order *o = &list[n++];
        store_id(r, 0, o->id.bytes);
        o->version = store_int(r, 1);
        store_id(r, 2, o->notice.bytes);
        o->authority = text_of(r, 3, a);
        o->number = text_of(r, 4, a);
        o->country = text_of(r, 5, a);
        o->territories = text_of(r, 6, a);
        o->received = store_instant(r, 7);
        o->until = store_instant(r, 8);
        o->effect = due_of(r, 9);
        o->targets = store_int(r, 10);
    }
    *out = list;
    *count = n;
    return OK;
}

enum code desk_order_holds(struct store_tx *tx, struct item_id after, size_t limit, struct arena *a,
                           struct order_hold **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct order_hold *list = ARENA_ARRAY(a, struct order_hold, limit);
    TRY(store_query(tx,
                    "SELECT t.item, o.id, o.version, t.upload, t.recording, o.authority, o.number, "
                    "o.territories, t.since, o.until_at FROM desk_order_targets t JOIN desk_orders "
                    "o ON o.id = t.ord WHERE t.item > $1 ORDER BY t.item LIMIT $2",
                    SQL(sql_id(after), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        struct order_hold *h = &list[n++];
        store_id(r, 0, h->item.bytes);
        store_id(r, 1, h->order.bytes);
        h->version = store_int(r, 2);
        store_id(r, 3, h->upload.bytes);
        store_id(r, 4, h->recording.bytes);
        h->title = arena_format(a, "%.*s, %.*s", STR_ARG(store_text(r, 5)),
                                STR_ARG(store_text(r, 6)));
        h->territories = text_of(r, 7, a);
        h->from = store_instant(r, 8);
        h->until = store_instant(r, 9);
    }
    *out = list;
    *count = n;
    return OK;
}
