/* SPDX-License-Identifier: Apache-2.0 */
/* From sums of recordings to rows of holders. Each thread adds up its own recordings in a table by
 * hash; the cube sorts what they bring. */
#include "ledger/roll_inside.h"

#include <stdlib.h>

struct cell {
    struct cube_row row; /* touched 0: free */
};

struct table {
    struct cell *cells;
    size_t count;
    unsigned bits;
};

struct cubing {
    const struct roll *r;
    struct table tables[THREADS_MOST];
    enum code codes[THREADS_MOST];
    struct error errors[THREADS_MOST];
    unsigned threads;
};

static uint64_t hash_of(const struct cube_row *w)
{
    uint64_t a = (uint64_t)(uint32_t)w->day << 32 | (uint64_t)w->holder << 16 | w->app;
    uint64_t b = (uint64_t)w->sets << 32 | (uint64_t)w->territory << 24 | (uint64_t)w->model << 16 |
                 (uint64_t)w->kind << 8 | w->seconds;
    a = (a ^ b * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    return (a ^ a >> 32) * 0x9E3779B97F4A7C15u;
}

static bool same(const struct cube_row *a, const struct cube_row *b)
{
    return a->day == b->day && a->holder == b->holder && a->app == b->app &&
           a->territory == b->territory && a->model == b->model && a->kind == b->kind &&
           a->seconds == b->seconds && a->sets == b->sets;
}

static struct cell *find(const struct table *t, const struct cube_row *row)
{
    uint64_t mask = ((uint64_t)1 << t->bits) - 1, at = hash_of(row) >> (64 - t->bits);
    while (t->cells[at].row.touched && !same(&t->cells[at].row, row))
        at = (at + 1) & mask;
    return &t->cells[at];
}

static void table_done(struct table *t)
{
    big_free(t->cells, sizeof *t->cells << t->bits);
    t->cells = NULL;
}

static enum code grow(struct table *t, struct error *e)
{
    struct table bigger = { .bits = t->bits ? t->bits + 1 : 12, .count = t->count };
    bigger.cells = big_try(sizeof *bigger.cells << bigger.bits);
    if (!bigger.cells)
        return fail(e, ERR_MEMORY, "no memory for the sums of plays");
    for (size_t i = 0; t->bits && i < (size_t)1 << t->bits; i++)
        if (t->cells[i].row.touched)
            *find(&bigger, &t->cells[i].row) = t->cells[i];
    table_done(t);
    *t = bigger;
    return OK;
}

static enum code add(struct table *t, struct cube_row *row, int64_t share_e8, struct error *e)
{
    if (t->bits == 0 || t->count > ((size_t)1 << t->bits) * 5 / 8)
        TRY(grow(t, e));
    struct cell *c = find(t, row);
    if (__builtin_mul_overflow(row->touched, share_e8, &row->weight_e8))
        return fail(e, ERR_LIMIT, "more plays of one recording than can be counted");
    if (c->row.touched == 0) {
        c->row = *row;
        t->count++;
        return OK;
    }
    if (__builtin_add_overflow(c->row.weight_e8, row->weight_e8, &c->row.weight_e8) ||
        __builtin_add_overflow(c->row.touched, row->touched, &c->row.touched))
        return fail(e, ERR_LIMIT, "more plays than can be counted");
    return OK;
}

static enum code add_run(const struct roll *r, struct table *t, struct roll_run *run,
                         struct error *e)
{
    struct held_share parts[HELD_PARTS_MOST];
    size_t count;
    int64_t rest;
    TRY(book_holders(&r->book, run->recording, (struct territory) { run->row.territory },
                     run->moment, r->setup.rule, parts, &count, &rest, e));
    for (size_t k = 0; k < count; k++) {
        run->row.holder = parts[k].party;
        if (parts[k].share_e8)
            TRY(add(t, &run->row, parts[k].share_e8, e));
    }
    run->row.holder = CUBE_UNKNOWN;
    return rest ? add(t, &run->row, rest, e) : OK;
}

static void add_part(void *ctx, unsigned thread)
{
    struct cubing *x = ctx;
    size_t from, until;
    enum code code = OK;
    roll_part(x->r, thread, x->threads, &from, &until);
    for (size_t i = from; i < until && code == OK; i++) {
        struct roll_run run;
        roll_read(x->r, i, &run);
        code = add_run(x->r, &x->tables[thread], &run, &x->errors[thread]);
    }
    x->codes[thread] = code;
}

enum code roll_cube(const struct roll *r, struct cube *c, struct error *e)
{
    struct cubing *x = calloc(1, sizeof *x);
    enum code code = OK;
    if (!x)
        return fail(e, ERR_MEMORY, "no memory for the sums of plays");
    x->r = r;
    x->threads = r->setup.threads;
    threads_run(x->threads, add_part, x);
    for (unsigned t = 0; t < x->threads; t++) {
        struct table *table = &x->tables[t];
        if (code == OK && x->codes[t] != OK)
            code = fail(e, x->codes[t], "%s", x->errors[t].text);
        for (size_t i = 0; table->bits && code == OK && i < (size_t)1 << table->bits; i++)
            if (table->cells[i].row.touched)
                code = cube_add(c, &table->cells[i].row, e);
        table_done(table);
    }
    free(x);
    return code;
}
