/* SPDX-License-Identifier: Apache-2.0 */
/* The index on disk: segments, manifest, log; and the unchanging views that searches hold. */
#include "index/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/log.h"

#define SEGMENTS_MOST  4
#define SEAL_WORDS     65536        /* 9 h wait in the log, or a sixteenth of everything */
#define VERIFY_MOST    (1ull << 30) /* larger files are verified by `check`, not at each opening */
#define MANIFEST_MOST  (64u << 20)
#define LOG_MOST       (1ull << 34)

struct place {
    struct index_key key;
    struct part *part; /* NULL: free */
    uint32_t recording;
    bool removed;
};

struct index {
    char *dir;
    bool writing;
    int lock, log;
    uint64_t log_length; /* bytes of whole groups that are in the view */
    char log_name[40];
    uint64_t generation;
    struct stat manifest;
    pthread_mutex_t mutex;
    struct view *view;
    struct place *map; /* [map_room], a power of two */
    size_t map_room, map_used;
    struct buf pending; /* log records of the group */
    size_t pending_adds;
};

/* ---- parts ------------------------------------------------------------------------------- */

static void part_release(struct part *p)
{
    if (!p || __atomic_sub_fetch(&p->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (p->mapped)
        munmap(p->mapped, p->segment.length);
    free(p->owned);
    free(p);
}

static enum code part_open(const char *dir, const char *name, bool whole, struct part **out,
                           struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    struct stat st;
    struct part *p = calloc(1, sizeof *p);
    if (!p || fstat(fd, &st) != 0) {
        free(p);
        close(fd);
        return fail(e, ERR_MEMORY, "%s: no memory", path);
    }
    p->references = 1;
    snprintf(p->name, sizeof p->name, "%s", name);
    size_t length = (size_t)st.st_size;
    void *at = length ? mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    if (at == MAP_FAILED) {
        free(p);
        return length ? fail_errno(e, "%s", path) : fail(e, ERR_CORRUPT, "%s: empty", path);
    }
    p->mapped = at;
    p->segment.length = length;
    if (segment_view(at, length, whole || length <= VERIFY_MOST, &p->segment, e) != OK) {
        munmap(at, length);
        free(p);
        return fail_in(e, "%s", path);
    }
    *out = p;
    return OK;
}

static enum code part_make(const struct segment_item *items, size_t count, struct part **out,
                           struct error *e)
{
    struct part *p = calloc(1, sizeof *p);
    size_t length;
    if (!p)
        return fail(e, ERR_MEMORY, "no memory for a segment");
    p->references = 1;
    enum code code = segment_build(items, count, &p->owned, &length, e);
    if (code == OK)
        code = segment_view(p->owned, length, false, &p->segment, e);
    if (code != OK) {
        free(p->owned);
        free(p);
        return code;
    }
    *out = p;
    return OK;
}

/* ---- views ------------------------------------------------------------------------------- */

static void view_free(struct view *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->count; i++) {
        part_release(v->parts[i]);
        if (v->gone)
            free(v->gone[i]);
    }
    free(v->parts);
    free(v->gone);
    free(v);
}

/* A copy with room for `more` parts; parts[i] with drop[i] are left out. */
static struct view *view_copy(const struct view *old, size_t more, const bool *drop)
{
    struct view *v = calloc(1, sizeof *v);
    size_t room = (old ? old->count : 0) + more + 1;
    if (!v)
        return NULL;
    v->references = 1;
    v->complete = true;
    v->parts = calloc(room, sizeof *v->parts);
    v->gone = calloc(room, sizeof *v->gone);
    if (!v->parts || !v->gone) {
        view_free(v);
        return NULL;
    }
    for (size_t i = 0; old && i < old->count; i++) {
        if (drop && drop[i])
            continue;
        size_t bytes = old->parts[i]->segment.head->recordings / 8 + 1;
        if (old->gone[i]) {
            v->gone[v->count] = malloc(bytes);
            if (!v->gone[v->count]) {
                view_free(v);
                return NULL;
            }
            memcpy(v->gone[v->count], old->gone[i], bytes);
        }
        v->parts[v->count++] = old->parts[i];
        __atomic_add_fetch(&old->parts[i]->references, 1, __ATOMIC_ACQ_REL);
    }
    if (old)
        v->generation = old->generation;
    return v;
}

static bool view_mark(struct view *v, const struct part *p, uint32_t recording)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->parts[i] == p) {
            if (!v->gone[i])
                v->gone[i] = calloc(p->segment.head->recordings / 8 + 1, 1);
            if (!v->gone[i])
                return false;
            v->gone[i][recording / 8] |= (uint8_t)(1u << recording % 8);
        }
    return true;
}

