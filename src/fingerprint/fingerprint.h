/* SPDX-License-Identifier: Apache-2.0 */
/* The door of fingerprint: PCM -> what an index stores, and what a question is made of.
 *
 * Front end: mono at 8 kHz; Hann windows of 256 ms each 64 ms; the power in bands of a third of a
 * semitone, kept as halves, in steps of 1/8 of log2 (0.376 dB). Fine bands are what makes music stand out of
 * speech, noise and other music: its partials stay put for as long as a window, speech glides.
 *
 * Reference form: one word of 128 bits each 512 ms. Bit b says whether the step from band b to
 * band b + 1, in fourth roots of power averaged over 256 ms, is above its own mean over 3.6 s: what an
 * equaliser, a room or steady noise adds is the same in both and drops out.
 *
 * Query form: the bands themselves, so that a question can be sketched again under any hypothesis
 * of tempo and pitch. The index then costs nothing for being robust against them.
 *
 * Arithmetic after the bands is in integers or in exactly rounded float operations; nothing
 * depends on the number of threads or on the compiler.
 */
#ifndef LICET_FINGERPRINT_H
#define LICET_FINGERPRINT_H

#include "base/base.h"

#define FP_VERSION      2
#define FP_RATE_HZ      8000 /* mono float PCM at this rate, full scale +-1 */
#define FP_WINDOW       2048 /* samples */
#define FP_HOP          512
#define FP_BANDS        158 /* 191 Hz to 3.9 kHz; the words use the middle, the rest is for pitch */
#define FP_FINE         317 /* half bands: two make a band, at any sixth of a semitone */
#define FP_FIRST        17  /* the band below bit 0 */
#define FP_BITS         128
#define FP_STEP         8 /* hops from word to word */
#define FP_WORD_SECONDS 0.512
#define FP_HOP_SECONDS  0.064
#define FP_PITCH_LEAST  (-32) /* in sixths of a semitone: half a band */
#define FP_PITCH_MOST   30
#define FP_PARTS        4 /* a word has four parts of 32 bits, low to high */
#define FP_SECONDS_MOST (36 * 3600)

struct fp_word {
    uint64_t half[2]; /* bit b of the word: half[b / 64] >> (b % 64); all zero: nothing to hear */
};

struct fingerprint {
    size_t count;
    struct fp_word *words; /* word j is heard around (8 j + 4) hops, see fp_word_seconds */
    uint8_t *posts;        /* per word: bit p is set when part p is among the surest around it */
    uint64_t samples;
};

struct fp_query {
    size_t count;
    uint8_t *bands; /* [count][FP_FINE], one row per hop: 8 log2 of the power of half a band */
    uint64_t samples;
};

/* Streaming analysis: about 5 KB are kept per second of audio. NaN counts as 0, and what lies
 * beyond +-4 as +-4.
 * errors  LIMIT more than FP_SECONDS_MOST; MEMORY */
struct fp_stream;
MUST_USE enum code fp_stream_new(struct fp_stream **out, struct error *e);
MUST_USE enum code fp_stream_push(struct fp_stream *s, const float *pcm, size_t count,
                                  struct error *e);

/* out  *fp, *query  owned; either may be NULL. Once per stream. */
MUST_USE enum code fp_stream_finish(struct fp_stream *s, struct fingerprint **fp,
                                    struct fp_query **query, struct error *e);
void fp_stream_free(struct fp_stream *s);
void fingerprint_free(struct fingerprint *fp);
void fp_query_free(struct fp_query *q);
OWNED_BY(fp_stream)
OWNED_BY(fingerprint)
OWNED_BY(fp_query)

double fingerprint_seconds(const struct fingerprint *fp);
double fp_query_seconds(const struct fp_query *q);

/* The reference form of a query form: the same as finish gives. */
MUST_USE enum code fp_query_fingerprint(const struct fp_query *q, struct fingerprint **out,
                                        struct error *e);

/* Portable bytes with magic, version and checksum (docs/formats/fingerprint.md).
 * errors  decode: CORRUPT does not check; INVALID not ours, or of a newer version; MEMORY */
MUST_USE enum code fingerprint_encode(const struct fingerprint *fp, struct buf *out,
                                      struct error *e);
MUST_USE enum code fingerprint_decode(const uint8_t *bytes, size_t length, struct fingerprint **out,
                                      struct error *e);
MUST_USE enum code fp_query_encode(const struct fp_query *q, struct buf *out, struct error *e);
MUST_USE enum code fp_query_decode(const uint8_t *bytes, size_t length, struct fp_query **out,
                                   struct error *e);

/* --- for the index: sketches of a query under a hypothesis ------------------------------- */

/* A stretch of a query with running sums over time, from which any sketch is four look-ups.
 *
 * sums  [2][count + 1][FP_BANDS]: sums[h][i][b] is the sum, over the rows before row i, of 64 log2
 *       of the power of band b, half a band higher where h is 1; where it is noisy, of 64 fourth
 *       roots of power and floor */
struct fp_window {
    size_t first, count; /* rows of the query it covers */
    const int32_t *sums; /* in the caller's arena */
    bool noisy;          /* steady noise fills it; its floor is in the sums */
};

/* errors  MEMORY the arena's limit */
MUST_USE enum code fp_window_make(const struct fp_query *q, size_t first, size_t count,
                                  struct arena *a, struct fp_window *out, struct error *e);

/* What is supposed of a query: it plays `rate` seconds of the reference a second, and everything
 * in it is `pitch` sixths of a semitone above the reference. */
struct fp_warp {
    double rate;
    int pitch;
};

/* Soft bits of one word: positive for 1, the size says how sure (in proportion to the log-odds that
 * a reference agrees, at most 100). `centre` is in hops from the start of the query; parts
 * that lie outside of the window are left out of the averages.
 *
 * out     soft  [FP_BITS]
 * returns false when there is nothing to hear; soft is all zero then */
bool fp_window_sketch(const struct fp_window *w, const struct fp_warp *warp, double centre,
                      int8_t *soft);

/* The same for all bands at once, in whole (half 0) or shifted half a band (1): the soft bits under
 * pitch p are those from band (2 FP_FIRST + p) >> 1 on, of half (2 FP_FIRST + p) & 1.
 *
 * out     soft   [FP_BANDS]
 *         sizes  [FP_BANDS]: a word whose 128 sizes sum to less than FP_SIZES_HEARD is silent
 * returns false when nothing is known at this place; all is zero then */
#define FP_SIZES_HEARD (128 / 16 * FP_BITS) /* a mean distance of 1/16 of log2 */
bool fp_window_row(const struct fp_window *w, double rate, size_t half, double centre, int8_t *soft,
                   int32_t *sizes);

/* The second that word j (or a fraction of one) of a reference, or hop h of a query, stands for. */
static inline double fp_word_seconds(double word)
{
    return (word * FP_STEP + FP_STEP / 2) * FP_HOP_SECONDS + 0.096;
}
static inline double fp_hop_seconds(double hop)
{
    return hop * FP_HOP_SECONDS + 0.096;
}

/* The checksum of all our files: any single changed byte changes it. */
uint64_t fp_checksum(const void *bytes, size_t length);

#endif
