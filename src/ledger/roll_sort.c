/* SPDX-License-Identifier: Apache-2.0 */
/* Plays sorted and summed: by recording into buckets, then byte by byte within each bucket, where
 * only bytes that differ are looked at. */
#include "ledger/roll_inside.h"

#include <stdlib.h>

enum { BUCKETS = 1024, INSERTION_MOST = 48 };

struct sorting {
    struct roll *r;
    size_t counts[THREADS_MOST][BUCKETS]; /* of plays, by shard */
    size_t begins[BUCKETS + 1];
    size_t kept[BUCKETS]; /* sums of a bucket, at its beginning */
    uint64_t *keys;
    uint32_t *plays;
    uint64_t *rooms[THREADS_MOST]; /* as large as the largest bucket */
    size_t most;
    bool over[THREADS_MOST]; /* one sum is more than is counted */
    unsigned threads;
};

static unsigned bucket_of(const struct roll *r, uint64_t key)
{
    return (unsigned)((key >> RECORDING_SHIFT) * BUCKETS / (r->book.count + 1));
}

static uint64_t key_of(const struct shard *s, size_t i)
{
    return s->chunks[i / CHUNK_KEYS][i % CHUNK_KEYS];
}

static void count_shard(void *ctx, unsigned thread)
{
    struct sorting *s = ctx;
    for (unsigned n = thread; n < s->r->shard_count; n += s->threads) {
        const struct shard *shard = &s->r->shards[n];
        for (size_t i = 0; i < shard->count; i++)
            s->counts[n][bucket_of(s->r, key_of(shard, i))]++;
    }
}

static void deal_shard(void *ctx, unsigned thread)
{
    struct sorting *s = ctx;
    for (unsigned n = thread; n < s->r->shard_count; n += s->threads) {
        struct shard *shard = &s->r->shards[n];
        size_t at[BUCKETS];
        for (unsigned b = 0; b < BUCKETS; b++) {
            at[b] = s->begins[b];
            for (unsigned m = 0; m < n; m++)
                at[b] += s->counts[m][b];
        }
        for (size_t i = 0; i < shard->count; i++) {
            uint64_t key = key_of(shard, i);
            s->keys[at[bucket_of(s->r, key)]++] = key;
            if (i % CHUNK_KEYS == CHUNK_KEYS - 1)
                shard_drop(shard, i / CHUNK_KEYS);
        }
    }
}

static void sort_few(uint64_t *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t key = keys[i];
        size_t k = i;
        for (; k > 0 && keys[k - 1] > key; k--)
            keys[k] = keys[k - 1];
        keys[k] = key;
    }
}

/* One pass by the byte at `shift`; stable. */
static void pass(const uint64_t *from, uint64_t *to, size_t count, int shift)
{
    size_t at[256] = { 0 }, sum = 0;
    for (size_t i = 0; i < count; i++)
        at[from[i] >> shift & 255]++;
    for (int k = 0; k < 256; k++) {
        size_t n = at[k];
        at[k] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++)
        to[at[from[i] >> shift & 255]++] = from[i];
}

static void sort_bucket(uint64_t *keys, uint64_t *room, size_t count)
{
    uint64_t differ = 0, *from = keys, *to = room;
    if (count <= INSERTION_MOST) {
        sort_few(keys, count);
        return;
    }
    for (size_t i = 1; i < count; i++)
        differ |= keys[i] ^ keys[0];
    for (int shift = 0; shift < 64; shift += 8) {
        if ((differ >> shift & 255) == 0)
            continue;
        pass(from, to, count, shift);
        uint64_t *x = from;
        from = to;
        to = x;
    }
    if (from != keys)
        memcpy(keys, from, count * sizeof *keys);
}

static size_t sum_bucket(uint64_t *keys, uint32_t *plays, size_t count, bool *over)
{
    size_t n = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && keys[end] == keys[i];)
            end++;
        keys[n] = keys[i];
        *over = *over || end - i > UINT32_MAX;
        plays[n++] = (uint32_t)(end - i);
    }
    return n;
}

