/* SPDX-License-Identifier: Apache-2.0 */
/* The public form for removal requests, its receipt, and the proof of the sender's mailbox. */
#include "pages/inside.h"

enum { LOCATIONS_MOST = 1000 };

static struct str field_of(const struct http_pairs *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->rows[i].name, name) == 0)
            return str_trim(str_of(form->rows[i].value));
    return STR("");
}

static void text_field(struct page *p, const struct http_pairs *form, const char *name,
                       const char *label, const char *type, bool required)
{
    html_format(p->body, "<label>%s<input name=\"%s\" type=\"%s\" maxlength=\"1000\" value=\"",
                label, name, type);
    html_text(p->body, field_of(form, name));
    buf_text(p->body, required ? "\" required></label>" : "\"></label>");
}

const char *law_word(enum lang in, enum regime regime)
{
    static const enum word words[REGIME_COUNT] = {
        [REGIME_DMCA] = WORD_REGIME_DMCA,         [REGIME_DSA16] = WORD_REGIME_DSA16,
        [REGIME_DSA9] = WORD_REGIME_DSA9,         [REGIME_UK] = WORD_REGIME_UK,
        [REGIME_RU15_2] = WORD_REGIME_RU15_2,     [REGIME_RU15_7] = WORD_REGIME_RU15_7,
        [REGIME_CONTRACT] = WORD_REGIME_CONTRACT,
    };
    return word(in, words[regime]);
}

/* Orders and contracts do not come by the form. */
static void regime_field(struct page *p, const struct http_pairs *form)
{
    static const enum regime rows[] = { REGIME_DMCA, REGIME_DSA16, REGIME_UK, REGIME_RU15_7 };
    html_format(p->body, "<label>%s<select name=\"regime\">", word(p->lang, WORD_REGIME));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        html_format(p->body,
                    str_is(field_of(form, "regime"), regime_word(rows[i]))
                        ? "<option value=\"%s\" selected>%s</option>"
                        : "<option value=\"%s\">%s</option>",
                    regime_word(rows[i]), law_word(p->lang, rows[i]));
    buf_text(p->body, "</select></label>");
}

/* What is confirmed by a tick; the sentences are those the sender is shown and signs. */
static const enum element_at ticked[] = { ELEMENT_GOOD_FAITH_AT, ELEMENT_ACCURACY_AT,
                                          ELEMENT_AUTHORITY_AT, ELEMENT_NO_PERMISSION_AT };

static void statements(struct page *p, const struct http_pairs *form)
{
    for (size_t i = 0; i < COUNT_OF(ticked); i++) {
        char label[ELEMENT_LABEL];
        const char *name = element_word(ticked[i]);
        html_format(p->body,
                    field_of(form, name).length
                        ? "<label class=\"tick\"><input type=\"checkbox\" name=\"%s\" value=\"1\" "
                          "checked> %s</label>"
                        : "<label class=\"tick\"><input type=\"checkbox\" name=\"%s\" value=\"1\"> "
                          "%s</label>",
                    name, element_label(ticked[i], p->lang == LANG_RU, label));
    }
}

/* What some regimes ask for besides; left empty it is asked for later, by letter. */
static const enum element_at written[] = { ELEMENT_PHONE_AT, ELEMENT_IDENTITY_AT,
                                           ELEMENT_PROOF_OF_RIGHT_AT, ELEMENT_POWER_AT };

static void more_elements(struct page *p, const struct http_pairs *form)
{
    char label[ELEMENT_LABEL];
    for (size_t i = 0; i < COUNT_OF(written); i++)
        text_field(p, form, element_word(written[i]),
                   element_label(written[i], p->lang == LANG_RU, label), "text", false);
}

