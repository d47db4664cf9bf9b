/* SPDX-License-Identifier: Apache-2.0 */
/* A notice comes in: sender, notice, original, items, and what is asked of the sender next. */
#include <sodium.h>

#include "desk/rows.h"

struct instant due_from(const struct desk_act *act, enum deadline clock, enum regime regime,
                        struct instant from)
{
    return deadline_due(deadline_rule(clock, regime), act->calendar, from);
}

static enum code text_check(const char *name, struct str text, size_t most, struct error *e)
{
    if (text.length > most)
        return fail(e, ERR_LIMIT, "%s has %zu bytes, %zu are the most", name, text.length, most);
    if (!str_is_utf8(text) || (text.length && memchr(text.at, '\0', text.length)))
        return fail(e, ERR_INVALID, "%s is not UTF-8 text", name);
    return OK;
}

static enum code draft_check(const struct notice_draft *d, struct error *e)
{
    TRY(text_check("name", d->name, TEXT_MOST, e));
    TRY(text_check("principal", d->principal, TEXT_MOST, e));
    TRY(text_check("idempotency key", d->once, 255, e));
    TRY(text_check("language", d->language, 35, e));
    TRY(text_check("authority", d->order.authority, TEXT_MOST, e));
    TRY(text_check("number", d->order.number, TEXT_MOST, e));
    TRY(order_check(d, e));
    if (d->item_count == 0)
        return fail(e, ERR_INVALID, "items: the notice names none");
    if (d->item_count > ITEMS_MOST)
        return fail(e, ERR_LIMIT, "items: %zu, %d are the most of one notice", d->item_count,
                    ITEMS_MOST);
    for (size_t i = 0; i < d->item_count; i++) {
        const struct draft_item *x = &d->items[i];
        enum code code = text_check("location", x->location, LOCATION_MOST, e);
        if (code == OK)
            code = text_check("title", x->title, TEXT_MOST, e);
        if (code == OK)
            code = text_check("artist", x->artist, TEXT_MOST, e);
        if (code == OK && str_trim(x->location).length == 0)
            code = fail(e, ERR_INVALID, "location is empty");
        if (code != OK)
            return fail_in(e, "items[%zu]", i);
    }
    return OK;
}

static void received_note(struct desk_act *act, const struct notice *n, const struct sender *s,
                          unsigned missing)
{
    char id[ID_TEXT], sender[ID_TEXT], raw[65];
    BUF(after);
    BUF(words);
    struct json_out o = { &after, false };
    hex_encode(n->raw_hash, 32, raw);
    json_begin(&o, '{');
    json_text(&o, "sender", sender_id_format(s->id, sender));
    json_text(&o, "channel", channel_word(n->channel));
    json_text(&o, "regime", regime_word(n->regime));
    json_bool(&o, "trusted", s->trusted);
    json_int(&o, "items", n->items);
    json_text(&o, "state", notice_state_word(n->state));
    elements_format(missing, &words);
    json_str(&o, "missing", buf_as_str(&words));
    json_text(&o, "raw", raw);
    json_end(&o, '}');
    desk_note(act, "notice.received", notice_id_format(n->id, id), &after, STR(""));
}

static enum code put_original(struct desk_act *act, struct notice_id id, int64_t number,
                              const char *kind, struct str raw, struct error *e)
{
    BUF(sealed);
    TRY(seal(act, raw, &sealed, e));
    return store_run(
        act->tx,
        "INSERT INTO desk_originals (notice, number, kind, sealed) VALUES ($1, $2, $3, $4)",
        SQL(sql_id(id), sql_int(number), sql_text(kind), sql_bytes(sealed.bytes, sealed.length)),
        NULL, e);
}

/* As people will see it; the bytes as they came are in the sealed original. */
static const char *cleaned(struct desk_act *act, struct str text)
{
    return str_copy(act->arena, name_clean(text, act->arena));
}

