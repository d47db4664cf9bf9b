/* SPDX-License-Identifier: Apache-2.0 */
/* http: libevent's listener, a router, limits; knows no music.
 *
 * One event loop per core, each with its own listening socket (SO_REUSEPORT). A route is a row:
 * method, pattern, handler, what the caller may need (`scope`, read only by the `before` hook) and
 * where it runs: FAST on the loop (must not wait), WORK on a pool of workers, SLOW on a second
 * pool (uploads), so that a long job does not hold up short ones, EITHER on the loop unless it
 * says that it has to wait. A request is copied out of
 * libevent before a handler sees it, so a handler never touches a connection, and a client that
 * goes away takes nothing with it.
 *
 * What a handler returns other than OK becomes problem+json (RFC 9457) from its struct error.
 * HEAD is answered by GET's row, OPTIONS and 405 from the table. TLS and HTTP/2 are the proxy's.
 */
#ifndef LICET_HTTP_HTTP_H
#define LICET_HTTP_HTTP_H

#include "base/base.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHODS
};
const char *http_method_word(enum http_method method);

struct http_pair {
    const char *name, *value; /* end with NUL */
};
struct http_pairs {
    struct http_pair *rows;
    size_t count, room;
};

struct http_route;

/* A request, copied: everything lives in `arena` and is dropped with it. */
struct http_request {
    enum http_method method;
    const char *path;                             /* as it came, without the query; for messages */
    struct http_pairs parameters, query, headers; /* {names} and query are percent-decoded */
    struct str body;
    const char *peer;     /* address of the client; a trusted proxy's X-Forwarded-For is followed */
    const char *id;       /* req_..., also answered as X-Request-Id */
    const char *base_url; /* "https://host" without a slash at the end, for links */
    struct instant at;    /* when it was complete */
    const struct http_route *route; /* NULL: none matched */
    struct arena *arena;
    void *world;       /* options.world */
    void *state;       /* options.state */
    void *caller;      /* for `before` to set: who asks */
    const char *fault; /* for `after`: why it failed inside, which the answer does not tell */
    bool has_key;      /* with `key`: the connection ends when http_server_cut(key) is called */
    uint8_t key[ID_BYTES];
    bool on_loop; /* of an EITHER row: who has to wait sets `later`, returns OK, and is called again
                   * by a worker. What the hook has let pass it is not asked again. */
    bool later;
};

/* Case-insensitive; the first one, or NULL. */
const char *http_header(const struct http_request *r, const char *name);
/* The value of ?name=, or NULL; of {name} in the pattern (must be there). */
const char *http_query(const struct http_request *r, const char *name);
const char *http_parameter(const struct http_request *r, const char *name);

/* What is answered. Zeroed before the handler runs, with status 200. */
struct http_response {
    int status;
    const char *reason; /* status line's words instead of the usual ones: ASCII, <= 80 bytes */
    struct http_pairs headers;
    struct buf body;
    bool has_file;
    int file; /* sent with sendfile and closed */
    int64_t file_offset, file_length;
    bool close; /* end the connection behind the answer */
    struct arena *arena;
};

/* Add a header (text is copied); set replaces one of that name. CR, LF or NUL in a value is a
 * programmer's mistake: such a header is left out. */
void http_header_add(struct http_response *r, const char *name, const char *value);
void http_header_set(struct http_response *r, const char *name, const char *value);
void http_header_format(struct http_response *r, const char *name, const char *format, ...)
    FORMAT(3, 4);

/* The whole answer as one problem+json. `slug` is the last part of the type's address
 * (/problems/SLUG), `title` NULL gives the status' words, `members` (may be empty) is JSON text
 * of further members: "\"reason_code\":\"x\"". What was in the response before is dropped. */
void http_problem(const struct http_request *r, struct http_response *out, int status,
                  const char *slug, const char *title, const char *detail, struct str members);
void http_problem_of_error(const struct http_request *r, struct http_response *out,
                           const struct error *e);
const char *http_status_words(int status); /* "Not Found"; "" for an unknown one */

/* ---- files with ranges (RFC 9110, 13 and 14); pure but for the descriptor it passes on ---- */

struct http_file {
    int64_t size_bytes;
    const char *etag; /* strong, with quotes: "\"...\"" */
    const char *type; /* Content-Type */
};
struct http_span {
    int64_t offset, length;
};
enum http_range { HTTP_RANGE_NONE, HTTP_RANGE_ONE, HTTP_RANGE_BAD };

/* A Range header against a size: NONE (absent, several ranges, or not bytes: send all), ONE with
 * *span set, BAD (nothing of it exists: 416). */
enum http_range http_range_parse(const char *header, int64_t size_bytes, struct http_span *span);
/* Is `etag` in the list of an If-None-Match (weak comparison) or If-Match (strong) header? */
bool http_etag_in(const char *header, const char *etag, bool strong);

