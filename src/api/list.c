/* SPDX-License-Identifier: Apache-2.0 */
/* Keyset pages, Link and CSV. */
#include "api/list.h"

#include <stdlib.h>

enum code list_page_read(const struct http_request *r, struct list_page *out, struct error *e)
{
    const char *limit = http_query(r, "limit"), *after = http_query(r, "after");
    int64_t n = LIST_DEFAULT;
    if (limit && str_to_int64(str_of(limit), 1, LIST_MOST, &n, e) != OK)
        return fail_in(e, "limit");
    *out = (struct list_page) { (size_t)n, after ? str_of(after) : STR("") };
    return OK;
}

void list_init(struct list *l)
{
    *l = (struct list) { 0 };
    l->json.to = &l->rows;
}

void list_done(struct list *l)
{
    buf_done(&l->rows);
}

struct json_out *list_row(struct list *l, const char *id, struct arena *a)
{
    l->last = str_copy(a, str_of(id));
    l->count++;
    return &l->json;
}

void csv_field(struct buf *out, struct str value)
{
    bool formula = value.length > 0 && strchr("=+-@\t\r", value.at[0]) != NULL;
    bool quote = formula;
    for (size_t i = 0; i < value.length && !quote; i++)
        quote = strchr(",\"\r\n", value.at[i]) != NULL;
    if (!quote) {
        buf_str(out, value);
        return;
    }
    buf_text(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, (uint8_t)value.at[i]);
    }
    buf_byte(out, '"');
}

static void csv_value(struct buf *out, const json_t *v)
{
    BUF(text);
    if (json_is_string(v)) {
        csv_field(out, (struct str) { json_string_value(v), json_string_length(v) });
        return;
    }
    if (json_is_array(v)) { /* words with blanks between */
        for (size_t i = 0; i < json_array_size(v); i++) {
            const json_t *one = json_array_get(v, i);
            if (i)
                buf_byte(&text, ' ');
            char *json = json_is_string(one) ? NULL : json_dumps(one, JSON_ENCODE_ANY);
            buf_text(&text, json ? json : json_string_value(one));
            free(json);
        }
        csv_field(out, buf_as_str(&text));
        return;
    }
    if (!v || json_is_null(v))
        return;
    char *json = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (json_is_object(v))
        csv_field(out, str_of(json));
    else
        buf_text(out, json); /* a number keeps its minus sign */
    free(json);
}

static enum code answer_csv(const struct list *l, struct http_response *out,
                            const char *const *columns, struct error *e)
{
    BUF(text);
    JSON(rows);
    buf_format(&text, "[%.*s]", STR_ARG(buf_as_str(&l->rows)));
    TRY(json_read(buf_as_str(&text), &rows, e));
    for (const char *const *c = columns; *c; c++)
        buf_format(&out->body, "%s%s", c == columns ? "" : ",", *c);
    buf_text(&out->body, "\r\n");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (const char *const *c = columns; *c; c++) {
            if (c != columns)
                buf_byte(&out->body, ',');
            csv_value(&out->body, json_object_get(json_array_get(rows, i), *c));
        }
        buf_text(&out->body, "\r\n");
    }
    http_header_set(out, "Content-Type", "text/csv; charset=utf-8; header=present");
    return OK;
}

/* The address asked for, with after= set anew: only names and values we decoded, escaped again. */
static void escape_into(struct buf *out, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text; text++)
        if (strchr(plain, *text))
            buf_byte(out, (uint8_t)*text);
        else
            buf_format(out, "%%%02X", (unsigned)(unsigned char)*text);
}

static void link_next(const struct list *l, const struct http_request *r, struct http_response *out)
{
    BUF(link);
    buf_format(&link, "<%s%s?after=", r->base_url, r->path);
    escape_into(&link, l->last);
    for (size_t i = 0; i < r->query.count; i++) {
        if (strcmp(r->query.rows[i].name, "after") == 0)
            continue;
        buf_byte(&link, '&');
        escape_into(&link, r->query.rows[i].name);
        buf_byte(&link, '=');
        escape_into(&link, r->query.rows[i].value);
    }
    buf_text(&link, ">; rel=\"next\"");
    if (!link.failed)
        http_header_add(out, "Link", (const char *)link.bytes);
}

bool list_wants_csv(const char *accept)
{
    const char *csv = accept ? strstr(accept, "text/csv") : NULL;
    const char *json = accept ? strstr(accept, "application/json") : NULL;
    return csv && (!json || csv < json);
}

enum code list_answer(struct list *l, const struct http_request *r, struct http_response *out,
                      const char *const *columns, bool more, struct error *e)
{
    if (l->rows.failed)
        return fail(e, ERR_MEMORY, "no memory for the list");
    if (more && l->last)
        link_next(l, r, out);
    http_header_set(out, "Cache-Control", "no-store");
    http_header_set(out, "Vary", "Accept");
    if (list_wants_csv(http_header(r, "Accept")))
        return answer_csv(l, out, columns, e);
    struct json_out o = { &out->body, false };
    json_begin(&o, '{');
    json_key(&o, "items");
    json_begin(&o, '[');
    if (l->rows.length > 0)
        json_put_raw(&o, buf_as_str(&l->rows));
    json_end(&o, ']');
    json_text(&o, "next", more ? l->last : NULL);
    json_end(&o, '}');
    http_header_set(out, "Content-Type", "application/json");
    return OK;
}
