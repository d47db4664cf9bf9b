/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that put and list records share. */
#ifndef LICET_CLI_RECORDS_H
#define LICET_CLI_RECORDS_H

#include "access/access.h"
#include "cli/world.h"
#include "licence/licence.h"
#include "registry/registry.h"

enum { PAGE_MOST = 1000 };

/* A world and a change begun in it, with --why. CHANGING(x); is undone unless cli_change_commit. */
struct cli_change {
    struct cli_world world;
    struct change change;
    struct access_act act; /* the same for access */
};
MUST_USE enum code cli_change_begin(const struct cli_call *c, struct cli_change *out,
                                    struct error *e);
/* With --dry-run everything is tried and nothing kept. */
MUST_USE enum code cli_change_commit(const struct cli_call *c, struct cli_change *x,
                                     struct error *e);
void cli_change_done(struct cli_change *x);
#define CHANGING(name) __attribute__((cleanup(cli_change_done))) struct cli_change name = { 0 }

/* A world and a transaction to read in. */
struct cli_reading {
    struct cli_world world;
    struct store_tx *tx;
};
MUST_USE enum code cli_reading_begin(const struct cli_call *c, struct cli_reading *out,
                                     struct error *e);
void cli_reading_done(struct cli_reading *r);
#define READING(name) __attribute__((cleanup(cli_reading_done))) struct cli_reading name = { 0 }

/* The network of --network; none where the option is absent. */
MUST_USE enum code cli_network(const struct cli_call *c, struct store_tx *tx, struct network *out,
                               struct error *e);
/* The party of --party; none where the option is absent. */
MUST_USE enum code cli_party(const struct cli_call *c, const struct world *w, struct store_tx *tx,
                             struct party *out, struct error *e);

/* --at and --known-at: when it held, and when that was known. */
MUST_USE enum code cli_moment(const struct cli_call *c, struct moment *out, struct error *e);

/* Print each record, as --at and --known-at ask. */
MUST_USE enum code cli_each_record(struct cli_call *c, const struct record_table *t,
                                   void (*print)(const struct cli_call *c, const void *record),
                                   struct error *e);

/* The value of an option, or what was there before. */
const char *cli_or(const struct cli_call *c, const char *option, const char *before);

/* A record as a line: JSON(put) with --json, else the words. */
#define PRINT_RECORD(c, json_function, record, ...)                                                \
    do {                                                                                           \
        if ((c)->json) {                                                                           \
            BUF(line_);                                                                            \
            struct json_out out_ = { &line_, false };                                              \
            json_function(record, &out_);                                                          \
            cli_print(&line_);                                                                     \
        } else {                                                                                   \
            printf(__VA_ARGS__);                                                                   \
        }                                                                                          \
    } while (0)

#endif
