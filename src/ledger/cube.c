/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a cube: added, sorted, summed. */
#include "ledger/cube.h"

#include <stdlib.h>

void cube_init(struct cube *c, struct arena *a)
{
    *c = (struct cube) { .arena = a };
}

void cube_done(struct cube *c)
{
    free(c->rows);
    free(c->users);
    c->rows = c->users = NULL;
    c->count = c->room = c->user_count = c->user_room = 0;
}

static bool grow_names(struct arena *a, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t more = *room ? *room * 2 : 16;
    void *grown = arena_try(a, more, size);
    if (!grown)
        return false;
    if (count)
        memcpy(grown, *items, count * size);
    *items = grown;
    *room = more;
    return true;
}

enum code cube_party(struct cube *c, struct str slug, uint16_t *out, struct error *e)
{
    for (size_t i = 0; i < c->party_count; i++)
        if (str_is(slug, c->parties[i])) {
            *out = (uint16_t)i;
            return OK;
        }
    if (c->party_count == CUBE_NAMES_MOST ||
        !grow_names(c->arena, (void **)&c->parties, c->party_count, &c->party_room,
                    sizeof *c->parties))
        return fail(e, ERR_LIMIT, "plays of more than %d parties", CUBE_NAMES_MOST);
    c->parties[c->party_count] = str_copy(c->arena, slug);
    *out = (uint16_t)c->party_count++;
    return OK;
}

enum code cube_app(struct cube *c, struct str network, struct str app, uint16_t *out,
                   struct error *e)
{
    for (size_t i = 0; i < c->app_count; i++)
        if (str_is(network, c->apps[i].network) && str_is(app, c->apps[i].app)) {
            *out = (uint16_t)i;
            return OK;
        }
    if (c->app_count == CUBE_NAMES_MOST ||
        !grow_names(c->arena, (void **)&c->apps, c->app_count, &c->app_room, sizeof *c->apps))
        return fail(e, ERR_LIMIT, "plays in more than %d apps", CUBE_NAMES_MOST);
    c->apps[c->app_count] = (struct cube_app) { str_copy(c->arena, network),
                                                str_copy(c->arena, app) };
    *out = (uint16_t)c->app_count++;
    return OK;
}

enum code cube_limit(struct cube *c, const struct terms *t, struct error *e)
{
    if (t->repertoire == REPERTOIRE_ALL)
        return OK;
    if (c->limited_count == CUBE_LIMITED_MOST)
        return fail(e, ERR_LIMIT, "at most %d terms name their repertoire", CUBE_LIMITED_MOST);
    c->limited[c->limited_count++] = t;
    return OK;
}

bool cube_is_in(const struct terms *t, struct str isrc)
{
    size_t i = 0;
    while (i < t->recordings.count && !str_is(isrc, t->recordings.items[i].text))
        i++;
    return (i < t->recordings.count) == (t->repertoire == REPERTOIRE_ONLY);
}

uint8_t cube_seconds_class(int64_t seconds)
{
    size_t i = 0;
    while (i + 1 < count_seconds_count && count_seconds_allowed[i + 1] <= seconds)
        i++;
    return (uint8_t)i;
}

static enum code push(struct cube_row **rows, size_t *count, size_t *room,
                      const struct cube_row *row, struct error *e)
{
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 256;
        struct cube_row *grown = realloc(*rows, more * sizeof *grown);
        if (!grown)
            return fail(e, ERR_MEMORY, "no memory for the plays of %zu rows", more);
        *rows = grown;
        *room = more;
    }
    (*rows)[(*count)++] = *row;
    return OK;
}

enum code cube_add(struct cube *c, const struct cube_row *row, struct error *e)
{
    return push(&c->rows, &c->count, &c->room, row, e);
}

enum code cube_user(struct cube *c, struct cube_row *rows, size_t count, struct error *e)
{
    ARENA(a);
    int64_t *weights = arena_try(&a, count, sizeof *weights),
            *parts = arena_try(&a, count, sizeof *parts);
    if (count == 0)
        return OK;
    if (!weights || !parts)
        return fail(e, ERR_MEMORY, "no memory for the plays of one user");
    for (size_t i = 0; i < count; i++)
        weights[i] = rows[i].weight_e8;
    TRY(money_split(SHARE_WHOLE_E8, weights, count, &a, parts, e));
    for (size_t i = 0; i < count; i++) {
        struct cube_row row = rows[i];
        row.weight_e8 = parts[i];
        row.touched = parts[i] > 0;
        TRY(push(&c->users, &c->user_count, &c->user_room, &row, e));
    }
    return OK;
}

#define COMPARE(field)                                                                             \
    if (a->field != b->field)                                                                      \
    return a->field < b->field ? -1 : 1

static int by_key(const void *pa, const void *pb)
{
    const struct cube_row *a = pa, *b = pb;
    COMPARE(day);
    COMPARE(holder);
    COMPARE(app);
    COMPARE(territory);
    COMPARE(model);
    COMPARE(kind);
    COMPARE(seconds);
    COMPARE(sets);
    return 0;
}

static enum code seal(struct cube_row *rows, size_t *count, struct error *e)
{
    size_t n = 0;
    if (*count)
        qsort(rows, *count, sizeof *rows, by_key);
    for (size_t i = 0; i < *count; i++) {
        if (n == 0 || by_key(&rows[n - 1], &rows[i]) != 0) {
            rows[n++] = rows[i];
            continue;
        }
        if (__builtin_add_overflow(rows[n - 1].weight_e8, rows[i].weight_e8,
                                   &rows[n - 1].weight_e8) ||
            __builtin_add_overflow(rows[n - 1].touched, rows[i].touched, &rows[n - 1].touched))
            return fail(e, ERR_LIMIT, "more plays than can be counted");
    }
    *count = n;
    return OK;
}

enum code cube_seal(struct cube *c, struct error *e)
{
    TRY(seal(c->rows, &c->count, e));
    return seal(c->users, &c->user_count, e);
}

static void cut(struct cube_row *rows, size_t count, const int32_t *cuts, size_t cut_count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < cut_count && cuts[at] <= rows[i].day)
            at++;
        if (at)
            rows[i].day = cuts[at - 1];
        else if (i)
            rows[i].day = rows[0].day;
    }
}

enum code cube_cut(struct cube *c, const int32_t *cuts, size_t count, struct error *e)
{
    cut(c->rows, c->count, cuts, count);
    cut(c->users, c->user_count, cuts, count);
    return cube_seal(c, e);
}
