/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and JSON brought to the columns of the kind that fits them. */
#include "registry/import_source.h"

#include <ctype.h>
#include <inttypes.h>

bool import_next_word(struct str *rest, struct str *word)
{
    static const char between[] = " \t\r\n,;|";
    while (rest->length && memchr(between, rest->at[0], sizeof between - 1))
        *rest = (struct str) { rest->at + 1, rest->length - 1 };
    if (!rest->length)
        return false;
    size_t n = 0;
    while (n < rest->length && !memchr(between, rest->at[n], sizeof between - 1))
        n++;
    *word = (struct str) { rest->at, n };
    *rest = (struct str) { rest->at + n, rest->length - n };
    return true;
}

/* ---- which kind ---- */

static int column_of(const struct import_kind *kind, struct str name)
{
    for (size_t i = 0; i < kind->column_count; i++) {
        const char *own = kind->columns[i].name;
        size_t n = 0;
        while (n < name.length && own[n] && tolower((unsigned char)name.at[n]) == own[n])
            n++;
        if (n == name.length && !own[n])
            return (int)i;
    }
    return -1;
}

/* How well the names fit: those known, less those that would be missing. */
static int fit(const struct import_kind *kind, const struct str *names, size_t count)
{
    int score = 0;
    bool there[CSV_CELLS_MOST] = { false };
    for (size_t i = 0; i < count; i++) {
        int column = column_of(kind, names[i]);
        if (column >= 0) {
            there[column] = true;
            score++;
        }
    }
    for (size_t i = 0; i < kind->column_count; i++)
        score -= kind->columns[i].required && !there[i];
    return score;
}

static const struct import_kind *nearest(const struct import_kind *const *kinds, size_t kind_count,
                                         const struct str *names, size_t count)
{
    const struct import_kind *best = kinds[0];
    for (size_t i = 1; i < kind_count; i++)
        if (fit(kinds[i], names, count) > fit(best, names, count))
            best = kinds[i];
    return best;
}

static void list_columns(const struct import_kind *kind, struct buf *out)
{
    for (size_t i = 0; i < kind->column_count; i++)
        buf_format(out, "%s%s", i ? ", " : "", kind->columns[i].name);
}

static enum code unknown_column(const struct import_kind *kind, struct str name, struct error *e)
{
    BUF(list);
    list_columns(kind, &list);
    return fail(e, ERR_INVALID, "\"%.*s\" is not a column of %s (%s)",
                (int)(name.length > 40 ? 40 : name.length), name.at ? name.at : "", kind->name,
                (const char *)list.bytes);
}

/* The columns of `kind` by place; every name known and there once. */
static enum code map_columns(const struct import_kind *kind, const struct str *names, size_t count,
                             int columns[CSV_CELLS_MOST], struct error *e)
{
    bool there[CSV_CELLS_MOST] = { false };
    for (size_t i = 0; i < count; i++) {
        columns[i] = column_of(kind, names[i]);
        if (columns[i] < 0)
            return unknown_column(kind, names[i], e);
        if (there[columns[i]])
            return fail(e, ERR_INVALID, "the column %s is there twice",
                        kind->columns[columns[i]].name);
        there[columns[i]] = true;
    }
    for (size_t i = 0; i < kind->column_count; i++)
        if (kind->columns[i].required && !there[i])
            return fail(e, ERR_INVALID, "the column %s is missing (a file of %s needs it)",
                        kind->columns[i].name, kind->name);
    return OK;
}

/* ---- CSV ---- */

static enum code open_csv(struct import_source *s, const struct import_kind *const *kinds,
                          size_t kind_count, struct str text, struct error *e)
{
    ARENA(a);
    struct csv_record header;
    bool more;
    TRY(csv_begin(&s->csv, text, e));
    if (csv_next(&s->csv, &a, &header, &more, e) != OK)
        return fail_in(e, "line %zu", header.line);
    if (!more)
        return fail(e, ERR_INVALID, "the file is empty; its first line names the columns");
    for (size_t i = 0; i < header.count; i++)
        header.cells[i] = str_trim(header.cells[i]);
    s->kind = nearest(kinds, kind_count, header.cells, header.count);
    s->header_count = header.count;
    if (map_columns(s->kind, header.cells, header.count, s->columns, e) != OK)
        return fail_in(e, "line %zu", header.line);
    return OK;
}

