/* SPDX-License-Identifier: Apache-2.0 */
/* JSON and CSV into drafts of notices. */
#include "desk/reading.h"

#include <stdlib.h>

static const char *const notice_members[] = { "regime",   "channel",         "sender",
                                              "name",     "principal",       "language",
                                              "elements", "idempotency_key", "items",
                                              "order",    NULL };
static const char *const order_members[] = { "authority", "number", "country", "territories",
                                             "until", NULL };
static const char *const item_members[] = { "kind", "location",  "title", "artist",
                                            "isrc", "recording", NULL };

static enum code text(const json_t *o, const char *name, struct str *out, struct error *e)
{
    const char *value = NULL;
    TRY(json_member_text(o, name, &value, e));
    *out = value ? str_of(value) : STR("");
    return OK;
}

static enum code read_item(const json_t *o, struct draft_item *out, struct error *e)
{
    struct str kind;
    struct str recording;
    TRY(json_only(o, item_members, e));
    TRY(text(o, "kind", &kind, e));
    TRY(text(o, "location", &out->location, e));
    TRY(text(o, "title", &out->title, e));
    TRY(text(o, "artist", &out->artist, e));
    TRY(text(o, "isrc", &out->isrc, e));
    TRY(text(o, "recording", &recording, e));
    if (recording.length)
        out->isrc = recording;
    out->kind = KIND_UPLOAD;
    return kind.length ? item_kind_parse(kind, &out->kind, e) : OK;
}

enum code desk_elements_json(const json_t *list, unsigned *out, struct error *e)
{
    *out = 0;
    if (list && !json_is_array(list))
        return fail(e, ERR_INVALID, "\"elements\" is a list of words");
    for (size_t i = 0; i < json_array_size(list); i++) {
        unsigned bit = 0;
        const char *word = json_string_value(json_array_get(list, i));
        TRY(element_parse(str_of(word ? word : "?"), &bit, e));
        *out |= bit;
    }
    return OK;
}

/* What is there by itself: the location of each item, the work where it is named, the mailbox. */
static unsigned elements_shown(const struct notice_draft *d)
{
    unsigned has = ELEMENT_LOCATION | ELEMENT_EMAIL | ELEMENT_WORK;
    for (size_t i = 0; i < d->item_count; i++)
        if (d->items[i].title.length + d->items[i].isrc.length == 0)
            has &= ~(unsigned)ELEMENT_WORK;
    return d->name.length ? has | ELEMENT_NAME : has;
}

static enum code read_order(const json_t *o, struct notice_draft *d, struct error *e)
{
    struct str until;
    if (!o)
        return OK;
    if (!json_is_object(o))
        return fail(e, ERR_INVALID, "\"order\" is an object");
    TRY(json_only(o, order_members, e));
    TRY(text(o, "authority", &d->order.authority, e));
    TRY(text(o, "number", &d->order.number, e));
    TRY(text(o, "country", &d->order.country, e));
    TRY(text(o, "territories", &d->order.territories, e));
    TRY(text(o, "until", &until, e));
    if (until.length)
        TRY(instant_parse(until, &d->order.until, e));
    if (d->order.authority.length && d->order.number.length)
        d->elements |= ELEMENT_ORDER;
    return OK;
}

enum code desk_draft_json(const json_t *o, struct arena *a, struct notice_draft *out,
                          struct error *e)
{
    struct notice_draft d = { .channel = CHANNEL_API, .regime = REGIME_DMCA };
    struct str regime, channel;
    if (!json_is_object(o))
        return fail(e, ERR_INVALID, "a notice is a JSON object");
    TRY(json_only(o, notice_members, e));
    TRY(text(o, "regime", &regime, e));
    TRY(text(o, "channel", &channel, e));
    TRY(text(o, "sender", &d.sender, e));
    TRY(text(o, "name", &d.name, e));
    TRY(text(o, "principal", &d.principal, e));
    TRY(text(o, "language", &d.language, e));
    TRY(text(o, "idempotency_key", &d.once, e));
    if (regime.length)
        TRY(regime_parse(regime, &d.regime, e));
    if (channel.length)
        TRY(channel_parse(channel, &d.channel, e));
    TRY(desk_elements_json(json_object_get(o, "elements"), &d.elements, e));
    TRY(read_order(json_object_get(o, "order"), &d, e));
    const json_t *items = json_object_get(o, "items");
    size_t count = json_array_size(items);
    if (!json_is_array(items) || count == 0)
        return fail(e, ERR_INVALID, "\"items\" is a list of what the notice is about");
    if (count > ITEMS_MOST)
        return fail(e, ERR_LIMIT, "\"items\": %zu, %d are the most", count, ITEMS_MOST);
    struct draft_item *list = arena_try(a, count, sizeof *list);
    if (!list)
        return fail(e, ERR_MEMORY, "no memory for %zu items", count);
    for (size_t i = 0; i < count; i++)
        if (read_item(json_array_get(items, i), &list[i], e) != OK)
            return fail_in(e, "items[%zu]", i);
    d.items = list;
    d.item_count = count;
    d.elements |= elements_shown(&d);
    *out = d;
    return OK;
}

