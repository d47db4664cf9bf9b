/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of the desk share. */
#ifndef LICET_CLI_NOTICE_H
#define LICET_CLI_NOTICE_H

#include "cli/world.h"

void notice_print_received(const struct cli_call *c, size_t items, const struct received *r);

/* notice_mail.c: a message or an mbox; a Maildir. What is wrong with one message is told, and the
 * others go on. */
MUST_USE enum code notice_import_mail(struct cli_call *c, struct cli_world *w, const char *file,
                                      struct str bytes, struct error *e);
bool notice_is_maildir(const char *path);
MUST_USE enum code notice_import_maildir(struct cli_call *c, struct cli_world *w,
                                         const char *folder, struct error *e);

#endif
