/* SPDX-License-Identifier: Apache-2.0 */
/* HTML by hand: escaping, words, the frame. */
#include "pages/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const char *const words[WORD_COUNT][LANG_COUNT] = {
#define ROW(name, english, russian) { english, russian },
#include "pages/words.def"
#undef ROW
};

static const char *const lang_codes[] = { "en", "ru" };

const char *word(enum lang in, enum word w)
{
    return words[w][in];
}

/* "de, ru;q=0.8, en;q=0.5": the heaviest of ours; the first among equals. */
enum lang page_lang_of_header(const char *accept)
{
    struct str rest = str_of(accept), part;
    enum lang best = LANG_EN;
    double best_weight = 0;
    while (rest.at && str_split(&rest, ',', &part)) {
        struct str weight = part, tag;
        str_split(&weight, ';', &tag);
        tag = str_trim(tag);
        double w = 1;
        if (weight.at) {
            char text[16];
            weight = str_trim(weight);
            snprintf(text, sizeof text, "%.*s", STR_ARG(weight));
            w = strncmp(text, "q=", 2) == 0 ? atof(text + 2) : 0;
        }
        for (int i = 0; i < LANG_COUNT; i++)
            if (tag.length >= 2 && strncasecmp(tag.at, lang_codes[i], 2) == 0 &&
                (tag.length == 2 || tag.at[2] == '-') && w > best_weight) {
                best = (enum lang)i;
                best_weight = w;
            }
    }
    return best;
}

static bool lang_parse(const char *code, enum lang *out)
{
    for (int i = 0; code && i < LANG_COUNT; i++)
        if (strcmp(code, lang_codes[i]) == 0) {
            *out = (enum lang)i;
            return true;
        }
    return false;
}

const char *page_cookie(const struct http_request *r, const char *name)
{
    struct str rest = str_of(http_header(r, "Cookie")), part, key;
    while (rest.at && str_split(&rest, ';', &part)) {
        part = str_trim(part);
        str_split(&part, '=', &key);
        if (str_is(key, name) && part.at)
            return str_copy(r->arena, part);
    }
    return NULL;
}

enum lang page_lang(const struct http_request *r)
{
    enum lang in;
    if (lang_parse(http_query(r, "lang"), &in) || lang_parse(page_cookie(r, "lang"), &in))
        return in;
    return page_lang_of_header(http_header(r, "Accept-Language"));
}

void html_text(struct buf *out, struct str text)
{
    bool sound = str_is_utf8(text);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '&')
            buf_text(out, "&amp;");
        else if (c == '<')
            buf_text(out, "&lt;");
        else if (c == '>')
            buf_text(out, "&gt;");
        else if (c == '"')
            buf_text(out, "&quot;");
        else if (c == '\'')
            buf_text(out, "&#39;");
        else if ((unsigned char)c >= 0x80 && !sound)
            buf_text(out, "\xEF\xBF\xBD");
        else if ((unsigned char)c >= 0x20 || c == '\n' || c == '\t')
            buf_byte(out, (uint8_t)c);
    }
}

void html_put(struct buf *out, const char *text)
{
    if (text)
        html_text(out, str_of(text));
}

void html_format(struct buf *out, const char *mark_up, ...)
{
    va_list args;
    va_start(args, mark_up);
    for (const char *p = mark_up; *p; p++) {
        if (p[0] == '%' && p[1] == 's') {
            html_put(out, va_arg(args, const char *));
            p++;
        } else {
            buf_byte(out, (uint8_t)*p);
        }
    }
    va_end(args);
}

void html_count(struct buf *out, enum lang in, int64_t n)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < length; i++) {
        int left = length - i;
        if (i > 0 && digits[i - 1] != '-' && left % 3 == 0)
            buf_text(out, in == LANG_RU ? "\xC2\xA0" : ",");
        buf_byte(out, (uint8_t)digits[i]);
    }
}

