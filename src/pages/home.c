/* SPDX-License-Identifier: Apache-2.0 */
/* The first page: what this server is, in words and in numbers. */
#include "pages/inside.h"

static void card(struct page *p, enum word name, int64_t count)
{
    html_format(p->body, "<div><dt>%s</dt><dd>", word(p->lang, name));
    html_count(p->body, p->lang, count);
    buf_text(p->body, "</dd></div>");
}

static enum code numbers(struct page *p, struct error *e)
{
    TX(tx);
    struct world *w = p->request->world;
    int64_t recordings, references, uploads, verdicts;
    TRY(store_begin(world_store(w), STORE_READ, &tx, e));
    TRY(registry_recording_count(tx, world_catalogue(w), &recordings, e));
    TRY(registry_reference_count(tx, world_catalogue(w), REFERENCE_INDEXED, &references, e));
    TRY(media_count(tx, &uploads, &verdicts, e));
    html_format(p->body, "<h2>%s</h2><dl class=\"cards\">", word(p->lang, WORD_IN_NUMBERS));
    card(p, WORD_RECORDINGS, recordings);
    card(p, WORD_REFERENCES, references);
    card(p, WORD_UPLOADS, uploads);
    card(p, WORD_VERDICTS, verdicts);
    buf_text(p->body, "</dl>");
    return OK;
}

enum code page_home(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    struct session s;
    bool known = session_find(r, &s);
    page_begin(&p, r, out, word(page_lang(r), WORD_TAGLINE), known ? s.name : NULL);
    html_format(p.body, "<p class=\"lead\">%s</p>", word(p.lang, WORD_WHAT_IS_THIS));
    TRY(numbers(&p, e));
    html_format(p.body,
                "<h2>%s</h2><ul><li><a href=\"/notice\">%s</a></li><li><a "
                "href=\"/transparency\">%s</a></li></ul>",
                word(p.lang, WORD_PARTIES), word(p.lang, WORD_NOTICE_FORM),
                word(p.lang, WORD_TRANSPARENCY));
    html_format(p.body, "<h2>%s</h2><ul>", word(p.lang, WORD_FOR_PROGRAMS));
    html_format(p.body, "<li><a href=\"/openapi.json\">%s</a></li>", word(p.lang, WORD_OPENAPI));
    html_format(p.body, "<li><a href=\"/problems\">%s</a></li>", word(p.lang, WORD_PROBLEMS));
    html_format(p.body, "<li><a href=\"/readyz\">%s</a></li></ul>", word(p.lang, WORD_HEALTH));
    html_format(p.body, "<p class=\"note\">licet %s</p>", LICET_VERSION);
    page_end(&p);
    return OK;
}
