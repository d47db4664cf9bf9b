/* SPDX-License-Identifier: Apache-2.0 */
/* From a window of a query to sketches and the probes worth asking. Private to index/. */
#ifndef LICET_INDEX_SKETCH_H
#define LICET_INDEX_SKETCH_H

#include "index/segment.h"

#define FLIPS_MOST 128

#define LOW_BITS 8 /* of a key: told by the checks of postings, not by the directory of a large index */

/* How much is looked up of a hypothesis: each so many phases, so many parts, the surest; of each so
 * many keys, the likeliest. */
struct effort {
    size_t stride, parts, flips;
    size_t loose; /* of the low bits, those among so many weakest may be either way */
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
        int32_t sure[SKETCH_WORDS][FP_BANDS + 1];  /* of what parts are chosen by */
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

/* The parts worth looking up: the surest ones, over all phases of a window, since only one of the
 * phases is right and it is not known which. */
struct part_choice {
    int32_t sure;
    uint8_t word, part;
};

struct part_choices {
    int32_t sure[SKETCH_WORDS][FP_PARTS]; /* summed over the phases given */
    size_t count;
    struct part_choice best[SKETCH_WORDS * FP_PARTS]; /* after parts_choose, best first */
};

void parts_weigh(const struct sketch_rows *rows, size_t phase, size_t band,
                 struct part_choices *choices);
void parts_choose(struct part_choices *choices, size_t most);

/* The key of a part, and the keys with its least sure bits flipped, about likeliest first; low bits
 * that are not sure are left open.
 * in   soft  of the word
 * out  out   effort->flips, at most FLIPS_MOST */
void part_probes(const struct sketch *k, uint16_t number, const int8_t *soft,
                 const struct part_choice *c, const struct effort *effort, struct probe *out);

#endif
