/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a sales report, cell by cell. */
#ifndef LICET_LEDGER_DSR_INSIDE_H
#define LICET_LEDGER_DSR_INSIDE_H

#include "base/base.h"

enum dsr_record {
    DSR_HEAD,
    DSR_SY02_02, /* a summary */
    DSR_AS02_02, /* a recording */
    DSR_SU02,    /* streams of it (audio) */
    DSR_SU03_02, /* usages of it (user-generated content) */
    DSR_LI01_02, /* what of them is a licensor's */
    DSR_FOOT,
    DSR_RECORD_COUNT,
};

enum { DSR_CELLS_MOST = 24 };

struct dsr_writer {
    struct buf *out;
    enum dsr_record at;
    struct buf cells[DSR_CELLS_MOST];
    int64_t lines;
};

void dsr_begin(struct dsr_writer *w, enum dsr_record r);
/* A cell of the record by its name; those that are not set stay empty. Tabs and line ends become
 * blanks; a backslash takes their meaning from bars and backslashes. */
void dsr_set(struct dsr_writer *w, const char *cell, const char *text);
void dsr_set_int(struct dsr_writer *w, const char *cell, int64_t n);
void dsr_set_day(struct dsr_writer *w, const char *cell, struct day d);
void dsr_end(struct dsr_writer *w);
void dsr_done(struct dsr_writer *w);

#endif
