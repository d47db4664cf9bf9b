/* SPDX-License-Identifier: Apache-2.0 */
/* XML to records, by libxml2's push parser and the table of shapes. */
#include "ddex/scan.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DEPTH_MOST = 100,            /* messages of the standard have less than 20 */
    SILENT_BYTES_MOST = 1 << 20, /* without an element, a text or an end: one huge thing */
    NAME_SLOTS = 1024,
};

struct level {
    uint8_t shape; /* of its children; SHAPE_NONE: they are not read */
    uint8_t act;
    uint16_t name;
};

struct name_slot {
    const xmlChar *at; /* in the parser's dictionary, so that equal names are equal pointers */
    uint16_t name;
};

struct scan {
    const struct scan_out *out;
    xmlParserCtxtPtr parser;
    struct name_slot names[NAME_SLOTS];
    const xmlChar *attributes[ATTRIBUTE_COUNT], *profile;
    struct level levels[DEPTH_MOST];
    unsigned depth, skipped; /* open elements that are read; open ones below that are not */
    struct buf record, root; /* items of the record at hand; of the root, for the header */
    bool in_text;
    uint32_t text_line;
    size_t text_length;
    char text[WIRE_TEXT_BYTES_MOST];
    uint64_t bytes, silent_since, records;
    bool refused, ended;
    struct ern_note note;
    enum code code; /* of out->frame, when that failed */
    struct error error;
};

/* ---- refusing ---- */

static void refuse(struct scan *s, enum ern_rule rule, const char *element, const char *format, ...)
    FORMAT(4, 5);

static void refuse(struct scan *s, enum ern_rule rule, const char *element, const char *format, ...)
{
    va_list args;
    if (s->refused || s->code != OK)
        return;
    s->refused = true;
    s->note = (struct ern_note) { .rule = rule };
    if (s->parser && s->parser->input)
        s->note.line = (uint32_t)s->parser->input->line;
    snprintf(s->note.element, sizeof s->note.element, "%s", element);
    va_start(args, format);
    vsnprintf(s->note.text, sizeof s->note.text, format, args);
    va_end(args);
    xmlStopParser(s->parser);
}

static void send_frame(struct scan *s, enum wire_kind kind, const void *payload, size_t length)
{
    if (s->code != OK)
        return;
    s->code = s->out->frame(s->out->context, kind, payload, length, &s->error);
    if (s->code != OK && s->parser)
        xmlStopParser(s->parser);
}

/* ---- items ---- */

static void put_item(struct scan *s, struct buf *to, enum wire_op op, unsigned name, uint32_t line,
                     const char *bytes, size_t length)
{
    struct wire_item item = { (uint16_t)((unsigned)op << 12 | name), (uint16_t)length, line };
    if (to->length + sizeof item + length > WIRE_RECORD_BYTES_MOST) {
        refuse(s, RULE_SIZE, ern_names[s->levels[s->depth - 1].name],
               "the record it is in has more than %d bytes", WIRE_RECORD_BYTES_MOST);
        return;
    }
    buf_put(to, &item, sizeof item);
    buf_put(to, bytes, length);
}

static uint32_t line_of(const struct scan *s)
{
    return (uint32_t)s->parser->input->line;
}

/* ---- names ---- */

static struct name_slot *slot_of(struct scan *s, const xmlChar *at)
{
    uintptr_t x = (uintptr_t)at;
    size_t n = (size_t)((x >> 3) * 0x9E3779B97F4A7C15u >> 40) & (NAME_SLOTS - 1);
    while (s->names[n].at && s->names[n].at != at)
        n = (n + 1) & (NAME_SLOTS - 1);
    return &s->names[n];
}

static bool learn_names(struct scan *s)
{
    static const char *const attributes[ATTRIBUTE_COUNT] = { "HasMaxValueOfOne", "UserDefinedValue",
                                                             "Namespace" };
    for (int i = 0; i < N_COUNT; i++) {
        const xmlChar *at = xmlDictLookup(s->parser->dict, (const xmlChar *)ern_names[i], -1);
        if (!at)
            return false;
        *slot_of(s, at) = (struct name_slot) { at, (uint16_t)i };
    }
    for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
        s->attributes[i] = xmlDictLookup(s->parser->dict, (const xmlChar *)attributes[i], -1);
        if (!s->attributes[i])
            return false;
    }
    s->profile = xmlDictLookup(s->parser->dict, (const xmlChar *)"ReleaseProfileVersionId", -1);
    return s->profile != NULL;
}

