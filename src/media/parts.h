/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads that come in parts: appended durably, resumed after any crash of either side.
 *
 * FOLDER/ID holds the bytes, FOLDER/ID.at how many of them have been receipted; bytes behind that
 * are of a part nobody was told about, and are cut off before the next. */
#ifndef LICET_MEDIA_PARTS_H
#define LICET_MEDIA_PARTS_H

#include "base/base.h"
#include "media/blobs.h"

/* `folder` is made when it is not there. Begin anew at 0.
 * errors  CONFLICT this upload has begun already */
MUST_USE enum code media_part_begin(const char *folder, struct upload_id id, struct error *e);
/* How far it has come: what is returned survives kill -9.
 * errors  NOT_FOUND no such upload under way */
MUST_USE enum code media_part_at(const char *folder, struct upload_id id, int64_t *at,
                                 struct error *e);
/* Append `length` bytes that belong at `offset`.
 * out     at  the new length, durable
 * errors  CONFLICT offset is not where it stands: the text says where; BUSY another part of the
 *         same upload is being written; LIMIT more than bytes_most; NOT_FOUND */
MUST_USE enum code media_part_append(const char *folder, struct upload_id id, int64_t offset,
                                     const void *bytes, size_t length, int64_t bytes_most,
                                     int64_t *at, struct error *e);
/* All has come: its bytes become a blob. The parts stay until media_part_drop, which the caller
 * does when the row that names the blob is committed; keeping twice is fine. */
MUST_USE enum code media_part_keep(const char *folder, struct upload_id id, struct media_blobs *b,
                                   char hash[BLOB_TEXT], int64_t *size, struct error *e);
MUST_USE enum code media_part_drop(const char *folder, struct upload_id id, struct error *e);

#endif
