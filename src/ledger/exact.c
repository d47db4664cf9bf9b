/* SPDX-License-Identifier: Apache-2.0 */
/* Schoolbook arithmetic on words; nothing is divided, so nothing has to be reduced. */
#include "ledger/exact.h"

enum { WIDE = 2 * EXACT_WORDS };

static int top(const uint64_t *w, int count)
{
    while (count > 0 && w[count - 1] == 0)
        count--;
    return count;
}

static void multiply(const uint64_t *a, const uint64_t *b, uint64_t out[WIDE])
{
    int m = top(a, EXACT_WORDS), n = top(b, EXACT_WORDS);
    memset(out, 0, WIDE * sizeof *out);
    for (int i = 0; i < m; i++) {
        uint64_t carry = 0;
        for (int k = 0; k < n; k++) {
            uint128 v = (uint128)a[i] * b[k] + out[i + k] + carry;
            out[i + k] = (uint64_t)v;
            carry = (uint64_t)(v >> 64);
        }
        out[i + n] = carry;
    }
}

static int compare(const uint64_t *a, const uint64_t *b, int count)
{
    for (int i = count - 1; i >= 0; i--)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static enum code narrow(const uint64_t wide[WIDE], uint64_t *out, struct error *e)
{
    if (top(wide, WIDE) > EXACT_WORDS)
        return fail(e, ERR_LIMIT, "a number on the way leaves 1,024 bits");
    memcpy(out, wide, EXACT_WORDS * sizeof *out);
    return OK;
}

static void words_of(int128 v, uint64_t out[EXACT_WORDS])
{
    uint128 size = v < 0 ? 0 - (uint128)v : (uint128)v;
    memset(out, 0, EXACT_WORDS * sizeof *out);
    out[0] = (uint64_t)size;
    out[1] = (uint64_t)(size >> 64);
}

void exact_set(struct exact *x, struct rational r)
{
    x->negative = r.n < 0;
    words_of(r.n, x->n);
    words_of(r.d, x->d);
}

enum code exact_times(struct exact *x, struct rational r, struct error *e)
{
    uint64_t wide[WIDE], other[EXACT_WORDS];
    words_of(r.n, other);
    multiply(x->n, other, wide);
    TRY(narrow(wide, x->n, e));
    words_of(r.d, other);
    multiply(x->d, other, wide);
    TRY(narrow(wide, x->d, e));
    x->negative = top(x->n, EXACT_WORDS) && x->negative != (r.n < 0);
    return OK;
}

static bool add_words(uint64_t *a, const uint64_t *b, int count)
{
    uint64_t carry = 0;
    for (int i = 0; i < count; i++) {
        uint128 v = (uint128)a[i] + b[i] + carry;
        a[i] = (uint64_t)v;
        carry = (uint64_t)(v >> 64);
    }
    return carry == 0;
}

/* a -= b, where a is not below b */
static void take_words(uint64_t *a, const uint64_t *b, int count)
{
    uint64_t borrow = 0;
    for (int i = 0; i < count; i++) {
        uint128 v = (uint128)a[i] - b[i] - borrow;
        a[i] = (uint64_t)v;
        borrow = (uint64_t)(v >> 64) ? 1 : 0;
    }
}

enum code exact_add(struct exact *x, const struct exact *y, struct error *e)
{
    uint64_t a[WIDE], b[WIDE], d[WIDE];
    bool same_line = compare(x->d, y->d, EXACT_WORDS) == 0;
    if (same_line) {
        memset(a, 0, sizeof a);
        memset(b, 0, sizeof b);
        memset(d, 0, sizeof d);
        memcpy(a, x->n, sizeof x->n);
        memcpy(b, y->n, sizeof y->n);
        memcpy(d, x->d, sizeof x->d);
    } else {
        multiply(x->n, y->d, a);
        multiply(y->n, x->d, b);
        multiply(x->d, y->d, d);
    }
    bool negative = x->negative;
    if (x->negative == y->negative) {
        if (!add_words(a, b, WIDE))
            return fail(e, ERR_LIMIT, "a number on the way leaves 1,024 bits");
    } else if (compare(a, b, WIDE) >= 0) {
        take_words(a, b, WIDE);
    } else {
        take_words(b, a, WIDE);
        memcpy(a, b, sizeof a);
        negative = y->negative;
    }
    TRY(narrow(a, x->n, e));
    TRY(narrow(d, x->d, e));
    x->negative = negative && top(x->n, EXACT_WORDS);
    return OK;
}

int exact_compare(const struct exact *x, const struct exact *y)
{
    uint64_t a[WIDE], b[WIDE];
    if (x->negative != y->negative)
        return x->negative ? -1 : 1;
    multiply(x->n, y->d, a);
    multiply(y->n, x->d, b);
    int order = compare(a, b, WIDE);
    return x->negative ? -order : order;
}

/* The largest q with q * d <= n, bit by bit. */
enum code exact_whole(const struct exact *x, int64_t *out, struct error *e)
{
    uint64_t q = 0, factor[EXACT_WORDS] = { 0 }, product[WIDE], n[WIDE] = { 0 };
    memcpy(n, x->n, sizeof x->n);
    factor[0] = UINT64_C(1) << 63;
    multiply(x->d, factor, product);
    if (compare(product, n, WIDE) <= 0)
        return fail(e, ERR_LIMIT, "an amount leaves 64 bits");
    for (int bit = 62; bit >= 0; bit--) {
        factor[0] = q | UINT64_C(1) << bit;
        multiply(x->d, factor, product);
        if (compare(product, n, WIDE) <= 0)
            q = factor[0];
    }
    *out = x->negative ? -(int64_t)q : (int64_t)q;
    return OK;
}
