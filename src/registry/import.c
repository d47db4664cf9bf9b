/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of an import: which kind of file, line after line in batches, problems collected. */
#include "registry/import.h"

#include <stdarg.h>
#include <stdio.h>

#include "registry/import_source.h"

/* Which line of this file was the last to speak of a record. */
struct seen {
    uint8_t id[ID_BYTES];
    size_t line;
};

struct import {
    struct store *store;
    const struct import_options *options;
    const struct import_kind *kind;
    struct registry_act act;
    struct arena *out;    /* the caller's: problems live there */
    struct arena scratch; /* of one line */
    struct arena kept;    /* of the whole import */
    void *state;          /* the kind's own */
    struct seen *seen;    /* open addressing; a line of 0 is an empty slot */
    size_t seen_count, seen_room;
    struct import_problem *problems;
    size_t room;
    struct import_report *report;
};

#define WORD(name, one, many) many,
static const char *const thing_words[] = { IMPORT_THINGS(WORD) };
#undef WORD
static const char *const outcome_words[] = { "added", "changed", "same", "withdrawn" };

const char *import_thing_word(enum import_thing t)
{
    return (size_t)t < COUNT_OF(thing_words) ? thing_words[t] : "";
}

const char *import_outcome_word(enum import_outcome o)
{
    return (size_t)o < COUNT_OF(outcome_words) ? outcome_words[o] : "";
}

void import_problem_format(const char *file, const struct import_problem *p, struct buf *out)
{
    buf_format(out, "%s: ", file);
    if (p->line)
        buf_format(out, "line %zu: ", p->line);
    if (p->warning)
        buf_text(out, "warning: ");
    if (p->column)
        buf_format(out, "%s: ", p->column);
    buf_text(out, p->text);
}

const struct registry_act *import_act(const struct import *im)
{
    return &im->act;
}

const struct import_options *import_options_of(const struct import *im)
{
    return im->options;
}

struct arena *import_arena(struct import *im)
{
    return &im->scratch;
}

struct arena *import_kept(struct import *im)
{
    return &im->kept;
}

void **import_state(struct import *im)
{
    return &im->state;
}

static struct seen *seen_slot(struct seen *table, size_t room, const uint8_t id[ID_BYTES])
{
    uint64_t x;
    memcpy(&x, id + 8, 8); /* the half that is chance */
    size_t at = (size_t)(x * 0x9E3779B97F4A7C15u >> 20) & (room - 1);
    while (table[at].line && memcmp(table[at].id, id, ID_BYTES) != 0)
        at = (at + 1) & (room - 1);
    return &table[at];
}

size_t import_seen(const struct import *im, const uint8_t id[ID_BYTES])
{
    return im->seen_room ? seen_slot(im->seen, im->seen_room, id)->line : 0;
}

static void grow_seen(struct import *im)
{
    size_t room = im->seen_room ? im->seen_room * 2 : 1024;
    struct seen *table = ARENA_ARRAY(&im->kept, struct seen, room);
    for (size_t i = 0; i < im->seen_room; i++)
        if (im->seen[i].line)
            *seen_slot(table, room, im->seen[i].id) = im->seen[i];
    im->seen = table;
    im->seen_room = room;
}

void import_see(struct import *im, const uint8_t id[ID_BYTES], size_t line)
{
    if (im->seen_count * 2 >= im->seen_room)
        grow_seen(im);
    struct seen *slot = seen_slot(im->seen, im->seen_room, id);
    im->seen_count += slot->line == 0;
    memcpy(slot->id, id, ID_BYTES);
    slot->line = line;
}

void import_count(struct import *im, enum import_thing t, enum import_outcome o)
{
    im->report->counts[t][o]++;
}

static void add_problem(struct import *im, size_t line, const char *column, const char *text,
                        bool warning)
{
    *(warning ? &im->report->warnings : &im->report->bad) += 1;
    if (im->report->problem_count == IMPORT_PROBLEMS_MOST) {
        im->report->problems_dropped++;
        return;
    }
    if (im->report->problem_count == im->room) {
        size_t room = im->room ? im->room * 2 : 16;
        struct import_problem *more = ARENA_ARRAY(im->out, struct import_problem, room);
        if (im->room)
            memcpy(more, im->problems, im->room * sizeof *more);
        im->problems = more;
        im->room = room;
    }
    im->problems[im->report->problem_count++] = (struct import_problem) {
        line, column, str_copy(im->out, str_of(text)), warning
    };
}

void import_warn(struct import *im, size_t line, const char *column, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_problem(im, line, column, text, true);
}

/* ---- cells that several kinds have ---- */

