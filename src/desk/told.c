/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the journal, each read and taken apart by whichever thread is free; the one who folds
 * them takes them in their order. */
#include "desk/told.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 10000, THREADS_MOST = 8, AHEAD = 4 };

struct page {
    struct told *list;
    size_t count;
    bool ready; /* it is the one that is wanted next of this place */
    enum code code;
    struct error error;
};

struct told_reader {
    struct store_tx *tx; /* with no threads: everything is read here */
    struct store *store;
    struct instant from, until;
    int64_t size, pages, at; /* at: the page that is handed on next */
    pthread_t threads[THREADS_MOST];
    size_t thread_count, slot_count;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t filled, emptied;
    struct page slots[THREADS_MOST * AHEAD];
    int64_t next, returned; /* page to be read; pages that were folded and given back */
    bool stopping;
};

/* ---- one event ---- */

struct reading {
    const struct told_reader *of;
    struct str subject;
    struct scan_fields f;
    struct told *out;
};
typedef enum code teller(struct reading *r, bool *keep, struct error *e);

static bool in_period(const struct reading *r, int64_t at_us)
{
    return at_us >= r->of->from.us && at_us < r->of->until.us;
}

static enum code tell_received(struct reading *r, bool *keep, struct error *e)
{
    struct notice_id id;
    struct sender_id sender;
    enum channel channel;
    enum regime regime;
    *keep = in_period(r, r->out->at_us);
    if (!*keep)
        return OK;
    TRY(notice_id_parse(r->subject, &id, e));
    TRY(sender_id_parse(r->f.sender, &sender, e));
    TRY(channel_parse(r->f.channel, &channel, e));
    TRY(regime_parse(r->f.regime, &regime, e));
    memcpy(r->out->subject, id.bytes, ID_BYTES);
    memcpy(r->out->of, sender.bytes, ID_BYTES);
    r->out->items = (uint32_t)r->f.items;
    r->out->channel = (uint8_t)channel;
    r->out->regime = (uint8_t)regime;
    r->out->trusted = r->f.trusted;
    return OK;
}

static enum code tell_order(struct reading *r, bool *keep, struct error *e)
{
    struct notice_id notice;
    *keep = true;
    if (r->f.country.length == 2)
        memcpy(r->out->country, r->f.country.at, 2);
    TRY(notice_id_parse(r->f.notice, &notice, e));
    memcpy(r->out->of, notice.bytes, ID_BYTES);
    return OK;
}

static uint8_t class_of(struct str word)
{
    for (int k = 0; k < CLASS_COUNT; k++)
        if (str_is(word, item_class_word((enum item_class)k)))
            return (uint8_t)k;
    return CLASS_NEW;
}

static enum code subject_item(struct reading *r, struct error *e)
{
    struct item_id id;
    TRY(item_id_parse(r->subject, &id, e));
    memcpy(r->out->subject, id.bytes, ID_BYTES);
    return OK;
}

static enum code tell_decided(struct reading *r, bool *keep, struct error *e)
{
    struct told *t = r->out;
    enum item_event event = EVENT_COMPLETE;
    enum item_state to;
    enum reason_code reason;
    enum item_kind kind;
    struct notice_id notice;
    *keep = in_period(r, r->f.received);
    if (!*keep)
        return OK;
    TRY(item_event_parse(r->f.event, &event, e));
    TRY(item_state_parse(r->f.to, &to, e));
    TRY(reason_parse(r->f.reason, &reason, e));
    TRY(item_kind_parse(r->f.kind, &kind, e));
    TRY(subject_item(r, e));
    TRY(notice_id_parse(r->f.notice, &notice, e));
    memcpy(t->of, notice.bytes, ID_BYTES);
    t->received_us = r->f.received;
    t->event = (uint8_t)event;
    t->to = (uint8_t)to;
    t->reason = (uint8_t)reason;
    t->kind = (uint8_t)kind;
    t->class = class_of(r->f.class);
    t->from_complaint = str_is(r->f.from, "complained") || str_is(r->f.from, "complained_declined");
    t->automatic = str_is(r->f.by, "machine") || str_is(r->f.by, "timer");
    t->evidence = r->f.evidence;
    t->second = r->f.second;
    return OK;
}

