/* SPDX-License-Identifier: Apache-2.0 */
/* What comes after a decision: counter-notice, complaint, withdrawal; and what verdicts ask. */
#include "desk/rows.h"

static void missing_words(unsigned missing, char out[300])
{
    BUF(words);
    elements_format(missing, &words);
    snprintf(out, 300, "%.*s", STR_ARG(buf_as_str(&words)));
}

enum code desk_counter(struct desk_act *act, struct notice_item *item,
                       const struct counter_draft *d, struct error *e)
{
    BUF(sealed);
    struct sender *s;
    unsigned missing = counter_missing(d->elements);
    char words[300];
    if (item->now.state != ITEM_RESTRICTED)
        return fail(e, ERR_CONFLICT, "the item is %s: there is nothing to counter",
                    item_state_word(item->now.state));
    missing_words(missing, words);
    if (missing)
        return fail(e, ERR_INVALID, "a counter-notice needs: %s", words);
    TRY(seal(act, d->raw, &sealed, e));
    TRY(store_run(act->tx,
                  "INSERT INTO desk_counters (item, reason, elements, received, sealed) VALUES "
                  "($1, $2, $3, $4, $5) ON CONFLICT (item) DO UPDATE SET reason = $2, elements = "
                  "$3, received = $4, sealed = $5, action_filed = NULL, restored = NULL",
                  SQL(sql_id(item->id), sql_text(counter_reason_word(d->reason)),
                      sql_int(d->elements), sql_instant(act->now),
                      sql_bytes(sealed.bytes, sealed.length)),
                  NULL, e));
    TRY(desk_sender(act, item->sender, &s, e));
    s->countered++;
    struct item_why why = { .reason = item->held_reason, .rule = counter_reason_word(d->reason) };
    return desk_item_move(act, item, &(struct item_step) { EVENT_COUNTER, ACTOR_UPLOADER, NULL },
                          &why, e);
}

enum code desk_complain(struct desk_act *act, struct notice_item *item, enum actor by,
                        struct str text, struct error *e)
{
    BUF(sealed);
    struct complaint_id id = complaint_id_make(act->now, act->chance);
    struct decision_id of = item->decision;
    if (text.length == 0 || text.length > 65536 || !str_is_utf8(text))
        return fail(e, ERR_INVALID, "say in up to 65,536 bytes of text what is wrong");
    struct item_why why = { .reason = item->held_reason };
    TRY(desk_item_move(act, item, &(struct item_step) { EVENT_COMPLAIN, by, NULL }, &why, e));
    TRY(seal(act, text, &sealed, e));
    return store_run(act->tx,
                     "INSERT INTO desk_complaints (id, item, by_whom, decision, outcome, person, "
                     "received, dispute_body, dispute_result, sealed) VALUES ($1, $2, $3, $4, '', "
                     "'', $5, '', '', $6)",
                     SQL(sql_id(id), sql_id(item->id), sql_text(actor_word(by)), ROW_ID(of),
                         sql_instant(act->now), sql_bytes(sealed.bytes, sealed.length)),
                     NULL, e);
}

enum code desk_complaint_decide(struct desk_act *act, struct notice_item *item,
                                enum item_event outcome, const char *person,
                                const struct item_why *why, struct error *e)
{
    if (item->now.state != ITEM_COMPLAINED && item->now.state != ITEM_COMPLAINED_DECLINED)
        return fail(e, ERR_CONFLICT, "there is no complaint about this item");
    TRY(desk_item_move(act, item, &(struct item_step) { outcome, ACTOR_PERSON, person }, why, e));
    if (item->now.state == ITEM_HELD_SECOND)
        return OK; /* decided when it is confirmed */
    return store_run(act->tx,
                     "UPDATE desk_complaints SET outcome = $2, person = $3, decided = $4 WHERE "
                     "item = $1 AND decided IS NULL",
                     SQL(sql_id(item->id), sql_text(item_event_word(outcome)), sql_text(person),
                         sql_instant(act->now)),
                     NULL, e);
}

static bool knows_withdraw(enum item_state s)
{
    for (size_t i = 0; i < item_move_count; i++)
        if (item_moves[i].from == s && item_moves[i].event == EVENT_WITHDRAW)
            return true;
    return false;
}

enum code desk_withdraw(struct desk_act *act, struct notice_id id, enum actor by,
                        const char *person, struct error *e)
{
    struct item_filter f = { .notice = id, .state = -1, .limit = ITEMS_MOST };
    struct notice_item *items;
    struct notice *n;
    size_t count, moved = 0;
    TRY(desk_notice(act, id, &n, e));
    TRY(desk_item_list(act->tx, &f, act->arena, &items, &count, e));
    struct item_why why = { .reason = REASON_WITHDRAWN };
    for (size_t i = 0; i < count; i++) {
        if (!knows_withdraw(items[i].now.state))
            continue;
        TRY(desk_item_move(act, &items[i], &(struct item_step) { EVENT_WITHDRAW, by, person }, &why,
                           e));
        moved++;
    }
    if (moved == 0)
        return fail(e, ERR_CONFLICT, "nothing of this notice can be withdrawn any more");
    n->state = NOTICE_WITHDRAWN;
    n->due = INSTANT_NEVER;
    return OK;
}

