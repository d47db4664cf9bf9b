/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#include "client.h"
#include "http/http.h"

enum { FILE_BYTES = 300000 };

static struct {
    struct http_server *server;
    unsigned port;
    int file;
    sem_t entered, go;
    char fault[100];         /* of the last 500, as the log would have it */
    atomic_int hooks, calls; /* of /either */
} house;

static enum code hello(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    http_header_set(out, "Content-Type", "text/plain");
    buf_format(&out->body, "hello %s", http_query(r, "name") ? http_query(r, "name") : "you");
    return OK;
}

static enum code echo(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    buf_format(&out->body, "%zu:", r->body.length);
    buf_str(&out->body, r->body);
    return OK;
}

static enum code thing(struct http_request *r, struct http_response *out, struct error *e)
{
    const char *name = http_parameter(r, "thing");
    if (strcmp(name, "none") == 0)
        return fail(e, ERR_NOT_FOUND, "no thing is called \"%s\"", name);
    if (strcmp(name, "broken") == 0)
        return fail(e, ERR_IO, "secret path /etc/x");
    if (strcmp(name, "law") == 0) {
        http_problem(r, out, 451, "no_licence", NULL, "not here", STR("\"territory\":\"DE\""));
        out->reason = "Preview only in your country";
        return OK;
    }
    buf_text(&out->body, name);
    return OK;
}

static enum code file(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    struct http_file about = { FILE_BYTES, "\"tag\"", "audio/ogg" };
    http_respond_file_take(r, out, dup(house.file), &about);
    return OK;
}

static enum code waits(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)r, (void)e;
    sem_post(&house.entered);
    sem_wait(&house.go);
    buf_text(&out->body, "waited");
    return OK;
}

static enum code endless(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    struct http_file about = { 1 << 30, "\"big\"", "audio/ogg" };
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    assert_true(fd >= 0 && ftruncate(fd, 1 << 30) == 0);
    r->has_key = true;
    memset(r->key, 7, ID_BYTES);
    http_respond_file_take(r, out, fd, &about);
    return OK;
}

static bool asks_to_wait(struct http_request *r, const char *who)
{
    const char *waits = http_header(r, "X-Wait");
    return r->on_loop && waits && strcmp(waits, who) == 0;
}

static enum code either(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    atomic_fetch_add(&house.calls, 1);
    r->later = asks_to_wait(r, "handler");
    if (!r->later)
        buf_text(&out->body, r->on_loop ? "loop" : "worker");
    return OK;
}

static enum code before(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    if (r->route->handler != either)
        return OK;
    atomic_fetch_add(&house.hooks, 1);
    r->later = asks_to_wait(r, "hook");
    if (!r->later)
        http_header_add(out, "X-Hook", "passed");
    return OK;
}

