/* SPDX-License-Identifier: Apache-2.0 */
/* The page behind a letter's link: the statement of reasons (DSA art. 17) with what its reader can
 * do against it, without an account and without JavaScript. */
#include "pages/inside.h"

static struct str field_of(const struct http_pairs *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->rows[i].name, name) == 0)
            return str_trim(str_of(form->rows[i].value));
    return STR("");
}

struct told {
    struct item_told told;
    const char *item, *key;
    enum actor side;
};

static enum actor side_of(struct str text)
{
    return str_is(text, "sender") ? ACTOR_SENDER : ACTOR_UPLOADER;
}

/* ---- the statement ---- */

static void row(struct page *p, enum word label, const char *value)
{
    html_format(p->body, "<dt>%s</dt><dd>%s</dd>", word(p->lang, label), value);
}

static void row_time(struct page *p, enum word label, struct instant t)
{
    html_format(p->body, "<dt>%s</dt><dd>", word(p->lang, label));
    html_time(p->body, t);
    buf_text(p->body, "</dd>");
}

static enum word state_word(enum item_state s)
{
    if (s == ITEM_SCHEDULED)
        return WORD_ITEM_SCHEDULED;
    if (item_is_restricted(s))
        return WORD_ITEM_RESTRICTED;
    if (s == ITEM_RESTORED || s == ITEM_FINAL_RESTORED)
        return WORD_ITEM_RESTORED;
    if (s == ITEM_DECLINED || s == ITEM_FINAL_DECLINED || s == ITEM_COMPLAINED_DECLINED)
        return WORD_ITEM_DECLINED;
    return WORD_ITEM_UNDECIDED;
}

static void put_evidence(struct page *p, const struct item_evidence *v)
{
    char text[200];
    snprintf(text, sizeof text, "%lld.%lld–%lld.%lld s = %lld.%lld–%lld.%lld s",
             (long long)(v->upload_from_ms / 1000), (long long)(v->upload_from_ms / 100 % 10),
             (long long)(v->upload_to_ms / 1000), (long long)(v->upload_to_ms / 100 % 10),
             (long long)(v->reference_from_ms / 1000), (long long)(v->reference_from_ms / 100 % 10),
             (long long)(v->reference_to_ms / 1000), (long long)(v->reference_to_ms / 100 % 10));
    row(p, WORD_ITEM_HEARD, text);
}

static enum word automation_word(const struct item_told *t)
{
    if (!t->decision.automatic)
        return t->decision.second[0] ? WORD_BY_TWO : WORD_BY_PERSON;
    return t->decision.second[0] ? WORD_BY_BOTH : WORD_BY_PROGRAM;
}

static void put_statement(struct page *p, const struct told *x)
{
    const struct item_told *t = &x->told;
    html_format(p->body, "<p class=\"lead\">%s</p><dl class=\"facts\">",
                word(p->lang, state_word(t->item.now.state)));
    row(p, WORD_ITEM_NAME, t->item.location);
    if (t->item.title[0])
        row(p, WORD_NOTICE_WORK, t->item.title);
    if (t->decided) {
        row(p, WORD_REASON, reason_sentence(t->decision.reason, p->lang == LANG_RU));
        row_time(p, WORD_WHEN, t->decision.at);
        row(p, WORD_TERRITORY, t->decision.territories);
        if (t->decision.until.us == INT64_MAX)
            row(p, WORD_ITEM_UNTIL, word(p->lang, WORD_ITEM_NO_END));
        else
            row_time(p, WORD_ITEM_UNTIL, t->decision.until);
        row(p, WORD_ITEM_AUTOMATED, word(p->lang, automation_word(t)));
        row(p, WORD_ITEM_GROUND, law_word(p->lang, t->item.regime));
        if (t->agreement[0])
            row(p, WORD_AGREEMENT_IN_FORCE, t->agreement);
    }
    if (t->has_evidence)
        put_evidence(p, &t->evidence);
    if (t->item.due.us != INT64_MAX)
        row_time(p, WORD_ITEM_DUE, t->item.due);
    buf_text(p->body, "</dl>");
}

/* ---- what can be done ---- */

