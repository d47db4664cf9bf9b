/* SPDX-License-Identifier: Apache-2.0 */
/* What changes the index: groups of the log, and logs sealed into segments. */
#include "index/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/build.h"
#include "index/log.h"

/* What waits in the log: 9 h at least, then a sixteenth of everything, but never more than 37 h, which
 * whoever opens the index reads in a moment. */
#define SEAL_WORDS 65536
#define SEAL_MOST  (4 * SEAL_WORDS)

/* ---- groups of the log ------------------------------------------------------------------- */

struct items {
    struct segment_item *at;
    size_t count, room;
    uint32_t *slots; /* [slot_room]: 1 + the last item of a key; a power of two */
    size_t slot_room;
    uint8_t **posts; /* of merged segments, to be freed */
    size_t posts_count;
};

static void items_done(struct items *l)
{
    for (size_t i = 0; i < l->posts_count; i++)
        free(l->posts[i]);
    free(l->posts);
    free(l->slots);
    free(l->at);
}

static size_t items_slot(const struct items *l, const struct index_key *key)
{
    size_t at = (size_t)fp_checksum(key->bytes, sizeof key->bytes) & (l->slot_room - 1);
    while (l->slots[at] && memcmp(&l->at[l->slots[at] - 1].key, key, sizeof *key) != 0)
        at = (at + 1) & (l->slot_room - 1);
    return at;
}

/* The item of a key that waits, or NULL. */
static struct segment_item *items_find(const struct items *l, const struct index_key *key)
{
    uint32_t slot = l->slot_room ? l->slots[items_slot(l, key)] : 0;
    return slot ? &l->at[slot - 1] : NULL;
}

static bool items_add(struct items *l, const struct segment_item *item)
{
    if (l->count == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        struct segment_item *at = realloc(l->at, room * sizeof *at);
        if (!at)
            return false;
        l->at = at;
        l->room = room;
    }
    l->at[l->count++] = *item;
    return true;
}

/* The same, or in the place of the one that has its key: the last of a key counts. */
static bool items_put(struct items *l, const struct segment_item *item)
{
    struct segment_item *old = items_find(l, &item->key);
    if (old) {
        *old = *item;
        return true;
    }
    if (!items_add(l, item))
        return false;
    if (l->count * 2 <= l->slot_room) {
        l->slots[items_slot(l, &item->key)] = (uint32_t)l->count;
        return true;
    }
    size_t room = l->slot_room ? 2 * l->slot_room : 64;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    free(l->slots);
    l->slots = slots;
    l->slot_room = room;
    for (size_t i = 0; i < l->count; i++)
        slots[items_slot(l, &l->at[i].key)] = (uint32_t)i + 1;
    return true;
}

/* No more are put; those that were taken back go. */
static void items_close(struct items *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++)
        if (l->at[i].posts)
            l->at[kept++] = l->at[i];
    l->count = kept;
    l->slot_room = 0;
}

/* Everything of part `i` of the view that is not gone. */
static bool items_of_part(struct items *l, const struct view *v, size_t i)
{
    const struct segment *g = &v->parts[i]->segment;
    uint8_t *posts = calloc((size_t)g->head->words + 1, 1);
    uint8_t **all = realloc(l->posts, (l->posts_count + 1) * sizeof *all);
    if (all)
        l->posts = all;
    if (!posts || !all) {
        free(posts);
        return false;
    }
    l->posts[l->posts_count++] = posts;
    segment_posts(g, posts);
    for (uint32_t r = 0; r < g->head->recordings; r++) {
        const struct segment_recording *rec = &g->recordings[r];
        struct segment_item item = { rec->key, g->words + rec->first, posts + rec->first,
                                     rec->count, rec->samples };
        if (!view_gone(v, i, r) && !items_add(l, &item))
            return false;
    }
    return true;
}

