/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs: bytes kept once, under the hash of what they are.
 *
 * FOLDER/ab/abcd... (64 hex digits of BLAKE2b-256); what is being written lies in FOLDER/tmp. A
 * blob is durable when its hash is returned: file and folders are synced before. Nothing is ever
 * changed in place.
 *
 *     struct media_blobs *blobs;
 *     TRY(media_blobs_open("data/blobs", &blobs, e));
 *     char hash[BLOB_TEXT];
 *     int64_t size;
 *     TRY(media_blob_put_file(blobs, fd, limits.bytes_most, hash, &size, e));
 *     TRY(media_blob_open(blobs, hash, BLOB_AS_IS, &fd2, &size, e));   // close(fd2) when done
 */
#ifndef LICET_MEDIA_BLOBS_H
#define LICET_MEDIA_BLOBS_H

#include "base/base.h"

enum { BLOB_HASH_BYTES = 32, BLOB_TEXT = 2 * BLOB_HASH_BYTES + 1 };

struct media_blobs;
MUST_USE enum code media_blobs_open(const char *folder, struct media_blobs **out, struct error *e);
void media_blobs_free(struct media_blobs *b);
OWNED_BY(media_blobs)

/* errors  IO "... the disk is full": nothing is left behind; LIMIT more than bytes_most */
MUST_USE enum code media_blob_put(struct media_blobs *b, const void *bytes, size_t length,
                                  char hash[BLOB_TEXT], struct error *e);
/* From the beginning of `fd` (a regular file; read by position) or, when that cannot be, from
 * where a pipe stands. */
MUST_USE enum code media_blob_put_file(struct media_blobs *b, int fd, int64_t bytes_most,
                                       char hash[BLOB_TEXT], int64_t *size, struct error *e);

/* A file to write by oneself; kept under the hash of what it holds in the end. */
struct blob_draft {
    int fd;        /* open for reading and writing */
    char name[48]; /* in the folder tmp */
};
MUST_USE enum code media_blob_begin(struct media_blobs *b, struct blob_draft *d, struct error *e);
/* Closes the draft either way. */
MUST_USE enum code media_blob_keep(struct media_blobs *b, struct blob_draft *d,
                                   char hash[BLOB_TEXT], int64_t *size, struct error *e);
void media_blob_drop(struct media_blobs *b, struct blob_draft *d);

enum blob_check { BLOB_AS_IS, BLOB_VERIFY };
/* errors  NOT_FOUND; INVALID not a hash; CORRUPT (on verify) the bytes are not those */
MUST_USE enum code media_blob_open(const struct media_blobs *b, const char *hash,
                                   enum blob_check check, int *fd, int64_t *size, struct error *e);
bool media_blob_has(const struct media_blobs *b, const char *hash);
/* A blob that is not there is fine. */
MUST_USE enum code media_blob_remove(struct media_blobs *b, const char *hash, struct error *e);
/* Whole, for small ones. */
MUST_USE enum code media_blob_read(const struct media_blobs *b, const char *hash, size_t bytes_most,
                                   struct buf *out, struct error *e);
/* Every blob, in the order of hashes: for backup and doctor. */
MUST_USE enum code media_blob_each(const struct media_blobs *b,
                                   enum code (*visit)(void *context, const char *hash,
                                                      struct error *e),
                                   void *context, struct error *e);

#endif
