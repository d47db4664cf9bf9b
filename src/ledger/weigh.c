/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds how much of the plays of a window, and how a sum for several is split. */
#include <stdlib.h>

#include "ledger/pricing.h"

static bool names_have(const struct terms_names *names, const char *network, const char *app)
{
    char both[512];
    snprintf(both, sizeof both, "%s/%s", network, app ? app : "");
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].text, app ? app : network) == 0 ||
            (app && strcmp(names->items[i].text, both) == 0))
            return true;
    return names->count == 0;
}

static void unite(struct territory_set *into, const struct territory_set *a,
                  const struct territory_set *b)
{
    for (int i = 0; i < 4; i++)
        into->bits[i] |= a->bits[i] & b->bits[i];
}

static void make_covers(struct pricing *p, struct scope *s)
{
    const struct cube *c = p->in->cube;
    s->covers = ARENA_ARRAY(p->a, struct territory_set, c->app_count * MODEL_COUNT + 1);
    for (size_t app = 0; app < c->app_count; app++) {
        if (!names_have(&s->t->networks, c->apps[app].network, NULL))
            continue;
        for (size_t g = 0; g < s->t->grant_count; g++)
            for (unsigned m = 0; m < MODEL_COUNT; m++)
                if ((s->t->grants[g].models >> m & 1) &&
                    names_have(&s->t->grants[g].apps, c->apps[app].network, c->apps[app].app))
                    unite(&s->covers[app * MODEL_COUNT + m], &s->t->grants[g].where, &s->t->where);
    }
}

/* Ties go by party id, or by slug where there are only names. */
static void make_rank(const struct bargain *b, struct scope *s)
{
    for (uint32_t i = 0; i < s->licensors; i++) {
        uint32_t k = i;
        for (; k > 0; k--) {
            uint32_t before = s->rank[k - 1];
            int order = b->ids ? memcmp(b->ids[before].bytes, b->ids[i].bytes, ID_BYTES)
                               : strcmp(s->t->licensors.items[before].text,
                                        s->t->licensors.items[i].text);
            if (order <= 0)
                break;
            s->rank[k] = before;
        }
        s->rank[k] = i;
    }
}

static void make_holdings(struct pricing *p, struct scope *s)
{
    s->holdings = ARENA_ARRAY(p->a, struct holding, s->licensors);
    for (size_t i = 0; i < s->licensors; i++)
        s->holdings[i] = (struct holding) {
            ARENA_ARRAY(p->a, int64_t, s->t->advance_count + 1),
            ARENA_ARRAY(p->a, int64_t, s->t->guarantee_count + 1),
            ARENA_ARRAY(p->a, int64_t, s->t->escrow_count + 1),
        };
}

static enum code find_repertoire(struct pricing *p, struct scope *s)
{
    const struct cube *c = p->in->cube;
    for (size_t i = 0; i < c->limited_count && c->recordings_told; i++)
        if (c->limited[i] == s->t)
            s->set = 1u << i;
    if (s->set || s->t->repertoire == REPERTOIRE_ALL)
        return OK;
    fail(p->e, ERR_INVALID, "the plays do not say which recordings they are of");
    return at_clause(p, s, s->t->recordings.items[0].at);
}

enum code scopes_make(struct pricing *p)
{
    const struct cube *c = p->in->cube;
    p->scopes = ARENA_ARRAY(p->a, struct scope, p->in->bargain_count + 1);
    for (size_t b = 0; b < p->in->bargain_count; b++) {
        struct scope *s = &p->scopes[b];
        s->t = p->in->bargains[b].terms;
        s->number = (uint32_t)b;
        s->licensors = s->t->licensors.count;
        s->rank = ARENA_ARRAY(p->a, uint32_t, s->licensors);
        s->licensor_of = ARENA_ARRAY(p->a, uint16_t, c->party_count + 1);
        for (size_t i = 0; i < c->party_count; i++)
            for (size_t k = 0; k < s->licensors; k++)
                if (strcmp(c->parties[i], s->t->licensors.items[k].text) == 0)
                    s->licensor_of[i] = (uint16_t)(k + 1);
        make_rank(&p->in->bargains[b], s);
        TRY(find_repertoire(p, s));
        make_covers(p, s);
        make_holdings(p, s);
    }
    return OK;
}

bool scope_covers(const struct scope *s, const struct cube_row *row)
{
    return row->day >= s->t->from.number && row->day < s->t->until.number &&
           (s->set == 0 || (row->sets & s->set)) &&
           territory_set_has(&s->covers[row->app * MODEL_COUNT + row->model],
                             (struct territory) { row->territory });
}

