/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the journal. */
#include "desk/scan.h"

#include <stdlib.h>

struct str scan_text(struct str json, const char *name)
{
    char key[48];
    int length = snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = memmem(json.at, json.length, key, (size_t)length);
    if (!at)
        return STR("");
    at += length;
    const char *end = memchr(at, '"', (size_t)(json.at + json.length - at));
    return end ? (struct str) { at, (size_t)(end - at) } : STR("");
}

static int64_t scan_number(struct str json, const char *name)
{
    char key[48];
    int length = snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = memmem(json.at, json.length, key, (size_t)length);
    int64_t n = 0;
    if (!at)
        return 0;
    for (at += length; at < json.at + json.length && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    return n;
}

static bool scan_true(struct str json, const char *name)
{
    char key[48];
    int length = snprintf(key, sizeof key, "\"%s\":true", name);
    return memmem(json.at, json.length, key, (size_t)length) != NULL;
}

/* ---- places by id ---- */

struct table {
    uint32_t *slots; /* number + 1; 0: empty */
    size_t room, count;
};

static uint64_t hash_of(const uint8_t id[ID_BYTES])
{
    uint64_t h;
    memcpy(&h, id + 8, 8);
    return h * UINT64_C(0x9e3779b97f4a7c15);
}

struct list {
    struct table table;
    uint8_t *items; /* each begins with its id */
    size_t size, room;
};

static uint8_t *list_at(const struct list *l, size_t n)
{
    return l->items + n * l->size;
}

static bool table_grow(struct list *l)
{
    size_t room = l->table.room ? 2 * l->table.room : 1024;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    for (size_t n = 0; n < l->table.count; n++) {
        size_t at = hash_of(list_at(l, n)) >> 20 & (room - 1);
        while (slots[at])
            at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)n + 1;
    }
    free(l->table.slots);
    l->table.slots = slots;
    l->table.room = room;
    return true;
}

static bool list_grow(struct list *l)
{
    if (l->table.count == l->room) {
        size_t room = l->room ? 2 * l->room : 256;
        uint8_t *items = realloc(l->items, room * l->size);
        if (!items)
            return false;
        l->items = items;
        l->room = room;
    }
    return l->table.count * 2 < l->table.room || table_grow(l);
}

/* The thing of this id; *fresh: it was not there and is zeroed but for the id. NULL: no memory. */
static void *list_get(struct list *l, const uint8_t id[ID_BYTES], bool *fresh)
{
    if (!list_grow(l))
        return NULL;
    size_t at = hash_of(id) >> 20 & (l->table.room - 1);
    for (; l->table.slots[at]; at = (at + 1) & (l->table.room - 1)) {
        uint8_t *known = list_at(l, l->table.slots[at] - 1);
        if (memcmp(known, id, ID_BYTES) == 0) {
            *fresh = false;
            return known;
        }
    }
    uint8_t *item = list_at(l, l->table.count);
    memset(item, 0, l->size);
    memcpy(item, id, ID_BYTES);
    l->table.slots[at] = (uint32_t)++l->table.count;
    *fresh = true;
    return item;
}

static uint32_t list_number(const struct list *l, const void *item)
{
    return (uint32_t)(((const uint8_t *)item - l->items) / (ptrdiff_t)l->size);
}

/* ---- folding ---- */

struct folding {
    struct scan *out;
    struct list cases, notices, senders;
    int64_t seq, at_us;
    struct str subject, after;
};

static enum code no_memory(struct error *e)
{
    return fail(e, ERR_MEMORY, "no memory for the figures");
}

