/* SPDX-License-Identifier: Apache-2.0 */
/* The door of media: what users upload, what was found in it, how it was judged, how it is served.
 *
 *   bytes --parts, blobs--> upload row --(flow hears it)--> matches, preview, renditions
 *   verdict --link--> /m/... : a file, for a while, by one app
 *
 * Bytes are kept by their hash and are there before the row that names them. Rows are read and
 * written inside the caller's transaction. Links and the choice of a preview are pure. */
#ifndef LICET_MEDIA_MEDIA_H
#define LICET_MEDIA_MEDIA_H

#include "audio/audio.h"
#include "media/blobs.h"
#include "media/link.h"
#include "media/parts.h"
#include "media/preview.h"
#include "media/renditions.h"
#include "media/uploads.h"

/* Rows there are, of all networks. */
MUST_USE enum code media_count(struct store_tx *tx, int64_t *uploads, int64_t *verdicts,
                               struct error *e);

#endif
