/* SPDX-License-Identifier: Apache-2.0 */
/* "May this be played?" asked by a person, and the page that explains a verdict. */
#include <stdlib.h>

#include "pages/inside.h"

enum { UPLOADS_OFFERED = 100, APPS_OFFERED = 200 };

static const char *use_name(enum lang in, const char *use)
{
    static const enum word names[USE_COUNT] = { WORD_USE_STREAM, WORD_USE_PREVIEW,
                                                WORD_USE_DOWNLOAD, WORD_USE_OFFLINE };
    for (int i = 0; i < USE_COUNT; i++)
        if (strcmp(use_word((enum use)i), use) == 0)
            return word(in, names[i]);
    return use;
}

static void option(struct page *p, const char *value, const char *text, const char *chosen)
{
    html_format(p->body, "<option value=\"%s\"", value);
    buf_text(p->body, chosen && strcmp(chosen, value) == 0 ? " selected>" : ">");
    html_format(p->body, "%s</option>", text);
}

/* The latest uploads, and the one that was named, if it is older. */
static enum code upload_field(struct page *p, struct store_tx *tx, struct error *e)
{
    const char *chosen = http_query(p->request, "upload");
    struct upload_filter f = UPLOADS_ALL;
    struct upload *found = NULL;
    size_t count = 0;
    bool listed = !chosen;
    char id[ID_TEXT];
    f.newest_first = true;
    f.limit = UPLOADS_OFFERED;
    TRY(media_upload_list(tx, &f, p->request->arena, &found, &count, e));
    html_format(p->body, "<label>%s<select name=\"upload\">", word(p->lang, WORD_UPLOAD));
    for (size_t i = 0; i < count; i++) {
        upload_id_format(found[i].id, id);
        listed = listed || strcmp(chosen, id) == 0;
        option(p, id, found[i].file && found[i].file[0] ? found[i].file : id, chosen);
    }
    if (!listed)
        option(p, chosen, chosen, chosen);
    buf_text(p->body, "</select></label>");
    return OK;
}

static void territory_field(struct page *p)
{
    html_format(p->body, "<label>%s<select name=\"territory\">", word(p->lang, WORD_TERRITORY));
    for (int i = 0; i < TERRITORY_COUNT; i++) {
        struct territory t = { (uint8_t)i };
        option(p, territory_code(t),
               arena_format(p->request->arena, "%s – %s", territory_code(t),
                            p->lang == LANG_RU ? territory_russian(t) : territory_english(t)),
               p->lang == LANG_RU ? "RU" : "DE");
    }
    buf_text(p->body, "</select></label>");
}

static enum code app_field(struct page *p, struct store_tx *tx, struct error *e)
{
    struct arena *a = p->request->arena;
    struct app *found = NULL;
    size_t count = 0;
    TRY(access_app_list(tx, (struct network_id) { 0 }, (struct app_id) { 0 }, APPS_OFFERED, a,
                        &found, &count, e));
    html_format(p->body, "<label>%s<select name=\"app\">", word(p->lang, WORD_APP));
    for (size_t i = 0; i < count; i++) {
        struct network n;
        TRY(access_network_get(tx, found[i].network, a, &n, e));
        option(p, arena_format(a, "%s/%s", n.slug, found[i].slug),
               arena_format(a, "%s – %s", n.name, found[i].name), NULL);
    }
    buf_text(p->body, "</select></label>");
    return OK;
}

static void use_field(struct page *p)
{
    html_format(p->body, "<label>%s<select name=\"use\">", word(p->lang, WORD_USE));
    for (int i = 0; i < USE_COUNT; i++)
        option(p, use_word((enum use)i), use_name(p->lang, use_word((enum use)i)), NULL);
    buf_text(p->body, "</select></label>");
}

static enum code form(struct page *p, struct store_tx *tx, const char *fault, struct error *e)
{
    if (fault)
        html_format(p->body, "<p class=\"error\" role=\"alert\">%s</p>", fault);
    buf_text(p->body, "<form class=\"ask\" method=\"post\" action=\"/console/ask\">");
    TRY(upload_field(p, tx, e));
    territory_field(p);
    TRY(app_field(p, tx, e));
    use_field(p);
    html_format(p->body, "<button>%s</button></form>", word(p->lang, WORD_DECIDE));
    return OK;
}

