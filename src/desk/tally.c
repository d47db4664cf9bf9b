/* SPDX-License-Identifier: Apache-2.0 */
/* One array of items, one of slots. */
#include "desk/tally.h"

#include <stdlib.h>

static uint64_t hash_of(const uint8_t id[ID_BYTES])
{
    uint64_t h;
    memcpy(&h, id + 8, 8);
    return h * UINT64_C(0x9e3779b97f4a7c15);
}

static uint8_t *item_at(const struct tally *t, size_t n)
{
    return t->items + n * t->size;
}

static bool slots_grow(struct tally *t)
{
    size_t room = t->table.room ? 2 * t->table.room : 1024;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    for (size_t n = 0; n < t->count; n++) {
        size_t at = hash_of(item_at(t, n)) >> 20 & (room - 1);
        while (slots[at])
            at = (at + 1) & (room - 1);
        slots[at] = (uint32_t)n + 1;
    }
    free(t->table.slots);
    t->table.slots = slots;
    t->table.room = room;
    return true;
}

static bool grow(struct tally *t)
{
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 256;
        uint8_t *items = realloc(t->items, room * t->size);
        if (!items)
            return false;
        t->items = items;
        t->room = room;
    }
    return t->count * 2 < t->table.room || slots_grow(t);
}

void *tally_find(const struct tally *t, const uint8_t id[ID_BYTES])
{
    if (!t->table.room)
        return NULL;
    size_t at = hash_of(id) >> 20 & (t->table.room - 1);
    for (; t->table.slots[at]; at = (at + 1) & (t->table.room - 1)) {
        uint8_t *known = item_at(t, t->table.slots[at] - 1);
        if (memcmp(known, id, ID_BYTES) == 0)
            return known;
    }
    return NULL;
}

void *tally_get(struct tally *t, const uint8_t id[ID_BYTES], bool *fresh)
{
    void *known = tally_find(t, id);
    *fresh = !known;
    if (known)
        return known;
    if (!grow(t))
        return NULL;
    size_t at = hash_of(id) >> 20 & (t->table.room - 1);
    while (t->table.slots[at])
        at = (at + 1) & (t->table.room - 1);
    uint8_t *item = item_at(t, t->count);
    memset(item, 0, t->size);
    memcpy(item, id, ID_BYTES);
    t->table.slots[at] = (uint32_t)++t->count;
    return item;
}

uint32_t tally_number(const struct tally *t, const void *item)
{
    return (uint32_t)(((const uint8_t *)item - t->items) / (ptrdiff_t)t->size);
}

struct key {
    uint8_t id[ID_BYTES];
    uint32_t number;
};

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, ID_BYTES);
}

enum code tally_sort(struct tally *t, uint32_t **place, struct error *e)
{
    struct key *keys = malloc((t->count + 1) * sizeof *keys);
    uint32_t *at = malloc((t->count + 1) * sizeof *at);
    uint8_t *sorted = malloc((t->count + 1) * t->size);
    if (!keys || !at || !sorted) {
        free(keys);
        free(at);
        free(sorted);
        return fail(e, ERR_MEMORY, "no memory for the figures");
    }
    for (size_t n = 0; n < t->count; n++) {
        memcpy(keys[n].id, item_at(t, n), ID_BYTES);
        keys[n].number = (uint32_t)n;
    }
    qsort(keys, t->count, sizeof *keys, by_id);
    for (size_t n = 0; n < t->count; n++) {
        memcpy(sorted + n * t->size, item_at(t, keys[n].number), t->size);
        at[keys[n].number] = (uint32_t)n;
    }
    free(keys);
    free(t->items);
    t->items = sorted;
    t->room = t->count + 1;
    *place = at;
    return OK;
}

void *tally_take(struct tally *t)
{
    void *items = t->items;
    t->items = NULL;
    return items;
}

void tally_done(struct tally *t)
{
    free(t->items);
    free(t->table.slots);
    *t = (struct tally) { .size = t->size };
}
