/* SPDX-License-Identifier: Apache-2.0 */
/* What was published about removal requests: the reports, the figures of one, the events of a figure.
 * Of an event no more is shown than its number, moment, kind and the id of what it is about. */
#include "pages/inside.h"

enum { REPORTS_SHOWN = 200 };

static void period(struct page *p, const struct published *r)
{
    char from[INSTANT_TEXT], last[INSTANT_TEXT];
    day_format(day_of(r->from), from);
    day_format((struct day) { day_of(r->until).number - 1 }, last);
    html_format(p->body, "%s - %s", r->from.us == INSTANT_FIRST.us ? "" : from, last);
}

static void report_row(struct page *p, const struct published *r)
{
    char id[ID_TEXT];
    html_format(p->body, "<tr><td><a href=\"/transparency/%s\">", report_id_format(r->id, id));
    period(p, r);
    buf_text(p->body, "</a></td><td>");
    html_count(p->body, p->lang, r->version);
    buf_text(p->body, "</td><td>");
    html_time(p->body, r->at);
    buf_text(p->body, "</td></tr>");
}

enum code page_reports(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct page p;
    struct published *list;
    size_t count;
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    TRY(desk_report_list(tx, REPORTS_SHOWN, r->arena, &list, &count, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_TRANSPARENCY), NULL);
    html_format(p.body, "<p class=\"lead\">%s</p>",
                word(p.lang, count ? WORD_TRANSPARENCY_LEAD : WORD_TRANSPARENCY_NONE));
    if (count)
        html_format(p.body,
                    "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th "
                    "scope=\"col\">%s</th></tr></thead><tbody>",
                    word(p.lang, WORD_PERIOD), word(p.lang, WORD_REPORT_VERSION),
                    word(p.lang, WORD_PUBLISHED));
    for (size_t i = 0; i < count; i++)
        report_row(&p, &list[i]);
    if (count)
        buf_text(p.body, "</tbody></table>");
    page_end(&p);
    return OK;
}

/* ---- one report ---- */

static void figure_row(struct page *p, const char *report, const json_t *figure)
{
    const struct desk_figure *f;
    struct error unknown;
    const char *name = json_string_value(json_object_get(figure, "name"));
    int64_t value = json_integer_value(json_object_get(figure, "value"));
    if (!name)
        return;
    /* a figure that this version of the program no longer has is called by its name */
    bool known = desk_figure_find(str_of(name), &f, &unknown) == OK;
    html_format(p->body, "<tr><th scope=\"row\">%s</th><td>",
                !known               ? name
                : p->lang == LANG_RU ? f->russian
                                     : f->english);
    if (value)
        html_format(p->body, "<a href=\"/transparency/%s/%s\">", report, name);
    html_count(p->body, p->lang, value);
    buf_text(p->body, value ? "</a></td></tr>" : "</td></tr>");
}

static void times_table(struct page *p, const json_t *times)
{
    size_t i;
    json_t *t;
    static const char *const columns[] = { "count", "p50_ms", "p90_ms", "p99_ms" };
    html_format(p->body,
                "<h2>%s</h2><table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "<th scope=\"col\">50 %</th><th scope=\"col\">90 %</th><th scope=\"col\">99 %</th>"
                "</tr></thead><tbody>",
                word(p->lang, WORD_TIMES), word(p->lang, WORD_CLASS), word(p->lang, WORD_COUNT_OF));
    json_array_foreach(times, i, t)
    {
        const char *class = json_string_value(json_object_get(t, "class"));
        html_format(p->body, "<tr><th scope=\"row\">%s</th>", class ? class : "");
        for (size_t c = 0; c < COUNT_OF(columns); c++) {
            buf_text(p->body, "<td>");
            html_count(p->body, p->lang, json_integer_value(json_object_get(t, columns[c])));
            buf_text(p->body, "</td>");
        }
        buf_text(p->body, "</tr>");
    }
    buf_text(p->body, "</tbody></table>");
}

static void head_of(struct page *p, const struct published *x)
{
    char root[2 * JOURNAL_HASH + 1];
    hex_encode(x->head.root, JOURNAL_HASH, root);
    html_format(p->body, "<dl class=\"facts\"><dt>%s</dt><dd>", word(p->lang, WORD_PERIOD));
    period(p, x);
    html_format(p->body, "</dd><dt>%s</dt><dd>", word(p->lang, WORD_REPORT_VERSION));
    html_count(p->body, p->lang, x->version);
    html_format(p->body, "</dd><dt>%s</dt><dd>", word(p->lang, WORD_PUBLISHED));
    html_time(p->body, x->at);
    html_format(p->body, "</dd><dt>%s</dt><dd>", word(p->lang, WORD_JOURNAL_EVENTS));
    html_count(p->body, p->lang, x->head.size);
    html_format(p->body, "</dd><dt>%s</dt><dd><code>%s</code></dd></dl>",
                word(p->lang, WORD_JOURNAL_ROOT), root);
}