/* What a group of records makes of the view: a new one, shown. */
enum code group_apply(struct index *ix, const uint8_t *bytes, size_t length, struct error *e)
{
    struct items items = { 0 };
    struct fingerprint **prints = NULL;
    size_t prints_count = 0, at = 0;
    struct log_record r;
    enum code code = OK;
    struct view *v = view_copy(ix->view, 1, NULL);
    if (!v)
        code = fail(e, ERR_MEMORY, "no memory for a view of the index");
    while (code == OK && log_next(bytes, length, &at, &r)) {
        if (r.kind == LOG_COMMIT)
            continue;
        struct place *old = key_find(ix, &r.key);
        if (old && !view_mark(v, old->part, old->recording))
            code = fail(e, ERR_MEMORY, "no memory for a removal");
        if (old)
            old->removed = true;
        struct segment_item *waits = items_find(&items, &r.key);
        if (waits && r.kind == LOG_REMOVE)
            waits->posts = NULL;
        if (code != OK || r.kind == LOG_REMOVE)
            continue;
        struct fingerprint **more = realloc(prints, (prints_count + 1) * sizeof *more);
        if (!more) {
            code = fail(e, ERR_MEMORY, "no memory for a fingerprint");
            continue;
        }
        prints = more;
        code = fingerprint_decode(r.body, r.length, &prints[prints_count], e);
        if (code != OK)
            continue;
        const struct fingerprint *fp = prints[prints_count++];
        struct segment_item item = { r.key, fp->words, fp->posts, (uint32_t)fp->count,
                                     fp->samples };
        if (!items_put(&items, &item))
            code = fail(e, ERR_MEMORY, "no memory for a fingerprint");
    }
    items_close(&items);
    /* parts in memory are joined by twos, so that there are few */
    bool drop[256] = { false };
    size_t words = 0;
    for (size_t i = 0; i < items.count; i++)
        words += items.at[i].count;
    struct part *part = NULL;
    if (code == OK && items.count) {
        for (size_t i = v->count; i-- > 0 && i < COUNT_OF(drop);) {
            if (v->parts[i]->name[0] || v->parts[i]->segment.head->words > 2 * words)
                break;
            words += (size_t)v->parts[i]->segment.head->words;
            drop[i] = true;
            if (!items_of_part(&items, v, i))
                code = fail(e, ERR_MEMORY, "no memory to join segments");
        }
        if (code == OK)
            code = part_make(items.at, items.count, &part, e);
    }
    struct view *next = code == OK ? view_copy(v, 1, drop) : NULL;
    if (code == OK && !next)
        code = fail(e, ERR_MEMORY, "no memory for a view of the index");
    if (code == OK && part) {
        next->parts[next->count++] = take(part);
        for (uint32_t i = 0; i < items.count && code == OK; i++)
            if (!key_put(ix, &items.at[i].key, next->parts[next->count - 1], i))
                code = fail(e, ERR_MEMORY, "no memory for a key");
    }
    if (code == OK)
        view_show(ix, next);
    else {
        view_free(next);
        keys_rebuild(ix, ix->view);
    }
    part_release(part);
    view_free(v);
    for (size_t i = 0; i < prints_count; i++)
        fingerprint_free(prints[i]);
    free(prints);
    items_done(&items);
    return code;
}

/* ---- writing ----------------------------------------------------------------------------- */

enum code log_begin(struct index *ix, const char *name, int *fd, struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", ix->dir, name);
    TRY(file_write(path, "", 0, 0640, e));
    *fd = open(path, O_WRONLY | O_CLOEXEC);
    return *fd < 0 ? fail_errno(e, "%s", path) : OK;
}

static void stale_remove(const struct index *ix, const struct view *old, const char *old_log)
{
    char path[4096];
    for (size_t i = 0; i < old->count; i++) {
        bool used = !old->parts[i]->name[0];
        for (size_t k = 0; k < ix->view->count; k++)
            used |= strcmp(ix->view->parts[k]->name, old->parts[i]->name) == 0;
        snprintf(path, sizeof path, "%s/%s", ix->dir, old->parts[i]->name);
        if (!used)
            unlink(path);
    }
    snprintf(path, sizeof path, "%s/%s", ix->dir, old_log);
    unlink(path);
}

/* What waits in the log becomes a segment, together with the segments that are small beside it. */
static enum code seal(struct index *ix, bool everything, struct error *e)
{
    const struct view *v = index_view(ix);
    struct items items = { 0 };
    bool drop[256] = { false };
    size_t words = 0, disk = 0;
    char name[40] = "", log[40], path[4096];
    struct part *part = NULL;
    struct view *next = NULL;
    enum code code = OK;
    int fd = -1;
    for (size_t i = 0; i < v->count; i++) {
        drop[i] = !v->parts[i]->name[0];
        disk += !drop[i];
        words += drop[i] ? (size_t)v->parts[i]->segment.head->words : 0;
    }
    for (size_t i = v->count; i-- > 0;) { /* the youngest first */
        size_t own = (size_t)v->parts[i]->segment.head->words;
        if (drop[i] || !(everything || own < 2 * words || disk >= SEGMENTS_MOST))
            continue;
        drop[i] = true;
        words += own;
        disk--;
    }
    for (size_t i = 0; i < v->count && code == OK; i++)
        if (drop[i] && !items_of_part(&items, v, i))
            code = fail(e, ERR_MEMORY, "no memory to join segments");
    snprintf(log, sizeof log, "log-%010" PRIu64, ix->generation + 1);
    if (code == OK && items.count) {
        snprintf(name, sizeof name, "segment-%010" PRIu64, ix->generation + 1);
        snprintf(path, sizeof path, "%s/%s", ix->dir, name);
        code = segment_write(items.at, items.count, path, e);
        if (code == OK)
            code = file_sync_folder(ix->dir, e);
        if (code == OK)
            code = part_map(ix->dir, name, false, &part, e);
    }
    if (code == OK && !(next = view_copy(v, 1, drop)))
        code = fail(e, ERR_MEMORY, "no memory for a view of the index");
    if (code == OK && part)
        next->parts[next->count++] = take(part);
    if (code == OK)
        code = log_begin(ix, log, &fd, e);
    if (code == OK)
        code = segments_write(ix, next, ix->generation + 1, log, e);
    if (code == OK) {
        char old_log[40];
        memcpy(old_log, ix->log_name, sizeof old_log);
        close(ix->log);
        ix->log = fd;
        memcpy(ix->log_name, log, sizeof log);
        ix->log_length = 0;
        next->generation = ++ix->generation;
        view_show(ix, next);
        stale_remove(ix, v, old_log);
        if (!keys_rebuild(ix, next))
            code = fail(e, ERR_MEMORY, "no memory for the keys of the index");
    } else {
        if (fd >= 0)
            close(fd);
        view_free(next);
        if (name[0]) {
            snprintf(path, sizeof path, "%s/%s", ix->dir, name);
            unlink(path);
        }
    }
    part_release(part);
    items_done(&items);
    index_view_release(ix, v);
    return code;
}

