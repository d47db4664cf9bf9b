/* SPDX-License-Identifier: Apache-2.0 */
/* The replay: requests come in, the machine looks, people decide, clocks run; then each outcome is
 * held against what the request was made as. */
#include "flow/simulate.h"

#include <stdlib.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct instant time_of(const struct replay *r, size_t notice)
{
    return (struct instant) { r->plan.from.us +
                              (int64_t)((double)r->plan.period_us * (double)notice /
                                        (double)r->plan.notice_count) };
}

/* ---- uploads of the batch: what was there before the requests came ---- */

static int label_of(const struct planned_notice *p)
{
    return p->kind == PLAN_LICENSED ? LABELS : p->kind == PLAN_TERRITORY ? LABELS + 1 : p->label;
}

static enum code place_one(struct noticing *n, struct replay *r, const struct planned_notice *p,
                           enum reason_code truth, size_t at, struct error *e)
{
    struct town *t = r->town;
    char uploader[32];
    int label = label_of(p);
    int named = town_recording(t, label, plan_random(&r->chance)), heard = named;
    r->recordings[at] = (uint32_t)named;
    if (truth == REASON_DUPLICATE && r->kept_count[p->label]) {
        size_t k = plan_random(&r->chance) % r->kept_count[p->label];
        r->uploads[at] = r->kept[p->label][k];
        r->recordings[at] = r->kept_recording[p->label][k];
        return OK;
    }
    if (truth == REASON_WRONG_LOCATION) {
        r->uploads[at] = (struct upload_id) { { 0 } };
        return OK;
    }
    snprintf(uploader, sizeof uploader, "u%05d", (int)(plan_random(&r->chance) % UPLOADERS));
    if (truth == REASON_OWN_CONTENT)
        snprintf(uploader, sizeof uploader, "official-%02d", p->label);
    if (truth == REASON_NOT_IN_ITEM) /* half have other music in them, half none */
        heard = at % 2 ? -1 : town_recording(t, (label + 1) % LABELS, plan_random(&r->chance));
    TRY(town_upload(n, t, uploader, truth == REASON_ALREADY_GONE, heard, &r->uploads[at], e));
    return OK;
}

/* Duplicates ask for what an earlier notice of the label asked for. */
static void keep_for_later(struct replay *r, const struct planned_notice *p, size_t at)
{
    if (p->kind != PLAN_AGENT)
        return;
    size_t slot = r->kept_count[p->label] < 64 ? r->kept_count[p->label]++
                                               : plan_random(&r->chance) % 64;
    r->kept[p->label][slot] = r->uploads[at];
    r->kept_recording[p->label][slot] = r->recordings[at];
}

/* A label's first requests can repeat none: such a truth changes places with an accepted one that
 * comes later. */
static void put_off_duplicates(struct replay *r, size_t notice)
{
    const struct planned_notice *p = &r->plan.notices[notice];
    for (size_t k = 0; p->kind == PLAN_AGENT && k < p->count; k++) {
        uint8_t *truth = &r->plan.truth[p->first + k];
        if (*truth != REASON_DUPLICATE || r->kept_count[p->label])
            continue;
        for (size_t j = r->plan.notice_count; j-- > notice + 1 && *truth == REASON_DUPLICATE;) {
            const struct planned_notice *later = &r->plan.notices[j];
            for (size_t m = 0; later->kind == PLAN_AGENT && m < later->count; m++)
                if (r->plan.truth[later->first + m] == REASON_MATCH) {
                    r->plan.truth[later->first + m] = REASON_DUPLICATE;
                    *truth = REASON_MATCH;
                    break;
                }
        }
    }
}

