/* SPDX-License-Identifier: Apache-2.0 */
/* From libevent's request to ours: everything is copied, odd ones are refused. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <strings.h>
#include <sys/queue.h>

#include "http/inside.h"

static enum http_method method_of(enum evhttp_cmd_type type)
{
    if (type == EVHTTP_REQ_GET)
        return HTTP_GET;
    if (type == EVHTTP_REQ_HEAD)
        return HTTP_HEAD;
    if (type == EVHTTP_REQ_POST)
        return HTTP_POST;
    if (type == EVHTTP_REQ_PUT)
        return HTTP_PUT;
    if (type == EVHTTP_REQ_PATCH)
        return HTTP_PATCH;
    if (type == EVHTTP_REQ_DELETE)
        return HTTP_DELETE;
    return HTTP_OPTIONS; /* nothing else passes evhttp_set_allowed_methods */
}

static void copy_headers(struct exchange *x)
{
    const struct evkeyvalq *in = evhttp_request_get_input_headers(x->ev);
    const struct evkeyval *h;
    TAILQ_FOREACH(h, in, next)
    http_pairs_add(&x->arena, &x->request.headers, str_copy(&x->arena, str_of(h->key)),
                   str_copy(&x->arena, str_of(h->value)));
}

static size_t count_of(const struct http_request *r, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < r->headers.count; i++)
        n += strcasecmp(r->headers.rows[i].name, name) == 0;
    return n;
}

/* "Name : value" and the like would be another header to another parser (RFC 9112, 5.1). */
static enum code check_names(const struct http_request *r, struct error *e)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < r->headers.count; i++) {
        const char *name = r->headers.rows[i].name;
        if (name[0] == '\0' || name[strspn(name, token)])
            return fail(e, ERR_INVALID, "a header's name has a character it must not have");
    }
    return OK;
}

/* What two parsers could read in two ways is refused (RFC 9112, 6.3 and 11.2). */
static enum code check_framing(const struct exchange *x, struct error *e)
{
    const struct http_request *r = &x->request;
    const char *length = http_header(r, "Content-Length");
    const char *coding = http_header(r, "Transfer-Encoding");
    bool bodiless = r->method == HTTP_GET || r->method == HTTP_HEAD || r->method == HTTP_DELETE ||
                    r->method == HTTP_OPTIONS;
    if (count_of(r, "Content-Length") > 1 || count_of(r, "Transfer-Encoding") > 1)
        return fail(e, ERR_INVALID, "the length of the body is given twice");
    if (length && coding)
        return fail(e, ERR_INVALID, "Content-Length and Transfer-Encoding stand together");
    if (coding && (strcasecmp(coding, "chunked") != 0 || x->ev->minor == 0))
        return fail(e, ERR_INVALID,
                    "Transfer-Encoding: only \"chunked\", and in HTTP/1.1, is read");
    if (length && length[strspn(length, "0123456789")])
        return fail(e, ERR_INVALID, "Content-Length is not a number");
    if (bodiless && (coding || (length && strspn(length, "0") != strlen(length))))
        return fail(e, ERR_INVALID, "%s has no body", http_method_word(r->method));
    return OK;
}

static enum code check_host(const struct exchange *x, struct error *e)
{
    size_t hosts = count_of(&x->request, "Host");
    if (hosts > 1 || (hosts == 0 && x->ev->major == 1 && x->ev->minor >= 1))
        return fail(e, ERR_INVALID, "a request has one Host, this one has %zu", hosts);
    return OK;
}

/* "/p?q", "http://host/p?q", "*" */
static enum code split_target(struct exchange *x, struct str *path, struct str *query,
                              struct error *e)
{
    struct str t = str_of(evhttp_request_get_uri(x->ev));
    if (str_starts(t, "http://") || str_starts(t, "https://")) {
        const char *authority = strstr(t.at, "//") + 2;
        const char *slash = strpbrk(authority, "/?");
        t = slash ? str_of(slash) : STR("/");
        if (t.at[0] == '?')
            return fail(e, ERR_INVALID, "the address has no path");
    }
    if (str_is(t, "*") && x->request.method == HTTP_OPTIONS)
        t = STR("/");
    for (size_t i = 0; i < t.length; i++)
        if ((unsigned char)t.at[i] <= 0x20 || t.at[i] == 0x7F || t.at[i] == '#')
            return fail(e, ERR_INVALID, "the address has a character that must be escaped");
    if (t.length == 0 || t.at[0] != '/')
        return fail(e, ERR_INVALID, "the address must begin with /");
    *query = str_of(str_copy(&x->arena, t));
    str_split(query, '?', path);
    if (!query->at)
        *query = STR("");
    path->at = str_copy(&x->arena, *path);
    return OK;
}

static bool is_host(const char *host)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    return host && host[0] && strlen(host) < 256 && host[strspn(host, set)] == '\0';
}

static const char *base_url(struct exchange *x, const struct http_server *s, const char *socket)
{
    const char *host = http_header(&x->request, "Host"), *scheme = "http";
    if (s->options.url && s->options.url[0]) {
        struct str url = str_of(s->options.url);
        while (url.length > 0 && url.at[url.length - 1] == '/')
            url.length--;
        return str_copy(&x->arena, url);
    }
    if (http_trust_has(&s->trust, socket)) {
        const char *proto = http_header(&x->request, "X-Forwarded-Proto");
        const char *outer = http_header(&x->request, "X-Forwarded-Host");
        scheme = proto && strcmp(proto, "https") == 0 ? "https" : "http";
        host = is_host(outer) ? outer : host;
    }
    return is_host(host) ? arena_format(&x->arena, "%s://%s", scheme, host) : s->address;
}

static void read_body(struct exchange *x)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(x->ev);
    size_t length = evbuffer_get_length(in);
    x->request.body = STR("");
    if (length == 0)
        return;
    x->body = evbuffer_new();
    if (x->body && evbuffer_add_buffer(x->body, in) == 0)
        x->request.body = (struct str) { (const char *)evbuffer_pullup(x->body, -1), length };
}

enum code exchange_read(struct exchange *x, struct error *e)
{
    struct http_request *r = &x->request;
    struct http_server *s = loop_server(x->loop);
    struct str path, query;
    char *socket = NULL;
    ev_uint16_t port;
    r->method = method_of(evhttp_request_get_command(x->ev));
    r->path = "";
    copy_headers(x);
    evhttp_connection_get_peer(evhttp_request_get_connection(x->ev), &socket, &port);
    r->peer = str_copy(&x->arena, str_of(socket ? socket : ""));
    r->base_url = base_url(x, s, r->peer);
    if (check_names(r, e) != OK || check_framing(x, e) != OK || check_host(x, e) != OK ||
        split_target(x, &path, &query, e) != OK) {
        x->response.close = true;
        return e->code;
    }
    r->path = path.at;
    r->peer = http_peer(&s->trust, r->peer, http_header(r, "X-Forwarded-For"), &x->arena);
    read_body(x);
    return http_query_parse(&x->arena, query, &r->query, e);
}
