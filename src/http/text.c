/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-decoding, query strings, pairs: pure, and fuzzed. */
#include <strings.h>

#include "http/inside.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum code http_decode(struct arena *a, struct str text, bool plus_is_blank, char **out,
                      struct error *e)
{
    char *to = arena_try(a, text.length + 1, 1);
    size_t n = 0;
    if (!to)
        return fail(e, ERR_MEMORY, "no memory for %zu bytes of address", text.length);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '%') {
            int high = i + 2 < text.length ? hex_digit(text.at[i + 1]) : -1;
            int low = i + 2 < text.length ? hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(e, ERR_INVALID, "the address has a %% without two hexadecimal digits");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0')
            return fail(e, ERR_INVALID, "the address has a zero byte in it");
        to[n++] = c;
    }
    if (!str_is_utf8((struct str) { to, n }))
        return fail(e, ERR_INVALID, "the address is not UTF-8");
    *out = to;
    return OK;
}

void http_pairs_add(struct arena *a, struct http_pairs *p, const char *name, const char *value)
{
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 8;
        struct http_pair *rows = ARENA_ARRAY(a, struct http_pair, room);
        if (p->count)
            memcpy(rows, p->rows, p->count * sizeof *rows);
        p->rows = rows;
        p->room = room;
    }
    p->rows[p->count++] = (struct http_pair) { name, value };
}

enum code http_query_parse(struct arena *a, struct str text, struct http_pairs *out,
                           struct error *e)
{
    struct str part;
    while (text.length > 0 && str_split(&text, '&', &part)) {
        struct str value = part, name;
        char *name_text, *value_text;
        if (part.length == 0)
            continue;
        if (out->count == 64)
            return fail(e, ERR_LIMIT, "the query has more than 64 fields");
        str_split(&value, '=', &name);
        if (!value.at)
            value = STR("");
        TRY(http_decode(a, name, true, &name_text, e));
        TRY(http_decode(a, value, true, &value_text, e));
        http_pairs_add(a, out, name_text, value_text);
    }
    return OK;
}

static const char *value_of(const struct http_pairs *p, const char *name,
                            int compare(const char *, const char *))
{
    for (size_t i = 0; i < p->count; i++)
        if (compare(p->rows[i].name, name) == 0)
            return p->rows[i].value;
    return NULL;
}

const char *http_header(const struct http_request *r, const char *name)
{
    return value_of(&r->headers, name, strcasecmp);
}

const char *http_query(const struct http_request *r, const char *name)
{
    return value_of(&r->query, name, strcmp);
}

const char *http_parameter(const struct http_request *r, const char *name)
{
    return value_of(&r->parameters, name, strcmp);
}

const char *http_method_word(enum http_method method)
{
    static const char *const words[] = {
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"
    };
    return method < HTTP_METHODS ? words[method] : "?";
}
