/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes follow the database (docs/decisions/0001): after a crash, or to be made anew. */
#include <stdlib.h>

#include "fingerprint/fingerprint.h"
#include "flow/world.h"

enum { PAGE = 1000, COMMIT_EVERY = 256, FINGERPRINT_BYTES_MOST = 64 << 20 };

/* One side of the comparison: ids that the database says are in the index. */
struct wanted {
    struct index_key key;
    const char *fingerprint; /* hash of the blob */
};

struct page {
    struct wanted items[PAGE];
    size_t count;
};

struct keys {
    struct index_key *items;
    size_t count, room;
    bool failed;
};

static bool collect(void *context, const struct index_key *key, double seconds)
{
    struct keys *k = context;
    (void)seconds;
    if (k->count == k->room) {
        size_t room = k->room ? 2 * k->room : 1024;
        struct index_key *items = realloc(k->items, room * sizeof *items);
        if (!items) {
            k->failed = true;
            return false;
        }
        k->items = items;
        k->room = room;
    }
    k->items[k->count++] = *key;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct index_key));
}

/* The next page of ids behind `after` that belong into the index. */
static enum code next_page(struct world *w, struct store_tx *tx, enum ear which,
                           struct index_key after, struct arena *a, struct page *out,
                           struct error *e)
{
    out->count = 0;
    if (which == EAR_REFERENCES) {
        struct reference_id from;
        struct reference *list;
        memcpy(from.bytes, after.bytes, ID_BYTES);
        TRY(registry_reference_list(tx, w->catalogue, (struct recording_id) { { 0 } },
                                    REFERENCE_INDEXED, from, PAGE, a, &list, &out->count, e));
        for (size_t i = 0; i < out->count; i++) {
            memcpy(out->items[i].key.bytes, list[i].id.bytes, ID_BYTES);
            out->items[i].fingerprint = list[i].fingerprint;
        }
        return OK;
    }
    struct upload_id from;
    struct upload *list;
    memcpy(from.bytes, after.bytes, ID_BYTES);
    TRY(media_upload_searchable(tx, from, PAGE, a, &list, &out->count, e));
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->items[i].key.bytes, list[i].id.bytes, ID_BYTES);
        out->items[i].fingerprint = list[i].fingerprint;
    }
    return OK;
}

static enum code add_from_blob(struct world *w, struct index *ix, const struct wanted *item,
                               struct error *e)
{
    BUF(bytes);
    owned(fingerprint) fp = NULL;
    if (!item->fingerprint)
        return OK; /* nothing was to be heard in it */
    TRY(media_blob_read(w->blobs, item->fingerprint, FINGERPRINT_BYTES_MOST, &bytes, e));
    TRY(fingerprint_decode(bytes.bytes, bytes.length, &fp, e));
    return index_add(ix, &item->key, fp, e);
}

/* Add what is missing; mark in `seen` (sorted keys of the index) what belongs there. */
static enum code add_missing(struct world *w, enum ear which, struct index *ix,
                             const struct keys *have, bool *seen, struct error *e)
{
    TX(tx);
    struct index_key after = { { 0 } };
    size_t pending = 0;
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    for (;;) {
        ARENA(a);
        struct page *page = ARENA_NEW(&a, struct page);
        TRY(next_page(w, tx, which, after, &a, page, e));
        for (size_t i = 0; i < page->count; i++) {
            const struct wanted *item = &page->items[i];
            const struct index_key *hit = have->count
                                              ? bsearch(&item->key, have->items, have->count,
                                                        sizeof *have->items, by_bytes)
                                              : NULL;
            if (hit) {
                seen[hit - have->items] = true;
                continue;
            }
            TRY(add_from_blob(w, ix, item, e));
            if (++pending % COMMIT_EVERY == 0)
                TRY(index_commit(ix, e));
        }
        if (page->count < PAGE)
            break;
        after = page->items[page->count - 1].key;
    }
    return pending % COMMIT_EVERY ? index_commit(ix, e) : OK;
}

static enum code mend_keys(struct world *w, enum ear which, struct index *ix, struct keys *have,
                           struct error *e)
{
    index_each(ix, collect, have);
    bool *seen = calloc(have->count + 1, sizeof *seen);
    if (have->failed || !seen) {
        free(seen);
        return fail(e, ERR_MEMORY, "no memory to compare the index with the database");
    }
    if (have->count)
        qsort(have->items, have->count, sizeof *have->items, by_bytes);
    enum code code = add_missing(w, which, ix, have, seen, e);
    for (size_t i = 0; code == OK && i < have->count; i++)
        if (!seen[i])
            code = index_remove(ix, &have->items[i], e);
    free(seen);
    return code;
}

static enum code mend_ear(struct world *w, enum ear which, struct error *e)
{
    struct index *ix;
    struct keys have = { 0 };
    struct error closing;
    TRY(world_ear_write(w, which, &ix, e));
    enum code code = mend_keys(w, which, ix, &have, e);
    free(have.items);
    enum code closed = world_ear_close_take(w, which, ix, &closing);
    if (code == OK && closed != OK)
        return fail(e, closed, "%s", closing.text);
    return code;
}

/* Do the counts agree? References without anything to hear are in the database only, so a
 * difference may be no fault; the full comparison then changes nothing. */
static enum code agrees(struct world *w, enum ear which, bool *out, struct error *e)
{
    TX(tx);
    struct index_figures figures;
    int64_t rows = 0;
    index_info(w->ears[which], &figures);
    TRY(store_begin(w->store, STORE_READ, &tx, e));
    if (which == EAR_REFERENCES)
        TRY(registry_reference_count(tx, w->catalogue, REFERENCE_INDEXED, &rows, e));
    else
        TRY(media_upload_searchable_count(tx, &rows, e));
    *out = rows == (int64_t)figures.recordings;
    return OK;
}

enum code world_mend(struct world *w, bool full, struct error *e)
{
    for (int i = 0; i < EAR_COUNT; i++) {
        bool good = false;
        if (!full)
            TRY(agrees(w, (enum ear)i, &good, e));
        if (!good && mend_ear(w, (enum ear)i, e) != OK)
            return fail_in(e, "mending the index");
    }
    return OK;
}
