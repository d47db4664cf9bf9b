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

void desk_evidence_members(const struct item_evidence *v, struct json_out *o)
{
    char id[ID_TEXT];
    json_text(o, "recording", recording_id_format(v->recording, id));
    json_text(o, "reference", reference_id_format(v->reference, id));
    json_int(o, "upload_from_ms", v->upload_from_ms);
    json_int(o, "upload_to_ms", v->upload_to_ms);
    json_int(o, "reference_from_ms", v->reference_from_ms);
    json_int(o, "reference_to_ms", v->reference_to_ms);
    json_int(o, "speed_e6", v->speed_e6);
    json_int(o, "pitch_cents", v->pitch_cents);
    json_int(o, "score_e6", v->score_e6);
    json_int(o, "p_false_log", v->p_false_log);
    json_text(o, "engine", v->engine);
    json_text(o, "audio", v->audio);
}

/* Of an open object: over the API and on a terminal the same. */
void desk_sender_members(const struct sender *s, struct instant now, struct json_out *o)
{
    static const char *const proofs[] = { "mailbox", "domain", "key", "document", "repertoire" };
    char id[ID_TEXT];
    struct standing standing = standing_at(s->standing, now);
    struct caps caps = standing_caps(standing, s->proofs, s->trusted);
    json_text(o, "id", sender_id_format(s->id, id));
    json_int(o, "version", s->version);
    json_text(o, "mailbox", s->slug);
    json_text(o, "name", s->name);
    json_text(o, "party", party_id_is_none(s->party) ? NULL : party_id_format(s->party, id));
    json_key(o, "proofs");
    json_begin(o, '[');
    for (size_t i = 0; i < COUNT_OF(proofs); i++)
        if (s->proofs >> i & 1)
            json_put_text(o, proofs[i]);
    json_end(o, ']');
    json_bool(o, "trusted", s->trusted);
    json_text(o, "state", sender_state_word(s->state));
    json_int(o, "standing_mean", standing_mean(standing));
    json_int(o, "standing_low", standing_low(standing));
    json_int(o, "items_per_day", caps.items_per_day);
    json_int(o, "unseen_most", caps.unseen_per_sender);
    json_int(o, "received", s->received);
    json_int(o, "accepted", s->accepted);
    json_int(o, "declined", s->declined);
    json_int(o, "abusive", s->abusive);
    json_int(o, "countered", s->countered);
    json_int(o, "reversed", s->reversed);
    json_instant(o, "first_seen", s->first_seen);
    json_instant(o, "until", s->due);
}

void desk_order_members(const struct order *x, struct json_out *o)
{
    char id[ID_TEXT];
    json_text(o, "id", order_id_format(x->id, id));
    json_text(o, "notice", notice_id_format(x->notice, id));
    json_text(o, "authority", x->authority);
    json_text(o, "number", x->number);
    json_text(o, "country", x->country);
    json_text(o, "territories", x->territories);
    json_int(o, "targets", x->targets);
    json_instant(o, "received", x->received);
    json_instant(o, "effect", x->effect);
    json_instant(o, "until", x->until);
}