/* Durable, then shown. On failure the log is as it was. */
static enum code group_write(struct index *ix, struct error *e)
{
    log_put(&ix->pending, LOG_COMMIT, NULL, NULL, 0);
    if (ix->pending.failed)
        return fail(e, ERR_MEMORY, "no memory for what was added");
    if (lseek(ix->log, (off_t)ix->log_length, SEEK_SET) < 0 ||
        ftruncate(ix->log, (off_t)ix->log_length) != 0)
        return fail_errno(e, "%s/%s", ix->dir, ix->log_name);
    enum code code = file_write_all(ix->log, ix->pending.bytes, ix->pending.length, e);
    if (code != OK)
        fail_in(e, "%s/%s", ix->dir, ix->log_name);
    else if (fdatasync(ix->log) != 0)
        code = fail_errno(e, "%s/%s", ix->dir, ix->log_name);
    if (code == OK)
        code = group_apply(ix, ix->pending.bytes, ix->pending.length, e);
    if (code != OK) {
        if (ftruncate(ix->log, (off_t)ix->log_length) != 0)
            return code;
        return code;
    }
    ix->log_length += ix->pending.length;
    return OK;
}

static void pending_forget(struct index *ix)
{
    buf_clear(&ix->pending);
    ix->pending.failed = false;
    ix->pending_adds = 0;
}

static bool same_words(const struct place *p, const struct fingerprint *fp)
{
    const struct segment_recording *r = &p->part->segment.recordings[p->recording];
    return r->count == fp->count && r->samples == fp->samples &&
           (!fp->count || memcmp(p->part->segment.words + r->first, fp->words,
                                 fp->count * sizeof *fp->words) == 0);
}

enum code index_add(struct index *ix, const struct index_key *key, const struct fingerprint *fp,
                    struct error *e)
{
    if (!ix->writing)
        return fail(e, ERR_DENIED, "index %s is open for reading", ix->dir);
    const struct place *p = key_find(ix, key);
    if (p && same_words(p, fp) && !ix->pending_adds)
        return OK;
    BUF(body);
    TRY(fingerprint_encode(fp, &body, e));
    log_put(&ix->pending, LOG_ADD, key, body.bytes, body.length);
    ix->pending_adds++;
    return ix->pending.failed ? fail(e, ERR_MEMORY, "no memory for what was added") : OK;
}

enum code index_commit(struct index *ix, struct error *e)
{
    if (!ix->writing)
        return fail(e, ERR_DENIED, "index %s is open for reading", ix->dir);
    if (!ix->pending_adds)
        return OK;
    enum code code = group_write(ix, e);
    pending_forget(ix);
    TRY(code);
    uint64_t waiting = 0, all = 0;
    for (size_t i = 0; i < ix->view->count; i++) {
        all += ix->view->parts[i]->segment.head->words;
        waiting += ix->view->parts[i]->name[0] ? 0 : ix->view->parts[i]->segment.head->words;
    }
    /* what is in the log is durable: a disk too full to seal it is met again at the next commit */
    struct error unsealed;
    bool due = waiting >= SEAL_MOST || (waiting >= SEAL_WORDS && waiting >= all / 16);
    if (due && seal(ix, false, &unsealed) != OK)
        return OK;
    return OK;
}

enum code index_remove(struct index *ix, const struct index_key *key, struct error *e)
{
    if (!ix->writing)
        return fail(e, ERR_DENIED, "index %s is open for reading", ix->dir);
    if (!key_find(ix, key))
        return OK;
    struct buf waiting = ix->pending; /* a removal does not commit what waits */
    size_t adds = ix->pending_adds;
    ix->pending = (struct buf) { 0 };
    log_put(&ix->pending, LOG_REMOVE, key, NULL, 0);
    enum code code = group_write(ix, e);
    buf_done(&ix->pending);
    ix->pending = waiting;
    ix->pending_adds = adds;
    return code;
}

enum code index_compact(struct index *ix, struct error *e)
{
    if (!ix->writing)
        return fail(e, ERR_DENIED, "index %s is open for reading", ix->dir);
    return seal(ix, true, e);
}
