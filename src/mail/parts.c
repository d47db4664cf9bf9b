/* SPDX-License-Identifier: Apache-2.0 */
/* A message taken apart by GMime: the only part of the house that knows it. Runs in the confined
 * child, where no table of characters can be opened: those that are met are loaded before. */
#include <gmime/gmime.h>
#include <iconv.h>

#include "mail/inside.h"

enum { DEPTH_MOST = 20, PARTS_MOST = 1000 };

void parts_warm(void)
{
    static const char *const charsets[] = {
        "ISO-8859-1",   "ISO-8859-2", "ISO-8859-5", "ISO-8859-15", "WINDOWS-1250", "WINDOWS-1251",
        "WINDOWS-1252", "KOI8-R",     "KOI8-U",     "CP866",       "UTF-16",       "UTF-7",
        "GB18030",      "SHIFT_JIS",  "EUC-JP",     "ISO-2022-JP", "BIG5",         "EUC-KR"
    };
    static iconv_t held[COUNT_OF(charsets)]; /* open for the children to come */
    if (held[0])
        return;
    g_mime_init();
    for (size_t i = 0; i < COUNT_OF(charsets); i++)
        held[i] = iconv_open("UTF-8", charsets[i]);
}

struct taking {
    struct letter_parts *out;
    struct arena *arena;
    int parts;
};

static struct str kept(struct arena *a, const char *text)
{
    struct str s = str_trim(str_of(text ? text : ""));
    if (s.length > FIELD_MOST || !str_is_utf8(s))
        return STR("");
    return (struct str) { str_copy(a, s), s.length };
}

/* ---- bodies ---- */

static void put_text(struct buf *to, const char *text)
{
    if (!text)
        return;
    if (to->length + strlen(text) > MAIL_TEXT_MOST)
        return;
    buf_text(to, text);
    buf_byte(to, '\n');
}

static void put_bytes(struct buf *to, GMimePart *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *s = g_mime_stream_mem_new();
    if (content && g_mime_data_wrapper_write_to_stream(content, s) >= 0) {
        GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)s);
        if (bytes->len <= MAIL_TEXT_MOST)
            buf_put(to, bytes->data, bytes->len);
    }
    g_object_unref(s);
}

static bool is_xml(GMimeContentType *type, const char *name)
{
    size_t n = name ? strlen(name) : 0;
    return g_mime_content_type_is_type(type, "text", "xml") ||
           g_mime_content_type_is_type(type, "application", "xml") ||
           (n > 4 && g_ascii_strcasecmp(name + n - 4, ".xml") == 0);
}

static void take_leaf(struct taking *t, GMimePart *part)
{
    struct letter_parts *out = t->out;
    GMimeContentType *type = g_mime_object_get_content_type((GMimeObject *)part);
    if (is_xml(type, g_mime_part_get_filename(part))) {
        if (out->xml.length == 0)
            put_bytes(&out->xml, part);
    } else if (GMIME_IS_TEXT_PART(part)) {
        char *text = g_mime_text_part_get_text((GMimeTextPart *)part);
        if (text && g_mime_content_type_is_type(type, "text", "html"))
            html_to_text(str_of(text), &out->html);
        else
            put_text(&out->plain, text);
        g_free(text);
    }
}

