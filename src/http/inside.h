/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of http share and nobody else sees. */
#ifndef LICET_HTTP_INSIDE_H
#define LICET_HTTP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"

struct evhttp_request;
struct evhttp_connection;
struct evbuffer;

enum { HTTP_ROUTE_SEGMENTS = 12, HTTP_STATUS_ROWS = 32, HTTP_TIME_BUCKETS = 14 };

/* ---- route.c ---- */

struct http_routes; /* compiled patterns */
MUST_USE enum code http_routes_new(const struct http_route *rows, size_t count,
                                   struct http_routes **out, struct error *e);
void http_routes_free(struct http_routes *r);
/* The row for a path, with its parameters decoded into `parameters`; *row is NULL when none.
 * `allow` (HTTP_METHODS bits, bit m for method m): what the path knows.
 * errors  INVALID a segment does not decode, or is "." or ".." */
MUST_USE enum code http_routes_find(const struct http_routes *r, enum http_method method,
                                    struct str path, struct arena *a, const struct http_route **row,
                                    struct http_pairs *parameters, unsigned *allow,
                                    struct error *e);

/* ---- peer.c ---- */

struct http_trust {
    struct http_trust_row {
        int family;
        uint8_t address[16];
        unsigned bits;
    } rows[32];
    size_t count;
};
MUST_USE enum code http_trust_parse(const char *list, struct http_trust *out, struct error *e);
bool http_trust_has(const struct http_trust *t, const char *address);
/* The client's address: the last one of X-Forwarded-For that is not a trusted proxy. */
const char *http_peer(const struct http_trust *t, const char *socket, const char *forwarded,
                      struct arena *a);

/* ---- metrics.c ---- */

struct http_counts { /* of one loop: written by its thread, read by all */
    _Atomic uint64_t connections_total, cut_total, slow_total, unparsed_total;
    _Atomic int64_t connections;
    _Atomic uint64_t bytes_total;
    struct http_route_counts {
        _Atomic uint64_t status[HTTP_STATUS_ROWS];
        _Atomic uint64_t within[HTTP_TIME_BUCKETS];
        _Atomic uint64_t us;
    } * routes; /* one a row, and one for "no route" */
};
void http_count_answer(struct http_counts *c, size_t route, int status, int64_t us);

int http_status_at(size_t row); /* response.c: 0 past the table */
size_t http_status_row(int status);

/* ---- worker.c ---- */

struct exchange;
struct http_pool;
MUST_USE enum code http_pool_new(unsigned threads, unsigned most, void (*run)(struct exchange *),
                                 struct http_pool **out, struct error *e);
bool http_pool_put(struct http_pool *p, struct exchange *x); /* false: the queue is full */
void http_pool_free(struct http_pool *p);                    /* what waits is run, threads end */
size_t http_pool_waiting(struct http_pool *p);

/* ---- exchange: one request and its answer ---- */

struct connection;
struct loop;

struct exchange {
    struct http_request request;
    struct http_response response;
    struct arena arena;
    struct loop *loop;
    struct connection *connection; /* NULL: it is gone */
    struct evhttp_request *ev;
    struct evbuffer *body;
    int64_t began_ns;
    size_t route_index;
    bool admitted; /* the hook let it pass */
    enum { EXCHANGE_RUNS, EXCHANGE_SENDS } state;
    bool cut; /* the key was cut off while a worker had it */
    struct exchange *next;
};

void exchange_run(struct exchange *x); /* before hook, handler, problem: on any thread */

/* ---- server.c, loop.c ---- */

struct http_server {
    struct http_options options;
    struct http_trust trust;
    struct http_routes *routes;
    const struct http_route *rows;
    size_t row_count;
    struct loop *loops;
    unsigned loop_count;
    struct http_pool *work, *slow;
    char address[96];
    unsigned port;
    int wake; /* eventfd of http_server_wait */
    _Atomic bool stopping;
    bool started;
};

struct loop; /* loop.c */
struct loop *loops_new(unsigned count);
void loops_free(struct loop *l);
struct loop *loop_at(struct loop *l, unsigned i);
MUST_USE enum code loop_open(struct loop *l, struct http_server *s, int listener, unsigned number,
                             struct error *e);
MUST_USE enum code loop_start(struct loop *l, struct error *e);
void loop_stop(struct loop *l); /* told; finishes what is under way */
void loop_join(struct loop *l);
void loop_done(struct loop *l);
void loop_cut(struct loop *l, const uint8_t key[ID_BYTES]);
void loop_hand_back(struct exchange *x); /* from a worker */
struct http_counts *loop_counts(struct loop *l);
struct http_server *loop_server(const struct loop *l);

/* request.c: fill x->request; errors INVALID and LIMIT are answered as they say */
MUST_USE enum code exchange_read(struct exchange *x, struct error *e);
/* send.c: hand x->response to the connection */
void exchange_send(struct exchange *x);

#endif