static struct index *writable(const struct index *ix)
{
    return (struct index *)(uintptr_t)ix; /* the lock and the count of borrowers only */
}

const struct view *index_view(const struct index *ix)
{
    struct index *w = writable(ix);
    pthread_mutex_lock(&w->mutex);
    struct view *v = w->view;
    v->references++;
    pthread_mutex_unlock(&w->mutex);
    return v;
}

void index_view_release(const struct index *ix, const struct view *v)
{
    struct index *w = writable(ix);
    pthread_mutex_lock(&w->mutex);
    struct view *last = (struct view *)(uintptr_t)v;
    bool free_it = --last->references == 0;
    pthread_mutex_unlock(&w->mutex);
    if (free_it)
        view_free(last);
}

/* ---- keys -------------------------------------------------------------------------------- */

static size_t key_slot(const struct index *ix, const struct index_key *key)
{
    uint64_t h = fp_checksum(key->bytes, sizeof key->bytes);
    size_t at = (size_t)h & (ix->map_room - 1);
    while (ix->map[at].part && memcmp(&ix->map[at].key, key, sizeof *key) != 0)
        at = (at + 1) & (ix->map_room - 1);
    return at;
}

static struct place *key_find(const struct index *ix, const struct index_key *key)
{
    if (!ix->map_room)
        return NULL;
    struct place *p = &ix->map[key_slot(ix, key)];
    return p->part && !p->removed ? p : NULL;
}

static bool key_put(struct index *ix, const struct index_key *key, struct part *part,
                    uint32_t recording)
{
    if (ix->map_used * 2 >= ix->map_room) {
        size_t room = ix->map_room ? 2 * ix->map_room : 256, old_room = ix->map_room;
        struct place *old = ix->map, *map = calloc(room, sizeof *map);
        if (!map)
            return false;
        ix->map = map;
        ix->map_room = room;
        for (size_t i = 0; i < old_room; i++)
            if (old[i].part)
                map[key_slot(ix, &old[i].key)] = old[i];
        free(old);
    }
    struct place *p = &ix->map[key_slot(ix, key)];
    ix->map_used += !p->part;
    *p = (struct place) { *key, part, recording, false };
    return true;
}

/* The map of everything in `v`, from nothing. */
static bool keys_rebuild(struct index *ix, const struct view *v)
{
    free(ix->map);
    ix->map = NULL;
    ix->map_room = ix->map_used = 0;
    for (size_t i = 0; i < v->count; i++) {
        const struct segment *g = &v->parts[i]->segment;
        for (uint32_t r = 0; r < g->head->recordings; r++)
            if (!view_gone(v, i, r) && !key_put(ix, &g->recordings[r].key, v->parts[i], r))
                return false;
    }
    return true;
}

/* `v` becomes what is searched. */
static void view_show(struct index *ix, struct view *v)
{
    pthread_mutex_lock(&ix->mutex);
    struct view *old = ix->view;
    ix->view = v;
    bool free_it = old && --old->references == 0;
    pthread_mutex_unlock(&ix->mutex);
    if (free_it)
        view_free(old);
}

/* ---- groups of the log ------------------------------------------------------------------- */

struct items {
    struct segment_item *at;
    size_t count, room;
    uint8_t **posts; /* of merged segments, to be freed */
    size_t posts_count;
};

static void items_done(struct items *l)
{
    for (size_t i = 0; i < l->posts_count; i++)
        free(l->posts[i]);
    free(l->posts);
    free(l->at);
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
static enum code group_apply(struct index *ix, const uint8_t *bytes, size_t length,
                             struct error *e)
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
        for (size_t i = 0; i < items.count; i++) /* the last of a key counts */
            if (memcmp(&items.at[i].key, &r.key, sizeof r.key) == 0)
                items.at[i--] = items.at[--items.count];
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
        if (!items_add(&items, &item))
            code = fail(e, ERR_MEMORY, "no memory for a fingerprint");
    }
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

/* ---- manifest ---------------------------------------------------------------------------- */

static const char manifest_head[] = "licet index 1\n";

