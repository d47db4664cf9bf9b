/* SPDX-License-Identifier: Apache-2.0 */
/* Bargains window by window, from the first day of each. */
#include <stdio.h>

#include "ledger/pricing.h"

#define MEMBER(name, word, due) [name] = word,
static const char *const kind_words[LINE_KIND_COUNT] = { LINE_KINDS(MEMBER) };
#undef MEMBER
#define MEMBER(name, word, due) [name] = due,
static const bool kind_dues[LINE_KIND_COUNT] = { LINE_KINDS(MEMBER) };
#undef MEMBER

const char *line_kind_word(enum line_kind k)
{
    return kind_words[k];
}

bool line_is_due(enum line_kind k)
{
    return kind_dues[k];
}

bool line_is_payable(enum line_kind k)
{
    return k <= LINE_RELEASED;
}

enum code put_line(struct pricing *p, const struct scope *s, uint32_t licensor,
                   const struct window *w, enum line_kind kind, struct terms_place at,
                   const struct fee *fee, int64_t minor)
{
    if (p->line_count == p->line_room) {
        size_t room = p->line_room ? 2 * p->line_room : 64;
        struct price_line *lines = arena_try(p->a, room, sizeof *lines);
        if (!lines)
            return fail(p->e, ERR_MEMORY, "no memory for %zu lines", room);
        if (p->line_count)
            memcpy(lines, p->lines, p->line_count * sizeof *lines);
        p->lines = lines;
        p->line_room = room;
    }
    p->lines[p->line_count++] = (struct price_line) { s->number, licensor, w->from, w->until,
                                                      kind,      at,       fee,     minor };
    return OK;
}

void put_note(struct pricing *p, const char *format, ...)
{
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    for (size_t i = 0; i < p->note_count; i++)
        if (strcmp(p->notes[i], text) == 0)
            return; /* said for an earlier window */
    if (p->note_count == p->note_room) {
        size_t room = p->note_room ? 2 * p->note_room : 16;
        const char **notes = ARENA_ARRAY(p->a, const char *, room);
        if (p->note_count)
            memcpy(notes, p->notes, p->note_count * sizeof *notes);
        p->notes = notes;
        p->note_room = room;
    }
    p->notes[p->note_count++] = str_copy(p->a, str_of(text));
}

static enum code fees(struct pricing *p, struct scope *s, struct window *w)
{
    int64_t *parts = ARENA_ARRAY(p->a, int64_t, s->licensors);
    for (size_t i = 0; i < s->t->fee_count; i++) {
        const struct fee *f = &s->t->fees[i];
        int64_t minor;
        if (f->to_all) {
            TRY(fee_whole(p, s, w, f, WHO_ALL, &minor));
            TRY(split_sum(p, s, w, minor, parts));
        }
        for (size_t k = 0; k < s->licensors; k++) {
            if (!f->to_all)
                TRY(fee_whole(p, s, w, f, (int)k, &parts[k]));
            TRY(put_line(p, s, (uint32_t)k, w, LINE_FEE, f->at, f, parts[k]));
            if (__builtin_add_overflow(w->dues[k], parts[k], &w->dues[k]))
                return fail(p->e, ERR_LIMIT, "line %u: an amount leaves 64 bits", f->at.line);
        }
    }
    return OK;
}

static enum code run_window(struct pricing *p, struct scope *s, struct window *w)
{
    w->dues = ARENA_ARRAY(p->a, int64_t, s->licensors);
    TRY(leaves_raise(p, w->from, w->until));
    TRY(fees(p, s, w));
    return account_window(p, s, w);
}

static enum code cuts(const struct pricing *p, const struct scope *s, const struct window *w)
{
    char from[INSTANT_TEXT], last[INSTANT_TEXT];
    return fail(p->e, ERR_INVALID,
                "%s: the period cuts the accounting %s of %s through %s: take whole ones",
                s->t->title, terms_span_word(s->t->accounting), day_format(w->from, from),
                day_format((struct day) { w->until.number - 1 }, last));
}

/* Windows of earlier periods are run for what they leave to later ones; their lines are dropped. */
static enum code run_one(struct pricing *p, struct scope *s, struct window *w, bool after)
{
    size_t lines = p->line_count, notes = p->note_count;
    if (w->until.number > p->in->until.number && !p->in->cut)
        return cuts(p, s, w);
    if (w->until.number > p->in->until.number)
        w->until = p->in->until;
    TRY(after ? account_after(p, s, w) : run_window(p, s, w));
    if (w->until.number <= p->in->from.number) {
        p->line_count = lines;
        p->note_count = notes;
    } else if (w->from.number < p->in->from.number && !p->in->cut) {
        return cuts(p, s, w);
    }
    return OK;
}

static enum code run_bargain(struct pricing *p, struct scope *s)
{
    static const int64_t months[SPAN_COUNT] = {
        [SPAN_MONTH] = 1, [SPAN_QUARTER] = 3, [SPAN_YEAR] = 12
    };
    const struct terms *t = s->t;
    struct window w;
    struct day end = t->from;
    int64_t n = 0;
    for (; terms_window(t, t->accounting, n, &w.from, &w.until); n++) {
        if (w.from.number >= p->in->until.number)
            return OK;
        if (w.until.number > t->until.number)
            w.until = t->until;
        end = w.until;
        TRY(run_one(p, s, &w, false));
    }
    /* the first one behind the last day is what that has cut off a window, if it did */
    for (n = n ? n : 1; account_is_open(s); n++) {
        w.from = end;
        w.until = day_months_later(t->from, n * months[t->accounting]);
        if (w.until.number <= end.number)
            continue;
        if (w.from.number >= p->in->until.number ||
            (w.until.number > p->in->until.number && !p->in->cut))
            return OK;
        end = w.until;
        TRY(run_one(p, s, &w, true));
    }
    return OK;
}

enum code price_run(const struct price_input *in, struct arena *a, struct price *out,
                    struct error *e)
{
    struct pricing p = { .in = in, .a = a, .e = e };
    if (in->until.number <= in->from.number || in->until.number - in->from.number > 366 * 100)
        return fail(e, ERR_INVALID, "the period is empty, or longer than a hundred years");
    TRY(scopes_make(&p));
    TRY(leaves_make(&p));
    for (size_t b = 0; b < in->bargain_count; b++)
        if (!in->only || b == in->only - 1)
            TRY(run_bargain(&p, &p.scopes[b]));
    *out = (struct price) { p.lines, p.line_count, p.notes, p.note_count };
    return OK;
}

enum code price_sum(const struct price *p, uint32_t bargain, uint32_t licensor, bool due,
                    int64_t *out, struct error *e)
{
    int64_t sum = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct price_line *l = &p->lines[i];
        if (l->bargain != bargain || l->licensor == LICENSOR_NONE ||
            (licensor != LICENSOR_NONE && l->licensor != licensor) ||
            !(due ? line_is_due(l->kind) : line_is_payable(l->kind)))
            continue;
        if (__builtin_add_overflow(sum, l->minor, &sum))
            return fail(e, ERR_LIMIT, "the sum of the lines leaves 64 bits");
    }
    *out = sum;
    return OK;
}
