/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of things that begin with their id, found by it. Inside desk only. */
#ifndef LICET_DESK_TALLY_H
#define LICET_DESK_TALLY_H

#include "base/base.h"

struct tally_slots {
    uint32_t *slots; /* number + 1; 0: empty */
    size_t room;
};
struct tally {
    struct tally_slots table;
    uint8_t *items; /* each begins with its id */
    size_t size, count, room;
};

/* The thing of this id; *fresh: it was not there and is zeroed but for the id. NULL: no memory.
 * Pointers hold until the next call. */
void *tally_get(struct tally *t, const uint8_t id[ID_BYTES], bool *fresh);
/* The thing of this id, or NULL. */
void *tally_find(const struct tally *t, const uint8_t id[ID_BYTES]);
uint32_t tally_number(const struct tally *t, const void *item);
/* Bring them into the order of their ids. *place: where each stands now, to be freed.
 * errors  MEMORY */
MUST_USE enum code tally_sort(struct tally *t, uint32_t **place, struct error *e);
/* The items, owned by the caller now. */
void *tally_take(struct tally *t);
void tally_done(struct tally *t);

#endif