/* ---- elements ---- */

/* libxml2 gives five pointers for each: name, prefix, URI, begin and end of the value. */
enum { ATTRIBUTE_NAME, ATTRIBUTE_VALUE = 3, ATTRIBUTE_END, ATTRIBUTE_WIDTH };

static void put_attributes(struct scan *s, int count, const xmlChar **attributes)
{
    for (int i = 0; i < count; i++) {
        const xmlChar **at = attributes + (size_t)i * ATTRIBUTE_WIDTH;
        size_t length = (size_t)(at[ATTRIBUTE_END] - at[ATTRIBUTE_VALUE]);
        for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++) {
            if (at[ATTRIBUTE_NAME] != s->attributes[k])
                continue;
            if (length > WIRE_TEXT_BYTES_MOST)
                refuse(s, RULE_SIZE, (const char *)at[ATTRIBUTE_NAME], "an attribute of %zu bytes",
                       length);
            else
                put_item(s, &s->record, WIRE_ATTRIBUTE, k, line_of(s),
                         (const char *)at[ATTRIBUTE_VALUE], length);
        }
    }
}

static const char *const roots[] = { "NewReleaseMessage", "PurgeReleaseMessage",
                                     "ManifestMessage" };

/* The dialect is told by the namespace; the table reads all of them. */
static bool is_version(const char *space)
{
    static const char *const versions[] = { "38", "41", "42", "43" };
    static const char front[] = "http://ddex.net/xml/ern/";
    if (strncmp(space, front, sizeof front - 1) != 0)
        return false;
    const char *version = space + sizeof front - 1;
    size_t length = strlen(version);
    for (size_t i = 0; i < COUNT_OF(versions); i++)
        if (strncmp(version, versions[i], 2) == 0 &&
            (length == 2 || (length == 3 && version[2] >= '0' && version[2] <= '9')))
            return true;
    return false;
}

static bool is_manifest_space(const char *space)
{
    return strstr(space, "ddex.net/xml/") != NULL;
}

/* Others would need tables that are files, and a confined child opens none. */
static bool is_encoding(const xmlChar *name)
{
    static const char *const known[] = { "UTF-8",      "UTF8",   "UTF-16", "UTF-16LE", "UTF-16BE",
                                         "ISO-8859-1", "LATIN1", "ASCII",  "US-ASCII" };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (!name || xmlStrcasecmp(name, (const xmlChar *)known[i]) == 0)
            return true;
    return false;
}

