/* SPDX-License-Identifier: Apache-2.0 */
/* Offers side by side: sums, shares, and what is lost without a licensor. */
#include <stdlib.h>

#include "ledger/compare.h"

struct comparing {
    const struct compare_input *in;
    struct compared *c;
    struct arena *a;
    struct error *e;
    uint32_t *holder_of; /* party of the cube -> holder */
};

static size_t find_holder(const struct compared *c, const char *slug)
{
    size_t i = 0;
    while (i < c->holder_count && strcmp(c->holders[i].slug, slug) != 0)
        i++;
    return i;
}

static void add_holder(struct comparing *x, const char *slug, bool licensor)
{
    struct compared *c = x->c;
    if (find_holder(c, slug) < c->holder_count)
        return;
    c->holders[c->holder_count++] = (struct compare_holder) { .slug = slug, .licensor = licensor };
    c->licensor_count += licensor;
}

static void list_holders(struct comparing *x)
{
    const struct compare_input *in = x->in;
    size_t room = in->cube->party_count + 1;
    for (size_t i = 0; i < in->offer_count; i++)
        for (size_t k = 0; k < in->offers[i].count; k++)
            room += in->offers[i].bargains[k].terms->licensors.count;
    x->c->holders = ARENA_ARRAY(x->a, struct compare_holder, room);
    for (size_t i = 0; i < in->offer_count; i++)
        for (size_t k = 0; k < in->offers[i].count; k++) {
            const struct terms_names *n = &in->offers[i].bargains[k].terms->licensors;
            for (size_t l = 0; l < n->count; l++)
                add_holder(x, n->items[l].text, true);
        }
    for (size_t i = 0; i < in->cube->party_count; i++)
        add_holder(x, in->cube->parties[i], false);
    x->holder_of = ARENA_ARRAY(x->a, uint32_t, in->cube->party_count + 1);
    for (size_t i = 0; i < in->cube->party_count; i++)
        x->holder_of[i] = (uint32_t)find_holder(x->c, in->cube->parties[i]);
}

static int most_first(const void *pa, const void *pb)
{
    const struct compare_place *a = pa, *b = pb;
    if (a->plays != b->plays)
        return a->plays > b->plays ? -1 : 1;
    return strcmp(a->name, b->name);
}

