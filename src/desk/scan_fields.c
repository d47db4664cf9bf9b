/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over an event's JSON: members of the outermost object by name, the rest skipped. */
#include <stddef.h>

#include "desk/scan.h"

struct str scan_text(struct str json, const char *name)
{
    char key[48];
    int length = snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = memmem(json.at, json.length, key, (size_t)length);
    if (!at)
        return STR("");
    at += length;
    const char *end = memchr(at, '"', (size_t)(json.at + json.length - at));
    return end ? (struct str) { at, (size_t)(end - at) } : STR("");
}

enum kind { TEXT, NUMBER, BOOLEAN, OBJECT };
#define FIELD(kind, name)                                                                          \
    {                                                                                              \
#name, sizeof #name - 1, kind, offsetof(struct scan_fields, name)                          \
    }
static const struct {
    const char *name;
    uint8_t length, kind;
    size_t at;
} fields[] = {
    FIELD(TEXT, sender),     FIELD(TEXT, channel),        FIELD(TEXT, regime),
    FIELD(TEXT, notice),     FIELD(TEXT, event),          FIELD(TEXT, from),
    FIELD(TEXT, to),         FIELD(TEXT, reason),         FIELD(TEXT, by),
    FIELD(TEXT, class),      FIELD(TEXT, kind),           FIELD(TEXT, upload),
    FIELD(TEXT, decision),   FIELD(TEXT, territories),    FIELD(TEXT, country),
    FIELD(TEXT, outcome),    FIELD(TEXT, rule),           FIELD(NUMBER, items),
    FIELD(NUMBER, received), FIELD(BOOLEAN, trusted),     FIELD(BOOLEAN, second),
    FIELD(OBJECT, evidence), FIELD(BOOLEAN, implemented),
};

/* The place of the field of this name, or -1. */
static int find(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (fields[i].length == length && fields[i].name[0] == name[0] &&
            memcmp(fields[i].name, name, length) == 0)
            return (int)i;
    return -1;
}

/* Behind the string that begins at `at` (behind its quote): at its closing quote, or NULL. */
static const char *string_end(const char *at, const char *end)
{
    for (; at < end && *at != '"'; at++)
        if (*at == '\\' && ++at == end)
            return NULL;
    return at < end ? at : NULL;
}

/* Behind the object or array that begins at `at`, or NULL. */
static const char *skip_nested(const char *at, const char *end)
{
    for (int depth = 0; at < end; at++) {
        if (*at == '"') {
            at = string_end(at + 1, end);
            if (!at)
                return NULL;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if ((*at == '}' || *at == ']') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

static int64_t number_at(const char *at, const char *end)
{
    int64_t n = 0;
    bool below = *at == '-';
    for (at += below; at < end && *at >= '0' && *at <= '9' && n < INT64_MAX / 10 - 1; at++)
        n = n * 10 + (*at - '0');
    return below ? -n : n;
}

static const char *take_value(const char *at, const char *end, int field, struct scan_fields *out)
{
    int kind = field < 0 ? -1 : fields[field].kind;
    char *to = field < 0 ? NULL : (char *)out + fields[field].at;
    if (*at == '"') {
        const char *close = string_end(at + 1, end);
        if (close && kind == TEXT) {
            struct str text = { at + 1, (size_t)(close - at - 1) };
            memcpy(to, &text, sizeof text);
        }
        return close ? close + 1 : NULL;
    }
    bool yes = *at == 't' || *at == '{';
    if ((kind == BOOLEAN && *at != '{') || (kind == OBJECT && *at == '{'))
        memcpy(to, &yes, sizeof yes);
    if (*at == '{' || *at == '[')
        return skip_nested(at, end);
    if (kind == NUMBER) {
        int64_t n = number_at(at, end);
        memcpy(to, &n, sizeof n);
    }
    while (at < end && *at != ',' && *at != '}')
        at++;
    return at;
}

bool scan_fields(struct str json, struct scan_fields *out)
{
    const char *at = json.at, *end = json.at + json.length;
    *out = (struct scan_fields) { 0 };
    if (json.length < 2 || *at++ != '{')
        return false;
    while (at < end && *at == '"') {
        const char *close = string_end(++at, end);
        if (!close || close + 2 >= end || close[1] != ':')
            return false;
        at = take_value(close + 2, end, find(at, (size_t)(close - at)), out);
        if (!at || at >= end)
            return false;
        if (*at == ',')
            at++;
    }
    return at + 1 == end && *at == '}';
}
