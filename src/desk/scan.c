/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the journal. */
#include "desk/figures.h"

#include <stdlib.h>

#include "desk/tally.h"
#include "desk/told.h"

struct growing {
    void *items;
    size_t count, room;
};

struct folding {
    struct scan *out;
    struct tally cases, notices, senders;
    struct growing complaints, disputes, marks;
    const struct told *t;     /* the event at hand */
    struct notice_id ordered; /* the order's event comes before its notice's */
    char country[2];
};

static enum code no_memory(struct error *e)
{
    return fail(e, ERR_MEMORY, "no memory for the figures");
}

/* One more item of `size` bytes, zeroed; NULL: no memory. */
static void *add(struct growing *g, size_t size)
{
    if (g->count == g->room) {
        size_t room = g->room ? 2 * g->room : 64;
        void *items = realloc(g->items, room * size);
        if (!items)
            return NULL;
        g->items = items;
        g->room = room;
    }
    void *item = (char *)g->items + g->count++ * size;
    memset(item, 0, size);
    return item;
}

/* ---- notices ---- */

static enum code fold_received(struct folding *f, struct error *e)
{
    const struct told *t = f->t;
    bool fresh;
    struct scan_sender *s = tally_get(&f->senders, t->of, &fresh);
    struct scan_notice *n = s ? tally_get(&f->notices, t->subject, &fresh) : NULL;
    if (!n)
        return no_memory(e);
    n->seq = t->seq;
    n->received_us = t->at_us;
    n->sender = tally_number(&f->senders, s);
    n->items = t->items;
    n->channel = t->channel;
    n->regime = t->regime;
    n->trusted = t->trusted;
    if (memcmp(t->subject, f->ordered.bytes, ID_BYTES) == 0)
        memcpy(n->country, f->country, 2);
    s->received += n->items;
    f->out->requests += n->items;
    return OK;
}

static enum code fold_order(struct folding *f, struct error *e)
{
    (void)e;
    memcpy(f->country, f->t->country, 2);
    memcpy(f->ordered.bytes, f->t->of, ID_BYTES);
    return OK;
}

/* ---- decisions ---- */

static void end_complaint(struct folding *f, struct scan_case *c, enum scan_outcome outcome)
{
    if (!c->complaint)
        return;
    struct scan_complaint *k = (struct scan_complaint *)f->complaints.items + c->complaint - 1;
    if (k->outcome != OUTCOME_OPEN)
        return;
    k->outcome = (uint8_t)outcome;
    k->decided_seq = f->t->seq;
    k->decided_us = f->t->at_us;
}

static void put_back(struct folding *f, struct scan_case *c, enum item_event event)
{
    c->put_back = true;
    c->back_by = (uint8_t)event;
    c->back_seq = f->t->seq;
    c->back_us = f->t->at_us;
}

static void decide(struct folding *f, struct scan_case *c)
{
    const struct told *t = f->t;
    c->class = t->class;
    c->seq = t->seq;
    c->decided_us = t->at_us;
    c->reason = t->reason;
    c->put_back = false;
    c->back_seq = 0;
    c->accepted = reason_restricts((enum reason_code)t->reason);
    c->automatic = t->automatic;
    c->automatic_detected = t->evidence;
    c->second = t->second;
}

static enum code case_of(struct folding *f, struct scan_case **out, struct error *e)
{
    const struct told *t = f->t;
    bool fresh;
    const struct scan_notice *n = tally_find(&f->notices, t->of);
    if (!n)
        return fail(e, ERR_CORRUPT, "an item is decided whose notice is not in the journal");
    struct scan_case *c = tally_get(&f->cases, t->subject, &fresh);
    if (!c)
        return no_memory(e);
    if (fresh) {
        c->first_us = t->at_us - t->received_us;
        c->notice = tally_number(&f->notices, n);
        c->sender = n->sender;
        c->regime = n->regime;
        c->channel = n->channel;
        c->kind = t->kind;
    }
    *out = c;
    return OK;
}

