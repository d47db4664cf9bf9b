/* SPDX-License-Identifier: Apache-2.0 */
/* Strict JSON in, canonical JSON out. */
#include "base/json.h"

#include <math.h>
#include <stdio.h>

enum code json_read(struct str text, json_t **out, struct error *e)
{
    json_error_t at;
    json_t *value = json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &at);
    if (!value)
        return fail(e, ERR_INVALID, "JSON line %d column %d: %s", at.line, at.column, at.text);
    *out = value;
    return OK;
}

static const char *type_word(const json_t *v)
{
    static const char *const words[] = { "an object",     "an array", "a string", "an integer",
                                         "a real number", "true",     "false",    "null" };
    return words[json_typeof(v)];
}

static enum code wrong_type(const char *name, const char *want, const json_t *got, struct error *e)
{
    return fail(e, ERR_INVALID, "\"%s\" must be %s, not %s", name, want, type_word(got));
}

enum code json_member_text(const json_t *o, const char *name, const char **out, struct error *e)
{
    const json_t *v = json_object_get(o, name);
    if (v && !json_is_null(v) && !json_is_string(v))
        return wrong_type(name, "a string", v, e);
    *out = v && json_is_string(v) ? json_string_value(v) : NULL;
    return OK;
}

enum code json_member_int(const json_t *o, const char *name, int64_t absent, int64_t *out,
                          struct error *e)
{
    const json_t *v = json_object_get(o, name);
    if (v && !json_is_null(v) && !json_is_integer(v))
        return wrong_type(name, "an integer", v, e);
    *out = v && json_is_integer(v) ? json_integer_value(v) : absent;
    return OK;
}

enum code json_member_bool(const json_t *o, const char *name, bool absent, bool *out,
                           struct error *e)
{
    const json_t *v = json_object_get(o, name);
    if (v && !json_is_null(v) && !json_is_boolean(v))
        return wrong_type(name, "true or false", v, e);
    *out = v && json_is_boolean(v) ? json_is_true(v) : absent;
    return OK;
}

enum code json_only(const json_t *o, const char *const *names, struct error *e)
{
    const char *key;
    json_t *value;
    if (!json_is_object(o))
        return fail(e, ERR_INVALID, "an object is wanted, not %s", type_word(o));
    json_object_foreach((json_t *)(uintptr_t)o, key, value)
    {
        bool known = false;
        for (const char *const *n = names; *n && !known; n++)
            known = strcmp(*n, key) == 0;
        if (!known)
            return fail(e, ERR_INVALID, "\"%s\" is not a known field", key);
    }
    return OK;
}

static void separate(struct json_out *o)
{
    if (o->comma)
        buf_byte(o->to, ',');
    o->comma = true;
}

void json_begin(struct json_out *o, char bracket)
{
    separate(o);
    buf_byte(o->to, (uint8_t)bracket);
    o->comma = false;
}

void json_end(struct json_out *o, char bracket)
{
    buf_byte(o->to, (uint8_t)bracket);
    o->comma = true;
}

static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t n = *p < 0x80 ? 1 : *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
    return n <= left && str_is_utf8((struct str) { (const char *)p, n }) ? n : 0;
}

static void put_quoted(struct buf *to, struct str s)
{
    const unsigned char *p = (const unsigned char *)s.at, *end = p + s.length;
    buf_byte(to, '"');
    while (p < end) {
        const unsigned char *plain = p; /* most text needs no escape: copied in one piece */
        while (p < end && *p >= 0x20 && *p < 0x7F && *p != '"' && *p != '\\')
            p++;
        buf_put(to, plain, (size_t)(p - plain));
        if (p == end)
            break;
        size_t n = utf8_length(p, (size_t)(end - p));
        if (n == 0) {
            buf_text(to, "\xEF\xBF\xBD");
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            buf_byte(to, '\\');
            buf_byte(to, *p);
        } else if (*p == '\n') {
            buf_text(to, "\\n");
        } else if (*p == '\t') {
            buf_text(to, "\\t");
        } else if (*p == '\r') {
            buf_text(to, "\\r");
        } else if (*p < 0x20 || *p == 0x7F) {
            buf_format(to, "\\u%04x", *p);
        } else {
            buf_put(to, p, n);
        }
        p += n;
    }
    buf_byte(to, '"');
}

void json_key(struct json_out *o, const char *name)
{
    separate(o);
    put_quoted(o->to, str_of(name));
    buf_byte(o->to, ':');
    o->comma = false;
}

void json_put_str(struct json_out *o, struct str s)
{
    separate(o);
    put_quoted(o->to, s);
}

void json_put_text(struct json_out *o, const char *s)
{
    if (s)
        json_put_str(o, str_of(s));
    else
        json_put_null(o);
}

void json_put_int(struct json_out *o, int64_t value)
{
    separate(o);
    buf_int(o->to, value);
}

void json_put_bool(struct json_out *o, bool value)
{
    separate(o);
    buf_text(o->to, value ? "true" : "false");
}

void json_put_null(struct json_out *o)
{
    separate(o);
    buf_text(o->to, "null");
}

void json_put_number(struct json_out *o, double value, int places)
{
    char text[400];
    if (!isfinite(value)) {
        json_put_null(o);
        return;
    }
    separate(o);
    double size = fabs(value);
    if (size != 0 && size < 1e-6 && places > 6)
        snprintf(text, sizeof text, "%.1e", value);
    else
        snprintf(text, sizeof text, "%.*f", places, value);
    if (strchr(text, '.') && !strchr(text, 'e')) {
        char *end = text + strlen(text) - 1;
        while (*end == '0' && end[-1] != '.')
            *end-- = '\0';
    }
    buf_text(o->to, strcmp(text, "-0.0") == 0 ? "0.0" : text);
}

void json_put_instant(struct json_out *o, struct instant t)
{
    char text[INSTANT_TEXT];
    instant_format(t, text);
    json_put_text(o, text[0] ? text : NULL);
}

void json_put_raw(struct json_out *o, struct str json)
{
    separate(o);
    buf_str(o->to, json);
}

void json_text(struct json_out *o, const char *name, const char *value)
{
    json_key(o, name);
    json_put_text(o, value);
}

void json_str(struct json_out *o, const char *name, struct str value)
{
    json_key(o, name);
    json_put_str(o, value);
}

void json_int(struct json_out *o, const char *name, int64_t value)
{
    json_key(o, name);
    json_put_int(o, value);
}

void json_bool(struct json_out *o, const char *name, bool value)
{
    json_key(o, name);
    json_put_bool(o, value);
}

void json_number_places(struct json_out *o, const char *name, double value, int places)
{
    json_key(o, name);
    json_put_number(o, value, places);
}

void json_instant(struct json_out *o, const char *name, struct instant t)
{
    json_key(o, name);
    json_put_instant(o, t);
}
