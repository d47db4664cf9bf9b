/* SPDX-License-Identifier: Apache-2.0 */
/* ERN messages and deliveries on the command line. */
#ifndef LICET_CLI_MESSAGES_H
#define LICET_CLI_MESSAGES_H

#include "cli/records.h"

/* Import one message and tell of it; a refusal counts as a failed input. */
MUST_USE enum code cli_message(struct cli_call *c, struct world *w, const char *file,
                               struct error *e);

/* Import a folder that is a delivery, and tell of each message; *is false: it is none. */
MUST_USE enum code cli_delivery(struct cli_call *c, struct world *w, const char *folder, bool *is,
                                struct error *e);

/* What became of a message, as lines or as JSON; `changes` is JSON already made, or NULL. */
void cli_print_report(struct cli_call *c, const char *file, const struct ern_report *r,
                      const struct buf *changes);

/* Differences as they are found: lines at once, or JSON to be printed with the report. */
struct cli_changes {
    bool json, silent;
    struct buf items; /* of JSON */
    size_t count, dropped;
};
void cli_on_change(void *context, const struct ern_change *change);

#endif
