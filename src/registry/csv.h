/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as people's programs write it (RFC 4180 and its neighbours), one record at a time.
 *
 * Pure: bytes in, cells out. Taken are a UTF-8 byte order mark, LF, CRLF or CR, quoted cells with
 * doubled quotes and line ends in them, and a comma, semicolon or tab between cells (the one the
 * first line has most of). A record that cannot be read is an error with its line, and the next
 * call goes on behind it. */
#ifndef LICET_REGISTRY_CSV_H
#define LICET_REGISTRY_CSV_H

#include "base/base.h"

enum { CSV_CELLS_MOST = 64, CSV_RECORD_BYTES_MOST = 1 << 16 };

struct csv {
    struct str text;
    size_t at, line; /* of what comes next; lines count from 1 */
    char between;
};

struct csv_record {
    size_t line; /* on which it begins */
    size_t count;
    struct str cells[CSV_CELLS_MOST]; /* views of the text, or of the arena where quotes were */
};

/* errors  INVALID UTF-16 (its byte order mark is there) */
MUST_USE enum code csv_begin(struct csv *c, struct str text, struct error *e);

/* The next record that is not an empty line.
 * out     *more   false: the text has ended
 * errors  INVALID a quote that is not closed (the next record is the next line), text behind a
 *                 closing quote, a zero byte, more cells or bytes than the limits above;
 *                 out->line is set all the same */
MUST_USE enum code csv_next(struct csv *c, struct arena *a, struct csv_record *out, bool *more,
                            struct error *e);

#endif
