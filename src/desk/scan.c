/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the journal. */
#include "desk/scan.h"

#include <stdlib.h>

#include "desk/tally.h"

struct growing {
    void *items;
    size_t count, room;
};

struct folding {
    struct scan *out;
    struct tally cases, notices, senders;
    struct growing complaints, disputes, marks;
    int64_t seq, at_us;
    struct str subject;
    struct scan_fields f;
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
    struct notice_id id;
    struct sender_id sender;
    bool fresh;
    enum channel channel;
    enum regime regime;
    if (f->at_us < f->out->from.us || f->at_us >= f->out->until.us)
        return OK;
    TRY(notice_id_parse(f->subject, &id, e));
    TRY(sender_id_parse(f->f.sender, &sender, e));
    TRY(channel_parse(f->f.channel, &channel, e));
    TRY(regime_parse(f->f.regime, &regime, e));
    struct scan_sender *s = tally_get(&f->senders, sender.bytes, &fresh);
    struct scan_notice *n = s ? tally_get(&f->notices, id.bytes, &fresh) : NULL;
    if (!n)
        return no_memory(e);
    n->seq = f->seq;
    n->received_us = f->at_us;
    n->sender = tally_number(&f->senders, s);
    n->items = (uint32_t)f->f.items;
    n->channel = (uint8_t)channel;
    n->regime = (uint8_t)regime;
    n->trusted = f->f.trusted;
    if (notice_id_equal(id, f->ordered))
        memcpy(n->country, f->country, 2);
    s->received += n->items;
    f->out->requests += n->items;
    return OK;
}

static enum code fold_order(struct folding *f, struct error *e)
{
    if (f->f.country.length == 2)
        memcpy(f->country, f->f.country.at, 2);
    return notice_id_parse(f->f.notice, &f->ordered, e);
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
    k->decided_seq = f->seq;
    k->decided_us = f->at_us;
}

static void put_back(struct folding *f, struct scan_case *c, enum item_event event)
{
    c->put_back = true;
    c->back_by = (uint8_t)event;
    c->back_seq = f->seq;
    c->back_us = f->at_us;
}

static uint8_t class_of(struct str word)
{
    for (int k = 0; k < CLASS_COUNT; k++)
        if (str_is(word, item_class_word((enum item_class)k)))
            return (uint8_t)k;
    return CLASS_NEW;
}

static void decide(struct folding *f, struct scan_case *c, enum reason_code reason)
{
    c->class = class_of(f->f.class);
    c->seq = f->seq;
    c->decided_us = f->at_us;
    c->reason = (uint8_t)reason;
    c->put_back = false;
    c->back_seq = 0;
    c->accepted = reason_restricts(reason);
    c->automatic = str_is(f->f.by, "machine") || str_is(f->f.by, "timer");
    c->automatic_detected = f->f.evidence;
    c->second = f->f.second;
}

static enum code case_of(struct folding *f, struct scan_case **out, struct error *e)
{
    struct item_id id;
    struct notice_id notice;
    enum item_kind kind;
    bool fresh;
    TRY(item_id_parse(f->subject, &id, e));
    TRY(notice_id_parse(f->f.notice, &notice, e));
    const struct scan_notice *n = tally_find(&f->notices, notice.bytes);
    if (!n)
        return fail(e, ERR_CORRUPT, "an item is decided whose notice is not in the journal");
    struct scan_case *c = tally_get(&f->cases, id.bytes, &fresh);
    if (!c)
        return no_memory(e);
    if (fresh) {
        TRY(item_kind_parse(f->f.kind, &kind, e));
        c->first_us = f->at_us - f->f.received;
        c->notice = tally_number(&f->notices, n);
        c->sender = n->sender;
        c->regime = n->regime;
        c->channel = n->channel;
        c->kind = (uint8_t)kind;
    }
    *out = c;
    return OK;
}

static enum code fold_decided(struct folding *f, struct error *e)
{
    struct scan_case *c = NULL;
    enum item_event event = EVENT_COMPLETE;
    enum item_state to;
    enum reason_code reason;
    if (f->f.received < f->out->from.us || f->f.received >= f->out->until.us)
        return OK;
    TRY(item_event_parse(f->f.event, &event, e));
    TRY(item_state_parse(f->f.to, &to, e));
    TRY(reason_parse(f->f.reason, &reason, e));
    TRY(case_of(f, &c, e));
    bool complained = str_is(f->f.from, "complained") || str_is(f->f.from, "complained_declined");
    if (complained || event == EVENT_APPROVE)
        end_complaint(f, c,
                      event == EVENT_REVERSE_PARTLY                      ? OUTCOME_PARTLY
                      : event == EVENT_REVERSE || event == EVENT_APPROVE ? OUTCOME_REVERSED
                                                                         : OUTCOME_NONE);
    if (to == ITEM_RESTORED)
        put_back(f, c, event);
    else
        decide(f, c, reason);
    return OK;
}

/* ---- what is no decision ---- */

