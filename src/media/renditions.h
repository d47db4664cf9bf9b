/* SPDX-License-Identifier: Apache-2.0 */
/* Renditions: the encoded forms of an upload. A preview is a file of its own, never a cut of the
 * full one when it is served.
 *
 *     struct rendition made[8];
 *     size_t count;
 *     TRY(media_render_all(&maker, &upload, renditions_usual, renditions_usual_count, made,
 *                          COUNT_OF(made), &count, e));            // minutes of work, no database
 *     for (i < count) TRY(media_rendition_put(tx, &made[i], e));   // in one transaction
 */
#ifndef LICET_MEDIA_RENDITIONS_H
#define LICET_MEDIA_RENDITIONS_H

#include "media/blobs.h"
#include "media/uploads.h"

enum rendition_kind { RENDITION_FULL, RENDITION_PREVIEW };
const char *rendition_kind_word(enum rendition_kind k);

struct rendition {
    struct rendition_id id;
    struct network_id network;
    struct upload_id upload;
    enum rendition_kind kind;
    enum audio_codec codec;
    int64_t bits_per_second;
    char blob[BLOB_TEXT]; /* its hash; an ETag is made of it */
    int64_t size_bytes;
    int64_t start_ms, length_ms; /* within the upload */
    struct instant made;
};

/* What is made of an upload. */
struct rendition_plan {
    enum rendition_kind kind;
    enum audio_codec codec;
    int32_t bits_per_second;
};
extern const struct rendition_plan renditions_usual[]; /* Opus, AAC, MP3: previews, then full */
extern const size_t renditions_usual_count;

struct rendition_maker {
    struct audio_host *host;
    struct media_blobs *blobs;
    struct audio_limits limits;
    struct instant now;
    const struct chance *chance;
};

/* One rendition of an upload that was heard: its blob decoded, cut, encoded, kept.
 * A preview has length_ms (0: as the upload's preview is) from the preview's start.
 * errors  as audio_render; NOT_FOUND the upload has no blob or no preview */
MUST_USE enum code media_render(const struct rendition_maker *m, const struct upload *u,
                                const struct rendition_plan *plan, int64_t length_ms,
                                struct rendition *out, struct error *e);
/* All rows of a plan. */
MUST_USE enum code media_render_all(const struct rendition_maker *m, const struct upload *u,
                                    const struct rendition_plan *plan, size_t plan_count,
                                    struct rendition *out, size_t room, size_t *count,
                                    struct error *e);

/* The same form again replaces the one before. */
MUST_USE enum code media_rendition_put(struct store_tx *tx, const struct rendition *r,
                                       struct error *e);
/* errors  NOT_FOUND */
MUST_USE enum code media_rendition_get(struct store_tx *tx, struct rendition_id id,
                                       struct rendition *out, struct error *e);
MUST_USE enum code media_rendition_list(struct store_tx *tx, struct upload_id upload,
                                        struct arena *a, struct rendition **out, size_t *count,
                                        struct error *e);
MUST_USE enum code media_rendition_drop(struct store_tx *tx, struct network_id network,
                                        struct upload_id upload, struct error *e);

/* The validator of what is served: "\"<32 hex digits>\"". */
enum { RENDITION_ETAG = 35 };
const char *rendition_etag(const struct rendition *r, char out[RENDITION_ETAG]);

#endif
