/* SPDX-License-Identifier: Apache-2.0 */
/* Views of text, numbers read from it, growing buffers, hexadecimal. */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

bool str_equal(struct str a, struct str b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_of(text));
}

uint64_t str_hash(struct str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.length; i++)
        h = (h ^ (uint8_t)s.at[i]) * UINT64_C(0x100000001b3);
    return h;
}

bool str_starts(struct str s, const char *front)
{
    size_t n = strlen(front);
    return s.length >= n && memcmp(s.at, front, n) == 0;
}

int str_compare(struct str a, struct str b)
{
    size_t n = a.length < b.length ? a.length : b.length;
    int order = n ? memcmp(a.at, b.at, n) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.length && is_blank(s.at[0]))
        s = (struct str) { s.at + 1, s.length - 1 };
    while (s.length && is_blank(s.at[s.length - 1]))
        s.length--;
    return s;
}

bool str_split(struct str *s, char mark, struct str *part)
{
    if (!s->at)
        return false;
    const char *hit = s->length ? memchr(s->at, mark, s->length) : NULL;
    if (!hit) {
        *part = *s;
        *s = (struct str) { NULL, 0 };
        return true;
    }
    size_t n = (size_t)(hit - s->at);
    *part = (struct str) { s->at, n };
    *s = (struct str) { hit + 1, s->length - n - 1 };
    return true;
}

char *str_copy(struct arena *a, struct str s)
{
    return arena_text(a, s.at, s.length);
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.at, *end = p + s.length;
    while (p < end) {
        uint64_t eight;
        while (end - p >= 8) { /* most text is ASCII */
            memcpy(&eight, p, 8);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            p += 8;
        }
        if (p == end)
            break;
        unsigned char c = *p++;
        if (c < 0x80)
            continue;
        int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
        if (c < 0xC2 || c > 0xF4 || end - p < more)
            return false;
        unsigned first = *p;
        if ((c == 0xE0 && first < 0xA0) || (c == 0xED && first > 0x9F) ||
            (c == 0xF0 && first < 0x90) || (c == 0xF4 && first > 0x8F))
            return false;
        for (int i = 0; i < more; i++)
            if ((*p++ & 0xC0) != 0x80)
                return false;
    }
    return true;
}

enum code str_to_int64(struct str s, int64_t least, int64_t most, int64_t *out, struct error *e)
{
    bool negative = s.length && s.at[0] == '-';
    size_t i = negative ? 1 : 0;
    __int128 value = 0;
    if (i == s.length || s.length > 20)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a whole number", STR_ARG(s));
    for (; i < s.length; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return fail(e, ERR_INVALID, "\"%.*s\" is not a whole number", STR_ARG(s));
        value = value * 10 + (s.at[i] - '0');
    }
    if (negative)
        value = -value;
    if (value < least || value > most)
        return fail(e, ERR_INVALID, "%.*s is not between %lld and %lld", STR_ARG(s),
                    (long long)least, (long long)most);
    *out = (int64_t)value;
    return OK;
}

enum code str_to_e8(struct str s, int64_t *out, struct error *e)
{
    struct str whole = s;
    bool negative = s.length && s.at[0] == '-';
    if (negative)
        s = (struct str) { s.at + 1, s.length - 1 };
    int64_t value = 0;
    int places = -1;
    bool digit = false;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (c == '.' && places < 0) {
            places = 0;
            continue;
        }
        if (c < '0' || c > '9')
            return fail(e, ERR_INVALID, "\"%.*s\" is not a decimal number", STR_ARG(whole));
        digit = true;
        if (places == 8) {
            if (c != '0')
                return fail(e, ERR_INVALID, "\"%.*s\" has more than eight decimal places",
                            STR_ARG(whole));
            continue;
        }
        if (places >= 0)
            places++;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, c - '0', &value))
            return fail(e, ERR_INVALID, "\"%.*s\" is too large", STR_ARG(whole));
    }
    if (!digit)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a decimal number", STR_ARG(whole));
    for (int i = places < 0 ? 0 : places; i < 8; i++)
        if (__builtin_mul_overflow(value, 10, &value))
            return fail(e, ERR_INVALID, "\"%.*s\" is too large", STR_ARG(whole));
    *out = negative ? -value : value;
    return OK;
}

static bool buf_reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more > SIZE_MAX / 4 || b->length > SIZE_MAX / 4) {
        b->failed = true;
        return false;
    }
    size_t need = b->length + more + 1;
    if (need <= b->room)
        return true;
    size_t room = b->room ? b->room : 256;
    while (room < need)
        room *= 2;
    uint8_t *bytes = realloc(b->bytes, room);
    if (!bytes) {
        b->failed = true;
        return false;
    }
    b->bytes = bytes;
    b->room = room;
    return true;
}

void buf_done(struct buf *b)
{
    free(b->bytes);
    *b = (struct buf) { 0 };
}

void buf_clear(struct buf *b)
{
    b->length = 0;
    b->failed = false;
    if (b->bytes)
        b->bytes[0] = '\0';
}

void buf_put(struct buf *b, const void *bytes, size_t length)
{
    if (!buf_reserve(b, length))
        return;
    if (length)
        memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    b->bytes[b->length] = '\0';
}

void buf_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_str(struct buf *b, struct str s)
{
    buf_put(b, s.at, s.length);
}

void buf_byte(struct buf *b, uint8_t byte)
{
    buf_put(b, &byte, 1);
}

void buf_int(struct buf *b, int64_t value)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        text[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        text[--at] = '-';
    buf_put(b, text + at, sizeof text - at);
}

void buf_format(struct buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0 && buf_reserve(b, (size_t)n)) {
        vsnprintf((char *)b->bytes + b->length, (size_t)n + 1, format, again);
        b->length += (size_t)n;
    }
    va_end(again);
}

struct str buf_as_str(const struct buf *b)
{
    return (struct str) { b->bytes ? (const char *)b->bytes : "", b->length };
}

void hex_encode(const uint8_t *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool hex_decode(struct str text, uint8_t *out, size_t count)
{
    if (text.length != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = hex_digit(text.at[2 * i]), low = hex_digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}
