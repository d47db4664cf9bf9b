/* SPDX-License-Identifier: Apache-2.0 */
/* Deals and their offers in the store. */
#include "licence/deals.h"

#define COLUMNS                                                                                    \
    "id, version, name, state, latest, agreed, reason, reason_words, made_us, from_us, until_us"

enum { NAME_BYTES_MOST = 200, OVERLAP_MOST = 100000 };

/* The clock moves an agreed deal on. */
static void by_clock(struct deal *d, struct instant now)
{
    if (d->state == DEAL_AGREED && now.us >= d->from.us)
        d->state = DEAL_IN_FORCE;
    if (d->state == DEAL_IN_FORCE && now.us >= d->until.us)
        d->state = DEAL_EXPIRED;
}

static void read_deal(const struct store_rows *r, struct arena *a, struct instant now,
                      struct deal *d)
{
    *d = (struct deal) { .version = store_int(r, 1),
                         .name = str_copy(a, store_text(r, 2)),
                         .latest = store_int(r, 4),
                         .agreed = store_int(r, 5),
                         .made = store_instant(r, 8),
                         .from = store_instant(r, 9),
                         .until = store_instant(r, 10) };
    store_id(r, 0, d->id.bytes);
    for (int s = 0; s < DEAL_STATE_COUNT; s++)
        if (str_is(store_text(r, 3), deal_state_word((enum deal_state)s)))
            d->state = (enum deal_state)s;
    if (!store_is_null(r, 6))
        d->reason = str_copy(a, store_text(r, 6));
    if (!store_is_null(r, 7))
        d->reason_words = str_copy(a, store_text(r, 7));
    by_clock(d, now);
}

static enum code one(struct store_tx *tx, const char *sql, const struct sql_value *values,
                     size_t count, struct instant now, struct arena *a, struct deal *out,
                     bool *found, struct error *e)
{
    owned(store_rows) rows = NULL;
    TRY(store_one(tx, sql, values, count, &rows, found, e));
    if (*found)
        read_deal(rows, a, now, out);
    return OK;
}

