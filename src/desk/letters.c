/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: written with the act, marked when the letter is out; its words are made from the
 * records when it is sent, and those never change. */
#include "desk/rows.h"

enum code desk_letter_put(struct desk_act *act, enum letter kind, const char *receiver,
                          struct notice_id notice, struct item_id item, struct decision_id decision,
                          const char *secret, struct error *e)
{
    struct letter_id id = letter_id_make(act->now, act->chance);
    return store_run(act->tx,
                     "INSERT INTO desk_letters (id, kind, receiver, notice, item, decision, at, "
                     "tries, next, secret) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7, $8)",
                     SQL(sql_id(id), sql_text(letter_word(kind)), sql_text(receiver),
                         ROW_ID(notice), ROW_ID(item), ROW_ID(decision), sql_instant(act->now),
                         sql_text(secret ? secret : "")),
                     NULL, e);
}

static void letter_read(const struct store_rows *r, struct arena *a, struct letter_row *l)
{
    *l = (struct letter_row) { .receiver = text_of(r, 2, a),
                               .at = store_instant(r, 6),
                               .tries = store_int(r, 7),
                               .secret = text_of(r, 8, a) };
    store_id(r, 0, l->id.bytes);
    store_id(r, 3, l->notice.bytes);
    store_id(r, 4, l->item.bytes);
    store_id(r, 5, l->decision.bytes);
    for (int k = 0; k < LETTER_COUNT; k++)
        if (str_is(store_text(r, 1), letter_word((enum letter)k)))
            l->kind = (enum letter)k;
}

enum code desk_letter_unsent(struct store_tx *tx, struct instant now, size_t limit, struct arena *a,
                             struct letter_row **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct letter_row *list = ARENA_ARRAY(a, struct letter_row, limit);
    TRY(store_query(tx,
                    "SELECT id, kind, receiver, notice, item, decision, at, tries, secret FROM "
                    "desk_letters WHERE sent IS NULL AND next <= $1 ORDER BY next, id LIMIT $2",
                    SQL(sql_instant(now), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        letter_read(r, a, &list[n++]);
    }
    *out = list;
    *count = n;
    return OK;
}

/* What failed is tried again after 1, 2, 4, ... minutes, a day at most. */
static int64_t wait_us(int64_t tries)
{
    const int64_t minute = 60000000;
    return tries > 10 ? 1440 * minute : minute << tries;
}

enum code desk_letter_sent(struct desk_act *act, const struct letter_row *l, bool sent,
                           struct error *e)
{
    if (sent)
        return store_run(act->tx, "UPDATE desk_letters SET sent = $2, secret = '' WHERE id = $1",
                         SQL(sql_id(l->id), sql_instant(act->now)), NULL, e);
    return store_run(act->tx, "UPDATE desk_letters SET tries = tries + 1, next = $2 WHERE id = $1",
                     SQL(sql_id(l->id), sql_int(act->now.us + wait_us(l->tries))), NULL, e);
}