static enum code fold_received(struct folding *f, struct error *e)
{
    struct notice_id id;
    struct sender_id sender;
    bool fresh;
    enum channel channel;
    enum regime regime;
    if (f->at_us < f->out->from.us || f->at_us >= f->out->until.us)
        return OK;
    TRY(notice_id_parse(f->subject, &id, e));
    TRY(sender_id_parse(scan_text(f->after, "sender"), &sender, e));
    TRY(channel_parse(scan_text(f->after, "channel"), &channel, e));
    TRY(regime_parse(scan_text(f->after, "regime"), &regime, e));
    struct scan_sender *s = list_get(&f->senders, sender.bytes, &fresh);
    struct scan_notice *n = s ? list_get(&f->notices, id.bytes, &fresh) : NULL;
    if (!n)
        return no_memory(e);
    n->seq = f->seq;
    n->received_us = f->at_us;
    n->sender = list_number(&f->senders, s);
    n->items = (uint32_t)scan_number(f->after, "items");
    n->channel = (uint8_t)channel;
    n->regime = (uint8_t)regime;
    n->trusted = scan_true(f->after, "trusted");
    s->received += n->items;
    f->out->requests += n->items;
    return OK;
}

static enum code fold_decided(struct folding *f, struct error *e)
{
    struct item_id id;
    struct notice_id notice;
    bool fresh, known;
    enum item_event event;
    enum item_state to;
    enum reason_code reason;
    TRY(item_id_parse(f->subject, &id, e));
    TRY(notice_id_parse(scan_text(f->after, "notice"), &notice, e));
    TRY(item_event_parse(scan_text(f->after, "event"), &event, e));
    TRY(item_state_parse(scan_text(f->after, "to"), &to, e));
    TRY(reason_parse(scan_text(f->after, "reason"), &reason, e));
    int64_t received = scan_number(f->after, "received");
    if (received < f->out->from.us || received >= f->out->until.us)
        return OK;
    struct scan_notice *n = list_get(&f->notices, notice.bytes, &known);
    struct scan_case *c = n ? list_get(&f->cases, id.bytes, &fresh) : NULL;
    if (!c)
        return no_memory(e);
    if (known)
        return fail(e, ERR_CORRUPT, "event %lld decides an item whose notice is not in the journal",
                    (long long)f->seq);
    if (fresh) {
        c->first_us = f->at_us - received;
        c->notice = list_number(&f->notices, n);
        c->sender = n->sender;
        c->regime = n->regime;
        c->channel = n->channel;
    }
    if (to == ITEM_RESTORED) {
        c->put_back = true;
        c->reversed |= event == EVENT_REVERSE;
        return OK;
    }
    for (int k = 0; k < CLASS_COUNT; k++)
        if (str_is(scan_text(f->after, "class"), item_class_word((enum item_class)k)))
            c->class = (uint8_t)k;
    struct str by = scan_text(f->after, "by");
    c->seq = f->seq;
    c->reason = (uint8_t)reason;
    c->put_back = false;
    c->accepted = item_is_restricted(to);
    c->automatic = str_is(by, "machine") || str_is(by, "timer");
    c->automatic_detected = memmem(f->after.at, f->after.length, "\"evidence\":{", 12) != NULL;
    return OK;
}

static void fold_moved(struct folding *f)
{
    struct str event = scan_text(f->after, "event"), from = scan_text(f->after, "from");
    struct scan *s = f->out;
    s->countered += str_is(event, "counter");
    if (str_is(event, "complain"))
        s->complained[str_is(from, "restricted") ? 0 : 1]++;
    s->upheld += str_is(event, "uphold");
}

static enum code fold(struct folding *f, struct str what, struct error *e)
{
    f->out->events++;
    if (str_is(what, "item.decided"))
        return fold_decided(f, e);
    if (str_is(what, "notice.received"))
        return fold_received(f, e);
    if (str_is(what, "item.moved"))
        fold_moved(f);
    f->out->suspended_senders += str_is(what, "sender.suspended");
    return OK;
}

static enum code fold_all(struct folding *f, struct store_tx *tx, struct error *e)
{
    enum { PAGE = 20000 };
    for (int64_t after = 0;;) {
        owned(store_rows) r = NULL;
        size_t n = 0;
        bool more;
        TRY(store_query(tx,
                        "SELECT seq, at, what, subject, after FROM journal_events WHERE seq > $1 "
                        "AND seq <= $2 ORDER BY seq LIMIT 20000",
                        SQL(sql_int(after), sql_int(f->out->head.size)), &r, e));
        for (;; n++) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            after = f->seq = store_int(r, 0);
            f->at_us = store_int(r, 1);
            f->subject = store_text(r, 3);
            f->after = store_text(r, 4);
            if (fold(f, store_text(r, 2), e) != OK)
                return fail_in(e, "journal event %lld", (long long)f->seq);
        }
        if (n < PAGE)
            return OK;
    }
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

