/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the log as bytes; pure. */
#include "index/log.h"

#define HEAD 24 /* kind 4, body length 4, key 16 */
#define TAIL 8

static void put_int(struct buf *b, uint64_t x, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buf_byte(b, (uint8_t)(x >> 8 * i));
}

static uint64_t get_int(const uint8_t *at, size_t bytes)
{
    uint64_t x = 0;
    for (size_t i = 0; i < bytes; i++)
        x |= (uint64_t)at[i] << 8 * i;
    return x;
}

void log_put(struct buf *out, enum log_kind kind, const struct index_key *key, const void *body,
             size_t length)
{
    static const struct index_key none = { { 0 } };
    size_t start = out->length;
    put_int(out, (uint64_t)kind, 4);
    put_int(out, length, 4);
    buf_put(out, key ? key->bytes : none.bytes, sizeof none.bytes);
    if (length)
        buf_put(out, body, length);
    if (!out->failed)
        put_int(out, fp_checksum(out->bytes + start, out->length - start), 8);
}

bool log_next(const uint8_t *bytes, size_t length, size_t *at, struct log_record *out)
{
    const uint8_t *p = bytes + *at;
    if (*at > length || length - *at < HEAD + TAIL)
        return false;
    uint64_t kind = get_int(p, 4), body = get_int(p + 4, 4);
    if (kind < LOG_ADD || kind > LOG_COMMIT || body > length - *at - HEAD - TAIL
        || get_int(p + HEAD + body, 8) != fp_checksum(p, HEAD + (size_t)body))
        return false;
    out->kind = (enum log_kind)kind;
    memcpy(out->key.bytes, p + 8, sizeof out->key.bytes);
    out->body = p + HEAD;
    out->length = (size_t)body;
    *at += HEAD + (size_t)body + TAIL;
    return true;
}

size_t log_whole(const uint8_t *bytes, size_t length)
{
    size_t at = 0, whole = 0;
    struct log_record r;
    while (log_next(bytes, length, &at, &r))
        if (r.kind == LOG_COMMIT)
            whole = at;
    return whole;
}