static void note_bad(struct notice_file *f, size_t line, const struct error *why)
{
    if (f->bad_count == BAD_MOST) {
        f->bad_more++;
        return;
    }
    struct bad_notice *b = &f->bad[f->bad_count++];
    b->line = line;
    snprintf(b->text, sizeof b->text, "%.255s", why->text);
}

static enum code begin_file(struct notice_file *f, size_t room, struct arena *a, struct error *e)
{
    *f = (struct notice_file) { 0 };
    f->drafts = arena_try(a, room + 1, sizeof *f->drafts);
    f->lines = arena_try(a, room + 1, sizeof *f->lines);
    f->bad = arena_try(a, BAD_MOST, sizeof *f->bad);
    return f->drafts && f->lines && f->bad ? OK
                                           : fail(e, ERR_MEMORY, "no memory for %zu notices", room);
}

static enum code read_json(struct str bytes, struct arena *a, json_t **json,
                           struct notice_file *out, struct error *e)
{
    TRY(json_read(bytes, json, e));
    bool many = json_is_array(*json);
    size_t count = many ? json_array_size(*json) : 1;
    if (count > NOTICES_OF_A_FILE_MOST)
        return fail(e, ERR_LIMIT, "%zu notices, %d are the most of a file", count,
                    NOTICES_OF_A_FILE_MOST);
    TRY(begin_file(out, count, a, e));
    for (size_t i = 0; i < count; i++) {
        const json_t *o = many ? json_array_get(*json, i) : *json;
        struct error why = { 0 };
        struct notice_draft *d = &out->drafts[out->count];
        if (desk_draft_json(o, a, d, &why) != OK) {
            note_bad(out, i + 1, &why);
            continue;
        }
        char *raw = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
        if (!raw)
            return fail(e, ERR_MEMORY, "no memory for a notice");
        d->raw = str_of(arena_text(a, raw, strlen(raw)));
        free(raw);
        out->lines[out->count++] = i + 1;
    }
    return OK;
}

/* ---- CSV ---- */

enum column {
    SENDER,
    KEY,
    NAME,
    PRINCIPAL,
    REGIME,
    LANGUAGE,
    ELEMENTS,
    KIND,
    LOCATION,
    TITLE,
    ARTIST,
    ISRC,
    COLUMNS
};
static const char *const columns[COLUMNS] = { "sender",   "key",      "name",     "principal",
                                              "regime",   "language", "elements", "kind",
                                              "location", "title",    "artist",   "isrc" };

struct csv_reading {
    int at[COLUMNS];
    struct arena *arena;
    struct notice_file *out;
    struct draft_item *items; /* of the whole file, one after another */
    size_t item_count;
};

static enum code read_header(struct csv_reading *r, const struct csv_record *h, struct error *e)
{
    for (int c = 0; c < COLUMNS; c++)
        r->at[c] = -1;
    for (size_t i = 0; i < h->count; i++) {
        int c = 0;
        while (c < COLUMNS && !str_is(str_trim(h->cells[i]), columns[c]))
            c++;
        if (c == COLUMNS || r->at[c] >= 0)
            return fail(e, ERR_INVALID, "the column \"%.*s\" is not known, or stands twice",
                        (int)(h->cells[i].length > 40 ? 40 : h->cells[i].length), h->cells[i].at);
        r->at[c] = (int)i;
    }
    if (r->at[SENDER] < 0 || r->at[LOCATION] < 0)
        return fail(e, ERR_INVALID, "the columns \"sender\" and \"location\" are needed");
    return OK;
}

static struct str cell(const struct csv_reading *r, const struct csv_record *row, enum column c)
{
    return r->at[c] >= 0 && (size_t)r->at[c] < row->count ? str_trim(row->cells[r->at[c]])
                                                          : STR("");
}

static struct str kept(const struct csv_reading *r, struct str s)
{
    return (struct str) { str_copy(r->arena, s), s.length };
}

static enum code row_words(const struct csv_reading *r, const struct csv_record *row,
                           struct notice_draft *d, struct draft_item *item, struct error *e)
{
    struct str elements = cell(r, row, ELEMENTS), word;
    if (cell(r, row, REGIME).length)
        TRY(regime_parse(cell(r, row, REGIME), &d->regime, e));
    if (cell(r, row, KIND).length)
        TRY(item_kind_parse(cell(r, row, KIND), &item->kind, e));
    while (str_split(&elements, ' ', &word)) {
        unsigned bit = 0;
        if (str_is(word, "all")) {
            d->elements |= ELEMENTS_ALL;
            continue;
        }
        if (str_trim(word).length)
            TRY(element_parse(str_trim(word), &bit, e));
        d->elements |= bit;
    }
    return cell(r, row, LOCATION).length ? OK : fail(e, ERR_INVALID, "location is empty");
}

