/* SPDX-License-Identifier: Apache-2.0 */
/* One move of an item, with all that it brings about, in the act's transaction. */
#include "desk/rows.h"

struct moving {
    struct desk_act *act;
    struct notice_item *item;
    struct sender *sender;
    struct notice *notice;
    const struct item_step *step;
    const struct item_why *why;
    enum item_state from;
    unsigned effects;
    bool refused; /* for a reason that weighs */
    enum reason_code reason;
    struct decision_id decision, before;
    const char *second; /* who confirmed */
    const char *where;  /* territories of the decision */
};

/* ---- parts ---- */

static enum code put_evidence(struct moving *m, struct error *e)
{
    const struct item_evidence *v = m->why->evidence;
    return store_run(
        m->act->tx,
        "INSERT INTO desk_evidence (id, item, recording, reference, upload_from_ms, upload_to_ms, "
        "reference_from_ms, reference_to_ms, speed_e6, pitch_cents, score_e6, p_false_log, engine, "
        "audio, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        SQL(sql_id(v->id), sql_id(m->item->id), sql_id(v->recording), sql_id(v->reference),
            sql_int(v->upload_from_ms), sql_int(v->upload_to_ms), sql_int(v->reference_from_ms),
            sql_int(v->reference_to_ms), sql_int(v->speed_e6), sql_int(v->pitch_cents),
            sql_int(v->score_e6), sql_int(v->p_false_log), sql_text(v->engine), sql_text(v->audio),
            sql_instant(m->act->now)),
        NULL, e);
}

static enum code put_decision(struct moving *m, struct error *e)
{
    const struct item_why *w = m->why;
    const char *where = NULL;
    if (regime_is_order(m->item->regime, m->item->channel))
        TRY(order_territories(m->act, m->item, &where, e));
    if (!where)
        where = w->territories ? w->territories : "Worldwide";
    m->where = where;
    m->before = m->item->decision;
    m->decision = decision_id_make(m->act->now, m->act->chance);
    TRY(store_run(
        m->act->tx,
        "INSERT INTO desk_decisions (id, item, event, reason, rule, actor, person, second, "
        "territories, until_at, evidence, supersedes, proof, at) VALUES ($1, $2, $3, $4, $5, $6, "
        "$7, $8, $9, $10, $11, $12, $13, $14)",
        SQL(sql_id(m->decision), sql_id(m->item->id), sql_text(item_event_word(m->step->event)),
            sql_text(reason_word(m->reason)), sql_text(w->rule ? w->rule : ""),
            sql_text(actor_word(m->step->by)), sql_text(m->item->now.first), sql_text(m->second),
            sql_text(where), sql_instant(INSTANT_NEVER),
            w->evidence ? sql_id(w->evidence->id) : sql_null(), ROW_ID(m->before),
            sql_text(w->proof ? w->proof : ""), sql_instant(m->act->now)),
        NULL, e));
    m->item->decision = m->decision;
    return OK;
}

static enum code strike(struct moving *m, struct error *e)
{
    struct desk_act *act = m->act;
    struct strike_id id = strike_id_make(act->now, act->chance);
    if (!m->item->uploader)
        return OK;
    return store_run(
        act->tx,
        "INSERT INTO desk_strikes (item, id, network, uploader, state, at, due) VALUES ($1, $2, "
        "$3, $4, 'pending', $5, $6) ON CONFLICT (item) DO UPDATE SET state = 'pending', at = $5, "
        "due = $6",
        SQL(sql_id(m->item->id), sql_id(id), sql_id(m->item->network), sql_text(m->item->uploader),
            sql_instant(act->now),
            sql_instant(due_from(act, DEADLINE_STRIKE, m->item->regime, act->now))),
        NULL, e);
}

static enum code clear_strike(struct moving *m, struct error *e)
{
    return store_run(m->act->tx,
                     "UPDATE desk_strikes SET state = 'cleared', due = NULL WHERE item = $1",
                     SQL(sql_id(m->item->id)), NULL, e);
}

/* A reversal that was held is the complaint's outcome when it is confirmed. */
static enum code end_complaint(struct moving *m, struct error *e)
{
    return store_run(
        m->act->tx,
        "UPDATE desk_complaints SET outcome = 'reverse', person = $2, decided = $3 "
        "WHERE item = $1 AND decided IS NULL",
        SQL(sql_id(m->item->id), sql_text(m->item->now.first), sql_instant(m->act->now)), NULL, e);
}

