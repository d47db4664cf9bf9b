/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of access share. Internal to access. */
#ifndef LICET_ACCESS_ROWS_H
#define LICET_ACCESS_ROWS_H

#include "access/access.h"

static inline struct sql_value sql_id_or_null(const uint8_t id[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(id, none, ID_BYTES) == 0 ? sql_null() : sql_bytes(id, ID_BYTES);
}

const char *access_row_text(const struct store_rows *r, int column, struct arena *a);

/* Every row of a query through `read`, into an array in the arena. */
enum code access_row_list(struct store_tx *tx, const char *sql, const struct sql_value *values,
                          size_t count, size_t limit, size_t size,
                          void (*read)(const struct store_rows *, struct arena *, void *),
                          struct arena *a, void **out, size_t *found, struct error *e);

/* The one row of a query. errors  NOT_FOUND "there is no <thing> "<words>"" */
enum code access_row_get(struct store_tx *tx, const char *sql, const struct sql_value *values,
                         size_t count, const char *thing, struct str words,
                         void (*read)(const struct store_rows *, struct arena *, void *),
                         struct arena *a, void *out, struct error *e);

/* Lower case letters, digits, '-', '_' and '.', 1 to 64 of them. */
enum code check_slug(const char *slug, struct error *e);
/* Text without control characters, `least` to `most` bytes; NULL counts as empty. */
enum code check_text(const char *field, const char *text, size_t least, size_t most,
                     struct error *e);
/* *word becomes one of `words` (ends with NULL); none and "" the first. */
enum code check_word(const char *field, const char *const *words, const char **word,
                     struct error *e);
/* `saw` is 0 or the version that is there. */
enum code check_version(const char *thing, int64_t has, int64_t saw, struct error *e);
/* An UPDATE that had to touch one row did. */
enum code check_changed(const char *thing, int64_t changed, struct error *e);

enum code access_note(const struct access_act *act, const char *what, const char *subject,
                      const struct buf *before, const struct buf *after, struct error *e);

#endif
