/* SPDX-License-Identifier: Apache-2.0 */
/* The sender's own page of a notice, by the link of a letter: what became of each item and why, what is
 * missing and can be sent here, and the button that withdraws. Only buttons act. */
#include "pages/inside.h"

enum { ITEMS_SHOWN = 500 };

static struct str field_of(const struct http_pairs *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->rows[i].name, name) == 0)
            return str_trim(str_of(form->rows[i].value));
    return STR("");
}

struct own {
    struct notice notice;
    struct notice_item *items;
    size_t count;
    unsigned missing;
    struct str link;
};

static enum code read_own(struct http_request *r, struct str link, struct own *out, struct error *e)
{
    TX(tx);
    struct notice_id id;
    struct sender s;
    TRY(flow_notice_by_link(r->world, str_of(http_parameter(r, "notice")), link, &id, e));
    struct item_filter f = { .notice = id, .state = -1, .limit = ITEMS_SHOWN };
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    TRY(desk_notice_get(tx, id, r->arena, &out->notice, e));
    TRY(desk_sender_get(tx, out->notice.sender, r->arena, &s, e));
    TRY(desk_item_list(tx, &f, r->arena, &out->items, &out->count, e));
    const struct notice *n = &out->notice;
    out->missing = n->state == NOTICE_INCOMPLETE
                       ? elements_missing(n->regime, n->elements, notice_is_agents(n, &s))
                       : 0;
    out->link = link;
    return OK;
}

static bool is_decided(const struct notice_item *i)
{
    return !decision_id_is_none(i->decision);
}

static void item_rows(struct page *p, const struct own *own)
{
    html_format(p->body, "<table><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>",
                word(p->lang, WORD_NOTICE_LOCATION), word(p->lang, WORD_STATE),
                word(p->lang, WORD_REASON));
    for (size_t i = 0; i < own->count; i++) {
        const struct notice_item *x = &own->items[i];
        buf_text(p->body, "<tr><td>");
        html_text(p->body, str_of(x->location));
        html_format(p->body, "</td><td>%s</td><td>%s</td></tr>",
                    word(p->lang, is_decided(x) ? item_is_restricted(x->now.state)
                                                      ? WORD_NOTICE_REMOVED
                                                      : WORD_NOTICE_STANDS
                                                : WORD_NOTICE_UNDER_WAY),
                    is_decided(x) ? reason_sentence(x->held_reason, p->lang == LANG_RU) : "");
    }
    buf_text(p->body, "</tbody></table>");
}

static void hidden(struct page *p, const struct own *own, const char *action)
{
    html_format(p->body, "<input type=\"hidden\" name=\"action\" value=\"%s\">", action);
    buf_text(p->body, "<input type=\"hidden\" name=\"link\" value=\"");
    html_text(p->body, own->link);
    buf_text(p->body, "\">");
}

/* A statement is ticked; what has words of its own is written. */
static bool is_ticked(unsigned element)
{
    return element &
           (ELEMENT_GOOD_FAITH | ELEMENT_ACCURACY | ELEMENT_AUTHORITY | ELEMENT_NO_PERMISSION);
}

static void missing_form(struct page *p, const struct own *own, const char *action)
{
    html_format(p->body, "<h2>%s</h2><form class=\"letter\" method=\"post\" action=\"%s\">",
                word(p->lang, WORD_NOTICE_MISSING), action);
    hidden(p, own, "complete");
    for (int i = 0; i < ELEMENT_COUNT; i++) {
        const char *name = element_word((enum element_at)i);
        char label[ELEMENT_LABEL];
        const char *asked = element_label((enum element_at)i, p->lang == LANG_RU, label);
        if (!(own->missing >> i & 1))
            continue;
        if (is_ticked(1u << i))
            html_format(p->body,
                        "<label class=\"tick\"><input type=\"checkbox\" name=\"%s\" value=\"1\"> "
                        "%s</label>",
                        name, asked);
        else
            html_format(p->body, "<label>%s<input name=\"%s\" maxlength=\"1000\"></label>", asked,
                        name);
    }
    html_format(p->body, "<button>%s</button></form>", word(p->lang, WORD_NOTICE_SEND));
}

static bool can_withdraw(const struct notice *n)
{
    return n->state != NOTICE_WITHDRAWN && n->state != NOTICE_LAPSED;
}

static void show(struct http_request *r, struct http_response *out, const struct own *own,
                 const char *fault)
{
    struct page p;
    char id[ID_TEXT];
    page_begin(&p, r, out, word(page_lang(r), WORD_NOTICE_YOURS), NULL);
    http_header_set(out, "Referrer-Policy", "no-referrer");
    http_header_set(out, "Cache-Control", "no-store");
    if (fault) {
        out->status = 400;
        html_format(p.body, "<p class=\"error\" role=\"alert\">%s</p>", fault);
    }
    html_format(p.body, "<p><code>%s</code></p>", notice_id_format(own->notice.id, id));
    const char *action = arena_format(r->arena, "/notices/%s", id);
    if (own->missing)
        missing_form(&p, own, action);
    item_rows(&p, own);
    if (can_withdraw(&own->notice)) {
        html_format(p.body, "<form class=\"letter\" method=\"post\" action=\"%s\">", action);
        hidden(&p, own, "withdraw");
        html_format(p.body, "<p>%s</p><button>%s</button></form>",
                    word(p.lang, WORD_NOTICE_WITHDRAW_LEAD),
                    word(p.lang, WORD_NOTICE_WITHDRAW_BUTTON));
    }
    page_end(&p);
}

enum code page_notice_own(struct http_request *r, struct http_response *out, struct error *e)
{
    const char *link = http_query(r, "link");
    struct own own;
    TRY(read_own(r, str_of(link ? link : ""), &own, e));
    show(r, out, &own, NULL);
    return OK;
}

static unsigned elements_of(const struct http_pairs *form)
{
    unsigned has = 0;
    for (int i = 0; i < ELEMENT_COUNT; i++)
        if (field_of(form, element_word((enum element_at)i)).length)
            has |= 1u << i;
    return has;
}

enum code page_notice_own_acts(struct http_request *r, struct http_response *out, struct error *e)
{
    struct http_pairs form = { 0 };
    struct own own;
    struct error why = { 0 };
    struct str notice = str_of(http_parameter(r, "notice"));
    TRY(http_query_parse(r->arena, r->body, &form, e));
    TRY(read_own(r, field_of(&form, "link"), &own, e));
    enum code code = OK;
    if (str_is(field_of(&form, "action"), "withdraw"))
        code = flow_notice_withdraw(r->world, notice, STR("sender"), &why);
    else if (elements_of(&form) & own.missing)
        code = flow_notice_complete(r->world, notice, elements_of(&form) & own.missing, r->body,
                                    STR("sender"), &why);
    if (code != OK && code != ERR_CONFLICT)
        return fail(e, code, "%s", why.text);
    TRY(read_own(r, own.link, &own, e));
    show(r, out, &own, code == OK ? NULL : why.text);
    return OK;
}
