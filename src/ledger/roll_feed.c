/* SPDX-License-Identifier: Apache-2.0 */
/* Batches on their way from the store: one thread reads the store and fills pages, the others take
 * full pages and read the plays in them; so does the first where no page is empty. */
#include "ledger/roll_inside.h"

#include <stdlib.h>

enum { PAGE_BYTES = 1 << 20, PAGES_EACH = 3 };

struct page {
    struct buf bytes; /* length of 8 bytes, then the batch; and so on */
    enum { PAGE_EMPTY, PAGE_FULL, PAGE_TAKEN } state;
};

struct feeding {
    struct roll *r;
    pthread_mutex_t lock;
    pthread_cond_t news;
    pthread_t threads[THREADS_MOST];
    unsigned thread_count, begun;
    struct page *pages;
    size_t page_count;
    struct page *filling;
    bool over;
    enum code code;
    struct error error;
};

static enum code read_batch(struct shard *s, struct str bytes, struct error *e)
{
    size_t count;
    TRY(batch_decode_into(bytes, &s->rows, &count, e));
    return shard_plays(s, s->rows.items, count, e);
}

static enum code read_page(struct shard *s, const struct page *p, struct error *e)
{
    for (size_t at = 0; at < p->bytes.length;) {
        uint64_t length;
        memcpy(&length, p->bytes.bytes + at, sizeof length);
        at += sizeof length;
        TRY(read_batch(s, (struct str) { (const char *)p->bytes.bytes + at, length }, e));
        at += length;
    }
    return OK;
}

/* Taken from then on; with the lock held. */
static struct page *take_page(struct feeding *f, int state)
{
    for (size_t i = 0; i < f->page_count; i++)
        if ((int)f->pages[i].state == state) {
            f->pages[i].state = PAGE_TAKEN;
            return &f->pages[i];
        }
    return NULL;
}

/* With the lock held before and after, but not while the plays are read. */
static void read_taken(struct feeding *f, struct shard *s, struct page *p)
{
    struct error e = { 0 };
    bool good = f->code == OK;
    pthread_mutex_unlock(&f->lock);
    enum code code = good ? read_page(s, p, &e) : OK;
    buf_clear(&p->bytes);
    pthread_mutex_lock(&f->lock);
    p->state = PAGE_EMPTY;
    if (code != OK && f->code == OK) {
        f->code = code;
        f->error = e;
    }
    pthread_cond_broadcast(&f->news);
}

static void *read_pages(void *arg)
{
    struct shard *s = arg;
    struct feeding *f = s->r->feeding;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        struct page *p = take_page(f, PAGE_FULL);
        if (p)
            read_taken(f, s, p);
        else if (f->over)
            break;
        else
            pthread_cond_wait(&f->news, &f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static enum code begin(struct roll *r, struct error *e)
{
    struct feeding *f = calloc(1, sizeof *f);
    size_t pages = (size_t)r->shard_count * PAGES_EACH;
    struct page *list = calloc(pages, sizeof *list);
    if (!f || !list) {
        free(f);
        free(list);
        return fail(e, ERR_MEMORY, "no memory to read plays");
    }
    *f = (struct feeding) { .r = r, .pages = list, .page_count = pages };
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->news, NULL);
    r->feeding = f;
    for (unsigned i = 1; i < r->shard_count; i++)
        if (pthread_create(&f->threads[f->begun], NULL, read_pages, &r->shards[i]) == 0)
            f->begun++;
        else
            break;
    return OK; /* where there is no thread to be had, the first reads them all */
}

static void hand_over(struct feeding *f)
{
    if (!f->filling)
        return;
    pthread_mutex_lock(&f->lock);
    f->filling->state = PAGE_FULL;
    f->filling = NULL;
    pthread_cond_broadcast(&f->news);
    pthread_mutex_unlock(&f->lock);
}

static enum code empty_page(struct feeding *f, struct error *e)
{
    pthread_mutex_lock(&f->lock);
    while (!f->filling && f->code == OK) {
        struct page *p = NULL;
        f->filling = take_page(f, PAGE_EMPTY);
        if (!f->filling)
            p = take_page(f, PAGE_FULL);
        if (p)
            read_taken(f, &f->r->shards[0], p);
        else if (!f->filling)
            pthread_cond_wait(&f->news, &f->lock);
    }
    enum code code = f->code;
    pthread_mutex_unlock(&f->lock);
    return code == OK ? OK : fail(e, code, "%s", f->error.text);
}

enum code roll_batch(struct roll *r, struct str bytes, struct error *e)
{
    uint64_t length = bytes.length;
    if (r->setup.threads == 1)
        return read_batch(&r->shards[0], bytes, e);
    if (!r->feeding)
        TRY(begin(r, e));
    struct feeding *f = r->feeding;
    TRY(empty_page(f, e));
    buf_put(&f->filling->bytes, &length, sizeof length);
    buf_put(&f->filling->bytes, bytes.at, bytes.length);
    if (f->filling->bytes.failed)
        return fail(e, ERR_MEMORY, "no memory to read plays");
    if (f->filling->bytes.length >= PAGE_BYTES)
        hand_over(f);
    return OK;
}

enum code feeding_end(struct roll *r, struct error *e)
{
    struct feeding *f = r->feeding;
    if (!f)
        return OK;
    if (f->filling && f->filling->bytes.failed) /* cut short: told already */
        buf_clear(&f->filling->bytes);
    hand_over(f);
    pthread_mutex_lock(&f->lock);
    f->over = true;
    pthread_cond_broadcast(&f->news);
    for (struct page *p; (p = take_page(f, PAGE_FULL));)
        read_taken(f, &r->shards[0], p);
    pthread_mutex_unlock(&f->lock);
    for (unsigned i = 0; i < f->begun; i++)
        pthread_join(f->threads[i], NULL);
    enum code code = f->code == OK ? OK : fail(e, f->code, "%s", f->error.text);
    for (size_t i = 0; i < f->page_count; i++)
        buf_done(&f->pages[i].bytes);
    free(f->pages);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->news);
    free(f);
    r->feeding = NULL;
    return code;
}
