/* SPDX-License-Identifier: Apache-2.0 */
/* One event loop and the connections it holds; touched by its own thread, but for the mailbox. */
#ifndef LICET_HTTP_LOOP_H
#define LICET_HTTP_LOOP_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "http/inside.h"

enum { LOOP_TABLE = 4096 };

struct connection {
    struct loop *loop;
    struct evhttp_connection *ev; /* NULL until adopted */
    struct bufferevent *bytes;
    struct exchange *exchange;
    bool reading; /* a request has begun and is not complete */
    bool has_key;
    uint8_t key[ID_BYTES];
    int64_t since_ns; /* of `reading`, or of having nothing to do */
    uint64_t read_bytes;
    struct connection *before, *after; /* of all, the longest idle one first */
    struct connection *same_hash;
};

struct loop {
    struct http_server *server;
    struct event_base *base;
    struct evhttp *http;
    struct evhttp_bound_socket *bound;
    struct event *wake, *tick, *adopt;
    int wake_fd;
    pthread_t thread;
    bool started, ending;
    int64_t end_by_ns;
    struct http_counts counts;
    struct connection *first, *last, *table[LOOP_TABLE];
    size_t connection_count, connections_most;
    struct connection *fresh; /* accepted in this turn, chained by same_hash */
    uint8_t id_salt[5];
    uint64_t id_next;

    pthread_mutex_t lock;              /* the mailbox: what other threads leave here */
    struct exchange *done, **done_end; /* the first one done is the first */
    uint8_t (*cuts)[ID_BYTES];
    size_t cut_count, cut_room;
    bool stop;
};

/* connection.c */
struct bufferevent *connection_accept(struct event_base *base, void *loop); /* evhttp_set_bevcb */
void connections_adopt(evutil_socket_t fd, short what, void *loop);
struct connection *connection_of(struct loop *l, struct evhttp_connection *ev);
void connection_begin(struct connection *c, struct exchange *x);
void connection_rest(struct connection *c); /* the answer is out */
void connections_check(struct loop *l);     /* once a second: slow, idle, ending */
void connections_cut(struct loop *l, const uint8_t key[ID_BYTES]);
void connections_end_idle(struct loop *l);

/* exchange.c */
void exchange_begin(struct evhttp_request *ev, void *loop); /* evhttp_set_gencb */
void exchange_finish(struct exchange *x);                   /* its worker handed it back */
void exchange_free(struct exchange *x);

int64_t loop_now_ns(void);

#endif
