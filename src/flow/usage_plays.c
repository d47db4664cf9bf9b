/* SPDX-License-Identifier: Apache-2.0 */
/* Batches, play by play: where the sums of days do not tell enough. */
#include <stdlib.h>

#include "flow/usage_inside.h"

static enum code collect(void *ctx, const struct batch_play *p, size_t count, struct error *e)
{
    struct loading *x = ctx;
    if (x->play_count + count > x->play_room) {
        size_t room = (x->play_count + count) * 2;
        struct batch_play *bigger = realloc(x->plays, room * sizeof *bigger);
        if (!bigger)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", room);
        x->plays = bigger;
        x->play_room = room;
    }
    memcpy(x->plays + x->play_count, p, count * sizeof *p);
    x->play_count += count;
    return OK;
}

/* Claims are read at midnight of UTC where they are the same all day. */
static struct usage usage_of(const struct loading *x, const struct batch_play *p)
{
    struct day utc = day_of(p->at);
    return (struct usage) { .day = usage_day(x, p->at).number,
                            .moment = usage_changes(x, p->recording, utc.number) ? p->at
                                                                                 : day_begin(utc),
                            .recording = p->recording,
                            .app = p->app,
                            .territory = p->territory.index,
                            .model = (uint8_t)p->model,
                            .kind = (uint8_t)p->kind,
                            .seconds = cube_seconds_class(p->played_ms / 1000),
                            .plays = 1 };
}

struct user_play {
    int32_t month; /* its first day */
    uint64_t user;
    const struct batch_play *p;
};

static int by_month_and_user(const void *pa, const void *pb)
{
    const struct user_play *a = pa, *b = pb;
    if (a->month != b->month)
        return a->month < b->month ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    int order = memcmp(a->p->recording.bytes, b->p->recording.bytes, ID_BYTES);
    if (order)
        return order;
    return (a->p->at.us > b->p->at.us) - (a->p->at.us < b->p->at.us);
}

static enum code add_user(struct loading *x, const struct user_play *u, size_t count,
                          struct error *e)
{
    ARENA(a);
    struct cube mine;
    enum code code = OK;
    cube_init(&mine, &a);
    for (size_t i = 0; i < count && code == OK; i++) {
        struct usage one = usage_of(x, u[i].p);
        struct held_part parts[HELD_PARTS_MOST];
        size_t part_count, claim_count;
        int64_t rest;
        struct cube_row row = { .day = u[i].month,
                                .territory = one.territory,
                                .model = one.model,
                                .kind = one.kind,
                                .seconds = one.seconds,
                                .sets = usage_sets(x, one.recording),
                                .touched = 1 };
        const struct claim *claims = usage_claims(x, one.recording, &claim_count);
        code = usage_app(x, one.app, &row.app, e);
        if (code == OK)
            code = attribute(claims, claim_count, x->o->right, (struct territory) { one.territory },
                             one.moment, x->o->rule, parts, &part_count, &rest, e);
        for (size_t k = 0; code == OK && k <= part_count; k++) {
            row.holder = k < part_count ? usage_party(x, parts[k].party) : CUBE_UNKNOWN;
            row.weight_e8 = k < part_count ? parts[k].share_e8 : rest;
            if (row.weight_e8)
                code = cube_add(&mine, &row, e);
        }
    }
    if (code == OK)
        code = cube_seal(&mine, e);
    if (code == OK)
        code = cube_user(x->out->cube, mine.rows, mine.count, e);
    cube_done(&mine);
    return code;
}

static enum code add_users(struct loading *x, struct error *e)
{
    struct user_play *u = malloc((x->play_count + 1) * sizeof *u);
    size_t n = 0;
    enum code code = OK;
    if (!u)
        return fail(e, ERR_MEMORY, "no memory for the users of %zu plays", x->play_count);
    for (size_t i = 0; i < x->play_count; i++) {
        int year, month, day;
        day_to_civil(usage_day(x, x->plays[i].at), &year, &month, &day);
        if (x->plays[i].user)
            u[n++] = (struct user_play) { day_from_civil(year, month, 1).number, x->plays[i].user,
                                          &x->plays[i] };
    }
    if (n)
        qsort(u, n, sizeof *u, by_month_and_user);
    for (size_t i = 0, end; i < n && code == OK; i = end) {
        for (end = i + 1; end < n && u[end].month == u[i].month && u[end].user == u[i].user;)
            end++;
        code = add_user(x, u + i, end - i, e);
    }
    free(u);
    return code;
}

