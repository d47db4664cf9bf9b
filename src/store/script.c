/* SPDX-License-Identifier: Apache-2.0 */
/* A migration's text -> statements of one database: words replaced, partitions added. */
#include "store/driver.h"

enum { PARTITIONS = 4 };

static const struct {
    const char *word, *sqlite, *postgresql;
} words[] = {
    { "INT64", "INTEGER", "BIGINT" },
    { "BYTES", "BLOB", "BYTEA" },
    { "TEXT", "TEXT", "TEXT COLLATE \"C\"" }, /* sorts by bytes, as SQLite does */
    { "TABLE_END", "STRICT", "" },
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static struct str word_at(struct str s)
{
    size_t n = 0;
    while (n < s.length && is_word(s.at[n]))
        n++;
    return (struct str) { s.at, n };
}

static void skip(struct str *s, size_t n)
{
    s->at += n;
    s->length -= n;
}

/* The length of a comment at the start of s, or 0 */
static size_t comment_length(struct str s)
{
    if (!str_starts(s, "--"))
        return 0;
    const char *end = memchr(s.at, '\n', s.length);
    return end ? (size_t)(end - s.at) : s.length;
}

/* 'it''s' or "name"; two quotes in a row simply begin the next one */
static size_t quoted_length(struct str s)
{
    const char *end = memchr(s.at + 1, s.at[0], s.length - 1);
    return end ? (size_t)(end - s.at) + 1 : s.length;
}

static void put_partitions(struct buf *out, struct str table)
{
    for (int i = 0; i < PARTITIONS; i++)
        buf_format(out,
                   "CREATE TABLE %.*s_p%d PARTITION OF %.*s"
                   " FOR VALUES WITH (MODULUS %d, REMAINDER %d);",
                   STR_ARG(table), i, STR_ARG(table), PARTITIONS, i);
}

/* TABLE_END_BY(column): the text up to and with the bracket goes. */
static void put_table_end_by(struct sql_script *s, struct buf *out, struct str table)
{
    const char *close = memchr(s->rest.at, ')', s->rest.length);
    size_t length = close ? (size_t)(close - s->rest.at) + 1 : s->rest.length;
    struct str column = { s->rest.at, length };
    skip(&s->rest, length);
    if (s->kind == STORE_SQLITE) {
        buf_text(out, "STRICT");
        return;
    }
    buf_text(out, "PARTITION BY HASH ");
    buf_str(out, column);
    put_partitions(&s->ready, table);
}

static void put_word(struct sql_script *s, struct buf *out, struct str word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_is(word, words[i].word)) {
            buf_text(out, s->kind == STORE_SQLITE ? words[i].sqlite : words[i].postgresql);
            return;
        }
    buf_str(out, word);
}

/* Statement by statement; what precedes a semicolon outside quotes and comments. */
static bool next_written(struct sql_script *s, struct buf *out)
{
    struct str table = { 0 }, before = { 0 };
    while (s->rest.length) {
        char c = s->rest.at[0];
        size_t comment = comment_length(s->rest);
        if (comment) {
            skip(&s->rest, comment);
        } else if (c == '\'' || c == '"') {
            struct str quoted = { s->rest.at, quoted_length(s->rest) };
            skip(&s->rest, quoted.length);
            buf_str(out, quoted);
        } else if (c == ';') {
            skip(&s->rest, 1);
            return true;
        } else if (is_word(c)) {
            struct str word = word_at(s->rest);
            skip(&s->rest, word.length);
            if (str_is(before, "TABLE") && !table.length)
                table = word;
            before = word;
            if (str_is(word, "TABLE_END_BY"))
                put_table_end_by(s, out, table);
            else
                put_word(s, out, word);
        } else {
            if (out->length || (c != '\n' && c != ' '))
                buf_byte(out, (uint8_t)c);
            skip(&s->rest, 1);
        }
    }
    return str_trim(buf_as_str(out)).length > 0;
}

bool sql_script_next(struct sql_script *s, struct buf *out)
{
    buf_clear(out);
    if (s->ready.length) { /* all partitions at once: each driver takes several statements */
        buf_put(out, s->ready.bytes, s->ready.length);
        buf_clear(&s->ready);
        return true;
    }
    if (next_written(s, out))
        return true;
    buf_done(&s->ready);
    return false;
}