static enum code show_form(struct http_request *r, struct http_response *out,
                           const struct session *s, const char *fault, struct error *e)
{
    TX(tx);
    struct page p;
    TRY(store_begin(world_store(r->world), STORE_READ, &tx, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_ASK), s->name);
    if (fault)
        out->status = 400;
    TRY(form(&p, tx, fault, e));
    page_end(&p);
    return OK;
}

enum code page_ask(struct http_request *r, struct http_response *out, struct error *e)
{
    struct session s;
    return session_may(r, out, &s, ASKERS) ? show_form(r, out, &s, NULL, e) : OK;
}

static struct str field_of(const struct http_pairs *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->rows[i].name, name) == 0)
            return str_of(form->rows[i].value);
    return STR("");
}

/* Decide and keep; the answer is the page that explains it. */
enum code page_asked(struct http_request *r, struct http_response *out, struct error *e)
{
    struct session s;
    struct http_pairs form_fields = { 0 };
    struct decided d;
    char id[ID_TEXT];
    if (!session_may(r, out, &s, ASKERS))
        return OK;
    if (!session_same_site(r))
        return fail(e, ERR_DENIED, "the form was sent by another site");
    TRY(http_query_parse(r->arena, r->body, &form_fields, e));
    struct str app = field_of(&form_fields, "app"), network;
    str_split(&app, '/', &network);
    struct decide_request ask = { .subject = str_trim(field_of(&form_fields, "upload")),
                                  .network = network,
                                  .app = app.at ? app : STR(""),
                                  .territory = field_of(&form_fields, "territory"),
                                  .use = field_of(&form_fields, "use"),
                                  .keep = true };
    struct error why = { 0 };
    enum code code = flow_decide(r->world, &ask, r->arena, &d, &why);
    if (code == ERR_INVALID || code == ERR_NOT_FOUND)
        return show_form(r, out, &s, why.text, e);
    if (code != OK)
        return fail(e, code, "%s", why.text);
    out->status = 303;
    http_header_format(out, "Location", "/verdicts/%s", verdict_id_format(d.id, id));
    return OK;
}

/* ---- the page of a verdict ---- */

static const char *member(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static void put_seconds(struct page *p, int64_t ms)
{
    buf_format(p->body, "%lld.%lld&nbsp;", (long long)(ms / 1000), (long long)(ms / 100 % 10));
    html_put(p->body, word(p->lang, WORD_SECONDS));
}

/* The verdict itself: its mode, its decisive sentence, until when. */
static void put_answer(struct page *p, const json_t *v)
{
    const char *mode = member(v, "mode"), *until = member(v, "valid_until");
    const json_t *preview = json_object_get(v, "preview");
    size_t decisive = (size_t)json_integer_value(json_object_get(v, "decisive"));
    const json_t *reason = json_array_get(json_object_get(v, "reasons"), decisive);
    html_format(p->body, "<section class=\"verdict is-%s\"><span class=\"mode %s\">%s</span>", mode,
                mode, mode_word(p->lang, mode));
    if (json_is_object(preview)) {
        buf_text(p->body, " ");
        put_seconds(p, json_integer_value(json_object_get(preview, "length_ms")));
    }
    html_format(p->body, "<p class=\"lead\">%s</p>",
                member(reason, p->lang == LANG_RU ? "sentence_ru" : "sentence_en"));
    if (until)
        html_format(p->body, "<p class=\"note\">%s: %s</p></section>",
                    word(p->lang, WORD_VALID_UNTIL), until);
    else
        html_format(p->body, "<p class=\"note\">%s</p></section>", word(p->lang, WORD_NO_END));
}

/* "denied: download, offline": what of it the reason is about */
static void put_uses(struct page *p, const json_t *uses)
{
    buf_text(p->body, "<span class=\"note\">");
    for (size_t i = 0; i < json_array_size(uses); i++)
        html_format(p->body, i ? ", %s" : "%s",
                    use_name(p->lang, json_string_value(json_array_get(uses, i))));
    buf_text(p->body, "</span>");
}

static void put_reasons(struct page *p, const json_t *v)
{
    const json_t *reasons = json_object_get(v, "reasons");
    size_t decisive = (size_t)json_integer_value(json_object_get(v, "decisive"));
    html_format(p->body, "<h2>%s</h2><ol class=\"reasons\">", word(p->lang, WORD_WHY));
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *one = json_array_get(reasons, i), *record = json_object_get(one, "record");
        const char *effect = member(one, "effect"), *id = member(record, "id");
        buf_text(p->body, i == decisive ? "<li class=\"decisive\">" : "<li>");
        html_format(p->body, "<span class=\"mode %s\">%s</span> ", effect,
                    mode_word(p->lang, effect));
        put_uses(p, json_object_get(one, "uses"));
        html_format(p->body, "<p>%s</p>",
                    member(one, p->lang == LANG_RU ? "sentence_ru" : "sentence_en"));
        html_format(p->body, "<p class=\"note\"><a href=\"/problems/%s\"><code>%s</code></a>",
                    member(one, "code"), member(one, "code"));
        if (id)
            html_format(p->body, " · %s <code>%s</code>", member(record, "kind"), id);
        buf_text(p->body, "</p></li>");
    }
    buf_text(p->body, "</ol>");
}

