/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema, the part of it that the OpenAPI document uses. */
#include "schema.h"

#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <strings.h>

struct place {
    const json_t *document;
    char *why;
    size_t room;
};

static bool wrong(const struct place *p, const char *at, const char *what)
{
    snprintf(p->why, p->room, "%s: %s", at, what);
    return false;
}

const json_t *schema_resolve(const json_t *document, const json_t *v)
{
    const char *to = json_string_value(json_object_get(v, "$ref"));
    if (!to)
        return v;
    struct str rest = str_of(to), part;
    const json_t *at = document;
    str_split(&rest, '/', &part);
    while (str_split(&rest, '/', &part)) {
        char name[80];
        snprintf(name, sizeof name, "%.*s", STR_ARG(part));
        at = json_object_get(at, name);
    }
    return at;
}

static bool is_type(const json_t *v, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(v)) ||
           (strcmp(type, "array") == 0 && json_is_array(v)) ||
           (strcmp(type, "string") == 0 && json_is_string(v)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(v)) ||
           (strcmp(type, "number") == 0 && json_is_number(v)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(v)) ||
           (strcmp(type, "null") == 0 && json_is_null(v));
}

static bool type_holds(const json_t *type, const json_t *v)
{
    if (json_is_string(type))
        return is_type(v, json_string_value(type));
    for (size_t i = 0; i < json_array_size(type); i++)
        if (is_type(v, json_string_value(json_array_get(type, i))))
            return true;
    return false;
}

static bool known_keyword(const char *word)
{
    static const char *const known[] = { "$ref",
                                         "type",
                                         "enum",
                                         "pattern",
                                         "properties",
                                         "required",
                                         "additionalProperties",
                                         "items",
                                         "oneOf",
                                         "minimum",
                                         "maximum",
                                         "minItems",
                                         "maxItems",
                                         "format",
                                         "default",
                                         "description",
                                         "minLength",
                                         "maxLength",
                                         NULL };
    for (const char *const *k = known; *k; k++)
        if (strcmp(*k, word) == 0)
            return true;
    return false;
}

static bool pattern_holds(const char *pattern, const char *text)
{
    regex_t r;
    if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool hit = regexec(&r, text, 0, NULL, 0) == 0;
    regfree(&r);
    return hit;
}

static bool holds(const struct place *p, const json_t *schema, const json_t *v, const char *at);

static bool string_holds(const struct place *p, const json_t *schema, const json_t *v,
                         const char *at)
{
    const char *pattern = json_string_value(json_object_get(schema, "pattern"));
    const char *format = json_string_value(json_object_get(schema, "format"));
    struct instant t;
    if (!json_is_string(v))
        return true;
    if (pattern && !pattern_holds(pattern, json_string_value(v)))
        return wrong(p, at, "does not match its pattern");
    if (format && strcmp(format, "date-time") == 0 &&
        instant_parse(str_of(json_string_value(v)), &t, NULL) != OK)
        return wrong(p, at, "is not a date-time");
    return true;
}

static bool object_holds(const struct place *p, const json_t *schema, const json_t *v,
                         const char *at)
{
    const json_t *properties = json_object_get(schema, "properties");
    const json_t *required = json_object_get(schema, "required");
    bool closed = json_is_false(json_object_get(schema, "additionalProperties"));
    const char *name;
    json_t *member;
    char where[400];
    if (!json_is_object(v))
        return true;
    for (size_t i = 0; i < json_array_size(required); i++)
        if (!json_object_get(v, json_string_value(json_array_get(required, i)))) {
            snprintf(where, sizeof where, "%s/%s", at,
                     json_string_value(json_array_get(required, i)));
            return wrong(p, where, "is missing");
        }
    json_object_foreach((json_t *)(uintptr_t)v, name, member)
    {
        const json_t *of = json_object_get(properties, name);
        snprintf(where, sizeof where, "%s/%s", at, name);
        if (!of && closed)
            return wrong(p, where, "is not in the document");
        if (of && !holds(p, of, member, where))
            return false;
    }
    return true;
}