static void form_page(struct http_request *r, struct http_response *out,
                      const struct http_pairs *form, const char *fault)
{
    struct page p;
    page_begin(&p, r, out, word(page_lang(r), WORD_NOTICE_FORM), NULL);
    if (fault) {
        out->status = 400;
        html_format(p.body, "<p class=\"error\" role=\"alert\">%s</p>", fault);
    }
    html_format(p.body, "<p>%s</p>", word(p.lang, WORD_NOTICE_LEAD));
    buf_text(p.body, "<form class=\"letter\" method=\"post\" action=\"/notice\">");
    regime_field(&p, form);
    text_field(&p, form, "name", word(p.lang, WORD_NOTICE_NAME), "text", true);
    text_field(&p, form, "email", word(p.lang, WORD_NOTICE_EMAIL), "email", true);
    text_field(&p, form, "address", word(p.lang, WORD_NOTICE_ADDRESS), "text", false);
    text_field(&p, form, "principal", word(p.lang, WORD_NOTICE_PRINCIPAL), "text", false);
    text_field(&p, form, "title", word(p.lang, WORD_NOTICE_WORK), "text", true);
    text_field(&p, form, "artist", word(p.lang, WORD_NOTICE_ARTIST), "text", false);
    text_field(&p, form, "isrc", "ISRC", "text", false);
    html_format(p.body, "<label>%s<textarea name=\"locations\" rows=\"6\" required>",
                word(p.lang, WORD_NOTICE_LOCATIONS));
    html_text(p.body, field_of(form, "locations"));
    html_format(p.body, "</textarea></label><label>%s<textarea name=\"explanation\" rows=\"4\">",
                word(p.lang, WORD_NOTICE_EXPLANATION));
    html_text(p.body, field_of(form, "explanation"));
    buf_text(p.body, "</textarea></label>");
    more_elements(&p, form);
    statements(&p, form);
    text_field(&p, form, "signature", word(p.lang, WORD_NOTICE_SIGNATURE), "text", true);
    html_format(p.body, "<button>%s</button></form>", word(p.lang, WORD_NOTICE_SEND));
    page_end(&p);
}

enum code page_notice(struct http_request *r, struct http_response *out, struct error *e)
{
    const struct http_pairs none = { 0 };
    (void)e;
    form_page(r, out, &none, NULL);
    return OK;
}

static unsigned elements_of(const struct http_pairs *form)
{
    static const struct {
        const char *name;
        unsigned bit;
    } texts[] = { { "signature", ELEMENT_SIGNATURE },
                  { "name", ELEMENT_NAME },
                  { "email", ELEMENT_EMAIL },
                  { "address", ELEMENT_ADDRESS },
                  { "title", ELEMENT_WORK },
                  { "locations", ELEMENT_LOCATION },
                  { "explanation", ELEMENT_EXPLANATION } };
    unsigned has = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (field_of(form, texts[i].name).length)
            has |= texts[i].bit;
    for (size_t i = 0; i < COUNT_OF(ticked); i++)
        if (field_of(form, element_word(ticked[i])).length)
            has |= 1u << ticked[i];
    for (size_t i = 0; i < COUNT_OF(written); i++)
        if (field_of(form, element_word(written[i])).length)
            has |= 1u << written[i];
    return has;
}

static enum code draft_of(struct http_request *r, const struct http_pairs *form,
                          struct notice_draft *d, struct error *e)
{
    struct str lines = field_of(form, "locations"), line;
    struct draft_item *items = ARENA_ARRAY(r->arena, struct draft_item, LOCATIONS_MOST);
    *d = (struct notice_draft) { .channel = CHANNEL_FORM,
                                 .regime = REGIME_DMCA,
                                 .sender = field_of(form, "email"),
                                 .name = field_of(form, "name"),
                                 .principal = field_of(form, "principal"),
                                 .language = page_lang(r) == LANG_RU ? STR("ru") : STR("en"),
                                 .raw = r->body,
                                 .elements = elements_of(form),
                                 .items = items };
    if (field_of(form, "regime").length)
        TRY(regime_parse(field_of(form, "regime"), &d->regime, e));
    if (regime_is_order(d->regime, d->channel))
        return fail(e, ERR_INVALID, "orders of courts and authorities do not come by this form");
    while (str_split(&lines, '\n', &line)) {
        line = str_trim(line);
        if (line.length == 0)
            continue;
        if (d->item_count == LOCATIONS_MOST)
            return fail(e, ERR_INVALID, "the form takes %d locations at most", LOCATIONS_MOST);
        items[d->item_count++] = (struct draft_item) { KIND_UPLOAD, line, field_of(form, "title"),
                                                       field_of(form, "artist"),
                                                       field_of(form, "isrc") };
    }
    return OK;
}

