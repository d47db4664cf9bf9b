/* SPDX-License-Identifier: Apache-2.0 */
/* Records in the store by their table of columns: read, list, put, withdraw, keep what was. */
#include <stdio.h>
#include <stdlib.h>

#include "registry/rows.h"

enum { VALUES_MOST = 40 };

static const char *sql_of(const struct record_column *c)
{
    return c->sql ? c->sql : c->name;
}

static const uint8_t *id_of(const struct record_table *t, const void *record)
{
    return (const uint8_t *)record + t->id_at;
}

static int64_t *version_of(const struct record_table *t, void *record)
{
    return (int64_t *)(void *)((char *)record + t->version_at);
}

const char *record_id_text(const struct record_table *t, const void *record, char out[ID_TEXT])
{
    return id_format(t->prefix, id_of(t, record), out);
}

const struct record_column *record_column(const struct record_table *t, const char *name)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, name) == 0)
            return &t->columns[i];
    return NULL;
}

/* ---- a row into a record ---- */

static enum code word_of(const struct record_column *c, struct str text, int *out, struct error *e)
{
    for (int64_t i = 0; i < c->most; i++)
        if (str_is(text, c->words[i])) {
            *out = (int)i;
            return OK;
        }
    return fail(e, ERR_CORRUPT, "%s: \"%.*s\" is not one of its words", c->name, STR_ARG(text));
}

static enum code bits_of(const struct record_column *c, struct str text, unsigned *out,
                         struct error *e)
{
    struct str word;
    *out = 0;
    while (str_split(&text, ',', &word)) {
        int bit;
        TRY(word_of(c, word, &bit, e));
        *out |= 1u << bit;
    }
    return OK;
}

static void read_ids(struct str bytes, void *field, size_t *count, struct arena *a)
{
    const void *ids = NULL;
    *count = bytes.length / ID_BYTES;
    if (*count) {
        ids = arena_text(a, bytes.at, *count * ID_BYTES);
    }
    memcpy(field, &ids, sizeof ids);
}

static enum code read_column(const struct store_rows *r, int n, const struct record_column *c,
                             void *record, struct arena *a, struct error *e)
{
    void *at = (char *)record + c->at;
    size_t *count = (size_t *)(void *)((char *)record + c->count_at);
    switch (c->type) {
    case COLUMN_ID:
        store_id(r, n, at);
        return OK;
    case COLUMN_IDS:
        read_ids(store_bytes(r, n), at, count, a);
        return OK;
    case COLUMN_INT:
        *(int64_t *)at = store_int(r, n);
        return OK;
    case COLUMN_BOOL:
        *(bool *)at = store_int(r, n) != 0;
        return OK;
    case COLUMN_TEXT:
        *(const char **)at = row_text(r, n, a);
        return OK;
    case COLUMN_INSTANT:
        *(struct instant *)at = store_instant(r, n);
        return OK;
    case COLUMN_TERRITORIES:
        return territory_set_parse(store_text(r, n), at, NULL, e);
    case COLUMN_WORD:
        return word_of(c, store_text(r, n), at, e);
    case COLUMN_BITS:
        return bits_of(c, store_text(r, n), at, e);
    case COLUMN_CONDITIONS:
        return conditions_parse(store_text(r, n), at, count, e);
    }
    return OK;
}

static enum code read_record(const struct store_rows *r, const struct record_table *t, void *record,
                             struct arena *a, struct error *e)
{
    memset(record, 0, t->size);
    for (size_t i = 0; i < t->column_count; i++)
        TRY(read_column(r, (int)i, &t->columns[i], record, a, e));
    struct instant *known = (struct instant *)(void *)((char *)record + t->known_at);
    if (known->us == 0)
        *known = INSTANT_FIRST; /* it was there before this was kept */
    return OK;
}

/* ---- a record into values and JSON ---- */

