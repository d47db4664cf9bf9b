/* SPDX-License-Identifier: Apache-2.0 */
/* ACNS 0.6 to 1.2: the Infringement that rights holders' agents send. Read leniently: with either
 * namespace, or none; members that are not known are left out. Runs in the confined child. */
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "mail/inside.h"

static bool is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && xmlStrcasecmp(n->name, (const xmlChar *)name) == 0;
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next)
        if (is(c, name))
            return c;
    return NULL;
}

static struct str text_of(const xmlNode *n, struct arena *a)
{
    struct str out = STR("");
    xmlChar *text = n ? xmlNodeGetContent(n) : NULL;
    if (text) {
        struct str s = str_trim(str_of((const char *)text));
        if (s.length <= FIELD_MOST * 2)
            out = (struct str) { str_copy(a, s), s.length };
        xmlFree(text);
    }
    return out;
}

static struct str member(const xmlNode *n, const char *name, struct arena *a)
{
    return text_of(child(n, name), a);
}

static bool is_retraction(const xmlNode *root)
{
    const xmlNode *type = child(root, "Type");
    xmlChar *value = type ? xmlGetProp((xmlNode *)(uintptr_t)type, (const xmlChar *)"Retraction")
                          : NULL;
    bool yes = value && (xmlStrcasecmp(value, (const xmlChar *)"true") == 0 ||
                         xmlStrcmp(value, (const xmlChar *)"1") == 0);
    xmlFree(value);
    return yes;
}

/* The address of an item: its own, or the source's with the file's name behind it. */
static struct str location_of(const xmlNode *item, const xmlNode *source, struct str file,
                              struct arena *a)
{
    struct str url = member(item, "URL", a), base = member(source, "URL_Base", a);
    if (url.length)
        return url;
    if (!base.length)
        base = member(source, "URL", a);
    if (!base.length || !file.length || str_equal(base, file))
        return base.length ? base : file;
    bool slash = base.at[base.length - 1] == '/';
    return str_of(arena_format(a, "%.*s%s%.*s", STR_ARG(base), slash ? "" : "/", STR_ARG(file)));
}

static enum code read_items(const xmlNode *root, struct arena *a, struct found_notice *out,
                            struct error *e)
{
    const xmlNode *content = child(root, "Content"), *source = child(root, "Source");
    for (const xmlNode *c = content ? content->children : NULL; c; c = c->next) {
        if (!is(c, "Item"))
            continue;
        struct str file = member(c, "FileName", a);
        struct found_item item = { location_of(c, source, file, a), member(c, "Title", a),
                                   member(c, "Artist", a), member(c, "ISRC", a) };
        if (!item.title.length)
            item.title = file;
        if (item.location.length)
            TRY(found_add(out, a, &item, e));
    }
    return OK;
}

static void read_sender(const xmlNode *root, struct arena *a, struct found_notice *out)
{
    const xmlNode *c = child(root, "Complainant");
    out->principal = member(c, "Entity", a);
    out->name = member(c, "Contact", a);
    if (!out->name.length)
        out->name = out->principal;
    out->says |= member(c, "Address", a).length ? 1u << SAYS_ADDRESS : 0;
    out->says |= member(c, "Phone", a).length ? 1u << SAYS_PHONE : 0;
    out->says |= child(root, "Signature") ? 1u << SAYS_SIGNATURE : 0;
    out->key = member(child(root, "Case"), "ID", a);
}

/* What is said in words inside counts as what is said around it. */
static void read_words(const xmlNode *root, struct found_notice *out)
{
    static const char *const names[] = { "Declaration", "Notes", "TextNotice", "Detection" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const xmlNode *n = child(root, names[i]);
        xmlChar *text = n ? xmlNodeGetContent(n) : NULL;
        if (text)
            out->says |= says_in(str_of((const char *)text));
        xmlFree(text);
    }
}

static enum code read_root(const xmlDoc *doc, struct arena *a, struct found_notice *out,
                           struct error *e)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    if (doc->intSubset)
        return fail(e, ERR_INVALID, "acns: a document type is not taken");
    if (!root || !is(root, "Infringement"))
        return fail(e, ERR_INVALID, "acns: the root is not Infringement");
    out->format = "acns";
    out->retraction = is_retraction(root);
    read_sender(root, a, out);
    read_words(root, out);
    TRY(read_items(root, a, out, e));
    return out->count ? OK : fail(e, ERR_INVALID, "acns: Content names no item with a location");
}

/* From "<Infringement" (with any prefix) to the end of its last closing tag. */
static bool extent(struct str text, struct str *out)
{
    static const char name[] = "Infringement";
    const char *first = NULL, *last = NULL, *end = text.at + text.length;
    for (const char *at = text.at;
         (at = memmem(at, (size_t)(end - at), name, sizeof name - 1)) != NULL; at++) {
        const char *open = at;
        while (open > text.at && open[-1] != '<' && open[-1] != '>' && open[-1] > ' ' &&
               at - open < 20)
            open--;
        if (open == text.at || open[-1] != '<')
            continue;
        if (*open == '/')
            last = at + sizeof name - 1;
        else if (!first)
            first = open - 1;
    }
    const char *close = first && last > first ? memchr(last, '>', (size_t)(end - last)) : NULL;
    if (!first)
        return false;
    *out = (struct str) { first, close ? (size_t)(close - first) + 1 : (size_t)(end - first) };
    return true;
}

/* A bare '&', common in addresses, becomes what was meant. */
static void mend(struct str xml, struct buf *out)
{
    for (size_t i = 0; i < xml.length; i++) {
        size_t n = i + 1;
        buf_byte(out, (uint8_t)xml.at[i]);
        if (xml.at[i] != '&')
            continue;
        while (n < xml.length && n < i + 10 &&
               ((xml.at[n] >= '0' && xml.at[n] <= '9') || (xml.at[n] | 32) >= 'a' ||
                xml.at[n] == '#') &&
               (xml.at[n] | 32) <= 'z')
            n++;
        if (n == i + 1 || n == xml.length || xml.at[n] != ';')
            buf_text(out, "amp;");
    }
}

enum code acns_read(struct str text, bool whole, struct arena *a, struct found_notice *out,
                    bool *found, struct error *e)
{
    struct str xml = text;
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    *found = text.length && extent(text, &xml);
    if (!*found)
        return OK;
    if (whole) /* with its declaration, which names the encoding */
        xml = text;
    if (xml.length > MAIL_TEXT_MOST)
        return fail(e, ERR_LIMIT, "acns: more than %d bytes", MAIL_TEXT_MOST);
    xmlDocPtr doc = xmlReadMemory(xml.at, (int)xml.length, NULL, whole ? NULL : "UTF-8", options);
    BUF(mended);
    if (!doc) {
        mend(xml, &mended);
        doc = xmlReadMemory((const char *)mended.bytes, (int)mended.length, NULL,
                            whole ? NULL : "UTF-8", options | XML_PARSE_RECOVER);
    }
    if (!doc)
        return fail(e, ERR_INVALID, "acns: it is not XML");
    enum code code = read_root(doc, a, out, e);
    xmlFreeDoc(doc);
    return code;
}
