/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of the commands, one file each or one file for a group. */
#ifndef LICET_CLI_COMMANDS_H
#define LICET_CLI_COMMANDS_H

#include "cli/cli.h"

enum code cli_config(struct cli_call *c, struct error *e);
enum code cli_help(struct cli_call *c, struct error *e);
enum code cli_version(struct cli_call *c, struct error *e);

#endif
