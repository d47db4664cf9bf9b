/* SPDX-License-Identifier: Apache-2.0 */
/* Large mappings of their own, small ones from the heap. */
#include "base/big.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MAPPED_FROM = 4 << 20 };

void *big_try(size_t bytes)
{
    if (bytes < MAPPED_FROM)
        return calloc(bytes ? bytes : 1, 1);
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    madvise(p, bytes, MADV_HUGEPAGE); /* where it cannot be had, small pages do */
    return p;
}

void big_free(void *p, size_t bytes)
{
    if (!p)
        return;
    if (bytes < MAPPED_FROM)
        free(p);
    else
        munmap(p, bytes);
}

void *big_grow(void *p, size_t before_bytes, size_t bytes)
{
    if (p && before_bytes >= MAPPED_FROM && bytes >= MAPPED_FROM) { /* pages move, bytes do not */
        void *moved = mremap(p, before_bytes, bytes, MREMAP_MAYMOVE);
        if (moved == MAP_FAILED)
            return NULL;
        madvise(moved, bytes, MADV_HUGEPAGE);
        return moved;
    }
    void *grown = big_try(bytes);
    if (!grown)
        return NULL;
    if (p && before_bytes)
        memcpy(grown, p, before_bytes < bytes ? before_bytes : bytes);
    big_free(p, before_bytes);
    return grown;
}
