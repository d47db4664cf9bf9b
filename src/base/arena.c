/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: a chain of blocks, each at least twice a typical request's needs. */
#include "base/arena.h"

#include "base/big.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An arena that grows past MUCH goes on in blocks that are mappings of their own, in large pages. */
enum { BLOCK_BYTES = 16 * 1024, LARGE_BYTES = 4 << 20, MUCH = 4 << 20, ALIGN = 16 };

struct arena_block {
    struct arena_block *before;
    size_t size, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

static struct arena_block *block_new(size_t room)
{
    size_t bytes = sizeof(struct arena_block) + room;
    struct arena_block *b = bytes < LARGE_BYTES ? malloc(bytes) : big_try(bytes);
    if (b)
        *b = (struct arena_block) { .size = room };
    return b;
}

static void block_free(struct arena_block *b)
{
    size_t bytes = sizeof *b + b->size;
    if (bytes < LARGE_BYTES)
        free(b);
    else
        big_free(b, bytes);
}

void arena_init(struct arena *a)
{
    *a = (struct arena) { 0 };
}

void arena_done(struct arena *a)
{
    struct arena_block *b = a->last;
    while (b) {
        struct arena_block *before = b->before;
        block_free(b);
        b = before;
    }
    a->last = NULL;
    a->used_bytes = 0;
}

/* Not zeroed. */
static void *room_for(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4)
        return NULL;
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes == 0)
        bytes = ALIGN;
    if (a->limit_bytes && bytes > a->limit_bytes - a->used_bytes)
        return NULL;
    struct arena_block *b = a->last;
    if (!b || b->size - b->used < bytes) {
        size_t usual = a->used_bytes < MUCH ? (size_t)BLOCK_BYTES : LARGE_BYTES - sizeof *b;
        size_t room = bytes > usual / 2 ? bytes : usual;
        b = block_new(room);
        if (!b)
            return NULL;
        if (a->last && room == bytes) {
            /* a big piece fills its own block: keep the half-used one in front */
            b->before = a->last->before;
            a->last->before = b;
        } else {
            b->before = a->last;
            a->last = b;
        }
    }
    void *p = b->bytes + b->used;
    b->used += bytes;
    a->used_bytes += bytes;
    return p;
}

void *arena_try(struct arena *a, size_t count, size_t size)
{
    void *p = room_for(a, count, size);
    return p ? memset(p, 0, count * size) : NULL;
}

static void *or_end(void *p, size_t count, size_t size)
{
    if (!p) {
        fprintf(stderr, "licet: out of memory for %zu x %zu bytes\n", count, size);
        abort();
    }
    return p;
}

void *arena_more(struct arena *a, void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    size_t more = *room ? 4 * *room : 2;
    void *bigger = arena_try(a, more, size);
    if (!bigger)
        return NULL;
    if (count)
        memcpy(bigger, list, count * size);
    *room = more;
    return bigger;
}

void *arena_get(struct arena *a, size_t count, size_t size)
{
    return or_end(arena_try(a, count, size), count, size);
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
    char *copy = or_end(room_for(a, length + 1, 1), length + 1, 1);
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_get(a, (size_t)(n < 0 ? 0 : n) + 1, 1);
    if (n > 0)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}
