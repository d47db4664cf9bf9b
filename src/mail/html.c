/* SPDX-License-Identifier: Apache-2.0 */
/* HTML to the words that a reader would see, by libxml2. */
#include <libxml/HTMLparser.h>

#include "mail/inside.h"

enum { DEPTH_MOST = 200 };

static bool is_one_of(const xmlChar *name, const char *const *names)
{
    for (; *names; names++)
        if (xmlStrcasecmp(name, (const xmlChar *)*names) == 0)
            return true;
    return false;
}

static void put_words(const xmlNode *n, struct buf *out)
{
    const char *at = (const char *)n->content;
    for (bool blank = false; at && *at; at++) {
        bool space = *at == ' ' || *at == '\t' || *at == '\n' || *at == '\r';
        if (!space || !blank)
            buf_byte(out, space ? ' ' : (uint8_t)*at);
        blank = space;
    }
}

/* A link stands for its words where they are its own address, or one word ("here"); behind them
 * where they say more. */
static void put_link(xmlNode *n, struct buf *out, size_t words_from)
{
    xmlChar *href = xmlGetProp(n, (const xmlChar *)"href");
    if (!href || xmlStrncasecmp(href, (const xmlChar *)"http", 4) != 0) {
        xmlFree(href);
        return;
    }
    if (out->length > words_from) {
        struct str words = { (const char *)out->bytes + words_from, out->length - words_from };
        if (!memchr(str_trim(words).at, ' ', str_trim(words).length))
            out->length = words_from;
    }
    buf_format(out, " %s ", (const char *)href);
    xmlFree(href);
}

static void walk(xmlNode *n, int depth, struct buf *out)
{
    static const char *const hidden[] = { "script", "style", "head", "title", NULL };
    static const char *const blocks[] = { "p",  "div", "br", "li", "tr",         "h1",  "h2", "h3",
                                          "h4", "hr",  "ul", "ol", "blockquote", "pre", NULL };
    for (; n && depth < DEPTH_MOST && out->length < MAIL_TEXT_MOST; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            put_words(n, out);
            continue;
        }
        if (n->type != XML_ELEMENT_NODE || is_one_of(n->name, hidden))
            continue;
        bool block = is_one_of(n->name, blocks);
        size_t from = out->length;
        if (block)
            buf_byte(out, '\n');
        walk(n->children, depth + 1, out);
        if (xmlStrcasecmp(n->name, (const xmlChar *)"a") == 0)
            put_link(n, out, from);
        if (block)
            buf_byte(out, '\n');
    }
}

void html_to_text(struct str html, struct buf *out)
{
    if (html.length > MAIL_TEXT_MOST)
        html.length = MAIL_TEXT_MOST;
    htmlDocPtr doc = htmlReadMemory(html.at, (int)html.length, NULL, "UTF-8",
                                    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                        HTML_PARSE_NONET);
    if (!doc)
        return;
    walk(xmlDocGetRootElement(doc), 0, out);
    xmlFreeDoc(doc);
}
