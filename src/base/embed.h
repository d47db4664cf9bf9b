/* SPDX-License-Identifier: Apache-2.0 */
/* Files that live in the program: tools/embed.c writes tables of these at build time. */
#ifndef LICET_BASE_EMBED_H
#define LICET_BASE_EMBED_H

#include <stddef.h>
#include <stdint.h>

struct embedded {
    const char *name;     /* without folders */
    const uint8_t *bytes; /* a NUL follows the last one */
    size_t length;
};

#endif
