/* SPDX-License-Identifier: Apache-2.0 */
/* Building answers: headers, status words, problem+json (RFC 9457). */
#include <assert.h>
#include <stdio.h>
#include <strings.h>

#include "http/inside.h"

static const struct {
    int status;
    const char *words;
} statuses[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 206, "Partial Content" },
    { 303, "See Other" },
    { 304, "Not Modified" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 411, "Length Required" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 416, "Range Not Satisfiable" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 451, "Unavailable For Legal Reasons" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
};
static_assert(COUNT_OF(statuses) <= HTTP_STATUS_ROWS - 1, "counts have a row for each status");

const char *http_status_words(int status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].words;
    return "";
}

int http_status_at(size_t row)
{
    return row < COUNT_OF(statuses) ? statuses[row].status : 0;
}

size_t http_status_row(int status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return i;
    return HTTP_STATUS_ROWS - 1;
}

static bool is_header_text(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < 0x20 && *value != '\t')
            return false;
    return true;
}

void http_header_add(struct http_response *r, const char *name, const char *value)
{
    if (is_header_text(value))
        http_pairs_add(r->arena, &r->headers, name, str_copy(r->arena, str_of(value)));
}

void http_header_set(struct http_response *r, const char *name, const char *value)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->headers.count; i++)
        if (strcasecmp(r->headers.rows[i].name, name) != 0)
            r->headers.rows[kept++] = r->headers.rows[i];
    r->headers.count = kept;
    http_header_add(r, name, value);
}

void http_header_format(struct http_response *r, const char *name, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    http_header_set(r, name, text);
}

/* Headers that also hold for a problem: what a client needs to come back, or to be told who. */
static bool survives(const char *name)
{
    static const char *const names[] = { "RateLimit",   "RateLimit-Policy",
                                         "Retry-After", "WWW-Authenticate",
                                         "Allow",       "Link",
                                         "Set-Cookie" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

void http_problem(const struct http_request *r, struct http_response *out, int status,
                  const char *slug, const char *title, const char *detail, struct str members)
{
    struct json_out o = { &out->body, false };
    size_t kept = 0;
    for (size_t i = 0; i < out->headers.count; i++)
        if (survives(out->headers.rows[i].name))
            out->headers.rows[kept++] = out->headers.rows[i];
    out->headers.count = kept;
    buf_clear(&out->body);
    out->status = status;
    json_begin(&o, '{');
    json_text(&o, "type", arena_format(out->arena, "%s/problems/%s", r->base_url, slug));
    json_text(&o, "title", title ? title : http_status_words(status));
    json_int(&o, "status", status);
    if (detail && detail[0])
        json_text(&o, "detail", detail);
    json_text(&o, "instance", r->id);
    if (members.length > 0)
        json_put_raw(&o, members);
    json_end(&o, '}');
    http_header_set(out, "Content-Type", "application/problem+json");
    http_header_set(out, "Cache-Control", "no-store");
}

void http_problem_of_error(const struct http_request *r, struct http_response *out,
                           const struct error *e)
{
    int status = code_http_status(e->code);
    /* what went wrong inside is for the log, not for strangers */
    bool inside = e->code == ERR_IO || e->code == ERR_CORRUPT || e->code == ERR_MEMORY;
    http_problem(r, out, status, code_word(e->code), NULL,
                 inside ? "the server could not do it; its log has the request id" : e->text,
                 STR(""));
    if (status == 503)
        http_header_set(out, "Retry-After", "1");
    if (status == 401)
        http_header_set(out, "WWW-Authenticate", "Bearer realm=\"licet\"");
}
