/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of registry's records share. Internal to registry. */
#ifndef LICET_REGISTRY_ROWS_H
#define LICET_REGISTRY_ROWS_H

#include "registry/records.h"

enum { ROWS_LIMIT_MOST = 100000 };

static inline bool id_is_none(const uint8_t id[ID_BYTES])
{
    static const uint8_t none[ID_BYTES];
    return memcmp(id, none, ID_BYTES) == 0;
}

static inline struct sql_value sql_id_or_null(const uint8_t id[ID_BYTES])
{
    return id_is_none(id) ? sql_null() : sql_bytes(id, ID_BYTES);
}

extern const char *const right_words[];
extern const char *const action_words[];
extern const char *const reference_state_words[];
extern const char *const release_kind_words[];
extern const char *const relation_kind_words[];

/* The text of a column in the arena; NULL stays NULL. */
const char *row_text(const struct store_rows *r, int column, struct arena *a);

/* A growing array of records in an arena. */
struct row_list {
    struct arena *arena;
    void *items;
    size_t size, count, room;
};
void *row_list_add(struct row_list *l);

/* errors  CONFLICT the record is at `has`, the caller saw `saw` (0: does not care) */
MUST_USE enum code row_version(const char *thing, int64_t has, int64_t saw, struct error *e);

/* errors  INVALID  empty, longer than `most` bytes, or not UTF-8 */
MUST_USE enum code row_check_text(const char *field, const char *text, bool may_be_empty,
                                  size_t most, struct error *e);
/* lower case letters, digits, '-', '_' and '.', 1 to 64 of them */
MUST_USE enum code row_check_slug(const char *text, struct error *e);

#endif