/* While a decision is disputed its strike neither counts nor runs out. */
static enum code hold_strike(struct moving *m, struct error *e)
{
    return store_run(m->act->tx,
                     "UPDATE desk_strikes SET state = 'pending', due = NULL WHERE item = $1 AND "
                     "state IN ('pending', 'active')",
                     SQL(sql_id(m->item->id)), NULL, e);
}

static enum code run_strike(struct moving *m, struct error *e)
{
    return store_run(m->act->tx,
                     "UPDATE desk_strikes SET due = $2 WHERE item = $1 AND state = 'pending' AND "
                     "due IS NULL",
                     SQL(sql_id(m->item->id), sql_instant(m->act->now)), NULL, e);
}

static enum code stay_down(struct moving *m, struct error *e)
{
    const struct item_evidence *v = m->why->evidence;
    if (!v && !m->why->blob)
        return OK;
    return store_run(
        m->act->tx,
        "INSERT INTO desk_stays (item, network, recording, blob, territories, since) VALUES ($1, "
        "$2, $3, $4, $5, $6) ON CONFLICT (item) DO UPDATE SET released = NULL, since = $6",
        SQL(sql_id(m->item->id), sql_id(m->item->network), v ? sql_id(v->recording) : sql_null(),
            sql_text(m->why->blob),
            sql_text(m->why->territories ? m->why->territories : "Worldwide"),
            sql_instant(m->act->now)),
        NULL, e);
}

/* What was held by this item's stay-down plays again, and the upload itself is not held by the
 * stay-down of another copy of it. */
static enum code release(struct moving *m, struct error *e)
{
    TRY(store_run(m->act->tx,
                  "UPDATE desk_stays SET released = $2 WHERE item = $1 AND released IS NULL",
                  SQL(sql_id(m->item->id), sql_instant(m->act->now)), NULL, e));
    if (upload_id_is_none(m->item->upload))
        return OK;
    return store_run(m->act->tx,
                     "INSERT INTO desk_exceptions (network, upload, why, at) VALUES ($1, $2, $3, "
                     "$4) ON CONFLICT (network, upload) DO NOTHING",
                     SQL(sql_id(m->item->network), sql_id(m->item->upload),
                         sql_text(item_event_word(m->step->event)), sql_instant(m->act->now)),
                     NULL, e);
}

static const char *sender_receiver(struct moving *m)
{
    char id[ID_TEXT];
    return arena_format(m->act->arena, "sender %s", sender_id_format(m->item->sender, id));
}

static const char *uploader_receiver(struct moving *m)
{
    char id[ID_TEXT];
    return arena_format(m->act->arena, "uploader %s/%s", network_id_format(m->item->network, id),
                        m->item->uploader ? m->item->uploader : "");
}

static enum code letter(struct moving *m, enum letter kind, const char *receiver, struct error *e)
{
    return desk_letter_put(m->act, kind, receiver, m->item->notice, m->item->id, m->item->decision,
                           "", e);
}

/* The sender is told once, when the last item of the notice is decided; what changes later is told
 * item by item. */
static enum code answer(struct moving *m, struct error *e)
{
    if (m->from != ITEM_WAITING && !decision_id_is_none(m->before))
        return letter(m, LETTER_ANSWER, sender_receiver(m), e);
    if (m->notice->undecided > 0 && --m->notice->undecided > 0)
        return OK;
    if (m->notice->state != NOTICE_LAPSED && m->notice->state != NOTICE_WITHDRAWN)
        m->notice->state = NOTICE_CLOSED;
    m->notice->due = INSTANT_NEVER;
    if (regime_is_order(m->item->regime, m->item->channel))
        TRY(order_told(m->act, m->item, e));
    return desk_letter_put(m->act, LETTER_ANSWER, sender_receiver(m), m->item->notice,
                           (struct item_id) { { 0 } }, (struct decision_id) { { 0 } }, "", e);
}

static enum letter uploader_letter(const struct moving *m)
{
    if (m->item->now.state == ITEM_SCHEDULED)
        return LETTER_SCHEDULED;
    return m->item->now.state == ITEM_RESTRICTED ? LETTER_COMPLAINT : LETTER_RESTORED;
}

/* 149-FZ 15.2: the owner is informed in a working day; the clock began with the receipt. */
static enum code owner_informed(struct moving *m, struct error *e)
{
    char id[ID_TEXT];
    return m->item->regime == REGIME_RU15_2
               ? desk_timers_clear(m->act, item_id_format(m->item->id, id), e)
               : OK;
}