static const char *bits_text(const struct record_column *c, unsigned bits, struct arena *a)
{
    BUF(b);
    for (int64_t i = 0; i < c->most; i++)
        if (bits >> i & 1) {
            buf_text(&b, b.length ? "," : "");
            buf_text(&b, c->words[i]);
        }
    return str_copy(a, buf_as_str(&b));
}

static const char *conditions_text(const void *conditions, size_t count, struct arena *a)
{
    BUF(b);
    conditions_format(conditions, count, &b);
    return str_copy(a, buf_as_str(&b));
}

static struct sql_value value_of(const struct record_column *c, const void *record, struct arena *a)
{
    const void *at = (const char *)record + c->at;
    size_t count = *(const size_t *)(const void *)((const char *)record + c->count_at);
    const void *ids;
    switch (c->type) {
    case COLUMN_ID:
        return c->flags & COLUMN_NONE_OK ? sql_id_or_null(at) : sql_bytes(at, ID_BYTES);
    case COLUMN_IDS:
        memcpy(&ids, at, sizeof ids);
        return sql_bytes(count ? ids : "", count * ID_BYTES);
    case COLUMN_INT:
        return sql_int(*(const int64_t *)at);
    case COLUMN_BOOL:
        return sql_int(*(const bool *)at);
    case COLUMN_TEXT:
        return sql_text(*(const char *const *)at);
    case COLUMN_INSTANT:
        return sql_instant(*(const struct instant *)at);
    case COLUMN_TERRITORIES:
        return sql_text(territory_set_text(at, a));
    case COLUMN_WORD:
        return sql_text(c->words[*(const int *)at]);
    case COLUMN_BITS:
        return sql_text(bits_text(c, *(const unsigned *)at, a));
    case COLUMN_CONDITIONS:
        return sql_text(conditions_text(at, count, a));
    }
    return sql_null();
}

static void ids_json(const struct record_column *c, const uint8_t *ids, size_t count,
                     struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '[');
    for (size_t i = 0; i < count; i++)
        json_put_text(o, id_format(c->prefix, ids + i * ID_BYTES, id));
    json_end(o, ']');
}

static void bits_json(const struct record_column *c, unsigned bits, struct json_out *o)
{
    json_begin(o, '[');
    for (int64_t i = 0; i < c->most; i++)
        if (bits >> i & 1)
            json_put_text(o, c->words[i]);
    json_end(o, ']');
}

static void column_json(const struct record_column *c, const void *record, struct arena *a,
                        struct json_out *o)
{
    const void *at = (const char *)record + c->at;
    size_t count = *(const size_t *)(const void *)((const char *)record + c->count_at);
    char id[ID_TEXT];
    const uint8_t *ids;
    json_key(o, c->name);
    switch (c->type) {
    case COLUMN_ID:
        json_put_text(o, id_is_none(at) ? NULL : id_format(c->prefix, at, id));
        return;
    case COLUMN_IDS:
        memcpy(&ids, at, sizeof ids);
        ids_json(c, ids, count, o);
        return;
    case COLUMN_INT:
        json_put_int(o, *(const int64_t *)at);
        return;
    case COLUMN_BOOL:
        json_put_bool(o, *(const bool *)at);
        return;
    case COLUMN_TEXT:
        json_put_text(o, *(const char *const *)at);
        return;
    case COLUMN_INSTANT:
        json_put_instant(o, *(const struct instant *)at);
        return;
    case COLUMN_TERRITORIES:
        json_put_text(o, territory_set_text(at, a));
        return;
    case COLUMN_WORD:
        json_put_text(o, c->words[*(const int *)at]);
        return;
    case COLUMN_BITS:
        bits_json(c, *(const unsigned *)at, o);
        return;
    case COLUMN_CONDITIONS:
        json_put_text(o, conditions_text(at, count, a));
        return;
    }
}

