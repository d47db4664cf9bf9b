/* SPDX-License-Identifier: Apache-2.0 */
/* What comes after a decision, for those who have no account: the link of a letter is the key. */
#include "flow/agreement.h"
#include "flow/notice_inside.h"

#include <sodium.h>

/* One key an item and side, made from the folder's secret: nothing is kept, nothing can be guessed. */
void flow_item_key(const struct world *w, struct item_id item, enum actor side,
                   char out[ITEM_KEY_TEXT])
{
    uint8_t bytes[ID_BYTES + 1], hash[ITEM_KEY_TEXT / 2];
    memcpy(bytes, item.bytes, ID_BYTES);
    bytes[ID_BYTES] = (uint8_t)side;
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, w->folder.master_key,
                       MASTER_KEY_BYTES);
    hex_encode(hash, sizeof hash, out);
}

static enum code key_check(const struct world *w, struct item_id item, enum actor side,
                           struct str key, struct error *e)
{
    char right[ITEM_KEY_TEXT];
    flow_item_key(w, item, side, right);
    if (key.length != ITEM_KEY_TEXT - 1 || sodium_memcmp(right, key.at, ITEM_KEY_TEXT - 1) != 0)
        return fail(e, ERR_DENIED, "this is not the link that was sent");
    return OK;
}

enum code flow_item_told(struct world *w, struct str item, enum actor side, struct str key,
                         struct arena *a, struct item_told *out, struct error *e)
{
    TX(tx);
    struct item_id id;
    struct item_evidence *heard;
    size_t count;
    *out = (struct item_told) { 0 };
    TRY(item_id_parse(item, &id, e));
    TRY(key_check(w, id, side, key, e));
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(desk_item_get(tx, id, a, &out->item, e));
    TRY(desk_evidence_list(tx, id, a, &heard, &count, e));
    if (count)
        out->evidence = heard[count - 1];
    out->has_evidence = count > 0;
    out->decided = !decision_id_is_none(out->item.decision);
    out->agreement = "";
    if (!out->decided)
        return OK;
    TRY(desk_decision_get(tx, out->item.decision, a, &out->decision, e));
    return flow_agreement_words(tx, out->decision.at, a, &out->agreement, e);
}

struct answering {
    struct noticing *n;
    struct notice_item *item;
    enum actor side;
    const struct item_answer *x;
};
typedef enum code answerer(const struct answering *a, struct error *e);

static enum code move(const struct answering *a, enum item_event event, struct error *e)
{
    struct item_why why = { .reason = a->item->held_reason };
    return desk_item_move(&a->n->act, a->item, &(struct item_step) { event, a->side, NULL }, &why,
                          e);
}

static enum code countered(const struct answering *a, struct error *e)
{
    return desk_counter(&a->n->act, a->item, &a->x->counter, e);
}

static enum code complained(const struct answering *a, struct error *e)
{
    return desk_complain(&a->n->act, a->item, a->side, a->x->text, e);
}

static enum code disputed(const struct answering *a, struct error *e)
{
    return move(a, EVENT_DISPUTE, e);
}

/* The upload is taken away by who put it there: what was asked for is done, and no strike follows. */
static enum code cured(const struct answering *a, struct error *e)
{
    struct upload u;
    TRY(move(a, EVENT_CURE, e));
    if (upload_id_is_none(a->item->upload))
        return OK;
    TRY(media_upload_get(a->n->act.tx, a->item->network, a->item->upload, &a->n->arena, &u, e));
    u.state = UPLOAD_WITHDRAWN;
    return media_upload_change(a->n->act.tx, &u, e);
}

enum code flow_item_answer(struct world *w, struct str item, enum actor side, struct str key,
                           const struct item_answer *x, struct error *e)
{
    static const struct {
        enum item_event event;
        answerer *answer;
    } rows[] = { { EVENT_COUNTER, countered },
                 { EVENT_COMPLAIN, complained },
                 { EVENT_DISPUTE, disputed },
                 { EVENT_CURE, cured } };
    NOTICING(n);
    struct item_id id;
    struct notice_item row;
    TRY(item_id_parse(item, &id, e));
    TRY(key_check(w, id, side, key, e));
    TRY(flow_noticing_begin(w, str_of(actor_word(side)), &n, e));
    TRY(desk_item_get(n.act.tx, id, &n.arena, &row, e));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].event == x->event) {
            TRY(rows[i].answer(&(struct answering) { &n, &row, side, x }, e));
            return flow_noticing_commit(&n, e);
        }
    return fail(e, ERR_INVALID, "%s is not done by a letter's link", item_event_word(x->event));
}

enum code flow_dispute_open(struct world *w, struct str item, struct str body, struct str person,
                            struct error *e)
{
    NOTICING(n);
    struct item_id id;
    struct notice_item row;
    struct dispute_id dispute;
    TRY(item_id_parse(item, &id, e));
    TRY(flow_noticing_begin_by(w, person, &n, e));
    TRY(desk_item_get(n.act.tx, id, &n.arena, &row, e));
    TRY(desk_dispute_open(&n.act, &row, body, &dispute, e));
    return flow_noticing_commit(&n, e);
}

enum code flow_dispute_decide(struct world *w, struct str item, struct str result, bool implemented,
                              struct str person, struct error *e)
{
    NOTICING(n);
    struct item_id id;
    struct notice_item row;
    TRY(item_id_parse(item, &id, e));
    TRY(flow_noticing_begin_by(w, person, &n, e));
    TRY(desk_item_get(n.act.tx, id, &n.arena, &row, e));
    TRY(desk_dispute_decide(&n.act, &row, result, implemented, e));
    return flow_noticing_commit(&n, e);
}
