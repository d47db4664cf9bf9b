/* SPDX-License-Identifier: Apache-2.0 */
/* Largest remainders among millions, without sorting: the smallest remainder that still gets a
 * unit is found by counting, 16 bits at a time; ties below go to the lower index. */
#include <stdlib.h>

#include "ledger/threads.h"
#include "ledger/statement.h"

enum { BINS = 1 << 16 };

struct share_of_work {
    const int64_t *weights;
    uint64_t *rests; /* 0 for what cannot get one: a zero weight or an exact part */
    int64_t *parts;
    size_t count;
    uint64_t total, sum, given;
    bool negative;
    /* of one pass */
    int shift;
    uint64_t front; /* what the bits above must be */
    uint32_t *bins;
    uint64_t ties, threshold, ties_taken;
};

static void *divide(void *work)
{
    struct share_of_work *w = work;
    for (size_t i = 0; i < w->count; i++) {
        uint128 product = (uint128)w->total * (uint64_t)w->weights[i];
        uint64_t part, rest;
        if (product >> 64) {
            part = (uint64_t)(product / w->sum);
            rest = (uint64_t)(product % w->sum);
        } else {
            part = (uint64_t)product / w->sum;
            rest = (uint64_t)product % w->sum;
        }
        w->parts[i] = (int64_t)part;
        w->rests[i] = rest;
        w->given += part;
    }
    return NULL;
}

static void *count_bins(void *work)
{
    struct share_of_work *w = work;
    memset(w->bins, 0, BINS * sizeof *w->bins);
    for (size_t i = 0; i < w->count; i++)
        if (w->shift == 48 || w->rests[i] >> (w->shift + 16) == w->front)
            w->bins[w->rests[i] >> w->shift & (BINS - 1)]++;
    return NULL;
}

static void *count_ties(void *work)
{
    struct share_of_work *w = work;
    w->ties = 0;
    for (size_t i = 0; i < w->count; i++)
        w->ties += w->rests[i] == w->threshold;
    return NULL;
}

static void *give(void *work)
{
    struct share_of_work *w = work;
    for (size_t i = 0; i < w->count; i++) {
        bool one = w->rests[i] > w->threshold;
        if (w->rests[i] == w->threshold && w->ties_taken) {
            w->ties_taken--;
            one = true;
        }
        w->parts[i] += one;
        if (w->negative)
            w->parts[i] = -w->parts[i];
    }
    return NULL;
}

struct shared {
    struct share_of_work *w;
    void *(*work)(void *);
};

static void run_part(void *ctx, unsigned thread)
{
    struct shared *s = ctx;
    s->work(&s->w[thread]);
}

static void run(struct share_of_work *w, unsigned threads, void *(*work)(void *))
{
    struct shared s = { w, work };
    threads_run(threads, run_part, &s);
}

/* The largest threshold such that so many rests are above it, and how many ties at it get one. */
static uint64_t find_threshold(struct share_of_work *w, unsigned threads, uint64_t wanted,
                               uint64_t *ties)
{
    uint64_t front = 0;
    for (int shift = 48; shift >= 0; shift -= 16) {
        for (unsigned t = 0; t < threads; t++) {
            w[t].shift = shift;
            w[t].front = front;
        }
        run(w, threads, count_bins);
        int bin = BINS - 1;
        for (; bin > 0; bin--) {
            uint64_t here = 0;
            for (unsigned t = 0; t < threads; t++)
                here += w[t].bins[bin];
            if (here >= wanted)
                break;
            wanted -= here;
        }
        front = front << 16 | (uint64_t)bin;
    }
    *ties = wanted;
    return front;
}

static enum code sum_of(const struct split_part *parts, unsigned count, uint64_t *out,
                        struct error *e)
{
    int64_t sum = 0;
    for (unsigned t = 0; t < count; t++)
        for (size_t i = 0; i < parts[t].count; i++) {
            if (parts[t].weights[i] < 0)
                return fail(e, ERR_INVALID, "weight %zu is negative", i);
            if (__builtin_add_overflow(sum, parts[t].weights[i], &sum))
                return fail(e, ERR_LIMIT, "the weights are too large together");
        }
    if (sum == 0)
        return fail(e, ERR_INVALID, "there is no weight to split by");
    *out = (uint64_t)sum;
    return OK;
}

static void allocate_all(struct share_of_work *w, unsigned threads)
{
    uint64_t given = 0, ties = 0;
    run(w, threads, divide);
    for (unsigned t = 0; t < threads; t++)
        given += w[t].given;
    uint64_t left = w[0].total - given,
             threshold = left ? find_threshold(w, threads, left, &ties) : UINT64_MAX;
    for (unsigned t = 0; t < threads; t++)
        w[t].threshold = threshold;
    if (left)
        run(w, threads, count_ties);
    for (unsigned t = 0; t < threads; t++) {
        w[t].ties_taken = ties < w[t].ties ? ties : w[t].ties;
        ties -= w[t].ties_taken;
    }
    run(w, threads, give);
}

enum code allocate_parts(int64_t total, const struct split_part *parts, unsigned threads,
                         struct error *e)
{
    uint64_t sum = 0;
    struct share_of_work w[THREADS_MOST];
    TRY(sum_of(parts, threads, &sum, e));
    uint32_t *bins = malloc(threads * (size_t)BINS * sizeof *bins);
    if (!bins)
        return fail(e, ERR_MEMORY, "no memory to split a sum");
    for (unsigned t = 0; t < threads; t++)
        w[t] = (struct share_of_work) { .weights = parts[t].weights,
                                        .rests = parts[t].rests,
                                        .parts = parts[t].parts,
                                        .count = parts[t].count,
                                        .total = total < 0 ? 0 - (uint64_t)total : (uint64_t)total,
                                        .sum = sum,
                                        .negative = total < 0,
                                        .bins = bins + t * (size_t)BINS };
    allocate_all(w, threads);
    free(bins);
    return OK;
}

enum code allocate(int64_t total, const int64_t *weights, size_t count, unsigned threads,
                   int64_t *parts, struct error *e)
{
    struct split_part list[THREADS_MOST];
    uint64_t *rests = big_try(count * sizeof *rests);
    if (!rests)
        return fail(e, ERR_MEMORY, "no memory to split among %zu", count);
    threads = threads < 1 || count < 100000 ? 1 : threads < THREADS_MOST ? threads : THREADS_MOST;
    for (unsigned t = 0; t < threads; t++) {
        size_t from = count * t / threads, until = count * (t + 1) / threads;
        list[t] = (struct split_part) { weights + from, until - from, parts + from, rests + from };
    }
    enum code code = allocate_parts(total, list, threads, e);
    big_free(rests, count * sizeof *rests);
    return code;
}
