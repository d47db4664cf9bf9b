/* SPDX-License-Identifier: Apache-2.0 */
/* What each error of the interface means, and what to do about it. */
#include "pages/inside.h"

static const struct problem {
    const char *slug;
    int status;
    struct {
        const char *title, *text;
    } in[LANG_COUNT];
} problems[] = {
#define ROW(slug, status, title, text, ru_title, ru_text)                                          \
    { slug, status, { { title, text }, { ru_title, ru_text } } },
#include "pages/problems.def"
#undef ROW
};

static const struct problem *problem_of(const char *slug)
{
    for (size_t i = 0; i < COUNT_OF(problems); i++)
        if (strcmp(problems[i].slug, slug) == 0)
            return &problems[i];
    return NULL;
}

/* A reason of a verdict has a page like an error's; its sentence shows where names will stand. */
static bool reason_page(struct http_request *r, struct http_response *out, const char *slug)
{
    struct page p;
    for (int i = 0; i < RULE_COUNT; i++) {
        enum rule rule = (enum rule)i;
        if (strcmp(rule_code(rule), slug) != 0)
            continue;
        page_begin(&p, r, out, slug, NULL);
        html_format(p.body, "<p class=\"lead\">%s</p>",
                    rule_sentence(rule, p.lang == LANG_RU ? LANGUAGE_RUSSIAN : LANGUAGE_ENGLISH));
        html_format(p.body, "<dl class=\"facts\"><dt>%s</dt><dd>", word(p.lang, WORD_RULE));
        buf_format(p.body, "%d</dd></dl>", rule_group(rule));
        html_format(p.body, "<p><a href=\"/problems\">%s</a></p>", word(p.lang, WORD_ALL_PROBLEMS));
        page_end(&p);
        return true;
    }
    return false;
}

enum code page_problem(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    const char *slug = http_parameter(r, "slug");
    const struct problem *problem = problem_of(slug);
    if (!problem && reason_page(r, out, slug))
        return OK;
    if (!problem)
        return fail(e, ERR_NOT_FOUND, "there is no problem called \"%s\"", slug);
    page_begin(&p, r, out, problem->in[page_lang(r)].title, NULL);
    html_format(p.body, "<p class=\"lead\">%s</p><dl class=\"facts\">", problem->in[p.lang].text);
    html_format(p.body, "<dt>%s</dt><dd><code>%s</code></dd><dt>%s</dt><dd>",
                word(p.lang, WORD_CODE), slug, word(p.lang, WORD_STATUS));
    buf_format(p.body, "%d %s</dd></dl>", problem->status, http_status_words(problem->status));
    html_format(p.body, "<p><a href=\"/problems\">%s</a></p>", word(p.lang, WORD_ALL_PROBLEMS));
    page_end(&p);
    return OK;
}

static void errors_table(struct page *p)
{
    html_format(p->body,
                "<h2>%s</h2><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
                "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "<th scope=\"col\">%s</th></tr></thead><tbody>",
                word(p->lang, WORD_ERRORS), word(p->lang, WORD_ERRORS), word(p->lang, WORD_STATUS),
                word(p->lang, WORD_CODE), word(p->lang, WORD_MEANING));
    for (size_t i = 0; i < COUNT_OF(problems); i++) {
        buf_format(p->body, "<tr><td>%d</td>", problems[i].status);
        html_format(p->body,
                    "<th scope=\"row\"><a href=\"/problems/%s\"><code>%s</code></a></th>"
                    "<td>%s</td></tr>",
                    problems[i].slug, problems[i].slug, problems[i].in[p->lang].title);
    }
    buf_text(p->body, "</tbody></table></div>");
}

static void reasons_table(struct page *p)
{
    enum language in = p->lang == LANG_RU ? LANGUAGE_RUSSIAN : LANGUAGE_ENGLISH;
    html_format(p->body,
                "<h2>%s</h2><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
                "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
                "<th scope=\"col\">%s</th></tr></thead><tbody>",
                word(p->lang, WORD_STRICTEST), word(p->lang, WORD_STRICTEST),
                word(p->lang, WORD_RULE), word(p->lang, WORD_CODE), word(p->lang, WORD_MEANING));
    for (int i = 0; i < RULE_COUNT; i++) {
        enum rule rule = (enum rule)i;
        buf_format(p->body, "<tr><td>%d</td>", rule_group(rule));
        html_format(p->body,
                    "<th scope=\"row\"><a href=\"/problems/%s\"><code>%s</code></a></th>"
                    "<td>%s</td></tr>",
                    rule_code(rule), rule_code(rule), rule_sentence(rule, in));
    }
    buf_text(p->body, "</tbody></table></div>");
}

enum code page_problems(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    (void)e;
    page_begin(&p, r, out, word(page_lang(r), WORD_ALL_PROBLEMS), NULL);
    reasons_table(&p);
    errors_table(&p);
    page_end(&p);
    return OK;
}
