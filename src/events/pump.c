/* SPDX-License-Identifier: Apache-2.0 */
/* From the journal into the feed: whom an event concerns stands in the records before and after. */
#include "events/events.h"

/* Not for the feed: secrets and people. */
static const char *const private_things[] = { "key", "user", "session" };

struct concerned {
    struct party_id parties[4];
    size_t party_count;
    struct network_id network;
};

static void add_party(struct concerned *c, const char *text)
{
    struct party_id id;
    struct error e;
    if (!text || party_id_parse(str_of(text), &id, &e) != OK)
        return;
    for (size_t i = 0; i < c->party_count; i++)
        if (party_id_equal(c->parties[i], id))
            return;
    if (c->party_count < COUNT_OF(c->parties))
        c->parties[c->party_count++] = id;
}

static void look(struct concerned *c, struct str record)
{
    static const char *const members[] = { "party", "licensor", "source" };
    json_t *o = NULL;
    struct error e;
    if (!record.length || json_read(record, &o, &e) != OK)
        return;
    for (size_t i = 0; i < COUNT_OF(members); i++)
        add_party(c, json_string_value(json_object_get(o, members[i])));
    const char *network = json_string_value(json_object_get(o, "network"));
    if (network && network_id_is_none(c->network) &&
        network_id_parse(str_of(network), &c->network, &e) != OK)
        c->network = (struct network_id) { { 0 } };
    json_decref(o);
}

static bool is_private(struct str what)
{
    struct str thing;
    if (!str_split(&what, '.', &thing))
        return true;
    for (size_t i = 0; i < COUNT_OF(private_things); i++)
        if (str_is(thing, private_things[i]))
            return true;
    return false;
}

static enum code put(struct store_tx *tx, const struct journal_event *v, int64_t place,
                     const struct party_id *party, const struct concerned *c, struct error *e)
{
    struct str data = v->entry.after.length    ? v->entry.after
                      : v->entry.before.length ? v->entry.before
                                               : STR("null");
    return store_run(tx,
                     "INSERT INTO events (seq, place, party, network, what, subject, data, at) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     SQL(sql_int(v->seq), sql_int(place),
                         party ? sql_bytes(party->bytes, ID_BYTES) : sql_null(),
                         network_id_is_none(c->network) ? sql_null() : sql_id(c->network),
                         sql_str(v->entry.what), sql_str(v->entry.subject), sql_str(data),
                         sql_instant(v->entry.when)),
                     NULL, e);
}

static bool sees(const struct webhook *h, const struct concerned *c)
{
    if (!party_id_is_none(h->view.party)) {
        for (size_t i = 0; i < c->party_count; i++)
            if (party_id_equal(h->view.party, c->parties[i]))
                return true;
        return false;
    }
    return network_id_is_none(h->view.network) || network_id_equal(h->view.network, c->network);
}

struct hooks {
    struct webhook *list;
    size_t count;
};

static enum code take_event(struct store_tx *tx, const struct journal_event *v,
                            const struct hooks *hooks, const struct event_sink *sink,
                            struct arena *a, struct error *e)
{
    struct concerned c = { .party_count = 0 };
    if (is_private(v->entry.what))
        return OK;
    look(&c, v->entry.after);
    look(&c, v->entry.before);
    if (str_starts(v->entry.subject, "pty_"))
        add_party(&c, str_copy(a, v->entry.subject));
    for (size_t i = 0; i < c.party_count || i == 0; i++)
        TRY(put(tx, v, (int64_t)i, i < c.party_count ? &c.parties[i] : NULL, &c, e));
    const char *what = str_copy(a, v->entry.what);
    for (size_t i = 0; i < hooks->count; i++)
        if (!hooks->list[i].disabled && webhook_wants(&hooks->list[i], what) &&
            sees(&hooks->list[i], &c))
            TRY(sink->deliver(sink->ctx, tx, &hooks->list[i], v->seq, e));
    return OK;
}

static enum code read_cursor(struct store_tx *tx, int64_t *out, struct error *e)
{
    owned(store_rows) row = NULL;
    bool found;
    TRY(store_one(tx, "SELECT seq FROM events_cursor WHERE id = 1", SQL_NONE, &row, &found, e));
    *out = found ? store_int(row, 0) : 0;
    return OK;
}

enum code events_pump(struct store_tx *tx, size_t most, const struct event_sink *sink,
                      size_t *taken, struct error *e)
{
    ARENA(a);
    struct journal_event *events;
    struct hooks hooks;
    int64_t cursor;
    const struct event_view all = { .party = { { 0 } } };
    TRY(store_lock(tx, "events", e));
    TRY(read_cursor(tx, &cursor, e));
    TRY(journal_list(tx, cursor, STR(""), most, &a, &events, taken, e));
    if (*taken == 0)
        return OK;
    TRY(webhook_list(tx, &all, (struct webhook_id) { { 0 } }, WEBHOOKS_MOST, &a, &hooks.list,
                     &hooks.count, e));
    for (size_t i = 0; i < *taken; i++)
        TRY(take_event(tx, &events[i], &hooks, sink, &a, e));
    return store_run(tx, "UPDATE events_cursor SET seq = $1 WHERE id = 1",
                     SQL(sql_int(events[*taken - 1].seq)), NULL, e);
}
