/* SPDX-License-Identifier: Apache-2.0 */
/* From the lines of a price to those of a statement: down to recording, territory and model. */
#include <stdlib.h>

#include "ledger/pricing.h"
#include "ledger/roll_inside.h"
#include "ledger/statement.h"

struct cell { /* recording, territory and model, with what was played there */
    uint32_t recording;
    uint8_t territory, model;
    int64_t touched;
};

struct cells { /* of one thread */
    struct cell *items;
    int64_t *weights;
    size_t count, room, weight_room;
    int64_t *parts; /* what each gets */
    uint64_t *rests;
    size_t part_room, rest_room;
    enum code code;
    struct error error;
};

struct statement_room {
    struct cells cells[THREADS_MOST];
};

struct gathering {
    const struct scope *s;
    const struct roll *roll;
    const struct price_line *line;
    uint32_t licensor;
    struct territory_set world;
    unsigned models, threads;
    const struct territory_set *where;
    struct cells *cells; /* by thread, in the order of the sums */
};

enum code statement_room_new(struct statement_room **out, struct error *e)
{
    *out = calloc(1, sizeof **out);
    return *out ? OK : fail(e, ERR_MEMORY, "no memory for the lines of statements");
}

void statement_room_free(struct statement_room *r)
{
    if (!r)
        return;
    for (unsigned t = 0; t < THREADS_MOST; t++) {
        struct cells *c = &r->cells[t];
        big_free(c->items, c->room * sizeof *c->items);
        big_free(c->weights, c->weight_room * sizeof *c->weights);
        big_free(c->parts, c->part_room * sizeof *c->parts);
        big_free(c->rests, c->rest_room * sizeof *c->rests);
    }
    free(r);
}

static enum code add_cell(struct cells *c, const struct cell *cell, int64_t weight, struct error *e)
{
    if (c->count == c->room) {
        size_t room = c->room ? 2 * c->room : 1024;
        struct cell *items = big_grow(c->items, c->room * sizeof *items, room * sizeof *items);
        if (!items)
            return fail(e, ERR_MEMORY, "no memory for %zu lines", room);
        c->items = items;
        int64_t *weights = big_grow(c->weights, c->weight_room * sizeof *weights,
                                    room * sizeof *weights);
        c->room = room;
        if (!weights)
            return fail(e, ERR_MEMORY, "no memory for %zu lines", room);
        c->weights = weights;
        c->weight_room = room;
    }
    c->items[c->count] = *cell;
    c->weights[c->count++] = weight;
    return OK;
}

/* Plays of one recording in one territory, by model. */
struct group {
    uint64_t place;
    int64_t weights[MODEL_COUNT], touched[MODEL_COUNT];
    bool any;
};

static enum code end_group(struct group *g, struct cells *c, struct error *e)
{
    for (unsigned m = 0; m < MODEL_COUNT && g->any; m++)
        if (g->touched[m]) {
            const struct cell cell = { (uint32_t)(g->place >> 8), (uint8_t)g->place, (uint8_t)m,
                                       g->touched[m] };
            TRY(add_cell(c, &cell, g->weights[m], e));
        }
    *g = (struct group) { 0 };
    return OK;
}

/* What the licensor holds of it. */
static enum code add_run(const struct gathering *x, const struct roll_run *run, struct group *g,
                         struct error *e)
{
    struct held_share parts[HELD_PARTS_MOST];
    size_t count;
    int64_t rest, weight;
    TRY(book_holders(&x->roll->book, run->recording, (struct territory) { run->row.territory },
                     run->moment, x->roll->setup.rule, parts, &count, &rest, e));
    for (size_t k = 0; k < count; k++) {
        bool own = parts[k].party != CUBE_UNKNOWN &&
                   x->s->licensor_of[parts[k].party] == x->licensor + 1;
        if (!own || parts[k].share_e8 == 0)
            continue;
        if (__builtin_mul_overflow(run->row.touched, parts[k].share_e8, &weight) ||
            __builtin_add_overflow(g->weights[run->row.model], weight, &g->weights[run->row.model]))
            return fail(e, ERR_LIMIT, "more plays of one recording than can be counted");
        g->touched[run->row.model] += run->row.touched;
        g->any = true;
    }
    return OK;
}

static uint32_t recording_at(const struct roll *r, size_t i)
{
    return (uint32_t)(r->keys[i] >> RECORDING_SHIFT);
}

/* Does the licensor claim it at all? Most recordings are of others, and are passed over at once. */
static bool is_claimed(const struct gathering *x, uint32_t recording)
{
    const struct book *b = &x->roll->book;
    bool any = false;
    for (uint32_t i = recording < b->count ? b->first[recording] : 0;
         recording < b->count && i < b->first[recording + 1] && !any; i++)
        any = x->s->licensor_of[b->claims[i].party] == x->licensor + 1;
    return any;
}

static size_t end_of_recording(const struct roll *r, size_t i, size_t until)
{
    uint32_t recording = recording_at(r, i);
    while (i < until && recording_at(r, i) == recording)
        i++;
    return i;
}

