/* SPDX-License-Identifier: Apache-2.0 */
/* An answer goes to libevent: headers, then bytes, a file by sendfile. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "http/inside.h"

enum { COPY_BYTES_MOST = 4096 };

static bool has_header(const struct http_response *r, const char *name)
{
    for (size_t i = 0; i < r->headers.count; i++)
        if (strcasecmp(r->headers.rows[i].name, name) == 0)
            return true;
    return false;
}

static void free_bytes(const void *bytes, size_t length, void *unused)
{
    (void)length, (void)unused;
    free((void *)(uintptr_t)bytes);
}

static void add_bytes(struct evbuffer *to, struct buf *body)
{
    if (body->length <= COPY_BYTES_MOST) {
        evbuffer_add(to, body->bytes, body->length);
        return;
    }
    if (evbuffer_add_reference(to, body->bytes, body->length, free_bytes, NULL) == 0)
        *body = (struct buf) { 0 };
}

/* The connection's own buffer drains to a socket; saying so of ours keeps sendfile in use. */
static void add_file_take(struct evbuffer *to, int file, int64_t offset, int64_t length)
{
    evbuffer_set_flags(to, EVBUFFER_FLAG_DRAINS_TO_FD);
    if (length == 0 || evbuffer_add_file(to, file, (ev_off_t)offset, (ev_off_t)length) != 0)
        close(file);
}

static void add_headers(struct exchange *x, int64_t length)
{
    struct evkeyvalq *out = evhttp_request_get_output_headers(x->ev);
    struct http_response *r = &x->response;
    char text[32];
    for (size_t i = 0; i < r->headers.count; i++)
        evhttp_add_header(out, r->headers.rows[i].name, r->headers.rows[i].value);
    if (!has_header(r, "X-Content-Type-Options"))
        evhttp_add_header(out, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(out, "X-Request-Id", x->request.id);
    if (r->status != 204 && r->status != 304) {
        snprintf(text, sizeof text, "%lld", (long long)length);
        evhttp_add_header(out, "Content-Length", text);
    }
    if (r->close || atomic_load(&loop_server(x->loop)->stopping))
        evhttp_add_header(out, "Connection", "close");
}

void exchange_send(struct exchange *x)
{
    struct http_response *r = &x->response;
    struct evbuffer *to = evhttp_request_get_output_buffer(x->ev);
    bool bare = r->status == 204 || r->status == 304;
    int64_t length = r->has_file ? r->file_length : (int64_t)r->body.length;
    if (bare)
        length = 0;
    add_headers(x, length);
    bool sends = x->request.method != HTTP_HEAD && !bare;
    if (r->has_file && sends)
        add_file_take(to, r->file, r->file_offset, r->file_length);
    else if (r->has_file)
        close(r->file);
    else if (sends && length > 0)
        add_bytes(to, &r->body);
    r->has_file = false;
    const char *words = r->reason ? r->reason : http_status_words(r->status);
    evhttp_send_reply(x->ev, r->status, words, NULL);
}
