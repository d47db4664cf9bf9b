/* SPDX-License-Identifier: Apache-2.0 */
/* The log: what was added and removed since the manifest, in groups that end with a commit.
 * Private to index/; layout in docs/formats/index.md. */
#ifndef LICET_INDEX_LOG_H
#define LICET_INDEX_LOG_H

#include "index/index.h"

enum log_kind { LOG_ADD = 1, LOG_REMOVE = 2, LOG_COMMIT = 3 };

struct log_record {
    enum log_kind kind;
    struct index_key key;
    const uint8_t *body; /* ADD: a fingerprint's bytes */
    size_t length;
};

void log_put(struct buf *out, enum log_kind kind, const struct index_key *key, const void *body,
             size_t length);

/* The record at *at, which moves behind it. False at the end, and where bytes are torn or damaged. */
bool log_next(const uint8_t *bytes, size_t length, size_t *at, struct log_record *out);

/* How many bytes from the start are whole groups. */
size_t log_whole(const uint8_t *bytes, size_t length);

#endif