static enum code place_batch(struct replay *r, size_t from, size_t to, struct error *e)
{
    size_t at = 0;
    r->n.act.now = time_of(r, from);
    replay_begin_phase(r, STR("simulate"));
    for (size_t i = from; i < to; i++) {
        const struct planned_notice *p = &r->plan.notices[i];
        put_off_duplicates(r, i);
        for (size_t k = 0; k < p->count; k++)
            TRY(place_one(&r->n, r, p, (enum reason_code)r->plan.truth[p->first + k], at + k, e));
        for (size_t k = 0; k < p->count; k++)
            if (r->plan.truth[p->first + k] == REASON_MATCH)
                keep_for_later(r, p, at + k);
        at += p->count;
    }
    return replay_end_phase(r, e);
}

/* ---- requests ---- */

static unsigned elements_of(const struct planned_notice *p)
{
    return p->kind == PLAN_INCOMPLETE ? ELEMENTS_ALL & ~(unsigned)ELEMENT_GOOD_FAITH : ELEMENTS_ALL;
}

static void draft_items(const struct replay *r, const struct planned_notice *p, size_t at,
                        struct arena *a, struct draft_item *items)
{
    char id[ID_TEXT], rec[ID_TEXT];
    for (size_t k = 0; k < p->count; k++) {
        struct upload_id upload = r->uploads[at + k];
        const char *location = upload_id_is_none(upload)
                                   ? arena_format(a, "https://elsewhere.example/%u",
                                                  p->first + (unsigned)k)
                                   : arena_format(a, "https://commons.example/%s",
                                                  upload_id_format(upload, id));
        items[k] = (struct draft_item) {
            .kind = KIND_UPLOAD,
            .location = str_of(location),
            .title = str_of(arena_format(a, "Song %u", r->recordings[at + k])),
            .isrc = str_of(str_copy(
                a, str_of(recording_id_format(r->town->recordings[r->recordings[at + k]], rec)))),
        };
    }
}

/* One in fifty of what comes from people without a holder's domain, where all of it is right, is an
 * order of a court. */
static bool is_order(const struct replay *r, size_t number)
{
    const struct planned_notice *p = &r->plan.notices[number];
    bool all = p->kind == PLAN_PERSON && number % 50 == 0;
    for (size_t k = 0; k < p->count; k++)
        all = all && r->plan.truth[p->first + k] == REASON_MATCH;
    return all;
}

static void draft_of(const struct replay *r, size_t number, size_t at, struct arena *a,
                     struct notice_draft *d)
{
    const struct planned_notice *p = &r->plan.notices[number];
    char box[80];
    struct draft_item *items = ARENA_ARRAY(a, struct draft_item, p->count);
    bool of_label = p->kind != PLAN_PERSON;
    draft_items(r, p, at, a, items);
    *d = (struct notice_draft) {
        .channel = p->kind == PLAN_AGENT ? CHANNEL_API : CHANNEL_FORM,
        .regime = number % 5 == 0 ? REGIME_DSA16 : REGIME_DMCA,
        .sender = str_of(str_copy(a, str_of(town_sender(p, box)))),
        .name = STR("Invented Sender"),
        .principal = of_label ? str_of(arena_format(a, "label-%02d", label_of(p))) : STR(""),
        .once = str_of(arena_format(a, "request-%zu", number)),
        .language = STR("en"),
        .raw = str_of(arena_format(a, "Request %zu of %u items", number, p->count)),
        .elements = elements_of(p),
        .items = items,
        .item_count = p->count,
    };
    if (p->kind == PLAN_INCOMPLETE)
        d->regime = REGIME_DMCA;
    if (is_order(r, number)) {
        d->channel = CHANNEL_COURT;
        d->regime = REGIME_DSA9;
        d->order = (struct draft_order) { .authority = STR("Invented Court"),
                                          .number = str_of(arena_format(a, "Case %zu", number)),
                                          .country = STR("DE") };
    }
}