static enum code put_items(struct desk_act *act, const struct notice_draft *d,
                           const struct notice *n, const struct desk_resolve *resolve,
                           struct error *e)
{
    for (size_t i = 0; i < d->item_count; i++) {
        const struct draft_item *x = &d->items[i];
        enum item_state state = n->state == NOTICE_OPEN ? ITEM_OPEN : ITEM_WAITING;
        struct notice_item item = { .id = item_id_make(act->now, act->chance),
                                    .version = 1,
                                    .notice = n->id,
                                    .sender = n->sender,
                                    .number = (int64_t)i + 1,
                                    .kind = x->kind,
                                    .location = cleaned(act, x->location),
                                    .title = cleaned(act, x->title),
                                    .artist = cleaned(act, x->artist),
                                    .regime = n->regime,
                                    .channel = n->channel,
                                    .now = { .state = state, .held = state },
                                    .held_reason = REASON_REVIEWED,
                                    .class = CLASS_NEW,
                                    .proposal = "",
                                    .received = act->now,
                                    .clock = item_rests[state].clock };
        TRY(resolve->resolve(resolve->ctx, x, &item, e));
        /* what waits for its sender waits as long as its notice does */
        item.due = state == ITEM_WAITING ? n->due : due_from(act, item.clock, n->regime, act->now);
        TRY(row_item_put(act->tx, &item, e));
        if (n->regime == REGIME_RU15_2 && item.uploader) {
            char id[ID_TEXT];
            TRY(desk_timer_set(act, DEADLINE_INFORM_OWNER, n->regime, item_id_format(item.id, id),
                               act->now, NULL, e));
        }
    }
    return OK;
}

static void letter_secret(struct desk_act *act, struct notice *n, char text[65])
{
    uint8_t secret[32];
    act->chance->fill(act->chance->state, secret, sizeof secret);
    hex_encode(secret, 32, text);
    crypto_generichash(n->confirm_hash, 32, (const uint8_t *)text, 64, NULL, 0);
    n->has_confirm = true;
}

static const char *receiver_of(struct desk_act *act, struct sender_id id)
{
    char text[ID_TEXT];
    return arena_format(act->arena, "sender %s", sender_id_format(id, text));
}

static const struct item_id no_item;
static const struct decision_id no_decision;

static enum code tell_sender(struct desk_act *act, const struct notice *n, enum letter kind,
                             const char *secret, struct error *e)
{
    return desk_letter_put(act, kind, receiver_of(act, n->sender), n->id, no_item, no_decision,
                           secret, e);
}

/* Clock, and what is asked for, of a notice that is not decided yet. */
static void settle(struct desk_act *act, struct notice *n, unsigned missing, struct received *out)
{
    char secret[65] = "";
    if (n->state == NOTICE_UNPROVEN) {
        letter_secret(act, n, secret);
        n->clock = DEADLINE_MAILBOX;
        n->due = due_from(act, n->clock, n->regime, n->received);
        out->confirm = str_of(str_copy(act->arena, str_of(secret)));
    } else if (n->state == NOTICE_INCOMPLETE) {
        n->clock = DEADLINE_REPAIR;
        n->due = due_from(act, n->clock, n->regime, n->received);
    } else {
        n->clock = DEADLINE_ACT;
        n->due = INSTANT_NEVER; /* its items have clocks */
    }
    BUF(words);
    elements_format(missing, &words);
    out->missing = missing;
    out->missing_words = str_of(str_copy(act->arena, buf_as_str(&words)));
}

static enum code letters_of_receipt(struct desk_act *act, const struct notice *n,
                                    const struct received *r, struct error *e)
{
    if (n->state == NOTICE_UNPROVEN)
        return tell_sender(act, n, LETTER_CONFIRM, r->confirm.at, e);
    return tell_sender(act, n, n->state == NOTICE_INCOMPLETE ? LETTER_COMPLETE : LETTER_RECEIPT, "",
                       e);
}

bool notice_is_agents(const struct notice *n, const struct sender *s)
{
    return n->principal[0] && strcmp(n->principal, s->name) != 0;
}

static enum notice_state state_of(const struct notice *n, const struct sender *s, bool proven)
{
    if (!proven)
        return NOTICE_UNPROVEN;
    return elements_missing(n->regime, n->elements, notice_is_agents(n, s)) ? NOTICE_INCOMPLETE
                                                                            : NOTICE_OPEN;
}