static void receipt(struct http_request *r, struct http_response *out, const struct received *got)
{
    struct page p;
    char id[ID_TEXT];
    page_begin(&p, r, out, word(page_lang(r), WORD_NOTICE_RECEIVED), NULL);
    html_format(p.body, "<p><code>%s</code></p>", notice_id_format(got->notice, id));
    if (got->confirm.length)
        html_format(p.body, "<p>%s</p>", word(p.lang, WORD_NOTICE_CONFIRM));
    if (got->missing) {
        html_format(p.body, "<p>%s</p><ul>", word(p.lang, WORD_NOTICE_MISSING));
        for (int i = 0; i < ELEMENT_COUNT; i++)
            if (got->missing >> i & 1)
                html_format(p.body, "<li>%s</li>",
                            element_asked((enum element_at)i, p.lang == LANG_RU));
        buf_text(p.body, "</ul>");
    }
    page_end(&p);
}

enum code page_notice_sent(struct http_request *r, struct http_response *out, struct error *e)
{
    struct http_pairs form = { 0 };
    struct notice_draft d;
    struct received got;
    struct error why = { 0 };
    if (!session_same_site(r))
        return fail(e, ERR_DENIED, "the form was sent by another site");
    TRY(http_query_parse(r->arena, r->body, &form, e));
    enum code code = draft_of(r, &form, &d, &why);
    if (code == OK)
        code = flow_notice_receive_shared(r->world, STR("form"), &d, r->arena, &got, &why);
    if (code == ERR_INVALID || code == ERR_LIMIT || code == ERR_CONFLICT) {
        form_page(r, out, &form, why.text);
        return OK;
    }
    if (code != OK)
        return fail(e, code, "%s", why.text);
    receipt(r, out, &got);
    return OK;
}

/* The link of the letter leads here; only the button acts, for scanners follow links. */
enum code page_notice_confirm(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    const char *notice = http_query(r, "notice"), *secret = http_query(r, "secret");
    (void)e;
    page_begin(&p, r, out, word(page_lang(r), WORD_NOTICE_CONFIRM_TITLE), NULL);
    buf_text(p.body, "<form class=\"letter\" method=\"post\" action=\"/notice/confirm\">");
    html_format(p.body, "<input type=\"hidden\" name=\"notice\" value=\"%s\">",
                notice ? notice : "");
    html_format(p.body, "<input type=\"hidden\" name=\"secret\" value=\"%s\">",
                secret ? secret : "");
    html_format(p.body, "<button>%s</button></form>", word(p.lang, WORD_NOTICE_CONFIRM_BUTTON));
    page_end(&p);
    return OK;
}

enum code page_notice_confirmed(struct http_request *r, struct http_response *out, struct error *e)
{
    struct http_pairs form = { 0 };
    struct page p;
    TRY(http_query_parse(r->arena, r->body, &form, e));
    TRY(flow_notice_confirm(r->world, field_of(&form, "notice"), field_of(&form, "secret"), e));
    page_begin(&p, r, out, word(page_lang(r), WORD_NOTICE_CONFIRM_TITLE), NULL);
    html_format(p.body, "<p>%s</p>", word(p.lang, WORD_NOTICE_CONFIRMED));
    page_end(&p);
    return OK;
}