static void put_question(struct page *p, const json_t *facts)
{
    static const struct {
        const char *name;
        enum word label;
    } rows[] = { { "recording", WORD_RECORDING },
                 { "territory", WORD_TERRITORY },
                 { "use", WORD_USE },
                 { "at", WORD_WHEN } };
    const json_t *asked = json_object_get(facts, "asked");
    html_format(p->body, "<h2>%s</h2><dl class=\"facts\">", word(p->lang, WORD_ASKED));
    if (member(asked, "upload"))
        html_format(p->body,
                    "<dt>%s</dt><dd><a href=\"/console/uploads/%s\"><code>%s</code></a></dd>",
                    word(p->lang, WORD_UPLOAD), member(asked, "upload"), member(asked, "upload"));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (member(asked, rows[i].name))
            html_format(p->body, "<dt>%s</dt><dd>%s</dd>", word(p->lang, rows[i].label),
                        member(asked, rows[i].name));
    html_format(p->body, "<dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>%s</dd></dl>",
                word(p->lang, WORD_NETWORK), member(json_object_get(facts, "network"), "name"),
                word(p->lang, WORD_APP), member(json_object_get(facts, "app"), "name"));
}

static enum code put_facts(struct page *p, const json_t *facts, struct error *e)
{
    char *text = json_dumps(facts, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!text)
        return fail(e, ERR_MEMORY, "no memory for the facts");
    html_format(p->body, "<details><summary>%s</summary><pre tabindex=\"0\">",
                word(p->lang, WORD_FACTS));
    html_put(p->body, text);
    buf_text(p->body, "</pre></details>");
    free(text);
    return OK;
}

static enum code explain(struct page *p, const struct explained *x, struct error *e)
{
    JSON(verdict);
    JSON(facts);
    TRY(json_read(str_of(x->stored.verdict_json), &verdict, e));
    TRY(json_read(str_of(x->stored.facts_json), &facts, e));
    put_answer(p, verdict);
    put_reasons(p, verdict);
    put_question(p, facts);
    html_format(p->body, "<p class=\"%s\">%s</p>", x->same ? "note" : "error",
                word(p->lang, x->same ? WORD_REPLAYED : WORD_NOT_REPLAYED));
    return put_facts(p, facts, e);
}

enum code page_verdict(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    struct session s;
    struct explained x;
    if (!session_may(r, out, &s, ASKERS | LOOKERS))
        return OK;
    TRY(flow_explain(r->world, str_of(http_parameter(r, "verdict")), r->arena, &x, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_VERDICT), s.name);
    TRY(explain(&p, &x, e));
    page_end(&p);
    return OK;
}
