/* SPDX-License-Identifier: Apache-2.0 */
/* A holder's wish for a preview, carried from the recording into an upload. Internal to flow. */
#ifndef LICET_FLOW_PREVIEW_H
#define LICET_FLOW_PREVIEW_H

#include "flow/world.h"
#include "media/media.h"

/* A span of the upload that is a span of a recording. */
struct preview_place {
    struct recording_id recording;
    int64_t upload_from_ms, upload_to_ms, reference_from_ms, reference_to_ms;
};

/* The preview of the upload, where a sender of messages told which seconds of a recording that is
 * heard in it are to be its preview, and they are in it. *changed: it has another one now. */
MUST_USE enum code preview_obey(struct world *w, struct store_tx *tx,
                                const struct preview_place *places, size_t count, struct upload *u,
                                bool *changed, struct error *e);

#endif
