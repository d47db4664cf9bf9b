/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of statements: in memory, as differences, as text. */
#include <stdlib.h>

#include "ledger/statement.h"

enum code statement_list_add(void *list, const struct statement_line *line, struct error *e)
{
    struct statement_list *l = list;
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 256;
        struct statement_line *items = arena_try(l->a, room, sizeof *items);
        if (!items)
            return fail(e, ERR_MEMORY, "no memory for %zu lines", room);
        if (l->count)
            memcpy(items, l->items, l->count * sizeof *items);
        l->items = items;
        l->room = room;
    }
    l->items[l->count++] = *line;
    return OK;
}

/* ---- differences ---------------------------------------------------------------------------------- */

#define COMPARE(x, y)                                                                              \
    if ((x) != (y))                                                                                \
    return (x) < (y) ? -1 : 1

static int by_key(const void *pa, const void *pb)
{
    const struct statement_line *a = pa, *b = pb;
    COMPARE(a->from.number, b->from.number);
    COMPARE(a->kind, b->kind);
    COMPARE(a->clause, b->clause);
    int order = memcmp(a->recording.bytes, b->recording.bytes, ID_BYTES);
    if (order)
        return order;
    COMPARE(a->territory.index, b->territory.index);
    COMPARE(a->models, b->models);
    return 0;
}

enum code statement_difference(const struct statement_line *now, size_t now_count,
                               const struct statement_line *before, size_t before_count,
                               struct arena *a, struct statement_line **out, size_t *count,
                               struct error *e)
{
    size_t n = now_count + before_count, kept = 0;
    struct statement_line *all = arena_try(a, n + 1, sizeof *all);
    if (!all)
        return fail(e, ERR_MEMORY, "no memory for %zu lines", n);
    if (now_count)
        memcpy(all, now, now_count * sizeof *all);
    for (size_t i = 0; i < before_count; i++) {
        all[now_count + i] = before[i];
        all[now_count + i].minor = -before[i].minor;
        all[now_count + i].plays_e8 = -before[i].plays_e8;
        all[now_count + i].touched = -before[i].touched;
    }
    if (n)
        qsort(all, n, sizeof *all, by_key);
    for (size_t i = 0, end; i < n; i = end) {
        struct statement_line sum = all[i];
        for (end = i + 1; end < n && by_key(&all[i], &all[end]) == 0; end++) {
            sum.plays_e8 += all[end].plays_e8;
            sum.touched += all[end].touched;
            if (__builtin_add_overflow(sum.minor, all[end].minor, &sum.minor))
                return fail(e, ERR_LIMIT, "a difference leaves 64 bits");
        }
        if (sum.minor || sum.plays_e8)
            all[kept++] = sum;
    }
    *out = all;
    *count = kept;
    return OK;
}

/* ---- as text -------------------------------------------------------------------------------------- */

const char *statement_line_model(const struct statement_line *l)
{
    for (int m = 0; m < MODEL_COUNT; m++)
        if (l->models == 1u << m)
            return model_word((enum model)m);
    return "";
}

void statement_write(const struct statement_line *lines, size_t count, struct buf *out)
{
    char id[ID_TEXT], from[INSTANT_TEXT], last[INSTANT_TEXT];
    for (size_t i = 0; i < count; i++) {
        const struct statement_line *l = &lines[i];
        buf_format(out, "%s\t%u\t%s\t%s\t%s\t%s\t%lld\t%lld\t%s\t%lld\n", line_kind_word(l->kind),
                   l->clause, day_format(l->from, from),
                   day_format((struct day) { l->until.number - 1 }, last),
                   recording_id_is_none(l->recording) ? "" : recording_id_format(l->recording, id),
                   territory_is_known(l->territory) ? territory_code(l->territory) : "",
                   (long long)l->plays_e8, (long long)l->minor, statement_line_model(l),
                   (long long)l->touched);
    }
}

static enum code read_line(struct str text, struct statement_line *l, struct error *e)
{
    struct str cells[10];
    int64_t clause;
    enum model model;
    int kind = 0;
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        if (!str_split(&text, '\t', &cells[i]))
            cells[i] = STR("");
    while (kind < LINE_KIND_COUNT && !str_is(cells[0], line_kind_word((enum line_kind)kind)))
        kind++;
    if (kind == LINE_KIND_COUNT)
        return fail(e, ERR_CORRUPT, "a line of a statement is of no kind");
    *l = (struct statement_line) { .kind = (enum line_kind)kind, .territory = TERRITORY_UNKNOWN };
    TRY(str_to_int64(cells[1], 0, UINT32_MAX, &clause, e));
    l->clause = (uint32_t)clause;
    TRY(day_parse(cells[2], &l->from, e));
    TRY(day_parse(cells[3], &l->until, e));
    l->until.number++;
    if (cells[4].length)
        TRY(recording_id_parse(cells[4], &l->recording, e));
    if (cells[5].length)
        TRY(territory_parse(cells[5], &l->territory, e));
    if (cells[8].length) {
        TRY(model_parse(cells[8], &model, e));
        l->models = (uint8_t)(1u << model);
    }
    if (cells[9].length)
        TRY(str_to_int64(cells[9], INT64_MIN, INT64_MAX, &l->touched, e));
    TRY(str_to_int64(cells[6], INT64_MIN, INT64_MAX, &l->plays_e8, e));
    return str_to_int64(cells[7], INT64_MIN, INT64_MAX, &l->minor, e);
}

enum code statement_read(struct str text, struct arena *a, struct statement_line **out,
                         size_t *count, struct error *e)
{
    struct statement_list lines = { .a = a };
    struct str line;
    while (str_split(&text, '\n', &line)) {
        struct statement_line l;
        if (line.length == 0)
            continue;
        if (read_line(line, &l, e) != OK)
            return fail_in(e, "line %zu", lines.count + 1);
        TRY(statement_list_add(&lines, &l, e));
    }
    *out = lines.items;
    *count = lines.count;
    return OK;
}