enum code deal_find(struct store_tx *tx, struct party_id catalogue, struct str name,
                    struct instant now, struct arena *a, struct deal *out, struct error *e)
{
    bool found;
    struct deal_id id;
    struct error ignored;
    if (deal_id_parse(name, &id, &ignored) == OK)
        return deal_get(tx, catalogue, id, now, a, out, e);
    TRY(one(tx, "SELECT " COLUMNS " FROM licence_deals WHERE catalogue = $1 AND name = $2",
            SQL(sql_id(catalogue), sql_str(name)), now, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no deal \"%.*s\"", STR_ARG(name));
}

enum code deal_get(struct store_tx *tx, struct party_id catalogue, struct deal_id id,
                   struct instant now, struct arena *a, struct deal *out, struct error *e)
{
    bool found;
    char text[ID_TEXT];
    TRY(one(tx, "SELECT " COLUMNS " FROM licence_deals WHERE catalogue = $1 AND id = $2",
            SQL(sql_id(catalogue), sql_id(id)), now, a, out, &found, e));
    return found ? OK : fail(e, ERR_NOT_FOUND, "there is no deal %s", deal_id_format(id, text));
}

enum code deal_list(struct store_tx *tx, struct party_id catalogue, struct deal_id after,
                    size_t limit, struct instant now, struct arena *a, struct deal **out,
                    size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool more;
    size_t n = 0;
    struct deal *items = arena_try(a, limit + 1, sizeof *items);
    if (!items)
        return fail(e, ERR_MEMORY, "no memory for a list of deals");
    TRY(store_query(tx,
                    "SELECT " COLUMNS " FROM licence_deals WHERE catalogue = $1 AND id > $2 "
                    "ORDER BY id LIMIT $3",
                    SQL(sql_id(catalogue), sql_id(after), sql_int((int64_t)limit)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        read_deal(rows, a, now, &items[n++]);
    }
    *out = items;
    *count = n;
    return OK;
}

enum code deal_offer_get(struct store_tx *tx, struct party_id catalogue, struct deal_id deal,
                         int64_t number, struct arena *a, struct deal_offer *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx,
                  "SELECT number, side, who, at_us, hash, terms, note FROM licence_offers "
                  "WHERE catalogue = $1 AND deal = $2 AND (number = $3 OR $3 = 0) "
                  "ORDER BY number DESC LIMIT 1",
                  SQL(sql_id(catalogue), sql_id(deal), sql_int(number)), &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "the deal has no version %lld", (long long)number);
    *out = (struct deal_offer) { .number = store_int(r, 0),
                                 .who = str_copy(a, store_text(r, 2)),
                                 .at = store_instant(r, 3),
                                 .hash = str_copy(a, store_text(r, 4)),
                                 .terms = str_copy(a, store_text(r, 5)),
                                 .note = str_copy(a, store_text(r, 6)) };
    return deal_side_parse(store_text(r, 1), &out->side, e);
}

void deal_json(const struct deal *d, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "id", deal_id_format(d->id, id));
    json_int(o, "version", d->version);
    json_text(o, "name", d->name);
    json_text(o, "state", deal_state_word(d->state));
    json_int(o, "latest", d->latest);
    json_int(o, "agreed", d->agreed);
    json_text(o, "reason", d->reason);
    json_text(o, "reason_words", d->reason_words);
    json_instant(o, "made", d->made);
    json_instant(o, "from", d->agreed ? d->from : INSTANT_NEVER);
    json_instant(o, "until", d->agreed ? d->until : INSTANT_NEVER);
    json_end(o, '}');
}

void deal_offer_json(const struct deal_offer *v, bool with_terms, struct json_out *o)
{
    json_begin(o, '{');
    json_int(o, "number", v->number);
    json_text(o, "side", deal_side_word(v->side));
    json_text(o, "who", v->who);
    json_instant(o, "at", v->at);
    json_text(o, "hash", v->hash);
    json_text(o, "note", v->note);
    if (with_terms)
        json_text(o, "terms", v->terms);
    json_end(o, '}');
}

/* Write the deal as it now is; what happened goes into the journal with it. */
static enum code keep(const struct registry_act *act, const struct deal *before, struct deal *d,
                      const char *what, struct error *e)
{
    BUF(old);
    BUF(new);
    char text[ID_TEXT];
    struct json_out o = { &old, false }, n = { &new, false };
    if (before)
        deal_json(before, &o);
    d->version = before ? before->version + 1 : 1;
    TRY(store_run(act->tx,
                  "INSERT INTO licence_deals (catalogue, " COLUMNS ") VALUES ($1, $2, $3, $4, $5, "
                  "$6, $7, $8, $9, $10, $11, $12) ON CONFLICT (catalogue, id) DO UPDATE SET "
                  "version = excluded.version, state = excluded.state, latest = excluded.latest, "
                  "agreed = excluded.agreed, reason = excluded.reason, "
                  "reason_words = excluded.reason_words, from_us = excluded.from_us, "
                  "until_us = excluded.until_us",
                  SQL(sql_id(act->catalogue), sql_id(d->id), sql_int(d->version), sql_text(d->name),
                      sql_text(deal_state_word(d->state)), sql_int(d->latest), sql_int(d->agreed),
                      sql_text(d->reason), sql_text(d->reason_words), sql_instant(d->made),
                      sql_instant(d->from), sql_instant(d->until)),
                  NULL, e));
    deal_json(d, &n);
    return registry_note(act, what, deal_id_format(d->id, text), before ? &old : NULL, &new, e);
}

static enum code keep_offer(const struct registry_act *act, const struct deal *d,
                            enum deal_side side, struct str text, const struct terms *t,
                            struct error *e)
{
    char hash[TERMS_HASH_TEXT];
    terms_hash(t, hash);
    return store_run(act->tx,
                     "INSERT INTO licence_offers (catalogue, deal, number, side, who, at_us, hash, "
                     "terms, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     SQL(sql_id(act->catalogue), sql_id(d->id), sql_int(d->latest),
                         sql_text(deal_side_word(side)), sql_str(act->who), sql_instant(act->now),
                         sql_text(hash), sql_str(text), sql_str(act->why)),
                     NULL, e);
}

static enum code find_or_none(const struct registry_act *act, struct str name, struct arena *a,
                              struct deal *d, bool *found, struct error *e)
{
    struct error why = { 0 };
    enum code code = deal_find(act->tx, act->catalogue, name, act->now, a, d, &why);
    *found = code == OK;
    return code == OK || code == ERR_NOT_FOUND ? OK : fail(e, code, "%s", why.text);
}