static bool is_licensed(const struct pricing *p, const struct cube_row *row)
{
    for (size_t b = 0; b < p->in->bargain_count; b++)
        if (p->scopes[b].licensor_of[row->holder] && scope_covers(&p->scopes[b], row))
            return true;
    return false;
}

static bool is_promoted(const struct terms *t, const struct cube_row *row)
{
    for (size_t i = 0; i < t->promotion_count; i++) {
        const struct terms_promotion *m = &t->promotions[i];
        if (row->day >= m->from.number && row->day < m->until.number &&
            (m->models >> row->model & 1) &&
            territory_set_has(&m->where, (struct territory) { row->territory }))
            return true;
    }
    return false;
}

/* Is it a play that counts under these terms, wherever it belongs? */
static bool counts(const struct terms *t, const struct cube_row *row)
{
    return (row->kind == CUBE_FULL || (row->kind == CUBE_PREVIEW && t->previews_count)) &&
           (row->kind == CUBE_PREVIEW || count_seconds_allowed[row->seconds] >= t->count_seconds);
}

bool weigh_counts(const struct scope *s, const struct cube_row *row, unsigned models,
                  const struct territory_set *where)
{
    return (models >> row->model & 1) && counts(s->t, row) && scope_covers(s, row) &&
           !is_promoted(s->t, row) &&
           territory_set_has(where, (struct territory) { row->territory });
}

static size_t first_of_day(const struct cube_row *rows, size_t count, int32_t day)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (rows[middle].day < day)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static void weigh_row(const struct pricing *p, const struct scope *s, const struct cube_row *row,
                      struct weights *w)
{
    if (row->holder == CUBE_UNKNOWN) {
        if (s->t->unknown_in) {
            w->unknown += row->weight_e8;
            w->whole += row->weight_e8;
        }
        return;
    }
    uint16_t licensor = s->licensor_of[row->holder];
    if (licensor && scope_covers(s, row)) {
        if (!is_promoted(s->t, row))
            w->own[licensor - 1] += row->weight_e8;
        w->whole += row->weight_e8;
    } else if (s->t->unlicensed_in || is_licensed(p, row)) {
        w->whole += row->weight_e8;
    }
}

enum code weigh(struct pricing *p, struct scope *s, const struct window *w, unsigned models,
                const struct territory_set *where, bool by_user, struct weights *out)
{
    const struct cube *c = p->in->cube;
    const struct cube_row *rows = by_user ? c->users : c->rows;
    size_t count = by_user ? c->user_count : c->count;
    *out = (struct weights) { .own = ARENA_ARRAY(p->a, int128, s->licensors) };
    for (size_t i = first_of_day(rows, count, w->from.number);
         i < count && rows[i].day < w->until.number; i++)
        if ((models >> rows[i].model & 1) && counts(s->t, &rows[i]) &&
            territory_set_has(where, (struct territory) { rows[i].territory }))
            weigh_row(p, s, &rows[i], out);
    return OK;
}

enum code plays_weights(struct pricing *p, struct scope *s, const struct window *w,
                        struct rational *out)
{
    struct weights found;
    struct territory_set world = territory_set_world();
    TRY(weigh(p, s, w, MODELS_ALL, &world, s->t->by_user && p->in->cube->user_count, &found));
    for (size_t i = 0; i < s->licensors; i++)
        out[i] = (struct rational) { found.own[i], 1 };
    return OK;
}

enum code split_by(struct pricing *p, struct scope *s, const struct rational *weights,
                   int64_t minor, int64_t *out)
{
    struct rational *ranked = ARENA_ARRAY(p->a, struct rational, s->licensors);
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors);
    bool any = false;
    for (size_t i = 0; i < s->licensors; i++)
        any = any || weights[i].n != 0;
    for (size_t i = 0; i < s->licensors; i++)
        ranked[i] = any ? weights[s->rank[i]] : rational_of(1); /* no plays at all: equally */
    TRY(rational_split(minor, ranked, s->licensors, p->a, parts, p->e));
    for (size_t i = 0; i < s->licensors; i++)
        out[s->rank[i]] = parts[i];
    return OK;
}

enum code split_sum(struct pricing *p, struct scope *s, const struct window *w, int64_t minor,
                    int64_t *out)
{
    struct rational *weights = ARENA_ARRAY(p->a, struct rational, s->licensors);
    for (size_t i = 0; i < s->licensors; i++)
        weights[i] = s->t->split == SPLIT_RATIO ? s->t->ratios[i] : rational_of(1);
    if (s->t->split == SPLIT_PLAYS && s->licensors > 1)
        TRY(plays_weights(p, s, w, weights));
    return split_by(p, s, weights, minor, out);
}
