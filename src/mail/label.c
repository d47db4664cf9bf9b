/* SPDX-License-Identifier: Apache-2.0 */
/* A label's plain words: links, the work of each, who writes for whom. Pure; fuzzed.
 *
 * A link is an item. The words of its line, or of the line before, name the work: "artist - title".
 * "Title:", "Artist:", "ISRC:" hold for the links that follow until another says otherwise. */
#include "mail/inside.h"

#include <strings.h>

enum tag { TAG_NONE, TAG_TITLE, TAG_ARTIST, TAG_ISRC, TAG_PRINCIPAL, TAG_NAME, TAG_ORIGINAL };

static const struct {
    enum tag tag;
    const char *word;
} tags[] = {
    { TAG_TITLE, "title" },
    { TAG_TITLE, "track" },
    { TAG_TITLE, "song" },
    { TAG_TITLE, "work" },
    { TAG_TITLE, "copyrighted work" },
    { TAG_TITLE, "название" },
    { TAG_TITLE, "Название" },
    { TAG_TITLE, "произведение" },
    { TAG_TITLE, "Произведение" },
    { TAG_ARTIST, "artist" },
    { TAG_ARTIST, "performer" },
    { TAG_ARTIST, "исполнитель" },
    { TAG_ARTIST, "Исполнитель" },
    { TAG_ISRC, "isrc" },
    { TAG_PRINCIPAL, "on behalf of" },
    { TAG_PRINCIPAL, "copyright owner" },
    { TAG_PRINCIPAL, "copyright holder" },
    { TAG_PRINCIPAL, "rights holder" },
    { TAG_PRINCIPAL, "rightsholder" },
    { TAG_PRINCIPAL, "label" },
    { TAG_PRINCIPAL, "правообладатель" },
    { TAG_PRINCIPAL, "Правообладатель" },
    { TAG_NAME, "name" },
    { TAG_NAME, "full name" },
    { TAG_NAME, "signature" },
    { TAG_NAME, "signed" },
    { TAG_NAME, "подпись" },
    { TAG_NAME, "Подпись" },
    { TAG_NAME, "Имя" },
    { TAG_ORIGINAL, "original" },
    { TAG_ORIGINAL, "original work" },
    { TAG_ORIGINAL, "authorised copy" },
    { TAG_ORIGINAL, "authorized copy" },
    { TAG_ORIGINAL, "official" },
    { TAG_ORIGINAL, "оригинал" },
    { TAG_ORIGINAL, "Оригинал" },
};

struct reading {
    struct arena *arena;
    struct found_notice *out;
    struct str own;
    struct str title, artist, isrc; /* in force */
    struct str words;               /* of the line before, when it had no link */
};

static struct str without_front(struct str s, size_t count)
{
    return (struct str) { s.at + count, s.length - count };
}

static bool is_word(struct str s, const char *word)
{
    size_t n = strlen(word);
    return s.length == n && strncasecmp(s.at, word, n) == 0;
}

static enum tag tag_of(struct str line, struct str *value)
{
    const char *colon = memchr(line.at, ':', line.length);
    if (!colon || colon - line.at > 40)
        return TAG_NONE;
    struct str front = str_trim((struct str) { line.at, (size_t)(colon - line.at) });
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (is_word(front, tags[i].word)) {
            *value = str_trim(without_front(line, (size_t)(colon - line.at) + 1));
            return tags[i].tag;
        }
    return TAG_NONE;
}

/* ---- links ---- */

static bool ends_link(char c)
{
    return (uint8_t)c <= ' ' || strchr("<>\"|\\^`{}", c) != NULL;
}

/* The next link in `s`; where it begins and ends. An id of an upload alone is one as well. */
static bool find_link(struct str s, size_t from, size_t *begin, size_t *end)
{
    for (size_t i = from; i + 4 < s.length; i++) {
        struct str at = without_front(s, i);
        bool link = (str_starts(at, "http://") || str_starts(at, "https://")) ||
                    (str_starts(at, "upl_") && (i == 0 || ends_link(s.at[i - 1])));
        if (!link)
            continue;
        size_t n = i;
        while (n < s.length && !ends_link(s.at[n]))
            n++;
        while (n > i && strchr(".,;:!?)]'", s.at[n - 1]))
            n--;
        *begin = i;
        *end = n;
        return true;
    }
    return false;
}

/* A link to the sender's own house is no item. */
static bool is_own(const struct reading *r, struct str link)
{
    const char *host = memmem(link.at, link.length, "://", 3);
    if (!host || !r->own.length)
        return false;
    host += 3;
    size_t left = (size_t)(link.at + link.length - host), n = 0;
    while (n < left && host[n] != '/' && host[n] != ':' && host[n] != '?')
        n++;
    struct str name = { host, n };
    if (name.length < r->own.length)
        return false;
    struct str tail = without_front(name, name.length - r->own.length);
    return strncasecmp(tail.at, r->own.at, tail.length) == 0 &&
           (name.length == tail.length || name.at[name.length - tail.length - 1] == '.');
}

