/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings that nobody made, drawn from those that somebody did: for indexes of a size that no
 * test can fill with music. */
#ifndef LICET_BENCH_SYNTHETIC_H
#define LICET_BENCH_SYNTHETIC_H

#include "fingerprint/fingerprint.h"

#define SYNTHETIC_WORDS 540

struct synthetic {
    struct fingerprint **real; /* borrowed; patterns */
    size_t real_count;
    uint64_t random;
    struct fp_word words[SYNTHETIC_WORDS];
    uint8_t posts[SYNTHETIC_WORDS];
    struct fingerprint made;
};

/* About four minutes: the lower bands of one real recording and the upper ones of another, played
 * backwards, moved by up to four semitones, whole groups of bands turned upside down, and one bit
 * in eight changed at random. So words are as common or rare, and neighbours in time and pitch as
 * alike, as in music, and yet no question finds the originals. Valid until the next call. */
const struct fingerprint *synthetic_make(struct synthetic *s);

uint64_t synthetic_chance(struct synthetic *s);

/* How alike unrelated recordings are: the real ones among each other, and to synthetic ones.
 * Prints figures: pairs of equal keys against those of even chance; spread and tail of agreement
 * over ten seconds, in deviations of fair coins. */
void synthetic_compare(struct synthetic *s, size_t made);

#endif
