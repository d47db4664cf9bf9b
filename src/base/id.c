/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDv7 bytes and their base32 text. */
#include "base/id.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* digit + 1; 0: none */
static const uint8_t digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['g'] = 17, ['h'] = 18, ['j'] = 19, ['k'] = 20, ['m'] = 21, ['n'] = 22, ['p'] = 23, ['q'] = 24,
    ['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28, ['w'] = 29, ['x'] = 30, ['y'] = 31, ['z'] = 32,
};

static void fill_from_system(void *state, uint8_t *bytes, size_t count)
{
    (void)state;
    while (count) {
        ssize_t n = getrandom(bytes, count, 0);
        if (n < 0)
            continue; /* interrupted before the pool is ready */
        bytes += n;
        count -= (size_t)n;
    }
}

const struct chance chance_of_system = { fill_from_system, NULL };

static void fill_from_seed(void *state, uint8_t *bytes, size_t count)
{
    uint64_t *s = state;
    for (size_t i = 0; i < count; i++) {
        uint64_t z = *s += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        bytes[i] = (uint8_t)((z ^ (z >> 31)) >> 32);
    }
}

struct chance chance_seeded(uint64_t *state)
{
    return (struct chance) { fill_from_seed, state };
}

void id_fill(uint8_t bytes[ID_BYTES], struct instant now, const struct chance *chance)
{
    chance->fill(chance->state, bytes, ID_BYTES);
    uint64_t ms = now.us > 0 ? (uint64_t)now.us / 1000 : 0;
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> (8 * (5 - i)));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0F));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3F));
}

const char *id_format(const char *prefix, const uint8_t bytes[ID_BYTES], char out[ID_TEXT])
{
    char *p = stpcpy(out, prefix);
    *p++ = '_';
    /* 128 bits in 26 digits of 5: two zero bits lead */
    unsigned acc = 0;
    int bits = 2;
    for (int i = 0; i < ID_BYTES; i++) {
        acc = acc << 8 | bytes[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *p++ = alphabet[acc >> bits & 31];
        }
        acc &= 0xFF;
    }
    *p = '\0';
    return out;
}

enum code id_parse(const char *prefix, const char *thing, struct str text, uint8_t out[ID_BYTES],
                   struct error *e)
{
    size_t n = strlen(prefix);
    uint8_t bytes[ID_BYTES];
    bool good = text.length == n + 1 + ID_DIGITS && memcmp(text.at, prefix, n) == 0 &&
                text.at[n] == '_';
    unsigned acc = 0;
    int bits = -2, at = 0;
    for (int i = 0; good && i < ID_DIGITS; i++) {
        unsigned digit = digits[(uint8_t)text.at[n + 1 + (size_t)i]];
        if (digit == 0 || (i == 0 && digit > 8)) {
            good = false;
            break;
        }
        acc = (acc << 5 | (digit - 1)) & 0xFFFF;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes[at++] = (uint8_t)(acc >> bits);
        }
    }
    if (!good)
        return fail(e, ERR_INVALID, "\"%.*s\" is not the id of a %s (%s_ and 26 digits)",
                    (int)(text.length > 60 ? 60 : text.length), text.at ? text.at : "", thing,
                    prefix);
    memcpy(out, bytes, ID_BYTES);
    return OK;
}