static enum code fold_decided(struct folding *f, struct error *e)
{
    struct scan_case *c = NULL;
    enum item_event event = (enum item_event)f->t->event;
    TRY(case_of(f, &c, e));
    if (f->t->from_complaint || event == EVENT_APPROVE)
        end_complaint(f, c,
                      event == EVENT_REVERSE_PARTLY                      ? OUTCOME_PARTLY
                      : event == EVENT_REVERSE || event == EVENT_APPROVE ? OUTCOME_REVERSED
                                                                         : OUTCOME_NONE);
    if (f->t->to == ITEM_RESTORED)
        put_back(f, c, event);
    else
        decide(f, c);
    return OK;
}

/* ---- what is no decision ---- */

static enum code open_complaint(struct folding *f, struct scan_case *c, struct error *e)
{
    struct scan_complaint *k = add(&f->complaints, sizeof *k);
    if (!k)
        return no_memory(e);
    k->number = tally_number(&f->cases, c);
    k->by_sender = f->t->by_sender;
    k->seq = f->t->seq;
    k->opened_us = f->t->at_us;
    c->complaint = (uint32_t)f->complaints.count;
    return OK;
}

static enum code fold_moved(struct folding *f, struct error *e)
{
    struct scan_case *c = tally_find(&f->cases, f->t->subject);
    if (!c)
        return OK; /* of another period */
    enum item_event event = (enum item_event)f->t->event;
    if (event == EVENT_COUNTER) {
        c->counter_seq = f->t->seq;
        c->counter_us = f->t->at_us;
    } else if (event == EVENT_COMPLAIN) {
        return open_complaint(f, c, e);
    } else {
        end_complaint(f, c, event == EVENT_UPHOLD ? OUTCOME_UPHELD : OUTCOME_NONE);
    }
    return OK;
}

static enum code fold_dispute(struct folding *f, bool opens, struct error *e)
{
    const struct told *t = f->t;
    struct scan_case *c = tally_find(&f->cases, t->subject);
    if (!c)
        return OK;
    uint32_t number = tally_number(&f->cases, c);
    struct scan_complaint *k = NULL, *all = f->disputes.items;
    for (size_t i = f->disputes.count; i-- > 0 && !k && !opens;)
        if (all[i].number == number && all[i].outcome == OUTCOME_OPEN)
            k = &all[i];
    if (opens) {
        k = add(&f->disputes, sizeof *k);
        if (!k)
            return no_memory(e);
        *k = (struct scan_complaint) { .number = number, .seq = t->seq, .opened_us = t->at_us };
        return OK;
    }
    if (!k)
        return fail(e, ERR_CORRUPT, "a dispute ends that was not opened");
    k->outcome = t->outcome;
    k->implemented = t->implemented;
    k->decided_seq = t->seq;
    k->decided_us = t->at_us;
    return OK;
}

static enum code fold_mark(struct folding *f, struct error *e)
{
    static const uint8_t kinds[] = { [TOLD_SENDER_SUSPENDED] = MARK_SENDER_SUSPENDED,
                                     [TOLD_SENDER_WARNED] = MARK_SENDER_WARNED,
                                     [TOLD_UPLOADER_SUSPENDED] = MARK_UPLOADER_SUSPENDED };
    struct scan_mark *m = add(&f->marks, sizeof *m);
    if (!m)
        return no_memory(e);
    *m = (struct scan_mark) { f->t->seq, f->t->at_us, kinds[f->t->what] };
    return OK;
}

typedef enum code folder(struct folding *f, struct error *e);

static enum code fold_opened(struct folding *f, struct error *e)
{
    return fold_dispute(f, true, e);
}
static enum code fold_closed(struct folding *f, struct error *e)
{
    return fold_dispute(f, false, e);
}

static folder *const folders[] = {
    [TOLD_DECIDED] = fold_decided,         [TOLD_MOVED] = fold_moved,
    [TOLD_RECEIVED] = fold_received,       [TOLD_ORDER] = fold_order,
    [TOLD_DISPUTE_OPENED] = fold_opened,   [TOLD_DISPUTE_DECIDED] = fold_closed,
    [TOLD_SENDER_SUSPENDED] = fold_mark,   [TOLD_SENDER_WARNED] = fold_mark,
    [TOLD_UPLOADER_SUSPENDED] = fold_mark,
};

