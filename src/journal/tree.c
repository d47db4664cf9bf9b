/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9162, section 2.1: hashes of leaves and nodes, the right edge, proofs and their checks. */
#include "journal/tree.h"

#include <sodium.h>

size_t tree_edge_count(int64_t size)
{
    return (size_t)__builtin_popcountll((uint64_t)size);
}

/* HASH(0x01 || left || right) */
void tree_node(const uint8_t left[JOURNAL_HASH], const uint8_t right[JOURNAL_HASH],
               uint8_t out[JOURNAL_HASH])
{
    uint8_t bytes[1 + 2 * JOURNAL_HASH] = { 1 };
    memcpy(bytes + 1, left, JOURNAL_HASH);
    memcpy(bytes + 1 + JOURNAL_HASH, right, JOURNAL_HASH);
    crypto_hash_sha256(out, bytes, sizeof bytes);
}

void tree_edge_add(struct tree_edge *edge, const uint8_t leaf[JOURNAL_HASH], uint8_t *tile)
{
    uint8_t node[JOURNAL_HASH];
    size_t count = tree_edge_count(edge->size);
    int level = 0;
    memcpy(node, leaf, JOURNAL_HASH);
    for (int64_t rest = edge->size; rest & 1; rest >>= 1) { /* two of one size become one */
        tree_node(edge->nodes[--count], node, node);
        if (++level == TILE_LEVELS && tile)
            memcpy(tile, node, JOURNAL_HASH);
    }
    memcpy(edge->nodes[count], node, JOURNAL_HASH);
    edge->size++;
}

void tree_edge_root(const struct tree_edge *edge, uint8_t root[JOURNAL_HASH])
{
    size_t count = tree_edge_count(edge->size);
    if (count == 0) {
        crypto_hash_sha256(root, NULL, 0); /* the hash of an empty list: the hash of nothing */
        return;
    }
    memcpy(root, edge->nodes[--count], JOURNAL_HASH);
    while (count)
        tree_node(edge->nodes[--count], root, root);
}

static void put_number(crypto_hash_sha256_state *h, uint64_t n)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(n >> (56 - 8 * i));
    crypto_hash_sha256_update(h, bytes, 8);
}

static void put_text(crypto_hash_sha256_state *h, struct str s)
{
    put_number(h, s.length);
    crypto_hash_sha256_update(h, (const uint8_t *)(s.at ? s.at : ""), s.length);
}

/* HASH(0x00 || event): number, moment, then each text with its length in front, so that no two
 * events have the same bytes. */
void journal_leaf(int64_t seq, const struct journal_entry *n, uint8_t leaf[JOURNAL_HASH])
{
    crypto_hash_sha256_state h;
    crypto_hash_sha256_init(&h);
    crypto_hash_sha256_update(&h, (const uint8_t *)"\0", 1);
    put_number(&h, (uint64_t)seq);
    put_number(&h, (uint64_t)n->when.us);
    const struct str texts[] = { n->who, n->what, n->subject, n->before, n->after, n->why };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        put_text(&h, texts[i]);
    crypto_hash_sha256_final(&h, leaf);
}

/* --- proofs --- */

/* The largest power of two smaller than n, n > 1 */
static int64_t split(int64_t n)
{
    return (int64_t)1 << (63 - __builtin_clzll((uint64_t)(n - 1)));
}

/* MTH(D[from:to]) */
static void subtree(const uint8_t (*leaves)[JOURNAL_HASH], int64_t from, int64_t to,
                    uint8_t root[JOURNAL_HASH])
{
    struct tree_edge edge = { 0 };
    for (int64_t i = from; i < to; i++)
        tree_edge_add(&edge, leaves[i], NULL);
    tree_edge_root(&edge, root);
}

/* The recursion of the RFC goes from the root down, its list from the leaf up. */
static void turn_round(struct journal_proof *p)
{
    for (size_t i = 0, j = p->count; i + 1 < j; i++) {
        uint8_t kept[JOURNAL_HASH];
        j--;
        memcpy(kept, p->path[i], JOURNAL_HASH);
        memcpy(p->path[i], p->path[j], JOURNAL_HASH);
        memcpy(p->path[j], kept, JOURNAL_HASH);
    }
}