enum code import_span(const struct import_line *l, int from, int until, struct instant *out_from,
                      struct instant *out_until, struct error *e)
{
    struct instant begin = INSTANT_FIRST, end = INSTANT_NEVER;
    if (l->cells[from].length && instant_parse(l->cells[from], &begin, e) != OK)
        return fail_in(e, "from");
    if (l->cells[until].length && instant_parse(l->cells[until], &end, e) != OK)
        return fail_in(e, "until");
    if (!instant_before(begin, end))
        return fail(e, ERR_INVALID, "until: it is not after from");
    *out_from = begin;
    *out_until = end;
    return OK;
}

enum code import_territories(struct import *im, const struct import_line *l, int column,
                             struct territory_set *out, struct error *e)
{
    struct territory_warnings warnings;
    const char *name = im->kind->columns[column].name;
    if (!l->cells[column].length) {
        *out = territory_set_world();
        return OK;
    }
    if (territory_set_parse(l->cells[column], out, &warnings, e) != OK)
        return fail_in(e, "%s", name);
    for (size_t i = 0; i < warnings.count; i++)
        import_warn(im, l->number, name, "%s", warnings.texts[i]);
    return OK;
}

enum code import_party_of(struct import *im, const struct import_line *l, int column,
                          struct party *out, struct error *e)
{
    const char *name = im->kind->columns[column].name;
    const struct party_id holder = im->options->holder;
    if (!l->cells[column].length && !party_id_is_none(holder))
        return registry_party_get(im->act.tx, im->act.catalogue, holder, &im->scratch, out, e);
    if (!l->cells[column].length)
        return fail(e, ERR_INVALID, "%s: it is missing", name);
    if (registry_party_find(im->act.tx, im->act.catalogue, l->cells[column], &im->scratch, out,
                            e) != OK)
        return fail_in(e, "%s", name);
    return import_for_party(im, out->id, name, e);
}

enum code import_for_party(const struct import *im, struct party_id party, const char *column,
                           struct error *e)
{
    const struct party_id holder = im->options->holder;
    return party_id_is_none(holder) || party_id_equal(holder, party)
               ? OK
               : fail(e, ERR_DENIED, "%s: the import is of another holder", column);
}

typedef enum code slug_fn(struct import *im, struct str slug, uint8_t id[ID_BYTES],
                          struct error *e);

static enum code app_of(struct import *im, struct str slug, uint8_t id[ID_BYTES], struct error *e)
{
    struct app_id found;
    TRY(im->options->names->app(im->options->names->ctx, im->act.tx, slug, &found, e));
    memcpy(id, found.bytes, ID_BYTES);
    return OK;
}

static enum code network_of(struct import *im, struct str slug, uint8_t id[ID_BYTES],
                            struct error *e)
{
    struct network_id found;
    TRY(im->options->names->network(im->options->names->ctx, im->act.tx, slug, &found, e));
    memcpy(id, found.bytes, ID_BYTES);
    return OK;
}

/* Put `id` into the sorted list unless it is there. */
static void insert_id(uint8_t *ids, size_t *count, const uint8_t id[ID_BYTES])
{
    size_t at = 0;
    while (at < *count && memcmp(ids + at * ID_BYTES, id, ID_BYTES) < 0)
        at++;
    if (at < *count && memcmp(ids + at * ID_BYTES, id, ID_BYTES) == 0)
        return;
    memmove(ids + (at + 1) * ID_BYTES, ids + at * ID_BYTES, (*count - at) * ID_BYTES);
    memcpy(ids + at * ID_BYTES, id, ID_BYTES);
    ++*count;
}

static enum code slugs(struct import *im, const struct import_line *l, int column, size_t most,
                       slug_fn *find, uint8_t **out, size_t *count, struct error *e)
{
    const char *name = im->kind->columns[column].name;
    struct str rest = l->cells[column], slug;
    uint8_t *ids = arena_get(&im->scratch, most, ID_BYTES);
    *count = 0;
    while (import_next_word(&rest, &slug)) {
        uint8_t id[ID_BYTES];
        if (!im->options->names)
            return fail(e, ERR_INVALID, "%s: names cannot be looked up here", name);
        if (*count == most)
            return fail(e, ERR_LIMIT, "%s: more than %zu", name, most);
        if (find(im, slug, id, e) != OK)
            return fail_in(e, "%s", name);
        insert_id(ids, count, id);
    }
    *out = ids;
    return OK;
}

enum code import_apps(struct import *im, const struct import_line *l, int column,
                      const struct app_id **out, size_t *count, struct error *e)
{
    uint8_t *ids;
    TRY(slugs(im, l, column, APPS_MOST, app_of, &ids, count, e));
    *out = (const struct app_id *)(const void *)ids;
    return OK;
}

