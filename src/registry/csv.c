/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV reader that survives a broken line. */
#include "registry/csv.h"

static bool at_line_end(const struct csv *c)
{
    return c->at == c->text.length || c->text.at[c->at] == '\n' || c->text.at[c->at] == '\r';
}

/* Step over LF, CRLF or CR. */
static void step_line_end(struct csv *c)
{
    if (c->at == c->text.length)
        return;
    if (c->text.at[c->at] == '\r' && c->at + 1 < c->text.length && c->text.at[c->at + 1] == '\n')
        c->at++;
    c->at++;
    c->line++;
}

static void skip_line(struct csv *c)
{
    while (!at_line_end(c))
        c->at++;
    step_line_end(c);
}

static char most_frequent(struct str text)
{
    static const char candidates[] = ",;\t";
    size_t seen[3] = { 0 }, best = 0;
    for (size_t i = 0; i < text.length && text.at[i] != '\n' && text.at[i] != '\r'; i++)
        for (size_t k = 0; k < 3; k++)
            seen[k] += text.at[i] == candidates[k];
    for (size_t k = 1; k < 3; k++)
        if (seen[k] > seen[best])
            best = k;
    return candidates[best];
}

enum code csv_begin(struct csv *c, struct str text, struct error *e)
{
    if (str_starts(text, "\xFF\xFE") || str_starts(text, "\xFE\xFF"))
        return fail(e, ERR_INVALID, "the text is UTF-16; save it as UTF-8");
    if (str_starts(text, "\xEF\xBB\xBF"))
        text = (struct str) { text.at + 3, text.length - 3 };
    *c = (struct csv) { text, 0, 1, most_frequent(text) };
    return OK;
}

/* A cell between quotes; c->at is behind the opening one. Doubled quotes are made single in the
 * arena. */
static enum code quoted_cell(struct csv *c, struct arena *a, struct str *out, struct error *e)
{
    size_t begin = c->at, doubled = 0;
    for (;; c->at++) {
        if (c->at == c->text.length || c->at - begin > CSV_RECORD_BYTES_MOST)
            return fail(e, ERR_INVALID, "a quote is not closed");
        char ch = c->text.at[c->at];
        if (ch == '"') {
            if (c->at + 1 == c->text.length || c->text.at[c->at + 1] != '"')
                break;
            c->at++;
            doubled++;
        } else if (ch == '\n' ||
                   (ch == '\r' && (c->at + 1 == c->text.length || c->text.at[c->at + 1] != '\n'))) {
            c->line++;
        }
    }
    struct str raw = { c->text.at + begin, c->at - begin };
    c->at++;
    *out = raw;
    if (!doubled)
        return OK;
    char *plain = arena_get(a, raw.length, 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.length; i++) {
        plain[n++] = raw.at[i];
        i += raw.at[i] == '"';
    }
    *out = (struct str) { plain, n };
    return OK;
}

static enum code cell(struct csv *c, struct arena *a, struct str *out, struct error *e)
{
    if (c->at < c->text.length && c->text.at[c->at] == '"') {
        c->at++;
        TRY(quoted_cell(c, a, out, e));
        if (!at_line_end(c) && c->text.at[c->at] != c->between)
            return fail(e, ERR_INVALID, "there is text behind a closing quote");
        return OK;
    }
    size_t begin = c->at;
    while (!at_line_end(c) && c->text.at[c->at] != c->between)
        c->at++;
    *out = (struct str) { c->text.at + begin, c->at - begin };
    return OK;
}

static enum code record(struct csv *c, struct arena *a, struct csv_record *out, struct error *e)
{
    size_t begin = c->at;
    for (;;) {
        if (out->count == CSV_CELLS_MOST)
            return fail(e, ERR_INVALID, "more than %d cells", CSV_CELLS_MOST);
        TRY(cell(c, a, &out->cells[out->count], e));
        out->count++;
        if (at_line_end(c))
            break;
        c->at++;
    }
    if (c->at - begin > CSV_RECORD_BYTES_MOST)
        return fail(e, ERR_INVALID, "more than %d bytes", CSV_RECORD_BYTES_MOST);
    if (c->at > begin && memchr(c->text.at + begin, '\0', c->at - begin))
        return fail(e, ERR_INVALID, "a zero byte");
    return OK;
}

enum code csv_next(struct csv *c, struct arena *a, struct csv_record *out, bool *more,
                   struct error *e)
{
    while (c->at < c->text.length && at_line_end(c))
        step_line_end(c);
    out->line = c->line;
    out->count = 0;
    *more = c->at < c->text.length;
    if (!*more)
        return OK;
    struct csv begin = *c;
    enum code code = record(c, a, out, e);
    if (code != OK) {
        *c = begin;
        skip_line(c);
        return code;
    }
    step_line_end(c);
    return OK;
}
