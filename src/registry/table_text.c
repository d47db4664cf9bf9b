/* SPDX-License-Identifier: Apache-2.0 */
/* Columns set from text as people and programs write it: ids by their names too. */
#include "registry/conflicts.h"
#include "registry/rows.h"
#include "registry/upload_claims.h"

static enum code party_named(const struct record_names *n, struct str text, uint8_t *out,
                             struct error *e)
{
    ARENA(a);
    struct party found;
    TRY(registry_party_find(n->tx, n->catalogue, text, &a, &found, e));
    memcpy(out, found.id.bytes, ID_BYTES);
    return OK;
}

static enum code recording_named(const struct record_names *n, struct str text, uint8_t *out,
                                 struct error *e)
{
    ARENA(a);
    struct recording found;
    TRY(registry_recording_find(n->tx, n->catalogue, text, &a, &found, e));
    memcpy(out, found.id.bytes, ID_BYTES);
    return OK;
}

static enum code work_named(const struct record_names *n, struct str text, uint8_t *out,
                            struct error *e)
{
    ARENA(a);
    struct work found;
    TRY(registry_work_find(n->tx, n->catalogue, text, &a, &found, e));
    memcpy(out, found.id.bytes, ID_BYTES);
    return OK;
}

static enum code release_named(const struct record_names *n, struct str text, uint8_t *out,
                               struct error *e)
{
    ARENA(a);
    struct release found;
    TRY(registry_release_find(n->tx, n->catalogue, text, &a, &found, e));
    memcpy(out, found.id.bytes, ID_BYTES);
    return OK;
}

static const struct {
    const char *prefix;
    enum code (*find)(const struct record_names *n, struct str text, uint8_t *out, struct error *e);
} named[] = {
    { "pty", party_named },
    { "rec", recording_named },
    { "wrk", work_named },
    { "rls", release_named },
};

enum code record_id_of(const struct record_names *n, const char *prefix, struct str text,
                       uint8_t out[ID_BYTES], struct error *e)
{
    struct error ignored;
    if (id_parse(prefix, "record", text, out, &ignored) == OK)
        return OK;
    bool is_id = str_starts(text, prefix) && text.length > 3 && text.at[3] == '_';
    for (size_t i = 0; i < COUNT_OF(named) && !is_id; i++)
        if (strcmp(named[i].prefix, prefix) == 0)
            return named[i].find(n, text, out, e);
    if (n->other && !is_id)
        return n->other(n->ctx, prefix, text, out, e);
    return fail(e, ERR_INVALID, "\"%.*s\" is not an id like %s_...",
                (int)(text.length > 60 ? 60 : text.length), text.at ? text.at : "", prefix);
}

static bool next_word(struct str *rest, struct str *word)
{
    while (str_split(rest, ',', word)) {
        *word = str_trim(*word);
        if (word->length)
            return true;
    }
    return false;
}

static enum code set_ids(const struct record_names *n, const struct record_column *c,
                         struct str text, struct arena *a, void *field, size_t *count,
                         struct error *e)
{
    uint8_t *ids = arena_get(a, (size_t)c->most + 1, ID_BYTES);
    const void *kept = ids;
    struct str word;
    size_t got = 0;
    while (next_word(&text, &word)) {
        if (got == (size_t)c->most)
            return fail(e, ERR_LIMIT, "at most %lld can be named", (long long)c->most);
        TRY(record_id_of(n, c->prefix, word, ids + got++ * ID_BYTES, e));
    }
    *count = got;
    if (!got)
        kept = NULL;
    memcpy(field, &kept, sizeof kept);
    return OK;
}

static enum code set_word(const struct record_column *c, struct str text, int *out, struct error *e)
{
    BUF(all);
    for (int64_t i = 0; i < c->most; i++) {
        if (str_is(text, c->words[i])) {
            *out = (int)i;
            return OK;
        }
        buf_text(&all, i ? ", " : "");
        buf_text(&all, c->words[i]);
    }
    return fail(e, ERR_INVALID, "\"%.*s\" is not one of: %.*s",
                (int)(text.length > 60 ? 60 : text.length), text.at ? text.at : "",
                STR_ARG(buf_as_str(&all)));
}