static enum code tell_moved(struct reading *r, bool *keep, struct error *e)
{
    static const struct {
        const char *word;
        enum item_event event;
    } told[] = { { "counter", EVENT_COUNTER },
                 { "complain", EVENT_COMPLAIN },
                 { "uphold", EVENT_UPHOLD },
                 { "withdraw", EVENT_WITHDRAW } };
    size_t i = 0;
    r->out->from_complaint = str_starts(r->f.from, "complained");
    while (i < COUNT_OF(told) && !str_is(r->f.event, told[i].word))
        i++;
    *keep = i < COUNT_OF(told) && (told[i].event != EVENT_WITHDRAW || r->out->from_complaint);
    if (!*keep)
        return OK;
    r->out->event = (uint8_t)told[i].event;
    r->out->by_sender = str_is(r->f.by, "sender");
    return subject_item(r, e);
}

static enum code tell_dispute(struct reading *r, bool *keep, struct error *e)
{
    *keep = true;
    r->out->outcome = str_is(r->f.outcome, "upheld")     ? OUTCOME_UPHELD
                      : str_is(r->f.outcome, "reversed") ? OUTCOME_REVERSED
                      : str_is(r->f.outcome, "partly")   ? OUTCOME_PARTLY
                                                         : OUTCOME_NONE;
    r->out->implemented = r->f.implemented;
    return subject_item(r, e);
}

static enum code tell_mark(struct reading *r, bool *keep, struct error *e)
{
    (void)e;
    *keep = in_period(r, r->out->at_us);
    return OK;
}

static const struct {
    const char *what;
    size_t length;
    bool reads;
    teller *tell;
} tellers[] = {
#define TELLER(told, word, reads, tell) [told] = { word, sizeof word - 1, reads, tell }
    TELLER(TOLD_DECIDED, "item.decided", true, tell_decided),
    TELLER(TOLD_MOVED, "item.moved", true, tell_moved),
    TELLER(TOLD_RECEIVED, "notice.received", true, tell_received),
    TELLER(TOLD_ORDER, "order.received", true, tell_order),
    TELLER(TOLD_DISPUTE_OPENED, "dispute.opened", true, tell_dispute),
    TELLER(TOLD_DISPUTE_DECIDED, "dispute.decided", true, tell_dispute),
    TELLER(TOLD_SENDER_SUSPENDED, "sender.suspended", false, tell_mark),
    TELLER(TOLD_SENDER_WARNED, "sender.warned", false, tell_mark),
    TELLER(TOLD_UPLOADER_SUSPENDED, "uploader.suspended", false, tell_mark),
#undef TELLER
};

static enum code tell(struct reading *r, struct str what, struct str after, bool *keep,
                      struct error *e)
{
    *keep = false;
    for (size_t i = 0; i < COUNT_OF(tellers); i++) {
        if (tellers[i].length != what.length || memcmp(tellers[i].what, what.at, what.length) != 0)
            continue;
        r->out->what = (uint8_t)i;
        if (tellers[i].reads && !scan_fields(after, &r->f))
            return fail(e, ERR_CORRUPT, "its words cannot be read");
        return tellers[i].tell(r, keep, e);
    }
    return OK;
}

/* ---- a page ---- */

static enum code read_page(const struct told_reader *of, struct store_tx *tx, int64_t number,
                           struct page *p, struct error *e)
{
    owned(store_rows) r = NULL;
    struct reading x = { .of = of };
    int64_t after = number * PAGE, last = after + PAGE < of->size ? after + PAGE : of->size;
    if (!p->list)
        p->list = malloc(PAGE * sizeof *p->list);
    if (!p->list)
        return fail(e, ERR_MEMORY, "no memory for the figures");
    TRY(store_query(tx,
                    "SELECT seq, at, what, subject, after FROM journal_events WHERE seq > $1 AND "
                    "seq <= $2 ORDER BY seq LIMIT 10000",
                    SQL(sql_int(after), sql_int(last)), &r, e));
    for (bool more, keep;;) {
        TRY(store_next(r, &more, e));
        if (!more)
            return OK;
        x.out = &p->list[p->count];
        *x.out = (struct told) { .seq = store_int(r, 0), .at_us = store_int(r, 1) };
        x.subject = store_text(r, 3);
        if (tell(&x, store_text(r, 2), store_text(r, 4), &keep, e) != OK)
            return fail_in(e, "journal event %lld", (long long)x.out->seq);
        p->count += keep;
    }
}

