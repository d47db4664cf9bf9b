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
    uint8_t leaf[JOURNAL_HASH], root[JOURNAL_HASH];
    int64_t seq = edge->size + 1;
    journal_leaf(seq, n, leaf);
    tree_edge_add(edge, leaf);
    tree_edge_root(edge, root);
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

/* All leaves of the tree of `size`; freed by the caller. */
static enum code leaves_read(struct store_tx *tx, int64_t size, uint8_t (**out)[JOURNAL_HASH],
                             struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH] = calloc((size_t)size + 1, JOURNAL_HASH);
    if (!leaves)
        return fail(e, ERR_MEMORY, "no memory for the leaves of %lld events", (long long)size);
    int64_t n = 0;
    enum code code = OK;
    while (code == OK && n < size) {
        owned(store_rows) r = NULL;
        bool more = true;
        int64_t before = n;
        code = store_query(tx,
                           "SELECT leaf FROM journal_events WHERE seq > $1 AND seq <= $2"
                           " ORDER BY seq LIMIT 10000",
                           SQL(sql_int(n), sql_int(size)), &r, e);
        while (code == OK && (code = store_next(r, &more, e)) == OK && more)
            copy_hash(r, 0, leaves[n++]);
        if (code == OK && n == before)
            code = fail(e, ERR_CORRUPT, "event %lld is missing", (long long)n + 1);
    }
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

enum code journal_prove(struct store_tx *tx, int64_t seq, int64_t size, struct journal_proof *out,
                        struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH];
    TRY(size_check(tx, seq, size, e));
    if (seq < 1)
        return fail(e, ERR_NOT_FOUND, "events count from 1");
    TRY(leaves_read(tx, size, &leaves, e));
    tree_path((const uint8_t(*)[JOURNAL_HASH])leaves, size, seq - 1, out);
    free(leaves);
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

enum code journal_prove_all(struct store_tx *tx, const int64_t *seqs, size_t count, int64_t size,
                            struct journal_proof *out, struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH];
    for (size_t i = 0; i < count; i++)
        if (seqs[i] < 1 || seqs[i] > size)
            return fail(e, ERR_NOT_FOUND, "event %lld is not in the tree of %lld",
                        (long long)seqs[i], (long long)size);
    TRY(size_check(tx, 0, size, e));
    if (count == 0)
        return OK;
    TRY(leaves_read(tx, size, &leaves, e));
    uint8_t(*nodes)[JOURNAL_HASH] = realloc(leaves, (2 * (size_t)size + 64) * JOURNAL_HASH);
    if (!nodes) {
        free(leaves);
        return fail(e, ERR_MEMORY, "no memory for the tree of %lld events", (long long)size);
    }
    levels_fill(nodes, size);
    for (size_t i = 0; i < count; i++)
        levels_path((const uint8_t(*)[JOURNAL_HASH])nodes, size, seqs[i] - 1, &out[i]);
    free(nodes);
    return OK;
}

enum code journal_prove_growth(struct store_tx *tx, int64_t before, int64_t size,
                               struct journal_proof *out, struct error *e)
{
    uint8_t(*leaves)[JOURNAL_HASH];
    TRY(size_check(tx, before, size, e));
    out->count = 0;
    if (before == 0 || before == size)
        return OK;
    TRY(leaves_read(tx, size, &leaves, e));
    tree_growth((const uint8_t(*)[JOURNAL_HASH])leaves, size, before, out);
    free(leaves);
    return OK;
}
