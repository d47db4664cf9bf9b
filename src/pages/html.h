/* SPDX-License-Identifier: Apache-2.0 */
/* HTML by hand: escaping, words in two languages, the frame every page stands in. */
#ifndef LICET_PAGES_HTML_H
#define LICET_PAGES_HTML_H

#include "http/http.h"

enum lang { LANG_EN, LANG_RU, LANG_COUNT };

/* ?lang= wins (and is kept in a cookie), then that cookie, then Accept-Language, then English. */
enum lang page_lang(const struct http_request *r);
enum lang page_lang_of_header(const char *accept); /* pure */

enum word {
#define ROW(name, english, russian) WORD_##name,
#include "pages/words.def"
#undef ROW
    WORD_COUNT
};
const char *word(enum lang in, enum word w);

void html_text(struct buf *out, struct str text); /* & < > " ' escaped; not UTF-8 becomes U+FFFD */
void html_put(struct buf *out, const char *text); /* the same; NULL writes nothing */
/* Mark-up as it stands, with %s places escaped: html_format(out, "<td>%s</td>", title). Only %s. */
void html_format(struct buf *out, const char *mark_up, ...);
void html_count(struct buf *out, enum lang in, int64_t n); /* 12 345 or 12,345 */
/* 2026-11-23 10:00 UTC, to the minute; NEVER and EVER write nothing */
void html_time(struct buf *out, struct instant t);
/* The path asked for in another language, with its query kept. */
void html_lang_link(struct buf *out, const struct http_request *r, enum lang in);

struct page {
    const struct http_request *request;
    struct http_response *out;
    enum lang lang;
    const char *title;
    const char *user; /* who is logged in, or NULL: the frame shows the console's menu */
    struct buf *body; /* = &out->body, between page_begin and page_end */
};

/* Status and headers (CSP without inline script or style, no referrer), head and menu. */
void page_begin(struct page *p, const struct http_request *r, struct http_response *out,
                const char *title, const char *user);
void page_end(struct page *p);

/* The value of a cookie, or NULL. */
const char *page_cookie(const struct http_request *r, const char *name);

#endif
