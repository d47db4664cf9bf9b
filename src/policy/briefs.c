/* SPDX-License-Identifier: Apache-2.0 */
/* The book of verdicts in short: each different one once. */
#include <stdlib.h>

#include "policy/snapshot.h"

enum { BRIEFS_MOST = UINT16_MAX, CHUNK = 1024, SLOTS_FIRST = 64 };

bool briefs_init(struct brief_book *b)
{
    return pthread_mutex_init(&b->lock, NULL) == 0;
}

void briefs_done(struct brief_book *b)
{
    pthread_mutex_destroy(&b->lock);
    for (size_t i = 0; i < COUNT_OF(b->chunks); i++)
        free(b->chunks[i]);
    free(b->slots);
}

size_t briefs_bytes(const struct brief_book *b)
{
    size_t bytes = b->slots ? (b->mask + 1) * sizeof *b->slots : 0;
    for (size_t i = 0; i < COUNT_OF(b->chunks); i++)
        bytes += b->chunks[i] ? CHUNK * sizeof **b->chunks : 0;
    return bytes;
}

static uint32_t slot_of(const uint16_t *slots, uint32_t mask, const struct brief_book *b,
                        uint64_t word)
{
    uint32_t at = (uint32_t)(word * 0x9E3779B97F4A7C15u >> 40) & mask;
    while (slots[at] && brief_word(b, slots[at]) != word)
        at = (at + 1) & mask;
    return at;
}

/* At most half of the slots are taken. */
static bool grow(struct brief_book *b)
{
    uint32_t room = b->slots ? (b->mask + 1) * 2 : SLOTS_FIRST;
    uint16_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t n = 1; n <= b->count; n++)
        slots[slot_of(slots, room - 1, b, brief_word(b, (uint16_t)n))] = (uint16_t)n;
    free(b->slots);
    b->slots = slots;
    b->mask = room - 1;
    return true;
}

static uint16_t find_or_add(struct brief_book *b, uint64_t word)
{
    if ((!b->slots || b->count >= b->mask / 2) && !grow(b))
        return 0;
    uint32_t at = slot_of(b->slots, b->mask, b, word), number = b->count + 1;
    if (b->slots[at])
        return b->slots[at];
    if (number > BRIEFS_MOST)
        return 0;
    uint64_t **chunk = &b->chunks[number / CHUNK];
    if (!*chunk && !(*chunk = calloc(CHUNK, sizeof **chunk)))
        return 0;
    (*chunk)[number % CHUNK] = word;
    b->slots[at] = (uint16_t)number;
    b->count = number;
    return (uint16_t)number;
}

uint16_t brief_number(struct brief_book *b, uint64_t word)
{
    if (!word)
        return 0;
    pthread_mutex_lock(&b->lock);
    uint16_t number = find_or_add(b, word);
    pthread_mutex_unlock(&b->lock);
    return number;
}
