/* SPDX-License-Identifier: Apache-2.0 */
/* The events of every figure of a report, in one piece of bytes: docs/formats/reports.md. */
#include <stdlib.h>

#include "desk/report.h"

enum { MASK_BYTES = 32, FIGURES_MOST = 8 * MASK_BYTES };
static const char first_line[] = "licet figures 1\n";

/* An event that counts `weight` times in the figures of `mask`. */
struct entry {
    int64_t seq, weight;
    uint8_t mask[MASK_BYTES];
};
struct entries {
    struct entry *list;
    size_t count, room, first; /* first: of the record at hand */
    bool failed;
};

static struct entry *entry_of(struct entries *x, int64_t seq, int64_t weight)
{
    for (size_t i = x->first; i < x->count; i++)
        if (x->list[i].seq == seq && x->list[i].weight == weight)
            return &x->list[i];
    if (x->count == x->room) {
        size_t room = x->room ? 2 * x->room : 1024;
        struct entry *more = realloc(x->list, room * sizeof *more);
        if (!more) {
            x->failed = true;
            return NULL;
        }
        x->list = more;
        x->room = room;
    }
    struct entry *n = &x->list[x->count++];
    *n = (struct entry) { .seq = seq, .weight = weight };
    return n;
}

static int by_seq(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight);
}

/* A case and the complaint about it may be told by one event. */
static void merge(struct entries *x)
{
    size_t kept = 0;
    qsort(x->list, x->count, sizeof *x->list, by_seq);
    for (size_t i = 0; i < x->count; i++) {
        struct entry *last = kept ? &x->list[kept - 1] : NULL;
        if (!last || last->seq != x->list[i].seq || last->weight != x->list[i].weight) {
            x->list[kept++] = x->list[i];
            continue;
        }
        for (size_t b = 0; b < MASK_BYTES; b++)
            last->mask[b] |= x->list[i].mask[b];
    }
    x->count = kept;
}

static void put_varint(struct buf *out, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        buf_byte(out, (uint8_t)(n | 0x80));
    buf_byte(out, (uint8_t)n);
}

static void write_all(const struct entries *x, struct buf *out)
{
    size_t bytes = (desk_figure_count + 7) / 8;
    int64_t before = 0;
    buf_text(out, first_line);
    put_varint(out, desk_figure_count);
    for (size_t i = 0; i < desk_figure_count; i++)
        buf_put(out, desk_figures[i].name, strlen(desk_figures[i].name) + 1);
    for (size_t i = 0; i < x->count; i++) {
        const struct entry *n = &x->list[i];
        put_varint(out, (uint64_t)(n->seq - before));
        put_varint(out, (uint64_t)n->weight);
        buf_put(out, n->mask, bytes);
        before = n->seq;
    }
}

enum code desk_expand_write(const struct scan *s, struct buf *out, struct error *e)
{
    struct entries x = { .list = NULL };
    for (int of = OF_NOTICES; of <= OF_MARKS; of++)
        for (size_t n = 0; n < desk_figure_records(s, (enum figure_of)of); n++) {
            x.first = x.count;
            for (size_t i = 0; i < desk_figure_count && !x.failed; i++) {
                int64_t seq, weight;
                if ((int)desk_figures[i].of != of)
                    continue;
                desk_figure_of_record(s, &desk_figures[i], n, &seq, &weight);
                struct entry *t = weight ? entry_of(&x, seq, weight) : NULL;
                if (t)
                    t->mask[i / 8] |= (uint8_t)(1u << i % 8);
            }
        }
    if (!x.failed) {
        merge(&x);
        write_all(&x, out);
    }
    free(x.list);
    return x.failed || out->failed ? fail(e, ERR_MEMORY, "no memory for the events of figures")
                                   : OK;
}

/* ---- reading ---- */

static bool take_varint(struct str *rest, uint64_t *out)
{
    *out = 0;
    for (int shift = 0; shift < 63 && rest->length; shift += 7) {
        uint8_t byte = (uint8_t)*rest->at++;
        rest->length--;
        *out |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* The place of the figure in the masks, by its name as it was then; -1: there was none. */
static bool find_figure(struct str *rest, struct str figure, uint64_t count, int64_t *place)
{
    *place = -1;
    for (uint64_t i = 0; i < count; i++) {
        const char *end = rest->length ? memchr(rest->at, 0, rest->length) : NULL;
        if (!end)
            return false;
        struct str name = { rest->at, (size_t)(end - rest->at) };
        if (str_equal(name, figure))
            *place = (int64_t)i;
        rest->length -= name.length + 1;
        rest->at = end + 1;
    }
    return true;
}

enum code desk_expand_read(struct str bytes, struct str figure, int64_t after, size_t limit,
                           struct expanded *out, size_t *count, struct error *e)
{
    uint64_t figures, step, weight;
    int64_t place, seq = 0;
    *count = 0;
    if (!str_starts(bytes, first_line))
        return fail(e, ERR_CORRUPT, "these are no events of figures");
    bytes.at += sizeof first_line - 1;
    bytes.length -= sizeof first_line - 1;
    if (!take_varint(&bytes, &figures) || figures > FIGURES_MOST ||
        !find_figure(&bytes, figure, figures, &place))
        return fail(e, ERR_CORRUPT, "the events of figures are damaged");
    if (place < 0)
        return fail(e, ERR_NOT_FOUND, "this report has no figure of that name");
    size_t mask = (figures + 7) / 8;
    while (bytes.length && *count < limit) {
        if (!take_varint(&bytes, &step) || !take_varint(&bytes, &weight) || bytes.length < mask)
            return fail(e, ERR_CORRUPT, "the events of figures are damaged");
        seq += (int64_t)step;
        bool counts = (uint8_t)bytes.at[place / 8] >> place % 8 & 1;
        bytes.at += mask;
        bytes.length -= mask;
        if (counts && seq > after)
            out[(*count)++] = (struct expanded) { seq, (int64_t)weight };
    }
    return OK;
}
