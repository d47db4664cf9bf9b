/* SPDX-License-Identifier: Apache-2.0 */
/* Ids: one struct per thing around 16 time-ordered bytes, written prefix_<26 base32 digits>.
 *
 * The bytes are a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then chance. Base32 is
 * Crockford's alphabet in lower case, most significant bits first, so the text sorts as the
 * bytes do. Made by the program, never by the database. */
#ifndef LICET_BASE_ID_H
#define LICET_BASE_ID_H

#include "base/str.h"
#include "base/time.h"

enum { ID_BYTES = 16, ID_DIGITS = 26, ID_TEXT = 32 };

/* A source of chance: tests bring a seeded one. Fills `count` bytes. */
struct chance {
    void (*fill)(void *state, uint8_t *bytes, size_t count);
    void *state;
};

extern const struct chance chance_of_system; /* getrandom(2) */

/* A repeatable source for tests and simulations (splitmix64 over the seed). */
struct chance chance_seeded(uint64_t *state);

void id_fill(uint8_t bytes[ID_BYTES], struct instant now, const struct chance *chance);
const char *id_format(const char *prefix, const uint8_t bytes[ID_BYTES], char out[ID_TEXT]);
MUST_USE enum code id_parse(const char *prefix, const char *thing, struct str text,
                            uint8_t out[ID_BYTES], struct error *e);

/* For each thing X of id.def: struct X_id, X_id_make, X_id_format, X_id_parse, X_id_equal. */
#define ROW(thing, prefix)                                                                         \
    struct thing##_id {                                                                            \
        uint8_t bytes[ID_BYTES];                                                                   \
    };                                                                                             \
    static inline struct thing##_id thing##_id_make(struct instant now, const struct chance *c)    \
    {                                                                                              \
        struct thing##_id id;                                                                      \
        id_fill(id.bytes, now, c);                                                                 \
        return id;                                                                                 \
    }                                                                                              \
    static inline const char *thing##_id_format(struct thing##_id id, char out[ID_TEXT])           \
    {                                                                                              \
        return id_format(prefix, id.bytes, out);                                                   \
    }                                                                                              \
    MUST_USE static inline enum code thing##_id_parse(struct str text, struct thing##_id *out,     \
                                                      struct error *e)                             \
    {                                                                                              \
        return id_parse(prefix, #thing, text, out->bytes, e);                                      \
    }                                                                                              \
    static inline bool thing##_id_equal(struct thing##_id a, struct thing##_id b)                  \
    {                                                                                              \
        return memcmp(a.bytes, b.bytes, ID_BYTES) == 0;                                            \
    }                                                                                              \
    static inline bool thing##_id_is_none(struct thing##_id a)                                     \
    {                                                                                              \
        static const uint8_t none[ID_BYTES];                                                       \
        return memcmp(a.bytes, none, ID_BYTES) == 0;                                               \
    }
#include "base/id.def"
#undef ROW

#endif