enum code deal_offer_put(const struct registry_act *act, struct str name, struct str text,
                         enum deal_side side, bool draft, struct deal *out, struct error *e)
{
    ARENA(a);
    struct terms t;
    struct deal old, d;
    struct deal_offer last;
    bool found;
    if (name.length == 0 || name.length > NAME_BYTES_MOST || !str_is_utf8(name))
        return fail(e, ERR_INVALID, "a deal's name has 1 to %d bytes of text", NAME_BYTES_MOST);
    TRY(terms_parse(text, &a, &t, NULL, e));
    TRY(store_lock(act->tx, "deals", e));
    TRY(find_or_none(act, name, &a, &old, &found, e));
    if (found) {
        bool other;
        enum deal_event event = draft ? DEAL_WRITE : DEAL_OFFER;
        TRY(deal_offer_get(act->tx, act->catalogue, old.id, 0, &a, &last, e));
        other = last.side != side;
        if (old.state != DEAL_DRAFT && !draft)
            event = other ? DEAL_COUNTER : DEAL_REVISE;
        d = old;
        TRY(deal_move(old.state, event, other, &d.state, e));
    } else {
        d = (struct deal) { .id = deal_id_make(act->now, act->chance),
                            .name = str_copy(&a, name),
                            .state = draft ? DEAL_DRAFT : DEAL_OFFERED,
                            .made = act->now,
                            .from = INSTANT_NEVER,
                            .until = INSTANT_NEVER };
    }
    d.latest++;
    TRY(keep(act, found ? &old : NULL, &d, draft ? "deal.drafted" : "deal.offered", e));
    TRY(keep_offer(act, &d, side, text, &t, e));
    *out = d;
    out->name = NULL; /* the caller has it; the others are numbers */
    return OK;
}

enum code deal_reject(const struct registry_act *act, struct deal *d, enum deal_side side,
                      enum deal_reason reason, struct error *e)
{
    ARENA(a);
    struct deal old = *d;
    struct deal_offer last;
    TRY(deal_offer_get(act->tx, act->catalogue, d->id, 0, &a, &last, e));
    TRY(deal_move(old.state, DEAL_REJECT, last.side != side, &d->state, e));
    d->reason = deal_reason_word(reason);
    d->reason_words = str_copy(&a, act->why);
    enum code code = keep(act, &old, d, "deal.rejected", e);
    d->reason_words = NULL;
    return code;
}

/* ---- agreeing ---------------------------------------------------------------------------------- */

static bool lists_meet(const void *a, size_t a_count, const void *b, size_t b_count)
{
    const uint8_t *x = a, *y = b;
    if (a_count == 0 || b_count == 0)
        return true;
    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            if (memcmp(x + i * ID_BYTES, y + k * ID_BYTES, ID_BYTES) == 0)
                return true;
    return false;
}

static bool overlap(const struct licence *a, const struct licence *b)
{
    return party_id_equal(a->licensor, b->licensor) && (a->uses & b->uses) &&
           (a->models & b->models) && territory_set_meet(&a->territories, &b->territories) &&
           a->from.us < b->until.us && b->from.us < a->until.us &&
           lists_meet(a->networks, a->network_count, b->networks, b->network_count) &&
           lists_meet(a->apps, a->app_count, b->apps, b->app_count) &&
           (recording_id_is_none(a->recording) || recording_id_is_none(b->recording) ||
            recording_id_equal(a->recording, b->recording));
}

static enum code deal_of_licence(const struct registry_act *act, struct licence_id id,
                                 char name[128], bool *found, struct error *e)
{
    owned(store_rows) r = NULL;
    TRY(store_one(act->tx,
                  "SELECT d.name FROM licence_deal_licences AS l JOIN licence_deals AS d ON "
                  "d.catalogue = l.catalogue AND d.id = l.deal WHERE l.catalogue = $1 AND "
                  "l.licence = $2",
                  SQL(sql_id(act->catalogue), sql_id(id)), &r, found, e));
    if (*found)
        snprintf(name, 128, "%.*s", STR_ARG(store_text(r, 0)));
    return OK;
}

/* Two deals for the same plays would be paid twice. */
static enum code refuse_overlap(const struct registry_act *act, const struct licence *l,
                                struct error *e)
{
    ARENA(a);
    struct licence *all;
    size_t count;
    TRY(licence_list(act->tx, act->catalogue, l->licensor, (struct licence_id) { { 0 } },
                     OVERLAP_MOST, &a, &all, &count, e));
    for (size_t i = 0; i < count; i++) {
        char name[128], from[INSTANT_TEXT], until[INSTANT_TEXT];
        bool found;
        if (!overlap(l, &all[i]))
            continue;
        TRY(deal_of_licence(act, all[i].id, name, &found, e));
        if (found)
            return fail(e, ERR_CONFLICT,
                        "it overlaps the deal \"%s\" (%s to %s): end that one first, or begin "
                        "later",
                        name, instant_format(all[i].from, from),
                        instant_format(all[i].until, until));
    }
    return OK;
}