static enum code open_complaint(struct folding *f, struct scan_case *c, struct error *e)
{
    struct scan_complaint *k = add(&f->complaints, sizeof *k);
    if (!k)
        return no_memory(e);
    k->number = tally_number(&f->cases, c);
    k->by_sender = str_is(f->f.by, "sender");
    k->seq = f->seq;
    k->opened_us = f->at_us;
    c->complaint = (uint32_t)f->complaints.count;
    return OK;
}

static enum code fold_moved(struct folding *f, struct error *e)
{
    struct str event = f->f.event;
    bool counter = str_is(event, "counter"), complain = str_is(event, "complain");
    bool uphold = str_is(event, "uphold"), from_complaint = str_starts(f->f.from, "complained");
    struct item_id id;
    if (!counter && !complain && !uphold && !from_complaint)
        return OK;
    TRY(item_id_parse(f->subject, &id, e));
    struct scan_case *c = tally_find(&f->cases, id.bytes);
    if (!c)
        return OK; /* of another period */
    if (counter) {
        c->counter_seq = f->seq;
        c->counter_us = f->at_us;
    }
    if (complain)
        return open_complaint(f, c, e);
    if (uphold)
        end_complaint(f, c, OUTCOME_UPHELD);
    else if (from_complaint && str_is(event, "withdraw"))
        end_complaint(f, c, OUTCOME_NONE);
    return OK;
}

static enum code fold_dispute(struct folding *f, bool opens, struct error *e)
{
    struct item_id id;
    TRY(item_id_parse(f->subject, &id, e));
    struct scan_case *c = tally_find(&f->cases, id.bytes);
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
        *k = (struct scan_complaint) { .number = number, .seq = f->seq, .opened_us = f->at_us };
        return OK;
    }
    if (!k)
        return fail(e, ERR_CORRUPT, "a dispute ends that was not opened");
    k->outcome = str_is(f->f.outcome, "upheld")     ? OUTCOME_UPHELD
                 : str_is(f->f.outcome, "reversed") ? OUTCOME_REVERSED
                 : str_is(f->f.outcome, "partly")   ? OUTCOME_PARTLY
                                                    : OUTCOME_NONE;
    k->implemented = f->f.implemented;
    k->decided_seq = f->seq;
    k->decided_us = f->at_us;
    return OK;
}

static enum code fold_mark(struct folding *f, enum scan_mark_kind kind, struct error *e)
{
    if (f->at_us < f->out->from.us || f->at_us >= f->out->until.us)
        return OK;
    struct scan_mark *m = add(&f->marks, sizeof *m);
    if (!m)
        return no_memory(e);
    *m = (struct scan_mark) { f->seq, f->at_us, (uint8_t)kind };
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
static enum code fold_suspended(struct folding *f, struct error *e)
{
    return fold_mark(f, MARK_SENDER_SUSPENDED, e);
}
static enum code fold_warned(struct folding *f, struct error *e)
{
    return fold_mark(f, MARK_SENDER_WARNED, e);
}
static enum code fold_uploader(struct folding *f, struct error *e)
{
    return fold_mark(f, MARK_UPLOADER_SUSPENDED, e);
}

static enum code fold(struct folding *f, struct str what, struct str after, struct error *e)
{
    static const struct {
        const char *what;
        bool reads;
        folder *fold;
    } rows[] = {
        { "item.decided", true, fold_decided },        { "item.moved", true, fold_moved },
        { "notice.received", true, fold_received },    { "order.received", true, fold_order },
        { "dispute.opened", true, fold_opened },       { "dispute.decided", true, fold_closed },
        { "sender.suspended", false, fold_suspended }, { "sender.warned", false, fold_warned },
        { "uploader.suspended", false, fold_uploader }
    };
    f->out->events++;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!str_is(what, rows[i].what))
            continue;
        if (rows[i].reads && !scan_fields(after, &f->f))
            return fail(e, ERR_CORRUPT, "its words cannot be read");
        return rows[i].fold(f, e);
    }
    return OK;
}

static enum code fold_all(struct folding *f, struct store_tx *tx, struct error *e)
{
    enum { PAGE = 20000 };
    for (int64_t after = 0;;) {
        owned(store_rows) r = NULL;
        size_t n = 0;
        bool more;
        TRY(store_query(tx,
                        "SELECT seq, at, what, subject, after FROM journal_events WHERE seq > $1 "
                        "AND seq <= $2 ORDER BY seq LIMIT 20000",
                        SQL(sql_int(after), sql_int(f->out->head.size)), &r, e));
        for (;; n++) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            after = f->seq = store_int(r, 0);
            f->at_us = store_int(r, 1);
            f->subject = store_text(r, 3);
            if (fold(f, store_text(r, 2), store_text(r, 4), e) != OK)
                return fail_in(e, "journal event %lld", (long long)f->seq);
        }
        if (n < PAGE)
            return OK;
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
    if (code == OK)
        add_up(out);
    return code;
}

void desk_scan_done(struct scan *s)
{
    free(s->cases);
    free(s->notices);
    free(s->senders);
    free(s->complaints);
    free(s->disputes);
    free(s->marks);
    *s = (struct scan) { 0 };
}
