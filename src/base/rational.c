/* SPDX-License-Identifier: Apache-2.0 */
/* Rationals in lowest terms; every operation looks for the carry. */
#include "base/rational.h"

#include <stdlib.h>

static uint128 size_of(int128 v)
{
    return v < 0 ? 0 - (uint128)v : (uint128)v;
}

static int zeros_at_end(uint128 v)
{
    uint64_t low = (uint64_t)v;
    return low ? __builtin_ctzll(low) : 64 + __builtin_ctzll((uint64_t)(v >> 64));
}

/* Stein's binary algorithm: shifts and differences only. */
static uint128 greatest_divisor(uint128 a, uint128 b)
{
    if (!a || !b)
        return a | b;
    int twos = zeros_at_end(a | b);
    a >>= zeros_at_end(a);
    while (b) {
        b >>= zeros_at_end(b);
        if (a > b) {
            uint128 c = a;
            a = b;
            b = c;
        }
        b -= a;
        if (!(a >> 64) && !(b >> 64) && b) { /* the rest fits the machine's own division */
            uint64_t x = (uint64_t)a, y = (uint64_t)b;
            while (y) {
                uint64_t z = x % y;
                x = y;
                y = z;
            }
            return (uint128)x << twos;
        }
    }
    return a << twos;
}

static enum code too_large(struct error *e)
{
    return fail(e, ERR_LIMIT, "a number on the way leaves 128 bits");
}

enum code rational_make(int128 n, int128 d, struct rational *out, struct error *e)
{
    if (d == 0)
        return fail(e, ERR_INVALID, "a division by zero");
    uint128 over = size_of(n), under = size_of(d), common = greatest_divisor(over, under);
    over /= common;
    under /= common;
    bool negative = (n < 0) != (d < 0);
    if (over >> 127 || under >> 127)
        return too_large(e);
    *out = (struct rational) { negative ? -(int128)over : (int128)over, (int128)under };
    return OK;
}

enum code rational_multiply(struct rational a, struct rational b, struct rational *out,
                            struct error *e)
{
    if (a.n == 0 || b.n == 0) {
        *out = rational_of(0);
        return OK;
    }
    int128 x = (int128)greatest_divisor(size_of(a.n), (uint128)b.d),
           y = (int128)greatest_divisor(size_of(b.n), (uint128)a.d), n, d;
    if (__builtin_mul_overflow(a.n / x, b.n / y, &n) ||
        __builtin_mul_overflow(a.d / y, b.d / x, &d))
        return too_large(e);
    *out = (struct rational) { n, d };
    return OK;
}

enum code rational_divide(struct rational a, struct rational b, struct rational *out,
                          struct error *e)
{
    if (b.n == 0)
        return fail(e, ERR_INVALID, "a division by zero");
    struct rational upside_down = b.n < 0 ? (struct rational) { -b.d, -b.n }
                                          : (struct rational) { b.d, b.n };
    return rational_multiply(a, upside_down, out, e);
}

enum code rational_add(struct rational a, struct rational b, struct rational *out, struct error *e)
{
    int128 common = (int128)greatest_divisor((uint128)a.d, (uint128)b.d), x, y, n, d;
    if (__builtin_mul_overflow(a.n, b.d / common, &x) ||
        __builtin_mul_overflow(b.n, a.d / common, &y) || __builtin_add_overflow(x, y, &n) ||
        __builtin_mul_overflow(a.d, b.d / common, &d))
        return too_large(e);
    return rational_make(n, d, out, e);
}

enum code rational_subtract(struct rational a, struct rational b, struct rational *out,
                            struct error *e)
{
    return rational_add(a, (struct rational) { -b.n, b.d }, out, e);
}

static int128 floor_of(struct rational a)
{
    int128 q = a.n / a.d;
    return a.n % a.d < 0 ? q - 1 : q;
}

/* Whole parts first, then the upside-down rests: the continued fractions of both, which need no
 * number larger than those that are there. */
int rational_compare(struct rational a, struct rational b)
{
    for (int sign = 1;; sign = -sign) {
        int128 x = floor_of(a), y = floor_of(b);
        if (x != y)
            return x < y ? -sign : sign;
        struct rational rest_a = { a.d, a.n - x * a.d }, rest_b = { b.d, b.n - y * b.d };
        if (!rest_a.d || !rest_b.d)
            return rest_a.d ? sign : rest_b.d ? -sign : 0;
        a = rest_a;
        b = rest_b;
    }
}

static enum code within_int64(int128 v, int64_t *out, struct error *e)
{
    if (v < INT64_MIN || v > INT64_MAX)
        return fail(e, ERR_LIMIT, "an amount leaves 64 bits");
    *out = (int64_t)v;
    return OK;
}

