/* SPDX-License-Identifier: Apache-2.0 */
/* The open index, and what a search holds still: the segments as they were at one moment. Private
 * to index/: view (parts, views, keys), manifest (the state on disk), write (groups, seals), store
 * (opening, refreshing, looking). */
#ifndef LICET_INDEX_STORE_H
#define LICET_INDEX_STORE_H

#include <pthread.h>
#include <sys/stat.h>

#include "index/segment.h"

#define SEGMENTS_MOST 4
#define LOG_MOST      (1ull << 34)

/* One segment in use; shared by views, freed with the last. */
struct part {
    struct segment segment;
    int references;
    void *mapped; /* munmap this, or free `owned` */
    uint8_t *owned;
    char name[40]; /* of the file; empty: in memory, its truth is the log */
    uint64_t device, inode; /* of the file: a folder made anew has others of the same names */
};

/* An unchanging state of the index. */
struct view {
    int references;
    bool complete;
    uint64_t generation;
    size_t count;
    struct part **parts;
    uint8_t **gone; /* per part: a bit per recording that was removed */
};

/* Borrow the present state; give it back with view_release. */
const struct view *index_view(const struct index *ix);
void index_view_release(const struct index *ix, const struct view *v);

static inline bool view_gone(const struct view *v, size_t part, size_t recording)
{
    return v->gone[part] && (v->gone[part][recording / 8] >> recording % 8 & 1);
}

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

/* ---- view.c ------------------------------------------------------------------------------- */

void part_release(struct part *p);
enum code part_map(const char *dir, const char *name, bool whole, struct part **out,
                   struct error *e);
/* Is it the file that now has this name? */
bool part_is(const struct part *p, const char *dir, const char *name);
enum code part_make(const struct segment_item *items, size_t count, struct part **out,
                    struct error *e);

/* A copy with room for `more` parts; parts[i] with drop[i] are left out. NULL: no memory. */
struct view *view_copy(const struct view *old, size_t more, const bool *drop);
void view_free(struct view *v);
bool view_mark(struct view *v, const struct part *p, uint32_t recording);
void view_show(struct index *ix, struct view *v); /* `v` becomes what is searched */

struct place *key_find(const struct index *ix, const struct index_key *key);
bool key_put(struct index *ix, const struct index_key *key, struct part *part, uint32_t recording);
bool keys_rebuild(struct index *ix, const struct view *v); /* all of `v`, from nothing */

/* ---- manifest.c --------------------------------------------------------------------------- */

struct manifest {
    uint64_t generation;
    char log[40];
    struct view *view;
};

enum code segments_write(struct index *ix, const struct view *v, uint64_t generation,
                         const char *log, struct error *e);
enum code segments_read(const struct index *ix, bool whole, struct manifest *out, struct error *e);

/* ---- write.c ------------------------------------------------------------------------------ */

/* What a group of records makes of the view: a new one, shown. */
enum code group_apply(struct index *ix, const uint8_t *bytes, size_t length, struct error *e);

enum code log_begin(struct index *ix, const char *name, int *fd, struct error *e);

#endif