/* Senders in the order of their ids, and the numbers that others keep of them with it. */
static enum code sort_senders(struct scan *s, struct error *e)
{
    struct scan_sender *before = s->senders;
    size_t count = s->sender_count;
    struct scan_sender *after = malloc((count + 1) * sizeof *after);
    uint32_t *place = malloc((count + 1) * sizeof *place);
    if (!after || !place) {
        free(after);
        free(place);
        return no_memory(e);
    }
    if (count)
        memcpy(after, before, count * sizeof *after);
    qsort(after, count, sizeof *after, by_id);
    for (size_t i = 0; i < count; i++) {
        const struct scan_sender *at = bsearch(before[i].id, after, count, sizeof *after, by_id);
        place[i] = (uint32_t)(at - after);
    }
    for (size_t i = 0; i < s->case_count; i++)
        s->cases[i].sender = place[s->cases[i].sender];
    for (size_t i = 0; i < s->notice_count; i++)
        s->notices[i].sender = place[s->notices[i].sender];
    free(place);
    free(before);
    s->senders = after;
    return OK;
}

static void add_up(struct scan *s)
{
    for (size_t i = 0; i < s->case_count; i++) {
        const struct scan_case *c = &s->cases[i];
        struct scan_sender *x = &s->senders[c->sender];
        s->accepted += c->accepted;
        s->turned_down += !c->accepted;
        s->put_back += c->put_back;
        s->reversed += c->reversed;
        s->by_reason[c->reason]++;
        x->accepted += c->accepted;
        x->turned_down += !c->accepted;
        x->put_back += c->put_back;
    }
    s->undecided = s->requests - (int64_t)s->case_count;
}

enum code desk_scan(struct store_tx *tx, struct instant from, struct instant until,
                    struct scan *out, struct error *e)
{
    struct folding f = { .out = out,
                         .cases = { .size = sizeof(struct scan_case) },
                         .notices = { .size = sizeof(struct scan_notice) },
                         .senders = { .size = sizeof(struct scan_sender) } };
    *out = (struct scan) { .from = from, .until = until };
    TRY(journal_head(tx, &out->head, e));
    enum code code = fold_all(&f, tx, e);
    free(f.cases.table.slots);
    free(f.notices.table.slots);
    free(f.senders.table.slots);
    out->cases = (struct scan_case *)(void *)f.cases.items;
    out->notices = (struct scan_notice *)(void *)f.notices.items;
    out->senders = (struct scan_sender *)(void *)f.senders.items;
    out->case_count = f.cases.table.count;
    out->notice_count = f.notices.table.count;
    out->sender_count = f.senders.table.count;
    if (code != OK)
        return code;
    if (out->case_count)
        qsort(out->cases, out->case_count, sizeof *out->cases, by_id);
    TRY(sort_senders(out, e));
    add_up(out);
    return OK;
}

void desk_scan_done(struct scan *s)
{
    free(s->cases);
    free(s->notices);
    free(s->senders);
    *s = (struct scan) { 0 };
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t desk_scan_time_ms(const struct scan *s, int class, int per_mille, int64_t *count)
{
    int64_t *times = malloc((s->case_count + 1) * sizeof *times), answer = -1;
    size_t n = 0;
    *count = 0;
    if (!times)
        return -1;
    for (size_t i = 0; i < s->case_count; i++)
        if (class < 0 || s->cases[i].class == class)
            times[n++] = s->cases[i].first_us / 1000;
    qsort(times, n, sizeof *times, by_number);
    if (n) /* the nearest rank */
        answer = times[((size_t)per_mille * n + 999) / 1000 - 1];
    *count = (int64_t)n;
    free(times);
    return answer;
}
