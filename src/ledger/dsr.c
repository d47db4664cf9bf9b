/* SPDX-License-Identifier: Apache-2.0 */
/* The sales report: records of tab-separated cells, one summary for each territory, one block for
 * each recording, a foot that counts them. docs/formats/dsr.md has the cells. */
#include <stdio.h>

#include "ledger/report.h"

struct dsr {
    const struct report_input *in;
    struct buf *out;
    int64_t lines, summaries, blocks;
    int64_t summary_of[256]; /* territory -> SummaryRecordId */
    bool begun;              /* cells stand on this line */
};

/* Tabs and line ends part cells and records, a bar parts values; a backslash takes that away. */
static void cell(struct dsr *d, struct str s)
{
    if (d->begun)
        buf_byte(d->out, '\t');
    d->begun = true;
    for (size_t i = 0; i < s.length; i++) {
        char c = s.at[i];
        if (c == '|' || c == '\\')
            buf_byte(d->out, '\\');
        buf_byte(d->out, c == '\t' || c == '\n' || c == '\r' ? ' ' : (uint8_t)c);
    }
}

static void text(struct dsr *d, const char *s)
{
    cell(d, str_of(s ? s : ""));
}

static void number(struct dsr *d, int64_t n)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)n);
    text(d, digits);
}

static void amount(struct dsr *d, int64_t minor)
{
    char sum[40];
    text(d,
         strchr(money_format((struct money) { minor, d->in->statement->currency }, sum), ' ') + 1);
}

static void plays(struct dsr *d, int64_t e8)
{
    BUF(b);
    if (e8 < 0)
        buf_byte(&b, '-');
    e8_format(e8 < 0 ? -e8 : e8, &b);
    cell(d, buf_as_str(&b));
}

static void day(struct dsr *d, struct day when)
{
    char date[INSTANT_TEXT];
    text(d, day_format(when, date));
}

static void end(struct dsr *d)
{
    buf_byte(d->out, '\n');
    d->begun = false;
    d->lines++;
}

static void party(struct dsr *d, const char *dpid, const char *slug)
{
    BUF(b);
    if (dpid)
        buf_text(&b, dpid);
    else
        buf_format(&b, "licet::%s", slug);
    cell(d, buf_as_str(&b));
}

static void head(struct dsr *d)
{
    const struct statement *s = d->in->statement;
    char id[ID_TEXT], when[INSTANT_TEXT];
    text(d, "HEAD");
    text(d, "dsrf/UGC/1.2/1.0");
    text(d, "UGC");
    text(d, "1.2");
    text(d, statement_id_format(s->id, id));
    text(d, instant_format(s->closed, when));
    number(d, 1);
    number(d, 1);
    day(d, s->from);
    day(d, (struct day) { s->until.number - 1 });
    party(d, d->in->platform_dpid, d->in->platform);
    text(d, d->in->platform_name);
    text(d, d->in->platform);
    party(d, d->in->licensor_dpid, d->in->licensor);
    text(d, d->in->licensor_name);
    text(d, d->in->licensor);
    end(d);
}

static const char *territory(const struct statement_line *l)
{
    return territory_is_known(l->territory) ? territory_code(l->territory) : "Worldwide";
}

static enum code summary(struct dsr *d, int t, int64_t number_of, struct error *e)
{
    int64_t usages = 0, due = 0;
    const struct statement_line *one = NULL;
    for (size_t i = 0; i < d->in->count; i++) {
        const struct statement_line *l = &d->in->lines[i];
        if (l->territory.index != t || !line_is_due(l->kind))
            continue;
        one = l;
        if (__builtin_add_overflow(usages, l->plays_e8, &usages) ||
            __builtin_add_overflow(due, l->minor, &due))
            return fail(e, ERR_LIMIT, "the sum of a territory leaves 64 bits");
    }
    text(d, "SY02.02");
    number(d, number_of);
    text(d, ""); /* channel */
    text(d, "AdvertisementSupportedModel");
    text(d, "Stream");
    text(d, territory(one));
    text(d, d->in->platform);
    plays(d, usages);
    text(d, ""); /* users */
    text(d, d->in->statement->currency.code);
    amount(d, due);
    text(d, d->in->licensor);
    plays(d, usages);
    amount(d, due);
    amount(d, due);
    text(d, "MakeAvailableRight");
    text(d, "Music");
    text(d, d->in->statement->currency.code);
    text(d, "");
    text(d, "100");
    end(d);
    d->summaries++;
    return OK;
}

