/* SPDX-License-Identifier: Apache-2.0 */
/* The picture of a match: every bit of the reference against the upload, along the line on which they
 * were aligned. Pure. Internal to flow. */
#ifndef LICET_FLOW_PICTURE_H
#define LICET_FLOW_PICTURE_H

#include "fingerprint/fingerprint.h"
#include "flow/flow.h"

enum cell { CELL_NOTHING, CELL_UNSURE, CELL_AGREES, CELL_DIFFERS, CELL_KINDS };

enum { PICTURE_COLUMNS_MOST = 900 };

/* One column per word of the reference (per several, where there would be too many). */
struct picture {
    size_t columns;
    struct {
        double upload_s, reference_s; /* where it stands in both */
        uint8_t cells[FP_BITS];       /* enum cell */
    } column[PICTURE_COLUMNS_MOST];
};

/* in      m  the span and its line; some seconds around it are shown too
 * errors  MEMORY */
MUST_USE enum code picture_make(const struct fp_query *upload, const struct fingerprint *reference,
                                const struct found *m, struct arena *a, struct picture *out,
                                struct error *e);

/* Sure bits that agree, of all sure bits, inside the span and outside; -1: there are none. */
double picture_agreement(const struct picture *p, const struct found *m, bool inside);

/* As SVG, with words for who does not see it. */
void picture_svg(const struct picture *p, const struct found *m, const char *upload,
                 struct buf *out);

#endif
