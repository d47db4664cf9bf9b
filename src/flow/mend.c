/* SPDX-License-Identifier: Apache-2.0 */
/* The indexes follow the database (docs/decisions/0001): after a crash, or to be made anew. */
#include <stdlib.h>

#include "fingerprint/fingerprint.h"
#include "flow/mend.h"

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

static enum code read_fingerprint(const struct world *w, const struct wanted *item,
                                  struct fingerprint **out, struct error *e)
{
    BUF(bytes);
    char id[2 * ID_BYTES + 1];
    enum code code = media_blob_read(w->blobs, item->fingerprint, FINGERPRINT_BYTES_MOST, &bytes,
                                     e);
    if (code == OK)
        code = fingerprint_decode(bytes.bytes, bytes.length, out, e);
    hex_encode(item->key.bytes, ID_BYTES, id);
    return code == OK ? OK : fail_in(e, "the fingerprint of %s (blob %s)", id, item->fingerprint);
}

/* One fingerprint that cannot be read must not keep the others out of the index. */
static enum code compare_one(const struct comparison *c, const struct wanted *item, bool there,
                             bool *added, struct error *e)
{
    owned(fingerprint) fp = NULL;
    struct error why;
    *added = false;
    if (!item->fingerprint)
        return OK; /* nothing was to be heard in it */
    c->report->wanted++;
    c->report->missing += !there;
    if (there && !c->deep)
        return OK;
    enum code code = read_fingerprint(c->w, item, &fp, &why);
    if (code == ERR_MEMORY || code == ERR_IO)
        return fail(e, code, "%s", why.text);
    if (code != OK) {
        if (c->report->unreadable++ == 0)
            c->report->unreadable_first = why;
        return OK;
    }
    *added = c->ix && !there;
    return *added ? index_add(c->ix, &item->key, fp, e) : OK;
}

/* Add what is missing; mark in `seen` (sorted keys of the index) what belongs there. */
static enum code compare_rows(const struct comparison *c, const struct keys *have, bool *seen,
                              struct error *e)
{
    TX(tx);
    struct index_key after = { { 0 } };
    size_t pending = 0;
    bool added;
    TRY(store_begin(c->w->store, STORE_READ, &tx, e));
    for (;;) {
        ARENA(a);
        struct page *page = ARENA_NEW(&a, struct page);
        TRY(next_page(c->w, tx, c->which, after, &a, page, e));
        for (size_t i = 0; i < page->count; i++) {
            const struct wanted *item = &page->items[i];
            const struct index_key *hit = have->count
                                              ? bsearch(&item->key, have->items, have->count,
                                                        sizeof *have->items, by_bytes)
                                              : NULL;
            if (hit)
                seen[hit - have->items] = true;
            TRY(compare_one(c, item, hit != NULL, &added, e));
            pending += added;
            if (added && pending % COMMIT_EVERY == 0)
                TRY(index_commit(c->ix, e));
            if (c->progress)
                c->progress->step(c->progress->ctx, 1);
        }
        if (page->count < PAGE)
            break;
        after = page->items[page->count - 1].key;
    }
    return pending % COMMIT_EVERY ? index_commit(c->ix, e) : OK;
}

static enum code compare_keys(const struct comparison *c, const struct index *look,
                              struct keys *have, struct error *e)
{
    index_each(look, collect, have);
    bool *seen = calloc(have->count + 1, sizeof *seen);
    if (have->failed || !seen) {
        free(seen);
        return fail(e, ERR_MEMORY, "no memory to compare the index with the database");
    }
    if (have->count)
        qsort(have->items, have->count, sizeof *have->items, by_bytes);
    enum code code = compare_rows(c, have, seen, e);
    for (size_t i = 0; code == OK && i < have->count; i++) {
        c->report->extra += !seen[i];
        if (!seen[i] && c->ix)
            code = index_remove(c->ix, &have->items[i], e);
    }
    free(seen);
    return code;
}

enum code mend_compare(const struct comparison *c, const struct index *look, struct error *e)
{
    struct keys have = { 0 };
    *c->report = (struct index_report) { .name = world_ear_name(c->which) };
    enum code code = compare_keys(c, look, &have, e);
    free(have.items);
    return code;
}

enum code mend_ear(struct world *w, enum ear which, struct index_report *report, struct error *e)
{
    struct index *ix;
    struct error closing;
    TRY(world_ear_write(w, which, &ix, e));
    const struct comparison c = { .w = w, .which = which, .ix = ix, .report = report };
    enum code code = mend_compare(&c, ix, e);
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
        struct index_report report;
        if (!good && mend_ear(w, (enum ear)i, &report, e) != OK)
            return fail_in(e, "mending the index");
        if (!good && report.unreadable)
            log_line(LOG_WARN, "index_unreadable", "count=%lld", (long long)report.unreadable);
    }
    return OK;
}
