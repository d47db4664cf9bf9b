/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one request or job: taken piece by piece, dropped whole. */
#ifndef LICET_BASE_ARENA_H
#define LICET_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct arena_block;
struct arena {
    struct arena_block *last;
    size_t used_bytes;  /* handed out so far */
    size_t limit_bytes; /* 0: none; a request over it fails like memory that is gone */
};

void arena_init(struct arena *a);
void arena_done(struct arena *a); /* frees everything; the arena may be used again */

/* Zeroed memory aligned for any type, or NULL: sizes from outside may fail, so look. */
void *arena_try(struct arena *a, size_t count, size_t size);

/* The same for small fixed sizes of our own: never NULL, ends the process when memory is gone. */
void *arena_get(struct arena *a, size_t count, size_t size);

/* Room for one more of `size` bytes behind the `count` of a list that grows: the list, or a larger copy
 * of it; NULL when memory is gone. `*room` begins as 0. */
void *arena_more(struct arena *a, void *list, size_t count, size_t *room, size_t size);

#define ARENA_NEW(a, type)          ((type *)arena_get((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_get((a), (count), sizeof(type)))

char *arena_text(struct arena *a, const char *text, size_t length); /* a copy, ends with NUL */
char *arena_format(struct arena *a, const char *format, ...) FORMAT(2, 3);

/* In-scope arena: ARENA(a); is done on every way out. */
#define ARENA(name) __attribute__((cleanup(arena_done), unused)) struct arena name = { 0 }

#endif