enum code import_networks(struct import *im, const struct import_line *l, int column,
                          const struct network_id **out, size_t *count, struct error *e)
{
    uint8_t *ids;
    TRY(slugs(im, l, column, NETWORKS_MOST, network_of, &ids, count, e));
    *out = (const struct network_id *)(const void *)ids;
    return OK;
}

/* ---- lines ---- */

static const char *column_in(const struct import_kind *kind, const char *text, const char **rest)
{
    for (size_t i = 0; i < kind->column_count; i++) {
        size_t n = strlen(kind->columns[i].name);
        if (strncmp(text, kind->columns[i].name, n) == 0 && strncmp(text + n, ": ", 2) == 0) {
            *rest = text + n + 2;
            return kind->columns[i].name;
        }
    }
    *rest = text;
    return NULL;
}

static void add_bad(struct import *im, size_t line, const struct error *e)
{
    const char *text, *column = column_in(im->kind, e->text, &text);
    add_problem(im, line, column, text, false);
}

/* What stops the whole import, not only this line. */
static bool stops_all(enum code code)
{
    return code == ERR_IO || code == ERR_BUSY || code == ERR_MEMORY || code == ERR_CORRUPT;
}

static enum code check_text(const struct import_kind *kind, const struct import_line *l,
                            struct error *e)
{
    for (size_t i = 0; i < kind->column_count; i++)
        if (l->cells[i].length && !str_is_utf8(l->cells[i]))
            return fail(e, ERR_INVALID, "%s: it is not UTF-8", kind->columns[i].name);
    return OK;
}

/* One line inside a savepoint: a failure in it undoes it alone. What it has counted and warned of
 * is taken back too. */
static enum code put_line(struct import *im, const struct import_line *l, struct error *e)
{
    struct import_report before = *im->report;
    struct error line_error = { 0 };
    TRY(store_savepoint(im->act.tx, e));
    enum code code = check_text(im->kind, l, &line_error);
    if (code == OK)
        code = im->kind->line(im, l, &line_error);
    if (code == OK)
        return store_release(im->act.tx, e);
    if (stops_all(code)) {
        *e = line_error;
        return fail_in(e, "line %zu", l->number);
    }
    TRY(store_rollback_to(im->act.tx, e));
    *im->report = before;
    add_bad(im, l->number, &line_error);
    return OK;
}

static enum code begin_batch(struct import *im, struct error *e)
{
    return im->act.tx ? OK : store_begin(im->store, STORE_WRITE, &im->act.tx, e);
}

static enum code end_batch(struct import *im, const struct import_source *source, struct error *e)
{
    if (im->options->progress)
        im->options->progress(im->options->progress_ctx, import_source_at(source),
                              import_source_size(source));
    if (!im->act.tx || im->options->dry_run)
        return OK;
    return store_commit_take(take(im->act.tx), e);
}

static enum code put_lines(struct import *im, struct import_source *source, struct error *e)
{
    struct import_line l;
    for (size_t in_batch = 0;; in_batch++) {
        struct error line_error = { 0 };
        bool more = false;
        if (in_batch == IMPORT_BATCH_LINES) {
            TRY(end_batch(im, source, e));
            in_batch = 0;
        }
        arena_done(&im->scratch);
        enum code code = import_source_next(source, &im->scratch, &l, &more, &line_error);
        if (code == OK && !more)
            break;
        im->report->lines++;
        if (code != OK) {
            add_bad(im, l.number, &line_error);
            continue;
        }
        TRY(begin_batch(im, e));
        TRY(put_line(im, &l, e));
    }
    return end_batch(im, source, e);
}

static enum code run(struct import *im, struct import_source *source, struct error *e)
{
    TRY(begin_batch(im, e));
    TRY(registry_operator(im->act.tx, im->options->now, im->options->chance, &im->act.catalogue,
                          e));
    return put_lines(im, source, e);
}

enum code registry_import(struct store *s, const struct import_kind *const *kinds,
                          size_t kind_count, struct str text, const struct import_options *options,
                          struct arena *a, struct import_report *report, struct error *e)
{
    struct import_source source = { 0 };
    struct import im = { .store = s, .options = options, .out = a, .report = report };
    *report = (struct import_report) { 0 };
    if (text.length > IMPORT_BYTES_MOST)
        return fail(e, ERR_LIMIT, "%zu bytes are more than %d", text.length, IMPORT_BYTES_MOST);
    enum code code = import_source_open(&source, kinds, kind_count, text, e);
    if (code == OK) {
        im.kind = source.kind;
        report->kind = im.kind->name;
        im.act = (struct registry_act) {
            .who = options->who, .why = options->why, .now = options->now, .chance = options->chance
        };
        code = run(&im, &source, e);
        report->problems = im.problems;
    }
    store_rollback(im.act.tx);
    arena_done(&im.scratch);
    arena_done(&im.kept);
    import_source_close(&source);
    return code;
}
