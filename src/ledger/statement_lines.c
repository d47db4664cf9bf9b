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
    enum code code;
    struct error error;
};

struct gathering {
    const struct scope *s;
    const struct roll *roll;
    const struct price_line *line;
    uint32_t licensor;
    struct territory_set world;
    unsigned models, threads;
    const struct territory_set *where;
    struct cells parts[THREADS_MOST];
    size_t begins[THREADS_MOST + 1];
    struct cell *items; /* of all */
    int64_t *weights;
};

static void cells_done(struct cells *c)
{
    big_free(c->items, c->room * sizeof *c->items);
    big_free(c->weights, c->weight_room * sizeof *c->weights);
    c->items = NULL;
    c->weights = NULL;
    c->count = c->room = c->weight_room = 0;
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
    struct cells *c = &x->parts[thread];
    size_t from, until;
    roll_part(x->roll, thread, x->threads, &from, &until);
    c->code = gather_runs(x, from, until, c, &c->error);
}

static void bring_together(void *ctx, unsigned thread)
{
    struct gathering *x = ctx;
    struct cells *c = &x->parts[thread];
    if (c->count) {
        memcpy(x->items + x->begins[thread], c->items, c->count * sizeof *c->items);
        memcpy(x->weights + x->begins[thread], c->weights, c->count * sizeof *c->weights);
    }
    cells_done(c);
}

/* The plays that one fee counts, by recording, territory and model. */
static enum code gather(struct gathering *x, struct error *e)
{
    bool leaf = x->line->fee && x->line->fee->kind < FEE_GREATEST;
    x->world = territory_set_world();
    x->models = leaf ? x->line->fee->models : MODELS_ALL;
    x->where = leaf ? &x->line->fee->where : &x->world;
    threads_run(x->threads, gather_part, x);
    for (unsigned t = 0; t < x->threads; t++) {
        if (x->parts[t].code != OK)
            return fail(e, x->parts[t].code, "%s", x->parts[t].error.text);
        x->begins[t + 1] = x->begins[t] + x->parts[t].count;
    }
    size_t count = x->begins[x->threads];
    x->items = big_try((count + 1) * sizeof *x->items);
    x->weights = big_try((count + 1) * sizeof *x->weights);
    if (!x->items || !x->weights)
        return fail(e, ERR_MEMORY, "no memory for %zu lines", count);
    threads_run(x->threads, bring_together, x);
    return OK;
}

static void gathering_done(struct gathering *x)
{
    size_t count = x->begins[x->threads];
    for (unsigned t = 0; t < x->threads; t++)
        cells_done(&x->parts[t]);
    big_free(x->items, (count + 1) * sizeof *x->items);
    big_free(x->weights, (count + 1) * sizeof *x->weights);
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
    size_t count = x->begins[x->threads];
    if (count == 0)
        return line->minor ? sink->line(sink->ctx, &base, e) : OK;
    int64_t *parts = big_try(count * sizeof *parts);
    if (!parts)
        return fail(e, ERR_MEMORY, "no memory for %zu lines", count);
    enum code code = allocate(line->minor, x->weights, count, x->threads, parts, e);
    for (size_t i = 0; i < count && code == OK; i++) {
        const struct cell *c = &x->items[i];
        base.recording = x->roll->book.recordings[c->recording];
        base.territory = (struct territory) { c->territory };
        base.models = (uint8_t)(1u << c->model);
        base.plays_e8 = x->weights[i];
        base.touched = c->touched;
        base.minor = parts[i];
        code = sink->line(sink->ctx, &base, e);
    }
    big_free(parts, count * sizeof *parts);
    return code;
}

enum code statement_lines(const struct price_input *in, const struct price *price, uint32_t bargain,
                          uint32_t licensor, const struct roll *plays, unsigned threads,
                          const struct line_sink *sink, struct error *e)
{
    ARENA(own);
    struct pricing p = { .in = in, .a = &own, .e = e };
    threads = threads < 1 ? 1 : threads < THREADS_MOST ? threads : THREADS_MOST;
    TRY(scopes_make(&p));
    for (size_t i = 0; i < price->count; i++) {
        const struct price_line *line = &price->lines[i];
        if (line->bargain != bargain || line->licensor != licensor)
            continue;
        struct gathering *x = arena_try(&own, 1, sizeof *x);
        if (!x)
            return fail(e, ERR_MEMORY, "no memory for the lines of a fee");
        *x = (struct gathering) { .s = &p.scopes[bargain],
                                  .roll = plays,
                                  .line = line,
                                  .licensor = licensor,
                                  .threads = threads };
        enum code code = line->kind == LINE_FEE ? gather(x, e) : OK;
        if (code == OK)
            code = expand(x, sink, e);
        gathering_done(x);
        TRY(code);
    }
    return OK;
}
