/* SPDX-License-Identifier: Apache-2.0 */
/* What events of the journal touched: every change of a record is one, with the record before and
 * after, so that a server finds out what is new without looking at everything. */
#include <stdlib.h>

#include "flow/rights_load.h"
#include "journal/journal.h"

enum { EVENTS_MOST = 5000, TOUCHED_MOST = 20000, RECORDINGS_OF_WORK_MOST = 1000 };

struct touching {
    struct store_tx *tx;
    struct party_id catalogue;
    struct arena *a;
    struct rights_touched *out;
    size_t party_room, recording_room;
};

static void *one_more(struct touching *t, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 64;
    void *more = arena_get(t->a, *room, size);
    if (count)
        memcpy(more, items, count * size);
    return more;
}

static void touch_party(struct touching *t, struct party_id id)
{
    struct rights_touched *o = t->out;
    o->parties = one_more(t, o->parties, o->party_count, &t->party_room, sizeof id);
    o->parties[o->party_count++] = id;
}

static void touch_recording(struct touching *t, struct recording_id id)
{
    struct rights_touched *o = t->out;
    o->recordings = one_more(t, o->recordings, o->recording_count, &t->recording_room, sizeof id);
    o->recordings[o->recording_count++] = id;
}

/* ---- one event ---- */

static enum code touch_party_text(struct touching *t, struct str text, struct error *e)
{
    struct party_id id;
    TRY(party_id_parse(text, &id, e));
    touch_party(t, id);
    return OK;
}

static enum code touch_recording_text(struct touching *t, struct str text, struct error *e)
{
    struct recording_id id;
    TRY(recording_id_parse(text, &id, e));
    touch_recording(t, id);
    return OK;
}

static enum code touch_work_text(struct touching *t, struct str text, struct error *e)
{
    struct recording_work_id after = { { 0 } };
    struct recording_id any = { { 0 } };
    struct recording_work *links;
    struct work_id work;
    size_t n;
    TRY(work_id_parse(text, &work, e));
    do {
        TRY(registry_recording_work_list(t->tx, t->catalogue, any, work, after,
                                         RECORDINGS_OF_WORK_MOST, t->a, &links, &n, e));
        for (size_t i = 0; i < n; i++)
            touch_recording(t, links[i].recording);
        if (n)
            after = links[n - 1].id;
    } while (n == RECORDINGS_OF_WORK_MOST);
    return OK;
}

typedef enum code touch_fn(struct touching *t, struct str text, struct error *e);

/* Which member of which record, or its subject (no member), says what a verdict may depend on. */
static const struct touch_row {
    const char *thing, *member;
    touch_fn *touch;
} touch_rows[] = {
    { "party", NULL, touch_party_text },
    { "recording", NULL, touch_recording_text },
    { "claim", "recording", touch_recording_text },
    { "claim", "work", touch_work_text },
    { "work", NULL, touch_work_text },
    { "recording_work", "recording", touch_recording_text },
    { "policy", "party", touch_party_text },
    { "licence", "licensor", touch_party_text },
};

static enum code touch_member(struct touching *t, const struct touch_row *row, struct str record,
                              struct error *e)
{
    json_t *o = NULL;
    const char *text = NULL;
    if (!record.length)
        return OK;
    TRY(json_read(record, &o, e));
    const json_t *member = json_object_get(o, row->member);
    if (json_is_string(member))
        text = str_copy(t->a, str_of(json_string_value(member)));
    json_decref(o);
    return text ? row->touch(t, str_of(text), e) : OK;
}

static enum code touch_event(struct touching *t, const struct journal_entry *entry, struct error *e)
{
    struct str rest = entry->what, thing;
    if (!str_split(&rest, '.', &thing))
        return OK;
    t->out->access = t->out->access || str_is(thing, "network") || str_is(thing, "app");
    t->out->orders = t->out->orders || str_is(thing, "order");
    for (size_t i = 0; i < COUNT_OF(touch_rows); i++) {
        const struct touch_row *row = &touch_rows[i];
        if (!str_is(thing, row->thing))
            continue;
        if (!row->member) {
            TRY(row->touch(t, entry->subject, e));
            continue;
        }
        TRY(touch_member(t, row, entry->before, e));
        TRY(touch_member(t, row, entry->after, e));
    }
    return OK;
}

/* ---- all of them ---- */

static int by_bytes(const void *left, const void *right)
{
    return memcmp(left, right, ID_BYTES);
}

static size_t each_once(void *ids, size_t count)
{
    uint8_t *at = ids;
    size_t kept = 0;
    if (count > 1)
        qsort(ids, count, ID_BYTES, by_bytes);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || memcmp(at + (kept - 1) * ID_BYTES, at + i * ID_BYTES, ID_BYTES) != 0)
            memmove(at + kept++ * ID_BYTES, at + i * ID_BYTES, ID_BYTES);
    return kept;
}

enum code rights_read_touched(struct store_tx *tx, struct party_id catalogue, int64_t after,
                              struct arena *a, struct rights_touched *out, bool *whole,
                              struct error *e)
{
    struct touching t = { .tx = tx, .catalogue = catalogue, .a = a, .out = out };
    size_t seen = 0, n;
    *out = (struct rights_touched) { 0 };
    *whole = false;
    do {
        struct journal_event *events;
        TRY(journal_list(tx, after, STR(""), JOURNAL_LIST_MOST, a, &events, &n, e));
        for (size_t i = 0; i < n; i++)
            TRY(touch_event(&t, &events[i].entry, e));
        if (n)
            after = events[n - 1].seq;
        seen += n;
        *whole = seen > EVENTS_MOST || out->party_count + out->recording_count > TOUCHED_MOST;
    } while (n == JOURNAL_LIST_MOST && !*whole);
    out->party_count = each_once(out->parties, out->party_count);
    out->recording_count = each_once(out->recordings, out->recording_count);
    return OK;
}