static enum code resource(struct dsr *d, const struct statement_line *l, struct error *e)
{
    struct recording r = { 0 };
    char id[ID_TEXT], duration[32];
    bool whole = recording_id_is_none(l->recording);
    if (!whole)
        TRY(d->in->recording(d->in->ctx, l->recording, &r, e));
    d->blocks++;
    text(d, "AS02.02");
    number(d, d->blocks);
    number(d, 1);
    text(d, whole ? "all" : recording_id_format(l->recording, id));
    text(d, r.isrc);
    text(d, whole ? line_kind_word(l->kind) : r.title);
    text(d, r.artist);
    snprintf(duration, sizeof duration, "PT%lldM%lldS", (long long)(r.duration_ms / 60000),
             (long long)(r.duration_ms / 1000 % 60));
    text(d, duration);
    text(d, "SoundRecording");
    for (int i = 0; i < 4; i++) /* ISWC, composers, publishers, the platform's id of the work */
        text(d, "");
    text(d, "true");
    end(d);
    return OK;
}

static void usage(struct dsr *d, const struct statement_line *l, size_t at)
{
    char id[ID_TEXT];
    bool whole = recording_id_is_none(l->recording);
    int64_t of = d->summary_of[l->territory.index];
    text(d, "SU03.02");
    number(d, d->blocks);
    number(d, of);
    number(d, (int64_t)at + 1);
    text(d, whole ? "all" : recording_id_format(l->recording, id));
    plays(d, l->plays_e8);
    amount(d, l->minor);
    day(d, l->from);
    day(d, (struct day) { l->until.number - 1 });
    text(d, "true");
    end(d);
    text(d, "LI01.02");
    number(d, d->blocks);
    number(d, of);
    number(d, (int64_t)at + 1);
    text(d, d->in->licensor_name);
    party(d, d->in->licensor_dpid, d->in->licensor);
    text(d, "");
    text(d, "100");
    text(d, "MakeAvailableRight");
    amount(d, l->minor);
    amount(d, l->minor);
    plays(d, l->plays_e8);
    end(d);
}

/* The lines come with a recording's territories together, window by window. */
static enum code blocks(struct dsr *d, struct error *e)
{
    const struct statement_line *last = NULL;
    for (size_t i = 0; i < d->in->count; i++) {
        const struct statement_line *l = &d->in->lines[i];
        if (!line_is_due(l->kind))
            continue;
        if (!last || recording_id_is_none(l->recording) || last->from.number != l->from.number ||
            last->clause != l->clause || !recording_id_equal(last->recording, l->recording))
            TRY(resource(d, l, e));
        usage(d, l, i);
        last = l;
    }
    return OK;
}

enum code report_dsr(const struct report_input *in, struct buf *out, struct error *e)
{
    struct dsr d = { .in = in, .out = out };
    bool there[256] = { false };
    head(&d);
    for (size_t i = 0; i < in->count; i++)
        there[in->lines[i].territory.index] |= line_is_due(in->lines[i].kind);
    for (int t = 0; t < 256; t++)
        if (there[t])
            TRY(summary(&d, t, d.summary_of[t] = d.summaries + 1, e));
    TRY(blocks(&d, e));
    text(&d, "FOOT");
    number(&d, d.lines + 1);
    number(&d, d.lines + 1);
    number(&d, d.summaries);
    number(&d, d.blocks);
    end(&d);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}

/* No blanks and no underscores in a part of the name. */
static void name_part(const char *s, struct buf *out)
{
    for (; *s; s++)
        buf_byte(out, *s == ' ' || *s == '_' || *s == '/' ? '-' : (uint8_t)*s);
    buf_byte(out, '_');
}

void report_dsr_name(const struct report_input *in, struct buf *out)
{
    const struct statement *s = in->statement;
    char from[INSTANT_TEXT], last[INSTANT_TEXT], when[INSTANT_TEXT];
    int year, month, first;
    day_to_civil(s->from, &year, &month, &first);
    buf_text(out, "DSR_");
    name_part(in->licensor, out);
    name_part(in->platform, out);
    name_part(in->platform, out);
    if (first == 1 && day_months_later(s->from, 12).number == s->until.number && month == 1)
        buf_format(out, "%04d", year);
    else if (first == 1 && day_months_later(s->from, 1).number == s->until.number)
        buf_format(out, "%04d-%02d", year, month);
    else
        buf_format(out, "%s--%s", day_format(s->from, from),
                   day_format((struct day) { s->until.number - 1 }, last));
    instant_format((struct instant) { s->closed.us / 1000000 * 1000000 }, when);
    buf_format(out, "_Worldwide_1of1_%.4s%.2s%.2sT%.2s%.2s%.2s.tsv", when, when + 5, when + 8,
               when + 11, when + 14, when + 17);
}
