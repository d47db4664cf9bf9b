/* SPDX-License-Identifier: Apache-2.0 */
/* The book of verdicts in short: each different one once. */
#include <stdlib.h>

#include "policy/snapshot.h"

enum { BRIEFS_MOST = UINT16_MAX, BRIEF_SLOTS = 1 << 17 };

bool briefs_init(struct brief_book *b)
{
    b->words = calloc(BRIEFS_MOST + 1, sizeof *b->words);
    b->slots = calloc(BRIEF_SLOTS, sizeof *b->slots);
    if (!b->words || !b->slots || pthread_mutex_init(&b->lock, NULL) != 0) {
        free(b->words);
        free(b->slots);
        return false;
    }
    return true;
}

void briefs_done(struct brief_book *b)
{
    pthread_mutex_destroy(&b->lock);
    free(b->words);
    free(b->slots);
}

/* The rest of it is never touched. */
size_t briefs_bytes(const struct brief_book *b)
{
    return (size_t)b->count * sizeof *b->words + BRIEF_SLOTS * sizeof *b->slots;
}

uint16_t brief_number(struct brief_book *b, uint64_t word)
{
    if (!word)
        return 0;
    pthread_mutex_lock(&b->lock);
    uint64_t hash = word * 0x9E3779B97F4A7C15u;
    uint32_t at = (uint32_t)(hash >> 47);
    while (b->slots[at] && b->words[b->slots[at]] != word)
        at = (at + 1) % BRIEF_SLOTS;
    if (!b->slots[at] && b->count < BRIEFS_MOST) {
        b->words[++b->count] = word;
        b->slots[at] = (uint16_t)b->count;
    }
    uint16_t number = b->slots[at];
    pthread_mutex_unlock(&b->lock);
    return number;
}