static void begin_form(struct page *p, const struct told *x, enum item_event event, enum word title,
                       enum word lead)
{
    html_format(p->body,
                "<h2>%s</h2><p>%s</p><form class=\"letter\" method=\"post\" action=\"/statement\">"
                "<input type=\"hidden\" name=\"item\" value=\"%s\">",
                word(p->lang, title), word(p->lang, lead), x->item);
    html_format(p->body,
                "<input type=\"hidden\" name=\"key\" value=\"%s\"><input type=\"hidden\" "
                "name=\"side\" value=\"%s\"><input type=\"hidden\" name=\"event\" value=\"%s\">",
                x->key, actor_word(x->side), item_event_word(event));
}

static void end_form(struct page *p)
{
    html_format(p->body, "<button>%s</button></form>", word(p->lang, WORD_NOTICE_SEND));
}

static void input(struct page *p, const char *name, const char *label, const char *type)
{
    html_format(p->body,
                "<label>%s<input name=\"%s\" type=\"%s\" maxlength=\"1000\" required></label>",
                label, name, type);
}

static const struct {
    enum counter_reason reason;
    enum word word;
} counter_words[] = {
    { COUNTER_OWNER, WORD_COUNTER_OWNER },       { COUNTER_AUTHORIZED, WORD_COUNTER_AUTHORIZED },
    { COUNTER_NO_RIGHT, WORD_COUNTER_NO_RIGHT }, { COUNTER_FAIR_USE, WORD_COUNTER_FAIR_USE },
    { COUNTER_NOT_USED, WORD_COUNTER_NOT_USED }, { COUNTER_OTHER, WORD_COUNTER_OTHER },
};

/* The sentences that are signed under penalty of perjury stand where they are ticked. */
static const struct {
    enum element_at at;
    unsigned bit;
} ticks[] = { { ELEMENT_MISTAKE_AT, ELEMENT_MISTAKE },
              { ELEMENT_JURISDICTION_AT, ELEMENT_JURISDICTION } };
static const struct {
    const char *name, *type;
    enum element_at at;
    unsigned bit;
} inputs[] = { { "name", "text", ELEMENT_NAME_AT, ELEMENT_NAME },
               { "address", "text", ELEMENT_ADDRESS_AT, ELEMENT_ADDRESS },
               { "phone", "tel", ELEMENT_PHONE_AT, ELEMENT_PHONE },
               { "email", "email", ELEMENT_EMAIL_AT, ELEMENT_EMAIL },
               { "signature", "text", ELEMENT_SIGNATURE_AT, ELEMENT_SIGNATURE } };

static void counter_form(struct page *p, const struct told *x)
{
    char label[ELEMENT_LABEL];
    begin_form(p, x, EVENT_COUNTER, WORD_COUNTER, WORD_COUNTER_LEAD);
    html_format(p->body, "<label>%s<select name=\"reason\">", word(p->lang, WORD_REASON));
    for (size_t i = 0; i < COUNT_OF(counter_words); i++)
        html_format(p->body, "<option value=\"%s\">%s</option>",
                    counter_reason_word(counter_words[i].reason),
                    word(p->lang, counter_words[i].word));
    buf_text(p->body, "</select></label>");
    for (size_t i = 0; i < COUNT_OF(inputs); i++)
        input(p, inputs[i].name, element_label(inputs[i].at, p->lang == LANG_RU, label),
              inputs[i].type);
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
        html_format(p->body,
                    "<label class=\"tick\"><input type=\"checkbox\" name=\"%s\" value=\"1\" "
                    "required> %s</label>",
                    element_word(ticks[i].at),
                    element_label(ticks[i].at, p->lang == LANG_RU, label));
    html_format(p->body, "<label>%s<textarea name=\"text\" rows=\"4\"></textarea></label>",
                word(p->lang, WORD_IN_YOUR_WORDS));
    end_form(p);
}

static void complaint_form(struct page *p, const struct told *x)
{
    begin_form(p, x, EVENT_COMPLAIN, WORD_COMPLAINT, WORD_COMPLAINT_LEAD);
    html_format(p->body, "<label>%s<textarea name=\"text\" rows=\"4\" required></textarea></label>",
                word(p->lang, WORD_IN_YOUR_WORDS));
    end_form(p);
}

