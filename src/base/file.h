/* SPDX-License-Identifier: Apache-2.0 */
/* Files: read whole, written whole (a crash leaves the old or the new), folders, locks. */
#ifndef LICET_BASE_FILE_H
#define LICET_BASE_FILE_H

#include "base/str.h"

/* errors  NOT_FOUND, DENIED, IO; LIMIT larger than most_bytes */
MUST_USE enum code file_read(const char *path, size_t most_bytes, struct buf *out, struct error *e);

/* Write beside, fsync, rename over `path`, fsync the folder. */
MUST_USE enum code file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                              struct error *e);

/* mkdir -p; a folder that is there is fine. */
MUST_USE enum code file_make_folder(const char *path, unsigned mode, struct error *e);

MUST_USE enum code file_sync_folder(const char *path, struct error *e);

/* Write all bytes to fd, also past short writes. */
MUST_USE enum code file_write_all(int fd, const void *bytes, size_t length, struct error *e);

/* Hold `path` alone until the descriptor is closed; the holder's process id is kept in it.
 * errors  BUSY another process has it; the text names its id */
MUST_USE enum code file_lock(const char *path, int *fd, struct error *e);

#endif