static enum code take_row(struct csv_reading *r, const struct csv_record *row, struct error *e)
{
    struct notice_file *f = r->out;
    struct notice_draft fresh = { .channel = CHANNEL_FILE, .regime = REGIME_DMCA };
    struct draft_item item = { .kind = KIND_UPLOAD };
    TRY(row_words(r, row, &fresh, &item, e));
    item.location = kept(r, cell(r, row, LOCATION));
    item.title = kept(r, cell(r, row, TITLE));
    item.artist = kept(r, cell(r, row, ARTIST));
    item.isrc = kept(r, cell(r, row, ISRC));
    struct notice_draft *last = f->count ? &f->drafts[f->count - 1] : NULL;
    struct str sender = cell(r, row, SENDER), key = cell(r, row, KEY);
    bool goes_on = last && key.length && str_equal(last->sender, sender) &&
                   str_equal(last->once, key);
    if (!goes_on && f->count == NOTICES_OF_A_FILE_MOST)
        return fail(e, ERR_LIMIT, "a file has at most %d notices", NOTICES_OF_A_FILE_MOST);
    r->items[r->item_count] = item;
    if (goes_on) {
        last->item_count++;
        last->elements |= fresh.elements;
    } else {
        fresh.sender = kept(r, sender);
        fresh.once = kept(r, key);
        fresh.name = kept(r, cell(r, row, NAME));
        fresh.principal = kept(r, cell(r, row, PRINCIPAL));
        fresh.language = kept(r, cell(r, row, LANGUAGE));
        fresh.items = &r->items[r->item_count];
        fresh.item_count = 1;
        f->lines[f->count] = row->line;
        f->drafts[f->count++] = fresh;
    }
    r->item_count++;
    return OK;
}

/* The rows of a notice as they are kept: sender, key, items. */
static void raw_of(struct csv_reading *r, struct notice_draft *d)
{
    BUF(raw);
    d->elements |= elements_shown(d);
    buf_format(&raw, "%.*s,%.*s,%.*s\n", STR_ARG(d->sender), STR_ARG(d->once), STR_ARG(d->name));
    for (size_t i = 0; i < d->item_count; i++)
        buf_format(&raw, "%.*s,%.*s,%.*s,%.*s\n", STR_ARG(d->items[i].location),
                   STR_ARG(d->items[i].title), STR_ARG(d->items[i].artist),
                   STR_ARG(d->items[i].isrc));
    d->raw = kept(r, buf_as_str(&raw));
}

static size_t lines_of(struct str text_of_file)
{
    size_t n = 2;
    for (size_t i = 0; i < text_of_file.length; i++)
        n += text_of_file.at[i] == '\n' || text_of_file.at[i] == '\r';
    return n;
}

static enum code read_csv(struct str bytes, struct arena *a, struct notice_file *out,
                          struct error *e)
{
    struct csv csv;
    struct csv_record row;
    size_t room = lines_of(bytes);
    struct csv_reading r = { .arena = a, .out = out };
    TRY(csv_begin(&csv, bytes, e));
    TRY(begin_file(out, room < NOTICES_OF_A_FILE_MOST ? room : NOTICES_OF_A_FILE_MOST, a, e));
    r.items = arena_try(a, room, sizeof *r.items);
    if (!r.items)
        return fail(e, ERR_MEMORY, "no memory for %zu items", room);
    for (bool header = true, more = true;; header = false) {
        struct error why = { 0 };
        enum code code = csv_next(&csv, a, &row, &more, &why);
        if (code == OK && !more)
            break;
        if (header && code != OK)
            return fail(e, code, "line 1: %s", why.text);
        if (header) {
            TRY(read_header(&r, &row, e));
            continue;
        }
        if (code == OK)
            code = take_row(&r, &row, &why);
        if (code != OK)
            note_bad(out, row.line, &why);
    }
    for (size_t i = 0; i < out->count; i++)
        raw_of(&r, &out->drafts[i]);
    return OK;
}

enum code desk_file_read(struct str bytes, struct arena *a, json_t **json, struct notice_file *out,
                         struct error *e)
{
    struct str trimmed = str_trim(bytes);
    if (trimmed.length && (trimmed.at[0] == '{' || trimmed.at[0] == '['))
        return read_json(bytes, a, json, out, e);
    return read_csv(bytes, a, out, e);
}
