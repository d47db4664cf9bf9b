/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data at rest: XSalsa20-Poly1305 under a key derived from the folder's master key. */
#include <sodium.h>

#include "desk/rows.h"

enum code seal(const struct desk_act *act, struct str text, struct buf *out, struct error *e)
{
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    act->chance->fill(act->chance->state, nonce, sizeof nonce);
    uint8_t *box = arena_try(act->arena, text.length + crypto_secretbox_MACBYTES, 1);
    if (!box)
        return fail(e, ERR_MEMORY, "no memory to seal %zu bytes", text.length);
    crypto_secretbox_easy(box, (const uint8_t *)(text.at ? text.at : ""), text.length, nonce,
                          act->seal_key);
    buf_put(out, nonce, sizeof nonce);
    buf_put(out, box, text.length + crypto_secretbox_MACBYTES);
    return out->failed ? fail(e, ERR_MEMORY, "no memory to seal") : OK;
}

enum code unseal(const struct desk_act *act, struct str sealed, struct buf *out, struct error *e)
{
    const size_t front = crypto_secretbox_NONCEBYTES, mac = crypto_secretbox_MACBYTES;
    if (sealed.length < front + mac)
        return fail(e, ERR_CORRUPT, "what was sealed is too short");
    size_t length = sealed.length - front - mac;
    uint8_t *plain = arena_try(act->arena, length + 1, 1);
    if (!plain)
        return fail(e, ERR_MEMORY, "no memory to open %zu bytes", length);
    const uint8_t *bytes = (const uint8_t *)sealed.at;
    if (crypto_secretbox_open_easy(plain, bytes + front, sealed.length - front, bytes,
                                   act->seal_key) != 0)
        return fail(e, ERR_CORRUPT, "what was sealed was changed, or by another key");
    buf_put(out, plain, length);
    return OK;
}

enum code desk_original(struct desk_act *act, struct notice_id id, int64_t number, struct str why,
                        struct buf *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    if (why.length == 0)
        return fail(e, ERR_INVALID, "say why the original is looked at: it is logged");
    TRY(store_one(act->tx, "SELECT sealed FROM desk_originals WHERE notice = $1 AND number = $2",
                  SQL(sql_id(id), sql_int(number)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no original %lld of this notice",
                    (long long)number);
    TRY(unseal(act, store_bytes(r, 0), out, e));
    desk_note(act, "original.seen", notice_id_format(id, text), NULL, why);
    return OK;
}
