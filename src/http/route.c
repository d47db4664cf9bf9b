/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns against paths: segment by segment, literals before {names}. */
#include <stdlib.h>

#include "http/inside.h"

struct segment {
    struct str text; /* the literal, or the name */
    bool is_name, takes_rest;
};

struct compiled {
    const struct http_route *row;
    struct segment segments[HTTP_ROUTE_SEGMENTS];
    size_t count;
};

struct http_routes {
    struct arena arena;
    struct compiled *rows;
    size_t count;
};

static enum code compile(const struct http_route *row, struct arena *a, struct compiled *out,
                         struct error *e)
{
    struct str rest = str_of(row->pattern), part;
    if (!str_starts(rest, "/"))
        return fail(e, ERR_INVALID, "route %s: a pattern begins with /", row->pattern);
    out->row = row;
    rest.at++, rest.length--;
    while (str_split(&rest, '/', &part)) {
        if (out->count == HTTP_ROUTE_SEGMENTS)
            return fail(e, ERR_INVALID, "route %s: too many segments", row->pattern);
        struct segment *s = &out->segments[out->count++];
        s->text = part;
        if (part.length < 3 || part.at[0] != '{')
            continue;
        s->is_name = true;
        s->text = (struct str) { part.at + 1, part.length - 2 };
        if (s->text.length > 3 && memcmp(s->text.at + s->text.length - 3, "...", 3) == 0) {
            s->takes_rest = true;
            s->text.length -= 3;
        }
        s->text = str_of(str_copy(a, s->text));
    }
    return OK;
}

enum code http_routes_new(const struct http_route *rows, size_t count, struct http_routes **out,
                          struct error *e)
{
    struct http_routes *r = calloc(1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory for the routes");
    r->rows = ARENA_ARRAY(&r->arena, struct compiled, count + 1);
    r->count = count;
    for (size_t i = 0; i < count; i++)
        if (compile(&rows[i], &r->arena, &r->rows[i], e) != OK) {
            http_routes_free(r);
            return e ? e->code : ERR_INVALID;
        }
    *out = r;
    return OK;
}

void http_routes_free(struct http_routes *r)
{
    if (r)
        arena_done(&r->arena);
    free(r);
}

static enum code split_path(struct str path, struct arena *a, struct str *parts, size_t *count,
                            struct error *e)
{
    struct str rest = { path.at + 1, path.length - 1 }, part;
    *count = 0;
    while (str_split(&rest, '/', &part)) {
        if (*count == HTTP_ROUTE_SEGMENTS)
            return fail(e, ERR_NOT_FOUND, "the path has too many parts");
        char *decoded;
        TRY(http_decode(a, part, false, &decoded, e));
        if (strcmp(decoded, ".") == 0 || strcmp(decoded, "..") == 0)
            return fail(e, ERR_INVALID, "the path has a \"%s\" in it", decoded);
        parts[(*count)++] = str_of(decoded);
    }
    return OK;
}

static bool matches(const struct compiled *c, const struct str *parts, size_t count)
{
    bool rest = c->count > 0 && c->segments[c->count - 1].takes_rest;
    if (rest ? count < c->count : count != c->count)
        return false;
    for (size_t i = 0; i < c->count; i++) {
        const struct segment *s = &c->segments[i];
        if (s->is_name ? parts[i].length == 0 : !str_equal(s->text, parts[i]))
            return false;
    }
    return true;
}

static void keep_parameters(const struct compiled *c, const struct str *parts, size_t count,
                            struct arena *a, struct http_pairs *out)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct segment *s = &c->segments[i];
        if (!s->is_name)
            continue;
        const char *value = parts[i].at;
        if (s->takes_rest)
            for (size_t j = i + 1; j < count; j++)
                value = arena_format(a, "%s/%s", value, parts[j].at);
        http_pairs_add(a, out, s->text.at, value);
    }
}

/* A literal wins over a name: /decide/batch before /decide/{id}. */
static size_t names_in(const struct compiled *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        n += c->segments[i].is_name ? (c->segments[i].takes_rest ? 100 : 1) : 0;
    return n;
}

static bool answers(enum http_method row, enum http_method asked)
{
    return row == asked || (row == HTTP_GET && asked == HTTP_HEAD);
}

enum code http_routes_find(const struct http_routes *r, enum http_method method, struct str path,
                           struct arena *a, const struct http_route **row,
                           struct http_pairs *parameters, unsigned *allow, struct error *e)
{
    struct str parts[HTTP_ROUTE_SEGMENTS];
    size_t count;
    const struct compiled *best = NULL;
    *row = NULL;
    *allow = 0;
    if (path.length == 0 || path.at[0] != '/')
        return fail(e, ERR_INVALID, "the path must begin with /");
    TRY(split_path(path, a, parts, &count, e));
    for (size_t i = 0; i < r->count; i++) {
        const struct compiled *c = &r->rows[i];
        if (!matches(c, parts, count))
            continue;
        *allow |= 1u << c->row->method | (c->row->method == HTTP_GET ? 1u << HTTP_HEAD : 0);
        if (answers(c->row->method, method) && (!best || names_in(c) < names_in(best)))
            best = c;
    }
    if (!best)
        return OK;
    *row = best->row;
    keep_parameters(best, parts, count, a, parameters);
    return OK;
}
