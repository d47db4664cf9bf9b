/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges and validators (RFC 9110, sections 13 and 14): pure, but for passing a descriptor on. */
#include <strings.h>
#include <unistd.h>

#include "http/inside.h"

static bool digits_to(struct str s, int64_t *out)
{
    if (s.length == 0)
        return false;
    int64_t n = 0;
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        if (n > (INT64_MAX - 9) / 10)
            n = INT64_MAX / 10 - 1; /* past any file */
        n = n * 10 + (s.at[i] - '0');
    }
    *out = n;
    return true;
}

enum http_range http_range_parse(const char *header, int64_t size_bytes, struct http_span *span)
{
    struct str s = str_of(header), first, last;
    int64_t from, to;
    if (!header || s.length < 6 || strncasecmp(s.at, "bytes=", 6) != 0)
        return HTTP_RANGE_NONE;
    s = str_trim((struct str) { s.at + 6, s.length - 6 });
    if (memchr(s.at, ',', s.length) || !memchr(s.at, '-', s.length))
        return HTTP_RANGE_NONE;
    last = s;
    str_split(&last, '-', &first);
    first = str_trim(first);
    last = last.at ? str_trim(last) : STR("");
    if (first.length == 0) { /* the last N bytes */
        if (!digits_to(last, &to))
            return HTTP_RANGE_NONE;
        if (to == 0 || size_bytes == 0)
            return HTTP_RANGE_BAD;
        from = to >= size_bytes ? 0 : size_bytes - to;
        *span = (struct http_span) { from, size_bytes - from };
        return HTTP_RANGE_ONE;
    }
    if (!digits_to(first, &from))
        return HTTP_RANGE_NONE;
    to = INT64_MAX;
    if (last.length > 0 && (!digits_to(last, &to) || to < from))
        return HTTP_RANGE_NONE;
    if (from >= size_bytes)
        return HTTP_RANGE_BAD;
    if (to >= size_bytes)
        to = size_bytes - 1;
    *span = (struct http_span) { from, to - from + 1 };
    return HTTP_RANGE_ONE;
}

bool http_etag_in(const char *header, const char *etag, bool strong)
{
    const char *p = header;
    size_t want = strlen(etag);
    while (p && *p) {
        p += strspn(p, " \t,");
        if (*p == '*')
            return true;
        bool weak = p[0] == 'W' && p[1] == '/';
        p += weak ? 2 : 0;
        if (*p != '"')
            return false;
        const char *end = strchr(p + 1, '"');
        if (!end)
            return false;
        size_t length = (size_t)(end - p) + 1;
        if (!(weak && strong) && length == want && memcmp(p, etag, want) == 0)
            return true;
        p = end + 1;
    }
    return false;
}

bool http_respond_unchanged(const struct http_request *r, struct http_response *out,
                            const char *etag)
{
    const char *none = http_header(r, "If-None-Match");
    http_header_set(out, "ETag", etag);
    if (!none || !http_etag_in(none, etag, false))
        return false;
    out->status = 304;
    buf_clear(&out->body);
    return true;
}

/* If-Range holds when it is exactly our strong tag; a date never does (we send none). */
static bool range_stands(const struct http_request *r, const char *etag)
{
    const char *condition = http_header(r, "If-Range");
    return !condition || strcmp(condition, etag) == 0;
}

void http_respond_file_take(const struct http_request *r, struct http_response *out, int file,
                            const struct http_file *about)
{
    struct http_span span = { 0, about->size_bytes };
    if (http_respond_unchanged(r, out, about->etag)) {
        close(file);
        return;
    }
    enum http_range range = HTTP_RANGE_NONE;
    if (range_stands(r, about->etag))
        range = http_range_parse(http_header(r, "Range"), about->size_bytes, &span);
    if (range == HTTP_RANGE_BAD) {
        close(file);
        http_problem(r, out, 416, "range_not_satisfiable", NULL,
                     "nothing of the file is in the range asked for", STR(""));
        http_header_format(out, "Content-Range", "bytes */%lld", (long long)about->size_bytes);
        return;
    }
    if (range == HTTP_RANGE_ONE) {
        out->status = 206;
        http_header_format(out, "Content-Range", "bytes %lld-%lld/%lld", (long long)span.offset,
                           (long long)(span.offset + span.length - 1),
                           (long long)about->size_bytes);
    }
    http_header_set(out, "Content-Type", about->type);
    http_header_set(out, "Accept-Ranges", "bytes");
    out->has_file = true;
    out->file = file;
    out->file_offset = span.offset;
    out->file_length = span.length;
}