static const struct http_route rows[] = {
    { HTTP_GET, "/either", either, 0, HTTP_EITHER, NULL },
    { HTTP_GET, "/hello", hello, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/worked", hello, 0, HTTP_WORK, NULL },
    { HTTP_POST, "/echo", echo, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/things/{thing}", thing, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/file", file, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/waits", waits, 0, HTTP_SLOW, NULL },
    { HTTP_GET, "/endless", endless, 0, HTTP_WORK, NULL },
};

static void after(const struct http_request *r, int status, int64_t bytes, int64_t us)
{
    (void)bytes, (void)us;
    if (status == 500)
        snprintf(house.fault, sizeof house.fault, "%s", r->fault ? r->fault : "");
}

static int open_house(void **state)
{
    (void)state;
    struct http_options options = { .listen = "127.0.0.1:0",
                                    .before = before,
                                    .after = after,
                                    .loops = 2,
                                    .workers = 2,
                                    .slow_workers = 1,
                                    .body_bytes_most = 100000,
                                    .request_seconds = 1,
                                    .idle_seconds = 2,
                                    .stop_seconds = 5,
                                    .queue_most = 2 };
    sem_init(&house.entered, 0, 0);
    sem_init(&house.go, 0, 0);
    house.file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    for (int i = 0; i < FILE_BYTES; i++) {
        uint8_t byte = (uint8_t)(i * 7 + i / 251);
        assert_int_equal(write(house.file, &byte, 1), 1);
    }
    CHECK_OK(http_server_open(&options, rows, COUNT_OF(rows), &house.server, e));
    CHECK_OK(http_server_start(house.server, e));
    house.port = http_server_port(house.server);
    return 0;
}

static int close_house(void **state)
{
    (void)state;
    http_server_close(house.server);
    close(house.file);
    return 0;
}

#define ASK(text) client_ask(house.port, text)
#define HOST      "Host: x\r\n"

TEST(fast_and_worked_routes_answer)
{
    static const char *const asks[] = { "GET /hello?name=%D1%8F HTTP/1.1\r\n" HOST "\r\n",
                                        "GET /worked?name=%D1%8F HTTP/1.1\r\n" HOST "\r\n",
                                        "GET http://elsewhere/hello?name=%D1%8F HTTP/1.1\r\n" HOST
                                        "\r\n",
                                        "GET /hello?name=%D1%8F HTTP/1.0\r\n\r\n" };
    for (size_t i = 0; i < COUNT_OF(asks); i++) {
        struct answer a = ASK(asks[i]);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, "hello \xD1\x8F");
        assert_string_equal(answer_header(&a, "X-Content-Type-Options"), "nosniff");
        assert_int_equal(strncmp(answer_header(&a, "X-Request-Id"), "req_", 4), 0);
        answer_done(&a);
    }
}

TEST(what_need_not_wait_is_answered_by_the_loop_and_what_has_to_by_a_worker)
{
    static const struct {
        const char *ask, *by;
        int hooks, calls;
    } rows_of[] = {
        { "GET /either HTTP/1.1\r\n" HOST "\r\n", "loop", 1, 1 },
        { "GET /either HTTP/1.1\r\n" HOST "X-Wait: handler\r\n\r\n", "worker", 1, 2 },
        { "GET /either HTTP/1.1\r\n" HOST "X-Wait: hook\r\n\r\n", "worker", 2, 1 },
    };
    for (size_t i = 0; i < COUNT_OF(rows_of); i++) {
        atomic_store(&house.hooks, 0);
        atomic_store(&house.calls, 0);
        struct answer a = ASK(rows_of[i].ask);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, rows_of[i].by);
        assert_string_equal(answer_header(&a, "X-Hook"), "passed");
        assert_int_equal(atomic_load(&house.hooks), rows_of[i].hooks);
        assert_int_equal(atomic_load(&house.calls), rows_of[i].calls);
        answer_done(&a);
    }
}

