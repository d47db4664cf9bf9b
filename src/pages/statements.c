/* SPDX-License-Identifier: Apache-2.0 */
/* Statements in the console: the list, and each as the page that is printed. */
#include "ledger/ledger.h"
#include "pages/inside.h"

enum { ROWS = 200 };

static void money_cell(struct page *p, int64_t minor, struct currency c)
{
    char text[40];
    html_format(p->body, "<td>%s</td>", money_format((struct money) { minor, c }, text));
}

static enum code statement_row(struct page *p, struct store_tx *tx, const struct statement *s,
                               struct error *e)
{
    struct arena *a = p->request->arena;
    struct party licensor = { .name = "–" };
    struct deal deal;
    char id[ID_TEXT], from[INSTANT_TEXT], last[INSTANT_TEXT];
    struct party_id catalogue = world_catalogue(p->request->world);
    if (!party_id_is_none(s->licensor))
        TRY(registry_party_get(tx, catalogue, s->licensor, a, &licensor, e));
    TRY(deal_get(tx, catalogue, s->deal, p->request->at, a, &deal, e));
    html_format(p->body, "<tr><td><a href=\"/console/statements/%s\">%s – %s, %s</a></td>",
                statement_id_format(s->id, id), day_format(s->from, from),
                day_format((struct day) { s->until.number - 1 }, last),
                arena_format(a, "%lld", (long long)s->number));
    html_format(p->body, "<td>%s</td><td>%s</td>", licensor.name, deal.name);
    money_cell(p, s->due, s->currency);
    money_cell(p, s->payable, s->currency);
    buf_text(p->body, "<td>");
    html_time(p->body, s->closed);
    buf_text(p->body, "</td></tr>");
    return OK;
}

static enum code statement_rows(struct page *p, struct store_tx *tx, struct error *e)
{
    static const enum word heads[] = { WORD_PERIOD, WORD_LICENSOR, WORD_DEAL,
                                       WORD_DUE,    WORD_PAYABLE,  WORD_CLOSED };
    struct statement_id after = { { 0 } };
    const char *text = http_query(p->request, "after");
    struct statement *list;
    size_t count;
    if (text)
        TRY(statement_id_parse(str_of(text), &after, e));
    TRY(ledger_statement_list(tx, world_catalogue(p->request->world), (struct party_id) { { 0 } },
                              after, ROWS + 1, p->request->arena, &list, &count, e));
    if (count == 0) {
        html_format(p->body, "<p>%s <code>licet statement close DEAL PERIOD</code></p>",
                    word(p->lang, WORD_NO_STATEMENTS));
        return OK;
    }
    html_format(p->body,
                "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
                "<table><thead><tr>",
                word(p->lang, WORD_STATEMENTS));
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        html_format(p->body, "<th scope=\"col\">%s</th>", word(p->lang, heads[i]));
    buf_text(p->body, "</tr></thead><tbody>");
    for (size_t i = 0; i < count && i < ROWS; i++)
        TRY(statement_row(p, tx, &list[i], e));
    buf_text(p->body, "</tbody></table></div>");
    if (count > ROWS) {
        char id[ID_TEXT];
        html_format(p->body, "<p><a href=\"/console/statements?after=%s\" rel=\"next\">%s</a></p>",
                    statement_id_format(list[ROWS - 1].id, id), word(p->lang, WORD_NEXT));
    }
    return OK;
}

enum code page_statements(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct page p;
    struct session s;
    if (!session_may(r, out, &s, SCOPE_LEDGER))
        return OK;
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_STATEMENTS), s.name);
    TRY(statement_rows(&p, tx, e));
    page_end(&p);
    return OK;
}

/* The page to print stands by itself, with its own style and nothing else. */
enum code page_statement_print(struct http_request *r, struct http_response *out, struct error *e)
{
    TX(tx);
    struct session s;
    struct statement_id id;
    struct flow_report report;
    if (!session_may(r, out, &s, SCOPE_LEDGER))
        return OK;
    TRY(statement_id_parse(str_of(http_parameter(r, "statement")), &id, e));
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    TRY(flow_report_open(tx, world_catalogue(r->world), id, r->at, r->arena, &report, e));
    out->status = 200;
    http_header_set(out, "Content-Type", "text/html; charset=utf-8");
    http_header_set(out, "Cache-Control", "no-store");
    http_header_set(out, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    return report_html(&report.in, &out->body, e);
}
