/* SPDX-License-Identifier: Apache-2.0 */
/* Inside policy: byte strings kept once and numbered from 0. One thread adds; readers may look at
 * numbers that were handed to them before, at the same time: nothing moves. */
#ifndef LICET_POLICY_INTERN_H
#define LICET_POLICY_INTERN_H

#include "base/base.h"

enum { INTERN_CHUNK = 4096, INTERN_CHUNKS = 4096, INTERN_NONE = -1 };
#define INTERN_FULL UINT32_MAX

struct interner {
    struct arena arena;
    struct str *chunks[INTERN_CHUNKS];
    uint32_t count;
    uint32_t *slots; /* number + 1; open addressing */
    uint32_t mask;
};

/* The number of these bytes; INTERN_FULL: no memory, or too many. */
uint32_t intern(struct interner *in, const void *bytes, size_t length);
static inline struct str interned(const struct interner *in, uint32_t number)
{
    return in->chunks[number / INTERN_CHUNK][number % INTERN_CHUNK];
}
size_t interner_bytes(const struct interner *in);
void interner_done(struct interner *in);

#endif
