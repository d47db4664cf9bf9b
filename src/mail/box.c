/* SPDX-License-Identifier: Apache-2.0 */
/* A mailbox of many messages in one file (mbox, RFC 4155, with '>' before quoted "From " lines). */
#include "mail/mail.h"

static struct str line_of(struct str s)
{
    const char *end = s.length ? memchr(s.at, '\n', s.length) : NULL;
    return (struct str) { s.at, end ? (size_t)(end - s.at) + 1 : s.length };
}

static struct str behind(struct str s, size_t count)
{
    return (struct str) { s.at + count, s.length - count };
}

bool mail_looks_like(struct str bytes)
{
    struct str line = line_of(bytes);
    size_t n = 0;
    while (n < line.length && line.at[n] > ' ' && line.at[n] < 127 && line.at[n] != ':')
        n++;
    return n > 1 && n < 77 && n < line.length && line.at[n] == ':' && line.at[0] >= 'A' &&
           line.at[0] <= 'z' && memchr(line.at, ',', n) == NULL && memchr(line.at, ';', n) == NULL;
}

bool mail_box_looks_like(struct str bytes)
{
    return str_starts(bytes, "From ") && line_of(bytes).length < 1000;
}

static bool is_quoted(struct str line)
{
    size_t n = 0;
    while (n < line.length && line.at[n] == '>')
        n++;
    return n > 0 && str_starts(behind(line, n), "From ");
}

static bool is_blank(struct str line)
{
    return str_trim(line).length == 0;
}

/* The end of the message at the front: before a "From " line that follows a blank one. */
static size_t extent(struct str s, size_t *quoted)
{
    bool blank = false;
    size_t at = 0;
    *quoted = 0;
    while (at < s.length) {
        struct str line = line_of(behind(s, at));
        if (blank && str_starts(line, "From "))
            return at;
        *quoted += is_quoted(line);
        blank = is_blank(line);
        at += line.length;
    }
    return at;
}

bool mail_box_next(struct str *box, struct arena *a, struct str *message)
{
    if (str_starts(*box, "From "))
        *box = behind(*box, line_of(*box).length);
    if (str_trim(*box).length == 0)
        return false;
    size_t quoted, length = extent(*box, &quoted);
    struct str whole = { box->at, length };
    *box = behind(*box, length);
    *message = whole;
    if (quoted == 0)
        return true;
    char *text = ARENA_ARRAY(a, char, length + 1);
    size_t n = 0;
    while (whole.length) {
        struct str line = line_of(whole);
        size_t skip = is_quoted(line) ? 1 : 0;
        memcpy(text + n, line.at + skip, line.length - skip);
        n += line.length - skip;
        whole = behind(whole, line.length);
    }
    *message = (struct str) { text, n };
    return true;
}
