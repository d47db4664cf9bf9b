/* SPDX-License-Identifier: Apache-2.0 */
/* From a window of a query to sketches and the probes worth asking. Private to index/. */
#ifndef LICET_INDEX_SKETCH_H
#define LICET_INDEX_SKETCH_H

#include "index/segment.h"

/* How much is looked up of a hypothesis: of each so many phases, so many keys over all, those most
 * likely to be the reference's. */
struct effort {
    size_t stride, keys;
};

/* The size of a soft bit that counts once; 3/2 and 5/2 of it count twice and three times, less than
 * half of it not at all: half of the middle size of a window. 0: to be found out from the first sketch. */
struct sketch_levels {
    int unit;
};

#define PHASES    8
#define NEAR      2.0 /* hops on each side of a word */
#define ROW_LANES 3   /* of 64 bits: all bands */

/* The window under one rate: soft bits of all bands, for whichever pitch is cut out of them. What
 * is costly is done once for all pitches. */
struct sketch_rows {
    double rate;   /* 0: none */
    size_t half;   /* whole bands, or shifted half a band */
    size_t stride; /* each so many phases are there */
    struct {
        uint32_t count;
        int8_t soft[SKETCH_WORDS][FP_BANDS + 2];
        int32_t heard[SKETCH_WORDS][FP_BANDS + 1]; /* sums of sizes before a band */
        int32_t doubt[SKETCH_WORDS][FP_BANDS + 1]; /* sums of the doubt in bits before a band */
        uint64_t bits[SKETCH_WORDS][ROW_LANES], fair[SKETCH_WORDS][ROW_LANES];
        uint64_t most[SKETCH_WORDS][ROW_LANES];
    } phase[PHASES];
};

/* in      first, count  rows of the query that words are centred in
 *         levels        found out from the first words at pitch 0 when not yet known */
void rows_make(const struct fp_window *w, double rate, size_t half, size_t stride, size_t first,
               size_t count, struct sketch_levels *levels, struct sketch_rows *out);

/* One phase from band `band` on. False, and an empty sketch: nothing to hear. */
bool sketch_cut(const struct sketch_rows *rows, size_t phase, size_t band, struct sketch *out);

/* The same words in the opposite order: its kind of sound, and nothing in common with itself. */
void sketch_turn(struct sketch *k);

/* Doubt is -64 ln of the chance that a key is the reference's: of all its bits as they are, and for
 * each that is flipped its log-odds more.
 *
 * The keys of a sketch whose doubt is at most `most`.
 * in   number  the sketch's, for the probes
 *      room    of `out`; no more are made
 *      out     NULL: they are counted in `counts` only
 *      counts  NULL, or [DOUBT_MOST + 1]: keys of each doubt
 * returns how many */
#define DOUBT_MOST 2047
size_t keys_make(const struct sketch_rows *rows, size_t band, const struct sketch *k,
                 uint16_t number, int32_t most, size_t room, struct probe *out, uint32_t *counts);

#endif
