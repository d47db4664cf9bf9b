/* SPDX-License-Identifier: Apache-2.0 */
/* The same work by several threads at once, each on its own part. Internal to ledger. */
#ifndef LICET_LEDGER_THREADS_H
#define LICET_LEDGER_THREADS_H

enum { THREADS_MOST = 64 };

/* work(ctx, 0 ... threads - 1), all at once; returns when all have. Where a thread cannot be had,
 * its part is done by the caller. */
void threads_run(unsigned threads, void (*work)(void *ctx, unsigned thread), void *ctx);

#endif
