/* SPDX-License-Identifier: Apache-2.0 */
/* "pay": a fee on one line, or a block of them. */
#include "licence/terms_inside.h"

enum { RATE_PLACES = 8 }; /* decimals of a rate beyond the minor unit */

static enum code read_span(struct terms_reader *r, enum terms_span *out)
{
    if (token_take(r, "once")) {
        *out = SPAN_ONCE;
        return OK;
    }
    if (token_take(r, "for")) {
        *out = SPAN_TERM;
        return read_phrase(r, "the term");
    }
    return terms_expected(r, "\"once\", \"a month\", \"a quarter\", \"a year\", \"for the term\", "
                             "\"a play\" or \"a subscriber\"");
}

static enum code read_unit(struct terms_reader *r, struct fee *f)
{
    static const struct {
        const char *word;
        enum fee_kind kind;
        enum terms_span span;
    } units[] = {
        { "month", FEE_FLAT, SPAN_MONTH },
        { "quarter", FEE_FLAT, SPAN_QUARTER },
        { "year", FEE_FLAT, SPAN_YEAR },
        { "play", FEE_PLAY, SPAN_ONCE },
        { "subscriber", FEE_SUBSCRIBER, SPAN_ONCE },
    };
    f->kind = FEE_FLAT;
    if (!token_take(r, "a"))
        return read_span(r, &f->span);
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (token_take(r, units[i].word)) {
            f->kind = units[i].kind;
            f->span = units[i].span;
            return OK;
        }
    return terms_expected(r, "\"month\", \"quarter\", \"year\", \"play\" or \"subscriber\"");
}

/* "in free", "in territories DE, FR", both */
static enum code read_filters(struct terms_reader *r, struct fee *f)
{
    bool models = false, where = false;
    while (token_is(r, "in")) {
        struct terms_place at = r->token.at;
        if (f->kind == FEE_FLAT)
            return terms_problem(r, at, "a flat sum is not for a model or a territory alone");
        terms_next(r);
        if (token_is(r, "territories")) {
            terms_next(r);
            if (where)
                return terms_problem(r, at, "territories stand twice");
            where = true;
            TRY(read_territories(r, &f->where));
        } else {
            if (models)
                return terms_problem(r, at, "models stand twice");
            models = true;
            TRY(read_models(r, &f->models));
        }
    }
    return OK;
}

/* "to each" or "to all", of a fee or a block that stands in no block */
static enum code read_payees(struct terms_reader *r, int depth, struct fee *f)
{
    if (depth == 0 && token_take(r, "to")) {
        if (token_take(r, "all"))
            f->to_all = true;
        else if (!token_take(r, "each"))
            return terms_expected(r, "\"each\" or \"all\"");
        return OK;
    }
    if (depth == 0 && f->kind == FEE_FLAT && r->t->licensors.count > 1)
        return terms_expected(r, "\"to each\" or \"to all\" (there are several licensors)");
    return OK;
}

static enum code read_tail(struct terms_reader *r, int depth, struct fee *f)
{
    TRY(read_filters(r, f));
    if (token_is(r, "by")) {
        if (f->kind != FEE_REVENUE && f->kind != FEE_SUBSCRIBER)
            return terms_problem(r, r->token.at,
                                 "only revenue and subscribers are taken by share of plays");
        f->by_share = true;
        TRY(read_phrase(r, "by share of plays"));
    }
    return read_payees(r, depth, f);
}

static enum code read_block(struct terms_reader *r, int depth, struct fee *f)
{
    struct terms_place at = f->at;
    if (depth == TERMS_DEPTH_MOST)
        return terms_problem(r, at, "expected at most %d blocks in blocks", TERMS_DEPTH_MOST);
    while (true) {
        while (r->token.kind == TOKEN_LINE)
            terms_next(r);
        if (r->token.kind == TOKEN_END)
            return terms_problem(r, at, "expected \"end\" behind this block");
        if (token_take(r, "end"))
            break;
        struct fee part;
        TRY(read_fee(r, depth + 1, &part));
        if (r->token.kind != TOKEN_LINE && r->token.kind != TOKEN_END)
            return terms_expected(r, "the end of the line");
        struct fee *parts = (struct fee *)f->parts;
        ONE_MORE(r, "fee", parts, f->part_count);
        parts[f->part_count++] = part;
        f->parts = parts;
    }
    return f->part_count ? OK : terms_problem(r, at, "expected at least one fee in the block");
}

enum code read_fee(struct terms_reader *r, int depth, struct fee *out)
{
    static const struct {
        const char *word;
        enum fee_kind kind;
    } blocks[] = { { "greatest", FEE_GREATEST }, { "least", FEE_LEAST }, { "sum", FEE_SUM } };
    struct fee f = { .at = r->token.at,
                     .rate = rational_of(0),
                     .models = MODELS_ALL,
                     .where = territory_set_world() };
    if (token_take(r, "the")) {
        for (size_t i = 0; i < COUNT_OF(blocks); i++)
            if (token_take(r, blocks[i].word)) {
                f.kind = blocks[i].kind;
                TRY(read_word(r, "of"));
                TRY(read_block(r, depth, &f));
                TRY(read_payees(r, depth, &f));
                *out = f;
                return OK;
            }
        return terms_expected(r, "\"greatest of\", \"least of\" or \"sum of\"");
    }
    if (r->token.kind == TOKEN_WORD && r->token.s.length && r->token.s.at[0] >= '0' &&
        r->token.s.at[0] <= '9') {
        f.kind = FEE_REVENUE;
        TRY(read_percent(r, &f.rate));
        TRY(read_phrase(r, "of revenue"));
    } else {
        struct error why;
        struct currency c;
        int64_t whole;
        if (r->token.kind != TOKEN_WORD || currency_find(r->token.s, &c, &why) != OK)
            return terms_expected(r, "a fee: an amount, a part of revenue, or \"the greatest of\"");
        TRY(read_money(r, RATE_PLACES, &f.rate));
        TRY(read_unit(r, &f));
        if (f.kind == FEE_FLAT && (rational_floor(f.rate, &whole, &why) != OK || f.rate.d != 1))
            return terms_problem(r, f.at, "expected whole minor units of %s", c.code);
    }
    TRY(read_tail(r, depth, &f));
    *out = f;
    return OK;
}
