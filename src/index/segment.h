/* SPDX-License-Identifier: Apache-2.0 */
/* A segment: recordings, their words, and postings from parts of words to places. Pure: bytes in,
 * candidates out; no file, no allocation, no lock while scanning. Private to index/. */
#ifndef LICET_INDEX_SEGMENT_H
#define LICET_INDEX_SEGMENT_H

#include "index/index.h"

#define SEGMENT_VERSION    2
#define SEGMENT_WORDS_MOST 0xfffffff0u

struct segment_recording { /* as in the file, little endian, 32 bytes */
    struct index_key key;
    uint32_t first, count; /* words */
    uint64_t samples;
};

struct segment_head { /* as in the file, 128 bytes */
    char magic[8];
    uint32_t version, fp_version;
    uint32_t recordings, directory_bits;
    uint64_t words, samples;
    uint64_t postings[FP_PARTS];
    uint64_t length; /* of the whole file */
    uint64_t body_sum;
    uint64_t reserved[4];
    uint64_t head_sum; /* of the 120 bytes before */
};

/* A segment's bytes, looked at. All pointers are into them. */
struct segment {
    const uint8_t *bytes;
    size_t length;
    const struct segment_head *head;
    const struct segment_recording *recordings;
    const struct fp_word *words;
    struct {
        const uint32_t *directory; /* [2^bits + 1] */
        const uint32_t *postings;  /* bucket by bucket: its checks, then its places */
        size_t count;
    } part[FP_PARTS];
};

#define KEY_BITS      20 /* of a part, that a directory has at most: its highest */
#define POSTING_BYTES 8

/* Look at bytes: lengths and head always, every byte when `whole`.
 * errors  CORRUPT, INVALID a newer version */
MUST_USE enum code segment_view(const void *bytes, size_t length, bool whole, struct segment *out,
                                struct error *e);

/* What a segment is made of; words and posts of one recording lie together. */
struct segment_item {
    struct index_key key;
    const struct fp_word *words;
    const uint8_t *posts;
    uint32_t count;
    uint64_t samples;
};

/* Make a segment's bytes (free them). Items in the order given.
 * errors  LIMIT too many words; MEMORY */
MUST_USE enum code segment_build(const struct segment_item *items, size_t count, uint8_t **bytes,
                                 size_t *length, struct error *e);

/* The head without what postings decide. */
enum code segment_head_begin(const struct segment_item *items, size_t count,
                             struct segment_head *out, struct error *e);

/* Where everything lies follows from the counts of the head. Returns the length of the file. */
size_t segment_lay_out(const struct segment_head *h, const uint8_t *bytes, struct segment *out);

/* A word seen from a part: its key on top, below it that of the part before, cyclically. The highest
 * bits name the bucket, the next 32 are the check. */
static inline uint64_t segment_part_bits(const struct fp_word *w, size_t part)
{
    uint64_t low = w->half[part / 2], high = w->half[1 - part / 2];
    return part % 2 ? low : low << 32 | high >> 32;
}

static inline uint32_t segment_check(uint64_t bits, uint32_t directory_bits)
{
    return (uint32_t)(bits << directory_bits >> 32);
}

/* A bucket of a part, damaged or not: never beyond the end. */
struct bucket {
    size_t count;
    const uint32_t *checks, *places;
};
static inline struct bucket segment_bucket(const struct segment *s, size_t part, size_t bucket)
{
    size_t from = s->part[part].directory[bucket], to = s->part[part].directory[bucket + 1];
    if (to > s->part[part].count || from > to)
        from = to = 0;
    const uint32_t *at = s->part[part].postings + 2 * from;
    return (struct bucket) { to - from, at, at + (to - from) };
}

/* The recording that word `place` is of. */
size_t segment_recording_at(const struct segment *s, uint32_t place);

/* Which parts of each word are posted, as they were given: posts [words], zeroed. */
void segment_posts(const struct segment *s, uint8_t *posts);

/* --- scanning ---------------------------------------------------------------------------- */

#define SKETCH_WORDS 24

/* A query window under one hypothesis and phase: hard bits and how far to trust them.
 * disagreement of word w: bits of (w ^ bits) in `fair`, and twice those in `sure`: the two are the
 * binary digits of how much a bit counts, 0 to 3. */
struct sketch {
    uint32_t count;
    int32_t weight;             /* of all bits: half of it is the disagreement by chance */
    float per_deviation;        /* 1 / the standard deviation of the disagreement by chance */
    uint32_t hypothesis, phase; /* the caller's */
    struct fp_word bits[SKETCH_WORDS], fair[SKETCH_WORDS], sure[SKETCH_WORDS];
};

struct probe {
    uint32_t key; /* of the part; only its highest KEY_BITS name the bucket */
    uint16_t sketch;
    uint8_t word, part;
};
static inline bool probe_same_bucket(const struct probe *a, const struct probe *b,
                                     uint32_t directory_bits)
{
    return a->part == b->part && (a->key ^ b->key) >> (32 - directory_bits) == 0;
}

struct candidate {
    float score; /* deviations better than chance */
    uint32_t segment;
    int64_t place; /* the word of the segment under word 0 of the sketch; may lie before it */
    uint32_t phase, hypothesis; /* the sketch's */
    uint32_t word;              /* of the sketch: where the place is certain */
};

#define CANDIDATES 48
struct candidates { /* the best so far, unordered; one for each neighbourhood */
    uint32_t segment;
    float least; /* score below which nothing is taken */
    size_t count;
    struct candidate best[CANDIDATES];
};

/* Keep it among the best, unless a better one lies beside it: word `word` of the sketch is certain. */
void candidate_offer(struct candidates *found, float score, int64_t place, const struct sketch *k,
                     uint32_t word);

/* Look the probes up; what agrees around a hit goes to `found`. */
void segment_probe(const struct segment *s, const struct sketch *sketches, size_t sketch_count,
                   const struct probe *probes, size_t count, struct candidates *found);

/* Deviations better than chance at one place; what lies outside of the segment counts as chance. */
float segment_agreement(const struct segment *s, const struct sketch *k, int64_t place);

/* Lay the sketch over every place. */
void segment_scan(const struct segment *s, const struct sketch *sketch, struct candidates *found);

#endif
