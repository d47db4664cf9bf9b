/* SPDX-License-Identifier: Apache-2.0 */
/* The settings table and the three places that override it. */
#include "base/settings.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *value, *unit, *help;
} table[] = {
#define ROW(name, value, unit, help) { name, value, unit, help },
#include "base/settings.def"
#undef ROW
};

const char *setting_origin_word(enum setting_origin origin)
{
    static const char *const words[] = { "default", "file", "environment", "flag" };
    return words[origin];
}

void settings_init(struct settings *s)
{
    *s = (struct settings) { .count = COUNT_OF(table) };
    s->rows = ARENA_ARRAY(&s->arena, struct setting, s->count);
    for (size_t i = 0; i < s->count; i++)
        s->rows[i] = (struct setting) { table[i].name,  table[i].unit,   table[i].help,
                                        table[i].value, SETTING_DEFAULT, "" };
}

void settings_done(struct settings *s)
{
    arena_done(&s->arena);
    *s = (struct settings) { 0 };
}

static struct setting *row_of(const struct settings *s, struct str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->rows[i].name))
            return &s->rows[i];
    return NULL;
}

static enum code set(struct settings *s, struct str name, struct str value,
                     enum setting_origin origin, const char *place, struct error *e)
{
    struct setting *row = row_of(s, name);
    if (!row)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a setting; \"licet config\" lists them",
                    STR_ARG(name));
    if (origin < row->origin)
        return OK;
    row->value = str_copy(&s->arena, value);
    row->origin = origin;
    row->place = place;
    return OK;
}

enum code settings_read(struct settings *s, const char *file, struct str text, struct error *e)
{
    struct str line;
    for (int number = 1; str_split(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (line.length == 0 || line.at[0] == '#')
            continue;
        struct str rest = line, name;
        str_split(&rest, '=', &name);
        if (!rest.at)
            return fail(e, ERR_INVALID, "%s: line %d: there is no \"=\"", file, number);
        const char *place = arena_format(&s->arena, "%s:%d", file, number);
        if (set(s, str_trim(name), str_trim(rest), SETTING_FILE, place, e) != OK)
            return fail_in(e, "%s: line %d", file, number);
    }
    return OK;
}

/* http.listen <-> LICET_HTTP_LISTEN */
static bool is_variable_of(struct str variable, const char *name)
{
    size_t n = strlen(name);
    if (variable.length != n + 6)
        return false;
    for (size_t i = 0; i < n; i++) {
        char want = name[i] == '.' ? '_' : (char)toupper((unsigned char)name[i]);
        if (variable.at[6 + i] != want)
            return false;
    }
    return true;
}

enum code settings_read_environment(struct settings *s, char *const *environment, struct error *e)
{
    for (; *environment; environment++) {
        struct str value = str_of(*environment), name;
        str_split(&value, '=', &name);
        if (!str_starts(name, "LICET_") || str_is(name, "LICET_DATA") ||
            str_starts(name, "LICET_TEST_") || !value.at)
            continue;
        struct setting *row = NULL;
        for (size_t i = 0; i < s->count && !row; i++)
            if (is_variable_of(name, s->rows[i].name))
                row = &s->rows[i];
        if (!row)
            return fail(e, ERR_INVALID, "the variable %.*s is not a setting", STR_ARG(name));
        TRY(set(s, str_of(row->name), value, SETTING_ENVIRONMENT, str_copy(&s->arena, name), e));
    }
    return OK;
}

enum code settings_flag(struct settings *s, struct str name_and_value, struct error *e)
{
    struct str rest = name_and_value, name;
    str_split(&rest, '=', &name);
    if (!rest.at)
        return fail(e, ERR_INVALID, "--set wants name=value, not \"%.*s\"",
                    STR_ARG(name_and_value));
    return set(s, str_trim(name), str_trim(rest), SETTING_FLAG, "--set", e);
}

const char *settings_text(const struct settings *s, const char *name)
{
    struct setting *row = row_of(s, str_of(name));
    assert(row);
    return row->value;
}

static enum code in_place(const struct settings *s, const char *name, struct error *e)
{
    struct setting *row = row_of(s, str_of(name));
    return row->place[0] ? fail_in(e, "%s (%s)", name, row->place) : fail_in(e, "%s", name);
}

enum code settings_int(const struct settings *s, const char *name, int64_t least, int64_t most,
                       int64_t *out, struct error *e)
{
    if (str_to_int64(str_of(settings_text(s, name)), least, most, out, e) != OK)
        return in_place(s, name, e);
    return OK;
}

enum code settings_real(const struct settings *s, const char *name, double least, double most,
                        double *out, struct error *e)
{
    const char *text = settings_text(s, name);
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= least && value <= most)) {
        fail(e, ERR_INVALID, "\"%s\" is not a number between %g and %g", text, least, most);
        return in_place(s, name, e);
    }
    *out = value;
    return OK;
}