static void ways(struct page *p, const struct told *x)
{
    enum item_state s = x->told.item.now.state;
    bool uploader = x->side == ACTOR_UPLOADER;
    if (uploader && s == ITEM_SCHEDULED) {
        begin_form(p, x, EVENT_CURE, WORD_CURE, WORD_CURE_LEAD);
        end_form(p);
        begin_form(p, x, EVENT_DISPUTE, WORD_DISPUTE, WORD_DISPUTE_LEAD);
        end_form(p);
    }
    if (uploader && s == ITEM_RESTRICTED)
        counter_form(p, x);
    if (s == (uploader ? ITEM_RESTRICTED : ITEM_DECLINED))
        complaint_form(p, x);
    html_format(p->body, "<h2>%s</h2><p>%s</p>", word(p->lang, WORD_OTHER_WAYS),
                word(p->lang, WORD_OTHER_WAYS_LEAD));
}

static enum code show(struct http_request *r, struct http_response *out, struct told *x,
                      const char *done, const char *fault, struct error *e)
{
    struct page p;
    TRY(flow_item_told(r->world, str_of(x->item), x->side, str_of(x->key), r->arena, &x->told, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_STATEMENT_TITLE), NULL);
    if (fault) {
        out->status = 400;
        html_format(p.body, "<p class=\"error\" role=\"alert\">%s</p>", fault);
    }
    if (done)
        html_format(p.body, "<p class=\"note\" role=\"status\">%s</p>", done);
    put_statement(&p, x);
    ways(&p, x);
    page_end(&p);
    return OK;
}

enum code page_statement(struct http_request *r, struct http_response *out, struct error *e)
{
    const char *item = http_query(r, "item"), *key = http_query(r, "key");
    const char *side = http_query(r, "side");
    struct told x = { .item = item ? item : "",
                      .key = key ? key : "",
                      .side = side_of(str_of(side ? side : "")) };
    return show(r, out, &x, NULL, NULL, e);
}

static unsigned counter_elements(const struct http_pairs *form)
{
    unsigned has = ELEMENT_LOCATION; /* the link names what was removed, and where it was */
    for (size_t i = 0; i < COUNT_OF(inputs); i++)
        if (field_of(form, inputs[i].name).length)
            has |= inputs[i].bit;
    for (size_t i = 0; i < COUNT_OF(ticks); i++)
        if (field_of(form, element_word(ticks[i].at)).length)
            has |= ticks[i].bit;
    return has;
}

static enum code answer_of(struct http_request *r, const struct http_pairs *form,
                           struct item_answer *x, struct error *e)
{
    TRY(item_event_parse(field_of(form, "event"), &x->event, e));
    x->text = field_of(form, "text");
    if (x->event != EVENT_COUNTER)
        return OK;
    x->counter = (struct counter_draft) { .elements = counter_elements(form), .raw = r->body };
    return counter_reason_parse(field_of(form, "reason"), &x->counter.reason, e);
}

enum code page_statement_answered(struct http_request *r, struct http_response *out,
                                  struct error *e)
{
    struct http_pairs form = { 0 };
    struct item_answer answer = { 0 };
    struct error why = { 0 };
    if (!session_same_site(r))
        return fail(e, ERR_DENIED, "the form was sent by another site");
    TRY(http_query_parse(r->arena, r->body, &form, e));
    struct told x = { .item = str_copy(r->arena, field_of(&form, "item")),
                      .key = str_copy(r->arena, field_of(&form, "key")),
                      .side = side_of(field_of(&form, "side")) };
    enum code code = answer_of(r, &form, &answer, &why);
    if (code == OK)
        code = flow_item_answer(r->world, str_of(x.item), x.side, str_of(x.key), &answer, &why);
    if (code == ERR_INVALID || code == ERR_CONFLICT)
        return show(r, out, &x, NULL, why.text, e);
    if (code != OK)
        return fail(e, code, "%s", why.text);
    return show(r, out, &x, word(page_lang(r), WORD_ANSWER_TAKEN), NULL, e);
}
