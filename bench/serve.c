/* SPDX-License-Identifier: Apache-2.0 */
/* serve [--quick]: what a route costs against an empty one, and bytes against copying them.
 *
 * Server and load share the machine, so only the ratios mean something elsewhere. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/http.h"
#include "load.h"

enum { FILE_BYTES = 8 << 20, RANGE_BYTES = 64 << 10 };

static int file_fd;

static enum code empty(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)r, (void)e;
    http_header_set(out, "Content-Type", "application/json");
    buf_text(&out->body, "{\"ok\":true}");
    return OK;
}

static enum code file(struct http_request *r, struct http_response *out, struct error *e)
{
    (void)e;
    struct http_file about = { FILE_BYTES, "\"bench\"", "audio/ogg" };
    http_respond_file_take(r, out, dup(file_fd), &about);
    return OK;
}

static const struct http_route rows[] = {
    { HTTP_GET, "/fast", empty, 0, HTTP_FAST, NULL },
    { HTTP_GET, "/work", empty, 0, HTTP_WORK, NULL },
    { HTTP_GET, "/file", file, 0, HTTP_FAST, NULL },
};

static const struct {
    const char *name, *request;
    unsigned connections;
    int status;
} loads[] = {
    { "empty_fast", "GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 64, 200 },
    { "empty_worked", "GET /work HTTP/1.1\r\nHost: x\r\n\r\n", 64, 200 },
    { "not_found", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 64, 404 },
    { "range_64k", "GET /file HTTP/1.1\r\nHost: x\r\nRange: bytes=65536-131071\r\n\r\n", 32, 206 },
    { "file_8m", "GET /file HTTP/1.1\r\nHost: x\r\n\r\n", 8, 200 },
};

static int make_file(void)
{
    static char block[1 << 16];
    int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 31);
    for (size_t n = 0; fd >= 0 && n < FILE_BYTES; n += sizeof block)
        if (write(fd, block, sizeof block) != sizeof block)
            return -1;
    return fd;
}

static int stop(const struct error *e)
{
    fprintf(stderr, "serve: %s\n", e->text);
    return 1;
}

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct error e = { 0 };
    struct http_server *s = NULL;
    struct http_options options = { .listen = "127.0.0.1:0", .loops = 1 };
    double empty_rate = 0;
    file_fd = make_file();
    if (file_fd < 0)
        return stop(&(struct error) { ERR_IO, "cannot write 8 MiB in /tmp" });
    if (http_server_open(&options, rows, COUNT_OF(rows), &s, &e) != OK ||
        http_server_start(s, &e) != OK)
        return stop(&e);
    for (size_t i = 0; i < COUNT_OF(loads); i++) {
        struct load l = { http_server_port(s), loads[i].connections, quick ? 0.5 : 4,
                          loads[i].request, loads[i].status };
        struct load_result got;
        if (!load_run(&l, &got))
            return 1;
        if (i == 0)
            empty_rate = got.per_second;
        printf("%s\t%.0f\tper second\t%.0f\n", loads[i].name, got.per_second, empty_rate);
        printf("%s_ratio\t%.3f\tof empty\t1\n", loads[i].name, got.per_second / empty_rate);
        printf("%s_p50\t%.0f\tus\n%s_p99\t%.0f\tus\n", loads[i].name, got.p50_us, loads[i].name,
               got.p99_us);
        printf("%s_bytes\t%.1f\tMB/s\n", loads[i].name, got.bytes_per_second / 1e6);
        fflush(stdout);
    }
    http_server_close(s);
    close(file_fd);
    return 0;
}
