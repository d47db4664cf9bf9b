/* SPDX-License-Identifier: Apache-2.0 */
/* Figures as CSV and JSON, and the months. */
#include <math.h>
#include <stdlib.h>

#include "desk/report.h"

void desk_report_interval(int64_t part, int64_t of, int64_t *low_e6, int64_t *high_e6)
{
    const double z = 1.959964;
    double n = (double)of, p = of ? (double)part / n : 0;
    double middle = p + z * z / (2 * n), spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low_e6 = of ? (int64_t)floor((middle - spread) / (1 + z * z / n) * 1e6) : 0;
    *high_e6 = of ? (int64_t)ceil((middle + spread) / (1 + z * z / n) * 1e6) : 1000000;
    if (*low_e6 < 0)
        *low_e6 = 0;
    if (*high_e6 > 1000000)
        *high_e6 = 1000000;
}

static void put_quoted(struct buf *out, const char *text)
{
    buf_byte(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_byte(out, '"');
        buf_byte(out, (uint8_t)*text);
    }
    buf_byte(out, '"');
}

static const char *class_name(int class)
{
    return class < 0 ? "all" : item_class_word((enum item_class) class);
}

enum code desk_report_csv(const struct scan *s, struct buf *out, struct error *e)
{
    char id[ID_TEXT];
    buf_text(out, "name,of,what,value\n");
    for (size_t i = 0; i < desk_figure_count; i++) {
        const struct desk_figure *f = &desk_figures[i];
        buf_format(out, "%s,%s,", f->name, desk_figure_of_word(f->of));
        put_quoted(out, f->english);
        buf_format(out, ",%lld\n", (long long)desk_figure_value(s, f));
    }
    for (int k = -1; k < CLASS_COUNT; k++) {
        const struct scan_times *t = desk_figure_times_of(s, k);
        if (!t->count)
            continue;
        const int64_t values[] = { t->count, t->p50, t->p90, t->p99 };
        static const char *const names[] = { "count", "p50", "p90", "p99" };
        for (size_t i = 0; i < COUNT_OF(values); i++)
            buf_format(out, "times.%s.%s,requests,%s,%lld\n", class_name(k), names[i],
                       i ? "milliseconds to the first decision" : "requests decided",
                       (long long)values[i]);
    }
    for (size_t i = 0; i < s->sender_count; i++) {
        const struct scan_sender *x = &s->senders[i];
        int64_t low, high;
        desk_report_interval(x->accepted, x->accepted + x->turned_down, &low, &high);
        id_format("snd", x->id, id);
        const struct {
            const char *name, *what;
            int64_t value;
        } rows[] = { { "received", "requests of this sender", x->received },
                     { "accepted", "accepted", x->accepted },
                     { "turned_down", "turned down", x->turned_down },
                     { "countered", "counter-notices", x->countered },
                     { "put_back", "put back", x->put_back },
                     { "accepted_low_e6", "share accepted: lower bound in 10^-6", low },
                     { "accepted_high_e6", "share accepted: upper bound in 10^-6", high } };
        for (size_t r = 0; r < COUNT_OF(rows); r++)
            buf_format(out, "senders.%s.%s,requests,%s,%lld\n", id, rows[r].name, rows[r].what,
                       (long long)rows[r].value);
    }
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}

enum code desk_report_json(const struct scan *s, struct buf *out, struct error *e)
{
    struct json_out o = { out, false };
    char root[2 * JOURNAL_HASH + 1];
    hex_encode(s->head.root, JOURNAL_HASH, root);
    json_begin(&o, '{');
    json_instant(&o, "from", s->from);
    json_instant(&o, "until", s->until);
    json_int(&o, "events", s->head.size);
    json_text(&o, "root", root);
    json_key(&o, "figures");
    json_begin(&o, '[');
    for (size_t i = 0; i < desk_figure_count; i++) {
        json_begin(&o, '{');
        json_text(&o, "name", desk_figures[i].name);
        json_text(&o, "of", desk_figure_of_word(desk_figures[i].of));
        json_int(&o, "value", desk_figure_value(s, &desk_figures[i]));
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_key(&o, "times");
    json_begin(&o, '[');
    for (int k = -1; k < CLASS_COUNT; k++) {
        const struct scan_times *t = desk_figure_times_of(s, k);
        if (!t->count)
            continue;
        json_begin(&o, '{');
        json_text(&o, "class", class_name(k));
        json_int(&o, "count", t->count);
        json_int(&o, "p50_ms", t->p50);
        json_int(&o, "p90_ms", t->p90);
        json_int(&o, "p99_ms", t->p99);
        json_end(&o, '}');
    }
    json_end(&o, ']');
    json_end(&o, '}');
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}

/* ---- months ---- */

struct month {
    int64_t notices, requests, taken_down, turned_down, retracted, reversed, countered, put_back,
        offline;
};
enum { MONTH_FIRST = 1970 * 12, MONTHS = 200 * 12 };

static int month_of(int64_t us)
{
    int year, month, day;
    day_to_civil(day_of((struct instant) { us }), &year, &month, &day);
    int n = year * 12 + month - 1 - MONTH_FIRST;
    return n < 0 ? 0 : n >= MONTHS ? MONTHS - 1 : n;
}

static void add_case(struct month *m, const struct scan_case *c)
{
    m->taken_down += c->accepted;
    m->turned_down += !c->accepted;
    m->retracted += c->reason == REASON_WITHDRAWN || (c->put_back && c->back_by == EVENT_WITHDRAW);
    m->reversed += c->put_back && (c->back_by == EVENT_REVERSE || c->back_by == EVENT_UNDO);
    m->countered += c->counter_seq != 0;
    m->put_back += c->put_back;
    m->offline += c->accepted && !c->put_back;
}

enum code desk_report_monthly(const struct scan *s, struct buf *out, struct error *e)
{
    struct month *months = calloc(MONTHS, sizeof *months);
    if (!months)
        return fail(e, ERR_MEMORY, "no memory for the months");
    for (size_t i = 0; i < s->notice_count; i++) {
        struct month *m = &months[month_of(s->notices[i].received_us)];
        m->notices++;
        m->requests += s->notices[i].items;
    }
    uint16_t *of = malloc((s->notice_count + 1) * sizeof *of);
    if (!of) {
        free(months);
        return fail(e, ERR_MEMORY, "no memory for the months");
    }
    for (size_t i = 0; i < s->notice_count; i++)
        of[i] = (uint16_t)month_of(s->notices[i].received_us);
    for (size_t i = 0; i < s->case_count; i++)
        add_case(&months[of[s->cases[i].notice]], &s->cases[i]);
    free(of);
    buf_text(out, "year,month,Takedown Notices Processed,\"Retractions, Reversals, and Counter "
                  "Notices Processed\",Requests,Takedowns,Turned Down,Items Retracted,Items "
                  "Reversed,Items Counter Noticed,Items Put Back,Items Remaining Offline\n");
    for (int i = 0; i < MONTHS; i++) {
        const struct month *m = &months[i];
        if (m->notices || m->requests)
            buf_format(out, "%d,%d,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld\n",
                       (i + MONTH_FIRST) / 12, i % 12 + 1, (long long)m->notices,
                       (long long)(m->retracted + m->reversed + m->countered),
                       (long long)m->requests, (long long)m->taken_down, (long long)m->turned_down,
                       (long long)m->retracted, (long long)m->reversed, (long long)m->countered,
                       (long long)m->put_back, (long long)m->offline);
    }
    free(months);
    return out->failed ? fail(e, ERR_MEMORY, "no memory for the report") : OK;
}
