/* SPDX-License-Identifier: Apache-2.0 */
/* A batch as bytes: docs/formats/play-batch.md. Recordings and apps stand once, plays refer to them;
 * times as differences. */
#include <stdlib.h>

#include "ledger/batches.h"

enum { LONGEST_DAY_MS = 86400000 };
static const int64_t last_us = INT64_C(253402300799000000);

static enum code check(const struct play_batch *b, struct error *e)
{
    size_t n = b->producer ? strlen(b->producer) : 0;
    if (n == 0 || n > BATCH_PRODUCER_MOST ||
        strspn(b->producer, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
            n)
        return fail(e, ERR_INVALID, "a producer has 1 to %d letters, digits, \"-\", \"_\" or \".\"",
                    BATCH_PRODUCER_MOST);
    if (b->sequence < 0 || b->corrects < -1 || b->corrects >= b->sequence)
        return fail(e, ERR_INVALID,
                    "sequences begin at 0, and a batch corrects an earlier one: %lld corrects %lld",
                    (long long)b->sequence, (long long)b->corrects);
    if (b->count > BATCH_PLAYS_MOST)
        return fail(e, ERR_LIMIT, "a batch has at most %d plays", BATCH_PLAYS_MOST);
    for (size_t i = 0; i < b->count; i++) {
        const struct batch_play *p = &b->plays[i];
        if (!territory_is_known(p->territory) || recording_id_is_none(p->recording) ||
            p->played_ms > LONGEST_DAY_MS || p->at.us < 0 || p->at.us > last_us)
            return fail(e, ERR_INVALID,
                        "play %zu: its recording, territory, length (a day at most) or moment is "
                        "out of form",
                        i);
    }
    return OK;
}

static void put_varint(struct buf *b, uint64_t n)
{
    uint8_t bytes[10];
    size_t used = 0;
    for (; n >= 128; n >>= 7)
        bytes[used++] = (uint8_t)(n | 128);
    bytes[used++] = (uint8_t)n;
    buf_put(b, bytes, used);
}

static enum code app_number(struct app_id *apps, size_t *count, struct app_id app, size_t *out,
                            struct error *e)
{
    size_t i = 0;
    while (i < *count && !app_id_equal(apps[i], app))
        i++;
    if (i == BATCH_APPS_MOST)
        return fail(e, ERR_LIMIT, "a batch has plays of at most %d apps", BATCH_APPS_MOST);
    if (i == *count)
        apps[(*count)++] = app;
    *out = i;
    return OK;
}

/* The recordings of a batch in the order in which they come. */
struct names {
    const struct recording_id **ids;
    uint16_t *slots; /* hash -> number + 1 */
    size_t count, mask;
};

static size_t recording_number(struct names *n, const struct recording_id *id)
{
    uint64_t hash;
    memcpy(&hash, id->bytes + 8, sizeof hash);
    hash = (hash ^ id->bytes[5]) * 0x9E3779B97F4A7C15u;
    size_t at = hash >> 40 & n->mask;
    for (; n->slots[at]; at = (at + 1) & n->mask)
        if (recording_id_equal(*n->ids[n->slots[at] - 1], *id))
            return n->slots[at] - 1u;
    n->ids[n->count] = id;
    n->slots[at] = (uint16_t)++n->count;
    return n->count - 1;
}

struct play_numbers {
    uint16_t app, recording;
};

static enum code number_plays(const struct play_batch *b, struct app_id *apps, size_t *app_count,
                              struct names *names, struct play_numbers *out, struct error *e)
{
    for (size_t i = 0; i < b->count; i++) {
        size_t app = 0;
        TRY(app_number(apps, app_count, b->plays[i].app, &app, e));
        out[i].app = (uint16_t)app;
        out[i].recording = (uint16_t)recording_number(names, &b->plays[i].recording);
    }
    return OK;
}

static unsigned bytes_of(uint64_t n)
{
    unsigned bytes = 0;
    for (; n; n >>= 8)
        bytes++;
    return bytes;
}

static unsigned user_bytes(const struct play_batch *b)
{
    uint64_t all = 0;
    for (size_t i = 0; i < b->count; i++)
        all |= b->plays[i].user;
    return bytes_of(all);
}

static void put_play(const struct batch_play *p, struct play_numbers n, unsigned users,
                     int64_t before_us, struct buf *out)
{
    uint8_t user[8];
    int64_t step = p->at.us - before_us;
    for (unsigned k = 0; k < users; k++)
        user[k] = (uint8_t)(p->user >> (8 * k));
    put_varint(out, n.recording);
    put_varint(out, ((unsigned)n.app * MODEL_COUNT + (unsigned)p->model) * CUBE_KIND_COUNT +
                        (unsigned)p->kind);
    buf_byte(out, p->territory.index);
    put_varint(out, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
    put_varint(out, p->played_ms);
    buf_put(out, user, users);
}

enum code batch_encode(const struct play_batch *b, struct buf *out, struct error *e)
{
    ARENA(a);
    struct app_id apps[BATCH_APPS_MOST];
    size_t app_count = 0, room = 16;
    unsigned users = user_bytes(b);
    TRY(check(b, e));
    while (room < 2 * b->count)
        room *= 2;
    struct names names = { .ids = arena_try(&a, b->count + 1, sizeof *names.ids),
                           .slots = arena_try(&a, room, sizeof *names.slots),
                           .mask = room - 1 };
    struct play_numbers *numbers = arena_try(&a, b->count + 1, sizeof *numbers);
    if (!names.ids || !names.slots || !numbers)
        return fail(e, ERR_MEMORY, "no memory for a batch");
    TRY(number_plays(b, apps, &app_count, &names, numbers, e));
    buf_text(out, "LPB2");
    put_varint(out, app_count);
    put_varint(out, names.count);
    put_varint(out, b->count);
    buf_byte(out, (uint8_t)users);
    buf_put(out, apps, app_count * ID_BYTES);
    for (size_t i = 0; i < names.count; i++)
        buf_put(out, names.ids[i]->bytes, ID_BYTES);
    for (size_t i = 0; i < b->count; i++)
        put_play(&b->plays[i], numbers[i], users, i ? b->plays[i - 1].at.us : 0, out);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for a batch") : OK;
}

/* ---- reading ------------------------------------------------------------------------------------- */

struct reading {
    const uint8_t *at, *end;
    bool bad; /* the bytes end too early, or a number is too long */
};

static uint64_t get_varint(struct reading *r)
{
    uint64_t n = 0;
    for (int shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;
        if (shift == 63 && byte > 1)
            break;
        n |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return n;
    }
    r->bad = true;
    return 0;
}

static uint8_t get_byte(struct reading *r)
{
    if (r->at == r->end) {
        r->bad = true;
        return 0;
    }
    return *r->at++;
}

static uint64_t get_user(struct reading *r, unsigned bytes)
{
    uint64_t n = 0;
    for (unsigned k = 0; k < bytes; k++)
        n |= (uint64_t)get_byte(r) << (8 * k);
    return n;
}

struct head {
    uint64_t apps, recordings, plays;
    unsigned users;
    const uint8_t *app_ids, *recording_ids;
};

static bool get_head(struct reading *r, struct head *h)
{
    h->apps = get_varint(r);
    h->recordings = get_varint(r);
    h->plays = get_varint(r);
    h->users = get_byte(r);
    if (r->bad || h->apps > BATCH_APPS_MOST || h->plays > BATCH_PLAYS_MOST ||
        h->recordings > h->plays || h->users > 8 ||
        (uint64_t)(r->end - r->at) < (h->apps + h->recordings) * ID_BYTES)
        return false;
    h->app_ids = r->at;
    h->recording_ids = r->at + h->apps * ID_BYTES;
    r->at = h->recording_ids + h->recordings * ID_BYTES;
    return true;
}

static bool get_play(struct reading *r, const struct head *h, int64_t before_us,
                     struct batch_play *p)
{
    uint64_t recording = get_varint(r), sort = get_varint(r);
    p->territory = (struct territory) { get_byte(r) };
    uint64_t step = get_varint(r), ms = get_varint(r);
    uint64_t app = sort / (MODEL_COUNT * CUBE_KIND_COUNT);
    p->user = get_user(r, h->users);
    p->model = (enum model)(sort / CUBE_KIND_COUNT % MODEL_COUNT);
    p->kind = (enum cube_kind)(sort % CUBE_KIND_COUNT);
    p->played_ms = (uint32_t)ms;
    if (r->bad || recording >= h->recordings || app >= h->apps || ms > LONGEST_DAY_MS ||
        !territory_is_known(p->territory) ||
        __builtin_add_overflow(before_us, (int64_t)(step >> 1 ^ (0 - (step & 1))), &p->at.us) ||
        p->at.us < 0 || p->at.us > last_us)
        return false;
    memcpy(p->recording.bytes, h->recording_ids + recording * ID_BYTES, ID_BYTES);
    memcpy(p->app.bytes, h->app_ids + app * ID_BYTES, ID_BYTES);
    return true;
}

/* Room for so many plays, or NULL. */
struct rows {
    struct batch_play *(*room)(struct rows *r, size_t plays);
    struct arena *a;
    struct batch_rows *kept;
};

static struct batch_play *room_in_arena(struct rows *r, size_t plays)
{
    return arena_try(r->a, plays + 1, sizeof(struct batch_play));
}

static struct batch_play *room_kept(struct rows *r, size_t plays)
{
    if (plays >= r->kept->room) {
        struct batch_play *items = realloc(r->kept->items, (plays + 1) * sizeof *items);
        if (!items)
            return NULL;
        r->kept->items = items;
        r->kept->room = plays + 1;
    }
    return r->kept->items;
}

static uint64_t get_number(const uint8_t *p, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)p[i] << (8 * i);
    return n;
}

/* The first form: rows of 40 bytes, numbers with the lowest byte first. */
static enum code decode_first(struct str bytes, struct rows *room, struct batch_play **out,
                              size_t *count, struct error *e)
{
    enum { ROW = 40 };
    const uint8_t *p = (const uint8_t *)bytes.at;
    uint64_t apps = get_number(p + 4, 4), plays = get_number(p + 8, 4);
    if (apps > BATCH_APPS_MOST || plays > BATCH_PLAYS_MOST ||
        bytes.length != 12 + apps * ID_BYTES + plays * ROW)
        return fail(e, ERR_CORRUPT, "a batch of plays is cut short or too long");
    struct batch_play *rows = room->room(room, plays);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for %llu plays", (unsigned long long)plays);
    const uint8_t *app = p + 12, *row = app + apps * ID_BYTES;
    for (uint64_t i = 0; i < plays; i++, row += ROW) {
        if (row[36] >= TERRITORY_COUNT || row[37] >= apps || row[38] >= MODEL_COUNT ||
            row[39] >= CUBE_KIND_COUNT)
            return fail(e, ERR_CORRUPT, "play %llu of a batch is out of form",
                        (unsigned long long)i);
        rows[i] = (struct batch_play) { .user = get_number(row + 16, 8),
                                        .at = { (int64_t)get_number(row + 24, 8) },
                                        .played_ms = (uint32_t)get_number(row + 32, 4),
                                        .territory = { row[36] },
                                        .model = (enum model)row[38],
                                        .kind = (enum cube_kind)row[39] };
        memcpy(rows[i].recording.bytes, row, ID_BYTES);
        memcpy(rows[i].app.bytes, app + row[37] * ID_BYTES, ID_BYTES);
    }
    *out = rows;
    *count = plays;
    return OK;
}

static enum code decode(struct str bytes, struct rows *room, struct batch_play **out, size_t *count,
                        struct error *e)
{
    struct reading r = { (const uint8_t *)bytes.at + 4, (const uint8_t *)bytes.at + bytes.length,
                         false };
    struct head h;
    int64_t before_us = 0;
    if (bytes.length >= 12 && memcmp(bytes.at, "LPB1", 4) == 0)
        return decode_first(bytes, room, out, count, e);
    if (bytes.length < 8 || memcmp(bytes.at, "LPB2", 4) != 0)
        return fail(e, ERR_CORRUPT, "the bytes are not a batch of plays");
    if (!get_head(&r, &h))
        return fail(e, ERR_CORRUPT, "a batch of plays is cut short");
    struct batch_play *rows = room->room(room, h.plays);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for %llu plays", (unsigned long long)h.plays);
    for (uint64_t i = 0; i < h.plays; i++) {
        if (!get_play(&r, &h, before_us, &rows[i]))
            return fail(e, ERR_CORRUPT, "play %llu of a batch is cut short or out of form",
                        (unsigned long long)i);
        before_us = rows[i].at.us;
    }
    if (r.at != r.end)
        return fail(e, ERR_CORRUPT, "there is more behind the last play of a batch");
    *out = rows;
    *count = h.plays;
    return OK;
}

enum code batch_decode(struct str bytes, struct arena *a, struct batch_play **out, size_t *count,
                       struct error *e)
{
    struct rows rows = { .room = room_in_arena, .a = a };
    return decode(bytes, &rows, out, count, e);
}

enum code batch_decode_into(struct str bytes, struct batch_rows *kept, size_t *count,
                            struct error *e)
{
    struct rows rows = { .room = room_kept, .kept = kept };
    struct batch_play *items;
    return decode(bytes, &rows, &items, count, e);
}
