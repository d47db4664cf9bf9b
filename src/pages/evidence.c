/* SPDX-License-Identifier: Apache-2.0 */
/* A match to look at and to listen to. */
#include "pages/html.h"
#include "pages/inside.h"

static enum code match_of(const struct http_request *r, struct evidence *out, struct error *e)
{
    struct upload_id upload;
    struct match_id match;
    TRY(upload_id_parse(str_of(http_parameter(r, "upload")), &upload, e));
    TRY(match_id_parse(str_of(http_parameter(r, "match")), &match, e));
    return flow_evidence_of_match(r->world, upload, match, r->arena, out, e);
}

static void player(struct page *p, const char *base, const char *file, enum word label)
{
    const char *words = word(p->lang, label);
    html_format(p->body,
                "<figure><figcaption>%s</figcaption><audio controls preload=\"none\" src=\"%s/%s\" "
                "aria-label=\"%s\"></audio></figure>",
                words, base, file, words);
}

static void evidence(struct page *p, const struct evidence *x)
{
    const char *upload = http_parameter(p->request, "upload");
    const char *base = arena_format(p->request->arena, "/console/uploads/%s/matches/%s", upload,
                                    http_parameter(p->request, "match"));
    html_format(p->body, "<p>%s – %s</p>", x->match.artist ? x->match.artist : "",
                x->match.title ? x->match.title : x->match.file);
    html_format(p->body, "<figure><img class=\"wide\" src=\"%s/picture.svg\" alt=\"%s\">", base,
                word(p->lang, WORD_PICTURE_SAYS));
    html_format(p->body, "<figcaption>%s</figcaption></figure>", word(p->lang, WORD_PICTURE_SAYS));
    player(p, base, "upload.mp3", WORD_HEAR_UPLOAD);
    if (x->has_reference_sound)
        player(p, base, "reference.mp3", WORD_HEAR_REFERENCE);
    else
        html_format(p->body, "<p>%s</p>", word(p->lang, WORD_NOT_KEPT));
    html_format(p->body, "<p><a href=\"/console/uploads/%s\">%s</a></p>", upload,
                word(p->lang, WORD_BACK_TO_UPLOAD));
}

enum code page_match(struct http_request *r, struct http_response *out, struct error *e)
{
    struct page p;
    struct session s;
    struct evidence x;
    if (!session_may(r, out, &s, LOOKERS))
        return OK;
    TRY(match_of(r, &x, e));
    page_begin(&p, r, out,
               arena_format(r->arena, "%s: %s", word(page_lang(r), WORD_EVIDENCE), x.name), s.name);
    evidence(&p, &x);
    page_end(&p);
    return OK;
}

enum code page_match_evidence(struct http_request *r, struct http_response *out, struct error *e)
{
    enum { SECONDS = 30 };
    struct session s;
    struct evidence x;
    const char *type;
    if (!session_may(r, out, &s, LOOKERS))
        return OK;
    TRY(match_of(r, &x, e));
    TRY(flow_evidence_bytes(r->world, &x, str_of(http_parameter(r, "evidence")), SECONDS,
                            &out->body, &type, e));
    http_header_set(out, "Content-Type", type);
    http_header_set(out, "Cache-Control", "private, max-age=600");
    http_header_set(out, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'");
    return OK;
}
