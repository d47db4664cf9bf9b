/* SPDX-License-Identifier: Apache-2.0 */
/* The user agreement as it is in force, and as it was; with what the rules of the desk mean for it. */
#include "pages/inside.h"

static void head_of(struct page *p, const struct agreement *t)
{
    char hash[65];
    hex_encode(t->hash, sizeof t->hash, hash);
    html_format(p->body, "<dl class=\"facts\"><dt>%s</dt><dd>", word(p->lang, WORD_REPORT_VERSION));
    html_count(p->body, p->lang, t->version);
    html_format(p->body, "</dd><dt>%s</dt><dd>", word(p->lang, WORD_PUBLISHED));
    html_time(p->body, t->at);
    html_format(p->body, "</dd><dt>SHA-256</dt><dd><code>%s</code></dd></dl>", hash);
}

/* Paragraphs stand between empty lines. */
static void put_text(struct page *p, struct str text)
{
    struct str line;
    bool open = false;
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.length == 0) {
            buf_text(p->body, open ? "</p>" : "");
            open = false;
            continue;
        }
        buf_text(p->body, open ? "<br>" : "<p>");
        html_text(p->body, line);
        open = true;
    }
    buf_text(p->body, open ? "</p>" : "");
}

static enum code put_versions(struct page *p, struct error *e)
{
    TX(tx);
    struct agreement *list;
    size_t count;
    TRY(store_begin(world_store(p->request->world), STORE_READ, &tx, e));
    TRY(desk_agreement_list(tx, p->request->arena, &list, &count, e));
    html_format(p->body, "<h2>%s</h2><ul>", word(p->lang, WORD_AGREEMENT_VERSIONS));
    for (size_t i = 0; i < count; i++) {
        buf_format(p->body, "<li><a href=\"/terms/%lld\">%lld</a>, ", (long long)list[i].version,
                   (long long)list[i].version);
        html_time(p->body, list[i].at);
        buf_text(p->body, "</li>");
    }
    buf_text(p->body, "</ul>");
    return OK;
}

static enum code show(struct http_request *r, struct http_response *out, int64_t version,
                      struct error *e)
{
    struct page p;
    struct agreement t;
    TRY(flow_agreement_get(r->world, version, r->arena, &t, e));
    page_begin(&p, r, out, word(page_lang(r), WORD_AGREEMENT), NULL);
    head_of(&p, &t);
    put_text(&p, str_of(t.body));
    TRY(put_versions(&p, e));
    page_end(&p);
    return OK;
}

enum code page_agreement(struct http_request *r, struct http_response *out, struct error *e)
{
    return show(r, out, 0, e);
}

enum code page_agreement_version(struct http_request *r, struct http_response *out, struct error *e)
{
    int64_t version;
    TRY(str_to_int64(str_of(http_parameter(r, "version")), 1, INT64_MAX, &version, e));
    return show(r, out, version, e);
}
