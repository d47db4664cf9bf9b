/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: laid out, looked at, built. */
#include "index/segment.h"

#include <stdlib.h>

_Static_assert(sizeof(struct segment_recording) == 32, "recording as in the file");
_Static_assert(sizeof(struct segment_head) == 128, "head as in the file");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "segments are read in place");

/* Words for each bucket of a part, half of them posted. A bucket of a large segment costs a wait for
 * memory, and reading on little more. */
#define BUCKET_LEAST 16
#define BUCKET_MOST  256
#define BUCKET_GROWS 17 /* by a word for each 2^17 */

static const char magic[8] = "licetix\n";

static size_t round8(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

size_t segment_lay_out(const struct segment_head *h, const uint8_t *bytes, struct segment *out)
{
    size_t at = sizeof *h;
    out->recordings = (const void *)(bytes + at);
    at += (size_t)h->recordings * sizeof(struct segment_recording);
    out->words = (const void *)(bytes + at);
    at += (size_t)h->words * sizeof(struct fp_word);
    for (size_t p = 0; p < FP_PARTS; p++) {
        out->part[p].count = (size_t)h->postings[p];
        out->part[p].directory = (const void *)(bytes + at);
        at += round8((((size_t)1 << h->directory_bits) + 1) * 4);
        out->part[p].postings = (const void *)(bytes + at);
        at += (size_t)h->postings[p] * POSTING_BYTES;
    }
    return at;
}

enum code segment_view(const void *bytes, size_t length, bool whole, struct segment *out,
                       struct error *e)
{
    const struct segment_head *h = bytes;
    struct segment s = { .bytes = bytes, .length = length, .head = h };
    if (length < sizeof *h || memcmp(h->magic, magic, sizeof magic) != 0)
        return fail(e, ERR_CORRUPT, "not a segment");
    if (h->version != SEGMENT_VERSION || h->fp_version != FP_VERSION)
        return fail(e, ERR_INVALID, "segment of version %u.%u, this program reads %d.%d%s",
                    h->version, h->fp_version, SEGMENT_VERSION, FP_VERSION,
                    h->version < SEGMENT_VERSION ? " (\"licet index rebuild\" makes it anew)" : "");
    if (h->head_sum != fp_checksum(bytes, sizeof *h - 8))
        return fail(e, ERR_CORRUPT, "the head does not check");
    if (h->words > SEGMENT_WORDS_MOST || h->directory_bits > KEY_BITS || h->directory_bits < 4)
        return fail(e, ERR_CORRUPT, "the head says what cannot be");
    for (size_t p = 0; p < FP_PARTS; p++)
        if (h->postings[p] > h->words)
            return fail(e, ERR_CORRUPT, "the head says what cannot be");
    if (h->length != length || segment_lay_out(h, bytes, &s) != length)
        return fail(e, ERR_CORRUPT, "%zu bytes instead of %llu", length,
                    (unsigned long long)h->length);
    if (whole && h->body_sum != fp_checksum((const uint8_t *)bytes + sizeof *h, length - sizeof *h))
        return fail(e, ERR_CORRUPT, "the body does not check");
    uint64_t next = 0;
    for (size_t r = 0; r < h->recordings; r++) {
        if (s.recordings[r].first != next)
            return fail(e, ERR_CORRUPT, "recording %zu does not follow the one before", r);
        next += s.recordings[r].count;
    }
    if (next != h->words)
        return fail(e, ERR_CORRUPT, "the recordings have %llu words, the head says %llu",
                    (unsigned long long)next, (unsigned long long)h->words);
    *out = s;
    return OK;
}

/* One part's postings: counted by bucket, then put there in the order of places. */
static enum code part_build(const struct segment_item *items, size_t count, size_t part,
                            uint32_t bits, uint32_t *directory, uint32_t *postings, struct error *e)
{
    size_t buckets = (size_t)1 << bits;
    uint32_t *next = malloc(buckets * sizeof *next); /* free place of each bucket */
    if (!next)
        return fail(e, ERR_MEMORY, "no memory for a directory");
    for (size_t pass = 0; pass < 2; pass++) {
        uint32_t place = 0;
        for (size_t i = 0; i < count; i++)
            for (uint32_t j = 0; j < items[i].count; j++, place++) {
                if (!(items[i].posts[j] >> part & 1))
                    continue;
                uint64_t w = segment_part_bits(&items[i].words[j], part);
                size_t bucket = (size_t)(w >> (64 - bits));
                if (pass == 0) {
                    directory[bucket + 1]++;
                    continue;
                }
                size_t from = directory[bucket], n = next[bucket]++;
                uint32_t *at = postings + 2 * from + n;
                at[0] = segment_check(w, bits);
                at[directory[bucket + 1] - from] = place;
            }
        if (pass == 0)
            for (size_t b = 0; b < buckets; b++) {
                directory[b + 1] += directory[b];
                next[b] = 0;
            }
    }
    free(next);
    return OK;
}

enum code segment_head_begin(const struct segment_item *items, size_t count,
                             struct segment_head *out, struct error *e)
{
    struct segment_head head = { .version = SEGMENT_VERSION, .fp_version = FP_VERSION };
    memcpy(head.magic, magic, sizeof magic);
    for (size_t i = 0; i < count; i++) {
        head.words += items[i].count;
        head.samples += items[i].samples;
    }
    if (head.words > SEGMENT_WORDS_MOST || count > UINT32_MAX)
        return fail(e, ERR_LIMIT, "more than %u words in one segment", SEGMENT_WORDS_MOST);
    head.recordings = (uint32_t)count;
    uint64_t bucket = BUCKET_LEAST + (head.words >> BUCKET_GROWS);
    bucket = bucket < BUCKET_MOST ? bucket : BUCKET_MOST;
    head.directory_bits = 4;
    while (head.directory_bits < KEY_BITS && bucket << head.directory_bits < head.words)
        head.directory_bits++;
    *out = head;
    return OK;
}

enum code segment_build(const struct segment_item *items, size_t count, uint8_t **bytes,
                        size_t *length, struct error *e)
{
    struct segment_head head;
    TRY(segment_head_begin(items, count, &head, e));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < items[i].count; j++)
            for (size_t p = 0; p < FP_PARTS; p++)
                head.postings[p] += items[i].posts[j] >> p & 1;
    struct segment s;
    head.length = segment_lay_out(&head, NULL, &s);
    uint8_t *out = calloc(1, (size_t)head.length);
    if (!out)
        return fail(e, ERR_MEMORY, "no memory for a segment of %llu bytes",
                    (unsigned long long)head.length);
    segment_lay_out(&head, out, &s);
    struct segment_recording *recordings = (void *)(uintptr_t)s.recordings;
    struct fp_word *words = (void *)(uintptr_t)s.words;
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        recordings[i] = (struct segment_recording) { items[i].key, at, items[i].count,
                                                     items[i].samples };
        if (items[i].count)
            memcpy(words + at, items[i].words, items[i].count * sizeof *words);
        at += items[i].count;
    }
    for (size_t p = 0; p < FP_PARTS; p++) {
        enum code code = part_build(items, count, p, head.directory_bits,
                                    (uint32_t *)(uintptr_t)s.part[p].directory,
                                    (uint32_t *)(uintptr_t)s.part[p].postings, e);
        if (code != OK) {
            free(out);
            return code;
        }
    }
    head.body_sum = fp_checksum(out + sizeof head, (size_t)head.length - sizeof head);
    head.head_sum = fp_checksum(&head, sizeof head - 8);
    memcpy(out, &head, sizeof head);
    *bytes = out;
    *length = (size_t)head.length;
    return OK;
}

size_t segment_recording_at(const struct segment *s, uint32_t place)
{
    size_t low = 0, high = s->head->recordings; /* recordings[low].first <= place */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->recordings[middle].first <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void segment_posts(const struct segment *s, uint8_t *posts)
{
    for (size_t p = 0; p < FP_PARTS; p++)
        for (size_t b = 0; b < (size_t)1 << s->head->directory_bits; b++) {
            struct bucket bucket = segment_bucket(s, p, b);
            for (size_t i = 0; i < bucket.count; i++) {
                uint32_t place = bucket.places[i];
                if (place < s->head->words)
                    posts[place] |= (uint8_t)(1u << p);
            }
        }
}
