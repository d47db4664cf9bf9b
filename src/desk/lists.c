/* SPDX-License-Identifier: Apache-2.0 */
/* What was decided of an item, one after the other; and the link by which a sender sees to a notice. */
#include <sodium.h>

#include "desk/rows.h"

enum code desk_decision_list(struct store_tx *tx, struct item_id item, size_t limit,
                             struct arena *a, struct decision **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct decision *list = ARENA_ARRAY(a, struct decision, limit);
    TRY(store_query(tx,
                    "SELECT id, event, reason, rule, actor, territories, evidence, supersedes, "
                    "proof, at, second FROM desk_decisions WHERE item = $1 ORDER BY at, id LIMIT "
                    "$2",
                    SQL(sql_id(item), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        struct decision *d = &list[n++];
        store_id(r, 0, d->id.bytes);
        d->event = text_of(r, 1, a);
        TRY(reason_parse(store_text(r, 2), &d->reason, e));
        d->rule = text_of(r, 3, a);
        d->actor = text_of(r, 4, a);
        d->territories = text_of(r, 5, a);
        store_id(r, 6, d->evidence.bytes);
        store_id(r, 7, d->supersedes.bytes);
        d->proof = text_of(r, 8, a);
        d->at = store_instant(r, 9);
        d->second = store_text(r, 10).length > 0;
    }
    *out = list;
    *count = n;
    return OK;
}

/* ---- the sender's link: derived, so that it is kept nowhere and can be sent again ---- */

void desk_notice_link(const uint8_t seal_key[DESK_SEAL_KEY], struct notice_id id, char out[65])
{
    static const char purpose[] = "link of a notice";
    uint8_t hash[32];
    crypto_generichash_state s;
    crypto_generichash_init(&s, seal_key, DESK_SEAL_KEY, sizeof hash);
    crypto_generichash_update(&s, (const uint8_t *)purpose, sizeof purpose);
    crypto_generichash_update(&s, id.bytes, sizeof id.bytes);
    crypto_generichash_final(&s, hash, sizeof hash);
    hex_encode(hash, sizeof hash, out);
}

bool desk_notice_link_is(const uint8_t seal_key[DESK_SEAL_KEY], struct notice_id id,
                         struct str link)
{
    char own[65];
    desk_notice_link(seal_key, id, own);
    return link.length == 64 && sodium_memcmp(own, link.at, 64) == 0;
}
