/* SPDX-License-Identifier: Apache-2.0 */
/* Text and bytes: a borrowed view (struct str) and a buffer that grows (struct buf). */
#ifndef LICET_BASE_STR_H
#define LICET_BASE_STR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

struct str {
    const char *at; /* need not end with NUL */
    size_t length;
};

#define STR(literal) ((struct str) { "" literal, sizeof(literal) - 1 })
#define STR_ARG(s)   (int)(s).length, (s).at /* for "%.*s" */

static inline struct str str_of(const char *text)
{
    return (struct str) { text, text ? strlen(text) : 0 };
}

bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *text);
bool str_starts(struct str s, const char *front);
int str_compare(struct str a, struct str b); /* by bytes, as memcmp */
struct str str_trim(struct str s);           /* without blanks, tabs and line ends at both sides */

/* The part before the first `mark`; *s becomes the rest. False when *s has nothing left to give. */
bool str_split(struct str *s, char mark, struct str *part);

char *str_copy(struct arena *a, struct str s); /* ends with NUL */
uint64_t str_hash(struct str s); /* FNV-1a: the same in every version of the program */
bool str_is_utf8(struct str s);  /* RFC 3629: no surrogates, no overlong forms */

/* A whole decimal number within [least, most]. */
MUST_USE enum code str_to_int64(struct str s, int64_t least, int64_t most, int64_t *out,
                                struct error *e);

/* A decimal fraction as an integer of 10^-8: "0.5" is 50000000. At most eight places. */
MUST_USE enum code str_to_e8(struct str s, int64_t *out, struct error *e);

struct buf {
    uint8_t *bytes; /* owned; a NUL follows the last byte */
    size_t length, room;
    bool failed; /* memory was gone: look once, at the end */
};

void buf_done(struct buf *b);
void buf_clear(struct buf *b);
void buf_put(struct buf *b, const void *bytes, size_t length);
void buf_text(struct buf *b, const char *text);
void buf_str(struct buf *b, struct str s);
void buf_byte(struct buf *b, uint8_t byte);
void buf_int(struct buf *b, int64_t value); /* in decimal digits */
void buf_format(struct buf *b, const char *format, ...) FORMAT(2, 3);
struct str buf_as_str(const struct buf *b);

#define BUF(name) __attribute__((cleanup(buf_done))) struct buf name = { 0 }

void hex_encode(const uint8_t *bytes, size_t count, char *out /* 2 * count + 1 */);
bool hex_decode(struct str text, uint8_t *out, size_t count); /* exactly count bytes */

#endif