static enum code set_bits(const struct record_column *c, struct str text, unsigned *out,
                          struct error *e)
{
    struct str word;
    unsigned bits = 0;
    while (next_word(&text, &word)) {
        int one = 0;
        TRY(set_word(c, word, &one, e));
        bits |= 1u << one;
    }
    *out = bits ? bits : (1u << c->most) - 1;
    return OK;
}

static enum code set_bool(struct str text, bool *out, struct error *e)
{
    if (!str_is(text, "true") && !str_is(text, "false"))
        return fail(e, ERR_INVALID, "\"%.*s\" is neither true nor false", STR_ARG(text));
    *out = str_is(text, "true");
    return OK;
}

static enum code set_instant(const struct record_column *c, struct str text, struct instant *out,
                             struct error *e)
{
    if (text.length)
        return instant_parse(text, out, e);
    *out = c->flags & COLUMN_FROM ? INSTANT_FIRST : INSTANT_NEVER;
    return OK;
}

static enum code set_int(const struct record_column *c, struct str text, int64_t *out,
                         struct error *e)
{
    *out = 0;
    return text.length ? str_to_int64(text, c->most ? c->least : INT64_MIN,
                                      c->most ? c->most : INT64_MAX, out, e)
                       : OK;
}

enum code record_set(const struct record_names *n, const struct record_column *c, void *record,
                     struct str text, struct arena *a, struct error *e)
{
    void *at = (char *)record + c->at;
    size_t *count = (size_t *)(void *)((char *)record + c->count_at);
    switch (c->type) {
    case COLUMN_ID:
        memset(at, 0, ID_BYTES);
        return text.length ? record_id_of(n, c->prefix, text, at, e) : OK;
    case COLUMN_IDS:
        return set_ids(n, c, text, a, at, count, e);
    case COLUMN_INT:
        return set_int(c, text, at, e);
    case COLUMN_BOOL:
        return set_bool(text, at, e);
    case COLUMN_TEXT:
        *(const char **)at = !text.length && (c->flags & COLUMN_EMPTY)     ? ""
                             : !text.length && (c->flags & COLUMN_NONE_OK) ? NULL
                                                                           : str_copy(a, text);
        return OK;
    case COLUMN_INSTANT:
        return set_instant(c, text, at, e);
    case COLUMN_TERRITORIES:
        return territory_set_parse(text.length ? text : STR("Worldwide"), at, NULL, e);
    case COLUMN_WORD:
        return set_word(c, text, at, e);
    case COLUMN_BITS:
        return set_bits(c, text, at, e);
    case COLUMN_CONDITIONS:
        return conditions_parse(text, at, count, e);
    }
    return OK;
}

void record_begin(const struct record_table *t, void *record)
{
    memset(record, 0, t->size);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct record_column *c = &t->columns[i];
        void *at = (char *)record + c->at;
        if (c->flags & COLUMN_FROM)
            *(struct instant *)at = INSTANT_FIRST;
        if (c->flags & COLUMN_UNTIL)
            *(struct instant *)at = INSTANT_NEVER;
        if (c->type == COLUMN_TERRITORIES)
            *(struct territory_set *)at = territory_set_world();
        if (c->flags & COLUMN_EMPTY)
            *(const char **)at = "";
        if (c->type == COLUMN_BITS)
            *(unsigned *)at = (1u << c->most) - 1;
    }
}

static const struct record_table *const tables[] = {
    &table_parties,    &table_recordings, &table_works,      &table_recording_works,
    &table_releases,   &table_tracks,     &table_relations,  &table_references,
    &table_claims,     &table_policies,   &table_issues,     &table_sources,
    &table_allowances, &table_exclusions, &table_exceptions, &table_upload_claims,
};

const struct record_table *record_table_of(struct str thing)
{
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        if (str_is(thing, tables[i]->thing))
            return tables[i];
    return NULL;
}
