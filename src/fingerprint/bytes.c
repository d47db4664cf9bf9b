/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints as portable bytes: magic, version, counts, body, checksum. */
#include "fingerprint/fingerprint.h"

#include <stdlib.h>

#define HEAD       32 /* magic 8, version 4, bytes per item 4, count 8, samples 8 */
#define TAIL       8
#define WORD_BYTES 17

static const char reference_magic[8] = "licetfp\n", query_magic[8] = "licetfq\n";

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 29;
    return x;
}

uint64_t fp_checksum(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint64_t lane[4] = { 0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu, length };
    size_t left = length;
    for (; left >= 32; left -= 32, at += 32)
        for (size_t i = 0; i < 4; i++) {
            uint64_t x;
            memcpy(&x, at + 8 * i, 8);
            lane[i] = (lane[i] ^ x) * 0x9fb21c651e98df25u;
            lane[i] ^= lane[i] >> 28;
        }
    for (size_t i = 0; i < 4 && left; i++) {
        size_t n = left < 8 ? left : 8;
        uint64_t x = 0;
        memcpy(&x, at, n);
        lane[i] = mix(lane[i] ^ x);
        left -= n;
        at += n;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < 4; i++)
        sum = mix(sum ^ mix(lane[i] + i));
    return sum;
}

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

static void head_put(struct buf *out, const char *magic, size_t item, size_t count,
                     uint64_t samples)
{
    buf_put(out, magic, 8);
    put_int(out, FP_VERSION, 4);
    put_int(out, item, 4);
    put_int(out, count, 8);
    put_int(out, samples, 8);
}

static enum code tail_put(struct buf *out, size_t start, struct error *e)
{
    if (!out->failed)
        put_int(out, fp_checksum(out->bytes + start, out->length - start), 8);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for a fingerprint's bytes") : OK;
}

static enum code head_read(const uint8_t *bytes, size_t length, const char *magic, size_t item,
                           size_t *count, uint64_t *samples, struct error *e)
{
    if (length < HEAD + TAIL || memcmp(bytes, magic, 8) != 0)
        return fail(e, ERR_INVALID, "not a fingerprint of this kind");
    uint64_t version = get_int(bytes + 8, 4), n = get_int(bytes + 16, 8);
    if (version != FP_VERSION)
        return fail(e, ERR_INVALID, "fingerprint of version %u, this program reads version %d",
                    (unsigned)version, FP_VERSION);
    *samples = get_int(bytes + 24, 8);
    if (get_int(bytes + length - TAIL, 8) != fp_checksum(bytes, length - TAIL)
        || get_int(bytes + 12, 4) != item || n != (length - HEAD - TAIL) / item
        || (length - HEAD - TAIL) % item != 0
        || *samples > (uint64_t)FP_SECONDS_MOST * FP_RATE_HZ)
        return fail(e, ERR_CORRUPT, "fingerprint does not check");
    *count = (size_t)n;
    return OK;
}

enum code fingerprint_encode(const struct fingerprint *fp, struct buf *out, struct error *e)
{
    size_t start = out->length;
    head_put(out, reference_magic, WORD_BYTES, fp->count, fp->samples);
    for (size_t j = 0; j < fp->count; j++) {
        put_int(out, fp->words[j].half[0], 8);
        put_int(out, fp->words[j].half[1], 8);
        buf_byte(out, fp->posts[j]);
    }
    return tail_put(out, start, e);
}

enum code fingerprint_decode(const uint8_t *bytes, size_t length, struct fingerprint **out,
                             struct error *e)
{
    size_t count;
    uint64_t samples;
    TRY(head_read(bytes, length, reference_magic, WORD_BYTES, &count, &samples, e));
    owned(fingerprint) fp = calloc(1, sizeof *fp);
    if (fp) {
        fp->words = calloc(count + 1, sizeof *fp->words);
        fp->posts = calloc(count + 1, 1);
    }
    if (!fp || !fp->words || !fp->posts)
        return fail(e, ERR_MEMORY, "no memory for a fingerprint of %zu words", count);
    fp->count = count;
    fp->samples = samples;
    for (size_t j = 0; j < count; j++) {
        const uint8_t *at = bytes + HEAD + j * WORD_BYTES;
        fp->words[j].half[0] = get_int(at, 8);
        fp->words[j].half[1] = get_int(at + 8, 8);
        fp->posts[j] = at[16] & ((1 << FP_PARTS) - 1);
    }
    *out = take(fp);
    return OK;
}

enum code fp_query_encode(const struct fp_query *q, struct buf *out, struct error *e)
{
    size_t start = out->length;
    head_put(out, query_magic, FP_FINE, q->count, q->samples);
    buf_put(out, q->bands, q->count * FP_FINE);
    return tail_put(out, start, e);
}

enum code fp_query_decode(const uint8_t *bytes, size_t length, struct fp_query **out,
                          struct error *e)
{
    size_t count;
    uint64_t samples;
    TRY(head_read(bytes, length, query_magic, FP_FINE, &count, &samples, e));
    owned(fp_query) q = calloc(1, sizeof *q);
    if (q)
        q->bands = malloc(count * FP_FINE + 1);
    if (!q || !q->bands)
        return fail(e, ERR_MEMORY, "no memory for a query of %zu rows", count);
    memcpy(q->bands, bytes + HEAD, count * FP_FINE);
    q->count = count;
    q->samples = samples;
    *out = take(q);
    return OK;
}