/* ---- works ---- */

/* "1. ", "2) ", "- ", "* " before the words; brackets, colons and dashes behind them. */
static struct str trim_words(struct str s)
{
    s = str_trim(s);
    size_t n = 0;
    while (n < s.length && n < 6 && s.at[n] >= '0' && s.at[n] <= '9')
        n++;
    if (n > 0 && n < s.length && (s.at[n] == '.' || s.at[n] == ')'))
        s = str_trim(without_front(s, n + 1));
    while (s.length && strchr("-*\"'([", s.at[0]))
        s = str_trim(without_front(s, 1));
    while (s.length && strchr("-:(['\"", s.at[s.length - 1]))
        s = str_trim((struct str) { s.at, s.length - 1 });
    return s;
}

static bool split_at(struct str s, const char *mark, struct str *left, struct str *right)
{
    const char *at = s.length ? memmem(s.at, s.length, mark, strlen(mark)) : NULL;
    if (!at)
        return false;
    *left = trim_words((struct str) { s.at, (size_t)(at - s.at) });
    *right = trim_words(without_front(s, (size_t)(at - s.at) + strlen(mark)));
    return left->length && right->length;
}

static void name_work(const struct reading *r, struct str words, struct found_item *item)
{
    static const char *const marks[] = { " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 " };
    struct str left, right;
    words = trim_words(words);
    item->title = r->title;
    item->artist = r->artist;
    item->isrc = r->isrc;
    if (words.length < 2 || words.length > FIELD_MOST)
        return;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (split_at(words, marks[i], &left, &right)) {
            item->artist = left;
            item->title = right;
            item->isrc = STR("");
            return;
        }
    if (!item->title.length)
        item->title = words;
}

static struct str kept(const struct reading *r, struct str s)
{
    if (s.length > FIELD_MOST)
        return STR("");
    return (struct str) { str_copy(r->arena, s), s.length };
}

/* ---- lines ---- */

static bool take_tag(struct reading *r, enum tag tag, struct str value)
{
    struct str *const places[] = { [TAG_TITLE] = &r->title,
                                   [TAG_ARTIST] = &r->artist,
                                   [TAG_ISRC] = &r->isrc,
                                   [TAG_PRINCIPAL] = &r->out->principal,
                                   [TAG_NAME] = &r->out->name };
    size_t begin, end;
    if (tag == TAG_NONE)
        return false;
    if (tag == TAG_ORIGINAL)
        return true;
    if (find_link(value, 0, &begin, &end))
        return false;
    *places[tag] = kept(r, trim_words(value));
    if (tag == TAG_TITLE) /* another work: what was said of the last one is over */
        r->isrc = STR("");
    return true;
}

static enum code take_line(struct reading *r, struct str line, struct error *e)
{
    struct str value = STR("");
    size_t begin, end, from = 0;
    bool any = false;
    if (take_tag(r, tag_of(line, &value), value)) {
        r->words = STR("");
        return OK;
    }
    while (find_link(line, from, &begin, &end)) {
        struct str link = { line.at + begin, end - begin };
        struct str words = { line.at + from, begin - from };
        if (!is_own(r, link)) {
            struct found_item item = { .location = kept(r, link) };
            name_work(r, trim_words(words).length > 1 || any ? words : r->words, &item);
            item.title = kept(r, item.title);
            item.artist = kept(r, item.artist);
            if (item.location.length)
                TRY(found_add(r->out, r->arena, &item, e));
        }
        any = true;
        from = end;
    }
    r->words = any || line.length > 200 ? STR("") : line;
    return OK;
}

enum code label_read(struct str text, struct str own, struct arena *a, struct found_notice *out,
                     struct error *e)
{
    struct reading r = { .arena = a, .out = out, .own = own };
    struct str line;
    out->format = "label";
    while (str_split(&text, '\n', &line)) {
        if (str_is(line, "-- ") || str_is(line, "-- \r")) /* from here on it is a visiting card */
            break;
        line = str_trim(line);
        if (line.length && line.at[0] != '>') /* what is quoted was sent before */
            TRY(take_line(&r, line, e));
    }
    return OK;
}

enum code found_add(struct found_notice *n, struct arena *a, const struct found_item *item,
                    struct error *e)
{
    if (n->count == MAIL_LINKS_MOST)
        return fail(e, ERR_LIMIT, "the message names more than %d items", MAIL_LINKS_MOST);
    if (n->count == n->room) {
        size_t room = n->room ? n->room * 4 : 16;
        struct found_item *more = arena_try(a, room, sizeof *more);
        if (!more)
            return fail(e, ERR_MEMORY, "no memory for %zu items", room);
        if (n->count)
            memcpy(more, n->items, n->count * sizeof *more);
        n->items = more;
        n->room = room;
    }
    n->items[n->count++] = *item;
    return OK;
}
