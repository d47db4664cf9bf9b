/* SPDX-License-Identifier: Apache-2.0 */
/* The write-ahead log is brought into the database by a thread of its own, so that no commit waits for
 * it. Inside store only; SQLite. */
#ifndef LICET_STORE_CHECKPOINT_H
#define LICET_STORE_CHECKPOINT_H

#include <sqlite3.h>

struct checkpointer;
/* From now on for what `writer` commits to the database at `path`. NULL: SQLite does it in the
 * commit, as it does by itself. */
struct checkpointer *checkpointer_new(sqlite3 *writer, const char *path);
void checkpointer_free(struct checkpointer *c);

#endif
