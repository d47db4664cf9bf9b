/* SPDX-License-Identifier: Apache-2.0 */
/* Terms from files, for commands. */
#ifndef LICET_CLI_TERMS_H
#define LICET_CLI_TERMS_H

#include "cli/commands.h"
#include "licence/licence.h"

/* errors  INVALID  "FILE: line 3, column 9: expected ..." */
MUST_USE enum code cli_terms_read(struct cli_call *c, const char *file, struct terms *out,
                                  struct error *e);

#endif
