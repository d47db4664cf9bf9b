/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of senders, notices and items. */
#include "desk/rows.h"

static const char *const sender_states[] = { "active", "warned", "suspended" };

const char *sender_state_word(enum sender_state s)
{
    return sender_states[s];
}

/* ---- senders ---- */

#define SENDER                                                                                     \
    "id, version, slug, name, domain, party, proofs, trusted, state, first_seen, warned, due, "    \
    "accepted_e6, rejected_e6, standing_at, received, accepted, declined, abusive, countered, "    \
    "reversed, unseen, day, day_items"

static void sender_read(const struct store_rows *r, struct arena *a, struct sender *s)
{
    *s = (struct sender) { .version = store_int(r, 1),
                           .slug = text_of(r, 2, a),
                           .name = text_of(r, 3, a),
                           .domain = text_of(r, 4, a),
                           .proofs = (unsigned)store_int(r, 6),
                           .trusted = store_int(r, 7) != 0,
                           .first_seen = store_instant(r, 9),
                           .warned = due_of(r, 10),
                           .due = due_of(r, 11),
                           .standing = { store_int(r, 12), store_int(r, 13), store_instant(r, 14) },
                           .received = store_int(r, 15),
                           .accepted = store_int(r, 16),
                           .declined = store_int(r, 17),
                           .abusive = store_int(r, 18),
                           .countered = store_int(r, 19),
                           .reversed = store_int(r, 20),
                           .unseen = store_int(r, 21),
                           .day = store_int(r, 22),
                           .day_items = store_int(r, 23) };
    store_id(r, 0, s->id.bytes);
    store_id(r, 5, s->party.bytes);
    for (size_t i = 0; i < COUNT_OF(sender_states); i++)
        if (str_is(store_text(r, 8), sender_states[i]))
            s->state = (enum sender_state)i;
}