/* Whoever sends it: for whom, and what is asked for. */
static void hash_asked(const struct notice_draft *d, uint8_t out[32])
{
    crypto_generichash_state s;
    crypto_generichash_init(&s, NULL, 0, 32);
    crypto_generichash_update(&s, (const uint8_t *)d->principal.at, d->principal.length);
    for (size_t i = 0; i < d->item_count; i++) {
        const struct str parts[] = { d->items[i].location, d->items[i].title, d->items[i].artist };
        for (size_t k = 0; k < COUNT_OF(parts); k++) {
            uint8_t length[4] = { (uint8_t)parts[k].length, (uint8_t)(parts[k].length >> 8) };
            crypto_generichash_update(&s, length, sizeof length);
            crypto_generichash_update(&s, (const uint8_t *)parts[k].at, parts[k].length);
        }
    }
    crypto_generichash_final(&s, out, 32);
}

/* Items a day grow with the record: little known is little trusted. */
static enum code take_rate(struct desk_act *act, struct sender *s, int64_t items, struct error *e)
{
    int64_t today = act->now.us / INT64_C(86400000000);
    if (s->day != today) {
        s->day = today;
        s->day_items = 0;
    }
    struct caps caps = standing_caps(standing_at(s->standing, act->now), s->proofs, s->trusted);
    if (s->day_items + items > caps.items_per_day)
        return fail(e, ERR_LIMIT,
                    "items: %lld a day are the most of this sender, %lld were sent today; proofs "
                    "of who they are and a good record raise it",
                    (long long)caps.items_per_day, (long long)s->day_items);
    s->day_items += items;
    return OK;
}

enum code desk_receive(struct desk_act *act, const struct notice_draft *d,
                       struct party_id principal, const struct desk_resolve *resolve,
                       struct received *out, struct error *e)
{
    struct sender *s;
    struct notice n = { .version = 1 };
    *out = (struct received) { .missing_words = STR(""), .confirm = STR("") };
    TRY(draft_check(d, e));
    TRY(desk_sender_of(act, d->sender, d->name, &s, e));
    known_hash(d, n.raw_hash);
    TRY(known_before(act, d, s, n.raw_hash, out, e));
    if (out->known)
        return OK;
    if (d->rated)
        TRY(take_rate(act, s, (int64_t)d->item_count, e));
    hash_asked(d, n.asks_hash);
    if (d->proven)
        s->proofs |= PROOF_MAILBOX;
    if (d->domain && !domain_is_free_mail(str_of(s->domain)))
        s->proofs |= PROOF_DOMAIN;
    n.id = notice_id_make(act->now, act->chance);
    n.sender = s->id;
    n.channel = d->channel;
    n.regime = d->regime;
    n.principal = str_copy(act->arena, name_clean(d->principal, act->arena));
    n.party = principal;
    n.elements = d->elements;
    n.received = act->now;
    n.once = known_key(act, d, s->slug);
    n.language = str_copy(act->arena, d->language.length ? d->language : STR("en"));
    n.items = n.undecided = (int64_t)d->item_count;
    n.state = state_of(&n, s, (s->proofs & PROOF_MAILBOX) != 0);
    unsigned missing = elements_missing(n.regime, n.elements, notice_is_agents(&n, s));
    s->received += n.items;
    settle(act, &n, missing, out);
    TRY(row_notice_put(act->tx, &n, e));
    known_now(act, &n);
    TRY(put_original(act, n.id, 1, "notice", d->raw, e));
    if (regime_is_order(n.regime, n.channel))
        TRY(order_put(act, d, &n, e));
    TRY(put_items(act, d, &n, resolve, e));
    TRY(letters_of_receipt(act, &n, out, e));
    received_note(act, &n, s, missing);
    out->notice = n.id;
    return OK;
}

/* ---- proof and completion ---- */