static enum code next_csv(struct import_source *s, struct arena *a, struct import_line *l,
                          bool *more, struct error *e)
{
    struct csv_record r;
    enum code code = csv_next(&s->csv, a, &r, more, e);
    l->number = r.line;
    if (code != OK || !*more)
        return code;
    if (r.count != s->header_count)
        return fail(e, ERR_INVALID, "%zu cells, the header has %zu", r.count, s->header_count);
    for (size_t i = 0; i < r.count; i++)
        l->cells[s->columns[i]] = str_trim(r.cells[i]);
    return OK;
}

/* ---- JSON ---- */

static bool is_json(struct str text)
{
    text = str_trim(text);
    return text.length && (text.at[0] == '[' || text.at[0] == '{');
}

static size_t member_names(const json_t *item, struct str names[CSV_CELLS_MOST])
{
    const char *key;
    json_t *value;
    size_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)item, key, value)
    {
        (void)value;
        if (n < CSV_CELLS_MOST)
            names[n++] = str_of(key);
    }
    return n;
}

static enum code open_json(struct import_source *s, const struct import_kind *const *kinds,
                           size_t kind_count, struct str text, struct error *e)
{
    TRY(json_read(text, &s->items, e));
    if (json_is_object(s->items)) { /* one thing is a list of one */
        json_t *list = json_array();
        if (!list || json_array_append_new(list, s->items) != 0)
            return fail(e, ERR_MEMORY, "no memory for the file");
        s->items = list;
    }
    const json_t *first = json_array_get(s->items, 0);
    if (!json_is_object(first))
        return fail(e, ERR_INVALID, "JSON must be an array of objects");
    struct str names[CSV_CELLS_MOST];
    int columns[CSV_CELLS_MOST];
    size_t count = member_names(first, names);
    s->kind = nearest(kinds, kind_count, names, count);
    if (map_columns(s->kind, names, count, columns, e) != OK)
        return fail_in(e, "item 1");
    return OK;
}

static enum code cell_of(const json_t *value, const char *name, struct arena *a, struct str *out,
                         struct error *e)
{
    BUF(text);
    size_t i;
    json_t *part;
    if (json_is_string(value)) {
        *out = str_of(json_string_value(value));
        return OK;
    }
    if (json_is_null(value))
        return OK;
    if (json_is_integer(value)) {
        buf_format(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        buf_format(&text, "%.8f", json_real_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, part)
        {
            if (!json_is_string(part))
                return fail(e, ERR_INVALID, "%s: a list must hold texts", name);
            buf_format(&text, "%s%s", i ? "," : "", json_string_value(part));
        }
    } else {
        return fail(e, ERR_INVALID, "%s: neither a text, a number nor a list of texts", name);
    }
    *out = (struct str) { str_copy(a, buf_as_str(&text)), text.length };
    return OK;
}

static enum code next_json(struct import_source *s, struct arena *a, struct import_line *l,
                           bool *more, struct error *e)
{
    *more = s->at < json_array_size(s->items);
    if (!*more)
        return OK;
    const json_t *item = json_array_get(s->items, s->at);
    l->number = ++s->at;
    if (!json_is_object(item))
        return fail(e, ERR_INVALID, "it is not an object");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)item, key, value)
    {
        int column = column_of(s->kind, str_of(key));
        if (column < 0)
            return unknown_column(s->kind, str_of(key), e);
        TRY(cell_of(value, key, a, &l->cells[column], e));
        l->cells[column] = str_trim(l->cells[column]);
    }
    return OK;
}

/* ---- both ---- */

enum code import_source_open(struct import_source *s, const struct import_kind *const *kinds,
                             size_t kind_count, struct str text, struct error *e)
{
    return is_json(text) ? open_json(s, kinds, kind_count, text, e)
                         : open_csv(s, kinds, kind_count, text, e);
}

void import_source_close(struct import_source *s)
{
    json_decref(s->items);
    s->items = NULL;
}

enum code import_source_next(struct import_source *s, struct arena *a, struct import_line *l,
                             bool *more, struct error *e)
{
    *l = (struct import_line) { 0 };
    return s->items ? next_json(s, a, l, more, e) : next_csv(s, a, l, more, e);
}

size_t import_source_at(const struct import_source *s)
{
    return s->items ? s->at : s->csv.at;
}

size_t import_source_size(const struct import_source *s)
{
    return s->items ? json_array_size(s->items) : s->csv.text.length;
}
