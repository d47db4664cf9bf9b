/* SPDX-License-Identifier: Apache-2.0 */
/* A line of a statement, traced back to its plays and its clause. */
#include "flow/closing.h"

struct tracing {
    struct closing *x;
    struct line_explained *out;
    struct play_counting *counting;
    struct explained_plays *batches, *days;
    size_t batch_room, day_room;
};

static struct explained_plays *add_row(struct arena *a, struct explained_plays **rows,
                                       size_t *count, size_t *room)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 32;
        struct explained_plays *bigger = ARENA_ARRAY(a, struct explained_plays, more);
        if (*count)
            memcpy(bigger, *rows, *count * sizeof *bigger);
        *rows = bigger;
        *room = more;
    }
    struct explained_plays *row = &(*rows)[(*count)++];
    *row = (struct explained_plays) { .first = INSTANT_NEVER, .last = INSTANT_FIRST };
    return row;
}

static void count_play(struct explained_plays *row, struct instant at, int64_t share_e8)
{
    row->plays++;
    row->shares_e8 += share_e8;
    row->first = at.us < row->first.us ? at : row->first;
    row->last = at.us > row->last.us ? at : row->last;
}

static struct explained_plays *row_of_day(struct tracing *t, struct day day)
{
    size_t i = 0;
    while (i < t->out->day_count && t->days[i].day.number != day.number)
        i++;
    if (i < t->out->day_count)
        return &t->days[i];
    struct explained_plays *row = add_row(t->x->a, &t->days, &t->out->day_count, &t->day_room);
    row->day = day;
    return row;
}

static enum code trace_play(struct tracing *t, const struct batch_play *p,
                            struct explained_plays **batch, const struct batch_kept *b,
                            struct error *e)
{
    const struct statement_line *l = &t->out->line;
    int64_t share, zone_us = (int64_t)t->x->options.zone_minutes * 60 * 1000000;
    if (!recording_id_equal(p->recording, l->recording) ||
        p->territory.index != l->territory.index || l->models != 1u << p->model)
        return OK;
    TRY(play_counting_share(t->counting, t->x->usage.roll, p, &share, e));
    if (share == 0)
        return OK;
    if (!*batch) {
        *batch = add_row(t->x->a, &t->batches, &t->out->batch_count, &t->batch_room);
        (*batch)->producer = str_copy(t->x->a, str_of(b->producer));
        (*batch)->sequence = b->sequence;
    }
    count_play(*batch, p->at, share);
    count_play(row_of_day(t, day_of((struct instant) { p->at.us + zone_us })), p->at, share);
    t->out->batch_plays++;
    t->out->batch_shares_e8 += share;
    return OK;
}

static enum code trace_batch(void *ctx, const struct batch_kept *b, struct error *e)
{
    ARENA(a);
    struct tracing *t = ctx;
    struct batch_play *plays;
    size_t count;
    struct explained_plays *row = NULL;
    TRY(batch_decode(b->bytes, &a, &plays, &count, e));
    for (size_t i = 0; i < count; i++)
        TRY(trace_play(t, &plays[i], &row, b, e));
    return OK;
}

static int by_day(const void *pa, const void *pb)
{
    const struct explained_plays *a = pa, *b = pb;
    return (a->day.number > b->day.number) - (a->day.number < b->day.number);
}

static enum code trace_plays(struct closing *x, const struct price_line *line,
                             struct line_explained *out, struct error *e)
{
    struct tracing t = { .x = x, .out = out };
    int64_t zone_us = (int64_t)x->options.zone_minutes * 60 * 1000000;
    const struct batch_range range = { { day_begin(line->from).us - zone_us },
                                       { day_begin(line->until).us - zone_us },
                                       x->known };
    TRY(play_counting_make(&x->in, line, x->a, &t.counting, e));
    TRY(ledger_batches_each(x->act.tx, x->act.catalogue, &range, &t, trace_batch, e));
    if (out->day_count > 1)
        qsort(t.days, out->day_count, sizeof *t.days, by_day);
    out->batches = t.batches;
    out->days = t.days;
    return OK;
}

/* ---- the clause ----------------------------------------------------------------------------------- */

/* From its first line to the "end" of its block. */
static const char *clause_of(struct str terms, uint32_t number, struct arena *a)
{
    BUF(out);
    struct str line;
    int depth = 0;
    for (uint32_t n = 1; str_split(&terms, '\n', &line); n++) {
        struct str words = str_trim(line);
        if (n < number)
            continue;
        const char *of = memmem(words.at ? words.at : "", words.length, " of", 3);
        struct str head = words.length ? words : STR("");
        const char *comment = memchr(head.at, '#', head.length);
        if (comment)
            head = str_trim((struct str) { head.at, (size_t)(comment - head.at) });
        bool opens = of && head.length > 3 && memcmp(head.at + head.length - 3, " of", 3) == 0;
        bool closes = head.length >= 3 && memcmp(head.at, "end", 3) == 0 &&
                      (head.length == 3 || head.at[3] == ' ');
        depth += opens - closes;
        buf_str(&out, words);
        if (depth <= 0)
            break;
        buf_byte(&out, '\n');
    }
    return str_copy(a, buf_as_str(&out));
}