static enum code manifest_write(struct index *ix, const struct view *v, uint64_t generation,
                                const char *log, struct error *e)
{
    BUF(text);
    char path[4096];
    buf_text(&text, manifest_head);
    buf_format(&text, "generation %" PRIu64 "\nlog %s\n", generation, log);
    for (size_t i = 0; i < v->count; i++) {
        if (!v->parts[i]->name[0])
            continue;
        buf_format(&text, "segment %s\n", v->parts[i]->name);
        for (uint32_t r = 0; r < v->parts[i]->segment.head->recordings; r++)
            if (view_gone(v, i, r))
                buf_format(&text, "gone %u\n", r);
    }
    if (text.failed)
        return fail(e, ERR_MEMORY, "no memory for the manifest");
    buf_format(&text, "sum %016" PRIx64 "\n", fp_checksum(text.bytes, text.length));
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    return file_write(path, text.bytes, text.length, 0640, e);
}

struct manifest {
    uint64_t generation;
    char log[40];
    struct view *view;
};

static enum code manifest_read(const struct index *ix, bool whole, struct manifest *out,
                               struct error *e)
{
    BUF(text);
    char path[4096], line_text[128];
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    TRY(file_read(path, MANIFEST_MOST, &text, e));
    struct str rest = buf_as_str(&text), line;
    size_t tail = strlen("sum 0123456789abcdef\n");
    char sum[32];
    if (rest.length < tail + strlen(manifest_head) || !str_starts(rest, manifest_head))
        return fail(e, ERR_INVALID, "%s: not a manifest, or of a newer version", path);
    snprintf(sum, sizeof sum, "sum %016" PRIx64 "\n", fp_checksum(text.bytes, text.length - tail));
    if (memcmp(rest.at + rest.length - tail, sum, tail) != 0)
        return fail(e, ERR_CORRUPT, "%s: does not check", path);
    struct manifest m = { .view = view_copy(NULL, SEGMENTS_MOST, NULL) };
    if (!m.view)
        return fail(e, ERR_MEMORY, "no memory for the manifest");
    enum code code = OK;
    while (code == OK && str_split(&rest, '\n', &line)) {
        char name[40];
        unsigned recording;
        if (line.length >= sizeof line_text)
            continue;
        memcpy(line_text, line.at, line.length);
        line_text[line.length] = '\0';
        if (sscanf(line_text, "generation %" SCNu64, &m.generation) == 1
            || sscanf(line_text, "log %39s", m.log) == 1)
            continue;
        if (sscanf(line_text, "segment %39s", name) == 1) {
            if (m.view->count > SEGMENTS_MOST) {
                code = fail(e, ERR_CORRUPT, "%s: too many segments", path);
                continue;
            }
            struct part *p = NULL;
            for (size_t i = 0; ix->view && i < ix->view->count && !p; i++)
                if (strcmp(ix->view->parts[i]->name, name) == 0) {
                    p = ix->view->parts[i];
                    __atomic_add_fetch(&p->references, 1, __ATOMIC_ACQ_REL);
                }
            if (!p)
                code = part_open(ix->dir, name, whole, &p, e);
            if (code == OK)
                m.view->parts[m.view->count++] = p;
        } else if (sscanf(line_text, "gone %u", &recording) == 1) {
            if (!m.view->count
                || recording >= m.view->parts[m.view->count - 1]->segment.head->recordings)
                code = fail(e, ERR_CORRUPT, "%s: removes what is not there", path);
            else if (!view_mark(m.view, m.view->parts[m.view->count - 1], recording))
                code = fail(e, ERR_MEMORY, "no memory for the manifest");
        }
    }
    if (code != OK) {
        view_free(m.view);
        return code;
    }
    m.view->generation = m.generation;
    *out = m;
    return OK;
}

