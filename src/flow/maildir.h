/* SPDX-License-Identifier: Apache-2.0 */
/* Mail that a mail server delivers into a Maildir: taken from new/ and moved to cur/, seen; flagged
 * where it was refused. Part of flow's door. */
#ifndef LICET_FLOW_MAILDIR_H
#define LICET_FLOW_MAILDIR_H

#include "flow/notice.h"

/* What became of one message; code OK: it was taken. */
typedef enum code maildir_told(void *ctx, const char *file, enum code code,
                               const struct mailed *got, const struct error *why, struct error *e);
/* The next `most` messages of new/, by name. A message is moved when what became of it is durable,
 * so a crash between the two takes it again, and it is known then.
 * errors  what stops everything: IO, BUSY, MEMORY; what is wrong with a message is told */
MUST_USE enum code flow_maildir_take(struct world *w, struct confine_host *host, const char *folder,
                                     size_t most, maildir_told *told, void *ctx, size_t *count,
                                     struct error *e);
/* The setting desk.maildir, in a server: a few messages; *did: there were some. */
MUST_USE enum code flow_maildir_once(struct world *w, bool *did, struct error *e);

#endif
