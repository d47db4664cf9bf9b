/* SPDX-License-Identifier: Apache-2.0 */
/* A client that writes raw bytes, so that a test can also be rude. */
#ifndef LICET_TESTS_HTTP_CLIENT_H
#define LICET_TESTS_HTTP_CLIENT_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

struct answer {
    int status; /* 0: the connection ended without one */
    char reason[96];
    char *head, *body; /* end with NUL; owned */
    size_t length;
};

static inline int client_connect(unsigned port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

static inline void client_send(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server has hung up on us, which may be what is tested */
        bytes += n;
        length -= (size_t)n;
    }
}

/* At most 10 s for anything; false at the end of the stream. */
static inline bool client_more(int fd, struct buf *in)
{
    char piece[65536];
    struct pollfd p = { fd, POLLIN, 0 };
    if (poll(&p, 1, 10000) != 1)
        STOP("no bytes for 10 s");
    ssize_t n = read(fd, piece, sizeof piece);
    if (n <= 0)
        return false;
    buf_put(in, piece, (size_t)n);
    return true;
}

static inline const char *answer_header(const struct answer *a, const char *name)
{
    static char value[2048];
    size_t n = strlen(name);
    for (const char *line = a->head; (line = strstr(line, "\r\n"));) {
        line += 2;
        if (strncasecmp(line, name, n) != 0 || line[n] != ':')
            continue;
        line += n + 1 + strspn(line + n + 1, " ");
        snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r"), line);
        return value;
    }
    return NULL;
}

/* One answer; what came behind it stays in `in`. `bare`: it has no body (HEAD). */
static inline struct answer client_read(int fd, struct buf *in, bool bare)
{
    struct answer a = { 0 };
    char *end = NULL;
    while (!in->bytes || !(end = strstr((char *)in->bytes, "\r\n\r\n")))
        if (!client_more(fd, in)) {
            a.head = strdup("");
            a.body = strdup("");
            return a;
        }
    size_t head = (size_t)(end - (char *)in->bytes) + 4;
    a.head = strndup((char *)in->bytes, head);
    sscanf(a.head, "HTTP/1.%*d %d %95[^\r]", &a.status, a.reason);
    const char *length = answer_header(&a, "Content-Length");
    a.length = length && !bare ? (size_t)atoll(length) : 0;
    while (in->length < head + a.length)
        if (!client_more(fd, in))
            break;
    if (in->length < head + a.length)
        a.length = in->length - head;
    a.body = malloc(a.length + 1);
    memcpy(a.body, in->bytes + head, a.length);
    a.body[a.length] = '\0';
    memmove(in->bytes, in->bytes + head + a.length, in->length - head - a.length + 1);
    in->length -= head + a.length;
    return a;
}

static inline void answer_done(struct answer *a)
{
    free(a->head);
    free(a->body);
}

/* A whole exchange on a connection of its own. */
static inline struct answer client_ask_bytes(unsigned port, const char *bytes, size_t length)
{
    BUF(in);
    int fd = client_connect(port);
    client_send(fd, bytes, length);
    struct answer a = client_read(fd, &in, strncmp(bytes, "HEAD", 4) == 0);
    close(fd);
    return a;
}

static inline struct answer client_ask(unsigned port, const char *text)
{
    return client_ask_bytes(port, text, strlen(text));
}

#endif