static enum code fold_all(struct folding *f, struct store_tx *tx, struct error *e)
{
    owned(told_reader) r = NULL;
    const struct told *list;
    size_t count;
    TRY(told_open(tx, f->out->head.size, f->out->from, f->out->until, &r, e));
    for (;;) {
        TRY(told_next(r, &list, &count, e));
        if (count == 0)
            return OK;
        for (size_t i = 0; i < count; i++) {
            f->t = &list[i];
            if (folders[f->t->what](f, e) != OK)
                return fail_in(e, "journal event %lld", (long long)f->t->seq);
        }
    }
}

/* ---- order, and sums ---- */

static enum code sort_all(struct folding *f, struct error *e)
{
    uint32_t *place;
    struct scan_case *cases = (struct scan_case *)(void *)f->cases.items;
    struct scan_notice *notices = (struct scan_notice *)(void *)f->notices.items;
    struct scan_complaint *complaints = f->complaints.items, *disputes = f->disputes.items;
    TRY(tally_sort(&f->senders, &place, e));
    for (size_t i = 0; i < f->cases.count; i++)
        cases[i].sender = place[cases[i].sender];
    for (size_t i = 0; i < f->notices.count; i++)
        notices[i].sender = place[notices[i].sender];
    free(place);
    TRY(tally_sort(&f->cases, &place, e));
    for (size_t i = 0; i < f->complaints.count; i++)
        complaints[i].number = place[complaints[i].number];
    for (size_t i = 0; i < f->disputes.count; i++)
        disputes[i].number = place[disputes[i].number];
    free(place);
    return OK;
}

static void add_up(struct scan *s)
{
    for (size_t i = 0; i < s->case_count; i++) {
        const struct scan_case *c = &s->cases[i];
        struct scan_sender *x = &s->senders[c->sender];
        s->notices[c->notice].decided++;
        s->notices[c->notice].by_person += !c->automatic;
        s->accepted += c->accepted;
        s->turned_down += !c->accepted;
        s->put_back += c->put_back;
        s->countered += c->counter_seq != 0;
        s->by_reason[c->reason]++;
        x->accepted += c->accepted;
        x->turned_down += !c->accepted;
        x->put_back += c->put_back;
        x->countered += c->counter_seq != 0;
    }
    s->undecided = s->requests - (int64_t)s->case_count;
}

enum code desk_scan(struct store_tx *tx, struct instant from, struct instant until,
                    struct scan *out, struct error *e)
{
    struct folding f = { .out = out,
                         .cases = { .size = sizeof(struct scan_case) },
                         .notices = { .size = sizeof(struct scan_notice) },
                         .senders = { .size = sizeof(struct scan_sender) } };
    *out = (struct scan) { .from = from, .until = until };
    TRY(journal_head(tx, &out->head, e));
    out->events = out->head.size;
    enum code code = fold_all(&f, tx, e);
    if (code == OK)
        code = sort_all(&f, e);
    out->case_count = f.cases.count;
    out->notice_count = f.notices.count;
    out->sender_count = f.senders.count;
    out->cases = tally_take(&f.cases);
    out->notices = tally_take(&f.notices);
    out->senders = tally_take(&f.senders);
    tally_done(&f.cases);
    tally_done(&f.notices);
    tally_done(&f.senders);
    out->complaints = f.complaints.items;
    out->complaint_count = f.complaints.count;
    out->disputes = f.disputes.items;
    out->dispute_count = f.disputes.count;
    out->marks = f.marks.items;
    out->mark_count = f.marks.count;
    if (code != OK)
        return code;
    add_up(out);
    return desk_figures_add_up(out, e);
}

void desk_scan_done(struct scan *s)
{
    free(s->cases);
    free(s->notices);
    free(s->senders);
    free(s->complaints);
    free(s->disputes);
    free(s->marks);
    free(s->values);
    *s = (struct scan) { 0 };
}