/* ---- what verdicts ask ---- */

static enum code held_itself(struct store_tx *tx, struct upload_id upload, struct desk_held *out,
                             struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT id, version FROM desk_items WHERE upload = $1 AND state IN "
                  "('restricted', 'countered', 'kept_action_filed', 'complained', "
                  "'final_restricted') AND regime NOT IN ('dsa9', 'ru15_2') AND channel <> 'court' "
                  "ORDER BY id LIMIT 1",
                  SQL(sql_id(upload)), &r, &found, e));
    if (!found)
        return OK;
    out->hold = DESK_RESTRICTED;
    store_id(r, 0, out->item.bytes);
    out->version = store_int(r, 1);
    return OK;
}

static enum code is_excepted(struct store_tx *tx, struct network_id network,
                             struct upload_id upload, bool *excepted, struct error *e)
{
    owned(store_rows) r = NULL;
    return store_one(tx, "SELECT 1 FROM desk_exceptions WHERE network = $1 AND upload = $2",
                     SQL(sql_id(network), sql_id(upload)), &r, excepted, e);
}

static enum code stays(struct store_tx *tx, const char *sql, const struct sql_value *values,
                       size_t count, struct territory where, struct desk_held *out, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_query(tx, sql, values, count, &r, e));
    while (out->hold == DESK_FREE) {
        bool more;
        struct territory_set set;
        TRY(store_next(r, &more, e));
        if (!more)
            break;
        TRY(territory_set_parse(store_text(r, 1), &set, NULL, e));
        if (territory_is_known(where) && !territory_set_has(&set, where))
            continue;
        out->hold = DESK_STAY_DOWN;
        store_id(r, 0, out->item.bytes);
        out->version = 1;
    }
    return OK;
}

enum code desk_held(struct store_tx *tx, struct network_id network, struct upload_id upload,
                    const char *blob, const struct recording_id *recordings, size_t count,
                    struct territory where, struct desk_held *out, struct error *e)
{
    bool excepted;
    *out = (struct desk_held) { 0 };
    TRY(held_itself(tx, upload, out, e));
    if (out->hold != DESK_FREE)
        return OK;
    TRY(is_excepted(tx, network, upload, &excepted, e));
    if (excepted)
        return OK;
    if (blob)
        TRY(stays(tx,
                  "SELECT item, territories FROM desk_stays WHERE blob = $1 AND network = $2 AND "
                  "released IS NULL ORDER BY item LIMIT 100",
                  SQL(sql_text(blob), sql_id(network)), where, out, e));
    for (size_t i = 0; i < count && out->hold == DESK_FREE; i++)
        TRY(stays(tx,
                  "SELECT item, territories FROM desk_stays WHERE recording = $1 AND network = $2 "
                  "AND released IS NULL ORDER BY item LIMIT 100",
                  SQL(sql_id(recordings[i]), sql_id(network)), where, out, e));
    return OK;
}

/* ---- the invariants ---- */

static enum code count_of(struct store_tx *tx, const char *sql, int64_t *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, sql, SQL_NONE, &r, &found, e));
    *out = store_int(r, 0);
    return OK;
}

#define FINAL_STATES                                                                               \
    "('cured', 'withdrawn', 'final_restricted', 'final_declined', 'final_restored')"

enum code desk_check(struct store_tx *tx, struct desk_check *out, struct error *e)
{
    TRY(count_of(tx,
                 "SELECT COUNT(*) FROM desk_items WHERE due IS NULL AND state NOT IN " FINAL_STATES,
                 &out->without_clock, e));
    TRY(count_of(tx,
                 "SELECT COUNT(*) FROM desk_items WHERE due IS NOT NULL AND state IN " FINAL_STATES,
                 &out->final_with_clock, e));
    TRY(count_of(tx, "SELECT COUNT(*) FROM desk_items WHERE (state = 'claimed') <> (holder <> '')",
                 &out->without_owner, e));
    TRY(count_of(tx,
                 "SELECT COUNT(*) FROM desk_items i WHERE state IN ('restricted', 'countered', "
                 "'kept_action_filed', 'complained', 'final_restricted') AND NOT EXISTS (SELECT 1 "
                 "FROM desk_letters l WHERE l.item = i.id AND l.kind = 'statement')",
                 &out->restricted_without_statement, e));
    return count_of(tx,
                    "SELECT COUNT(*) FROM desk_notices n WHERE undecided <> (SELECT COUNT(*) FROM "
                    "desk_items i WHERE i.notice = n.id AND i.decision IS NULL)",
                    &out->undecided_wrong, e);
}
