/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of many megabytes, in pages of 2 MiB where the kernel has some: a walk at random through
 * small pages misses the table of pages at nearly every step, and each of them is a fault at first. */
#ifndef LICET_BASE_BIG_H
#define LICET_BASE_BIG_H

#include <stddef.h>

/* Zeroed, or NULL. The size has to be told again when it is freed. */
void *big_try(size_t bytes);
/* The same bytes and zeroes behind them, or NULL and nothing has changed. */
void *big_grow(void *p, size_t before_bytes, size_t bytes);
void big_free(void *p, size_t bytes); /* NULL is fine */

#endif
