/* SPDX-License-Identifier: Apache-2.0 */
/* A batch as bytes: "LPB1", apps, then rows of 40 bytes, numbers with the lowest byte first. */
#include <stdlib.h>

#include "ledger/batches.h"

static void put_number(struct buf *b, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(n >> (8 * i)));
}

static uint64_t get_number(const uint8_t *p, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)p[i] << (8 * i);
    return n;
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
            p->played_ms > 86400000 || p->at.us < 0 || p->at.us > INT64_C(253402300799000000))
            return fail(e, ERR_INVALID,
                        "play %zu: its recording, territory, length (a day at most) or moment is "
                        "out of form",
                        i);
    }
    return OK;
}

enum code batch_encode(const struct play_batch *b, struct buf *out, struct error *e)
{
    struct app_id apps[BATCH_APPS_MOST];
    size_t count = 0, number;
    TRY(check(b, e));
    for (size_t i = 0; i < b->count; i++)
        TRY(app_number(apps, &count, b->plays[i].app, &number, e));
    buf_text(out, "LPB1");
    put_number(out, count, 4);
    put_number(out, b->count, 4);
    buf_put(out, apps, count * ID_BYTES);
    for (size_t i = 0; i < b->count; i++) {
        const struct batch_play *p = &b->plays[i];
        TRY(app_number(apps, &count, p->app, &number, e));
        buf_put(out, p->recording.bytes, ID_BYTES);
        put_number(out, p->user, 8);
        put_number(out, (uint64_t)p->at.us, 8);
        put_number(out, p->played_ms, 4);
        buf_byte(out, p->territory.index);
        buf_byte(out, (uint8_t)number);
        buf_byte(out, (uint8_t)p->model);
        buf_byte(out, (uint8_t)p->kind);
    }
    return out->failed ? fail(e, ERR_MEMORY, "no memory for a batch") : OK;
}

enum code batch_decode(struct str bytes, struct arena *a, struct batch_play **out, size_t *count,
                       struct error *e)
{
    const uint8_t *p = (const uint8_t *)bytes.at;
    uint64_t apps, plays;
    if (bytes.length < 12 || memcmp(p, "LPB1", 4) != 0)
        return fail(e, ERR_CORRUPT, "the bytes are not a batch of plays");
    apps = get_number(p + 4, 4);
    plays = get_number(p + 8, 4);
    if (apps > BATCH_APPS_MOST || plays > BATCH_PLAYS_MOST ||
        bytes.length != 12 + apps * ID_BYTES + plays * BATCH_PLAY_BYTES)
        return fail(e, ERR_CORRUPT, "a batch of plays is cut short or too long");
    struct batch_play *rows = arena_try(a, plays + 1, sizeof *rows);
    if (!rows)
        return fail(e, ERR_MEMORY, "no memory for %llu plays", (unsigned long long)plays);
    const uint8_t *app = p + 12, *row = app + apps * ID_BYTES;
    for (uint64_t i = 0; i < plays; i++, row += BATCH_PLAY_BYTES) {
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

/* ---- the filter -------------------------------------------------------------------------------- */

#define MEMBER(name, word) [name] = word,
static const char *const reason_words[] = { FILTER_REASONS(MEMBER) };
#undef MEMBER

const char *filter_reason_word(enum filter_reason r)
{
    return reason_words[r];
}

struct heard { /* a play, to be sorted */
    int32_t day;
    uint64_t user;
    const struct batch_play *p;
    uint32_t index;
};

static int order_of(const struct heard *a, const struct heard *b, bool by_recording)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = memcmp(a->p->recording.bytes, b->p->recording.bytes, ID_BYTES);
    if (by_recording && order)
        return order;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return order;
}

/* What is equal is put in the order of its moments; what is equal in that too is the same play. */
static int order_of_moments(const struct heard *a, const struct heard *b)
{
    if (a->p->at.us != b->p->at.us)
        return a->p->at.us < b->p->at.us ? -1 : 1;
    return (a->p->played_ms > b->p->played_ms) - (a->p->played_ms < b->p->played_ms);
}

static int by_user(const void *a, const void *b)
{
    int order = order_of(a, b, false);
    return order ? order : order_of_moments(a, b);
}

static int by_user_and_moment(const void *pa, const void *pb)
{
    const struct heard *a = pa, *b = pb;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    int order = order_of_moments(a, b);
    return order ? order : memcmp(a->p->recording.bytes, b->p->recording.bytes, ID_BYTES);
}

static int by_recording(const void *a, const void *b)
{
    return order_of(a, b, true);
}

static void mark_loops(const struct heard *h, size_t count, int64_t most, uint8_t *reasons)
{
    int64_t run = 0;
    for (size_t i = 0; i < count; i++) {
        run = i && order_of(&h[i - 1], &h[i], false) == 0 ? run + 1 : 1;
        if (h[i].user && run > most)
            reasons[h[i].index] = FILTER_LOOP;
    }
}

static void mark_rates(const struct heard *h, size_t count, const struct play_filter *f,
                       uint8_t *reasons)
{
    int64_t plays = 0, ms = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || h[i - 1].day != h[i].day || h[i - 1].user != h[i].user)
            plays = ms = 0;
        plays++;
        ms += h[i].p->played_ms;
        bool over = (f->plays_most && plays > f->plays_most) ||
                    (f->hours_most && ms > f->hours_most * 3600000);
        if (h[i].user && over && !reasons[h[i].index])
            reasons[h[i].index] = FILTER_RATE;
    }
}

static bool same_recording(const struct heard *a, const struct heard *b)
{
    return a->day == b->day && recording_id_equal(a->p->recording, b->p->recording);
}

static void mark_few_users(const struct heard *h, size_t count, const struct play_filter *f,
                           uint8_t *reasons)
{
    for (size_t i = 0, end; i < count; i = end) {
        int64_t users = 1;
        for (end = i + 1; end < count && same_recording(&h[i], &h[end]); end++)
            users += h[end].user != h[end - 1].user;
        if ((int64_t)(end - i) < f->users_of_plays || users >= f->users_least)
            continue;
        for (size_t k = i; k < end; k++)
            if (!reasons[h[k].index])
                reasons[h[k].index] = FILTER_FEW_USERS;
    }
}

enum code plays_filter(const struct batch_play *plays, size_t count, const struct play_filter *f,
                       uint8_t *reasons, int64_t counts[FILTER_REASON_COUNT], struct error *e)
{
    struct heard *h = malloc((count + 1) * sizeof *h);
    if (!h)
        return fail(e, ERR_MEMORY, "no memory to filter %zu plays", count);
    for (size_t i = 0; i < count; i++)
        h[i] = (struct heard) { day_of(plays[i].at).number, plays[i].user, &plays[i], (uint32_t)i };
    memset(reasons, FILTER_TAKEN, count);
    if (f->loops_most && count) {
        qsort(h, count, sizeof *h, by_user);
        mark_loops(h, count, f->loops_most, reasons);
    }
    if ((f->plays_most || f->hours_most) && count) {
        qsort(h, count, sizeof *h, by_user_and_moment);
        mark_rates(h, count, f, reasons);
    }
    if (f->users_least && count) {
        qsort(h, count, sizeof *h, by_recording);
        mark_few_users(h, count, f, reasons);
    }
    memset(counts, 0, FILTER_REASON_COUNT * sizeof *counts);
    for (size_t i = 0; i < count; i++)
        counts[reasons[i]]++;
    free(h);
    return OK;
}
