/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the records of the registry: the operator, the generation, notes in the journal. */
#include "registry/rows.h"

#include "journal/journal.h"

const char *row_text(const struct store_rows *r, int column, struct arena *a)
{
    return store_is_null(r, column) ? NULL : str_copy(a, store_text(r, column));
}

void *row_list_add(struct row_list *l)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 16;
        void *items = arena_get(l->arena, room, l->size);
        if (l->count)
            memcpy(items, l->items, l->count * l->size);
        l->items = items;
        l->room = room;
    }
    return (char *)l->items + l->count++ * l->size;
}

enum code row_version(const char *thing, int64_t has, int64_t saw, struct error *e)
{
    if (saw == 0 || saw == has)
        return OK;
    return fail(e, ERR_CONFLICT, "the %s has changed since: it is at version %lld, not %lld", thing,
                (long long)has, (long long)saw);
}

enum code row_check_text(const char *field, const char *text, bool may_be_empty, size_t most,
                         struct error *e)
{
    size_t length = text ? strlen(text) : 0;
    if (length == 0 && !may_be_empty)
        return fail(e, ERR_INVALID, "%s is missing", field);
    if (length > most)
        return fail(e, ERR_INVALID, "%s is longer than %zu bytes", field, most);
    if (length && !str_is_utf8(str_of(text)))
        return fail(e, ERR_INVALID, "%s is not UTF-8", field);
    return OK;
}

enum code row_check_slug(const char *text, struct error *e)
{
    size_t n = text ? strlen(text) : 0;
    bool good = n >= 1 && n <= 64;
    for (size_t i = 0; good && i < n; i++)
        good = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
               text[i] == '-' || text[i] == '_' || text[i] == '.';
    return good ? OK
                : fail(e, ERR_INVALID,
                       "\"%s\" is not a short name of 1 to 64 small letters, digits, - _ .",
                       text ? text : "");
}

enum code registry_operator(struct store_tx *tx, struct instant now, const struct chance *chance,
                            struct party_id *out, struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx, "SELECT catalogue FROM registry_operator WHERE id = 1", SQL_NONE, &rows,
                  &found, e));
    if (found) {
        store_id(rows, 0, out->bytes);
        return OK;
    }
    struct party p = { .id = party_id_make(now, chance), .slug = "operator", .name = "Operator" };
    struct registry_act act = { tx, p.id, STR("licet"), STR("a new installation"), now, chance };
    TRY(store_run(tx, "INSERT INTO registry_operator (id, catalogue) VALUES (1, $1)",
                  SQL(sql_id(p.id)), NULL, e));
    *out = p.id;
    return registry_party_put(&act, &p, e);
}

enum code registry_generation(struct store_tx *tx, struct party_id catalogue, int64_t *out,
                              struct error *e)
{
    owned(store_rows) rows = NULL;
    bool found;
    TRY(store_one(tx, "SELECT number FROM registry_generation WHERE catalogue = $1",
                  SQL(sql_id(catalogue)), &rows, &found, e));
    *out = found ? store_int(rows, 0) : 0;
    return OK;
}

enum code registry_generation_bump(struct store_tx *tx, struct party_id catalogue, struct error *e)
{
    return store_run(
        tx,
        "INSERT INTO registry_generation (catalogue, number) VALUES ($1, 1) "
        "ON CONFLICT (catalogue) DO UPDATE SET number = registry_generation.number + 1",
        SQL(sql_id(catalogue)), NULL, e);
}

enum code registry_note(const struct registry_act *act, const char *what, const char *subject,
                        const struct buf *before, const struct buf *after, struct error *e)
{
    struct journal_entry entry = {
        .who = act->who,
        .what = str_of(what),
        .subject = str_of(subject),
        .before = before ? buf_as_str(before) : STR(""),
        .after = after ? buf_as_str(after) : STR(""),
        .why = act->why,
        .when = act->now,
    };
    if ((before && before->failed) || (after && after->failed))
        return fail(e, ERR_MEMORY, "no memory for the journal");
    TRY(journal_append(act->tx, &entry, e));
    return registry_generation_bump(act->tx, act->catalogue, e);
}