static void sort_buckets(void *ctx, unsigned thread)
{
    struct sorting *s = ctx;
    for (unsigned b = thread; b < BUCKETS; b += s->threads) {
        size_t from = s->begins[b], count = s->begins[b + 1] - from;
        sort_bucket(s->keys + from, s->rooms[thread], count);
        s->kept[b] = sum_bucket(s->keys + from, s->plays + from, count, &s->over[thread]);
    }
}

static void close_gaps(struct sorting *s)
{
    size_t n = s->kept[0];
    for (unsigned b = 1; b < BUCKETS; b++) {
        memmove(s->keys + n, s->keys + s->begins[b], s->kept[b] * sizeof *s->keys);
        memmove(s->plays + n, s->plays + s->begins[b], s->kept[b] * sizeof *s->plays);
        n += s->kept[b];
    }
    s->r->count = n;
}

static enum code sort_all(struct sorting *s, struct error *e)
{
    struct roll *r = s->r;
    size_t most = 0;
    threads_run(s->threads, count_shard, s);
    for (unsigned b = 0; b < BUCKETS; b++) {
        size_t count = 0;
        for (unsigned n = 0; n < r->shard_count; n++)
            count += s->counts[n][b];
        s->begins[b + 1] = s->begins[b] + count;
        most = count > most ? count : most;
    }
    r->total = s->begins[BUCKETS];
    r->room = r->total + 1;
    s->most = most + 1;
    s->keys = r->keys = big_try(r->room * sizeof *s->keys);
    if (!s->keys)
        return fail(e, ERR_MEMORY, "no memory for %zu plays", r->total);
    threads_run(s->threads, deal_shard, s);
    s->plays = r->plays = big_try(r->room * sizeof *s->plays);
    for (unsigned t = 0; t < s->threads; t++)
        if (!s->plays || !(s->rooms[t] = big_try(s->most * sizeof **s->rooms)))
            return fail(e, ERR_MEMORY, "no memory to sort %zu plays", r->total);
    threads_run(s->threads, sort_buckets, s);
    close_gaps(s);
    for (unsigned t = 0; t < s->threads; t++)
        if (s->over[t])
            return fail(e, ERR_LIMIT, "more plays of one recording than can be counted");
    return OK;
}

/* What is not needed any more goes back where plays are many and sums few. */
static void shrink(struct roll *r)
{
    if (r->count > r->room / 4 * 3)
        return;
    uint64_t *keys = big_try((r->count + 1) * sizeof *keys);
    uint32_t *plays = big_try((r->count + 1) * sizeof *plays);
    if (!keys || !plays) {
        big_free(keys, (r->count + 1) * sizeof *keys);
        big_free(plays, (r->count + 1) * sizeof *plays);
        return;
    }
    memcpy(keys, r->keys, r->count * sizeof *keys);
    memcpy(plays, r->plays, r->count * sizeof *plays);
    big_free(r->keys, r->room * sizeof *r->keys);
    big_free(r->plays, r->room * sizeof *r->plays);
    r->keys = keys;
    r->plays = plays;
    r->room = r->count + 1;
}

enum code roll_sum(struct roll *r, struct error *e)
{
    TRY(feeding_end(r, e));
    struct sorting *s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory to sort plays");
    s->r = r;
    s->threads = r->setup.threads;
    enum code code = sort_all(s, e);
    for (unsigned t = 0; t < s->threads; t++)
        big_free(s->rooms[t], s->most * sizeof **s->rooms);
    free(s);
    if (code == OK)
        shrink(r);
    return code;
}

void roll_part(const struct roll *r, unsigned t, unsigned threads, size_t *from, size_t *until)
{
    size_t ends[2];
    for (unsigned k = 0; k < 2; k++) {
        size_t at = r->count * (t + k) / threads;
        while (at > 0 && at < r->count &&
               r->keys[at] >> RECORDING_SHIFT == r->keys[at - 1] >> RECORDING_SHIFT)
            at++;
        ends[k] = at;
    }
    *from = ends[0];
    *until = ends[1];
}
