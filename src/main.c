/* SPDX-License-Identifier: Apache-2.0 */
/* licet: the program. Its commands are the rows of cli/commands.c. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
