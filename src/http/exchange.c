/* SPDX-License-Identifier: Apache-2.0 */
/* A request and its answer: read, routed, run here or by a worker, sent, counted. */
#include <assert.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "http/loop.h"

int64_t loop_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void exchange_free(struct exchange *x)
{
    if (x->response.has_file)
        close(x->response.file);
    if (x->body)
        evbuffer_free(x->body);
    buf_done(&x->response.body);
    arena_done(&x->arena);
    free(x);
}

/* req_ and 26 digits: milliseconds, the loop's salt, a count. */
static const char *make_id(struct loop *l, struct instant at, struct arena *a)
{
    uint8_t bytes[ID_BYTES];
    uint64_t ms = (uint64_t)(at.us / 1000), n = l->id_next++;
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(bytes + 6, l->id_salt, sizeof l->id_salt);
    for (int i = 0; i < 5; i++)
        bytes[11 + i] = (uint8_t)(n >> (32 - 8 * i));
    char *out = ARENA_ARRAY(a, char, ID_TEXT);
    id_format("req", bytes, out);
    return out;
}

static struct exchange *exchange_new(struct loop *l, struct evhttp_request *ev)
{
    struct exchange *x = calloc(1, sizeof *x);
    const struct http_options *o = &l->server->options;
    if (!x)
        return NULL;
    x->loop = l;
    x->ev = ev;
    x->began_ns = loop_now_ns();
    x->route_index = l->server->row_count;
    x->connection = connection_of(l, evhttp_request_get_connection(ev));
    x->request.arena = x->response.arena = &x->arena;
    x->request.world = o->world;
    x->request.state = o->state;
    x->request.at = o->now ? o->now(o->world) : instant_of_clock();
    x->request.id = make_id(l, x->request.at, &x->arena);
    x->response.status = 200;
    if (x->connection)
        connection_begin(x->connection, x);
    return x;
}

static void allow_header(struct http_response *r, unsigned allow)
{
    BUF(text);
    for (unsigned m = 0; m < HTTP_METHODS; m++)
        if (allow & 1u << m)
            buf_format(&text, "%s%s", text.length ? ", " : "",
                       http_method_word((enum http_method)m));
    buf_format(&text, "%s%s", text.length ? ", " : "", "OPTIONS");
    http_header_set(r, "Allow", (const char *)text.bytes);
}

static void no_row(struct exchange *x, unsigned allow)
{
    const struct http_request *r = &x->request;
    if (allow == 0) {
        http_problem(r, &x->response, 404, "not_found", NULL, "there is nothing at this address",
                     STR(""));
        return;
    }
    allow_header(&x->response, allow);
    if (r->method == HTTP_OPTIONS)
        x->response.status = 204;
    else
        http_problem(r, &x->response, 405, "method_not_allowed", NULL,
                     "the address does not take this method; Allow lists those it does", STR(""));
}

void exchange_run(struct exchange *x)
{
    struct error e = { 0 };
    const struct http_server *s = loop_server(x->loop);
    enum code code = OK;
    if (s->options.before && !x->admitted)
        code = s->options.before(&x->request, &x->response, &e);
    x->admitted = code == OK && !x->request.later;
    if (x->admitted && x->response.status == 200)
        code = x->request.route->handler(&x->request, &x->response, &e);
    if (code == OK && x->response.body.failed)
        code = fail(&e, ERR_MEMORY, "no memory for the answer");
    if (code != OK) {
        if (x->response.has_file)
            close(x->response.file);
        x->response.has_file = false;
        if (code_http_status(code) >= 500)
            x->request.fault = arena_text(&x->arena, e.text, strlen(e.text));
        http_problem_of_error(&x->request, &x->response, &e);
    }
}

/* The answer has left, or libevent gave it up. */
static void on_sent(struct evhttp_request *ev, void *exchange)
{
    struct exchange *x = exchange;
    (void)ev;
    if (x->connection)
        connection_rest(x->connection);
    exchange_free(x);
}

static void keep_key(struct exchange *x)
{
    struct connection *c = x->connection;
    if (!c || !x->request.has_key)
        return;
    c->has_key = true;
    memcpy(c->key, x->request.key, ID_BYTES);
}

static void send_and_count(struct exchange *x)
{
    struct loop *l = x->loop;
    const struct http_options *o = &l->server->options;
    int64_t us = (loop_now_ns() - x->began_ns) / 1000;
    int64_t bytes = x->response.has_file ? x->response.file_length
                                         : (int64_t)x->response.body.length;
    http_count_answer(&l->counts, x->route_index, x->response.status, us);
    atomic_fetch_add_explicit(&l->counts.bytes_total, (uint64_t)bytes, memory_order_relaxed);
    if (o->after)
        o->after(&x->request, x->response.status, bytes, us);
    keep_key(x);
    x->state = EXCHANGE_SENDS;
    if (!evhttp_request_get_connection(x->ev)) { /* the client left while a worker had it */
        evhttp_send_reply(x->ev, x->response.status, NULL, NULL); /* frees libevent's half */
        exchange_free(x);
        return;
    }
    evhttp_request_set_on_complete_cb(x->ev, on_sent, x);
    exchange_send(x);
}

void exchange_finish(struct exchange *x)
{
    if (x->cut) {
        struct error e = { 0 };
        (void)fail(&e, ERR_UNKNOWN_KEY, "the key was revoked");
        if (x->response.has_file)
            close(x->response.file);
        x->response.has_file = false;
        http_problem_of_error(&x->request, &x->response, &e);
        x->response.close = true;
    }
    send_and_count(x);
}

/* False: it has to wait, which a loop does not. */
static bool run_here(struct exchange *x)
{
    unsigned flags = x->request.route->flags;
    if ((flags & (HTTP_FAST | HTTP_EITHER)) == 0)
        return false;
    x->request.on_loop = (flags & HTTP_EITHER) != 0;
    exchange_run(x);
    bool done = !x->request.later;
    x->request.on_loop = x->request.later = false;
    return done;
}

static void run_or_queue(struct exchange *x)
{
    struct http_server *s = loop_server(x->loop);
    const struct http_route *row = x->request.route;
    if (run_here(x)) {
        send_and_count(x);
        return;
    }
    if (http_pool_put(row->flags & HTTP_SLOW ? s->slow : s->work, x))
        return;
    struct error e = { 0 };
    (void)fail(&e, ERR_BUSY, "too many requests are waiting");
    http_problem_of_error(&x->request, &x->response, &e);
    send_and_count(x);
}

void exchange_begin(struct evhttp_request *ev, void *loop)
{
    struct loop *l = loop;
    struct exchange *x = exchange_new(l, ev);
    struct error e = { 0 };
    unsigned allow = 0;
    if (!x) {
        evhttp_send_error(ev, 503, NULL);
        return;
    }
    struct http_request *r = &x->request;
    enum code code = exchange_read(x, &e);
    if (code == OK)
        code = http_routes_find(l->server->routes, r->method, str_of(r->path), &x->arena, &r->route,
                                &r->parameters, &allow, &e);
    if (code == OK && r->route) {
        x->route_index = (size_t)(r->route - l->server->rows);
        run_or_queue(x);
        return;
    }
    if (code == OK)
        no_row(x, allow);
    else
        http_problem_of_error(r, &x->response, &e);
    send_and_count(x);
}

struct http_server *http_request_server(const struct http_request *r)
{
    static_assert(offsetof(struct exchange, request) == 0, "a request stands first");
    return loop_server(((const struct exchange *)(const void *)r)->loop);
}
