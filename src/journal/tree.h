/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 9162, section 2.1, as arithmetic. Leaves count from 0 here. */
#ifndef LICET_JOURNAL_TREE_H
#define LICET_JOURNAL_TREE_H

#include "journal/journal.h"

/* The roots of the full subtrees at the right edge, largest first: one per set bit of `size`. */
struct tree_edge {
    int64_t size;
    uint8_t nodes[JOURNAL_PATH_MOST][JOURNAL_HASH];
};

/* Full subtrees of so many leaves have their roots kept. */
enum { TILE_LEVELS = 8, TILE_LEAVES = 1 << TILE_LEVELS };

size_t tree_edge_count(int64_t size);
/* out  tile  may be NULL; the root of the tile that this leaf ends, if it ends one */
void tree_edge_add(struct tree_edge *edge, const uint8_t leaf[JOURNAL_HASH], uint8_t *tile);
void tree_edge_root(const struct tree_edge *edge, uint8_t root[JOURNAL_HASH]);
void tree_node(const uint8_t left[JOURNAL_HASH], const uint8_t right[JOURNAL_HASH],
               uint8_t out[JOURNAL_HASH]);

/* PATH(at, D) and PROOF(before, D) over `size` leaves, 0 < size. */
void tree_path(const uint8_t (*leaves)[JOURNAL_HASH], int64_t size, int64_t at,
               struct journal_proof *out);
void tree_growth(const uint8_t (*leaves)[JOURNAL_HASH], int64_t size, int64_t before,
                 struct journal_proof *out);

#endif
