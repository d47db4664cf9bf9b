/* SPDX-License-Identifier: Apache-2.0 */
/* An explained line, as JSON and as words. */
#include "flow/flow.h"

static void put_e8(struct json_out *o, const char *name, int128 e8)
{
    BUF(text);
    int128_format(e8, &text);
    json_str(o, name, buf_as_str(&text));
}

static void put_rational(struct json_out *o, const char *name, struct rational r)
{
    BUF(text);
    rational_format(r, &text);
    json_str(o, name, buf_as_str(&text));
}

static void put_step(const struct line_explained *x, const struct fee_step *s, bool whole,
                     struct json_out *o)
{
    BUF(words);
    fee_format(s->fee, x->currency, x->licensors, &words);
    json_begin(o, '{');
    json_int(o, "clause_line", s->fee->at.line);
    json_int(o, "depth", s->depth);
    json_str(o, "fee", buf_as_str(&words));
    if (s->fee->kind < FEE_GREATEST)
        put_rational(o, "rate", s->rate);
    json_bool(o, "raised", s->raised_by != NULL);
    if (whole)
        json_text(o, "raised_by", s->raised_by);
    if (s->figured)
        put_rational(o, s->fee->kind == FEE_REVENUE ? "revenue" : "subscribers", s->figures);
    if (s->weighed) {
        put_e8(o, "plays_e8", s->own_e8);
        put_e8(o, "whole_e8", s->whole_e8);
    }
    json_int(o, "amount", s->minor);
    json_bool(o, "counts", s->counts);
    json_end(o, '}');
}

static void put_plays(const struct line_explained *x, struct json_out *o)
{
    char text[INSTANT_TEXT];
    json_key(o, "batches");
    json_begin(o, '[');
    for (size_t i = 0; i < x->batch_count; i++) {
        json_begin(o, '{');
        json_text(o, "producer", x->batches[i].producer);
        json_int(o, "sequence", x->batches[i].sequence);
        json_int(o, "plays", x->batches[i].plays);
        json_int(o, "shares_e8", x->batches[i].shares_e8);
        json_instant(o, "first", x->batches[i].first);
        json_instant(o, "last", x->batches[i].last);
        json_end(o, '}');
    }
    json_end(o, ']');
    json_key(o, "days");
    json_begin(o, '[');
    for (size_t i = 0; i < x->day_count; i++) {
        json_begin(o, '{');
        json_text(o, "day", day_format(x->days[i].day, text));
        json_int(o, "plays", x->days[i].plays);
        json_int(o, "shares_e8", x->days[i].shares_e8);
        json_end(o, '}');
    }
    json_end(o, ']');
    json_int(o, "plays_in_batches", x->batch_plays);
}

static void put_clause(const struct line_explained *x, struct json_out *o)
{
    json_key(o, "clause");
    json_begin(o, '{');
    json_text(o, "deal", x->deal);
    json_int(o, "offer", x->offer);
    json_text(o, "terms", x->terms_title);
    json_text(o, "terms_hash", x->terms_hash);
    json_int(o, "line", x->line.clause);
    json_text(o, "text", x->clause);
    json_end(o, '}');
}

static void put_line(const struct line_explained *x, struct json_out *o)
{
    const struct statement_line *l = &x->line;
    char id[ID_TEXT], text[INSTANT_TEXT];
    bool recording = !recording_id_is_none(l->recording);
    const char *model = statement_line_model(l);
    json_text(o, "statement", statement_id_format(x->statement.id, id));
    json_text(o, "licensor", x->licensor);
    json_int(o, "line", (int64_t)x->number);
    json_text(o, "kind", line_kind_word(l->kind));
    json_text(o, "from", day_format(l->from, text));
    json_text(o, "through", day_format((struct day) { l->until.number - 1 }, text));
    json_text(o, "recording", recording ? recording_id_format(l->recording, id) : NULL);
    json_text(o, "territory",
              territory_is_known(l->territory) ? territory_code(l->territory) : NULL);
    json_text(o, "model", model[0] ? model : NULL);
    json_int(o, "plays", l->touched);
    json_int(o, "plays_e8", l->plays_e8);
    json_text(o, "currency", x->currency->code);
    json_int(o, "amount", l->minor);
    json_int(o, "stated_before", x->stated_before);
}

