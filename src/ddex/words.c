/* SPDX-License-Identifier: Apache-2.0 */
/* Items of the wire into the structs of message.h, by the table of shapes. */
#include "ddex/words.h"

enum {
    NESTED_MOST = 8,
    RECORD_MEMORY_MOST = 16 << 20, /* what the texts and lists of one record may take */
};

void words_init(struct words *w, const struct words_sink *sink)
{
    *w = (struct words) { .sink = sink };
    w->arena.limit_bytes = RECORD_MEMORY_MOST;
}

void words_done(struct words *w)
{
    arena_done(&w->arena);
    buf_done(&w->payload);
}

/* ---- one record ---- */

struct items {
    const uint8_t *at, *end;
    struct wire_item item;
    struct str bytes;
    struct ern_text attributes; /* seen since the last OPEN or TEXT */
    struct arena *a;
};

static enum code nonsense(const char *what, struct error *e)
{
    return fail(e, ERR_CORRUPT, "the reader of messages sent %s", what);
}

static enum code next_item(struct items *it, struct error *e)
{
    if ((size_t)(it->end - it->at) < sizeof it->item)
        return nonsense("a record that ends early", e);
    memcpy(&it->item, it->at, sizeof it->item);
    it->at += sizeof it->item;
    if (it->item.length > (size_t)(it->end - it->at))
        return nonsense("a text that ends early", e);
    it->bytes = (struct str) { (const char *)it->at, it->item.length };
    it->at += it->item.length;
    return OK;
}

static enum code copy_text(struct items *it, const char **out, struct error *e)
{
    char *copy = arena_try(it->a, it->bytes.length + 1, 1);
    if (it->bytes.length > WIRE_TEXT_BYTES_MOST || !str_is_utf8(it->bytes) ||
        memchr(it->bytes.at, 0, it->bytes.length))
        return nonsense("a text that is none", e);
    if (!copy)
        return fail(e, ERR_LIMIT, "a record of the message needs too much memory");
    memcpy(copy, it->bytes.at, it->bytes.length);
    *out = copy;
    return OK;
}

static enum code take_attribute(struct items *it, unsigned which, struct error *e)
{
    switch (which) {
    case ATTRIBUTE_ONE_IS_WHOLE:
        it->attributes.one_is_whole = str_is(it->bytes, "true") || str_is(it->bytes, "1");
        return OK;
    case ATTRIBUTE_USER_VALUE:
        return copy_text(it, &it->attributes.user, e);
    case ATTRIBUTE_NAMESPACE:
        return copy_text(it, &it->attributes.space, e);
    default:
        return nonsense("an attribute that is none", e);
    }
}

/* Room for one more of `size` bytes at the end of a list. */
static enum code list_add(struct items *it, void **items, size_t *count, size_t *room, size_t size,
                          void **out, struct error *e)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 4;
        void *bigger = arena_try(it->a, more, size);
        if (!bigger)
            return fail(e, ERR_LIMIT, "a record of the message needs too much memory");
        if (*count)
            memcpy(bigger, *items, *count * size);
        *items = bigger;
        *room = more;
    }
    *out = (uint8_t *)*items + (*count)++ * size;
    memset(*out, 0, size);
    return OK;
}

static enum code take_text(struct items *it, const struct shape_member *m, void *into,
                           struct error *e)
{
    struct ern_text *text = (struct ern_text *)(void *)((uint8_t *)into + m->offset);
    if (m->act == ACT_TEXTS) {
        struct ern_texts *list = (struct ern_texts *)(void *)((uint8_t *)into + m->offset);
        void *items = list->items, *one = NULL;
        TRY(list_add(it, &items, &list->count, &list->room, sizeof *list->items, &one, e));
        list->items = items;
        text = one;
    } else if (text->text) {
        it->attributes = (struct ern_text) { 0 };
        return OK; /* the first one counts */
    }
    *text = it->attributes;
    it->attributes = (struct ern_text) { 0 };
    text->line = it->item.line;
    return copy_text(it, &text->text, e);
}

static enum code take_group(struct items *it, enum shape shape, enum ern_name name, void *into,
                            int depth, struct error *e);

static enum code take_open(struct items *it, const struct shape_member *m, void *into, int depth,
                           struct error *e)
{
    struct ern_list *list = (struct ern_list *)(void *)((uint8_t *)into + m->offset);
    void *one = NULL;
    it->attributes = (struct ern_text) { 0 };
    TRY(list_add(it, &list->items, &list->count, &list->room, m->size, &one, e));
    memcpy(one, &it->item.line, sizeof it->item.line); /* each begins with its line */
    return take_group(it, (enum shape)m->to, (enum ern_name)m->name, one, depth + 1, e);
}