static enum code open_items(struct desk_act *act, const struct notice *n, struct error *e)
{
    struct item_filter f = { .notice = n->id, .state = ITEM_WAITING, .limit = ITEMS_MOST };
    struct notice_item *items;
    size_t count;
    TRY(desk_item_list(act->tx, &f, act->arena, &items, &count, e));
    for (size_t i = 0; i < count; i++) {
        enum item_state to = n->state == NOTICE_OPEN ? ITEM_OPEN : ITEM_WAITING;
        items[i].now.state = items[i].now.held = to;
        items[i].clock = item_rests[to].clock;
        items[i].due = to == ITEM_WAITING ? n->due
                                          : due_from(act, items[i].clock, n->regime, act->now);
        TRY(row_item_change(act->tx, &items[i], e));
    }
    return OK;
}

static enum code resettle(struct desk_act *act, struct notice *n, const struct sender *s,
                          const char *what, struct error *e)
{
    char id[ID_TEXT];
    struct received ignored;
    BUF(after);
    struct json_out o = { &after, false };
    n->state = state_of(n, s, true);
    n->has_confirm = false;
    unsigned missing = elements_missing(n->regime, n->elements, notice_is_agents(n, s));
    settle(act, n, missing, &ignored);
    TRY(open_items(act, n, e));
    TRY(tell_sender(act, n, n->state == NOTICE_INCOMPLETE ? LETTER_COMPLETE : LETTER_RECEIPT, "",
                    e));
    json_begin(&o, '{');
    json_text(&o, "state", notice_state_word(n->state));
    json_str(&o, "missing", ignored.missing_words);
    json_end(&o, '}');
    desk_note(act, what, notice_id_format(n->id, id), &after, STR(""));
    return OK;
}

enum code desk_confirm(struct desk_act *act, struct notice_id id, struct str secret,
                       struct error *e)
{
    struct notice *n;
    struct sender *s;
    uint8_t hash[32];
    TRY(desk_notice(act, id, &n, e));
    if (n->state != NOTICE_UNPROVEN)
        return fail(e, ERR_CONFLICT, "this notice is %s: there is nothing to confirm",
                    notice_state_word(n->state));
    crypto_generichash(hash, 32, (const uint8_t *)(secret.at ? secret.at : ""), secret.length, NULL,
                       0);
    if (!n->has_confirm || sodium_memcmp(hash, n->confirm_hash, 32) != 0)
        return fail(e, ERR_DENIED, "this is not the link that was sent");
    TRY(desk_sender(act, n->sender, &s, e));
    s->proofs |= PROOF_MAILBOX;
    return resettle(act, n, s, "notice.confirmed", e);
}

enum code desk_complete(struct desk_act *act, struct notice_id id, unsigned elements,
                        struct str raw, struct error *e)
{
    struct notice *n;
    struct sender *s;
    owned(store_rows) r = NULL;
    bool found;
    TRY(desk_notice(act, id, &n, e));
    TRY(desk_sender(act, n->sender, &s, e));
    if (n->state != NOTICE_INCOMPLETE)
        return fail(e, ERR_CONFLICT, "this notice is %s: nothing is asked for",
                    notice_state_word(n->state));
    n->elements |= elements;
    TRY(store_one(act->tx, "SELECT COUNT(*) FROM desk_originals WHERE notice = $1", SQL(sql_id(id)),
                  &r, &found, e));
    TRY(put_original(act, id, store_int(r, 0) + 1, "completion", raw, e));
    return resettle(act, n, s, "notice.completed", e);
}

enum code desk_notice_by_key(struct store_tx *tx, struct str mailbox, struct str key,
                             struct notice_id *out, bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    BUF(once);
    for (size_t i = 0; i < mailbox.length; i++)
        buf_byte(&once, mailbox.at[i] >= 'A' && mailbox.at[i] <= 'Z' ? (uint8_t)(mailbox.at[i] + 32)
                                                                     : (uint8_t)mailbox.at[i]);
    buf_format(&once, "/%.*s", STR_ARG(key));
    TRY(store_one(tx, "SELECT id FROM desk_notices WHERE once = $1",
                  SQL(sql_str(buf_as_str(&once))), &r, found, e));
    if (*found)
        store_id(r, 0, out->bytes);
    return OK;
}