static void fill(const struct told_reader *r, struct store_tx *tx, int64_t number, struct page *p)
{
    p->count = 0;
    p->code = read_page(r, tx, number, p, &p->error);
}

/* ---- threads ---- */

/* A place for the next page, or NULL: there is none left, or nobody wants it. */
static struct page *next_place(struct told_reader *r, int64_t *number)
{
    pthread_mutex_lock(&r->lock);
    *number = r->next++;
    while (!r->stopping && *number < r->pages && *number - r->returned >= (int64_t)r->slot_count)
        pthread_cond_wait(&r->emptied, &r->lock);
    bool wanted = !r->stopping && *number < r->pages;
    pthread_mutex_unlock(&r->lock);
    return wanted ? &r->slots[(size_t)*number % r->slot_count] : NULL;
}

static void *read_pages(void *state)
{
    struct told_reader *r = state;
    struct error e = { 0 };
    TX(tx);
    enum code code = store_begin(r->store, STORE_READ, &tx, &e);
    for (;;) {
        int64_t number;
        struct page *p = next_place(r, &number);
        if (!p)
            return NULL;
        if (code == OK) {
            fill(r, tx, number, p);
        } else {
            p->code = code;
            p->error = e;
        }
        pthread_mutex_lock(&r->lock);
        p->ready = true;
        pthread_cond_signal(&r->filled);
        pthread_mutex_unlock(&r->lock);
    }
}

static void start(struct told_reader *r)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = cores < 1 ? 1 : cores > THREADS_MOST ? (size_t)THREADS_MOST : (size_t)cores;
    if (!r->store || r->pages < 2)
        return; /* one page is read where it is folded */
    r->slot_count = wanted * AHEAD;
    while (r->thread_count < wanted &&
           pthread_create(&r->threads[r->thread_count], NULL, read_pages, r) == 0)
        r->thread_count++;
}

enum code told_open(struct store_tx *tx, int64_t size, struct instant from, struct instant until,
                    struct told_reader **out, struct error *e)
{
    struct told_reader *r = calloc(1, sizeof *r);
    if (!r)
        return fail(e, ERR_MEMORY, "no memory for the figures");
    r->tx = tx;
    r->store = store_beside(tx);
    r->from = from;
    r->until = until;
    r->size = size;
    r->pages = (size + PAGE - 1) / PAGE;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->filled, NULL);
    pthread_cond_init(&r->emptied, NULL);
    start(r);
    *out = r;
    return OK;
}

static struct page *page_take(struct told_reader *r)
{
    int64_t number = r->at++;
    struct page *p = &r->slots[r->slot_count ? (size_t)number % r->slot_count : 0];
    if (r->thread_count == 0) {
        fill(r, r->tx, number, p);
        return p;
    }
    pthread_mutex_lock(&r->lock);
    while (!p->ready)
        pthread_cond_wait(&r->filled, &r->lock);
    pthread_mutex_unlock(&r->lock);
    return p;
}

/* What was handed on before is given back. */
static void page_return(struct told_reader *r)
{
    if (r->at == 0 || r->thread_count == 0)
        return;
    pthread_mutex_lock(&r->lock);
    r->slots[(size_t)(r->at - 1) % r->slot_count].ready = false;
    r->returned = r->at;
    pthread_cond_broadcast(&r->emptied);
    pthread_mutex_unlock(&r->lock);
}

enum code told_next(struct told_reader *r, const struct told **list, size_t *count, struct error *e)
{
    *count = 0;
    while (*count == 0) {
        page_return(r);
        if (r->at == r->pages)
            return OK;
        const struct page *p = page_take(r);
        if (p->code != OK)
            return fail(e, p->code, "%s", p->error.text);
        *list = p->list;
        *count = p->count;
    }
    return OK;
}

void told_reader_free(struct told_reader *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_broadcast(&r->emptied);
    pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < r->thread_count; i++)
        pthread_join(r->threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(r->slots); i++)
        free(r->slots[i].list);
    pthread_cond_destroy(&r->filled);
    pthread_cond_destroy(&r->emptied);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
