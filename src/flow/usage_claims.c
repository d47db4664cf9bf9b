/* SPDX-License-Identifier: Apache-2.0 */
/* Claims into the roll: millions of rows, read by several threads where they see the same. */
#include <pthread.h>
#include <stdlib.h>

#include "flow/usage_inside.h"

struct lane {
    struct loading *x;
    struct store *store; /* NULL: the transaction at hand is read */
    struct claims_part part;
    unsigned number;
    struct instant last; /* of what it read */
    pthread_t thread;
    bool begun;
    enum code code;
    struct error error;
};

static int by_id(const void *pa, const void *pb)
{
    return memcmp(((const struct party_number *)pa)->id.bytes,
                  ((const struct party_number *)pb)->id.bytes, ID_BYTES);
}

static enum code load_claim(void *ctx, const struct claim *c, struct error *e)
{
    struct lane *l = ctx;
    struct loading *x = l->x;
    struct party_number key = { c->party, 0 };
    l->last = c->known.us > l->last.us ? c->known : l->last;
    const struct party_number *p = bsearch(&key, x->parties, x->party_count, sizeof key, by_id);
    /* of a party that is gone: nobody's */
    return p ? roll_claim(x->roll, l->number, c, p->number, e) : OK;
}

/* Claims are read as they were known then. */
static struct instant known_at(const struct loading *x)
{
    return x->o->known.us ? x->o->known : INSTANT_NEVER;
}

static enum code read_lane(struct lane *l, struct store_tx *tx, struct error *e)
{
    return registry_claims_each(tx, l->x->catalogue, l->x->o->right, known_at(l->x), &l->part, l,
                                load_claim, e);
}

static enum code read_beside(struct lane *l, struct error *e)
{
    TX(tx);
    TRY(store_begin(l->store, STORE_READ, &tx, e));
    return read_lane(l, tx, e);
}

static void *run_lane(void *arg)
{
    struct lane *l = arg;
    l->code = read_beside(l, &l->error);
    return NULL;
}

/* The first lane is this thread's, and so is one for which there is no thread. */
static void read_lanes(struct loading *x, struct lane *lanes, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        lanes[i].begun = pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) == 0;
    for (unsigned i = 0; i < count; i++)
        if (!lanes[i].begun)
            lanes[i].code = read_lane(&lanes[i], x->tx, &lanes[i].error);
    for (unsigned i = 1; i < count; i++)
        if (lanes[i].begun)
            pthread_join(lanes[i].thread, NULL);
}

/* Terms in a right of works: what is claimed of a work, as it reaches its recordings. */
static enum code load_claims_of_works(struct lane *l, struct error *e)
{
    struct loading *x = l->x;
    struct claim_of_works after = { 0 };
    bool more = strncmp(right_word(x->o->right), "work_", 5) == 0;
    while (more) {
        ARENA(a);
        struct claim *page;
        size_t count;
        TRY(registry_claim_of_works(x->tx, x->catalogue, (struct recording_id) { { 0 } },
                                    known_at(x), &after, USAGE_PAGE, &a, &page, &count, &more, e));
        for (size_t i = 0; i < count; i++)
            TRY(load_claim(l, &page[i], e));
    }
    return OK;
}

enum code usage_claims(struct loading *x, struct error *e)
{
    struct lane lanes[CLAIMS_PARTS_MOST] = { 0 };
    struct claims_part parts[CLAIMS_PARTS_MOST];
    struct instant *last = &x->out->read.last;
    struct store *alike = store_alike(x->tx);
    unsigned threads = x->o->threads ? x->o->threads : flow_cores(), count;
    TRY(registry_claims_parts(x->tx, alike ? threads : 1, parts, &count, e));
    for (unsigned i = 0; i < count; i++)
        lanes[i] = (struct lane) { .x = x, .store = alike, .part = parts[i], .number = i };
    read_lanes(x, lanes, count);
    for (unsigned i = 0; i < count; i++)
        if (lanes[i].code != OK)
            return fail(e, lanes[i].code, "%s", lanes[i].error.text);
    TRY(load_claims_of_works(&lanes[0], e));
    for (unsigned i = 0; i < count; i++)
        *last = lanes[i].last.us > last->us ? lanes[i].last : *last;
    return OK;
}