void line_explained_json(const struct line_explained *x, bool whole, struct json_out *o)
{
    json_begin(o, '{');
    put_line(x, o);
    put_clause(x, o);
    if (x->has_fee) {
        json_key(o, "fee");
        json_begin(o, '{');
        json_int(o, "amount", x->fee_minor);
        json_key(o, "steps");
        json_begin(o, '[');
        for (size_t i = 0; i < x->step_count; i++)
            put_step(x, &x->steps[i], whole, o);
        json_end(o, ']');
        json_int(o, "plays_e8", x->weight_e8);
        json_int(o, "of_plays_e8", x->weights_e8);
        json_end(o, '}');
        put_plays(x, o);
    }
    json_key(o, "close");
    ledger_close_json(&x->inputs, whole, o);
    json_end(o, '}');
}

void recomputed_json(const struct recomputed *x, bool whole, struct json_out *o)
{
    char id[ID_TEXT];
    json_begin(o, '{');
    json_text(o, "statement", statement_id_format(x->statement.id, id));
    json_bool(o, "same", x->same);
    json_bool(o, "plays_same", x->plays_same);
    json_text(o, "hash", x->statement.hash);
    json_text(o, "hash_again", x->again.hash);
    json_int(o, "due", x->statement.due);
    json_int(o, "due_again", x->again.due);
    json_int(o, "payable", x->statement.payable);
    json_int(o, "payable_again", x->again.payable);
    json_key(o, "close");
    ledger_close_json(&x->inputs, whole, o);
    json_end(o, '}');
}

/* ---- words ---------------------------------------------------------------------------------------- */

static void say_money(const struct line_explained *x, int64_t minor, struct buf *out)
{
    char text[40];
    buf_text(out, money_format((struct money) { minor, *x->currency }, text));
}

static void say_plays(int128 e8, struct buf *out)
{
    struct rational r;
    struct error ignored;
    if (rational_make(e8, SHARE_WHOLE_E8, &r, &ignored) == OK)
        rational_format(r, out);
}

static void say_step(const struct line_explained *x, const struct fee_step *s, struct buf *out)
{
    BUF(words);
    fee_format(s->fee, x->currency, x->licensors, &words);
    struct str rest = buf_as_str(&words), first;
    if (!str_split(&rest, '\n', &first))
        first = STR("");
    buf_format(out, "  %*s%s line %u: %.*s = ", (int)(2 * s->depth), "", s->counts ? "*" : "-",
               s->fee->at.line, STR_ARG(first));
    say_money(x, s->minor, out);
    if (s->figured && s->fee->kind == FEE_REVENUE) {
        buf_text(out, "; revenue ");
        BUF(figure);
        struct rational scale = rational_of(1), shown;
        struct error ignored;
        for (int i = 0; i < x->currency->places; i++)
            scale.d *= 10;
        if (rational_multiply(s->figures, scale, &shown, &ignored) == OK)
            rational_format(shown, &figure);
        buf_format(out, "%s %.*s", x->currency->code, STR_ARG(buf_as_str(&figure)));
    } else if (s->figured) {
        buf_text(out, "; subscribers ");
        rational_format(s->figures, out);
    }
    if (s->weighed) {
        buf_text(out, "; plays ");
        say_plays(s->own_e8, out);
        if (s->fee->kind != FEE_PLAY) {
            buf_text(out, " of ");
            say_plays(s->whole_e8, out);
        }
    }
    if (s->raised_by) {
        buf_text(out, "; rate ");
        rational_format(s->rate, out);
        buf_format(out, " as in \"%s\" (most favoured)", s->raised_by);
    }
    buf_byte(out, '\n');
}

