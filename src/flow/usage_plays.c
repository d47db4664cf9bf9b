/* SPDX-License-Identifier: Apache-2.0 */
/* Batches into the roll; one by one where plays are filtered, or weighed by their users. */
#include <stdlib.h>

#include "flow/usage_inside.h"

static enum code roll(void *ctx, const struct batch_kept *b, struct error *e)
{
    struct loading *x = ctx;
    ledger_read_add(&x->out->read, b);
    return roll_batch(x->roll, b->bytes, e);
}

static struct instant begins(const struct loading *x, struct day d)
{
    return (struct instant) { day_begin(d).us - (int64_t)x->o->zone_minutes * 60 * 1000000 };
}

static enum code collect(void *ctx, const struct batch_kept *b, struct error *e)
{
    ARENA(a);
    struct loading *x = ctx;
    struct batch_play *plays;
    size_t count;
    struct instant from = begins(x, x->o->from), until = begins(x, x->o->until);
    ledger_read_add(&x->out->read, b);
    TRY(batch_decode(b->bytes, &a, &plays, &count, e));
    if (x->play_count + count > x->play_room) {
        size_t room = (x->play_count + count) * 2;
        struct batch_play *bigger = realloc(x->plays, room * sizeof *bigger);
        if (!bigger)
            return fail(e, ERR_MEMORY, "no memory for %zu plays", room);
        x->plays = bigger;
        x->play_room = room;
    }
    for (size_t i = 0; i < count; i++)
        if (plays[i].at.us >= from.us && plays[i].at.us < until.us)
            x->plays[x->play_count++] = plays[i];
    return OK;
}

/* ---- by user ------------------------------------------------------------------------------------ */

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

static enum code add_user_play(struct loading *x, const struct user_play *u, struct cube *mine,
                               struct error *e)
{
    const struct batch_play *p = u->p;
    struct held_share parts[HELD_PARTS_MOST];
    size_t count;
    int64_t rest;
    struct cube_row row = { .day = u->month,
                            .territory = p->territory.index,
                            .model = (uint8_t)p->model,
                            .kind = (uint8_t)p->kind,
                            .seconds = cube_seconds_class(p->played_ms / 1000),
                            .sets = roll_sets_of(x->roll, p->recording),
                            .touched = 1 };
    TRY(usage_app(x, p->app, &row.app, e));
    TRY(roll_holders(x->roll, p->recording, p->territory, p->at, parts, &count, &rest, e));
    for (size_t k = 0; k <= count; k++) {
        row.holder = k < count ? parts[k].party : CUBE_UNKNOWN;
        row.weight_e8 = k < count ? parts[k].share_e8 : rest;
        if (row.weight_e8)
            TRY(cube_add(mine, &row, e));
    }
    return OK;
}

static enum code add_user(struct loading *x, const struct user_play *u, size_t count,
                          struct error *e)
{
    ARENA(a);
    struct cube mine;
    enum code code = OK;
    cube_init(&mine, &a);
    for (size_t i = 0; i < count && code == OK; i++)
        code = add_user_play(x, &u[i], &mine, e);
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
        int64_t zone_us = (int64_t)x->o->zone_minutes * 60 * 1000000;
        day_to_civil(day_of((struct instant) { x->plays[i].at.us + zone_us }), &year, &month, &day);
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

enum code usage_batches(struct loading *x, struct error *e)
{
    bool one_by_one = x->o->filter || x->o->users;
    const struct batch_range range = { begins(x, x->o->from), begins(x, x->o->until),
                                       x->o->known.us ? x->o->known : INSTANT_NEVER };
    TRY(ledger_batches_each(x->tx, x->catalogue, &range, x, one_by_one ? collect : roll, e));
    if (x->o->filter)
        TRY(filter(x, e));
    if (x->o->users)
        TRY(add_users(x, e));
    return x->play_count ? roll_plays(x->roll, x->plays, x->play_count, e) : OK;
}
