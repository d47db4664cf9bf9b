/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: keyset pages with Link, and the same rows as CSV by Accept. */
#ifndef LICET_API_LIST_H
#define LICET_API_LIST_H

#include "http/http.h"

enum { LIST_DEFAULT = 50, LIST_MOST = 500 };

struct list_page {
    size_t limit;
    struct str after; /* the id of the last row seen; empty: from the beginning */
};

/* ?limit= and ?after= of a request. errors INVALID */
MUST_USE enum code list_page_read(const struct http_request *r, struct list_page *out,
                                  struct error *e);

/* Rows are collected as JSON objects, then answered in the form asked for. */
struct list {
    struct buf rows;
    struct json_out json; /* write one object a row here, between list_row and the next */
    const char *last;     /* text of the last row's id */
    size_t count;
};

void list_init(struct list *l);
void list_done(struct list *l);
struct json_out *list_row(struct list *l, const char *id /* copied into the arena */,
                          struct arena *a);

/* Answer {"items":[...],"next":...} with Link: rel="next", or CSV with one column for each name of
 * `columns` (ends with NULL). `more`: there are rows behind the last one. */
MUST_USE enum code list_answer(struct list *l, const struct http_request *r,
                               struct http_response *out, const char *const *columns, bool more,
                               struct error *e);

static inline void list_done_at(struct list *l)
{
    list_done(l);
}
#define LIST(name)                                                                                 \
    __attribute__((cleanup(list_done_at))) struct list name;                                       \
    list_init(&name)

/* Does Accept prefer `type` to JSON? Pure. */
bool list_wants_csv(const char *accept);

/* One CSV field (RFC 4180), quoted where needed; a leading = + - @ is guarded by an apostrophe,
 * so that a spreadsheet does not take somebody's title for a formula. */
void csv_field(struct buf *out, struct str value);

#endif