static void say_split(const struct line_explained *x, struct buf *out)
{
    int128 product = (int128)x->fee_minor * x->weight_e8;
    if (x->weights_e8 == 0 || recording_id_is_none(x->line.recording))
        return;
    buf_text(out, "split: ");
    say_money(x, x->fee_minor, out);
    buf_text(out, " * ");
    say_plays(x->weight_e8, out);
    buf_text(out, " / ");
    say_plays(x->weights_e8, out);
    buf_text(out, " = ");
    say_money(x, (int64_t)(product / x->weights_e8), out);
    buf_text(out, product % x->weights_e8
                      ? " and a part of a unit; what is left goes to the largest "
                        "parts, one unit each\n"
                      : "\n");
}

static void say_batches(const struct line_explained *x, struct buf *out)
{
    char first[INSTANT_TEXT], last[INSTANT_TEXT];
    for (size_t i = 0; i < x->day_count; i++) {
        buf_format(out, "  %s: plays %lld, shares ", day_format(x->days[i].day, first),
                   (long long)x->days[i].plays);
        say_plays(x->days[i].shares_e8, out);
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < x->batch_count; i++)
        buf_format(out, "  batch %lld of %s: plays %lld, %s to %s\n",
                   (long long)x->batches[i].sequence, x->batches[i].producer,
                   (long long)x->batches[i].plays, instant_format(x->batches[i].first, first),
                   instant_format(x->batches[i].last, last));
    int64_t others = x->line.touched - x->batch_plays;
    if (x->statement.number == 1 && others > 0)
        buf_format(out, "  told one by one: plays %lld\n", (long long)others);
    if (x->statement.number == 1 && others < 0)
        buf_format(out, "  left out by the filter: plays %lld\n", (long long)-others);
}

void line_explained_text(const struct line_explained *x, struct buf *out)
{
    const struct statement_line *l = &x->line;
    char id[ID_TEXT], text[INSTANT_TEXT], closed[INSTANT_TEXT];
    bool recording = !recording_id_is_none(l->recording);
    buf_format(out, "line %zu of %zu, %s: ", x->number, x->line_count, line_kind_word(l->kind));
    say_money(x, l->minor, out);
    buf_format(out, " to %s for %s through ", x->licensor, day_format(l->from, text));
    buf_format(out, "%s\n", day_format((struct day) { l->until.number - 1 }, text));
    if (recording) {
        buf_format(out, "%s in %s, %s: plays %lld, shares ", recording_id_format(l->recording, id),
                   territory_code(l->territory), statement_line_model(l), (long long)l->touched);
        say_plays(l->plays_e8, out);
        buf_byte(out, '\n');
    }
    if (x->statement.number > 1) {
        buf_text(out, "a difference: ");
        say_money(x, x->stated_before, out);
        buf_text(out, " was stated before\n");
    }
    buf_format(out, "clause: \"%s\", offer %lld of %s, terms %s, line %u\n", x->terms_title,
               (long long)x->offer, x->deal, x->terms_hash, l->clause);
    struct str clause = str_of(x->clause), line;
    while (str_split(&clause, '\n', &line))
        buf_format(out, "  | %.*s\n", STR_ARG(line));
    if (x->has_fee) {
        buf_text(out, "fee of the window: ");
        say_money(x, x->fee_minor, out);
        if (x->step_count && x->steps[0].fee->to_all && x->licensors > 1) {
            buf_text(out, ", the licensor's part of ");
            say_money(x, x->steps[0].minor, out);
        }
        buf_byte(out, '\n');
        for (size_t i = 0; i < x->step_count; i++)
            say_step(x, &x->steps[i], out);
        say_split(x, out);
        say_batches(x, out);
    }
    buf_format(
        out,
        "computed from %lld batches with %lld plays, and claims, as known at %s; over-claimed: "
        "%s\n",
        (long long)x->inputs.read.batches, (long long)x->inputs.read.plays,
        instant_format(x->inputs.closed, closed), over_rule_word(x->inputs.rule));
}