enum code rational_floor(struct rational a, int64_t *out, struct error *e)
{
    return within_int64(floor_of(a), out, e);
}

static int128 nearest_of(struct rational a)
{
    int128 q = a.n / a.d;
    uint128 rest = size_of(a.n % a.d);
    if (rest >= (uint128)a.d - rest)
        q += a.n < 0 ? -1 : 1;
    return q;
}

enum code rational_nearest(struct rational a, int64_t *out, struct error *e)
{
    return within_int64(nearest_of(a), out, e);
}

struct rest {
    struct rational left;
    size_t index;
};

static int by_rest(const void *pa, const void *pb)
{
    const struct rest *a = pa, *b = pb;
    int order = rational_compare(b->left, a->left);
    return order ? order : a->index < b->index ? -1 : 1;
}

enum code rational_split(int64_t total, const struct rational *weights, size_t count,
                         struct arena *a, int64_t *parts, struct error *e)
{
    struct rational sum = rational_of(0), size = { total < 0 ? -(int128)total : total, 1 };
    struct rest *rest = arena_try(a, count, sizeof *rest);
    int128 given = 0;
    if (!rest)
        return fail(e, ERR_MEMORY, "no memory to split among %zu", count);
    for (size_t i = 0; i < count; i++) {
        if (weights[i].n < 0)
            return fail(e, ERR_INVALID, "weight %zu is negative", i);
        TRY(rational_add(sum, weights[i], &sum, e));
    }
    if (sum.n == 0)
        return fail(e, ERR_INVALID, "there is no weight to split by");
    for (size_t i = 0; i < count; i++) {
        struct rational part;
        TRY(rational_divide(weights[i], sum, &part, e));
        TRY(rational_multiply(part, size, &part, e));
        int128 whole = floor_of(part);
        rest[i] = (struct rest) { { part.n - whole * part.d, part.d }, i };
        parts[i] = (int64_t)(total < 0 ? -whole : whole);
        given += whole;
    }
    qsort(rest, count, sizeof *rest, by_rest);
    for (size_t i = 0; given < size.n; i++, given++)
        parts[rest[i].index] += total < 0 ? -1 : 1;
    return OK;
}

enum code rational_parse(struct str text, int places, struct rational *out, struct error *e)
{
    int128 n = 0, d = 1;
    int digits = 0, decimals = -1;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '.' && decimals < 0 && digits > 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > 18 || (decimals >= 0 && ++decimals > places))
            return fail(e, ERR_INVALID,
                        "\"%.*s\" is not a number of at most 18 digits, %d of them decimals",
                        STR_ARG(text), places);
        n = n * 10 + (c - '0');
        if (decimals > 0)
            d *= 10;
    }
    if (!digits || decimals == 0)
        return fail(e, ERR_INVALID, "\"%.*s\" is not a number", STR_ARG(text));
    return rational_make(n, d, out, e);
}

void int128_format(int128 value, struct buf *out)
{
    char text[48], *p = text + sizeof text;
    uint128 v = size_of(value);
    do
        *--p = (char)('0' + (int)(v % 10));
    while (v /= 10);
    if (value < 0)
        *--p = '-';
    buf_put(out, p, (size_t)(text + sizeof text - p));
}

/* n / 10^places */
static void put_decimal(uint128 n, int places, bool negative, struct buf *out)
{
    uint128 unit = 1;
    for (int i = 0; i < places; i++)
        unit *= 10;
    if (negative && n)
        buf_byte(out, '-');
    int128_format((int128)(n / unit), out);
    if (places)
        buf_format(out, ".%0*llu", places, (unsigned long long)(n % unit));
}

void rational_format(struct rational a, struct buf *out)
{
    int128 unit = 1;
    for (int places = 0; places <= 12; places++, unit *= 10)
        if (unit % a.d == 0 && size_of(a.n) < (uint128)1 << 80) {
            put_decimal(size_of(a.n) * (uint128)(unit / a.d), places, a.n < 0, out);
            return;
        }
    int128_format(a.n, out);
    buf_byte(out, '/');
    int128_format(a.d, out);
}

void rational_decimals(struct rational a, int places, struct buf *out)
{
    struct rational scaled, unit = rational_of(1);
    struct error ignored;
    for (int i = 0; i < places; i++)
        unit.n *= 10;
    if (rational_multiply(a, unit, &scaled, &ignored) != OK) {
        int128_format(nearest_of(a), out);
        return;
    }
    int128 n = nearest_of(scaled);
    put_decimal(size_of(n), places, n < 0, out);
}
