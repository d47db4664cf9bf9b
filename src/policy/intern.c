/* SPDX-License-Identifier: Apache-2.0 */
/* Byte strings kept once. */
#include "policy/intern.h"

#include <stdlib.h>

static uint32_t hash_bytes(const uint8_t *at, size_t length)
{
    uint64_t x = 0x9E3779B97F4A7C15u ^ length;
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        x = (x ^ word) * 0xD6E8FEB86659FD93u;
        x ^= x >> 29;
    }
    for (size_t i = 0; i < length; i++)
        x = (x ^ at[i]) * 0xD6E8FEB86659FD93u;
    return (uint32_t)((x ^ x >> 32) * 0x9E3779B1u);
}

static struct str *place_of(const struct interner *in, uint32_t number)
{
    return &in->chunks[chunk_of(number)][chunk_place(number)];
}

static bool grow(struct interner *in)
{
    uint32_t room = in->slots ? (in->mask + 1) * 2 : 64;
    uint32_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < in->count; i++) {
        const struct str *s = place_of(in, i);
        uint32_t at = hash_bytes((const uint8_t *)s->at, s->length) & (room - 1);
        while (slots[at])
            at = (at + 1) & (room - 1);
        slots[at] = i + 1;
    }
    free(in->slots);
    in->slots = slots;
    in->mask = room - 1;
    return true;
}

static uint32_t add(struct interner *in, uint32_t slot, const void *bytes, size_t length)
{
    uint32_t number = in->count;
    if (number >= CHUNK_THINGS_MOST)
        return INTERN_FULL;
    struct str **chunk = &in->chunks[chunk_of(number)];
    if (!*chunk && !(*chunk = calloc(chunk_room(chunk_of(number)), sizeof **chunk)))
        return INTERN_FULL;
    char *copy = arena_try(&in->arena, length, 1);
    if (!copy)
        return INTERN_FULL;
    memcpy(copy, bytes, length);
    (*chunk)[chunk_place(number)] = (struct str) { copy, length };
    in->slots[slot] = number + 1;
    in->count++;
    return number;
}

uint32_t intern(struct interner *in, const void *bytes, size_t length)
{
    if (!bytes)
        bytes = "";
    if ((!in->slots || in->count >= (in->mask + 1) / 2) && !grow(in))
        return INTERN_FULL;
    uint32_t at = hash_bytes(bytes, length) & in->mask;
    for (; in->slots[at]; at = (at + 1) & in->mask) {
        const struct str *s = place_of(in, in->slots[at] - 1);
        if (s->length == length && memcmp(s->at, bytes, length) == 0)
            return in->slots[at] - 1;
    }
    return add(in, at, bytes, length);
}

size_t interner_bytes(const struct interner *in)
{
    size_t bytes = in->arena.used_bytes + (in->slots ? (in->mask + 1) * sizeof *in->slots : 0);
    for (uint32_t i = 0; i < CHUNKS && in->chunks[i]; i++)
        bytes += chunk_room(i) * sizeof(struct str);
    return bytes;
}

void interner_done(struct interner *in)
{
    for (size_t i = 0; i < CHUNKS && in->chunks[i]; i++)
        free(in->chunks[i]);
    free(in->slots);
    arena_done(&in->arena);
}
