/* SPDX-License-Identifier: Apache-2.0 */
/* Notices out of JSON and CSV: pure, fuzzed; docs/formats/notice.md. */
#ifndef LICET_DESK_READING_H
#define LICET_DESK_READING_H

#include "desk/records.h"

enum { NOTICES_OF_A_FILE_MOST = 100000, BAD_MOST = 1000 };

struct bad_notice {
    size_t line; /* of the file; JSON: the place in the array, from 1 */
    char text[256];
};
struct notice_file {
    struct notice_draft *drafts;
    size_t *lines;                     /* where each begins */
    size_t count, bad_count, bad_more; /* bad_more: beyond BAD_MOST */
    struct bad_notice *bad;
};

/* One notice from a JSON object. Texts are borrowed from `o` and the arena; `raw` is not set.
 * errors  INVALID the member is named */
MUST_USE enum code desk_draft_json(const json_t *o, struct arena *a, struct notice_draft *out,
                                   struct error *e);
/* "elements": a list of words, as bits. */
MUST_USE enum code desk_elements_json(const json_t *list, unsigned *out, struct error *e);
/* A file of notices: a JSON object, an array of them, or CSV whose rows are items (rows of the same
 * sender and key that follow each other are one notice). Bad ones are listed and left out.
 * `*json` keeps the texts: free it after use.
 * errors  INVALID neither JSON nor CSV with the columns; LIMIT too many */
MUST_USE enum code desk_file_read(struct str text, struct arena *a, json_t **json,
                                  struct notice_file *out, struct error *e);

#endif