/* Read the log from where we are; only whole groups count. */
static enum code log_catch_up(struct index *ix, struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", ix->dir, ix->log_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(e, "%s", path);
    struct stat st;
    uint8_t *bytes = NULL;
    enum code code = fstat(fd, &st) == 0 ? OK : fail_errno(e, "%s", path);
    uint64_t size = code == OK ? (uint64_t)st.st_size : 0;
    if (size > LOG_MOST)
        code = fail(e, ERR_LIMIT, "%s: too large", path);
    size_t length = size > ix->log_length ? (size_t)(size - ix->log_length) : 0;
    if (code == OK && length) {
        bytes = malloc(length);
        if (!bytes)
            code = fail(e, ERR_MEMORY, "no memory for %s", path);
        for (size_t at = 0; code == OK && at < length;) {
            ssize_t n = pread(fd, bytes + at, length - at, (off_t)(ix->log_length + at));
            if (n < 0 && errno != EINTR)
                code = fail_errno(e, "%s", path);
            if (n == 0)
                length = at;
            at += n > 0 ? (size_t)n : 0;
        }
    }
    close(fd);
    size_t whole = code == OK && length ? log_whole(bytes, length) : 0;
    if (whole)
        code = group_apply(ix, bytes, whole, e);
    if (whole && code == OK)
        ix->log_length += whole;
    free(bytes);
    return code;
}

static enum code state_load(struct index *ix, struct error *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    for (int attempt = 0;; attempt++) {
        struct stat st;
        struct manifest m;
        if (stat(path, &st) != 0)
            memset(&st, 0, sizeof st);
        enum code code = manifest_read(ix, false, &m, e);
        if (code == ERR_NOT_FOUND && attempt < 20 && st.st_ino)
            continue; /* replaced between our looks: look again */
        TRY(code);
        snprintf(ix->log_name, sizeof ix->log_name, "%s", m.log);
        ix->log_length = 0;
        ix->generation = m.generation;
        ix->manifest = st;
        if (!keys_rebuild(ix, m.view)) {
            view_free(m.view);
            return fail(e, ERR_MEMORY, "no memory for the keys of the index");
        }
        view_show(ix, m.view);
        code = log_catch_up(ix, e);
        if (code == ERR_NOT_FOUND && attempt < 20)
            continue;
        return code;
    }
}

/* ---- writing ----------------------------------------------------------------------------- */

static enum code log_begin(struct index *ix, const char *name, int *fd, struct error *e)
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
        uint8_t *bytes = NULL;
        size_t length = 0;
        code = segment_build(items.at, items.count, &bytes, &length, e);
        if (code == OK)
            code = file_write(path, bytes, length, 0640, e);
        free(bytes);
        if (code == OK)
            code = part_open(ix->dir, name, false, &part, e);
    }
    if (code == OK && !(next = view_copy(v, 1, drop)))
        code = fail(e, ERR_MEMORY, "no memory for a view of the index");
    if (code == OK && part)
        next->parts[next->count++] = take(part);
    if (code == OK)
        code = log_begin(ix, log, &fd, e);
    if (code == OK)
        code = manifest_write(ix, next, ix->generation + 1, log, e);
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
    if (lseek(ix->log, (off_t)ix->log_length, SEEK_SET) < 0
        || ftruncate(ix->log, (off_t)ix->log_length) != 0)
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

enum code index_open(const char *dir, enum index_mode mode, struct index **out, struct error *e)
{
    struct index *ix = calloc(1, sizeof *ix);
    if (!ix || !(ix->dir = strdup(dir)) || !(ix->view = view_copy(NULL, 0, NULL))) {
        if (ix)
            free(ix->dir);
        free(ix);
        return fail(e, ERR_MEMORY, "no memory for an index");
    }
    pthread_mutex_init(&ix->mutex, NULL);
    ix->lock = ix->log = -1;
    ix->writing = mode == INDEX_WRITE;
    char path[4096];
    enum code code = OK;
    if (ix->writing) {
        code = file_make_folder(dir, 0750, e);
        snprintf(path, sizeof path, "%s/lock", dir);
        if (code == OK && (code = file_lock(path, &ix->lock, e)) != OK)
            fail_in(e, "index %s", dir);
    }
    snprintf(path, sizeof path, "%s/manifest", dir);
    bool there = access(path, F_OK) == 0;
    if (code == OK && there)
        code = state_load(ix, e);
    if (code == OK && ix->writing && !there) {
        snprintf(ix->log_name, sizeof ix->log_name, "log-%010d", 0);
        code = log_begin(ix, ix->log_name, &ix->log, e);
        if (code == OK)
            code = manifest_write(ix, ix->view, 0, ix->log_name, e);
    } else if (code == OK && ix->writing) {
        snprintf(path, sizeof path, "%s/%s", dir, ix->log_name);
        ix->log = open(path, O_WRONLY | O_CLOEXEC);
        if (ix->log < 0)
            code = fail_errno(e, "%s", path);
    }
    if (code != OK) {
        index_close(ix);
        return code;
    }
    *out = ix;
    return OK;
}

