/* SPDX-License-Identifier: Apache-2.0 */
/* One decode of one file: what it is, its fingerprint to keep and its fingerprint to ask with. */
#ifndef LICET_FLOW_HEAR_H
#define LICET_FLOW_HEAR_H

#include "flow/flow.h"

struct heard {
    struct audio_facts audio; /* in the arena */
    struct fingerprint *kept; /* owned; reference form */
    struct fp_query *query;   /* owned; query form */
};

void heard_done(struct heard *h);

/* in      kept, query  which forms are wanted
 * errors  as audio_decode */
MUST_USE enum code hear_file(struct audio_host *host, const struct settings *settings, int fd,
                             const struct audio_wants *wants, bool kept, bool query,
                             struct arena *a, struct heard *out, struct error *e);

/* The same of a file that may also be a fingerprint (docs/formats/fingerprint.md, the query form),
 * told apart by its first bytes: then `audio` holds its length and nothing else is known.
 * errors  as audio_decode; INVALID a fingerprint of the reference form, or of another version;
 *         CORRUPT it does not check */
MUST_USE enum code hear_any(struct audio_host *host, const struct settings *settings, int fd,
                            const struct audio_wants *wants, bool kept, bool query, struct arena *a,
                            struct heard *out, struct error *e);
extern const char hear_fingerprint[]; /* the container's name of such a file */

/* A file's bytes, read by position. errors LIMIT more than `most` */
MUST_USE enum code hear_whole(int fd, size_t most, struct buf *out, struct error *e);

/* The hash of a file's bytes, as media names its blobs; read by position. */
MUST_USE enum code hear_hash(int fd, char out[BLOB_TEXT], struct error *e);

/* Open a file for hearing: a regular file, read only. errors NOT_FOUND, DENIED, INVALID, IO */
MUST_USE enum code hear_open(const char *path, int *fd, struct error *e);

#endif