static enum code receive_batch(struct replay *r, size_t from, size_t to, struct error *e)
{
    struct noticing *n = &r->n;
    struct notice_draft drafts[BATCH];
    replay_begin_phase(r, STR("door"));
    r->withdrawn_count = 0;
    for (size_t i = from, at = 0; i < to; at += r->plan.notices[i].count, i++)
        draft_of(r, i, at, &n->arena, &drafts[i - from]);
    TRY(notice_drafts_ahead(n, drafts, to - from, e));
    TRY(desk_receive_ahead(&n->act, drafts, to - from, e));
    for (size_t i = from; i < to; i++) {
        struct received got;
        struct party_id principal;
        struct desk_resolve resolve = { notice_resolve, n };
        n->act.now = time_of(r, i);
        TRY(notice_principal(n, &drafts[i - from], &principal, e));
        TRY(desk_receive(&n->act, &drafts[i - from], principal, &resolve, &got, e));
        if (r->plan.notices[i].kind == PLAN_WITHDRAWN)
            r->withdrawn[r->withdrawn_count++] = got.notice;
    }
    for (size_t i = 0; i < r->withdrawn_count; i++)
        TRY(desk_withdraw(&n->act, r->withdrawn[i], ACTOR_SENDER, NULL, e));
    return replay_end_phase(r, e);
}

static enum code look_batch(struct replay *r, struct instant now, struct error *e)
{
    struct noticing *n = &r->n;
    for (;;) {
        struct notice_item *items;
        size_t count;
        replay_begin_phase(r, STR("licet"));
        n->act.now = now;
        TRY(desk_item_open(n->act.tx, (struct item_id) { { 0 } }, 4 * BATCH, &n->arena, &items,
                           &count, e));
        if (count == 0)
            return OK;
        TRY(notice_ahead(n, items, count, e));
        for (size_t i = 0; i < count; i++) {
            /* a second or two: what the bench of the desk measures at this load */
            n->act.now.us = items[i].received.us + 1000000 +
                            (int64_t)(plan_random(&r->chance) % 1000000);
            TRY(flow_notice_look(n, &items[i], e));
        }
        TRY(replay_end_phase(r, e));
    }
}

/* ---- people: they know the truth ---- */

static enum code truth_of(struct noticing *n, const struct replay *r,
                          const struct notice_item *item, enum reason_code *out, struct error *e)
{
    struct notice *x;
    int64_t number;
    TRY(desk_notice(&n->act, item->notice, &x, e));
    const char *key = x->once ? strrchr(x->once, '/') : NULL; /* behind the sender's mailbox */
    if (!key || strncmp(key, "/request-", 9) != 0)
        return fail(e, ERR_CORRUPT, "a notice is not of the simulation");
    TRY(str_to_int64(str_of(key + 9), 0, (int64_t)r->plan.notice_count - 1, &number, e));
    const struct planned_notice *p = &r->plan.notices[number];
    *out = (enum reason_code)r->plan.truth[p->first + (size_t)item->number - 1];
    return OK;
}

static enum code decide_one(struct noticing *n, struct replay *r, struct notice_item *item,
                            size_t number, struct error *e)
{
    static const char *const people[] = { "moderator-a", "moderator-b", "moderator-c",
                                          "moderator-d" };
    const char *person = people[number % COUNT_OF(people)];
    enum reason_code truth = REASON_MATCH;
    struct item_found found = { .proof = "" };
    TRY(truth_of(n, r, item, &truth, e));
    bool accept = truth == REASON_MATCH;
    struct item_why why = { .reason = !accept                          ? truth
                                      : item->channel == CHANNEL_COURT ? REASON_ORDER
                                                                       : REASON_REVIEWED };
    n->act.who = str_of(person);
    /* six hundred an hour each, from when the queue is opened */
    n->act.now.us = item->received.us + 600000000 + (int64_t)number * 1500000;
    TRY(desk_item_move(&n->act, item, &(struct item_step) { EVENT_CLAIM, ACTOR_PERSON, person },
                       &why, e));
    n->act.now.us += 6000000;
    if (accept) {
        TRY(notice_facts(n, item, &found, e));
        why.evidence = found.has_evidence ? &found.evidence : NULL;
        why.proof = found.proof;
        why.blob = found.blob;
    }
    struct item_step step = { accept ? EVENT_RESTRICT : EVENT_DECLINE, ACTOR_PERSON, person };
    return desk_item_move(&n->act, item, &step, &why, e);
}