static enum code gather_run(const struct gathering *x, size_t i, struct group *g, struct cells *c,
                            struct error *e)
{
    struct roll_run run;
    roll_read(x->roll, i, &run);
    if (run.row.day < x->line->from.number || run.row.day >= x->line->until.number ||
        !weigh_counts(x->s, &run.row, x->models, x->where))
        return OK;
    uint64_t place = (uint64_t)run.recording << 8 | run.row.territory;
    if (place != g->place)
        TRY(end_group(g, c, e));
    g->place = place;
    return add_run(x, &run, g, e);
}

static enum code gather_runs(const struct gathering *x, size_t from, size_t until, struct cells *c,
                             struct error *e)
{
    struct group g = { 0 };
    for (size_t i = from, end; i < until; i = end) {
        end = end_of_recording(x->roll, i, until);
        if (!is_claimed(x, recording_at(x->roll, i)))
            continue;
        for (size_t k = i; k < end; k++)
            TRY(gather_run(x, k, &g, c, e));
    }
    return end_group(&g, c, e);
}

static void gather_part(void *ctx, unsigned thread)
{
    struct gathering *x = ctx;
    struct cells *c = &x->cells[thread];
    size_t from, until;
    roll_part(x->roll, thread, x->threads, &from, &until);
    c->count = 0;
    c->code = gather_runs(x, from, until, c, &c->error);
}

/* The plays that one fee counts, by recording, territory and model. */
static enum code gather(struct gathering *x, struct error *e)
{
    bool leaf = x->line->fee && x->line->fee->kind < FEE_GREATEST;
    x->world = territory_set_world();
    x->models = leaf ? x->line->fee->models : MODELS_ALL;
    x->where = leaf ? &x->line->fee->where : &x->world;
    threads_run(x->threads, gather_part, x);
    for (unsigned t = 0; t < x->threads; t++)
        if (x->cells[t].code != OK)
            return fail(e, x->cells[t].code, "%s", x->cells[t].error.text);
    return OK;
}

static enum code room_for_parts(struct cells *c, struct error *e)
{
    if (c->count > c->part_room) {
        big_free(c->parts, c->part_room * sizeof *c->parts);
        c->parts = big_try(c->room * sizeof *c->parts);
        c->part_room = c->parts ? c->room : 0;
    }
    if (c->count > c->rest_room) {
        big_free(c->rests, c->rest_room * sizeof *c->rests);
        c->rests = big_try(c->room * sizeof *c->rests);
        c->rest_room = c->rests ? c->room : 0;
    }
    return c->count > c->part_room || c->count > c->rest_room
               ? fail(e, ERR_MEMORY, "no memory for %zu lines", c->count)
               : OK;
}

static enum code split(const struct gathering *x, struct error *e)
{
    struct split_part list[THREADS_MOST];
    for (unsigned t = 0; t < x->threads; t++) {
        struct cells *c = &x->cells[t];
        TRY(room_for_parts(c, e));
        list[t] = (struct split_part) { c->weights, c->count, c->parts, c->rests };
    }
    return allocate_parts(x->line->minor, list, x->threads, e);
}

static enum code put_cells(const struct gathering *x, const struct cells *cells,
                           struct statement_line *base, const struct line_sink *sink,
                           struct error *e)
{
    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *c = &cells->items[i];
        base->recording = x->roll->book.recordings[c->recording];
        base->territory = (struct territory) { c->territory };
        base->models = (uint8_t)(1u << c->model);
        base->plays_e8 = cells->weights[i];
        base->touched = c->touched;
        base->minor = cells->parts[i];
        TRY(sink->line(sink->ctx, base, e));
    }
    return OK;
}

static enum code expand(const struct gathering *x, const struct line_sink *sink, struct error *e)
{
    const struct price_line *line = x->line;
    struct statement_line base = { .kind = line->kind,
                                   .clause = line->clause.line,
                                   .from = line->from,
                                   .until = line->until,
                                   .territory = TERRITORY_UNKNOWN,
                                   .minor = line->minor };
    size_t count = 0;
    for (unsigned t = 0; line->kind == LINE_FEE && t < x->threads; t++)
        count += x->cells[t].count;
    if (count == 0)
        return line->minor ? sink->line(sink->ctx, &base, e) : OK;
    TRY(split(x, e));
    for (unsigned t = 0; t < x->threads; t++)
        TRY(put_cells(x, &x->cells[t], &base, sink, e));
    return OK;
}

enum code statement_lines(const struct price_input *in, const struct price *price, uint32_t bargain,
                          uint32_t licensor, const struct roll *plays, unsigned threads,
                          struct statement_room *room, const struct line_sink *sink,
                          struct error *e)
{
    ARENA(own);
    struct pricing p = { .in = in, .a = &own, .e = e };
    threads = threads < 1 ? 1 : threads < THREADS_MOST ? threads : THREADS_MOST;
    TRY(scopes_make(&p));
    for (size_t i = 0; i < price->count; i++) {
        const struct price_line *line = &price->lines[i];
        if (line->bargain != bargain || line->licensor != licensor)
            continue;
        struct gathering x = { .s = &p.scopes[bargain],
                               .roll = plays,
                               .line = line,
                               .licensor = licensor,
                               .threads = threads,
                               .cells = room->cells };
        if (line->kind == LINE_FEE)
            TRY(gather(&x, e));
        TRY(expand(&x, sink, e));
    }
    return OK;
}