/* Answer a GET or HEAD with a file: 200, 206, 304 or 416, with ETag and Accept-Ranges.
 * `file` is taken: closed when sent, or at once when not needed. */
void http_respond_file_take(const struct http_request *r, struct http_response *out, int file,
                            const struct http_file *about);
/* 304 when If-None-Match has `etag`: true, and the response is done. */
bool http_respond_unchanged(const struct http_request *r, struct http_response *out,
                            const char *etag);

/* ---- routes ---- */

typedef enum code http_handler(struct http_request *r, struct http_response *out, struct error *e);

enum http_flags { HTTP_FAST = 1, HTTP_WORK = 2, HTTP_SLOW = 4, HTTP_EITHER = 8 };

struct http_route {
    enum http_method method;
    const char *pattern; /* "/api/v1/uploads/{upload}"; {name...} takes the rest of the path */
    http_handler *handler;
    uint64_t scope;   /* meaning is the `before` hook's */
    unsigned flags;   /* exactly one of http_flags */
    const char *rate; /* class of the rate limit; meaning is the hook's */
};

/* ---- the server ---- */

struct http_options {
    const char *listen;             /* "127.0.0.1:8080", "[::1]:0"; port 0: any */
    unsigned loops;                 /* 0: one per core */
    unsigned workers, slow_workers; /* 0: 4 and 2 */
    const char *url;                /* public address, or "" */
    const char *trust_proxy;        /* "127.0.0.1, 10.0.0.0/8" */
    size_t body_bytes_most;         /* 0: 8 MiB */
    size_t header_bytes_most;       /* 0: 16 KiB, request line included */
    unsigned connections_most;      /* per loop; 0: 8192; the longest idle one gives way */
    unsigned queue_most;            /* requests waiting for a worker; 0: 1024; then 503 */
    unsigned idle_seconds;          /* keep-alive without a request; 0: 60 */
    unsigned request_seconds;       /* until a request is complete, and 1 s for each 4 KiB; 0: 10 */
    unsigned stop_seconds;          /* answers under way at stop may take so long; 0: 10 */
    void *world;                    /* given to every request */
    void *state;                    /* another, for the hooks' own use */
    struct instant (*now)(void *world); /* NULL: this machine's clock */
    /* Runs before each handler on its thread: may refuse, may set caller and key. May be NULL. */
    http_handler *before;
    /* After each answer was handed to the connection, on the loop: for logging. May be NULL. */
    void (*after)(const struct http_request *r, int status, int64_t bytes, int64_t us);
    /* Further lines for /metrics. May be NULL. */
    void (*gauges)(void *world, struct buf *out);
};

struct http_server;

/* Binds the sockets; nothing is served yet. `routes` is borrowed for the server's life.
 * errors  INVALID address or a pattern; BUSY the address is in use; IO */
MUST_USE enum code http_server_open(const struct http_options *options,
                                    const struct http_route *routes, size_t count,
                                    struct http_server **out, struct error *e);
unsigned http_server_port(const struct http_server *s);
const char *http_server_address(const struct http_server *s); /* "http://127.0.0.1:8080" */

/* Threads are started; returns at once. */
MUST_USE enum code http_server_start(struct http_server *s, struct error *e);
/* Wait for SIGTERM or SIGINT (blocked before http_server_start by http_signals_block), or for
 * http_server_stop from another thread. */
void http_signals_block(void);
void http_server_wait(struct http_server *s);
/* No new connections; answers under way are finished (stop_seconds), then threads end. */
void http_server_stop(struct http_server *s);
void http_server_close(struct http_server *s); /* stops when running; NULL is fine */

/* End every connection whose last request was made with this key, running answers included.
 * Returns when the loops have been told; bytes stop within one turn of each loop. Any thread. */
void http_server_cut(struct http_server *s, const uint8_t key[ID_BYTES]);

/* Prometheus text: requests by route and status, latency histogram, connections. */
void http_metrics_write(struct http_server *s, struct buf *out);
/* The server a request came in by. */
struct http_server *http_request_server(const struct http_request *r);

/* ---- pure parts, fuzzed ---- */

/* Percent-decode: errors INVALID a bad escape, NUL or text that is not UTF-8. */
MUST_USE enum code http_decode(struct arena *a, struct str text, bool plus_is_blank, char **out,
                               struct error *e);
/* "a=1&b=%20" into pairs; at most 64. errors INVALID, LIMIT */
MUST_USE enum code http_query_parse(struct arena *a, struct str text, struct http_pairs *out,
                                    struct error *e);
/* Add a pair; the texts are borrowed. */
void http_pairs_add(struct arena *a, struct http_pairs *p, const char *name, const char *value);

#endif