void record_json(const struct record_table *t, const void *record, struct json_out *o)
{
    ARENA(a);
    json_begin(o, '{');
    for (size_t i = 0; i < t->column_count; i++)
        column_json(&t->columns[i], record, &a, o);
    json_end(o, '}');
}

/* ---- reading ---- */

void record_where(struct record_filter *f, const char *sql, struct sql_value value)
{
    if (f->count == FILTERS_MOST)
        abort(); /* a programmer's slip */
    f->where[f->count].sql = sql;
    f->where[f->count++].value = value;
}

static void put_columns(struct buf *sql, const struct record_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        buf_format(sql, "%s%s", i ? ", " : "", sql_of(&t->columns[i]));
}

struct asking {
    struct buf sql;
    struct sql_value values[VALUES_MOST];
    size_t count;
};

static size_t ask_value(struct asking *q, struct sql_value v)
{
    q->values[q->count++] = v;
    return q->count;
}

static void asking_done(struct asking *q)
{
    buf_done(&q->sql);
}
#define ASKING(name) __attribute__((cleanup(asking_done))) struct asking name = { 0 }

static bool asked(struct instant t)
{
    return t.us != INT64_MAX;
}

/* " AND from_us <= $n AND until_us > $n" where the thing has a valid time and one is asked for */
static void ask_valid(struct asking *q, const struct record_table *t, struct instant at)
{
    size_t n = 0;
    if (!asked(at))
        return;
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].flags & (COLUMN_FROM | COLUMN_UNTIL)) {
            n = n ? n : ask_value(q, sql_instant(at));
            buf_format(&q->sql, " AND %s %s $%zu", sql_of(&t->columns[i]),
                       t->columns[i].flags & COLUMN_FROM ? "<=" : ">", n);
        }
}

/* `of_holder` with every $P as the parameter's number */
static void ask_holder(struct asking *q, const struct record_table *t,
                       const struct party_id *holder)
{
    if (!holder || party_id_is_none(*holder) || !t->of_holder)
        return;
    size_t n = ask_value(q, sql_bytes(holder->bytes, ID_BYTES));
    buf_text(&q->sql, " AND (");
    for (const char *s = t->of_holder; *s; s++)
        if (s[0] == '$' && s[1] == 'P') {
            buf_format(&q->sql, "$%zu", n);
            s++;
        } else {
            buf_byte(&q->sql, (uint8_t)*s);
        }
    buf_byte(&q->sql, ')');
}

/* What one of the two tables has to say: `rest` is the condition of the caller. */
static void ask_one(struct asking *q, const struct record_table *t, const struct moment *m,
                    const struct party_id *holder, const char *rest, bool past, size_t known)
{
    buf_text(&q->sql, "SELECT ");
    put_columns(&q->sql, t);
    buf_format(&q->sql, " FROM %s%s t WHERE catalogue = $1%s", t->table, past ? "_past" : "", rest);
    if (!past)
        buf_format(&q->sql, " AND %s = 0", t->withdrawn);
    if (known)
        buf_format(&q->sql, " AND known_us <= $%zu", known);
    if (known && past)
        buf_format(&q->sql, " AND known_until_us > $%zu", known);
    ask_valid(q, t, m->at);
    ask_holder(q, t, holder);
}

/* Now, or as it was known: then the versions before may have it. */
static void ask(struct asking *q, const struct record_table *t, const struct moment *m,
                const struct party_id *holder, const char *rest)
{
    size_t known = asked(m->known_at) ? ask_value(q, sql_instant(m->known_at)) : 0;
    ask_one(q, t, m, holder, rest, false, known);
    if (!known)
        return;
    buf_text(&q->sql, " UNION ALL ");
    ask_one(q, t, m, holder, rest, true, known);
}

