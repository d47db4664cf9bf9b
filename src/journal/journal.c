/* SPDX-License-Identifier: Apache-2.0 */
/* Appending, reading, and the proofs that need the leaves. */
#include "journal/tree.h"

#include <stdlib.h>

static enum code entry_check(const struct journal_entry *n, struct error *e)
{
    const struct str texts[] = { n->who, n->what, n->subject, n->before, n->after, n->why };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].length > JOURNAL_TEXT_MOST)
            return fail(e, ERR_LIMIT, "a text of a journal event has more than %d bytes",
                        JOURNAL_TEXT_MOST);
    return OK;
}

static enum code edge_read(const struct store_rows *r, int64_t size, struct tree_edge *edge,
                           struct error *e)
{
    struct str bytes = store_bytes(r, 1);
    if (size < 0 || bytes.length != tree_edge_count(size) * JOURNAL_HASH)
        return fail(e, ERR_CORRUPT, "the journal's head is damaged");
    edge->size = size;
    if (bytes.length)
        memcpy(edge->nodes, bytes.at, bytes.length);
    return OK;
}

/* The edge before the next `count` events, with the head row held: whoever comes next waits here. */
static enum code edge_take(struct store_tx *tx, int64_t count, struct tree_edge *edge,
                           struct error *e)
{
    owned(store_rows) r = NULL;
    bool found;
    TRY(store_one(tx, "UPDATE journal_head SET size = size + $1 WHERE id = 1 RETURNING size, edge",
                  SQL(sql_int(count)), &r, &found, e));
    if (!found)
        return fail(e, ERR_CORRUPT, "the journal's head is gone");
    return edge_read(r, store_int(r, 0) - count, edge, e);
}

static enum code edge_put(struct store_tx *tx, const struct tree_edge *edge, struct error *e)
{
    return store_run(tx, "UPDATE journal_head SET edge = $1 WHERE id = 1",
                     SQL(sql_bytes(edge->nodes, tree_edge_count(edge->size) * JOURNAL_HASH)), NULL,
                     e);
}

static enum code append(struct store_tx *tx, const struct journal_entry *n, struct tree_edge *edge,
                        struct error *e)
{
    uint8_t leaf[JOURNAL_HASH], root[JOURNAL_HASH], tile[JOURNAL_HASH];
    int64_t seq = edge->size + 1;
    journal_leaf(seq, n, leaf);
    tree_edge_add(edge, leaf, tile);
    tree_edge_root(edge, root);
    if (seq % TILE_LEAVES == 0)
        TRY(store_run(tx, "INSERT INTO journal_tiles (number, root) VALUES ($1, $2)",
                      SQL(sql_int(seq / TILE_LEAVES - 1), sql_bytes(tile, JOURNAL_HASH)), NULL, e));
    return store_run(tx,
                     "INSERT INTO journal_events"
                     " (seq, at, who, what, subject, before, after, why, leaf, root)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                     SQL(sql_int(seq), sql_instant(n->when), sql_str(n->who), sql_str(n->what),
                         sql_str(n->subject), sql_str(n->before), sql_str(n->after),
                         sql_str(n->why), sql_bytes(leaf, JOURNAL_HASH),
                         sql_bytes(root, JOURNAL_HASH)),
                     NULL, e);
}

enum code journal_append_all(struct store_tx *tx, const struct journal_entry *entries, size_t count,
                             struct error *e)
{
    struct tree_edge edge;
    if (count == 0)
        return OK;
    for (size_t i = 0; i < count; i++)
        TRY(entry_check(&entries[i], e));
    TRY(edge_take(tx, (int64_t)count, &edge, e));
    for (size_t i = 0; i < count; i++)
        TRY(append(tx, &entries[i], &edge, e));
    return edge_put(tx, &edge, e);
}

enum code journal_append(struct store_tx *tx, const struct journal_entry *n, struct error *e)
{
    return journal_append_all(tx, n, 1, e);
}

enum code journal_head(struct store_tx *tx, struct journal_head *out, struct error *e)
{
    owned(store_rows) r = NULL;
    struct tree_edge edge;
    bool found;
    TRY(store_one(tx, "SELECT size, edge FROM journal_head WHERE id = 1", SQL_NONE, &r, &found, e));
    if (!found)
        return fail(e, ERR_CORRUPT, "the journal's head is gone");
    TRY(edge_read(r, store_int(r, 0), &edge, e));
    out->size = edge.size;
    tree_edge_root(&edge, out->root);
    return OK;
}

static void copy_hash(const struct store_rows *r, int column, uint8_t out[JOURNAL_HASH])
{
    struct str bytes = store_bytes(r, column);
    memset(out, 0, JOURNAL_HASH);
    if (bytes.length == JOURNAL_HASH)
        memcpy(out, bytes.at, JOURNAL_HASH);
}

static struct str keep(struct arena *a, const struct store_rows *r, int column)
{
    struct str s = store_text(r, column);
    return (struct str) { str_copy(a, s), s.length };
}