void tree_path(const uint8_t (*leaves)[JOURNAL_HASH], int64_t size, int64_t at,
               struct journal_proof *out)
{
    int64_t from = 0, to = size;
    out->count = 0;
    while (to - from > 1) {
        int64_t middle = from + split(to - from);
        if (at < middle) {
            subtree(leaves, middle, to, out->path[out->count++]);
            to = middle;
        } else {
            subtree(leaves, from, middle, out->path[out->count++]);
            from = middle;
        }
    }
    turn_round(out);
}

/* SUBPROOF(m, D, b) of 2.1.4.1 */
void tree_growth(const uint8_t (*leaves)[JOURNAL_HASH], int64_t size, int64_t before,
                 struct journal_proof *out)
{
    int64_t from = 0, to = size;
    bool whole = true; /* b: the subtree at hand is one of the old tree's own */
    out->count = 0;
    while (before != to) {
        int64_t middle = from + split(to - from);
        if (before <= middle) {
            subtree(leaves, middle, to, out->path[out->count++]);
            to = middle;
        } else {
            subtree(leaves, from, middle, out->path[out->count++]);
            from = middle;
            whole = false;
        }
    }
    if (!whole)
        subtree(leaves, from, to, out->path[out->count++]);
    turn_round(out);
}

/* 2.1.3.2: the root that a leaf and its path give */
bool journal_proves(const struct journal_proof *proof, int64_t seq,
                    const uint8_t leaf[JOURNAL_HASH], const struct journal_head *head)
{
    if (seq < 1 || seq > head->size || proof->count > JOURNAL_PATH_MOST)
        return false;
    uint64_t fn = (uint64_t)seq - 1, sn = (uint64_t)head->size - 1;
    uint8_t r[JOURNAL_HASH];
    memcpy(r, leaf, JOURNAL_HASH);
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            tree_node(proof->path[i], r, r);
            while (!(fn & 1) && fn)
                fn >>= 1, sn >>= 1;
        } else {
            tree_node(r, proof->path[i], r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(r, head->root, JOURNAL_HASH) == 0;
}

/* 2.1.4.2: both roots from one path */
static bool growth(const struct journal_proof *proof, const struct journal_head *before,
                   const struct journal_head *head)
{
    uint64_t fn = (uint64_t)before->size - 1, sn = (uint64_t)head->size - 1;
    uint8_t fr[JOURNAL_HASH], sr[JOURNAL_HASH];
    size_t at = 0;
    if ((before->size & (before->size - 1)) == 0)
        memcpy(fr, before->root, JOURNAL_HASH); /* a full tree is its own first node */
    else if (proof->count == 0)
        return false;
    else
        memcpy(fr, proof->path[at++], JOURNAL_HASH);
    memcpy(sr, fr, JOURNAL_HASH);
    while (fn & 1)
        fn >>= 1, sn >>= 1;
    for (; at < proof->count; at++) {
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            tree_node(proof->path[at], fr, fr);
            tree_node(proof->path[at], sr, sr);
            while (!(fn & 1) && fn)
                fn >>= 1, sn >>= 1;
        } else {
            tree_node(sr, proof->path[at], sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(fr, before->root, JOURNAL_HASH) == 0 &&
           memcmp(sr, head->root, JOURNAL_HASH) == 0;
}

bool journal_proves_growth(const struct journal_proof *proof, const struct journal_head *before,
                           const struct journal_head *head)
{
    if (before->size < 0 || before->size > head->size || proof->count > JOURNAL_PATH_MOST)
        return false;
    if (before->size == 0) /* every tree continues the empty one */
        return proof->count == 0;
    if (before->size == head->size)
        return proof->count == 0 && memcmp(before->root, head->root, JOURNAL_HASH) == 0;
    return growth(proof, before, head);
}