static enum code run_list(struct store_tx *tx, const struct record_table *t, const struct asking *q,
                          struct arena *a, void **out, size_t *count, struct error *e)
{
    owned(store_rows) rows = NULL;
    struct row_list list = { .arena = a, .size = t->size };
    bool more;
    if (q->sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    TRY(store_query(tx, (const char *)q->sql.bytes, q->values, q->count, &rows, e));
    for (;;) {
        TRY(store_next(rows, &more, e));
        if (!more)
            break;
        TRY(read_record(rows, t, row_list_add(&list), a, e));
    }
    *out = list.items;
    *count = list.count;
    return OK;
}

enum code record_list(struct store_tx *tx, struct party_id catalogue, const struct record_table *t,
                      const struct record_filter *f, struct arena *a, void **out, size_t *count,
                      struct error *e)
{
    ASKING(q);
    BUF(rest);
    ask_value(&q, sql_id(catalogue));
    ask_value(&q, sql_bytes(f->after, ID_BYTES));
    ask_value(&q, sql_int((int64_t)f->limit));
    buf_text(&rest, " AND id > $2");
    for (size_t i = 0; i < f->count; i++)
        if (f->where[i].value.type == SQL_NULL)
            buf_format(&rest, " AND %s IS NOT NULL", f->where[i].sql);
        else
            buf_format(&rest, " AND %s = $%zu", f->where[i].sql, ask_value(&q, f->where[i].value));
    if (rest.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    ask(&q, t, &f->moment, &f->holder, (const char *)rest.bytes);
    buf_text(&q.sql, " ORDER BY id LIMIT $3");
    return run_list(tx, t, &q, a, out, count, e);
}

static enum code no_record(const struct record_table *t, const uint8_t id[ID_BYTES],
                           struct error *e)
{
    char text[ID_TEXT];
    return fail(e, ERR_NOT_FOUND, "there is no %s %s", t->thing, id_format(t->prefix, id, text));
}

enum code record_get(struct store_tx *tx, struct party_id catalogue, const struct record_table *t,
                     const uint8_t id[ID_BYTES], const struct moment *moment,
                     struct party_id holder, struct arena *a, void *out, struct error *e)
{
    ASKING(q);
    void *found;
    size_t count;
    ask_value(&q, sql_id(catalogue));
    ask_value(&q, sql_bytes(id, ID_BYTES));
    ask(&q, t, moment, &holder, " AND id = $2");
    TRY(run_list(tx, t, &q, a, &found, &count, e));
    if (count == 0)
        return no_record(t, id, e);
    memcpy(out, found, t->size);
    return OK;
}

enum code record_versions(struct store_tx *tx, struct party_id catalogue,
                          const struct record_table *t, const uint8_t id[ID_BYTES], struct arena *a,
                          void **out, size_t *count, struct error *e)
{
    ASKING(q);
    ask_value(&q, sql_id(catalogue));
    ask_value(&q, sql_bytes(id, ID_BYTES));
    ask_one(&q, t, &MOMENT_NOW, NULL, " AND id = $2", false, 0);
    buf_text(&q.sql, " UNION ALL ");
    ask_one(&q, t, &MOMENT_NOW, NULL, " AND id = $2", true, 0);
    buf_text(&q.sql, " ORDER BY version LIMIT 100000");
    TRY(run_list(tx, t, &q, a, out, count, e));
    return *count ? OK : no_record(t, id, e);
}

/* ---- writing ---- */

/* The row of this id, withdrawn or not. */
static enum code find_row(const struct registry_act *act, const struct record_table *t,
                          const uint8_t id[ID_BYTES], struct arena *a, void *out, bool *found,
                          bool *withdrawn, struct error *e)
{
    BUF(sql);
    owned(store_rows) rows = NULL;
    buf_text(&sql, "SELECT ");
    put_columns(&sql, t);
    buf_format(&sql, ", %s FROM %s WHERE catalogue = $1 AND id = $2", t->withdrawn, t->table);
    if (sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    TRY(store_one(act->tx, (const char *)sql.bytes,
                  SQL(sql_id(act->catalogue), sql_bytes(id, ID_BYTES)), &rows, found, e));
    if (!*found)
        return OK;
    *withdrawn = store_int(rows, (int)t->column_count) != 0;
    return read_record(rows, t, out, a, e);
}

/* What was known until now goes to the past, where it stays. */
static enum code keep_past(const struct registry_act *act, const struct record_table *t,
                           const uint8_t id[ID_BYTES], struct error *e)
{
    BUF(sql);
    buf_format(&sql, "INSERT INTO %s_past (catalogue, ", t->table);
    put_columns(&sql, t);
    buf_text(&sql, ", known_until_us) SELECT catalogue, ");
    put_columns(&sql, t);
    buf_format(&sql, ", CAST($3 AS BIGINT) FROM %s WHERE catalogue = $1 AND id = $2", t->table);
    if (sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    return store_run(act->tx, (const char *)sql.bytes,
                     SQL(sql_id(act->catalogue), sql_bytes(id, ID_BYTES), sql_instant(act->now)),
                     NULL, e);
}

static enum code write_row(const struct registry_act *act, const struct record_table *t,
                           const void *record, struct error *e)
{
    BUF(sql);
    ARENA(a);
    struct sql_value values[VALUES_MOST];
    size_t n = 0;
    values[n++] = sql_id(act->catalogue);
    buf_format(&sql, "INSERT INTO %s (catalogue, ", t->table);
    put_columns(&sql, t);
    buf_format(&sql, ", %s) VALUES ($1", t->withdrawn);
    for (size_t i = 0; i < t->column_count; i++) {
        values[n++] = value_of(&t->columns[i], record, &a);
        buf_format(&sql, ", $%zu", n);
    }
    buf_format(&sql, ", 0) ON CONFLICT (catalogue, id) DO UPDATE SET %s = 0", t->withdrawn);
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, "id") != 0)
            buf_format(&sql, ", %s = excluded.%s", sql_of(&t->columns[i]), sql_of(&t->columns[i]));
    if (sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    return store_run(act->tx, (const char *)sql.bytes, values, n, NULL, e);
}

static enum code note(const struct registry_act *act, const struct record_table *t, const void *old,
                      const void *now, struct error *e)
{
    BUF(before);
    BUF(after);
    char what[64], text[ID_TEXT];
    struct json_out b = { &before, false }, n = { &after, false };
    if (old)
        record_json(t, old, &b);
    if (now)
        record_json(t, now, &n);
    snprintf(what, sizeof what, "%s.%s", t->thing, !now ? "withdrawn" : old ? "changed" : "added");
    return registry_note(act, what, record_id_text(t, now ? now : old, text), old ? &before : NULL,
                         now ? &after : NULL, e);
}

static enum code check_column(const struct record_column *c, const void *record, struct error *e)
{
    const void *at = (const char *)record + c->at;
    size_t count = *(const size_t *)(const void *)((const char *)record + c->count_at);
    if (c->type == COLUMN_TEXT && c->most)
        return row_check_text(c->name, *(const char *const *)at, c->flags & COLUMN_NONE_OK,
                              (size_t)c->most, e);
    if (c->type == COLUMN_INT && c->most &&
        (*(const int64_t *)at < c->least || *(const int64_t *)at > c->most))
        return fail(e, ERR_INVALID, "%s %lld is not within %lld and %lld", c->name,
                    (long long)*(const int64_t *)at, (long long)c->least, (long long)c->most);
    if (c->type == COLUMN_IDS && count > (size_t)c->most)
        return fail(e, ERR_LIMIT, "%s: at most %lld can be named", c->name, (long long)c->most);
    if (c->type == COLUMN_TERRITORIES && territory_set_is_empty(at))
        return fail(e, ERR_INVALID, "%s are missing", c->name);
    if (c->type == COLUMN_BITS && !(*(const unsigned *)at & ((1u << c->most) - 1)))
        return fail(e, ERR_INVALID, "%s are missing", c->name);
    if (c->type == COLUMN_ID && !(c->flags & (COLUMN_NONE_OK | COLUMN_KEPT)) && id_is_none(at))
        return fail(e, ERR_INVALID, "%s is missing", c->name);
    return OK;
}

static enum code check_times(const struct record_table *t, const void *record, struct error *e)
{
    const struct instant *from = NULL, *until = NULL;
    for (size_t i = 0; i < t->column_count; i++) {
        const struct record_column *c = &t->columns[i];
        if (c->flags & COLUMN_FROM)
            from = (const struct instant *)(const void *)((const char *)record + c->at);
        if (c->flags & COLUMN_UNTIL)
            until = (const struct instant *)(const void *)((const char *)record + c->at);
    }
    return !from || !until || instant_before(*from, *until)
               ? OK
               : fail(e, ERR_INVALID, "until is not after from");
}

static enum code check(const struct registry_act *act, const struct record_table *t, void *record,
                       const void *old, struct arena *a, struct error *e)
{
    for (size_t i = 0; i < t->column_count; i++)
        TRY(check_column(&t->columns[i], record, e));
    TRY(check_times(t, record, e));
    return t->check ? t->check(act, record, old, a, e) : OK;
}

static size_t size_of(const struct record_column *c)
{
    return c->type == COLUMN_ID ? ID_BYTES : sizeof(int64_t);
}

enum code record_put(const struct registry_act *act, const struct record_table *t, void *record,
                     struct error *e)
{
    ARENA(a);
    bool found = false, withdrawn = false;
    void *new = arena_get(&a, 1, t->size), *row = arena_get(&a, 1, t->size), *old = NULL;
    memcpy(new, record, t->size);
    if (id_is_none(id_of(t, new)))
        id_fill((uint8_t *)new + t->id_at, act->now, act->chance);
    else
        TRY(find_row(act, t, id_of(t, new), &a, row, &found, &withdrawn, e));
    if (found && !withdrawn) {
        old = row;
        TRY(row_version(t->thing, *version_of(t, old), *version_of(t, new), e));
    }
    TRY(check(act, t, new, old, &a, e));
    *version_of(t, new) = found ? *version_of(t, row) + 1 : 1;
    *(struct instant *)(void *)((char *)new + t->known_at) = act->now;
    if (old)
        TRY(keep_past(act, t, id_of(t, new), e));
    TRY(write_row(act, t, new, e));
    TRY(note(act, t, old, new, e));
    if (t->after)
        TRY(t->after(act, old, new, e));
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].flags & COLUMN_KEPT)
            memcpy((char *)record + t->columns[i].at, (char *)new + t->columns[i].at,
                   size_of(&t->columns[i]));
    return OK;
}

enum code record_withdraw(const struct registry_act *act, const struct record_table *t,
                          const uint8_t id[ID_BYTES], struct error *e)
{
    ARENA(a);
    BUF(sql);
    bool found, withdrawn = false;
    void *old = arena_get(&a, 1, t->size);
    TRY(find_row(act, t, id, &a, old, &found, &withdrawn, e));
    if (!found || withdrawn)
        return no_record(t, id, e);
    TRY(keep_past(act, t, id, e));
    buf_format(&sql,
               "UPDATE %s SET %s = 1, version = version + 1, known_us = $3 WHERE catalogue = $1 "
               "AND id = $2",
               t->table, t->withdrawn);
    if (sql.failed)
        return fail(e, ERR_MEMORY, "no memory for a statement");
    TRY(store_run(act->tx, (const char *)sql.bytes,
                  SQL(sql_id(act->catalogue), sql_bytes(id, ID_BYTES), sql_instant(act->now)), NULL,
                  e));
    TRY(note(act, t, old, NULL, e));
    return t->after ? t->after(act, old, NULL, e) : OK;
}