enum code desk_sender_list(struct store_tx *tx, struct sender_id after, size_t limit,
                           struct arena *a, struct sender **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct sender *list = ARENA_ARRAY(a, struct sender, limit);
    TRY(store_query(tx, "SELECT " SENDER " FROM desk_senders WHERE id > $1 ORDER BY id LIMIT $2",
                    SQL(sql_id(after), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        sender_read(r, a, &list[n++]);
    }
    *out = list;
    *count = n;
    return OK;
}

enum code row_sender_put(struct store_tx *tx, const struct sender *s, struct error *e)
{
    return store_run(
        tx,
        "INSERT INTO desk_senders (" SENDER ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
        SQL(sql_id(s->id), sql_int(s->version), sql_text(s->slug), sql_text(s->name),
            sql_text(s->domain), ROW_ID(s->party), sql_int(s->proofs), sql_int(s->trusted),
            sql_text(sender_states[s->state]), sql_instant(s->first_seen), row_due(s->warned),
            row_due(s->due), sql_int(s->standing.accepted_e6), sql_int(s->standing.rejected_e6),
            sql_instant(s->standing.at), sql_int(s->received), sql_int(s->accepted),
            sql_int(s->declined), sql_int(s->abusive), sql_int(s->countered), sql_int(s->reversed),
            sql_int(s->unseen), sql_int(s->day), sql_int(s->day_items)),
        NULL, e);
}

enum code row_sender_change(struct store_tx *tx, const struct sender *s, struct error *e)
{
    return store_run(
        tx,
        "UPDATE desk_senders SET version = version + 1, name = $2, party = $3, proofs = $4, "
        "trusted = $5, state = $6, warned = $7, due = $8, accepted_e6 = $9, rejected_e6 = $10, "
        "standing_at = $11, received = $12, accepted = $13, declined = $14, abusive = $15, "
        "countered = $16, reversed = $17, unseen = $18, day = $19, day_items = $20 WHERE id = $1",
        SQL(sql_id(s->id), sql_text(s->name), ROW_ID(s->party), sql_int(s->proofs),
            sql_int(s->trusted), sql_text(sender_states[s->state]), row_due(s->warned),
            row_due(s->due), sql_int(s->standing.accepted_e6), sql_int(s->standing.rejected_e6),
            sql_instant(s->standing.at), sql_int(s->received), sql_int(s->accepted),
            sql_int(s->declined), sql_int(s->abusive), sql_int(s->countered), sql_int(s->reversed),
            sql_int(s->unseen), sql_int(s->day), sql_int(s->day_items)),
        NULL, e);
}

enum code row_sender_find(struct store_tx *tx, struct str slug, struct arena *a, struct sender *out,
                          bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(tx, "SELECT " SENDER " FROM desk_senders WHERE slug = $1", SQL(sql_str(slug)), &r,
                  found, e));
    if (*found)
        sender_read(r, a, out);
    return OK;
}

enum code desk_sender_find(struct store_tx *tx, struct str mailbox, struct arena *a,
                           struct sender *out, struct error *e)
{
    bool found;
    TRY(row_sender_find(tx, mailbox, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "nobody has sent from %.*s", STR_ARG(mailbox));
}

enum code desk_sender_get(struct store_tx *tx, struct sender_id id, struct arena *a,
                          struct sender *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " SENDER " FROM desk_senders WHERE id = $1", SQL(sql_id(id)), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no sender %s", sender_id_format(id, text));
    sender_read(r, a, out);
    return OK;
}

/* ---- notices ---- */

#define NOTICE                                                                                     \
    "id, version, sender, channel, regime, state, principal, party, elements, received, once, "    \
    "raw_hash, confirm_hash, language, items, undecided, due, clock"

static enum code notice_read(const struct store_rows *r, struct arena *a, struct notice *n,
                             struct error *e)
{
    *n = (struct notice) { .version = store_int(r, 1),
                           .principal = text_of(r, 6, a),
                           .elements = (unsigned)store_int(r, 8),
                           .received = store_instant(r, 9),
                           .once = text_of(r, 10, a),
                           .language = text_of(r, 13, a),
                           .items = store_int(r, 14),
                           .undecided = store_int(r, 15),
                           .due = due_of(r, 16) };
    store_id(r, 0, n->id.bytes);
    store_id(r, 2, n->sender.bytes);
    store_id(r, 7, n->party.bytes);
    struct str raw = store_bytes(r, 11), confirm = store_bytes(r, 12);
    if (raw.length == sizeof n->raw_hash)
        memcpy(n->raw_hash, raw.at, raw.length);
    n->has_confirm = confirm.length == sizeof n->confirm_hash;
    if (n->has_confirm)
        memcpy(n->confirm_hash, confirm.at, confirm.length);
    TRY(channel_parse(store_text(r, 3), &n->channel, e));
    TRY(regime_parse(store_text(r, 4), &n->regime, e));
    TRY(notice_state_parse(store_text(r, 5), &n->state, e));
    return deadline_parse(store_text(r, 17), &n->clock, e);
}

enum code row_notice_put(struct store_tx *tx, const struct notice *n, struct error *e)
{
    return store_run(
        tx,
        "INSERT INTO desk_notices (" NOTICE ", asks_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
        " $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        SQL(sql_id(n->id), sql_int(n->version), sql_id(n->sender),
            sql_text(channel_word(n->channel)), sql_text(regime_word(n->regime)),
            sql_text(notice_state_word(n->state)), sql_text(n->principal), ROW_ID(n->party),
            sql_int(n->elements), sql_instant(n->received), sql_text(n->once),
            sql_bytes(n->raw_hash, sizeof n->raw_hash),
            n->has_confirm ? sql_bytes(n->confirm_hash, sizeof n->confirm_hash) : sql_null(),
            sql_text(n->language), sql_int(n->items), sql_int(n->undecided), row_due(n->due),
            sql_text(deadline_word(n->clock)), sql_bytes(n->asks_hash, sizeof n->asks_hash)),
        NULL, e);
}

enum code row_notice_change(struct store_tx *tx, const struct notice *n, struct error *e)
{
    return store_run(
        tx,
        "UPDATE desk_notices SET version = version + 1, state = $2, elements = $3, "
        "undecided = $4, due = $5, clock = $6, party = $7, confirm_hash = $8 "
        "WHERE id = $1",
        SQL(sql_id(n->id), sql_text(notice_state_word(n->state)), sql_int(n->elements),
            sql_int(n->undecided), row_due(n->due), sql_text(deadline_word(n->clock)),
            ROW_ID(n->party),
            n->has_confirm ? sql_bytes(n->confirm_hash, sizeof n->confirm_hash) : sql_null()),
        NULL, e);
}