static void event_read(const struct store_rows *r, struct arena *a, struct journal_event *out)
{
    out->seq = store_int(r, 0);
    out->entry = (struct journal_entry) {
        .when = store_instant(r, 1),
        .who = keep(a, r, 2),
        .what = keep(a, r, 3),
        .subject = keep(a, r, 4),
        .before = keep(a, r, 5),
        .after = keep(a, r, 6),
        .why = keep(a, r, 7),
    };
    copy_hash(r, 8, out->leaf);
    copy_hash(r, 9, out->root);
}

#define COLUMNS "seq, at, who, what, subject, before, after, why, leaf, root"

enum code journal_list(struct store_tx *tx, int64_t after, struct str subject, size_t limit,
                       struct arena *a, struct journal_event **events, size_t *count,
                       struct error *e)
{
    owned(store_rows) r = NULL;
    bool more;
    if (limit < 1 || limit > JOURNAL_LIST_MOST)
        return fail(e, ERR_INVALID, "a page of the journal has 1 to %d events", JOURNAL_LIST_MOST);
    const char *sql = subject.length ? "SELECT " COLUMNS
                                       " FROM journal_events WHERE subject = $3 AND seq > $1"
                                       " ORDER BY seq LIMIT $2"
                                     : "SELECT " COLUMNS " FROM journal_events WHERE seq > $1"
                                       " ORDER BY seq LIMIT $2";
    const struct sql_value values[] = { sql_int(after), sql_int((int64_t)limit), sql_str(subject) };
    TRY(store_query(tx, sql, values, subject.length ? 3 : 2, &r, e));
    struct journal_event *list = ARENA_ARRAY(a, struct journal_event, limit);
    size_t n = 0;
    for (;;) {
        TRY(store_next(r, &more, e));
        if (!more || n == limit)
            break;
        event_read(r, a, &list[n++]);
    }
    *events = list;
    *count = n;
    return OK;
}

/* --- proofs --- */

/* Leaves `from` to `to` (counted from 0, `to` not included). */
static enum code leaves_into(struct store_tx *tx, int64_t from, int64_t to,
                             uint8_t (*leaves)[JOURNAL_HASH], struct error *e)
{
    for (int64_t n = from; n < to;) {
        owned(store_rows) r = NULL;
        int64_t before = n;
        TRY(store_query(tx,
                        "SELECT leaf FROM journal_events WHERE seq > $1 AND seq <= $2"
                        " ORDER BY seq LIMIT 10000",
                        SQL(sql_int(n), sql_int(to)), &r, e));
        for (bool more = true;;) {
            TRY(store_next(r, &more, e));
            if (!more)
                break;
            copy_hash(r, 0, leaves[n++ - from]);
        }
        if (n == before)
            return fail(e, ERR_CORRUPT, "event %lld is missing", (long long)n + 1);
    }
    return OK;
}

/* All leaves of the tree of `size`; freed by the caller. */
static enum code leaves_read(struct store_tx *tx, int64_t size, uint8_t (**out)[JOURNAL_HASH],
                             struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH] = calloc((size_t)size + 1, JOURNAL_HASH);
    if (!leaves)
        return fail(e, ERR_MEMORY, "no memory for the leaves of %lld events", (long long)size);
    enum code code = leaves_into(tx, 0, size, leaves, e);
    if (code != OK) {
        free(leaves);
        return code;
    }
    *out = leaves;
    return OK;
}

static enum code size_check(struct store_tx *tx, int64_t least, int64_t size, struct error *e)
{
    struct journal_head head;
    TRY(journal_head(tx, &head, e));
    if (least < 0 || size < least || size > head.size)
        return fail(e, ERR_NOT_FOUND, "the journal has %lld events", (long long)head.size);
    return OK;
}

/* The tree level by level, in one array; a node without a neighbour stands on the next level too. */
static void levels_fill(uint8_t (*nodes)[JOURNAL_HASH], int64_t size)
{
    uint8_t(*next)[JOURNAL_HASH] = nodes + size;
    for (int64_t n = size; n > 1; n = (n + 1) / 2) {
        for (int64_t i = 0; i < n; i += 2)
            if (i + 1 < n)
                tree_node(nodes[i], nodes[i + 1], next[i / 2]);
            else
                memcpy(next[i / 2], nodes[i], JOURNAL_HASH);
        nodes = next;
        next += (n + 1) / 2;
    }
}

static void levels_path(const uint8_t (*nodes)[JOURNAL_HASH], int64_t size, int64_t at,
                        struct journal_proof *out)
{
    out->count = 0;
    for (int64_t n = size; n > 1; n = (n + 1) / 2, at /= 2) {
        if ((at ^ 1) < n)
            memcpy(out->path[out->count++], nodes[at ^ 1], JOURNAL_HASH);
        nodes += n;
    }
}

/* ---- tiles: the tree over the roots of 256 leaves each has the shape of its upper part ---- */

