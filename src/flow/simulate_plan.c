/* SPDX-License-Identifier: Apache-2.0 */
/* What each request is: shares of reasons, sizes of notices with their tail, dealt out by a seed. */
#include <stdlib.h>

#include "flow/simulate.h"

uint64_t plan_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Of 1000 that are turned down. */
static const struct {
    enum reason_code reason;
    unsigned share;
    int kind; /* of the notice in which all items are so; -1: an item of an agent's notice */
} shares[] = {
    { REASON_DUPLICATE, 220, -1 },
    { REASON_NOT_IN_ITEM, 170, -1 },
    { REASON_ALREADY_GONE, 130, -1 },
    { REASON_WRONG_LOCATION, 100, -1 },
    { REASON_OWN_CONTENT, 20, -1 },
    { REASON_LICENSED, 90, PLAN_LICENSED },
    { REASON_TERRITORY, 40, PLAN_TERRITORY },
    { REASON_INCOMPLETE, 90, PLAN_INCOMPLETE },
    { REASON_UNREACHABLE, 30, PLAN_UNREACHABLE },
    { REASON_NO_MANDATE, 30, PLAN_IMPOSTOR },
    { REASON_ABUSIVE, 30, PLAN_ABUSE },
    { REASON_SENDER_SUSPENDED, 20, PLAN_SUSPENDED },
    { REASON_EXCEPTION, 15, PLAN_PERSON },
    { REASON_NOT_PROTECTABLE, 10, PLAN_PERSON },
    { REASON_WITHDRAWN, 5, PLAN_WITHDRAWN },
};

void plan_quotas(size_t declined, size_t quotas[REASON_COUNT])
{
    size_t given = 0, remainders[COUNT_OF(shares)];
    memset(quotas, 0, REASON_COUNT * sizeof *quotas);
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        quotas[shares[i].reason] = declined * shares[i].share / 1000;
        remainders[i] = declined * shares[i].share % 1000;
        given += quotas[shares[i].reason];
    }
    while (given < declined) {
        size_t best = 0;
        for (size_t i = 1; i < COUNT_OF(shares); i++)
            if (remainders[i] > remainders[best])
                best = i;
        remainders[best] = 0;
        quotas[shares[best].reason]++;
        given++;
    }
}

/* Items of a notice: half have one or two, one in ten more than thirteen, the longest 3,710
 * (github/dmca 2021-2026). */
static size_t size_of_notice(uint64_t *state)
{
    uint64_t r = plan_random(state) % 100000;
    uint64_t x = plan_random(state);
    if (r < 45000)
        return 1;
    if (r < 75000)
        return 2;
    if (r < 92000)
        return 3 + x % 2;
    if (r < 99000)
        return 5 + x % 6;
    if (r < 99970)
        return 11 + x % 20;
    return r == 99999 ? 1000 + x % (ITEMS_OF_ONE_MOST - 1000) : 31 + x % 120;
}

static void add_notice(struct plan *p, enum plan_kind kind, uint64_t *state, size_t first,
                       size_t count)
{
    p->notices[p->notice_count++] = (struct planned_notice) {
        .kind = (uint8_t)kind,
        .label = (uint8_t)(plan_random(state) % LABELS),
        .sender = (uint16_t)(plan_random(state) & 0x7fff),
        .first = (uint32_t)first,
        .count = (uint16_t)count
    };
}

/* Notices of one kind over the next `total` requests. */
static size_t cut_notices(struct plan *p, enum plan_kind kind, uint64_t *state, size_t first,
                          size_t total)
{
    for (size_t done = 0; done < total;) {
        size_t count = size_of_notice(state);
        if (count > total - done)
            count = total - done;
        add_notice(p, kind, state, first + done, count);
        done += count;
    }
    return first + total;
}

static void shuffle_truth(uint8_t *truth, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = plan_random(state) % i;
        uint8_t t = truth[i - 1];
        truth[i - 1] = truth[j];
        truth[j] = t;
    }
}

static void shuffle_notices(struct plan *p, uint64_t *state)
{
    for (size_t i = p->notice_count; i > 1; i--) {
        size_t j = plan_random(state) % i;
        struct planned_notice t = p->notices[i - 1];
        p->notices[i - 1] = p->notices[j];
        p->notices[j] = t;
    }
}

/* One reason in a row for all requests of a kind; for mixed kinds they are shuffled with the
 * accepted ones. */
static size_t fill(struct plan *p, size_t at, const size_t quotas[REASON_COUNT], int kind)
{
    for (size_t i = 0; i < COUNT_OF(shares); i++)
        if (shares[i].kind == kind)
            for (size_t n = 0; n < quotas[shares[i].reason]; n++)
                p->truth[at++] = (uint8_t)shares[i].reason;
    return at;
}

enum code plan_make(uint64_t seed, size_t requests, size_t declined, struct plan *out,
                    struct error *e)
{
    struct plan p = { .seed = seed, .requests = requests, .declined = declined };
    size_t quotas[REASON_COUNT], at = 0;
    uint64_t state = seed ^ UINT64_C(0x6465736b);
    p.truth = malloc(requests + 1);
    p.notices = malloc((requests + 1) * sizeof *p.notices);
    if (!p.truth || !p.notices) {
        plan_done(&p);
        return fail(e, ERR_MEMORY, "no memory for a plan of %zu requests", requests);
    }
    plan_quotas(declined, quotas);
    memset(p.truth, REASON_MATCH, requests);
    for (int kind = PLAN_LICENSED; kind < PLAN_KINDS; kind++) {
        size_t end = fill(&p, at, quotas, kind);
        at = cut_notices(&p, (enum plan_kind)kind, &state, at, end - at);
    }
    /* a tenth of what is accepted comes from people without proof of a domain */
    size_t by_people = (requests - declined) / 10, end = fill(&p, at, quotas, PLAN_PERSON);
    end = end + by_people > requests ? requests : end + by_people;
    shuffle_truth(p.truth + at, end - at, &state);
    at = cut_notices(&p, PLAN_PERSON, &state, at, end - at);
    fill(&p, at, quotas, -1);
    shuffle_truth(p.truth + at, requests - at, &state);
    cut_notices(&p, PLAN_AGENT, &state, at, requests - at);
    shuffle_notices(&p, &state);
    /* 1 May 2014 and 160 days on */
    p.from = day_begin(day_from_civil(2014, 5, 1));
    p.period_us = INT64_C(160) * 86400 * 1000000;
    *out = p;
    return OK;
}

void plan_done(struct plan *p)
{
    free(p->truth);
    free(p->notices);
    *p = (struct plan) { 0 };
}
