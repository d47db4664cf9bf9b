/* SPDX-License-Identifier: Apache-2.0 */
/* The child's life, and the program's side of it. */
#include "ddex/reader.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

#include "ddex/scan.h"
#include "ddex/words.h"

enum { FD_IN, FD_OUT, BLOCK_BYTES = 64 * 1024 };

struct ern_limits ern_limits_default(void)
{
    return (struct ern_limits) { .bytes_most = 4LL << 30, .cpu_seconds_most = 120 };
}

enum code ern_limits_from(const struct settings *s, struct ern_limits *out, struct error *e)
{
    struct ern_limits l;
    TRY(settings_int(s, "ddex.bytes_most", 1, 1LL << 40, &l.bytes_most, e));
    TRY(settings_int(s, "ddex.cpu_seconds_most", 1, 1000000, &l.cpu_seconds_most, e));
    *out = l;
    return OK;
}

/* ---- in the child ---- */

/* Frames leave in blocks: a write for each would cost more than the parsing. */
struct pipe_out {
    size_t length;
    uint8_t bytes[BLOCK_BYTES];
};

static enum code flush(struct pipe_out *p, struct error *e)
{
    size_t length = p->length;
    p->length = 0;
    return length ? file_write_all(FD_OUT, p->bytes, length, e) : OK;
}

static enum code put_bytes(struct pipe_out *p, const void *bytes, size_t length, struct error *e)
{
    if (length > sizeof p->bytes - p->length)
        TRY(flush(p, e));
    if (length > sizeof p->bytes)
        return file_write_all(FD_OUT, bytes, length, e);
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
    return OK;
}

static enum code put_frame(void *context, enum wire_kind kind, const void *payload, size_t length,
                           struct error *e)
{
    struct wire_header h = { (uint32_t)kind, (uint32_t)length };
    TRY(put_bytes(context, &h, sizeof h, e));
    return put_bytes(context, payload, length, e);
}

struct child_request {
    int64_t bytes_most;
};

static enum code scan_all(struct scan *s, int64_t bytes_most, struct error *e)
{
    static char block[BLOCK_BYTES];
    bool refused = false;
    int64_t left = bytes_most;
    while (!refused) {
        ssize_t n = read(FD_IN, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(e, "reading the message");
        if (n == 0)
            return scan_end(s, &refused, e);
        left -= n;
        if (left < 0)
            return fail(e, ERR_LIMIT,
                        "it has more than %lld bytes, the most that ddex.bytes_most "
                        "allows",
                        (long long)bytes_most);
        TRY(scan_feed(s, block, (size_t)n, &refused, e));
    }
    return OK;
}

static enum code read_message(const struct child_request *q, const struct error *refused,
                              struct pipe_out *p, struct error *e)
{
    owned(scan) s = NULL;
    const struct scan_out out = { p, put_frame };
    if (refused) {
        *e = *refused;
        return refused->code;
    }
    TRY(scan_new(&out, &s, e));
    return scan_all(s, q->bytes_most, e);
}

static int child_work(const void *request, size_t length, const struct error *refused)
{
    static struct pipe_out p;
    struct error e = { 0 };
    struct child_request q;
    if (length != sizeof q)
        return 1;
    memcpy(&q, request, length);
    enum code code = read_message(&q, refused, &p, &e);
    if (code != OK) {
        struct wire_failed failed = { .code = (uint32_t)code };
        memcpy(failed.text, e.text, sizeof failed.text);
        code = put_frame(&p, WIRE_FAILED, &failed, sizeof failed, &e);
    }
    return code == OK && flush(&p, &e) == OK ? 0 : 1;
}

static const struct confine_trade trade = {
    .process = "licet-ddex",
    .worker = "reader of messages",
    .cpu_setting = "ddex.cpu_seconds_most",
    .file_setting = "ddex.bytes_most",
    .warm = scan_warm,
    .work = child_work,
};

enum code ern_host_start(struct confine_host **out, struct error *e)
{
    return confine_host_start(&trade, out, e);
}

/* ---- in the program ---- */

struct listener {
    struct words words;
    crypto_generichash_state digest;
};

static enum code take_words(void *context, const uint8_t *bytes, size_t count, struct error *e)
{
    struct listener *l = context;
    crypto_generichash_update(&l->digest, bytes, count);
    return words_feed(&l->words, bytes, count, e);
}

static void tell(const struct words *w, struct ern_read *read)
{
    read->refused = w->refused;
    read->note = w->note;
    read->bytes = w->end.bytes;
    read->records = w->end.records;
}

enum code ern_read(struct confine_host *h, int fd, const struct ern_limits *limits,
                   const struct ern_sink *sink, struct ern_read *read, struct error *e)
{
    const struct words_sink to = { sink->context, sink->record };
    struct listener l;
    uint8_t digest[32];
    const struct child_request q = { limits->bytes_most };
    const struct confine_call call = {
        .limits = { limits->cpu_seconds_most, ERN_MEMORY_BYTES_MOST, 0 },
        .fd_in = fd,
        .fd_out = -1,
        .context = &l,
        .words = take_words,
    };
    *read = (struct ern_read) { 0 };
    words_init(&l.words, &to);
    crypto_generichash_init(&l.digest, NULL, 0, sizeof digest);
    enum code code = confine_call(h, &call, &q, sizeof q, &read->cpu_us, e);
    if (code == OK)
        code = words_finish(&l.words, e);
    tell(&l.words, read);
    crypto_generichash_final(&l.digest, digest, sizeof digest);
    hex_encode(digest, sizeof digest, read->digest);
    words_done(&l.words);
    return code;
}

static enum code take_here(void *context, enum wire_kind kind, const void *payload, size_t length,
                           struct error *e)
{
    return words_take(context, kind, payload, length, e);
}

enum code ern_read_here(struct str xml, const struct ern_sink *sink, struct ern_read *read,
                        struct error *e)
{
    const struct words_sink to = { sink->context, sink->record };
    struct words w;
    const struct scan_out out = { &w, take_here };
    owned(scan) s = NULL;
    bool refused = false;
    *read = (struct ern_read) { 0 };
    scan_warm();
    TRY(scan_new(&out, &s, e));
    words_init(&w, &to);
    enum code code = scan_feed(s, xml.at, xml.length, &refused, e);
    if (code == OK && !refused)
        code = scan_end(s, &refused, e);
    if (code == OK)
        code = words_finish(&w, e);
    tell(&w, read);
    words_done(&w);
    return code;
}

bool ern_looks_like(struct str s)
{
    static const char utf8[] = "\xEF\xBB\xBF", utf16_le[] = "\xFF\xFE", utf16_be[] = "\xFE\xFF";
    if (str_starts(s, utf16_le) || str_starts(s, utf16_be))
        return true;
    if (str_starts(s, utf8))
        s = (struct str) { s.at + 3, s.length - 3 };
    while (s.length && (*s.at == ' ' || *s.at == '\t' || *s.at == '\n' || *s.at == '\r'))
        s = (struct str) { s.at + 1, s.length - 1 };
    return s.length && *s.at == '<';
}
