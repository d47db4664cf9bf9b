/* SPDX-License-Identifier: Apache-2.0 */
/* Where the lines of an import come from: CSV or JSON, brought to the columns of its kind. Pure.
 * Internal to registry. */
#ifndef LICET_REGISTRY_IMPORT_SOURCE_H
#define LICET_REGISTRY_IMPORT_SOURCE_H

#include "registry/import.h"

struct import_source {
    const struct import_kind *kind;
    /* CSV */
    struct csv csv;
    size_t header_count;
    int columns[CSV_CELLS_MOST]; /* of the kind, by place in the file */
    /* JSON */
    json_t *items; /* owned; NULL: it is CSV */
    size_t at;
};

/* errors  INVALID no header, not an array of objects; columns of no kind: the text says which
 *                 column of the nearest kind is unknown, missing or there twice */
MUST_USE enum code import_source_open(struct import_source *s,
                                      const struct import_kind *const *kinds, size_t kind_count,
                                      struct str text, struct error *e);
void import_source_close(struct import_source *s);

/* errors  INVALID this line is broken; l->number is set, the next call goes on behind it */
MUST_USE enum code import_source_next(struct import_source *s, struct arena *a,
                                      struct import_line *l, bool *more, struct error *e);
size_t import_source_at(const struct import_source *s);
size_t import_source_size(const struct import_source *s);

/* Words between blanks, commas, semicolons or bars; *rest moves behind the word. */
bool import_next_word(struct str *rest, struct str *word);

#endif