void html_time(struct buf *out, struct instant t)
{
    char text[INSTANT_TEXT];
    t.us -= t.us % 60000000;
    instant_format(t, text);
    if (strlen(text) < 16)
        return;
    html_format(out, "<time datetime=\"%s\">", text);
    buf_format(out, "%.10s&nbsp;%.5s&nbsp;UTC</time>", text, text + 11);
}

void html_lang_link(struct buf *out, const struct http_request *r, enum lang in)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    html_put(out, r->path);
    buf_format(out, "?lang=%s", lang_codes[in]);
    for (size_t i = 0; i < r->query.count; i++) {
        const struct http_pair *q = &r->query.rows[i];
        if (strcmp(q->name, "lang") == 0 || strcmp(q->name, "token") == 0)
            continue;
        html_format(out, "&amp;%s=", q->name);
        for (const char *p = q->value; *p; p++)
            if (strchr(plain, *p))
                buf_byte(out, (uint8_t)*p);
            else
                buf_format(out, "%%%02X", (unsigned)(unsigned char)*p);
    }
}

static void menu_item(struct page *p, const char *path, enum word w)
{
    bool here = strcmp(p->request->path, path) == 0;
    html_format(p->body, "<li><a href=\"%s\"", path);
    buf_text(p->body, here ? " aria-current=\"page\">" : ">");
    html_format(p->body, "%s</a></li>", word(p->lang, w));
}

static void menu(struct page *p)
{
    html_format(p->body, "<nav aria-label=\"%s\"><ul>", word(p->lang, WORD_MENU));
    menu_item(p, "/", WORD_HOME);
    if (p->user) {
        menu_item(p, "/console/uploads", WORD_UPLOADS);
        menu_item(p, "/console/ask", WORD_ASK);
        menu_item(p, "/console/statements", WORD_STATEMENTS);
    }
    enum lang other = p->lang == LANG_EN ? LANG_RU : LANG_EN;
    buf_text(p->body, "<li class=\"end\"><a href=\"");
    html_lang_link(p->body, p->request, other);
    buf_format(p->body, "\" lang=\"%s\" hreflang=\"%s\">", lang_codes[other], lang_codes[other]);
    html_format(p->body, "%s</a></li>", word(p->lang, WORD_OTHER_LANG));
    if (p->user)
        html_format(p->body,
                    "<li><form method=\"post\" action=\"/logout\">"
                    "<button class=\"quiet\">%s (%s)</button></form></li>",
                    word(p->lang, WORD_LOG_OUT), p->user);
    buf_text(p->body, "</ul></nav>");
}

void page_begin(struct page *p, const struct http_request *r, struct http_response *out,
                const char *title, const char *user)
{
    *p = (struct page) { r, out, page_lang(r), title, user, &out->body };
    http_header_set(out, "Content-Type", "text/html; charset=utf-8");
    http_header_set(out, "Content-Language", lang_codes[p->lang]);
    http_header_set(out, "Vary", "Accept-Language, Cookie");
    http_header_set(out, "Cache-Control", "no-store");
    http_header_set(out, "Referrer-Policy", "no-referrer");
    http_header_set(out, "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
                    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    if (http_query(r, "lang"))
        http_header_format(out, "Set-Cookie", "lang=%s; Path=/; Max-Age=31536000; SameSite=Lax",
                           lang_codes[p->lang]);
    buf_format(p->body, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">",
               lang_codes[p->lang]);
    html_format(p->body,
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                "<meta name=\"color-scheme\" content=\"light dark\">"
                "<title>%s – licet</title><link rel=\"stylesheet\" href=\"/style.css\">"
                "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"></head><body>"
                "<a class=\"skip\" href=\"#text\">%s</a>"
                "<header><a class=\"mark\" href=\"/\">licet</a>",
                title, word(p->lang, WORD_SKIP));
    menu(p);
    html_format(p->body, "</header><main id=\"text\"><h1>%s</h1>\n", title);
}

void page_end(struct page *p)
{
    buf_text(p->body, "</main></body></html>\n");
}
