/* SPDX-License-Identifier: Apache-2.0 */
/* licet desk simulate: requests of known truth through the whole desk, against the clock. */
#include "cli/progress.h"
#include "cli/world.h"

#include <inttypes.h>
#include <malloc.h>

enum { FOUNDING_REQUESTS = 450000, FOUNDING_DECLINED = 60000 };

static struct instant clock_of(void *state)
{
    return *(const struct instant *)state;
}

static void on_step(void *state, int64_t done, int64_t of)
{
    struct progress *p = state;
    p->total = of;
    progress_step(p, done - p->done);
}

static enum code head_of(struct world *w, struct journal_head *out, struct error *e)
{
    TX(tx);
    TRY(store_begin(world_store(w), STORE_READ, &tx, e));
    return journal_head(tx, out, e);
}

static void print_json(const struct simulated *s, const struct journal_head *h, const char *root)
{
    BUF(line);
    struct json_out o = { &line, false };
    json_begin(&o, '{');
    json_int(&o, "notices", (int64_t)s->notices);
    json_int(&o, "requests", (int64_t)s->requests);
    json_int(&o, "accepted", (int64_t)s->accepted);
    json_int(&o, "turned_down", (int64_t)s->turned_down);
    json_int(&o, "restored", (int64_t)s->restored);
    json_int(&o, "wrong", (int64_t)s->wrong);
    json_key(&o, "by_reason");
    json_begin(&o, '{');
    for (int r = 0; r < REASON_COUNT; r++)
        if (s->by_reason[r])
            json_int(&o, reason_word((enum reason_code)r), (int64_t)s->by_reason[r]);
    json_end(&o, '}');
    json_number_places(&o, "made_seconds", s->made_seconds, 2);
    json_number_places(&o, "replay_seconds", s->replay_seconds, 2);
    json_int(&o, "events", h->size);
    json_text(&o, "root", root);
    json_end(&o, '}');
    cli_print(&line);
}

static void print_words(const struct simulated *s, const struct journal_head *h, const char *root)
{
    printf("%zu requests in %zu notices: %zu accepted, %zu turned down, %zu put back later\n",
           s->requests, s->notices, s->accepted, s->turned_down, s->restored);
    for (int r = 0; r < REASON_COUNT; r++)
        if (s->by_reason[r])
            printf("  %6zu  %s\n", s->by_reason[r], reason_word((enum reason_code)r));
    printf("%zu outcomes differ from what the request was made as\n", s->wrong);
    printf("uploads made in %.1f s, requests replayed in %.1f s\n", s->made_seconds,
           s->replay_seconds);
    printf("journal: %" PRId64 " events, root %s\n", h->size, root);
}

enum code cli_desk_simulate(struct cli_call *c, struct error *e)
{
    int64_t seed, requests;
    struct instant clock = { 0 };
    struct simulated s;
    struct journal_head head;
    char root[2 * JOURNAL_HASH + 1];
    struct progress progress;
    bool founding = cli_has(c, "founding-case");
    /* One heap for both threads, which grows in large steps and is not given back between batches. */
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    TRY(cli_int(c, "seed", 1, 0, INT64_MAX, &seed, e));
    TRY(cli_int(c, "requests", 4500, 15, 10000000, &requests, e));
    uint64_t state = (uint64_t)seed;
    struct chance chance = chance_seeded(&state);
    struct world_options o = { .data = c->data,
                               .settings = c->settings,
                               .clock = clock_of,
                               .clock_state = &clock,
                               .chance = &chance,
                               .create = true };
    struct simulate_options options = {
        .seed = (uint64_t)seed,
        .requests = founding ? FOUNDING_REQUESTS : (size_t)requests,
        .declined = founding ? FOUNDING_DECLINED : (size_t)requests * 2 / 15,
        .step = on_step,
        .state = &progress,
    };
    owned(world) w = NULL;
    clock = day_begin(day_from_civil(2014, 5, 1));
    TRY(world_open(&o, &w, e));
    progress_start(&progress, "replaying", 1, c->quiet);
    enum code code = flow_simulate(w, &options, &clock, &s, e);
    progress_done(&progress);
    if (code != OK)
        return code;
    TRY(head_of(w, &head, e));
    hex_encode(head.root, JOURNAL_HASH, root);
    if (c->json)
        print_json(&s, &head, root);
    else
        print_words(&s, &head, root);
    c->failures += s.wrong > 0;
    return OK;
}
