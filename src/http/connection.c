/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of a loop: found again by pointer, counted, timed, ended with their key. */
#include <stdlib.h>
#include <unistd.h>

#include "http/loop.h"

enum { SLOWEST_BYTES_PER_SECOND = 4096, WRITE_AT_ONCE_BYTES = 256 * 1024 };

static size_t hash_of(const struct evhttp_connection *ev)
{
    return (size_t)(((uint64_t)(uintptr_t)ev * 0x9E3779B97F4A7C15u) >> 52) % LOOP_TABLE;
}

static void unlink_from_list(struct connection *c)
{
    struct loop *l = c->loop;
    *(c->before ? &c->before->after : &l->first) = c->after;
    *(c->after ? &c->after->before : &l->last) = c->before;
    c->before = c->after = NULL;
}

static void append_to_list(struct connection *c)
{
    struct loop *l = c->loop;
    c->before = l->last;
    c->after = NULL;
    *(l->last ? &l->last->after : &l->first) = c;
    l->last = c;
}

static void count_open(struct loop *l, int64_t change)
{
    l->connection_count = (size_t)((int64_t)l->connection_count + change);
    atomic_store_explicit(&l->counts.connections, (int64_t)l->connection_count,
                          memory_order_relaxed);
}

/* Called by libevent when the connection goes, whoever ended it. */
static void on_close(struct evhttp_connection *ev, void *connection)
{
    struct connection *c = connection;
    struct connection **p = &c->loop->table[hash_of(ev)];
    while (*p != c)
        p = &(*p)->same_hash;
    *p = c->same_hash;
    unlink_from_list(c);
    count_open(c->loop, -1);
    if (c->exchange) {
        c->exchange->connection = NULL;
        if (c->exchange->state == EXCHANGE_SENDS)
            exchange_free(c->exchange); /* libevent frees its own half behind this */
    }
    free(c);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *connection)
{
    struct connection *c = connection;
    (void)input;
    if (info->n_added == 0)
        return;
    c->read_bytes += info->n_added;
    if (!c->reading && !c->exchange) {
        c->reading = true;
        c->since_ns = loop_now_ns();
    }
}

/* libevent asks for the stream of a connection it will make right after; the rest is done in the
 * same turn of the loop by connections_adopt, before the socket is looked at. */
struct bufferevent *connection_accept(struct event_base *base, void *loop)
{
    struct loop *l = loop;
    struct connection *c = calloc(1, sizeof *c);
    struct bufferevent *bytes = bufferevent_socket_new(base, -1, 0);
    if (!c || !bytes) {
        free(c);
        return bytes; /* served, but neither counted nor timed by us */
    }
    c->loop = l;
    c->bytes = bytes;
    c->since_ns = loop_now_ns();
    bufferevent_set_max_single_write(bytes, WRITE_AT_ONCE_BYTES);
    evbuffer_add_cb(bufferevent_get_input(bytes), on_input, c);
    c->same_hash = l->fresh;
    l->fresh = c;
    event_active(l->adopt, EV_TIMEOUT, 0);
    return bytes;
}

static void make_room(struct loop *l)
{
    struct connection *c = l->first;
    while (c && c->exchange)
        c = c->after;
    if (c)
        evhttp_connection_free(c->ev);
}

void connections_adopt(evutil_socket_t fd, short what, void *loop)
{
    struct loop *l = loop;
    (void)fd, (void)what;
    for (struct connection *c = l->fresh, *next; c; c = next) {
        void *ev = NULL;
        next = c->same_hash;
        bufferevent_getcb(c->bytes, NULL, NULL, NULL, &ev);
        c->ev = ev;
        struct connection **slot = &l->table[hash_of(c->ev)];
        c->same_hash = *slot;
        *slot = c;
        evhttp_connection_set_closecb(c->ev, on_close, c);
        append_to_list(c);
        count_open(l, 1);
        atomic_fetch_add_explicit(&l->counts.connections_total, 1, memory_order_relaxed);
    }
    l->fresh = NULL;
    while (l->connection_count > l->connections_most) {
        size_t before = l->connection_count;
        make_room(l);
        if (l->connection_count == before)
            break;
    }
}

struct connection *connection_of(struct loop *l, struct evhttp_connection *ev)
{
    struct connection *c = l->table[hash_of(ev)];
    while (c && c->ev != ev)
        c = c->same_hash;
    return c;
}

void connection_begin(struct connection *c, struct exchange *x)
{
    c->exchange = x;
    c->reading = false;
    c->read_bytes = 0;
}

void connection_rest(struct connection *c)
{
    c->exchange = NULL;
    c->since_ns = loop_now_ns();
    c->reading = evbuffer_get_length(bufferevent_get_input(c->bytes)) > 0;
    unlink_from_list(c);
    append_to_list(c);
}

/* A request may take request_seconds, and a second more for each 4 KiB of it. */
static bool is_late(const struct connection *c, int64_t now_ns)
{
    const struct http_options *o = &c->loop->server->options;
    int64_t seconds = c->reading ? (int64_t)o->request_seconds +
                                       (int64_t)(c->read_bytes / SLOWEST_BYTES_PER_SECOND)
                                 : (int64_t)o->idle_seconds;
    return !c->exchange && now_ns - c->since_ns > seconds * 1000000000;
}

void connections_check(struct loop *l)
{
    int64_t now = loop_now_ns();
    for (struct connection *c = l->first, *next; c; c = next) {
        next = c->after;
        if (!is_late(c, now))
            continue;
        if (c->reading)
            atomic_fetch_add_explicit(&l->counts.slow_total, 1, memory_order_relaxed);
        evhttp_connection_free(c->ev);
    }
}

void connections_end_idle(struct loop *l)
{
    for (struct connection *c = l->first, *next; c; c = next) {
        next = c->after;
        if (!c->exchange)
            evhttp_connection_free(c->ev);
    }
}

void connections_cut(struct loop *l, const uint8_t key[ID_BYTES])
{
    for (struct connection *c = l->first, *next; c; c = next) {
        next = c->after;
        if (!c->has_key || memcmp(c->key, key, ID_BYTES) != 0)
            continue;
        atomic_fetch_add_explicit(&l->counts.cut_total, 1, memory_order_relaxed);
        if (c->exchange && c->exchange->state == EXCHANGE_RUNS)
            c->exchange->cut = true; /* a worker has it; refused when it comes back */
        else
            evhttp_connection_free(c->ev);
    }
}
