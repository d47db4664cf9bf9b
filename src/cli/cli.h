/* SPDX-License-Identifier: Apache-2.0 */
/* The door of cli: one row per command, from which come parsing, help, manual and completion.
 *
 * A handler gets its call ready parsed, does one thing through `flow` and prints. It returns an
 * error for what ends the command; where some of many inputs failed and the others went on, it
 * reports each with cli_complain and the exit status is 1. */
#ifndef LICET_CLI_CLI_H
#define LICET_CLI_CLI_H

#include <stdio.h>

#include "base/base.h"

struct cli_option {
    const char *name;  /* "list": given as --list */
    const char *value; /* "FILE", or NULL for a flag */
    const char *help;
};

struct cli_call;

struct cli_command {
    const char *name;      /* one word or two: "init", "reference add" */
    const char *arguments; /* "--by NAME FILE...", as help shows them: what has to be given */
    int least, most;       /* how many arguments; most -1: any number */
    const struct cli_option *options; /* ends with a row without name; NULL: none of its own */
    const char *help;                 /* one line */
    const char *more;                 /* paragraphs for help COMMAND and the manual, or NULL */
    enum code (*run)(struct cli_call *c, struct error *e);
};

extern const struct cli_command cli_commands[]; /* ends with a row without name */
extern const struct cli_option cli_options[];   /* those every command takes */

struct cli_given {
    const struct cli_option *option;
    const char *value;
};

struct cli_call {
    const struct cli_command *command;
    struct settings *settings; /* defaults, file, environment and flags, in their order */
    const char *data;          /* the data folder */
    bool json, quiet, dry_run;
    const char *const *arguments;
    size_t count;
    const struct cli_given *given;
    size_t given_count;
    struct arena *arena;
    int failures; /* inputs that failed while others went on */
};

/* Run the program: parse, call the handler, print its error. Returns the exit status. */
int cli_main(int argc, char **argv);

/* The value of an option, the last one given; NULL where it was not. A flag's value is "". */
const char *cli_value(const struct cli_call *c, const char *option);
bool cli_has(const struct cli_call *c, const char *option);
/* errors  INVALID the option is missing; the text names it and the command */
MUST_USE enum code cli_need(const struct cli_call *c, const char *option, const char **out,
                            struct error *e);
MUST_USE enum code cli_int(const struct cli_call *c, const char *option, int64_t absent,
                           int64_t least, int64_t most, int64_t *out, struct error *e);

/* The files to work on: the arguments, then the lines of --list (or of standard input for
 * --list -).
 * errors  INVALID there is none */
MUST_USE enum code cli_files(const struct cli_call *c, const char ***out, size_t *count,
                             struct error *e);

/* Tell about an input that failed while others go on; as JSON {"file":...,"error":...}. */
void cli_complain(struct cli_call *c, const char *what, const struct error *e);

/* Print a line of JSON (or of text) and its line end. */
void cli_print(const struct buf *line);

/* help.c */
void cli_help_all(FILE *to);
void cli_help_of(FILE *to, const struct cli_command *command);

#endif
