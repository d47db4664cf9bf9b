/* SPDX-License-Identifier: Apache-2.0 */
/* Segments written to files. Private to index/. */
#ifndef LICET_INDEX_BUILD_H
#define LICET_INDEX_BUILD_H

#include "index/segment.h"

/* Write the segment that segment_build gives as a file, durable on return (not its name in the
 * folder). Memory: at most 100 MB, whatever the items hold; beside the file a spool of 8 bytes a
 * posting exists for the time of the call.
 * errors  LIMIT too many words; IO (a full disk too), MEMORY; nothing is left at `path` then */
MUST_USE enum code segment_write(const struct segment_item *items, size_t count, const char *path,
                                 struct error *e);

#endif