enum code deal_agree(const struct registry_act *act, struct deal *d, enum deal_side side,
                     const struct terms *terms, struct licence *licences, size_t count,
                     struct error *e)
{
    ARENA(a);
    struct deal old = *d;
    struct deal_offer last;
    TRY(store_lock(act->tx, "deals", e));
    TRY(deal_offer_get(act->tx, act->catalogue, d->id, 0, &a, &last, e));
    TRY(deal_move(old.state, DEAL_AGREE, last.side != side, &d->state, e));
    for (size_t i = 0; i < count; i++)
        TRY(refuse_overlap(act, &licences[i], e));
    d->agreed = last.number;
    d->from = terms_day_begin(terms, terms->from);
    d->until = terms->renewal != SPAN_ONCE ? INSTANT_NEVER : terms_day_begin(terms, terms->until);
    TRY(keep(act, &old, d, "deal.agreed", e));
    for (size_t i = 0; i < count; i++) {
        TRY(licence_put(act, &licences[i], e));
        TRY(store_run(act->tx,
                      "INSERT INTO licence_deal_licences (catalogue, deal, licence) VALUES ($1, "
                      "$2, $3)",
                      SQL(sql_id(act->catalogue), sql_id(d->id), sql_id(licences[i].id)), NULL, e));
    }
    return OK;
}

/* ---- ending ------------------------------------------------------------------------------------ */

/* When terms that renew end, told now. */
static struct instant end_of_renewals(const struct terms *t, struct instant now)
{
    int64_t months = t->renewal_count * (t->renewal == SPAN_YEAR ? 12 : 1);
    struct day end = t->until;
    for (int n = 1; n < 1000; n++) {
        struct day notice = { end.number - (int32_t)t->renewal_notice_days };
        if (now.us < terms_day_begin(t, notice).us)
            break;
        end = day_months_later(t->until, n * months);
    }
    return terms_day_begin(t, end);
}

static enum code end_licences(const struct registry_act *act, const struct deal *d,
                              struct instant at, struct error *e)
{
    ARENA(a);
    owned(store_rows) rows = NULL;
    struct licence_id ids[512];
    size_t count = 0;
    bool more;
    TRY(store_query(act->tx,
                    "SELECT licence FROM licence_deal_licences WHERE catalogue = $1 AND deal = $2 "
                    "ORDER BY licence LIMIT 512",
                    SQL(sql_id(act->catalogue), sql_id(d->id)), &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        store_id(rows, 0, ids[count++].bytes);
    }
    for (size_t i = 0; i < count; i++) {
        struct licence l;
        struct error why = { 0 };
        if (licence_get(act->tx, act->catalogue, ids[i], &a, &l, &why) != OK)
            continue; /* ended by hand before */
        if (at.us <= l.from.us) {
            TRY(licence_end(act, ids[i], e));
        } else if (at.us < l.until.us) {
            l.until = at;
            TRY(licence_put(act, &l, e));
        }
    }
    return OK;
}

enum code deal_terminate(const struct registry_act *act, struct deal *d, struct instant *at,
                         struct error *e)
{
    ARENA(a);
    struct deal old = *d;
    if (at->us < act->now.us)
        return fail(e, ERR_INVALID, "a deal ends now or later, not before");
    TRY(deal_move(old.state, DEAL_TERMINATE, false, &d->state, e));
    if (d->agreed) {
        struct deal_offer v;
        struct terms t;
        TRY(deal_offer_get(act->tx, act->catalogue, d->id, d->agreed, &a, &v, e));
        TRY(terms_parse(str_of(v.terms), &a, &t, NULL, e));
        if (t.renewal != SPAN_ONCE)
            *at = end_of_renewals(&t, *at);
        if (at->us > act->now.us)
            d->state = DEAL_AGREED; /* until then it goes on, and expires */
        d->until = *at;
        TRY(end_licences(act, d, *at, e));
    }
    return keep(act, &old, d, "deal.terminated", e);
}
