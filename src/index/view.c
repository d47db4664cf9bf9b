/* SPDX-License-Identifier: Apache-2.0 */
/* Parts, views and keys: what is searched now, shared and counted. */
#include "index/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define VERIFY_MOST (1ull << 30) /* larger files are verified by `check`, not at each opening */

/* ---- parts ------------------------------------------------------------------------------- */

void part_release(struct part *p)
{
    if (!p || __atomic_sub_fetch(&p->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (p->mapped)
        munmap(p->mapped, p->segment.length);
    free(p->owned);
    free(p);
}

enum code part_map(const char *dir, const char *name, bool whole, struct part **out,
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
    p->device = st.st_dev;
    p->inode = st.st_ino;
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

bool part_is(const struct part *p, const char *dir, const char *name)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return strcmp(p->name, name) == 0 && stat(path, &st) == 0 && p->device == st.st_dev
        && p->inode == st.st_ino;
}

enum code part_make(const struct segment_item *items, size_t count, struct part **out,
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

void view_free(struct view *v)
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
struct view *view_copy(const struct view *old, size_t more, const bool *drop)
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

bool view_mark(struct view *v, const struct part *p, uint32_t recording)
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

struct place *key_find(const struct index *ix, const struct index_key *key)
{
    if (!ix->map_room)
        return NULL;
    struct place *p = &ix->map[key_slot(ix, key)];
    return p->part && !p->removed ? p : NULL;
}

bool key_put(struct index *ix, const struct index_key *key, struct part *part, uint32_t recording)
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
bool keys_rebuild(struct index *ix, const struct view *v)
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
void view_show(struct index *ix, struct view *v)
{
    pthread_mutex_lock(&ix->mutex);
    struct view *old = ix->view;
    ix->view = v;
    bool free_it = old && --old->references == 0;
    pthread_mutex_unlock(&ix->mutex);
    if (free_it)
        view_free(old);
}
