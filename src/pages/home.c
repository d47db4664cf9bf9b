/* SPDX-License-Identifier: Apache-2.0 */
/* The first page: what this server is, in words and in numbers. */
#include "pages/inside.h"

enum code page_home(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    (void)e;
    page_begin(&p, r, out, word(page_lang(r), WORD_TAGLINE), NULL);
    html_format(p.body, "<p class=\"lead\">%s</p>", word(p.lang, WORD_WHAT_IS_THIS));
    html_format(p.body, "<h2>%s</h2><ul>", word(p.lang, WORD_FOR_PROGRAMS));
    html_format(p.body, "<li><a href=\"/openapi.json\">%s</a></li>", word(p.lang, WORD_OPENAPI));
    html_format(p.body, "<li><a href=\"/problems\">%s</a></li>", word(p.lang, WORD_PROBLEMS));
    html_format(p.body, "<li><a href=\"/readyz\">%s</a></li></ul>", word(p.lang, WORD_HEALTH));
    page_end(&p);
    return OK;
}