static enum code decide_batch(struct replay *r, struct instant now, struct error *e)
{
    struct noticing *n = &r->n;
    for (;;) {
        struct notice_item *items;
        size_t count;
        replay_begin_phase(r, STR("moderator"));
        n->act.now = now;
        TRY(desk_item_queue(n->act.tx, 4 * BATCH, &n->arena, &items, &count, e));
        if (count == 0)
            return OK;
        TRY(notice_ahead(n, items, count, e));
        for (size_t i = 0; i < count; i++)
            TRY(decide_one(n, r, &items[i], i, e));
        TRY(replay_end_phase(r, e));
    }
}

/* ---- the end: each outcome against its truth ---- */

static enum code compare(struct replay *r, struct error *e)
{
    TX(tx);
    owned(store_rows) rows = NULL;
    TRY(store_begin(r->world->store, STORE_READ, &tx, e));
    TRY(store_query(tx,
                    "SELECT n.once, i.number, d.reason, i.state FROM desk_items i JOIN "
                    "desk_notices n ON n.id = i.notice LEFT JOIN desk_decisions d ON d.id = "
                    "i.decision",
                    SQL_NONE, &rows, e));
    for (;;) {
        bool more;
        enum reason_code got;
        enum item_state state;
        int64_t number;
        struct str once, mailbox;
        TRY(store_next(rows, &more, e));
        if (!more)
            return OK;
        once = store_text(rows, 0);
        if (!str_split(&once, '/', &mailbox) || once.length < 8)
            return fail(e, ERR_CORRUPT, "a notice is not of the simulation");
        TRY(str_to_int64((struct str) { once.at + 8, once.length - 8 }, 0,
                         (int64_t)r->plan.notice_count - 1, &number, e));
        const struct planned_notice *p = &r->plan.notices[number];
        enum reason_code truth = (enum reason_code)
                                     r->plan.truth[p->first + (size_t)store_int(rows, 1) - 1];
        TRY(item_state_parse(store_text(rows, 3), &state, e));
        r->out->requests++;
        if (store_is_null(rows, 2)) {
            r->out->wrong++;
            continue;
        }
        TRY(reason_parse(store_text(rows, 2), &got, e));
        bool down = item_is_restricted(state) || state == ITEM_RESTORED;
        r->out->accepted += down;
        r->out->turned_down += !down;
        if (!down)
            r->out->by_reason[got]++;
        r->out->restored += state == ITEM_RESTORED;
        if (truth == REASON_MATCH ? !down : got != truth) {
            if (r->out->wrong++ < 20)
                log_line(LOG_WARN, "simulate_wrong", "item=%.*s/%lld truth=%s got=%s",
                         STR_ARG(once), (long long)store_int(rows, 1), reason_word(truth),
                         reason_word(got));
        }
    }
}

static enum code replay_batch(struct replay *r, size_t from, size_t to, struct error *e)
{
    double start = seconds_now();
    struct instant begin = time_of(r, from), end = time_of(r, to);
    TRY(place_batch(r, from, to, e));
    double placed = seconds_now();
    r->out->made_seconds += placed - start;
    TRY(receive_batch(r, from, to, e));
    TRY(look_batch(r, begin, e));
    TRY(decide_batch(r, begin, e));
    TRY(replay_counter_some(r, end, e));
    TRY(replay_complain_some(r, "restricted", ACTOR_UPLOADER, end, e));
    TRY(replay_complain_some(r, "declined", ACTOR_SENDER, end, e));
    TRY(replay_close_day(r, end, e));
    r->out->replay_seconds += seconds_now() - placed;
    return OK;
}

