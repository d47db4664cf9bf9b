/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and the page to print. */
#include "ledger/report.h"

/* The clause's first line in the text. */
static struct str clause_text(struct str terms, uint32_t number)
{
    struct str line = STR("");
    for (uint32_t n = 0; n < number; n++)
        if (!str_split(&terms, '\n', &line))
            return STR("");
    return str_trim(line);
}

static void put_minor(int64_t minor, struct currency c, struct buf *out)
{
    char text[40];
    buf_text(out, strchr(money_format((struct money) { minor, c }, text), ' ') + 1);
}

static void put_plays(int64_t plays_e8, struct buf *out)
{
    if (plays_e8 < 0) {
        buf_byte(out, '-');
        plays_e8 = -plays_e8;
    }
    e8_format(plays_e8, out);
}

static void put_quoted(struct str s, struct buf *out)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < s.length; i++) {
        if (s.at[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, (uint8_t)s.at[i]);
    }
    buf_byte(out, '"');
}

enum code report_csv(const struct report_input *in, struct buf *out, struct error *e)
{
    char text[INSTANT_TEXT], id[ID_TEXT];
    buf_text(out,
             "kind,from,through,recording,isrc,title,artist,territory,model,plays,currency,amount,"
             "clause_line,clause\r\n");
    for (size_t i = 0; i < in->count; i++) {
        const struct statement_line *l = &in->lines[i];
        struct recording r = { 0 };
        bool whole = recording_id_is_none(l->recording);
        if (!whole)
            TRY(in->recording(in->ctx, l->recording, &r, e));
        buf_format(out, "%s,%s,", line_kind_word(l->kind), day_format(l->from, text));
        buf_format(out, "%s,%s,%s,", day_format((struct day) { l->until.number - 1 }, text),
                   whole ? "" : recording_id_format(l->recording, id), r.isrc ? r.isrc : "");
        put_quoted(str_of(r.title), out);
        buf_byte(out, ',');
        put_quoted(str_of(r.artist), out);
        buf_format(out, ",%s,%s,",
                   territory_is_known(l->territory) ? territory_code(l->territory) : "",
                   statement_line_model(l));
        put_plays(l->plays_e8, out);
        buf_format(out, ",%s,", in->statement->currency.code);
        put_minor(l->minor, in->statement->currency, out);
        buf_format(out, ",%u,", l->clause);
        put_quoted(clause_text(in->terms, l->clause), out);
        buf_text(out, "\r\n");
    }
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}

static void put_html(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.length; i++)
        switch (s.at[i]) {
        case '<':
            buf_text(out, "&lt;");
            break;
        case '&':
            buf_text(out, "&amp;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        default:
            buf_byte(out, (uint8_t)s.at[i]);
        }
}

static void put_head(const struct report_input *in, struct buf *out)
{
    const struct statement *s = in->statement;
    char from[INSTANT_TEXT], last[INSTANT_TEXT], closed[INSTANT_TEXT], id[ID_TEXT], sum[40];
    buf_text(out,
             "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Statement ");
    buf_text(out, statement_id_format(s->id, id));
    buf_text(out,
             "</title><style>body{font:14px/1.4 sans-serif;margin:2em;max-width:70em}table{"
             "border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ccc;padding:3px "
             "6px;text-align:left;vertical-align:top}.n{text-align:right;font-variant-numeric:"
             "tabular-nums}@page{size:A4;margin:15mm}@media print{body{margin:0}thead{display:"
             "table-header-group}tr{break-inside:avoid}}</style></head><body>\n<h1>Statement to ");
    put_html(str_of(in->licensor_name), out);
    buf_text(out, "</h1>\n<p>From ");
    put_html(str_of(in->platform_name), out);
    buf_format(out, ", for %s through %s, under ", day_format(s->from, from),
               day_format((struct day) { s->until.number - 1 }, last));
    put_html(str_of(in->deal), out);
    buf_format(out, ". Number %lld%s, closed %s.</p>\n<p>Due: <b>%s</b>.", (long long)s->number,
               s->number > 1 ? " (the difference to what was stated before)" : "",
               instant_format(s->closed, closed),
               money_format((struct money) { s->due, s->currency }, sum));
    buf_format(out, " Payable: <b>%s</b>.</p>\n<p>%s, %s</p>\n",
               money_format((struct money) { s->payable, s->currency }, sum), id, s->hash);
}

/* Sums by kind and clause; the lines down to recordings are in the CSV. */
enum code report_html(const struct report_input *in, struct buf *out, struct error *e)
{
    put_head(in, out);
    buf_text(out, "<table><thead><tr><th>What</th><th>Clause</th><th class=\"n\">Plays</th>"
                  "<th class=\"n\">Lines</th><th class=\"n\">Amount</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < in->count; i++) {
        const struct statement_line *l = &in->lines[i];
        int64_t minor = 0, plays = 0, lines = 0;
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = in->lines[k].kind != l->kind || in->lines[k].clause != l->clause;
        if (!first)
            continue;
        for (size_t k = i; k < in->count; k++)
            if (in->lines[k].kind == l->kind && in->lines[k].clause == l->clause) {
                if (__builtin_add_overflow(minor, in->lines[k].minor, &minor) ||
                    __builtin_add_overflow(plays, in->lines[k].plays_e8, &plays))
                    return fail(e, ERR_LIMIT, "the sum of the lines leaves 64 bits");
                lines++;
            }
        buf_format(out, "<tr><td>%s</td><td>%u: ", line_kind_word(l->kind), l->clause);
        put_html(clause_text(in->terms, l->clause), out);
        buf_text(out, "</td><td class=\"n\">");
        put_plays(plays, out);
        buf_format(out, "</td><td class=\"n\">%lld</td><td class=\"n\">", (long long)lines);
        put_minor(minor, in->statement->currency, out);
        buf_text(out, "</td></tr>\n");
    }
    buf_text(out, "</tbody></table>\n</body></html>\n");
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}