static void put_root(struct scan *s, enum ern_name name, const char *text, size_t length)
{
    if (length > 200)
        for (length = 200; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--; /* never half a character */
    put_item(s, &s->root, WIRE_TEXT, name, line_of(s), text, length);
}

static void begin_root(struct scan *s, const char *name, const char *space, int count,
                       const xmlChar **attributes)
{
    size_t root = 0;
    const xmlChar *encoding = s->parser->input->encoding ? s->parser->input->encoding
                                                         : s->parser->encoding;
    if (!is_encoding(encoding)) {
        refuse(s, RULE_ENCODING, "", "the encoding \"%.40s\" is not read", (const char *)encoding);
        return;
    }
    while (root < COUNT_OF(roots) && strcmp(name, roots[root]) != 0)
        root++;
    if (root == COUNT_OF(roots)) {
        refuse(s, RULE_ROOT, "",
               "the root is \"%.100s\", not NewReleaseMessage, "
               "PurgeReleaseMessage or ManifestMessage",
               name);
        return;
    }
    bool manifest = root == COUNT_OF(roots) - 1;
    if (!space || !(manifest ? is_manifest_space(space) : is_version(space))) {
        refuse(s, RULE_NAMESPACE, name,
               "the namespace \"%.120s\" is none of ERN 3.8, 4.1, 4.2 "
               "and 4.3",
               space ? space : "");
        return;
    }
    s->levels[0] = (struct level) { SHAPE_MESSAGE, ACT_INTO, 0 };
    s->depth = 1;
    put_root(s, N_root, name, strlen(name));
    put_root(s, N_space, space, strlen(space));
    for (int i = 0; i < count; i++) {
        const xmlChar **at = attributes + (size_t)i * ATTRIBUTE_WIDTH;
        if (at[ATTRIBUTE_NAME] == s->profile)
            put_root(s, N_profile, (const char *)at[ATTRIBUTE_VALUE],
                     (size_t)(at[ATTRIBUTE_END] - at[ATTRIBUTE_VALUE]));
    }
}

static void begin_member(struct scan *s, const struct shape_member *m, int count,
                         const xmlChar **attributes)
{
    if (s->depth == DEPTH_MOST) {
        refuse(s, RULE_DEPTH, ern_names[m->name], "more than %d elements inside each other",
               DEPTH_MOST);
        return;
    }
    s->levels[s->depth++] = (struct level) { m->to, m->act, m->name };
    s->in_text = m->act == ACT_TEXT || m->act == ACT_TEXTS;
    if (m->act == ACT_RECORD)
        buf_clear(&s->record);
    if (m->act != ACT_INTO && count)
        put_attributes(s, count, attributes);
    if (s->in_text) {
        s->text_length = 0;
        s->text_line = line_of(s);
    }
    if (m->act == ACT_RECORD || m->act == ACT_GROUP)
        put_item(s, &s->record, WIRE_OPEN, m->name, line_of(s), "", 0);
    if (m->act == ACT_RECORD && m->name == N_MessageHeader)
        buf_put(&s->record, s->root.bytes, s->root.length);
}

static void on_begin(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int space_count, const xmlChar **spaces, int count, int defaulted,
                     const xmlChar **attributes)
{
    struct scan *s = context;
    (void)prefix;
    (void)space_count;
    (void)spaces;
    (void)defaulted;
    s->silent_since = s->bytes;
    if (s->refused)
        return;
    if (s->depth == 0) {
        begin_root(s, (const char *)name, (const char *)uri, count, attributes);
        return;
    }
    if (s->skipped) {
        if (++s->skipped + s->depth > DEPTH_MOST)
            refuse(s, RULE_DEPTH, (const char *)name, "more than %d elements inside each other",
                   DEPTH_MOST);
        return;
    }
    const struct name_slot *slot = slot_of(s, name);
    enum shape shape = s->levels[s->depth - 1].shape;
    const struct shape_member *m = slot->at && shape != SHAPE_NONE ? shape_member(shape, slot->name)
                                                                   : NULL;
    if (m)
        begin_member(s, m, count, attributes);
    else
        s->skipped = 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void end_text(struct scan *s, const struct level *l)
{
    size_t from = 0, to = s->text_length;
    while (from < to && is_blank(s->text[from]))
        from++;
    while (to > from && is_blank(s->text[to - 1]))
        to--;
    if (to > from || l->shape == SHAPE_NONE)
        put_item(s, &s->record, WIRE_TEXT, l->name, s->text_line, s->text + from, to - from);
    s->text_length = 0;
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct scan *s = context;
    (void)name;
    (void)prefix;
    (void)uri;
    s->silent_since = s->bytes;
    if (s->refused || s->depth == 0)
        return;
    if (s->skipped) {
        s->skipped--;
        return;
    }
    const struct level l = s->levels[s->depth - 1];
    if (l.act == ACT_TEXT || l.act == ACT_TEXTS)
        end_text(s, &l);
    if (l.act == ACT_GROUP || l.act == ACT_RECORD)
        put_item(s, &s->record, WIRE_CLOSE, l.name, line_of(s), "", 0);
    s->depth--;
    s->in_text = s->depth > 0 && (s->levels[s->depth - 1].act == ACT_TEXT ||
                                  s->levels[s->depth - 1].act == ACT_TEXTS);
    if (l.act != ACT_RECORD || s->refused)
        return;
    if (s->record.failed) {
        refuse(s, RULE_MEMORY, ern_names[l.name], "no memory for it");
        return;
    }
    s->records++;
    send_frame(s, WIRE_RECORD, s->record.bytes, s->record.length);
}

static void on_text(void *context, const xmlChar *bytes, int count)
{
    struct scan *s = context;
    s->silent_since = s->bytes;
    if (!s->in_text || s->skipped || s->refused)
        return;
    if (s->text_length + (size_t)count > sizeof s->text) {
        refuse(s, RULE_SIZE, ern_names[s->levels[s->depth - 1].name],
               "its text is longer than %d bytes", WIRE_TEXT_BYTES_MOST);
        return;
    }
    memcpy(s->text + s->text_length, bytes, (size_t)count);
    s->text_length += (size_t)count;
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
    struct scan *s = context;
    (void)name;
    (void)id;
    (void)uri;
    refuse(s, RULE_DOCTYPE, "DOCTYPE", "a message has no document type");
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct scan *s = context;
    enum ern_rule rule = RULE_NOT_XML;
    char text[200];
    if (error->level < XML_ERR_ERROR)
        return;
    if (error->code == XML_ERR_NO_MEMORY)
        rule = RULE_MEMORY;
    else if (error->code == XML_ERR_UNSUPPORTED_ENCODING || error->code == XML_ERR_UNKNOWN_ENCODING)
        rule = RULE_ENCODING;
    bool nothing = error->code == XML_ERR_DOCUMENT_END && !s->root.length;
    snprintf(text, sizeof text, "%s",
             nothing          ? "there is no element in it"
             : error->message ? error->message
                              : "it cannot be read");
    for (size_t n = strlen(text); n > 0 && (is_blank(text[n - 1]) || text[n - 1] == '.'); n--)
        text[n - 1] = '\0';
    refuse(s, rule, "", "%s", text);
}

/* ---- the whole ---- */

void scan_warm(void)
{
    xmlInitParser();
}

enum code scan_new(const struct scan_out *out, struct scan **made, struct error *e)
{
    xmlSAXHandler handlers = { .initialized = XML_SAX2_MAGIC,
                               .startElementNs = on_begin,
                               .endElementNs = on_end,
                               .characters = on_text,
                               .ignorableWhitespace = on_text,
                               .cdataBlock = on_text,
                               .internalSubset = on_doctype,
                               .serror = on_error };
    owned(scan) s = calloc(1, sizeof *s);
    if (!s)
        return fail(e, ERR_MEMORY, "no memory to read a message");
    s->out = out;
    s->parser = xmlCreatePushParserCtxt(&handlers, s, NULL, 0, NULL);
    if (!s->parser)
        return fail(e, ERR_MEMORY, "no memory to read a message");
    xmlCtxtUseOptions(s->parser, XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (!learn_names(s))
        return fail(e, ERR_MEMORY, "no memory to read a message");
    *made = take(s);
    return OK;
}

void scan_free(struct scan *s)
{
    if (!s)
        return;
    xmlFreeParserCtxt(s->parser);
    buf_done(&s->record);
    buf_done(&s->root);
    free(s);
}

static enum code settle(struct scan *s, bool *refused, struct error *e)
{
    if (s->refused && !s->ended) {
        s->ended = true;
        send_frame(s, WIRE_REFUSED, &s->note, sizeof s->note);
    }
    *refused = s->refused;
    if (s->code != OK)
        *e = s->error;
    return s->code;
}

enum code scan_feed(struct scan *s, const char *bytes, size_t count, bool *refused, struct error *e)
{
    enum { PIECE = 64 * 1024 };
    while (count && !s->refused && s->code == OK) {
        size_t piece = count < PIECE ? count : PIECE;
        s->bytes += piece;
        xmlParseChunk(s->parser, bytes, (int)piece, 0);
        if (s->bytes - s->silent_since > SILENT_BYTES_MOST)
            refuse(s, RULE_SIZE, s->depth ? ern_names[s->levels[s->depth - 1].name] : "",
                   "more than %d bytes in one tag, comment or instruction", SILENT_BYTES_MOST);
        bytes += piece;
        count -= piece;
    }
    return settle(s, refused, e);
}

enum code scan_end(struct scan *s, bool *refused, struct error *e)
{
    if (s->bytes == 0)
        refuse(s, RULE_NOT_XML, "", "it is empty");
    if (!s->refused && s->code == OK) {
        xmlParseChunk(s->parser, "", 0, 1);
        if (!s->parser->wellFormed)
            refuse(s, RULE_NOT_XML, "", "it is not well-formed");
    }
    if (!s->refused && s->code == OK) {
        const struct wire_end end = { s->bytes, s->records };
        send_frame(s, WIRE_END, &end, sizeof end);
    }
    return settle(s, refused, e);
}
