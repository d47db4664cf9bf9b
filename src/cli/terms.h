/* SPDX-License-Identifier: Apache-2.0 */
/* Terms from files, for commands. */
#ifndef LICET_CLI_TERMS_H
#define LICET_CLI_TERMS_H

#include "cli/commands.h"
#include "ledger/ledger.h"
#include "licence/licence.h"

/* errors  INVALID  "FILE: line 3, column 9: expected ..." */
MUST_USE enum code cli_terms_read(struct cli_call *c, const char *file, struct terms *out,
                                  struct error *e);
/* Of --figures and --rates; nothing where they are not given. */
MUST_USE enum code cli_tables_read(struct cli_call *c, struct figure **figures,
                                   size_t *figure_count, struct exchange **rates,
                                   size_t *rate_count, struct error *e);
/* Of --loops-most and its like; *given false: none was. */
MUST_USE enum code cli_filter_read(struct cli_call *c, struct play_filter *f, bool *given,
                                   struct error *e);
void cli_filter_print(const struct cli_call *c, const int64_t counts[FILTER_REASON_COUNT]);

#endif
