/* SPDX-License-Identifier: Apache-2.0 */
/* Intake: items that are durable a second, in bulk and one notice at a time from many senders, and how
 * long a receipt takes. Every receipt is given after its commit is on the disk. */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "desk_bench.h"

enum { ITEMS = 3, BATCH = 2000, THREADS = 64, SENDERS = 50 };

struct made {
    struct notice_draft draft;
    struct draft_item items[ITEMS];
    char sender[48], key[48], raw[200], locations[ITEMS][64];
};

static void make(struct made *m, size_t number, const char *kind)
{
    snprintf(m->sender, sizeof m->sender, "agent%zu@label.example", number % SENDERS);
    snprintf(m->key, sizeof m->key, "%s-%zu", kind, number);
    snprintf(m->raw, sizeof m->raw, "take down what notice %s %zu names", kind, number);
    for (size_t i = 0; i < ITEMS; i++) {
        snprintf(m->locations[i], sizeof m->locations[i], "https://net.example/t/%zu", number + i);
        m->items[i] = (struct draft_item) { KIND_LINK, str_of(m->locations[i]),
                                            STR("Harbour Lights"), STR("Ida Voss"), STR("") };
    }
    m->draft = (struct notice_draft) { .channel = CHANNEL_API,
                                       .regime = REGIME_DMCA,
                                       .sender = str_of(m->sender),
                                       .name = STR("Agent"),
                                       .once = str_of(m->key),
                                       .raw = str_of(m->raw),
                                       .elements = ELEMENTS_ALL,
                                       .proven = true,
                                       .items = m->items,
                                       .item_count = ITEMS };
}

/* ---- in bulk, as from a file ---- */

static void bulk(struct desk_world *w, size_t notices)
{
    struct made *all = calloc(BATCH, sizeof *all);
    struct notice_draft *drafts = calloc(BATCH, sizeof *drafts);
    struct received *got = calloc(BATCH, sizeof *got);
    enum code *codes = calloc(BATCH, sizeof *codes);
    struct error *errors = calloc(BATCH, sizeof *errors);
    if (!all || !drafts || !got || !codes || !errors)
        exit(1);
    double wall = desk_seconds(), cpu = desk_cpu_seconds();
    for (size_t first = 0; first < notices; first += BATCH) {
        ARENA(a);
        for (size_t i = 0; i < BATCH; i++) {
            make(&all[i], first + i, "bulk");
            drafts[i] = all[i].draft;
        }
        MUST(flow_notice_receive(w->world, STR("bench"), drafts, BATCH, &a, got, codes, errors, e));
        for (size_t i = 0; i < BATCH; i++)
            if (codes[i] != OK) {
                fprintf(stderr, "%s\n", errors[i].text);
                exit(1);
            }
    }
    double items = (double)notices * ITEMS;
    desk_figure("intake in bulk, 2,000 notices a commit", items / (desk_seconds() - wall),
                "items/s", "10,000; goal 100,000");
    desk_figure("intake in bulk, processor time", (desk_cpu_seconds() - cpu) / items * 1e6,
                "us/item", NULL);
    free(all);
    free(drafts);
    free(got);
    free(codes);
    free(errors);
}

/* ---- one at a time, many at once ---- */

struct line {
    struct desk_world *world;
    pthread_t thread;
    size_t number, count;
    double rate; /* notices a second of this one; 0: as fast as receipts come */
    double *took;
};

static void rest_until(double when)
{
    double left = when - desk_seconds();
    if (left <= 0)
        return;
    struct timespec t = { (time_t)left, (long)((left - (double)(time_t)left) * 1e9) };
    nanosleep(&t, NULL);
}

/* With a rate the time of a receipt counts from when the notice should have been sent, so that a
 * queue is not hidden by senders who wait for it. */
static void *send_all(void *context)
{
    struct line *l = context;
    struct made *m = calloc(1, sizeof *m);
    double begin = desk_seconds() + (l->rate > 0 ? (double)l->number / THREADS / l->rate : 0);
    if (!m)
        exit(1);
    for (size_t i = 0; i < l->count; i++) {
        ARENA(a);
        struct received got;
        double at = desk_seconds();
        if (l->rate > 0) {
            at = begin + (double)i / l->rate;
            rest_until(at);
        }
        make(m, i * THREADS + l->number, l->rate > 0 ? "paced" : "shared");
        MUST(flow_notice_receive_shared(l->world->world, STR("bench"), &m->draft, &a, &got, e));
        l->took[i] = desk_seconds() - at;
    }
    free(m);
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void shared(struct desk_world *w, size_t notices, double items_a_second)
{
    static struct line lines[THREADS];
    size_t each = notices / THREADS, count = each * THREADS;
    double *took = calloc(count, sizeof *took);
    char name[80];
    if (!took)
        exit(1);
    double wall = desk_seconds();
    for (size_t i = 0; i < THREADS; i++) {
        lines[i] = (struct line) { .world = w,
                                   .number = i,
                                   .count = each,
                                   .rate = items_a_second / ITEMS / THREADS,
                                   .took = took + i * each };
        if (pthread_create(&lines[i].thread, NULL, send_all, &lines[i]) != 0)
            exit(1);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(lines[i].thread, NULL);
    wall = desk_seconds() - wall;
    qsort(took, count, sizeof *took, by_size);
    const char *how = items_a_second > 0 ? "10,000 items/s offered" : "64 senders, each waits";
    snprintf(name, sizeof name, "intake one by one, %s", how);
    desk_figure(name, (double)(count * ITEMS) / wall, "items/s", "10,000");
    snprintf(name, sizeof name, "receipt p50, %s", how);
    desk_figure(name, took[count / 2] * 1e3, "ms", NULL);
    snprintf(name, sizeof name, "receipt p99, %s", how);
    desk_figure(name, took[count * 99 / 100] * 1e3, "ms", "20");
    free(took);
}

/* Known senders: what a day's items cost to check is part of it. */
static void vouch(struct desk_world *w)
{
    for (int i = 0; i < SENDERS; i++) {
        char mailbox[48];
        struct sender_id id;
        snprintf(mailbox, sizeof mailbox, "agent%d@label.example", i);
        struct sender_change c = { .mailbox = str_of(mailbox),
                                   .name = STR("Agent"),
                                   .proofs = PROOF_MAILBOX | PROOF_DOMAIN,
                                   .trusted = 1,
                                   .suspended = -1 };
        MUST(flow_sender_put(w->world, STR("bench"), &c, &id, e));
    }
}

void desk_intake(bool quick)
{
    struct desk_world w;
    desk_world_open(&w);
    vouch(&w);
    bulk(&w, quick ? 10000 : 100000);
    shared(&w, quick ? 6400 : 64000, 0);
    shared(&w, quick ? 6400 : 64000, 10000);
    desk_world_close(&w);
}
