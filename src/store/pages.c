/* SPDX-License-Identifier: Apache-2.0 */
/* Slots of one size in one reserved range, handed out in order and again when they are free; all else
 * is SQLite's own malloc. What belongs where its address tells. */
#include "store/pages.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* A page of 4,096 bytes and what SQLite keeps beside it. Reserved is address space, not memory. */
enum { PAGE = 4096, SLOT = 4416, LARGE = 2 << 20 };
static const size_t range_bytes = (size_t)16 << 30;

static struct {
    sqlite3_mem_methods heap;
    pthread_mutex_t lock;
    unsigned char *range, *fresh, *end;
    void *freed; /* each begins with the next */
} pages = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool is_slot(const void *p)
{
    return (uintptr_t)p - (uintptr_t)pages.range < range_bytes;
}

static void *slot_take(void)
{
    void *p = NULL;
    pthread_mutex_lock(&pages.lock);
    if (pages.freed) {
        p = pages.freed;
        memcpy(&pages.freed, p, sizeof p);
    } else if ((size_t)(pages.end - pages.fresh) >= SLOT) {
        p = pages.fresh;
        pages.fresh += SLOT;
    }
    pthread_mutex_unlock(&pages.lock);
    return p;
}

static void slot_return(void *p)
{
    pthread_mutex_lock(&pages.lock);
    memcpy(p, &pages.freed, sizeof p);
    pages.freed = p;
    pthread_mutex_unlock(&pages.lock);
}

static void *pages_malloc(int bytes)
{
    void *p = bytes > PAGE && bytes <= SLOT ? slot_take() : NULL;
    return p ? p : pages.heap.xMalloc(bytes);
}

static void pages_free(void *p)
{
    if (is_slot(p))
        slot_return(p);
    else
        pages.heap.xFree(p);
}

static void *pages_realloc(void *p, int bytes)
{
    if (!is_slot(p))
        return pages.heap.xRealloc(p, bytes);
    if (bytes <= SLOT)
        return p;
    void *bigger = pages.heap.xMalloc(bytes);
    if (bigger) {
        memcpy(bigger, p, SLOT);
        slot_return(p);
    }
    return bigger;
}

static int pages_size(void *p)
{
    return is_slot(p) ? SLOT : pages.heap.xSize(p);
}

void pages_configure(void)
{
    sqlite3_mem_methods own;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &pages.heap) != SQLITE_OK)
        return;
    void *range = mmap(NULL, range_bytes + LARGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (range == MAP_FAILED)
        return;
    pages.range = range;
    pages.range += (LARGE - (uintptr_t)range % LARGE) % LARGE;
    pages.fresh = pages.range;
    pages.end = pages.range + range_bytes;
    madvise(pages.range, range_bytes, MADV_HUGEPAGE);
    own = pages.heap;
    own.xMalloc = pages_malloc;
    own.xFree = pages_free;
    own.xRealloc = pages_realloc;
    own.xSize = pages_size;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
}