TEST(errors_are_problem_documents_with_the_request_id)
{
    struct answer a = ASK("GET /things/none HTTP/1.1\r\n" HOST "\r\n");
    JSON(v);
    assert_int_equal(a.status, 404);
    assert_string_equal(answer_header(&a, "Content-Type"), "application/problem+json");
    CHECK_OK(json_read(str_of(a.body), &v, e));
    assert_string_equal(json_string_value(json_object_get(v, "type")),
                        "http://x/problems/not_found");
    assert_string_equal(json_string_value(json_object_get(v, "detail")),
                        "no thing is called \"none\"");
    assert_string_equal(json_string_value(json_object_get(v, "instance")),
                        answer_header(&a, "X-Request-Id"));
    assert_int_equal(json_integer_value(json_object_get(v, "status")), 404);
    answer_done(&a);
    a = ASK("GET /things/broken HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 500);
    assert_null(strstr(a.body, "secret"));
    assert_string_equal(house.fault, "secret path /etc/x");
    answer_done(&a);
}

TEST(a_denial_may_speak_in_the_status_line)
{
    struct answer a = ASK("GET /things/law HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 451);
    assert_string_equal(a.reason, "Preview only in your country");
    assert_non_null(strstr(a.body, "\"territory\":\"DE\""));
    answer_done(&a);
}

TEST(unknown_methods_and_addresses_are_told_apart)
{
    struct answer a = ASK("POST /hello HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    assert_int_equal(a.status, 405);
    assert_string_equal(answer_header(&a, "Allow"), "GET, HEAD, OPTIONS");
    answer_done(&a);
    a = ASK("OPTIONS /echo HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 204);
    assert_string_equal(answer_header(&a, "Allow"), "POST, OPTIONS");
    answer_done(&a);
    a = ASK("GET /nowhere HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 404);
    answer_done(&a);
    a = ASK("TRACE /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 501);
    answer_done(&a);
}

TEST(head_has_the_headers_of_get_and_no_body)
{
    BUF(in);
    int fd = client_connect(house.port);
    const char *ask = "HEAD /hello HTTP/1.1\r\n" HOST "\r\nGET /hello HTTP/1.1\r\n" HOST "\r\n";
    client_send(fd, ask, strlen(ask));
    struct answer a = client_read(fd, &in, true);
    assert_int_equal(a.status, 200);
    assert_string_equal(answer_header(&a, "Content-Length"), "9");
    answer_done(&a);
    a = client_read(fd, &in, false);
    assert_string_equal(a.body, "hello you");
    answer_done(&a);
    close(fd);
}

TEST(requests_in_a_row_are_answered_in_order)
{
    BUF(in);
    int fd = client_connect(house.port);
    const char *ask = "GET /worked?name=1 HTTP/1.1\r\n" HOST "\r\n"
                      "GET /hello?name=2 HTTP/1.1\r\n" HOST "\r\n"
                      "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
                      "GET /hello?name=3 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    static const char *const wants[] = { "hello 1", "hello 2", "3:abc", "hello 3" };
    client_send(fd, ask, strlen(ask));
    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        struct answer a = client_read(fd, &in, false);
        assert_string_equal(a.body, wants[i]);
        answer_done(&a);
    }
    assert_false(client_more(fd, &in));
    close(fd);
}

/* Each is refused, and nothing behind it on the connection is taken for a request. */
TEST(requests_that_two_parsers_could_read_differently_are_refused)
{
#define SMUGGLED "GET /hello HTTP/1.1\r\n" HOST "\r\n"
    static const char *const asks[] = {
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: -5\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nabcde" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nabcde" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5 5\r\n\r\nabcde" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-5\r\n" SMUGGLED,
        "POST /echo HTTP/1.1\r\n" HOST
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" SMUGGLED,
        "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 41\r\n\r\n" SMUGGLED,
        "GET /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED,
        "GET /hello HTTP/1.1\r\n\r\n" SMUGGLED,
        "GET /hello HTTP/1.1\r\n" HOST "Host: y\r\n\r\n" SMUGGLED,
        "GET /he\tllo HTTP/1.1\r\n" HOST "\r\n" SMUGGLED,
        "GET hello HTTP/1.1\r\n" HOST "\r\n" SMUGGLED,
        "GET /hello%00 HTTP/1.1\r\n" HOST "\r\n",
        "GET /../hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /%2e%2e/hello HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello?x=%zz HTTP/1.1\r\n" HOST "\r\n",
        "GET /hello HTTP/1.1 x\r\n" HOST "\r\n" SMUGGLED,
        "GET /hello HTTP/9.9\r\n" HOST "\r\n" SMUGGLED,
        "rubbish\r\n\r\n" SMUGGLED,
    };
    for (size_t i = 0; i < COUNT_OF(asks); i++) {
        BUF(in);
        int fd = client_connect(house.port);
        client_send(fd, asks[i], strlen(asks[i]));
        shutdown(fd, SHUT_WR);
        struct answer a = client_read(fd, &in, false);
        if (a.status != 0 && (a.status < 400 || a.status > 501))
            STOP("row %zu: status %d for: %s", i, a.status, asks[i]);
        answer_done(&a);
        if (strstr(asks[i], SMUGGLED)) {
            a = client_read(fd, &in, false);
            if (a.status == 200)
                STOP("row %zu: the second request was answered: %s", i, asks[i]);
            answer_done(&a);
        }
        close(fd);
    }
}

TEST(chunked_bodies_and_expectations_are_read)
{
    struct answer a = ASK("POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert_string_equal(a.body, "5:abcde");
    answer_done(&a);
    BUF(in);
    int fd = client_connect(house.port);
    const char *ask = "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n"
                      "Content-Length: 2\r\n\r\n";
    client_send(fd, ask, strlen(ask));
    a = client_read(fd, &in, true);
    assert_int_equal(a.status, 100);
    answer_done(&a);
    client_send(fd, "hi", 2);
    a = client_read(fd, &in, false);
    assert_string_equal(a.body, "2:hi");
    answer_done(&a);
    close(fd);
}

TEST(bodies_and_headers_over_the_limit_are_refused)
{
    BUF(ask);
    buf_text(&ask, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 100001\r\n\r\n");
    for (int i = 0; i < 100001; i++)
        buf_byte(&ask, 'x');
    struct answer a = client_ask_bytes(house.port, (char *)ask.bytes, ask.length);
    assert_int_equal(a.status, 413);
    answer_done(&a);
    buf_clear(&ask);
    buf_text(&ask, "GET /hello HTTP/1.1\r\n" HOST "X-Long: ");
    for (int i = 0; i < 20000; i++)
        buf_byte(&ask, 'x');
    buf_text(&ask, "\r\n\r\n");
    a = client_ask_bytes(house.port, (char *)ask.bytes, ask.length);
    assert_int_equal(a.status, 400);
    answer_done(&a);
}

static void check_bytes(const struct answer *a, int from)
{
    for (size_t i = 0; i < a->length; i++) {
        int at = from + (int)i;
        if ((uint8_t)a->body[i] != (uint8_t)(at * 7 + at / 251))
            STOP("byte %d is wrong", at);
    }
}

TEST(files_are_sent_whole_in_part_or_not_at_all)
{
    static const struct {
        const char *headers;
        int status, from, length;
        const char *range;
    } cases[] = {
        { "", 200, 0, FILE_BYTES, NULL },
        { "Range: bytes=0-0\r\n", 206, 0, 1, "bytes 0-0/300000" },
        { "Range: bytes=1000-200999\r\n", 206, 1000, 200000, "bytes 1000-200999/300000" },
        { "Range: bytes=-7\r\n", 206, 299993, 7, "bytes 299993-299999/300000" },
        { "Range: bytes=1-2,4-5\r\n", 200, 0, FILE_BYTES, NULL },
        { "Range: bytes=5-9\r\nIf-Range: \"tag\"\r\n", 206, 5, 5, "bytes 5-9/300000" },
        { "Range: bytes=5-9\r\nIf-Range: \"old\"\r\n", 200, 0, FILE_BYTES, NULL },
        { "Range: bytes=5-9\r\nIf-Range: W/\"tag\"\r\n", 200, 0, FILE_BYTES, NULL },
        { "If-None-Match: \"tag\"\r\n", 304, 0, 0, NULL },
        { "If-None-Match: W/\"tag\"\r\nRange: bytes=0-1\r\n", 304, 0, 0, NULL },
        { "If-None-Match: \"old\"\r\n", 200, 0, FILE_BYTES, NULL },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char ask[300];
        snprintf(ask, sizeof ask, "GET /file HTTP/1.1\r\n" HOST "%s\r\n", cases[i].headers);
        struct answer a = ASK(ask);
        assert_int_equal(a.status, cases[i].status);
        assert_int_equal(a.length, cases[i].length);
        check_bytes(&a, cases[i].from);
        assert_string_equal(answer_header(&a, "ETag"), "\"tag\"");
        if (cases[i].range)
            assert_string_equal(answer_header(&a, "Content-Range"), cases[i].range);
        else
            assert_null(answer_header(&a, "Content-Range"));
        answer_done(&a);
    }
    struct answer a = ASK("GET /file HTTP/1.1\r\n" HOST "Range: bytes=300000-\r\n\r\n");
    assert_int_equal(a.status, 416);
    assert_string_equal(answer_header(&a, "Content-Range"), "bytes */300000");
    answer_done(&a);
    a = ASK("HEAD /file HTTP/1.1\r\n" HOST "Range: bytes=0-9\r\n\r\n");
    assert_int_equal(a.status, 206);
    assert_string_equal(answer_header(&a, "Content-Length"), "10");
    answer_done(&a);
}

static int open_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void until(bool done(void), const char *what)
{
    for (int i = 0; i < 5000 && !done(); i++)
        nanosleep(&(struct timespec) { 0, 1000000 }, NULL);
    if (!done())
        STOP("it did not happen in 5 s: %s", what);
}

static int files_before;
static bool files_are_back(void)
{
    return open_files() <= files_before;
}

TEST(clients_that_leave_take_no_descriptor_with_them)
{
    files_before = open_files();
    for (int i = 0; i < 60; i++) {
        int fd = client_connect(house.port);
        const char *ask = i % 3 ? "GET /file HTTP/1.1\r\n" HOST "\r\n"
                                : "GET /endless HTTP/1.1\r\n" HOST "\r\n";
        client_send(fd, ask, strlen(ask));
        if (i % 2) {
            char byte;
            assert_int_equal(read(fd, &byte, 1), 1);
        }
        struct linger now = { 1, 0 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    }
    until(files_are_back, "descriptors are closed");
}

TEST(a_client_that_leaves_while_a_worker_has_its_request_harms_nobody)
{
    const char *ask = "GET /waits HTTP/1.1\r\n" HOST "\r\n";
    int fd = client_connect(house.port);
    client_send(fd, ask, strlen(ask));
    sem_wait(&house.entered);
    close(fd);
    sem_post(&house.go);
    struct answer a = ASK("GET /worked HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    answer_done(&a);
}

TEST(a_full_queue_answers_503_at_once)
{
    const char *ask = "GET /waits HTTP/1.1\r\n" HOST "\r\n";
    int fds[6], busy = 0;
    for (int i = 0; i < 6; i++) {
        fds[i] = client_connect(house.port);
        client_send(fds[i], ask, strlen(ask));
        if (i == 0)
            sem_wait(&house.entered);
    }
    /* one runs, two wait: at least three are refused before anything is let go */
    struct pollfd p[6];
    for (int i = 0; i < 6; i++)
        p[i] = (struct pollfd) { fds[i], POLLIN, 0 };
    for (int tries = 0; busy < 3 && tries < 1000; tries++) {
        busy = 0;
        nanosleep(&(struct timespec) { 0, 10000000 }, NULL);
        poll(p, 6, 0);
        for (int i = 0; i < 6; i++)
            busy += (p[i].revents & POLLIN) != 0;
    }
    assert_int_equal(busy, 3);
    for (int i = 0; i < 3; i++)
        sem_post(&house.go);
    int ok = 0, refused = 0;
    for (int i = 0; i < 6; i++) {
        BUF(in);
        struct answer a = client_read(fds[i], &in, false);
        ok += a.status == 200;
        refused += a.status == 503;
        answer_done(&a);
        close(fds[i]);
    }
    sem_wait(&house.entered);
    sem_wait(&house.entered);
    assert_int_equal(ok, 3);
    assert_int_equal(refused, 3);
}

TEST(cutting_a_key_ends_its_running_answers_and_no_others)
{
    BUF(in);
    BUF(other);
    uint8_t key[ID_BYTES];
    memset(key, 7, sizeof key);
    int running = client_connect(house.port), bystander = client_connect(house.port);
    const char *ask = "GET /endless HTTP/1.1\r\n" HOST "\r\n";
    client_send(running, ask, strlen(ask));
    ask = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
    client_send(bystander, ask, strlen(ask));
    struct answer a = client_read(bystander, &other, false);
    answer_done(&a);
    assert_true(client_more(running, &in));
    http_server_cut(house.server, key);
    while (in.length < 1 << 28 && client_more(running, &in))
        buf_clear(&in); /* what was in the pipe */
    assert_true(in.length < 1 << 28);
    client_send(bystander, ask, strlen(ask));
    a = client_read(bystander, &other, false);
    assert_int_equal(a.status, 200);
    answer_done(&a);
    close(running);
    close(bystander);
}

TEST(a_slow_request_is_ended_and_others_are_not_held_up)
{
    BUF(in);
    int slow = client_connect(house.port), idle = client_connect(house.port);
    client_send(slow, "GET /hello HT", 13);
    struct answer a = ASK("GET /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    answer_done(&a);
    assert_false(client_more(slow, &in));
    assert_false(client_more(idle, &in));
    close(slow);
    close(idle);
}

/* More at once than a loop accepts in one turn: none of them escapes the clock. */
TEST(a_crowd_of_slow_clients_is_ended_to_the_last)
{
    enum { CROWD = 900 };
    static int fds[CROWD];
    for (int i = 0; i < CROWD; i++) {
        fds[i] = client_connect(house.port);
        client_send(fds[i], "GET /he", 7);
    }
    struct answer a = ASK("GET /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a.status, 200);
    answer_done(&a);
    for (int i = 0; i < CROWD; i++) {
        BUF(in);
        assert_false(client_more(fds[i], &in));
        close(fds[i]);
    }
}

TEST(counts_are_written_for_prometheus)
{
    BUF(text);
    struct answer a = ASK("GET /things/none HTTP/1.1\r\n" HOST "\r\n");
    answer_done(&a);
    http_metrics_write(house.server, &text);
    const char *t = (const char *)text.bytes;
    assert_non_null(strstr(t, "licet_http_requests_total{route=\"/things/{thing}\",method=\"GET\","
                              "status=\"404\"} "));
    assert_non_null(strstr(t, "licet_http_request_seconds_bucket{route=\"/hello\",method=\"GET\","
                              "le=\"+Inf\"} "));
    assert_non_null(strstr(t, "# TYPE licet_http_connections gauge"));
}

static void *stop_house(void *unused)
{
    (void)unused;
    http_server_stop(house.server);
    return NULL;
}

TEST(answers_under_way_are_finished_at_stop)
{
    BUF(in);
    pthread_t stopper;
    const char *ask = "GET /waits HTTP/1.1\r\n" HOST "\r\n";
    int fd = client_connect(house.port), idle = client_connect(house.port);
    client_send(fd, ask, strlen(ask));
    sem_wait(&house.entered);
    pthread_create(&stopper, NULL, stop_house, NULL);
    assert_false(client_more(idle, &in)); /* idle ones are ended first */
    sem_post(&house.go);
    struct answer a = client_read(fd, &in, false);
    assert_string_equal(a.body, "waited");
    assert_string_equal(answer_header(&a, "Connection"), "close");
    answer_done(&a);
    pthread_join(stopper, NULL);
    close(fd);
    close(idle);
}

TEST(an_address_in_use_is_refused)
{
    char listen[64];
    struct http_server *second;
    struct http_options options = { .listen = listen };
    snprintf(listen, sizeof listen, "127.0.0.1:%u", house.port);
    CHECK_FAILS(ERR_BUSY, "in use", http_server_open(&options, rows, COUNT_OF(rows), &second, e));
    snprintf(listen, sizeof listen, "localhost:http");
    CHECK_FAILS(ERR_INVALID, "numeric", http_server_open(&options, rows, 1, &second, e));
    snprintf(listen, sizeof listen, "nonsense");
    CHECK_FAILS(ERR_INVALID, "ADDRESS:PORT", http_server_open(&options, rows, 1, &second, e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_and_worked_routes_answer),
        cmocka_unit_test(what_need_not_wait_is_answered_by_the_loop_and_what_has_to_by_a_worker),
        cmocka_unit_test(errors_are_problem_documents_with_the_request_id),
        cmocka_unit_test(a_denial_may_speak_in_the_status_line),
        cmocka_unit_test(unknown_methods_and_addresses_are_told_apart),
        cmocka_unit_test(head_has_the_headers_of_get_and_no_body),
        cmocka_unit_test(requests_in_a_row_are_answered_in_order),
        cmocka_unit_test(requests_that_two_parsers_could_read_differently_are_refused),
        cmocka_unit_test(chunked_bodies_and_expectations_are_read),
        cmocka_unit_test(bodies_and_headers_over_the_limit_are_refused),
        cmocka_unit_test(files_are_sent_whole_in_part_or_not_at_all),
        cmocka_unit_test(clients_that_leave_take_no_descriptor_with_them),
        cmocka_unit_test(a_client_that_leaves_while_a_worker_has_its_request_harms_nobody),
        cmocka_unit_test(a_full_queue_answers_503_at_once),
        cmocka_unit_test(cutting_a_key_ends_its_running_answers_and_no_others),
        cmocka_unit_test(a_slow_request_is_ended_and_others_are_not_held_up),
        cmocka_unit_test(a_crowd_of_slow_clients_is_ended_to_the_last),
        cmocka_unit_test(counts_are_written_for_prometheus),
        cmocka_unit_test(an_address_in_use_is_refused),
        cmocka_unit_test(answers_under_way_are_finished_at_stop),
    };
    return cmocka_run_group_tests(tests, open_house, close_house);
}