enum code desk_notice_get(struct store_tx *tx, struct notice_id id, struct arena *a,
                          struct notice *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " NOTICE " FROM desk_notices WHERE id = $1", SQL(sql_id(id)), &r,
                  &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no notice %s", notice_id_format(id, text));
    return notice_read(r, a, out, e);
}

enum code row_notices(struct store_tx *tx, const uint8_t (*ids)[ID_BYTES], size_t count,
                      struct arena *a, struct notice *out, size_t *got, struct error *e)
{
    owned(store_rows) r = NULL;
    struct sql_value values[SQL_IDS_MOST];
    *got = 0;
    sql_ids_set(values, ids, count);
    TRY(store_query(
        tx, SQL_ONE_OR_MANY(count, "SELECT " NOTICE " FROM desk_notices WHERE id IN (", ")"),
        values, SQL_WIDTH(count), &r, e));
    for (;;) {
        bool more;
        TRY(store_next(r, &more, e));
        if (!more || *got == count)
            return OK;
        TRY(notice_read(r, a, &out[(*got)++], e));
    }
}

enum code desk_notice_list(struct store_tx *tx, struct notice_id after, size_t limit,
                           struct arena *a, struct notice **out, size_t *count, struct error *e)
{
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct notice *list = arena_try(a, limit, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu notices", limit);
    TRY(store_query(tx, "SELECT " NOTICE " FROM desk_notices WHERE id > $1 ORDER BY id LIMIT $2",
                    SQL(sql_id(after), sql_int((int64_t)limit)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        TRY(notice_read(r, a, &list[n++], e));
    }
    *out = list;
    *count = n;
    return OK;
}

/* ---- items ---- */

#define ITEM                                                                                       \
    "id, version, notice, sender, number, kind, location, network, upload, uploader, recording, "  \
    "title, artist, regime, channel, state, held, held_effects, held_reason, holder, first_by, "   \
    "class, proposal, received, decision, canonical, due, clock, second_by"

static enum code item_words(const struct store_rows *r, struct notice_item *i, struct error *e)
{
    TRY(item_kind_parse(store_text(r, 5), &i->kind, e));
    TRY(regime_parse(store_text(r, 13), &i->regime, e));
    TRY(channel_parse(store_text(r, 14), &i->channel, e));
    TRY(item_state_parse(store_text(r, 15), &i->now.state, e));
    TRY(item_state_parse(store_text(r, 16), &i->now.held, e));
    TRY(reason_parse(store_text(r, 18), &i->held_reason, e));
    for (int c = 0; c < CLASS_COUNT; c++)
        if (str_is(store_text(r, 21), item_class_word((enum item_class)c)))
            i->class = (enum item_class)c;
    return deadline_parse(store_text(r, 27), &i->clock, e);
}

static enum code item_read(const struct store_rows *r, struct arena *a, struct notice_item *i,
                           struct error *e)
{
    *i = (struct notice_item) { .version = store_int(r, 1),
                                .number = store_int(r, 4),
                                .location = text_of(r, 6, a),
                                .uploader = text_of(r, 9, a),
                                .title = text_of(r, 11, a),
                                .artist = text_of(r, 12, a),
                                .now = { .held_effects = (unsigned)store_int(r, 17) },
                                .proposal = text_of(r, 22, a),
                                .received = store_instant(r, 23),
                                .due = due_of(r, 26) };
    store_id(r, 0, i->id.bytes);
    store_id(r, 2, i->notice.bytes);
    store_id(r, 3, i->sender.bytes);
    store_id(r, 7, i->network.bytes);
    store_id(r, 8, i->upload.bytes);
    store_id(r, 10, i->recording.bytes);
    store_id(r, 24, i->decision.bytes);
    store_id(r, 25, i->canonical.bytes);
    snprintf(i->now.holder, PERSON_TEXT, "%.*s", STR_ARG(store_text(r, 19)));
    snprintf(i->now.first, PERSON_TEXT, "%.*s", STR_ARG(store_text(r, 20)));
    snprintf(i->now.second, PERSON_TEXT, "%.*s", STR_ARG(store_text(r, 28)));
    return item_words(r, i, e);
}

enum code row_item_put(struct store_tx *tx, const struct notice_item *i, struct error *e)
{
    return store_run(
        tx,
        "INSERT INTO desk_items (" ITEM ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)",
        SQL(sql_id(i->id), sql_int(i->version), sql_id(i->notice), sql_id(i->sender),
            sql_int(i->number), sql_text(item_kind_word(i->kind)), sql_text(i->location),
            ROW_ID(i->network), ROW_ID(i->upload), sql_text(i->uploader), ROW_ID(i->recording),
            sql_text(i->title), sql_text(i->artist), sql_text(regime_word(i->regime)),
            sql_text(channel_word(i->channel)), sql_text(item_state_word(i->now.state)),
            sql_text(item_state_word(i->now.held)), sql_int(i->now.held_effects),
            sql_text(reason_word(i->held_reason)), sql_text(i->now.holder), sql_text(i->now.first),
            sql_text(item_class_word(i->class)), sql_text(i->proposal), sql_instant(i->received),
            ROW_ID(i->decision), ROW_ID(i->canonical), row_due(i->due),
            sql_text(deadline_word(i->clock)), sql_text(i->now.second)),
        NULL, e);
}

enum code row_item_change(struct store_tx *tx, const struct notice_item *i, struct error *e)
{
    char text[ID_TEXT];
    enum code code = store_run_one(
        tx,
        "UPDATE desk_items SET version = version + 1, state = $3, held = $4, held_effects = $5, "
        "held_reason = $6, holder = $7, first_by = $8, class = $9, proposal = $10, decision = $11, "
        "canonical = $12, due = $13, clock = $14, second_by = $15 WHERE id = $1 AND version = $2",
        SQL(sql_id(i->id), sql_int(i->version), sql_text(item_state_word(i->now.state)),
            sql_text(item_state_word(i->now.held)), sql_int(i->now.held_effects),
            sql_text(reason_word(i->held_reason)), sql_text(i->now.holder), sql_text(i->now.first),
            sql_text(item_class_word(i->class)), sql_text(i->proposal), ROW_ID(i->decision),
            ROW_ID(i->canonical), row_due(i->due), sql_text(deadline_word(i->clock)),
            sql_text(i->now.second)),
        "it was changed meanwhile", e);
    return code == ERR_CONFLICT ? fail_in(e, "item %s", item_id_format(i->id, text)) : code;
}

enum code desk_item_get(struct store_tx *tx, struct item_id id, struct arena *a,
                        struct notice_item *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    char text[ID_TEXT];
    TRY(store_one(tx, "SELECT " ITEM " FROM desk_items WHERE id = $1", SQL(sql_id(id)), &r, &found,
                  e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no item %s", item_id_format(id, text));
    return item_read(r, a, out, e);
}

/* As many as there are: `limit` is what is asked for, and often far more than comes. */
struct item_list {
    struct notice_item *items;
    size_t count, room;
};

static enum code items_more(struct store_tx *tx, const char *sql, const struct sql_value *values,
                            size_t value_count, size_t limit, struct arena *a, struct item_list *l,
                            struct error *e)
{
    owned(store_rows) r = NULL;
    bool more;
    TRY(store_query(tx, sql, values, value_count, &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || l->count == limit)
            return OK;
        l->items = arena_more(a, l->items, l->count, &l->room, sizeof *l->items);
        if (!l->items)
            return fail(e, ERR_MEMORY, "no memory for items");
        TRY(item_read(r, a, &l->items[l->count++], e));
    }
}

static enum code items_of(struct store_tx *tx, const char *sql, const struct sql_value *values,
                          size_t value_count, size_t limit, struct arena *a,
                          struct notice_item **out, size_t *count, struct error *e)
{
    struct item_list l = { 0 };
    TRY(items_more(tx, sql, values, value_count, limit, a, &l, e));
    *out = l.items;
    *count = l.count;
    return OK;
}

enum code desk_item_list(struct store_tx *tx, const struct item_filter *f, struct arena *a,
                         struct notice_item **out, size_t *count, struct error *e)
{
    bool of_notice = !notice_id_is_none(f->notice), of_upload = !upload_id_is_none(f->upload);
    const char *sql = arena_format(a,
                                   "SELECT " ITEM " FROM desk_items WHERE id > $1%s%s%s "
                                   "ORDER BY id LIMIT $5",
                                   of_notice ? " AND notice = $2" : " AND $2 = $2",
                                   of_upload ? " AND upload = $3" : " AND $3 = $3",
                                   f->state >= 0 ? " AND state = $4" : " AND $4 = ''");
    const struct sql_value values[] = {
        sql_id(f->after), sql_id(f->notice), sql_id(f->upload),
        sql_text(f->state >= 0 ? item_state_word((enum item_state)f->state) : ""),
        sql_int((int64_t)f->limit)
    };
    return items_of(tx, sql, values, COUNT_OF(values), f->limit, a, out, count, e);
}

enum code desk_item_open(struct store_tx *tx, struct item_id after, size_t limit, struct arena *a,
                         struct notice_item **out, size_t *count, struct error *e)
{
    return items_of(tx,
                    "SELECT " ITEM " FROM desk_items WHERE state = 'open' AND id > $1 ORDER BY id "
                    "LIMIT $2",
                    SQL(sql_id(after), sql_int((int64_t)limit)), limit, a, out, count, e);
}

enum code desk_item_due(struct store_tx *tx, struct instant now, size_t limit, struct arena *a,
                        struct notice_item **out, size_t *count, struct error *e)
{
    return items_of(tx,
                    "SELECT " ITEM " FROM desk_items WHERE due IS NOT NULL AND due <= $1 "
                    "ORDER BY due, id LIMIT $2",
                    SQL(sql_instant(now), sql_int((int64_t)limit)), limit, a, out, count, e);
}

/* One query a class: the index gives each in its order, and a higher class is empty first. */
enum code desk_item_queue(struct store_tx *tx, size_t limit, struct arena *a,
                          struct notice_item **out, size_t *count, struct error *e)
{
    struct item_list l = { 0 };
    for (int c = 0; c < CLASS_COUNT && l.count < limit; c++)
        TRY(items_more(
            tx,
            "SELECT " ITEM " FROM desk_items WHERE state = 'queued' AND class = $1 "
            "ORDER BY received, id LIMIT $2",
            SQL(sql_text(item_class_word((enum item_class)c)), sql_int((int64_t)(limit - l.count))),
            limit, a, &l, e));
    *out = l.items;
    *count = l.count;
    return OK;
}

enum code desk_evidence_list(struct store_tx *tx, struct item_id item, struct arena *a,
                             struct item_evidence **out, size_t *count, struct error *e)
{
    enum { MOST = 100 };
    owned(store_rows) r = NULL;
    size_t n = 0;
    bool more;
    struct item_evidence *list = ARENA_ARRAY(a, struct item_evidence, MOST);
    TRY(store_query(tx,
                    "SELECT id, recording, reference, upload_from_ms, upload_to_ms, "
                    "reference_from_ms, reference_to_ms, speed_e6, pitch_cents, score_e6, "
                    "p_false_log, engine, audio FROM desk_evidence WHERE item = $1 ORDER BY id "
                    "LIMIT $2",
                    SQL(sql_id(item), sql_int(MOST)), &r, e));
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == MOST)
            break;
        struct item_evidence *v = &list[n++];
        store_id(r, 0, v->id.bytes);
        store_id(r, 1, v->recording.bytes);
        store_id(r, 2, v->reference.bytes);
        int64_t *const numbers[] = { &v->upload_from_ms,  &v->upload_to_ms, &v->reference_from_ms,
                                     &v->reference_to_ms, &v->speed_e6,     &v->pitch_cents,
                                     &v->score_e6,        &v->p_false_log };
        for (size_t i = 0; i < COUNT_OF(numbers); i++)
            *numbers[i] = store_int(r, 3 + (int)i);
        v->engine = text_of(r, 11, a);
        v->audio = text_of(r, 12, a);
    }
    *out = list;
    *count = n;
    return OK;
}