/* The items up to the CLOSE of `name`. */
static enum code take_group(struct items *it, enum shape shape, enum ern_name name, void *into,
                            int depth, struct error *e)
{
    if (depth > NESTED_MOST)
        return nonsense("groups too deep", e);
    for (;;) {
        TRY(next_item(it, e));
        unsigned op = it->item.op_name >> 12, which = it->item.op_name & 0xFFF;
        if (op == WIRE_ATTRIBUTE) {
            TRY(take_attribute(it, which, e));
            continue;
        }
        if (op > WIRE_ATTRIBUTE || which >= N_COUNT)
            return nonsense("an item that is none", e);
        if (op == WIRE_CLOSE)
            return which == (unsigned)name ? OK : nonsense("an end without a beginning", e);
        const struct shape_member *m = shape_member_deep(shape, (enum ern_name)which);
        bool group = m && m->act == ACT_GROUP,
             text = m && (m->act == ACT_TEXT || m->act == ACT_TEXTS);
        if (op == WIRE_OPEN ? !group : !text)
            return nonsense("an element where none may be", e);
        if (op == WIRE_OPEN)
            TRY(take_open(it, m, into, depth, e));
        else
            TRY(take_text(it, m, into, e));
    }
}

static enum code take_record(struct words *w, struct items *it, struct error *e)
{
    do {
        TRY(next_item(it, e)); /* attributes of the record itself say nothing to us */
    } while (it->item.op_name >> 12 == WIRE_ATTRIBUTE);
    unsigned name = it->item.op_name & 0xFFF;
    const struct shape_member *m = name < N_COUNT ? shape_record((enum ern_name)name) : NULL;
    if (it->item.op_name >> 12 != WIRE_OPEN || !m)
        return nonsense("a record that is none", e);
    enum ern_kind kind = (enum ern_kind)m->size;
    void *record = arena_try(it->a, 1, ern_kind_size(kind));
    if (!record)
        return fail(e, ERR_LIMIT, "a record of the message needs too much memory");
    memcpy(record, &it->item.line, sizeof it->item.line);
    TRY(take_group(it, (enum shape)m->to, (enum ern_name)name, record, 0, e));
    if (it->at != it->end)
        return nonsense("more than a record", e);
    return w->sink->record(w->sink->context, kind, record, e);
}

/* ---- frames ---- */

static enum code take_note(struct words *w, const void *payload, size_t length, struct error *e)
{
    if (length != sizeof w->note)
        return nonsense("a refusal that is none", e);
    memcpy(&w->note, payload, length);
    struct str element = { w->note.element, strnlen(w->note.element, sizeof w->note.element) };
    struct str text = { w->note.text, strnlen(w->note.text, sizeof w->note.text) };
    if ((unsigned)w->note.rule >= ERN_RULE_COUNT || element.length == sizeof w->note.element ||
        text.length == sizeof w->note.text)
        return nonsense("a refusal that is none", e);
    for (char *c = w->note.element; *c; c++)
        *c = (unsigned char)*c < ' ' ? ' ' : *c;
    for (char *c = w->note.text; *c; c++)
        *c = (unsigned char)*c < ' ' ? ' ' : *c;
    w->refused = w->ended = true;
    return OK;
}

static enum code take_failure(const void *payload, size_t length, struct error *e)
{
    struct wire_failed failed;
    if (length != sizeof failed)
        return nonsense("a failure that is none", e);
    memcpy(&failed, payload, length);
    if (failed.code == OK || failed.code >= CODE_COUNT)
        return nonsense("a failure that is none", e);
    return fail(e, (enum code)failed.code, "%.*s", (int)strnlen(failed.text, sizeof failed.text),
                failed.text);
}

enum code words_take(struct words *w, enum wire_kind kind, const void *payload, size_t length,
                     struct error *e)
{
    if (w->ended)
        return nonsense("more behind the end", e);
    switch (kind) {
    case WIRE_RECORD: {
        arena_done(&w->arena);
        struct items it = { .at = payload,
                            .end = (const uint8_t *)payload + length,
                            .a = &w->arena };
        return take_record(w, &it, e);
    }
    case WIRE_REFUSED:
        return take_note(w, payload, length, e);
    case WIRE_FAILED:
        return take_failure(payload, length, e);
    case WIRE_END:
        if (length != sizeof w->end)
            return nonsense("an end that is none", e);
        memcpy(&w->end, payload, length);
        w->ended = true;
        return OK;
    }
    return nonsense("a frame that is none", e);
}

enum code words_feed(struct words *w, const uint8_t *bytes, size_t count, struct error *e)
{
    while (count) {
        if (w->have < sizeof w->header) {
            size_t n = sizeof w->header - w->have;
            n = n < count ? n : count;
            memcpy((uint8_t *)&w->header + w->have, bytes, n);
            w->have += n;
            bytes += n;
            count -= n;
            if (w->have < sizeof w->header)
                return OK;
            buf_clear(&w->payload);
            if (w->header.length == 0 || w->header.length > WIRE_RECORD_BYTES_MOST)
                return nonsense("a frame that is too long", e);
        }
        size_t left = w->header.length - w->payload.length;
        size_t n = left < count ? left : count;
        buf_put(&w->payload, bytes, n);
        if (w->payload.failed)
            return fail(e, ERR_MEMORY, "no memory to read a message");
        bytes += n;
        count -= n;
        if (n < left)
            return OK;
        w->have = 0;
        TRY(words_take(w, (enum wire_kind)w->header.kind, w->payload.bytes, w->payload.length, e));
    }
    return OK;
}

enum code words_finish(struct words *w, struct error *e)
{
    if (!w->ended || w->have)
        return nonsense("no end", e);
    return w->refused ? ern_note_fail(&w->note, e) : OK;
}
