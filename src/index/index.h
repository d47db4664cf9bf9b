/* SPDX-License-Identifier: Apache-2.0 */
/* The door of index: fingerprints -> which recordings a query contains, and where.
 *
 * On disk (docs/formats/index.md): at most four immutable, memory-mapped segments, a manifest that
 * is replaced whole, and a log of what was added and removed since. A crash at any byte leaves the
 * state before or after a commit. One process writes, any number read.
 *
 * How it finds: the query is sketched under hypotheses of tempo and pitch, identity first; the
 * surest parts of its words are looked up, also with their least sure bits flipped; each hit is
 * checked against the words around it; the best are aligned along a line, judged by soft
 * agreement, stretched to where the agreement begins and ends.
 */
#ifndef LICET_INDEX_H
#define LICET_INDEX_H

#include "base/base.h"
#include "fingerprint/fingerprint.h"

struct index;

struct index_key {
    uint8_t bytes[16];
};

enum index_mode { INDEX_READ, INDEX_WRITE };

/* in      dir   WRITE creates it; READ of a folder without an index is an empty index
 * errors  BUSY another process writes (the text names it); CORRUPT names file and place;
 *         INVALID a segment of a newer version; IO, MEMORY */
MUST_USE enum code index_open(const char *dir, enum index_mode mode, struct index **out,
                              struct error *e);
void index_close(struct index *ix); /* what was added and not committed is forgotten */
static inline void index_free(struct index *ix)
{
    index_close(ix);
}
OWNED_BY(index)

/* Buffered until index_commit. A key already there: the same words do nothing, others replace.
 * errors  DENIED opened for reading; MEMORY */
MUST_USE enum code index_add(struct index *ix, const struct index_key *key,
                             const struct fingerprint *fp, struct error *e);

/* Durable and searchable on return; group many adds. On failure nothing of the group is.
 * errors  IO (a full disk too), MEMORY */
MUST_USE enum code index_commit(struct index *ix, struct error *e);

/* At once, durable on return; a key that is not there is fine. */
MUST_USE enum code index_remove(struct index *ix, const struct index_key *key, struct error *e);

bool index_has(const struct index *ix, const struct index_key *key);

/* Every key that is searchable, in no order, until `each` returns false. */
void index_each(const struct index *ix,
                bool (*each)(void *context, const struct index_key *key, double seconds),
                void *context);

/* A reader sees what another process committed; cheap when nothing changed. */
MUST_USE enum code index_refresh(struct index *ix, struct error *e);

/* Write everything as one segment, without what was removed. */
MUST_USE enum code index_compact(struct index *ix, struct error *e);

struct index_figures {
    size_t segments; /* on disk, at most four */
    size_t recordings;
    double hours;
    uint64_t bytes; /* of all files */
    uint64_t generation;
    int version; /* of segments that are written */
};
void index_info(const struct index *ix, struct index_figures *out);

/* Read and verify every byte on disk; errors: CORRUPT names the first file that does not check. */
MUST_USE enum code index_check(const char *dir, struct error *e);

struct match {
    struct index_key key;
    double query_start, query_end;         /* seconds */
    double reference_start, reference_end; /* seconds */
    double speed;                          /* reference seconds a query second */
    double pitch_semitones;                /* of the query above the reference */
    double score;        /* 0 to 1: share of sure bits that agree, beyond chance */
    double deviations;   /* how far the agreement lies above that of places taken blindly */
    double others;       /* how far that of other recordings does, at the places best for them */
    double others_width; /* how far these lie apart */
    bool identity;       /* found without asking for other tempi and pitches */
    double p_false;      /* chance that a query like this, of music not in the index, gives this */
    bool shared; /* another match has the same sound at this time: it cannot be told which it is */
};

struct matches {
    struct match *items; /* what was played */
    size_t count;
    struct match *similar; /* recordings that contain the same sound as one of these at the same */
    size_t similar_count;  /* time, but agree clearly less: other versions, mixes, shared takes */
    bool complete; /* false: some of the index could not be asked: "undecided", never "no match" */
};

struct index_options {
    double false_alarms; /* expected per thousand uploads; 0: the default, 0.5 */
    bool identity_only;  /* no tempo or pitch hypotheses */
    double scan_hours;   /* an index of at most so many hours is also read through, where postings
                            found nothing; 0: the default, negative: never */
};

/* in      options  may be NULL
 * out     found    best first; every matched span of every recording; items and similar in `a`
 * errors  MEMORY
 * threads any number, beside one that adds, commits or removes; the answer does not depend on it */
MUST_USE enum code index_find(const struct index *ix, const struct fp_query *query,
                              const struct index_options *options, struct arena *a,
                              struct matches *found, struct error *e);

#endif