static enum code find_report(struct http_request *r, struct published *out, struct error *e)
{
    TX(tx);
    struct report_id id;
    TRY(report_id_parse(str_of(http_parameter(r, "report")), &id, e));
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    return desk_report_get(tx, id, r->arena, out, e);
}

enum code page_report(struct http_request *r, struct http_response *out, struct error *e)
{
    JSON(body);
    struct page p;
    struct published x;
    char id[ID_TEXT];
    size_t i;
    json_t *figure;
    TRY(find_report(r, &x, e));
    TRY(json_read(str_of(x.body), &body, e));
    report_id_format(x.id, id);
    page_begin(&p, r, out, word(page_lang(r), WORD_TRANSPARENCY), NULL);
    head_of(&p, &x);
    html_format(p.body, "<p>%s</p><table><tbody>", word(p.lang, WORD_FIGURES_LEAD));
    json_array_foreach(json_object_get(body, "figures"), i, figure) figure_row(&p, id, figure);
    buf_text(p.body, "</tbody></table>");
    times_table(&p, json_object_get(body, "times"));
    html_format(p.body, "<p><a href=\"/transparency\">%s</a></p>", word(p.lang, WORD_ALL_REPORTS));
    page_end(&p);
    return OK;
}

/* ---- the events of a figure ---- */

static void event_row(struct page *p, const struct report_event *v)
{
    char leaf[2 * JOURNAL_HASH + 1];
    const struct journal_entry *n = &v->event.entry;
    hex_encode(v->event.leaf, JOURNAL_HASH, leaf);
    buf_text(p->body, "<tr><td>");
    html_count(p->body, p->lang, v->event.seq);
    buf_text(p->body, "</td><td>");
    html_time(p->body, n->when);
    buf_text(p->body, "</td><td>");
    html_text(p->body, n->what);
    buf_text(p->body, "</td><td><code>");
    html_text(p->body, n->subject);
    buf_text(p->body, "</code></td><td>");
    html_count(p->body, p->lang, v->weight);
    html_format(p->body, "</td><td><code>%s</code></td></tr>", leaf);
}

static enum code after_of(struct http_request *r, int64_t *after, struct error *e)
{
    const char *text = http_query(r, "after");
    *after = 0;
    return text && *text ? str_to_int64(str_of(text), 0, INT64_MAX, after, e) : OK;
}

enum code page_figure(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    struct published x;
    struct report_event *list;
    const struct desk_figure *f;
    struct error unknown;
    char id[ID_TEXT], next[24];
    size_t count;
    int64_t after;
    const char *name = http_parameter(r, "figure");
    TRY(find_report(r, &x, e));
    TRY(after_of(r, &after, e));
    TRY(flow_report_events(r->world, x.id, str_of(name), after, r->arena, &list, &count, e));
    bool known = desk_figure_find(str_of(name), &f, &unknown) == OK;
    report_id_format(x.id, id);
    page_begin(&p, r, out, !known ? name : page_lang(r) == LANG_RU ? f->russian : f->english, NULL);
    head_of(&p, &x);
    html_format(p.body,
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>"
                "<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s"
                "</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "</tr></thead><tbody>",
                word(p.lang, WORD_JOURNAL_EVENTS), word(p.lang, WORD_JOURNAL_EVENTS),
                word(p.lang, WORD_WHEN), word(p.lang, WORD_EVENT_KIND), word(p.lang, WORD_SUBJECT),
                word(p.lang, WORD_COUNT_OF), word(p.lang, WORD_LEAF));
    for (size_t i = 0; i < count; i++)
        event_row(&p, &list[i]);
    buf_text(p.body, "</tbody></table></div>");
    if (count == REPORT_EVENTS_MOST) {
        snprintf(next, sizeof next, "%lld", (long long)list[count - 1].event.seq);
        html_format(p.body, "<p><a rel=\"next\" href=\"/transparency/%s/%s?after=%s\">%s</a></p>",
                    id, name, next, word(p.lang, WORD_NEXT));
    }
    html_format(p.body, "<p><a href=\"/transparency/%s\">%s</a></p>", id,
                word(p.lang, WORD_ALL_FIGURES));
    page_end(&p);
    return OK;
}
