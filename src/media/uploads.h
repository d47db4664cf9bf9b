/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of uploads, of what was found in them, and of how they were judged.
 *
 * Every call works inside the caller's transaction; texts are read into the caller's arena. */
#ifndef LICET_MEDIA_UPLOADS_H
#define LICET_MEDIA_UPLOADS_H

#include "media/preview.h"
#include "store/store.h"

#define UPLOAD_STATES(ROW)                                                                         \
    ROW(UPLOAD_RECEIVING, "receiving") /* parts are coming */                                      \
    ROW(UPLOAD_RECEIVED, "received")   /* kept, not heard yet */                                   \
    ROW(UPLOAD_HEARD, "heard")                                                                     \
    ROW(UPLOAD_FAILED, "failed") /* not to be heard; `error` says why */                           \
    ROW(UPLOAD_WITHDRAWN, "withdrawn")

#define MEMBER(name, word) name,
enum upload_state { UPLOAD_STATES(MEMBER) UPLOAD_STATE_COUNT };
#undef MEMBER
const char *upload_state_word(enum upload_state s);
MUST_USE enum code upload_state_parse(struct str text, enum upload_state *out, struct error *e);

struct upload {
    struct upload_id id;
    struct network_id network;
    int64_t version;      /* counts the changes, from 1 */
    struct app_id app;    /* through which it came; may be none */
    const char *uploader; /* the network's own name for the person */
    const char *file;     /* name as given */
    const char *blob;     /* hash of the bytes, NULL while they are coming */
    int64_t size_bytes;
    enum upload_state state;
    const char *error;
    const char *title, *artist; /* from the tags; NULL when absent */
    int64_t duration_ms;
    const char *facts;       /* JSON, as audio_facts_write gives it */
    const char *fingerprint; /* hashes of blobs, or NULL */
    const char *waveform;
    bool heard_in_part; /* the search was not complete: undecided, never "no match" */
    struct media_preview preview;
    struct instant received, heard; /* heard: FIRST when not yet */
};

/* errors  CONFLICT an upload of this id is there */
MUST_USE enum code media_upload_put(struct store_tx *tx, const struct upload *u, struct error *e);
/* Write all columns of a row read before; its version becomes one higher.
 * errors  CONFLICT it was changed meanwhile; NOT_FOUND */
MUST_USE enum code media_upload_change(struct store_tx *tx, struct upload *u, struct error *e);
/* `network` may be none: then the id alone says which.
 * errors  NOT_FOUND */
MUST_USE enum code media_upload_get(struct store_tx *tx, struct network_id network,
                                    struct upload_id id, struct arena *a, struct upload *out,
                                    struct error *e);

struct upload_filter {
    struct network_id network; /* none: all */
    int state;                 /* enum upload_state, or -1: any */
    const char *uploader;      /* NULL: any */
    const char *blob;          /* NULL: any */
    struct upload_id after;    /* none: from the first */
    bool newest_first;
    size_t limit;
};
#define UPLOADS_ALL ((struct upload_filter) { .state = -1, .limit = 100 })
/* Rows behind `after` in the order of ids, which is the order of coming. */
MUST_USE enum code media_upload_list(struct store_tx *tx, const struct upload_filter *f,
                                     struct arena *a, struct upload **out, size_t *count,
                                     struct error *e);

/* How many uploads of all networks are in a state. */
MUST_USE enum code media_upload_count(struct store_tx *tx, enum upload_state state, int64_t *out,
                                      struct error *e);
/* Uploads that belong in the index of uploads: those whose fingerprint is kept, heard or being
 * heard. In the order of ids, behind `after`. */
MUST_USE enum code media_upload_searchable(struct store_tx *tx, struct upload_id after,
                                           size_t limit, struct arena *a, struct upload **out,
                                           size_t *count, struct error *e);
MUST_USE enum code media_upload_searchable_count(struct store_tx *tx, int64_t *out,
                                                 struct error *e);

/* ---- matches ---- */

struct media_match {
    struct match_id id;
    struct upload_id upload;
    struct network_id network;
    struct reference_id reference;
    struct recording_id recording;
    int64_t upload_from_ms, upload_to_ms, reference_from_ms, reference_to_ms;
    int64_t reference_ms; /* the reference's whole length; 0: not known */
    double speed, pitch_semitones, score, p_false;
    struct instant found;
};

MUST_USE enum code media_match_put(struct store_tx *tx, const struct media_match *m,
                                   struct error *e);
/* Forget what was found in an upload, before it is heard anew. */
MUST_USE enum code media_match_drop(struct store_tx *tx, struct network_id network,
                                    struct upload_id upload, struct error *e);
/* Forget what was found of a reference, in every upload. */
MUST_USE enum code media_match_drop_reference(struct store_tx *tx, struct reference_id reference,
                                              struct error *e);
/* By place in the upload. */
MUST_USE enum code media_match_list(struct store_tx *tx, struct upload_id upload, struct arena *a,
                                    struct media_match **out, size_t *count, struct error *e);
/* Uploads in which a recording was found, in the order of ids, behind `after`. */
MUST_USE enum code media_match_uploads(struct store_tx *tx, struct recording_id recording,
                                       struct upload_id after, size_t limit, struct arena *a,
                                       struct upload_id **out, size_t *count, struct error *e);

/* ---- verdicts ---- */

struct media_verdict {
    struct verdict_id id;
    struct network_id network;
    struct upload_id upload;       /* one of the two is none */
    struct recording_id recording; /* ... */
    struct app_id app;
    char territory[3];
    const char *mode; /* "deny", "preview", "full" */
    const char *reason_code;
    int64_t policy_version;
    const char *facts, *verdict; /* JSON as policy wrote it, byte for byte */
    struct instant given;
};

MUST_USE enum code media_verdict_put(struct store_tx *tx, const struct media_verdict *v,
                                     struct error *e);
/* errors  NOT_FOUND */
MUST_USE enum code media_verdict_get(struct store_tx *tx, struct verdict_id id, struct arena *a,
                                     struct media_verdict *out, struct error *e);
/* Of one upload, newest first, before `before` (none: from the newest). */
MUST_USE enum code media_verdict_list(struct store_tx *tx, struct upload_id upload,
                                      struct verdict_id before, size_t limit, struct arena *a,
                                      struct media_verdict **out, size_t *count, struct error *e);

#endif
