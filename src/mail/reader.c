/* SPDX-License-Identifier: Apache-2.0 */
/* The child's life, and the program's side of it. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mail/inside.h"

enum { FD_IN, FD_OUT, ANSWER_MOST = 64 << 20, CPU_SECONDS = 20, AUTHORITY_MOST = 256 };

struct child_request {
    char authority[AUTHORITY_MOST];
};

/* ---- in the child: one byte for the code, then the JSON or the words of the error ---- */

static enum code read_all(struct buf *out, struct error *e)
{
    static uint8_t block[64 * 1024];
    for (;;) {
        ssize_t n = read(FD_IN, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the message");
        if (n == 0)
            return out->failed ? fail(e, ERR_MEMORY, "no memory for the message") : OK;
        buf_put(out, block, (size_t)n);
        if (out->length > MAIL_BYTES_MOST)
            return fail(e, ERR_LIMIT, "it has more than %d bytes", MAIL_BYTES_MOST);
    }
}

static int child_work(const void *request, size_t length, const struct error *refused)
{
    struct child_request q;
    struct error e = { 0 };
    BUF(message);
    BUF(json);
    if (length != sizeof q)
        return 1;
    memcpy(&q, request, length);
    q.authority[AUTHORITY_MOST - 1] = '\0';
    enum code code = refused ? refused->code : read_all(&message, &e);
    if (refused)
        e = *refused;
    if (code == OK)
        code = mail_read_here(buf_as_str(&message), str_of(q.authority), &json, &e);
    uint8_t first = (uint8_t)code;
    struct str words = code == OK ? buf_as_str(&json) : str_of(e.text);
    return file_write_all(FD_OUT, &first, 1, &e) == OK &&
                   file_write_all(FD_OUT, words.at, words.length, &e) == OK
               ? 0
               : 1;
}

static const struct confine_trade trade = {
    .process = "licet-mail",
    .worker = "reader of mail",
    .cpu_setting = "a smaller message",
    .file_setting = "a smaller message",
    .warm = parts_warm,
    .work = child_work,
};

enum code mail_host_start(struct confine_host **out, struct error *e)
{
    return confine_host_start(&trade, out, e);
}

/* ---- in the program ---- */

static enum code take_words(void *context, const uint8_t *bytes, size_t count, struct error *e)
{
    struct buf *answer = context;
    if (answer->length + count > ANSWER_MOST)
        return fail(e, ERR_LIMIT, "what was read of the message is more than %d bytes",
                    ANSWER_MOST);
    buf_put(answer, bytes, count);
    return OK;
}

/* The code and words of the child; what it may not say is taken as a broken reader. */
static enum code take_answer(const struct buf *answer, struct buf *json, struct error *e)
{
    if (answer->failed)
        return fail(e, ERR_MEMORY, "no memory for what was read");
    if (answer->length == 0)
        return fail(e, ERR_INVALID, "the reader of mail said nothing");
    struct str words = { (const char *)answer->bytes + 1, answer->length - 1 };
    if (answer->bytes[0] == OK) {
        buf_str(json, words);
        return json->failed ? fail(e, ERR_MEMORY, "no memory for what was read") : OK;
    }
    return fail(e, answer->bytes[0] == ERR_LIMIT ? ERR_LIMIT : ERR_INVALID, "%.*s",
                (int)(words.length > 400 ? 400 : words.length), words.at);
}

static enum code put_in_memory(struct str message, int *fd, struct error *e)
{
    *fd = memfd_create("message", MFD_CLOEXEC);
    if (*fd < 0)
        return fail_errno(e, "a place for the message");
    TRY(file_write_all(*fd, message.at, message.length, e));
    return lseek(*fd, 0, SEEK_SET) == 0 ? OK : fail_errno(e, "a place for the message");
}

enum code mail_read(struct confine_host *h, struct str message, struct str authority,
                    struct buf *json, struct error *e)
{
    BUF(answer);
    struct child_request q = { "" };
    int64_t cpu_us;
    int fd = -1;
    if (message.length > MAIL_BYTES_MOST)
        return fail(e, ERR_LIMIT, "it has %zu bytes, %d are the most", message.length,
                    MAIL_BYTES_MOST);
    if (authority.length >= sizeof q.authority)
        return fail(e, ERR_INVALID, "the name of the mail server is too long");
    memcpy(q.authority, authority.at ? authority.at : "", authority.length);
    enum code code = put_in_memory(message, &fd, e);
    const struct confine_call call = { .limits = { CPU_SECONDS, 512 << 20, 0 },
                                       .fd_in = fd,
                                       .fd_out = -1,
                                       .context = &answer,
                                       .words = take_words };
    if (code == OK)
        code = confine_call(h, &call, &q, sizeof q, &cpu_us, e);
    if (fd >= 0)
        close(fd);
    return code == OK ? take_answer(&answer, json, e) : code;
}
