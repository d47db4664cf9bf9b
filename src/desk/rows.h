/* SPDX-License-Identifier: Apache-2.0 */
/* Columns <-> members. Inside desk only. */
#ifndef LICET_DESK_ROWS_H
#define LICET_DESK_ROWS_H

#include "desk/records.h"

static inline struct sql_value row_id(const uint8_t bytes[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(bytes, none, ID_BYTES) == 0 ? sql_null() : sql_bytes(bytes, ID_BYTES);
}
#define ROW_ID(id) row_id((id).bytes)
static inline struct sql_value row_due(struct instant t)
{
    return t.us == INT64_MAX ? sql_null() : sql_int(t.us);
}
static inline struct instant due_of(const struct store_rows *r, int column)
{
    return store_is_null(r, column) ? INSTANT_NEVER : store_instant(r, column);
}
static inline const char *text_of(const struct store_rows *r, int column, struct arena *a)
{
    return store_is_null(r, column) ? NULL : str_copy(a, store_text(r, column));
}

MUST_USE enum code row_sender_put(struct store_tx *tx, const struct sender *s, struct error *e);
MUST_USE enum code row_sender_change(struct store_tx *tx, const struct sender *s, struct error *e);
MUST_USE enum code row_sender_find(struct store_tx *tx, struct str slug, struct arena *a,
                                   struct sender *out, bool *found, struct error *e);
MUST_USE enum code row_notice_put(struct store_tx *tx, const struct notice *n, struct error *e);
MUST_USE enum code row_notice_change(struct store_tx *tx, const struct notice *n, struct error *e);
/* Of at most SQL_IDS_MOST ids. */
MUST_USE enum code row_notices(struct store_tx *tx, const uint8_t (*ids)[ID_BYTES], size_t count,
                               struct arena *a, struct notice *out, size_t *got, struct error *e);
MUST_USE enum code row_item_put(struct store_tx *tx, const struct notice_item *i, struct error *e);
MUST_USE enum code row_item_change(struct store_tx *tx, const struct notice_item *i,
                                   struct error *e);
/* Start the clock of a record's state. */
struct instant due_from(const struct desk_act *act, enum deadline clock, enum regime regime,
                        struct instant from);
/* acts.c: a mailbox as senders are known by: in small letters */
const char *act_mailbox(struct desk_act *act, struct str mailbox);
/* known.c */
void known_hash(const struct notice_draft *d, uint8_t out[32]);
const char *known_key(struct desk_act *act, const struct notice_draft *d, const char *slug);
/* errors  CONFLICT the key was used for another */
MUST_USE enum code known_before(struct desk_act *act, const struct notice_draft *d,
                                const struct sender *s, const uint8_t hash[32],
                                struct received *out, struct error *e);
void known_now(struct desk_act *act, const struct notice *n); /* it was written */
/* orders.c */
MUST_USE enum code order_check(const struct notice_draft *d, struct error *e);
MUST_USE enum code order_put(struct desk_act *act, const struct notice_draft *d,
                             const struct notice *n, struct error *e);
MUST_USE enum code order_territories(struct desk_act *act, const struct notice_item *item,
                                     const char **territories, struct error *e);
MUST_USE enum code order_hold(struct desk_act *act, const struct notice_item *item,
                              struct error *e);
MUST_USE enum code order_told(struct desk_act *act, const struct notice_item *item,
                              struct error *e);
MUST_USE enum code order_release(struct desk_act *act, const struct notice_item *item,
                                 struct error *e);
/* misuse.c: a refusal was written to the sender's record */
MUST_USE enum code misuse_weigh(struct desk_act *act, struct sender *s, bool abusive,
                                struct error *e);
/* timers.c: letters that are not out when they have to be; the clock of this year's report */
MUST_USE enum code desk_letters_late(struct desk_act *act, size_t *count, struct error *e);
MUST_USE enum code desk_report_clock(struct desk_act *act, size_t *begun, struct error *e);
/* seal.c */
MUST_USE enum code seal(const struct desk_act *act, struct str text, struct buf *out,
                        struct error *e);
MUST_USE enum code unseal(const struct desk_act *act, struct str sealed, struct buf *out,
                          struct error *e);

#endif