static enum code letters(struct moving *m, struct error *e)
{
    if (m->effects & (EFFECT_STATEMENT | EFFECT_TELL_UPLOADER))
        TRY(owner_informed(m, e));
    if (m->effects & EFFECT_STATEMENT)
        TRY(letter(m, LETTER_STATEMENT, uploader_receiver(m), e));
    if (m->effects & EFFECT_TELL_UPLOADER)
        TRY(letter(m, uploader_letter(m), uploader_receiver(m), e));
    if (m->effects & EFFECT_FORWARD)
        TRY(letter(m, LETTER_COUNTER, sender_receiver(m), e));
    if (m->effects & EFFECT_ALARM)
        TRY(letter(m, LETTER_ALARM, "operator", e));
    return m->effects & EFFECT_ANSWER ? answer(m, e) : OK;
}

/* ---- the sender's record ---- */

/* What a refusal says of the sender: nothing where the item was gone or asked for twice. */
static int weight_of(enum reason_code r)
{
    switch (r) {
    case REASON_ABUSIVE:
        return STANDING_ABUSE_WEIGHT;
    case REASON_NO_MANDATE:
    case REASON_WRONG_LOCATION:
    case REASON_NOT_IN_ITEM:
    case REASON_TERRITORY:
    case REASON_NOT_PROTECTABLE:
    case REASON_OWN_CONTENT:
        return 1;
    case REASON_MATCH:
    case REASON_REVIEWED:
    case REASON_ORDER:
    case REASON_DEADLINE:
    case REASON_INCOMPLETE:
    case REASON_UNREACHABLE:
    case REASON_ALREADY_GONE:
    case REASON_DUPLICATE:
    case REASON_LICENSED:
    case REASON_EXCEPTION:
    case REASON_SENDER_SUSPENDED:
    case REASON_WITHDRAWN:
    case REASON_COUNT:
        break;
    }
    return 0;
}

static void judge_sender(struct moving *m)
{
    struct sender *s = m->sender;
    if (!(m->effects & EFFECT_DECISION))
        return;
    if (m->step->by == ACTOR_PERSON)
        s->unseen = 0;
    if (m->effects & EFFECT_RESTRICT) {
        s->accepted++;
        s->unseen += m->step->by == ACTOR_MACHINE;
        s->standing = standing_judged(s->standing, true, 1, m->act->now);
    } else if (m->effects & EFFECT_RELEASE) {
        s->reversed++;
        if (m->step->event == EVENT_REVERSE)
            s->standing = standing_judged(s->standing, false, 1, m->act->now);
    } else {
        int weight = weight_of(m->reason);
        s->declined++;
        s->abusive += m->reason == REASON_ABUSIVE;
        m->refused = weight > 0;
        if (weight)
            s->standing = standing_judged(s->standing, false, weight, m->act->now);
    }
}

/* ---- the event ---- */

#define ID_OR_NULL(thing, id, text) (thing##_id_is_none(id) ? NULL : thing##_id_format(id, text))

static void decided_note(struct moving *m)
{
    const struct notice_item *i = m->item;
    const struct item_why *w = m->why;
    char id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "event", item_event_word(m->step->event));
    json_text(&o, "from", item_state_word(m->from));
    json_text(&o, "to", item_state_word(i->now.state));
    json_text(&o, "reason", reason_word(m->reason));
    json_text(&o, "rule", w->rule ? w->rule : "");
    json_text(&o, "by", actor_word(m->step->by));
    json_bool(&o, "second", m->second[0] != '\0');
    json_text(&o, "notice", notice_id_format(i->notice, id));
    json_text(&o, "sender", sender_id_format(i->sender, id));
    json_text(&o, "class", item_class_word(i->class));
    json_text(&o, "regime", regime_word(i->regime));
    json_text(&o, "channel", channel_word(i->channel));
    json_text(&o, "kind", item_kind_word(i->kind));
    json_int(&o, "received", i->received.us);
    json_text(&o, "network", ID_OR_NULL(network, i->network, id));
    json_text(&o, "upload", ID_OR_NULL(upload, i->upload, id));
    json_text(&o, "territories", m->where);
    json_text(&o, "decision", decision_id_format(m->decision, id));
    json_text(&o, "supersedes", ID_OR_NULL(decision, m->before, id));
    if (!item_id_is_none(i->canonical))
        json_text(&o, "canonical", item_id_format(i->canonical, id));
    if (w->evidence) {
        json_key(&o, "evidence");
        json_begin(&o, '{');
        desk_evidence_members(w->evidence, &o);
        json_end(&o, '}');
    }
    if (w->proof && w->proof[0]) {
        json_key(&o, "proof");
        json_put_raw(&o, str_of(w->proof));
    }
    json_end(&o, '}');
    desk_note(m->act, "item.decided", item_id_format(i->id, id), &after, STR(""));
}