static enum code begin(struct replay *r, struct error *e)
{
    flow_noticing_done(&r->n);
    r->n = (struct noticing) { 0 };
    TRY(flow_noticing_begin(r->world, STR("simulate"), &r->n, e));
    r->n.act.lenient = true; /* each request has its own truth */
    return OK;
}

static enum code commit(struct replay *r, struct error *e)
{
    double start = seconds_now();
    TRY(flow_noticing_commit(&r->n, e));
    r->out->replay_seconds += seconds_now() - start;
    return OK;
}

static enum code replay_all(struct replay *r, struct error *e)
{
    size_t count = r->plan.notice_count, batches = 0;
    TRY(begin(r, e));
    for (size_t from = 0; from < count; from += BATCH, batches++) {
        size_t to = from + BATCH < count ? from + BATCH : count;
        *r->clock = time_of(r, from);
        if (batches && batches % COMMIT_AFTER == 0) {
            TRY(commit(r, e));
            TRY(begin(r, e));
        }
        TRY(replay_batch(r, from, to, e));
        if (r->options->step)
            r->options->step(r->options->state, (int64_t)to, (int64_t)count);
    }
    double start = seconds_now();
    /* three weeks on, what waited for its sender has lapsed and what was countered is back */
    struct instant end = { r->plan.from.us + r->plan.period_us + INT64_C(21) * 86400 * 1000000 };
    *r->clock = end;
    TRY(replay_close_day(r, end, e));
    r->out->replay_seconds += seconds_now() - start;
    return commit(r, e);
}

static enum code refuse_used(struct world *w, struct error *e)
{
    TX(tx);
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    TRY(store_one(tx, "SELECT 1 FROM access_networks UNION SELECT 1 FROM desk_senders LIMIT 1",
                  SQL_NONE, &r, &found, e));
    return found ? fail(e, ERR_CONFLICT, "this data folder has records: simulate into a new one")
                 : OK;
}

static enum code simulate_in(struct replay *r, struct error *e)
{
    TRY(refuse_used(r->world, e));
    TRY(store_undurable(r->world->store, e)); /* it can be made again */
    TRY(plan_make(r->options->seed, r->options->requests, r->options->declined, &r->plan, e));
    size_t room = r->options->requests + 1;
    r->uploads = calloc(room, sizeof *r->uploads);
    r->recordings = calloc(room, sizeof *r->recordings);
    r->withdrawn = calloc(BATCH, sizeof *r->withdrawn);
    r->town = calloc(1, sizeof *r->town);
    if (!r->uploads || !r->recordings || !r->town || !r->withdrawn)
        return fail(e, ERR_MEMORY, "no memory for a simulation");
    r->chance = r->options->seed * 31 + 7;
    *r->clock = r->plan.from;
    TRY(town_make(r->world, r->options->requests < 100000 ? 10 : PER_LABEL_MOST, r->town, e));
    r->town->upload_chance = r->options->seed * 17 + 3;
    {
        NOTICING(n);
        TRY(flow_noticing_begin(r->world, STR("simulate"), &n, e));
        TRY(town_senders(&n, r->town, e));
        TRY(flow_noticing_commit(&n, e));
    }
    r->out->notices = r->plan.notice_count;
    TRY(replay_all(r, e));
    return compare(r, e);
}

enum code flow_simulate(struct world *w, const struct simulate_options *o, struct instant *clock,
                        struct simulated *out, struct error *e)
{
    struct replay r = { .world = w, .clock = clock, .options = o, .out = out };
    *out = (struct simulated) { 0 };
    enum code code = simulate_in(&r, e);
    flow_noticing_done(&r.n);
    plan_done(&r.plan);
    free(r.uploads);
    free(r.recordings);
    free(r.withdrawn);
    free(r.town);
    return code;
}
