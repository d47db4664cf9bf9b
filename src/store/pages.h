/* SPDX-License-Identifier: Apache-2.0 */
/* Where SQLite's cached pages lie: side by side in large pages of the machine. One by one from the heap
 * each of them is a fault at first, and a walk through an index misses the table of pages at every
 * step. Inside store only. */
#ifndef LICET_STORE_PAGES_H
#define LICET_STORE_PAGES_H

/* Before SQLite is first used, once. Where there is no room for it everything stays as it was. */
void pages_configure(void);

#endif
