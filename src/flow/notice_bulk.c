/* SPDX-License-Identifier: Apache-2.0 */
/* One act on many items, seen before it is done, and undone within a day. */
#include "flow/notice_inside.h"

static enum code bulk_one(struct noticing *n, struct str text, enum item_event event,
                          const struct bulk_act *x, struct item_id *id,
                          struct decision_id *decision, struct error *e)
{
    struct notice_item item;
    const char *person = str_copy(&n->arena, x->person);
    TRY(item_id_parse(text, id, e));
    TRY(desk_item_get(n->act.tx, *id, &n->arena, &item, e));
    *decision = item.decision;
    if (item.now.state == ITEM_QUEUED) {
        struct item_why none = { .reason = item.held_reason };
        TRY(desk_item_move(&n->act, &item,
                           &(struct item_step) { EVENT_CLAIM, ACTOR_PERSON, person }, &none, e));
    }
    TRY(notice_move_by(n, &item, event, x->reason, person, e));
    *decision = item.decision;
    return OK;
}

/* Moved, or as before; what is no fault of the item (a full disk) ends the whole act. */
static enum code bulk_try(struct noticing *n, struct event_id bulk, size_t i, enum item_event event,
                          const struct bulk_act *x, struct bulk_done *out, struct error *e)
{
    struct error why = { 0 };
    struct item_id id;
    struct decision_id decision;
    size_t events = n->act.event_count;
    TRY(store_savepoint(n->act.tx, e));
    enum code code = bulk_one(n, x->items[i], event, x, &id, &decision, &why);
    if (code == OK) {
        TRY(store_run(n->act.tx,
                      "INSERT INTO desk_bulk_items (bulk, item, decision) VALUES ($1, $2, $3)",
                      SQL(sql_id(bulk), sql_id(id), sql_id(decision)), NULL, e));
        out->moved++;
        return store_release(n->act.tx, e);
    }
    if (!notice_is_of_one(code))
        return fail(e, code, "%s", why.text);
    n->act.event_count = events;
    out->refused++;
    if (x->errors)
        x->errors[i] = why;
    return store_rollback_to(n->act.tx, e);
}

enum code flow_notice_bulk(struct world *w, const struct bulk_act *x, struct bulk_done *out,
                           struct error *e)
{
    NOTICING(n);
    enum item_event event;
    char text[ID_TEXT];
    *out = (struct bulk_done) { 0 };
    if (x->count == 0 || x->count > BULK_MOST)
        return fail(e, ERR_LIMIT, "1 to %d items at a time", BULK_MOST);
    TRY(item_event_parse(x->event, &event, e));
    if (x->reason.length)
        TRY(reason_parse(x->reason, &(enum reason_code) { 0 }, e));
    TRY(flow_noticing_begin_by(w, x->person, &n, e));
    struct event_id bulk = event_id_make(n.act.now, n.act.chance);
    for (size_t i = 0; i < x->count; i++)
        TRY(bulk_try(&n, bulk, i, event, x, out, e));
    if (x->preview || out->moved == 0)
        return OK;
    event_id_format(bulk, out->id);
    TRY(store_run(n.act.tx,
                  "INSERT INTO desk_bulk (id, person, event, reason, at, until_at) VALUES ($1, $2, "
                  "$3, $4, $5, $6)",
                  SQL(sql_id(bulk), sql_str(x->person), sql_str(x->event), sql_str(x->reason),
                      sql_instant(n.act.now), sql_int(n.act.now.us + INT64_C(86400000000))),
                  NULL, e));
    desk_note(&n.act, "bulk.done", event_id_format(bulk, text), NULL, x->why);
    return flow_noticing_commit(&n, e);
}

static enum code undo_items(struct noticing *n, struct event_id bulk, struct str person,
                            struct bulk_done *out, struct error *e)
{
    struct item_id *ids = ARENA_ARRAY(&n->arena, struct item_id, BULK_MOST);
    struct decision_id *made = ARENA_ARRAY(&n->arena, struct decision_id, BULK_MOST);
    size_t count = 0;
    {
        owned(store_rows) r = NULL;
        bool more;
        TRY(store_query(n->act.tx,
                        "SELECT item, decision FROM desk_bulk_items WHERE bulk = $1 ORDER BY "
                        "item",
                        SQL(sql_id(bulk)), &r, e));
        for (;;) {
            TRY(store_next(r, &more, e));
            if (!more || count == BULK_MOST)
                break;
            store_id(r, 0, ids[count].bytes);
            store_id(r, 1, made[count++].bytes);
        }
    }
    const char *who = str_copy(&n->arena, person);
    for (size_t i = 0; i < count; i++) {
        struct notice_item item;
        struct error why;
        TRY(desk_item_get(n->act.tx, ids[i], &n->arena, &item, e));
        struct item_why undo = { .reason = item.held_reason, .rule = "undo" };
        struct item_step step = { EVENT_UNDO, ACTOR_PERSON, who };
        /* what went on meanwhile (a counter-notice, a complaint) is left as it is */
        if ((item.now.state != ITEM_RESTRICTED && item.now.state != ITEM_DECLINED) ||
            !decision_id_equal(item.decision, made[i])) {
            out->refused++;
            continue;
        }
        enum code code = desk_item_move(&n->act, &item, &step, &undo, &why);
        if (code != OK)
            return fail(e, code, "%s", why.text);
        out->moved++;
    }
    return OK;
}

enum code flow_notice_undo(struct world *w, struct str bulk, struct str person,
                           struct bulk_done *out, struct error *e)
{
    NOTICING(n);
    struct event_id id;
    owned(store_rows) r = NULL;
    bool found;
    *out = (struct bulk_done) { 0 };
    TRY(event_id_parse(bulk, &id, e));
    TRY(flow_noticing_begin_by(w, person, &n, e));
    TRY(store_one(n.act.tx, "SELECT until_at, undone FROM desk_bulk WHERE id = $1", SQL(sql_id(id)),
                  &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no bulk act of this name");
    if (!store_is_null(r, 1))
        return fail(e, ERR_CONFLICT, "it was undone before");
    if (n.act.now.us > store_int(r, 0))
        return fail(e, ERR_CONFLICT, "the day in which it could be undone is over");
    TRY(undo_items(&n, id, person, out, e));
    TRY(store_run(n.act.tx, "UPDATE desk_bulk SET undone = $2 WHERE id = $1",
                  SQL(sql_id(id), sql_instant(n.act.now)), NULL, e));
    desk_note(&n.act, "bulk.undone", event_id_format(id, out->id), NULL, STR(""));
    return flow_noticing_commit(&n, e);
}