static enum code filter(struct loading *x, struct error *e)
{
    uint8_t *reasons = malloc(x->play_count + 1);
    size_t kept = 0;
    if (!reasons)
        return fail(e, ERR_MEMORY, "no memory to filter %zu plays", x->play_count);
    enum code code = plays_filter(x->plays, x->play_count, x->o->filter, reasons, x->out->filtered,
                                  e);
    for (size_t i = 0; i < x->play_count && code == OK; i++)
        if (reasons[i] == FILTER_TAKEN)
            x->plays[kept++] = x->plays[i];
    x->play_count = kept;
    free(reasons);
    return code;
}

/* ---- plays as sums ------------------------------------------------------------------------------ */

#define COMPARE(a, b)                                                                              \
    if ((a) != (b))                                                                                \
    return (a) < (b) ? -1 : 1

static int by_key(const void *pa, const void *pb)
{
    const struct usage *a = pa, *b = pb;
    COMPARE(a->day, b->day);
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (!order)
        order = memcmp(a->app.bytes, b->app.bytes, ID_BYTES);
    if (order)
        return order;
    COMPARE(a->moment.us, b->moment.us);
    COMPARE(a->territory, b->territory);
    COMPARE(a->model, b->model);
    COMPARE(a->kind, b->kind);
    COMPARE(a->seconds, b->seconds);
    return 0;
}

static void add_up(struct loading *x)
{
    size_t n = 0;
    if (x->pending_count)
        qsort(x->pending, x->pending_count, sizeof *x->pending, by_key);
    for (size_t i = 0; i < x->pending_count; i++)
        if (n && by_key(&x->pending[n - 1], &x->pending[i]) == 0)
            x->pending[n - 1].plays += x->pending[i].plays;
        else
            x->pending[n++] = x->pending[i];
    x->pending_count = x->pending_sorted = n;
}

/* A play waits for others like it; the list is added up whenever it has doubled. */
static enum code pend(struct loading *x, const struct batch_play *p, struct error *e)
{
    enum { ADD_UP_FROM = 1 << 20 };
    if (x->pending_count > ADD_UP_FROM && x->pending_count > 2 * x->pending_sorted)
        add_up(x);
    if (x->pending_count == x->pending_room) {
        size_t room = x->pending_room ? 2 * x->pending_room : 4096;
        struct usage *bigger = realloc(x->pending, room * sizeof *bigger);
        if (!bigger)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", room);
        x->pending = bigger;
        x->pending_room = room;
    }
    x->pending[x->pending_count++] = usage_of(x, p);
    return OK;
}

static enum code add_pending(struct loading *x, struct error *e)
{
    add_up(x);
    for (size_t i = 0; i < x->pending_count; i++)
        TRY(usage_add(x, &x->pending[i], e));
    x->pending_count = x->pending_sorted = 0;
    return OK;
}

static enum code pend_all(void *ctx, const struct batch_play *p, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        TRY(pend(ctx, &p[i], e));
    return OK;
}

static enum code pend_changed(void *ctx, const struct batch_play *p, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        if (usage_changes(ctx, p[i].recording, day_of(p[i].at).number))
            TRY(pend(ctx, &p[i], e));
    return OK;
}

static struct instant begins(const struct loading *x, struct day d)
{
    return (struct instant) { day_begin(d).us - (int64_t)x->o->zone_minutes * 60 * 1000000 };
}

enum code usage_batches(struct loading *x, struct error *e)
{
    bool one_by_one = x->o->filter || x->o->users, sums = x->o->filter || x->o->zone_minutes;
    const struct batch_visit visit = { x, one_by_one ? collect : pend_all };
    TRY(ledger_batches_each(x->tx, x->catalogue, begins(x, x->o->from), begins(x, x->o->until),
                            &visit, e));
    if (x->o->filter)
        TRY(filter(x, e));
    if (x->o->users)
        TRY(add_users(x, e));
    for (size_t i = 0; i < x->play_count && sums; i++)
        TRY(pend(x, &x->plays[i], e));
    return add_pending(x, e);
}

enum code usage_changed_days(struct loading *x, struct error *e)
{
    const struct batch_visit visit = { x, pend_changed };
    int32_t *days = ARENA_ARRAY(x->a, int32_t, x->change_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < x->change_count; i++) {
        size_t k = 0;
        while (k < n && days[k] != x->changes[i].day)
            k++;
        if (k == n && x->changes[i].day >= x->o->from.number &&
            x->changes[i].day < x->o->until.number)
            days[n++] = x->changes[i].day;
    }
    for (size_t i = 0; i < n; i++)
        TRY(ledger_batches_each(x->tx, x->catalogue, day_begin((struct day) { days[i] }),
                                day_begin((struct day) { days[i] + 1 }), &visit, e));
    return add_pending(x, e);
}