static void take_part(struct taking *t, GMimeObject *o, int depth)
{
    if (!o || depth > DEPTH_MOST || ++t->parts > PARTS_MOST)
        return;
    t->out->is_signed |= GMIME_IS_MULTIPART_SIGNED(o);
    t->out->encrypted |= GMIME_IS_MULTIPART_ENCRYPTED(o);
    if (GMIME_IS_MULTIPART(o)) {
        int count = g_mime_multipart_get_count((GMimeMultipart *)o);
        for (int i = 0; i < count && i < PARTS_MOST; i++)
            take_part(t, g_mime_multipart_get_part((GMimeMultipart *)o, i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(o)) { /* forwarded whole */
        GMimeMessage *inner = g_mime_message_part_get_message((GMimeMessagePart *)o);
        if (inner)
            take_part(t, g_mime_message_get_mime_part(inner), depth + 1);
    } else if (GMIME_IS_PART(o)) {
        take_leaf(t, (GMimePart *)o);
    }
}

/* Text signed inline (RFC 9580, 7): what stands between the marks, dashes taken back. */
static void unwrap_signature(struct letter_parts *p)
{
    static const char begin[] = "-----BEGIN PGP SIGNED MESSAGE-----";
    static const char end[] = "-----BEGIN PGP SIGNATURE-----";
    struct str text = buf_as_str(&p->plain), line;
    const char *from = text.length ? memmem(text.at, text.length, begin, sizeof begin - 1) : NULL;
    if (!from)
        return;
    BUF(inner);
    bool head = true;
    struct str rest = { from, (size_t)(text.at + text.length - from) };
    while (str_split(&rest, '\n', &line)) {
        if (str_starts(line, end))
            break;
        if (!head)
            buf_str(&inner,
                    str_starts(line, "- ") ? (struct str) { line.at + 2, line.length - 2 } : line);
        if (!head)
            buf_byte(&inner, '\n');
        head = head && str_trim(line).length > 0;
    }
    p->is_signed = true;
    buf_clear(&p->plain);
    buf_str(&p->plain, buf_as_str(&inner));
}

/* ---- headers ---- */

static enum code take_from(struct taking *t, GMimeMessage *m, struct error *e)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list((GMimeObject *)m);
    int count = g_mime_header_list_get_count(headers), senders = 0;
    for (int i = 0; i < count; i++)
        senders += g_ascii_strcasecmp(
                       g_mime_header_get_name(g_mime_header_list_get_header_at(headers, i)),
                       "From") == 0;
    InternetAddressList *list = g_mime_message_get_from(m);
    if (senders != 1 || !list || internet_address_list_length(list) != 1)
        return fail(e, ERR_INVALID, "the message has %s sender",
                    senders || (list && internet_address_list_length(list) > 1) ? "more than one"
                                                                                : "no");
    InternetAddress *from = internet_address_list_get_address(list, 0);
    if (!INTERNET_ADDRESS_IS_MAILBOX(from))
        return fail(e, ERR_INVALID, "the sender is no mailbox");
    t->out->from = kept(t->arena,
                        internet_address_mailbox_get_addr((InternetAddressMailbox *)from));
    t->out->name = kept(t->arena, internet_address_get_name(from));
    return t->out->from.length ? OK : fail(e, ERR_INVALID, "the sender is no mailbox");
}

/* "authority; dkim=pass header.d=label.example": only of the operator's own server (RFC 8601), and
 * only the topmost, since a server adds its own above what came. */
static void take_results(struct taking *t, GMimeMessage *m, struct str authority)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list((GMimeObject *)m);
    GMimeHeader *h = authority.length
                         ? g_mime_header_list_get_header(headers, "Authentication-Results")
                         : NULL;
    if (!h)
        return;
    struct str rest = kept(t->arena, g_mime_header_get_value(h)), part;
    if (!str_split(&rest, ';', &part) || !str_equal(str_trim(part), authority))
        return;
    while (str_split(&rest, ';', &part)) {
        static const char key[] = "header.d=";
        struct str s = str_trim(part);
        const char *at = s.length ? memmem(s.at, s.length, key, sizeof key - 1) : NULL;
        if (!str_starts(s, "dkim=pass") || !at || t->out->domain_count == COUNT_OF(t->out->domains))
            continue;
        at += sizeof key - 1;
        size_t n = 0, left = (size_t)(s.at + s.length - at);
        while (n < left && at[n] > ' ' && at[n] != ';')
            n++;
        t->out->domains[t->out->domain_count++] = (struct str) { at, n };
    }
}

static void take_headers(struct taking *t, GMimeMessage *m)
{
    GDateTime *date = g_mime_message_get_date(m);
    t->out->subject = kept(t->arena, g_mime_message_get_subject(m));
    t->out->message_id = kept(t->arena, g_mime_message_get_message_id(m));
    if (date) {
        GDateTime *utc = g_date_time_to_utc(date);
        char *text = utc ? g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;
        t->out->sent = kept(t->arena, text);
        g_free(text);
        if (utc)
            g_date_time_unref(utc);
    }
}

static enum code take_message(struct taking *t, GMimeMessage *m, struct str authority,
                              struct error *e)
{
    TRY(take_from(t, m, e));
    take_headers(t, m);
    take_results(t, m, authority);
    take_part(t, g_mime_message_get_mime_part(m), 0);
    unwrap_signature(t->out);
    return OK;
}

enum code parts_read(struct str message, struct str authority, struct arena *a,
                     struct letter_parts *out, struct error *e)
{
    struct taking t = { out, a, 0 };
    *out = (struct letter_parts) { .from = STR("") };
    parts_warm();
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message.at ? message.at : "",
                                                            message.length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
    enum code code = m ? take_message(&t, m, authority, e)
                       : fail(e, ERR_INVALID, "it is not a message");
    if (m)
        g_object_unref(m);
    g_object_unref(parser);
    g_object_unref(stream);
    return code;
}

void parts_done(struct letter_parts *p)
{
    buf_done(&p->plain);
    buf_done(&p->html);
    buf_done(&p->xml);
}
