/* SPDX-License-Identifier: Apache-2.0 */
/* From a window of a query to sketches and the probes worth asking. Private to index/. */
#ifndef LICET_INDEX_SKETCH_H
#define LICET_INDEX_SKETCH_H

#include "index/segment.h"

#define PARTS_PROBED 40
#define FLIPS        6

/* Sizes of soft bits from which they count once and twice: of all bits of a window, the better six
 * tenths and the best quarter. 0: to be found out from the first sketch. */
struct sketch_levels {
    int fair, sure;
};

/* Words from `centre` to `last` hops of the query. False, and an empty sketch: nothing to hear.
 * out  soft  [SKETCH_WORDS][FP_BITS] */
bool sketch_make(const struct fp_window *w, const struct fp_warp *warp, double centre, double last,
                 struct sketch_levels *levels, struct sketch *out, int8_t (*soft)[FP_BITS]);

/* The parts worth looking up: the surest ones, over all phases of a window, since only one of the
 * phases is right and it is not known which. */
struct part_choice {
    int32_t sure;
    uint8_t word, part;
};

struct part_choices {
    int32_t sure[SKETCH_WORDS][FP_PARTS]; /* summed over the phases given */
    size_t count;
    struct part_choice best[PARTS_PROBED]; /* after parts_choose, best first */
};

void parts_weigh(const struct sketch *k, int8_t (*soft)[FP_BITS], struct part_choices *choices);
void parts_choose(struct part_choices *choices);

/* The key of a part, and the keys with its least sure bits flipped, about likeliest first.
 * in   soft  of the word
 * out  out   at most FLIPS */
size_t part_probes(const struct sketch *k, uint16_t number, const int8_t *soft,
                   const struct part_choice *c, struct probe *out);

#endif
