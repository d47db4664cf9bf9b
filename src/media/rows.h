/* SPDX-License-Identifier: Apache-2.0 */
/* Columns <-> members: the small conversions every statement here needs. Inside media only. */
#ifndef LICET_MEDIA_ROWS_H
#define LICET_MEDIA_ROWS_H

#include "media/uploads.h"

/* NULL for an id that is none. */
static inline struct sql_value rows_id(const uint8_t bytes[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(bytes, none, ID_BYTES) == 0 ? sql_null() : sql_bytes(bytes, ID_BYTES);
}

/* A column's text in the arena; NULL stays NULL. */
static inline const char *rows_text(const struct store_rows *r, int column, struct arena *a)
{
    return store_is_null(r, column) ? NULL : str_copy(a, store_text(r, column));
}

#define ROWS_LIMIT_MOST 1000
static inline size_t rows_limit(size_t limit)
{
    return limit == 0 || limit > ROWS_LIMIT_MOST ? ROWS_LIMIT_MOST : limit;
}

#endif
