/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read terms share. */
#ifndef LICET_LICENCE_TERMS_INSIDE_H
#define LICET_LICENCE_TERMS_INSIDE_H

#include "licence/terms.h"

enum token_kind { TOKEN_WORD, TOKEN_TEXT, TOKEN_COMMA, TOKEN_LINE, TOKEN_END };

struct token {
    enum token_kind kind;
    struct str s; /* of a text: without its quotes */
    struct terms_place at;
};

struct terms_reader {
    struct str text;
    size_t at;
    struct terms_place place;
    struct token token; /* the one at hand */
    struct arena *arena;
    struct terms *t;
    struct terms_problems *problems;
    uint32_t seen_at[64]; /* line of each clause that may stand once */
    bool broken;          /* the text is not UTF-8, or has too many problems */
};

/* tokens.c: move on; what stands there. A problem is noted where it stands and the call fails. */
void terms_next(struct terms_reader *r);
bool token_is(const struct terms_reader *r, const char *word);
bool token_take(struct terms_reader *r, const char *word);
enum code terms_problem(struct terms_reader *r, struct terms_place at, const char *format, ...)
    FORMAT(3, 4);
enum code terms_expected(struct terms_reader *r, const char *what);

/* Reading one thing; the sentence says what was expected and what was found. */
enum code read_word(struct terms_reader *r, const char *word);
enum code read_phrase(struct terms_reader *r, const char *words); /* "for the term" */
enum code read_text(struct terms_reader *r, const char *what, const char **out);
enum code read_name(struct terms_reader *r, const char *what, struct terms_name *out);
enum code read_names(struct terms_reader *r, const char *what, struct terms_names *out);
enum code read_day(struct terms_reader *r, struct day *out);
enum code read_whole(struct terms_reader *r, const char *what, int64_t least, int64_t most,
                     int64_t *out);
enum code read_percent(struct terms_reader *r, struct rational *out); /* "60 %" or "1/3" */
enum code read_money(struct terms_reader *r, int places, struct rational *out);
enum code read_territories(struct terms_reader *r, struct territory_set *out);
enum code read_models(struct terms_reader *r, unsigned *out);
enum code read_days(struct terms_reader *r, struct day *from, struct day *until);
/* Room for one more, up to TERMS_CLAUSES_MOST. */
enum code grow(struct terms_reader *r, const char *what, const void *items, size_t count,
               size_t size, void **out);
#define ONE_MORE(r, what, list, counter)                                                           \
    do {                                                                                           \
        void *grown_;                                                                              \
        TRY(grow(r, what, list, counter, sizeof *(list), &grown_));                                \
        (list) = grown_;                                                                           \
    } while (0)

/* terms_fees.c */
enum code read_fee(struct terms_reader *r, int depth, struct fee *out);
/* terms_check.c: what each line says well and all of them together do not. */
void terms_check(struct terms_reader *r);

#endif
