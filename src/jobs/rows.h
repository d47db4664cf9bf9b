/* SPDX-License-Identifier: Apache-2.0 */
/* Inside jobs: rows into structs. */
#ifndef LICET_JOBS_ROWS_H
#define LICET_JOBS_ROWS_H

#include "jobs/jobs.h"

#define JOB_COLUMNS "kind, key, body, due, ready, lease, tries, dead, reason, made"

/* All rows of a query of JOB_COLUMNS; `room` jobs stand at `out`. */
MUST_USE enum code job_rows_read(struct store_rows *r, struct arena *a, struct job *out,
                                 size_t room, size_t *count, struct error *e);

#endif