void index_close(struct index *ix)
{
    if (!ix)
        return;
    assert(!ix->view || ix->view->references == 1);
    view_free(ix->view);
    if (ix->log >= 0)
        close(ix->log);
    if (ix->lock >= 0)
        close(ix->lock);
    buf_done(&ix->pending);
    pthread_mutex_destroy(&ix->mutex);
    free(ix->map);
    free(ix->dir);
    free(ix);
}

static bool same_words(const struct place *p, const struct fingerprint *fp)
{
    const struct segment_recording *r = &p->part->segment.recordings[p->recording];
    return r->count == fp->count && r->samples == fp->samples
        && (!fp->count
            || memcmp(p->part->segment.words + r->first, fp->words,
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
    if (waiting >= SEAL_WORDS && waiting >= all / 16 && seal(ix, false, &unsealed) != OK)
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

enum code index_refresh(struct index *ix, struct error *e)
{
    char path[4096];
    struct stat st;
    if (ix->writing)
        return OK;
    snprintf(path, sizeof path, "%s/manifest", ix->dir);
    if (stat(path, &st) != 0)
        return errno == ENOENT && !ix->log_name[0] ? OK : fail_errno(e, "%s", path);
    if (st.st_ino != ix->manifest.st_ino || st.st_size != ix->manifest.st_size
        || st.st_mtim.tv_sec != ix->manifest.st_mtim.tv_sec
        || st.st_mtim.tv_nsec != ix->manifest.st_mtim.tv_nsec)
        return state_load(ix, e);
    snprintf(path, sizeof path, "%s/%s", ix->dir, ix->log_name);
    if (stat(path, &st) == 0 && (uint64_t)st.st_size <= ix->log_length)
        return OK;
    enum code code = log_catch_up(ix, e);
    return code == ERR_NOT_FOUND ? state_load(ix, e) : code;
}

/* ---- looking ----------------------------------------------------------------------------- */

bool index_has(const struct index *ix, const struct index_key *key)
{
    return key_find(ix, key) != NULL;
}

void index_each(const struct index *ix,
                bool (*each)(void *context, const struct index_key *key, double seconds),
                void *context)
{
    const struct view *v = index_view(ix);
    bool more = true;
    for (size_t i = 0; i < v->count && more; i++) {
        const struct segment *g = &v->parts[i]->segment;
        for (uint32_t r = 0; r < g->head->recordings && more; r++)
            if (!view_gone(v, i, r))
                more = each(context, &g->recordings[r].key,
                            (double)g->recordings[r].samples / FP_RATE_HZ);
    }
    index_view_release(ix, v);
}

void index_info(const struct index *ix, struct index_figures *out)
{
    const struct view *v = index_view(ix);
    struct index_figures f = { .generation = ix->generation, .bytes = ix->log_length };
    for (size_t i = 0; i < v->count; i++) {
        const struct segment *g = &v->parts[i]->segment;
        if (v->parts[i]->name[0]) {
            f.segments++;
            f.bytes += g->length;
        }
        for (uint32_t r = 0; r < g->head->recordings; r++)
            if (!view_gone(v, i, r)) {
                f.recordings++;
                f.hours += (double)g->recordings[r].samples / FP_RATE_HZ / 3600;
            }
    }
    index_view_release(ix, v);
    *out = f;
}

enum code index_check(const char *dir, struct error *e)
{
    struct index ix = { .dir = (char *)(uintptr_t)dir, .lock = -1, .log = -1 };
    struct manifest m;
    BUF(log);
    char path[4096];
    TRY(manifest_read(&ix, true, &m, e));
    view_free(m.view);
    snprintf(path, sizeof path, "%s/%s", dir, m.log);
    TRY(file_read(path, LOG_MOST, &log, e));
    size_t whole = log_whole(log.bytes, log.length), at = 0;
    struct log_record r;
    for (; at < whole && log_next(log.bytes, whole, &at, &r);) {
        owned(fingerprint) fp = NULL;
        if (r.kind == LOG_ADD && fingerprint_decode(r.body, r.length, &fp, e) != OK)
            return fail_in(e, "%s: byte %zu", path, at);
    }
    if (whole < log.length)
        return fail(e, ERR_CORRUPT, "%s: %zu bytes from %zu on do not check (an interrupted write, "
                    "or damage)", path, log.length - whole, whole);
    return OK;
}
