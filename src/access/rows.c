/* SPDX-License-Identifier: Apache-2.0 */
/* Rows into arenas, the checks of fields, the record in the journal. */
#include "access/rows.h"

const char *access_row_text(const struct store_rows *r, int column, struct arena *a)
{
    return str_copy(a, store_text(r, column));
}

enum code access_row_list(struct store_tx *tx, const char *sql, const struct sql_value *values,
                          size_t count, size_t limit, size_t size,
                          void (*read)(const struct store_rows *, struct arena *, void *),
                          struct arena *a, void **out, size_t *found, struct error *e)
{
    owned(store_rows) r = NULL;
    if (limit < 1 || limit > ACCESS_LIST_MOST)
        return fail(e, ERR_INVALID, "a list has 1 to %d records", ACCESS_LIST_MOST);
    TRY(store_query(tx, sql, values, count, &r, e));
    uint8_t *list = NULL;
    size_t n = 0, room = 0;
    for (;;) {
        bool more;
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        if (n == room) {
            room = room ? 2 * room : 16;
            uint8_t *larger = arena_try(a, room, size);
            if (!larger)
                return fail(e, ERR_MEMORY, "no memory for a list");
            if (n)
                memcpy(larger, list, n * size);
            list = larger;
        }
        read(r, a, list + n++ * size);
    }
    *out = list;
    *found = n;
    return OK;
}

enum code access_row_get(struct store_tx *tx, const char *sql, const struct sql_value *values,
                         size_t count, const char *thing, struct str words,
                         void (*read)(const struct store_rows *, struct arena *, void *),
                         struct arena *a, void *out, struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, sql, values, count, &r, &found, e));
    if (!found)
        return fail(e, ERR_NOT_FOUND, "there is no %s \"%.*s\"", thing,
                    (int)(words.length > 80 ? 80 : words.length), words.at ? words.at : "");
    read(r, a, out);
    return OK;
}

enum code check_slug(const char *slug, struct error *e)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t n = slug ? strspn(slug, letters) : 0;
    if (n < 1 || n > 64 || slug[n])
        return fail(e, ERR_INVALID,
                    "slug \"%.80s\": 1 to 64 of lower case letters, digits, '-', '_' and '.'",
                    slug ? slug : "");
    return OK;
}

enum code check_text(const char *field, const char *text, size_t least, size_t most,
                     struct error *e)
{
    struct str s = str_of(text);
    if (s.length < least)
        return fail(e, ERR_INVALID, "%s is missing", field);
    if (s.length > most)
        return fail(e, ERR_INVALID, "%s is longer than %zu bytes", field, most);
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
            return fail(e, ERR_INVALID, "%s has a control character", field);
    if (s.length && !str_is_utf8(s))
        return fail(e, ERR_INVALID, "%s is not UTF-8", field);
    return OK;
}

enum code check_word(const char *field, const char *const *words, const char **word,
                     struct error *e)
{
    if (!*word || !**word) {
        *word = words[0];
        return OK;
    }
    BUF(all);
    for (size_t i = 0; words[i]; i++) {
        if (strcmp(*word, words[i]) == 0) {
            *word = words[i];
            return OK;
        }
        buf_format(&all, "%s%s", i ? ", " : "", words[i]);
    }
    return fail(e, ERR_INVALID, "%s \"%.40s\" is not one of %s", field, *word,
                all.bytes ? (char *)all.bytes : "its words");
}

enum code check_version(const char *thing, int64_t has, int64_t saw, struct error *e)
{
    if (saw != 0 && saw != has)
        return fail(e, ERR_CONFLICT, "the %s is at version %lld, not %lld", thing, (long long)has,
                    (long long)saw);
    return OK;
}

enum code check_changed(const char *thing, int64_t changed, struct error *e)
{
    return changed == 1 ? OK : fail(e, ERR_CONFLICT, "the %s was changed meanwhile", thing);
}

enum code access_note(const struct access_act *act, const char *what, const char *subject,
                      const struct buf *before, const struct buf *after, struct error *e)
{
    if ((before && before->failed) || (after && after->failed))
        return fail(e, ERR_MEMORY, "no memory for the journal");
    return journal_append(act->tx,
                          &(struct journal_entry) {
                              .who = act->who,
                              .what = str_of(what),
                              .subject = str_of(subject),
                              .before = before ? buf_as_str(before) : (struct str) { 0 },
                              .after = after ? buf_as_str(after) : (struct str) { 0 },
                              .why = act->why,
                              .when = act->now,
                          },
                          e);
}