static int64_t tile_size(int64_t size, int64_t tile)
{
    int64_t left = size - tile * TILE_LEAVES;
    return left < TILE_LEAVES ? left : TILE_LEAVES;
}

/* The levels over the leaves of a tile: at most 2 * 256 + 8 nodes, its root the last of them. */
struct tile {
    int64_t number;
    uint8_t nodes[2 * TILE_LEAVES + TILE_LEVELS][JOURNAL_HASH];
};

static enum code tile_read(struct store_tx *tx, int64_t size, int64_t number, struct tile *t,
                           struct error *e)
{
    int64_t first = number * TILE_LEAVES, count = tile_size(size, number);
    if (t->number == number)
        return OK;
    t->number = -1;
    TRY(leaves_into(tx, first, first + count, t->nodes, e));
    levels_fill(t->nodes, count);
    t->number = number;
    return OK;
}

static void tile_root(const struct tile *t, int64_t count, uint8_t root[JOURNAL_HASH])
{
    const uint8_t(*nodes)[JOURNAL_HASH] = t->nodes;
    for (int64_t n = count; n > 1; n = (n + 1) / 2)
        nodes += n;
    memcpy(root, nodes[0], JOURNAL_HASH);
}

/* The roots of all tiles of the tree of `size`: those that are kept, the others from their leaves. */
static enum code roots_into(struct store_tx *tx, int64_t size, int64_t count,
                            uint8_t (*roots)[JOURNAL_HASH], struct error *e)
{
    owned(store_rows) r = NULL;
    struct tile t = { .number = -1 };
    int64_t next = 0;
    TRY(store_query(tx, "SELECT number, root FROM journal_tiles WHERE number < $1 ORDER BY number",
                    SQL(sql_int(size / TILE_LEAVES)), &r, e));
    for (bool more = true; more;) {
        TRY(store_next(r, &more, e));
        int64_t kept = more ? store_int(r, 0) : count;
        for (; next < kept; next++) {
            TRY(tile_read(tx, size, next, &t, e));
            tile_root(&t, tile_size(size, next), roots[next]);
        }
        if (more)
            copy_hash(r, 1, roots[next++]);
    }
    return OK;
}

static enum code prove_in(struct store_tx *tx, int64_t size, int64_t seq,
                          const uint8_t (*upper)[JOURNAL_HASH], int64_t tiles, struct tile *t,
                          struct journal_proof *out, struct error *e)
{
    struct journal_proof above;
    int64_t number = (seq - 1) / TILE_LEAVES;
    TRY(tile_read(tx, size, number, t, e));
    levels_path((const uint8_t(*)[JOURNAL_HASH])t->nodes, tile_size(size, number),
                (seq - 1) % TILE_LEAVES, out);
    levels_path(upper, tiles, number, &above);
    for (size_t i = 0; i < above.count; i++)
        memcpy(out->path[out->count++], above.path[i], JOURNAL_HASH);
    return OK;
}

enum code journal_prove_all(struct store_tx *tx, const int64_t *seqs, size_t count, int64_t size,
                            struct journal_proof *out, struct error *e)
{
    struct tile t = { .number = -1 };
    int64_t tiles = (size + TILE_LEAVES - 1) / TILE_LEAVES;
    TRY(size_check(tx, 0, size, e));
    for (size_t i = 0; i < count; i++)
        if (seqs[i] < 1 || seqs[i] > size)
            return fail(e, ERR_NOT_FOUND, "event %lld is not in the tree of %lld",
                        (long long)seqs[i], (long long)size);
    if (count == 0)
        return OK;
    uint8_t(*upper)[JOURNAL_HASH] = calloc(2 * (size_t)tiles + 64, JOURNAL_HASH);
    if (!upper)
        return fail(e, ERR_MEMORY, "no memory for the tree of %lld events", (long long)size);
    enum code code = roots_into(tx, size, tiles, upper, e);
    if (code == OK)
        levels_fill(upper, tiles);
    for (size_t i = 0; i < count && code == OK; i++)
        code = prove_in(tx, size, seqs[i], (const uint8_t(*)[JOURNAL_HASH])upper, tiles, &t,
                        &out[i], e);
    free(upper);
    return code;
}

enum code journal_prove(struct store_tx *tx, int64_t seq, int64_t size, struct journal_proof *out,
                        struct error *e)
{
    TRY(size_check(tx, seq, size, e));
    if (seq < 1)
        return fail(e, ERR_NOT_FOUND, "events count from 1");
    return journal_prove_all(tx, &seq, 1, size, out, e);
}

enum code journal_prove_growth(struct store_tx *tx, int64_t before, int64_t size,
                               struct journal_proof *out, struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH] = NULL;
    TRY(size_check(tx, before, size, e));
    out->count = 0;
    if (before == 0 || before == size)
        return OK;
    TRY(leaves_read(tx, size, &leaves, e));
    tree_growth((const uint8_t(*)[JOURNAL_HASH])leaves, size, before, out);
    free(leaves);
    return OK;
}
