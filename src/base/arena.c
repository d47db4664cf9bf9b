/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: a chain of blocks, each at least twice a typical request's needs. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, ALIGN = 16 };

struct arena_block {
    struct arena_block *before;
    size_t size, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena) { 0 };
}

void arena_done(struct arena *a)
{
    struct arena_block *b = a->last;
    while (b) {
        struct arena_block *before = b->before;
        free(b);
        b = before;
    }
    a->last = NULL;
    a->used_bytes = 0;
}

void *arena_try(struct arena *a, size_t count, size_t size)
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
        size_t room = bytes > BLOCK_BYTES / 2 ? bytes : (size_t)BLOCK_BYTES;
        b = malloc(sizeof *b + room);
        if (!b)
            return NULL;
        b->size = room;
        b->used = 0;
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
    return memset(p, 0, bytes);
}

void *arena_get(struct arena *a, size_t count, size_t size)
{
    void *p = arena_try(a, count, size);
    if (!p) {
        fprintf(stderr, "licet: out of memory for %zu x %zu bytes\n", count, size);
        abort();
    }
    return p;
}

char *arena_text(struct arena *a, const char *text, size_t length)
{
    char *copy = arena_get(a, length + 1, 1);
    if (length)
        memcpy(copy, text, length);
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