/* ---- the line ------------------------------------------------------------------------------------- */

static bool same_line(const struct statement_line *a, const struct statement_line *b)
{
    return a->kind == b->kind && a->clause == b->clause && a->from.number == b->from.number &&
           recording_id_equal(a->recording, b->recording) &&
           a->territory.index == b->territory.index && a->models == b->models;
}

static enum code before(struct closing *x, struct line_explained *out, struct error *e)
{
    struct statement *list;
    const struct statement *s = &out->statement;
    size_t n;
    TRY(ledger_statement_of(x->act.tx, x->act.catalogue, s->deal, s->licensor, s->from, s->until,
                            x->a, &list, &n, e));
    for (size_t i = 0; i < n; i++) {
        struct statement_line *lines;
        size_t count;
        if (list[i].number >= s->number)
            continue;
        TRY(ledger_statement_lines(x->act.tx, x->act.catalogue, &list[i], x->a, &lines, &count, e));
        for (size_t k = 0; k < count; k++)
            if (same_line(&lines[k], &out->line))
                out->stated_before += lines[k].minor;
    }
    return OK;
}

/* All that share the fee of a line, by the lines as they are computed now. */
struct weighing {
    const struct price_line *of;
    struct line_explained *out;
};

static enum code weigh_line(void *ctx, const struct statement_line *l, struct error *e)
{
    struct weighing *w = ctx;
    if (l->kind != LINE_FEE || l->clause != w->of->clause.line ||
        l->from.number != w->of->from.number)
        return OK;
    if (same_line(l, &w->out->line))
        w->out->weight_e8 = l->plays_e8;
    return __builtin_add_overflow(w->out->weights_e8, l->plays_e8, &w->out->weights_e8)
               ? fail(e, ERR_LIMIT, "more plays than can be counted")
               : OK;
}

static const struct price_line *line_of(const struct closing *x, size_t own, uint32_t licensor,
                                        const struct statement_line *l)
{
    for (size_t i = 0; i < x->price.count; i++) {
        const struct price_line *p = &x->price.lines[i];
        if (p->bargain == own && p->licensor == licensor && p->kind == l->kind &&
            p->clause.line == l->clause && p->from.number == l->from.number &&
            p->until.number == l->until.number)
            return p;
    }
    return NULL;
}

static enum code explain_fee(struct closing *x, size_t own, uint32_t licensor,
                             struct line_explained *out, struct error *e)
{
    const struct price_line *line = line_of(x, own, licensor, &out->line);
    struct fee_step *steps;
    struct weighing w = { line, out };
    const struct line_sink sink = { &w, weigh_line };
    if (!line || !line->fee)
        return OK;
    out->has_fee = true;
    out->fee_minor = line->minor;
    TRY(price_explain(&x->in, line, x->a, &steps, &out->step_count, e));
    out->steps = steps;
    TRY(closing_lines(x, own, licensor, &sink, e));
    return recording_id_is_none(out->line.recording) ? OK : trace_plays(x, line, out, e);
}

static enum code explain(struct closing *x, struct line_explained *out, struct error *e)
{
    size_t own;
    uint32_t licensor;
    struct deal d;
    struct deal_offer v;
    TRY(closing_again(x, &out->inputs, &out->statement, &own, &licensor, e));
    TRY(deal_get(x->act.tx, x->act.catalogue, out->statement.deal, x->act.now, x->a, &d, e));
    TRY(deal_offer_get(x->act.tx, x->act.catalogue, d.id, x->deals[own].offer, x->a, &v, e));
    const struct terms *t = x->bargains[own].terms;
    out->deal = d.name;
    out->offer = v.number;
    out->licensor = licensor == LICENSOR_NONE ? "-" : t->licensors.items[licensor].text;
    out->terms_title = t->title;
    out->terms_hash = v.hash;
    out->currency = &t->currency;
    out->licensors = t->licensors.count;
    out->clause = clause_of(str_of(v.terms), out->line.clause, x->a);
    TRY(before(x, out, e));
    return explain_fee(x, own, licensor, out, e);
}

enum code flow_line_explain(struct store_tx *tx, struct party_id catalogue, struct statement_id id,
                            size_t line, struct arena *a, struct line_explained *out,
                            struct error *e)
{
    struct closing *x = ARENA_NEW(a, struct closing);
    struct statement_line *lines;
    *out = (struct line_explained) { .number = line };
    TRY(closing_inputs(tx, catalogue, id, a, &out->statement, &out->inputs, e));
    TRY(ledger_statement_lines(tx, catalogue, &out->statement, a, &lines, &out->line_count, e));
    if (line < 1 || line > out->line_count)
        return fail(e, ERR_NOT_FOUND, "the statement has lines 1 to %zu, not %zu", out->line_count,
                    line);
    out->line = lines[line - 1];
    struct close_request r = closing_request(&out->inputs);
    *x = (struct closing) {
        .r = &r,
        .act = { .tx = tx, .catalogue = catalogue, .now = out->inputs.closed },
        .a = a,
        .known = out->inputs.closed,
    };
    enum code code = explain(x, out, e);
    closing_done(x);
    return code;
}
