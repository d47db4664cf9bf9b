/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of one transaction that a second thread carries out, in their order. Inside store only.
 *
 * The transaction's thread puts statements into blocks; full blocks go to the worker. Before the
 * connection is used in any other way, behind_finish waits until all are done; what failed is told
 * there, and nothing after it was carried out. */
#ifndef LICET_STORE_BEHIND_H
#define LICET_STORE_BEHIND_H

#include "store/driver.h"

struct behind;
/* NULL where no thread can be had: then everything is done at once, as without it. */
struct behind *behind_new(const struct driver *d);
void behind_free(struct behind *b); /* nothing is under way */

/* `values` are copied; `otherwise`: the words of a CONFLICT when no row is touched; NULL: may be.
 * errors  what an earlier statement failed with; MEMORY */
MUST_USE enum code behind_put(struct behind *b, struct connection *c, const char *sql,
                              const struct sql_value *values, size_t count, const char *otherwise,
                              struct error *e);
MUST_USE enum code behind_finish(struct behind *b, struct error *e);
/* What was not begun is dropped, and what failed forgotten. */
void behind_drop(struct behind *b);

#endif
