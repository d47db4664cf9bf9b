/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: byte strings kept once and numbered from 0. One thread adds; readers may look at
 * numbers that were handed to them before, at the same time: nothing moves. */
#ifndef LICET_POLICY_INTERN_H
#define LICET_POLICY_INTERN_H

#include "base/base.h"

#define INTERN_FULL UINT32_MAX

/* Things by number in chunks of 64, 128, 256, ... : none ever moves. */
enum { CHUNKS = 22, CHUNK_FIRST = 64, CHUNK_THINGS_MOST = (CHUNK_FIRST << CHUNKS) - CHUNK_FIRST };
static inline uint32_t chunk_of(uint32_t number)
{
    return 25u - (uint32_t)__builtin_clz(number + CHUNK_FIRST);
}
static inline uint32_t chunk_place(uint32_t number)
{
    return number + CHUNK_FIRST - ((uint32_t)CHUNK_FIRST << chunk_of(number));
}
static inline size_t chunk_room(uint32_t chunk)
{
    return (size_t)CHUNK_FIRST << chunk;
}

struct interner {
    struct arena arena;
    struct str *chunks[CHUNKS];
    uint32_t count;
    uint32_t *slots; /* number + 1; open addressing */
    uint32_t mask;
};

/* The number of these bytes; INTERN_FULL: no memory, or too many. */
uint32_t intern(struct interner *in, const void *bytes, size_t length);
static inline struct str interned(const struct interner *in, uint32_t number)
{
    return in->chunks[chunk_of(number)][chunk_place(number)];
}
size_t interner_bytes(const struct interner *in);
void interner_done(struct interner *in);

#endif
