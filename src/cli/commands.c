/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "cli/commands.h"

#define OPTIONS(...)                                                                               \
    (const struct cli_option[])                                                                    \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL, NULL                                                                       \
        }                                                                                          \
    }

const struct cli_option cli_options[] = {
    { "data", "DIR", "the data folder (else LICET_DATA, /var/lib/licet or ./data)" },
    { "set", "NAME=VALUE", "a setting for this run; may stand several times" },
    { "json", NULL, "print JSON, one object a line" },
    { "quiet", NULL, "no progress" },
    { "help", NULL, "what the command does" },
    { NULL, NULL, NULL },
};

/* name, arguments, least, most, options, help, more, handler */
const struct cli_command cli_commands[] = {
    { "config", "[NAME]", 0, 1, NULL, "Print every setting, its value and where it came from",
      "The flag --set counts before the environment (http.listen is LICET_HTTP_LISTEN), that "
      "before\nDIR/licet.conf, that before the default.",
      cli_config },
    { "help", "[COMMAND]", 0, 2,
      OPTIONS({ "man", NULL, "the manual page licet(1)" },
              { "man-settings", NULL, "the manual page licet.conf(5)" },
              { "bash", NULL, "completion for bash" }),
      "Tell what licet or a command does", NULL, cli_help },
    { "version", "", 0, 0, NULL, "Print the version", NULL, cli_version },
    { NULL, NULL, 0, 0, NULL, NULL, NULL, NULL },
};
