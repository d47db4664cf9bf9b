/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a backup: every file with its hash and size, and a hash over the list itself.
 *
 *     licet backup 1
 *     made 2026-11-23T10:00:00Z by licet 0.1.0
 *     <64 hex digits of BLAKE2b-256> <size> <path relative to the folder>
 *     ...
 *     end <64 hex digits of BLAKE2b-256 of all bytes before this line> */
#ifndef LICET_CLI_MANIFEST_H
#define LICET_CLI_MANIFEST_H

#include "base/base.h"

enum { MANIFEST_HASH_BYTES = 32, MANIFEST_BYTES_MOST = 1 << 30 };

struct manifest_file {
    const char *path; /* relative, without "..", in the arena */
    int64_t size_bytes;
    uint8_t hash[MANIFEST_HASH_BYTES];
};

struct manifest {
    struct manifest_file *files;
    size_t count, room;
    int64_t bytes; /* of all files */
    char made[INSTANT_TEXT];
};

/* Copy a file while hashing it: written, synced, mode 0600. `to` NULL: only hash.
 * errors  NOT_FOUND the source is gone; IO (a full disk too) */
MUST_USE enum code manifest_copy(const char *from, const char *to, struct manifest_file *about,
                                 struct error *e);

/* errors  MEMORY */
MUST_USE enum code manifest_add(struct manifest *m, struct arena *a, const char *path,
                                const struct manifest_file *about, struct error *e);
void manifest_write(const struct manifest *m, const char *version, struct instant now,
                    struct buf *out);
/* errors  CORRUPT cut off, changed, or a path that leaves the folder; INVALID a newer version */
MUST_USE enum code manifest_read(struct str text, struct arena *a, struct manifest *out,
                                 struct error *e);
/* Hash every file under `folder` again.
 * errors  CORRUPT names the first file that is missing or differs */
MUST_USE enum code manifest_check(const struct manifest *m, const char *folder, struct error *e);

#endif