static void moved_note(struct moving *m)
{
    char id[ID_TEXT];
    BUF(after);
    struct json_out o = { &after, false };
    json_begin(&o, '{');
    json_text(&o, "event", item_event_word(m->step->event));
    json_text(&o, "from", item_state_word(m->from));
    json_text(&o, "to", item_state_word(m->item->now.state));
    json_text(&o, "by", actor_word(m->step->by));
    json_end(&o, '}');
    desk_note(m->act, "item.moved", item_id_format(m->item->id, id), &after, STR(""));
}

/* ---- the move ---- */

static void start_clock(struct moving *m)
{
    const struct item_rest *rest = &item_rests[m->item->now.state];
    m->item->due = INSTANT_NEVER;
    if (rest->final)
        return;
    m->item->clock = rest->clock == DEADLINE_ACT && m->item->class == CLASS_TRUSTED
                         ? DEADLINE_ACT_TRUSTED
                         : rest->clock;
    m->item->due = due_from(m->act, m->item->clock, m->item->regime, m->act->now);
}

/* Of an order: no strike, for nobody complained of the uploader; no stay-down, for it names what it
 * names; instead it holds, or no longer. */
static enum code by_order(struct moving *m, struct error *e)
{
    m->effects &= ~(unsigned)(EFFECT_STRIKE | EFFECT_STAY_DOWN);
    if (m->effects & EFFECT_RESTRICT) {
        TRY(order_hold(m->act, m->item, e));
        TRY(order_told(m->act, m->item, e));
        return letter(m, LETTER_ORDER, sender_receiver(m), e); /* the effect given: DSA 9(1) */
    }
    return m->effects & EFFECT_RELEASE ? order_release(m->act, m->item, e) : OK;
}

static enum code bring_about(struct moving *m, struct error *e)
{
    if (regime_is_order(m->item->regime, m->item->channel))
        TRY(by_order(m, e));
    if (m->effects && m->why->evidence)
        TRY(put_evidence(m, e));
    if (m->effects & EFFECT_DECISION)
        TRY(put_decision(m, e));
    if (m->effects & EFFECT_STRIKE)
        TRY(strike(m, e));
    if (m->effects & EFFECT_CLEAR_STRIKE)
        TRY(clear_strike(m, e));
    if (m->step->event == EVENT_APPROVE)
        TRY(end_complaint(m, e));
    if (m->effects & EFFECT_HOLD_STRIKE)
        TRY(hold_strike(m, e));
    if (m->effects & EFFECT_RUN_STRIKE)
        TRY(run_strike(m, e));
    if (m->effects & EFFECT_STAY_DOWN)
        TRY(stay_down(m, e));
    if (m->effects & EFFECT_RELEASE)
        TRY(release(m, e));
    judge_sender(m);
    if (m->refused)
        TRY(misuse_weigh(m->act, m->sender, m->reason == REASON_ABUSIVE, e));
    return letters(m, e);
}

/* A held decision keeps its reason until it is confirmed. */
static void choose_reason(struct moving *m)
{
    bool confirms = m->step->event == EVENT_APPROVE;
    m->reason = confirms ? m->item->held_reason : m->why->reason;
    if (m->step->event != EVENT_ESCALATE && !confirms)
        m->item->held_reason = m->reason;
}

enum code desk_item_move(struct desk_act *act, struct notice_item *item,
                         const struct item_step *step, const struct item_why *why, struct error *e)
{
    struct moving m = { .act = act,
                        .item = item,
                        .step = step,
                        .why = why,
                        .from = item->now.state,
                        .before = item->decision,
                        .second = "" };
    struct item_now next;
    TRY(item_step(&item->now, step, act->two_person, &next, &m.effects, e));
    TRY(desk_sender(act, item->sender, &m.sender, e));
    TRY(desk_notice(act, item->notice, &m.notice, e));
    if (step->event == EVENT_APPROVE)
        m.second = step->person;
    choose_reason(&m);
    item->now = next;
    if (!item_id_is_none(why->canonical))
        item->canonical = why->canonical;
    start_clock(&m);
    TRY(bring_about(&m, e));
    TRY(row_item_change(act->tx, item, e));
    item->version++;
    if (m.effects & EFFECT_DECISION)
        decided_note(&m);
    else
        moved_note(&m);
    return OK;
}
