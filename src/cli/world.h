/* SPDX-License-Identifier: Apache-2.0 */
/* The world of a command, opened as far as it is needed. */
#ifndef LICET_CLI_WORLD_H
#define LICET_CLI_WORLD_H

#include "cli/commands.h"
#include "flow/flow.h"

enum { NEEDS_AUDIO = 1, NEEDS_CREATE = 2, NEEDS_BLIND = 4 /* no index */, NEEDS_MESSAGES = 8, NEEDS_MAIL = 16, NEEDS_POST = 32 /* mail, where a Maildir is set */ };

struct cli_world {
    struct world *world;
    struct audio_host *audio;
    struct confine_host *messages, *mail;
};

MUST_USE enum code cli_world_open(const struct cli_call *c, unsigned needs, struct cli_world *out,
                                  struct error *e);
void cli_world_done(struct cli_world *w);

/* WORLD(w); is done on every way out. */
#define WORLD(name) __attribute__((cleanup(cli_world_done))) struct cli_world name = { 0 }

/* What was recognised: members of an open JSON object; a line of text for one match. */
void cli_put_match(struct json_out *o, const struct found *f);
void cli_put_identified(struct json_out *o, const struct identified *r);
void cli_print_found(const struct found *f);

#endif
