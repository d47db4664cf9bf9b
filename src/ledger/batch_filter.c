/* SPDX-License-Identifier: Apache-2.0 */
/* Plays that are not listening: what one user or recording can have in a day. */
#include <stdlib.h>

#include "ledger/batches.h"

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