static bool array_holds(const struct place *p, const json_t *schema, const json_t *v,
                        const char *at)
{
    const json_t *items = json_object_get(schema, "items");
    char where[400];
    for (size_t i = 0; json_is_array(v) && items && i < json_array_size(v); i++) {
        snprintf(where, sizeof where, "%s/%zu", at, i);
        if (!holds(p, items, json_array_get(v, i), where))
            return false;
    }
    return true;
}

static bool one_holds(const struct place *p, const json_t *choices, const json_t *v, const char *at)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(choices); i++)
        count += holds(p, json_array_get(choices, i), v, at);
    return count == 1 ? true : wrong(p, at, "is not exactly one of the choices");
}

static bool enum_holds(const json_t *words, const json_t *v)
{
    for (size_t i = 0; i < json_array_size(words); i++)
        if (json_equal(json_array_get(words, i), v))
            return true;
    return false;
}

static bool holds(const struct place *p, const json_t *schema, const json_t *v, const char *at)
{
    const char *word;
    json_t *unused;
    schema = schema_resolve(p->document, schema);
    if (!json_is_object(schema))
        return wrong(p, at, "has no schema");
    json_object_foreach((json_t *)(uintptr_t)schema, word, unused)
    {
        if (!known_keyword(word))
            return wrong(p, word, "is a keyword this validator does not know");
    }
    const json_t *type = json_object_get(schema, "type"), *words = json_object_get(schema, "enum");
    const json_t *least = json_object_get(schema, "minimum");
    const json_t *most = json_object_get(schema, "maximum");
    const json_t *choices = json_object_get(schema, "oneOf");
    if (type && !type_holds(type, v))
        return wrong(p, at, "is of another type");
    if (words && !enum_holds(words, v))
        return wrong(p, at, "is not one of its words");
    if (json_is_number(v) && least && json_number_value(v) < json_number_value(least))
        return wrong(p, at, "is below its minimum");
    if (json_is_number(v) && most && json_number_value(v) > json_number_value(most))
        return wrong(p, at, "is above its maximum");
    if (choices && !one_holds(p, choices, v, at))
        return false;
    return string_holds(p, schema, v, at) && object_holds(p, schema, v, at) &&
           array_holds(p, schema, v, at);
}

bool schema_holds(const json_t *document, const json_t *schema, const json_t *value, char *why,
                  size_t room)
{
    struct place p = { document, why, room };
    return holds(&p, schema, value, "");
}

/* "/a/{b}" is "/a/x"; the path's query does not count */
static bool is_path(const char *written, const char *asked)
{
    size_t length = strcspn(asked, "?");
    struct str a = str_of(written), b = { asked, length }, x, y;
    for (;;) {
        bool more_a = str_split(&a, '/', &x), more_b = str_split(&b, '/', &y);
        if (more_a != more_b)
            return false;
        if (!more_a)
            return true;
        if (!str_equal(x, y) && !(x.length > 2 && x.at[0] == '{' && y.length > 0))
            return false;
    }
}

const json_t *schema_operation(const json_t *document, const char *method, const char *path)
{
    const json_t *paths = json_object_get(document, "paths"), *best = NULL;
    const char *written;
    json_t *item;
    char low[16] = "";
    for (size_t i = 0; method[i] && i < sizeof low - 1; i++)
        low[i] = (char)tolower((unsigned char)method[i]);
    json_object_foreach((json_t *)(uintptr_t)paths, written, item)
    {
        const json_t *operation = json_object_get(item, low);
        if (operation && is_path(written, path) && (!best || !strchr(written, '{')))
            best = operation;
    }
    return best;
}

const json_t *schema_of_answer(const json_t *document, const char *method, const char *path,
                               int status, const char *type)
{
    char number[16], bare[80];
    snprintf(number, sizeof number, "%d", status);
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(type, ";"), type);
    const json_t *answers = json_object_get(schema_operation(document, method, path), "responses");
    const json_t *answer = json_object_get(answers, number);
    if (!answer && status >= 400)
        answer = json_object_get(answers, "default");
    answer = schema_resolve(document, answer);
    return json_object_get(json_object_get(json_object_get(answer, "content"), bare), "schema");
}
