/* SPDX-License-Identifier: Apache-2.0 */
/* What a search holds still: the segments as they were at one moment. Private to index/. */
#ifndef LICET_INDEX_STORE_H
#define LICET_INDEX_STORE_H

#include "index/segment.h"

/* One segment in use; shared by views, freed with the last. */
struct part {
    struct segment segment;
    int references;
    void *mapped; /* munmap this, or free `owned` */
    uint8_t *owned;
    char name[40]; /* of the file; empty: in memory, its truth is the log */
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

#endif