static struct compare_place *places(struct comparing *x, const int64_t *plays, size_t count,
                                    const char *(*name)(const struct comparing *, size_t),
                                    size_t *out)
{
    struct compare_place *list = ARENA_ARRAY(x->a, struct compare_place, count + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (plays[i])
            list[n++] = (struct compare_place) { name(x, i), plays[i] };
    if (n)
        qsort(list, n, sizeof *list, most_first);
    *out = n < COMPARE_PLACES_MOST ? n : COMPARE_PLACES_MOST;
    return list;
}

static const char *territory_name(const struct comparing *x, size_t i)
{
    (void)x;
    return territory_code((struct territory) { (uint8_t)i });
}

static const char *app_name(const struct comparing *x, size_t i)
{
    return arena_format(x->a, "%s/%s", x->in->cube->apps[i].network, x->in->cube->apps[i].app);
}

static bool counted(const struct comparing *x, const struct cube_row *row)
{
    return row->day >= x->in->from.number && row->day < x->in->until.number &&
           row->kind == CUBE_FULL && count_seconds_allowed[row->seconds] >= x->c->count_seconds;
}

static void weigh_holders(struct comparing *x)
{
    const struct cube *cube = x->in->cube;
    struct compared *c = x->c;
    size_t apps = cube->app_count + 1;
    int64_t *by_territory = ARENA_ARRAY(x->a, int64_t, c->holder_count * 256 + 1),
            *by_app = ARENA_ARRAY(x->a, int64_t, c->holder_count * apps + 1);
    for (size_t i = 0; i < cube->count; i++) {
        const struct cube_row *row = &cube->rows[i];
        if (!counted(x, row))
            continue;
        c->plays_e8 += row->weight_e8;
        if (row->holder == CUBE_UNKNOWN) {
            c->unknown_e8 += row->weight_e8;
            continue;
        }
        size_t h = x->holder_of[row->holder];
        c->holders[h].weight_e8 += row->weight_e8;
        c->holders[h].touched += row->touched;
        by_territory[h * 256 + row->territory] += row->touched;
        by_app[h * apps + row->app] += row->touched;
    }
    for (size_t h = 0; h < c->holder_count; h++) {
        struct compare_holder *holder = &c->holders[h];
        holder->territories = places(x, by_territory + h * 256, 255, territory_name,
                                     &holder->territory_count);
        holder->apps = places(x, by_app + h * apps, cube->app_count, app_name, &holder->app_count);
    }
}

/* Plays of one model: of all, and with a share of each holder. */
static void plays_by_model(struct comparing *x, enum model m, int128 *all, int64_t *touched)
{
    for (size_t i = 0; i < x->in->cube->count; i++) {
        const struct cube_row *row = &x->in->cube->rows[i];
        if (row->model != m || !counted(x, row))
            continue;
        *all += row->weight_e8;
        if (row->holder != CUBE_UNKNOWN)
            touched[x->holder_of[row->holder]] += row->touched;
    }
}

/* The revenue of a model goes with its plays; so much of it goes with a holder's. */
static enum code risk_of_model(struct comparing *x, enum model m)
{
    struct compared *c = x->c;
    int128 all = 0;
    int64_t *touched = ARENA_ARRAY(x->a, int64_t, c->holder_count);
    struct money revenue = { 0 };
    for (size_t i = 0; i < x->in->figure_count; i++) {
        const struct figure *f = &x->in->figures[i];
        if (f->model != m || f->from.number < x->in->from.number ||
            f->until.number > x->in->until.number)
            continue;
        if (!revenue.currency.code[0])
            revenue.currency = f->revenue.currency;
        TRY(money_add(revenue, f->revenue, &revenue, x->e));
    }
    plays_by_model(x, m, &all, touched);
    for (size_t h = 0; h < c->holder_count && revenue.currency.code[0]; h++) {
        struct rational part = rational_of(0);
        struct money sum = { 0, revenue.currency };
        if (all) {
            TRY(rational_make((int128)touched[h] * SHARE_WHOLE_E8, all, &part, x->e));
            TRY(rational_multiply(part, rational_of(revenue.minor), &part, x->e));
            TRY(rational_nearest(part, &sum.minor, x->e));
        }
        if (!c->holders[h].at_risk.currency.code[0])
            c->holders[h].at_risk.currency = revenue.currency;
        TRY(money_add(c->holders[h].at_risk, sum, &c->holders[h].at_risk, x->e));
    }
    return OK;
}

/* Listeners on average: each figure weighed by its days, models together. */
static enum code count_users(struct comparing *x)
{
    int128 user_days = 0;
    int32_t days = x->in->until.number - x->in->from.number;
    for (size_t i = 0; i < x->in->figure_count; i++) {
        const struct figure *f = &x->in->figures[i];
        int32_t a = f->from.number > x->in->from.number ? f->from.number : x->in->from.number,
                b = f->until.number < x->in->until.number ? f->until.number : x->in->until.number;
        if (a < b)
            user_days += (int128)f->users * (b - a);
    }
    x->c->users = (int64_t)(user_days / days);
    return OK;
}

static enum code divide(int64_t minor, int128 by, int64_t unit, struct rational *out,
                        struct error *e)
{
    struct rational whole;
    *out = rational_of(0);
    if (by == 0)
        return OK;
    TRY(rational_make(by, unit, &whole, e));
    return rational_divide(rational_of(minor), whole, out, e);
}

static enum code sum_cells(struct comparing *x, size_t number)
{
    const struct offer *offer = &x->in->offers[number];
    struct compare_offer *o = &x->c->offers[number];
    o->cells = ARENA_ARRAY(x->a, struct compare_cell, x->c->licensor_count + 1);
    for (uint32_t b = 0; b < offer->count; b++) {
        const struct terms_names *names = &offer->bargains[b].terms->licensors;
        for (uint32_t l = 0; l < names->count; l++) {
            struct compare_cell *cell = &o->cells[find_holder(x->c, names->items[l].text)];
            int64_t due, payable;
            TRY(price_sum(&o->price, b, l, true, &due, x->e));
            TRY(price_sum(&o->price, b, l, false, &payable, x->e));
            cell->party = true;
            if (__builtin_add_overflow(cell->due, due, &cell->due) ||
                __builtin_add_overflow(cell->payable, payable, &cell->payable) ||
                __builtin_add_overflow(o->due, due, &o->due) ||
                __builtin_add_overflow(o->payable, payable, &o->payable))
                return fail(x->e, ERR_LIMIT, "the sum leaves 64 bits");
        }
    }
    for (size_t h = 0; h < x->c->licensor_count; h++) {
        TRY(divide(o->cells[h].due, x->c->holders[h].weight_e8, SHARE_WHOLE_E8,
                   &o->cells[h].per_play, x->e));
        o->cells[h].change = o->cells[h].due - x->c->offers[0].cells[h].due;
    }
    TRY(divide(o->due, x->c->plays_e8, SHARE_WHOLE_E8, &o->per_play, x->e));
    return divide(o->due, x->c->users, 1, &o->per_user, x->e);
}

static enum code price_offer(struct comparing *x, size_t number)
{
    const struct offer *offer = &x->in->offers[number];
    struct compare_offer *o = &x->c->offers[number];
    const struct price_input in = { .cube = x->in->cube,
                                    .bargains = offer->bargains,
                                    .bargain_count = offer->count,
                                    .figures = x->in->figures,
                                    .figure_count = x->in->figure_count,
                                    .exchanges = x->in->exchanges,
                                    .exchange_count = x->in->exchange_count,
                                    .from = x->in->from,
                                    .until = x->in->until,
                                    .cut = true };
    for (size_t i = 0; i < offer->count; i++) {
        const struct currency *c = &offer->bargains[i].terms->currency;
        if (o->currency.code[0] && c->code[0] && strcmp(c->code, o->currency.code) != 0)
            return fail(x->e, ERR_INVALID,
                        "terms in %s and in %s cannot be added up: compare "
                        "them apart",
                        o->currency.code, c->code);
        if (c->code[0])
            o->currency = *c;
    }
    TRY(price_run(&in, x->a, &o->price, x->e));
    return sum_cells(x, number);
}

enum code compare_run(const struct compare_input *in, struct arena *a, struct compared *out,
                      struct error *e)
{
    struct compared c = { .count_seconds = 30 };
    struct comparing x = { .in = in, .c = &c, .a = a, .e = e };
    if (in->offer_count == 0 || in->offer_count > OFFERS_MOST)
        return fail(e, ERR_INVALID, "compare between 1 and %d offers", OFFERS_MOST);
    if (in->offers[0].count)
        c.count_seconds = in->offers[0].bargains[0].terms->count_seconds;
    c.offers = ARENA_ARRAY(a, struct compare_offer, in->offer_count);
    list_holders(&x);
    weigh_holders(&x);
    for (int m = 0; m < MODEL_COUNT; m++)
        TRY(risk_of_model(&x, (enum model)m));
    TRY(count_users(&x));
    for (size_t i = 0; i < in->offer_count; i++)
        if (price_offer(&x, i) != OK)
            return fail_in(e, "%s", in->offers[i].name);
    *out = c;
    return OK;
}
